package view

import (
	"context"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// SetContact changes a contact; an address that nobody has makes one.
func SetContact(ctx context.Context, r *book.Runner, ch people.ContactChange) (ContactView, error) {
	id := ""
	err := r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		a := &book.Tx{Tx: tx, Env: env, Planner: book.NewPlanner(tx, env), Source: desk.SourceShell, Naming: true}
		done := desk.Change{Verb: "set", Line: "contacts set " + ch.Who}
		err := command.Do(tx, &done, func() error {
			c, _, err := people.Find(a, ch.Who)
			if err != nil {
				return err
			}
			if err := ch.Apply(tx, c, env); err != nil {
				return err
			}
			id, done.Contact, done.Who = c.ID, c.ID, c.DisplayName()
			tx.Shown()
			if err := tx.PutContact(c); err != nil {
				return err
			}
			return a.Planner.Plan(c)
		})
		if err != nil {
			return err
		}
		return command.NoteReply(tx, env, desk.SourceShell, done)
	})
	if err != nil {
		return ContactView{}, err
	}
	return contactByID(r, id)
}

// Merge makes two contacts one: from goes into into.
func Merge(ctx context.Context, r *book.Runner, into, from string) (ContactView, error) {
	err := r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		a, err := people.FindContact(tx, into)
		if err != nil {
			return err
		}
		b, err := people.FindContact(tx, from)
		if err != nil {
			return err
		}
		if a.ID == b.ID {
			return desk.Usage("%s and %s are one contact already", into, from)
		}
		done := desk.Change{Verb: words.VerbMerge, Line: "contacts merge " + into + " " + from, Contact: a.ID, Who: a.DisplayName()}
		if err := command.Do(tx, &done, func() error { return people.MergeContacts(tx, env, a, b) }); err != nil {
			return err
		}
		return command.NoteReply(tx, env, desk.SourceShell, done)
	})
	if err != nil {
		return ContactView{}, err
	}
	return Contact(r, into)
}

// Unmerge takes back the merge by which the address or name went into another contact. What
// was logged since stays with the address it was logged for.
func Unmerge(ctx context.Context, r *book.Runner, who string) (ContactView, error) {
	into := ""
	err := r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		a, err := people.FindContact(tx, who)
		if err != nil {
			return err
		}
		var undo desk.MergeUndo
		found := false
		for i := len(a.Merged) - 1; i >= 0 && !found; i-- {
			id := "merge-" + a.Merged[i]
			ok, err := tx.Undo(id, &undo)
			if err != nil {
				return err
			}
			if found = ok && undo.Into.ID == a.ID; found {
				if err := tx.DropUndo(id); err != nil {
					return err
				}
			}
		}
		if !found {
			return desk.Usage("nothing was merged into %s", desk.Handle(a))
		}
		into = a.ID
		return people.Restore(&undo, tx, env)
	})
	if err != nil {
		return ContactView{}, err
	}
	return contactByID(r, into)
}

// Forget erases a contact and everything logged for it.
func Forget(ctx context.Context, r *book.Runner, who string) (ContactView, error) {
	v, err := Contact(r, who)
	if err != nil {
		return v, err
	}
	return v, r.Update(ctx, func(tx *store.Tx, _ desk.Env) error {
		c, err := people.FindContact(tx, who)
		if err != nil {
			return err
		}
		return tx.Forget(c)
	})
}
