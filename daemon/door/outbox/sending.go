package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// errStopped says that a letter that was about to leave must not: what became of it is stored already.
var errStopped = errors.New("the letter must not leave")

// deliverLetter does the next thing that a letter waits for.
func deliverLetter(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	switch o.State {
	case desk.OutQueued, desk.OutSending: // a crash in sending repeats safely: no content went out
		return sendLetter(ctx, r, o)
	case desk.OutData, desk.OutUncertain:
		return lookForLetter(ctx, r, o)
	case desk.OutAccepted:
		return fileLetter(ctx, r, o)
	case desk.OutDrafting:
		return addDraft(ctx, r, o)
	case desk.OutWithdraw:
		return removeDraft(ctx, r, o)
	}
	return nil
}

// ChangeLetter applies fn to a letter as it is now, in one transaction; nil is not called for one that is gone.
func ChangeLetter(ctx context.Context, r *book.Runner, id string, fn func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error) error {
	return r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		o, err := tx.OutgoingByID(id)
		if o == nil || err != nil {
			return err
		}
		if err := fn(tx, env, o); err != nil {
			return err
		}
		return tx.PutOutgoing(o)
	})
}

// verdict is whether a letter may leave now.
type verdict struct {
	wait   time.Time // not before; zero for now
	cancel string    // never, and why
	hold   string    // not before the recruiter has said something
	drop   bool      // too late
}

// mayLeave judges a letter by all that is known this instant. It is asked in the transaction that begins to send, and again right
// before the content goes out.
func mayLeave(r *book.Runner, tx *store.Tx, env desk.Env, o *desk.Outgoing) (v verdict, err error) {
	if v.cancel, err = causeGone(r, tx, env, o); v.cancel != "" || err != nil {
		return v, err
	}
	c, err := tx.Contact(o.Contact)
	if err != nil || c == nil {
		v.cancel = "the contact was forgotten"
		return v, err
	}
	if !o.NotAfter.IsZero() && !env.Now.Before(o.NotAfter) {
		v.drop = true
		return v, nil
	}
	for _, addr := range o.To {
		if slices.Contains(c.BadEmails, addr) {
			v.hold = "mail to " + addr + " comes back: give another address by reply, “address …@…”"
			return v, nil
		}
		why, err := tx.Suppressed(addr)
		if why != "" || err != nil {
			v.cancel = why
			return v, err
		}
	}
	if paused, err := tx.Mark(desk.MarkPaused); paused != "" || err != nil {
		v.wait = env.Now.Add(time.Minute)
		return v, err
	}
	if kind, id, _ := desk.ReadCause(o.Cause); kind == desk.CauseSequence {
		e, err := tx.Enrolment(id)
		if err != nil {
			return v, err
		}
		if e != nil && e.State == desk.EnrolmentPaused && env.Now.Before(e.Next) {
			v.wait = e.Next
			return v, nil
		}
	}
	if v.hold, err = stillCareful(r, tx, env, o, c); v.hold != "" || err != nil {
		return v, err
	}
	v.wait, err = nextSend(r, tx, env, o, c)
	return v, err
}

// stillCareful says what a letter has to be asked about, as far as the recruiter hasn't released it: an order may have come since it was written.
func stillCareful(r *book.Runner, tx *store.Tx, env desk.Env, o *desk.Outgoing, c *desk.Contact) (string, error) {
	w := r.Writer(tx, env)
	t := w.Rules.Letters.Get(o.Letter, config.Language(c, &w.Rules))
	if t == nil || slices.Contains(o.Cautions, desk.Released) {
		return "", nil
	}
	careful, err := letters.Care(w)
	if err != nil {
		return "", err
	}
	name, why, err := letters.Caution(w, careful, c, o.To[0], t.To != "client", t.Marketing)
	if slices.Contains(o.Cautions, name) {
		return "", err
	}
	return why, err
}

// nextSend is when the letter may leave at the earliest, zero for now: not on the desk's first day, inside the window, within the limits.
func nextSend(r *book.Runner, tx *store.Tx, env desk.Env, o *desk.Outgoing, c *desk.Contact) (time.Time, error) {
	if o.Due.After(env.Now) {
		return o.Due, nil
	}
	first, err := tx.Moment(desk.MarkStarted)
	if err != nil {
		return time.Time{}, err
	}
	if first.IsZero() {
		return env.Now.Add(time.Minute), nil // nothing leaves before the mailbox was read
	}
	byHand := slices.Contains(o.Cautions, desk.Released)
	if quiet := desk.DateOf(first.In(env.Zone)).AddDays(1).At(0, 0, env.Zone); env.Now.Before(quiet) && !byHand {
		return quiet, nil
	}
	all, err := tx.Letters("")
	if err != nil {
		return time.Time{}, err
	}
	var sent []time.Time
	for _, x := range all {
		if !x.SentAt.IsZero() && env.Now.Sub(x.SentAt) < 48*time.Hour && x.State != desk.OutSent {
			sent = append(sent, x.SentAt)
		}
	}
	cfg := r.Current().Cfg.Letters
	window, err := letter.ParseWindow(cfg.Window)
	if err != nil {
		return time.Time{}, err
	}
	if o.Window != [2]int{} {
		window = o.Window
	}
	limits := desk.SendLimits{PerHour: cfg.PerHour, PerDay: cfg.PerDay, Gap: time.Duration(cfg.Gap), Window: window}
	_, _, step := desk.ReadCause(o.Cause)
	timed := step == desk.StepGoodLuck || byHand // it has a time of its own
	at := desk.NextSend(env, limits, desk.ContactZone(c, env.Zone), sent, timed)
	if !o.NotAfter.IsZero() && !at.Before(o.NotAfter) { // better outside the window than never
		at = desk.NextSend(env, limits, env.Zone, sent, true)
	}
	if !at.After(env.Now) {
		return time.Time{}, nil
	}
	return at, nil
}

// apply applies a verdict to a letter; ok is true if it may leave now.
func (v verdict) apply(env desk.Env, o *desk.Outgoing) (ok bool) {
	switch {
	case v.cancel != "":
		o.State, o.Why, o.Data = desk.OutCancelled, v.cancel, nil
	case v.drop: // the round reports it
		o.State, o.Next = desk.OutQueued, env.Now.Add(time.Minute)
	case v.hold != "":
		o.State, o.Why = desk.OutHeld, v.hold
	case !v.wait.IsZero():
		o.State, o.Next = desk.OutQueued, v.wait
	default:
		return true
	}
	return false
}

// sendLetter submits a letter. Mail that arrived a second ago is read first, since an answer ends a sequence.
func sendLetter(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	if kind, _, _ := desk.ReadCause(o.Cause); kind == desk.CauseSequence {
		if err := r.ReadFolder(ctx, "INBOX"); err != nil {
			r.Log.Warn("INBOX could not be read before a letter leaves; it waits", "error", err)
			return ChangeLetter(ctx, r, o.ID, func(_ *store.Tx, env desk.Env, o *desk.Outgoing) error {
				o.Next = env.Now.Add(time.Minute)
				return nil
			})
		}
	}
	ok := false
	var data []byte
	err := ChangeLetter(ctx, r, o.ID, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		if o.State != desk.OutQueued && o.State != desk.OutSending || o.Next.After(env.Now) {
			return nil
		}
		v, err := mayLeave(r, tx, env, o)
		if err != nil {
			return err
		}
		if ok = v.apply(env, o); ok {
			o.State, data = desk.OutSending, o.Data
		}
		return nil
	})
	if err != nil || !ok {
		return err
	}
	cfg := r.Current().Cfg
	acct, err := watch.SMTPAccount(r, &cfg)
	if err != nil {
		return letterFailed(ctx, r, o.ID, mailbox.Retry, err)
	}
	fate, err := acct.Submit(ctx, o.From, o.To, data, func() error { return commitLetter(ctx, r, o.ID) })
	switch {
	case errors.Is(err, errStopped):
		return nil
	case fate == mailbox.Accepted:
		if err := letterAccepted(ctx, r, o.ID, ""); err != nil {
			return err
		}
		return fileNow(ctx, r, o.ID)
	}
	return letterFailed(ctx, r, o.ID, fate, err)
}

// commitLetter notes, right before the content goes out, that it does, unless something forbids it since.
func commitLetter(ctx context.Context, r *book.Runner, id string) error {
	stopped := true // also where the letter is gone
	err := ChangeLetter(ctx, r, id, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		if o.State != desk.OutSending {
			return nil
		}
		v, err := mayLeave(r, tx, env, o)
		if err != nil {
			return err
		}
		if stopped = !v.apply(env, o); !stopped {
			o.State, o.SentAt = desk.OutData, env.Now.UTC()
		}
		return nil
	})
	if err == nil && stopped {
		return errStopped
	}
	return err
}

// letterAccepted notes that the server has the letter, and logs the touch that it is, in one transaction. sentAs is the Message-ID
// under which it was found, where that is another.
func letterAccepted(ctx context.Context, r *book.Runner, id, sentAs string) error {
	return ChangeLetter(ctx, r, id, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		if o.State != desk.OutData && o.State != desk.OutUncertain {
			return nil // settled meanwhile
		}
		o.State, o.Error, o.Next, o.Tries, o.Looks = desk.OutAccepted, "", time.Time{}, 0, 0
		o.Note(env.Now, "accepted")
		if sentAs != "" && sentAs != o.MessageID {
			o.SentAs = sentAs
		}
		r.Log.Info("a letter was sent", "id", o.ID, "letter", o.Letter)
		return letters.LogLetter(r, tx, env, o)
	})
}

// letterFailed notes what went wrong with a try.
func letterFailed(ctx context.Context, r *book.Runner, id string, fate mailbox.Fate, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ChangeLetter(ctx, r, id, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		o.Note(env.Now, cause.Error())
		r.Log.Warn("a letter could not be sent", "id", o.ID, "error", cause)
		if o.State != desk.OutSending && o.State != desk.OutData && o.State != desk.OutQueued {
			return nil // taken back meanwhile
		}
		switch fate {
		case mailbox.Uncertain:
			o.State, o.Error, o.Next = desk.OutUncertain, cause.Error(), env.Now
			return nil
		case mailbox.Rejected:
			o.State, o.Error, o.SentAt = desk.OutRejected, cause.Error(), time.Time{}
			return errors.Join(deadAddress(r, tx, env, o), tellRejected(r, tx, env, o))
		}
		o.SentAt = time.Time{}
		if o.Failed(env.Now, cause.Error()); o.State == desk.OutRejected {
			return tellRejected(r, tx, env, o)
		}
		return nil
	})
}

// deadAddress marks an address that a server refused because nobody is there, as a bounce would, and ends what runs to it.
func deadAddress(r *book.Runner, tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
	_, words, refused := strings.Cut(o.Error, "refused the recipient ")
	if !refused || len(o.To) == 0 || !prose.RefusedForGood(words) {
		return nil
	}
	addr := message.Canonical(o.To[0])
	c, err := tx.ContactByEmail(addr)
	if c == nil || err != nil {
		return err
	}
	if !c.MailBounced(addr, desk.Bounce{Identity: o.ID, Time: env.Now, Hard: true, Reason: desk.Tidy(words)}) {
		return nil
	}
	tx.Shown()
	if err := tx.PutContact(c); err != nil {
		return err
	}
	return letters.StopSequences(tx, env, book.NewPlanner(tx, env), c.ID, "the address "+addr+" is dead")
}

// tellRejected says in plain words that a letter was refused, and what to do.
func tellRejected(r *book.Runner, tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
	what := "look at its address"
	low := strings.ToLower(o.Error)
	switch {
	case strings.Contains(low, "refused the sender"):
		what = "your server doesn't let you send from " + o.From + ": check [desk.smtp]"
	case strings.Contains(low, "spam") || strings.Contains(low, "policy") || strings.Contains(low, "blocked"):
		what = "the server takes it for unwanted mail: send it from your own program, or in other words"
	case strings.Contains(low, "size") || strings.Contains(low, "too large") || strings.Contains(low, "552"):
		what = "it is too large: make its attachments smaller"
	case strings.Contains(low, "refused the recipient"):
		what = "the address is probably wrong: reply “address …@…” with the right one"
	}
	return tx.AddNews(desk.News{ID: "rejected-" + o.ID, Time: env.Now, Kind: desk.NewsTrouble, Contact: o.Contact,
		Text: fmt.Sprintf("%s was refused for good and did not go out (%s). What to do: %s; then 'fifthcall outbox retry %s'.", letters.SayLetter(tx, o), desk.ClipText(desk.Tidy(o.Error), 300), what, o.ID)})
}

// lookForLetter settles whether a letter whose sending broke at its end went out: the folder of sent mail tells, where the
// provider files there; else the recruiter is asked. It is never sent again by itself.
func lookForLetter(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	w, err := watch.Account(r)
	if err != nil {
		return err
	}
	at := o.SentAt
	if at.IsZero() {
		at = o.Created
	}
	found, err := w.SentLetter(ctx, o.Data, at)
	if err != nil {
		return ChangeLetter(ctx, r, o.ID, func(_ *store.Tx, env desk.Env, o *desk.Outgoing) error {
			if o.State == desk.OutData || o.State == desk.OutUncertain {
				o.State, o.Next, o.Error = desk.OutUncertain, env.Now.Add(LookAgain), err.Error()
			}
			return nil
		})
	}
	if found != nil {
		return letterAccepted(ctx, r, o.ID, found.MessageID)
	}
	return ChangeLetter(ctx, r, o.ID, func(_ *store.Tx, env desk.Env, o *desk.Outgoing) error {
		if o.State != desk.OutData && o.State != desk.OutUncertain {
			return nil // the recruiter has settled it meanwhile
		}
		o.State = desk.OutUncertain
		o.Looks++
		o.Next = env.Now.Add(LookAgain)
		if o.Looks > MostLooks { // asked in the morning mail; it goes on being looked for, as the copy may come late
			o.Why = "the connection broke while it was being sent, and your folder of sent mail doesn't tell whether it went out"
			o.Next = env.Now.Add(time.Duration(o.Looks) * time.Hour)
		}
		return nil
	})
}

// fileNow files the copy of a letter that was sent just now.
func fileNow(ctx context.Context, r *book.Runner, id string) error {
	var o *desk.Outgoing
	err := r.State.View(func(tx *store.Tx) (err error) {
		o, err = tx.OutgoingByID(id)
		return err
	})
	if err != nil || o == nil || o.State != desk.OutAccepted {
		return err
	}
	return fileLetter(ctx, r, o)
}

// fileLetter files the copy of a sent letter, unless the provider does. A failure repeats nothing but the filing.
func fileLetter(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	cfg := r.Current().Cfg
	if cfg.FilesSent() || len(o.Data) == 0 {
		return filed(ctx, r, o.ID)
	}
	w, err := watch.Account(r)
	if err != nil {
		return err
	}
	if err := w.FileSent(ctx, o.Data, o.SentAt); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return ChangeLetter(ctx, r, o.ID, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
			if o.State != desk.OutAccepted {
				return nil
			}
			o.Failed(env.Now, err.Error())
			given := o.State == desk.OutRejected
			o.State = desk.OutAccepted
			if !given {
				return nil
			}
			o.State, o.Data = desk.OutFiled, nil
			return tx.AddNews(desk.News{ID: "unfiled-" + o.ID, Time: env.Now, Kind: desk.NewsTrouble, Contact: o.Contact,
				Text: letters.SayLetter(tx, o) + " was sent, but its copy could not be filed into Sent: " + desk.ClipText(o.Error, 200) + ". Nothing else is lost."})
		})
	}
	return filed(ctx, r, o.ID)
}

func filed(ctx context.Context, r *book.Runner, id string) error {
	return ChangeLetter(ctx, r, id, func(_ *store.Tx, _ desk.Env, o *desk.Outgoing) error {
		if o.State == desk.OutAccepted {
			o.State, o.Data, o.Error = desk.OutFiled, nil, ""
		}
		return nil
	})
}
