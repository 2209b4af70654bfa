package prose

// Whose absence it is: an auto-reply often tells of a colleague's days beside the sender's.

import (
	"strings"
)

var (
	// otherRE speaks of somebody else than the writer.
	otherRE = lazy(`(?i)\b(my (colleagues?|assistant|manager|boss|deputy|team ?mate|replacement|cover)|our (colleagues?|assistant|team)|(he|she|they|himself|herself|themselves)\b|who (is|will|returns|are)|mein(e|en|er)? (kolleg\w+|vertret\w+|assisten\w+|mitarbeiter\w*|chef\w*|team)|vertreten|(herr|frau) \p{Lu}|(er|sie) ist|mon collègue|ma collègue|mes collègues|mon assistant\w*|(il|elle) (est|sera)|mi (compañer\w+|colega|asistente)|il mio collega|la mia collega|mijn collega|meu colega|minha colega|min kollega|min kollege|kolega|koleżanka|kollégám|colegul|colega mea|коллег\w+)`)
	// selfRE speaks of the writer.
	selfRE = lazy(`(?i)(^|[^\p{L}])(i|i'm|i’m|i'll|i’ll|i am|we|we're|our office|ich|wir|je|j'|nous|yo|estoy|estaré|vuelvo|regreso|io|sono|sarò|torno|ik|wij|eu|estou|estarei|volto|jag|jeg|olen|palaan|jestem|będę|wracam|jsem|budu|vagyok|leszek|sunt|voi|я|буду)([^\p{L}]|$)`)
	// asideRE is a parenthesis.
	asideRE = lazy(`[(（][^()（）\n]{2,120}[)）]`)
)

// findOwnDays finds the writer's days: what is told of others, in sentences and parentheses of their own, counts only where nothing tells
// of the writer.
func (r *awayReader) findOwnDays(a *AutoReply) {
	own := *r
	own.text, own.cased = r.withoutOthers()
	if own.text != r.text {
		own.findDays(a)
		if !a.Date.IsZero() || selfRE().MatchString(own.text) {
			return
		}
	}
	r.findDays(a)
}

// withoutOthers is the text with blanks for what is told of others; its length is the same.
func (r *awayReader) withoutOthers() (text, cased string) {
	days := proseDates().find(r.text, func(string) int { return 0 })
	if len(days) == 0 {
		return r.text, r.cased
	}
	out := []byte(r.text)
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = ' '
		}
	}
	for _, sen := range r.sentences(days) {
		if s := r.text[sen.from:sen.to]; len(sen.days) > 0 && !selfRE().MatchString(s) && (otherRE().MatchString(s) || r.namesSomebody(sen)) {
			blank(sen.from, sen.to)
		}
	}
	for _, loc := range asideRE().FindAllStringIndex(r.text, 50) { // it belongs to whom it follows
		before := strings.TrimRight(r.text[max(0, loc[0]-60):loc[0]], " ")
		if r.namedBefore(loc[0]) || addressRE().MatchString(before) && strings.HasSuffix(before, lastWord(before)) && strings.Contains(lastWord(before), "@") {
			blank(loc[0], loc[1])
		}
	}
	text = string(out)
	if r.cased != "" {
		c := []byte(r.cased)
		for i := range out {
			if out[i] == ' ' {
				c[i] = ' '
			}
		}
		cased = string(c)
	}
	return text, cased
}

func lastWord(s string) string { return s[strings.LastIndexAny(s, " \n\t")+1:] }

// namesSomebody reports whether a sentence begins with somebody's name, or has one right before its verb.
func (r *awayReader) namesSomebody(sen sentence) bool {
	if r.cased == "" {
		return false
	}
	return subjectNameRE().MatchString(r.cased[sen.from:sen.to])
}

// subjectNameRE is a name as the subject of a sentence.
var subjectNameRE = lazy(`^\s*(Please note( that)? |Note that )?\p{Lu}[\p{Ll}'-]+( \p{Lu}[\p{L}'-]+){0,2} (himself |herself )?(is|will|returns|ist|kehrt|est|sera|revient|está|vuelve|è|torna|is terug|é|volta|är|er) `)

// namedBefore reports whether a capitalised name of two words, or of one behind a word that introduces a person, ends before at.
func (r *awayReader) namedBefore(at int) bool {
	if r.cased == "" {
		return false
	}
	return nameBeforeRE().MatchString(strings.TrimRight(r.cased[max(0, at-60):at], " "))
}

var nameBeforeRE = lazy(`(\p{Lu}[\p{Ll}'-]+ \p{Lu}[\p{L}'-]+|(?i:colleague|contact|to|an|kolleg\p{L}+|herrn?|frau|mit|mr\.?|mrs\.?|ms\.?|cc|with) \p{Lu}[\p{Ll}'-]+)$`)
