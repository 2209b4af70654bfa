package daemon

import (
	"context"
	"fmt"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// round looks what letters and calls are due: once a minute, and whenever something changed that they follow from.
// Before the mailbox has been read to its end once it does nothing.
func (r *runner) round(ctx context.Context, now time.Time) error {
	minute := now.Truncate(time.Minute)
	if !r.stirred.Swap(false) && minute.Equal(r.lastRound) {
		return nil
	}
	err := r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		if started, err := tx.Mark(markStarted); started == "" || err != nil {
			return err
		}
		rd := &round{r: r, tx: tx, env: env, w: r.writer(tx, env), planner: newPlanner(tx, env)}
		for _, step := range []func() error{rd.interviews, rd.enrolments, rd.orders, rd.clientReviews, rd.calls, rd.prepInvites, rd.letters, rd.selfInvites} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.stirred.Store(true)
		return fmt.Errorf("letters and calls: %w", err)
	}
	r.lastRound = minute
	return nil
}

// round is one look at what is due, in one transaction.
type round struct {
	r       *runner
	tx      *store.Tx
	env     desk.Env
	w       *writer
	planner *planner
}

// letters drops what is too late, and cancels what its cause no longer asks for.
func (rd *round) letters() error {
	all, err := rd.tx.Letters("")
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		if !o.Waits() || o.State == desk.OutWithdraw || o.State == desk.OutSending {
			continue
		}
		why, err := rd.r.causeGone(rd.tx, rd.env, o)
		if err != nil {
			return err
		}
		late := !o.NotAfter.IsZero() && !rd.env.Now.Before(o.NotAfter)
		switch {
		case why != "" && o.Withdraw(why):
		case why != "" && !o.Told: // an edited draft is hers
			o.Told = true
			err = rd.news("edited-"+o.ID, fmt.Sprintf("%s is off (%s), but you have edited its draft: it still lies in Drafts. Delete it there.", rd.say(o), why))
		case late && o.State == desk.OutEdited:
			o.State, o.Why = desk.OutDropped, "too late"
			err = rd.news("late-"+o.ID, rd.say(o)+" was not sent in time; your edited draft still lies in Drafts.")
		case late:
			err = rd.drop(o)
		default:
			continue
		}
		if err != nil {
			return err
		}
		if err := rd.tx.PutOutgoing(o); err != nil {
			return err
		}
	}
	return nil
}

// drop gives up a letter that is of no use any more, and says so.
func (rd *round) drop(o *desk.Outgoing) error {
	was := o.State
	if o.State == desk.OutDraft || o.State == desk.OutDrafting {
		o.State, o.Why = desk.OutWithdraw, "too late"
	} else {
		o.State, o.Why, o.Data = desk.OutDropped, "too late", nil
	}
	return rd.news("late-"+o.ID, fmt.Sprintf("%s was not sent (%s), and is dropped: it would have come too late.", rd.say(o), map[desk.OutgoingState]string{
		desk.OutHeld: "something was missing", desk.OutApprove: "it waited for your word", desk.OutDraft: "it lay in Drafts", desk.OutDrafting: "Drafts could not be reached",
	}[was]+map[bool]string{true: "it was still to be sent"}[was == desk.OutQueued]))
}

// say names a letter in a sentence.
func (rd *round) say(o *desk.Outgoing) string { return sayLetter(rd.tx, o) }

func sayLetter(tx *store.Tx, o *desk.Outgoing) string {
	who := ""
	if c, err := tx.Contact(o.Contact); err == nil && c != nil {
		who = " to " + c.DisplayName()
	}
	if o.Subject == "" {
		return "The letter “" + o.Letter + "”" + who
	}
	return "The letter" + who + ", “" + shorten(o.Subject, 80) + "”,"
}

// news notes something for the next morning mail.
func (rd *round) news(id, text string) error {
	return rd.tx.AddNews(desk.News{ID: id, Time: rd.env.Now, Kind: desk.NewsTrouble, Text: text})
}

// causeGone says why what a letter is about no longer asks for it, "" if it does.
func (r *runner) causeGone(tx *store.Tx, env desk.Env, o *desk.Outgoing) (string, error) {
	c, err := tx.Contact(o.Contact)
	if err != nil {
		return "", err
	}
	if c == nil {
		return "the contact was forgotten", nil
	}
	w := r.writer(tx, env)
	if why, err := w.mustNot(c); why != "" || err != nil {
		return why, err
	}
	kind, id, step := desk.ReadCause(o.Cause)
	switch kind {
	case desk.CauseInterview:
		iv, err := tx.Interview(id)
		switch {
		case err != nil:
			return "", err
		case iv == nil, iv.Status == desk.InterviewCancelled:
			return "the interview is off", nil
		case iv.Candidate != "" && !c.Is(iv.Candidate):
			return "the interview is somebody else's now", nil
		case o.Version < iv.Version && step != desk.StepFollowUp && desk.StepOf(step) != desk.StepNoNews:
			return "the interview has changed", nil
		case iv.Status == desk.InterviewMissed:
			return "the interview did not take place", nil
		case iv.Status == desk.InterviewEnded:
			return "the matter is settled", nil
		case iv.Status == desk.InterviewAttended && step != desk.StepFollowUp && desk.StepOf(step) != desk.StepNoNews:
			return "the interview is over", nil
		case iv.Status == desk.InterviewStands && (step == desk.StepFollowUp || desk.StepOf(step) == desk.StepNoNews):
			return "the interview is still to come", nil
		case desk.StepOf(step) == desk.StepNoNews:
			ts, err := tx.Touches(c)
			if err != nil {
				return "", err
			}
			if desk.LastConversation(ts).After(o.Created) {
				return "you have spoken since", nil
			}
		}
	case desk.CauseSequence:
		return r.sequenceGone(tx, c, o, id)
	case desk.CauseCall:
		cb, err := tx.Call(id)
		switch {
		case err != nil || o.Method == "CANCEL":
			return "", err
		case !cb.Open():
			return "the call is off", nil
		case !cb.Start.Equal(o.Call):
			return "the call has moved", nil
		}
	}
	return "", nil
}
