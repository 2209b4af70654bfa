package message

import (
	"regexp"
	"strings"
)

var (
	// TagRE is a mark that lists and filters put before a subject.
	TagRE = regexp.MustCompile(`^\s*(\[[^\]]{1,30}\]|\*{2,}[^*]{1,30}\*{2,}|\{[^}]{1,30}\})\s*`)
	// ReplyMarkRE is a mark of answers and forwards, in many languages.
	ReplyMarkRE = regexp.MustCompile(`(?i)(^|[\s:：\-])(re|aw|sv|vs|antw|odp|ynt|wg|fwd?|tr|rv|rif|回复|答复|res|enc|ref|r)\s?(\[\d+\])?\s?[:：]`)
)

// externalMarkRE is how mail systems mark in the subject that a mail came from outside.
var externalMarkRE = regexp.MustCompile(`(?i)^((?:\s*(?:re|fwd?|aw|wg|sv|vs|antw|odp|tr|rv|r|ref|enc)\s?(?:\[\d+\])?\s?[:：])*)\s*(?:[\[({<*#]{1,3}\s*(?:external|ext|externe?[rsn]?|extern(?:al)?\s?[-:]?\s?(?:e-?mail|mail|sender|message|absender|nachricht)|externo|externa|esterno|externt|ekstern|zewnętrzn\p{L}*)(?:\s?[-:]?\s?(?:e-?mail|mail|sender|message|absender|nachricht))?\s*[\])}>*#]{1,3}\s*[:\-–]?|(?-i:EXTERNAL|EXTERN|EXT)(?:\s(?-i:EMAIL|MAIL|SENDER))?\s?[:\-–])\s*`)

// withoutExternalMark is a subject without what the reader's own mail system wrote into it.
func withoutExternalMark(s string) string {
	for range 5 { // each answer may have got one
		if !strings.Contains(strings.ToLower(s), "ext") && !strings.Contains(strings.ToLower(s), "est") && !strings.Contains(strings.ToLower(s), "ekst") && !strings.Contains(s, "zewn") {
			return s
		}
		m := externalMarkRE.FindStringSubmatchIndex(s)
		if m == nil {
			return s
		}
		s = strings.TrimSpace(s[m[2]:m[3]] + " " + s[m[1]:])
	}
	return s
}
