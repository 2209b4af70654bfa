package prose

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"fifthcall/mailbox/message"
)

// Kinds of auto-reply.
const (
	ReplyAway = "away" // out of office
	ReplyGone = "gone" // has left for good
	ReplyAck  = "ack"  // only says that the mail has arrived
)

// How the day of an away message is named.
const (
	SenseBackOn = "back_on" // the day of return
	SenseUntil  = "until"   // the last day away
)

// AutoReply is what an auto-reply says.
type AutoReply struct {
	Kind      string
	Date      time.Time       // midnight UTC of the day that the text names; zero if it names none
	Sense     string          // of Date
	Morning   bool            // "until" names a morning hour: back the same day
	Successor message.Address // of gone: whom to write to instead, if told
}

// Back is the first day there that ok accepts, zero if no day is named.
func (a AutoReply) Back(ok func(day time.Time) bool) time.Time {
	if a.Date.IsZero() {
		return time.Time{}
	}
	t := a.Date
	if a.Sense == SenseUntil && !a.Morning {
		t = t.AddDate(0, 0, 1)
	}
	for range 30 {
		if ok(t) {
			break
		}
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// maxReplyRead bounds how much of an auto-reply is understood: they are short, and what
// follows is disclaimers or the mail that they answer.
const maxReplyRead = 4000

// ReadAutoReply understands an auto-reply. text is the readable text; days in the quoted mail
// don't count. Kind is "" if nothing in it speaks of absence or receipt.
func ReadAutoReply(m *message.Message, text string) AutoReply {
	text = withoutHistory(text)
	if len(text) > maxReplyRead {
		text = strings.ToValidUTF8(text[:maxReplyRead], "")
	}
	text = plainDigits(text)
	r := &awayReader{text: strings.ToLower(text)}
	if len(r.text) == len(text) {
		r.cased = text
	}
	r.sent, r.american = sentDay(m)
	a := AutoReply{}
	subject := plainLower(subjectNotice(m.Subject))
	gone, away, ack := r.about(r.text)
	r.findDays(&a)
	if a.Date.IsZero() {
		s := &awayReader{text: subject, sent: r.sent, american: r.american}
		s.findDays(&a)
	}
	sGone, sAway, _ := r.about(subject)
	switch {
	case gone || sGone && a.Date.IsZero():
		a.Kind, a.Date, a.Sense = ReplyGone, time.Time{}, ""
		a.Successor = successor(text, m.From.Addr)
	case away || !a.Date.IsZero() || sAway:
		a.Kind = ReplyAway
	case ack || subjectSaysAutoReply(m):
		a.Kind = ReplyAck
	}
	return a
}

// sentDay is the day on which the sender's clock stood, midnight UTC of its date, and whether
// it stood in the United States by its zone.
func sentDay(m *message.Message) (day time.Time, american bool) {
	t, ok := message.ParseDate(m.Header.Get("Date"))
	if !ok {
		t = m.Date
	}
	if t.IsZero() {
		return t, false
	}
	_, offset := t.Zone()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC), offset <= -4*3600 && offset >= -10*3600
}

func plainLower(s string) string { return strings.ToLower(plainDigits(s)) }

// plainDigits is the text with ASCII digits and plain blanks, and without invisible marks.
func plainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r < 0x80:
			return r
		case r == 'İ':
			return 'I'
		case r == 0xa0 || r == 0x202f || r == 0x3000 || r == 0x2009:
			return ' '
		case r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r == 0xfeff || r == 0x640:
			return -1
		case unicode.IsDigit(r):
			return '0' + digitOf(r)
		}
		return r
	}, s)
}

// digitOf is the value of a decimal digit of any script: they lie in tens.
func digitOf(r rune) rune {
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return r - zero
}

// awayReader looks for the days of an absence.
type awayReader struct {
	text     string // lower case
	cased    string // the same, as written; "" if that isn't as long
	sent     time.Time
	american bool // the sender's clock stands in a zone of the United States
}

// about says what the words speak of. The language is the one that explains them best.
func (r *awayReader) about(s string) (gone, away, ack bool) {
	for _, t := range speakers(s) {
		gone = gone || says(s, t.lists["gone"])
		away = away || says(s, t.lists["away"])
		ack = ack || says(s, t.lists["ack"])
	}
	return gone, away, ack
}

// speakers are the languages that s may be in, best first: those with at least half as many known words
// as the best.
func speakers(s string) []*tongue {
	type scored struct {
		t *tongue
		n int
	}
	var all []scored
	best := 0
	words := strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '/' && r != '.'
	})
	for _, t := range tongues() {
		if n := t.score(s, words); n > 0 {
			all = append(all, scored{t, n})
			best = max(best, n)
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return b.n - a.n })
	var out []*tongue
	for _, x := range all {
		if 2*x.n >= best {
			out = append(out, x.t)
		}
	}
	return out
}

// score counts the words of s that the language explains.
func (t *tongue) score(s string, words []string) int {
	n := 0
	for _, w := range words {
		if t.filler[strings.Trim(w, "./'")] {
			n++
		}
	}
	for _, key := range []string{"away", "back", "until", "until_after", "gone", "ack", "tomorrow", "nextweek", "week", "subject"} {
		for _, p := range t.lists[key] {
			if i, j := p.find(s, 0); i >= 0 {
				n += 2 + utf8.RuneCountInString(s[i:j])/5
			}
		}
	}
	for _, forms := range append(t.months[:], t.days[:]...) {
		if says(s, forms) {
			n += 2
		}
	}
	return n
}

// sentence is a stretch of the text with the days in it.
type sentence struct {
	from, to int
	days     []proseDate
}

var sentenceEndRE = regexp.MustCompile(`[!?。！？؟]+|\.\s+|\n+|\.$`)

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
	for _, loc := range sentenceEndRE.FindAllStringIndex(s, 2000) {
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
	switch {
	case len(langs) == 0:
		return "dmy"
	case langs[0].name == "en" && r.american:
		return "mdy"
	}
	return langs[0].order
}

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
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.()（）[]:", r) }) {
		if !isFiller(w, langs) {
			return false
		}
	}
	return utf8.RuneCountInString(s) < 25
}

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

var ordinalEndRE = regexp.MustCompile(`\d(st|nd|rd|th|e|er|º)$`)

func endsInOrdinal(s string) bool { return ordinalEndRE.MatchString(s) }

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

// subjectNotice is what an auto-reply's program put before (or behind) the subject answered.
func subjectNotice(subject string) string {
	for subject != "" && strings.IndexByte(" [*{\t", subject[0]) >= 0 && message.TagRE.MatchString(subject) {
		subject = message.TagRE.ReplaceAllString(subject, "")
	}
	if !strings.ContainsAny(subject, ":：") {
		return subject
	}
	if loc := message.ReplyMarkRE.FindStringIndex(subject); loc != nil && loc[0] > 0 {
		return subject[:loc[0]]
	} else if loc != nil {
		if i := strings.LastIndexByte(subject, '('); i > 0 { // "Re: … (Out of office)"
			return subject[i:]
		}
		return ""
	}
	return subject
}

// subjectSaysAutoReply reports whether the subject begins as those of auto-replies do.
func subjectSaysAutoReply(m *message.Message) bool {
	technical, _ := noticeOf(m.Subject)
	return technical
}

// noticeOf tells how a subject begins: with words that only programs use, or with words of
// absence that a person might write, too.
func noticeOf(subject string) (technical, absence bool) {
	notice := strings.TrimSpace(plainLower(subjectNotice(subject)))
	answering := notice != "" && len(notice) < len(strings.TrimSpace(subject))
	if notice == "" {
		return false, false
	}
	for _, n := range notices()[notice[0]] {
		rest, ok := beginsWith(notice, n.begins)
		if !ok {
			continue
		}
		t := n.tongue
		said := strings.TrimSpace(notice[:len(notice)-len(rest)])
		rest = strings.TrimSpace(rest)
		if !slices.ContainsFunc(t.lists["away"], func(p phrase) bool { return p.parts[0] == said }) || answering && rest == "" {
			technical = true
		}
		absence = absence || rest == "" || strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "：") || strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "(")
	}
	return technical, absence
}

// noticeWords are the beginnings of one language's notices that share their first byte.
type noticeWords struct {
	tongue *tongue
	begins []phrase
}

// notices are all beginnings by their first byte: every subject is held against them.
var notices = sync.OnceValue(func() (out [256][]noticeWords) {
	for _, t := range tongues() {
		by := map[byte][]phrase{}
		for _, p := range t.lists["subject"] {
			by[p.parts[0][0]] = append(by[p.parts[0][0]], p)
		}
		for b, ps := range by {
			out[b] = append(out[b], noticeWords{t, ps})
		}
	}
	return out
})

var capitalised = `\p{Lu}[\pL'’\-]+`

var beforeAddressRE = regexp.MustCompile(`(` + capitalised + `(?: (?:(?:van|von|de|der|den|da|di|la|le|el|al|bin) ){0,2}` + capitalised + `){1,3})[\s,:(<\[–-]*(?:(?:at|on|via|under|unter|à|op|per|e-?mail|mail|tel)[\s:.]*)*[(<\[]?$`)

// successor is the first address in the text that isn't the sender's, with the name before it.
func successor(text, from string) message.Address {
	for _, loc := range addressRE.FindAllStringIndex(text, 20) {
		addr := strings.ToLower(strings.TrimRight(text[loc[0]:loc[1]], ".,;"))
		if message.Canonical(addr) == message.Canonical(from) {
			continue
		}
		before := strings.TrimPrefix(text[max(0, loc[0]-80):loc[0]], "mailto:")
		if i := strings.LastIndexByte(before, '\n'); i >= 0 && strings.TrimSpace(before[i:]) != "" {
			before = before[i+1:]
		}
		name := ""
		if m := beforeAddressRE.FindStringSubmatch(strings.TrimRight(before, " \n")); m != nil {
			name = m[1]
		}
		return message.Address{Name: name, Addr: addr}
	}
	return message.Address{}
}
