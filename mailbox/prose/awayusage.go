package prose

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// usageOf reads the words before and behind the day at s[start:end].
func usageOf(s string, start, end int, d proseDate, langs []*tongue) usage {
	for _, t := range langs {
		if u := t.usageBehind(s[end:]); u != usageNone {
			return u
		}
	}
	if d.kind == proseWeekday && strings.HasSuffix(s[start:end], "ig") && slices.ContainsFunc(langs, func(t *tongue) bool { return t.name == "hu" }) {
		return usageUntil // "péntekig"
	}
	before := s[:start]
	for range 8 {
		before = strings.TrimRight(before, " \t\n,:;()[]（）\"*")
		for _, t := range langs {
			if u := t.usageBefore(before, s, d); u != usageNone {
				return u
			}
		}
		if rest, ok := endsInWeekday(before, langs); ok {
			before = rest
			continue
		}
		i := strings.LastIndexFunc(before, func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == '（' })
		word := before[i+1:]
		if word == "" || !isFiller(word, langs) {
			return usageNone
		}
		before = before[:i+1]
	}
	return usageNone
}

// endsInWeekday cuts a weekday of several words.
func endsInWeekday(s string, langs []*tongue) (rest string, ok bool) {
	for _, t := range langs {
		for _, forms := range t.days {
			for _, p := range forms {
				if strings.Contains(p.parts[0], " ") {
					if rest, ok = endsWith(s, []phrase{p}); ok {
						return rest, true
					}
				}
			}
		}
	}
	return s, false
}

func (t *tongue) usageBehind(after string) usage {
	after = strings.TrimLeft(after, " \t,")
	for range 3 { // a weekday in parentheses, or an ending
		if _, ok := beginsWith(after, t.lists["until_after"]); ok {
			return usageUntil
		}
		if _, ok := beginsWith(after, t.lists["from_after"]); ok {
			return usageFrom
		}
		trimmed := strings.TrimLeft(after, " \t()（）.")
		w, rest := trimmed, ""
		if i := strings.IndexFunc(trimmed, func(r rune) bool { return unicode.IsSpace(r) || r == ')' || r == '）' }); i >= 0 {
			w, rest = trimmed[:i], trimmed[i:]
		}
		if w == "" || !isFiller(w, []*tongue{t}) && !(strings.HasPrefix(after, "(") || strings.HasPrefix(after, "（")) {
			return usageNone
		}
		after = strings.TrimLeft(rest, " \t()（）")
	}
	return usageNone
}

func (t *tongue) usageBefore(before, whole string, d proseDate) usage {
	if short := strings.TrimSuffix(before, "."); short != before { // "t.o.m. 31", "inkl. 5. Mai"
		if u := t.usageBefore(short, whole, d); u != usageNone {
			return u
		}
	}
	if rest, ok := endsWith(before, t.lists["until"]); ok {
		switch {
		case d.kind == proseWeekday && t.endsInDay(rest): // office hours: "Monday to Friday"
			return usageNone
		case says(rest, t.lists["negation"]) && says(whole, t.lists["back"]):
			return usageNotUntil
		}
		return usageUntil
	}
	if rest, ok := endsWith(before, t.lists["range"]); ok && d.kind != proseWeekday {
		rest = strings.TrimRight(rest, " .,")
		if r, _ := utf8.DecodeLastRuneInString(rest); unicode.IsDigit(r) || strings.ContainsRune("日号일", r) || t.endsInMonth(rest) || endsInOrdinal(rest) {
			return usageUntil
		}
	}
	if _, ok := endsWith(before, t.lists["from"]); ok {
		return usageFrom
	}
	return usageNone
}

var ordinalEndRE = lazy(`\d(st|nd|rd|th|e|er|º)$`)

func endsInOrdinal(s string) bool { return ordinalEndRE().MatchString(s) }

func (t *tongue) endsInDay(s string) bool {
	ws := strings.Fields(s)
	return len(ws) > 0 && t.isDay(strings.Trim(ws[len(ws)-1], ".,:("))
}

func (t *tongue) endsInMonth(s string) bool {
	ws := strings.Fields(s)
	if len(ws) == 0 {
		return false
	}
	w := strings.Trim(ws[len(ws)-1], ".,:(")
	for _, forms := range t.months {
		for _, p := range forms {
			if w == p.parts[0] || p.open && strings.HasPrefix(w, p.parts[0]) {
				return true
			}
		}
	}
	return false
}
