package daemon

import (
	"context"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/door/morning"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/imports"
	"fifthcall/daemon/work/people"
	"fifthcall/daemon/work/sales"
)

// daily does what a new day, and the end of the first reading, ask for. It is called often
// and does nothing most times.
func daily(ctx context.Context, r *book.Runner, now time.Time) error {
	env := r.Env(now)
	today := env.Today().String()
	var started, rolled string
	var waiting bool
	err := r.State.View(func(tx *store.Tx) (err error) {
		if started, err = tx.Mark(desk.MarkStarted); err != nil {
			return err
		}
		if rolled, err = tx.Mark(desk.MarkRolled); err != nil {
			return err
		}
		w, err := tx.Wanted()
		waiting = len(w) > 0
		return err
	})
	if err != nil {
		return err
	}
	if started == "" && watch.ReadOnce(r) && !waiting {
		if err := people.PlanContacts(ctx, r, nil); err != nil {
			return err
		}
		if err := r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
			return tx.SetMark(desk.MarkStarted, now.UTC().Format(time.RFC3339))
		}); err != nil {
			return err
		}
	}
	if err := collection.SettleDeletions(ctx, r, now); err != nil { // before anything moves what is to be dismissed
		return err
	}
	if !r.Seated { // hours, holidays or the zone may have changed while nothing ran
		if err := r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error { return book.Reseat(tx, env) }); err != nil {
			return err
		}
		r.Seated = true
	}
	if rolled != today {
		err := r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
			if err := book.NewPlanner(tx, env).Roll(); err != nil {
				return err
			}
			return tx.SetMark(desk.MarkRolled, today)
		})
		if err != nil {
			return err
		}
	}
	if err := imports.ResumeImport(ctx, r); err != nil {
		return err
	}
	if err := agency.DeliverHandOvers(ctx, r, now); err != nil {
		return err
	}
	if err := sales.Review(ctx, r, now); err != nil {
		return err
	}
	if err := sales.PlanSales(ctx, r, now); err != nil {
		return err
	}
	failed := round(ctx, r, now) // the morning mail comes all the same
	if failed != nil {
		r.Log.Error("letters and calls could not be brought on; it is tried again", "error", failed)
	}
	return morning.Morning(ctx, r, now, started != "" || watch.ReadOnce(r) && !waiting)
}
