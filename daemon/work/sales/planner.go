package sales

import (
	"context"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// markReview is the month whose review has spread its calls.
const markReview = "review"

// Review spreads the calls of a month's review, on its first working day or the first day behind it on which the daemon runs.
func Review(ctx context.Context, r *book.Runner, now time.Time) error {
	env := r.Env(now)
	month := desk.MonthStart(env.Today())
	if env.Today().Before(env.WorkdayOnOrAfter(month)) {
		return nil
	}
	last := ""
	if err := r.State.View(func(tx *store.Tx) (err error) { last, err = tx.Mark(markReview); return err }); err != nil || last == month.String() {
		return err
	}
	return r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		if started, err := tx.Mark(desk.MarkStarted); started == "" || err != nil {
			return err
		}
		if err := tx.SetMark(markReview, month.String()); err != nil || last == "" { // the first start has just spread them
			return err
		}
		people, err := prospects(r, tx, env)
		if err != nil {
			return err
		}
		p := book.NewPlanner(tx, env)
		d, err := p.Book()
		if err != nil {
			return err
		}
		moved := desk.Review(env, people, d)
		if err := p.Put(moved); err != nil || len(moved) == 0 {
			return err
		}
		return tx.AddNews(desk.News{ID: "review-" + month.String(), Time: env.Now, Kind: desk.NewsUnderstood, Text: "Monthly review: " + desk.Plural(len(moved), "call") + " to decision makers without a conversation in " + desk.Plural(env.Settings.CycleDays, "day") + " were spread over the month."})
	})
}
