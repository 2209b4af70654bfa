package orders

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/mailbox/message"
)

// place records a placement: the order, the client and the fee as far as they are known.
func place(a *book.Tx, c *desk.Contact, note string, start desk.Date) (said string, err error) {
	o, err := orderFor(a, c, note)
	if err != nil {
		return "", err
	}
	cfg := a.R.Current().Cfg.Orders
	n, err := a.Tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	p := desk.Placement{
		ID: desk.ShortHash("placement", a.R.Name, c.ID, start.String(), fmt.Sprint(n)), Candidate: c.ID, Agreed: a.Env.Now.UTC(), Start: start, Payment: cfg.Payment.Days(), Notice: cfg.Notice.Days(),
	}
	for _, s := range cfg.Guarantee {
		step, err := desk.ParseRebate(s)
		if err != nil {
			return "", err
		}
		p.Guarantee = append(p.Guarantee, step)
	}
	if m := words.FeeToldRE.FindStringSubmatch(note); m != nil && !words.PercentRE.MatchString(note[strings.Index(note, m[1])+len(m[1]):]) {
		p.Fee, _ = desk.ParseMoney(m[1])
	}
	if o == nil {
		if err := clientOfLatest(a, c, &p); err != nil {
			return "", err
		}
	}
	if o != nil {
		if said, err = fillOrder(a, c, o, &p); err != nil {
			return "", err
		}
	}
	c.Placed = start
	c.AddRole(desk.RoleCandidate, a.Env.Now)
	if err := a.Tx.PutContact(c); err != nil {
		return "", err
	}
	if err := a.Planner.Plan(c); err != nil {
		return "", err
	}
	if err := store.Placements.Put(a.Tx, p.ID, p); err != nil {
		return "", err
	}
	if len(p.Guarantee) > 0 {
		said += ", guarantee until " + p.GuaranteeEnd().Say()
	}
	if p.Fee > 0 {
		said += fmt.Sprintf(", fee %.0f", p.Fee)
	} else {
		said += ", fee not told (say “" + desk.Handle(c) + " fee 15k”)"
	}
	if err := untilStart(a, c, &p); err != nil {
		return "", err
	}
	return said, clientCare(a, &p)
}

// fillOrder gives the placement what its order tells, and ends the order.
func fillOrder(a *book.Tx, c *desk.Contact, o *desk.JobOrder, p *desk.Placement) (said string, err error) {
	was := *o
	was.Submittals = slices.Clone(o.Submittals)
	p.Order, p.Company, p.Client = o.Number, o.Company, o.Contact
	of, err := OrderOf(a.R, a.Tx, a.Env, o)
	if err != nil {
		return "", err
	}
	if p.Fee == 0 {
		p.Fee = of.Qualification.FeeMoney
	}
	if pay, ok := desk.ParseMoney(of.Qualification.Pay); p.Fee == 0 && ok && pay >= 1000 {
		p.Fee = pay * of.Qualification.Fee / 100
	}
	o.Submit(c.ID, a.Env.Now.UTC())
	for i := range o.Submittals {
		if c.Is(o.Submittals[i].Contact) {
			o.Submittals[i].Placed, o.Submittals[i].Out = true, time.Time{}
		}
	}
	o.End(desk.OrderFilled, "placed "+c.DisplayName(), a.Env.Now.UTC())
	if err := a.Tx.PutOrder(o); err != nil {
		return "", err
	}
	said = ", " + o.Describe()
	if n, err := owedWord(a, o); err != nil {
		return "", err
	} else if n > 0 {
		said += fmt.Sprintf(", a letter is written to %s who were in process", desk.Plural(n, "other"))
	}
	return said, nil
}

// PersonIn is the one person whom a text names, by address or by full name; nil if there is none.
func PersonIn(a *book.Tx, text string) (*desk.Contact, error) {
	for _, w := range strings.Fields(text) {
		if addr := message.Canonical(strings.Trim(w, "<>,;()")); addr != "" {
			return a.Tx.ContactByEmail(addr)
		}
	}
	all, err := a.Tx.Contacts()
	if err != nil {
		return nil, err
	}
	words := desk.FoldWords(text)
	var hit []*desk.Contact
	for _, c := range all {
		if name := strings.TrimSpace(desk.FoldWords(c.Name)); strings.Contains(name, " ") && strings.Contains(words, " "+name+" ") {
			hit = append(hit, c)
		}
	}
	if len(hit) != 1 {
		return nil, nil
	}
	return hit[0], nil
}

// fortnightly is how often somebody is called between the offer and the first day.
const (
	fortnightly    = 14
	mostUntilStart = 8
	beforeStart    = -2 // days: the care sequence's own call
)

// untilStart sets the calls between an accepted offer and the first day: when they resign and the day after, since that is when the
// counter-offer comes, then every fortnight through the notice.
func untilStart(a *book.Tx, c *desk.Contact, p *desk.Placement) error {
	today := a.Env.Today()
	days := []desk.Date{a.Env.AddWorkdays(today, 1), a.Env.AddWorkdays(today, 2)}
	for d := today.AddDays(fortnightly); !a.Env.CareMerges(d, p.Start.AddDays(beforeStart)) && d.Before(p.Start) && len(days) < mostUntilStart; d = d.AddDays(fortnightly) {
		days = append(days, a.Env.WorkdayOnOrAfter(d))
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
		if _, err := a.Planner.NewCall(c, desk.RuleSequence, desk.CauseOf(desk.CausePlacement, p.ID, fmt.Sprint("start-", i+1, strings.Repeat("m", p.Moves))), why, d.At(12, 0, a.Env.Zone)); err != nil {
			return err
		}
	}
	return nil
}

// clientCare sets the calls to the client about a placement.
func clientCare(a *book.Tx, p *desk.Placement) error {
	client, err := a.Tx.Contact(p.Client)
	if err != nil || client == nil || !client.Callable() {
		return err
	}
	who, err := a.Tx.Contact(p.Candidate)
	if err != nil || who == nil {
		return err
	}
	for i, d := range p.ClientCare(a.Env) {
		cause := desk.CauseOf(desk.CausePlacement, p.ID, fmt.Sprint("client-", i+1, strings.Repeat("m", p.Moves)))
		reason := "how is " + who.DisplayName() + " doing, who began on " + p.Start.Short() + "? Whom do you need next?"
		if err := careCall(a.Planner, client, cause, reason, d.At(9, 0, a.Env.Zone), p.MayCare); err != nil {
			return err
		}
	}
	return nil
}

// latestInterview is a candidate's latest one whose client is known, nil for none.
func latestInterview(a *book.Tx, c *desk.Contact) (*desk.Interview, error) {
	all, err := a.Tx.Interviews()
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
func clientOfLatest(a *book.Tx, c *desk.Contact, p *desk.Placement) error {
	last, err := latestInterview(a, c)
	if last == nil || err != nil {
		return err
	}
	p.Client, p.Company = last.Client, last.Company
	client, err := a.Tx.Contact(p.Client)
	if err == nil && client != nil {
		p.Company = cmp.Or(p.Company, client.Company)
	}
	return err
}

// orderFor is the order that a candidate's placement is for: named in the note, else the only open one to which they were submitted, else that of
// their latest interview. Nil for none that is known.
func orderFor(a *book.Tx, c *desk.Contact, note string) (*desk.JobOrder, error) {
	if _, _, _, n := desk.ReadTold(note); n > 0 {
		return FindOrder(a.Tx, fmt.Sprint("JO", n))
	}
	orders, err := a.Tx.Orders()
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
		return nil, desk.Usage("placed for which order? %s: say it, “placed JO7, start 1 May”", strings.Join(names, "; "))
	}
	last, err := latestInterview(a, c)
	if last == nil || last.Order == 0 || err != nil {
		return nil, err
	}
	o, err := a.Tx.Order(last.Order)
	if err != nil || o == nil || o.Status != desk.OrderOpen {
		return nil, err
	}
	return o, nil
}

// Leaves notes that somebody who was placed has left: the care stops, and within the guarantee the client's time to tell runs.
func Leaves(a *book.Tx, c *desk.Contact, note string) (said string, err error) {
	day := a.Env.Today()
	if m := words.LeftRE.FindStringSubmatch(note); m != nil {
		if d, err := letters.EarlierDay(a, strings.Trim(m[1], " .,")); err == nil {
			day = d
		}
	}
	all, err := book.Placements(a.Tx)
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
	if said, err = ends(a, c, p, day); err != nil || rebate == 0 {
		return said, err
	}
	by := day.AddDays(p.Notice).Say()
	goesBack := fmt.Sprintf("%d %% of the fee goes back", rebate)
	if err := callAfterLeaving(a, c, p, c.DisplayName()+" left: "+goesBack+", or a replacement, if they tell you in writing by "+by); err != nil {
		return "", err
	}
	return said + fmt.Sprintf("; within the guarantee: %s (%.0f), or a replacement, if %s tells you in writing by %s", goesBack, risk, cmp.Or(p.Company, "the client"), by), nil
}

// ends ends a placement and its care.
func ends(a *book.Tx, c *desk.Contact, p *desk.Placement, day desk.Date) (said string, err error) {
	p.Left = day
	if err := store.Placements.Put(a.Tx, p.ID, *p); err != nil {
		return "", err
	}
	if err := stopOthers(a, c, "", "left the job"); err != nil {
		return "", err
	}
	return "the care is over", EndCare(a.Planner, p.ID)
}

// elsewhere names an open order, other than one, for which somebody is in process; "" for none.
func elsewhere(a *book.Tx, c *desk.Contact, but int) (string, error) {
	orders, err := a.Tx.Orders()
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
func callAfterLeaving(a *book.Tx, c *desk.Contact, p *desk.Placement, reason string) error {
	client, err := a.Tx.Contact(p.Client)
	if err != nil || client == nil || !client.Callable() {
		return err
	}
	_, err = a.Planner.NewCall(client, desk.RuleOrder, desk.CauseOf(desk.CausePlacement, p.ID, "left"), reason, a.Env.Now)
	return err
}

// tellFee takes the fee of somebody's latest placement; false if there is none.
func tellFee(a *book.Tx, c *desk.Contact, text string) (bool, error) {
	m := words.OrderFee.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return false, nil
	}
	all, err := book.Placements(a.Tx)
	if err != nil {
		return false, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		p := &all[i]
		if fee, ok := desk.ParseMoney(m[1]); ok && fee >= 100 && c.Is(p.Candidate) {
			p.Fee = fee
			return true, store.Placements.Put(a.Tx, p.ID, *p)
		}
	}
	return false, nil
}

// movesStart tells a placement that has not begun its new first day: the calls and the care are planned anew. done is false where there is none.
func movesStart(a *book.Tx, c *desk.Contact, note string, start desk.Date) (said string, done bool, err error) {
	_, _, _, number := desk.ReadTold(note)
	all, err := book.Placements(a.Tx)
	if err != nil {
		return "", false, err
	}
	for i := range all {
		p := &all[i]
		if !c.Is(p.Candidate) || !p.Left.IsZero() || p.Start.Before(a.Env.Today()) || number > 0 && number != p.Order {
			continue
		}
		p.Start, p.Moves = start, p.Moves+1
		c.Placed = start
		if err := EndCare(a.Planner, p.ID); err != nil {
			return "", true, err
		}
		if err := stopOthers(a, c, "", "the first day has moved"); err != nil {
			return "", true, err
		}
		if _, err := letters.Enrol(a, c, "placement-care", start); err != nil {
			return "", true, err
		}
		for _, err := range []error{store.Placements.Put(a.Tx, p.ID, *p), a.Tx.PutContact(c), a.Planner.Plan(c), untilStart(a, c, p), clientCare(a, p)} {
			if err != nil {
				return "", true, err
			}
		}
		return "the first day is now " + start.Say(), true, nil
	}
	return "", false, nil
}

// backsOut takes a withdrawal behind an accepted offer: they never begin, and the order is open again. done is false where there was none.
func backsOut(a *book.Tx, c *desk.Contact, note string) (said string, done bool, err error) {
	_, _, _, number := desk.ReadTold(note)
	all, err := book.Placements(a.Tx)
	if err != nil {
		return "", false, err
	}
	for i := range all {
		p := &all[i]
		if !c.Is(p.Candidate) || !p.Left.IsZero() || !a.Env.Today().Before(p.Start) || number > 0 && number != p.Order {
			continue
		}
		if number == 0 {
			if other, err := elsewhere(a, c, p.Order); err != nil || other != "" {
				if err != nil {
					return "", true, err
				}
				placed := "“left” ends the placement"
				if p.Order > 0 {
					placed = fmt.Sprintf("“withdrew from JO%d” ends the placement", p.Order)
				}
				return "", true, desk.Usage("withdrew from which? %s; the other is %s", placed, other)
			}
		}
		if _, err := ends(a, c, p, a.Env.Today()); err != nil {
			return "", true, err
		}
		c.Placed = desk.Date{}
		if err := a.Tx.PutContact(c); err != nil {
			return "", true, err
		}
		said := "the placement is off"
		o, err := a.Tx.Order(p.Order)
		if err != nil || o == nil || o.Status != desk.OrderFilled {
			return said, true, err
		}
		was := *o
		was.Submittals = slices.Clone(o.Submittals)
		for j := range o.Submittals {
			if s := &o.Submittals[j]; c.Is(s.Contact) {
				s.Placed, s.Out = false, a.When()
			}
		}
		o.Status, o.Closed, o.Reason = desk.OrderOpen, time.Time{}, ""
		return said + "; " + o.Describe() + " is open again", true, a.Tx.PutOrder(o)
	}
	return "", false, nil
}

// toldOfPlacement takes what is said of a filled order about its placement: that the invoice is paid, or the fee in money.
func toldOfPlacement(a *book.Tx, o *desk.JobOrder, text string) error {
	all, err := book.Placements(a.Tx)
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i]
		if p.Order != o.Number || p.Order == 0 {
			continue
		}
		changed := false
		if text := strings.TrimSpace(text); words.PaidRE.MatchString(text) && !words.UnpaidRE.MatchString(text) {
			p.Paid, p.PaidOn, changed = true, a.Env.Today(), true
			if m := words.PaidOnRE.FindStringSubmatch(text); m != nil {
				if p.PaidOn, err = letters.EarlierDay(a, strings.Trim(m[1], " .,")); err != nil {
					return desk.Usage("when was it paid? %q is no day that is understood, or not over", m[1])
				}
			}
		}
		if m := words.OrderFee.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
			if fee, ok := desk.ParseMoney(m[1]); ok && fee >= 100 {
				p.Fee, changed = fee, true
			}
		}
		if changed {
			if err := store.Placements.Put(a.Tx, p.ID, *p); err != nil {
				return err
			}
		}
	}
	return nil
}
