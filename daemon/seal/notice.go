package seal

import (
	"regexp"
)

// UnsubscribeRE finds the token of a letter's unsubscribe link in a subject.
var UnsubscribeRE = regexp.MustCompile(`\bfcu-(c-[0-9a-f]{24})-([A-Za-z0-9_-]{22})`)
