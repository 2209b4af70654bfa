package desk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Command is one thing that the recruiter told us.
type Command struct {
	Ref   string // a number of the mail answered, all, rest, JO7, an address, a name, or empty
	Verb  string // see DESIGN.md, the command line
	Next  Next
	Note  string // in the writer's words
	Error string // of VerbUnknown: what to ask back
	Line  string // the line as written
}

// Verbs that are no outcomes.
const (
	VerbUnknown  = "unknown"
	VerbSnooze   = "snooze"
	VerbDone     = "done"
	VerbCancel   = "cancel"
	VerbUndo     = "undo"
	VerbRole     = "role"
	VerbLight    = "light"
	VerbNote     = "note"
	VerbContact  = "contact"
	VerbFact     = "fact"
	VerbOrder    = "order"
	VerbJobOrder = "job-order"
	VerbHelp     = "help"
	VerbSend     = "send"
	VerbMerge    = "merge"
	VerbWaved    = "waved"
	VerbSpread   = "spread"

	VerbSubmitted = "submitted"
	VerbPlaced    = "placed"

	VerbDoNotContact = "do-not-contact"
	VerbLeftCompany  = "left-company"
)

// maxLine bounds a line in bytes: a thumbed answer is shorter, and reading one takes more
// than linear time.
const maxLine = 2000

// maxCommands bounds what one text can hold.
const maxCommands = 500

// ParseCommands reads what somebody wrote, quotes and signature cut already. What isn't
// understood wholly comes as VerbUnknown with the reason: a wrong log is worse than a
// question. Courtesy alone gives nothing.
func ParseCommands(text string, g Grammar) []Command {
	p := &parser{lx: wordsOf(g.Languages)}
	p.dates = newDateReader(g, p.lx)
	var out []Command
	closing := false
	lines := p.withoutNames(strings.Split(strings.ReplaceAll(text, "\r", ""), "\n"))
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if len(line) > maxLine {
			out = append(out, Command{Verb: VerbUnknown, Error: "this line is too long to be understood", Line: line[:80]})
			continue
		}
		ts := tokenize(line)
		if p.courtesy(ts) {
			closing = true
			continue
		}
		if closing && p.onlyName(line) {
			continue // "Thanks, Sam" on two lines, and more below
		}
		out = append(out, p.line(line, ts)...)
		if len(out) > maxCommands {
			return out[:maxCommands]
		}
	}
	return out
}

type parser struct {
	lx    *lexicon
	dates *dateReader
	src   string
}

// courtesy reports whether the line is nothing but thanks, greeting or closing.
func (p *parser) courtesy(ts []token) bool {
	i, words, other := 0, 0, 0
	for i < len(ts) {
		if ts[i].punct {
			if ts[i].norm == "?" {
				return false
			}
			i++
			continue
		}
		if _, n := p.lx.at("courtesy", ts, i); n > 0 {
			words++
			i += n
			continue
		}
		other++
		i++
		if words == 0 || other > 2 || isNumber(ts[i-1].norm) {
			return false
		}
		if _, n := p.lx.at("verb", ts, i-1); n > 0 {
			return false
		}
	}
	return words > 0
}

// withoutNames drops the name that closes a text, below courtesy: "Thanks", "Sam Ruiter".
func (p *parser) withoutNames(lines []string) []string {
	end := len(lines)
	for end > 0 {
		line := strings.TrimSpace(lines[end-1])
		if line != "" && !p.onlyName(line) {
			break
		}
		end--
	}
	if end == len(lines) || end == 0 || len(lines[end-1]) > maxLine || !p.courtesy(tokenize(strings.TrimSpace(lines[end-1]))) {
		return lines
	}
	return lines[:end]
}

// onlyName reports whether the line is a person's name: few words, each with a capital, none
// of which says anything to us.
func (p *parser) onlyName(line string) bool {
	ws := strings.Fields(line)
	if len(ws) > 3 || strings.ContainsAny(line, "0123456789@:/?!") {
		return false
	}
	for _, w := range ws {
		if r, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(r) {
			return false
		}
	}
	ts := tokenize(line)
	for i := range ts {
		for _, kind := range []string{"verb", "trigger", "role", "weekday", "month", "today", "tomorrow", "nextweek", "fact", "light", "fix"} {
			if p.lx.is(kind, ts, i) {
				return false
			}
		}
	}
	return true
}

// line reads one line: its items, each with its reference and what is said of it.
func (p *parser) line(line string, ts []token) []Command {
	p.src = line
	if len(ts) == 1 && ts[0].norm == "?" {
		return []Command{{Verb: VerbHelp, Line: line}}
	}
	var out []Command
	ts = p.withoutGreeting(dropPunct(ts))
	fix := false
	if _, n := p.lx.at("fix", ts, 0); n > 0 {
		fix = true
		ts = dropPunct(ts[n:])
		if len(ts) == 0 {
			return []Command{{Verb: VerbUndo, Line: line}}
		}
	}
	for _, item := range p.items(ts) {
		cmds := p.item(item)
		if fix {
			for _, c := range cmds {
				out = append(out, Command{Ref: c.Ref, Verb: VerbUndo, Line: line})
			}
		}
		out = append(out, cmds...)
	}
	for i := range out {
		out[i].Line = line
	}
	return out
}

// withoutGreeting cuts courtesy with which a line of commands begins: "Hi, 1 vm", "yes send 3".
func (p *parser) withoutGreeting(ts []token) []token {
	_, n := p.lx.at("courtesy", ts, 0)
	if _, v := p.lx.at("verb", ts, 0); n == 0 || v >= n {
		return ts
	}
	rest := dropPunct(ts[n:])
	_, verb := p.lx.at("verb", rest, 0)
	if _, _, ref := p.ref(rest, 0); len(rest) == 0 || !ref && verb == 0 {
		return ts
	}
	return rest
}

func dropPunct(ts []token) []token {
	for len(ts) > 0 && ts[0].punct && ts[0].norm != "#" && ts[0].norm != "?" {
		ts = ts[1:]
	}
	return ts
}

// splits are the verbs that, behind a new reference, begin a new item in the same line.
func splits(verb string) bool {
	switch verb {
	case VerbContact, VerbJobOrder, VerbNote, "unclear", "away", VerbOrder, "spread", VerbHelp, "":
		return false
	}
	return true
}

// items parts a line where a new reference and verb begin.
func (p *parser) items(ts []token) [][]token {
	var out [][]token
	start := 0
	free := p.freeText(ts)
	behindRef := p.behindRef(ts, 0)
	for j := 1; j < len(ts); j++ {
		if j > behindRef && ts[j-1].punct && p.verbWithRef(ts, start) > start && p.verbWithRef(ts, j) > j {
			out = append(out, trimItem(ts[start:j]))
			start = j
			behindRef = p.behindRef(ts, j)
			continue
		}
		if ts[j].punct && ts[j].norm != "#" || ts[j-1].norm == "#" {
			continue
		}
		prev := ts[j-1]
		if j < behindRef || prev.norm == ":" || p.lx.is("join", ts, j-1) && !prev.punct || p.lx.is("never", ts, j-1) || p.lx.is("at", ts, j-1) {
			continue
		}
		if _, n := p.lx.at("trigger", ts, j-1); n > 0 && !prev.punct {
			continue
		}
		refs, k, ok := p.ref(ts, j)
		if !ok || k >= len(ts) || k-start < 2 {
			continue
		}
		hard := prev.norm == ";" || prev.norm == "/" || prev.norm == "|"
		verb, n := p.lx.at("verb", ts, k)
		switch {
		case n > 0 && splits(verb) && !p.dateAt(ts, j) && (prev.punct || !free || prev.norm == "/"):
		case n > 0 && splits(verb) && prev.punct:
		case hard && !free && (isNumber(refs[0]) || strings.HasPrefix(refs[0], "JO")):
		case prev.punct && p.lx.is("role", ts, k) && endsSegment(ts, k+1):
		case prev.punct && prev.norm != "." && isNumber(ts[start].norm) && isNumber(refs[0]) && p.callsOn(ts, k):
		default:
			continue
		}
		out = append(out, trimItem(ts[start:j]))
		start = j
		behindRef = p.behindRef(ts, j)
	}
	return append(out, trimItem(ts[start:]))
}

// callsOn reports whether "call friday" stands at i.
func (p *parser) callsOn(ts []token, i int) bool {
	_, n := p.lx.at("trigger", ts, i)
	return n > 0 && p.dates.read(ts, i+n).n > 0
}

// dateAt reports whether the number at j belongs to a date, not to an item ("2 march").
func (p *parser) dateAt(ts []token, j int) bool {
	f := p.dates.day(ts, j)
	return f.n > 1 && !f.duration
}

// behindRef is where the reference that begins at start ends: "1,2,5 vm".
func (p *parser) behindRef(ts []token, start int) int {
	if _, k, ok := p.ref(ts, start); ok {
		return k
	}
	return max(start, p.verbWithRef(ts, start))
}

// verbWithRef is where the numbers end behind a verb that stands first, "undo 2, 3"; start if none do. A
// number that has a verb of its own behind it begins another item: "send 3, 4 vm".
func (p *parser) verbWithRef(ts []token, start int) int {
	verb, n := p.lx.at("verb", ts, start)
	if n == 0 || !splits(verb) {
		return start
	}
	end := start
	for k := start + n; ; {
		_, m := p.refNumbers(ts, k)
		if m == 0 || end == start && (p.dateAt(ts, k) || p.dates.duration(ts, k).n > 0 || p.dates.clock(ts, k).n > 0) {
			return end
		}
		if _, v := p.lx.at("verb", ts, k+m); v > 0 && end > start {
			return end
		}
		end = k + m
		if end >= len(ts) || ts[end].norm != "," && !p.isAnd(ts[end]) {
			return end
		}
		k = end + 1
	}
}

func (p *parser) isAnd(t token) bool {
	return slices.Contains([]string{"&", "and", "+", "und", "et", "y", "en"}, t.norm)
}

// freeText reports whether the item is one whose text isn't ours to cut: a job order, a note, a contact.
func (p *parser) freeText(ts []token) bool {
	_, k, ok := p.ref(ts, 0)
	if !ok {
		k = 0
	}
	if k >= len(ts) {
		return false
	}
	verb, n := p.lx.at("verb", ts, k)
	if n > 0 && slices.Contains([]string{VerbContact, VerbJobOrder, VerbNote, VerbOrder}, verb) {
		return true
	}
	return p.lx.is("fact", ts, k)
}

func trimItem(ts []token) []token {
	for len(ts) > 0 {
		last := ts[len(ts)-1].norm
		if last != "," && last != "/" && last != ";" && last != "|" && last != "&" {
			break
		}
		ts = ts[:len(ts)-1]
	}
	return ts
}

var (
	orderRE = regexp.MustCompile(`^jo-?(\d{1,6})$`)
	rangeRE = regexp.MustCompile(`^(\d{1,3})-(\d{1,3})$`)
)

// ref reads the reference at token i: who or what the item is about. k is where the rest begins.
func (p *parser) ref(ts []token, i int) (refs []string, k int, ok bool) {
	k = i
	if i == 0 && len(ts) > 1 && ts[0].norm == "no" { // "no. 4 vm"
		if d := 1 + b2i(ts[1].norm == "."); d+1 < len(ts) && isNumber(ts[d].norm) && p.lx.is("verb", ts, d+1) {
			k = d
		}
	}
	for k < len(ts) && (ts[k].norm == "#" || slices.Contains([]string{"number", "no.", "nr", "item", "nummer", "numero"}, ts[k].norm) && k+1 < len(ts) && p.refNumber(ts[k+1]) != "") {
		k++
	}
	if k >= len(ts) {
		return nil, i, false
	}
	if k == i {
		if refs, n := p.refWord(ts, k); n > 0 {
			return refs, p.skipMarks(ts, k+n), true
		}
	}
	for k < len(ts) {
		more, n := p.refNumbers(ts, k)
		if n == 0 || len(refs) > 100 {
			break
		}
		refs = append(refs, more...)
		k += n
		j := k
		if j < len(ts) && (ts[j].norm == "," || p.isAnd(ts[j])) {
			j++
			if j < len(ts) && ts[j].norm == "and" {
				j++
			}
			if j < len(ts) && ts[j].norm == "#" {
				j++
			}
			if _, n := p.refNumbers(ts, j); n > 0 && !p.dateAt(ts, j) {
				k = j
				continue
			}
		}
		break
	}
	if len(refs) == 0 || len(refs) > 100 {
		return nil, i, false
	}
	return refs, p.skipMarks(ts, k), true
}

func (p *parser) skipMarks(ts []token, k int) int {
	for k < len(ts) && ts[k].punct && strings.Contains("=:.)#-,", ts[k].norm) {
		k++
	}
	return k
}

// refWord reads the references that aren't numbers: all, rest, JO7, an address.
func (p *parser) refWord(ts []token, k int) ([]string, int) {
	w := ts[k].norm
	switch {
	case w == "all" && !(k+1 < len(ts) && ts[k+1].norm == "the"), w == "everyone", w == "everything", w == "alle", w == "tous", w == "todos":
		return []string{"all"}, 1
	case w == "rest", w == "others", w == "remaining":
		return []string{"rest"}, 1
	case (w == "the" || w == "all") && k+1 < len(ts) && (ts[k+1].norm == "rest" || ts[k+1].norm == "others" || ts[k+1].norm == "remaining"):
		return []string{"rest"}, 2
	case strings.Contains(w, "@") && strings.Contains(w, "."):
		return []string{strings.Trim(w, "<>")}, 1
	}
	if m := orderRE.FindStringSubmatch(w); m != nil {
		return []string{"JO" + m[1]}, 1
	}
	if w == "jo" && k+1 < len(ts) && isNumber(ts[k+1].norm) {
		return []string{"JO" + ts[k+1].norm}, 2
	}
	return nil, 0
}

func (p *parser) refNumber(t token) string {
	if isNumber(t.norm) && len(t.norm) <= 3 && t.norm != "0" {
		return strconv.Itoa(atoi(t.norm))
	}
	return p.lx.kinds["number"][t.norm]
}

func (p *parser) refNumbers(ts []token, k int) ([]string, int) {
	if k >= len(ts) {
		return nil, 0
	}
	if m := rangeRE.FindStringSubmatch(ts[k].norm); m != nil {
		return span(atoi(m[1]), atoi(m[2])), 1
	}
	n := p.refNumber(ts[k])
	if n == "" {
		return nil, 0
	}
	if k+2 < len(ts) && (ts[k+1].norm == "-" || ts[k+1].norm == "to") && isNumber(ts[k+2].norm) && len(ts[k+2].norm) <= 3 {
		if s := span(atoi(n), atoi(ts[k+2].norm)); s != nil {
			return s, 3
		}
	}
	return []string{n}, 1
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

func span(from, to int) []string {
	if from < 1 || to <= from || to-from > 100 {
		return nil
	}
	var out []string
	for n := from; n <= to; n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// item reads one item: a command for each of its references.
func (p *parser) item(ts []token) []Command {
	if len(ts) == 0 {
		return nil
	}
	refs, k, ok := p.ref(ts, 0)
	rest := ts[k:]
	if !ok {
		if cmds, done := p.verbFirst(ts); done {
			return cmds
		}
		name, n := p.name(ts)
		refs = []string{name}
		rest = ts[n:]
	}
	var out []Command
	body := p.body(rest, refs[0])
	if !ok && refs[0] == "" && body.Verb == VerbContact {
		refs[0] = p.firstAddress(rest)
	}
	for _, r := range refs {
		c := body
		c.Ref = r
		out = append(out, c)
	}
	return out
}

func (p *parser) firstAddress(ts []token) string {
	for _, t := range ts {
		if strings.Contains(t.norm, "@") && strings.Contains(t.norm, ".") {
			return strings.Trim(t.norm, "<>")
		}
	}
	return ""
}

// verbFirst reads "send 3", "undo", "spread older", "job: …": items that begin with their verb.
func (p *parser) verbFirst(ts []token) ([]Command, bool) {
	i := 0
	for i < len(ts) && !ts[i].punct && p.lx.is("filler", ts, i) && !p.lx.is("verb", ts, i) && !p.lx.is("trigger", ts, i) {
		i++
	}
	verb, n := p.lx.at("verb", ts, i)
	if n == 0 {
		return p.triggerFirst(ts, i)
	}
	k := i + n
	switch verb {
	case VerbHelp, "spread":
		return []Command{{Verb: verb}}, true
	case VerbJobOrder, VerbContact, VerbNote:
		return nil, false
	}
	if k < len(ts) && ts[k].norm == ":" {
		k++
	}
	if k+1 < len(ts) && slices.Contains([]string{"for", "on"}, ts[k].norm) { // "vm for 1 and 2"
		if _, j, ok := p.ref(ts, k+1); ok && (j == len(ts) || ts[j-1].punct) && p.dates.read(ts, k).n == 0 {
			k++
		}
	}
	if verb == VerbUndo && p.vague(ts[k:]) {
		return []Command{{Verb: VerbUndo}}, true
	}
	if refs, j, ok := p.ref(ts, k); ok && !p.countsPeople(ts, i, k, j) && !p.dateAt(ts, k) && p.dates.duration(ts, k).n == 0 && p.dates.clock(ts, k).n == 0 {
		var out []Command
		body := p.said(verb, ts[i:i+n], ts[j:])
		if verb == VerbUndo && len(ts[j:]) > 0 {
			return p.corrected(refs, ts[j:]), true
		}
		for _, r := range refs {
			c := body
			c.Ref = r
			out = append(out, c)
		}
		return out, true
	}
	if verb == VerbUndo {
		if e := p.capitals(ts, k); e > k && e == len(ts) {
			return []Command{{Ref: p.text(ts[k:]), Verb: VerbUndo}}, true
		}
		return []Command{p.unknown(ts, "undo what? Say undo for your latest answer, undo 2, or undo and a name")}, true
	}
	return nil, false
}

// corrected reads "undo 2, vm": what is undone, and what is right instead.
func (p *parser) corrected(refs []string, rest []token) []Command {
	var undone, right []Command
	for _, r := range refs {
		c := p.body(slices.Clone(rest), r)
		if c.Verb == VerbUnknown {
			c.Error = "undo takes nothing but numbers, or what is right instead"
			return []Command{{Ref: r, Verb: VerbUnknown, Note: c.Note, Error: c.Error}}
		}
		c.Ref = r
		undone, right = append(undone, Command{Ref: r, Verb: VerbUndo}), append(right, c)
	}
	return append(undone, right...)
}

// vague reports whether the words behind "undo" only point at what was just said.
func (p *parser) vague(ts []token) bool {
	for i, t := range ts {
		switch t.norm {
		case "that", "this", "it", "last", "the", "one", "everything", "all", "my", "reply", "answer", "latest", "them":
			continue
		}
		if !t.punct && !p.lx.is("filler", ts, i) && !p.lx.is("courtesy", ts, i) {
			return false
		}
	}
	return true
}

// countsPeople reports whether the number behind "spoke to" counts somebody and is no item:
// "spoke to 2 people at Acme".
func (p *parser) countsPeople(ts []token, i, k, j int) bool {
	if j >= len(ts) || ts[j].punct || ts[j-1].punct || k == i || !isNumber(ts[k].norm) {
		return false
	}
	switch ts[k-1].norm {
	case "to", "with", "mit", "avec", "à", "con", "met":
		return !p.lx.is("trigger", ts, j) && !p.lx.is("join", ts, j) && !p.lx.is("filler", ts, j)
	}
	return false
}

// triggerFirst reads "call 3 friday".
func (p *parser) triggerFirst(ts []token, i int) ([]Command, bool) {
	_, n := p.lx.at("trigger", ts, i)
	if n == 0 {
		return nil, false
	}
	refs, j, ok := p.ref(ts, i+n)
	if !ok || p.dateAt(ts, i+n) || p.dates.duration(ts, i+n).n > 0 || p.dates.clock(ts, i+n).n > 0 {
		return nil, false
	}
	body := p.dateOnly(ts[j:])
	if body.Verb != VerbSnooze {
		return nil, false
	}
	var out []Command
	for _, r := range refs {
		c := body
		c.Ref = r
		out = append(out, c)
	}
	return out, true
}

// name reads the person with whom an item begins: "Jane Doe: …", "Called Jane Doe at Acme, …".
func (p *parser) name(ts []token) (string, int) {
	for j, t := range ts { // before a colon
		if t.norm == ":" && j > 0 && j <= 5 {
			if !p.wordsBefore(ts[:j]) {
				break
			}
			return p.text(ts[:j]), j + 1
		}
		if t.punct || p.lx.is("verb", ts, j) && j == 0 {
			break
		}
	}
	if verb, n := p.lx.at("verb", ts, 0); n > 0 { // behind the verb: "spoke to Omar García - …"
		j := n
		for j < len(ts) && p.lx.is("person", ts, j) {
			j++
		}
		k := p.capitals(ts, j)
		if k == j || !slices.Contains([]string{"unclear", "spoke", "met", "emailed", "messaged", "left-message", "no-answer", "prepped", "debriefed", "interview", "placed", "submitted", "snooze", "done", "cancel", "do-not-contact", "left-company", "not-interested", "wrong-number", "no-show", "offer", "withdrew", "not-taken"}, verb) {
			return "", 0
		}
		return p.behindVerb(ts, verb, n, j, k)
	}
	for j := 1; j <= min(4, len(ts)-1); j++ { // before the verb: "Jane Doe left voicemail"
		if ts[j-1].punct || isNumber(ts[j-1].norm) {
			break
		}
		if p.saysOfPerson(ts, j) && p.capitals(ts, 0) >= j && p.wordsBefore(ts[:j]) && p.smallName(ts[:j]) {
			return p.text(ts[:j]), j
		}
		if _, n := p.lx.at("verb", ts, j); n > 0 && p.wordsBefore(ts[:j]) && (p.capitals(ts, 0) == j || j <= 3 && p.smallName(ts[:j])) {
			return p.text(ts[:j]), j
		}
		if ts[j].punct && ts[j].norm != "-" && ts[j].norm != "," {
			break
		}
		if ts[j].punct && j+1 < len(ts) && p.lx.is("verb", ts, j+1) && p.capitals(ts, 0) == j {
			return p.text(ts[:j]), j + 1
		}
	}
	return "", 0
}

// saysOfPerson reports whether a role, a light or a day stands at i, which say something of the name before.
func (p *parser) saysOfPerson(ts []token, i int) bool {
	if ts[i].norm == "is" {
		return p.lx.is("role", ts, i+1)
	}
	for _, kind := range []string{"role", "light", "weekday", "today", "tomorrow"} {
		if _, n := p.lx.at(kind, ts, i); n > 0 && endsItem(ts, i+n) {
			return true
		}
	}
	return false
}

// behindVerb leaves the verb in front of the rest: the item's name is cut out of its tokens.
func (p *parser) behindVerb(ts []token, verb string, n, j, k int) (string, int) {
	name := p.text(ts[j:k])
	if p.lx.is("company", ts, k) { // "at Acme"
		if e := p.capitals(ts, k+1); e > k+1 {
			k = e
		}
	}
	if verb == "unclear" || verb == "no-answer" && n == 1 {
		if k < len(ts) {
			return name, k
		}
	}
	// keep the verb: put it where the name ends
	copy(ts[k-n:k], ts[:n])
	return name, k - n
}

func (p *parser) wordsBefore(ts []token) bool {
	for i, t := range ts {
		if t.punct || isNumber(t.norm) {
			return false
		}
		if _, n := p.lx.at("verb", ts, i); n > 0 {
			return false
		}
	}
	return len(ts) > 0 && !p.lx.is("filler", ts, 0) && !p.lx.is("courtesy", ts, 0)
}

// smallName reports whether the words could be a name thumbed in small letters: nothing that
// means something else. Whether somebody has that name is seen when it is applied.
func (p *parser) smallName(ts []token) bool {
	for i := range ts {
		if slices.Contains([]string{"dont", "not", "never", "no", "didnt", "cant", "wont", "do"}, ts[i].norm) {
			return false
		}
		for _, kind := range []string{"filler", "courtesy", "trigger", "role", "join", "never", "weekday", "month", "unit", "number", "today", "tomorrow", "fact", "light", "next", "this"} {
			if p.lx.is(kind, ts, i) {
				return false
			}
		}
		for _, b := range []byte(ts[i].norm) {
			if !isLetterByte(b) {
				return false
			}
		}
	}
	return true
}

// capitals is where the run of capitalised words from i ends.
func (p *parser) capitals(ts []token, i int) int {
	for i < len(ts) && !ts[i].punct {
		r := []rune(p.src[ts[i].start:ts[i].end])
		small := slices.Contains([]string{"van", "von", "de", "der", "den", "da", "di", "la", "le", "del", "bin", "al", "ter", "te", "zu", "zur", "du", "dos"}, ts[i].norm)
		if !isUpper(r[0]) && !(small && i+1 < len(ts)) {
			break
		}
		i++
	}
	return i
}

func isUpper(r rune) bool {
	return strings.ToUpper(string(r)) == string(r) && strings.ToLower(string(r)) != string(r)
}

// text is the source from the first to the last of the tokens, tidied at the edges.
func (p *parser) text(ts []token) string {
	if len(ts) == 0 {
		return ""
	}
	s := p.src[ts[0].start:ts[len(ts)-1].end]
	return strings.Trim(s, " \t,;:-–—=/.")
}
