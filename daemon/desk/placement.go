package desk

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Placement is an accepted offer: somebody begins at a client, with a guarantee to the client in case they leave again.
type Placement struct {
	ID        string       `json:"id"`
	Candidate string       `json:"candidate"`        // contact ID
	Client    string       `json:"client,omitempty"` // contact ID, "" if not known
	Company   string       `json:"company,omitempty"`
	Order     int          `json:"order,omitempty"`
	Agreed    time.Time    `json:"agreed"`
	Start     Date         `json:"start"`
	Fee       float64      `json:"fee"` // in money; 0 if not told
	Guarantee []RebateStep `json:"guarantee,omitempty"`
	Payment   int          `json:"payment"` // days from the start until the invoice has to be paid: a later payment voids the guarantee
	Notice    int          `json:"notice"`  // days within which the client has to tell that somebody left
	Paid      bool         `json:"paid,omitempty"`
	PaidOn    Date         `json:"paid_on,omitzero"`
	Moves     int          `json:"moves,omitempty"` // how often the first day was told anew
	Left      Date         `json:"left,omitzero"`   // the day they left
}

// RebateStep is how much of the fee goes back to the client if somebody leaves within so many days of the start.
type RebateStep struct {
	Days    int `json:"days"`
	Percent int `json:"percent"`
}

var rebateRE = regexp.MustCompile(`^(\d{1,3})\s*d\s+(\d{1,3})\s*%?$`)

// ParseRebate reads "30d 100": within 30 days all of the fee.
func ParseRebate(s string) (RebateStep, error) {
	m := rebateRE.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return RebateStep{}, fmt.Errorf("%q is not like \"30d 100\" (days after the start, percent of the fee)", s)
	}
	days, _ := strconv.Atoi(m[1])
	percent, _ := strconv.Atoi(m[2])
	if percent > 100 || days == 0 {
		return RebateStep{}, fmt.Errorf("%q: at least a day, and at most 100 percent", s)
	}
	return RebateStep{days, percent}, nil
}

// GuaranteeEnd is the first day on which the guarantee no longer holds.
func (p *Placement) GuaranteeEnd() Date {
	last := 0
	for _, s := range p.Guarantee {
		last = max(last, s.Days)
	}
	return p.Start.AddDays(last)
}

// Rebate is the percent of the fee due back if they left on a day: none before the start, behind the last step, or once an invoice
// that is overdue has voided the guarantee.
func (p *Placement) Rebate(on Date) int {
	if on.Before(p.Start) || p.void(on) {
		return 0
	}
	best := 0
	after := 1 << 30
	for _, s := range p.Guarantee {
		if on.Before(p.Start.AddDays(s.Days)) && s.Days < after {
			best, after = s.Percent, s.Days
		}
	}
	return best
}

// void reports whether the guarantee was voided by a day: the invoice was paid too late, or isn't paid and overdue.
func (p *Placement) void(on Date) bool {
	if p.Payment == 0 {
		return false
	}
	by := p.Start.AddDays(p.Payment)
	if p.Paid {
		return p.PaidOn.After(by)
	}
	return by.Before(on)
}

// Came reports whether they ever began: not if they backed out before.
func (p *Placement) Came() bool { return p.Left.IsZero() || !p.Left.Before(p.Start) }

// AtRisk is the part of the fee that would go back if they left on a day.
func (p *Placement) AtRisk(on Date) float64 {
	if !p.Left.IsZero() {
		return 0
	}
	return p.Fee * float64(p.Rebate(on)) / 100
}

// Guarded reports whether the guarantee runs on a day: then nothing that sells goes to the client.
func (p *Placement) Guarded(on Date) bool {
	return p.Left.IsZero() && on.Before(p.GuaranteeEnd())
}

// careMerge is how near, in working days, calls that care for the same person become one.
const careMerge = 5

// CareMerges reports whether calls on two days are near enough to be one.
func (e Env) CareMerges(a, b Date) bool {
	if b.Before(a) {
		a, b = b, a
	}
	return !e.AddWorkdays(a, careMerge).Before(b)
}

// MayCare reports whether the client may be asked about the placement on a day: not in the guarantee's last ten days.
func (p *Placement) MayCare(on Date) bool {
	end := p.GuaranteeEnd()
	return !end.After(p.Start) || on.Before(end.AddDays(-quietEnd)) || !on.Before(end)
}

// quietEnd is how many days before its end nobody is reminded of a guarantee.
const quietEnd = 10

// ClientCare are the days on which the client is called about the placement: in the first week, after 30 days, and behind the guarantee's
// end; never in its last ten days.
func (p *Placement) ClientCare(env Env) []Date {
	end := p.GuaranteeEnd()
	var out []Date
	var days []Date
	for _, n := range env.Settings.ClientCare {
		days = append(days, p.Start.AddDays(n))
	}
	for _, d := range append(days, end.AddDays(1)) {
		d = env.WorkdayOnOrAfter(d)
		if !p.MayCare(d) {
			d = env.WorkdayOnOrAfter(end.AddDays(1))
		}
		if len(out) == 0 || out[len(out)-1] != d {
			out = append(out, d)
		}
	}
	return out
}

var moneyRE = regexp.MustCompile(`(?i)[£$€]?\s?(\d{1,3}(?:[,.' ]\d{3})+|\d+(?:[.,]\d{1,2})?)\s?(k)?\b`)

// ParseMoney reads the first sum in a text, such as "£15,000", "15k" or "15.000 €".
func ParseMoney(s string) (float64, bool) {
	m := moneyRE.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	digits := m[1]
	if i := strings.LastIndexAny(digits, ",.' "); i >= 0 && len(digits)-i-1 == 3 {
		digits = strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, digits)
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(digits, ",", "."), 64)
	if m[2] != "" {
		v *= 1000
	}
	return v, err == nil
}

// TakeBack restores what a command changed, from was to left, and keeps what was told since.
func (p *Placement) TakeBack(was, left *Placement) {
	if p.Start == left.Start {
		p.Start = was.Start
	}
	if p.Fee == left.Fee {
		p.Fee = was.Fee
	}
	if p.Paid == left.Paid && p.PaidOn == left.PaidOn {
		p.Paid, p.PaidOn = was.Paid, was.PaidOn
	}
	if p.Left == left.Left {
		p.Left = was.Left
	}
}
