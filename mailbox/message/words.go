package message

import (
	"encoding/base64"
	"strings"
	"unicode"
)

// DecodeWords decodes the encoded words (RFC 2047) in a header value and the 8-bit bytes
// that shouldn't be there, leniently: blanks inside a word, missing padding, a missing end,
// characters split over two words, an unknown charset. Control characters become blanks.
func DecodeWords(s string) string {
	if plainText(s) {
		return strings.TrimSpace(s)
	}
	if !strings.Contains(s, "=?") {
		return cleanControl(decodeText("", []byte(s)))
	}
	var out strings.Builder
	var pending []byte // bytes of adjacent words in one charset, decoded together
	pendingCharset := ""
	flush := func() {
		if len(pending) > 0 {
			out.WriteString(decodeText(pendingCharset, pending))
			pending = nil
		}
	}
	for len(s) > 0 {
		i := strings.Index(s, "=?")
		if i < 0 {
			flush()
			out.WriteString(decodeText("", []byte(s)))
			break
		}
		charset, data, rest, ok := encodedWord(s[i:])
		if !ok {
			flush()
			out.WriteString(decodeText("", []byte(s[:i+2])))
			s = s[i+2:]
			continue
		}
		if gap := s[:i]; gap != "" && (len(pending) == 0 || strings.TrimSpace(gap) != "") {
			flush()
			out.WriteString(decodeText("", []byte(gap)))
		}
		if !strings.EqualFold(charset, pendingCharset) {
			flush()
			pendingCharset = charset
		}
		pending = append(pending, data...)
		s = rest
		if len(pending) == 0 {
			s = strings.TrimLeft(s, " \t")
		}
	}
	flush()
	return cleanControl(out.String())
}

// plainText reports whether there is nothing to decode or clean.
func plainText(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == '=' && i+1 < len(s) && s[i+1] == '?' {
			return false
		}
	}
	return true
}

// encodedWord reads "=?charset?X?text?=" at the start of s.
func encodedWord(s string) (charset string, data []byte, rest string, ok bool) {
	body := s[2:]
	q1 := strings.IndexByte(body, '?')
	if q1 <= 0 || q1 > 60 || q1+2 >= len(body) || body[q1+2] != '?' || strings.ContainsAny(body[:q1], " \t=") {
		return "", nil, "", false
	}
	charset = body[:q1]
	enc := body[q1+1]
	text := body[q1+3:]
	end := strings.Index(text, "?=")
	if enc == 'Q' || enc == 'q' {
		// "?==41" is not an end: look for one that a blank, the end or another word follows
		for end >= 0 && end+2 < len(text) && isHex(text[end+2]) && end+3 < len(text) && isHex(text[end+3]) && text[end+1] == '=' && strings.Contains(text[end+2:], "?=") {
			j := strings.Index(text[end+2:], "?=")
			if strings.ContainsAny(text[end:end+2+j], " \t") {
				break
			}
			end += 2 + j
		}
	}
	rest = ""
	switch {
	case end >= 0:
		rest = text[end+2:]
		text = text[:end]
	case strings.HasSuffix(text, "?"):
		text = text[:len(text)-1]
	}
	switch enc {
	case 'B', 'b':
		return charset, decodeBase64([]byte(text)), rest, true
	case 'Q', 'q':
		return charset, decodeQWord(text), rest, true
	}
	return "", nil, "", false
}

func decodeQWord(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

// decodeBase64 skips what isn't base64 and reads on behind padding in the middle.
func decodeBase64(b []byte) []byte {
	clean := make([]byte, 0, len(b))
	var out []byte
	emit := func() {
		for len(clean)%4 == 1 {
			clean = clean[:len(clean)-1]
		}
		dec := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
		n, _ := base64.RawStdEncoding.Decode(dec, clean)
		out = append(out, dec[:n]...)
		clean = clean[:0]
	}
	for _, c := range b {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			clean = append(clean, c)
		case c == '-':
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		case c == '=':
			emit()
		}
	}
	emit()
	return out
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// cleanControl replaces control characters by blanks, so that no text from outside can
// break a line or a header of ours.
func cleanControl(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
}
