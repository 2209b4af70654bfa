package people

import (
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
)

// Merge takes another contact into c.
func Merge(a *book.Tx, c *desk.Contact, who string) error {
	b, err := FindContact(a.Tx, who)
	if err != nil {
		return err
	}
	if b.ID == c.ID {
		return desk.Usage("%s and %s are one contact already", c.DisplayName(), who)
	}
	return MergeContacts(a.Tx, a.Env, c, b)
}

// Wave notes that the mails of a contact need no answer.
func Wave(a *book.Tx, c *desk.Contact) error {
	ts, err := a.Tx.Touches(c)
	if err != nil {
		return err
	}
	for _, t := range desk.Unanswered(a.Env, ts, func(desk.Touch) bool { return false }) {
		if err := a.Tx.SetMark(desk.WavedMark(t.Thread), a.Env.Now.UTC().Format(time.RFC3339)); err != nil {
			return err
		}
	}
	return nil
}

// Spread moves what today has no room for over the coming weeks.
func Spread(a *book.Tx, cmd words.Command) (book.Result, error) {
	cbs, err := a.Tx.Callbacks()
	if err != nil {
		return book.Result{}, err
	}
	d, err := a.Planner.Book()
	if err != nil {
		return book.Result{}, err
	}
	moved := desk.SpreadOlder(a.Env, cbs, d)
	if err := a.Planner.Put(moved); err != nil {
		return book.Result{}, err
	}
	return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Said: desk.Plural(len(moved), "older call") + " spread over the coming weeks"}, nil
}

// Snooze moves the call to the day that was said.
func Snooze(a *book.Tx, c *desk.Contact, cmd words.Command, basis string, ordinal uint64) error {
	return a.Planner.Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		w := desk.Want{
			Due: cmd.Next.Date, Rule: desk.RuleAgreed, Reason: "moved by you on " + a.Env.Today().Say(),
			Basis: basis, BasisTime: a.Env.Now.UTC(), Ordinal: ordinal, Agreed: cmd.Next,
		}
		return desk.Move(a.Env, c, w, cur, d)
	})
}

// MoveOn ends the call without a conversation; a decision maker's moves on by the rules.
func MoveOn(a *book.Tx, c *desk.Contact, status desk.CallbackStatus, basis string, ordinal uint64) error {
	ts, err := a.Tx.Touches(c)
	if err != nil {
		return err
	}
	st, err := a.Planner.Standing(c)
	if err != nil {
		return err
	}
	return a.Planner.Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		return desk.MoveOn(a.Env, desk.Owed{Contact: c, Touches: ts, Standing: st}, cur, desk.Ended{Status: status, Basis: basis, Ordinal: ordinal}, d)
	})
}

// SetStatus gives a contact another status, and what follows from it.
func SetStatus(a *book.Tx, c *desk.Contact, s desk.Status) error {
	c.Status = s
	a.Tx.Stir()
	if s == desk.StatusDoNotContact {
		if err := Suppress(a.Tx, c, "do not contact"); err != nil {
			return err
		}
	}
	if err := a.Tx.PutContact(c); err != nil {
		return err
	}
	return a.Planner.Plan(c)
}

// Logged says what a command did.
func Logged(a *book.Tx, cmd words.Command, c *desk.Contact, fresh bool) (book.Result, error) {
	l := book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Contact: c.Email(), Note: cmd.Note}
	if l.Contact == "" {
		l.Contact = c.DisplayName()
	}
	cb, err := a.Tx.Callback(c.ID)
	if err != nil {
		return l, err
	}
	said := []string{c.DisplayName() + ": " + cmd.Told()}
	if fresh {
		said = append(said, "a new contact")
	}
	if cb.Open() {
		l.Next = cb.Start.In(a.Env.Zone).Format(time.RFC3339)
		said = append(said, "next call "+desk.SayInstantYear(cb.Start, a.Env.Zone))
		if cb.Flag != "" {
			said = append(said, cb.Flag)
		}
	}
	l.Said = strings.Join(said, ", ")
	return l, nil
}
