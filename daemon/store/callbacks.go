package store

import (
	"encoding/json"

	"fifthcall/daemon/desk"
)

// Callback is the contact's callback, open or not; nil if it never had one.
func (tx *Tx) Callback(contactID string) (*desk.Callback, error) {
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
	out, err := list[desk.Callback](tx, tx.key('k'))
	desk.SortCallbacks(out)
	return out, err
}
