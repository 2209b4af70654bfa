package agency

import (
	"slices"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// ToClient reports whether a mail goes to the client of an open order: then its text and its files' names are read.
func ToClient(r *book.Runner, m *message.Message) bool {
	hit := false
	_ = r.State.View(func(tx *store.Tx) error { // an error leaves the mail with its subject, which mostly is enough
		orders, err := tx.Orders()
		for i := range orders {
			if orders[i].Status != desk.OrderOpen || hit {
				continue
			}
			if hit, err = GoesTo(tx, m, &orders[i]); err != nil {
				return err
			}
		}
		return err
	})
	return hit
}

// GoesTo reports whether a mail goes to somebody at the order's client.
func GoesTo(tx *store.Tx, m *message.Message, o *desk.JobOrder) (bool, error) {
	giver, err := tx.Contact(o.Contact)
	if err != nil || giver == nil {
		return false, err
	}
	for _, p := range m.To {
		addr := message.Canonical(p.Addr)
		_, domain, _ := strings.Cut(addr, "@")
		if slices.ContainsFunc(giver.Emails, func(e string) bool {
			_, d, _ := strings.Cut(e, "@")
			return e == addr || d == domain && !message.FreeMail(d)
		}) {
			return true, nil
		}
	}
	return false, nil
}
