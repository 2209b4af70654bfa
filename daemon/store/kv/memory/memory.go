// Package memory is an engine that keeps its pairs in memory: for tests of what stands above, and for whatever needs no tomorrow.
package memory

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/btree"

	"fifthcall/daemon/store/kv"
)

// Engine is the engine. What it holds outlives Close, so that a restart can be played with it.
type Engine struct {
	// MostBytes and MostPairs are what one Write takes; 0 for what Badger takes here.
	MostBytes, MostPairs int64

	mu    sync.Mutex
	pairs btree.Map[string, []byte]
	size  int64
}

// New makes an empty one.
func New() *Engine { return &Engine{} }

// Snapshot is the state as it is now: the tree is copied when one of both changes.
func (e *Engine) Snapshot() (kv.Snapshot, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return snapshot{e.pairs.Copy()}, nil
}

// Write sets and deletes pairs, all or none.
func (e *Engine) Write(pairs iter.Seq2[string, []byte]) error {
	bytes, most := e.Limits()
	e.mu.Lock()
	defer e.mu.Unlock()
	next := e.pairs.Copy()
	for k, v := range pairs {
		if bytes, most = bytes-int64(len(k)+len(v)), most-1; bytes < 0 || most < 0 {
			return kv.ErrTooBig
		}
		old, had := next.Get(k)
		if had {
			e.size -= int64(len(k) + len(old))
		}
		if v == nil {
			next.Delete(k)
			continue
		}
		next.Set(k, slices.Clone(v))
		e.size += int64(len(k) + len(v))
	}
	e.pairs = *next
	return nil
}

// Limits are those of a small Badger.
func (e *Engine) Limits() (bytes, pairs int64) {
	bytes, pairs = e.MostBytes, e.MostPairs
	if bytes == 0 {
		bytes = 3 << 20
	}
	if pairs == 0 {
		pairs = 40_000
	}
	return bytes, pairs
}

// Size is the size of keys and values.
func (e *Engine) Size() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.size
}

// CollectGarbage has nothing to do: the runtime does it.
func (e *Engine) CollectGarbage(context.Context) error { return nil }

// Close keeps what there is.
func (e *Engine) Close() error { return nil }

type snapshot struct{ pairs *btree.Map[string, []byte] }

// Get is the value of a key.
func (s snapshot) Get(key []byte) ([]byte, error) {
	v, _ := s.pairs.Get(string(key))
	return v, nil
}

// Scan calls fn for the pairs below prefix.
func (s snapshot) Scan(prefix []byte, fn func(key, value []byte) error) error {
	p := string(prefix)
	var err error
	s.pairs.Ascend(p, func(k string, v []byte) bool {
		if !strings.HasPrefix(k, p) {
			return false
		}
		err = fn([]byte(k), v)
		return err == nil
	})
	return err
}

// Close has nothing to give back.
func (s snapshot) Close() {}
