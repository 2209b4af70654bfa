package letters

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// SayLetter names a letter in a sentence.
func SayLetter(tx *store.Tx, o *desk.Outgoing) string {
	who := ""
	if c, err := tx.Contact(o.Contact); err == nil && c != nil {
		who = " to " + c.DisplayName()
	}
	if o.Subject == "" {
		return "The letter “" + o.Letter + "”" + who
	}
	return "The letter" + who + ", “" + desk.Shorten(o.Subject, 80) + "”,"
}
