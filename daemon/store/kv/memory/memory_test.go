package memory_test

import (
	"testing"

	"fifthcall/daemon/store/kv"
	"fifthcall/daemon/store/kv/kvtest"
	"fifthcall/daemon/store/kv/memory"
)

func TestEngine(t *testing.T) {
	kvtest.Run(t, func(testing.TB) (kv.Engine, func() kv.Engine) {
		e := memory.New()
		return e, func() kv.Engine { return e }
	})
}
