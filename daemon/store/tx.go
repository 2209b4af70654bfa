package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store/kv"
)

// Tx is a transaction on one desk. What it writes it also reads. A contact handed out by
// pointer is the transaction's own: change it, then put it back.
type Tx struct {
	desk   *Desk
	prefix string
	pairs  *kv.Tx
	model  *model // of the state in which the transaction began; nil if there is none yet
	at     uint64 // which state that is
	writes bool   // it is the writer's
	looked int    // how many histories a view has read without a model

	contacts map[string]*desk.Contact   // read or written
	owners   map[string]string          // contact ID by address, read or written
	dirty    map[string]bool            // contacts to be written at the end
	counters map[string]uint64          // to be added
	logged   *logged                    // of a writer
	numbers  *numbers                   // of a writer
	shown    bool                       // something a feed shows has changed
	stirred  bool                       // something that letters follow from has changed
	mail     bool                       // something was put into the outbox
	outgoing []desk.Outgoing            // the outbox, once it was read
	sorted   []*desk.Contact            // all contacts, once they were listed; nil after a change
	byFirm   map[string][]*desk.Contact // made of them, and as long lived
	firms    *desk.Firms
}

// perContact is about what a contact takes that is written at the end.
const perContact = 1 << 10

// Full reports whether the transaction holds half of what the engine takes: time to commit, with room for what follows from it.
func (tx *Tx) Full() bool {
	n := int64(len(tx.dirty))
	return tx.pairs.Full(n*perContact, n)
}

func newTx(d *Desk, pairs *kv.Tx, warm *cache) *Tx {
	return &Tx{desk: d, prefix: d.prefix, pairs: pairs, contacts: warm.contacts, owners: warm.owners, dirty: map[string]bool{}, counters: map[string]uint64{}}
}

func (tx *Tx) key(kind byte, parts ...string) []byte {
	return []byte(tx.prefix + string(kind) + strings.Join(parts, "\x00"))
}

// get is a value, nil if there is none; it is not to be changed.
func (tx *Tx) get(key []byte) ([]byte, error) { return tx.pairs.Get(key) }

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

func (tx *Tx) set(key, value []byte) error { return tx.pairs.Set(key, value) }

func (tx *Tx) setJSON(key []byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.set(key, b)
}

func (tx *Tx) delete(key []byte) error { return tx.pairs.Delete(key) }

// wrote reports whether the transaction wrote anything below prefix.
func (tx *Tx) wrote(prefix []byte) bool {
	for range tx.pairs.Written(prefix) {
		return true
	}
	return false
}

// scan calls fn for each pair below prefix, what this transaction wrote included but for the contacts that it keeps until its end; key
// and value are valid during the call only.
func (tx *Tx) scan(prefix []byte, fn func(key, value []byte) error) error {
	return tx.pairs.Scan(prefix, fn)
}

// writeContacts writes those that were put.
func (tx *Tx) writeContacts() error {
	for id := range tx.dirty {
		if err := tx.setJSON(tx.key('c', id), tx.contacts[id]); err != nil {
			return err
		}
	}
	return nil
}

// flush writes what was gathered in memory.
func (tx *Tx) flush() error {
	if err := tx.writeContacts(); err != nil {
		return err
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
