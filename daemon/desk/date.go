package desk

import (
	"fmt"
	"time"
)

// Date is a day in the calendar, without time or zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day on which t falls in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// NewDate makes a date; unlike time.Date it refuses days that don't exist, such as 31 April.
func NewDate(year int, month time.Month, day int) (Date, bool) {
	d := DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	return d, d == Date{year, month, day}
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date like 2026-03-16", s)
	}
	return DateOf(t), nil
}

// UTC is midnight UTC of the day: how a date crosses package borders.
func (d Date) UTC() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// At is the instant of the wall-clock time in zone. A time that a daylight-saving gap
// skips becomes the first instant after the gap; one that occurs twice is the first.
func (d Date) At(hour, minute int, zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, zone)
	if t.Hour() != hour || t.Minute() != minute { // in a gap: time.Date may land on either side
		before := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, time.UTC).Add(-25 * time.Hour)
		t = firstInstantFrom(before, d, hour, minute, zone)
	}
	if earlier := t.Add(-time.Hour); earlier.Hour() == hour && earlier.Minute() == minute && DateOf(earlier) == d {
		return earlier
	}
	return t
}

// firstInstantFrom steps by minutes of 15 to the first instant whose wall clock is not before the one asked for.
func firstInstantFrom(from time.Time, d Date, hour, minute int, zone *time.Location) time.Time {
	want := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, time.UTC)
	t := from.In(zone)
	for range 4 * 60 {
		wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
		if !wall.Before(want) {
			return t
		}
		t = t.Add(15 * time.Minute)
	}
	return t
}

// AddDays is the date n days later; n may be negative.
func (d Date) AddDays(n int) Date { return DateOf(d.UTC().AddDate(0, 0, n)) }

// AddMonths is the same day n months later, clamped to that month's last day.
func (d Date) AddMonths(n int) Date {
	first := DateOf(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	return Date{first.Year, first.Month, min(d.Day, first.LastOfMonth().Day)}
}

// LastOfMonth is the last day of d's month.
func (d Date) LastOfMonth() Date {
	return DateOf(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC))
}

// Weekday is d's day of the week.
func (d Date) Weekday() time.Weekday { return d.UTC().Weekday() }

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.UTC().Before(e.UTC()) }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return d == Date{} }

// DaysSince is the number of days from e to d.
func (d Date) DaysSince(e Date) int { return int(d.UTC().Sub(e.UTC()).Hours() / 24) }

// String is YYYY-MM-DD, empty for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(b))
	*d = v
	return err
}
