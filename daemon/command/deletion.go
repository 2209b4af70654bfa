package command

import (
	"fmt"
	"slices"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// Dismiss ends a call that the recruiter deleted or declined; a decision maker's moves on by the rules.
func Dismiss(a *book.Tx, cb *desk.Callback, c *desk.Contact) (said string, err error) {
	if cb.Cause != "" {
		return desk.CallTitle(cb, c) + ": dismissed", a.Planner.EndCall(cb.UID, desk.CallbackDismissed)
	}
	ordinal, err := a.Tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	if err := people.MoveOn(a, c, desk.CallbackDismissed, fmt.Sprintf("cmd:%d", ordinal), ordinal); err != nil {
		return "", err
	}
	l, err := people.Logged(a, words.Command{Verb: "dismissed"}, c, false)
	return l.Said, err
}

// deleteHeld dismisses what was deleted in the calendar and held, now that the recruiter says that she meant it; “no answer
// needed” leaves it standing.
func (o *reply) deleteHeld(cmd words.Command, it *desk.IssuedItem) error {
	held, _ := store.HeldBack.Own(it.Held)
	h, err := store.HeldBack.Get(o.in.Tx, held)
	if err != nil {
		return err
	}
	if h == nil {
		o.results = append(o.results, result{cmd: cmd, asked: "that is settled already"})
		return nil
	}
	if err := store.HeldBack.Drop(o.in.Tx, held); err != nil {
		return err
	}
	if cmd.Verb == words.VerbWaved {
		o.results = append(o.results, result{cmd: cmd, said: "nothing was dismissed"})
		return nil
	}
	if h.Coll == desk.CollSales {
		return o.deleteSessions(cmd, it, h)
	}
	cbs, err := book.AllCallbacks(o.in.Tx)
	if err != nil {
		return err
	}
	n := 0
	for i := range cbs {
		cb := &cbs[i]
		if !cb.Open() || !slices.Contains(h.Keys, cb.UID) {
			continue
		}
		c, err := o.in.Tx.Contact(cb.Contact)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		a := o.in.R.Open(o.in.Tx, o.in.Env).From(desk.SourceMail)
		ch := desk.Change{Verb: "dismissed", Line: "deleted in the calendar", Item: it.N, Contact: c.ID, Who: c.DisplayName()}
		err = Do(o.in.Tx, &ch, func() error {
			_, err := Dismiss(a, cb, c)
			return err
		})
		if err != nil {
			return err
		}
		o.done.Changes = append(o.done.Changes, ch)
		n++
	}
	o.results = append(o.results, result{cmd: cmd, said: desk.Plural(n, "call") + " dismissed, as deleted in the calendar"})
	return nil
}
