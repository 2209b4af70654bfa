package prose

// The author's name: where it stands alone below a text, the text ends.

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fifthcall/mailbox/message"
)

// OwnWords is what the author of a message wrote anew in its text, plain or HTML (ReplyText, HTMLReplyText); since the author is known,
// a signature that nothing but the name announces is cut, too. "" if the text can't be read.
func OwnWords(m *message.Message, p *message.Part) string {
	text, kind := p.Readable()
	who, _ := m.Author()
	names := nameTokens(who.Name, who.Addr)
	switch kind {
	case "plain":
		return replyText(text, names)
	case "html":
		return htmlReplyText(p.HTML().Text(), names)
	}
	return ""
}

// nameTokens are the words of somebody's name, in lower case; of the address where there is no name.
func nameTokens(name, addr string) []string {
	if at := strings.IndexByte(addr, '@'); at > 0 && (name == "" || strings.Contains(name, "@")) {
		name = strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(addr[:at])
	}
	if i := strings.IndexAny(name, "(（|/"); i > 0 {
		name = name[:i]
	}
	var out []string
	for _, w := range nameWords(name) {
		if utf8.RuneCountInString(w) > 1 && !nameParticles[w] && w != "via" {
			out = append(out, w)
		}
	}
	return out
}

func nameWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsMark(c) && c != '\'' && c != '’' && c != '-'
	})
}

// signedBy reports whether a line is the author's name, alone or with titles, pronouns and the like beside it.
func signedBy(l string, names []string) bool {
	t := strings.TrimSpace(l)
	if t == "" || len(names) == 0 || utf8.RuneCountInString(t) > 70 || strings.ContainsAny(t, "@:?!;。") {
		return false
	}
	words := nameWords(t)
	if len(words) > len(names)+5 {
		return false
	}
	first, hits := -1, 0
	for _, n := range names {
		for i, w := range words {
			if w == n {
				hits++
				if first < 0 || i < first {
					first = i
				}
				break
			}
		}
	}
	if hits == 0 || first > 3 {
		return false
	}
	if len(names) == 1 {
		return len(words) <= 2 && wordless([]rune(names[0])[0])
	}
	return hits == len(names) || hits >= 2 && strings.EqualFold(words[first], names[0])
}

// cutBySigner cuts the signature that begins with the author's name: from the last such line with nothing of a text's below it.
func (r *replyCutter) cutBySigner(first int, names []string) {
	for i := r.end - 1; i > first; i-- {
		if r.cut[i] || !signedBy(r.lines[i], names) || !r.signatureBelow(i+1) {
			continue
		}
		r.cutToQuote(i)
		r.cutClosingAbove(i, first)
		return
	}
}

// signatureBelow reports whether what stands from line i down to the next quote may be a signature: lines without sentences, or foreign
// ones. A postscript ends it.
func (r *replyCutter) signatureBelow(i int) bool {
	lines := 0
	for ; i < r.end && !r.cut[i]; i++ {
		t := strings.TrimSpace(r.lines[i])
		switch {
		case t == "":
			continue
		case psRE().MatchString(t):
			return true
		case len(t) > maxPatternLine:
			return false
		case disclaimerRE().MatchLine(t), listFooterRE().MatchLine(t), sigDelimiterRE().MatchString(r.lines[i]):
			return true
		case contactRE().MatchString(t), hasPhone(t), registerRE().MatchLine(t), deviceRE().MatchLine(t), meetingBlockRE().MatchLine(t), sigRulerRE().MatchString(t):
		case saysSentence(t):
			return false
		}
		if lines++; lines > 20 {
			return false
		}
	}
	return true
}

// saysSentence reports whether a line is one that somebody says, rather than a signature's.
func saysSentence(t string) bool {
	last, _ := utf8.DecodeLastRuneInString(t)
	switch {
	case strings.ContainsRune("?!。？！", last):
		return true
	case last == '.' && strings.Count(t, " ") > 4, last == ':':
		return true
	}
	first, _ := utf8.DecodeRuneInString(t)
	return utf8.RuneCountInString(t) > 90 || unicode.IsLower(first) && strings.Count(t, " ") > 5
}

// cutClosingAbove cuts the closing right above a signature on line i: one that is known, or a sentence that ends in a comma.
func (r *replyCutter) cutClosingAbove(i, first int) {
	for i--; i > first && (strings.TrimSpace(r.lines[i]) == "" || r.cut[i]); i-- {
		continue
	}
	if i <= first {
		return
	}
	t := strings.TrimSpace(r.lines[i])
	if closingRE().MatchLine(t) || formalClosingRE().MatchString(t) {
		r.cut[i] = true
		return
	}
	if utf8.RuneCountInString(t) < 24 && nameLine(t) { // the first name, with the closing above it
		j := i - 1
		for j > first && strings.TrimSpace(r.lines[j]) == "" {
			j--
		}
		if above := strings.TrimSpace(r.lines[j]); j > first && (closingRE().MatchLine(above) || formalClosingRE().MatchString(above)) {
			r.cutLines(j, i+1)
		}
	}
}

// formalClosingRE is a closing that is a sentence.
var formalClosingRE = lazy(`(?i)(je vous prie|veuillez|nous vous prions)[^\n]{0,30} (d'agréer|d’agréer|agréer|de croire|recevoir)|^(with|wishing you|sending) [^\n]{0,140}(regards|thanks|wishes|wish)[^\n]{0,60},$|^mit (den )?(besten|freundlichen|herzlichen|lieben) (grüßen|wünschen)|^in der hoffnung|^me despido|^sin otro particular|^quedo a (su|tu)|^(un )?(cordial|afectuoso) saludo|^distinti|^porgo|^(顺颂|此致|敬礼|祝好|祝)|よろしくお願い(いた|致)します`)
