package command

// Apply: what a command does to what it is about, whichever door it came through.

import (
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// Apply does what a command says of its target, behind a savepoint: an error that is the recruiter's mistake has changed nothing, and
// contacts got from the transaction since are void. Where and when it was said stand in a. The change holds the records as they were and
// are, for a journal, by which all of it can be taken back.
func Apply(a *book.Tx, cmd words.Command, to desk.Target) (l book.Result, ch desk.Change, err error) {
	ch = desk.Change{Verb: cmd.Verb, Line: cmd.String(), Fresh: to.Fresh}
	if to.Item != nil {
		a.Call, ch.Item = to.Item.Call, to.Item.N
	}
	err = Do(a.Tx, &ch, func() (err error) {
		l, err = perform(a, cmd, to, &ch)
		return err
	})
	return l, ch, err
}

// perform does what a command says, and notes whom it was about.
func perform(a *book.Tx, cmd words.Command, to desk.Target, ch *desk.Change) (l book.Result, err error) {
	c, fresh, err := find(a, cmd, to)
	if err != nil {
		return l, err
	}
	if c != nil {
		ch.Contact, ch.Who = c.ID, c.DisplayName()
	}
	if _, order := desk.ParseOrderName(to.Name); order && c != nil { // "JO7 placed Li Sato, start 1 May"
		cmd.Note = to.Name + " " + cmd.Note
	}
	switch {
	case cmd.Verb == words.VerbWaved && to.Item != nil && to.Item.Thread != "":
		said := "no answer needed"
		if c != nil && cmd.Note != "" {
			said = c.DisplayName() + ": “" + cmd.Note + "” needs no answer"
		}
		return book.Result{Said: said}, a.Tx.SetMark(desk.WavedMark(to.Item.Thread), a.Env.Now.UTC().Format(time.RFC3339))
	case to.Item != nil && words.AboutLetter(cmd.Verb, to.Item):
		return letters.SayToLetter(a, cmd, to.Item.Letter)
	case to.Item != nil && words.AboutInterview(cmd.Verb, to.Item):
		return sayToInterview(a, cmd, to.Item.Interview)
	case to.Item != nil && words.AboutCall(cmd.Verb, to.Item):
		return interviews.SayToCall(a, cmd, to.Item.Call)
	case to.Item != nil && cmd.Verb == words.VerbFact && to.Item.Call != "":
		if id, err := preparedBy(a, to.Item.Call); id != "" || err != nil { // what is told at the prep call is told of the interview
			if err != nil {
				return l, err
			}
			return sayToInterview(a, cmd, id)
		}
		return applyTo(a, cmd, c, fresh || to.Fresh)
	case cmd.Verb == words.VerbContact:
		l, err = people.AddContact(a, cmd)
		if err != nil || c != nil {
			return l, err
		}
		if c, err = a.Tx.ContactByEmail(message.Canonical(cmd.Ref)); c != nil { // now there is one
			ch.Contact, ch.Who = c.ID, c.DisplayName()
		}
		return l, err
	case cmd.Verb == words.VerbSpread:
		return people.Spread(a, cmd)
	case c != nil:
		return applyTo(a, cmd, c, fresh || to.Fresh)
	}
	return applyApart(a, cmd)
}

// preparedBy is the interview that a further call prepares, "" for none.
func preparedBy(a *book.Tx, uid string) (string, error) {
	cb, err := a.Tx.Call(uid)
	if err != nil || cb == nil || cb.Rule != desk.RulePrep {
		return "", err
	}
	all, err := a.Tx.Interviews()
	for i := range all {
		if iv := &all[i]; iv.Candidate == cb.Contact && iv.Active() && strings.Contains(cb.Cause, iv.ID) {
			return iv.ID, err
		}
	}
	return "", err
}

// applyApart applies a command that is about an order, or about nobody who is known yet.
func applyApart(a *book.Tx, cmd words.Command) (book.Result, error) {
	_, aboutOrder := desk.ParseOrderName(cmd.Ref)
	switch {
	case aboutOrder:
		return orders.SayOrder(a, cmd)
	case cmd.Verb == words.VerbJobOrder && cmd.Ref == "":
		return orders.OpenOrder(a, cmd, nil)
	}
	c, fresh, err := people.Find(a, cmd.Ref)
	if err != nil {
		return book.Result{}, err
	}
	return applyTo(a, cmd, c, fresh)
}

// find is the contact that a command is about; of "new" and "spread" none is looked up.
func find(a *book.Tx, cmd words.Command, to desk.Target) (c *desk.Contact, fresh bool, err error) {
	_, order := desk.ParseOrderName(to.Name)
	switch {
	case order && cmd.Verb == words.VerbPlaced:
		c, err = orders.PersonIn(a, cmd.Note)
		return c, false, err
	case cmd.Verb == words.VerbSpread, order, cmd.Verb == words.VerbJobOrder && to.Name == "" && to.Contact == "":
		return nil, false, nil
	case cmd.Verb == words.VerbContact:
		c, err = a.Tx.ContactByEmail(message.Canonical(cmd.Ref))
		return c, false, err
	case to.Item != nil && cmd.Verb == words.VerbRole && words.AboutInterview(cmd.Verb, to.Item) && to.Contact == "":
		iv, err := a.Tx.Interview(to.Item.Interview)
		if err != nil || iv == nil || len(iv.Choices) != 1 {
			return nil, false, err
		}
		return people.Find(a, iv.Choices[0])
	case to.Contact != "":
		c, err = a.Tx.Contact(to.Contact)
		if err == nil && c == nil {
			err = desk.NotFound("item %s is about somebody who was forgotten", to.Name)
		}
		return c, false, err
	case to.Item != nil && (words.AboutInterview(cmd.Verb, to.Item) || words.AboutLetter(cmd.Verb, to.Item)):
		return nil, false, nil
	case to.Item != nil:
		return nil, false, desk.Usage("item %s can't be answered so", to.Name)
	}
	return people.Find(a, to.Name)
}
