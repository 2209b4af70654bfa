package prose

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// sentence is a stretch of the text with the days in it.
type sentence struct {
	from, to int
	days     []proseDate
}

var sentenceEndRE = lazy(`[!?。！？؟]+|\.\s+|\n+|\.$`)

// sentences cuts the text, never inside a date. A line that is not short runs on in the next.
func (r *awayReader) sentences(days []proseDate) []sentence {
	s := r.text
	var out []sentence
	start, line := 0, 0
	emit := func(to int) {
		sen := sentence{from: start, to: to}
		for _, d := range days {
			if d.start >= start && d.start < to {
				sen.days = append(sen.days, d)
			}
		}
		if to > start {
			out = append(out, sen)
		}
	}
	for _, loc := range sentenceEndRE().FindAllStringIndex(s, 2000) {
		at := loc[0]
		if s[at] == '.' && r.abbreviation(at) || slices.ContainsFunc(days, func(d proseDate) bool { return at >= d.start && at < d.end && at+1 < d.end }) {
			continue
		}
		if s[at] == '\n' {
			long := at-line > 55
			line = loc[1]
			if long && loc[1]-at == 1 {
				continue
			}
		}
		emit(loc[1])
		start = loc[1]
	}
	emit(len(s))
	return out
}

// abbreviation reports whether the full stop at text[at] ends a short word or a number and not a sentence.
func (r *awayReader) abbreviation(at int) bool {
	before, _ := utf8.DecodeLastRuneInString(r.text[:at])
	if unicode.IsDigit(before) {
		next := ""
		if r.cased != "" {
			next = strings.TrimLeft(r.cased[at+1:], " \t\n")
		}
		c, _ := utf8.DecodeRuneInString(next)
		return !unicode.IsUpper(c)
	}
	word := r.text[:at]
	word = word[strings.LastIndexFunc(word, func(c rune) bool { return !unicode.IsLetter(c) })+1:]
	n := utf8.RuneCountInString(word)
	return n > 0 && n < 3 && !wordless(before)
}

// usage is how a day is meant.
type usage int

const (
	usageNone usage = iota
	usageFrom
	usageUntil
	usageNotUntil // "not back until": the day back
)

// findDays finds the day back, or else the last day away.
func (r *awayReader) findDays(a *AutoReply) {
	if r.text == "" || r.sent.IsZero() {
		return
	}
	all := speakers(r.text)
	rank := func(name string) int {
		for i, t := range all {
			if t.name == name {
				return len(all) - i
			}
		}
		return 0
	}
	var until, weak *AutoReply
	for _, sen := range r.sentences(proseDates().find(r.text, rank)) {
		back, last, answer := r.readSentence(sen, all)
		if back != nil {
			a.Date, a.Sense = back.Date, back.Sense
			return
		}
		if until == nil {
			until = last
		}
		if weak == nil {
			weak = answer
		}
	}
	for _, found := range []*AutoReply{until, weak} {
		if found != nil {
			a.Date, a.Sense, a.Morning = found.Date, found.Sense, found.Morning
			return
		}
	}
}

// readSentence gives the day back, the last day away, and the day of an answer, as far as told.
func (r *awayReader) readSentence(sen sentence, all []*tongue) (back, until, weak *AutoReply) {
	if len(sen.days) == 0 {
		return nil, nil, nil
	}
	s := r.text[sen.from:sen.to]
	langs := speakers(s)
	if len(langs) == 0 {
		langs = all
	}
	days := mergeWeekdays(s, sen, langs)
	uses := make([]usage, len(days))
	var lastAway time.Time
	for i, d := range days {
		uses[i] = usageOf(s, d.start-sen.from, d.end-sen.from, d, langs)
		if uses[i] == usageUntil {
			if t, ok := d.on(r.sent, r.sent, r.order(langs)); ok {
				lastAway = t
			}
		}
	}
	for i := range days {
		if i+1 < len(days) && uses[i] == usageNone && uses[i+1] == usageUntil && rangeMarkRE().MatchString(s[days[i].end-sen.from:days[i+1].start-sen.from]) {
			uses[i] = usageFrom // "12/23 - 1/2": its first day
		}
	}
	spot, strong := backWord(s, langs)
	nearest := -1
	for i, d := range days {
		day, ok := d.on(r.sent, r.firstDay(uses[i]), r.order(langs))
		if !ok || uses[i] == usageUntil && d.kind == proseMonth || // its beginning, or its end?
			uses[i] == usageFrom && (!lastAway.IsZero() && !day.After(lastAway) || i+1 < len(days) && uses[i+1] == usageUntil) {
			continue
		}
		far := distance(spot, d.start-sen.from, d.end-sen.from)
		near := far
		if d.end-sen.from <= spot && len(langs) > 0 && !verbLast[langs[0].name] {
			near += 60 // "away from Friday and back on Monday"
		}
		named := &AutoReply{Date: day, Sense: SenseBackOn}
		switch {
		case uses[i] == usageUntil:
			named.Sense, named.Morning = SenseUntil, d.clock >= 0 && d.clock <= 12
			if d.kind == proseWeek {
				named.Date = day.AddDate(0, 0, 6)
			}
			if until == nil {
				until = named
			}
		case spot < 0 || bare(d.kind) && uses[i] == usageNone && far > 45:
		case !strong:
			if d.kind == proseFull {
				weak = cmp.Or(weak, named)
			}
		case nearest < 0 || near < nearest:
			back, nearest = named, near
		}
	}
	return back, until, weak
}

// rangeMarkRE joins the first and the last day of a span.
var rangeMarkRE = lazy(`^\s*(-|–|—|to|through|thru|until|till|bis|au|al|à|a|tot|t/m|til|till|do|до|〜|~|から)\s*$`)

// verbLast are the languages that say the day before the word that speaks of the return.
var verbLast = map[string]bool{"de": true, "nl": true, "hu": true, "tr": true, "ja": true, "ko": true, "zh": true, "fi": true, "hi": true, "et": true}

// firstDay is the earliest day possible: nobody is back on the day that he leaves.
func (r *awayReader) firstDay(u usage) time.Time {
	if u == usageUntil {
		return r.sent
	}
	return r.sent.AddDate(0, 0, 1)
}

// bare reports whether the day is named so loosely that it has to stand near its verb.
func bare(k proseKind) bool {
	return k == proseDay || k == proseWeekday || k == proseMonth || k == proseTomorrow
}

func distance(spot, start, end int) int {
	if spot < start {
		return start - spot
	}
	return max(0, spot-end)
}

// backWord is where the sentence says that somebody will be there again; strong is false
// where it only promises an answer.
func backWord(s string, langs []*tongue) (spot int, strong bool) {
	spot = -1
	for _, t := range langs {
		masked := s
		for _, p := range t.lists["weak"] {
			if len(p.parts) == 1 && strings.Contains(p.parts[0], " ") {
				masked = strings.ReplaceAll(masked, p.parts[0], strings.Repeat("\x00", len(p.parts[0])))
			}
		}
		for _, p := range t.lists["back"] {
			if i, _ := p.find(masked, 0); i >= 0 {
				return i, true
			}
		}
		for _, p := range t.lists["weak"] {
			if i, _ := p.find(s, 0); i >= 0 && spot < 0 {
				spot = i
			}
		}
	}
	return spot, false
}

// order is how the writer orders numeric dates: by language, and for English by the zone
// of the sender's clock.
func (r *awayReader) order(langs []*tongue) string {
	if proven := r.provenOrder(); proven != "" {
		return proven
	}
	switch {
	case len(langs) == 0:
		return "dmy"
	case langs[0].name == "en" && r.american:
		return "mdy"
	}
	return langs[0].order
}

// provenOrder is the order of numeric dates where one of the text's can be read in one way only: "12/23" is no day of a 23rd month.
func (r *awayReader) provenOrder() string {
	for _, m := range slashDateRE().FindAllStringSubmatch(r.text, 20) {
		first, second := m[1], m[2]
		switch {
		case len(first) == 2 && first > "12" && second <= "12" || len(first) == 2 && first > "12" && len(second) == 1:
			return "dmy"
		case len(second) == 2 && second > "12" && (len(first) == 1 || first <= "12"):
			return "mdy"
		}
	}
	return ""
}

var slashDateRE = lazy(`\b(\d{1,2})/(\d{1,2})\b`)

// mergeWeekdays drops the weekdays that only accompany a date.
func mergeWeekdays(s string, sen sentence, langs []*tongue) []proseDate {
	var out []proseDate
	for i, d := range sen.days {
		if d.kind == proseWeekday {
			joined := false
			if i+1 < len(sen.days) && sen.days[i+1].kind != proseWeekday {
				joined = onlyFiller(s[d.end-sen.from:sen.days[i+1].start-sen.from], langs)
			}
			if i > 0 && !joined {
				joined = onlyFiller(s[sen.days[i-1].end-sen.from:d.start-sen.from], langs) && sen.days[i-1].kind != proseWeekday
			}
			if joined {
				continue
			}
		}
		if d.kind == proseWeekday && !slices.ContainsFunc(langs, func(t *tongue) bool { return t.isDay(s[d.start-sen.from : d.end-sen.from]) }) {
			continue // a word of another language
		}
		out = append(out, d)
	}
	return out
}

func onlyFiller(s string, langs []*tongue) bool {
	s = caseEndingRE().ReplaceAllString(s, "")
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.()（）[]:", r) }) {
		if !isFiller(w, langs) {
			return false
		}
	}
	return utf8.RuneCountInString(s) < 25
}

// caseEndingRE is the ending that a language hangs on a number: "16-án".
var caseEndingRE = lazy(`^\.?-\p{L}{1,4}`)

func isFiller(w string, langs []*tongue) bool {
	for _, t := range langs {
		if t.filler[w] || t.filler[strings.Trim(w, ".")] {
			return true
		}
	}
	_, day := proseDates().weekday(w)
	return day && slices.ContainsFunc(langs, func(t *tongue) bool { return t.isDay(w) })
}

func (t *tongue) isDay(w string) bool {
	for _, forms := range t.days {
		for _, p := range forms {
			if w == p.parts[0] || p.open && strings.HasPrefix(w, p.parts[0]) {
				return true
			}
		}
	}
	return false
}
