package letters

import (
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
)

// FindOutgoing is the letter with the ID.
func FindOutgoing(tx *store.Tx, id string) (*desk.Outgoing, error) {
	o, err := tx.OutgoingByID(id)
	if err == nil && o == nil {
		err = desk.NotFound("there is no mail %q in the outbox; 'fifthcall outbox list' shows them", id)
	}
	return o, err
}

// Retry tries a letter again at once: one that was refused or failed, with the address as it is known now; or the uncertain one.
func Retry(a *book.Tx, o *desk.Outgoing) error {
	switch o.State {
	case desk.OutQueued, desk.OutDrafting, desk.OutAccepted, desk.OutWithdraw:
		o.Next = time.Time{}
		return a.Tx.PutOutgoing(o)
	case desk.OutUncertain:
		_, err := SayToLetter(a, words.Command{Verb: words.VerbSend}, o.ID)
		return err
	case desk.OutRejected, desk.OutHeld:
		o.Tries, o.Error, o.State = 0, "", desk.OutHeld
		if _, err := rewrite(a, o); err != nil {
			return err
		}
		return a.Tx.PutOutgoing(o)
	}
	return desk.Usage("%s is %s: there is nothing to try again", SayLetter(a.Tx, o), SayState(o))
}

// MissingFacts are the required facts that aren't known of an interview to come.
func MissingFacts(iv *desk.Interview) []desk.Fact {
	f := interviewFields(iv)
	var out []desk.Fact
	for _, x := range desk.RequiredFacts() {
		if !f.Knows(x) && !(x == desk.FactPlace && iv.Kind == desk.KindUnknown) { // who tells the place tells the kind
			out = append(out, x)
		}
	}
	return out
}
