package daemon

import (
	"context"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Marks of what has been done.
const (
	markStarted = "started" // the mailbox has been read to its end once
	markRolled  = "rolled"  // the day for which callbacks were rolled
)

// daily does what a new day, and the end of the first reading, ask for. It is called often
// and does nothing most times.
func (r *runner) daily(ctx context.Context, now time.Time) error {
	env := r.env(now)
	today := env.Today().String()
	var started, rolled string
	var waiting bool
	err := r.state.View(func(tx *store.Tx) (err error) {
		if started, err = tx.Mark(markStarted); err != nil {
			return err
		}
		if rolled, err = tx.Mark(markRolled); err != nil {
			return err
		}
		w, err := tx.Wanted()
		waiting = len(w) > 0
		return err
	})
	if err != nil {
		return err
	}
	if started == "" && r.readOnce() && !waiting {
		if err := r.planContacts(ctx, nil); err != nil {
			return err
		}
		if err := r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error { return tx.SetMark(markStarted, now.UTC().Format(time.RFC3339)) }); err != nil {
			return err
		}
	}
	if err := r.settleDeletions(ctx, now); err != nil { // before anything moves what is to be dismissed
		return err
	}
	if !r.seated { // hours, holidays or the zone may have changed while nothing ran
		if err := r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error { return reseat(tx, env) }); err != nil {
			return err
		}
		r.seated = true
	}
	if rolled != today {
		err := r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
			if err := newPlanner(tx, env).roll(); err != nil {
				return err
			}
			return tx.SetMark(markRolled, today)
		})
		if err != nil {
			return err
		}
	}
	if err := r.resumeImport(ctx); err != nil {
		return err
	}
	if err := r.deliverHandOvers(ctx, now); err != nil {
		return err
	}
	if err := r.review(ctx, now); err != nil {
		return err
	}
	if err := r.planSales(ctx, now); err != nil {
		return err
	}
	failed := r.round(ctx, now) // the morning mail comes all the same
	if failed != nil {
		r.log.Error("letters and calls could not be brought on; it is tried again", "error", failed)
	}
	return r.morning(ctx, now, started != "" || r.readOnce() && !waiting)
}

// readOnce reports whether the mailbox has been read to its end since the start.
func (r *runner) readOnce() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.status.LastRead) > 0 && r.status.Progress == nil
}
