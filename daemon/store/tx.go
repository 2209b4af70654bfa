package store

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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

// Contact is the contact with the ID, following merges; nil if there is none.
func (tx *Tx) Contact(id string) (*desk.Contact, error) {
	for range 20 {
		c, ok := tx.contacts[id]
		if !ok {
			c = new(desk.Contact)
			found, err := tx.getJSON(tx.key('c', id), c)
			if err != nil {
				return nil, err
			}
			if !found {
				c = nil
			}
			tx.contacts[id] = c
		}
		if c == nil || c.Into == "" {
			return c, nil
		}
		id = c.Into
	}
	return nil, fmt.Errorf("contact %s is merged in a circle", id)
}

// ContactByEmail is the contact to whom the canonical address belongs; nil if nobody.
func (tx *Tx) ContactByEmail(addr string) (*desk.Contact, error) {
	id, ok := tx.owners[addr]
	if !ok {
		v, err := tx.get(tx.key('a', addr))
		if err != nil {
			return nil, err
		}
		id = string(v)
		tx.owners[addr] = id
	}
	if id == "" {
		return nil, nil
	}
	return tx.Contact(id)
}

// PutContact stores a contact and makes its addresses lead to it.
func (tx *Tx) PutContact(c *desk.Contact) error {
	tx.sorted = nil
	tx.contacts[c.ID] = c
	tx.dirty[c.ID] = true
	if c.Into != "" {
		return nil
	}
	for _, a := range c.Emails {
		if tx.owners[a] == c.ID {
			continue
		}
		if err := tx.set(tx.key('a', a), []byte(c.ID)); err != nil {
			return err
		}
		tx.owners[a] = c.ID
	}
	return nil
}

// DropAddress makes an address lead nowhere.
func (tx *Tx) DropAddress(addr string) error {
	tx.owners[addr] = ""
	return tx.delete(tx.key('a', addr))
}

// Contacts are all contacts, merged ones left out, sorted by name and address.
func (tx *Tx) Contacts() ([]*desk.Contact, error) {
	if tx.sorted != nil {
		return slices.Clone(tx.sorted), nil
	}
	seen := map[string]bool{}
	var out []*desk.Contact
	err := tx.scan(tx.key('c'), func(k, v []byte) error {
		id := string(k[len(tx.prefix)+1:])
		seen[id] = true
		if c, ok := tx.contacts[id]; ok {
			if c != nil { // else forgotten in this transaction
				out = append(out, c)
			}
			return nil
		}
		c := new(desk.Contact)
		if err := json.Unmarshal(v, c); err != nil {
			return fmt.Errorf("a stored contact is damaged: %w", err)
		}
		tx.contacts[id] = c
		out = append(out, c)
		return nil
	})
	for id := range tx.dirty {
		if c := tx.contacts[id]; c != nil && !seen[id] {
			out = append(out, c)
		}
	}
	out = slices.DeleteFunc(out, func(c *desk.Contact) bool { return c.Into != "" })
	if err != nil {
		return nil, err
	}
	sortContacts(out)
	tx.sorted, tx.firms = slices.Clone(out), nil
	return out, nil
}

// Firms are the contacts by company, as make sorts them once for as long as no contact changes.
func (tx *Tx) Firms(make func() (map[string][]*desk.Contact, *desk.Firms)) (map[string][]*desk.Contact, *desk.Firms) {
	if tx.sorted == nil || tx.firms == nil {
		tx.byFirm, tx.firms = make()
	}
	return tx.byFirm, tx.firms
}

// sortContacts sorts by name and address, whatever their case.
func sortContacts(all []*desk.Contact) {
	names := make(map[*desk.Contact]string, len(all))
	for _, c := range all {
		names[c] = strings.ToLower(c.DisplayName())
	}
	slices.SortFunc(all, func(a, b *desk.Contact) int {
		return cmp.Or(strings.Compare(names[a], names[b]), strings.Compare(a.ID, b.ID))
	})
}

func (tx *Tx) touchKey(contact, id string) []byte { return tx.key('t', contact, id) }

// TouchedBy reports whether a message has been logged for the contact, or for one merged
// into it.
func (tx *Tx) TouchedBy(c *desk.Contact, identity string) (bool, error) {
	return tx.hasTouch(c, func(id string) string { return desk.MailTouchID(identity, id) })
}

// HasTouch reports whether a touch is logged for the contact, or for one merged into it.
func (tx *Tx) HasTouch(c *desk.Contact, touch string) (bool, error) {
	return tx.hasTouch(c, func(string) string { return touch })
}

// hasTouch looks for the touch that of names for each of the contact's IDs.
func (tx *Tx) hasTouch(c *desk.Contact, of func(contact string) string) (bool, error) {
	for i := -1; i < len(c.Merged); i++ {
		id := c.ID
		if i >= 0 {
			id = c.Merged[i]
		}
		touch := of(id)
		if tx.logged.absent(touch) {
			continue
		}
		_, err := tx.rw.Get(tx.touchKey(id, touch))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, badger.ErrKeyNotFound) {
			return false, fmt.Errorf("read: %w", err)
		}
	}
	return false, nil
}

// AddTouch logs a touch.
func (tx *Tx) AddTouch(t *desk.Touch) error {
	if err := tx.set(tx.touchKey(t.Contact, t.ID), encodeTouch(t)); err != nil {
		return err
	}
	tx.logged.add(t.ID)
	tx.touches[t.Contact] = append(tx.touches[t.Contact], *t)
	tx.counters["touches"]++
	return nil
}

// Touches are a contact's touches, those of the contacts merged into it included, in order.
func (tx *Tx) Touches(c *desk.Contact) ([]desk.Touch, error) {
	var out []desk.Touch
	for _, id := range append([]string{c.ID}, c.Merged...) {
		err := tx.scan(tx.key('t', id, ""), func(_, v []byte) error {
			t, err := decodeTouch(v)
			out = append(out, t)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, t := range tx.touches[id] {
			if i := slices.IndexFunc(out, func(o desk.Touch) bool { return o.ID == t.ID }); i >= 0 {
				out[i] = t // changed in this transaction
			} else {
				out = append(out, t)
			}
		}
		out = slices.DeleteFunc(out, func(t desk.Touch) bool { return tx.gone[t.ID] })
	}
	desk.SortTouches(out)
	return out, nil
}

// ChangeTouch stores a touch that is there already.
func (tx *Tx) ChangeTouch(t *desk.Touch) error {
	tx.touches[t.Contact] = append(slices.DeleteFunc(tx.touches[t.Contact], func(o desk.Touch) bool { return o.ID == t.ID }), *t)
	return tx.set(tx.touchKey(t.Contact, t.ID), encodeTouch(t))
}

// DropTouch takes a touch back.
func (tx *Tx) DropTouch(contact, id string) error {
	tx.gone[id] = true
	return tx.delete(tx.touchKey(contact, id))
}

// AddNews notes something to be told in the next morning mail, once for each ID.
func (tx *Tx) AddNews(n desk.News) error {
	key := tx.key('m', n.ID)
	if v, err := tx.get(key); v != nil || err != nil {
		return err
	}
	return tx.setJSON(key, n)
}

// PutNews stores news that are there already.
func (tx *Tx) PutNews(n desk.News) error { return tx.setJSON(tx.key('m', n.ID), n) }

// News are all that was noted, oldest first, told or not.
func (tx *Tx) News() ([]desk.News, error) {
	var out []desk.News
	err := tx.scan(tx.key('m'), func(_, v []byte) error {
		var n desk.News
		err := json.Unmarshal(v, &n)
		out = append(out, n)
		return err
	})
	slices.SortStableFunc(out, func(a, b desk.News) int { return a.Time.Compare(b.Time) })
	return out, err
}

// DropNews forgets one.
func (tx *Tx) DropNews(id string) error { return tx.delete(tx.key('m', id)) }

// PutBounce notes that a mail to an address came back.
func (tx *Tx) PutBounce(addr string, b desk.Bounce) error {
	return tx.setJSON(tx.key('b', addr, b.MessageID), b)
}

// BounceOf is what came back of a mail to an address; false if nothing did.
func (tx *Tx) BounceOf(addr, messageID string) (b desk.Bounce, ok bool, err error) {
	ok, err = tx.getJSON(tx.key('b', addr, messageID), &b)
	return b, ok, err
}

// AllTouches calls fn for every stored touch, by contact and time.
func (tx *Tx) AllTouches(fn func(desk.Touch) error) error {
	return tx.scan(tx.key('t'), func(_, v []byte) error {
		t, err := decodeTouch(v)
		if err != nil {
			return err
		}
		return fn(t)
	})
}

// Callback is the contact's callback, open or not; nil if it never had one.
func (tx *Tx) Callback(contactID string) (*desk.Callback, error) {
	if cb, ok := tx.callbacks[contactID]; ok {
		return cb, nil
	}
	var found *desk.Callback
	err := tx.scan(tx.key('k', contactID, ""), func(_, v []byte) error {
		found = new(desk.Callback)
		return json.Unmarshal(v, found)
	})
	return found, err
}

// PutCallback stores a callback.
func (tx *Tx) PutCallback(cb *desk.Callback) error {
	tx.callbacks[cb.Contact] = cb
	tx.shown = true
	return tx.setJSON(tx.key('k', cb.Contact, cb.UID), cb)
}

// RenameCallback gives a callback that no client has seen as open another UID, that of an event which a client made.
func (tx *Tx) RenameCallback(cb *desk.Callback, uid string) error {
	if cb.UID == uid {
		return nil
	}
	if err := tx.delete(tx.key('k', cb.Contact, cb.UID)); err != nil {
		return err
	}
	next := *cb
	next.UID = uid
	return tx.PutCallback(&next)
}

// Callbacks are all callbacks, open and ended, by slot.
func (tx *Tx) Callbacks() ([]desk.Callback, error) {
	var out []desk.Callback
	seen := map[string]bool{}
	err := tx.scan(tx.key('k'), func(_, v []byte) error {
		var cb desk.Callback
		if err := json.Unmarshal(v, &cb); err != nil {
			return fmt.Errorf("a stored callback is damaged: %w", err)
		}
		if newer, ok := tx.callbacks[cb.Contact]; ok {
			cb = *newer
		}
		seen[cb.Contact] = true
		out = append(out, cb)
		return nil
	})
	for id, cb := range tx.callbacks {
		if !seen[id] && cb != nil {
			out = append(out, *cb)
		}
	}
	desk.SortCallbacks(out)
	return out, err
}

// Cursor is how far a folder was handled.
func (tx *Tx) Cursor(folder string) (Cursor, error) {
	v, err := tx.get(tx.key('f', folder))
	if len(v) != 8 || err != nil {
		return Cursor{}, err
	}
	return Cursor{UIDValidity: binary.BigEndian.Uint32(v), Last: binary.BigEndian.Uint32(v[4:])}, nil
}

// SetCursor notes how far a folder has been handled.
func (tx *Tx) SetCursor(folder string, c Cursor) error {
	v := binary.BigEndian.AppendUint32(nil, c.UIDValidity)
	return tx.set(tx.key('f', folder), binary.BigEndian.AppendUint32(v, c.Last))
}

// OtherCursors reports whether any folder but this one has been read.
func (tx *Tx) OtherCursors(folder string) (bool, error) {
	found := false
	own := string(tx.key('f', folder))
	err := tx.scan(tx.key('f'), func(k, _ []byte) error {
		found = found || string(k) != own
		return nil
	})
	return found, err
}

// Want notes an address whose older messages are to be searched for.
func (tx *Tx) Want(addr string) error { return tx.set(tx.key('w', addr), nil) }

// Wanted are the addresses noted by Want.
func (tx *Tx) Wanted() ([]string, error) {
	var out []string
	p := tx.key('w')
	err := tx.scan(p, func(k, _ []byte) error {
		out = append(out, string(k[len(p):]))
		return nil
	})
	return out, err
}

// Found forgets a wanted address.
func (tx *Tx) Found(addr string) error { return tx.delete(tx.key('w', addr)) }

// Quarantine notes a message that can't be read.
func (tx *Tx) Quarantine(q Quarantined) error {
	return tx.setJSON(tx.key('q', q.Folder, fmt.Sprintf("%010d", q.UID)), q)
}

// Quarantined lists the messages that could not be read.
func (tx *Tx) Quarantined() ([]Quarantined, error) {
	var out []Quarantined
	err := tx.scan(tx.key('q'), func(_, v []byte) error {
		var q Quarantined
		err := json.Unmarshal(v, &q)
		out = append(out, q)
		return err
	})
	return out, err
}

// Count adds to a counter.
func (tx *Tx) Count(name string, n int) { tx.counters[name] += uint64(n) }

// Counters are all counters by name.
func (tx *Tx) Counters() (map[string]uint64, error) {
	out := map[string]uint64{}
	p := tx.key('n')
	err := tx.scan(p, func(k, v []byte) error {
		out[string(k[len(p):])], _ = binary.Uvarint(v)
		return nil
	})
	return out, err
}

// NextOrdinal is a number that rises with every call that is committed.
func (tx *Tx) NextOrdinal() (uint64, error) {
	k := tx.key('s', "ordinal")
	v, err := tx.get(k)
	if err != nil {
		return 0, err
	}
	n, _ := binary.Uvarint(v)
	n++
	return n, tx.set(k, binary.AppendUvarint(nil, n))
}

// Mark is a named setting, "" if it was never set.
func (tx *Tx) Mark(name string) (string, error) {
	v, err := tx.get(tx.key('s', name))
	return string(v), err
}

// SetMark stores a named setting.
func (tx *Tx) SetMark(name, value string) error { return tx.set(tx.key('s', name), []byte(value)) }

// PutUndo stores how something can be undone.
func (tx *Tx) PutUndo(id string, v any) error { return tx.setJSON(tx.key('u', id), v) }

// Undo reads what PutUndo stored; false if there is nothing.
func (tx *Tx) Undo(id string, into any) (bool, error) { return tx.getJSON(tx.key('u', id), into) }

// DropUndo forgets it.
func (tx *Tx) DropUndo(id string) error { return tx.delete(tx.key('u', id)) }

// Shown notes that something a feed shows has changed.
func (tx *Tx) Shown() { tx.shown = true }

// IsShown reports whether something a feed shows has changed in this transaction.
func (tx *Tx) IsShown() bool { return tx.shown }

// Version rises with every change that a feed shows.
func (tx *Tx) Version() (uint64, error) {
	v, err := tx.get(tx.key('v'))
	n, _ := binary.Uvarint(v)
	return n, err
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

// Forget removes a contact and everything about it: the record, addresses, touches and callbacks.
func (tx *Tx) Forget(c *desk.Contact) error {
	for _, id := range append([]string{c.ID}, c.Merged...) {
		keys := [][]byte{tx.key('c', id)}
		for _, p := range [][]byte{tx.key('t', id, ""), tx.key('k', id, "")} {
			if err := tx.scan(p, func(k, _ []byte) error { keys = append(keys, slices.Clone(k)); return nil }); err != nil {
				return err
			}
		}
		for _, k := range append(keys, tx.key('u', "merge-"+id)) {
			if err := tx.delete(k); err != nil {
				return err
			}
		}
		tx.contacts[id], tx.sorted, tx.calls = nil, nil, nil
		delete(tx.dirty, id)
	}
	for _, a := range c.Emails {
		if err := tx.DropAddress(a); err != nil {
			return err
		}
	}
	tx.shown = true
	return tx.forgetLetters(c)
}

// Moment is a stored instant, zero if never set.
func (tx *Tx) Moment(name string) (time.Time, error) {
	s, err := tx.Mark(name)
	if s == "" || err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, s)
}

// SetMoment stores an instant.
func (tx *Tx) SetMoment(name string, t time.Time) error {
	return tx.SetMark(name, t.UTC().Format(time.RFC3339Nano))
}

// PutIssued stores what the numbers of a mail to the recruiter mean.
func (tx *Tx) PutIssued(i *desk.Issued) error { return tx.setJSON(tx.key('i', i.ID), i) }

// Issued is the mail to the recruiter with the ID, nil if there is none.
func (tx *Tx) Issued(id string) (*desk.Issued, error) {
	i := new(desk.Issued)
	ok, err := tx.getJSON(tx.key('i', id), i)
	if !ok || err != nil {
		return nil, err
	}
	return i, nil
}

// Obeyed reports whether the commands of the message have been applied.
func (tx *Tx) Obeyed(identity string) (bool, error) {
	v, err := tx.get(tx.key('x', identity))
	return v != nil, err
}

// SetObeyed notes that they have.
func (tx *Tx) SetObeyed(identity string, at time.Time) error {
	return tx.set(tx.key('x', identity), []byte(at.UTC().Format(time.RFC3339)))
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

// NextOrderNumber is a number that no job order of any desk had before; a transaction that
// fails leaves a gap.
func (tx *Tx) NextOrderNumber() (int, error) {
	if tx.numbers == nil {
		return 0, errors.New("numbers are given to writers only")
	}
	n := tx.numbers.next()
	return n, tx.set(fmt.Appendf(nil, "%s%08d", orderNumbers, n), nil)
}

// PutOrder stores a job order.
func (tx *Tx) PutOrder(o *desk.JobOrder) error {
	return tx.setJSON(tx.key('r', fmt.Sprintf("%08d", o.Number)), o)
}

// Order is the job order of the number, nil if this desk has none such.
func (tx *Tx) Order(number int) (*desk.JobOrder, error) {
	o := new(desk.JobOrder)
	ok, err := tx.getJSON(tx.key('r', fmt.Sprintf("%08d", number)), o)
	if !ok || err != nil {
		return nil, err
	}
	return o, nil
}

// Orders are all job orders of the desk as they were before this transaction, by number.
func (tx *Tx) Orders() ([]desk.JobOrder, error) { return list[desk.JobOrder](tx, tx.key('r')) }

// DropOrder takes a job order back; its number stays used.
func (tx *Tx) DropOrder(number int) error {
	return tx.delete(tx.key('r', fmt.Sprintf("%08d", number)))
}
