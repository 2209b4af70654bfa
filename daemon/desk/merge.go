package desk

// MergeUndo is what a merge replaced.
type MergeUndo struct {
	Into, From                 Contact
	IntoCallback, FromCallback *Callback

	Candidates, Clients []string // IDs of the interviews whose candidate or client was from
}
