// Package badger is the engine of a desk on a laptop: Badger in the state folder, every commit synced to the disk.
package badger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"fifthcall/daemon/store/kv"
)

// Engine is an open folder.
type Engine struct{ db *badger.DB }

// Open opens or makes the pairs in dir. The folder is made readable by its owner only. The error wraps kv.ErrLocked while another
// process has it open.
func Open(dir string) (*Engine, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the state folder: %w", err)
	}
	opt := badger.DefaultOptions(dir).
		WithSyncWrites(true).
		WithDetectConflicts(false). // those who write at the same time write different keys
		WithMetricsEnabled(false).
		WithCompression(options.None). // little gained on small values, a fifth of the commit time lost
		WithMemTableSize(24 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(6).
		WithNumCompactors(2).
		WithBlockCacheSize(16 << 20).
		WithValueLogFileSize(64 << 20).
		WithValueThreshold(1 << 10).
		WithLoggingLevel(badger.ERROR)
	db, err := openAgain(opt)
	if err != nil {
		if strings.Contains(err.Error(), "Cannot acquire directory lock") {
			return nil, fmt.Errorf("%w: %s", kv.ErrLocked, dir)
		}
		return nil, fmt.Errorf("open the state in %s: %w", dir, err)
	}
	return &Engine{db: db}, nil
}

// openAgain opens again where a file of no bytes was in the way. Badger makes and deletes its
// logs by way of such files, so that a kill at the wrong instant leaves one, and then refuses to
// open. It has written a header into the file by then, under the folder's lock, and takes it for
// an empty log the next time. Only such files count, so the number of tries is bounded.
func openAgain(opt badger.Options) (*badger.DB, error) {
	empty, err := emptyLogs(opt.Dir)
	if err != nil {
		return nil, err
	}
	db, err := badger.Open(opt)
	for ; err != nil && empty > 0 && strings.Contains(err.Error(), "Create a new file"); empty-- {
		db, err = badger.Open(opt)
	}
	return db, err
}

func emptyLogs(dir string) (int, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, f := range files {
		if ext := filepath.Ext(f.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		// A file that goes in the meantime is another process's: Open meets its lock.
		if info, err := f.Info(); err == nil && info.Size() == 0 {
			n++
		}
	}
	return n, nil
}

// Snapshot is the state as it is now.
func (e *Engine) Snapshot() (kv.Snapshot, error) { return snapshot{e.db.NewTransaction(false)}, nil }

// Write sets and deletes pairs in one transaction, synced.
func (e *Engine) Write(pairs iter.Seq2[string, []byte]) error {
	txn := e.db.NewTransaction(true)
	defer txn.Discard()
	for k, v := range pairs {
		var err error
		if v == nil {
			err = txn.Delete([]byte(k))
		} else {
			err = txn.Set([]byte(k), v)
		}
		if err != nil {
			return told(err)
		}
	}
	return told(txn.Commit())
}

func told(err error) error {
	if errors.Is(err, badger.ErrTxnTooBig) {
		return kv.ErrTooBig
	}
	return err
}

// Limits are what Badger takes in one transaction; it wants to stay below both.
func (e *Engine) Limits() (bytes, pairs int64) {
	return e.db.MaxBatchSize() - 1, e.db.MaxBatchCount() - 2
}

// CollectGarbage rewrites value logs with much dead data.
func (e *Engine) CollectGarbage(ctx context.Context) error {
	for ctx.Err() == nil {
		err := e.db.RunValueLogGC(0.5)
		if errors.Is(err, badger.ErrNoRewrite) || errors.Is(err, badger.ErrRejected) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("value-log garbage collection: %w", err)
		}
	}
	return ctx.Err()
}

// Size is the size on disk in bytes.
func (e *Engine) Size() int64 {
	lsm, vlog := e.db.Size()
	return lsm + vlog
}

// Close flushes and closes the folder.
func (e *Engine) Close() error { return e.db.Close() }

type snapshot struct{ txn *badger.Txn }

// Get copies a value.
func (s snapshot) Get(key []byte) ([]byte, error) {
	item, err := s.txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v, err := item.ValueCopy(nil)
	if v == nil {
		v = []byte{}
	}
	return v, err
}

// Scan calls fn for the pairs below prefix.
func (s snapshot) Scan(prefix []byte, fn func(key, value []byte) error) error {
	opt := badger.DefaultIteratorOptions
	opt.Prefix = prefix
	it := s.txn.NewIterator(opt)
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		item := it.Item()
		if err := item.Value(func(v []byte) error { return fn(item.Key(), v) }); err != nil {
			return err
		}
	}
	return nil
}

// Close gives the snapshot back.
func (s snapshot) Close() { s.txn.Discard() }
