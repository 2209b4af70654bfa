package desk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MonthDay is a day that comes once a month, such as the second Tuesday.
type MonthDay struct {
	Nth int // 1 to 4, or -1 for the last
	Day time.Weekday
}

var nthWords = map[string]int{"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": -1}

// ParseMonthDay reads "second tue" or "last thu".
func ParseMonthDay(s string) (MonthDay, error) {
	nth, day, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), " ")
	n, ok := nthWords[nth]
	day = strings.TrimSpace(day)
	for w := time.Sunday; ok && w <= time.Saturday; w++ {
		if name := strings.ToLower(w.String()); len(day) >= 3 && strings.HasPrefix(name, day) {
			return MonthDay{n, w}, nil
		}
	}
	return MonthDay{}, errors.New("say it like \"second tue\" or \"last thu\"")
}

// In is the day in a month, or the working day next to it: before it at the month's end, else after it.
func (m MonthDay) In(env Env, month Date) Date {
	first := MonthStart(month)
	d := first.AddDays((int(m.Day) - int(first.UTC().Weekday()) + 7) % 7)
	if m.Nth > 0 {
		return env.WorkdayOnOrAfter(d.AddDays(7 * (m.Nth - 1)))
	}
	for d.AddDays(7).Month == first.Month {
		d = d.AddDays(7)
	}
	return env.workdayOnOrBefore(d)
}

// NextMonth is the first day of the month after a day's.
func NextMonth(d Date) Date { return MonthStart(MonthStart(d).AddDays(31)) }

// Prospect is somebody who may be put on a list of calls.
type Prospect struct {
	Contact *Contact
	Touches []Touch // sorted
	Call    *Callback
	Light   Light  // of the company
	Order   string // the open order that is theirs, such as "JO7 Welder, A"; "" for none
	Rank    string // of that order
}

// Listed is one line of a list of calls.
type Listed struct {
	Contact *Contact
	Why     string
}

// The sessions of a sales day, each with its own list.
const (
	SessionOverdue = iota
	SessionRed
	SessionOrders
	SessionCandidates
	Sessions
)

// SessionTitle names a session.
func SessionTitle(n int) string {
	return []string{"overdue calls", "red targets", "open orders", "candidates to market"}[n]
}

// mostListed is how many calls a session of 90 minutes has room for.
const mostListed = 20

// SalesLists ranks whom to call in the sessions of a sales day. Nobody stands on two lists: the earlier session has them.
func SalesLists(env Env, day Date, people []Prospect) [Sessions][]Listed {
	type ranked struct {
		Listed
		by time.Time // the earlier, the sooner
	}
	var lists [Sessions][]ranked
	for i := range people {
		p := &people[i]
		if !p.Contact.Callable() {
			continue
		}
		spoke := LastConversation(p.Touches)
		since := "never spoken to"
		if !spoke.IsZero() {
			since = "spoke on " + DateOf(spoke.In(env.Zone)).Say()
		}
		switch {
		case p.Call.Open() && p.Call.Due.Before(day):
			lists[SessionOverdue] = append(lists[SessionOverdue], ranked{Listed{p.Contact, "due " + p.Call.Due.Say() + ", " + p.Call.Reason}, p.Call.Due.UTC()})
		case p.Contact.IsTarget() && p.Light == Red:
			lists[SessionRed] = append(lists[SessionRed], ranked{Listed{p.Contact, "red, " + since}, spoke})
		case p.Contact.IsTarget() && p.Order != "":
			by := spoke
			if p.Rank != "A" { // those of rank A first
				by = by.AddDate(1000, 0, 0)
			}
			lists[SessionOrders] = append(lists[SessionOrders], ranked{Listed{p.Contact, p.Order + ", " + since}, by})
		case p.Contact.Has(RoleCandidate) && !spoke.IsZero() && env.Now.Sub(spoke) < 90*24*time.Hour:
			lists[SessionCandidates] = append(lists[SessionCandidates], ranked{Listed{p.Contact, since}, time.Unix(-spoke.Unix(), 0)})
		}
	}
	var out [Sessions][]Listed
	for n := range lists {
		slices.SortFunc(lists[n], func(a, b ranked) int { return cmp.Or(a.by.Compare(b.by), cmp.Compare(a.Contact.ID, b.Contact.ID)) })
		for _, r := range lists[n][:min(len(lists[n]), mostListed)] {
			out[n] = append(out[n], r.Listed)
		}
	}
	return out
}

// ReviewList are the decision makers without a conversation within the cycle, those longest without one first: what a month begins with.
func ReviewList(env Env, people []Prospect) []Listed {
	type old struct {
		Listed
		spoke time.Time
	}
	var all []old
	for i := range people {
		p := &people[i]
		if !p.Contact.Has(RoleDecisionMaker) || !p.Contact.OwesCycle() {
			continue
		}
		spoke := LastConversation(p.Touches)
		if !spoke.IsZero() && env.Today().DaysSince(DateOf(spoke.In(env.Zone))) < env.Settings.CycleDays {
			continue
		}
		why := "never spoken to"
		if !spoke.IsZero() {
			why = fmt.Sprintf("%d days since %s", env.Today().DaysSince(DateOf(spoke.In(env.Zone))), DateOf(spoke.In(env.Zone)).Say())
		}
		if p.Call.Open() {
			why += ", call on " + DateOf(p.Call.Start.In(env.Zone)).Say()
		}
		all = append(all, old{Listed{p.Contact, why}, spoke})
	}
	slices.SortFunc(all, func(a, b old) int { return cmp.Or(a.spoke.Compare(b.spoke), cmp.Compare(a.Contact.ID, b.Contact.ID)) })
	out := make([]Listed, 0, len(all))
	for _, o := range all {
		out = append(out, o.Listed)
	}
	return out
}

// Tally counts what a session brought: conversations, and tries.
type Tally struct{ Conversations, Tries int }

// Count adds a touch that happened between two instants.
func (t *Tally) Count(x *Touch, from, to time.Time) {
	switch {
	case x.Time.Before(from) || !x.Time.Before(to):
	case x.Kind == KindConversation:
		t.Conversations++
	case x.Outcome == OutcomeNoAnswer || x.Outcome == OutcomeLeftMessage:
		t.Tries++
	}
}

// TenBeforeTen is how many conversations a sales day should bring before ten o'clock.
const TenBeforeTen = 10

// String is "3 conversations, 1 try".
func (t Tally) String() string {
	out := strconv.Itoa(t.Conversations) + " conversations"
	if t.Conversations == 1 {
		out = "1 conversation"
	}
	if t.Tries == 1 {
		return out + ", 1 try"
	}
	return out + ", " + strconv.Itoa(t.Tries) + " tries"
}
