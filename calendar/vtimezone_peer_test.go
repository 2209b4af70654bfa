package calendar

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// peerZone is one zone for a peer: a calendar, and what Go's zone data say of instants and of the events in it.
type peerZone struct {
	TZID    string
	Text    string
	Instant []int64
	Event   []int64 // the starts of the calendar's events, in order
	offset  []int
}

// newPeerZone takes the rules from rules and the truth from zone. The name is one that no peer has data for, nor has
// kept any under.
func newPeerZone(rules, zone *time.Location, from, to time.Time) peerZone {
	p := peerZone{TZID: fmt.Sprintf("/fifthcall/%s/%d-%d/%s", rules, from.Unix(), to.Unix(), zone)}
	onsets := scanZone(zone, from, to)
	p.Instant = samples(onsets, from, to)
	for _, at := range p.Instant {
		_, offset := time.Unix(at, 0).In(zone).Zone()
		p.offset = append(p.offset, offset)
	}
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n")
	b.WriteString(strings.Replace(string(VTimezone(rules, from, to)), "TZID:"+rules.String(), "TZID:"+p.TZID, 1))
	for _, o := range onsets {
		for _, days := range []int64{-2, 2} { // no local time that is none, or two
			at := o.at + days*86400
			if at <= from.Unix() || at >= to.Unix() {
				continue
			}
			p.Event = append(p.Event, at)
			fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=%s:%s\r\nEND:VEVENT\r\n", at, p.TZID, time.Unix(at, 0).In(zone).Format("20060102T150405"))
		}
	}
	b.WriteString("END:VCALENDAR\r\n")
	p.Text = b.String()
	return p
}

// peerSays is what a peer makes of a zone: the offsets at its instants, if it can be asked for them, and the starts
// of its events.
type peerSays struct {
	Offset []int
	Event  []int64
}

// askPeer runs a Python script that reads zones, and gives what it says of each; the test is skipped when the
// script's modules are missing, and fails with FIFTHCALL_REQUIRE_PEERS=1.
func askPeer(t *testing.T, imports, script string, zones []peerZone) []peerSays {
	t.Helper()
	if out, err := exec.Command("/usr/bin/python3", "-c", imports).CombinedOutput(); err != nil {
		if os.Getenv("FIFTHCALL_REQUIRE_PEERS") == "1" {
			t.Fatalf("a peer is not installed, and FIFTHCALL_REQUIRE_PEERS=1: %v\n%s", err, out)
		}
		t.Skipf("a peer is not installed: %v", err)
	}
	in, err := json.Marshal(zones)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", imports+script)
	var out, trouble bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &trouble
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, trouble.Bytes())
	}
	var said []peerSays
	if err := json.Unmarshal(out.Bytes(), &said); err != nil || len(said) != len(zones) {
		t.Fatalf("%d zones, %v\n%s", len(said), err, trouble.Bytes())
	}
	return said
}

// differences are where the peer's answers are others than Go's zone data give.
func (p *peerZone) differences(said peerSays) []string {
	if said.Offset != nil && len(said.Offset) != len(p.Instant) || len(said.Event) != len(p.Event) {
		return []string{fmt.Sprintf("%s: %d of %d offsets, %d of %d events", p.TZID, len(said.Offset), len(p.Instant), len(said.Event), len(p.Event))}
	}
	var out []string
	for i, at := range p.Instant[:len(said.Offset)] {
		if said.Offset[i] != p.offset[i] {
			out = append(out, fmt.Sprintf("%s at %v: offset %d, want %d", p.TZID, time.Unix(at, 0).UTC(), said.Offset[i], p.offset[i]))
		}
	}
	for i, at := range p.Event {
		if said.Event[i] != at {
			out = append(out, fmt.Sprintf("%s: event at %v, want %v", p.TZID, time.Unix(said.Event[i], 0).UTC(), time.Unix(at, 0).UTC()))
		}
	}
	return out
}

const libicalImports = `
import gi, json, sys
gi.require_version('ICalGLib', '3.0')
from gi.repository import ICalGLib as ical
`

const libicalScript = `
utc = ical.Timezone.get_utc_timezone()
said = []
for z in json.load(sys.stdin):
    cal = ical.Component.new_from_string(z['Text'])
    tz = cal.get_timezone(z['TZID'])
    offsets = [tz.get_utc_offset_of_utc_time(ical.Time.new_from_timet_with_zone(at, 0, utc))[0] for at in z['Instant']]
    starts, ev = [], cal.get_first_component(ical.ComponentKind.VEVENT_COMPONENT)
    while ev:
        start = ev.get_dtstart()
        starts.append(start.as_timet_with_zone(start.get_timezone()))
        ev = cal.get_next_component(ical.ComponentKind.VEVENT_COMPONENT)
    said.append({'Offset': offsets, 'Event': starts})
json.dump(said, sys.stdout)
`

func TestVTimezoneByLibical(t *testing.T) {
	checkByPeer(t, libicalImports, libicalScript, slices.Concat(wideZones(t), narrowZones(t)))
}

const dateutilImports = `
import datetime, io, json, re, sys, dateutil.tz
`

const dateutilScript = `
said = []
for z in json.load(sys.stdin):
    tz = dateutil.tz.tzical(io.StringIO(z['Text'])).get(z['TZID'])
    starts = re.findall('DTSTART;TZID=.*:([0-9T]+)', z['Text'].replace('\r', ''))
    said.append({'Event': [int(datetime.datetime.strptime(s, '%Y%m%dT%H%M%S').replace(tzinfo=tz).timestamp()) for s in starts]})
json.dump(said, sys.stdout)
`

// TestVTimezoneByDateutil asks the library that vobject stands on.
func TestVTimezoneByDateutil(t *testing.T) {
	checkByPeer(t, dateutilImports, dateutilScript, slices.Concat(wideZones(t), narrowZones(t)))
}

const icalendarImports = `
import icalendar, json, sys
`

const icalendarScript = `
said = []
for z in json.load(sys.stdin):
    events = icalendar.Calendar.from_ical(z['Text']).walk('VEVENT')
    said.append({'Event': [int(e['DTSTART'].dt.timestamp()) for e in events]})
json.dump(said, sys.stdout)
`

// TestVTimezoneByIcalendar asks the library that khal stands on, which in its version 4 can't read an end in UTC.
func TestVTimezoneByIcalendar(t *testing.T) {
	// it knows observances by their TZNAME, and Scoresbysund's -01 is both standard and daylight time
	zones := slices.DeleteFunc(narrowZones(t), func(z peerZone) bool { return strings.Contains(z.TZID, "Scoresbysund") })
	for _, z := range zones {
		if strings.Contains(z.Text, "UNTIL") {
			t.Errorf("a narrow window has a rule that ends:\n%s", z.rules())
		}
	}
	checkByPeer(t, icalendarImports, icalendarScript, zones)
}

func wideZones(t *testing.T) (zones []peerZone) {
	for _, name := range oddZones {
		zone := mustZone(t, name)
		zones = append(zones, newPeerZone(zone, zone, newYear(2000), newYear(2040)))
	}
	return zones
}

// narrowZones have windows like a feed's.
func narrowZones(t *testing.T) (zones []peerZone) {
	for _, name := range oddZones {
		zone := mustZone(t, name)
		for year := 2011; year < 2036; year += 3 {
			from := time.Date(year, time.Month(year%12+1), 7, 12, 0, 0, 0, time.UTC)
			zones = append(zones, newPeerZone(zone, zone, from, from.AddDate(0, 9, 0)))
		}
	}
	return zones
}

// checkByPeer holds the peer's view of the zones against Go's zone data. One more is a cheat, Tokyo's rules as London's,
// which shows that the peer reads the rules told and has no others.
func checkByPeer(t *testing.T, imports, script string, zones []peerZone) {
	t.Helper()
	cheat := newPeerZone(mustZone(t, "Asia/Tokyo"), mustZone(t, "Europe/London"), newYear(2000), newYear(2040))
	said := askPeer(t, imports, script, append(zones, cheat))
	for i, z := range zones {
		if diff := z.differences(said[i]); len(diff) > 0 {
			t.Errorf("%d differences: %s\n%s", len(diff), strings.Join(diff[:min(len(diff), 5)], "\n"), z.rules())
		}
	}
	last := said[len(zones)]
	if diff := cheat.differences(last); len(diff) != len(last.Offset)+len(cheat.Event) {
		t.Errorf("Tokyo's rules told as London's differ in %d places only", len(diff))
	}
}

// rules is the calendar's text without its events.
func (p *peerZone) rules() string {
	text, _, _ := strings.Cut(p.Text, "BEGIN:VEVENT")
	return text
}
