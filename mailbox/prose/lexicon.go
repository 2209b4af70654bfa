package prose

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed words/away.txt
var awayWords string

// tongue is how one language speaks of absence; words/away.txt says what each list is for.
type tongue struct {
	name   string
	order  string // of numeric dates: dmy, mdy, ymd
	months [12][]phrase
	days   [7][]phrase
	lists  map[string][]phrase
	filler map[string]bool
}

// phrase is some words that are looked for, in lower case.
type phrase struct {
	parts []string // with up to maxGap characters between them
	open  bool     // any ending is right
}

const maxGap = 40

// tongues are all languages known, in the order of the file.
var tongues = sync.OnceValue(func() []*tongue { return readTongues(awayWords) })

func readTongues(src string) []*tongue {
	var out []*tongue
	var cur *tongue
	for _, line := range strings.Split(src, "\n") {
		if strings.HasPrefix(line, "[") {
			cur = &tongue{name: strings.Trim(line, "[] "), lists: map[string][]phrase{}, filler: map[string]bool{}}
			out = append(out, cur)
			continue
		}
		key, items, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") || cur == nil {
			continue
		}
		switch key {
		case "order":
			cur.order = strings.TrimSpace(items)
		case "months":
			for i, forms := range strings.SplitN(items, ";", 12) {
				cur.months[i] = phrases(forms)
			}
		case "days":
			for i, forms := range strings.SplitN(items, ";", 7) {
				cur.days[i] = phrases(forms)
			}
		case "filler":
			for _, w := range strings.Split(items, ",") {
				cur.filler[strings.TrimSpace(w)] = true
			}
		default:
			cur.lists[key] = phrases(items)
		}
	}
	return out
}

func phrases(items string) []phrase {
	var out []phrase
	for _, it := range strings.Split(items, ",") {
		it = strings.ToLower(strings.TrimSpace(it))
		if it == "" {
			continue
		}
		open := strings.HasSuffix(it, "*")
		out = append(out, phrase{parts: strings.Split(strings.TrimSuffix(it, "*"), "…"), open: open})
	}
	return out
}

// wordless reports whether the rune is of a script that puts no blanks between words.
func wordless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

func wordRune(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !wordless(r)
}

// borders reports whether s[from:to] begins and ends at word borders; an open end need not.
func borders(s string, from, to int, open bool) bool {
	first, _ := utf8.DecodeRuneInString(s[from:to])
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	last, _ := utf8.DecodeLastRuneInString(s[from:to])
	after, _ := utf8.DecodeRuneInString(s[to:])
	if from > 0 && wordRune(first) && wordRune(before) {
		return false
	}
	return open || to == len(s) || !wordRune(last) || !wordRune(after)
}

// find is where the phrase first occurs in s (lower case) at or after from, or -1.
func (p phrase) find(s string, from int) (start, end int) {
	for from <= len(s) {
		i := strings.Index(s[from:], p.parts[0])
		if i < 0 {
			return -1, -1
		}
		i += from
		j, ok := i+len(p.parts[0]), true
		for _, rest := range p.parts[1:] {
			window := s[j:min(len(s), j+2*maxGap)]
			for _, end := range []string{". ", "!", "?", "\n"} {
				window, _, _ = strings.Cut(window, end)
			}
			k := strings.Index(window, rest)
			if k < 0 {
				ok = false
				break
			}
			j += k + len(rest)
		}
		if ok && borders(s, i, j, p.open) {
			return i, j
		}
		from = i + 1
	}
	return -1, -1
}

// says reports whether one of the phrases occurs in s.
func says(s string, ps []phrase) bool {
	for _, p := range ps {
		if i, _ := p.find(s, 0); i >= 0 {
			return true
		}
	}
	return false
}

// endsWith reports whether s ends with one of the phrases, at a word's border.
func endsWith(s string, ps []phrase) (rest string, ok bool) {
	for _, p := range ps {
		w := p.parts[0]
		if strings.HasSuffix(s, w) && borders(s, len(s)-len(w), len(s), false) && (!ok || len(s)-len(w) < len(rest)) {
			rest, ok = s[:len(s)-len(w)], true
		}
	}
	return rest, ok
}

// beginsWith reports whether s begins with one of the phrases, at a word's border.
func beginsWith(s string, ps []phrase) (rest string, ok bool) {
	for _, p := range ps {
		w := p.parts[0]
		if strings.HasPrefix(s, w) && borders(s, 0, len(w), p.open) && (!ok || len(s)-len(w) < len(rest)) {
			rest, ok = s[len(w):], true
		}
	}
	return rest, ok
}
