package prose

// Foreign paragraphs: what stands below a text and is nobody's words in this mail, so that a ruler or a disclaimer above it may end the text.

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// registerRE is what firms have to write below their letters.
	registerRE = lazyLine(`\b`, `registered (in|office|number|company|address)|company (no\.?|number|reg)|reg(istration)? (no\.?|number)|vat (no\.?|number|reg|id)|authori[sz]ed and regulated|sitz( der gesellschaft|:| ist)|geschäftsführ\w*|geschäftsleitung|amtsgericht|registergericht|hrb \d|ust-?id\S*|handelsregister|vorstand(svorsitz\w*)?\s?:|aufsichtsrat|siret|siren|rcs |capital (de|social)|kvk|btw|cif |p\.? ?iva|c\.?f\.?|reg\. ?imp|org\.? ?nr|cvr|krs|nip |regon`, `\b`)
	// meetingBlockRE is what meeting programs put below a text.
	meetingBlockRE = lazyOneOf(`microsoft teams|join (the|on your|zoom|conversation|with google meet)|meeting id|passcode|dial[- ]in|phone conference id|besprechungs-?id|kenncode|an besprechung teilnehmen|rejoindre la réunion|unirse a la reunión|find a local number|need help\?|meeting options`)
)

// advertRE is what free mail services put below a text.
var advertRE = lazyOneOf(`do you yahoo|yahoo! (mail|messenger|mobile|photos|travel|search|groups)|msn (explorer|messenger|hotmail|search|premium)|\bhotmail\b|get your (free|own)|free (download|e-?mail)|windows live|join msn|www\.incredimail|juno|netzero|gmx |web\.de|freenet|express yourself|protect your (pc|computer)|chat with (your )?friends|mail is free`)

// foreignBelow reports whether all paragraphs from line i down to the next quote are foreign.
func (r *replyCutter) foreignBelow(i int) bool {
	for i < r.end && !r.cut[i] {
		from := i
		for i < r.end && !r.cut[i] && strings.TrimSpace(r.lines[i]) != "" {
			i++
		}
		if i > from && !r.foreign(from, i) {
			return false
		}
		for i < r.end && !r.cut[i] && strings.TrimSpace(r.lines[i]) == "" {
			i++
		}
	}
	return true
}

// foreign reports whether the lines from from up to end, a paragraph, are a footer's, small print, or a signature.
func (r *replyCutter) foreign(from, end int) bool {
	contact, long := 0, 0
	for i := from; i < end; i++ {
		l := r.lines[i]
		t := strings.TrimSpace(l)
		switch {
		case len(l) > maxPatternLine:
			return false
		case sigRulerRE().MatchString(t), imageLineRE().MatchString(t):
			contact++
		case disclaimerRE().MatchLine(t) && !personalRE().MatchString(t), listFooterRE().MatchLine(t), deviceRE().MatchLine(t), registerRE().MatchLine(t), meetingBlockRE().MatchLine(t), advertRE().MatchLine(t), bannerRestRE().MatchString(t) && from == i && end == i+1:
			return true
		case contactRE().MatchString(t), hasPhone(t):
			contact++
		case utf8.RuneCountInString(t) > 60 || strings.HasSuffix(t, "?") || strings.HasSuffix(t, ".") && strings.Count(t, " ") > 4:
			long++
		}
	}
	lines := end - from
	switch {
	case closingRE().MatchLine(strings.TrimSpace(r.lines[from])) && lines <= 4:
		return true
	case long > 0 || lines > 12:
		return false
	case contact > 0 && (contact == lines || fullName(r.lines[from])):
		return true
	}
	return lines <= 4 && fullName(r.lines[from]) && !strings.ContainsFunc(strings.Join(r.lines[from:end], ""), unicode.IsDigit)
}

// fullName reports whether a line is a name of two to four words, as people sign.
func fullName(l string) bool {
	n := len(strings.Fields(l))
	return n >= 2 && n <= 5 && signerLine(l)
}

// cutForeign cuts small print from line i, and all below it if that is foreign too; else what follows is the author's again.
func (r *replyCutter) cutForeign(i int) {
	end := i
	for end < r.end && !r.cut[end] && strings.TrimSpace(r.lines[end]) != "" {
		end++
	}
	if r.foreignBelow(end) || r.smallPrintBelow(end) {
		r.cutToQuote(i)
	} else {
		r.cutLines(i, end)
	}
	for i--; i >= 0 && (strings.TrimSpace(r.lines[i]) == "" || sigRulerRE().MatchString(r.lines[i]) && len(strings.TrimSpace(r.lines[i])) > 8); i-- {
		r.cut[i] = true // the ruler that sets it off
	}
}

// cutTop cuts small print that stands above the text, if there is text below it.
func (r *replyCutter) cutTop(i int) bool {
	end := i
	for end < r.end && !r.cut[end] && strings.TrimSpace(r.lines[end]) != "" {
		end++
	}
	if end-i > 12 || r.smallPrintBelow(end) && r.foreignBelow(end) {
		return false
	}
	r.cutLines(i, end)
	return true
}

// smallPrintBelow reports whether the paragraphs below line i go on as small print does: long, and speaking to nobody in particular.
func (r *replyCutter) smallPrintBelow(i int) bool {
	for ; i < r.end && !r.cut[i]; i++ {
		t := strings.TrimSpace(r.lines[i])
		if ownVoiceRE().MatchString(t) && !disclaimerRE().MatchLine(t) {
			return false
		}
	}
	return true
}

// ownVoiceRE is somebody who speaks to somebody.
var ownVoiceRE = lazy(`(?i)\b(i|i'm|i’m|i'll|i’ll|i've|i’ve|i'd|me|my|let's|could you|can you|would you|ich|mir|mich|je|j'ai|yo|me|io|ik|eu|jag|jeg)\b|\?\s*$`)
