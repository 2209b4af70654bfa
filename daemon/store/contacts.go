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
