package calendar

import (
	"strings"
	"testing"
	"time"
)

const event = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n%ZONE%BEGIN:VEVENT\r\nUID:a\r\n%LINES%END:VEVENT\r\nEND:VCALENDAR\r\n"

func decodeLines(zone string, lines ...string) Entry {
	s := strings.NewReplacer("%ZONE%", zone, "%LINES%", strings.Join(lines, "\r\n")+"\r\n").Replace(event)
	o := Decode([]byte(s))
	if len(o.Events) != 1 {
		return Entry{}
	}
	return o.Events[0]
}

// A zone of nobody's name, half an hour off, with its own rules.
const customZone = "BEGIN:VTIMEZONE\r\nTZID:tzone://Microsoft/Custom\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0230\r\nTZOFFSETTO:+0130\r\n" +
	"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0130\r\nTZOFFSETTO:+0230\r\n" +
	"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"

func TestMoments(t *testing.T) {
	for _, c := range []struct{ zone, line, want string }{
		{"", "DTSTART:20260415T140000Z", "2026-04-15T14:00:00Z"},
		{"", "DTSTART:20260415T140000", "2026-04-15T14:00:00"},
		{"", "DTSTART;VALUE=date:20260415", "2026-04-15"},
		{"", "DTSTART:20260415", "2026-04-15"},
		{"", "DTSTART;TZID=Europe/Berlin:20260715T140000", "2026-07-15T14:00:00+02:00"},
		{"", "DTSTART;TZID=/vendor.example/2011/Europe/Berlin:20260115T140000", "2026-01-15T14:00:00+01:00"},
		{"", "DTSTART;TZID=W. Europe Standard Time:20260715T140000", "2026-07-15T14:00:00+02:00"},
		{"", `DTSTART;TZID="Pacific Standard Time":20260715T140000`, "2026-07-15T14:00:00-07:00"},
		{"", "DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin, Bern:20260715T140000", "2026-07-15T14:00:00+02:00"},
		{customZone, "DTSTART;TZID=tzone://Microsoft/Custom:20260715T140000", "2026-07-15T14:00:00+02:30"},
		{customZone, "DTSTART;TZID=tzone://Microsoft/Custom:20260115T140000", "2026-01-15T14:00:00+01:30"},
		{"", "DTSTART;TZID=Nowhere:20260715T140000", "2026-07-15T14:00:00"},
		{"", "DTSTART;TZID=Europe/Berlin:20260329T023000", "2026-03-29T03:30:00+02:00"}, // in the gap
		{"", "DTSTART;TZID=Europe/Berlin:20261025T023000", "2026-10-25T02:30:00+02:00"}, // twice: the first
		{"", "DTSTART;TZID=foo", ""},
		{"", "DTSTART:99999999T999999", ""},
	} {
		if got := decodeLines(c.zone, c.line).Start.String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.line, got, c.want)
		}
	}
}

func TestDecodeOddities(t *testing.T) {
	e := decodeLines("", "DTSTART:20260415T140000Z", "DURATION:PT45M", "ORGANIZER;CN=\"Okafor: Chidi\":Chidi.Okafor@Muster.example",
		"ATTENDEE;PARTSTAT=accepted;CN=x:y:mailto:Robin@talent.example", "SUMMARY:Panel\\, second", " round", "DESCRIPTION:one\\ntwo", "torn line of text", `P="a"x:`, "LOCATION;ALTREP=\"https://a.example/b;c\":Room 1")
	if e.End.String() != "2026-04-15T14:45:00Z" || e.Organizer.Email != "chidi.okafor@muster.example" || e.Summary != "Panel, secondround" || e.Location != "Room 1" {
		t.Errorf("%+v", e)
	}
	if len(e.Attendees) != 1 || e.Attendees[0].Email != "robin@talent.example" || e.Attendees[0].Status != "ACCEPTED" {
		t.Errorf("%+v", e.Attendees)
	}
	if !strings.Contains(e.Description, "torn line") {
		t.Errorf("%q", e.Description)
	}
}

func TestDecodeIsBounded(t *testing.T) {
	for name, s := range map[string]string{
		"deep":          strings.Repeat("BEGIN:A\r\n", 40_000),
		"parameters":    "BEGIN:VEVENT\r\nDTSTART;" + strings.Repeat("A=b;", 100_000) + ":20260101\r\n",
		"one line":      "BEGIN:VEVENT\r\n" + strings.Repeat("x", 2<<20),
		"continuations": "BEGIN:VEVENT\r\nSUMMARY:" + strings.Repeat("a\r\n ", 200_000),
		"zones":         strings.Repeat("BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:1601\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n", 10_000),
		"events":        strings.Repeat("BEGIN:VEVENT\r\nEND:VEVENT\r\n", 30_000),
	} {
		if o := Decode([]byte(s)); len(o.Events) > maxEvents {
			t.Errorf("%s: %d events", name, len(o.Events))
		}
	}
}

func TestInvitationKinds(t *testing.T) {
	for _, c := range []struct{ method, lines, subject, want string }{
		{"REQUEST", "SEQUENCE:0", "Intro call", KindInvitation},
		{"REQUEST", "SEQUENCE:2", "Intro call", KindUpdate},
		{"REQUEST", "SEQUENCE:1774990805", "Zoom meeting", KindInvitation},
		{"REQUEST", "SEQUENCE:0", "Updated invitation: Intro call", KindUpdate},
		{"REQUEST", "SEQUENCE:0", "Aktualisierte Einladung: Gespräch", KindUpdate},
		{"REQUEST", "SEQUENCE:3", "Fwd: Intro call", KindInvitation},
		{"REQUEST", "STATUS:CONFIRMED", "Canceled: Intro call", KindCancellation},
		{"REQUEST", "STATUS:CANCELLED", "Intro call", KindCancellation},
		{"CANCEL", "SEQUENCE:1", "Intro call", KindCancellation},
		{"REPLY", "SEQUENCE:0", "Accepted: Intro call", KindReply},
		{"COUNTER", "SEQUENCE:0", "New Time Proposed", KindCounter},
		{"PUBLISH", "SEQUENCE:0", "Holidays", KindPublish},
	} {
		body := strings.NewReplacer("%ZONE%", "", "REQUEST", c.method, "%LINES%", c.lines+"\r\nDTSTART:20260415T140000Z\r\n").Replace(event)
		inv, ok := ReadInvitation([][]byte{[]byte(body), []byte(body)}, "", c.subject)
		if !ok || inv.Kind != c.want || len(inv.Others) != 0 {
			t.Errorf("%+v: %s, %d others", c, inv.Kind, len(inv.Others))
		}
	}
}

func TestConferenceAndPhone(t *testing.T) {
	e := decodeLines("", "DTSTART:20260415T140000Z", "LOCATION:Microsoft Teams Meeting", "DESCRIPTION:Join https://teams.microsoft.com/l/meetup-join/19%3ameeting\\nOr call +44 20 3321 5208")
	if e.Conference() != "https://teams.microsoft.com/l/meetup-join/19%3ameeting" || e.DialIn() != "+44 20 3321 5208" {
		t.Errorf("%q %q", e.Conference(), e.DialIn())
	}
}

func calendarSeeds(f *testing.F, add func([]byte)) {
	f.Helper()
	add([]byte(strings.NewReplacer("%ZONE%", customZone, "%LINES%", "DTSTART;TZID=tzone://Microsoft/Custom:20260715T140000\r\nRRULE:FREQ=DAILY\r\nDURATION:PT45M\r\n").Replace(event)))
	add([]byte("DTSTART;TZID=foo\r\nP=\"a\"x:\r\nBEGIN:A"))
	add([]byte("BEGIN:VCALENDAR\nMETHOD\n :CANCEL\nBEGIN:VEVENT\nATTENDEE;CN=\"x;y\":mailto:a@b\nDTSTART;VALUE=DATE:20260101\n"))
}

func FuzzCalendar(f *testing.F) {
	calendarSeeds(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, e := range Decode(data).Events {
			_, _ = e.Start.String(), e.End.String()
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		last := time.Time{}
		for _, b := range Busy(data, from, from.AddDate(0, 4, 0), time.UTC, nobodys) {
			if !b.End.After(b.Start) || !b.Start.After(last) {
				t.Fatalf("busy %v behind %v", b, last)
			}
			last = b.End
		}
	})
}

func FuzzInvitation(f *testing.F) {
	calendarSeeds(f, func(b []byte) { f.Add(b, "REQUEST", "Updated: x") })
	f.Fuzz(func(t *testing.T, data []byte, method, subject string) {
		inv, ok := ReadInvitation([][]byte{data, data}, method, subject)
		if ok && inv.Kind == "" {
			t.Fatalf("no kind for method %q", inv.Method)
		}
	})
}
