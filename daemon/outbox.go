package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// keepSent is for how long a mail that went out is remembered.
const (
	keepSent    = 60 * 24 * time.Hour
	keepLetters = 400 * 24 * time.Hour
)

// deliverLoop sends what becomes due until ctx ends.
func (r *runner) deliverLoop(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.deliver(ctx); err != nil && ctx.Err() == nil {
				r.log.Error("the outbox could not be read; it is tried again", "error", err)
			}
		}
	}
}

// deliver sends what is due. Nothing of it happens inside a transaction; what was begun is
// noted before the server hears of it.
func (r *runner) deliver(ctx context.Context) error {
	r.delivering.Lock()
	defer r.delivering.Unlock()
	now := r.clock()
	if r.outboxQuiet(now) {
		return nil
	}
	var due []desk.Outgoing
	var earliest time.Time
	drafts := false
	err := r.state.View(func(tx *store.Tx) error {
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
	r.outboxNext, r.outboxLooked = earliest, now
	var all error
	for i := range due { // one that can't be handled doesn't hold up the others
		if err := r.deliverOne(ctx, &due[i]); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			all = errors.Join(all, fmt.Errorf("mail %s: %w", due[i].ID, err))
		}
	}
	if drafts {
		all = errors.Join(all, r.lookAtDrafts(ctx))
	}
	return all
}

// outboxQuiet reports whether nothing can be due: nothing was put into the outbox since the last look, nothing's time has come, and that
// look was less than a minute ago.
func (r *runner) outboxQuiet(now time.Time) bool {
	if r.outboxStirred.Swap(false) || r.outboxLooked.IsZero() || now.Before(r.outboxLooked) || now.Sub(r.outboxLooked) >= time.Minute {
		return false
	}
	return r.outboxNext.IsZero() || r.outboxNext.After(now)
}

// keepFor is for how long a mail that went out is remembered: a letter for longer, since what a candidate was told is asked about.
func keepFor(o *desk.Outgoing) time.Duration {
	if o.IsLetter() {
		return keepLetters
	}
	return keepSent
}

func (r *runner) deliverOne(ctx context.Context, o *desk.Outgoing) error {
	if !o.Open() {
		return r.update(ctx, func(tx *store.Tx, _ desk.Env) error { return tx.DropOutgoing(o.ID) })
	}
	if o.IsLetter() {
		return r.deliverLetter(ctx, o)
	}
	if o.State == desk.OutData || o.State == desk.OutUncertain { // the last try broke at its end
		return r.lookFor(ctx, o)
	}
	if o.Deliver == desk.DeliverAppend {
		return r.deliverByAppend(ctx, o)
	}
	return r.deliverBySMTP(ctx, o)
}

// An uncertain mail is looked for so often, and in such intervals, before it is filed by hand:
// what the server took may still be on its way.
const (
	mostLooks = 3
	lookAgain = 5 * time.Minute
)

// lookFor settles whether an uncertain mail has arrived. It went to the recruiter alone, so that
// filing it is safe once it has not come for long.
func (r *runner) lookFor(ctx context.Context, o *desk.Outgoing) error {
	found, err := r.arrived(ctx, o)
	if err != nil {
		return r.failed(ctx, o, err)
	}
	if found {
		return r.accepted(ctx, o)
	}
	if o.Looks++; o.Looks <= mostLooks {
		o.Next = r.clock().Add(lookAgain)
		return r.setState(ctx, o, desk.OutUncertain)
	}
	o.Deliver, o.State = desk.DeliverAppend, desk.OutQueued
	return r.deliverByAppend(ctx, o)
}

func (r *runner) setState(ctx context.Context, o *desk.Outgoing, s desk.OutgoingState) error {
	o.State = s
	return r.update(ctx, func(tx *store.Tx, _ desk.Env) error { return tx.PutOutgoing(o) })
}

func (r *runner) accepted(ctx context.Context, o *desk.Outgoing) error {
	o.Data, o.Error = nil, ""
	r.log.Info("mail delivered", "kind", o.Kind, "by", o.Deliver, "id", o.MessageID)
	return r.setState(ctx, o, desk.OutAccepted)
}

// triesBySMTP is after how many failures a mail to the recruiter is filed into INBOX instead.
const triesBySMTP = 2

// failed notes a failure; what isn't delivered in time is told as trouble.
func (r *runner) failed(ctx context.Context, o *desk.Outgoing, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	uncertain := o.State == desk.OutData || o.State == desk.OutUncertain
	o.Failed(r.clock(), cause.Error())
	if o.Tries >= triesBySMTP { // it is for the recruiter alone: into her mailbox then
		o.Deliver = desk.DeliverAppend
	}
	if uncertain && o.State == desk.OutQueued {
		o.State = desk.OutUncertain
	}
	r.log.Warn("a mail to you could not be delivered; it is tried again", "kind", o.Kind, "error", cause, "next", o.Next)
	return r.update(ctx, func(tx *store.Tx, env desk.Env) error {
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

func (r *runner) deliverBySMTP(ctx context.Context, o *desk.Outgoing) error {
	cfg := r.current().cfg
	acct, err := r.smtpAccount(&cfg)
	if err != nil {
		return r.failed(ctx, o, err)
	}
	if err := r.setState(ctx, o, desk.OutSending); err != nil {
		return err
	}
	fate, err := acct.Submit(ctx, o.From, o.To, o.Data, func() error { return r.setState(ctx, o, desk.OutData) })
	switch fate {
	case mailbox.Accepted:
		return r.accepted(ctx, o)
	case mailbox.Uncertain:
		o.State = desk.OutUncertain
		return r.failed(ctx, o, err)
	case mailbox.Rejected: // the submission server won't have it: then straight into the mailbox
		o.Deliver, o.State = desk.DeliverAppend, desk.OutQueued
		r.log.Warn("the submission server refused a mail to you; it is filed into INBOX instead", "error", err)
		return r.deliverByAppend(ctx, o)
	}
	o.State = desk.OutQueued
	return r.failed(ctx, o, err)
}

// deliverByAppend files the mail into INBOX. A crash behind the filing repeats it, so it is
// looked for first whenever a try was begun before.
func (r *runner) deliverByAppend(ctx context.Context, o *desk.Outgoing) error {
	cfg := r.current().cfg
	acct, err := r.imapAccount(&cfg)
	if err != nil {
		return r.failed(ctx, o, err)
	}
	if o.State != desk.OutQueued || o.Tries > 0 {
		found, err := r.arrived(ctx, o)
		if err != nil {
			return r.failed(ctx, o, err)
		}
		if found {
			return r.accepted(ctx, o)
		}
	}
	if err := r.setState(ctx, o, desk.OutSending); err != nil {
		return err
	}
	if err := acct.Append(ctx, "INBOX", o.Data, r.clock(), false); err != nil {
		return r.failed(ctx, o, err)
	}
	return r.accepted(ctx, o)
}

// arrived looks for the mail in the mailbox by its Message-ID.
func (r *runner) arrived(ctx context.Context, o *desk.Outgoing) (bool, error) {
	w, err := r.account()
	if err != nil {
		return false, err
	}
	data, _, err := w.FindMessage(ctx, o.MessageID)
	return data != nil, err
}
