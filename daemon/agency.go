package daemon

import (
	"fmt"
	"slices"
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
	claimed string                // the version of claims
	claims  map[string]desk.Claim // by company key: by name, and by each domain
	version string                // of all below
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

// claims brings the desk's claims up to date, and gives them to fn.
func (r *runner) claims(now time.Time, fn func(byKey map[string]desk.Claim)) error {
	r.shared.mu.Lock()
	defer r.shared.mu.Unlock()
	version, err := r.collectionVersion(now)
	if err != nil {
		return err
	}
	if r.shared.claimed != version {
		if err := r.state.View(r.gatherClaims); err != nil {
			return err
		}
		r.shared.claimed = version
	}
	fn(r.shared.claims)
	return nil
}

func (r *runner) gatherClaims(tx *store.Tx) error {
	all, err := tx.Contacts()
	if err != nil {
		return err
	}
	orders, err := tx.Orders()
	if err != nil {
		return err
	}
	givers := map[string]bool{}
	for i := range orders {
		if orders[i].Status == desk.OrderOpen {
			givers[orders[i].Contact] = true
		}
	}
	byKey := map[string]desk.Claim{}
	for _, c := range all {
		if !c.IsTarget() {
			continue
		}
		ts, err := tx.Touches(c)
		if err != nil {
			return err
		}
		spoke := desk.LastConversation(slices.DeleteFunc(ts, func(t desk.Touch) bool { return t.Elsewhere() }))
		order := givers[c.ID] || slices.ContainsFunc(c.Merged, func(id string) bool { return givers[id] })
		for _, key := range desk.Keys(c, mailbox.FreeMail) {
			claim := byKey[key]
			claim.Desk, claim.Order = r.name, claim.Order || order
			if spoke.After(claim.Spoke) {
				claim.Spoke = spoke
			}
			byKey[key] = claim
		}
	}
	r.shared.claims = byKey
	return nil
}

func (r *runner) gatherShared(tx *store.Tx, env desk.Env, s *shared) error {
	l, err := r.ledger(tx, env)
	if err != nil {
		return err
	}
	s.figures, s.red, s.late = map[string]float64{}, nil, 0
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

// ownerElsewhere is the other desk to which a company belongs that is known by some keys, nil if it is this one's or nobody's, or clients are free.
func (r *runner) ownerElsewhere(keys []string, now time.Time) (*runner, error) {
	cfg := r.current().cfg.agency
	if len(keys) == 0 || cfg.Clients == clientsFree || len(r.peers) == 0 {
		return nil, nil
	}
	var claims []desk.Claim
	for _, d := range append([]*runner{r}, r.peers...) {
		err := d.claims(now, func(byKey map[string]desk.Claim) {
			for _, key := range keys {
				if c, ok := byKey[key]; ok {
					claims = append(claims, c)
				}
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
	who := &desk.Contact{Company: o.Company}
	keys := desk.Keys(who, mailbox.FreeMail)
	if c != nil {
		who = c
		keys = append(keys, desk.Keys(c, mailbox.FreeMail)...)
	}
	owner, err := a.r.ownerElsewhere(keys, a.env.Now)
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
