package people

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Suppress keeps letters away from all addresses of somebody who must not be contacted, also once the contact is forgotten.
func Suppress(tx *store.Tx, c *desk.Contact, why string) error {
	for _, e := range c.Emails {
		if err := tx.Suppress(e, why); err != nil {
			return err
		}
	}
	return nil
}
