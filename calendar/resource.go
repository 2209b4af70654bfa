package calendar

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxResource is the most bytes that a calendar object resource may have.
const MaxResource = 64 << 10

// What is wrong with an object that a client wants to store (RFC 4791, 5.3.2.1).
var (
	ErrNoCalendar = errors.New("not iCalendar data")
	ErrMethod     = errors.New("an object in a collection has no METHOD")
	ErrComponent  = errors.New("one VEVENT, and nothing else, can be stored")
	ErrNoUID      = errors.New("the event has no UID")
	ErrRecurs     = errors.New("events that recur can't be stored")
	ErrNoStart    = errors.New("the event has no start")
	ErrTooLarge   = errors.New("the object is too large")
)

// Resource is a calendar object resource: one VEVENT, in the bytes of whoever wrote it last. What
// isn't Fifthcall's own in it is kept byte for byte.
type Resource struct {
	Entry Entry
	lines []contentLine
	eol   string
}

// contentLine is a content line as it stands, folds and line end included.
type contentLine struct {
	raw   []byte
	prop  property
	depth int  // of the component that holds it; a BEGIN and its END belong to the one around them
	event bool // a property of the VEVENT itself
}

// ReadResource reads what a client wants to store, or what was stored. It is strict where the bytes could
// not be patched or served safely: the error is one of those above.
func ReadResource(data []byte) (*Resource, error) {
	if len(data) > MaxResource {
		return nil, ErrTooLarge
	}
	r := &Resource{eol: "\r\n"}
	if bytes.IndexByte(data, '\n') > 0 && !bytes.Contains(data, []byte("\r\n")) {
		r.eol = "\n"
	}
	if err := r.split(data); err != nil {
		return nil, err
	}
	obj := Decode(data)
	switch {
	case obj.Method != "":
		return nil, ErrMethod
	case len(obj.Events) != 1 || !r.onlyEvent():
		return nil, ErrComponent
	}
	r.Entry = obj.Events[0]
	switch e := &r.Entry; {
	case e.UID == "" || len(e.UID) > 255:
		return nil, ErrNoUID
	case e.Recurs || e.RecurrenceID != "" || len(e.Dates) > 0:
		return nil, ErrRecurs
	case e.Start.Kind == None:
		return nil, ErrNoStart
	}
	return r, nil
}

// split cuts the data into content lines and checks that its components are well nested.
func (r *Resource) split(data []byte) error {
	// A bare CR ends a line for some readers and not for others: what could be two things is refused.
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 || bytes.Count(data, []byte("\r")) != bytes.Count(data, []byte("\r\n")) {
		return ErrNoCalendar
	}
	var open []string
	ended := false
	for len(data) > 0 {
		raw := logicalLine(data)
		data = data[len(raw):]
		text := unfoldLine(raw)
		if strings.TrimSpace(text) == "" {
			r.lines = append(r.lines, contentLine{raw: raw, depth: len(open)})
			continue
		}
		text = strings.TrimPrefix(text, "\ufeff")
		p, ok := readProperty(text)
		if !ok || ended || !startsLine([]byte(text)) {
			return ErrNoCalendar
		}
		name := strings.ToUpper(strings.TrimSpace(p.value))
		switch {
		case p.name == "BEGIN":
			if len(open) == 0 && name != "VCALENDAR" || len(open) > maxNested {
				return ErrNoCalendar
			}
			r.lines = append(r.lines, contentLine{raw: raw, prop: p, depth: len(open)})
			open = append(open, name)
			continue
		case p.name == "END":
			if len(open) == 0 || open[len(open)-1] != name {
				return ErrNoCalendar
			}
			open = open[:len(open)-1]
			ended = len(open) == 0
		case len(open) == 0:
			return ErrNoCalendar
		}
		r.lines = append(r.lines, contentLine{raw: raw, prop: p, depth: len(open), event: p.name != "END" && slices.Equal(open, []string{"VCALENDAR", "VEVENT"})})
	}
	if !ended {
		return ErrNoCalendar
	}
	return nil
}

// logicalLine is the first content line of data with its continuations.
func logicalLine(data []byte) []byte {
	for i := 0; i < len(data); i++ {
		if data[i] == '\n' && (i+1 == len(data) || data[i+1] != ' ' && data[i+1] != '\t') {
			return data[:i+1]
		}
	}
	return data
}

func unfoldLine(raw []byte) string {
	s := strings.ReplaceAll(string(raw), "\r\n", "\n")
	s = strings.TrimRight(s, "\r\n")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\n ", ""), "\n\t", "")
}

// onlyEvent reports whether the VCALENDAR holds one VEVENT, and beside it zones only.
func (r *Resource) onlyEvent() bool {
	events := 0
	for _, l := range r.lines {
		if l.prop.name != "BEGIN" || l.depth != 1 {
			continue
		}
		switch strings.ToUpper(strings.TrimSpace(l.prop.value)) {
		case "VEVENT":
			events++
		case "VTIMEZONE":
		default:
			return false
		}
	}
	return events == 1
}

// Bytes are the resource as it is served.
func (r *Resource) Bytes() []byte {
	var b bytes.Buffer
	for _, l := range r.lines {
		b.Write(l.raw)
	}
	return b.Bytes()
}

// value is the value of a property of the event, as it is meant if it is TEXT.
func (r *Resource) value(name string) string {
	for _, l := range r.lines {
		if l.event && l.prop.name == name {
			return unescapeText(l.prop.value)
		}
	}
	return ""
}

// Categories are the event's categories.
func (r *Resource) Categories() []string {
	var out []string
	for _, l := range r.lines {
		if l.event && l.prop.name == "CATEGORIES" {
			for _, c := range splitEscaped(l.prop.value) {
				out = append(out, strings.TrimSpace(unescapeText(c)))
			}
		}
	}
	return out
}

// splitEscaped splits a list of TEXT values at its commas, but for the escaped ones.
func splitEscaped(s string) []string {
	var out []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ',':
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// Length is how long the event lasts; 0 where that isn't told, or is no time of day.
func (r *Resource) Length() time.Duration {
	if r.Entry.Start.Kind == Day || r.Entry.End.Kind == None {
		return 0
	}
	return max(0, r.Entry.End.Time.Sub(r.Entry.Start.Time))
}

// longest is the length up to which that of a client's event is kept.
const longest = 8 * time.Hour

// Show brings the resource in line with an event: start, texts, and that it stands. A property that says the same
// already stays as its writer wrote it, and so does everything else. It reports whether the bytes changed.
func (r *Resource) Show(e *Event) bool {
	changed := false
	if r.Entry.Start.Kind != Instant || !r.Entry.Start.Time.Equal(e.Start) {
		length := r.Length()
		if length <= 0 || length > longest {
			length = e.End.Sub(e.Start)
		}
		r.set("DTSTART", instant(e.Start))
		r.set("DTEND", instant(e.Start.Add(length)))
		r.drop("DURATION")
		changed = true
	}
	for _, t := range []struct{ name, text string }{{"SUMMARY", e.Summary}, {"DESCRIPTION", e.Description}, {"LOCATION", e.Location}} {
		if t.text == "" && t.name == "LOCATION" || sameText(r.value(t.name), t.text) {
			continue
		}
		changed = true
		if t.text == "" {
			r.drop(t.name)
			continue
		}
		r.set(t.name, escapeText(t.text))
	}
	if r.Entry.Status == "CANCELLED" {
		r.set("STATUS", "CONFIRMED")
		changed = true
	}
	if kept := slices.DeleteFunc(r.Categories(), IsDone); len(kept) < len(r.Categories()) {
		r.setList("CATEGORIES", kept)
		changed = true
	}
	if !changed {
		return false
	}
	if r.Entry.Sequence < e.Sequence {
		r.set("SEQUENCE", strconv.Itoa(e.Sequence))
	}
	r.set("DTSTAMP", instant(e.Modified))
	r.set("LAST-MODIFIED", instant(e.Modified))
	r.settle(e)
	return true
}

// settle reads the patched bytes again. Where they don't say what they should, because something in them can be read in two ways, the
// object is written anew without it.
func (r *Resource) settle(e *Event) {
	again, err := ReadResource(r.Bytes())
	if err != nil || !again.Entry.Start.Time.Equal(e.Start) || again.Entry.UID != r.Entry.UID {
		fresh := *e
		fresh.UID = r.Entry.UID
		data, encodeErr := NewResource(&fresh, "-//Fifthcall//Callbacks//EN")
		if encodeErr != nil {
			return
		}
		again, err = ReadResource(data)
	}
	if err == nil {
		*r = *again
	}
}

// sameText compares texts as far as programs leave them alone.
func sameText(a, b string) bool { return tidyText(a) == tidyText(unescapeText(escapeText(b))) }

func tidyText(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\u00a0", " "))
}

// IsDone reports whether a category says that an event is done with.
func IsDone(category string) bool { return strings.EqualFold(strings.TrimSpace(category), "done") }

func instant(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// setList is set for a list of TEXT values; none drops the property.
func (r *Resource) setList(name string, values []string) {
	if len(values) == 0 {
		r.drop(name)
		return
	}
	var esc []string
	for _, v := range values {
		esc = append(esc, escapeText(v))
	}
	r.set(name, strings.Join(esc, ","))
}

// set replaces a property of the event, or adds it behind the last one.
func (r *Resource) set(name, value string) {
	raw := foldLines([]byte(name + ":" + value + "\r\n"))
	if r.eol == "\n" {
		raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	}
	line := contentLine{raw: raw, prop: property{name: name, value: value}, depth: 2, event: true}
	at, end := -1, -1
	for i, l := range r.lines {
		if l.event && l.prop.name == name && at < 0 {
			at = i
		}
		if end < 0 && (l.prop.name == "BEGIN" && l.depth == 2 && r.inEvent(i) || l.prop.name == "END" && l.depth == 1 && strings.EqualFold(strings.TrimSpace(l.prop.value), "VEVENT")) {
			end = i
		}
	}
	if at < 0 {
		r.lines = slices.Insert(r.lines, end, line)
		return
	}
	r.lines[at] = line
	rest := slices.DeleteFunc(slices.Clone(r.lines[at+1:]), func(l contentLine) bool { return l.event && l.prop.name == name })
	r.lines = append(r.lines[:at+1:at+1], rest...)
}

// inEvent reports whether line i lies in the VEVENT rather than in a VTIMEZONE.
func (r *Resource) inEvent(i int) bool {
	for j := i - 1; j >= 0; j-- {
		if l := r.lines[j]; l.depth == 1 && l.prop.name == "BEGIN" {
			return strings.EqualFold(strings.TrimSpace(l.prop.value), "VEVENT")
		}
	}
	return false
}

func (r *Resource) drop(name string) {
	r.lines = slices.DeleteFunc(slices.Clone(r.lines), func(l contentLine) bool { return l.event && l.prop.name == name })
}

// NewResource makes the resource of an event that no client wrote.
func NewResource(e *Event, prodID string) ([]byte, error) {
	return encodeObject(prodID, "", []Event{*e})
}
