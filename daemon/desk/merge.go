package desk

import (
	"strconv"
)

// Itoa is a number in digits.
func Itoa(n int) string { return strconv.Itoa(n) }

// MergeUndo is what a merge replaced.
type MergeUndo struct {
	Into, From                 Contact
	IntoCallback, FromCallback *Callback

	Candidates, Clients []string // IDs of the interviews whose candidate or client was from
}
