package desk

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
)

// TidyLine joins the words of a text by single blanks.
func TidyLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// FoldWords are the words of a text in lower case, a blank before and behind each.
func FoldWords(s string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '-' }), " ") + " "
}

// NameOr is the name, or the address where there is none.
func NameOr(name, addr string) string {
	if n := CleanName(name); n != "" {
		return n
	}
	return addr
}

// TakeField takes an imported column out of a contact.
func TakeField(c *Contact, name string) string {
	for k, v := range c.Fields {
		if strings.EqualFold(k, name) {
			delete(c.Fields, k)
			return v
		}
	}
	return ""
}

// Field is an imported column of a contact, whatever the case in which its name was written; "" if it hasn't got it.
func Field(c *Contact, names ...string) string {
	for _, n := range names {
		for k, v := range c.Fields {
			if strings.EqualFold(k, n) {
				return v
			}
		}
	}
	return ""
}

// Digits are the digits of a text.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// SplitList parts several values in one cell: by semicolon, bar, ":::" or line; commas only between addresses.
func SplitList(s string) []string {
	s = strings.ReplaceAll(s, ":::", ";")
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' || r == '\n' || r == ',' })
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// TwoLetters is the two-letter code that a language's name begins with.
func TwoLetters(l string) string {
	if len(l) == 2 || l[2] == '-' || l[2] == '_' {
		return l[:2]
	}
	return ""
}

// ContactZone is where the contact is, as far as it is known; else def.
func ContactZone(c *Contact, def *time.Location) *time.Location {
	if name := Field(c, "timezone", "time zone", "zone"); name != "" {
		if z, err := time.LoadLocation(name); err == nil {
			return z
		}
	}
	return def
}

// LaterOf is the later of two instants.
func LaterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// WavedMark names the mark that a thread needs no answer.
func WavedMark(thread string) string { return "waved:" + ShortHash(thread) }

// HasWords reports whether all words wanted are among those there.
func HasWords(have, want []string) bool {
	for _, w := range want {
		found := false
		for _, h := range have {
			found = found || h == w
		}
		if !found {
			return false
		}
	}
	return len(want) > 0
}

// ClipText shortens a text to so many characters.
func ClipText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// SortedKeys are a map's keys in order.
func SortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Contains reports whether a list holds a word.
func Contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// ClipBytes is the beginning of a text.
func ClipBytes(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "")
	}
	return s
}
