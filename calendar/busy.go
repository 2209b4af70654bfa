package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Interval is a stretch of time, its end not included.
type Interval struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Bounds of what a subscribed calendar may hold, and a recurrence may give.
const (
	maxSubscribed = 8 << 20
	maxInstances  = 20_000  // of one event
	maxAll        = 200_000 // of all
	maxBusy       = 10_000
)

// BusyLimit is the most that is read of a subscribed calendar.
const BusyLimit = maxSubscribed

// Busy reads when a calendar's owner is busy between two instants: its events, with their recurrences, but for those that are
// cancelled or marked as free, or left out by their UID. Floating times and whole days are the owner's, in zone. The result is in order and joined where
// it overlaps.
func Busy(data []byte, from, to time.Time, zone *time.Location, leftOut func(uid string) bool) []Interval {
	d := decoder{rules: map[string]*ruleZone{}, named: map[string]*time.Location{}}
	all := readBounded(data, bounds{object: maxSubscribed, lines: 400_000})
	for _, cal := range all {
		d.zones(cal)
	}
	d.most = maxInstances
	for i, cal := range all {
		d.stream = i
		d.events(cal, 0)
	}
	moved := map[string]map[int64]bool{} // occurrences that have an event of their own, by UID
	for i := range d.out.Events {
		e := &d.out.Events[i]
		if t, ok := d.occurrence(e, zone); ok {
			if moved[e.UID] == nil {
				moved[e.UID] = map[int64]bool{}
			}
			moved[e.UID][t.Unix()] = true
		}
	}
	var out []Interval
	left := maxAll
	for i := range d.out.Events {
		e := &d.out.Events[i]
		if e.Free || e.Status == "CANCELLED" || leftOut(e.UID) {
			continue
		}
		skip := moved[e.UID]
		if e.RecurrenceID != "" {
			skip = nil
		}
		out = append(out, e.between(from, to, zone, skip, &left)...)
		if len(out) > maxBusy {
			break
		}
	}
	return Join(out)
}

// occurrence is the instant of the occurrence that an event stands in for.
func (d *decoder) occurrence(e *Entry, zone *time.Location) (time.Time, bool) {
	if e.RecurrenceID == "" {
		return time.Time{}, false
	}
	return e.Replaces.In(zone), e.Replaces.Kind != None
}

// In is the instant of a moment, for somebody in zone; zero for none.
func (m Moment) In(zone *time.Location) time.Time {
	switch m.Kind {
	case Instant:
		return m.Time
	case Floating, Day:
		return inZone(m.Time, zone)
	}
	return time.Time{}
}

// between are the event's occurrences that touch the stretch from from to to; those in skip, by Unix time, have events of their own. left is
// how many occurrences may still be looked at.
func (e *Entry) between(from, to time.Time, zone *time.Location, skip map[int64]bool, left *int) []Interval {
	start := e.Start.In(zone)
	length := e.End.In(zone).Sub(start)
	switch {
	case start.IsZero():
		return nil
	case e.Start.Kind == Day && (e.End.Kind == None || length <= 0):
		length = 24 * time.Hour
	case length <= 0:
		return nil // a reminder
	}
	var out []Interval
	take := func(t time.Time) {
		if !skip[t.Unix()] && t.Before(to) && t.Add(length).After(from) {
			out = append(out, Interval{t.UTC(), t.Add(length).UTC()})
		}
	}
	except := map[int64]bool{}
	for _, m := range e.Except {
		except[m.In(zone).Unix()] = true
	}
	for _, t := range e.starts(start, to, left) {
		if !except[t.Unix()] {
			take(t)
		}
	}
	for _, m := range e.Dates {
		if t := m.In(zone); !except[t.Unix()] {
			take(t)
		}
	}
	return out
}

// starts are the starts of the event up to an instant. A rule that recurs more often than daily, or that can't be read, gives
// the first alone (RFC 5545, 3.3.10).
func (e *Entry) starts(first, to time.Time, left *int) []time.Time {
	if e.Rule == "" {
		return []time.Time{first}
	}
	opt, err := rrule.StrToROption(strings.TrimSuffix(strings.ToUpper(e.Rule), ";"))
	if err != nil || opt.Freq > rrule.DAILY || opt.Interval < 0 {
		return []time.Time{first}
	}
	opt.Dtstart = first
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return []time.Time{first}
	}
	var out []time.Time
	next := r.Iterator()
	for range min(maxInstances, *left) {
		*left--
		t, ok := next()
		if !ok || !t.Before(to) {
			break
		}
		out = append(out, t)
	}
	return out
}

// Join sorts intervals and joins those that overlap or touch.
func Join(in []Interval) []Interval {
	slices.SortFunc(in, func(a, b Interval) int { return a.Start.Compare(b.Start) })
	var out []Interval
	for _, i := range in {
		if n := len(out); n > 0 && !i.Start.After(out[n-1].End) {
			if i.End.After(out[n-1].End) {
				out[n-1].End = i.End
			}
			continue
		}
		out = append(out, i)
	}
	return out
}
