package imports

// vCard 2.1, as Outlook and old phones write it, brought into the form of 3.0.

import (
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"

	"fifthcall/mailbox/message"
)

// softBreakRE is a line end within quoted-printable text.
var softBreakRE = regexp.MustCompile(`=[ \t]*\n[ \t]*`)

// vcard3 is a card with each property in the form that vCard 3.0 has: types are bare words in 2.1 ("EMAIL;WORK:", 2.1.2), also in cards that
// name a later version, and values may be quoted-printable in a charset of their own.
func vcard3(text string) string {
	if strings.Contains(text, "VERSION:4") {
		return text
	}
	lines := strings.Split(text, "\n")
	var out []string
	for i := 0; i < len(lines); i++ {
		l := strings.TrimRight(lines[i], "\r")
		if strings.Contains(strings.ToUpper(l), "QUOTED-PRINTABLE") {
			for strings.HasSuffix(l, "=") && i+1 < len(lines) {
				i++
				l += "\n" + strings.TrimRight(lines[i], "\r")
			}
			l = softBreakRE.ReplaceAllString(l, "")
		}
		out = append(out, property3(l))
	}
	return strings.Join(out, "\n")
}

func property3(l string) string {
	head, value, ok := strings.Cut(l, ":")
	if !ok {
		return l
	}
	parts := strings.Split(head, ";")
	name, charset, quoted := parts[0], "", false
	if strings.EqualFold(name, "VERSION") {
		return "VERSION:3.0"
	}
	if strings.HasPrefix(l, " ") || strings.HasPrefix(l, "\t") || strings.ContainsAny(name, " \"") { // a line that was folded
		return l
	}
	for _, p := range parts[1:] {
		key, v, named := strings.Cut(p, "=")
		switch {
		case strings.EqualFold(key, "CHARSET"):
			charset = v
		case strings.EqualFold(p, "QUOTED-PRINTABLE"), strings.EqualFold(key, "ENCODING") && strings.EqualFold(v, "QUOTED-PRINTABLE"):
			quoted = true
		case strings.EqualFold(p, "BASE64"):
			name += ";ENCODING=b"
		case named:
			name += ";" + p
		case p != "":
			name += ";TYPE=" + p
		}
	}
	if quoted {
		b, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))) // what can't be read stays as far as it could
		value = strings.NewReplacer("\r\n", `\n`, "\n", `\n`).Replace(message.Text(charset, b))
	}
	return name + ":" + value
}
