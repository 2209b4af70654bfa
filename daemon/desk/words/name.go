package words

import (
	"slices"
	"strings"
)

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
	if p.isJo(ts) {
		return p.text(ts[:1]), 1
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
		if p.callsOn(ts, j) && p.capitals(ts, 0) == j && p.wordsBefore(ts[:j]) { // "Jane Doe call friday"
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

// isJo reports whether "Jo" begins the item as somebody's name, "Jo spoke", and not as a job order.
func (p *parser) isJo(ts []token) bool {
	if len(ts) < 2 || p.src[ts[0].start:ts[0].end] != "Jo" {
		return false
	}
	verb, n := p.lx.at("verb", ts, 1)
	return n > 0 && splits(verb) || p.callsOn(ts, 1)
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
