package daemon

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/web"
	"fifthcall/mailbox"
)

// What desks know of each other: whose a client is, and for a lead the figures of all. Never what was said, or mails' subjects.

// shared is what other desks may know of this one, at one version of its state.
type shared struct {
	mu      sync.Mutex
	version string
	claims  map[string]desk.Claim // by company key
	figures map[string]float64    // of this month
	red     []string              // companies
	late    int                   // orders
}

// sharedFigures are those that a lead sees of each desk.
var sharedFigures = []struct{ name, label string }{
	{"conversations", "Conversations"}, {"new_decision_makers", "New DMs"}, {"leads_named", "Leads"}, {"orders_opened", "Orders"}, {"submittals", "Submittals"}, {"send_outs", "Send-outs"}, {"placements", "Placements"},
}

// share brings what others may know up to date, and gives it to fn.
func (r *runner) share(now time.Time, fn func(s *shared)) error {
	r.shared.mu.Lock()
	defer r.shared.mu.Unlock()
	version, err := r.collectionVersion(now)
	if err != nil {
		return err
	}
	if s := &r.shared; s.version != version {
		if err := r.state.View(func(tx *store.Tx) error { return r.gatherShared(tx, r.env(now), s) }); err != nil {
			return err
		}
		s.version = version
	}
	fn(&r.shared)
	return nil
}

func (r *runner) gatherShared(tx *store.Tx, env desk.Env, s *shared) error {
	l, err := r.ledger(tx, env)
	if err != nil {
		return err
	}
	s.claims, s.figures, s.red, s.late = map[string]desk.Claim{}, map[string]float64{}, nil, 0
	firm := desk.Firms(l.Contacts, mailbox.FreeMail)
	for _, c := range l.Contacts {
		key := firm(c)
		if key == "" || !c.IsTarget() {
			continue
		}
		claim := s.claims[key]
		if spoke := desk.LastConversation(l.Touches[c.ID]); spoke.After(claim.Spoke) {
			claim.Spoke = spoke
		}
		for i := range l.Orders {
			claim.Order = claim.Order || l.Orders[i].Status == desk.OrderOpen && c.Is(l.Orders[i].Contact)
		}
		claim.Desk = r.name
		s.claims[key] = claim
	}
	p := desk.Period{From: desk.MonthStart(env.Today()).At(0, 0, env.Zone), To: env.Today().AddDays(1).At(0, 0, env.Zone)}
	for _, f := range append(desk.Activity(l, p), desk.OrderFigures(env, l, p)...) {
		s.figures[f.Name] = f.Value
	}
	for _, b := range l.Lights(env.Now) {
		if b.Light == desk.Red {
			s.red = append(s.red, b.Company)
		}
	}
	for i := range l.Orders {
		if l.Orders[i].Status != desk.OrderOpen {
			continue
		}
		of, err := r.orderOf(tx, env, &l.Orders[i])
		if err != nil {
			return err
		}
		if _, late := desk.LateStep(of.steps, env.Now); late {
			s.late++
		}
	}
	return nil
}

// ownerElsewhere is the other desk to which a company belongs, nil if it is this one's or nobody's, or clients are free.
func (r *runner) ownerElsewhere(key string, now time.Time) (*runner, error) {
	cfg := r.current().cfg.agency
	if key == "" || cfg.Clients == clientsFree || len(r.peers) == 0 {
		return nil, nil
	}
	var claims []desk.Claim
	for _, d := range append([]*runner{r}, r.peers...) {
		err := d.share(now, func(s *shared) {
			if c, ok := s.claims[key]; ok {
				claims = append(claims, c)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if owner := desk.OwnerOf(now, cfg.OwnerDays.Days(), claims); owner != "" && owner != r.name {
		return r.peer(owner), nil
	}
	return nil, nil
}

// othersClient applies the rule for clients that belong to another desk to an order that was just opened: both are told, or the order goes there.
func (a *applier) othersClient(c *desk.Contact, o *desk.JobOrder) (said string, err error) {
	if a.r == nil || len(a.r.peers) == 0 {
		return "", nil
	}
	who := c
	if c == nil {
		who = &desk.Contact{Company: o.Company}
	}
	owner, err := a.r.ownerElsewhere(desk.CompanyKey(who, mailbox.FreeMail), a.env.Now)
	if owner == nil || err != nil {
		return "", err
	}
	client := orElse(o.Company, who.DisplayName())
	if a.r.current().cfg.agency.Clients == clientsHandOver && c != nil {
		said, err := a.handOver(c, o, owner.name+", "+client+" is your client")
		return "; " + client + " is " + owner.name + "'s client: " + said, err
	}
	err = a.tellDesk(owner, fmt.Sprintf("Your colleague %s took an order from %s, who are your client: %s.", a.r.name, client, o.Describe()))
	return "; mind: " + client + " is " + owner.name + "'s client, who is told", err
}

// agencyTable are the figures of all desks, for a lead.
func (d *Daemon) agencyTable(now time.Time) (head []string, rows []web.Figure, err error) {
	for _, f := range sharedFigures {
		head = append(head, f.label)
	}
	head = append(head, "Red", "Late orders")
	for _, r := range d.runners() {
		row := web.Figure{Desk: r.name}
		err := r.share(now, func(s *shared) {
			for _, f := range sharedFigures {
				row.Values = append(row.Values, strconv.FormatFloat(s.figures[f.name], 'f', -1, 64))
			}
			row.Values = append(row.Values, strconv.Itoa(len(s.red)), strconv.Itoa(s.late))
		})
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return head, rows, nil
}

// mostRed bounds the names of red companies in one mail.
const mostRed = 40

// briefAgency puts the figures of all desks into a lead's mail, and at the month's end the companies that are red.
func (r *runner) briefAgency(env desk.Env, b *brief) error {
	if !r.current().cfg.Lead || len(r.peers) == 0 {
		return nil
	}
	monthEnd := env.AddWorkdays(env.Today(), 1).Month != env.Today().Month
	named := 0
	for _, d := range append([]*runner{r}, r.peers...) {
		err := d.share(env.Now, func(s *shared) {
			line := d.name + ":"
			for _, f := range sharedFigures {
				line += fmt.Sprintf(" %g %s,", s.figures[f.name], strings.ToLower(f.label))
			}
			b.agency = append(b.agency, fmt.Sprintf("%s %d red, %s", line, len(s.red), plural(s.late, "late order")))
			if d == r || !monthEnd { // the lead's own stand in the month's section
				return
			}
			for _, name := range s.red[:min(len(s.red), mostRed-named)] {
				b.agency = append(b.agency, "red: "+name+" ("+d.name+")")
				named++
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
