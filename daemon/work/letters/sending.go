package letters

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// LogLetter logs the touch that a sent letter is. Its copy in Sent gives the same touch.
func LogLetter(r *book.Runner, tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
	if c, err := tx.Contact(o.Contact); c == nil || err != nil || len(o.Data) == 0 {
		return err // forgotten: that holds
	}
	m := message.ParseWhole(o.Data)
	m.Class = message.ClassHuman
	rs := r.Current()
	in := &people.Intake{R: r, Rules: &rs, Tx: tx, Env: env, Circle: rs.Circle, Batch: &mailbox.Batch{Live: true, Sent: true}, Dirty: map[string]bool{}}
	mail := people.MailOf(m)
	mentions, _ := in.Circle.Read(mail)
	if err := Log(in, mail, mentions); err != nil {
		return err
	}
	return in.Plan()
}
