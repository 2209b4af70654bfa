package prose

import (
	"slices"
	"strings"
	"unicode"
)

// wrote are the verbs that end an attribution line, in many languages.
const wrote = `wrote|writes|said|schrieb|schreibt|geschrieben|a écrit|à écrit|a ecrit|ecrit|écrit|écrivait|escribió|escribio|escribi=f3|ha scritto|scrive|schreef|geschreven|het volgende geschreven|skrev|skrev följande|escreveu|napisał|napisała|napisał\(a\)|napisal|napsal|napsal\(a\)|napsala|napísal|napísal\(a\)|írta|ezt írta|a scris|пишет|написал|написала|написал\(а\)|писал|писал\(а\)|пише|написав|yazdı|şunları yazdı|kirjoitti|έγραψε|kirjutas|rakstīja|rašė|je napisao|je napisal|написа|menulis|đã viết|เขียน|写道|寫道|вы писали|เขียนว่า|şunu yazdı|님이 작성|님이 다음 내용을 작성|のメッセージ|כתב|كتب`

var (
	wroteVerbs        = oneOf(strings.ToLower(wrote + `|كتب/كتبت`))
	attributionEndRE  = lazy(`(?i)(^|[\s>)\]"'*,])(` + wrote + `)\s*(:|：|\.\.\.|…)?\s*\*?\s*$`)
	attributionColon  = lazy(`[:：]\s*\*?\s*$`)
	attributionLeadRE = lazy(`(?i)^[\s*>_-]*(on|am|le|el|il|op|den|em|dnia|dne|dňa|w dniu|в|on |le |at|quoting|zitat von|em |a |на|från|vid|ti|ma|lø|fre|tor|ons|tir|man|søn|lör|mån|pe|la|su|to|ke|kl\.|\d{1,4}[./年-]|mon|tue|wed|thu|fri|sat|sun|"?[\p{L}][\p{L} .,'-]{2,40}"?\s*[<(\[])`)
	wroteInsideRE     = lazy(`(?i)[\s,>)\]](` + wrote + `|كتب/كتبت)[\s:,]`)
	startsDatedRE     = lazy(`(?i)^\W{0,3}(\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}:\d{2}( ?[ap]m)?,? |(mon|tues|wednes|thurs|fri|satur|sun)day,? |(mon|tue|wed|thu|fri|sat|sun),? \d|\d{1,2} \p{L}{3,9}\.? \d{4})[^\n]{0,160}<?\S+@[^\s>]+>?`)
	clockRE           = lazy(`\p{Nd}{1,2}[:.h]\p{Nd}{2}`)
	datedRE           = lazy(`\d{1,2}[:.h]\d{2}|\d{4}|@|\d{1,2}[./-]\d{1,2}`)
)

// addressEndRE is a line that ends in an address.
var addressEndRE = lazy(`<?\S+@\S+>?[\s,:]*$`)

// addressColonRE is a line that holds nothing but a name and an address, or one of these, and the colon of an attribution.
var addressColonRE = lazy(`^\s*[\p{L}"'(][^:\n<]{0,60}\(?<[^<>\s]+@[^<>\s]+>\)?\s?:\s*$|^\s*<?[^<>\s:]+@[^<>\s:]+>?\s?:\s*$`)

// quotingRE is an attribution without a time, as Horde writes it.
var quotingRE = lazy(`(?i)^(quoting|zitat von|citat (från|fra)|citando( a)?|citation de|citazione di|citeren) [^\n]{2,120}[:：]$`)

// dayLeadRE is how an attribution begins that tells the day first.
var dayLeadRE = lazy(`(?i)^[\s*>_-]*(on|am|le|el|il|op|den|em|dnia|dne|dňa|w dniu|в|på|a)\s[^\n]{0,40}\d`)

// bareStampRE is an attribution without a verb: "2016-03-03 17:21 GMT+01:00 Some One".
var bareStampRE = lazy(`(?i)^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (gmt|utc)([+-]\d{1,2}(:?\d{2})?)? \S.{1,60}$`)

// maxPatternLine bounds the lines that are held against patterns; no attribution, header or
// signature is that long.
const maxPatternLine = 1500

// maxAttributions bounds how many lines are tried: each try reads a few lines with many patterns.
const maxAttributions = 1000

// markAttributions cuts "On … X wrote:" lines, also over several lines, where a quote
// follows; without one, a clear attribution ends the text when what follows is no answer.
func (r *replyCutter) markAttributions() {
	tries := 0
	for i := 0; i < r.end && tries < maxAttributions; i++ {
		if r.cut[i] || len(r.lines[i]) > maxPatternLine || strings.TrimSpace(r.lines[i]) == "" || !strings.ContainsAny(r.lines[i], "0123456789@:：<\"") && !(r.colonSoon(i) && attributionLeadRE().MatchString(r.lines[i])) {
			continue
		}
		tries++
		if r.markBehindSentence(i) {
			continue // where nothing but the quote follows, the end is set
		}
		n := r.attribution(i)
		if n == 0 || n > 1 && (r.ownSentence(i) && !addressRE().MatchString(r.lines[i]) || !dayLeadRE().MatchString(r.lines[i]) && slices.ContainsFunc(r.lines[i+1:i+n], dayLeadRE().MatchString)) {
			continue
		}
		quoted, end := r.quoteFollows(i + n)
		switch {
		case quoted:
			for j := i; j < i+n; j++ {
				r.cut[j] = true
			}
		case end && r.clearAttribution(i, n):
			r.end = i
			return
		}
	}
}

// behindSentenceRE is an attribution that stands behind the author's last sentence on one line, as some web mails leave it:
// "Yes, Tuesday works. On Mon, 2 Mar 2026 at 09:00, Sam <sam@firm.example> wrote:". Its second group begins the attribution.
var behindSentenceRE = lazy(`^(.*[\p{L}\p{Nd})"'][.!?…]+["')]?)[ \t\x{a0}]+((?:On|Am|Le|El|Il|Op|Den|Em|Dnia|Dne|Dňa|W dniu|På|В|A|Vào|Pada)[ \t\x{a0}][^<@\n]{0,30}\pN[^\n]*)$`)

// markBehindSentence cuts an attribution that begins behind a sentence on line i, and keeps the sentence. It reports whether it did.
func (r *replyCutter) markBehindSentence(i int) bool {
	whole := r.lines[i]
	m := behindSentenceRE().FindStringSubmatch(whole)
	if m == nil {
		return false
	}
	r.lines[i] = m[2]
	n := r.attribution(i)
	if n > 0 {
		quoted, end := r.quoteFollows(i + n)
		if quoted || end && r.clearAttribution(i, n) {
			for j := i + 1; j < i+n; j++ {
				r.cut[j] = true
			}
			if !quoted {
				r.end = i + 1
			}
			r.lines[i] = m[1]
			return true
		}
	}
	r.lines[i] = whole
	return false
}

// clearAttribution reports whether the n lines from i can be nothing but an attribution though no marked quote stands below: they name an
// address, or are short, tell a time, and speak of nobody by a pronoun.
func (r *replyCutter) clearAttribution(i, n int) bool {
	joined := strings.Join(r.lines[i:i+n], " ")
	if strings.Contains(joined, "@") || quotingRE().MatchString(joined) {
		return true
	}
	return len(strings.Fields(joined)) <= 18 && datedRE().MatchString(joined) && !pronounRE().MatchString(joined)
}

// pronounRE is a word by which somebody tells of himself or others.
var pronounRE = lazy(`(?i)(^|[\s,(])(i|me|my|we|he|she|they|him|her|them|who|ich|mich|mir|mein\p{L}*|wir|er|sie|ihm|ihr|je|me|m'a|nous|elle|ils|elles|yo|nos|él|ella|io|mi|noi|lui|lei|ik|mij|hij|zij|ze|eu|ele|ela|jag|han|hon|jeg|hun)([\s,).:]|$)`)

// colonSoon reports whether one of the next lines ends as attributions do.
func (r *replyCutter) colonSoon(i int) bool {
	for j := i + 1; j < min(i+4, len(r.lines)); j++ {
		if t := strings.TrimSpace(r.lines[j]); strings.HasSuffix(t, ":") || strings.HasSuffix(t, "：") || strings.HasSuffix(t, "*") || strings.HasSuffix(t, "…") || strings.HasSuffix(t, "...") || r.cut[j] {
			return true
		}
	}
	return false
}

// ownSentence reports whether line i ends a sentence, so that the attribution begins below it.
func (r *replyCutter) ownSentence(i int) bool {
	t := strings.TrimSpace(r.lines[i])
	return strings.HasSuffix(t, ".") && strings.Count(t, " ") > 3 || strings.HasSuffix(t, "!") || strings.HasSuffix(t, "?")
}

// attribution is how many lines an attribution at i takes, 0 for none.
func (r *replyCutter) attribution(i int) int {
	joined, led := "", true
	for n := 1; n <= 4 && i+n <= r.end; n++ {
		l := strings.TrimSpace(r.lines[i+n-1])
		if l == "" && n > 1 {
			if n == 2 && i+n < r.end && strings.HasPrefix(strings.TrimSpace(r.lines[i+n]), "<") && attributionEndRE().MatchString(r.lines[i+n]) {
				continue // broken before the address
			}
			return 0
		}
		joined = strings.TrimSpace(joined + " " + l)
		if len(joined) > 400 {
			return 0
		}
		if n > 1 && startsDatedRE().MatchString(l) && !strings.HasPrefix(l, "<") {
			return 0 // it begins on this line
		}
		if r.stampedAbove(i, n, joined) {
			return n
		}
		if !led {
			continue
		}
		if quotingRE().MatchString(joined) {
			return n
		}
		if startsDatedRE().MatchString(joined) && (attributionColon().MatchString(joined) || addressEndRE().MatchString(joined) && r.markedNext(i+n)) {
			return n
		}
		said := wroteVerbs.MatchString(strings.ToLower(joined))
		if said && n == 1 && strings.Count(joined, " ") < 9 && attributionColon().MatchString(joined) && attributionEndRE().MatchString(joined) && r.markedNext(i+n) {
			return n // without a date, and right above what it attributes
		}
		inside := said && wroteInsideRE().MatchString(joined) && attributionColon().MatchString(joined) && attributionLeadRE().MatchString(joined)
		if inside && datedRE().MatchString(joined) {
			return n
		}
		if said && wroteInsideRE().MatchString(joined) && attributionLeadRE().MatchString(joined) && datedRE().MatchString(joined) && strings.Contains(joined, "@") && r.markedNext(i+n) {
			return n
		}
		if !said || !attributionEndRE().MatchString(l) && !(n > 1 && attributionEndRE().MatchString(joined)) {
			if n == 1 && !attributionLeadRE().MatchString(l) {
				led = false
				if !clockRE().MatchString(l) && !(strings.Contains(l, "@") && addressRE().MatchString(l)) {
					return 0
				}
			}
			continue
		}
		if datedRE().MatchString(joined) && (attributionLeadRE().MatchString(joined) || attributionColon().MatchString(joined)) {
			if i+n < r.end && !attributionColon().MatchString(joined) && addressColonRE().MatchString(r.lines[i+n]) {
				n++ // broken behind the verb, where the language puts the name last
			}
			return n
		}
		return 0
	}
	return 0
}

// stampedAbove reports whether the n lines from i stand right above a marked quote, tell a time and an
// address (or a verb) and end in a colon: an attribution, in whatever language.
func (r *replyCutter) stampedAbove(i, n int, joined string) bool {
	if len(joined) > 250 || !r.markedNext(i+n) || !clockRE().MatchString(joined) || !attributionColon().MatchString(withoutMarks(joined)) {
		return false
	}
	if !strings.Contains(joined, "@") && !wroteInsideRE().MatchString(" "+joined) {
		return false
	}
	first := r.lines[i]
	return n == 1 || (i == 0 || strings.TrimSpace(r.lines[i-1]) == "" || r.cut[i-1]) && (clockRE().MatchString(first) || addressRE().MatchString(first))
}

// withoutMarks is s without marks of writing direction.
func withoutMarks(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Cf, c) {
			return -1
		}
		return c
	}, s)
}

// markedNext reports whether the next line that isn't blank carries a quote mark.
func (r *replyCutter) markedNext(i int) bool {
	for i < r.end && strings.TrimSpace(r.lines[i]) == "" {
		i++
	}
	return i < r.end && r.cut[i]
}

// quoteFollows reports whether line i, blank ones skipped, is quoted; end tells that all
// the rest, to the end, looks like history without marks: there is at least something.
func (r *replyCutter) quoteFollows(i int) (quoted, end bool) {
	for i < r.end && strings.TrimSpace(r.lines[i]) == "" {
		i++
	}
	if i >= r.end {
		return true, false
	}
	if r.cut[i] {
		return true, false
	}
	for j := i; j < r.end; j++ {
		if r.cut[j] { // marked quotes below: what stands between is an answer
			return false, false
		}
	}
	return false, true
}
