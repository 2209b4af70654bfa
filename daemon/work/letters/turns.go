package letters

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// WriteLetter writes a letter that follows a turn of events.
func WriteLetter(a *book.Tx, rq book.LetterRequest) (*desk.Outgoing, error) {
	rq.Cause = desk.CauseOf(desk.TurnCause, rq.Contact.ID, desk.TurnStep(rq.Interview, rq.Name))
	return Write(a.Writer(), rq)
}
