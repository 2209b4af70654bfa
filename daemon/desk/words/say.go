package words

import (
	"strings"

	"fifthcall/daemon/desk"
)

// String is the command as a line that is read as the same command: reference, verb, date.
// The note isn't part of it.
func (c Command) String() string {
	verb := c.Verb
	switch c.Verb {
	case VerbUnknown:
		return c.Line
	case VerbRole:
		verb = c.Note
		if w := desk.RoleWords[c.Note]; w != "" {
			verb = w
		}
	case VerbContact:
		return "new: " + c.Note
	case VerbNote, VerbMerge, VerbFact, VerbLight, VerbJobOrder, VerbOrder:
		verb += " " + c.Note
		if c.Verb == VerbFact || c.Verb == VerbLight {
			verb = c.Note
		}
	case VerbSpread:
		verb = "spread older"
	}
	s := strings.TrimSpace(c.Ref + " " + verb)
	switch {
	case c.Next.IsZero() || c.Verb == VerbLight:
	case c.Verb == VerbSnooze:
		s += " " + c.Next.String()
	default:
		s += ", call " + c.Next.String()
	}
	return s
}

// Dangerous reports whether a command is one that is always echoed: it can't be seen in the
// calendar, or changes much.
func (c Command) Dangerous() bool {
	return c.Verb == VerbDoNotContact || c.Verb == VerbMerge || c.Verb == VerbJobOrder
}

// Changes says whether a command changes anything at all.
func (c Command) Changes() bool { return c.Verb != VerbUnknown && c.Verb != VerbHelp }
