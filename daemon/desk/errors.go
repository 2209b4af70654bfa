package desk

import (
	"errors"
	"fmt"
)

// Exit codes of the command line.
const (
	ExitDone    = 0
	ExitFailed  = 1
	ExitUsage   = 2
	ExitPartial = 3
)

// CodedError is an error with the exit code that it leads to; it crosses the control socket.
type CodedError struct {
	Code int
	Text string
}

// Error is the text.
func (e *CodedError) Error() string { return e.Text }

// Usage is a mistake of the one who asks: exit code 2, with what to do.
func Usage(format string, args ...any) error {
	return &CodedError{ExitUsage, fmt.Sprintf(format, args...)}
}

// NotFound is something asked for that isn't there.
func NotFound(format string, args ...any) error {
	return &CodedError{ExitFailed, fmt.Sprintf(format, args...)}
}

// IsUserError reports whether an error is a mistake of the one who asked, with words to mend
// it, and not a failure of ours.
func IsUserError(err error) bool {
	var ce *CodedError
	return errors.As(err, &ce)
}
