// Package kv is the seam below the store: pairs of bytes in order of their keys, read from a snapshot and written all or nothing. What
// an engine must do is little, so that there can be several; the suite in kvtest says whether it does. A transaction, its savepoints and
// that it reads what it writes are here, once for all engines.
package kv

import (
	"context"
	"errors"
	"iter"
)

// Engine keeps pairs. Its methods may be called by several goroutines; those that write at the same time write different keys.
type Engine interface {
	// Snapshot is the state as it is now, however long it is kept.
	Snapshot() (Snapshot, error)
	// Write sets pairs, and deletes the keys whose value is nil: all of them, durably, or none. Its error wraps ErrTooBig when they are
	// more than Limits says.
	Write(pairs iter.Seq2[string, []byte]) error
	// Limits are what one Write takes, in bytes of keys and values with perPair for each, and in pairs.
	Limits() (bytes, pairs int64)
	// Size is the size of all in bytes, about.
	Size() int64
	// CollectGarbage gives space back; it is called now and then.
	CollectGarbage(ctx context.Context) error
	Close() error
}

// Snapshot is a state that doesn't change.
type Snapshot interface {
	// Get is the value of a key, nil without one; it is not to be changed.
	Get(key []byte) ([]byte, error)
	// Scan calls fn for the pairs whose key begins with prefix, in order of the keys' bytes; both are valid during the call only. It ends
	// with fn's error, as it is. Scans may be begun inside others.
	Scan(prefix []byte, fn func(key, value []byte) error) error
	Close()
}

// ErrTooBig is wrapped by the error of a transaction that writes more than the engine takes at once. Nothing is changed then: the work
// is to be done in smaller parts.
var ErrTooBig = errors.New("too much for one transaction")

// ErrLocked is wrapped by the error of opening an engine that another process has open.
var ErrLocked = errors.New("the state folder is in use by another process")

// perPair is what engines add to each key and value, at most.
const perPair = 24
