package people

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// FindContact is the contact with the address or name; it makes none.
func FindContact(tx *store.Tx, who string) (*desk.Contact, error) {
	a := &book.Tx{Tx: tx}
	if addr := config.Canonical(who); addr != "" {
		c, err := tx.ContactByEmail(addr)
		if err != nil || c != nil {
			return c, err
		}
		return nil, desk.NotFound("no such contact: %s%s", who, similar(a, addr))
	}
	return ByName(a, who)
}
