package prose

import "testing"

// TestExpressions compiles what is otherwise compiled when it is first needed.
func TestExpressions(t *testing.T) {
	for _, re := range expressions {
		re()
	}
	if len(expressions) < 50 {
		t.Errorf("%d expressions only", len(expressions))
	}
}
