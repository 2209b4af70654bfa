package letters

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// WriteLetter writes a letter that follows a turn of events.
func WriteLetter(a *book.Applier, rq book.LetterRequest) (*desk.Outgoing, error) {
	rq.Cause = desk.CauseOf(desk.TurnCause, rq.Contact.ID, desk.TurnStep(rq.Interview, rq.Name))
	return Write(a.R.Writer(a.Tx, a.Env), rq)
}
