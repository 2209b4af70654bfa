package words

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"fifthcall/daemon/desk"
)

// Command is one thing that the recruiter told us.
type Command struct {
	Ref   string // a number of the mail answered, all, rest, JO7, an address, a name, or empty
	Verb  string // see DESIGN.md, the command line
	Next  desk.Next
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
	VerbDismiss  = "dismissed"
	VerbCallBack = "call-back"
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
	VerbHandOver  = "hand-over"
	VerbInterview = "interview"
	VerbOffer     = "offer"
	VerbNotTaken  = "not-taken"
	VerbWithdrew  = "withdrew"
	VerbSequence  = "sequence"

	VerbNotInterested = "not-interested"

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
	lines := p.withoutNames(strings.Split(plainWidth(strings.ReplaceAll(text, "\r", "")), "\n"))
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

// plainWidth is a text without the characters that nobody sees, and with letters, digits and signs of full width as those of ASCII.
func plainWidth(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c < 0x80:
			return c
		case c == 0x200b, c == 0xfeff, c == 0x200e, c == 0x200f, c == 0x2060, c == 0xad, c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069:
			return -1
		case c == 0x3000, c == 0xa0, c == 0x202f:
			return ' '
		case c >= 0xff01 && c <= 0xff5e:
			return c - 0xff01 + '!'
		}
		return c
	}, text)
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
