package morning

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
)

// briefOrders tells of the open orders: their rank, and what is late.
func briefOrders(r *book.Runner, tx *store.Tx, env desk.Env, b *brief) error {
	all, err := tx.Orders()
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		if o.Status != desk.OrderOpen {
			continue
		}
		of, err := orders.OrderOf(r, tx, env, o)
		if err != nil {
			return err
		}
		line := o.Describe() + " – " + of.Rank + ": " + of.Why
		if s, ok := desk.LateStep(of.Steps, env.Now); ok {
			line += "; late: " + s.Name + ", due " + desk.SayInstant(s.Due, env.Zone)
		}
		b.orders = append(b.orders, line)
	}
	return nil
}
