package orders

import (
	"errors"
	"slices"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// Fact takes what was asked for about a person: a new address or number; anything else is a note.
func Fact(a *book.Tx, c *desk.Contact, note string) error {
	if done, err := tellFee(a, c, note); done || err != nil {
		return err
	}
	word, rest, _ := strings.Cut(note, " ")
	rest = strings.TrimSpace(strings.TrimLeft(rest, ":= "))
	addr := message.Canonical(rest)
	if addr == "" && !strings.EqualFold(strings.Trim(word, ":="), "number") { // it may be about the interview to come
		iv, err := interviews.Upcoming(a, c)
		if err != nil {
			return err
		}
		if iv != nil {
			next := desk.CopyInterview(iv)
			if _, err := interviews.SetFact(a, next, note); err == nil {
				return interviews.ChangeInterview(a.Tx, a.Env, iv, next)
			}
		}
	}
	switch strings.ToLower(strings.Trim(word, ":=")) {
	case "address":
		if addr == "" {
			break
		}
		if other, err := a.Tx.ContactByEmail(addr); err != nil || other != nil && other.ID != c.ID {
			if err == nil {
				err = desk.Usage("%s belongs to %s already: say “merge” if they are one person", addr, other.DisplayName())
			}
			return err
		}
		c.Emails = append([]string{addr}, slices.DeleteFunc(slices.Clone(c.Emails), func(e string) bool { return e == addr })...)
		c.MailArrived(addr)
		if c.Status == desk.StatusBounced {
			c.Status = desk.StatusActive
		}
		if err := a.Tx.PutContact(c); err != nil {
			return err
		}
		return errors.Join(a.Tx.Want(addr), a.Planner.Plan(c), people.Reachable(a, c))
	case "number":
		if len(desk.Digits(rest)) >= 6 {
			c.Phone = desk.Tidy(rest)
			if err := a.Tx.PutContact(c); err != nil {
				return err
			}
			return people.Reachable(a, c)
		}
	}
	c.AddNote(note)
	return a.Tx.PutContact(c)
}
