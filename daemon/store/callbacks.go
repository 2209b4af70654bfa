package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"fifthcall/daemon/desk"
)

// Callback is the contact's callback, open or not; nil if it never had one.
func (tx *Tx) Callback(contactID string) (*desk.Callback, error) {
	if tx.model != nil && !tx.wrote(tx.key('k', contactID, "")) {
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
	m, err := tx.loaded()
	if err != nil {
		return nil, err
	}
	if m == nil {
		out, err := list[desk.Callback](tx, tx.key('k'))
		desk.SortCallbacks(out)
		return out, err
	}
	return tx.withOwn(m.lists().callbacks, 'k', func(cb *desk.Callback) string { return cb.Contact + "\x00" + cb.UID })
}

// withOwn is a model's list by slot, with what this transaction wrote of its kind.
func (tx *Tx) withOwn(all []desk.Callback, kind byte, name func(*desk.Callback) string) ([]desk.Callback, error) {
	own := map[string][]byte{}
	base := len(tx.prefix) + 1
	for k, v := range tx.pairs.Written(tx.key(kind)) {
		own[k[base:]] = v
	}
	if len(own) == 0 {
		return slices.Clone(all), nil
	}
	out := make([]desk.Callback, 0, len(all)+len(own))
	for i := range all {
		if _, changed := own[name(&all[i])]; !changed {
			out = append(out, all[i])
		}
	}
	for _, v := range own {
		if v == nil {
			continue
		}
		var cb desk.Callback
		if err := json.Unmarshal(v, &cb); err != nil {
			return nil, fmt.Errorf("a stored record is damaged: %w", err)
		}
		out = append(out, cb)
	}
	desk.SortCallbacks(out)
	return out, nil
}
