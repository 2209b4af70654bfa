package agency

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// colleagueWindow is for how long a colleague's touch keeps marketing letters away.
const colleagueWindow = 14 * 24 * time.Hour

// ColleagueTouch says that a colleague of another desk was in touch with the person or company of late, "" if none was.
func ColleagueTouch(r *book.Runner, c *desk.Contact, now time.Time) (string, error) {
	domains := map[string]bool{}
	for _, a := range c.Emails {
		if _, d, _ := strings.Cut(a, "@"); d != "" && !message.FreeMail(d) {
			domains[d] = true
		}
	}
	for _, other := range r.Peers {
		said := ""
		err := other.State.View(func(tx *store.Tx) error {
			all, err := tx.Contacts()
			for _, x := range all {
				if !slices.ContainsFunc(x.Emails, func(a string) bool {
					_, d, _ := strings.Cut(a, "@")
					return slices.Contains(c.Emails, a) || domains[d]
				}) {
					continue
				}
				ts, err := tx.Touches(x)
				if err != nil {
					return err
				}
				if n := len(ts); n > 0 && now.Sub(ts[n-1].Time) < colleagueWindow {
					said = fmt.Sprintf("your colleague %s was in touch with %s on %s", other.Name, x.DisplayName(), desk.DateOf(ts[n-1].Time.In(r.Current().Zone)).Near())
					return nil
				}
			}
			return err
		})
		if said != "" || err != nil {
			return said, err
		}
	}
	return "", nil
}
