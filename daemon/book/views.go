package book

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// OpenCallbacks are the open callbacks by contact.
func OpenCallbacks(tx *store.Tx) (map[string]*desk.Callback, error) {
	cbs, err := tx.Callbacks()
	open := map[string]*desk.Callback{}
	for i := range cbs {
		if cbs[i].Open() {
			open[cbs[i].Contact] = &cbs[i]
		}
	}
	return open, err
}
