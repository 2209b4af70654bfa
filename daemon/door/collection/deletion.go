package collection

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/store"
)

// What a client deletes waits for a minute before it counts: programs that lose their place, or a calendar
// that is taken out of one, delete all there is.
const deletionWait = 60 * time.Second

// markDeletions is when the earliest deletion that waits was asked for.
const markDeletions = "dav.deletions"

// delete takes a client's deletion of an object.
func (e *Edit) delete(o *book.CollectionObject) error {
	if o.Shows == "" {
		e.bury(o)
		return nil
	}
	basis, err := e.basisOf(o)
	if err != nil {
		return err
	}
	next := *o
	next.Deleted = &book.Deletion{Time: e.Env.Now.UTC(), Data: o.Data, Basis: basis}
	next.Data = nil
	next.Sent = "" // put again, the same bytes undo the deletion
	e.put(next)
	waiting, err := e.Tx.Moment(markDeletions)
	if err == nil && waiting.IsZero() {
		err = e.Tx.SetMoment(markDeletions, e.Env.Now)
	}
	return err
}

// basisOf is what stands behind what an object shows.
func (e *Edit) basisOf(o *book.CollectionObject) (string, error) {
	list, err := agenda.ShownIn(e.R, e.Tx, e.Env, e.Coll)
	for i := range list {
		if list[i].Key == o.Shows {
			return list[i].Basis, err
		}
	}
	return "", err
}

// SettleDeletions applies the deletions that have waited long enough; where too many came at once they are held, and their
// events are back in the calendar.
func SettleDeletions(ctx context.Context, r *book.Runner, now time.Time) error {
	var since time.Time
	err := r.State.View(func(tx *store.Tx) (err error) {
		since, err = tx.Moment(markDeletions)
		return err
	})
	if err != nil || since.IsZero() || now.Sub(since) < deletionWait && !now.Before(since) {
		return err
	}
	for _, coll := range desk.CollectionNames {
		if err := editCollection(ctx, r, now, coll, (*Edit).settle, func(*book.CollectionState) {}); err != nil {
			return err
		}
	}
	return r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		earliest := time.Time{}
		for _, coll := range desk.CollectionNames {
			for _, o := range r.Collections.Get(coll).Objects {
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
func (e *Edit) settle() error {
	var waiting []*book.CollectionObject
	all := 0
	for _, o := range e.objects {
		if o.Deleted != nil {
			waiting = append(waiting, o)
		}
		if o.Deleted != nil || o.Data != nil {
			all++
		}
	}
	slices.SortFunc(waiting, func(a, b *book.CollectionObject) int {
		return cmp.Or(a.Deleted.Time.Compare(b.Deleted.Time), cmp.Compare(a.Name, b.Name))
	})
	for len(waiting) > 0 {
		n := chain(waiting)
		group := waiting[:n]
		waiting = waiting[n:]
		first, last := group[0].Deleted.Time, group[n-1].Deleted.Time
		switch {
		case e.Env.Now.Before(last): // the clock was set back: they wait anew
			for _, o := range group {
				again := *o
				d := *o.Deleted
				d.Time = e.Env.Now.UTC()
				again.Deleted = &d
				e.keep(again)
			}
		case e.Env.Now.Sub(last) < deletionWait && e.Env.Now.Sub(first) < longestChain:
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
			if err := e.Journal(); err != nil {
				return err
			}
		}
	}
	return nil
}

// longestChain bounds how long deletions that keep coming are waited for.
const longestChain = 10 * time.Minute

// chain is how many of the deletions, in order of time, follow each other within the wait.
func chain(waiting []*book.CollectionObject) int {
	n := 1
	for n < len(waiting) && waiting[n].Deleted.Time.Sub(waiting[n-1].Deleted.Time) <= deletionWait {
		n++
	}
	return n
}

// isMass reports whether any minute of the chain has too many; then all of it is held, its beginning and its end as well.
func isMass(group []*book.CollectionObject, all int) bool {
	j := 0
	for i := range group {
		for group[i].Deleted.Time.Sub(group[j].Deleted.Time) > deletionWait {
			j++
		}
		if n := i - j + 1; n >= desk.MassMany || n >= desk.MassFew && n*100 > all*desk.MassPart {
			return true
		}
	}
	return false
}

// hold gives the events back, and asks.
func (e *Edit) hold(list []*book.CollectionObject) error {
	h := desk.HeldDeletions{Coll: e.Coll}
	for _, o := range list {
		next := *o
		next.Data, next.Deleted = o.Deleted.Data, nil
		e.put(next)
		h.Keys = append(h.Keys, o.Shows)
	}
	n, err := e.Tx.NextOrdinal()
	if err != nil {
		return err
	}
	name := strconv.FormatUint(n, 10)
	if err := store.HeldBack.Put(e.Tx, name, h); err != nil {
		return err
	}
	e.Tx.Shown()
	return e.Tx.AddNews(desk.News{
		ID: store.HeldBack.Name(name), Time: e.Env.Now, Kind: desk.NewsAsk, Held: store.HeldBack.Name(name),
		Text: desk.Plural(len(list), "event") + " were deleted from the calendar “" + collectionLooks[e.Coll].title + "” within a minute. That looks like a slip of a program, so nothing was dismissed: all of them stand and are back in the calendar. If you meant it, reply “cancel” to this number.",
	})
}

// dismiss applies one deletion.
func (e *Edit) dismiss(o *book.CollectionObject) error {
	gone := *o
	gone.Deleted = nil
	e.keep(gone)
	if e.Coll == desk.CollSales {
		return e.salesDismissed(o.Shows)
	}
	cb, c, err := e.CallOf(o)
	if err != nil || cb == nil {
		return err
	}
	e.Tx.Shown()
	return e.Obey(words.Command{Verb: words.VerbDismiss, Line: "deleted in the calendar"}, cb, c, false)
}
