package words

import (
	"regexp"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
)

// unknown is an item that has to be asked back.
func (p *parser) unknown(ts []token, why string) Command {
	return Command{Verb: VerbUnknown, Note: p.text(ts), Error: why}
}

// employerLine reports whether a line says that somebody changed jobs.
func employerLine(text string) bool {
	_, _, _, ok := desk.ReadEmployer(text)
	return ok
}

// tellsMore reports whether an outcome follows in a later part of the line, or a day on which to call.
func (p *parser) tellsMore(ts []token) bool {
	for j := 1; j < len(ts); j++ {
		if verb, n := p.lx.at("verb", ts, j); n > 0 && ts[j-1].punct && verb != VerbJobOrder && verb != VerbNote {
			return true
		}
	}
	f, _ := p.triggered(ts)
	return f.n > 0 || f.bad != ""
}

// feeLineRE is a line that tells the fee of a placement.
var feeLineRE = regexp.MustCompile(`(?i)^fee\s+(?:of\s+)?[£$€]?\s?\d[\d.,]*\s?k?$`)

// leadLineRE is a line that names leads and says nothing else.
var leadLineRE = regexp.MustCompile(`(?i)^(?:leads?|referrals?|referred|recommended)\s*:\s*\S`)

const whyNoVerb = "what happened? Say spoke, vm (left a message), na (no answer), emailed, met, done, a date to move it to, or ? for all words"

// body reads what an item says behind its reference.
func (p *parser) body(ts []token, ref string) Command {
	ts = dropPunct(ts)
	if len(ts) == 0 {
		return p.unknown(ts, whyNoVerb)
	}
	if ref != "" && !strings.HasPrefix(ref, "JO") && feeLineRE.MatchString(p.text(ts)) {
		return Command{Verb: VerbFact, Note: p.text(ts)}
	}
	if text := p.text(ts); ref != "" && !p.tellsMore(ts) && (leadLineRE.MatchString(text) && len(desk.ReadLeads(text)) > 0 || employerLine(text)) {
		return Command{Verb: VerbNote, Note: text}
	}
	_, words := p.lx.at("verb", ts, 0)
	order := strings.HasPrefix(ref, "JO")
	if order && desk.DenialRE.MatchString(p.text(ts)) {
		return Command{Verb: VerbOrder, Note: p.text(ts)}
	}
	if order && (p.lx.is("fact", ts, 0) || slices.Contains([]string{"interview", "interviews"}, ts[0].norm)) {
		return Command{Verb: VerbOrder, Note: p.text(ts)}
	}
	if ref != "" && p.lx.is("fact", ts, 0) && words < 2 {
		return Command{Verb: VerbFact, Note: p.text(ts)}
	}
	if p.lx.is("light", ts, 0) && ref != "" {
		return p.light(ts)
	}
	for skip := 0; skip <= 6 && skip < len(ts); skip++ {
		if role, n := p.lx.at("role", ts, skip); n > 0 && endsItem(ts, skip+n) && ref != "" {
			return Command{Verb: VerbRole, Note: role}
		}
		if verb, n := p.lx.at("verb", ts, skip); n > 0 {
			if verb == "unclear" {
				return p.unclear(ts, skip, n, ref)
			}
			return p.said(verb, ts[skip:skip+n], ts[skip+n:])
		}
		if !p.lx.is("filler", ts, skip) {
			break
		}
	}
	return p.withoutVerb(ts, ref)
}

func endsItem(ts []token, i int) bool {
	return i >= len(ts) || i == len(ts)-1 && ts[i].punct
}

// light reads "red budget frozen till June".
func (p *parser) light(ts []token) Command {
	c := Command{Verb: VerbLight, Note: p.text(ts)}
	f, _ := p.triggered(ts[1:])
	c.Next = f.next
	if f.bad != "" {
		return p.unknown(ts, f.bad)
	}
	return c
}

// unclear reads what begins with a word that alone says too little: "called - spoke for 10
// mins", "left Acme", "green".
func (p *parser) unclear(ts []token, i, n int, ref string) Command {
	word := ts[i].norm
	switch word {
	case "green":
		return p.unknown(ts, "green is earned by a conversation, a meeting or a submittal: say which")
	case "hold", "on", "maybe":
		return p.unknown(ts, "until when? Say a date")
	case "left":
		return p.left(ts, i+n)
	}
	for j := i + n; j < len(ts); j++ {
		if j > i+n && !ts[j-1].punct && !p.lx.is("filler", ts, j-1) && !p.lx.is("join", ts, j-1) {
			continue
		}
		if verb, k := p.lx.at("verb", ts, j); k > 0 && verb != "unclear" && (desk.Outcome(verb).IsTouch() || verb == VerbDoNotContact || verb == VerbLeftCompany) {
			return p.said(verb, ts[j:j+k], ts[j+k:])
		}
	}
	return p.unknown(ts, "and what came of the call? Say spoke, vm or na")
}

// left tells leaving a company from leaving a message, which "left" alone doesn't.
func (p *parser) left(ts []token, i int) Command {
	for j := i; j < min(i+6, len(ts)) && !ts[j].punct; j++ {
		if slices.Contains([]string{"message", "msg", "vm", "voicemail", "mail", "word", "note"}, ts[j].norm) {
			return p.said(string(desk.OutcomeLeftMessage), ts[i:j+1], ts[j+1:])
		}
	}
	if e := p.capitals(ts, i); e > i {
		return p.said(VerbLeftCompany, ts[i:e], ts[e:])
	}
	return p.unknown(ts, "left a message, or left the company?")
}

// withoutVerb reads an item that has no verb: an order's data, a date alone, an outcome in a later sentence.
func (p *parser) withoutVerb(ts []token, ref string) Command {
	if strings.HasPrefix(ref, "JO") {
		return Command{Verb: VerbOrder, Note: p.text(ts)}
	}
	if c := p.dateOnly(ts); c.Verb == VerbSnooze || c.Error != "" && c.Error != whyNoVerb {
		return c
	}
	if ref == "" {
		return p.unknown(ts, "who is this about? Begin with a number, a name or an address")
	}
	for j := 1; j < len(ts); j++ {
		if !ts[j-1].punct {
			continue
		}
		if verb, n := p.lx.at("verb", ts, j); n > 0 && desk.Outcome(verb).IsTouch() {
			c := p.said(verb, ts[j:j+n], ts[j+n:])
			if c.Verb != VerbUnknown {
				c.Note = strings.Trim(p.text(ts[:j])+", "+c.Note, ", ")
			}
			return c
		}
	}
	return p.unknown(ts, whyNoVerb)
}

// dateOnly reads an item that is nothing but a date, with or without "call" before it: a snooze.
func (p *parser) dateOnly(ts []token) Command {
	i := 0
	for i < len(ts) {
		_, n := p.lx.at("trigger", ts, i)
		if n == 0 {
			if ts[i].punct || p.lx.is("filler", ts, i) {
				n = 1
			} else {
				break
			}
		}
		i += n
	}
	f := p.dates.read(ts, i)
	switch {
	case f.n == 0 || !endsItem(ts, i+f.n):
		if i > 0 && p.lx.is("trigger", ts, 0) {
			if f, note := p.triggered(ts); f.n > 0 && f.bad == "" {
				return Command{Verb: VerbSnooze, Next: f.next, Note: note}
			} else if f.bad != "" {
				return p.unknown(ts, f.bad)
			}
		}
		return p.unknown(ts, whyNoVerb)
	case f.bad != "":
		return p.unknown(ts, f.bad)
	case f.minutes:
		return p.unknown(ts, "minutes or months?")
	}
	return Command{Verb: VerbSnooze, Next: f.next}
}

// said reads what follows a verb: the date for the next call, and the rest as note.
func (p *parser) said(verb string, phrase, rest []token) Command {
	if verb == VerbDoNotContact {
		if c, ok := p.notBefore(phrase, rest); ok {
			return c
		}
	}
	if why := p.doubt(verb, phrase, rest); why != "" {
		return p.unknown(append(slices.Clone(phrase), rest...), why)
	}
	if role := p.onlyRole(rest); role != "" && verb == VerbJobOrder && len(phrase) == 1 && phrase[0].norm == "role" { // "Jane role decision maker" opens no vacancy
		return Command{Verb: VerbRole, Note: role}
	}
	switch verb {
	case VerbJobOrder, VerbNote, VerbContact, VerbFact, VerbOrder, "merge", "hand-over", "sequence":
		c := Command{Verb: verb, Note: p.text(dropPunct(rest))}
		if verb == "hand-over" {
			c.Note = p.text(dropWord(rest, "to"))
		}
		if c.Note == "" {
			return p.unknown(append(slices.Clone(phrase), rest...), "the rest is missing behind "+verb)
		}
		if verb == VerbContact {
			c.Note = p.text(dropPunct(rest))
		}
		return c
	case "submitted":
		c := p.dated(verb, phrase, rest)
		c.Note = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(c.Note, "to "), "for "))
		return c
	case "away":
		return p.away(phrase, rest)
	case VerbSnooze:
		return p.snooze(phrase, rest)
	case VerbCallBack: // with a day it is a call agreed; what else stands behind it is no day that is understood
		c := p.dated(verb, phrase, rest)
		switch {
		case c.Verb == VerbCallBack && !c.Next.IsZero():
			c.Verb = VerbSnooze
		case c.Verb == VerbCallBack && c.Note != "":
			return p.unknown(append(slices.Clone(phrase), rest...), "when? Say for example “call 2w” or “call 12 march”")
		}
		return c
	case "spoke", "met":
		if p.nobody(rest) {
			return p.unknown(append(slices.Clone(phrase), rest...), "so nobody was reached? Say na for no answer")
		}
		if p.assistant(rest) {
			verb = string(desk.OutcomeNoAnswer)
		}
	case VerbDoNotContact:
		return Command{Verb: verb, Note: p.text(dropPunct(rest))}
	case VerbUndo, VerbSend, VerbCancel, VerbDone, "spread", VerbHelp:
		if verb == VerbSend && len(dropPunct(rest)) > 0 && !allFiller(p, rest) {
			return p.unknown(append(slices.Clone(phrase), rest...), "send takes nothing more")
		}
		if verb == VerbDone || verb == VerbCancel {
			return p.dated(verb, phrase, rest)
		}
		return Command{Verb: verb, Note: p.text(dropPunct(rest))}
	}
	return p.dated(verb, phrase, rest)
}

// onlyRole is the role that the tokens name, if they name nothing else.
func (p *parser) onlyRole(ts []token) string {
	ts = dropPunct(ts)
	for len(ts) > 0 && ts[0].punct {
		ts = ts[1:]
	}
	role, n := p.lx.at("role", ts, 0)
	if n == 0 || n != len(ts) {
		return ""
	}
	return role
}

func allFiller(p *parser, ts []token) bool {
	for i := range ts {
		if !ts[i].punct && !p.lx.is("filler", ts, i) && !p.lx.is("courtesy", ts, i) {
			return false
		}
	}
	return true
}

func dropWord(ts []token, w string) []token {
	ts = dropPunct(ts)
	if len(ts) > 0 && ts[0].norm == w {
		return ts[1:]
	}
	return ts
}

// assistant reports whether the call reached an assistant, which closes nothing.
func (p *parser) assistant(rest []token) bool {
	for i, t := range rest[:min(4, len(rest))] {
		if t.punct {
			return false
		}
		switch t.norm {
		case "pa", "ea", "assistant", "secretary", "gatekeeper", "receptionist", "reception", "switchboard":
			return i < 4
		}
	}
	return false
}

// nobody reports whether what follows "spoke to" or "met" denies it, or asks.
func (p *parser) nobody(rest []token) bool {
	for i, t := range rest[:min(3, len(rest))] {
		switch t.norm {
		case "nobody", "noone", "none", "niemand", "niemandem", "personne", "nadie":
			return true
		case "no", "not":
			return i+1 < len(rest) && (rest[i+1].norm == "one" || rest[i+1].norm == "body")
		case "?":
			return i == 0
		}
	}
	return false
}

// notBefore reads "don't call until June", which is a date and no ban.
func (p *parser) notBefore(phrase, rest []token) (Command, bool) {
	rest = dropPunct(rest)
	if len(rest) < 2 {
		return Command{}, false
	}
	switch rest[0].norm {
	case "until", "till", "til", "before", "bis", "vor", "avant", "hasta", "antes", "tot", "voor":
	default:
		return Command{}, false
	}
	f := p.dates.read(rest, 1)
	if f.n == 0 {
		return Command{}, false
	}
	if f.bad != "" {
		return p.unknown(append(slices.Clone(phrase), rest...), f.bad), true
	}
	return Command{Verb: VerbSnooze, Next: f.next, Note: p.text(dropPunct(rest[1+f.n:]))}, true
}

func (p *parser) dated(verb string, phrase, rest []token) Command {
	f, note := p.next(rest)
	if f.bad != "" {
		return p.unknown(append(slices.Clone(phrase), rest...), f.bad)
	}
	if f.n == 0 && p.callsSometime(rest) {
		return p.unknown(append(slices.Clone(phrase), rest...), "when is the next call? That isn't understood as a day: say for example “call 2w” or “call 12 march”")
	}
	return Command{Verb: verb, Next: f.next, Note: note}
}

// callsSometime reports whether a clause begins with a word that announces the next call, and goes on as a time or a condition does, which is
// none that can be read: "call back when the budget is approved".
func (p *parser) callsSometime(ts []token) bool {
	for i := range ts {
		if i > 0 && !ts[i-1].punct {
			continue
		}
		_, n := p.lx.at("trigger", ts, i)
		if n == 0 || slices.Contains([]string{"back", "again", "until", "till", "til", "wait", "zurück", "wieder", "bis", "ab", "retour", "de", "terug", "weer", "tot", "hasta", "vuelve"}, ts[i].norm) {
			continue // a state, or a span
		}
		j := i + n
		for j < len(ts) && (slices.Contains([]string{"her", "him", "them", "me", "back", "again", "up"}, ts[j].norm) || p.lx.is("trigger", ts, j)) {
			j++
		}
		if _, k := p.lx.at("leads", ts, j); k > 0 && j+k < len(ts) && !ts[j+k].punct && !(len(ts[j+k].norm) > 4 && isNumber(ts[j+k].norm)) {
			return true
		}
	}
	return false
}

func (p *parser) snooze(phrase, rest []token) Command {
	f, note := p.next(rest)
	if f.n == 0 {
		if r := p.dates.read(rest, 0); r.n > 0 {
			f, note = r, p.text(rest[r.n:])
		}
	}
	all := append(slices.Clone(phrase), rest...)
	switch {
	case f.bad != "":
		return p.unknown(all, f.bad)
	case f.n == 0:
		return p.unknown(all, "until when? Say a date")
	case f.minutes:
		return p.unknown(all, "minutes or months?")
	}
	return Command{Verb: VerbSnooze, Next: f.next, Note: note}
}

// away is a snooze to the day on which the person is back.
func (p *parser) away(phrase, rest []token) Command {
	all := append(slices.Clone(phrase), rest...)
	f, _ := p.triggered(rest)
	switch {
	case f.bad != "":
		return p.unknown(all, f.bad)
	case f.n == 0:
		return p.unknown(all, "away until when? Say the day to call")
	}
	_, note := p.next(all)
	return Command{Verb: VerbSnooze, Next: f.next, Note: note}
}

// next finds the date agreed in what follows a verb, by the places where DOMAIN.md says
// that a date is one: behind a word such as "call", directly after the outcome, or alone in
// the last segment. note is the rest.
func (p *parser) next(ts []token) (found, string) {
	if f, note := p.triggered(ts); f.n > 0 || f.bad != "" {
		return f, note
	}
	i := 0
	for i < len(ts) && ts[i].punct {
		i++
	}
	f := p.dates.read(ts, i)
	if f.n > 0 && (!f.duration || endsSegment(ts, i+f.n)) && !p.lx.is("never", ts, i) && !p.countedNot(ts, i, f.n) && !p.verbLike(ts, i, f.n) {
		return f, p.text(ts[i+f.n:])
	}
	last := 0
	for j, t := range ts {
		if t.punct && j < len(ts)-1 && !(t.norm == "." && j > 0 && isDigit(ts[j-1].norm[0]) && t.start == ts[j-1].end && j+1 < len(ts) && p.lx.is("month", ts, j+1)) {
			last = j + 1
		}
	}
	if last > 0 {
		if f := p.dates.read(ts, last); f.n > 0 && endsItem(ts, last+f.n) && !p.lx.is("never", ts, last) {
			return f, p.text(ts[:last])
		}
	}
	return found{}, p.text(dropPunct(ts))
}

// callWords announce a day more surely than other triggers.
var callWords = []string{"call", "cb", "back", "callback", "again", "try", "chase", "ring", "fu", "retry"}

// verbLike reports whether the day's name is a verb here: "may have roles", "sat down with the boss".
func (p *parser) verbLike(ts []token, i, n int) bool {
	return n == 1 && slices.Contains([]string{"may", "sat", "sun", "march"}, ts[i].norm) && i+1 < len(ts) && !ts[i+1].punct && !p.lx.is("verb", ts, i+1)
}

func endsSegment(ts []token, i int) bool { return i >= len(ts) || ts[i].punct }

// triggered finds a date behind a word that announces one. The words "back" and "returns"
// give way to a later "call".
func (p *parser) triggered(ts []token) (best found, note string) {
	weak := false
	for i := 0; i < len(ts); i++ {
		_, n := p.lx.at("trigger", ts, i)
		if n == 0 || i > 0 && p.lx.is("never", ts, i-1) {
			continue
		}
		j := i + n
		for j < len(ts) && (slices.Contains([]string{"her", "him", "them", "me", "back", "again", "up"}, ts[j].norm) || p.lx.is("trigger", ts, j)) {
			j++
		}
		if j < len(ts) && ts[j].punct && ts[j].norm != "#" && p.dates.read(ts, j+1).n > 0 && ts[j].norm != "." {
			j++
		}
		if p.lx.is("never", ts, j) {
			continue
		}
		if p.lx.is("this", ts, j) && (p.lx.is("afternoon", ts, j+1) || p.lx.is("morning", ts, j+1)) {
			j++
		}
		f := p.dates.read(ts, j)
		if f.n == 0 && j < len(ts) && isNumber(ts[j].norm) && len(ts[j].norm) <= 2 && endsSegment(ts, j+1) {
			f = found{n: 1, bad: "a day, or a time?"}
		}
		switch {
		case i > 0 && f.n > 0 && slices.Contains([]string{"dont", "not", "never"}, ts[i-1].norm):
			f.bad = "call then, or don't call?"
		case f.n > 0 && p.countedNot(ts, j, f.n):
			f = found{n: 1, bad: "which day?"}
		case f.n > 0 && f.bad == "" && !f.duration && j+f.n < len(ts) && isNumber(ts[j+f.n].norm) && len(ts[j+f.n].norm) <= 2 && endsSegment(ts, j+f.n+1):
			f.bad = "a day, or a time?"
		case f.n == 0 && slices.Contains(callWords, ts[j-1].norm) && p.announced(ts, j):
			f = found{n: 1, bad: "which day?"}
		}
		if f.n == 0 && f.bad == "" {
			i = j - 1
			continue
		}
		if best.n == 0 || weak {
			best = f
			note = strings.Trim(p.text(ts[:i])+", "+p.text(ts[j+f.n:]), ", -")
			weak = strings.Contains(ts[i].norm, "back") || strings.HasPrefix(ts[i].norm, "return") || slices.Contains([]string{"until", "till", "til"}, ts[i].norm)
		}
		i = j + f.n - 1
	}
	return best, note
}
