package desk

// Mailboxes: which spellings of an address are one person's.

import "strings"

// Mailbox is the address by which a canonical one is known: Gmail delivers every spelling of a name with dots, and googlemail.com, to one
// mailbox. Elsewhere dots part people.
func Mailbox(addr string) string {
	local, domain, _ := strings.Cut(addr, "@")
	if domain != "gmail.com" && domain != "googlemail.com" {
		return addr
	}
	return strings.ReplaceAll(local, ".", "") + "@gmail.com"
}
