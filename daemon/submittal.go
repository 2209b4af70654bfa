package daemon

import (
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
)

// looksSubmitted asks, once, whether a mail of the recruiter's to a client with a candidate's name in its subject was a submittal to the
// client's open order. What it looks like is no proof: the answer stamps the clock and the consent.
func (in *intake) looksSubmitted(m *mailbox.Message) error {
	if !in.batch.Sent || !in.batch.Live {
		return nil
	}
	subject := foldWords(m.Subject)
	orders, err := in.tx.Orders()
	if err != nil {
		return err
	}
	for i := range orders {
		o := &orders[i]
		if o.Status != desk.OrderOpen || o.Contact == "" || m.Date.Before(o.Opened) {
			continue
		}
		to, err := in.goesTo(m, o)
		if err != nil || !to {
			if err != nil {
				return err
			}
			continue
		}
		if err := in.askSubmitted(m, o, subject); err != nil {
			return err
		}
	}
	return nil
}

// goesTo reports whether a mail goes to somebody at the order's client.
func (in *intake) goesTo(m *mailbox.Message, o *desk.JobOrder) (bool, error) {
	giver, err := in.tx.Contact(o.Contact)
	if err != nil || giver == nil {
		return false, err
	}
	for _, p := range m.To {
		addr := mailbox.Canonical(p.Addr)
		_, domain, _ := strings.Cut(addr, "@")
		if slices.ContainsFunc(giver.Emails, func(e string) bool {
			_, d, _ := strings.Cut(e, "@")
			return e == addr || d == domain && !mailbox.FreeMail(d)
		}) {
			return true, nil
		}
	}
	return false, nil
}

func (in *intake) askSubmitted(m *mailbox.Message, o *desk.JobOrder, subject string) error {
	all, err := in.tx.Contacts()
	if err != nil {
		return err
	}
	for _, c := range all {
		name := strings.TrimSpace(foldWords(c.Name))
		if !c.Has(desk.RoleCandidate) || !strings.Contains(name, " ") || !strings.Contains(subject, " "+name+" ") || slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return c.Is(s.Contact) }) {
			continue
		}
		in.tx.Shown()
		err := in.tx.AddNews(desk.News{
			ID: "submitted-" + desk.ShortHash(o.Name(), c.ID), Time: in.env.Now, Kind: desk.NewsAsk, Contact: c.ID,
			Text: fmt.Sprintf("%s: was your mail “%s” a submittal to %s? Then reply “submitted to %s”; that also says that they agreed to it.", c.DisplayName(), shorten(desk.Tidy(m.Subject), 80), o.Describe(), o.Name()),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
