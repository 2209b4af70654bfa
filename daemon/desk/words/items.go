package words

import (
	"slices"
	"strings"
)

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
		case hard && free && isNumber(refs[0]) && (n > 0 && splits(verb) || p.lx.is("fact", ts, k)):
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
	out = append(out, trimItem(ts[start:]))
	var parted [][]token
	for _, item := range out {
		parted = append(parted, p.factParts(item)...)
	}
	return parted
}

// factParts parts facts about one item that hard marks stand between: "4 number 020 7946 0018 / dress smart; bring passport".
func (p *parser) factParts(item []token) [][]token {
	_, k, ok := p.ref(item, 0)
	if !ok || !p.lx.is("fact", item, k) {
		return [][]token{item}
	}
	var out [][]token
	ref, start := item[:k], 0
	for j := k + 1; j+1 < len(item); j++ {
		if n := item[j].norm; (n == ";" || n == "/" || n == "|") && p.lx.is("fact", item, j+1) {
			out = append(out, withRef(ref, item[start:j], start))
			start = j + 1
		}
	}
	return append(out, withRef(ref, item[start:], start))
}

// withRef puts the reference before a part that doesn't begin with it.
func withRef(ref, part []token, start int) []token {
	if start == 0 {
		return trimItem(part)
	}
	return trimItem(append(slices.Clone(ref), part...))
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
