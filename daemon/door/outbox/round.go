package outbox

import (
	"fmt"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
)

// Advance drops what is too late, and cancels what its cause no longer asks for.
func Advance(rd *book.Tx) error {
	all, err := rd.Tx.Letters("")
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		if !o.Waits() || o.State == desk.OutWithdraw || o.State == desk.OutSending {
			continue
		}
		why, err := causeGone(rd.R, rd.Tx, rd.Env, o)
		if err != nil {
			return err
		}
		late := !o.NotAfter.IsZero() && !rd.Env.Now.Before(o.NotAfter)
		switch {
		case why != "" && o.Withdraw(why):
		case why != "" && !o.Told: // an edited draft is hers
			o.Told = true
			err = rd.Trouble("edited-"+o.ID, fmt.Sprintf("%s is off (%s), but you have edited its draft: it still lies in Drafts. Delete it there.", say(rd, o), why))
		case late && o.State == desk.OutEdited:
			o.State, o.Why = desk.OutDropped, "too late"
			err = rd.Trouble("late-"+o.ID, say(rd, o)+" was not sent in time; your edited draft still lies in Drafts.")
		case late:
			err = drop(rd, o)
		default:
			continue
		}
		if err != nil {
			return err
		}
		if err := rd.Tx.PutOutgoing(o); err != nil {
			return err
		}
	}
	return nil
}

// drop gives up a letter that is of no use any more, and says so.
func drop(rd *book.Tx, o *desk.Outgoing) error {
	was := o.State
	if o.State == desk.OutDraft || o.State == desk.OutDrafting {
		o.State, o.Why = desk.OutWithdraw, "too late"
	} else {
		o.State, o.Why, o.Data = desk.OutDropped, "too late", nil
	}
	return rd.Trouble("late-"+o.ID, fmt.Sprintf("%s was not sent (%s), and is dropped: it would have come too late.", say(rd, o), map[desk.OutgoingState]string{
		desk.OutHeld: "something was missing", desk.OutApprove: "it waited for your word", desk.OutDraft: "it lay in Drafts", desk.OutDrafting: "Drafts could not be reached",
	}[was]+map[bool]string{true: "it was still to be sent"}[was == desk.OutQueued]))
}

// say names a letter in a sentence.
func say(rd *book.Tx, o *desk.Outgoing) string { return letters.SayLetter(rd.Tx, o) }

// causeGone says why what a letter is about no longer asks for it, "" if it does.
func causeGone(r *book.Runner, tx *store.Tx, env desk.Env, o *desk.Outgoing) (string, error) {
	c, err := tx.Contact(o.Contact)
	if err != nil {
		return "", err
	}
	if c == nil {
		return "the contact was forgotten", nil
	}
	w := r.Writer(tx, env)
	if why, err := letters.MustNot(w, c); why != "" || err != nil {
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
		return letters.SequenceGone(r, tx, c, o, id)
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
