package calendar

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MomentKind says how a time is meant.
type MomentKind int

// The kinds of time (RFC 5545, 3.3.4 and 3.3.5).
const (
	None     MomentKind = iota
	Instant             // a point in time
	Floating            // by the wall clock, wherever one is
	Day                 // a date without time
)

// Moment is a time as an event gives it.
type Moment struct {
	Kind MomentKind
	Time time.Time // of Floating and Day the clock's reading, as UTC
	Zone string    // the TZID as written; also where it is unknown and the time therefore floats
}

// String is RFC 3339; a local time without zone if it floats, a date alone if it is all-day, "" for none.
func (m Moment) String() string {
	switch m.Kind {
	case Instant:
		return m.Time.Format(time.RFC3339)
	case Floating:
		return m.Time.Format("2006-01-02T15:04:05")
	case Day:
		return m.Time.Format(time.DateOnly)
	}
	return ""
}

// Party is an organizer or attendee.
type Party struct {
	Email    string // lower case, "" if the address is no mail address
	Name     string
	Status   string // PARTSTAT, upper case; "" if none is told, which means NEEDS-ACTION
	Type     string // CUTYPE, upper case: INDIVIDUAL, ROOM, RESOURCE, GROUP
	Role     string // upper case
	Delegate string // DELEGATED-TO, an address
}

// Entry is one VEVENT of an object read.
type Entry struct {
	UID          string
	Sequence     int
	Stamp        time.Time // DTSTAMP; zero if unreadable
	Start, End   Moment
	Summary      string
	Description  string
	Location     string
	URL          string
	Comment      string
	Status       string // upper case
	Organizer    Party
	Attendees    []Party
	RecurrenceID string // as written, "" for the event itself
	Recurs       bool
	Rule         string   // RRULE, as written
	Dates        []Moment // RDATE: further starts
	Except       []Moment // EXDATE: starts that fall out
	Replaces     Moment   // RECURRENCE-ID
	AndLater     bool     // RANGE=THISANDFUTURE: it stands for all later occurrences, too (RFC 5545, 3.2.13)
	Free         bool     // TRANSP:TRANSPARENT, or a program's own word for it

	stream int // which VCALENDAR of the data it is in
}

// Object is what a stream of iCalendar data says. Events of all VCALENDARs in it, by UID, start and
// summary.
type Object struct {
	Method string // upper case, "" if none is told
	Events []Entry
}

// Decode reads iCalendar data from anybody (RFC 5545, and vCalendar 1.0 as far as it is the
// same) as leniently as it can; it never fails, and reads at most 1 MiB. Zones are IANA's,
// else Windows names, else the object's own VTIMEZONE, else display names; with none of these a
// time floats.
func Decode(data []byte) Object {
	d := decoder{rules: map[string]*ruleZone{}, named: map[string]*time.Location{}}
	all := readComponents(data)
	for _, cal := range all {
		d.zones(cal)
	}
	for i, cal := range all {
		d.stream = i
		if d.out.Method == "" {
			d.out.Method = strings.ToUpper(strings.TrimSpace(cal.prop("METHOD").value))
		}
		d.events(cal, 0)
	}
	slices.SortStableFunc(d.out.Events, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.UID, b.UID), a.Start.Time.Compare(b.Start.Time), cmp.Compare(a.Summary, b.Summary))
	})
	return d.out
}

type decoder struct {
	out    Object
	stream int
	most   int // events that are read; 0 for maxEvents
	rules  map[string]*ruleZone
	named  map[string]*time.Location
}

func (d *decoder) zones(c *component) {
	for _, sub := range c.parts {
		if sub.name == "VTIMEZONE" && len(d.rules) < 200 {
			if z := readZone(sub); z != nil {
				d.rules[strings.Trim(z.name, `"`)] = z
			}
		}
	}
}

func (d *decoder) events(c *component, depth int) {
	if c.name == "VEVENT" {
		if len(d.out.Events) < cmp.Or(d.most, maxEvents) {
			d.out.Events = append(d.out.Events, d.entry(c))
		}
		return
	}
	for _, sub := range c.parts {
		if depth < maxNested {
			d.events(sub, depth+1)
		}
	}
}

func (d *decoder) entry(c *component) Entry {
	e := Entry{
		UID: strings.TrimSpace(unescapeText(c.prop("UID").value)), Summary: c.text("SUMMARY"), Description: c.text("DESCRIPTION"),
		Location: c.text("LOCATION"), URL: c.prop("URL").value, Comment: c.text("COMMENT"),
		Status: strings.ToUpper(c.prop("STATUS").value), RecurrenceID: c.prop("RECURRENCE-ID").value, Recurs: c.prop("RRULE").value != "",
		Rule: strings.TrimSpace(c.prop("RRULE").value), Replaces: d.moment(c.prop("RECURRENCE-ID")),
		Free:   strings.EqualFold(strings.TrimSpace(c.prop("TRANSP").value), "TRANSPARENT") || strings.EqualFold(strings.TrimSpace(c.prop("X-MICROSOFT-CDO-BUSYSTATUS").value), "FREE"),
		stream: d.stream, Start: d.moment(c.prop("DTSTART")), End: d.moment(c.prop("DTEND")),
	}
	e.Sequence, _ = strconv.Atoi(strings.TrimSpace(c.prop("SEQUENCE").value))
	if m := d.moment(c.prop("DTSTAMP")); m.Kind != None {
		e.Stamp = m.Time
	}
	if e.End.Kind == None {
		e.End = after(e.Start, c.prop("DURATION").value)
	}
	e.AndLater = strings.EqualFold(c.prop("RECURRENCE-ID").params["RANGE"], "THISANDFUTURE")
	for _, p := range c.props {
		switch p.name {
		case "ORGANIZER":
			if e.Organizer.Email == "" {
				e.Organizer = party(p)
			}
		case "RDATE":
			e.Dates = d.moments(e.Dates, p)
		case "EXDATE":
			e.Except = d.moments(e.Except, p)
		case "ATTENDEE":
			if len(e.Attendees) < 1000 {
				e.Attendees = append(e.Attendees, party(p))
			}
		}
	}
	if e.Description == "" {
		e.Description = c.text("X-ALT-DESC")
	}
	return e
}

func party(p property) Party {
	upper := func(name, def string) string { return cmp.Or(strings.ToUpper(p.params[name]), def) }
	return Party{
		Email: mailAddress(p.value, p.params["EMAIL"]), Name: p.params["CN"], Delegate: mailAddress(p.params["DELEGATED-TO"], ""),
		Status: upper("PARTSTAT", ""), Type: upper("CUTYPE", "INDIVIDUAL"), Role: upper("ROLE", "REQ-PARTICIPANT"),
	}
}

// mailAddress reads "mailto:a@b", also without the scheme.
func mailAddress(v, other string) string {
	v = strings.Trim(strings.TrimSpace(v), `"<>`)
	if len(v) > 7 && strings.EqualFold(v[:7], "mailto:") {
		v = v[7:]
	}
	if !strings.Contains(v, "@") {
		v = other
	}
	v, _, _ = strings.Cut(v, "?")
	return strings.ToLower(strings.TrimSpace(v))
}

var momentRE = regexp.MustCompile(`^(\d{4})-?(\d{2})-?(\d{2})(?:[T ]?(\d{2}):?(\d{2}):?(\d{2})?(?:[.,]\d+)?\s?(Z|[+-]\d{2}:?\d{2})?)?`)

// readLocal reads the clock's reading of a DATE or DATE-TIME.
func readLocal(v string) (time.Time, bool) {
	t, _, _, ok := readMoment(v)
	return t, ok
}

func readMoment(v string) (t time.Time, dated bool, suffix string, ok bool) {
	m := momentRE.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(v)))
	if m == nil {
		return t, false, "", false
	}
	n := func(i int) int { x, _ := strconv.Atoi(m[i]); return x }
	if n(2) < 1 || n(2) > 12 || n(3) < 1 || n(3) > 31 || n(4) > 24 || n(5) > 59 || n(6) > 60 {
		return t, false, "", false
	}
	return time.Date(n(1), time.Month(n(2)), n(3), n(4), n(5), n(6), 0, time.UTC), m[4] == "", m[7], true
}

// maxDates bounds a list of dates.
const maxDates = 1000

// moments adds the dates of a property that may hold several.
func (d *decoder) moments(to []Moment, p property) []Moment {
	for _, v := range strings.Split(p.value, ",") {
		one := p
		one.value, _, _ = strings.Cut(v, "/") // of a period the start
		if m := d.moment(one); m.Kind != None && len(to) < maxDates {
			to = append(to, m)
		}
	}
	return to
}

func (d *decoder) moment(p property) Moment {
	value, _, _ := strings.Cut(p.value, ",")
	t, dated, suffix, ok := readMoment(value)
	switch {
	case !ok:
		return Moment{}
	case dated:
		return Moment{Kind: Day, Time: t}
	case suffix == "Z":
		return Moment{Kind: Instant, Time: t, Zone: "UTC"}
	case suffix != "":
		off, _ := readOffset(suffix)
		return Moment{Kind: Instant, Time: t.Add(-time.Duration(off) * time.Second).In(time.FixedZone("", off))}
	}
	tzid := strings.TrimSpace(p.params["TZID"])
	if tzid == "" {
		return Moment{Kind: Floating, Time: t}
	}
	if loc := d.lookUp(tzid, namedZone); loc != nil {
		return Moment{Kind: Instant, Time: inZone(t, loc), Zone: tzid}
	}
	if z := d.rules[tzid]; z != nil {
		return Moment{Kind: Instant, Time: z.at(t), Zone: tzid}
	}
	if loc := d.lookUp("display\x00"+tzid, func(string) *time.Location { return displayZone(tzid) }); loc != nil {
		return Moment{Kind: Instant, Time: inZone(t, loc), Zone: tzid}
	}
	return Moment{Kind: Floating, Time: t, Zone: tzid}
}

// maxZoneNames bounds how many different zones of one object are looked up: each look reads files.
const maxZoneNames = 100

// lookUp remembers what find found.
func (d *decoder) lookUp(key string, find func(string) *time.Location) *time.Location {
	loc, ok := d.named[key]
	if !ok && len(d.named) < maxZoneNames {
		loc = find(key)
		d.named[key] = loc
	}
	return loc
}

// inZone is the instant of a clock's reading. Of a time that occurs twice it is the first; one that a gap
// skips is read with the offset before the gap (RFC 5545, 3.3.5).
func inZone(t time.Time, loc *time.Location) time.Time {
	y, mo, da := t.Date()
	h, mi, s := t.Clock()
	got := time.Date(y, mo, da, h, mi, s, 0, loc)
	if got.Hour() == h && got.Minute() == mi {
		if e := got.Add(-time.Hour); e.Hour() == h && e.Minute() == mi {
			return e
		}
		return got
	}
	_, before := got.Add(-6 * time.Hour).Zone()
	return t.Add(-time.Duration(before) * time.Second).In(loc)
}

var durationRE = regexp.MustCompile(`^([+-])?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$`)

// after adds an iCalendar duration (RFC 5545, 3.3.6): days by the calendar, the rest by the clock.
func after(m Moment, duration string) Moment {
	g := durationRE.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(duration)))
	if g == nil || m.Kind == None {
		return Moment{}
	}
	n := func(i int) int { x, _ := strconv.Atoi(g[i]); return x }
	days := n(2)*7 + n(3)
	rest := time.Duration(n(4))*time.Hour + time.Duration(n(5))*time.Minute + time.Duration(n(6))*time.Second
	if g[1] == "-" {
		days, rest = -days, -rest
	}
	m.Time = m.Time.AddDate(0, 0, days).Add(rest)
	if m.Kind == Day && rest != 0 {
		m.Kind = Floating
	}
	return m
}
