package orders

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// TellNote takes what a note about a person says beside the words: leads, and that they changed jobs.
func TellNote(a *book.Tx, c *desk.Contact, note string) (said string, err error) {
	company, email, title, ok := desk.ReadEmployer(note)
	if !ok {
		return people.TakeLeads(a, c, note)
	}
	if email != "" {
		if email = message.Canonical(email); email != "" {
			if ok, why := a.R.Current().Circle.Outsider(desk.Person{Addr: email, Robot: message.IsRobot(email)}); !ok {
				return "", desk.Usage("%s is nobody's address: it is %s", email, why)
			}
			other, err := a.Tx.ContactByEmail(email)
			if err != nil {
				return "", err
			}
			if other != nil && other.ID != c.ID {
				return "", desk.Usage("%s belongs to %s already: say “merge %s” if they are one person", email, other.DisplayName(), email)
			}
		}
	}
	c.Joins(company, email, title, a.Env)
	if err := a.Tx.PutContact(c); err != nil {
		return "", err
	}
	if email != "" {
		if err := a.Tx.Want(email); err != nil {
			return "", err
		}
	}
	a.Tx.Stir()
	said = "now at " + company
	if c.Email() == "" || email == "" && len(c.BadEmails) > 0 {
		said += ", at what address? Reply “address …”"
	}
	return said, a.Planner.Plan(c)
}
