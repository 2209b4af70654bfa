package calendar

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Bounds of an iCalendar object read from a stranger.
const (
	maxObject = 1 << 20
	maxLines  = 50_000
	maxLine   = 64 << 10
	maxNested = 6
	maxEvents = 2000
)

// component is one BEGIN…END block (RFC 5545, 3.6).
type component struct {
	name  string
	props []property
	parts []*component
}

// property is one content line (RFC 5545, 3.1). Names are in upper case.
type property struct {
	name   string
	params map[string]string
	value  string
}

// prop is the first property of the name, its value "" if there is none.
func (c *component) prop(name string) property {
	for _, p := range c.props {
		if p.name == name {
			return p
		}
	}
	return property{}
}

// text is the value of a TEXT property, its escapes undone.
func (c *component) text(name string) string { return unescapeText(c.prop(name).value) }

// readComponents reads all objects of a stream leniently: what isn't a content line is
// skipped or belongs to the line before, blocks may be closed wrongly or not at all. It is
// linear in the size, and blocks nested deeper than maxNested are flattened.
func readComponents(data []byte) []*component {
	return readBounded(data, bounds{object: maxObject, lines: maxLines})
}

// bounds limit what is read: bytes and content lines.
type bounds struct{ object, lines int }

func readBounded(data []byte, lim bounds) []*component {
	root := &component{}
	stack := []*component{root}
	for _, line := range unfold(data, lim) {
		p, ok := readProperty(line)
		if !ok {
			continue
		}
		top := stack[len(stack)-1]
		switch p.name {
		case "BEGIN":
			name := strings.ToUpper(strings.TrimSpace(p.value))
			if name == "VCALENDAR" { // the one before was not closed
				stack = stack[:1]
				top = root
			}
			if len(stack) > maxNested {
				continue
			}
			c := &component{name: name}
			top.parts = append(top.parts, c)
			stack = append(stack, c)
		case "END":
			name := strings.ToUpper(strings.TrimSpace(p.value))
			for i := len(stack) - 1; i > 0; i-- {
				if stack[i].name == name {
					stack = stack[:i]
					break
				}
			}
		default:
			top.props = append(top.props, p)
		}
	}
	return root.parts
}

// unfold gives the content lines, folded ones joined (RFC 5545, 3.1). A line without a name
// at its start is taken as the torn rest of the one before.
func unfold(data []byte, lim bounds) []string {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > lim.object {
		data = data[:lim.object]
	}
	if !utf8.Valid(data) {
		data = latin1(data)
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	var out []string
	var cur []byte
	flush := func() {
		if len(cur) > 0 && len(out) < lim.lines {
			out = append(out, string(cur))
		}
		cur = nil
	}
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			if len(cur)+len(line) < maxLine {
				cur = append(cur, line[1:]...)
			}
			continue
		}
		line = bytes.TrimRight(line, " \t\x00")
		if len(line) == 0 {
			continue
		}
		if !startsLine(line) && !bareName(line, data) {
			if len(cur) > 0 && len(cur)+len(line) < maxLine {
				cur = append(append(cur, '\\', 'n'), line...)
			}
			continue
		}
		flush()
		cur = append(cur, line[:min(len(line), maxLine)]...)
	}
	flush()
	return out
}

// startsLine reports whether the line begins with a property's name and a colon or semicolon.
func startsLine(l []byte) bool {
	for i, c := range l {
		switch {
		case c == ':' || c == ';':
			return i > 0
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '/':
		default:
			return false
		}
		if i > 60 {
			return false
		}
	}
	return false
}

// bareName reports whether the line is a name that was folded before its colon.
func bareName(line, next []byte) bool {
	next = bytes.TrimLeft(next[:min(len(next), 3)], " \t")
	return len(next) > 0 && (next[0] == ':' || next[0] == ';') && startsLine(append(line[:len(line):len(line)], ':'))
}

func latin1(b []byte) []byte {
	out := make([]byte, 0, len(b)*2)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

// readProperty takes a content line apart. Values of addresses and times may follow parameters that
// hold unquoted colons, as Exchange writes them: there the colon before the value is the last that fits.
func readProperty(line string) (property, bool) {
	i := strings.IndexAny(line, ":;")
	if i <= 0 {
		return property{}, false
	}
	p := property{name: strings.ToUpper(line[:i])}
	if j := strings.LastIndexByte(p.name, '.'); j >= 0 { // a group: "item1.DTSTART"
		p.name = p.name[j+1:]
	}
	if line[i] == ':' {
		p.value = strings.TrimSpace(line[i+1:])
		return p, true
	}
	at := valueColon(line, i, p.name)
	if at <= i {
		return property{}, false
	}
	p.params = readParams(line[i+1 : at])
	p.value = strings.TrimSpace(line[at+1:])
	return p, true
}

func valueColon(line string, from int, name string) int {
	switch name {
	case "DTSTART", "DTEND", "RECURRENCE-ID", "DTSTAMP", "DUE", "EXDATE", "RDATE":
		return strings.LastIndexByte(line, ':')
	case "ORGANIZER", "ATTENDEE":
		if i := strings.LastIndex(strings.ToLower(line), ":mailto:"); i > 0 {
			return i
		}
	}
	quoted := false
	for i := from; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			return i
		}
	}
	return strings.IndexByte(line[from:], ':') + from // the quotes don't pair
}

// readParams reads "A=b;C=\"d;e\"", names in upper case; the first of a name stays.
func readParams(s string) map[string]string {
	out := map[string]string{}
	for len(s) > 0 && len(out) < 50 {
		end, quoted := len(s), false
		for i := 0; i < len(s); i++ {
			if s[i] == '"' {
				quoted = !quoted
			} else if s[i] == ';' && !quoted {
				end = i
				break
			}
		}
		name, val, _ := strings.Cut(s[:end], "=")
		s = s[min(end+1, len(s)):]
		name = strings.ToUpper(strings.TrimSpace(name))
		if _, dup := out[name]; name != "" && !dup {
			out[name] = caretNames.Replace(strings.Trim(strings.TrimSpace(val), `"`))
		}
	}
	return out
}

// caretNames undoes RFC 6868.
var caretNames = strings.NewReplacer("^n", "\n", "^^", "^", "^'", `"`)

// unescapeText undoes RFC 5545, 3.3.11; a lone backslash stays.
func unescapeText(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\:`, ":", `\"`, `"`).Replace(s)
}
