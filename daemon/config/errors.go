package config

import (
	"errors"

	"fifthcall/daemon/desk"
)

// ExitCode is the exit code for an error.
func ExitCode(err error) int {
	var ce *desk.CodedError
	var cfg Errors
	switch {
	case err == nil:
		return desk.ExitDone
	case errors.As(err, &ce):
		return ce.Code
	case errors.As(err, &cfg):
		return desk.ExitUsage
	}
	return desk.ExitFailed
}
