package store

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

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

// Images are the records that were written since the savepoint, which must be the latest one, before and behind: what is changed by
// every transaction, and what only notes that something was done, left out.
func (s *Savepoint) Images() ([]desk.Image, error) {
	tx := s.tx
	for id := range tx.dirty { // so that they are among what was written
		if err := tx.setJSON(tx.key('c', id), tx.contacts[id]); err != nil {
			return nil, err
		}
	}
	var out []desk.Image
	for _, k := range slices.Sorted(maps.Keys(tx.before)) {
		key, was := strings.TrimPrefix(k, tx.prefix), tx.before[k]
		if strings.HasPrefix(k, orderNumbers) || passing(key) {
			continue
		}
		left, err := tx.get([]byte(k))
		if err != nil {
			return nil, err
		}
		if (was == nil) == (left == nil) && bytes.Equal(was, left) {
			continue
		}
		out = append(out, desk.Image{Key: key, Had: was != nil, Has: left != nil, Was: was, Left: left})
	}
	return out, nil
}

// passing are records that no command is about: counters, versions, cursors, journals, what was obeyed and issued.
func passing(key string) bool {
	switch key[0] {
	case 'n', 'v', 'x', 'i', 'f', 'q':
		return true
	case 's':
		return key == "sordinal" || key == "sfeed.changed"
	case 'j':
		return strings.HasPrefix(key, "jjournal:") || key == "jsignatures"
	}
	return false
}

// Record is what a key of an image holds now; has is false for nothing.
func (tx *Tx) Record(key string) (v []byte, has bool, err error) {
	v, err = tx.get([]byte(tx.prefix + key))
	return v, v != nil, err
}

// EachRecord calls fn for every record of the desk, in order, with its key as in images; the value is valid during the call only.
func (tx *Tx) EachRecord(fn func(key string, value []byte) error) error {
	return tx.scanNow([]byte(tx.prefix), func(k, v []byte) error { return fn(strings.TrimPrefix(string(k), tx.prefix), v) })
}

// PutBack gives a key of an image what it held before.
func (tx *Tx) PutBack(im desk.Image) error {
	if key, ok := strings.CutPrefix(im.Key, "a"); ok {
		delete(tx.owners, key)
	}
	k := []byte(tx.prefix + im.Key)
	if !im.Had {
		return tx.delete(k)
	}
	return tx.set(k, im.Was)
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
