package letters

import (
	"slices"

	"fifthcall/daemon/desk"
	"fifthcall/mailbox/message"
)

// LikeLetter reports whether a message without the letter's marks is it all the same: to the same person, and in its thread or under its subject.
func LikeLetter(m *message.Message, o *desk.Outgoing) bool {
	to := slices.ContainsFunc(m.To, func(a message.Address) bool {
		return slices.ContainsFunc(o.To, func(x string) bool { return message.Canonical(a.Addr) == message.Canonical(x) })
	})
	return to && message.BaseSubject(m.Subject) == message.BaseSubject(o.Subject)
}
