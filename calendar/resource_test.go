package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var ownedNames = []string{"DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "CATEGORIES", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED"}

// outside are a resource's lines but for the properties that are Fifthcall's, as they stand.
func outside(data []byte) (out []string) {
	inEvent, depth := false, 0
	for len(data) > 0 {
		raw := logicalLine(data)
		data = data[len(raw):]
		name, value, _ := strings.Cut(unfoldLine(raw), ":")
		name, _, _ = strings.Cut(strings.ToUpper(name), ";")
		switch name {
		case "BEGIN":
			depth++
			inEvent = depth == 2 && strings.EqualFold(value, "VEVENT")
		case "END":
			depth--
			inEvent = depth == 2 && strings.EqualFold(value, "VALARM")
		default:
			owned := false
			for _, n := range ownedNames {
				owned = owned || n == name
			}
			if inEvent && owned {
				continue
			}
		}
		out = append(out, string(raw))
	}
	return out
}

// genResource makes an event as clients write them: folded anywhere, with alarms, zones and properties that nobody knows.
func genResource(t *rapid.T) string {
	eol := rapid.SampledFrom([]string{"\r\n", "\n"}).Draw(t, "eol")
	text := rapid.StringMatching(`[a-zA-Z0-9äöüß漢🙂 .\\,;:"'<>&=-]{0,120}`)
	var b strings.Builder
	line := func(s string) {
		for room := rapid.IntRange(20, 75).Draw(t, "fold"); len(s) > room; {
			cut := room
			for cut > 0 && s[cut]&0xC0 == 0x80 {
				cut--
			}
			b.WriteString(s[:cut] + eol + rapid.SampledFrom([]string{" ", "\t"}).Draw(t, "blank"))
			s = s[cut:]
		}
		b.WriteString(s + eol)
	}
	extra := func() {
		for range rapid.IntRange(0, 3).Draw(t, "extras") {
			line("X-" + rapid.StringMatching(`[A-Z]{1,8}`).Draw(t, "name") + rapid.SampledFrom([]string{"", `;X-P="a:b;c"`, ";LANGUAGE=de"}).Draw(t, "param") + ":" + text.Draw(t, "value"))
		}
	}
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Any//EN")
	zone := rapid.Bool().Draw(t, "zone")
	if zone {
		for _, l := range []string{"BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"} {
			line(l)
		}
	}
	line("BEGIN:VEVENT")
	line("UID:" + rapid.StringMatching(`[a-z0-9-]{1,30}`).Draw(t, "uid"))
	extra()
	start := rapid.SampledFrom([]string{"DTSTART:20260305T100000Z", "DTSTART:20260305T100000", "DTSTART;VALUE=DATE:20260305"}).Draw(t, "start")
	if zone {
		start = "DTSTART;TZID=Europe/Berlin:20260305T100000"
	}
	line(start)
	if rapid.Bool().Draw(t, "summary") {
		line("SUMMARY;LANGUAGE=en:" + text.Draw(t, "title"))
	}
	extra()
	if rapid.Bool().Draw(t, "description") {
		line("DESCRIPTION:" + text.Draw(t, "notes"))
	}
	if rapid.Bool().Draw(t, "sequence") {
		line(fmt.Sprint("SEQUENCE:", rapid.IntRange(0, 9).Draw(t, "seq")))
	}
	if rapid.Bool().Draw(t, "done") {
		line("CATEGORIES:Red,Done")
	}
	for range rapid.IntRange(0, 2).Draw(t, "alarms") {
		line("BEGIN:VALARM")
		line("ACTION:DISPLAY")
		line("DESCRIPTION:" + text.Draw(t, "alarm"))
		line("TRIGGER:-PT5M")
		line("END:VALARM")
	}
	extra()
	line("END:VEVENT")
	line("END:VCALENDAR")
	return b.String()
}

// TestResourceKept: whatever a client wrote stays byte for byte but for the properties that are Fifthcall's; what says the same already
// stays, too, and showing twice changes nothing more.
func TestResourceKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := []byte(genResource(t))
		r, err := ReadResource(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if !bytes.Equal(r.Bytes(), data) {
			t.Fatalf("read and written:\n%q\n%q", data, r.Bytes())
		}
		e := Event{
			UID: r.Entry.UID, Start: time.Date(2026, 3, rapid.IntRange(1, 28).Draw(t, "day"), 9, 15, 0, 0, time.UTC), Sequence: rapid.IntRange(0, 9).Draw(t, "sequence now"), Modified: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
			Summary: rapid.StringMatching(`[a-zA-Zäö漢\\,;:\n ]{1,90}`).Draw(t, "summary now"), Description: rapid.StringMatching(`[a-zA-Zäö漢\\,;:\n ]{0,300}`).Draw(t, "description now"),
		}
		e.End = e.Start.Add(15 * time.Minute)
		r.Show(&e)
		out := r.Bytes()
		if want, got := strings.Join(outside(data), ""), strings.Join(outside(out), ""); want != got {
			t.Fatalf("outside what is ours:\n%q\n%q", want, got)
		}
		again, err := ReadResource(out)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !again.Entry.Start.Time.Equal(e.Start) || !sameText(again.Entry.Summary, e.Summary) || again.Entry.Sequence < min(e.Sequence, again.Entry.Sequence) {
			t.Fatalf("%+v\n%s", again.Entry, out)
		}
		if again.Show(&e) || !bytes.Equal(again.Bytes(), out) {
			t.Fatalf("shown twice:\n%s\n%s", out, again.Bytes())
		}
		for _, l := range bytes.Split(out, []byte("\n")) {
			if len(bytes.TrimRight(l, "\r")) > 76 {
				t.Fatalf("a line of %d octets: %q", len(l), l)
			}
		}
	})
}

// TestResourceRefused names what can't be stored.
func TestResourceRefused(t *testing.T) {
	wrap := func(s string) string { return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + s + "END:VCALENDAR\r\n" }
	event := "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260305T100000Z\r\nEND:VEVENT\r\n"
	for body, want := range map[string]error{
		wrap(event):                                                                         nil,
		wrap(event + event):                                                                 ErrComponent,
		wrap("METHOD:REQUEST\r\n" + event):                                                  ErrMethod,
		wrap(strings.ReplaceAll(event, "EVENT", "TODO")):                                    ErrComponent,
		wrap(strings.Replace(event, "UID:1", "X-A:1", 1)):                                   ErrNoUID,
		wrap(strings.Replace(event, "DTSTART", "X-B", 1)):                                   ErrNoStart,
		wrap(strings.Replace(event, "UID:1", "UID:1\r\nRRULE:FREQ=DAILY", 1)):               ErrRecurs,
		wrap(strings.Replace(event, "UID:1", "UID:1\r\nRECURRENCE-ID:20260305T100000Z", 1)): ErrRecurs,
		wrap(event) + "trailing":                                                            ErrNoCalendar,
		"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n":                                           ErrNoCalendar,
		strings.Replace(wrap(event), "END:VEVENT", "END:VALARM", 1):                         ErrNoCalendar,
		strings.Repeat("BEGIN:A\r\n", 5000):                                                 ErrNoCalendar,
		wrap("BEGIN:VEVENT\r\nUID:\xff\r\nEND:VEVENT\r\n"):                                  ErrNoCalendar,
		"": ErrNoCalendar,
		wrap("X-A:" + strings.Repeat("a", MaxResource) + "\r\n" + event): ErrTooLarge,
	} {
		if _, err := ReadResource([]byte(body)); !errors.Is(err, want) {
			t.Errorf("%.60q: %v, want %v", body, err, want)
		}
	}
}

// FuzzResource: nothing that a client sends crashes the guard, or comes out of it as something else.
func FuzzResource(f *testing.F) {
	f.Add([]byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=foo:20260305T100000\r\nBEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadResource(data)
		if err != nil {
			return
		}
		if !bytes.Equal(r.Bytes(), data) {
			t.Fatalf("%q\n%q", data, r.Bytes())
		}
		e := Event{UID: r.Entry.UID, Start: time.Date(2026, 3, 5, 9, 15, 0, 0, time.UTC), End: time.Date(2026, 3, 5, 9, 30, 0, 0, time.UTC), Summary: "Call Jane", Modified: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
		r.Show(&e)
		again, err := ReadResource(r.Bytes())
		if err != nil && !errors.Is(err, ErrTooLarge) {
			t.Fatalf("%v\n%q\n%q", err, data, r.Bytes())
		}
		if err == nil && !again.Entry.Start.Time.Equal(e.Start) {
			t.Fatalf("%v\n%q", again.Entry.Start, r.Bytes())
		}
		f := Filter{Name: "VCALENDAR", Comps: []Filter{{Name: "VEVENT", From: e.Start, Props: []PropFilter{{Name: "UID", Text: &TextMatch{Text: "1"}}}}}}
		f.Match(data, time.UTC)
	})
}
