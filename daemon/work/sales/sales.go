package sales

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	orderswork "fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/reports"
)

// Sessions are the power sessions of the desk.
func Sessions(tx *store.Tx) ([]desk.Session, error) {
	var out []desk.Session
	err := store.Sessions.Each(tx, "", func(_ string, s *desk.Session) error { out = append(out, *s); return nil })
	slices.SortFunc(out, func(a, b desk.Session) int { return a.Start.Compare(b.Start) })
	return out, err
}

// MarkSales is up to what the sessions were planned: a day, and whether its evening.
const MarkSales = "sales"

// evening is the hour at which the next day's lists are made.
const evening = 18

// PlanSales keeps this month's and the next one's sessions in the calendar, and makes the lists of those that are near.
func PlanSales(ctx context.Context, r *book.Runner, now time.Time) error {
	env := r.Env(now)
	state := fmt.Sprintf("%s/%t/%s", env.Today(), now.In(env.Zone).Hour() >= evening, salesShape(r))
	last := ""
	if err := r.State.View(func(tx *store.Tx) (err error) { last, err = tx.Mark(MarkSales); return err }); err != nil || last == state {
		return err
	}
	return r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		if started, err := tx.Mark(desk.MarkStarted); started == "" || err != nil {
			return err
		}
		all, err := Sessions(tx)
		if err != nil {
			return err
		}
		known := map[string]*desk.Session{}
		for i := range all {
			known[all[i].Key()] = &all[i]
		}
		wanted := map[string]bool{}
		for _, month := range []desk.Date{desk.MonthStart(env.Today()), desk.NextMonth(env.Today())} {
			for _, want := range salesWanted(r, env, month) {
				wanted[want.Key()] = true
				if err := placeSession(tx, env, known, want); err != nil {
					return err
				}
			}
		}
		for _, name := range desk.SortedKeys(known) { // the configuration wants fewer
			if s := known[name]; !wanted[name] && !s.Moved && s.Start.After(env.Now) {
				delete(known, name)
				tx.Shown()
				if err := store.Sessions.Drop(tx, name); err != nil {
					return err
				}
			}
		}
		if err := ListSessions(r, tx, env, known); err != nil {
			return err
		}
		return tx.SetMark(MarkSales, state)
	})
}

// salesShape is what of the configuration sessions follow from.
func salesShape(r *book.Runner) string {
	rs := r.Current()
	return desk.ShortHash(append([]string{rs.Cfg.Sales.Day, rs.Zone.String()}, rs.Cfg.Sales.Sessions...)...)
}

// salesWanted are a month's review and sessions where the calendar wants them.
func salesWanted(r *book.Runner, env desk.Env, month desk.Date) []desk.Session {
	cfg := r.Current().Cfg.Sales
	review := env.WorkdayOnOrAfter(month)
	at := review.At(9, 0, env.Zone)
	if slots := env.Hours.Slots(review.UTC()); len(slots) > 0 {
		at = slots[0]
	}
	out := []desk.Session{{Month: month, Start: at.UTC(), End: at.Add(time.Hour).UTC()}}
	on, err := desk.ParseMonthDay(cfg.Day)
	if err != nil { // none
		return out
	}
	day := on.In(env, month)
	for i, s := range cfg.Sessions {
		span, err := calendar.ParseSpan(s)
		if err != nil {
			continue // the configuration was checked
		}
		out = append(out, desk.Session{Month: month, N: i + 1, Start: day.At(span.From/60, span.From%60, env.Zone).UTC(), End: day.At(span.To/60, span.To%60, env.Zone).UTC()})
	}
	return out
}

// placeSession brings one in line with where it is wanted, unless it was moved, or is over.
func placeSession(tx *store.Tx, env desk.Env, known map[string]*desk.Session, want desk.Session) error {
	cur := known[want.Key()]
	switch {
	case !want.End.After(env.Now):
		return nil
	case cur == nil:
		want.Created, want.Modified = env.Now.UTC(), env.Now.UTC()
		known[want.Key()] = &want
	case cur.Moved || cur.Off || cur.Start.Equal(want.Start) && cur.End.Equal(want.End) || !cur.End.After(env.Now):
		return nil
	default:
		cur.Start, cur.End = want.Start, want.End
		cur.Sequence, cur.Modified = cur.Sequence+1, env.Now.UTC()
		want = *cur
	}
	tx.Shown()
	return store.Sessions.Put(tx, want.Key(), want)
}

// ListSessions makes the lists of the sessions of tomorrow, once it is evening, and of today where that was missed.
func ListSessions(r *book.Runner, tx *store.Tx, env desk.Env, known map[string]*desk.Session) error {
	horizon := env.Today()
	if env.Now.In(env.Zone).Hour() >= evening {
		horizon = horizon.AddDays(1)
	}
	var lists *[desk.Sessions][]desk.Listed
	var review []desk.Listed
	for _, name := range desk.SortedKeys(known) {
		s := known[name]
		day := desk.DateOf(s.Start.In(env.Zone))
		eve := day.AddDays(-1).At(evening, 0, env.Zone)
		if s.Off || day.Before(env.Today()) || day.After(horizon) || !s.Listed.Before(eve) {
			continue
		}
		if lists == nil {
			people, err := prospects(r, tx, env)
			if err != nil {
				return err
			}
			l := desk.SalesLists(env, day, people)
			lists, review = &l, desk.ReviewList(env, people)
		}
		list := review
		if s.N > 0 {
			list = lists[(s.N-1)%desk.Sessions]
		}
		s.SetList(list, env)
		tx.Shown()
		if err := store.Sessions.Put(tx, name, *s); err != nil {
			return err
		}
	}
	return nil
}

// prospects gathers everybody with what ranks them.
func prospects(r *book.Runner, tx *store.Tx, env desk.Env) ([]desk.Prospect, error) {
	all, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	open, err := book.OpenCallbacks(tx)
	if err != nil {
		return nil, err
	}
	lights, err := reports.Lights(tx, env)
	if err != nil {
		return nil, err
	}
	orders, err := tx.Orders()
	if err != nil {
		return nil, err
	}
	ranks := map[int]string{}
	for i := range orders {
		if orders[i].Status != desk.OrderOpen {
			continue
		}
		of, err := orderswork.OrderOf(r, tx, env, &orders[i])
		if err != nil {
			return nil, err
		}
		ranks[orders[i].Number] = of.Rank
	}
	var out []desk.Prospect
	for _, c := range all {
		ts, err := tx.Touches(c)
		if err != nil {
			return nil, err
		}
		p := desk.Prospect{Contact: c, Touches: ts, Call: open[c.ID], Light: lights.Of(c).Light}
		for i := range orders {
			o := &orders[i]
			if o.Status == desk.OrderOpen && (c.Is(o.Contact) || o.Company != "" && strings.EqualFold(o.Company, c.Company)) {
				if p.Rank == "" || ranks[o.Number] < p.Rank { // the best of several
					p.Rank = ranks[o.Number]
					p.Order = o.Name() + " " + o.Title + ", " + p.Rank
				}
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// Events are the sessions as events.
func Events(r *book.Runner, tx *store.Tx, env desk.Env) ([]book.Shown, error) {
	all, err := Sessions(tx)
	if err != nil {
		return nil, err
	}
	var out []book.Shown
	for i := range all {
		s := &all[i]
		if s.Off || s.Done || env.Now.Sub(s.End) > calendar.FeedPast {
			continue
		}
		out = append(out, book.Shown{Key: store.Sessions.Name(s.Key()), Basis: fmt.Sprint(s.Start.Unix(), s.Moved), Event: calendar.Event{
			UID: "sales-" + desk.ShortHash(r.Name, store.Sessions.Name(s.Key())) + "@fifthcall", Sequence: s.Sequence, Start: s.Start, End: s.End, Created: s.Created, Modified: s.Modified,
			Summary: s.Title(), Description: s.Text(), Categories: []string{"Sales day"}, Alarm: 10 * time.Minute,
		}})
	}
	return out, nil
}

// salesTally is what sessions brought a desk.
type salesTally struct {
	each     []desk.Tally
	Sum      desk.Tally
	Before10 int
}

// Tally counts what came of the sessions that were held.
func Tally(r *book.Runner, zone *time.Location, held []desk.Session) (salesTally, error) {
	t := salesTally{each: make([]desk.Tally, len(held))}
	err := r.State.View(func(tx *store.Tx) error {
		return tx.AllTouches(func(x *desk.Touch) error {
			for i := range held {
				was := t.each[i]
				t.each[i].Count(x, held[i].Start, held[i].End)
				t.Sum.Conversations += t.each[i].Conversations - was.Conversations
				t.Sum.Tries += t.each[i].Tries - was.Tries
			}
			if x.Kind == desk.KindConversation && desk.DateOf(x.Time.In(zone)) == desk.DateOf(held[0].Start.In(zone)) && x.Time.In(zone).Hour() < 10 {
				t.Before10++
			}
			return nil
		})
	})
	return t, err
}

// Lines says it, a line for each session.
func (t *salesTally) Lines(held []desk.Session, zone *time.Location) []string {
	var out []string
	for i := range held {
		out = append(out, fmt.Sprintf("%s %s: %s", desk.SayInstant(held[i].Start, zone), held[i].Title(), t.each[i]))
	}
	made := "not made"
	if t.Before10 >= desk.TenBeforeTen {
		made = "made"
	}
	return append(out, fmt.Sprintf("10 before 10: %s before ten o'clock, %s", desk.Plural(t.Before10, "conversation"), made))
}
