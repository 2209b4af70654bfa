package daemon

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

func (e *CodedError) Error() string { return e.Text }

func usage(format string, args ...any) error {
	return &CodedError{ExitUsage, fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &CodedError{ExitFailed, fmt.Sprintf(format, args...)}
}

// ExitCode is the exit code for an error.
func ExitCode(err error) int {
	var ce *CodedError
	var cfg ConfigErrors
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &ce):
		return ce.Code
	case errors.As(err, &cfg):
		return ExitUsage
	}
	return ExitFailed
}

// isUserError reports whether an error is a mistake of the one who asked, with words to mend
// it, and not a failure of ours.
func isUserError(err error) bool {
	var ce *CodedError
	return errors.As(err, &ce)
}
