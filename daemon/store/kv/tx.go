package kv

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/tidwall/btree"
)

// Tx is a transaction: a snapshot with what was written over it. It belongs to one goroutine.
type Tx struct {
	engine   Engine
	snap     Snapshot
	readonly bool

	writes      *btree.Map[string, []byte] // nil values: deleted
	size        int64                      // of the writes, in bytes
	bytes, most int64                      // what the engine takes at once, in bytes and pairs
}

// Begin begins a transaction: one that reads only, or one whose writes Commit brings to the engine. It has to be closed.
func Begin(e Engine, readonly bool) (*Tx, error) {
	snap, err := e.Snapshot()
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{engine: e, snap: snap, readonly: readonly, writes: &btree.Map[string, []byte]{}}
	tx.bytes, tx.most = e.Limits()
	return tx, nil
}

// Commit writes what the transaction wrote: all of it, durably, or nothing.
func (tx *Tx) Commit() error {
	if tx.writes.Len() == 0 {
		return nil
	}
	if err := tx.engine.Write(pairs(tx.writes, "")); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Close ends the transaction; what wasn't committed is forgotten.
func (tx *Tx) Close() { tx.snap.Close() }

// Update runs fn in a transaction and writes what it wrote; if fn returns an error nothing is changed. An engine may have it run twice,
// so it changes nothing but the transaction.
func Update(e Engine, fn func(*Tx) error) error {
	tx, err := Begin(e, false)
	if err != nil {
		return err
	}
	defer tx.Close()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// View runs fn on a snapshot; writing is an error.
func View(e Engine, fn func(*Tx) error) error {
	tx, err := Begin(e, true)
	if err != nil {
		return err
	}
	defer tx.Close()
	return fn(tx)
}

// Written are the pairs below prefix that the transaction wrote, in order; a nil value is a deleted key.
func (tx *Tx) Written(prefix []byte) iter.Seq2[string, []byte] {
	return pairs(tx.writes, string(prefix))
}

// pairs are those whose key begins with prefix, in order.
func pairs(m *btree.Map[string, []byte], prefix string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		m.Ascend(prefix, func(k string, v []byte) bool { return strings.HasPrefix(k, prefix) && yield(k, v) })
	}
}

// Get is the value of a key, nil without one, what this transaction wrote included. It is not to be changed.
func (tx *Tx) Get(key []byte) ([]byte, error) {
	if v, ok := tx.writes.Get(string(key)); ok {
		return v, nil
	}
	v, err := tx.snap.Get(key)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return v, nil
}

// Set gives a key a value, which is kept and not to be changed afterwards; a nil one is empty.
func (tx *Tx) Set(key, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	return tx.put(string(key), value)
}

// Delete removes a key; it needn't be there.
func (tx *Tx) Delete(key []byte) error { return tx.put(string(key), nil) }

var errReadOnly = errors.New("a view writes nothing")

func (tx *Tx) put(key string, value []byte) error {
	if tx.readonly {
		return errReadOnly
	}
	old, again := tx.writes.Set(key, value)
	if again {
		tx.size += int64(len(value) - len(old))
	} else {
		tx.size += int64(len(key)+len(value)) + perPair
	}
	if tx.size > tx.bytes || int64(tx.writes.Len()) > tx.most {
		return fmt.Errorf("write: %w", ErrTooBig)
	}
	return nil
}

// Full reports whether the transaction, with more bytes and pairs to come, holds over half of what the engine takes: time to commit,
// with room for what follows from it.
func (tx *Tx) Full(bytes, pairs int64) bool {
	return tx.size+bytes > tx.bytes/2 || int64(tx.writes.Len())+pairs > tx.most/2
}

// Scan calls fn for the pairs whose key begins with prefix, in order, what this transaction has written included; both are valid during
// the call only. What fn writes is seen by later scans. It ends with fn's error, as it is.
func (tx *Tx) Scan(prefix []byte, fn func(key, value []byte) error) error {
	type pair struct {
		key   string
		value []byte
	}
	var own []pair
	for k, v := range pairs(tx.writes, string(prefix)) {
		own = append(own, pair{k, v})
	}
	// upTo calls fn for what is ours up to the key, nil for all that is left, and says whether the key itself is among it.
	upTo := func(key []byte) (same bool, err error) {
		for len(own) > 0 && (key == nil || own[0].key <= string(key)) {
			p := own[0]
			own = own[1:]
			same = key != nil && p.key == string(key)
			if p.value == nil {
				continue
			}
			if err := fn([]byte(p.key), p.value); err != nil {
				return same, err
			}
		}
		return same, nil
	}
	err := tx.snap.Scan(prefix, func(k, v []byte) error {
		if same, err := upTo(k); same || err != nil {
			return err
		}
		return fn(k, v)
	})
	if err != nil {
		return err
	}
	_, err = upTo(nil)
	return err
}

// Savepoint is a point in a transaction to which it can go back.
type Savepoint struct {
	tx     *Tx
	writes *btree.Map[string, []byte]
	size   int64
}

// Savepoint makes one of what was written so far.
func (tx *Tx) Savepoint() *Savepoint {
	return &Savepoint{tx: tx, writes: tx.writes.Copy(), size: tx.size}
}

// Rollback forgets what was written since.
func (s *Savepoint) Rollback() { s.tx.writes, s.tx.size = s.writes.Copy(), s.size }

// Changed are the keys that hold something else than at the savepoint, in order.
func (s *Savepoint) Changed() ([]string, error) {
	var out []string
	for k, v := range pairs(s.tx.writes, "") {
		was, err := s.Get(k)
		if err != nil {
			return nil, err
		}
		if (was == nil) != (v == nil) || !bytes.Equal(was, v) {
			out = append(out, k)
		}
	}
	return out, nil
}

// Get is what a key held at the savepoint, nil for nothing.
func (s *Savepoint) Get(key string) ([]byte, error) {
	if v, ok := s.writes.Get(key); ok {
		return v, nil
	}
	v, err := s.tx.snap.Get([]byte(key))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return v, nil
}
