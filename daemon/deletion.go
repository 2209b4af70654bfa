package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// What a client deletes waits for a minute before it counts: programs that lose their place, or a calendar
// that is taken out of one, delete all there is.
const (
	deletionWait = 60 * time.Second
	massFew      = 5  // from so many on it is much if it is
	massPart     = 30 // percent of all,
	massMany     = 20 // and from so many on in any case
)

// markDeletions is when the earliest deletion that waits was asked for.
const markDeletions = "dav.deletions"

// delete takes a client's deletion of an object.
func (e *collectionEdit) delete(o *collectionObject) error {
	if o.Shows == "" {
		e.bury(o)
		return nil
	}
	basis, err := e.basisOf(o)
	if err != nil {
		return err
	}
	next := *o
	next.Deleted = &deletion{Time: e.env.Now.UTC(), Data: o.Data, Basis: basis}
	next.Data = nil
	next.Sent = "" // put again, the same bytes undo the deletion
	e.put(next)
	waiting, err := e.tx.Moment(markDeletions)
	if err == nil && waiting.IsZero() {
		err = e.tx.SetMoment(markDeletions, e.env.Now)
	}
	return err
}

// basisOf is what stands behind what an object shows.
func (e *collectionEdit) basisOf(o *collectionObject) (string, error) {
	list, err := e.r.shownIn(e.tx, e.env, e.coll)
	for i := range list {
		if list[i].key == o.Shows {
			return list[i].basis, err
		}
	}
	return "", err
}

// settleDeletions applies the deletions that have waited long enough; where too many came at once they are held, and their
// events are back in the calendar.
func (r *runner) settleDeletions(ctx context.Context, now time.Time) error {
	var since time.Time
	err := r.state.View(func(tx *store.Tx) (err error) {
		since, err = tx.Moment(markDeletions)
		return err
	})
	if err != nil || since.IsZero() || now.Sub(since) < deletionWait && !now.Before(since) {
		return err
	}
	for _, coll := range collectionNames {
		if err := r.editCollection(ctx, now, coll, (*collectionEdit).settle, func(*collectionState) {}); err != nil {
			return err
		}
	}
	return r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		earliest := time.Time{}
		for _, coll := range collectionNames {
			for _, o := range r.collections.get(coll).objects {
				if o.Deleted != nil && (earliest.IsZero() || o.Deleted.Time.Before(earliest)) {
					earliest = o.Deleted.Time
				}
			}
		}
		if earliest.IsZero() {
			return tx.SetMark(markDeletions, "")
		}
		return tx.SetMoment(markDeletions, earliest)
	})
}

// settle judges the deletions that wait, those of one minute together.
func (e *collectionEdit) settle() error {
	var waiting []*collectionObject
	all := 0
	for _, o := range e.objects {
		if o.Deleted != nil {
			waiting = append(waiting, o)
		}
		if o.Deleted != nil || o.Data != nil {
			all++
		}
	}
	slices.SortFunc(waiting, func(a, b *collectionObject) int {
		return cmp.Or(a.Deleted.Time.Compare(b.Deleted.Time), cmp.Compare(a.Name, b.Name))
	})
	for len(waiting) > 0 {
		n := chain(waiting)
		group := waiting[:n]
		waiting = waiting[n:]
		first, last := group[0].Deleted.Time, group[n-1].Deleted.Time
		switch {
		case e.env.Now.Before(last): // the clock was set back: they wait anew
			for _, o := range group {
				again := *o
				d := *o.Deleted
				d.Time = e.env.Now.UTC()
				again.Deleted = &d
				e.keep(again)
			}
		case e.env.Now.Sub(last) < deletionWait && e.env.Now.Sub(first) < longestChain:
			// it may go on
		case isMass(group, all):
			if err := e.hold(group); err != nil {
				return err
			}
		default:
			for _, o := range group {
				if err := e.dismiss(o); err != nil {
					return err
				}
			}
			if err := e.journal(); err != nil {
				return err
			}
		}
	}
	return nil
}

// longestChain bounds how long deletions that keep coming are waited for.
const longestChain = 10 * time.Minute

// chain is how many of the deletions, in order of time, follow each other within the wait.
func chain(waiting []*collectionObject) int {
	n := 1
	for n < len(waiting) && waiting[n].Deleted.Time.Sub(waiting[n-1].Deleted.Time) <= deletionWait {
		n++
	}
	return n
}

// isMass reports whether any minute of the chain has too many; then all of it is held, its beginning and its end as well.
func isMass(group []*collectionObject, all int) bool {
	j := 0
	for i := range group {
		for group[i].Deleted.Time.Sub(group[j].Deleted.Time) > deletionWait {
			j++
		}
		if n := i - j + 1; n >= massMany || n >= massFew && n*100 > all*massPart {
			return true
		}
	}
	return false
}

// heldDeletions are deletions that were not applied: keys of what was shown.
type heldDeletions struct {
	Coll string   `json:"coll"`
	Keys []string `json:"keys"`
}

// hold gives the events back, and asks.
func (e *collectionEdit) hold(list []*collectionObject) error {
	h := heldDeletions{Coll: e.coll}
	for _, o := range list {
		next := *o
		next.Data, next.Deleted = o.Deleted.Data, nil
		e.put(next)
		h.Keys = append(h.Keys, o.Shows)
	}
	n, err := e.tx.NextOrdinal()
	if err != nil {
		return err
	}
	record := fmt.Sprintf("held:%d", n)
	if err := e.tx.PutJSON(record, h); err != nil {
		return err
	}
	e.tx.Shown()
	return e.tx.AddNews(desk.News{
		ID: record, Time: e.env.Now, Kind: desk.NewsAsk, Held: record,
		Text: plural(len(list), "event") + " were deleted from the calendar “" + collectionLooks[e.coll].title + "” within a minute. That looks like a slip of a program, so nothing was dismissed: all of them stand and are back in the calendar. If you meant it, reply “cancel” to this number.",
	})
}

// dismiss applies one deletion.
func (e *collectionEdit) dismiss(o *collectionObject) error {
	gone := *o
	gone.Deleted = nil
	e.keep(gone)
	if e.coll == collSales {
		return e.salesDismissed(o.Shows)
	}
	cb, c, err := e.callOf(o)
	if err != nil || cb == nil {
		return err
	}
	e.tx.Shown()
	return e.apply("dismissed", "deleted in the calendar", cb, c, false, func(a *applier) (string, error) { return a.dismiss(cb, c) })
}

// dismiss ends a call that the recruiter deleted or declined; a decision maker's moves on by the rules.
func (a *applier) dismiss(cb *desk.Callback, c *desk.Contact) (said string, err error) {
	if cb.Cause != "" {
		return callTitle(cb, c) + ": dismissed", a.planner.endCall(cb.UID, desk.CallbackDismissed)
	}
	ordinal, err := a.tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	if err := a.moveOn(c, desk.CallbackDismissed, fmt.Sprintf("cmd:%d", ordinal), ordinal); err != nil {
		return "", err
	}
	l, err := a.logged(desk.Command{Verb: "dismissed"}, c, false)
	return l.Said, err
}

// aboutHeld reports whether a word is about deletions that were held.
func aboutHeld(verb string, it *desk.IssuedItem) bool {
	return it.Held != "" && slices.Contains([]string{desk.VerbCancel, desk.VerbDone, desk.VerbNotInterested, desk.VerbWaved}, verb)
}

// deleteHeld dismisses what was deleted in the calendar and held, now that the recruiter says that she meant it; “no answer
// needed” leaves it standing.
func (o *obeying) deleteHeld(cmd desk.Command, it *desk.IssuedItem) error {
	var h heldDeletions
	known, err := o.in.tx.JSON(it.Held, &h)
	if err != nil {
		return err
	}
	if !known {
		o.results = append(o.results, result{cmd: cmd, asked: "that is settled already"})
		return nil
	}
	if err := o.in.tx.DropJSON(it.Held); err != nil {
		return err
	}
	if cmd.Verb == desk.VerbWaved {
		o.results = append(o.results, result{cmd: cmd, said: "nothing was dismissed"})
		return nil
	}
	if h.Coll == collSales {
		return o.deleteSessions(cmd, it, &h)
	}
	cbs, err := allCallbacks(o.in.tx)
	if err != nil {
		return err
	}
	n := 0
	for i := range cbs {
		cb := &cbs[i]
		if !cb.Open() || !slices.Contains(h.Keys, cb.UID) {
			continue
		}
		c, err := o.in.tx.Contact(cb.Contact)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		a := &applier{r: o.in.r, tx: o.in.tx, env: o.in.env, planner: newPlanner(o.in.tx, o.in.env), source: desk.SourceMail}
		ch, err := snapshot(o.in.tx, c, false)
		if err != nil {
			return err
		}
		if _, err := a.dismiss(cb, c); err != nil {
			return err
		}
		if err := a.noteChange(&ch, "dismissed", "deleted in the calendar"); err != nil {
			return err
		}
		ch.Item = it.N
		o.done.Changes = append(o.done.Changes, ch)
		n++
	}
	o.results = append(o.results, result{cmd: cmd, said: plural(n, "call") + " dismissed, as deleted in the calendar"})
	return nil
}
