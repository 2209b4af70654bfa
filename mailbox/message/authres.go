package message

import (
	"errors"
	"strings"
)

// authResults is an Authentication-Results field (RFC 8601, 2.2).
type authResults struct {
	servID  string
	results []authResult
}

// authResult is what one method came to.
type authResult struct {
	method, value string            // in lower case
	props         map[string]string // by "ptype.property" in lower case; the values unquoted
}

var errAuthSyntax = errors.New("not a field of authentication results")

// parseAuthResults reads a field as RFC 8601 writes it: comments, nested, and quoted strings may hold semicolons, blanks and equals
// signs, and nothing in them is a result. What is no result, property or reason makes the whole field void, since a signer's own words,
// which some servers copy without quoting them, would stand there.
func parseAuthResults(field string) (*authResults, error) {
	p := &authScanner{rest: field}
	p.blanks()
	id, ok := p.value()
	if !ok {
		return nil, errAuthSyntax
	}
	out := &authResults{servID: strings.ToLower(id)}
	if v, ok := p.word(); ok && v != "1" { // the version
		return nil, errAuthSyntax
	}
	for {
		if p.end() {
			return out, p.err
		}
		if !p.take(';') {
			return nil, errAuthSyntax
		}
		if p.end() || p.peek() == ';' { // some end with a semicolon
			continue
		}
		r, ok := p.result()
		if !ok {
			return nil, errAuthSyntax
		}
		if r.value != "" {
			out.results = append(out.results, r)
		}
	}
}

// authScanner reads the field from left to right.
type authScanner struct {
	rest string
	err  error
}

// authDepth bounds nested comments.
const authDepth = 20

// blanks skips blanks and comments (CFWS, RFC 5322, 3.2.2).
func (p *authScanner) blanks() {
	depth := 0
	for i := 0; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case depth > 0 && c == '\\':
			i++
		case c == '(':
			depth++
		case depth > 0 && c == ')':
			depth--
		case depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n':
			p.rest = p.rest[i:]
			return
		}
		if depth > authDepth {
			p.err = errAuthSyntax
		}
	}
	p.rest = ""
	if depth > 0 {
		p.err = errAuthSyntax
	}
}

func (p *authScanner) end() bool { return p.rest == "" || p.err != nil }

func (p *authScanner) peek() byte {
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

// take eats one character and the blanks behind it.
func (p *authScanner) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.rest = p.rest[1:]
	p.blanks()
	return true
}

// run eats what stands before any of the characters that end a word, without blanks behind it.
func (p *authScanner) run(ends string) string {
	i := strings.IndexAny(p.rest, ends+" \t\r\n;()\"")
	if i < 0 {
		i = len(p.rest)
	}
	out := p.rest[:i]
	p.rest = p.rest[i:]
	return out
}

// word eats a keyword and the blanks behind it.
func (p *authScanner) word() (string, bool) {
	w := p.run("=./")
	p.blanks()
	return strings.ToLower(w), w != ""
}

// value eats a token, a quoted string, or an address of which either part may be quoted, and the blanks behind it.
func (p *authScanner) value() (string, bool) {
	var out strings.Builder
	start := len(p.rest)
	for p.rest != "" && p.err == nil {
		if p.peek() != '"' {
			run := p.run("")
			if run == "" {
				break
			}
			out.WriteString(run)
			continue
		}
		if !p.quoted(&out) {
			return "", false
		}
	}
	if start == len(p.rest) {
		return "", false
	}
	p.blanks()
	return out.String(), true
}

func (p *authScanner) quoted(out *strings.Builder) bool {
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '\\' && i+1 < len(p.rest):
			i++
			out.WriteByte(p.rest[i])
		case c == '"':
			p.rest = p.rest[i+1:]
			return true
		default:
			out.WriteByte(c)
		}
	}
	return false
}

// result eats a method, its result, the reason and the properties. The value is "" for "none" alone (no-result).
func (p *authScanner) result() (authResult, bool) {
	r := authResult{props: map[string]string{}}
	var ok bool
	if r.method, ok = p.word(); !ok {
		return r, false
	}
	if r.method == "none" && (p.end() || p.peek() == ';') {
		return r, true
	}
	if p.take('/') {
		if v, ok := p.word(); !ok || v != "1" {
			return r, false
		}
	}
	if !p.take('=') {
		return r, false
	}
	if r.value, ok = p.word(); !ok {
		return r, false
	}
	for !p.end() && p.peek() != ';' {
		if !p.property(&r) {
			return r, false
		}
	}
	return r, p.err == nil
}

// property eats "ptype.property=value", or "name=value" as reasons and some servers' own words are written.
func (p *authScanner) property(r *authResult) bool {
	name := ""
	for {
		part, ok := p.word()
		if !ok {
			return false
		}
		name += part
		if !p.take('.') {
			break
		}
		name += "."
	}
	if !p.take('=') {
		return false
	}
	v, ok := p.value()
	if _, twice := r.props[name]; !ok || twice {
		return false
	}
	r.props[name] = v
	return true
}
