package store

import (
	"slices"
	"strings"
	"time"

	"github.com/tidwall/btree"

	"fifthcall/daemon/desk"
)

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
		if v, err := tx.get(tx.touchKey(id, touch)); v != nil || err != nil {
			return v != nil, err
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
	tx.counters["touches"]++
	return nil
}

// Touches are a contact's touches, those of the contacts merged into it included, in order.
func (tx *Tx) Touches(c *desk.Contact) ([]desk.Touch, error) {
	h, err := tx.History(c)
	if err != nil {
		return nil, err
	}
	return slices.Clone(h.Touches), nil
}

// manyLooked is after how many histories a view has all of them read.
const manyLooked = 50

// nothing is the history of whom nothing is known.
var nothing = &desk.History{}

// History are a contact's touches as Touches gives them, shared: they are not to be changed.
func (tx *Tx) History(c *desk.Contact) (*desk.History, error) {
	if !tx.writes && !tx.model.has(partLog) {
		if tx.looked++; tx.looked > manyLooked { // it goes through everybody
			if _, err := tx.loaded(partLog); err != nil {
				return nil, err
			}
		}
	}
	if len(c.Merged) == 0 && tx.model.has(partLog) && !tx.writes {
		if h, known := tx.model.touches.Get(c.ID); known {
			return h, nil
		}
		return nothing, nil
	}
	var out []desk.Touch
	for _, id := range append([]string{c.ID}, c.Merged...) {
		if tx.model.has(partLog) && (!tx.writes || !tx.wrote(tx.key('t', id, ""))) {
			h, known := tx.model.touches.Get(id)
			if !known {
				h = nothing
			}
			if len(c.Merged) == 0 {
				return h, nil
			}
			out = append(out, h.Touches...)
			continue
		}
		err := tx.scan(tx.key('t', id, ""), func(_, v []byte) error {
			t, err := decodeTouch(v)
			out = append(out, t)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	desk.SortTouches(out)
	return desk.NewHistory(out), nil
}

// ChangeTouch stores a touch that is there already.
func (tx *Tx) ChangeTouch(t *desk.Touch) error {
	return tx.set(tx.touchKey(t.Contact, t.ID), encodeTouch(t))
}

// DropTouch takes a touch back.
func (tx *Tx) DropTouch(contact, id string) error {
	return tx.delete(tx.touchKey(contact, id))
}

// PutBounce notes that a mail to an address came back.
func (tx *Tx) PutBounce(addr string, b desk.Bounce) error {
	return tx.setJSON(tx.key('b', addr, b.MessageID), b)
}

// BounceOf is what came back of a mail to an address; false if nothing did.
func (tx *Tx) BounceOf(addr, messageID string) (b desk.Bounce, ok bool, err error) {
	ok, err = tx.getJSON(tx.key('b', addr, messageID), &b)
	return b, ok, err
}

// SpokenSince are the contacts whose first conversation was at or after an instant, by ID.
func (tx *Tx) SpokenSince(at time.Time) ([]*desk.Contact, error) {
	return tx.indexed(func(m *model) *btree.Set[string] { return m.spoke }, at, func(h *desk.History) time.Time { return h.FirstSpoke })
}

// RepliedSince are the contacts whose latest mail came at or after an instant, by ID.
func (tx *Tx) RepliedSince(at time.Time) ([]*desk.Contact, error) {
	return tx.indexed(func(m *model) *btree.Set[string] { return m.replied }, at, func(h *desk.History) time.Time { return h.LastReply })
}

// indexed are the contacts whose history has an instant at or after at, found by an index where that is up to date.
func (tx *Tx) indexed(index func(*model) *btree.Set[string], at time.Time, of func(*desk.History) time.Time) (out []*desk.Contact, err error) {
	var all []*desk.Contact
	m, err := tx.loaded(partLog)
	if err != nil {
		return nil, err
	}
	if m != nil && !tx.wrote(tx.key('t')) {
		met := map[string]bool{}
		for _, id := range since(index(m), at) {
			c, err := tx.Contact(id) // a merged one's touches are the other's
			if err != nil {
				return nil, err
			}
			if c != nil && !met[c.ID] {
				met[c.ID] = true
				all = append(all, c)
			}
		}
	} else if all, err = tx.Contacts(); err != nil {
		return nil, err
	}
	for _, c := range all {
		h, err := tx.History(c)
		if err != nil {
			return nil, err
		}
		if t := of(h); !t.IsZero() && !t.Before(at) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *desk.Contact) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// SpokenTo is how many contacts of a role were ever spoken to.
func (tx *Tx) SpokenTo(role desk.Role) (int, error) {
	count := func() (n int, err error) {
		all, err := tx.SpokenSince(time.Time{})
		for _, c := range all {
			if c.Has(role) {
				n++
			}
		}
		return n, err
	}
	m := tx.model
	if !m.has(partLog) || !m.has(partPeople) || tx.writes {
		return count()
	}
	m.spoken.mu.Lock()
	defer m.spoken.mu.Unlock()
	if n, known := m.spoken.byRole[role]; known {
		return n, nil
	}
	n, err := count()
	if err == nil {
		if m.spoken.byRole == nil {
			m.spoken.byRole = map[desk.Role]int{}
		}
		m.spoken.byRole[role] = n
	}
	return n, err
}

// AllTouches calls fn for every stored touch, by contact.
func (tx *Tx) AllTouches(fn func(*desk.Touch) error) error {
	if !tx.wrote(tx.key('t')) {
		m, err := tx.loaded(partLog)
		if err != nil {
			return err
		}
		if m != nil {
			return m.eachTouch(fn)
		}
	}
	return tx.scan(tx.key('t'), func(_, v []byte) error {
		t, err := decodeTouch(v)
		if err != nil {
			return err
		}
		return fn(&t)
	})
}
