package people

import (
	"fmt"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/phone"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// Find is the contact that a reference means. An address that nobody has, and that is no
// slip of one that somebody has, makes a contact: naming somebody does.
func Find(a *book.Tx, ref string) (c *desk.Contact, fresh bool, err error) {
	if ref == "" {
		return nil, false, desk.Usage("who is this about? Begin with an address or a name")
	}
	if strings.Trim(ref, "0123456789") == "" || ref == "all" || ref == "rest" {
		return nil, false, desk.Usage("%q belongs to a mail; in the shell say an address or a name", ref)
	}
	if addr := message.Canonical(ref); addr != "" {
		if c, err := a.Tx.ContactByEmail(addr); c != nil || err != nil {
			return c, false, err
		}
		if hint := similar(a, addr); hint != "" && !a.Naming {
			return nil, false, desk.NotFound("no such contact: %s%s If it is somebody new, run 'fifthcall contacts set %s' first", ref, hint, ref)
		}
		c, err := NewContact(a.Tx, addr, desk.SourceShell)
		return c, true, err
	}
	c, err = ByName(a, ref)
	return c, false, err
}

// NewContact makes a contact of an address.
func NewContact(tx *store.Tx, addr, source string) (*desk.Contact, error) {
	c := &desk.Contact{ID: desk.ContactID(addr), Emails: []string{addr}, Status: desk.StatusActive, Source: source}
	if err := tx.PutContact(c); err != nil {
		return nil, err
	}
	tx.Count("contacts", 1)
	return c, tx.Want(addr)
}

// similar suggests the known address nearest to one that isn't known.
func similar(a *book.Tx, addr string) string {
	all, err := a.Tx.Contacts()
	if err != nil {
		return ""
	}
	best, least := "", 3
	for _, c := range all {
		for _, e := range c.Emails {
			if d := config.EditDistance(addr, e); d < least && desk.Digits(addr) == desk.Digits(e) { // p1@ is no slip of p2@
				best, least = e, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// ByName finds the one contact that the name fits.
func ByName(a *book.Tx, name string) (*desk.Contact, error) {
	all, err := a.Tx.Contacts()
	if err != nil {
		return nil, err
	}
	want := strings.Fields(strings.ToLower(name))
	var exact, part []*desk.Contact
	for _, c := range all {
		switch {
		case strings.EqualFold(c.Name, name):
			exact = append(exact, c)
		case phone.Same(name, c.Phone):
			exact = append(exact, c)
		case desk.HasWords(strings.Fields(strings.ToLower(c.Name)), want):
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
		return nil, desk.NotFound("no such contact: %s%s", name, config.DidYouMean(name, names))
	}
	var who []string
	for _, c := range exact[:min(len(exact), 5)] {
		by := c.Email()
		if by == "" {
			by = c.Phone
		}
		who = append(who, fmt.Sprintf("%s <%s>", c.Name, by))
	}
	return nil, desk.NotFound("%q fits %d contacts: %s; say the address or phone number", name, len(exact), strings.Join(who, ", "))
}

// AddContact reads "Li Sato <li@globex.example>, +44 20 7946 0018, HR director at Globex, decision maker".
func AddContact(a *book.Tx, cmd words.Command) (book.Result, error) {
	addr := message.Canonical(cmd.Ref)
	if addr == "" {
		return book.Result{}, desk.Usage("a new contact needs an address: say 'new: Li Sato <li@globex.example>, +44 20 7946 0018, HR director at Globex'")
	}
	c, err := a.Tx.ContactByEmail(addr)
	if err != nil {
		return book.Result{}, err
	}
	fresh := c == nil
	if fresh {
		if c, err = NewContact(a.Tx, addr, a.Source); err != nil {
			return book.Result{}, err
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
			c.AddRole(role, a.Env.Now)
		case strings.Trim(part, "+0123456789 ()-./") == "" && len(part) > 5:
			c.Phone = part
		case titled:
			c.Title, c.Company = title, company
		default:
			c.AddNote(part)
		}
	}
	if err := a.Tx.PutContact(c); err != nil {
		return book.Result{}, err
	}
	if err := a.Planner.Plan(c); err != nil {
		return book.Result{}, err
	}
	return Logged(a, cmd, c, fresh)
}
