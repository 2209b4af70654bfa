package calendar

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
)

// oddZones are the zones VTIMEZONE is held against: plain ones, both hemispheres, and every oddity known.
var oddZones = []string{
	"UTC", "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", // none since 2000
	"Europe/London", "Europe/Berlin", "Europe/Lisbon", "Atlantic/Azores", "America/New_York", "America/Los_Angeles", "America/Phoenix",
	"America/St_Johns",                                         // at 00:01 until 2011, half an hour off
	"Australia/Sydney", "Pacific/Auckland", "America/Asuncion", // summer over new year; in Paraguay for good since 2024
	"Australia/Lord_Howe", "Antarctica/Troll", // by half an hour, by two hours
	"Europe/Dublin", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Windhoek", "Europe/Prague", // winter time, Ramadan
	"Asia/Pyongyang", "Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kwajalein", // other standard times, skipped days
	"Europe/Istanbul", "America/Caracas", "Europe/Moscow", "Europe/Volgograd", "Asia/Colombo", "Asia/Dhaka", "Asia/Karachi", "Africa/Juba", "Africa/Sao_Tome",
	"Asia/Jerusalem", "America/Nuuk", "America/Scoresbysund", "America/Santiago", "Pacific/Easter", "Asia/Beirut", // on or after a day, at 24:00 or -1:00
	"Asia/Gaza", "Africa/Cairo", "Asia/Tehran", "Asia/Amman", "Asia/Damascus", // twice a year, over a month's end, by another calendar
	"America/Havana", "America/Sao_Paulo", "America/Mexico_City", "America/Tijuana", "Pacific/Norfolk", "Pacific/Fiji", "Pacific/Chatham",
	"Antarctica/Casey", "Asia/Almaty", "America/Metlakatla", "America/Port-au-Prince", "Pacific/Bougainville",
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func newYear(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

// zoneOnset is an instant at which an observance begins, as the text tells it or as Go's zone data do.
type zoneOnset struct {
	at       int64
	from, to int
	name     string
	daylight bool
}

func (o zoneOnset) String() string {
	return fmt.Sprintf("%s %+d to %+d %s %v", time.Unix(o.at, 0).UTC().Format(time.RFC3339), o.from, o.to, o.name, o.daylight)
}

// scanZone finds the transitions after from and not after to in Go's zone data, a day at a time and
// then by halves, without the bounds that Go tells.
func scanZone(zone *time.Location, from, to time.Time) []zoneOnset {
	state := func(sec int64) zoneState { return stateAt(time.Unix(sec, 0).In(zone)) }
	var out []zoneOnset
	for lo := from.Unix(); lo < to.Unix(); {
		hi := min(lo+86400, to.Unix())
		next := hi
		if was := state(lo); was != state(hi) {
			for a := lo; hi-a > 1; {
				if mid := (a + hi) / 2; state(mid) == was {
					a = mid
				} else {
					hi = mid
				}
			}
			now := state(hi)
			out = append(out, zoneOnset{hi, was.offset, now.offset, now.name, now.daylight})
			next = hi
		}
		lo = next
	}
	return out
}

// evaluate expands a VTIMEZONE up to a year, by the letter of RFC 5545, 3.6.5, and in order.
func evaluate(t testing.TB, text []byte, lastYear int) []zoneOnset {
	t.Helper()
	var out []zoneOnset
	var one zoneOnset
	var local []time.Time
	var rule string
	read := func(v string) time.Time {
		at, err := time.Parse("20060102T150405", v)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\r\n ", "")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\r\n"), ":")
		switch name {
		case "BEGIN":
			one, local, rule = zoneOnset{daylight: value == "DAYLIGHT"}, nil, ""
		case "DTSTART", "RDATE":
			local = append(local, read(value))
		case "RRULE":
			rule = value
		case "TZOFFSETFROM":
			one.from = testOffset(t, value)
		case "TZOFFSETTO":
			one.to = testOffset(t, value)
		case "TZNAME":
			one.name = value
		case "END":
			if rule != "" {
				local = expandRule(t, local[0], rule, one.from, lastYear)
			}
			for _, l := range local {
				one.at = l.Unix() - int64(one.from)
				out = append(out, one)
			}
			local, rule = nil, ""
		}
	}
	slices.SortFunc(out, func(a, b zoneOnset) int { return int(a.at - b.at) })
	return out
}

func testOffset(t testing.TB, v string) int {
	t.Helper()
	if len(v) == 5 {
		v += "00"
	}
	var sign rune
	var h, m, s int
	if n, err := fmt.Sscanf(v, "%c%2d%2d%2d", &sign, &h, &m, &s); n != 4 || err != nil || len(v) != 7 || m > 59 || s > 59 || v == "-000000" {
		t.Fatalf("offset %q: %v", v, err)
	}
	if s += h*3600 + m*60; sign == '-' {
		return -s
	}
	return s
}

func expandRule(t testing.TB, start time.Time, text string, from, lastYear int) []time.Time {
	t.Helper()
	opt, err := rrule.StrToROption(text)
	if err != nil {
		t.Fatal(err)
	}
	opt.Dtstart = start
	if !opt.Until.IsZero() {
		opt.Until = opt.Until.Add(time.Duration(from) * time.Second)
	}
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		t.Fatal(err)
	}
	days := r.Between(start, newYear(lastYear+1), true)
	if len(days) == 0 || !days[0].Equal(start) {
		t.Errorf("%s doesn't begin at DTSTART %v", text, start)
	}
	return days
}

// samples are instants of the window: its ends, all round each transition, and every month.
func samples(onsets []zoneOnset, from, to time.Time) []int64 {
	out := []int64{from.Unix(), to.Unix()}
	for _, o := range onsets {
		out = append(out, o.at-3600, o.at-1, o.at, o.at+1, o.at+3600)
	}
	for at := from; !at.After(to); at = at.AddDate(0, 1, 0) {
		out = append(out, at.Unix())
	}
	return slices.DeleteFunc(out, func(s int64) bool { return s < from.Unix() || s > to.Unix() })
}

func checkZone(t *testing.T, zone *time.Location, from, to time.Time) {
	t.Helper()
	text := VTimezone(zone, from, to)
	defer func() {
		t.Helper()
		if t.Failed() {
			t.Logf("%s, %v to %v\n%s", zone, from, to, text)
		}
	}()
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\r\n")) || len(line) > 77 {
			t.Errorf("line %q", line)
		}
	}
	if !bytes.HasPrefix(text, []byte("BEGIN:VTIMEZONE\r\nTZID:"+zone.String()+"\r\n")) || !bytes.HasSuffix(text, []byte("\r\nEND:VTIMEZONE\r\n")) {
		t.Error("no VTIMEZONE")
	}
	told, want := evaluate(t, text, to.Year()+1), scanZone(zone, from, to)
	var inside []zoneOnset
	for _, o := range told {
		if o.at > from.Unix() && o.at <= to.Unix() {
			inside = append(inside, o)
		}
	}
	if !slices.Equal(inside, want) {
		t.Errorf("told %v\nwant %v", inside, want)
	}
	for _, at := range samples(want, from, to) {
		i, _ := slices.BinarySearchFunc(told, at+1, func(o zoneOnset, at int64) int { return int(o.at - at) })
		moment := time.Unix(at, 0).In(zone)
		if i == 0 {
			t.Fatalf("%v is before every observance", moment)
		}
		o := told[i-1]
		if (zoneState{o.name, o.to, o.daylight}) != stateAt(moment) {
			t.Errorf("%v: %v", moment, o)
		}
	}
}

func TestVTimezoneAgainstZoneData(t *testing.T) {
	for _, name := range oddZones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone := mustZone(t, name)
			checkZone(t, zone, newYear(2000), newYear(2040))
			checkZone(t, zone, newYear(2036), newYear(2062)) // past the tables
			for year := 2001; year < 2040; year += 6 {       // as narrow as a feed's
				from := time.Date(year, time.Month(year%12+1), year%28+1, 7, 8, 9, 10, time.UTC)
				checkZone(t, zone, from, from.AddDate(0, 6, 0))
			}
			for _, o := range scanZone(zone, newYear(2000), newYear(2040)) { // ends on a transition
				at := time.Unix(o.at, 0)
				checkZone(t, zone, at, at)
				checkZone(t, zone, at.AddDate(0, -2, 0), at.Add(-time.Second))
			}
		})
	}
}

// TestVTimezoneLongAgo: mean times of towns have seconds.
func TestVTimezoneLongAgo(t *testing.T) {
	for _, name := range []string{"Europe/Amsterdam", "Europe/Dublin", "Europe/Paris", "Africa/Monrovia", "America/New_York", "Asia/Manila", "Pacific/Apia", "Europe/Warsaw"} {
		zone := mustZone(t, name)
		checkZone(t, zone, newYear(1880), newYear(1975))
		checkZone(t, zone, newYear(1935), newYear(1946))
		checkZone(t, zone, newYear(1970), newYear(1973))
	}
	if text := VTimezone(mustZone(t, "Europe/Dublin"), newYear(1900), newYear(1920)); !bytes.Contains(text, []byte("TZOFFSETFROM:-002521\r\nTZOFFSETTO:+003439\r\n")) {
		t.Errorf("%s", text)
	}
}

func TestVTimezoneText(t *testing.T) {
	block := func(kind string, lines ...string) string {
		return "BEGIN:" + kind + "\n" + strings.Join(lines, "\n") + "\nEND:" + kind + "\n"
	}
	london := block("DAYLIGHT", "DTSTART:19810329T010000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0100", "TZNAME:BST") +
		block("STANDARD", "DTSTART:19961027T020000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0000", "TZNAME:GMT")
	for _, c := range []struct {
		zone     string
		from, to int
		want     string
	}{
		{"Europe/London", 2020, 2040, london},
		{"Europe/London", 2026, 2026, london},
		{"UTC", 2000, 2040, block("STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "TZNAME:UTC")},
		{"Asia/Tokyo", 2000, 2040, block("STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0900", "TZNAME:JST")},
		{"America/New_York", 2008, 2040, block("DAYLIGHT", "DTSTART:20070311T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "TZNAME:EDT") +
			block("STANDARD", "DTSTART:20071104T020000", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "TZNAME:EST")},
		{"Asia/Jerusalem", 2026, 2027, block("DAYLIGHT", "DTSTART:20130329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0300", "TZNAME:IDT") +
			block("STANDARD", "DTSTART:20131027T020000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0300", "TZOFFSETTO:+0200", "TZNAME:IST")},
		{"Europe/Istanbul", 2016, 2020, block("STANDARD", "DTSTART:20151108T040000", "TZOFFSETFROM:+0300", "TZOFFSETTO:+0200", "TZNAME:EET") +
			block("DAYLIGHT", "DTSTART:20160327T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0300", "TZNAME:EEST") +
			block("STANDARD", "DTSTART:20160907T000000", "TZOFFSETFROM:+0300", "TZOFFSETTO:+0300", "TZNAME:+03")},
		{"Pacific/Apia", 2011, 2012, block("STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:-1100", "TZOFFSETTO:-1100", "TZNAME:-11") +
			block("DAYLIGHT", "DTSTART:20100926T000000", "RDATE:20110924T030000", "TZOFFSETFROM:-1100", "TZOFFSETTO:-1000", "TZNAME:-10") +
			block("STANDARD", "DTSTART:20110402T040000", "TZOFFSETFROM:-1000", "TZOFFSETTO:-1100", "TZNAME:-11") +
			block("DAYLIGHT", "DTSTART:20111230T000000", "TZOFFSETFROM:-1000", "TZOFFSETTO:+1400", "TZNAME:+14")},
	} {
		text := VTimezone(mustZone(t, c.zone), newYear(c.from), newYear(c.to))
		want := strings.ReplaceAll("BEGIN:VTIMEZONE\nTZID:"+c.zone+"\n"+c.want+"END:VTIMEZONE\n", "\n", "\r\n")
		if got := strings.ReplaceAll(string(text), "\r\n ", ""); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	}
}

// TestVTimezoneEnds: a rule that was given up within the window has an end in UTC, not before the last onset on any clock.
func TestVTimezoneEnds(t *testing.T) {
	for zone, want := range map[string]string{
		"America/Sao_Paulo":   "BYDAY=3SU;UNTIL=20171015T030000Z",
		"America/Mexico_City": "BYDAY=1SU;UNTIL=20220403T080000Z",
		"Europe/Moscow":       "BYDAY=-1SU;UNTIL=20101031T030000Z",
	} {
		text := strings.ReplaceAll(string(VTimezone(mustZone(t, zone), newYear(2000), newYear(2040))), "\r\n ", "")
		if !strings.Contains(text, want) || strings.Count(text, "RRULE") != strings.Count(text, "UNTIL") {
			t.Errorf("%s", text)
		}
	}
}

// TestVTimezoneGoesOn: a rule that has held for a year or two when the window ends is told as it is meant.
func TestVTimezoneGoesOn(t *testing.T) {
	zone := mustZone(t, "America/Nuuk") // a new rule in 2024
	from, end := newYear(2024), newYear(2060)
	told := evaluate(t, VTimezone(zone, from, newYear(2025)), 2059)
	told = slices.DeleteFunc(told, func(o zoneOnset) bool { return o.at <= from.Unix() })
	if want := scanZone(zone, from, end); !slices.Equal(told, want) {
		t.Errorf("told %v\nwant %v", told, want)
	}
}

func TestVTimezoneReversed(t *testing.T) {
	zone := mustZone(t, "Europe/London")
	if got, want := VTimezone(zone, newYear(2026), newYear(1971)), VTimezone(zone, newYear(2026), newYear(2026)); !bytes.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestVTimezoneIsRead: what is written here is understood by the package's own reader.
func TestVTimezoneIsRead(t *testing.T) {
	from, to := newYear(2000), newYear(2040)
	for _, name := range oddZones {
		zone := mustZone(t, name)
		read := readZone(readComponents(VTimezone(zone, from, to))[0])
		for at := from.AddDate(0, 0, 1); at.Before(to); at = at.AddDate(0, 0, 11) {
			near := scanZone(zone, at.AddDate(0, 0, -2), at.AddDate(0, 0, 2))
			want := at.In(zone)
			y, m, d := want.Date()
			local := time.Date(y, m, d, want.Hour(), want.Minute(), want.Second(), 0, time.UTC)
			if got := read.at(local); len(near) == 0 && !got.Equal(want) {
				t.Fatalf("%s: %v read as %v", name, want, got)
			}
		}
	}
}

func BenchmarkVTimezone(b *testing.B) {
	zone := mustZone(b, "Europe/London")
	for b.Loop() {
		VTimezone(zone, feedNow, feedNow.AddDate(0, 6, 0))
	}
}
