package daemon

import (
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
)

// logForward logs the people of the mails that the recruiter forwarded to the log address, not
// the forwarder. Naming somebody so makes a contact.
func (in *intake) logForward(c *commandMail, mails []mailbox.ForwardedMail) error {
	if err := in.tx.SetObeyed(c.m.Identity, in.env.Now); err != nil {
		return err
	}
	var said []string
	for _, f := range mails {
		who, err := in.logForwarded(c, f)
		if err != nil {
			return err
		}
		said = append(said, who...)
	}
	if len(said) == 0 {
		said = []string{"nobody outside was on it"}
	}
	return in.tx.AddNews(desk.News{
		ID: "forward-" + desk.ShortHash(c.m.Identity), Time: in.env.Now, Kind: desk.NewsUnderstood,
		Text: "Your forward “" + shorten(desk.Tidy(c.m.Subject), 80) + "”: logged " + strings.Join(said, ", "),
	})
}

// logForwarded logs one mail handed on, unless it is logged already.
func (in *intake) logForwarded(c *commandMail, f mailbox.ForwardedMail) (who []string, err error) {
	mail := &desk.Mail{
		MessageID: f.ID, Subject: f.Subject, Time: f.Date, From: personOf(f.From), Human: true,
		Identity: desk.ShortHash("forwarded", f.ID, mailbox.Canonical(f.From.Addr), f.Date.Format(time.RFC3339), mailbox.BaseSubject(f.Subject)),
	}
	if mail.Time.IsZero() || mail.Time.After(in.env.Now) {
		mail.Time = c.m.Date
	}
	for _, a := range f.To {
		mail.To = append(mail.To, personOf(a))
	}
	mentions, _ := in.circle.Read(mail)
	for _, m := range mentions {
		m.Creates = true
		known, err := in.knownMail(m.Person.Addr, f)
		if err != nil {
			return nil, err
		}
		who = append(who, nameOr(m.Person.Name, m.Person.Addr))
		if known {
			continue
		}
		if err := in.log(mail, []desk.Mention{m}); err != nil {
			return nil, err
		}
	}
	return who, nil
}

func nameOr(name, addr string) string {
	if n := desk.CleanName(name); n != "" {
		return n
	}
	return addr
}

// knownMail reports whether the mail handed on was logged from the mailbox already.
func (in *intake) knownMail(addr string, f mailbox.ForwardedMail) (bool, error) {
	c, err := in.tx.ContactByEmail(addr)
	if c == nil || err != nil {
		return false, err
	}
	ts, err := in.tx.Touches(c)
	for _, t := range ts {
		if f.ID != "" && t.MessageID == f.ID {
			return true, err
		}
		gap := t.Time.Sub(f.Date)
		if t.Channel == desk.ChannelEmail && !f.Date.IsZero() && gap > -13*time.Hour && gap < 13*time.Hour && mailbox.BaseSubject(t.Subject) == mailbox.BaseSubject(f.Subject) {
			return true, err // the block tells no zone, so half a day either way
		}
	}
	return false, err
}
