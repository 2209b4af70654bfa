package letters

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// WriteLetter writes a letter that follows a turn of events, and notes it for undo.
func WriteLetter(a *book.Applier, rq book.LetterRequest) (*desk.Outgoing, error) {
	rq.Cause = desk.CauseOf(desk.TurnCause, rq.Contact.ID, desk.TurnStep(rq.Interview, rq.Name))
	o, err := Write(a.R.Writer(a.Tx, a.Env), rq)
	if o != nil {
		a.Written = append(a.Written, o.ID)
	}
	return o, err
}
