package intake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	peoplework "fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// backDoor raises the alarm when somebody whom the desk submitted turns up at that client: a person of the client's domain by the candidate's
// name, or the candidate's own address in a mail of the client's that the desk did not begin.
func backDoor(in *peoplework.Intake, m *message.Message) error {
	people := append([]message.Address{m.From}, m.To...)
	domains := map[string]bool{}
	for _, p := range people {
		if _, d, ok := strings.Cut(message.Canonical(p.Addr), "@"); ok && !message.FreeMail(d) {
			domains[d] = true
		}
	}
	if len(domains) == 0 {
		return nil
	}
	orders, err := in.Tx.Orders()
	if err != nil {
		return err
	}
	for i := range orders {
		o := &orders[i]
		if len(o.Submittals) == 0 || o.Contact == "" {
			continue
		}
		giver, err := in.Tx.Contact(o.Contact)
		if err != nil {
			return err
		}
		if giver == nil {
			continue
		}
		for _, e := range giver.Emails {
			_, d, _ := strings.Cut(e, "@")
			if !domains[d] {
				continue
			}
			if err := backDoorAt(in, m, people, d, o); err != nil {
				return err
			}
		}
	}
	return nil
}

func backDoorAt(in *peoplework.Intake, m *message.Message, people []message.Address, domain string, o *desk.JobOrder) error {
	author, _ := m.Author()
	_, from, _ := strings.Cut(message.Canonical(author.Addr), "@")
	fromClient, began := from == domain, in.Batch.Sent || m.Answers()
	for _, s := range o.Submittals {
		if s.Placed || m.Date.Before(s.Time) || m.Date.Sub(s.Time) > time.Duration(in.Rules.Cfg.Orders.Introduction) {
			continue
		}
		c, err := in.Tx.Contact(s.Contact)
		if err != nil {
			return err
		}
		if c == nil || !strings.Contains(strings.TrimSpace(c.Name), " ") {
			continue
		}
		for _, p := range people {
			addr := message.Canonical(p.Addr)
			_, there, _ := strings.Cut(addr, "@")
			own := slices.Contains(c.Emails, addr) && fromClient && !began
			if !own && (there != domain || !desk.SameName(c.Name, p.Name, addr)) {
				continue
			}
			in.Tx.Shown()
			err := in.Tx.AddNews(desk.News{
				ID: "backdoor-" + desk.ShortHash(o.Name(), c.ID), Time: in.Env.Now, Kind: desk.NewsTrouble, Contact: c.ID,
				Text: fmt.Sprintf("Back door? %s, whom you submitted to %s on %s, now writes or is written to as %s. See 'fifthcall orders evidence %s'.", c.DisplayName(), o.Describe(), desk.DateOf(s.Time.In(in.Env.Zone)).Say(), addr, o.Name()),
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
