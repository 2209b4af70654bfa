package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/people"
	"fifthcall/daemon/work/reports"
)

// LogText applies what somebody wrote in the shell or on the page: all of it, or nothing if a part wasn't understood. It can be taken back with
// “undo”, there or in a mail to oneself.
func LogText(ctx context.Context, r *book.Runner, text string, now time.Time) ([]book.Result, error) {
	out, _, err := LogOnce(ctx, r, "", text, now)
	return out, err
}

// LogOnce is logText for words with an identity, which are taken once; again reports that they were before.
func LogOnce(ctx context.Context, r *book.Runner, identity, text string, now time.Time) (out []book.Result, again bool, err error) {
	rs := r.Current()
	cmds := words.ParseCommands(text, rs.Grammar(now))
	if len(cmds) == 0 {
		return nil, false, desk.Usage("nothing to log in %q: say for example 'jane@acme.example spoke, call 2w'", text)
	}
	return SayAll(ctx, r, identity, cmds, now)
}

// SayAll applies what was said in the shell or on the page, and notes how to take it back.
func SayAll(ctx context.Context, r *book.Runner, identity string, cmds []words.Command, now time.Time) (out []book.Result, again bool, err error) {
	rs := r.Current()
	err = r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		out = nil
		if identity != "" {
			if again, err = tx.Obeyed(identity); again || err != nil {
				return err
			}
			if err := tx.SetObeyed(identity, env.Now); err != nil {
				return err
			}
		}
		o := &reply{in: &people.Intake{R: r, Rules: &rs, Tx: tx, Env: env}, journal: desk.JournalName(""), source: desk.SourceShell}
		for _, c := range cmds {
			if err := o.say(c); err != nil {
				return err
			}
		}
		for _, res := range o.results {
			out = append(out, res.logged)
		}
		if len(o.done.Changes) == 0 {
			return nil
		}
		return NoteReply(tx, env, o.source, o.done.Changes...)
	})
	return out, again, err
}

// NoteReply notes what was done at a door that isn't a mail, so that it can be taken back.
func NoteReply(tx *store.Tx, env desk.Env, source string, changes ...desk.Change) error {
	n, err := tx.NextOrdinal()
	return errors.Join(err, AppendReply(tx, desk.JournalName(""), desk.Reply{Identity: fmt.Sprintf("%s:%d", source, n), Time: env.Now.UTC(), Changes: changes}))
}

// say applies one line of the shell's; what a mail would be asked back for is an error here.
func (o *reply) say(cmd words.Command) error {
	cmd, _, err := o.leftPlaced(cmd)
	if err != nil {
		return err
	}
	switch cmd.Verb {
	case words.VerbUnknown:
		return desk.Usage("not understood: %q: %s; nothing was logged", cmd.Line, cmd.Error)
	case words.VerbHelp:
		return desk.Usage("%s", strings.Join(desk.Help(), "\n"))
	case words.VerbUndo:
		err = o.undo(cmd)
	default:
		err = o.one(cmd, desk.Target{Name: cmd.Ref})
	}
	if err == nil {
		err = o.problem
	}
	if err != nil {
		return err
	}
	if last := &o.results[len(o.results)-1]; last.asked != "" {
		return desk.Usage("%s; nothing was changed", last.asked)
	}
	for i := range o.results {
		if res := &o.results[i]; res.logged.Said == "" {
			res.logged = book.Result{Ref: res.cmd.Ref, Verb: res.cmd.Verb, Said: res.said}
		}
	}
	return nil
}

func apply(a *book.Applier, cmd words.Command) (book.Result, error) {
	if cmd.Verb == words.VerbContact {
		return people.AddContact(a, cmd)
	}
	_, aboutOrder := desk.ParseOrderName(cmd.Ref)
	switch {
	case cmd.Verb == words.VerbSpread:
		return people.Spread(a, cmd)
	case aboutOrder:
		return orders.SayOrder(a, cmd)
	case cmd.Verb == words.VerbJobOrder && cmd.Ref == "":
		return orders.OpenOrder(a, cmd, nil)
	}
	c, fresh, err := people.Find(a, cmd.Ref)
	if err != nil {
		return book.Result{}, err
	}
	return ApplyTo(a, cmd, c, fresh)
}

// ApplyTo applies a command to the contact that it is about.
func ApplyTo(a *book.Applier, cmd words.Command, c *desk.Contact, fresh bool) (book.Result, error) {
	a.Touched, a.Marks, a.Merged, a.Order, a.OrderWas = nil, nil, "", 0, nil
	a.Letter, a.LetterWas, a.Interview, a.InterviewWas, a.Enrolled, a.Ended, a.Written = "", nil, "", nil, "", nil, nil
	a.Withdrawn, a.Stopped = nil, nil
	a.Light, a.LightWas, a.Placement, a.PlacementWas, a.Leads, a.Handed, a.OrdersWas, a.LeadsWas = "", nil, "", nil, nil, nil, nil, nil
	more := ""
	if cmd.Verb == words.VerbJobOrder {
		return orders.OpenOrder(a, cmd, c)
	}
	ordinal, err := a.Tx.NextOrdinal()
	if err != nil {
		return book.Result{}, err
	}
	basis := fmt.Sprintf("cmd:%d", ordinal)
	a.Tx.Shown()
	switch o := desk.Outcome(cmd.Verb); {
	case o.IsTouch():
		at := a.Env.Now
		if !a.At.IsZero() {
			at = a.At
		}
		t := desk.Logged(c, desk.Entry{Outcome: o, At: at.UTC(), Note: cmd.Note, Next: cmd.Next, Source: a.Source, Ref: basis})
		t.Ordinal = ordinal
		a.Touched = []string{t.ID}
		if err := a.Tx.AddTouch(&t); err != nil {
			return book.Result{}, err
		}
		if err = a.Planner.Plan(c); err == nil {
			err = a.Planner.SettleCalls(c, o, cmd.Next, a.Call)
		}
		if err == nil {
			more, err = people.TakeLeads(a, c, cmd.Note)
		}
		a.Tx.Stir()
	case cmd.Verb == words.VerbSnooze && !c.Callable():
		return book.Result{}, desk.Usage("%s is not to be called (%s): nothing was moved; 'fifthcall contacts set %s --status active' changes that", c.DisplayName(), c.Status, desk.Handle(c))
	case cmd.Verb == words.VerbSnooze:
		err = people.Snooze(a, c, cmd, basis, ordinal)
	case cmd.Verb == words.VerbDone:
		err = people.MoveOn(a, c, desk.CallbackDone, basis, ordinal)
	case cmd.Verb == words.VerbCancel:
		err = people.MoveOn(a, c, desk.CallbackCancelled, basis, ordinal)
	case cmd.Verb == words.VerbDoNotContact:
		err = people.SetStatus(a, c, desk.StatusDoNotContact)
	case cmd.Verb == words.VerbLeftCompany:
		c.AddNote(cmd.Note)
		if err = people.SetStatus(a, c, desk.StatusLeft); err == nil {
			if more, err = orders.Leaves(a, c, cmd.Note); err == nil {
				err = people.AskLeaver(a.Tx, a.Env, c)
			}
		}
	case cmd.Verb == words.VerbRole:
		c.AddRole(desk.Role(cmd.Note), a.Env.Now)
		if err = a.Tx.PutContact(c); err == nil {
			err = a.Planner.Plan(c)
		}
	case cmd.Verb == words.VerbNote:
		c.AddNote(cmd.Note)
		if err = a.Tx.PutContact(c); err == nil {
			more, err = orders.TellNote(a, c, cmd.Note)
		}
	case cmd.Verb == words.VerbHandOver:
		more, err = agency.HandOver(a, c, nil, cmd.Note)
	case cmd.Verb == words.VerbLight:
		more, err = reports.SayLight(a, c, cmd.Note)
	case cmd.Verb == words.VerbSubmitted:
		var o *desk.JobOrder
		if o, more, err = orders.Submit(a, c, cmd.Note); err == nil && a.R != nil {
			var earlier string
			earlier, err = agency.ColleagueSubmitted(a.R, c, o)
			more = strings.Trim(more+", "+earlier, ", ")
		}
	case cmd.Verb == words.VerbMerge:
		err = people.Merge(a, c, cmd.Note)
	case cmd.Verb == words.VerbWaved:
		err = people.Wave(a, c)
	case cmd.Verb == words.VerbFact:
		err = orders.Fact(a, c, cmd.Note)
	case cmd.Verb == words.VerbInterview && cmd.Next.IsZero() && words.OffRE.MatchString(cmd.Note):
		var iv *desk.Interview
		if iv, err = interviews.Upcoming(a, c); err == nil && iv == nil {
			err = desk.Usage("which interview of %s is off? Reply “cancel” to its number", c.DisplayName())
		}
		if err == nil {
			interviews.NoteInterview(a, iv)
			iv.ByWord = true
			more, err = desk.SayInterview(a.Env, iv)+" is off", interviews.CancelInterview(a.Tx, a.Env, iv, "you said so")
		}
	case cmd.Verb == words.VerbInterview:
		if desk.ClientSide(c) && !c.Has(desk.RoleCandidate) {
			client := c
			if c, err = interviews.CandidateNamed(a, cmd.Note); err == nil && c == nil {
				err = desk.Usage("%s is a client: whose interview is it? Begin with the candidate's name or address", client.DisplayName())
			}
			if err != nil {
				return book.Result{}, err
			}
		}
		more, err = interviews.TellInterview(a, c, cmd)
	case cmd.Verb == words.VerbSequence:
		var e *desk.Enrolment
		if e, err = letters.Enrol(a, c, strings.TrimSpace(cmd.Note+" "+cmd.Next.Date.String()), desk.Date{}); err == nil {
			more = "begun " + e.Sequence + ", first step " + e.Next.In(a.Env.Zone).Format("Mon 2 Jan, 15:04")
		}
	case cmd.Verb == words.VerbOffer, cmd.Verb == words.VerbPlaced, cmd.Verb == words.VerbNotTaken, cmd.Verb == words.VerbWithdrew:
		more, err = orders.Turn(a, c, cmd)
	case cmd.Verb == words.VerbSend:
		err = desk.Usage("which letter? 'fifthcall letters send NAME --contact %s' writes one, 'fifthcall outbox list' shows those that wait", desk.Handle(c))
	default:
		return book.Result{}, desk.Usage("%q can't be done yet; nothing was changed for %s", cmd.Verb, c.DisplayName())
	}
	if err != nil {
		return book.Result{}, err
	}
	l, err := people.Logged(a, cmd, c, fresh)
	if more != "" {
		l.Said += ", " + more
	}
	return l, err
}
