package people

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
)

// UnknownReport names the question about a report on a mail that isn't known.
func UnknownReport(addr, messageID string) string { return "report-" + desk.ShortHash(addr, messageID) }

// CountBounce marks an address that mail comes back from, and asks for another.
func (in *Intake) CountBounce(c *desk.Contact, addr string, b desk.Bounce) error {
	dead := c.MailBounced(addr, b)
	if err := in.Tx.PutContact(c); err != nil || !dead {
		return err
	}
	in.Tx.Shown()
	return in.Tx.AddNews(desk.News{
		ID: "bounce-" + desk.ShortHash(c.ID, addr), Time: b.Time, Kind: desk.NewsAsk, Contact: c.ID,
		Text: fmt.Sprintf("mail to %s <%s> comes back (%s): what is the new address?", c.DisplayName(), addr, desk.ClipText(b.Reason, 120)),
	})
}

// Delivered looks whether a mail that is logged only now has come back already.
func (in *Intake) Delivered(c *desk.Contact, t *desk.Touch) error {
	if !in.Batch.Live {
		return nil
	}
	if t.Direction == desk.In {
		if c.MailArrived(t.Email) {
			return in.Tx.PutContact(c)
		}
		return nil
	}
	b, ok, err := in.Tx.BounceOf(t.Email, t.MessageID)
	if !ok || err != nil {
		return err
	}
	t.Outcome, t.Note = desk.OutcomeUndelivered, desk.ClipText(b.Reason, 300)
	return errors.Join(in.Tx.DropNews(UnknownReport(t.Email, t.MessageID)), in.CountBounce(c, t.Email, b))
}

// ByName is the one contact of exactly this name, nil if there is none or several.
func (in *Intake) ByName(name string) (*desk.Contact, error) {
	all, err := in.Tx.Contacts()
	if err != nil || strings.TrimSpace(name) == "" {
		return nil, err
	}
	hits := slices.DeleteFunc(all, func(c *desk.Contact) bool { return !strings.EqualFold(c.Name, desk.CleanName(name)) })
	if len(hits) != 1 {
		return nil, nil
	}
	return hits[0], nil
}
