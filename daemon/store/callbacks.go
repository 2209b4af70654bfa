package store

import (
	"encoding/json"
	"fmt"

	"fifthcall/daemon/desk"
)

// Callback is the contact's callback, open or not; nil if it never had one.
func (tx *Tx) Callback(contactID string) (*desk.Callback, error) {
	if cb, ok := tx.callbacks[contactID]; ok {
		return cb, nil
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
	tx.callbacks[cb.Contact] = cb
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
	var out []desk.Callback
	seen := map[string]bool{}
	err := tx.scan(tx.key('k'), func(_, v []byte) error {
		var cb desk.Callback
		if err := json.Unmarshal(v, &cb); err != nil {
			return fmt.Errorf("a stored callback is damaged: %w", err)
		}
		if newer, ok := tx.callbacks[cb.Contact]; ok {
			cb = *newer
		}
		seen[cb.Contact] = true
		out = append(out, cb)
		return nil
	})
	for id, cb := range tx.callbacks {
		if !seen[id] && cb != nil {
			out = append(out, *cb)
		}
	}
	desk.SortCallbacks(out)
	return out, err
}
