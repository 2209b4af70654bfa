package agency

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// ColleagueSpoke says that a colleague of another desk spoke to the person of late, "" if none did. What was said stays with the colleague.
func ColleagueSpoke(r *book.Runner, c *desk.Contact, now time.Time) (string, error) {
	days := r.Current().Cfg.ColleagueDays
	said := ""
	var latest time.Time
	for _, other := range r.Peers {
		err := other.State.View(func(tx *store.Tx) error {
			for _, a := range c.Emails {
				x, err := tx.ContactByEmail(a)
				if err != nil || x == nil {
					if err != nil {
						return err
					}
					continue
				}
				ts, err := tx.Touches(x)
				if err != nil {
					return err
				}
				if at := desk.LastConversation(ts); at.After(latest) && now.Sub(at) < time.Duration(days)*24*time.Hour && !at.After(now) {
					latest = at
					said = fmt.Sprintf("your colleague %s spoke to them on %s", other.Name, desk.DateOf(at.In(r.Current().Zone)).Near())
				}
				return nil
			}
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return said, nil
}

// ColleagueSubmitted says that another desk introduced the person to the same client, "" if none did: the fee may be theirs.
func ColleagueSubmitted(r *book.Runner, c *desk.Contact, o *desk.JobOrder) (string, error) {
	said := ""
	for _, other := range r.Peers {
		err := other.State.View(func(tx *store.Tx) error {
			orders, err := tx.Orders()
			if err != nil {
				return err
			}
			for i := range orders {
				theirs := &orders[i]
				if theirs.Company == "" || !strings.EqualFold(theirs.Company, o.Company) {
					continue
				}
				for _, s := range theirs.Submittals {
					x, err := tx.Contact(s.Contact)
					if err != nil {
						return err
					}
					if x != nil && slices.ContainsFunc(x.Emails, func(e string) bool { return slices.Contains(c.Emails, e) }) {
						said = fmt.Sprintf("mind: your colleague %s submitted them to %s on %s", other.Name, theirs.Describe(), desk.DateOf(s.Time.In(r.Current().Zone)).Say())
					}
				}
			}
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return said, nil
}
