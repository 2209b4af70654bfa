package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/dgraph-io/badger/v4"

	"fifthcall/daemon/desk"
)

// Tx is a transaction on one desk. What it writes it also reads. A contact handed out by
// pointer is the transaction's own: change it, then put it back.
type Tx struct {
	prefix string
	rw, ro *badger.Txn

	contacts  map[string]*desk.Contact // read or written
	owners    map[string]string        // contact ID by address, read or written
	dirty     map[string]bool          // contacts to be written at the end
	touches   map[string][]desk.Touch  // added in this transaction, by contact
	callbacks map[string]*desk.Callback
	gone      map[string]bool            // touches taken back in this transaction
	counters  map[string]uint64          // to be added
	logged    *logged                    // of a writer
	numbers   *numbers                   // of a writer
	shown     bool                       // something a feed shows has changed
	stirred   bool                       // something that letters follow from has changed
	mail      bool                       // something was put into the outbox
	outgoing  []desk.Outgoing            // the outbox, once it was read
	sorted    []*desk.Contact            // all contacts, once they were listed; nil after a change
	byFirm    map[string][]*desk.Contact // made of them, and as long lived
	firms     *desk.Firms
	calls     []desk.Callback   // the further calls, likewise
	before    map[string][]byte // what keys held at the latest savepoint, nil values for none; nil without one

	bytes, entries       int64 // written so far, as the engine counts them
	mostBytes, mostCount int64 // what it takes in one transaction
}

// ErrTooBig is wrapped by the error of a transaction that writes more than the engine takes at once. Nothing is changed then: the work
// is to be done in smaller parts.
var ErrTooBig = errors.New("too much for one transaction")

// wrap says what was tried, in errors of the store's own.
func wrap(tried string, err error) error {
	if errors.Is(err, badger.ErrTxnTooBig) {
		return fmt.Errorf("%s: %w", tried, ErrTooBig)
	}
	return fmt.Errorf("%s: %w", tried, err)
}

// perContact is about what a contact takes that is written at the end.
const perContact = 1 << 10

// Full reports whether the transaction holds half of what the engine takes: time to commit, with room for what follows from it.
func (tx *Tx) Full() bool {
	n := int64(len(tx.dirty))
	return tx.bytes+n*perContact > tx.mostBytes/2 || tx.entries+n > tx.mostCount/2
}

func newTx(prefix string, rw, ro *badger.Txn, warm *cache) *Tx {
	return &Tx{
		prefix: prefix, rw: rw, ro: ro, contacts: warm.contacts, owners: warm.owners, dirty: map[string]bool{}, gone: map[string]bool{},
		touches: map[string][]desk.Touch{}, callbacks: map[string]*desk.Callback{}, counters: map[string]uint64{},
	}
}

func (tx *Tx) key(kind byte, parts ...string) []byte {
	return []byte(tx.prefix + string(kind) + strings.Join(parts, "\x00"))
}

// get copies a value, nil if there is none.
func (tx *Tx) get(key []byte) ([]byte, error) {
	item, err := tx.rw.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	v, err := item.ValueCopy(nil)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if v == nil {
		v = []byte{}
	}
	return v, nil
}

func (tx *Tx) getJSON(key []byte, into any) (bool, error) {
	v, err := tx.get(key)
	if v == nil || err != nil {
		return false, err
	}
	if err := json.Unmarshal(v, into); err != nil {
		return false, fmt.Errorf("a stored record is damaged: %w", err)
	}
	return true, nil
}

func (tx *Tx) set(key, value []byte) error {
	if err := tx.remember(key); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := tx.rw.Set(key, value); err != nil {
		return wrap("write", err)
	}
	tx.bytes += int64(len(key)+len(value)) + perEntry
	tx.entries++
	return nil
}

// perEntry is what an engine adds to each key and value.
const perEntry = 24

func (tx *Tx) setJSON(key []byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.set(key, b)
}

func (tx *Tx) delete(key []byte) error {
	if err := tx.remember(key); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	if err := tx.rw.Delete(key); err != nil {
		return wrap("delete", err)
	}
	tx.bytes += int64(len(key)) + perEntry
	tx.entries++
	return nil
}

// scan calls fn for each pair below prefix in the state before this transaction; the value
// is valid during the call only.
func (tx *Tx) scan(prefix []byte, fn func(key, value []byte) error) error {
	opt := badger.DefaultIteratorOptions
	opt.Prefix = prefix
	opt.PrefetchSize = 100
	it := tx.ro.NewIterator(opt)
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		item := it.Item()
		if err := item.Value(func(v []byte) error { return fn(item.Key(), v) }); err != nil {
			return err
		}
	}
	return nil
}

// flush writes what was gathered in memory.
func (tx *Tx) flush() error {
	for id := range tx.dirty {
		if err := tx.setJSON(tx.key('c', id), tx.contacts[id]); err != nil {
			return err
		}
	}
	for name, n := range tx.counters {
		k := tx.key('n', name)
		v, err := tx.get(k)
		if err != nil {
			return err
		}
		old, _ := binary.Uvarint(v)
		if err := tx.set(k, binary.AppendUvarint(nil, old+n)); err != nil {
			return err
		}
	}
	if !tx.shown {
		return nil
	}
	n, err := tx.Version()
	if err != nil {
		return err
	}
	return tx.set(tx.key('v'), binary.AppendUvarint(nil, n+1))
}

// PutJSON stores a record of the daemon's own under a name.
func (tx *Tx) PutJSON(name string, v any) error { return tx.setJSON(tx.key('j', name), v) }

// JSON reads what PutJSON stored; false if there is nothing.
func (tx *Tx) JSON(name string, into any) (bool, error) { return tx.getJSON(tx.key('j', name), into) }

// DropJSON forgets it.
func (tx *Tx) DropJSON(name string) error { return tx.delete(tx.key('j', name)) }

// EachJSON calls fn for the records whose name begins with prefix, those of this transaction included; the value is valid during
// the call only, and fn must not call EachJSON.
func (tx *Tx) EachJSON(prefix string, fn func(name string, value []byte) error) error {
	base := tx.key('j')
	return tx.scanNow(tx.key('j', prefix), func(k, v []byte) error { return fn(string(k[len(base):]), v) })
}
