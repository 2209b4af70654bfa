package store

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidwall/btree"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store/kv"
)

// A model is a desk's contacts, touches and calls, decoded: what nearly every answer looks through. It is made when first asked for,
// belongs to one state of the desk and never changes: each commit makes the next one, which shares with it what is the same. It is
// nothing but a reading of what is stored; CheckModel holds it against that.
type model struct {
	contacts  *btree.Map[string, *desk.Contact]  // by ID, merged ones included
	touches   *btree.Map[string, *desk.History]  // by contact ID
	callbacks *btree.Map[string, *desk.Callback] // by contact ID and UID, as keyed
	calls     *btree.Map[string, *desk.Callback] // further calls, by UID
	spoke     *btree.Set[string]                 // contact IDs by their first conversation, see timed
	replied   *btree.Set[string]                 // and by their latest mail
	size      int64                              // bytes of its records as stored

	people *people // made of the contacts
	spoken *spoken // made of the contacts and first conversations
	due    *due    // made of the callbacks and calls
}

// people is what is made of a model's contacts at first need.
type people struct {
	once   sync.Once
	sorted []*desk.Contact // merged ones left out, by name

	firmsOnce sync.Once
	byFirm    map[string][]*desk.Contact
	firms     *desk.Firms
}

// spoken is how many were ever spoken to, by role.
type spoken struct {
	mu     sync.Mutex
	byRole map[desk.Role]int
}

// due is what is made of a model's calls at first need.
type due struct {
	once      sync.Once
	made      atomic.Bool
	callbacks slotted
	calls     slotted
}

// slotted are calls by slot; shared, so not to be changed.
type slotted struct {
	all  []*desk.Callback
	open []*desk.Callback
}

// The kinds of records that a model holds.
const modelKinds = "ctkp"

// Parts of a model, by the kinds of records that they hold: each is read when it is first asked for.
const (
	partPeople = "c"
	partLog    = "t"
	partCalls  = "kp"
)

// has reports whether a part has been read.
func (m *model) has(part string) bool {
	if m == nil {
		return false
	}
	switch part {
	case partPeople:
		return m.contacts != nil
	case partLog:
		return m.touches != nil
	default:
		return m.callbacks != nil
	}
}

// hasKind is has, by the kind of one record.
func (m *model) hasKind(kind byte) bool {
	return kind == 'c' && m.has(partPeople) || kind == 't' && m.has(partLog) || (kind == 'k' || kind == 'p') && m.has(partCalls)
}

// join is the model with the part that another has beside it; m may be nil.
func (m *model) join(other *model, part string) *model {
	if m == nil {
		return other
	}
	if m.has(part) {
		return m
	}
	next := *m
	next.size += other.size
	switch part {
	case partPeople:
		next.contacts, next.people, next.spoken = other.contacts, other.people, other.spoken
	case partLog:
		next.touches, next.spoke, next.replied, next.spoken = other.touches, other.spoke, other.replied, other.spoken
	default:
		next.callbacks, next.calls, next.due = other.callbacks, other.calls, other.due
	}
	return &next
}

// readModel reads one part of a desk's records.
func readModel(pairs *kv.Tx, prefix, part string) (*model, error) {
	m := &model{people: new(people), spoken: new(spoken), due: new(due)}
	switch part {
	case partPeople:
		m.contacts = new(btree.Map[string, *desk.Contact])
	case partLog:
		m.touches, m.spoke, m.replied = new(btree.Map[string, *desk.History]), new(btree.Set[string]), new(btree.Set[string])
	default:
		m.callbacks, m.calls = new(btree.Map[string, *desk.Callback]), new(btree.Map[string, *desk.Callback])
	}
	var of string
	var ts []desk.Touch
	flush := func() {
		if len(ts) > 0 {
			desk.SortTouches(ts)
			m.setHistory(of, desk.NewHistory(slices.Clip(ts)))
		}
		ts = nil
	}
	for _, kind := range part {
		base := len(prefix) + 1
		err := pairs.Scan([]byte(prefix+string(kind)), func(k, v []byte) error {
			m.size += int64(len(k) + len(v))
			if kind != 't' {
				return m.put(byte(kind), string(k[base:]), v)
			}
			t, err := decodeTouch(v)
			contact, _, _ := strings.Cut(string(k[base:]), "\x00")
			if contact != of {
				flush()
				of = contact
			}
			ts = append(ts, t)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	flush()
	return m, nil
}

// put takes a record of another kind than touches; nil takes it out.
func (m *model) put(kind byte, name string, v []byte) error {
	if v == nil {
		switch kind {
		case 'c':
			m.contacts.Delete(name)
		case 'k':
			m.callbacks.Delete(name)
		case 'p':
			m.calls.Delete(name)
		}
		return nil
	}
	switch kind {
	case 'c':
		c := new(desk.Contact)
		if err := json.Unmarshal(v, c); err != nil {
			return fmt.Errorf("a stored contact is damaged: %w", err)
		}
		m.contacts.Set(name, c)
		return nil
	default:
		cb := new(desk.Callback)
		if err := json.Unmarshal(v, cb); err != nil {
			return fmt.Errorf("a stored callback is damaged: %w", err)
		}
		if kind == 'k' {
			m.callbacks.Set(name, cb)
		} else {
			m.calls.Set(name, cb)
		}
		return nil
	}
}

// written is what a transaction wrote of a model's kinds: the rest of the key, the value, nil for deleted.
type written struct {
	kind  byte
	name  string
	value []byte
}

// writtenBy gathers what a transaction wrote that a model holds.
func writtenBy(pairs *kv.Tx, prefix string) (out []written) {
	for _, kind := range modelKinds {
		for k, v := range pairs.Written([]byte(prefix + string(kind))) {
			out = append(out, written{byte(kind), k[len(prefix)+1:], v})
		}
	}
	return out
}

// after is the model behind what was written.
func (m *model) after(ws []written) (*model, error) {
	if len(ws) == 0 {
		return m, nil
	}
	own := *m
	next := &own
	if m.has(partPeople) {
		next.contacts = m.contacts.Copy()
	}
	if m.has(partLog) {
		next.touches, next.spoke, next.replied = m.touches.Copy(), m.spoke.Copy(), m.replied.Copy()
	}
	if m.has(partCalls) {
		next.callbacks, next.calls = m.callbacks.Copy(), m.calls.Copy()
	}
	touched := map[string][]written{}
	var called []written
	for _, w := range ws {
		if !m.hasKind(w.kind) {
			continue
		}
		if w.value != nil && !m.holds(w) {
			next.size += int64(len(w.name) + len(w.value))
		}
		switch w.kind {
		case 't':
			contact, _, _ := strings.Cut(w.name, "\x00")
			touched[contact] = append(touched[contact], w)
			continue
		case 'c':
			next.people, next.spoken = new(people), new(spoken)
		default:
			called = append(called, w)
		}
		if err := next.put(w.kind, w.name, w.value); err != nil {
			return nil, err
		}
	}
	if len(called) > 0 {
		next.carry(m, called)
	}
	for contact, ws := range touched {
		if err := next.putTouches(contact, ws); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// holds reports whether there is such a record already; of touches nearly every one is new.
func (m *model) holds(w written) (known bool) {
	switch w.kind {
	case 'c':
		_, known = m.contacts.Get(w.name)
	case 'k':
		_, known = m.callbacks.Get(w.name)
	case 'p':
		_, known = m.calls.Get(w.name)
	}
	return known
}

func (m *model) putTouches(contact string, ws []written) error {
	var old []desk.Touch
	if h, _ := m.touches.Get(contact); h != nil {
		old = h.Touches
	}
	ts := make([]desk.Touch, 0, len(old)+len(ws))
	changed := make(map[string]bool, len(ws))
	for _, w := range ws {
		_, id, _ := strings.Cut(w.name, "\x00")
		changed[id] = true
		if w.value == nil {
			continue
		}
		t, err := decodeTouch(w.value)
		if err != nil {
			return err
		}
		ts = append(ts, t)
	}
	for _, t := range old {
		if !changed[t.ID] {
			ts = append(ts, t)
		}
	}
	if len(ts) == 0 {
		m.setHistory(contact, nil)
		return nil
	}
	desk.SortTouches(ts)
	m.setHistory(contact, desk.NewHistory(ts))
	return nil
}

// setHistory puts a contact's history in place of the one before, nil for none, and into the indexes.
func (m *model) setHistory(contact string, h *desk.History) {
	was, _ := m.touches.Get(contact)
	if was == nil {
		was = nothing
	}
	if h == nil {
		h = nothing
		m.touches.Delete(contact)
	} else {
		m.touches.Set(contact, h)
	}
	if !was.FirstSpoke.Equal(h.FirstSpoke) {
		m.spoken = new(spoken)
		index(m.spoke, contact, was.FirstSpoke, h.FirstSpoke)
	}
	if !was.LastReply.Equal(h.LastReply) {
		index(m.replied, contact, was.LastReply, h.LastReply)
	}
}

func index(set *btree.Set[string], contact string, was, is time.Time) {
	if !was.IsZero() {
		set.Delete(timed(was) + contact)
	}
	if !is.IsZero() {
		set.Insert(timed(is) + contact)
	}
}

// timed is an instant as the first eight bytes of a key, in order of time.
func timed(t time.Time) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(t.Unix())^1<<63))
}

// since are the contacts of an index from an instant on, by ID.
func since(set *btree.Set[string], at time.Time) []string {
	var out []string
	set.Ascend(timed(at), func(key string) bool { out = append(out, key[8:]); return true })
	slices.Sort(out)
	return out
}

// callbackOf is a copy of a contact's callback, nil if it never had one.
func (m *model) callbackOf(contact string) (found *desk.Callback) {
	prefix := contact + "\x00"
	m.callbacks.Ascend(prefix, func(name string, cb *desk.Callback) bool {
		if !strings.HasPrefix(name, prefix) {
			return false
		}
		own := *cb
		found = &own
		return true
	})
	return found
}

// eachTouch calls fn for every touch; they are not to be changed.
func (m *model) eachTouch(fn func(*desk.Touch) error) (err error) {
	m.touches.Scan(func(_ string, h *desk.History) bool {
		for i := range h.Touches {
			if err = fn(&h.Touches[i]); err != nil {
				return false
			}
		}
		return true
	})
	return err
}

// sortedContacts are all but those merged into others, by name; shared, so not to be changed.
func (m *model) sortedContacts() []*desk.Contact {
	p := m.people
	p.once.Do(func() {
		out := make([]*desk.Contact, 0, m.contacts.Len())
		m.contacts.Scan(func(_ string, c *desk.Contact) bool {
			if c.Into == "" {
				out = append(out, c)
			}
			return true
		})
		sortContacts(out)
		p.sorted = out
	})
	return p.sorted
}

// lists are the callbacks and the further calls.
func (m *model) lists() *due {
	d := m.due
	d.once.Do(func() {
		d.callbacks, d.calls = bySlot(m.callbacks), bySlot(m.calls)
		d.made.Store(true)
	})
	return d
}

func bySlot(of *btree.Map[string, *desk.Callback]) slotted {
	var out slotted
	out.all = make([]*desk.Callback, 0, of.Len())
	of.Scan(func(_ string, cb *desk.Callback) bool { out.all = append(out.all, cb); return true })
	slices.SortFunc(out.all, inOrder)
	for _, cb := range out.all {
		if cb.Open() {
			out.open = append(out.open, cb)
		}
	}
	return out
}

func inOrder(a, b *desk.Callback) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.UID, b.UID))
}

// with are the same calls with some taken out and others put in.
func (s slotted) with(gone, come []*desk.Callback) slotted {
	return slotted{patched(s.all, gone, come, false), patched(s.open, gone, come, true)}
}

func patched(list, gone, come []*desk.Callback, open bool) []*desk.Callback {
	out := make([]*desk.Callback, len(list), len(list)+len(come))
	copy(out, list)
	for _, cb := range gone {
		if i, found := slices.BinarySearchFunc(out, cb, inOrder); found {
			out = slices.Delete(out, i, i+1)
		}
	}
	for _, cb := range come {
		if open && !cb.Open() {
			continue
		}
		i, _ := slices.BinarySearchFunc(out, cb, inOrder)
		out = slices.Insert(out, i, cb)
	}
	return out
}

// mostPatched is up to how many changed calls a list is patched; it is made anew for more.
const mostPatched = 200

// carry makes the next model's lists of those of the one before, where there are some and little has changed.
func (m *model) carry(from *model, ws []written) {
	m.due = new(due)
	if !from.due.made.Load() || len(ws) > mostPatched {
		return
	}
	var gone, come [2][]*desk.Callback
	for _, w := range ws {
		i, was, is := 0, from.callbacks, m.callbacks
		if w.kind == 'p' {
			i, was, is = 1, from.calls, m.calls
		}
		if cb, ok := was.Get(w.name); ok {
			gone[i] = append(gone[i], cb)
		}
		if cb, ok := is.Get(w.name); ok {
			come[i] = append(come[i], cb)
		}
	}
	m.due.once.Do(func() {
		m.due.callbacks, m.due.calls = from.due.callbacks.with(gone[0], come[0]), from.due.calls.with(gone[1], come[1])
		m.due.made.Store(true)
	})
}
