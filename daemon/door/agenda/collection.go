package agenda

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/sales"
)

// ShownIn are the events of a collection as the desk's state has them.
func ShownIn(r *book.Runner, tx *store.Tx, env desk.Env, coll string) ([]book.Shown, error) {
	if coll == desk.CollSales {
		return sales.Events(r, tx, env)
	}
	cbs, err := book.AllCallbacks(tx)
	if err != nil {
		return nil, err
	}
	bg, err := orders.Background(r, tx, env)
	if err != nil {
		return nil, err
	}
	var out []book.Shown
	for i := range cbs {
		if !cbs[i].Open() {
			continue
		}
		e, err := event(r, tx, env, bg, &cbs[i])
		if err != nil {
			return nil, err
		}
		out = append(out, book.Shown{Key: cbs[i].UID, Basis: cbs[i].Basis + "/" + string(cbs[i].Rule), Event: e})
	}
	return out, nil
}
