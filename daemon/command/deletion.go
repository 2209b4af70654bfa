package command

import (
	"slices"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
)

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
		to := desk.Target{Contact: cb.Contact, Item: &desk.IssuedItem{N: it.N, Contact: cb.Contact}}
		if cb.Cause != "" {
			to.Item.Call = cb.UID
		}
		a := o.in.R.Open(o.in.Tx, o.in.Env).From(desk.SourceMail)
		_, ch, err := Apply(a, words.Command{Verb: words.VerbDismiss, Line: "deleted in the calendar"}, to)
		if err != nil {
			return err
		}
		o.done.Changes = append(o.done.Changes, ch)
		n++
	}
	o.results = append(o.results, result{cmd: cmd, said: desk.Plural(n, "call") + " dismissed, as deleted in the calendar"})
	return nil
}
