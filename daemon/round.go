package daemon

import (
	"context"
	"fmt"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/outbox"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/reports"
)

// steps are what the clock asks for, in this order: letters and calls follow from interviews, sequences and orders.
var steps = []func(*book.Tx) error{
	interviews.Advance, letters.Advance, orders.Advance, reports.Advance, orders.AdvanceCalls, agenda.AdvancePrepInvites, outbox.Advance, agenda.AdvanceInvites,
}

// round looks what letters and calls are due: once a minute, and whenever something changed that they follow from.
// Before the mailbox has been read to its end once it does nothing.
func round(ctx context.Context, r *book.Runner, now time.Time) error {
	minute := now.Truncate(time.Minute)
	if !r.Stirred.Swap(false) && minute.Equal(r.LastRound) {
		return nil
	}
	err := r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		if started, err := tx.Mark(desk.MarkStarted); started == "" || err != nil {
			return err
		}
		rd := r.Open(tx, env)
		for _, step := range steps {
			if err := step(rd); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.Stirred.Store(true)
		return fmt.Errorf("letters and calls: %w", err)
	}
	r.LastRound = minute
	return nil
}
