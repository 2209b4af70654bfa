package daemon

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// planner applies the rules of callbacks in a transaction.
type planner struct {
	tx    *store.Tx
	env   desk.Env
	diary *desk.Diary

	was map[string]*desk.Callback // the callbacks changed, by contact, as they were

	callsWas map[string]*desk.Callback // the further calls changed, by UID, as they were; nil for a new one

	orders []desk.JobOrder // once asked for
	asked  bool
}

// standing is what the job orders change about a contact's rules.
func (p *planner) standing(c *desk.Contact) (desk.Standing, error) {
	if !p.asked {
		var err error
		if p.orders, err = p.tx.Orders(); err != nil {
			return desk.Standing{}, err
		}
		p.asked = true
	}
	st := desk.StandingOf(c, p.orders)
	st.Zone = contactZone(c, nil)
	return st, nil
}

func newPlanner(tx *store.Tx, env desk.Env) *planner {
	return &planner{tx: tx, env: env, was: map[string]*desk.Callback{}, callsWas: map[string]*desk.Callback{}}
}

func (p *planner) book() (*desk.Diary, error) {
	if p.diary == nil {
		cbs, err := allCallbacks(p.tx)
		if err != nil {
			return nil, err
		}
		p.diary = desk.NewDiary(p.env, cbs)
	}
	return p.diary, nil
}

// plan brings a contact's callback in line with its log.
func (p *planner) plan(c *desk.Contact) error {
	ts, err := p.tx.Touches(c)
	if err != nil {
		return err
	}
	st, err := p.standing(c)
	if err != nil {
		return err
	}
	return p.change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		return desk.Plan(p.env, c, ts, st, cur, d)
	})
}

// hasten brings a contact's callback nearer where the rules now want it sooner, since an order was opened: an agreed date stands.
func (p *planner) hasten(c *desk.Contact) error {
	p.asked = false
	ts, err := p.tx.Touches(c)
	if err != nil {
		return err
	}
	st, err := p.standing(c)
	if err != nil {
		return err
	}
	return p.change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		w, ok := desk.Wanted(p.env, c, ts, st)
		if !ok || !cur.Open() || w.Rule != desk.RuleOpenOrder || cur.Rule == desk.RuleAgreed || !w.Due.Before(cur.Due) {
			return cur
		}
		return desk.Move(p.env, c, w, cur, d)
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
	if err := p.remember(c.ID); err != nil {
		return err
	}
	if err := p.tx.PutCallback(next); err != nil || next.Rule != desk.RuleAgreed || !next.Open() {
		return err
	}
	all, err := p.tx.Callbacks()
	if err != nil {
		return err
	}
	return p.put(d.Displaced(p.env, next, all))
}

// remember keeps a contact's callback as it was before the planner's first change of it.
func (p *planner) remember(contact string) error {
	if _, known := p.was[contact]; known {
		return nil
	}
	cur, err := p.tx.Callback(contact)
	if cur != nil {
		was := *cur
		cur = &was
	}
	p.was[contact] = cur
	return err
}

func (p *planner) put(cbs []desk.Callback) error {
	for i := range cbs {
		if err := p.remember(cbs[i].Contact); err != nil {
			return err
		}
		if err := p.tx.PutCallback(&cbs[i]); err != nil {
			return err
		}
	}
	return nil
}

// planOrder are the contacts among ids (nil for all) whose callback the rules may want to
// change: decision makers, those longest without a conversation first, and whoever has an
// open callback.
func planOrder(tx *store.Tx, env desk.Env, ids map[string]bool) ([]string, error) {
	all, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	open, err := openCallbacks(tx)
	if err != nil {
		return nil, err
	}
	p := newPlanner(tx, env)
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
		st, err := p.standing(c)
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
	moved, _ := desk.Roll(p.env, cbs, d)
	return p.put(moved)
}

// reseat moves callbacks out of hours that are no working hours any more.
func reseat(tx *store.Tx, env desk.Env) error {
	_, err := reseatMoved(tx, env)
	return err
}

// reseatMoved is reseat, and gives what was moved.
func reseatMoved(tx *store.Tx, env desk.Env) ([]desk.Callback, error) {
	p := newPlanner(tx, env)
	cbs, err := tx.Callbacks()
	if err != nil {
		return nil, err
	}
	d, err := p.book()
	if err != nil {
		return nil, err
	}
	moved := desk.Reseat(env, cbs, d)
	return moved, p.put(moved)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// markReview is the month whose review has spread its calls.
const markReview = "review"

// review spreads the calls of a month's review, on its first working day or the first day behind it on which the daemon runs.
func (r *runner) review(ctx context.Context, now time.Time) error {
	env := r.env(now)
	month := desk.MonthStart(env.Today())
	if env.Today().Before(env.WorkdayOnOrAfter(month)) {
		return nil
	}
	last := ""
	if err := r.state.View(func(tx *store.Tx) (err error) { last, err = tx.Mark(markReview); return err }); err != nil || last == month.String() {
		return err
	}
	return r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		if started, err := tx.Mark(markStarted); started == "" || err != nil {
			return err
		}
		if err := tx.SetMark(markReview, month.String()); err != nil || last == "" { // the first start has just spread them
			return err
		}
		people, err := r.prospects(tx, env)
		if err != nil {
			return err
		}
		p := newPlanner(tx, env)
		d, err := p.book()
		if err != nil {
			return err
		}
		moved := desk.Review(env, people, d)
		if err := p.put(moved); err != nil || len(moved) == 0 {
			return err
		}
		return tx.AddNews(desk.News{ID: "review-" + month.String(), Time: env.Now, Kind: desk.NewsUnderstood, Text: "Monthly review: " + plural(len(moved), "call") + " to decision makers without a conversation in " + plural(env.Settings.CycleDays, "day") + " were spread over the month."})
	})
}
