package daemon

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
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
	n, err := a.tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	p := desk.Placement{
		ID: desk.ShortHash("placement", a.r.name, c.ID, start.String(), fmt.Sprint(n)), Candidate: c.ID, Agreed: a.env.Now.UTC(), Start: start, Payment: cfg.Payment.Days(), Notice: cfg.Notice.Days(),
	}
	for _, s := range cfg.Guarantee {
		step, err := desk.ParseRebate(s)
		if err != nil {
			return "", err
		}
		p.Guarantee = append(p.Guarantee, step)
	}
	if m := feeToldRE.FindStringSubmatch(note); m != nil && !percentRE.MatchString(note[strings.Index(note, m[1])+len(m[1]):]) {
		p.Fee, _ = desk.ParseMoney(m[1])
	}
	if o == nil {
		if err := a.clientOfLatest(c, &p); err != nil {
			return "", err
		}
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
		if p.Fee == 0 {
			p.Fee = of.qualification.FeeMoney
		}
		if pay, ok := desk.ParseMoney(of.qualification.Pay); p.Fee == 0 && ok && pay >= 1000 {
			p.Fee = pay * of.qualification.Fee / 100
		}
		o.Submit(c.ID, a.env.Now.UTC())
		for i := range o.Submittals {
			if c.Is(o.Submittals[i].Contact) {
				o.Submittals[i].Placed, o.Submittals[i].Out = true, time.Time{}
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
		said += ", fee not told (say “" + handle(c) + " fee 15k”)"
	}
	if err := a.untilStart(c, &p); err != nil {
		return "", err
	}
	return said, a.clientCare(&p)
}

// personIn is the one person whom a text names, by address or by full name; nil if there is none.
func (a *applier) personIn(text string) (*desk.Contact, error) {
	for _, w := range strings.Fields(text) {
		if addr := mailbox.Canonical(strings.Trim(w, "<>,;()")); addr != "" {
			return a.tx.ContactByEmail(addr)
		}
	}
	all, err := a.tx.Contacts()
	if err != nil {
		return nil, err
	}
	words := foldWords(text)
	var hit []*desk.Contact
	for _, c := range all {
		if name := strings.TrimSpace(foldWords(c.Name)); strings.Contains(name, " ") && strings.Contains(words, " "+name+" ") {
			hit = append(hit, c)
		}
	}
	if len(hit) != 1 {
		return nil, nil
	}
	return hit[0], nil
}

// leftPlaced reads a bare “left” of somebody who was placed as leaving the job: of others it is asked back, since it may be a message.
func (o *obeying) leftPlaced(cmd desk.Command) (desk.Command, bool, error) {
	m := bareLeftRE.FindStringSubmatch(cmd.Note)
	if cmd.Verb != desk.VerbUnknown || m == nil || cmd.Ref == "" {
		return cmd, false, nil
	}
	refs, problem := o.refs(cmd)
	if problem != "" || len(refs) != 1 {
		return cmd, false, nil
	}
	c, err := o.known(refs[0])
	if c == nil || err != nil {
		return cmd, false, err
	}
	all, err := placements(o.in.tx)
	for i := range all {
		if c.Is(all[i].Candidate) && all[i].Left.IsZero() {
			cmd.Verb, cmd.Note, cmd.Error = desk.VerbLeftCompany, strings.TrimSpace(m[1]), ""
			return cmd, true, err
		}
	}
	return cmd, false, err
}

// known is whom a reference means, nil if nobody is; it makes no contact.
func (o *obeying) known(to target) (*desk.Contact, error) {
	if to.contact != "" {
		return o.in.tx.Contact(to.contact)
	}
	if addr := mailbox.Canonical(to.name); addr != "" {
		return o.in.tx.ContactByEmail(addr)
	}
	a := &applier{r: o.in.r, tx: o.in.tx, env: o.in.env}
	c, err := a.byName(to.name)
	if isUserError(err) {
		err = nil
	}
	return c, err
}

var bareLeftRE = regexp.MustCompile(`(?i)^(?:has\s+|he\s+|she\s+|they\s+)?left\b[\s,:]*((?:on|since|last day)\b.*|)$`)

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
		if _, err := a.planner.newCall(c, desk.RuleSequence, desk.CauseOf(causePlacement, p.ID, fmt.Sprint("start-", i+1, strings.Repeat("m", p.Moves))), why, d.At(12, 0, a.env.Zone)); err != nil {
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
		cause := desk.CauseOf(causePlacement, p.ID, fmt.Sprint("client-", i+1, strings.Repeat("m", p.Moves)))
		reason := "how is " + who.DisplayName() + " doing, who began on " + p.Start.UTC().Format("2 Jan 2006") + "? Whom do you need next?"
		if err := a.planner.careCall(client, cause, reason, d.At(9, 0, a.env.Zone), p.MayCare); err != nil {
			return err
		}
	}
	return nil
}

// latestInterview is a candidate's latest one whose client is known, nil for none.
func (a *applier) latestInterview(c *desk.Contact) (*desk.Interview, error) {
	all, err := a.tx.Interviews()
	if err != nil {
		return nil, err
	}
	var last *desk.Interview
	for i := range all {
		iv := &all[i]
		if c.Is(iv.Candidate) && iv.Status != desk.InterviewCancelled && (iv.Client != "" || iv.Company != "" || iv.Order > 0) && (last == nil || iv.Start.After(last.Start)) {
			last = iv
		}
	}
	return last, nil
}

// clientOfLatest takes a placement's client from the candidate's latest interview, where no order tells it.
func (a *applier) clientOfLatest(c *desk.Contact, p *desk.Placement) error {
	last, err := a.latestInterview(c)
	if last == nil || err != nil {
		return err
	}
	p.Client, p.Company = last.Client, last.Company
	client, err := a.tx.Contact(p.Client)
	if err == nil && client != nil {
		p.Company = orElse(p.Company, client.Company)
	}
	return err
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
	last, err := a.latestInterview(c)
	if last == nil || last.Order == 0 || err != nil {
		return nil, err
	}
	o, err := a.tx.Order(last.Order)
	if err != nil || o == nil || o.Status != desk.OrderOpen {
		return nil, err
	}
	return o, nil
}

// leaves notes that somebody who was placed has left: the care stops, and within the guarantee the client's time to tell runs.
func (a *applier) leaves(c *desk.Contact, note string) (said string, err error) {
	day := a.env.Today()
	if m := leftRE.FindStringSubmatch(note); m != nil {
		if d, err := a.earlierDay(strings.Trim(m[1], " .,")); err == nil {
			day = d
		}
	}
	all, err := placements(a.tx)
	if err != nil {
		return "", err
	}
	var p *desk.Placement // the latest job, of several
	for i := range all {
		if x := &all[i]; c.Is(x.Candidate) && x.Left.IsZero() && (p == nil || !x.Start.After(day) || p.Start.After(day)) {
			p = x
		}
	}
	if p == nil {
		return "", nil
	}
	rebate, risk := p.Rebate(day), p.AtRisk(day)
	if said, err = a.ends(c, p, day); err != nil || rebate == 0 {
		return said, err
	}
	by := day.AddDays(p.Notice).UTC().Format("Mon 2 Jan 2006")
	goesBack := fmt.Sprintf("%d %% of the fee goes back", rebate)
	if err := a.callAfterLeaving(c, p, c.DisplayName()+" left: "+goesBack+", or a replacement, if they tell you in writing by "+by); err != nil {
		return "", err
	}
	return said + fmt.Sprintf("; within the guarantee: %s (%.0f), or a replacement, if %s tells you in writing by %s", goesBack, risk, orElse(p.Company, "the client"), by), nil
}

// ends ends a placement and its care.
func (a *applier) ends(c *desk.Contact, p *desk.Placement, day desk.Date) (said string, err error) {
	was := *p
	p.Left = day
	a.placement, a.placementWas = p.ID, &was
	if err := a.tx.PutJSON(placementPrefix+p.ID, p); err != nil {
		return "", err
	}
	if err := a.stopOthers(c, "", "left the job"); err != nil {
		return "", err
	}
	return "the care is over", a.planner.endCare(p.ID)
}

// elsewhere names an open order, other than one, for which somebody is in process; "" for none.
func (a *applier) elsewhere(c *desk.Contact, but int) (string, error) {
	orders, err := a.tx.Orders()
	if err != nil {
		return "", err
	}
	for i := range orders {
		o := &orders[i]
		if o.Number != but && o.Status == desk.OrderOpen && slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return c.Is(s.Contact) && s.InProcess() }) {
			return o.Describe(), nil
		}
	}
	return "", nil
}

// callAfterLeaving sets a call to the client of somebody who left within the guarantee.
func (a *applier) callAfterLeaving(c *desk.Contact, p *desk.Placement, reason string) error {
	client, err := a.tx.Contact(p.Client)
	if err != nil || client == nil || !client.Callable() {
		return err
	}
	_, err = a.planner.newCall(client, desk.RuleOrder, desk.CauseOf(causePlacement, p.ID, "left"), reason, a.env.Now)
	return err
}

// tellFee takes the fee of somebody's latest placement; false if there is none.
func (a *applier) tellFee(c *desk.Contact, text string) (bool, error) {
	m := orderFee.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return false, nil
	}
	all, err := placements(a.tx)
	if err != nil {
		return false, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		p := &all[i]
		if fee, ok := desk.ParseMoney(m[1]); ok && fee >= 100 && c.Is(p.Candidate) {
			was := *p
			a.placement, a.placementWas = p.ID, &was
			p.Fee = fee
			return true, a.tx.PutJSON(placementPrefix+p.ID, p)
		}
	}
	return false, nil
}

// movesStart tells a placement that has not begun its new first day: the calls and the care are planned anew. done is false where there is none.
func (a *applier) movesStart(c *desk.Contact, note string, start desk.Date) (said string, done bool, err error) {
	_, _, _, number := desk.ReadTold(note)
	all, err := placements(a.tx)
	if err != nil {
		return "", false, err
	}
	for i := range all {
		p := &all[i]
		if !c.Is(p.Candidate) || !p.Left.IsZero() || p.Start.Before(a.env.Today()) || number > 0 && number != p.Order {
			continue
		}
		was := *p
		a.placement, a.placementWas = p.ID, &was
		p.Start, p.Moves = start, p.Moves+1
		c.Placed = start
		if err := a.planner.endCare(p.ID); err != nil {
			return "", true, err
		}
		if err := a.stopOthers(c, "", "the first day has moved"); err != nil {
			return "", true, err
		}
		if _, err := a.enrol(c, "placement-care", start); err != nil {
			return "", true, err
		}
		for _, err := range []error{a.tx.PutJSON(placementPrefix+p.ID, p), a.tx.PutContact(c), a.planner.plan(c), a.untilStart(c, p), a.clientCare(p)} {
			if err != nil {
				return "", true, err
			}
		}
		return "the first day is now " + start.UTC().Format("Mon 2 Jan 2006"), true, nil
	}
	return "", false, nil
}

// backsOut takes a withdrawal behind an accepted offer: they never begin, and the order is open again. done is false where there was none.
func (a *applier) backsOut(c *desk.Contact, note string) (said string, done bool, err error) {
	_, _, _, number := desk.ReadTold(note)
	all, err := placements(a.tx)
	if err != nil {
		return "", false, err
	}
	for i := range all {
		p := &all[i]
		if !c.Is(p.Candidate) || !p.Left.IsZero() || !a.env.Today().Before(p.Start) || number > 0 && number != p.Order {
			continue
		}
		if number == 0 {
			if other, err := a.elsewhere(c, p.Order); err != nil || other != "" {
				if err != nil {
					return "", true, err
				}
				placed := "“left” ends the placement"
				if p.Order > 0 {
					placed = fmt.Sprintf("“withdrew from JO%d” ends the placement", p.Order)
				}
				return "", true, usage("withdrew from which? %s; the other is %s", placed, other)
			}
		}
		if _, err := a.ends(c, p, a.env.Today()); err != nil {
			return "", true, err
		}
		c.Placed = desk.Date{}
		if err := a.tx.PutContact(c); err != nil {
			return "", true, err
		}
		said := "the placement is off"
		o, err := a.tx.Order(p.Order)
		if err != nil || o == nil || o.Status != desk.OrderFilled {
			return said, true, err
		}
		was := *o
		was.Submittals = slices.Clone(o.Submittals)
		a.ordersWas = append(a.ordersWas, was)
		for j := range o.Submittals {
			if s := &o.Submittals[j]; c.Is(s.Contact) {
				s.Placed, s.Out = false, a.when()
			}
		}
		o.Status, o.Closed, o.Reason = desk.OrderOpen, time.Time{}, ""
		return said + "; " + o.Describe() + " is open again", true, a.tx.PutOrder(o)
	}
	return "", false, nil
}

var leftRE = regexp.MustCompile(`(?i)\b(?:on|since|last day(?: was)?)\s+(.+)$`)

var (
	percentRE = regexp.MustCompile(`(?i)^\s*(?:%|percent|per cent|prozent)`)
	paidRE    = regexp.MustCompile(`(?i)^(?:the\s+)?invoice\s+(?:(?:is|was|has\s+been|got|now|already)\s+)*paid\b|^(?:they\s+|client\s+)?(?:have\s+|has\s+)?paid\s+(?:the\s+)?invoice\b`)
	unpaidRE  = regexp.MustCompile(`(?i)\b(?:not|never|half|part(?:ly|ially)?|will|when|if|to be)\b|n't\b|\bunpaid\b|\?`)
	paidOnRE  = regexp.MustCompile(`(?i)\bpaid\b(?:\s+the\s+invoice|\s+invoice)?\s+(?:on\s+)?([^,;]*\d[^,;]*|yesterday|today)`)
	orderFee  = regexp.MustCompile(`(?i)^fee\s+(?:of\s+)?([£$€]?\s?\d[\d.,]*\s?k?)\s*$`)
)

// toldOfPlacement takes what is said of a filled order about its placement: that the invoice is paid, or the fee in money.
func (a *applier) toldOfPlacement(o *desk.JobOrder, text string) error {
	all, err := placements(a.tx)
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i]
		if p.Order != o.Number || p.Order == 0 {
			continue
		}
		changed, was := false, *p
		if text := strings.TrimSpace(text); paidRE.MatchString(text) && !unpaidRE.MatchString(text) {
			p.Paid, p.PaidOn, changed = true, a.env.Today(), true
			if m := paidOnRE.FindStringSubmatch(text); m != nil {
				if p.PaidOn, err = a.earlierDay(strings.Trim(m[1], " .,")); err != nil {
					return usage("when was it paid? %q is no day that is understood, or not over", m[1])
				}
			}
		}
		if m := orderFee.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
			if fee, ok := desk.ParseMoney(m[1]); ok && fee >= 100 {
				p.Fee, changed = fee, true
			}
		}
		if changed {
			a.placement, a.placementWas = p.ID, &was
			if err := a.tx.PutJSON(placementPrefix+p.ID, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeBackPlacement restores a placement, or drops one that the command made.
func (ch *change) takeBackPlacement(tx *store.Tx, env desk.Env) error {
	if ch.Placement == "" {
		return nil
	}
	if ch.PlacementWas != nil {
		var now desk.Placement
		if known, err := tx.JSON(placementPrefix+ch.Placement, &now); err != nil || !known || ch.PlacementLeft == nil {
			return errors.Join(err, tx.PutJSON(placementPrefix+ch.Placement, ch.PlacementWas))
		}
		now.TakeBack(ch.PlacementWas, ch.PlacementLeft)
		return tx.PutJSON(placementPrefix+ch.Placement, now)
	}
	if err := newPlanner(tx, env).endCare(ch.Placement); err != nil { // also of what was merged since
		return err
	}
	return tx.DropJSON(placementPrefix + ch.Placement)
}
