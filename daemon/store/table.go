package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"fifthcall/daemon/desk"
)

// A Table keeps records of one type by name. Its value is the prefix of their names below “j”; doc.go tells all of them. A room
// declares the tables of its own nouns, this one those of the desk's.
type Table[T any] string

// The desk's nouns that are kept in tables.
const (
	Journals    Table[[]desk.Reply]       = "journal:"   // what answers did, by desk.JournalName
	Placements  Table[desk.Placement]     = "placement:" // by ID
	LightWords  Table[desk.LightWord]     = "light:"     // what was said of lights, by the company's key
	Sessions    Table[desk.Session]       = "session:"   // sales sessions, by month and number
	HandOvers   Table[desk.HandOver]      = "handover:"  // on their way to another desk, by ID
	Suspicions  Table[desk.Suspicion]     = "suspect:"   // mails that claimed to command, by identity
	HeldBack    Table[desk.HeldDeletions] = "held:"      // deletions in a calendar that are asked about first
	InterviewOf Table[string]             = "interview:" // an interview's ID, by the ID that its invitation would give it
)

// Name is the whole name of a record, as items and events hold it.
func (t Table[T]) Name(name string) string { return string(t) + name }

// Own reports whether a whole name is that of one of the table's records, and the name within it.
func (t Table[T]) Own(whole string) (name string, own bool) {
	return strings.CutPrefix(whole, string(t))
}

// Image begins the keys of the images of its records.
func (t Table[T]) Image() string { return KindRecord + string(t) }

// Get reads a record; nil if there is none.
func (t Table[T]) Get(tx *Tx, name string) (*T, error) { return one[T](tx, tx.key('j', t.Name(name))) }

// Has reports whether there is such a record.
func (t Table[T]) Has(tx *Tx, name string) (bool, error) {
	v, err := tx.get(tx.key('j', t.Name(name)))
	return v != nil, err
}

// Put stores a record.
func (t Table[T]) Put(tx *Tx, name string, v T) error {
	return tx.setJSON(tx.key('j', t.Name(name)), v)
}

// Drop forgets a record.
func (t Table[T]) Drop(tx *Tx, name string) error { return tx.delete(tx.key('j', t.Name(name))) }

// Each calls fn for the records whose name begins with prefix, by name, those of this transaction included.
func (t Table[T]) Each(tx *Tx, prefix string, fn func(name string, v *T) error) error {
	base := len(tx.key('j', string(t)))
	return tx.scan(tx.key('j', t.Name(prefix)), func(k, v []byte) error {
		x := new(T)
		if err := json.Unmarshal(v, x); err != nil {
			return fmt.Errorf("the stored record %s is damaged: %w", t.Name(string(k[base:])), err)
		}
		return fn(string(k[base:]), x)
	})
}

// A Single is a record of which a desk has one. Its value is its name below “j”.
type Single[T any] string

// Get reads it; its zero value if it was never stored.
func (s Single[T]) Get(tx *Tx) (v T, err error) {
	_, err = tx.getJSON(tx.key('j', string(s)), &v)
	return v, err
}

// Has reports whether it is stored.
func (s Single[T]) Has(tx *Tx) (bool, error) {
	v, err := tx.get(tx.key('j', string(s)))
	return v != nil, err
}

// Put stores it.
func (s Single[T]) Put(tx *Tx, v T) error { return tx.setJSON(tx.key('j', string(s)), v) }

// Drop forgets it.
func (s Single[T]) Drop(tx *Tx) error { return tx.delete(tx.key('j', string(s))) }
