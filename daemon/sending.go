package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// markPaused is when the recruiter paused the outbox, "" while it isn't.
const markPaused = "outbox.paused"

// errStopped says that a letter that was about to leave must not: what became of it is stored already.
var errStopped = errors.New("the letter must not leave")

// deliverLetter does the next thing that a letter waits for.
func (r *runner) deliverLetter(ctx context.Context, o *desk.Outgoing) error {
	switch o.State {
	case desk.OutQueued, desk.OutSending: // a crash in sending repeats safely: no content went out
		return r.sendLetter(ctx, o)
	case desk.OutData, desk.OutUncertain:
		return r.lookForLetter(ctx, o)
	case desk.OutAccepted:
		return r.fileLetter(ctx, o)
	case desk.OutDrafting:
		return r.addDraft(ctx, o)
	case desk.OutWithdraw:
		return r.removeDraft(ctx, o)
	}
	return nil
}

// changeLetter applies fn to a letter as it is now, in one transaction; nil is not called for one that is gone.
func (r *runner) changeLetter(ctx context.Context, id string, fn func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error) error {
	return r.update(ctx, func(tx *store.Tx, env desk.Env) error {
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
func (r *runner) mayLeave(tx *store.Tx, env desk.Env, o *desk.Outgoing) (v verdict, err error) {
	if v.cancel, err = r.causeGone(tx, env, o); v.cancel != "" || err != nil {
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
	if paused, err := tx.Mark(markPaused); paused != "" || err != nil {
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
	if v.hold, err = r.stillCareful(tx, env, o, c); v.hold != "" || err != nil {
		return v, err
	}
	v.wait, err = r.nextSend(tx, env, o, c)
	return v, err
}

// stillCareful says what a letter has to be asked about, as far as the recruiter hasn't released it: an order may have come since it was written.
func (r *runner) stillCareful(tx *store.Tx, env desk.Env, o *desk.Outgoing, c *desk.Contact) (string, error) {
	w := r.writer(tx, env)
	t := w.rules.letters.Get(o.Letter, language(c, &w.rules))
	if t == nil || slices.Contains(o.Cautions, released) {
		return "", nil
	}
	careful, err := w.care()
	if err != nil {
		return "", err
	}
	name, why, err := w.caution(careful, c, o.To[0], t.To != "client", t.Marketing)
	if slices.Contains(o.Cautions, name) {
		return "", err
	}
	return why, err
}

// nextSend is when the letter may leave at the earliest, zero for now: not on the desk's first day, inside the window, within the limits.
func (r *runner) nextSend(tx *store.Tx, env desk.Env, o *desk.Outgoing, c *desk.Contact) (time.Time, error) {
	if o.Due.After(env.Now) {
		return o.Due, nil
	}
	first, err := tx.Moment(markStarted)
	if err != nil {
		return time.Time{}, err
	}
	if first.IsZero() {
		return env.Now.Add(time.Minute), nil // nothing leaves before the mailbox was read
	}
	byHand := slices.Contains(o.Cautions, released)
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
	cfg := r.current().cfg.Letters
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
	at := desk.NextSend(env, limits, contactZone(c, env.Zone), sent, timed)
	if !o.NotAfter.IsZero() && !at.Before(o.NotAfter) { // better outside the window than never
		at = desk.NextSend(env, limits, env.Zone, sent, true)
	}
	if !at.After(env.Now) {
		return time.Time{}, nil
	}
	return at, nil
}

// released is the name, among a letter's cautions, of the recruiter's own word that it shall leave.
const released = "released"

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
func (r *runner) sendLetter(ctx context.Context, o *desk.Outgoing) error {
	if kind, _, _ := desk.ReadCause(o.Cause); kind == desk.CauseSequence {
		if err := r.readFolder(ctx, "INBOX"); err != nil {
			r.log.Warn("INBOX could not be read before a letter leaves; it waits", "error", err)
			return r.changeLetter(ctx, o.ID, func(_ *store.Tx, env desk.Env, o *desk.Outgoing) error {
				o.Next = env.Now.Add(time.Minute)
				return nil
			})
		}
	}
	ok := false
	var data []byte
	err := r.changeLetter(ctx, o.ID, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		if o.State != desk.OutQueued && o.State != desk.OutSending || o.Next.After(env.Now) {
			return nil
		}
		v, err := r.mayLeave(tx, env, o)
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
	cfg := r.current().cfg
	acct, err := r.smtpAccount(&cfg)
	if err != nil {
		return r.letterFailed(ctx, o.ID, mailbox.Retry, err)
	}
	fate, err := acct.Submit(ctx, o.From, o.To, data, func() error { return r.commitLetter(ctx, o.ID) })
	switch {
	case errors.Is(err, errStopped):
		return nil
	case fate == mailbox.Accepted:
		if err := r.letterAccepted(ctx, o.ID, ""); err != nil {
			return err
		}
		return r.fileNow(ctx, o.ID)
	}
	return r.letterFailed(ctx, o.ID, fate, err)
}

// commitLetter notes, right before the content goes out, that it does, unless something forbids it since.
func (r *runner) commitLetter(ctx context.Context, id string) error {
	stopped := true // also where the letter is gone
	err := r.changeLetter(ctx, id, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		if o.State != desk.OutSending {
			return nil
		}
		v, err := r.mayLeave(tx, env, o)
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
func (r *runner) letterAccepted(ctx context.Context, id, sentAs string) error {
	return r.changeLetter(ctx, id, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		if o.State != desk.OutData && o.State != desk.OutUncertain {
			return nil // settled meanwhile
		}
		o.State, o.Error, o.Next, o.Tries, o.Looks = desk.OutAccepted, "", time.Time{}, 0, 0
		o.Note(env.Now, "accepted")
		if sentAs != "" && sentAs != o.MessageID {
			o.SentAs = sentAs
		}
		r.log.Info("a letter was sent", "id", o.ID, "letter", o.Letter)
		return r.logLetter(tx, env, o)
	})
}

// logLetter logs the touch that a sent letter is. Its copy in Sent gives the same touch.
func (r *runner) logLetter(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
	if c, err := tx.Contact(o.Contact); c == nil || err != nil || len(o.Data) == 0 {
		return err // forgotten: that holds
	}
	m := mailbox.ParseWhole(o.Data)
	m.Class = mailbox.ClassHuman
	rs := r.current()
	in := &intake{r: r, rules: &rs, tx: tx, env: env, circle: rs.circle, batch: &mailbox.Batch{Live: true, Sent: true}, dirty: map[string]bool{}}
	mail := mailOf(m)
	mentions, _ := in.circle.Read(mail)
	if err := in.log(mail, mentions); err != nil {
		return err
	}
	return in.plan()
}

// letterFailed notes what went wrong with a try.
func (r *runner) letterFailed(ctx context.Context, id string, fate mailbox.Fate, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.changeLetter(ctx, id, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		o.Note(env.Now, cause.Error())
		r.log.Warn("a letter could not be sent", "id", o.ID, "error", cause)
		if o.State != desk.OutSending && o.State != desk.OutData && o.State != desk.OutQueued {
			return nil // taken back meanwhile
		}
		switch fate {
		case mailbox.Uncertain:
			o.State, o.Error, o.Next = desk.OutUncertain, cause.Error(), env.Now
			return nil
		case mailbox.Rejected:
			o.State, o.Error, o.SentAt = desk.OutRejected, cause.Error(), time.Time{}
			return r.tellRejected(tx, env, o)
		}
		o.SentAt = time.Time{}
		if o.Failed(env.Now, cause.Error()); o.State == desk.OutRejected {
			return r.tellRejected(tx, env, o)
		}
		return nil
	})
}

// tellRejected says in plain words that a letter was refused, and what to do.
func (r *runner) tellRejected(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
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
		Text: fmt.Sprintf("%s was refused for good and did not go out (%s). What to do: %s; then 'fifthcall outbox retry %s'.", sayLetter(tx, o), clipText(desk.Tidy(o.Error), 300), what, o.ID)})
}

// lookForLetter settles whether a letter whose sending broke at its end went out: the folder of sent mail tells, where the
// provider files there; else the recruiter is asked. It is never sent again by itself.
func (r *runner) lookForLetter(ctx context.Context, o *desk.Outgoing) error {
	w, err := r.account()
	if err != nil {
		return err
	}
	at := o.SentAt
	if at.IsZero() {
		at = o.Created
	}
	found, err := w.SentLetter(ctx, o.Data, at)
	if err != nil {
		return r.changeLetter(ctx, o.ID, func(_ *store.Tx, env desk.Env, o *desk.Outgoing) error {
			if o.State == desk.OutData || o.State == desk.OutUncertain {
				o.State, o.Next, o.Error = desk.OutUncertain, env.Now.Add(lookAgain), err.Error()
			}
			return nil
		})
	}
	if found != nil {
		return r.letterAccepted(ctx, o.ID, found.MessageID)
	}
	return r.changeLetter(ctx, o.ID, func(_ *store.Tx, env desk.Env, o *desk.Outgoing) error {
		if o.State != desk.OutData && o.State != desk.OutUncertain {
			return nil // the recruiter has settled it meanwhile
		}
		o.State = desk.OutUncertain
		o.Looks++
		o.Next = env.Now.Add(lookAgain)
		if o.Looks > mostLooks { // asked in the morning mail; it goes on being looked for, as the copy may come late
			o.Why = "the connection broke while it was being sent, and your folder of sent mail doesn't tell whether it went out"
			o.Next = env.Now.Add(time.Duration(o.Looks) * time.Hour)
		}
		return nil
	})
}

// fileNow files the copy of a letter that was sent just now.
func (r *runner) fileNow(ctx context.Context, id string) error {
	var o *desk.Outgoing
	err := r.state.View(func(tx *store.Tx) (err error) {
		o, err = tx.OutgoingByID(id)
		return err
	})
	if err != nil || o == nil || o.State != desk.OutAccepted {
		return err
	}
	return r.fileLetter(ctx, o)
}

// fileLetter files the copy of a sent letter, unless the provider does. A failure repeats nothing but the filing.
func (r *runner) fileLetter(ctx context.Context, o *desk.Outgoing) error {
	cfg := r.current().cfg
	if cfg.filesSent() || len(o.Data) == 0 {
		return r.filed(ctx, o.ID)
	}
	w, err := r.account()
	if err != nil {
		return err
	}
	if err := w.FileSent(ctx, o.Data, o.SentAt); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return r.changeLetter(ctx, o.ID, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
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
				Text: sayLetter(tx, o) + " was sent, but its copy could not be filed into Sent: " + clipText(o.Error, 200) + ". Nothing else is lost."})
		})
	}
	return r.filed(ctx, o.ID)
}

func (r *runner) filed(ctx context.Context, id string) error {
	return r.changeLetter(ctx, id, func(_ *store.Tx, _ desk.Env, o *desk.Outgoing) error {
		if o.State == desk.OutAccepted {
			o.State, o.Data, o.Error = desk.OutFiled, nil, ""
		}
		return nil
	})
}

// filesSent reports whether the provider files sent mail by itself.
func (d *DeskConfig) filesSent() bool {
	switch d.Letters.FilesSent {
	case "yes":
		return true
	case "no":
		return false
	}
	host := strings.ToLower(d.SMTP.Host)
	for _, h := range []string{"gmail.com", "googlemail.com", "google.com", "office365.com", "outlook.com", "hotmail.com", "live.com"} {
		if host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}
