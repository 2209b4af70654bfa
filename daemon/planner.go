package daemon

import (
	"maps"
	"slices"
	"strconv"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// planner applies the rules of callbacks in a transaction.
type planner struct {
	tx    *store.Tx
	env   desk.Env
	diary *desk.Diary
}

func newPlanner(tx *store.Tx, env desk.Env) *planner { return &planner{tx: tx, env: env} }

func (p *planner) book() (*desk.Diary, error) {
	if p.diary == nil {
		cbs, err := p.tx.Callbacks()
		if err != nil {
			return nil, err
		}
		p.diary = desk.NewDiary(p.env.Zone, cbs)
	}
	return p.diary, nil
}

// plan brings a contact's callback in line with its log.
func (p *planner) plan(c *desk.Contact) error {
	ts, err := p.tx.Touches(c)
	if err != nil {
		return err
	}
	return p.change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		return desk.Plan(p.env, c, ts, desk.Standing{}, cur, d)
	})
}

// change applies fn to a contact's callback and stores what comes of it.
func (p *planner) change(c *desk.Contact, fn func(cur *desk.Callback, d *desk.Diary) *desk.Callback) error {
	cur, err := p.tx.Callback(c.ID)
	if err != nil {
		return err
	}
	d, err := p.book()
	if err != nil {
		return err
	}
	next := fn(cur, d)
	if next == cur || next == nil {
		return nil
	}
	return p.tx.PutCallback(next)
}

// planAll plans for every decision maker, those longest without a conversation first, so
// that they get the earliest days.
func (p *planner) planAll() error {
	all, err := p.tx.Contacts()
	if err != nil {
		return err
	}
	return p.planEach(all)
}

func (p *planner) planEach(contacts []*desk.Contact) error {
	type waiting struct {
		c    *desk.Contact
		want desk.Want
	}
	var list []waiting
	for _, c := range contacts {
		if !c.OwesCycle() {
			if err := p.plan(c); err != nil { // close what is owed no more
				return err
			}
			continue
		}
		ts, err := p.tx.Touches(c)
		if err != nil {
			return err
		}
		w, _ := desk.Wanted(p.env, c, ts, desk.Standing{})
		list = append(list, waiting{c, w})
	}
	slices.SortStableFunc(list, func(a, b waiting) int {
		if c := a.want.BasisTime.Compare(b.want.BasisTime); c != 0 {
			return c
		}
		return cmpString(a.c.ID, b.c.ID)
	})
	for _, w := range list {
		if err := p.plan(w.c); err != nil {
			return err
		}
	}
	return nil
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Names of marks in the store.
const (
	markSurplus = "surplus" // callbacks that today has no room for
)

// roll moves yesterday's callbacks to today.
func (p *planner) roll() error {
	cbs, err := p.tx.Callbacks()
	if err != nil {
		return err
	}
	d, err := p.book()
	if err != nil {
		return err
	}
	moved, surplus := desk.Roll(p.env, cbs, d)
	for i := range moved {
		if err := p.tx.PutCallback(&moved[i]); err != nil {
			return err
		}
	}
	was, err := p.tx.Mark(markSurplus)
	if err != nil || was == strconv.Itoa(surplus) {
		return err
	}
	return p.tx.SetMark(markSurplus, strconv.Itoa(surplus))
}

// reseat moves callbacks out of hours that are no working hours any more.
func reseat(tx *store.Tx, env desk.Env) error {
	p := newPlanner(tx, env)
	cbs, err := tx.Callbacks()
	if err != nil {
		return err
	}
	d, err := p.book()
	if err != nil {
		return err
	}
	for _, cb := range desk.Reseat(env, cbs, d) {
		if err := tx.PutCallback(&cb); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
