package intake

import (
	"strings"
	"time"

	commandpkg "fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// logForward logs the people of the mails that the recruiter forwarded to the log address, not
// the forwarder. Naming somebody so makes a contact.
func logForward(in *people.Intake, c *commandpkg.Mail, mails []prose.ForwardedMail) error {
	if err := in.Tx.SetObeyed(c.M.Identity, in.Env.Now); err != nil {
		return err
	}
	var said []string
	for _, f := range mails {
		who, err := logForwarded(in, c, f)
		if err != nil {
			return err
		}
		said = append(said, who...)
	}
	if len(said) == 0 {
		said = []string{"nobody outside was on it"}
	}
	return in.Tx.AddNews(desk.News{
		ID: "forward-" + desk.ShortHash(c.M.Identity), Time: in.Env.Now, Kind: desk.NewsUnderstood,
		Text: "Your forward “" + desk.Shorten(desk.Tidy(c.M.Subject), 80) + "”: logged " + strings.Join(said, ", "),
	})
}

// logForwarded logs one mail handed on, unless it is logged already.
func logForwarded(in *people.Intake, c *commandpkg.Mail, f prose.ForwardedMail) (who []string, err error) {
	mail := &desk.Mail{
		MessageID: f.ID, Subject: f.Subject, Time: f.Date, From: people.PersonOf(f.From), Human: true,
		Identity: desk.ShortHash("forwarded", f.ID, message.Canonical(f.From.Addr), f.Date.Format(time.RFC3339), message.BaseSubject(f.Subject)),
	}
	if mail.Time.IsZero() || mail.Time.After(in.Env.Now) {
		mail.Time = c.M.Date
	}
	for _, a := range f.To {
		mail.To = append(mail.To, people.PersonOf(a))
	}
	mentions, _ := in.Circle.Read(mail)
	for _, m := range mentions {
		m.Creates = true
		known, err := knownMail(in, m.Person.Addr, f)
		if err != nil {
			return nil, err
		}
		who = append(who, desk.NameOr(m.Person.Name, m.Person.Addr))
		if known {
			continue
		}
		if err := letters.Log(in, mail, []desk.Mention{m}); err != nil {
			return nil, err
		}
	}
	return who, nil
}

// knownMail reports whether the mail handed on was logged from the mailbox already.
func knownMail(in *people.Intake, addr string, f prose.ForwardedMail) (bool, error) {
	c, err := in.Tx.ContactByEmail(addr)
	if c == nil || err != nil {
		return false, err
	}
	ts, err := in.Tx.Touches(c)
	for _, t := range ts {
		if f.ID != "" && t.MessageID == f.ID {
			return true, err
		}
		gap := t.Time.Sub(f.Date)
		if t.Channel == desk.ChannelEmail && !f.Date.IsZero() && gap > -13*time.Hour && gap < 13*time.Hour && message.BaseSubject(t.Subject) == message.BaseSubject(f.Subject) {
			return true, err // the block tells no zone, so half a day either way
		}
	}
	return false, err
}
