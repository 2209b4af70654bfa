package prose

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// proseDate is a day that a text names.
type proseDate struct {
	start, end int // where, in bytes
	kind       proseKind
	year       int // 0 if not told
	month      time.Month
	day        int
	clock      int // hour of a time directly behind an ISO date, -1 for none
	slash      bool
	weekday    int // that of a day of the month, -1 if not told
}

type proseKind int

const (
	proseFull    proseKind = iota // day and month
	proseDay                      // the day of a month alone: "the 17th"
	proseWeekday                  // day holds the time.Weekday
	proseMonth                    // a month alone, its first day
	proseMonthEnd
	proseWeek // day holds the ISO week
	proseEndOfMonth
	proseEndOfWeek
	proseNextWeek
	proseTomorrow
	proseVague // "the first week of August": no day, and not the month's first either
)

// prosePattern is one way to write a date; the groups are named y, m, mon, d.
type prosePattern struct {
	re   *regexp.Regexp
	kind proseKind
	name map[string]int
}

type proseGrammar struct {
	patterns []prosePattern
	months   map[string][]tongueMonth
	days     map[string]time.Weekday
}

type tongueMonth struct {
	tongue *tongue
	month  time.Month
	full   bool // no abbreviation
	open   bool // any ending is right
}

var proseDates = sync.OnceValue(newProseGrammar)

func newProseGrammar() *proseGrammar {
	g := &proseGrammar{months: map[string][]tongueMonth{}, days: map[string]time.Weekday{}}
	lists := map[string][]string{}
	var months, days, hungarian []string
	for _, t := range tongues() {
		for i, forms := range t.months {
			for k, f := range forms {
				full := k == 0 || utf8.RuneCountInString(f.parts[0]) > 4
				g.months[f.parts[0]] = append(g.months[f.parts[0]], tongueMonth{t, time.Month(i + 1), full, f.open})
				months = append(months, pattern(f))
				if t.name == "hu" {
					hungarian = append(hungarian, pattern(f))
				}
			}
		}
		for i, forms := range t.days {
			for _, f := range forms {
				g.days[f.parts[0]] = time.Weekday((i + 1) % 7)
				if r, _ := utf8.DecodeRuneInString(f.parts[0]); utf8.RuneCountInString(f.parts[0]) > 2 || wordless(r) {
					days = append(days, pattern(f)) // "mo", "so" alone are words of many languages
				}
			}
		}
		for key, ps := range t.lists {
			for _, p := range ps {
				lists[key] = append(lists[key], pattern(p))
			}
		}
	}
	mon := `(?P<mon>` + alternatives(months) + `)`
	endof := `(?:` + alternatives(lists["endof"]) + `)`
	add := func(kind proseKind, re string) {
		p := prosePattern{re: regexp.MustCompile(re), kind: kind, name: map[string]int{}}
		for i, n := range p.re.SubexpNames() {
			p.name[n] = i
		}
		g.patterns = append(g.patterns, p)
	}
	const de = `(?:de\s|del\s|d['’]\s?|di\s|of\s|of\sthe\s)?\s*`
	add(proseFull, `(?P<y>\d{4})\s?[-/.年년]\s?(?P<m>\d{1,2})\s?[-/.月월]\s?(?P<d>\d{1,2})[日号號일.]?(?:t(?P<h>\d{2}):\d{2}(?::\d{2})?z?)?`)
	add(proseFull, `(?P<y>\d{2}|\d{4})\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})[日号號]?`)
	add(proseFull, `(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日号號일]?`)
	add(proseFull, `(?P<d>\d{1,2})(?:st|nd|rd|th|er|re|ro|\.º|\.|º|°|ª|:?[ea]|\.?-?(?:го|е|ое))?(?:,?\s*`+de+`|\s?/\s?|-)`+mon+`\.?(?:,?\s*(?:de\s|del\s|of\s|do\s)?\s*(?P<y>(?:19|20|25)\d{2}))?`)
	add(proseFull, mon+`\.?,?\s+(?:the\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th|er|\.|\b)(?:,?\s*(?P<y>20\d{2}))?`)
	add(proseFull, `(?P<y>20\d{2})\.?\s*(?:m\.|m|gada|gads|g\.|evi)?,?\s*`+mon+`\.?\s+(?:mėn\.\s*)?(?P<d>\d{1,2})\.?`)
	add(proseFull, `(?P<y>20\d{2})\.?\s*(?:gada|g\.)\s*(?P<d>\d{1,2})\.?\s*`+mon)
	add(proseFull, `(?P<d>\d{1,2})\s?\.\s?(?P<m>\d{1,2})(?:\s?\.\s?(?P<y>20\d{2}|25\d{2}|\d{2}\b)|\s?\.)?`)
	add(proseFull, `(?P<d>\d{1,2})/(?P<m>\d{1,2})(?:/(?P<y>20\d{2}|25\d{2}|\d{2}\b))?`)
	add(proseFull, `(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>20\d{2}|\d{2}\b)`)
	add(proseFull, `(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2})(?:\s+năm\s+(?P<y>20\d{2}))?`)
	add(proseMonthEnd, endof+`\s+`+mon+`(?:\s+(?:de\s+)?(?P<y>20\d{2}))?`)
	add(proseMonthEnd, `(?P<m>\d{1,2})月末`)
	add(proseMonthEnd, mon+`\s+(?:loppuun|végéig|lõpuni|sonuna)`)
	add(proseMonth, mon+`(?:\s+(?:de\s+|del\s+)?(?P<y>20\d{2}))?`)
	add(proseWeek, `(?:`+alternatives(lists["week"])+`)\.?\s*(?:nr\.?|no\.?|number|#)?\s*(?P<d>\d{1,2})\b`)
	add(proseWeek, `(?P<d>\d{1,2})\.\s*(?:kw|kalenderwoche|viikko\pL*|vko|hét\pL*|týždeň|týden)\b`)
	add(proseEndOfMonth, `(?:`+alternatives(lists["endmonth"])+`)`)
	add(proseEndOfWeek, `(?:`+alternatives(lists["endweek"])+`)`)
	add(proseNextWeek, `(?:`+alternatives(lists["nextweek"])+`)`)
	add(proseTomorrow, `(?:`+alternatives(lists["tomorrow"])+`)`)
	add(proseVague, `(?:week|half|part|weeks|mid|early|late|beginning|start|middle|hälfte|mitte|anfang|semaine|quinzaine|début|semana|quincena|settimana|inizio|metà|begin|midden)[-\s]+(?:of\s|in\s|im\s|de\s|d['’]\s?|del\s|di\s|van\s)?(?:the\s)?`+mon)
	add(proseFull, `(?:(?P<y>20\d{2})\.\s*)?(?P<mon>`+alternatives(hungarian)+`)\s+\d{1,2}\.?\s*(?:és|-|–)\s*(?P<d>\d{1,2})\.?`)
	add(proseDay, `(?P<named>`+alternatives(days)+`),?\s+(?:den\s|the\s|le\s|el\s|il\s|día\s)?(?P<d>\d{1,2})\.?(?:$|[,;)\n])`)
	add(proseDay, `(?P<d>\d{1,2})\s?(?:st\b|nd\b|rd\b|th\b|º|日|号|號|일|\.?-?го\b|\s?числа|:?e\b|er\b)`)
	add(proseDay, `(?:dem|am|zum|den|le|au|el|al|día|dia|il|giorno|den|the|el día)\s+(?P<d>\d{1,2})\.?(?:$|[\s,.;)])`)
	add(proseWeekday, `(?P<wd>`+alternatives(days)+`)`)
	return g
}

// pattern is the phrase as a regular expression.
func pattern(p phrase) string {
	s := regexp.QuoteMeta(p.parts[0])
	if p.open {
		s += `\pL*`
	}
	return s
}

// alternatives tries longer ones first.
func alternatives(ps []string) string {
	ps = slices.Clone(ps)
	slices.SortFunc(ps, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return strings.Join(slices.Compact(ps), "|")
}

// find is all dates in s (lower case, digits ASCII), in order; where two overlap the longer stays.
func (g *proseGrammar) find(s string, speaks func(tongue string) int) []proseDate {
	var all []proseDate
	for _, p := range g.patterns {
		for _, loc := range p.re.FindAllStringSubmatchIndex(s, 200) {
			if d, ok := g.read(p, s, loc, speaks); ok {
				all = append(all, d)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b proseDate) int {
		if loose := func(k proseKind) bool { return k == proseMonth || k == proseVague }; loose(a.kind) && b.kind == proseFull || a.kind == proseFull && loose(b.kind) {
			return int(a.kind) - int(b.kind)
		}
		return (b.end - b.start) - (a.end - a.start)
	})
	var kept []proseDate
	for _, d := range all {
		if !slices.ContainsFunc(kept, func(k proseDate) bool { return d.start < k.end && k.start < d.end }) {
			kept = append(kept, d)
		}
	}
	slices.SortFunc(kept, func(a, b proseDate) int { return a.start - b.start })
	return kept
}

// rangeAfterRE is the last day of such a range.
var rangeAfterRE = lazy(`^-\d{1,2}[./]\d{1,2}(?:[./](?:20)?\d{2})?(?:[^\d-]|$)`)

// rangeBeforeRE is the first day of a range without blanks: "06.07-17.07.", "6-17.07.".
var rangeBeforeRE = lazy(`(?:^|[^\d./:+-])\d{1,2}(?:[./]\d{1,2}(?:[./](?:20)?\d{2})?)?[./]?-$`)

func (g *proseGrammar) read(p prosePattern, s string, loc []int, speaks func(string) int) (proseDate, bool) {
	group := func(name string) string {
		i, ok := p.name[name]
		if !ok || loc[2*i] < 0 {
			return ""
		}
		return s[loc[2*i]:loc[2*i+1]]
	}
	d := proseDate{start: loc[0], end: loc[1], kind: p.kind, clock: -1, weekday: -1}
	if !borders(s, d.start, d.end, strings.HasSuffix(s[:d.end], ".")) {
		return d, false
	}
	if d.start > 0 && strings.ContainsRune("./-+:", rune(s[d.start-1])) && !rangeBeforeRE().MatchString(s[:d.start]) && unicode.IsDigit(rune(s[d.start])) && d.start > 1 && unicode.IsDigit(rune(s[d.start-2])) {
		return d, false // the tail of a longer number
	}
	if rest := s[d.end:]; len(rest) > 1 && strings.ContainsRune(":-/%", rune(rest[0])) && !rangeAfterRE().MatchString(rest) && unicode.IsDigit(rune(rest[1])) && p.kind != proseWeekday {
		return d, false // a time, a phone number
	}
	if w := group("wd"); w != "" {
		wd, ok := g.weekday(w)
		d.day = int(wd)
		return d, ok
	}
	if wd, ok := g.weekday(group("named")); ok {
		d.weekday = int(wd)
	}
	d.day, _ = strconv.Atoi(group("d"))
	d.year, _ = strconv.Atoi(group("y"))
	switch {
	case d.year == 0:
	case d.year < 100:
		d.year += 2000
	case d.year > 2400:
		d.year -= 543 // the Buddhist era
	}
	if h := group("h"); h != "" {
		d.clock, _ = strconv.Atoi(h)
	}
	m, _ := strconv.Atoi(group("m"))
	d.month = time.Month(m)
	d.slash = strings.Contains(s[d.start:d.end], "/") && group("y") == "" || strings.Count(s[d.start:d.end], "/") == 2 && len(group("y")) > 0 && !strings.HasPrefix(s[d.start:], group("y"))
	if mon := group("mon"); mon != "" {
		before := s[:d.start]
		if p.kind != proseMonth || d.year != 0 {
			before = anyBefore
		}
		if d.month = g.month(mon, before, p.kind == proseMonth || p.kind == proseMonthEnd, speaks); d.month == 0 {
			return d, false
		}
	}
	switch p.kind {
	case proseFull:
		return d, d.day >= 1 && d.day <= 31 && (d.month >= 1 && d.month <= 12 || d.slash && d.day <= 12 && d.month <= 31)
	case proseDay:
		return d, d.day >= 1 && d.day <= 31
	case proseWeek:
		return d, d.day >= 1 && d.day <= 53
	}
	return d, true
}

func (g *proseGrammar) weekday(w string) (time.Weekday, bool) {
	for n := len(w); n > 0; n-- {
		if d, ok := g.days[w[:n]]; ok {
			return d, true
		}
	}
	return 0, false
}

// anyBefore stands for whatever a month may stand behind.
const anyBefore = "\x00"

// month is the month that the word names in the language spoken most. One that stands alone has to be a full name, of a language that is
// spoken, and behind a word of that language which says that a month follows: "may", "mars", "mai" are other words, too.
func (g *proseGrammar) month(w, before string, alone bool, speaks func(string) int) time.Month {
	var best tongueMonth
	most := -1
	for n := len(w); n > 0 && most < 0; n-- {
		for _, tm := range g.months[w[:n]] {
			if n < len(w) && !tm.open {
				continue
			}
			if k := speaks(tm.tongue.name); k > most && (!alone || tm.full && k > 0 && tm.announced(before, n < len(w))) {
				best, most = tm, k
			}
		}
	}
	return best.month
}

// announced reports whether the text before a month says in its language that one follows, or the month's ending does.
func (m *tongueMonth) announced(before string, ending bool) bool {
	words := m.tongue.lists["months_in"]
	if before == anyBefore || len(words) == 0 {
		return before == anyBefore || ending || !m.open
	}
	before = strings.TrimRightFunc(before, unicode.IsSpace)
	for _, list := range []string{"months_in", "until", "from"} {
		for _, p := range m.tongue.lists[list] {
			if w := p.parts[0]; w != "" && strings.HasSuffix(before, w) && borders(before, len(before)-len(w), len(before), true) {
				return true
			}
		}
	}
	return false
}

// on is the day that is meant, seen from the day sent; ok is false where that can't be told.
// order is that of numeric dates; from is the first day that is possible.
func (d proseDate) on(sent, from time.Time, order string) (t time.Time, ok bool) {
	day := func(y int, m time.Month, dd int) time.Time { return time.Date(y, m, dd, 0, 0, 0, 0, time.UTC) }
	next := func(wd time.Weekday) time.Time {
		return from.AddDate(0, 0, (int(wd)-int(from.Weekday())+7)%7)
	}
	switch d.kind {
	case proseFull:
		return d.full(sent, from, order)
	case proseDay:
		for i := range 3 {
			t = day(from.Year(), from.Month()+time.Month(i), d.day)
			if t.Day() == d.day && !t.Before(from) && (d.weekday < 0 || d.weekday == int(t.Weekday())) {
				return t, true
			}
		}
		return t, false
	case proseWeekday:
		return next(time.Weekday(d.day)), true
	case proseMonth, proseMonthEnd:
		t = day(d.year, d.month, 1)
		if d.year == 0 {
			if t = day(sent.Year(), d.month, 1); t.AddDate(0, 1, -1).Before(from) || d.kind == proseMonth && t.Before(from) {
				t = day(sent.Year()+1, d.month, 1)
			}
		}
		if d.kind == proseMonthEnd {
			t = t.AddDate(0, 1, -1)
		}
		return t, !t.Before(from) && t.Before(from.AddDate(1, 0, 0))
	case proseWeek:
		for _, y := range []int{sent.Year(), sent.Year() + 1} {
			monday := day(y, 1, 4)
			monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7+7*(d.day-1))
			if !monday.AddDate(0, 0, 6).Before(from) {
				return monday, monday.Before(from.AddDate(0, 8, 0))
			}
		}
		return t, false
	case proseEndOfMonth:
		return day(sent.Year(), sent.Month()+1, 0), true
	case proseEndOfWeek:
		return next(time.Friday), true
	case proseNextWeek:
		return sent.AddDate(0, 0, 7-(int(sent.Weekday())+6)%7), true
	case proseTomorrow:
		return sent.AddDate(0, 0, 1), true
	}
	return t, false
}

// maxAway is how far ahead a day without its year may lie: a longer absence is told with the year.
const maxAway = 270 * 24 * time.Hour

func (d proseDate) full(sent, from time.Time, order string) (time.Time, bool) {
	readings := [][2]int{{d.day, int(d.month)}}
	if d.slash && d.day != int(d.month) {
		other := [2]int{int(d.month), d.day}
		if order == "mdy" || order == "ymd" {
			readings = [][2]int{other, readings[0]}
		} else {
			readings = append(readings, other)
		}
	}
	for _, r := range readings {
		if r[1] > 12 || r[0] > 31 || r[1] < 1 || r[0] < 1 {
			continue
		}
		years := []int{sent.Year(), sent.Year() + 1}
		if d.year != 0 {
			years = []int{d.year}
		}
		for _, y := range years {
			t := time.Date(y, time.Month(r[1]), r[0], 0, 0, 0, 0, time.UTC)
			if t.Day() != r[0] || t.Before(from) || d.year == 0 && t.Sub(from) > maxAway || t.After(from.AddDate(3, 0, 0)) {
				continue
			}
			return t, true
		}
	}
	return time.Time{}, false
}
