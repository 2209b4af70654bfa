package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

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

// Obeyed reports whether the commands of the message have been applied.
func (tx *Tx) Obeyed(identity string) (bool, error) {
	v, err := tx.get(tx.key('x', identity))
	return v != nil, err
}

// SetObeyed notes that they have.
func (tx *Tx) SetObeyed(identity string, at time.Time) error {
	return tx.set(tx.key('x', identity), []byte(at.UTC().Format(time.RFC3339)))
}
