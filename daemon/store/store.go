package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"fifthcall/daemon/desk"
)

// Store is an open state folder.
type Store struct {
	db      *badger.DB
	numbers *numbers
}

// numbers gives job orders their numbers: one row for all desks.
type numbers struct {
	mu   sync.Mutex
	last int
}

func (n *numbers) next() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last++
	return n.last
}

// orderNumbers is the prefix of the keys that mark numbers as given.
const orderNumbers = "\x00order\x00"

func (s *Store) readNumbers() error {
	s.numbers = &numbers{}
	return s.db.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.PrefetchValues = false
		opt.Prefix = []byte(orderNumbers)
		it := txn.NewIterator(opt)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			n, err := strconv.Atoi(strings.TrimPrefix(string(it.Item().Key()), orderNumbers))
			if err != nil {
				return fmt.Errorf("a stored order number is damaged: %w", err)
			}
			s.numbers.last = max(s.numbers.last, n)
		}
		return nil
	})
}

// ErrLocked is wrapped by Open's error when another process has the folder open.
var ErrLocked = errors.New("the state folder is in use by another process")

// Open opens or makes the state in dir, and brings an older schema up to date. The folder
// is made readable by its owner only.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the state folder: %w", err)
	}
	opt := badger.DefaultOptions(dir).
		WithSyncWrites(true).
		WithDetectConflicts(false). // one writer a desk, and desks share no keys
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
	db, err := openBadger(opt)
	if err != nil {
		if strings.Contains(err.Error(), "Cannot acquire directory lock") {
			return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
		}
		return nil, fmt.Errorf("open the state in %s: %w", dir, err)
	}
	s := &Store{db: db}
	if err := s.migrate(); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("state in %s: %w", dir, err)
	}
	if err := s.readNumbers(); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("state in %s: %w", dir, err)
	}
	return s, nil
}

// openBadger opens again where a file of no bytes was in the way. Badger makes and deletes its
// logs by way of such files, so that a kill at the wrong instant leaves one, and then refuses to
// open. It has written a header into the file by then, under the folder's lock, and takes it for
// an empty log the next time. Only such files count, so the number of tries is bounded.
func openBadger(opt badger.Options) (*badger.DB, error) {
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

// Close flushes and closes the store.
func (s *Store) Close() error { return s.db.Close() }

// CollectGarbage rewrites value logs with much dead data; call it now and then.
func (s *Store) CollectGarbage(ctx context.Context) error {
	for ctx.Err() == nil {
		err := s.db.RunValueLogGC(0.5)
		if errors.Is(err, badger.ErrNoRewrite) || errors.Is(err, badger.ErrRejected) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("value-log garbage collection: %w", err)
		}
	}
	return ctx.Err()
}

// Size is the size of the state on disk in bytes.
func (s *Store) Size() int64 {
	lsm, vlog := s.db.Size()
	return lsm + vlog
}

// Schema is the version of the keys and codecs that this program writes.
const Schema = 1

var schemaKey = []byte("\x00schema")

// migrations[i] brings schema i+1 to i+2. Each runs in one transaction with the new version.
var migrations []func(*badger.Txn) error

func (s *Store) migrate() error {
	return s.db.Update(func(txn *badger.Txn) error {
		version := uint64(0)
		item, err := txn.Get(schemaKey)
		switch {
		case errors.Is(err, badger.ErrKeyNotFound):
			return txn.Set(schemaKey, binary.AppendUvarint(nil, Schema))
		case err != nil:
			return err
		}
		if err := item.Value(func(v []byte) error { version, _ = binary.Uvarint(v); return nil }); err != nil {
			return err
		}
		if version > Schema {
			return fmt.Errorf("it was written by a newer Fifthcall (schema %d, this program knows %d): run the newer program, or restore a backup made by this one", version, Schema)
		}
		for ; version < Schema; version++ {
			if err := migrations[version-1](txn); err != nil {
				return fmt.Errorf("migrate from schema %d: %w", version, err)
			}
		}
		return txn.Set(schemaKey, binary.AppendUvarint(nil, Schema))
	})
}

// Desk is the part of the store that belongs to one desk. Its transactions must not run at
// the same time: one goroutine a desk decides.
func (s *Store) Desk(name string) *Desk {
	return &Desk{db: s.db, prefix: name + "\x00", numbers: s.numbers}
}

// Desk is one desk's state.
type Desk struct {
	db     *badger.DB
	prefix string
	warm   *cache // of the one writer; nil after a failed transaction
	logged *logged

	numbers *numbers
}

// logged knows which touches may be there, of a desk that had none when it was opened: a first
// run asks for each of its messages whether it is there already, and nearly none is. What it
// doesn't hold isn't stored; what it holds probably is.
type logged struct {
	seed  maphash.Seed
	known map[uint64]struct{} // nil: nothing is known
}

// loggedLimit bounds its memory.
const loggedLimit = 500_000

func (l *logged) add(id string) {
	if l == nil || l.known == nil {
		return
	}
	if len(l.known) >= loggedLimit {
		l.known = nil
		return
	}
	l.known[maphash.String(l.seed, id)] = struct{}{}
}

func (l *logged) absent(id string) bool {
	if l == nil || l.known == nil {
		return false
	}
	_, ok := l.known[maphash.String(l.seed, id)]
	return !ok
}

// cache keeps contacts decoded between transactions: a first run meets the same people in
// batch after batch.
type cache struct {
	contacts map[string]*desk.Contact
	owners   map[string]string // contact ID by address; "" for nobody
}

// cacheLimit bounds the cache; beyond it, it starts over.
const cacheLimit = 20_000

func newCache() *cache {
	return &cache{contacts: map[string]*desk.Contact{}, owners: map[string]string{}}
}

// Update runs fn in one transaction; if fn returns an error nothing is changed.
func (d *Desk) Update(fn func(*Tx) error) error {
	rw := d.db.NewTransaction(true)
	defer rw.Discard()
	ro := d.db.NewTransaction(false)
	defer ro.Discard()
	warm := d.warm
	d.warm = nil // until the commit: what a failed transaction changed must not be seen again
	if warm == nil || len(warm.contacts)+len(warm.owners) > cacheLimit {
		warm = newCache()
	}
	if d.logged == nil {
		d.logged = d.newLogged(ro)
	}
	tx := newTx(d.prefix, rw, ro, warm)
	tx.logged, tx.numbers = d.logged, d.numbers
	tx.mostBytes, tx.mostCount = d.db.MaxBatchSize(), d.db.MaxBatchCount()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.flush(); err != nil {
		return err
	}
	if err := rw.Commit(); err != nil {
		return wrap("commit", err)
	}
	d.warm = warm
	return nil
}

func (d *Desk) newLogged(txn *badger.Txn) *logged {
	opt := badger.DefaultIteratorOptions
	opt.PrefetchValues = false
	opt.Prefix = []byte(d.prefix + "t")
	it := txn.NewIterator(opt)
	defer it.Close()
	if it.Rewind(); it.Valid() {
		return &logged{}
	}
	return &logged{seed: maphash.MakeSeed(), known: map[uint64]struct{}{}}
}

// View runs fn on a consistent snapshot.
func (d *Desk) View(fn func(*Tx) error) error {
	ro := d.db.NewTransaction(false)
	defer ro.Discard()
	return fn(newTx(d.prefix, ro, ro, newCache()))
}

// Cursor is how far a folder was handled.
type Cursor struct {
	UIDValidity uint32
	Last        uint32
}

// Quarantined is a message that could not be read.
type Quarantined struct {
	Folder string    `json:"folder"`
	UID    uint32    `json:"uid"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}
