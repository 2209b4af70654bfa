package letters

import (
	"slices"

	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
)

// LikeLetter reports whether a message without the letter's marks is it all the same: to the same person, and in its thread or under its subject.
func LikeLetter(m *mailbox.Message, o *desk.Outgoing) bool {
	to := slices.ContainsFunc(m.To, func(a mailbox.Address) bool {
		return slices.ContainsFunc(o.To, func(x string) bool { return mailbox.Canonical(a.Addr) == mailbox.Canonical(x) })
	})
	return to && mailbox.BaseSubject(m.Subject) == mailbox.BaseSubject(o.Subject)
}
