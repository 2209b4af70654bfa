package people

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// Firms are the companies of the desk's people, and those on the client's side by company. They are shared: they are not to be changed.
func Firms(tx *store.Tx) (byFirm map[string][]*desk.Contact, firms *desk.Firms, err error) {
	return tx.Firms(func(all []*desk.Contact) (map[string][]*desk.Contact, *desk.Firms) {
		firms, by := desk.NewFirms(all, message.FreeMail), map[string][]*desk.Contact{}
		for _, c := range all {
			if k := firms.Of(c); k != "" && c.IsTarget() {
				by[k] = append(by[k], c)
			}
		}
		return by, firms
	})
}
