package store

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store/kv"
)

// Savepoint is a point in a transaction to which it can go back, so that what was asked back has changed nothing.
type Savepoint struct {
	tx        *Tx
	pairs     *kv.Savepoint
	dirty     []string // contacts to be written at the end
	forgotten []string
	counters  map[string]uint64

	shown, stirred, mail bool
}

// Savepoint begins one.
func (tx *Tx) Savepoint() (*Savepoint, error) {
	s := &Savepoint{tx: tx, counters: maps.Clone(tx.counters), shown: tx.shown, stirred: tx.stirred, mail: tx.mail}
	if err := tx.writeContacts(); err != nil {
		return nil, err
	}
	s.dirty = slices.Collect(maps.Keys(tx.dirty))
	for id, c := range tx.contacts {
		if c == nil {
			s.forgotten = append(s.forgotten, id)
		}
	}
	s.pairs = tx.pairs.Savepoint()
	return s, nil
}

// Rollback undoes what was written since. Contacts got from the transaction since then are void.
func (s *Savepoint) Rollback() error {
	tx := s.tx
	s.pairs.Rollback()
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
	tx.counters = s.counters
	tx.shown, tx.stirred, tx.mail = s.shown, s.stirred, s.mail
	tx.sorted, tx.outgoing = nil, nil
	return nil
}

// Images are the records that were written since the savepoint, before and behind: what is changed by every transaction, and what only
// notes that something was done, left out.
func (s *Savepoint) Images() ([]desk.Image, error) {
	tx := s.tx
	if err := tx.writeContacts(); err != nil { // so that they are among what was written
		return nil, err
	}
	changed, err := s.pairs.Changed()
	if err != nil {
		return nil, err
	}
	var out []desk.Image
	for _, k := range changed {
		key := strings.TrimPrefix(k, tx.prefix)
		if strings.HasPrefix(k, orderNumbers) || passing(key) {
			continue
		}
		was, err := s.pairs.Get(k)
		if err != nil {
			return nil, err
		}
		left, err := tx.get([]byte(k))
		if err != nil {
			return nil, err
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
	return tx.scan([]byte(tx.prefix), func(k, v []byte) error { return fn(strings.TrimPrefix(string(k), tx.prefix), v) })
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
