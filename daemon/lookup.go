package daemon

import (
	"fmt"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// find is the contact that a reference means. An address that nobody has, and that is no
// slip of one that somebody has, makes a contact: naming somebody does.
func (a *applier) find(ref string) (c *desk.Contact, fresh bool, err error) {
	if ref == "" {
		return nil, false, usage("who is this about? Begin with an address or a name")
	}
	if strings.Trim(ref, "0123456789") == "" || ref == "all" || ref == "rest" {
		return nil, false, usage("%q belongs to a mail; in the shell say an address or a name", ref)
	}
	if addr := mailbox.Canonical(ref); addr != "" {
		if c, err := a.tx.ContactByEmail(addr); c != nil || err != nil {
			return c, false, err
		}
		if hint := a.similar(addr); hint != "" && !a.naming {
			return nil, false, notFound("no such contact: %s%s If it is somebody new, run 'fifthcall contacts set %s' first", ref, hint, ref)
		}
		c, err := newContact(a.tx, addr, desk.SourceShell)
		return c, true, err
	}
	c, err = a.byName(ref)
	return c, false, err
}

func newContact(tx *store.Tx, addr, source string) (*desk.Contact, error) {
	c := &desk.Contact{ID: desk.ContactID(addr), Emails: []string{addr}, Status: desk.StatusActive, Source: source}
	if err := tx.PutContact(c); err != nil {
		return nil, err
	}
	tx.Count("contacts", 1)
	return c, tx.Want(addr)
}

// similar suggests the known address nearest to one that isn't known.
func (a *applier) similar(addr string) string {
	all, err := a.tx.Contacts()
	if err != nil {
		return ""
	}
	best, least := "", 3
	for _, c := range all {
		for _, e := range c.Emails {
			if d := editDistance(addr, e); d < least && digits(addr) == digits(e) { // p1@ is no slip of p2@
				best, least = e, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// byName finds the one contact that the name fits.
func (a *applier) byName(name string) (*desk.Contact, error) {
	all, err := a.tx.Contacts()
	if err != nil {
		return nil, err
	}
	want := strings.Fields(strings.ToLower(name))
	var exact, part []*desk.Contact
	for _, c := range all {
		switch {
		case strings.EqualFold(c.Name, name):
			exact = append(exact, c)
		case len(digits(name)) >= 6 && digits(c.Phone) == digits(name):
			exact = append(exact, c)
		case hasWords(strings.Fields(strings.ToLower(c.Name)), want):
			part = append(part, c)
		}
	}
	if len(exact) == 0 {
		exact = part
	}
	switch len(exact) {
	case 1:
		return exact[0], nil
	case 0:
		var names []string
		for _, c := range all {
			names = append(names, c.Name)
		}
		return nil, notFound("no such contact: %s%s", name, didYouMean(name, names))
	}
	var who []string
	for _, c := range exact[:min(len(exact), 5)] {
		by := c.Email()
		if by == "" {
			by = c.Phone
		}
		who = append(who, fmt.Sprintf("%s <%s>", c.Name, by))
	}
	return nil, notFound("%q fits %d contacts: %s; say the address or phone number", name, len(exact), strings.Join(who, ", "))
}

func hasWords(have, want []string) bool {
	for _, w := range want {
		found := false
		for _, h := range have {
			found = found || h == w
		}
		if !found {
			return false
		}
	}
	return len(want) > 0
}

// addContact reads "Li Sato <li@globex.example>, +44 20 7946 0018, HR director at Globex, decision maker".
func (a *applier) addContact(cmd desk.Command) (Logged, error) {
	addr := mailbox.Canonical(cmd.Ref)
	if addr == "" {
		return Logged{}, usage("a new contact needs an address: say 'new: Li Sato <li@globex.example>, +44 20 7946 0018, HR director at Globex'")
	}
	c, err := a.tx.ContactByEmail(addr)
	if err != nil {
		return Logged{}, err
	}
	fresh := c == nil
	if fresh {
		if c, err = newContact(a.tx, addr, a.source); err != nil {
			return Logged{}, err
		}
	}
	for i, part := range strings.Split(cmd.Note, ",") {
		part = strings.TrimSpace(part)
		role, roleErr := desk.ParseRole(part)
		title, company, titled := strings.Cut(part, " at ")
		switch {
		case i == 0:
			name, _, _ := strings.Cut(part, "<")
			if !strings.Contains(name, "@") {
				c.GiveName(strings.Trim(name, ` "`))
			}
		case strings.Contains(part, "@"):
		case roleErr == nil:
			c.AddRole(role, a.env.Now)
		case strings.Trim(part, "+0123456789 ()-./") == "" && len(part) > 5:
			c.Phone = part
		case titled:
			c.Title, c.Company = title, company
		default:
			c.AddNote(part)
		}
	}
	if err := a.tx.PutContact(c); err != nil {
		return Logged{}, err
	}
	if err := a.planner.plan(c); err != nil {
		return Logged{}, err
	}
	return a.logged(cmd, c, fresh)
}
