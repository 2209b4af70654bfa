package message

import (
	"bytes"
	"strconv"
	"strings"
)

// Bounds of a message's structure.
const (
	maxDepth     = 20  // nested multiparts and forwarded messages
	maxParts     = 500 // in all
	maxTextBytes = 1 << 20
)

// Part is one part of a message, or the message itself (RFC 2045, RFC 2046). Its content is
// decoded when asked for.
type Part struct {
	Header   Header
	Type     string            // lower case, such as "text/plain"; what is missing or broken is text/plain
	Params   map[string]string // of Content-Type, names in lower case
	Name     string            // the file's name, if it has one
	Attached bool              // Content-Disposition: attachment
	Parts    []*Part           // of a multipart, or the one message inside a message/rfc822
	Raw      []byte            // the body, still encoded
}

// ParsePart reads a message leniently: missing boundaries, wrong nesting, unknown encodings
// and types never lose it. Structure beyond the bounds is kept as raw content. It is linear in
// the size of data.
func ParsePart(data []byte) *Part {
	left := maxParts
	return parsePart(data, 0, &left, "text/plain")
}

func parsePart(data []byte, depth int, left *int, def string) *Part {
	*left--
	h, at := Header(nil), 0
	switch {
	case depth > 0 && bytes.HasPrefix(data, []byte("\r\n")): // a part without header
		at = 2
	case depth > 0 && bytes.HasPrefix(data, []byte("\n")):
		at = 1
	default:
		h, at = ParseHeader(data)
	}
	p := &Part{Header: h, Raw: data[at:]}
	p.Type, p.Params = parseMediaType(h.Get("Content-Type"), def)
	disp, dp := parseMediaType(h.Get("Content-Disposition"), "")
	p.Attached = disp == "attachment"
	if p.Name = dp["filename"]; p.Name == "" {
		p.Name = p.Params["name"]
	}
	if depth >= maxDepth || *left <= 0 {
		return p
	}
	switch {
	case strings.HasPrefix(p.Type, "multipart/"):
		def := "text/plain"
		if p.Type == "multipart/digest" {
			def = "message/rfc822"
		}
		for _, body := range splitMultipart(p.Raw, p.boundary(), *left) {
			p.Parts = append(p.Parts, parsePart(body, depth+1, left, def))
		}
	case p.Type == "message/rfc822" || p.Type == "message/global":
		p.Parts = []*Part{parsePart(p.Content(), depth+1, left, "text/plain")}
	}
	return p
}

// boundary is the one named, or else the one that the body shows to begin with.
func (p *Part) boundary() string {
	if b := strings.TrimRight(p.Params["boundary"], " \t"); b != "" {
		return b
	}
	for _, line := range bytes.SplitN(p.Raw, []byte("\n"), 50) {
		line = bytes.TrimRight(line, "\r \t")
		if len(line) > 4 && bytes.HasPrefix(line, []byte("--")) && !bytes.ContainsAny(line[2:], " \t") {
			return string(line[2:])
		}
	}
	return ""
}

// splitMultipart cuts a body at its boundary lines (RFC 2046, 5.1.1). A missing end is no
// error; without any boundary line nothing is found.
func splitMultipart(body []byte, boundary string, most int) [][]byte {
	if boundary == "" {
		return nil
	}
	mark := []byte("--" + boundary)
	var parts [][]byte
	start := -1
	for pos := 0; pos < len(body) && len(parts) < most; {
		end := bytes.IndexByte(body[pos:], '\n')
		next := len(body)
		if end >= 0 {
			next = pos + end + 1
		}
		line := bytes.TrimRight(body[pos:next], "\r\n \t")
		if bytes.HasPrefix(line, mark) && (len(line) == len(mark) || string(line[len(mark):]) == "--") {
			if start >= 0 {
				parts = append(parts, trimEOL(body[start:pos]))
			}
			if len(line) > len(mark) {
				return parts
			}
			start = next
		}
		pos = next
	}
	if start >= 0 && start < len(body) && len(parts) < most {
		parts = append(parts, body[start:])
	}
	return parts
}

// trimEOL drops the line end that belongs to the boundary behind it.
func trimEOL(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}

// parseMediaType reads Content-Type or Content-Disposition leniently (RFC 2045, 5.1; RFC
// 2231): doubled semicolons, blanks round "=", missing quotes, continued and encoded values.
func parseMediaType(v, def string) (string, map[string]string) {
	parts := splitParams(v)
	t := ""
	if len(parts) > 0 {
		t = strings.ToLower(strings.Join(strings.Fields(parts[0]), ""))
	}
	params := map[string]string{}
	pieces := map[string]map[int]string{}
	charset := map[string]string{}
	for _, p := range parts[min(1, len(parts)):] {
		name, val, ok := strings.Cut(p, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" {
			continue
		}
		val = unquote(strings.TrimSpace(val))
		base, ext, star := strings.Cut(name, "*")
		if !star {
			if _, dup := params[name]; !dup {
				params[name] = val
			}
			continue
		}
		encoded := ext == "" || strings.HasSuffix(ext, "*")
		n, _ := strconv.Atoi(strings.TrimSuffix(ext, "*"))
		if encoded && n == 0 {
			if f := strings.SplitN(val, "'", 3); len(f) == 3 {
				charset[base], val = f[0], f[2]
			}
		}
		if encoded {
			val = percentDecode(val)
		}
		if pieces[base] == nil {
			pieces[base] = map[int]string{}
		}
		pieces[base][n] = val
	}
	for base, m := range pieces {
		var b strings.Builder
		for i := 0; i < len(m) && i < 100; i++ {
			b.WriteString(m[i])
		}
		params[base] = decodeText(charset[base], []byte(b.String()))
	}
	for _, n := range []string{"name", "filename"} {
		if params[n] != "" {
			params[n] = DecodeWords(params[n])
		}
	}
	if !strings.Contains(t, "/") && def != "" {
		t = def
	}
	return t, params
}

// splitParams cuts at semicolons outside quotes.
func splitParams(v string) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] == '\\' && quoted:
			i++
		case v[i] == '"':
			quoted = !quoted
		case v[i] == ';' && !quoted:
			out = append(out, v[start:i])
			start = i + 1
		}
	}
	if start < len(v) {
		out = append(out, v[start:])
	}
	return out
}

func unquote(s string) string {
	if len(s) > 0 && s[0] == '"' {
		s = s[1:]
		if i := strings.LastIndexByte(s, '"'); i >= 0 {
			s = s[:i]
		}
		return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s)
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	return s
}

func percentDecode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Content is the part's content, its transfer encoding undone (RFC 2045, 6). An unknown
// encoding is taken as none.
func (p *Part) Content() []byte {
	enc := strings.ToLower(strings.Trim(p.Header.Get("Content-Transfer-Encoding"), " \t\"';"))
	enc, _, _ = strings.Cut(enc, " ")
	switch enc {
	case "base64":
		return decodeBase64(p.Raw)
	case "quoted-printable", "quotedprintable":
		return decodeQuotedPrintable(p.Raw)
	case "x-uuencode", "uuencode", "x-uue":
		if out := decodeUU(p.Raw); out != nil {
			return out
		}
	}
	return p.Raw
}

// decodeQuotedPrintable keeps what isn't valid as it is.
func decodeQuotedPrintable(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		line, eol := b, []byte(nil)
		if i >= 0 {
			line, eol = b[:i], b[i:i+1]
			if i > 0 && line[i-1] == '\r' {
				line, eol = b[:i-1], b[i-1:i+1]
			}
			b = b[i+1:]
		} else {
			b = nil
		}
		line = bytes.TrimRight(line, " \t\r")
		soft := bytes.HasSuffix(line, []byte("="))
		if soft {
			line = line[:len(line)-1]
		}
		for j := 0; j < len(line); j++ {
			if line[j] == '=' && j+2 < len(line) && isHex(line[j+1]) && isHex(line[j+2]) {
				out = append(out, unhex(line[j+1])<<4|unhex(line[j+2]))
				j += 2
				continue
			}
			out = append(out, line[j])
		}
		if !soft {
			out = append(out, eol...)
		}
	}
	return out
}

// decodeUU reads the first uuencoded file, nil if there is none.
func decodeUU(b []byte) []byte {
	i := bytes.Index(b, []byte("begin "))
	if i < 0 {
		return nil
	}
	lines := bytes.Split(b[i:], []byte("\n"))
	out := []byte{}
	for _, l := range lines[1:] {
		l = bytes.TrimRight(l, "\r")
		if len(l) == 0 || l[0] == '`' || string(l) == "end" {
			break
		}
		n := int(l[0]-' ') & 63
		var line []byte
		for j := 1; j+3 < len(l); j += 4 {
			v := [4]byte{}
			for k := range v {
				v[k] = (l[j+k] - ' ') & 63
			}
			line = append(line, v[0]<<2|v[1]>>4, v[1]<<4|v[2]>>2, v[2]<<6|v[3])
		}
		out = append(out, line[:min(n, len(line))]...)
	}
	return out
}

// Text is the part's content as UTF-8, with "\n" as line end, format=flowed undone (RFC 3676).
func (p *Part) Text() string {
	b := p.Content()
	if len(b) > maxTextBytes {
		b = b[:maxTextBytes]
	}
	s := decodeText(p.Params["charset"], b)
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.ReplaceAll(s, "\x00", "")
	if p.Type == "text/plain" && strings.EqualFold(p.Params["format"], "flowed") {
		s = unflow(s, strings.EqualFold(p.Params["delsp"], "yes"))
	}
	return s
}

// unflow joins the lines that end in a blank (RFC 3676, 4.2).
func unflow(s string, delsp bool) string {
	out := make([]byte, 0, len(s))
	depth, flowing := 0, false
	for i, l := range strings.Split(s, "\n") {
		d := 0
		for d < len(l) && l[d] == '>' {
			d++
		}
		content := strings.TrimPrefix(l[d:], " ")
		if !flowing || d != depth {
			if i > 0 {
				out = append(out, '\n')
			}
			if d > 0 {
				out = append(append(out, l[:d]...), ' ')
			}
		}
		out = append(out, content...)
		depth = d
		flowing = strings.HasSuffix(content, " ") && content != "-- "
		if flowing && delsp {
			out = out[:len(out)-1]
		}
	}
	return string(out)
}

// Walk visits the part and all below it that belong to this message; messages attached to it
// are visited, what is in them is not.
func (p *Part) Walk(visit func(*Part)) {
	visit(p)
	if p.Type == "message/rfc822" || p.Type == "message/global" {
		return
	}
	for _, c := range p.Parts {
		c.Walk(visit)
	}
}

// Find is the first part for which ok holds, nil if there is none.
func (p *Part) Find(ok func(*Part) bool) *Part {
	var hit *Part
	p.Walk(func(c *Part) {
		if hit == nil && ok(c) {
			hit = c
		}
	})
	return hit
}

// PlainText is the first text/plain part that isn't an attachment, nil if there is none.
func (p *Part) PlainText() *Part {
	return p.Find(func(c *Part) bool { return c.Type == "text/plain" && !c.Attached && len(c.Parts) == 0 })
}

// HTML is the first text/html part that isn't an attachment, nil if there is none.
func (p *Part) HTML() *Part {
	return p.Find(func(c *Part) bool { return c.Type == "text/html" && !c.Attached })
}

// Readable is the text that a reader sees, and says what it was made of: plain, html,
// encrypted, or "" where nothing is readable.
func (p *Part) Readable() (text, from string) {
	if t := p.PlainText(); t != nil {
		if s := t.Text(); strings.TrimSpace(s) != "" {
			return s, "plain"
		}
	}
	if h := p.HTML(); h != nil {
		return HTMLText(h.Text()), "html"
	}
	if p.Type == "multipart/encrypted" || strings.Contains(p.Type, "pkcs7-mime") && p.Params["smime-type"] != "signed-data" {
		return "", "encrypted"
	}
	if p.Find(func(c *Part) bool { return c.Type == "application/ms-tnef" || strings.EqualFold(c.Name, "winmail.dat") }) != nil {
		return "", "winmail.dat"
	}
	return "", ""
}
