package people

import (
	"cmp"
	"fmt"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/phone"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// causeLead is the kind of cause of the first call to a lead.
const causeLead = "lead"

// TakeLeads makes contacts of the people whom a note names as leads, each with its source and a first call, and says so.
func TakeLeads(a *book.Tx, from *desk.Contact, note string) (said string, err error) {
	var names []string
	for _, l := range desk.ReadLeads(note) {
		c, fresh, err := leadContact(a, &l)
		if err != nil {
			return "", err
		}
		if c == nil || from != nil && c.ID == from.ID {
			continue
		}
		if err := knowLead(a, c, fresh, from, &l); err != nil {
			return "", err
		}
		names = append(names, c.DisplayName())
	}
	if len(names) == 0 {
		return "", nil
	}
	return "lead noted: " + strings.Join(names, ", "), nil
}

// leadContact finds who is named, or makes a contact; nil where the address can't be anybody's.
func leadContact(a *book.Tx, l *desk.Lead) (c *desk.Contact, fresh bool, err error) {
	if l.Email != "" {
		addr := message.Canonical(l.Email)
		if addr == "" {
			return nil, false, nil
		}
		if a.R != nil {
			if ok, _ := a.R.Current().Circle.Outsider(desk.Person{Addr: addr, Robot: message.IsRobot(addr)}); !ok { // a colleague, a list, a robot
				return nil, false, nil
			}
		}
		if c, err = a.Tx.ContactByEmail(addr); c != nil || err != nil {
			return c, false, err
		}
		c, err = NewContact(a.Tx, addr, desk.SourceReferral)
		return c, true, err
	}
	all, err := a.Tx.Contacts()
	if err != nil {
		return nil, false, err
	}
	for _, c := range all {
		if strings.EqualFold(c.Name, l.Name) && (l.Phone == "" || phone.Same(c.Phone, l.Phone)) && (l.Company == "" || c.Company == "" || strings.EqualFold(c.Company, l.Company)) {
			return c, false, nil
		}
	}
	id := desk.ContactID("lead:" + strings.ToLower(l.Name) + ":" + desk.Digits(l.Phone) + ":" + strings.ToLower(l.Company))
	if c, err = a.Tx.Contact(id); c != nil || err != nil { // known by now under another name, or elsewhere
		return c, false, err
	}
	c = &desk.Contact{ID: id, Status: desk.StatusActive, Source: desk.SourceReferral}
	a.Tx.Count("contacts", 1)
	return c, true, nil
}

func knowLead(a *book.Tx, c *desk.Contact, fresh bool, from *desk.Contact, l *desk.Lead) error {
	if fresh {
		c.GiveName(l.Name)
		c.Title, c.Company = l.Title, l.Company
	}
	c.Phone = cmp.Or(c.Phone, l.Phone)
	for _, r := range l.Roles {
		c.AddRole(r, a.Env.Now)
	}
	source := ""
	if from != nil {
		source = from.ID
		if from.Status == desk.StatusLeft { // who comes after somebody works where they worked
			c.Company = cmp.Or(c.Company, from.Company)
		}
	}
	if c.Referral == nil {
		c.Referral = &desk.Referral{By: source, Time: a.Env.Now.UTC(), Said: l.Said}
	}
	if err := a.Tx.PutContact(c); err != nil {
		return err
	}
	a.Tx.Shown()
	if err := a.Planner.Plan(c); err != nil {
		return err
	}
	return callLead(a, c, from)
}

// callLead sets the first call to a lead, unless a decision maker's own is due anyway, or somebody was spoken to.
func callLead(a *book.Tx, c, from *desk.Contact) error {
	if !c.Callable() || c.OwesCycle() {
		return nil
	}
	if c.Phone == "" && c.Email() == "" {
		return a.Tx.AddNews(desk.News{
			ID: "lead-" + c.ID, Time: a.Env.Now, Kind: desk.NewsAsk, Contact: c.ID,
			Text: "How can " + c.DisplayName() + " be reached, " + namedBy(a.Env, c, from) + "? Reply “number …” or “address …”.",
		})
	}
	ts, err := a.Tx.Touches(c)
	if err != nil || !desk.LastConversation(ts).IsZero() {
		return err
	}
	cause := desk.CauseOf(causeLead, c.ID, "first")
	if cur, err := a.Tx.Call(desk.CallUID(a.Env.Desk, c.ID, cause)); cur.Open() || err != nil {
		return err
	}
	at := a.Env.AddWorkdays(a.Env.Today(), 1).At(9, 0, a.Env.Zone)
	_, err = a.Planner.NewCall(c, desk.RuleLead, cause, "lead, "+namedBy(a.Env, c, from), at)
	return err
}

// Reachable sets the first call to a lead whose number or address is now known.
func Reachable(a *book.Tx, c *desk.Contact) error {
	if c.Referral == nil {
		return nil
	}
	from, err := a.Tx.Contact(c.Referral.By)
	if err != nil {
		return err
	}
	return callLead(a, c, from)
}

// namedBy says where a lead comes from.
func namedBy(env desk.Env, c, from *desk.Contact) string {
	s := "named"
	if from != nil {
		s += " by " + from.DisplayName()
		if from.Company != "" {
			s += " (" + from.Company + ")"
		}
	}
	return s + " on " + desk.DateOf(c.Referral.Time.In(env.Zone)).Short()
}

// AskLeaver asks after the two leads that somebody's leaving is: who comes after them, and where they are now.
func AskLeaver(tx *store.Tx, env desk.Env, c *desk.Contact) error {
	where := ""
	if c.Company != "" {
		where = " " + c.Company
	}
	return tx.AddNews(desk.News{
		ID: "leaver-" + desk.ShortHash(c.ID, env.Today().String()), Time: env.Now, Kind: desk.NewsAsk, Contact: c.ID,
		Text: fmt.Sprintf("%s has left%s. Who comes after them? Reply “lead: NAME <address>”. And where are they now? “now at COMPANY, address”.", c.DisplayName(), where),
	})
}
