package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Span is a stretch of a day, in minutes from midnight by the wall clock.
type Span struct {
	From, To int
}

// ParseSpan reads "09:00-17:30".
func ParseSpan(s string) (Span, error) {
	from, to, ok := strings.Cut(strings.ReplaceAll(s, " ", ""), "-")
	f, err1 := ParseClock(from)
	t, err2 := ParseClock(to)
	if !ok || err1 != nil || err2 != nil || f >= t {
		return Span{}, fmt.Errorf("%q is not a span like \"09:00-17:30\"", s)
	}
	return Span{f, t}, nil
}

// ParseClock reads "07:30" as minutes from midnight; "24:00" is the day's end.
func ParseClock(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	hh, err1 := strconv.Atoi(h)
	mm, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || len(m) != 2 || hh < 0 || mm < 0 || mm > 59 || hh*60+mm > 24*60 {
		return 0, fmt.Errorf("%q is not a time of day like \"07:30\"", s)
	}
	return hh*60 + mm, nil
}

// Hours are the working hours of somebody in a zone.
type Hours struct {
	Zone *time.Location
	Week [7][]Span // by time.Weekday; breaks are the gaps
	Slot time.Duration
	Free func(day time.Time) bool // holidays and days off; day is midnight UTC of the date

	Focus [7][]Span  // kept free of callbacks, though worked
	Busy  []Interval // meetings, in order and not overlapping
}

// OfficeHours are Monday to Friday, 09:00 to 17:30, in slots of a quarter of an hour.
func OfficeHours(zone *time.Location) *Hours {
	h := &Hours{Zone: zone, Slot: 15 * time.Minute}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Week[d] = []Span{{9 * 60, 17*60 + 30}}
	}
	return h
}

// Workday reports whether the day (midnight UTC of its date) has working hours.
func (h *Hours) Workday(day time.Time) bool {
	return len(h.Week[day.Weekday()]) > 0 && (h.Free == nil || !h.Free(day))
}

// Slots are the starts of the day's slots in order. Slots that a daylight-saving gap skips
// are left out, those that occur twice are given once.
func (h *Hours) Slots(day time.Time) []time.Time {
	if !h.Workday(day) {
		return nil
	}
	step := max(int(h.Slot/time.Minute), 1)
	var out []time.Time
	for _, sp := range h.Week[day.Weekday()] {
		for m := sp.From; m+step <= sp.To; m += step {
			t := time.Date(day.Year(), day.Month(), day.Day(), m/60, m%60, 0, 0, h.Zone)
			if t.Hour() != m/60 || t.Minute() != m%60 {
				continue
			}
			if n := len(out); n > 0 && !t.After(out[n-1]) {
				continue
			}
			if h.focused(day.Weekday(), m, m+step) || h.busy(t, t.Add(time.Duration(step)*time.Minute)) {
				continue
			}
			out = append(out, t)
		}
	}
	return out
}

// focused reports whether the minutes of a weekday touch a focus block.
func (h *Hours) focused(day time.Weekday, from, to int) bool {
	for _, f := range h.Focus[day] {
		if from < f.To && to > f.From {
			return true
		}
	}
	return false
}

// busy reports whether a stretch touches a meeting.
func (h *Hours) busy(from, to time.Time) bool {
	i, _ := slices.BinarySearchFunc(h.Busy, from, func(b Interval, t time.Time) int {
		if b.End.After(t) {
			return 1
		}
		return -1
	})
	return i < len(h.Busy) && h.Busy[i].Start.Before(to)
}
