package command

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
)

// deleteSessions takes sessions off whose deletion was held, now that the recruiter says that she meant it.
func (o *reply) deleteSessions(cmd words.Command, it *desk.IssuedItem, h *desk.HeldDeletions) error {
	n := 0
	for _, key := range h.Keys {
		name, _ := store.Sessions.Own(key)
		s, err := store.Sessions.Get(o.in.Tx, name)
		if err != nil {
			return err
		}
		if s == nil || s.Off {
			continue
		}
		ch := desk.Change{Line: s.Title() + " is off", Verb: "calendar", Item: it.N}
		err = Do(o.in.Tx, &ch, func() error {
			s.Off, s.Modified = true, o.in.Env.Now.UTC()
			s.Sequence++
			return store.Sessions.Put(o.in.Tx, name, *s)
		})
		if err != nil {
			return err
		}
		o.done.Changes = append(o.done.Changes, ch)
		n++
	}
	o.in.Tx.Shown()
	o.results = append(o.results, result{cmd: cmd, said: desk.Plural(n, "event") + " taken off, as deleted in the calendar"})
	return nil
}
