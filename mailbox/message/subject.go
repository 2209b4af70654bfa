package message

import (
	"regexp"
)

var (
	// TagRE is a mark that lists and filters put before a subject.
	TagRE = regexp.MustCompile(`^\s*(\[[^\]]{1,30}\]|\*{2,}[^*]{1,30}\*{2,}|\{[^}]{1,30}\})\s*`)
	// ReplyMarkRE is a mark of answers and forwards, in many languages.
	ReplyMarkRE = regexp.MustCompile(`(?i)(^|[\s:：\-])(re|aw|sv|vs|antw|odp|ynt|wg|fwd?|tr|rv|rif|回复|答复|res|enc|ref|r)\s?(\[\d+\])?\s?[:：]`)
)
