package prose

import (
	"regexp"
	"sync"
)

// lazy compiles an expression when it is first needed: all of them together take longer than most commands.
func lazy(expr string) func() *regexp.Regexp {
	re := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
	expressions = append(expressions, re)
	return re
}

// expressions are all of them, so that a test can compile them.
var expressions []func() *regexp.Regexp

// lazyOneOf is oneOf, taken apart and compiled when it is first needed.
func lazyOneOf(expr string) func() patterns {
	return sync.OnceValue(func() patterns { return oneOf(expr) })
}

// lazyLine is lineOf, taken apart and compiled when it is first needed.
func lazyLine(prefix, expr, suffix string) func() patterns {
	return sync.OnceValue(func() patterns { return lineOf(prefix, expr, suffix) })
}
