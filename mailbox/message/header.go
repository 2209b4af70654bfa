package message

import (
	"bytes"
	"strings"
)

// Bounds of what is read of a header: mail comes from strangers.
const (
	MaxHeaderBytes = 1 << 20
	maxFields      = 2000
	maxFieldBytes  = 64 << 10
)

// Field is one header field, unfolded, not decoded.
type Field struct {
	Name  string
	Value string
}

// Header is a message's header in order, read leniently (RFC 5322, 2.2; what is
// broken is skipped, never an error).
type Header []Field

// ParseHeader reads the header at the start of raw and returns it with the offset at which
// the body begins. It survives a BOM, mbox "From " lines, NUL bytes, lines without colon, a
// missing blank line and any line ending. It is linear in the header's size.
func ParseHeader(data []byte) (h Header, bodyAt int) {
	limit := min(len(data), MaxHeaderBytes)
	raw := string(data[:limit]) // once: all values are parts of it
	h = make(Header, 0, 24)
	pos := skipPreamble(raw)
	if line, next := nextLine(raw, pos); pos > 3 && raw[0] <= ' ' && line != "" {
		if _, _, ok := splitField(line); !ok && !continuesHeader(raw, next) {
			return h, pos // a blank line, then text: there is no header
		}
	}
	for pos < limit {
		line, next := nextLine(raw, pos)
		switch {
		case len(line) == 0:
			return h, next
		case line[0] == ' ' || line[0] == '\t':
			if strings.TrimSpace(line) == "" && !continuesHeader(raw, next) {
				return h, next // a blank line with white space on it
			}
			h.extend(line)
		default:
			name, value, ok := splitField(line)
			if !ok {
				if !continuesHeader(raw, next) && len(h) > 0 {
					return h, pos // the blank line is missing: this is the body already
				}
				break // a line without a colon among fields: skip it
			}
			if len(h) < maxFields {
				h = append(h, Field{name, clip(value)})
			}
		}
		pos = next
	}
	if pos >= len(data) {
		return h, len(data)
	}
	return h, endOfHeader(data, pos)
}

// endOfHeader finds the blank line behind a header that is longer than we read.
func endOfHeader(raw []byte, pos int) int {
	rest := raw[pos:]
	best := -1
	for _, sep := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(rest, []byte(sep)); i >= 0 && (best < 0 || i+len(sep) < best) {
			best = i + len(sep)
		}
	}
	if best < 0 {
		return len(raw)
	}
	return pos + best
}

// skipPreamble steps over a BOM, blank lines and mbox "From " lines at the start.
func skipPreamble(raw string) int {
	pos := 0
	if strings.HasPrefix(raw, "\xef\xbb\xbf") {
		pos = 3
	}
	for range 10 {
		line, next := nextLine(raw, pos)
		blank := strings.TrimSpace(line) == ""
		mbox := strings.HasPrefix(line, "From ") || strings.HasPrefix(line, ">From ")
		if next == pos || !blank && !mbox {
			break
		}
		pos = next
	}
	return pos
}

// nextLine is the line at pos without its ending, and where the next begins.
func nextLine(raw string, pos int) (line string, next int) {
	rest := raw[pos:]
	i := strings.IndexByte(rest, '\n')
	if cr := strings.IndexByte(rest[:max(i, 0)], '\r'); i > 0 && cr >= 0 && cr < i-1 {
		return rest[:cr], pos + cr + 1 // a bare CR ends a line, too
	}
	if i < 0 {
		if cr := strings.IndexByte(rest, '\r'); cr >= 0 && cr < len(rest)-1 {
			return rest[:cr], pos + cr + 1
		}
		return strings.TrimRight(rest, "\r"), len(raw)
	}
	return strings.TrimRight(rest[:i], "\r"), pos + i + 1
}

// splitField cuts "Name: value"; names are what RFC 5322, 3.6.8 allows and 8-bit characters, blanks
// before the colon included.
func splitField(line string) (name, value string, ok bool) {
	i := strings.IndexByte(line, ':')
	if i <= 0 || i > 200 {
		return "", "", false
	}
	n := strings.TrimRight(line[:i], " \t")
	if len(n) == 0 {
		return "", "", false
	}
	for i := range len(n) {
		if n[i] <= ' ' || n[i] == 0x7f {
			return "", "", false
		}
	}
	return n, strings.Trim(line[i+1:], " \t"), true
}

// continuesHeader reports whether a header field, or the blank line that ends a header,
// follows within the next lines.
func continuesHeader(raw string, pos int) bool {
	for range 5 {
		if pos >= len(raw) {
			return false
		}
		line, next := nextLine(raw, pos)
		if len(line) == 0 {
			return false
		}
		if _, _, ok := splitField(line); ok && line[0] != ' ' && line[0] != '\t' {
			return knownField(line)
		}
		pos = next
	}
	return false
}

// knownField tells a header field from prose that happens to have a colon.
func knownField(line string) bool {
	name, _, _ := strings.Cut(line, ":")
	n := strings.ToLower(strings.TrimSpace(name))
	if strings.HasPrefix(n, "x-") || strings.HasPrefix(n, "content-") || strings.HasPrefix(n, "list-") || strings.HasPrefix(n, "resent-") {
		return true
	}
	switch n {
	case "from", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references", "received", "return-path",
		"mime-version", "sender", "reply-to", "delivered-to", "status", "precedence", "errors-to", "organization", "user-agent",
		"importance", "priority", "dkim-signature", "authentication-results", "auto-submitted", "lines", "xref", "newsgroups", "path":
		return true
	}
	return false
}

func (h Header) extend(line string) {
	if len(h) == 0 {
		return
	}
	last := &h[len(h)-1]
	if len(last.Value) < maxFieldBytes {
		last.Value = clip(last.Value + " " + strings.Trim(line, " \t"))
	}
}

func clip(s string) string {
	if len(s) > maxFieldBytes {
		return s[:maxFieldBytes]
	}
	return s
}

// sameName compares field names; most differ in length already.
func sameName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// Get is the first field's value, or "".
func (h Header) Get(name string) string {
	for i := range h {
		if sameName(h[i].Name, name) {
			return strings.ReplaceAll(h[i].Value, "\x00", "")
		}
	}
	return ""
}

// Has reports whether a field is there, empty or not.
func (h Header) Has(name string) bool {
	for i := range h {
		if sameName(h[i].Name, name) {
			return true
		}
	}
	return false
}

// All is every value of the fields of that name.
func (h Header) All(name string) []string {
	var out []string
	for i := range h {
		if sameName(h[i].Name, name) {
			out = append(out, strings.ReplaceAll(h[i].Value, "\x00", ""))
		}
	}
	return out
}
