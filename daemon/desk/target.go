package desk

import "cmp"

// JournalName names the journal of the answers to an issued mail, or of what is said without one.
func JournalName(issued string) string { return cmp.Or(issued, "self") }

// Target is who a reference means.
type Target struct {
	Name    string // the reference
	Contact string // contact ID, "" where the name has to be looked up
	Fresh   bool   // the contact was made for the command
	Item    *IssuedItem
}
