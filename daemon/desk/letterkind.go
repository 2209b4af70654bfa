package desk

// Which letters fit which interviews.

import (
	"fmt"
	"strings"
)

// kindWords are the kinds of interview as they are said.
var kindWords = map[InterviewKind]string{KindPhone: "by phone", KindVideo: "by video", KindInPerson: "in person"}

// OtherKind says that a letter is for another kind of interview than this, "" if it fits, or is for any.
func OtherKind(letter string, iv *Interview) string {
	name, prep := strings.CutPrefix(letter, "prep-")
	kind := InterviewKind(name)
	if !prep || iv == nil || kindWords[kind] == "" || kindWords[iv.Kind] == "" || kind == iv.Kind {
		return ""
	}
	return fmt.Sprintf("this letter is for an interview %s, and this one is %s: “prep-%s” fits", kindWords[kind], kindWords[iv.Kind], iv.Kind)
}
