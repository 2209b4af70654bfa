package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store/kv"
	"fifthcall/daemon/store/kv/badger"
)

// Store is the state of all desks, over an engine.
type Store struct {
	engine  kv.Engine
	numbers *numbers

	mu    sync.Mutex
	desks map[string]*Desk
}

// Close flushes and closes the store.
func (s *Store) Close() error { return s.engine.Close() }

// CollectGarbage gives space back; call it now and then.
func (s *Store) CollectGarbage(ctx context.Context) error { return s.engine.CollectGarbage(ctx) }

// Size is the size of the state in bytes.
func (s *Store) Size() int64 { return s.engine.Size() }

// ErrLocked is wrapped by Open's error when another process has the folder open.
var ErrLocked = kv.ErrLocked

// ErrTooBig is wrapped by the error of a transaction that writes more than the engine takes at once. Nothing is changed then: the work
// is to be done in smaller parts.
var ErrTooBig = kv.ErrTooBig

// Open opens or makes the state in dir, and brings an older schema up to date. The folder
// is made readable by its owner only.
func Open(dir string) (*Store, error) {
	e, err := badger.Open(dir)
	if err != nil {
		return nil, err
	}
	s, err := Over(e)
	if err != nil {
		return nil, fmt.Errorf("state in %s: %w", dir, err)
	}
	return s, nil
}

// Over opens or makes the state in an engine, and brings an older schema up to date. It closes the engine if it can't.
func Over(e kv.Engine) (*Store, error) {
	s := &Store{engine: e, numbers: &numbers{}}
	err := kv.Update(e, migrate)
	if err == nil {
		err = kv.View(e, s.readNumbers)
	}
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return s, nil
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

func (s *Store) readNumbers(tx *kv.Tx) error {
	return tx.Scan([]byte(orderNumbers), func(k, _ []byte) error {
		n, err := strconv.Atoi(strings.TrimPrefix(string(k), orderNumbers))
		if err != nil {
			return fmt.Errorf("a stored order number is damaged: %w", err)
		}
		s.numbers.last = max(s.numbers.last, n)
		return nil
	})
}

// Schema is the version of the keys and codecs that this program writes.
const Schema = 1

var schemaKey = []byte("\x00schema")

// migrations[i] brings schema i+1 to i+2. All run in one transaction with the new version.
var migrations []func(*kv.Tx) error

func migrate(tx *kv.Tx) error {
	v, err := tx.Get(schemaKey)
	if err != nil {
		return err
	}
	version := uint64(Schema)
	if v != nil {
		version, _ = binary.Uvarint(v)
	}
	if version > Schema {
		return fmt.Errorf("it was written by a newer Fifthcall (schema %d, this program knows %d): run the newer program, or restore a backup made by this one", version, Schema)
	}
	for ; version < Schema; version++ {
		if err := migrations[version-1](tx); err != nil {
			return fmt.Errorf("migrate from schema %d: %w", version, err)
		}
	}
	return tx.Set(schemaKey, binary.AppendUvarint(nil, Schema))
}

// Desk is the part of the store that belongs to one desk. Its transactions must not run at
// the same time: one goroutine a desk decides.
func (s *Store) Desk(name string) *Desk {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.desks[name] == nil {
		if s.desks == nil {
			s.desks = map[string]*Desk{}
		}
		s.desks[name] = &Desk{store: s, engine: s.engine, prefix: name + "\x00", numbers: s.numbers}
	}
	return s.desks[name]
}

// Desk is one desk's state.
type Desk struct {
	store  *Store
	engine kv.Engine
	prefix string
	warm   *cache // of the one writer; nil after a failed transaction
	logged *logged

	numbers *numbers

	mu      sync.RWMutex // held for writing while a commit makes snapshot and model anew
	commits uint64
	model   *model      // of the state as it is now; nil until it is asked for
	loading int         // how many read one
	behind  [][]written // what was committed since the first of them began
	used    atomic.Int64
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
const cacheLimit = 60_000

func newCache() *cache {
	return &cache{contacts: map[string]*desk.Contact{}, owners: map[string]string{}}
}

// Update runs fn in one transaction; if fn returns an error nothing is changed. fn may be run twice: it sets nothing outside that a
// second run would find.
func (d *Desk) Update(fn func(*Tx) error) error {
	warm := d.warm
	d.warm = nil // until the commit: what a failed transaction changed must not be seen again
	if warm == nil || len(warm.contacts)+len(warm.owners) > cacheLimit {
		warm = newCache()
	}
	pairs, m, at, err := d.begin(false)
	if err != nil {
		return err
	}
	defer pairs.Close()
	tx := newTx(d, pairs, warm)
	tx.model, tx.at = m, at
	if err := d.knowLogged(tx); err != nil {
		return err
	}
	tx.logged, tx.numbers, tx.writes = d.logged, d.numbers, true
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.flush(); err != nil {
		return err
	}
	if err := d.commit(pairs); err != nil {
		return err
	}
	d.warm = warm
	return nil
}

// begin begins a transaction, with the model of the same state if there is one.
func (d *Desk) begin(readonly bool) (pairs *kv.Tx, m *model, at uint64, err error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	pairs, err = kv.Begin(d.engine, readonly)
	return pairs, d.model, d.commits, err
}

// commit commits, and brings the model along.
func (d *Desk) commit(pairs *kv.Tx) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := pairs.Commit(); err != nil {
		d.model = nil // whatever came of it
		return err
	}
	d.commits++
	if d.model == nil && d.loading == 0 {
		return nil
	}
	ws := writtenBy(pairs, d.prefix)
	if d.loading > 0 {
		d.behind = append(d.behind, ws)
	}
	if d.model != nil {
		next, err := d.model.after(ws)
		if err != nil {
			next = nil // it is read anew; what is damaged is told there
		}
		d.model = next
	}
	return nil
}

var errEnough = errors.New("enough was seen")

// knowLogged begins to note what is logged, of a desk that has no touch.
func (d *Desk) knowLogged(tx *Tx) error {
	if d.logged != nil {
		return nil
	}
	switch err := tx.scan(tx.key('t'), func(_, _ []byte) error { return errEnough }); {
	case errors.Is(err, errEnough):
		d.logged = &logged{}
	case err != nil:
		return err
	default:
		d.logged = &logged{seed: maphash.MakeSeed(), known: map[uint64]struct{}{}}
	}
	return nil
}

// View runs fn on a consistent snapshot. Contacts got from it are shared with others that look: they are not to be changed.
func (d *Desk) View(fn func(*Tx) error) error {
	pairs, m, at, err := d.begin(true)
	if err != nil {
		return err
	}
	defer pairs.Close()
	tx := newTx(d, pairs, newCache())
	tx.model, tx.at = m, at
	return fn(tx)
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
