package desk

import (
	"slices"
	"strings"
	"time"
)

// Plan brings a contact's callback in line with its log: it opens, moves, closes or leaves
// it. cur is the contact's callback, open or not, or nil. The result is cur itself if
// nothing changes. The diary is kept up to date.
func Plan(env Env, c *Contact, ts []Touch, st Standing, cur *Callback, diary *Diary) *Callback {
	w, ok := Wanted(env, c, ts, st)
	if !ok {
		return endUnowed(env, c, ts, cur, diary)
	}
	if cur.Open() && (cur.Basis == w.Basis || !derived(cur.Basis) && cur.setAfter(w)) {
		return cur
	}
	if cur != nil && !cur.Open() && !c.OwesCycle() && (cur.Basis == w.Basis || cur.setAfter(w)) {
		return cur // closed after what asks for it
	}
	return Move(env, c, w, cur, diary)
}

// setAfter reports whether the callback was set by something later than w's basis.
func (cb *Callback) setAfter(w Want) bool {
	if c := cb.BasisTime.Compare(w.BasisTime); c != 0 {
		return c > 0
	}
	return cb.Ordinal > w.Ordinal
}

// derived reports whether a basis is read off old mail rather than told, so that mail found
// later replaces it whatever its date.
func derived(basis string) bool {
	return basis == basisFirst || strings.HasPrefix(basis, basisAssumed)
}

// endUnowed closes a callback that nobody is owed any more.
func endUnowed(env Env, c *Contact, ts []Touch, cur *Callback, diary *Diary) *Callback {
	if !cur.Open() {
		return cur
	}
	status := CallbackCancelled
	if c.Callable() {
		if cur.Rule == RuleAgreed || cur.Rule == RuleMissedCall || cur.Rule == RuleBack {
			if !LastConversation(ts).After(cur.BasisTime) {
				return cur // set by hand; a changed role doesn't end it
			}
		}
		if LastConversation(ts).After(cur.BasisTime) || slices.ContainsFunc(ts, func(t Touch) bool { return t.Time.After(cur.BasisTime) && closedByMail(env.Settings, c, &t) }) {
			status = CallbackDone
		}
	}
	return Close(env, cur, status, diary)
}

// Move puts a contact's callback where w wants it: the same event, its Sequence raised.
func Move(env Env, c *Contact, w Want, cur *Callback, diary *Diary) *Callback {
	next := Callback{UID: CallbackUID(env.Desk, c.ID), Contact: c.ID, Created: env.Now.UTC(), Sequence: -1}
	if cur != nil {
		next = *cur
	}
	if cur.Open() {
		diary.Release(cur)
	}
	next.Start, next.Late, next.Flag = diary.Place(env, w)
	next.Flag = OrWord(next.Flag, w.Hint)
	next.Due, next.Rule, next.Reason = w.Due, w.Rule, w.Reason
	diary.Take(&next)
	if !w.Spread.IsZero() && !next.Late {
		next.Due = DateOf(next.Start.In(env.Zone))
	}
	next.Basis, next.BasisTime, next.Ordinal, next.Status = w.Basis, w.BasisTime, w.Ordinal, CallbackOpen
	next.Sequence++
	next.Modified = env.Now.UTC()
	return &next
}

// Close ends a callback with the given status.
func Close(env Env, cur *Callback, status CallbackStatus, diary *Diary) *Callback {
	next := *cur
	if cur.Open() {
		diary.Release(cur)
	}
	next.Status = status
	next.Sequence++
	next.Modified = env.Now.UTC()
	return &next
}

// firstFrom is the index of the first call, of those by slot, at or after an instant.
func firstFrom(bySlot []*Callback, at time.Time) int {
	i, _ := slices.BinarySearchFunc(bySlot, at, func(cb *Callback, t time.Time) int { return cb.Start.Compare(t) })
	return i
}

// From are the calls, of those by slot, that begin at an instant or later.
func From(bySlot []*Callback, at time.Time) []*Callback { return bySlot[firstFrom(bySlot, at):] }

// Between are the calls, of those by slot, that begin at from or later, and before to.
func Between(bySlot []*Callback, from, to time.Time) []*Callback {
	i := firstFrom(bySlot, from)
	return bySlot[i : i+firstFrom(bySlot[i:], to)]
}

// Roll moves the open callbacks of earlier days to today's first free slots, oldest first,
// within capacity; they are given by slot. It returns those that moved and how many found no room; on a free day
// nothing moves.
func Roll(env Env, open []*Callback, diary *Diary) (moved []Callback, surplus int) {
	today := env.Today()
	if !env.Hours.Workday(today.UTC()) {
		return nil, 0
	}
	var old []Callback
	for _, cb := range open[:firstFrom(open, today.At(0, 0, env.Zone))] {
		old = append(old, *cb)
	}
	slices.SortFunc(old, func(a, b Callback) int {
		if a.Due != b.Due {
			return a.Due.UTC().Compare(b.Due.UTC())
		}
		return a.Start.Compare(b.Start)
	})
	for _, cb := range old {
		slot, ok := diary.slotOn(env, today, Want{})
		if !ok {
			surplus++
			continue
		}
		diary.Release(&cb)
		cb.Start, cb.Modified = slot, env.Now.UTC()
		diary.Take(&cb)
		cb.Sequence++
		moved = append(moved, cb)
	}
	return moved, surplus
}

// Reseat moves the open, rule-made callbacks whose slot is no slot any more, because the
// working hours or the zone were changed.
func Reseat(env Env, cbs []Callback, diary *Diary) (moved []Callback) {
	for _, cb := range cbs {
		if !cb.Open() || cb.Rule == RuleAgreed || !cb.Start.After(env.Now) {
			continue
		}
		day := DateOf(cb.Start.In(env.Zone)).UTC()
		if slices.ContainsFunc(env.Hours.Slots(day), func(s time.Time) bool { return s.Equal(cb.Start) }) {
			continue
		}
		diary.Release(&cb)
		cb.Start, cb.Late, cb.Flag = diary.Place(env, Want{Due: env.workdayOnOrBefore(cb.Due)})
		diary.Take(&cb)
		cb.Modified = env.Now.UTC()
		cb.Sequence++
		moved = append(moved, cb)
	}
	return moved
}

// SpreadOlder moves the open callbacks of earlier days over the coming weeks, oldest first.
func SpreadOlder(env Env, cbs []Callback, diary *Diary) (moved []Callback) {
	today := env.Today()
	for _, cb := range cbs {
		if !cb.Open() || !DateOf(cb.Start.In(env.Zone)).Before(today) {
			continue
		}
		diary.Release(&cb)
		last := env.AddWorkdays(today, env.Settings.SpreadDays)
		cb.Start, cb.Late, cb.Flag = diary.Place(env, Want{Due: last, Spread: last})
		diary.Take(&cb)
		cb.Modified = env.Now.UTC()
		cb.Sequence++
		moved = append(moved, cb)
	}
	return moved
}

// Review spreads the calls of decision makers without a conversation within the cycle over the month's working days, those longest without one
// first, each to the emptiest day: the same input gives the same days. A call that lies in the rest of the month already, or that was agreed, stays
// where it is; one for which the days before had no room doesn't.
func Review(env Env, people []Prospect, diary *Diary) (moved []Callback) {
	last := MonthStart(env.Today())
	for d := last; d.Month == last.Month; d = d.AddDays(1) {
		last = d
	}
	byID := map[string]*Prospect{}
	for i := range people {
		byID[people[i].Contact.ID] = &people[i]
	}
	for _, l := range ReviewList(env, people) {
		cur := byID[l.Contact.ID].Call
		if !cur.Open() || cur.Rule == RuleAgreed {
			continue
		}
		if on := DateOf(cur.Start.In(env.Zone)); !on.Before(env.Today()) && !on.After(last) {
			continue
		}
		day, ok := diary.emptiestDay(env, env.Today().AddDays(1), last)
		if !ok {
			return moved // the month is full: the rest keeps its days
		}
		cb := *cur
		diary.Release(&cb)
		start, ok := diary.slotOn(env, day, Want{})
		if !ok {
			diary.Take(&cb)
			continue
		}
		cb.Start, cb.Late, cb.Flag = start, false, ""
		if day.Before(cb.Due) {
			cb.Due = day
		}
		diary.Take(&cb)
		cb.Modified = env.Now.UTC()
		cb.Sequence++
		moved = append(moved, cb)
	}
	return moved
}
