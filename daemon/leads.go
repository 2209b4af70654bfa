package daemon

import (
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// causeLead is the kind of cause of the first call to a lead.
const causeLead = "lead"

// takeLeads makes contacts of the people whom a note names as leads, each with its source and a first call, and says so.
func (a *applier) takeLeads(from *desk.Contact, note string) (said string, err error) {
	var names []string
	for _, l := range desk.ReadLeads(note) {
		c, fresh, err := a.leadContact(&l)
		if err != nil {
			return "", err
		}
		if c == nil || from != nil && c.ID == from.ID {
			continue
		}
		if err := a.knowLead(c, fresh, from, &l); err != nil {
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
func (a *applier) leadContact(l *desk.Lead) (c *desk.Contact, fresh bool, err error) {
	if l.Email != "" {
		addr := mailbox.Canonical(l.Email)
		if addr == "" {
			return nil, false, nil
		}
		if a.r != nil {
			if ok, _ := a.r.current().circle.Outsider(desk.Person{Addr: addr, Robot: mailbox.IsRobot(addr)}); !ok { // a colleague, a list, a robot
				return nil, false, nil
			}
		}
		if c, err = a.tx.ContactByEmail(addr); c != nil || err != nil {
			return c, false, err
		}
		c, err = newContact(a.tx, addr, desk.SourceReferral)
		return c, true, err
	}
	all, err := a.tx.Contacts()
	if err != nil {
		return nil, false, err
	}
	for _, c := range all {
		if strings.EqualFold(c.Name, l.Name) && (l.Phone == "" || samePhone(c.Phone, l.Phone)) && (l.Company == "" || c.Company == "" || strings.EqualFold(c.Company, l.Company)) {
			return c, false, nil
		}
	}
	id := desk.ContactID("lead:" + strings.ToLower(l.Name) + ":" + digits(l.Phone) + ":" + strings.ToLower(l.Company))
	if c, err = a.tx.Contact(id); c != nil || err != nil { // known by now under another name, or elsewhere
		return c, false, err
	}
	c = &desk.Contact{ID: id, Status: desk.StatusActive, Source: desk.SourceReferral}
	a.tx.Count("contacts", 1)
	return c, true, nil
}

func (a *applier) knowLead(c *desk.Contact, fresh bool, from *desk.Contact, l *desk.Lead) error {
	if !fresh {
		was, err := copyContact(c)
		if err != nil {
			return err
		}
		defer func() {
			if left, err := copyContact(c); err == nil {
				a.leadsWas = append(a.leadsWas, movedContact{was, left})
			}
		}()
	}
	if fresh {
		a.leads = append(a.leads, c.ID)
		c.GiveName(l.Name)
		c.Title, c.Company = l.Title, l.Company
	}
	c.Phone = orElse(c.Phone, l.Phone)
	for _, r := range l.Roles {
		c.AddRole(r, a.env.Now)
	}
	source := ""
	if from != nil {
		source = from.ID
		if from.Status == desk.StatusLeft { // who comes after somebody works where they worked
			c.Company = orElse(c.Company, from.Company)
		}
	}
	if c.Referral == nil {
		c.Referral = &desk.Referral{By: source, Time: a.env.Now.UTC(), Said: l.Said}
	}
	if err := a.tx.PutContact(c); err != nil {
		return err
	}
	a.tx.Shown()
	if err := a.planner.plan(c); err != nil {
		return err
	}
	return a.callLead(c, from)
}

// callLead sets the first call to a lead, unless a decision maker's own is due anyway, or somebody was spoken to.
func (a *applier) callLead(c, from *desk.Contact) error {
	if !c.Callable() || c.OwesCycle() {
		return nil
	}
	if c.Phone == "" && c.Email() == "" {
		return a.tx.AddNews(desk.News{
			ID: "lead-" + c.ID, Time: a.env.Now, Kind: desk.NewsAsk, Contact: c.ID,
			Text: "How can " + c.DisplayName() + " be reached, " + namedBy(a.env, c, from) + "? Reply “number …” or “address …”.",
		})
	}
	ts, err := a.tx.Touches(c)
	if err != nil || !desk.LastConversation(ts).IsZero() {
		return err
	}
	cause := desk.CauseOf(causeLead, c.ID, "first")
	if cur, err := a.tx.Call(desk.CallUID(a.env.Desk, c.ID, cause)); cur.Open() || err != nil {
		return err
	}
	at := a.env.AddWorkdays(a.env.Today(), 1).At(9, 0, a.env.Zone)
	_, err = a.planner.newCall(c, desk.RuleLead, cause, "lead, "+namedBy(a.env, c, from), at)
	return err
}

// reachable sets the first call to a lead whose number or address is now known.
func (a *applier) reachable(c *desk.Contact) error {
	if c.Referral == nil {
		return nil
	}
	from, err := a.tx.Contact(c.Referral.By)
	if err != nil {
		return err
	}
	return a.callLead(c, from)
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
	return s + " on " + c.Referral.Time.In(env.Zone).Format("2 Jan 2006")
}

// tellNote takes what a note about a person says beside the words: leads, and that they changed jobs.
func (a *applier) tellNote(c *desk.Contact, note string) (said string, err error) {
	company, email, title, ok := desk.ReadEmployer(note)
	if !ok {
		return a.takeLeads(c, note)
	}
	if email != "" {
		if email = mailbox.Canonical(email); email != "" {
			if ok, why := a.r.current().circle.Outsider(desk.Person{Addr: email, Robot: mailbox.IsRobot(email)}); !ok {
				return "", usage("%s is nobody's address: it is %s", email, why)
			}
			other, err := a.tx.ContactByEmail(email)
			if err != nil {
				return "", err
			}
			if other != nil && other.ID != c.ID {
				return "", usage("%s belongs to %s already: say “merge %s” if they are one person", email, other.DisplayName(), email)
			}
		}
	}
	c.Joins(company, email, title, a.env)
	if err := a.tx.PutContact(c); err != nil {
		return "", err
	}
	if email != "" {
		if err := a.tx.Want(email); err != nil {
			return "", err
		}
	}
	a.tx.Stir()
	said = "now at " + company
	if c.Email() == "" || email == "" && len(c.BadEmails) > 0 {
		said += ", at what address? Reply “address …”"
	}
	return said, a.planner.plan(c)
}

// askLeaver asks after the two leads that somebody's leaving is: who comes after them, and where they are now.
func askLeaver(tx *store.Tx, env desk.Env, c *desk.Contact) error {
	where := ""
	if c.Company != "" {
		where = " " + c.Company
	}
	return tx.AddNews(desk.News{
		ID: "leaver-" + desk.ShortHash(c.ID, env.Today().String()), Time: env.Now, Kind: desk.NewsAsk, Contact: c.ID,
		Text: fmt.Sprintf("%s has left%s. Who comes after them? Reply “lead: NAME <address>”. And where are they now? “now at COMPANY, address”.", c.DisplayName(), where),
	})
}

// takeBackLeads forgets the leads that a command made contacts of, those left out with whom there was anything since.
func (ch *change) takeBackLeads(tx *store.Tx) error {
	for _, m := range ch.LeadsWas {
		c, err := tx.Contact(m.Was.ID)
		if err != nil {
			return err
		}
		if c == nil || c.ID != m.Was.ID {
			continue
		}
		pair := change{Before: m.Was, After: m.Left}
		pair.restore(c)
		if m.Was.Referral == nil && m.Left.Referral != nil {
			c.Referral = nil
		}
		if err := tx.PutContact(c); err != nil {
			return err
		}
	}
	for _, id := range ch.Leads {
		c, err := tx.Contact(id)
		if err != nil {
			return err
		}
		if c == nil || c.ID != id {
			continue
		}
		if ts, err := tx.Touches(c); err != nil {
			return err
		} else if len(ts) > 0 {
			continue
		}
		for _, e := range c.Emails {
			if err := tx.Found(e); err != nil {
				return err
			}
		}
		if err := tx.Forget(c); err != nil {
			return err
		}
		if err := tx.DropNews("lead-" + id); err != nil {
			return err
		}
	}
	return nil
}

// LeadView is a lead as listed.
type LeadView struct {
	Contact string `json:"contact"`
	Name    string `json:"name"`
	Company string `json:"company"`
	Title   string `json:"title"`
	Phone   string `json:"phone"`
	NamedBy string `json:"named_by"`
	Time    string `json:"time"`
	Said    string `json:"said"`
	Spoken  string `json:"spoken"` // when they were spoken to first, "" for not yet
	Next    string `json:"next"`   // the next call
	Desk    string `json:"desk"`
}

// leads lists who was named by whom, the latest first.
func (r *runner) leads() ([]LeadView, error) {
	out := []LeadView{}
	zone := r.current().zone
	err := r.state.View(func(tx *store.Tx) error {
		all, err := tx.Contacts()
		if err != nil {
			return err
		}
		open, err := openCallbacks(tx)
		if err != nil {
			return err
		}
		calls, err := tx.Calls()
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(c *desk.Contact) bool { return c.Referral == nil || c.Into != "" })
		slices.SortFunc(all, func(a, b *desk.Contact) int { return b.Referral.Time.Compare(a.Referral.Time) })
		for _, c := range all {
			v := LeadView{Contact: handle(c), Name: c.Name, Company: c.Company, Title: c.Title, Phone: c.Phone, Time: stamp(c.Referral.Time, zone), Said: c.Referral.Said, Desk: r.name}
			if by, err := tx.Contact(c.Referral.By); err != nil {
				return err
			} else if by != nil {
				v.NamedBy = handle(by)
			}
			ts, err := tx.Touches(c)
			if err != nil {
				return err
			}
			v.Spoken = stamp(desk.FirstConversation(ts), zone)
			if cb := open[c.ID]; cb.Open() {
				v.Next = stamp(cb.Start, zone)
			}
			for i := range calls {
				if calls[i].Open() && c.Is(calls[i].Contact) && v.Next == "" {
					v.Next = stamp(calls[i].Start, zone)
				}
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}
