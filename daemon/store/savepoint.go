package store

import (
	"errors"
	"maps"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"fifthcall/daemon/desk"
)

// Savepoint is a point in a transaction to which it can go back, so that what was asked back has changed nothing.
type Savepoint struct {
	tx        *Tx
	outer     map[string][]byte // the writes recorded for a savepoint before this one
	dirty     []string          // contacts to be written at the end
	forgotten []string
	touches   map[string][]desk.Touch
	callbacks map[string]*desk.Callback
	gone      map[string]bool
	counters  map[string]uint64

	shown, stirred, mail bool
}

// Savepoint begins one. Another begun later takes its place.
func (tx *Tx) Savepoint() (*Savepoint, error) {
	s := &Savepoint{tx: tx, outer: tx.before, touches: maps.Clone(tx.touches), callbacks: maps.Clone(tx.callbacks), gone: maps.Clone(tx.gone), counters: maps.Clone(tx.counters), shown: tx.shown, stirred: tx.stirred, mail: tx.mail}
	for id := range tx.dirty {
		if err := tx.setJSON(tx.key('c', id), tx.contacts[id]); err != nil {
			return nil, err
		}
		s.dirty = append(s.dirty, id)
	}
	for id, c := range tx.contacts {
		if c == nil {
			s.forgotten = append(s.forgotten, id)
		}
	}
	tx.before = map[string][]byte{}
	return s, nil
}

// Rollback undoes what was written since. Contacts got from the transaction since then are void.
func (s *Savepoint) Rollback() error {
	tx := s.tx
	before := tx.before
	tx.before = nil
	for key, was := range before {
		var err error
		if was == nil {
			err = tx.delete([]byte(key))
		} else {
			err = tx.set([]byte(key), was)
		}
		if err != nil {
			return err
		}
	}
	clear(tx.contacts)
	clear(tx.owners)
	clear(tx.dirty)
	for _, id := range s.forgotten {
		tx.contacts[id] = nil
	}
	for _, id := range s.dirty {
		c := new(desk.Contact)
		if found, err := tx.getJSON(tx.key('c', id), c); err != nil || !found {
			return errors.Join(err, errors.New("a contact of this transaction is gone"))
		}
		tx.contacts[id], tx.dirty[id] = c, true
	}
	tx.touches, tx.callbacks, tx.gone, tx.counters = s.touches, s.callbacks, s.gone, s.counters
	tx.shown, tx.stirred, tx.mail = s.shown, s.stirred, s.mail
	tx.sorted, tx.calls, tx.outgoing = nil, nil, nil
	tx.before = s.outer
	return nil
}

// remember keeps what a key held before its first write behind a savepoint.
func (tx *Tx) remember(key []byte) error {
	if tx.before == nil {
		return nil
	}
	if _, known := tx.before[string(key)]; known {
		return nil
	}
	item, err := tx.rw.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		tx.before[string(key)] = nil
		return nil
	}
	if err != nil {
		return err
	}
	return item.Value(func(v []byte) error {
		tx.before[string(key)] = slices.Concat([]byte{}, v)
		return nil
	})
}
