package config

import (
	"fifthcall/mailbox/message"
)

// Canonical is an address in its canonical form, "" for none.
func Canonical(s string) string { return message.Canonical(s) }
