package command

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// takeBackLeads forgets the leads that a command made contacts of, those left out with whom there was anything since.
func takeBackLeads(ch *desk.Change, tx *store.Tx) error {
	for _, m := range ch.LeadsWas {
		c, err := tx.Contact(m.Was.ID)
		if err != nil {
			return err
		}
		if c == nil || c.ID != m.Was.ID {
			continue
		}
		pair := desk.Change{Before: m.Was, After: m.Left}
		restore(&pair, c)
		if m.Was.Referral == nil && m.Left.Referral != nil {
			c.Referral = nil
		}
		if err := tx.PutContact(c); err != nil {
			return err
		}
	}
	for _, id := range ch.Leads {
		c, err := tx.Contact(id)
		if err != nil {
			return err
		}
		if c == nil || c.ID != id {
			continue
		}
		if ts, err := tx.Touches(c); err != nil {
			return err
		} else if len(ts) > 0 {
			continue
		}
		for _, e := range c.Emails {
			if err := tx.Found(e); err != nil {
				return err
			}
		}
		if err := tx.Forget(c); err != nil {
			return err
		}
		if err := tx.DropNews("lead-" + id); err != nil {
			return err
		}
	}
	return nil
}
