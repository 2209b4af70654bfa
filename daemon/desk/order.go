package desk

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TellOrder takes what is said of an order.
func TellOrder(o *JobOrder, text string, env Env) (said string) {
	if s, reason, ok := EndOf(text); ok {
		o.End(s, reason, env.Now.UTC())
		return o.Describe()
	}
	o.Tell(text, env.Now)
	return o.Describe() + ": " + text
}

// OrderStatus is the state of a job order.
type OrderStatus string

// The states of a job order.
const (
	OrderOpen   OrderStatus = "open"
	OrderFilled OrderStatus = "filled"
	OrderLost   OrderStatus = "lost"
	OrderClosed OrderStatus = "closed"
)

// JobOrder is a vacancy that a client wants filled. Its number is the agency's, and final.
type JobOrder struct {
	Number     int         `json:"number"`
	Title      string      `json:"title"`
	Company    string      `json:"company,omitempty"`
	Contact    string      `json:"contact,omitempty"` // ID of who gave it, "" if not told
	Text       string      `json:"text"`              // as it was told
	Opened     time.Time   `json:"opened"`            // when it landed
	Status     OrderStatus `json:"status"`
	Closed     time.Time   `json:"closed,omitzero"`
	Reason     string      `json:"reason,omitempty"` // of its end
	Facts      []string    `json:"facts,omitempty"`
	Told       []time.Time `json:"told,omitempty"` // when each of them was
	Submittals []Submittal `json:"submittals,omitempty"`
	MessageID  string      `json:"message_id,omitempty"` // of the mail it came by
	Offered    time.Time   `json:"offered,omitzero"`     // when the first offer was made
	Playbook   string      `json:"playbook,omitempty"`   // given by name; "" for the one that fits
	Parked     Date        `json:"parked,omitzero"`      // nothing is due before
}

// Submittal is a candidate introduced for an order.
type Submittal struct {
	Contact string    `json:"contact"`
	Time    time.Time `json:"time"`
	Placed  bool      `json:"placed,omitempty"`
	Consent time.Time `json:"consent,omitzero"` // when the candidate agreed to be introduced for it (US: right to represent)
	Out     time.Time `json:"out,omitzero"`     // when they withdrew, or were not taken
}

// Name is "JO7".
func (o *JobOrder) Name() string { return "JO" + strconv.Itoa(o.Number) }

// ParseOrderName reads "JO7".
func ParseOrderName(s string) (number int, ok bool) {
	m := OrderRE.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return 0, false
	}
	number, err := strconv.Atoi(m[1])
	return number, err == nil && number > 0
}

var atCompanyRE = regexp.MustCompile(` at [\p{Lu}\d]`)

// NewJobOrder reads "Senior Go developer @ Acme, 2 openings, A".
func NewJobOrder(text string, now time.Time) JobOrder {
	o := JobOrder{Text: Tidy(text), Opened: now, Status: OrderOpen}
	title, rest, at := strings.Cut(o.Text, "@")
	if !at {
		if m := atCompanyRE.FindStringIndex(o.Text); m != nil { // "at once", "at least" are no companies
			title, rest, at = o.Text[:m[0]], o.Text[m[0]+len(" at "):], true
		}
	}
	if at {
		o.Company, _, _ = strings.Cut(rest, ",")
	}
	o.Title, o.Company = untilFacts(title), untilFacts(o.Company)
	return o
}

// orderFactRE begins what is told of an order behind its title: the title ends there, as it stands in letters.
var orderFactRE = regexp.MustCompile(`(?i)[\s,;–-]+(?:fees?\b|terms\b|(?:standard |usual )?terms|salary\b|pay\b|budget\b|rate\b|package\b|up to [£€$\d]|[£€$]\s?\d|\d[\d.,]*\s?(?:k\b|%|percent|eur\b|gbp\b|usd\b|chf\b|euros?\b|pounds?\b)|rank\b|exclusive\b|retained\b|contingen\w*|urgent\b|asap\b|confidential\b|replac\w+|backfill\b|honorar\b|gehalt\b|provision\b|\d+ (?:openings?|positions?|heads?|stellen)\b|interviews? |start(?:s|ing)? (?:in|on|by|asap|\d)|signed\b)`)

// untilFacts is a title as far as it is one: up to a semicolon, a comma, or a known fact.
func untilFacts(s string) string {
	s, _, _ = strings.Cut(s, ";")
	s, _, _ = strings.Cut(s, ",")
	if loc := orderFactRE.FindStringIndex(" " + s); loc != nil && loc[0] > 0 {
		s = (" " + s)[:loc[0]]
	}
	return strings.TrimSpace(s)
}

var orderEndRE = regexp.MustCompile(`(?i)^(filled|placed|besetzt|pourvu|cubierto|vervuld|lost|verloren|perdu|perdido|close[d]?|cancel(?:l?ed)?|geschlossen|fermé|cerrado|gesloten)\b[\s:,–-]*(.*)$`)

// elsewhereRE is what makes a filled order one that somebody else filled.
var elsewhereRE = regexp.MustCompile(`(?i)^(?:internal(?:ly)?|in-?house|elsewhere|intern|(?:by|with|through)\s+(?:an\s?other|a\s+different|a\s+competitor|the\s+competition|themselves|an?\s+internal|somebody\s+else|someone\s+else))\b`)

// EndOf reads how an order ended: "filled", "lost to a competitor", "closed"; ok is false if the
// text tells no end.
func EndOf(text string) (s OrderStatus, reason string, ok bool) {
	m := orderEndRE.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return "", "", false
	}
	if elsewhereRE.MatchString(m[2]) {
		return OrderLost, Tidy(text), true
	}
	switch strings.ToLower(m[1])[:4] {
	case "fill", "plac", "bese", "pour", "cubi", "verv":
		s = OrderFilled
	case "lost", "verl", "perd":
		s = OrderLost
	default:
		s = OrderClosed
	}
	return s, strings.TrimSpace(m[2]), true
}

// End closes the order.
func (o *JobOrder) End(s OrderStatus, reason string, now time.Time) {
	o.Status, o.Reason, o.Closed = s, reason, now
}

// Tell adds a fact.
func (o *JobOrder) Tell(text string, now time.Time) {
	for len(o.Told) < len(o.Facts) { // told by an older program
		o.Told = append(o.Told, o.Opened)
	}
	o.Facts, o.Told = append(o.Facts, Tidy(text)), append(o.Told, now.UTC())
}

// InProcess reports whether the candidate still is in the running.
func (s *Submittal) InProcess() bool { return s.Out.IsZero() && !s.Placed }

// Submit notes that a candidate was introduced, and reports whether that is new.
func (o *JobOrder) Submit(contact string, now time.Time) bool {
	for i := range o.Submittals {
		if s := &o.Submittals[i]; s.Contact == contact {
			back := !s.Out.IsZero() // they are in the running again
			s.Out = time.Time{}
			return back
		}
	}
	o.Submittals = append(o.Submittals, Submittal{Contact: contact, Time: now})
	return true
}

// StandingOf is what the orders change about a contact's rules: an open one of the person, or
// of the company.
func StandingOf(c *Contact, orders []JobOrder) Standing {
	var st Standing
	for i := range orders {
		o := &orders[i]
		same := o.Contact == c.ID || o.Company != "" && FoldCompany(o.Company) == FoldCompany(c.Company)
		st.OpenOrder = st.OpenOrder || same && o.Status == OrderOpen
		st.PastClient = st.PastClient || same && o.Status == OrderFilled
	}
	return st
}

// Describe says the order in a line.
func (o *JobOrder) Describe() string {
	s := o.Name() + " " + o.Title
	if o.Company != "" {
		s += " @ " + o.Company
	}
	if o.Status != OrderOpen {
		s += fmt.Sprintf(" (%s)", o.Status)
	}
	return s
}

// TakeBack restores what a command changed, from was to left, and keeps what was told since.
func (o *JobOrder) TakeBack(was, left *JobOrder) {
	back := func(now *string, was, left string) {
		if *now == left {
			*now = was
		}
	}
	back(&o.Title, was.Title, left.Title)
	back(&o.Company, was.Company, left.Company)
	back(&o.Contact, was.Contact, left.Contact)
	back(&o.Reason, was.Reason, left.Reason)
	back(&o.Playbook, was.Playbook, left.Playbook)
	if o.Status == left.Status {
		o.Status = was.Status
	}
	if o.Parked == left.Parked {
		o.Parked = was.Parked
	}
	if o.Closed.Equal(left.Closed) {
		o.Closed = was.Closed
	}
	if o.Offered.Equal(left.Offered) {
		o.Offered = was.Offered
	}
	for i := len(was.Facts); i < len(left.Facts); i++ {
		for j := len(o.Facts) - 1; j >= 0; j-- {
			if o.Facts[j] == left.Facts[i] && (j >= len(o.Told) || i >= len(left.Told) || o.Told[j].Equal(left.Told[i])) {
				o.Facts = slices.Delete(slices.Clone(o.Facts), j, j+1)
				if j < len(o.Told) {
					o.Told = slices.Delete(slices.Clone(o.Told), j, j+1)
				}
				break
			}
		}
	}
	find := func(in *JobOrder, contact string) *Submittal {
		i := slices.IndexFunc(in.Submittals, func(s Submittal) bool { return s.Contact == contact })
		if i < 0 {
			return nil
		}
		return &in.Submittals[i]
	}
	o.Submittals = slices.DeleteFunc(slices.Clone(o.Submittals), func(s Submittal) bool { return find(left, s.Contact) != nil && find(was, s.Contact) == nil })
	for _, s := range was.Submittals {
		if l, now := find(left, s.Contact), find(o, s.Contact); l != nil && now != nil && *l != s {
			now.Placed, now.Out, now.Consent = s.Placed, s.Out, s.Consent
		}
	}
}

// OrderRE is a job order's name.
var OrderRE = regexp.MustCompile(`^jo-?(\d{1,6})$`)
