package config

import (
	"fifthcall/mailbox"
)

// Canonical is an address in its canonical form, "" for none.
func Canonical(s string) string { return mailbox.Canonical(s) }
