package prose

// Answers: what was written anew, line by line, and under what it stands.

import (
	"slices"
	"strings"
)

// mostAside is how many lines that are no answers may stand between answers in what looks like a signature.
const mostAside = 3

// keepAnswers takes back what was cut as a signature down to the last answer in it.
func (r *replyCutter) keepAnswers(quoted []bool, answer func(line string) bool) {
	from, aside := 0, 0 // of the run of lines that a signature's rules cut; the lines in it since the last answer
	for i := range r.end {
		t := strings.TrimSpace(r.lines[i])
		switch {
		case quoted[i] || !r.cut[i] && t != "":
			from, aside = i+1, 0
		case t == "" || len(t) > maxPatternLine || sigRulerRE().MatchString(t) || sigDelimiterRE().MatchString(t):
		case aside <= mostAside && answer(t):
			for j := from; j <= i; j++ {
				l := strings.TrimSpace(r.lines[j])
				r.cut[j] = sigRulerRE().MatchString(l) || sigDelimiterRE().MatchString(l) || deviceRE().MatchLine(l) || disclaimerRE().MatchLine(l)
			}
			from, aside = i+1, 0
		default:
			aside++
		}
	}
}

// Answer is a line that the sender wrote anew, and what it answers.
type Answer struct {
	Text  string
	Quote []string // the quoted lines right above it, nearest first, quote marks off; nil if it stands below no quote
}

var quoteMarksRE = lazy(`^[\s>|]*[>|] ?`)

// mostQuote is how many quoted lines above an answer are looked at.
const mostQuote = 12

// Answers is ReplyText line by line, blank lines left out: each with the quoted lines above it, so that
// an answer between the lines of a list can be told by what it stands under. A line that answer says yes to is an answer and no
// signature, and neither is what stands right above it: only what is proven to be a quote is cut around it. signature is what was cut
// without being a quote.
func Answers(s string, answer func(line string) bool) (out []Answer, signature []string) {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	r := &replyCutter{lines: lines, cut: make([]bool, len(lines))}
	r.markHistory()
	for i, l := range lines[:r.end] { // what carries no quote's mark is no proven quote
		if t := strings.TrimSpace(l); r.cut[i] && t != "" && len(t) < maxPatternLine && !strings.ContainsAny(t[:1], ">|") && foreignMark(t) == "" && !attributionColon().MatchString(t) && answer(t) {
			r.cut[i] = false
		}
	}
	quoted := slices.Clone(r.cut)
	r.markSignature()
	r.keepAnswers(quoted, answer)
	var quote []string
	answered := false
	for i, l := range lines[:r.end] {
		t := strings.TrimSpace(l)
		switch {
		case r.cut[i] && !quoted[i]:
			if t != "" {
				signature = append(signature, t)
			}
		case r.cut[i]:
			if q := strings.TrimRight(quoteMarksRE().ReplaceAllString(l, ""), " \t"); strings.TrimSpace(q) != "" && strings.ContainsAny(t[:1], ">|") {
				if answered {
					quote, answered = nil, false
				}
				quote = append([]string{q}, quote[:min(len(quote), mostQuote-1)]...)
			}
		case t != "":
			out = append(out, Answer{Text: t, Quote: quote})
			answered = true
		}
	}
	return out, signature
}
