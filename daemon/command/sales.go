package command

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
)

// takeBackSession puts a session back to what it was.
func takeBackSession(ch *desk.Change, tx *store.Tx, env desk.Env) error {
	if ch.Session == nil {
		return nil
	}
	var now desk.Session
	if _, err := tx.JSON(ch.Session.Name(), &now); err != nil {
		return err
	}
	back := *ch.Session
	back.Sequence, back.Modified = now.Sequence+1, env.Now.UTC()
	tx.Shown()
	return tx.PutJSON(back.Name(), back)
}

// deleteSessions takes sessions off whose deletion was held, now that the recruiter says that she meant it.
func (o *reply) deleteSessions(cmd words.Command, it *desk.IssuedItem, h *desk.HeldDeletions) error {
	n := 0
	for _, key := range h.Keys {
		var s desk.Session
		known, err := o.in.Tx.JSON(key, &s)
		if err != nil {
			return err
		}
		if !known || s.Off {
			continue
		}
		was := s
		s.Off, s.Modified = true, o.in.Env.Now.UTC()
		s.Sequence++
		if err := o.in.Tx.PutJSON(key, s); err != nil {
			return err
		}
		o.done.Changes = append(o.done.Changes, desk.Change{Line: s.Title() + " is off", Verb: "calendar", Item: it.N, Session: &was})
		n++
	}
	o.in.Tx.Shown()
	o.results = append(o.results, result{cmd: cmd, said: desk.Plural(n, "event") + " taken off, as deleted in the calendar"})
	return nil
}
