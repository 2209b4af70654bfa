package daemon

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Placements hold what follows from an accepted offer: the care of both sides, the guarantee, and the fee at risk.

const (
	placementPrefix = "placement:"
	causePlacement  = "placement"
)

func placements(tx *store.Tx) (out []desk.Placement, err error) {
	err = eachRecord(tx, placementPrefix, func(p desk.Placement) { out = append(out, p) })
	slices.SortFunc(out, func(a, b desk.Placement) int { return a.Agreed.Compare(b.Agreed) })
	return out, err
}

var feeToldRE = regexp.MustCompile(`(?i)\bfee\b\s*(?:of|:)?\s*([£$€]?\s?\d[\d.,]*\s?k?)`)

// place records a placement: the order, the client and the fee as far as they are known.
func (a *applier) place(c *desk.Contact, note string, start desk.Date) (said string, err error) {
	o, err := a.orderFor(c, note)
	if err != nil {
		return "", err
	}
	cfg := a.r.current().cfg.orders
	p := desk.Placement{
		ID: desk.ShortHash("placement", a.r.name, c.ID, start.String()), Candidate: c.ID, Agreed: a.env.Now.UTC(), Start: start, Payment: cfg.Payment.Days(), Notice: cfg.Notice.Days(),
	}
	for _, s := range cfg.Guarantee {
		step, err := desk.ParseRebate(s)
		if err != nil {
			return "", err
		}
		p.Guarantee = append(p.Guarantee, step)
	}
	if m := feeToldRE.FindStringSubmatch(note); m != nil && !strings.Contains(note[strings.Index(note, m[1]):], m[1]+"%") {
		p.Fee, _ = desk.ParseMoney(m[1])
	}
	if o != nil {
		was := *o
		was.Submittals = slices.Clone(o.Submittals)
		a.order, a.orderWas = o.Number, &was
		p.Order, p.Company, p.Client = o.Number, o.Company, o.Contact
		of, err := a.r.orderOf(a.tx, a.env, o)
		if err != nil {
			return "", err
		}
		if pay, ok := desk.ParseMoney(of.qualification.Pay); p.Fee == 0 && ok && pay >= 1000 {
			p.Fee = pay * of.qualification.Fee / 100
		}
		o.Submit(c.ID, a.env.Now.UTC())
		for i := range o.Submittals {
			if c.Is(o.Submittals[i].Contact) {
				o.Submittals[i].Placed = true
			}
		}
		o.End(desk.OrderFilled, "placed "+c.DisplayName(), a.env.Now.UTC())
		if err := a.tx.PutOrder(o); err != nil {
			return "", err
		}
		said = ", " + o.Describe()
		if n, err := a.owedWord(o); err != nil {
			return "", err
		} else if n > 0 {
			said += fmt.Sprintf(", a letter is written to %s who were in process", plural(n, "other"))
		}
	}
	a.placement = p.ID
	c.Placed = start
	c.AddRole(desk.RoleCandidate, a.env.Now)
	if err := a.tx.PutContact(c); err != nil {
		return "", err
	}
	if err := a.planner.plan(c); err != nil {
		return "", err
	}
	if err := a.tx.PutJSON(placementPrefix+p.ID, p); err != nil {
		return "", err
	}
	if len(p.Guarantee) > 0 {
		said += ", guarantee until " + p.GuaranteeEnd().UTC().Format("Mon 2 Jan 2006")
	}
	if p.Fee > 0 {
		said += fmt.Sprintf(", fee %.0f", p.Fee)
	} else {
		said += ", fee not told (say “fee 15k”)"
	}
	if err := a.untilStart(c, &p); err != nil {
		return "", err
	}
	return said, a.clientCare(&p)
}

// fortnightly is how often somebody is called between the offer and the first day.
const (
	fortnightly    = 14
	mostUntilStart = 8
	beforeStart    = -2 // days: the care sequence's own call
)

// untilStart sets the calls between an accepted offer and the first day: when they resign and the day after, since that is when the
// counter-offer comes, then every fortnight through the notice.
func (a *applier) untilStart(c *desk.Contact, p *desk.Placement) error {
	today := a.env.Today()
	days := []desk.Date{a.env.AddWorkdays(today, 1), a.env.AddWorkdays(today, 2)}
	for d := today.AddDays(fortnightly); !a.env.CareMerges(d, p.Start.AddDays(beforeStart)) && d.Before(p.Start) && len(days) < mostUntilStart; d = d.AddDays(fortnightly) {
		days = append(days, a.env.WorkdayOnOrAfter(d))
	}
	says := []string{"have they resigned? How did it go? What will they say to a counter-offer?", "the day after resigning: has the employer made a counter-offer?"}
	for i, d := range days {
		if !d.Before(p.Start) {
			break
		}
		why := "the notice: does everything stand? Who else is asking?"
		if i < len(says) {
			why = says[i]
		}
		if _, err := a.planner.newCall(c, desk.RuleSequence, desk.CauseOf(causePlacement, p.ID, fmt.Sprint("start-", i+1)), why, d.At(12, 0, a.env.Zone)); err != nil {
			return err
		}
	}
	return nil
}

// clientCare sets the calls to the client about a placement.
func (a *applier) clientCare(p *desk.Placement) error {
	client, err := a.tx.Contact(p.Client)
	if err != nil || client == nil || !client.Callable() {
		return err
	}
	who, err := a.tx.Contact(p.Candidate)
	if err != nil || who == nil {
		return err
	}
	for i, d := range p.ClientCare(a.env) {
		cause := desk.CauseOf(causePlacement, p.ID, fmt.Sprint("client-", i+1))
		reason := "how is " + who.DisplayName() + " doing, who began on " + p.Start.UTC().Format("2 Jan 2006") + "? Whom do you need next?"
		if err := a.planner.careCall(client, cause, reason, d.At(9, 0, a.env.Zone), p.MayCare); err != nil {
			return err
		}
	}
	return nil
}

// orderFor is the order that a candidate's placement is for: named in the note, else the only open one to which they were submitted, else that of
// their latest interview. Nil for none that is known.
func (a *applier) orderFor(c *desk.Contact, note string) (*desk.JobOrder, error) {
	if _, _, _, n := desk.ReadTold(note); n > 0 {
		return findOrder(a.tx, fmt.Sprint("JO", n))
	}
	orders, err := a.tx.Orders()
	if err != nil {
		return nil, err
	}
	var hit []*desk.JobOrder
	for i := range orders {
		o := &orders[i]
		if o.Status == desk.OrderOpen && slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return c.Is(s.Contact) }) {
			hit = append(hit, o)
		}
	}
	if len(hit) == 1 {
		return hit[0], nil
	}
	if len(hit) > 1 {
		var names []string
		for _, o := range hit {
			names = append(names, o.Describe())
		}
		return nil, usage("placed for which order? %s: say it, “placed JO7, start 1 May”", strings.Join(names, "; "))
	}
	return nil, nil
}

// leaves notes that somebody who was placed has left: the care stops, and within the guarantee the client's time to tell runs.
func (a *applier) leaves(c *desk.Contact) (said string, err error) {
	all, err := placements(a.tx)
	if err != nil {
		return "", err
	}
	for i := range all {
		p := &all[i]
		if !c.Is(p.Candidate) || !p.Left.IsZero() {
			continue
		}
		was := *p
		rebate, risk := p.Rebate(a.env.Today()), p.AtRisk(a.env.Today())
		p.Left = a.env.Today()
		a.placement, a.placementWas = p.ID, &was
		if err := a.tx.PutJSON(placementPrefix+p.ID, p); err != nil {
			return "", err
		}
		if err := a.stopOthers(c, "", "left the job"); err != nil {
			return "", err
		}
		if err := a.planner.endCare(p.ID); err != nil {
			return "", err
		}
		said = "the care is over"
		if rebate > 0 {
			by := a.env.Today().AddDays(p.Notice).UTC().Format("Mon 2 Jan 2006")
			said += fmt.Sprintf("; within the guarantee: %d %% of the fee goes back (%.0f), or a replacement, if %s tells you in writing by %s", rebate, risk, orElse(p.Company, "the client"), by)
		}
	}
	return said, nil
}

var (
	paidRE   = regexp.MustCompile(`(?i)\binvoice\b[^.;]{0,20}\bpaid\b|\bpaid\b[^.;]{0,20}\binvoice\b`)
	orderFee = regexp.MustCompile(`(?i)^fee\s+(?:of\s+)?([£$€]?\s?\d[\d.,]*\s?k?)\s*$`)
)

// toldOfPlacement takes what is said of a filled order about its placement: that the invoice is paid, or the fee in money.
func toldOfPlacement(tx *store.Tx, o *desk.JobOrder, text string) error {
	all, err := placements(tx)
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i]
		if p.Order != o.Number || p.Order == 0 {
			continue
		}
		changed := false
		if paidRE.MatchString(text) && !strings.Contains(strings.ToLower(text), "not") {
			p.Paid, changed = true, true
		}
		if m := orderFee.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
			if fee, ok := desk.ParseMoney(m[1]); ok && fee >= 100 {
				p.Fee, changed = fee, true
			}
		}
		if changed {
			if err := tx.PutJSON(placementPrefix+p.ID, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeBackPlacement restores a placement, or drops one that the command made.
func (ch *change) takeBackPlacement(tx *store.Tx) error {
	if ch.Placement == "" {
		return nil
	}
	if ch.PlacementWas != nil {
		return tx.PutJSON(placementPrefix+ch.Placement, ch.PlacementWas)
	}
	return tx.DropJSON(placementPrefix + ch.Placement)
}
