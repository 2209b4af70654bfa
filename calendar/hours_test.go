package calendar

import (
	"testing"
	"time"
)

func TestSlots(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	h := OfficeHours(london)
	h.Free = func(day time.Time) bool { return day.Month() == time.December && day.Day() == 25 }
	for _, c := range []struct {
		day  string
		n    int
		last string
	}{
		{"2026-03-02", 34, "2026-03-02T17:15:00Z"},      // Monday
		{"2026-03-01", 0, ""},                           // Sunday
		{"2026-12-25", 0, ""},                           // a free Friday
		{"2026-03-30", 34, "2026-03-30T17:15:00+01:00"}, // the first Monday of summer time
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		s := h.Slots(day)
		if len(s) != c.n || c.n > 0 && s[c.n-1].Format(time.RFC3339) != c.last {
			t.Errorf("%s: %d slots, %v", c.day, len(s), s)
		}
	}
}

// TestSlotsOverGap: slots that daylight saving skips are left out, none is given twice.
func TestSlotsOverGap(t *testing.T) {
	for _, zone := range []string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		h := &Hours{Zone: loc, Slot: 15 * time.Minute}
		for d := range 7 {
			h.Week[d] = []Span{{0, 24 * 60}}
		}
		for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == 2026; day = day.AddDate(0, 0, 1) {
			last := time.Time{}
			for _, s := range h.Slots(day) {
				if !s.After(last) || s.Day() != day.Day() {
					t.Fatalf("%s %s: slot %s after %s", zone, day, s, last)
				}
				last = s
			}
		}
	}
}

func TestParseSpan(t *testing.T) {
	if s, err := ParseSpan("09:00 - 17:30"); err != nil || s != (Span{540, 1050}) {
		t.Error(s, err)
	}
	for _, bad := range []string{"", "9-17", "17:00-09:00", "09:00-25:00", "09:60-10:00", "x"} {
		if _, err := ParseSpan(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
