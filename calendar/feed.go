package calendar

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-ical"
)

// Feed renders events as an iCalendar object for subscribers (RFC 5545, RFC 7986). Events
// outside the window round now are left out, and so are the last ones above FeedEvents and
// FeedBytes; dropped tells how many those were. The bytes depend on the events and the day
// only, so that an unchanged calendar has an unchanged ETag.
func Feed(info FeedInfo, events []Event, now time.Time) (body []byte, dropped int, err error) {
	today := now.UTC().Truncate(24 * time.Hour)
	from, to := today.Add(-FeedPast), today.Add(FeedAhead)
	kept := make([]Event, 0, len(events))
	for _, e := range events {
		if !e.Start.Before(from) && !e.Start.After(to) {
			kept = append(kept, e)
		}
	}
	slices.SortFunc(kept, func(a, b Event) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.UID, b.UID)) })
	if len(kept) > FeedEvents {
		dropped = len(kept) - FeedEvents
		kept = kept[:FeedEvents]
	}
	for {
		if body, err = encodeFeed(info, kept); err != nil || len(body) <= FeedBytes || len(kept) == 0 {
			return body, dropped, err
		}
		cut := max(1, len(kept)/10)
		kept = kept[:len(kept)-cut]
		dropped += cut
	}
}

func newObject(prodID string) *ical.Calendar {
	cal := ical.NewCalendar()
	setText(cal.Props, "VERSION", "2.0")
	setText(cal.Props, "PRODID", prodID)
	setRaw(cal.Props, "CALSCALE", "GREGORIAN")
	return cal
}

// encodeObject writes events as an object of their own, with a METHOD if one is given.
func encodeObject(prodID, method string, events []Event) ([]byte, error) {
	cal := newObject(prodID)
	setRaw(cal.Props, "METHOD", method)
	for i := range events {
		cal.Children = append(cal.Children, events[i].component())
	}
	var buf bytes.Buffer
	if err := ical.NewEncoder(&buf).Encode(cal); err != nil {
		return nil, fmt.Errorf("encode events: %w", err)
	}
	return foldLines(buf.Bytes()), nil
}

func encodeFeed(info FeedInfo, events []Event) ([]byte, error) {
	cal := newObject(info.ProdID)
	setText(cal.Props, "NAME", info.Name)
	setText(cal.Props, "X-WR-CALNAME", info.Name)
	setText(cal.Props, "X-WR-CALDESC", info.Description)
	setRaw(cal.Props, "X-WR-TIMEZONE", info.Zone)
	refresh := ical.NewProp("REFRESH-INTERVAL")
	refresh.Params.Set("VALUE", "DURATION")
	refresh.Value = "PT1H"
	cal.Props.Set(refresh)
	setRaw(cal.Props, "X-PUBLISHED-TTL", "PT1H")
	setRaw(cal.Props, "COLOR", info.Color)
	for i := range events {
		c := events[i].component()
		if info.Local != nil {
			setLocal(c.Props, "DTSTART", events[i].Start, info.Local)
			setLocal(c.Props, "DTEND", events[i].End, info.Local)
		}
		cal.Children = append(cal.Children, c)
	}
	if len(events) == 0 {
		return foldLines(emptyCalendar(cal)), nil
	}
	var buf bytes.Buffer
	if err := ical.NewEncoder(&buf).Encode(cal); err != nil {
		return nil, fmt.Errorf("encode the feed: %w", err)
	}
	out := foldLines(buf.Bytes())
	if info.Local != nil {
		out = withZone(out, info.Local, events)
	}
	return out, nil
}

// reading is what a clock shows.
func reading(t time.Time) string { return t.Format("20060102T150405") }

// setLocal writes a time by the clock of a zone (RFC 5545, 3.3.5, form 3). A reading that comes twice, when clocks go back, is
// said in UTC: programs differ in which of the two they take.
func setLocal(ps ical.Props, name string, t time.Time, zone *time.Location) {
	if t.IsZero() || zone == time.UTC {
		return
	}
	local := t.In(zone)
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if reading(t.Add(d).In(zone)) == reading(local) || reading(t.Add(-d).In(zone)) == reading(local) {
			return
		}
	}
	p := ical.NewProp(name)
	p.Params.Set("TZID", zone.String())
	p.Value = reading(local)
	ps.Set(p)
}

// withZone puts the zone's VTIMEZONE before the events, for the years in which they lie. Events alone name it, so that a zone with one
// offset only is told as well.
func withZone(feed []byte, zone *time.Location, events []Event) []byte {
	if zone == time.UTC {
		return feed
	}
	from, to := events[0].Start, events[0].End
	for i := range events {
		if events[i].Start.Before(from) {
			from = events[i].Start
		}
		if events[i].End.After(to) {
			to = events[i].End
		}
	}
	year := time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC) // so that the bytes don't change by the day
	head, rest, _ := bytes.Cut(feed, []byte("BEGIN:VEVENT"))
	out := append(slices.Clone(head), VTimezone(zone, year, time.Date(to.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC))...)
	return append(append(out, "BEGIN:VEVENT"...), rest...)
}

// emptyCalendar writes a calendar without events, which the encoder refuses: a new desk's
// feed must be there all the same.
func emptyCalendar(cal *ical.Calendar) []byte {
	var names []string
	for n := range cal.Props {
		names = append(names, n)
	}
	slices.Sort(names)
	var b bytes.Buffer
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for _, n := range names {
		for _, p := range cal.Props[n] {
			b.WriteString(n)
			for k, vs := range p.Params {
				b.WriteString(";" + k + "=" + strings.Join(vs, ","))
			}
			b.WriteString(":" + p.Value + "\r\n")
		}
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.Bytes()
}

func (e *Event) component() *ical.Component {
	ev := ical.NewComponent(ical.CompEvent)
	setRaw(ev.Props, "UID", clean(e.UID))
	setRaw(ev.Props, "SEQUENCE", strconv.Itoa(e.Sequence))
	setTime(ev.Props, "DTSTAMP", e.Modified)
	setTime(ev.Props, "LAST-MODIFIED", e.Modified)
	setTime(ev.Props, "CREATED", e.Created)
	setTime(ev.Props, "DTSTART", e.Start)
	setTime(ev.Props, "DTEND", e.End)
	setText(ev.Props, "SUMMARY", e.Summary)
	setText(ev.Props, "DESCRIPTION", e.Description)
	setText(ev.Props, "LOCATION", e.Location)
	setRaw(ev.Props, "URL", clean(e.URL))
	status := "CONFIRMED"
	if e.Cancelled {
		status = "CANCELLED"
	}
	setRaw(ev.Props, "STATUS", status)
	setRaw(ev.Props, "TRANSP", "TRANSPARENT") // a reminder blocks nobody's time
	setRaw(ev.Props, "X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
	setRaw(ev.Props, "CLASS", "PRIVATE")
	if len(e.Categories) > 0 {
		var esc []string
		for _, c := range e.Categories {
			esc = append(esc, escapeText(c))
		}
		setRaw(ev.Props, "CATEGORIES", strings.Join(esc, ","))
	}
	if e.Organizer.Email != "" {
		setParty(ev.Props, "ORGANIZER", &e.Organizer)
	}
	for i := range e.Attendees {
		setParty(ev.Props, "ATTENDEE", &e.Attendees[i])
	}
	if e.Alarm > 0 {
		al := ical.NewComponent(ical.CompAlarm)
		setRaw(al.Props, "ACTION", "DISPLAY")
		setText(al.Props, "DESCRIPTION", e.Summary)
		trigger := ical.NewProp("TRIGGER")
		trigger.Value = fmt.Sprintf("-PT%dM", int(e.Alarm/time.Minute))
		al.Props.Set(trigger)
		ev.Children = append(ev.Children, al)
	}
	return ev
}

// setParty adds an organizer or attendee (RFC 5545, 3.8.4).
func setParty(ps ical.Props, name string, p *Party) {
	prop := ical.NewProp(name)
	prop.Value = "mailto:" + clean(strings.ReplaceAll(p.Email, " ", ""))
	if cn := strings.TrimSpace(strings.ReplaceAll(clean(p.Name), `"`, "'")); cn != "" {
		prop.Params.Set("CN", cn)
	}
	if name == "ATTENDEE" {
		prop.Params.Set("CUTYPE", "INDIVIDUAL")
		prop.Params.Set("ROLE", "REQ-PARTICIPANT")
		prop.Params.Set("PARTSTAT", cmp.Or(p.Status, "NEEDS-ACTION"))
		prop.Params.Set("RSVP", "TRUE")
	}
	ps.Add(prop)
}

// Invite writes an event as a message between calendars (RFC 5546): method is REQUEST or CANCEL.
func Invite(prodID, method string, e Event) ([]byte, error) {
	e.Cancelled = method == "CANCEL"
	return encodeObject(prodID, method, []Event{e})
}

// setRaw sets a property without a VALUE parameter, which SetText would add to X- names.
func setRaw(ps ical.Props, name, value string) {
	if value == "" {
		return
	}
	p := ical.NewProp(name)
	p.Value = value
	ps.Set(p)
}

func setText(ps ical.Props, name, text string) { setRaw(ps, name, escapeText(text)) }

func setTime(ps ical.Props, name string, t time.Time) {
	if !t.IsZero() {
		setRaw(ps, name, t.UTC().Format("20060102T150405Z"))
	}
}

// escapeText escapes a TEXT value (RFC 5545, 3.3.11), so that no name or note can end a line.
func escapeText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return textEscapes.Replace(s)
}

var textEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// clean removes what could break a line from values that are not TEXT.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
