package words

import (
	"cmp"
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

// told are the verbs as they are told of somebody, where the verb alone doesn't say it.
var told = map[string]string{
	"left-message": "left a message", "no-answer": "no answer", "no-show": "didn't show up", "not-interested": "not interested", "wrong-number": "wrong number",
	VerbSnooze: "call moved", VerbDone: "call done", VerbCancel: "call cancelled", VerbDismiss: "call dismissed", VerbCallBack: "to be called back",
	VerbDoNotContact: "do not contact", VerbLeftCompany: "left the company", VerbNote: "noted", VerbMerge: "merged", VerbWaved: "no answer needed",
	VerbFact: "noted", VerbHandOver: "handed over", VerbNotTaken: "not taken",
}

// roles are what somebody is, as it is told.
var roles = map[string]string{
	string(desk.RoleDecisionMaker): "a decision maker", string(desk.RoleClient): "a client", string(desk.RoleCandidate): "a candidate",
	string(desk.RoleHR): "in HR", string(desk.RoleAssistant): "an assistant", string(desk.RoleOther): "none of the usual roles", string(desk.RoleNone): "not a contact any more",
}

// Told is what a command did, as it is told of whom it is about, with the words that were noted: "left a message", "a decision maker",
// "spoke (“keen”)".
func (c Command) Told() string {
	switch c.Verb {
	case VerbRole:
		return cmp.Or(roles[c.Note], c.Note)
	case VerbFact:
		return c.Note
	case VerbHandOver:
		return "handed over to " + c.Note
	case VerbMerge:
		return "merged with " + c.Note
	case VerbCallBack: // the note says by what
		return told[c.Verb]
	}
	said := cmp.Or(told[c.Verb], c.Verb)
	if note := desk.Shorten(desk.Tidy(c.Note), 120); note != "" {
		said += " (“" + note + "”)"
	}
	return said
}
