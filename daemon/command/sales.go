package command

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
)

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
		ch := desk.Change{Line: s.Title() + " is off", Verb: "calendar", Item: it.N}
		err = Do(o.in.Tx, &ch, func() error {
			s.Off, s.Modified = true, o.in.Env.Now.UTC()
			s.Sequence++
			return o.in.Tx.PutJSON(key, s)
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
