package book

import (
	"cmp"
	"slices"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// OpenCallbacks are the open callbacks by contact; they may be shared.
func OpenCallbacks(tx *store.Tx) (map[string]*desk.Callback, error) {
	list, err := tx.OpenCallbacks()
	open := make(map[string]*desk.Callback, len(list))
	for _, cb := range list {
		open[cb.Contact] = cb
	}
	return open, err
}

// OpenOnes are the callbacks and further calls that are owed, by slot. They may be shared: they are not to be changed.
func OpenOnes(tx *store.Tx) ([]*desk.Callback, error) {
	cbs, err := tx.OpenCallbacks()
	if err != nil {
		return nil, err
	}
	calls, err := tx.OpenCalls()
	if len(calls) == 0 || err != nil {
		return cbs, err
	}
	out := slices.Concat(cbs, calls)
	slices.SortFunc(out, func(a, b *desk.Callback) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.UID, b.UID)) })
	return out, nil
}
