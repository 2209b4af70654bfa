package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"fifthcall/daemon/desk"
)

// Callback is the contact's callback, open or not; nil if it never had one.
func (tx *Tx) Callback(contactID string) (*desk.Callback, error) {
	if tx.model.has(partCalls) && !tx.wrote(tx.key('k', contactID, "")) {
		return tx.model.callbackOf(contactID), nil
	}
	var found *desk.Callback
	err := tx.scan(tx.key('k', contactID, ""), func(_, v []byte) error {
		found = new(desk.Callback)
		return json.Unmarshal(v, found)
	})
	return found, err
}

// PutCallback stores a callback.
func (tx *Tx) PutCallback(cb *desk.Callback) error {
	tx.shown = true
	return tx.setJSON(tx.key('k', cb.Contact, cb.UID), cb)
}

// RenameCallback gives a callback that no client has seen as open another UID, that of an event which a client made.
func (tx *Tx) RenameCallback(cb *desk.Callback, uid string) error {
	if cb.UID == uid {
		return nil
	}
	if err := tx.delete(tx.key('k', cb.Contact, cb.UID)); err != nil {
		return err
	}
	next := *cb
	next.UID = uid
	return tx.PutCallback(&next)
}

// Callbacks are all callbacks, open and ended, by slot.
func (tx *Tx) Callbacks() ([]desk.Callback, error) {
	list, err := tx.slotted('k', false)
	return copies(list), err
}

// OpenCallbacks are those that are owed, by slot. They may be shared: they are not to be changed.
func (tx *Tx) OpenCallbacks() ([]*desk.Callback, error) { return tx.slotted('k', true) }

// OpenCalls are the further calls that are owed, likewise.
func (tx *Tx) OpenCalls() ([]*desk.Callback, error) { return tx.slotted('p', true) }

func copies(list []*desk.Callback) []desk.Callback {
	out := make([]desk.Callback, len(list))
	for i, cb := range list {
		out[i] = *cb
	}
	return out
}

// slotted are the calls of a kind by slot, all or the open ones, those that this transaction wrote included.
func (tx *Tx) slotted(kind byte, open bool) ([]*desk.Callback, error) {
	m, err := tx.loaded(partCalls)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return tx.readSlotted(kind, open)
	}
	list, stored := m.lists().callbacks, m.callbacks
	if kind == 'p' {
		list, stored = m.lists().calls, m.calls
	}
	of := list.all
	if open {
		of = list.open
	}
	var gone, come []*desk.Callback
	base := len(tx.prefix) + 1
	for k, v := range tx.pairs.Written(tx.key(kind)) {
		if was, ok := stored.Get(k[base:]); ok {
			gone = append(gone, was)
		}
		if v == nil {
			continue
		}
		cb := new(desk.Callback)
		if err := json.Unmarshal(v, cb); err != nil {
			return nil, fmt.Errorf("a stored record is damaged: %w", err)
		}
		come = append(come, cb)
	}
	switch {
	case len(gone)+len(come) == 0:
		return slices.Clip(of), nil
	case len(come) <= mostPatched:
		return patched(of, gone, come, open), nil
	}
	out := patched(of, gone, nil, open)
	for _, cb := range come {
		if !open || cb.Open() {
			out = append(out, cb)
		}
	}
	slices.SortFunc(out, inOrder)
	return out, nil
}

// readSlotted reads them without a model.
func (tx *Tx) readSlotted(kind byte, open bool) ([]*desk.Callback, error) {
	all, err := list[desk.Callback](tx, tx.key(kind))
	if err != nil {
		return nil, err
	}
	out := make([]*desk.Callback, 0, len(all))
	for i := range all {
		if !open || all[i].Open() {
			out = append(out, &all[i])
		}
	}
	slices.SortFunc(out, inOrder)
	return out, nil
}
