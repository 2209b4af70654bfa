package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
)

// Contact is the contact with the ID, following merges; nil if there is none.
func (tx *Tx) Contact(id string) (*desk.Contact, error) {
	for range 20 {
		c, ok := tx.contacts[id]
		if !ok {
			var err error
			if c, err = tx.readContact(id); err != nil {
				return nil, err
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

// readContact reads a contact that the transaction hasn't met: from the model, shared in a view and the writer's own copy otherwise.
func (tx *Tx) readContact(id string) (*desk.Contact, error) {
	key := tx.key('c', id)
	if tx.model.has(partPeople) && (!tx.writes || !tx.wrote(key)) {
		c, _ := tx.model.contacts.Get(id)
		if tx.writes {
			c = c.Clone()
		}
		return c, nil
	}
	return one[desk.Contact](tx, key)
}

// ContactByEmail is the contact to whom the canonical address belongs; nil if nobody.
func (tx *Tx) ContactByEmail(addr string) (*desk.Contact, error) {
	box := desk.Mailbox(addr)
	id, ok := tx.owners[box]
	if !ok {
		v, err := tx.get(tx.key('a', box))
		if err == nil && v == nil && box != addr { // from before spellings were folded
			v, err = tx.get(tx.key('a', addr))
		}
		if err != nil {
			return nil, err
		}
		id = string(v)
		tx.owners[box] = id
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
		box := desk.Mailbox(a)
		if tx.owners[box] == c.ID {
			continue
		}
		if err := tx.set(tx.key('a', box), []byte(c.ID)); err != nil {
			return err
		}
		tx.owners[box] = c.ID
	}
	return nil
}

// DropAddress makes an address lead nowhere.
func (tx *Tx) DropAddress(addr string) error {
	box := desk.Mailbox(addr)
	tx.owners[box] = ""
	if box != addr {
		if err := tx.delete(tx.key('a', addr)); err != nil {
			return err
		}
	}
	return tx.delete(tx.key('a', box))
}

// Contacts are all contacts, merged ones left out, sorted by name and address.
func (tx *Tx) Contacts() ([]*desk.Contact, error) {
	if tx.sorted != nil {
		return slices.Clone(tx.sorted), nil
	}
	m, err := tx.loaded(partPeople)
	if err != nil {
		return nil, err
	}
	if m != nil && !tx.writes {
		return slices.Clone(m.sortedContacts()), nil
	}
	if m == nil {
		return tx.readContacts()
	}
	var extra []string // written by this transaction
	for k, v := range tx.pairs.Written(tx.key('c')) {
		id := k[len(tx.prefix)+1:]
		extra = append(extra, id)
		if _, met := tx.contacts[id]; met {
			continue
		}
		tx.contacts[id] = nil
		if v != nil {
			if tx.contacts[id], err = one[desk.Contact](tx, []byte(k)); err != nil {
				return nil, err
			}
		}
	}
	for id := range tx.dirty {
		extra = append(extra, id)
	}
	out := make([]*desk.Contact, 0, m.contacts.Len()+len(extra))
	seen := make(map[string]bool, m.contacts.Len())
	add := func(c *desk.Contact) {
		if c != nil && c.Into == "" && !seen[c.ID] {
			seen[c.ID] = true
			out = append(out, c)
		}
	}
	for _, c := range m.sortedContacts() {
		own, met := tx.contacts[c.ID]
		if !met {
			own = c.Clone()
			tx.contacts[c.ID] = own
		}
		add(own)
	}
	for _, id := range extra {
		add(tx.contacts[id])
	}
	sortContacts(out)
	tx.sorted, tx.firms = slices.Clone(out), nil
	return out, nil
}

// readContacts lists the contacts without a model.
func (tx *Tx) readContacts() ([]*desk.Contact, error) {
	var out []*desk.Contact
	add := func(c *desk.Contact) {
		if c != nil && c.Into == "" {
			out = append(out, c)
		}
	}
	seen := map[string]bool{}
	err := tx.scan(tx.key('c'), func(k, v []byte) error {
		id := string(k[len(tx.prefix)+1:])
		c, met := tx.contacts[id]
		if !met {
			c = new(desk.Contact)
			if err := json.Unmarshal(v, c); err != nil {
				return fmt.Errorf("a stored contact is damaged: %w", err)
			}
			tx.contacts[id] = c
		}
		seen[id] = true
		add(c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id := range tx.dirty {
		if !seen[id] {
			add(tx.contacts[id])
		}
	}
	sortContacts(out)
	tx.sorted, tx.firms = slices.Clone(out), nil
	return out, nil
}

// Firms are all contacts by company, as sort parts them once for as long as no contact changes. What it is given and gives is shared
// with others that look: it is not to be changed.
func (tx *Tx) Firms(sort func([]*desk.Contact) (map[string][]*desk.Contact, *desk.Firms)) (map[string][]*desk.Contact, *desk.Firms, error) {
	if len(tx.dirty) == 0 && !tx.wrote(tx.key('c')) {
		m, err := tx.loaded(partPeople)
		if err != nil {
			return nil, nil, err
		}
		if m != nil { // never of the writer's own copies, which it may change
			m.people.firmsOnce.Do(func() { m.people.byFirm, m.people.firms = sort(m.sortedContacts()) })
			return m.people.byFirm, m.people.firms, nil
		}
	}
	if tx.sorted == nil || tx.firms == nil {
		all, err := tx.Contacts()
		if err != nil {
			return nil, nil, err
		}
		tx.byFirm, tx.firms = sort(all)
	}
	return tx.byFirm, tx.firms, nil
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

// PutUndo stores how something can be undone.
func (tx *Tx) PutUndo(id string, v any) error { return tx.setJSON(tx.key('u', id), v) }

// Undo reads what PutUndo stored; false if there is nothing.
func (tx *Tx) Undo(id string, into any) (bool, error) { return tx.getJSON(tx.key('u', id), into) }

// DropUndo forgets it.
func (tx *Tx) DropUndo(id string) error { return tx.delete(tx.key('u', id)) }

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
		tx.contacts[id], tx.sorted = nil, nil
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
