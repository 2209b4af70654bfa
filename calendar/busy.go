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
// cancelled or marked as free, or left out, such as those that the owner has declined. Floating times and whole days are the owner's, in zone. The
// result is in order and joined where it overlaps.
func Busy(data []byte, from, to time.Time, zone *time.Location, leftOut func(e *Entry) bool) []Interval {
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
	moved := map[string]*exceptions{}
	for i := range d.out.Events {
		e := &d.out.Events[i]
		if t, ok := d.occurrence(e, zone); ok {
			if moved[e.UID] == nil {
				moved[e.UID] = &exceptions{own: map[int64]bool{}}
			}
			moved[e.UID].add(e, t, zone)
		}
	}
	var out []Interval
	left := maxAll
	for i := range d.out.Events {
		e := &d.out.Events[i]
		if e.Free || e.Status == "CANCELLED" || leftOut(e) {
			continue
		}
		x := moved[e.UID]
		if e.RecurrenceID != "" {
			x = nil
		}
		out = append(out, e.between(from, to, zone, x, &left)...)
		if len(out) > maxBusy {
			break
		}
	}
	return Join(out)
}

// exceptions are what becomes of a series' occurrences.
type exceptions struct {
	own   map[int64]bool // those that have events of their own, by Unix time
	later []shift        // from which on all others are moved, in order
}

// shift moves the occurrences from an instant on.
type shift struct {
	from   time.Time
	by     time.Duration
	length time.Duration
	off    bool // they fall out
}

// add notes that an event stands in for the occurrence at t, and for all later ones if it says so.
func (x *exceptions) add(e *Entry, t time.Time, zone *time.Location) {
	x.own[t.Unix()] = true
	if !e.AndLater {
		return
	}
	start := e.Start.In(zone)
	x.later = append(x.later, shift{from: t, by: start.Sub(t), length: e.End.In(zone).Sub(start), off: e.Status == "CANCELLED"})
	slices.SortFunc(x.later, func(a, b shift) int { return a.from.Compare(b.from) })
}

// where is the interval of the occurrence at t; false if there is none.
func (x *exceptions) where(t time.Time, length time.Duration) (Interval, bool) {
	if x == nil {
		return Interval{t, t.Add(length)}, true
	}
	if x.own[t.Unix()] {
		return Interval{}, false
	}
	for i := len(x.later) - 1; i >= 0; i-- {
		if s := x.later[i]; t.After(s.from) {
			if s.length > 0 {
				length = s.length
			}
			return Interval{t.Add(s.by), t.Add(s.by + length)}, !s.off
		}
	}
	return Interval{t, t.Add(length)}, true
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

// between are the event's occurrences that touch the stretch from from to to, with what becomes of them. left is how many occurrences may
// still be looked at.
func (e *Entry) between(from, to time.Time, zone *time.Location, x *exceptions, left *int) []Interval {
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
		if i, ok := x.where(t, length); ok && i.Start.Before(to) && i.End.After(from) {
			out = append(out, Interval{i.Start.UTC(), i.End.UTC()})
		}
	}
	for _, t := range e.starts(start, to, left) {
		if !e.excepts(t, zone) {
			take(t)
		}
	}
	for _, m := range e.Dates {
		if t := m.In(zone); !e.excepts(t, zone) {
			take(t)
		}
	}
	return out
}

// excepts reports whether the occurrence at t falls out (EXDATE). One that names a day means the occurrence of that day.
func (e *Entry) excepts(t time.Time, zone *time.Location) bool {
	return slices.ContainsFunc(e.Except, func(m Moment) bool {
		at := m.In(zone)
		if m.Kind == Day && e.Start.Kind != Day {
			y, mo, d := t.In(e.Start.In(zone).Location()).Date()
			return m.Time.Year() == y && m.Time.Month() == mo && m.Time.Day() == d
		}
		return at.Equal(t)
	})
}

// Occurs reports whether a series has an occurrence at an instant: its rule gives it, and it was not taken out.
func (e *Entry) Occurs(at time.Time, zone *time.Location) bool {
	left := maxInstances
	for _, t := range e.starts(e.Start.In(zone), at.Add(time.Second), &left) {
		if t.Equal(at) {
			return !e.excepts(t, zone)
		}
	}
	return slices.ContainsFunc(e.Dates, func(m Moment) bool { return m.In(zone).Equal(at) }) && !e.excepts(at, zone)
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
