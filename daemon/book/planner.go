package book

import (
	"cmp"
	"slices"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Planner applies the rules of callbacks in a transaction.
type Planner struct {
	Tx    *store.Tx
	Env   desk.Env
	diary *desk.Diary

	orders []desk.JobOrder // once asked for
	asked  bool
}

// Standing is what the job orders change about a contact's rules.
func (p *Planner) Standing(c *desk.Contact) (desk.Standing, error) {
	if !p.asked {
		var err error
		if p.orders, err = p.Tx.Orders(); err != nil {
			return desk.Standing{}, err
		}
		p.asked = true
	}
	st := desk.StandingOf(c, p.orders)
	st.Zone = desk.ContactZone(c, nil)
	return st, nil
}

// NewPlanner plans callbacks in a transaction.
func NewPlanner(tx *store.Tx, env desk.Env) *Planner {
	return &Planner{Tx: tx, Env: env}
}

// Book is the diary of all callbacks, read once.
func (p *Planner) Book() (*desk.Diary, error) {
	if p.diary == nil {
		open, err := OpenOnes(p.Tx)
		if err != nil {
			return nil, err
		}
		p.diary = desk.OpenDiary(p.Env, open)
	}
	return p.diary, nil
}

// Plan brings a contact's callback in line with its log.
func (p *Planner) Plan(c *desk.Contact) error {
	ts, err := p.Tx.Touches(c)
	if err != nil {
		return err
	}
	st, err := p.Standing(c)
	if err != nil {
		return err
	}
	return p.Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		return desk.Plan(p.Env, c, ts, st, cur, d)
	})
}

// Hasten brings a contact's callback nearer where the rules now want it sooner, since an order was opened: an agreed date stands.
func (p *Planner) Hasten(c *desk.Contact) error {
	p.asked = false
	ts, err := p.Tx.Touches(c)
	if err != nil {
		return err
	}
	st, err := p.Standing(c)
	if err != nil {
		return err
	}
	return p.Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		w, ok := desk.Wanted(p.Env, c, ts, st)
		if !ok || !cur.Open() || w.Rule != desk.RuleOpenOrder || cur.Rule == desk.RuleAgreed || !w.Due.Before(cur.Due) {
			return cur
		}
		return desk.Move(p.Env, c, w, cur, d)
	})
}

// Change applies fn to a contact's callback and stores what comes of it.
func (p *Planner) Change(c *desk.Contact, fn func(cur *desk.Callback, d *desk.Diary) *desk.Callback) error {
	cur, err := p.Tx.Callback(c.ID)
	if err != nil {
		return err
	}
	d, err := p.Book()
	if err != nil {
		return err
	}
	next := fn(cur, d)
	if next == cur || next == nil {
		return nil
	}
	if err := p.Tx.PutCallback(next); err != nil || next.Rule != desk.RuleAgreed || !next.Open() {
		return err
	}
	open, err := p.Tx.OpenCallbacks()
	if err != nil {
		return err
	}
	return p.Put(d.Displaced(p.Env, next, open))
}

// Put stores callbacks that the rules moved.
func (p *Planner) Put(cbs []desk.Callback) error {
	for i := range cbs {
		if err := p.Tx.PutCallback(&cbs[i]); err != nil {
			return err
		}
	}
	return nil
}

// PlanOrder are the contacts among ids (nil for all) whose callback the rules may want to
// change: decision makers, those longest without a conversation first, and whoever has an
// open callback.
func PlanOrder(tx *store.Tx, env desk.Env, ids map[string]bool) ([]string, error) {
	all, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	open, err := OpenCallbacks(tx)
	if err != nil {
		return nil, err
	}
	p := NewPlanner(tx, env)
	since := map[string]time.Time{}
	var order []string
	for _, c := range all {
		if ids != nil && !ids[c.ID] || !c.OwesCycle() && open[c.ID] == nil {
			continue
		}
		ts, err := tx.Touches(c)
		if err != nil {
			return nil, err
		}
		st, err := p.Standing(c)
		if err != nil {
			return nil, err
		}
		w, _ := desk.Wanted(env, c, ts, st)
		since[c.ID] = w.BasisTime
		order = append(order, c.ID)
	}
	slices.SortFunc(order, func(a, b string) int { return cmp.Or(since[a].Compare(since[b]), cmp.Compare(a, b)) })
	return order, nil
}

// Roll moves yesterday's callbacks to today.
func (p *Planner) Roll() error {
	open, err := p.Tx.OpenCallbacks()
	if err != nil {
		return err
	}
	d, err := p.Book()
	if err != nil {
		return err
	}
	moved, _ := desk.Roll(p.Env, open, d)
	return p.Put(moved)
}

// Reseat moves callbacks out of hours that are no working hours any more.
func Reseat(tx *store.Tx, env desk.Env) error {
	_, err := ReseatMoved(tx, env)
	return err
}

// ReseatMoved is reseat, and gives what was moved.
func ReseatMoved(tx *store.Tx, env desk.Env) ([]desk.Callback, error) {
	p := NewPlanner(tx, env)
	cbs, err := tx.Callbacks()
	if err != nil {
		return nil, err
	}
	d, err := p.Book()
	if err != nil {
		return nil, err
	}
	moved := desk.Reseat(env, cbs, d)
	return moved, p.Put(moved)
}
