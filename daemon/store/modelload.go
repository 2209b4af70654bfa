package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/tidwall/btree"

	"fifthcall/daemon/store/kv"
)

// modelLimit is how large the models of all desks may be together, counted as their records are stored (decoded they take some three
// times that). Beyond it the one that was looked at longest ago goes.
const modelLimit = 96 << 20

// loaded is the model of the transaction's state with a part, read now if there is none; nil if the desk has changed since the
// transaction began.
func (tx *Tx) loaded(part string) (*model, error) {
	d := tx.desk
	d.used.Store(time.Now().UnixNano())
	if tx.model.has(part) {
		return tx.model, nil
	}
	d.mu.Lock()
	if d.commits == tx.at && d.model.has(part) { // another was quicker
		tx.model = d.model
		d.mu.Unlock()
		return tx.model, nil
	}
	pairs, err := kv.Begin(d.engine, true)
	if err != nil {
		d.mu.Unlock()
		return nil, err
	}
	defer pairs.Close()
	at, from := d.commits, len(d.behind)
	d.loading++
	d.mu.Unlock()

	m, err := readModel(pairs, d.prefix, part)

	d.mu.Lock()
	now := m
	for _, ws := range d.behind[from:] {
		if now == nil || err != nil {
			break
		}
		now, err = now.after(ws)
	}
	if d.loading--; d.loading == 0 {
		d.behind = nil
	}
	if err == nil {
		d.model = d.model.join(now, part)
	}
	d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	d.store.bound(d)
	if at != tx.at {
		return nil, nil
	}
	tx.model = tx.model.join(m, part)
	return tx.model, nil
}

// bound drops models until all of them fit, but for that of the desk given.
func (s *Store) bound(but *Desk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		var total int64
		var oldest *Desk
		for _, d := range s.desks {
			d.mu.RLock()
			m := d.model
			d.mu.RUnlock()
			if m == nil {
				continue
			}
			total += m.size
			if d != but && (oldest == nil || d.used.Load() < oldest.used.Load()) {
				oldest = d
			}
		}
		if total <= modelLimit || oldest == nil {
			return
		}
		oldest.mu.Lock()
		oldest.model = nil
		oldest.mu.Unlock()
	}
}

// ModelSize is how large the models of all desks are, as their records are stored.
func (s *Store) ModelSize() (total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.desks {
		d.mu.RLock()
		if d.model != nil {
			total += d.model.size
		}
		d.mu.RUnlock()
	}
	return total
}

// CheckModel reads everything anew and holds the model against it, if there is one; its error names what differs.
func (d *Desk) CheckModel() error {
	pairs, m, _, err := d.begin(true)
	if err != nil {
		return err
	}
	defer pairs.Close()
	if m == nil {
		return nil
	}
	var all []error
	for _, part := range []string{partPeople, partLog, partCalls} {
		if !m.has(part) {
			continue
		}
		fresh, err := readModel(pairs, d.prefix, part)
		if err != nil {
			return err
		}
		switch part {
		case partPeople:
			all = append(all, differ("contact", m.contacts, fresh.contacts))
		case partLog:
			all = append(all, differ("touches", m.touches, fresh.touches), sameSet("first conversations", m.spoke, fresh.spoke), sameSet("replies", m.replied, fresh.replied))
		default:
			all = append(all, differ("callback", m.callbacks, fresh.callbacks), differ("call", m.calls, fresh.calls))
		}
	}
	return errors.Join(all...)
}

func sameSet(what string, have, want *btree.Set[string]) error {
	if !slices.Equal(have.Keys(), want.Keys()) {
		return fmt.Errorf("the index of %s differs from what it indexes", what)
	}
	return nil
}

func differ[V any](what string, have, want *btree.Map[string, V]) error {
	if have.Len() != want.Len() {
		return fmt.Errorf("%d records of %s, %d are stored", have.Len(), what, want.Len())
	}
	var err error
	want.Scan(func(name string, w V) bool {
		if h, ok := have.Get(name); !ok || !reflect.DeepEqual(h, w) {
			err = fmt.Errorf("%s %q is %+v, stored as %+v", what, name, h, w)
		}
		return err == nil
	})
	return err
}
