package letters

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/people"
)

// Log records a touch for each contact on the message that hasn't one for it yet.
func Log(in *people.Intake, mail *desk.Mail, mentions []desk.Mention) error {
	for _, who := range mentions {
		c, err := in.Contact(who)
		if err != nil {
			return err
		}
		if c == nil || c.Has(desk.RoleNone) {
			continue
		}
		seen, err := in.Tx.TouchedBy(c, mail.Identity)
		if err != nil {
			return err
		}
		if seen {
			continue
		}
		t := desk.TouchOf(mail, who, c)
		if err := in.Delivered(c, &t); err != nil {
			return err
		}
		if err := in.Tx.AddTouch(&t); err != nil {
			return err
		}
		in.Dirty[c.ID] = true
		if in.Batch.Live { // it may end a sequence, or say that an interview took place
			in.Tx.Stir()
			if err := answered(in, c, &t); err != nil {
				return err
			}
		}
	}
	return nil
}

// answered ends the contact's sequences on a reply.
func answered(in *people.Intake, c *desk.Contact, t *desk.Touch) error {
	if t.Direction != desk.In || t.Kind != desk.KindReply || in.Env.Now.Sub(t.Time) > people.SlowClock {
		return nil
	}
	all, err := in.Tx.Enrolments(c.ID)
	if err != nil {
		return err
	}
	for i := range all {
		if e := &all[i]; e.Live() && !persistent(in.R, e.Sequence) {
			why := "answered on " + desk.DateOf(in.Env.Now.In(in.Env.Zone)).Say()
			if err := StopEnrolment(in.Tx, in.Env, book.NewPlanner(in.Tx, in.Env), e, why); err != nil {
				return err
			}
		}
	}
	return nil
}
