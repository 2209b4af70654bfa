package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// keepSent is for how long a mail that went out is remembered.
const (
	keepSent    = 60 * 24 * time.Hour
	keepLetters = 400 * 24 * time.Hour
)

// DeliverLoop sends what becomes due until ctx ends.
func DeliverLoop(ctx context.Context, r *book.Runner) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := Deliver(ctx, r); err != nil && ctx.Err() == nil {
				r.Log.Error("the outbox could not be read; it is tried again", "error", err)
			}
		}
	}
}

// Deliver sends what is due. Nothing of it happens inside a transaction; what was begun is
// noted before the server hears of it.
func Deliver(ctx context.Context, r *book.Runner) error {
	r.Delivering.Lock()
	defer r.Delivering.Unlock()
	now := r.Clock()
	if outboxQuiet(r, now) {
		return nil
	}
	var due []desk.Outgoing
	var earliest time.Time
	drafts := false
	err := r.State.View(func(tx *store.Tx) error {
		all, err := tx.Outgoing()
		for _, o := range all {
			if o.Open() && (earliest.IsZero() || o.Next.Before(earliest)) && o.State != desk.OutHeld && o.State != desk.OutApprove && o.State != desk.OutDraft && o.State != desk.OutEdited {
				earliest = o.Next
			}
			switch {
			case o.State == desk.OutHeld || o.State == desk.OutApprove: // waits for the recruiter
			case o.IsLetter() && (o.State == desk.OutDraft || o.State == desk.OutEdited):
				drafts = true
			case o.Open() && !o.Next.After(now) || !o.Open() && now.Sub(o.Created) > keepFor(&o):
				due = append(due, o)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	r.OutboxNext, r.OutboxLooked = earliest, now
	var all error
	for i := range due { // one that can't be handled doesn't hold up the others
		if err := deliverOne(ctx, r, &due[i]); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			all = errors.Join(all, fmt.Errorf("mail %s: %w", due[i].ID, err))
		}
	}
	if drafts {
		all = errors.Join(all, lookAtDrafts(ctx, r))
	}
	return all
}

// outboxQuiet reports whether nothing can be due: nothing was put into the outbox since the last look, nothing's time has come, and that
// look was less than a minute ago.
func outboxQuiet(r *book.Runner, now time.Time) bool {
	if r.OutboxStirred.Swap(false) || r.OutboxLooked.IsZero() || now.Before(r.OutboxLooked) || now.Sub(r.OutboxLooked) >= time.Minute {
		return false
	}
	return r.OutboxNext.IsZero() || r.OutboxNext.After(now)
}

// keepFor is for how long a mail that went out is remembered: a letter for longer, since what a candidate was told is asked about.
func keepFor(o *desk.Outgoing) time.Duration {
	if o.IsLetter() {
		return keepLetters
	}
	return keepSent
}

func deliverOne(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	if !o.Open() {
		return r.Update(ctx, func(tx *store.Tx, _ desk.Env) error { return tx.DropOutgoing(o.ID) })
	}
	if o.IsLetter() {
		return deliverLetter(ctx, r, o)
	}
	if o.State == desk.OutData || o.State == desk.OutUncertain { // the last try broke at its end
		return lookFor(ctx, r, o)
	}
	if o.Deliver == desk.DeliverAppend {
		return deliverByAppend(ctx, r, o)
	}
	return deliverBySMTP(ctx, r, o)
}

// An uncertain mail is looked for so often, and in such intervals, before it is filed by hand:
// what the server took may still be on its way.
const (
	MostLooks = 3
	LookAgain = 5 * time.Minute
)

// lookFor settles whether an uncertain mail has arrived. It went to the recruiter alone, so that
// filing it is safe once it has not come for long.
func lookFor(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	found, err := watch.Arrived(ctx, r, o)
	if err != nil {
		return failed(ctx, r, o, err)
	}
	if found {
		return accepted(ctx, r, o)
	}
	if o.Looks++; o.Looks <= MostLooks {
		o.Next = r.Clock().Add(LookAgain)
		return setState(ctx, r, o, desk.OutUncertain)
	}
	o.Deliver, o.State = desk.DeliverAppend, desk.OutQueued
	return deliverByAppend(ctx, r, o)
}

func setState(ctx context.Context, r *book.Runner, o *desk.Outgoing, s desk.OutgoingState) error {
	o.State = s
	return r.Update(ctx, func(tx *store.Tx, _ desk.Env) error { return tx.PutOutgoing(o) })
}

func accepted(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	o.Data, o.Error = nil, ""
	r.Log.Info("mail delivered", "kind", o.Kind, "by", o.Deliver, "id", o.MessageID)
	return setState(ctx, r, o, desk.OutAccepted)
}

// triesBySMTP is after how many failures a mail to the recruiter is filed into INBOX instead.
const triesBySMTP = 2

// failed notes a failure; what isn't delivered in time is told as trouble.
func failed(ctx context.Context, r *book.Runner, o *desk.Outgoing, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	uncertain := o.State == desk.OutData || o.State == desk.OutUncertain
	o.Failed(r.Clock(), cause.Error())
	if o.Tries >= triesBySMTP { // it is for the recruiter alone: into her mailbox then
		o.Deliver = desk.DeliverAppend
	}
	if uncertain && o.State == desk.OutQueued {
		o.State = desk.OutUncertain
	}
	r.Log.Warn("a mail to you could not be delivered; it is tried again", "kind", o.Kind, "error", cause, "next", o.Next)
	return r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		if o.State == desk.OutRejected {
			err := tx.AddNews(desk.News{
				ID: "undelivered-" + o.ID, Time: env.Now, Kind: desk.NewsTrouble,
				Text: "A mail to you, “" + o.Subject + "”, could not be delivered and was given up: " + o.Error + ". What it told is still there: see fifthcall today.",
			})
			if err != nil {
				return err
			}
			tx.Shown()
		}
		return tx.PutOutgoing(o)
	})
}

func deliverBySMTP(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	cfg := r.Current().Cfg
	acct, err := watch.SMTPAccount(r, &cfg)
	if err != nil {
		return failed(ctx, r, o, err)
	}
	if err := setState(ctx, r, o, desk.OutSending); err != nil {
		return err
	}
	fate, err := acct.Submit(ctx, o.From, o.To, o.Data, func() error { return setState(ctx, r, o, desk.OutData) })
	switch fate {
	case mailbox.Accepted:
		return accepted(ctx, r, o)
	case mailbox.Uncertain:
		o.State = desk.OutUncertain
		return failed(ctx, r, o, err)
	case mailbox.Rejected: // the submission server won't have it: then straight into the mailbox
		o.Deliver, o.State = desk.DeliverAppend, desk.OutQueued
		r.Log.Warn("the submission server refused a mail to you; it is filed into INBOX instead", "error", err)
		return deliverByAppend(ctx, r, o)
	}
	o.State = desk.OutQueued
	return failed(ctx, r, o, err)
}

// deliverByAppend files the mail into INBOX. A crash behind the filing repeats it, so it is
// looked for first whenever a try was begun before.
func deliverByAppend(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	cfg := r.Current().Cfg
	acct, err := watch.IMAPAccount(r, &cfg)
	if err != nil {
		return failed(ctx, r, o, err)
	}
	if o.State != desk.OutQueued || o.Tries > 0 {
		found, err := watch.Arrived(ctx, r, o)
		if err != nil {
			return failed(ctx, r, o, err)
		}
		if found {
			return accepted(ctx, r, o)
		}
	}
	if err := setState(ctx, r, o, desk.OutSending); err != nil {
		return err
	}
	if err := acct.Append(ctx, "INBOX", o.Data, r.Clock(), false); err != nil {
		return failed(ctx, r, o, err)
	}
	return accepted(ctx, r, o)
}
