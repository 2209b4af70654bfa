package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
)

// list decodes all records below a prefix, those of this transaction included.
func list[T any](tx *Tx, prefix []byte) ([]T, error) {
	var out []T
	err := tx.scan(prefix, func(_, v []byte) error {
		var x T
		if err := json.Unmarshal(v, &x); err != nil {
			return fmt.Errorf("a stored record is damaged: %w", err)
		}
		out = append(out, x)
		return nil
	})
	return out, err
}

func one[T any](tx *Tx, key []byte) (*T, error) {
	x := new(T)
	ok, err := tx.getJSON(key, x)
	if !ok || err != nil {
		return nil, err
	}
	return x, nil
}

// PutInterview stores an interview.
func (tx *Tx) PutInterview(iv *desk.Interview) error {
	tx.shown, tx.stirred = true, true
	return tx.setJSON(tx.key('e', iv.ID), iv)
}

// Interview is the interview with the ID, nil if there is none.
func (tx *Tx) Interview(id string) (*desk.Interview, error) {
	return one[desk.Interview](tx, tx.key('e', id))
}

// Interviews are all interviews by start.
func (tx *Tx) Interviews() ([]desk.Interview, error) {
	out, err := list[desk.Interview](tx, tx.key('e'))
	slices.SortStableFunc(out, func(a, b desk.Interview) int { return a.Start.Compare(b.Start) })
	return out, err
}

// PutCall stores a further call: one beside the callback that slides.
func (tx *Tx) PutCall(cb *desk.Callback) error {
	tx.shown, tx.stirred = true, true
	return tx.setJSON(tx.key('p', cb.UID), cb)
}

// Call is the further call with the UID, nil if there is none.
func (tx *Tx) Call(uid string) (*desk.Callback, error) {
	return one[desk.Callback](tx, tx.key('p', uid))
}

// Calls are all further calls by slot, open and ended.
func (tx *Tx) Calls() ([]desk.Callback, error) {
	list, err := tx.slotted('p', false)
	return copies(list), err
}

// PutEnrolment stores where somebody stands in a sequence.
func (tx *Tx) PutEnrolment(e *desk.Enrolment) error {
	tx.shown, tx.stirred = true, true
	return tx.setJSON(tx.key('l', e.Contact, e.ID), e)
}

// Enrolments are those of a contact and of whoever was merged into it, of all contacts for "".
func (tx *Tx) Enrolments(contact string) ([]desk.Enrolment, error) {
	prefixes := [][]byte{tx.key('l')}
	if contact != "" {
		ids, err := tx.idsOf(contact)
		if err != nil {
			return nil, err
		}
		prefixes = nil
		for _, id := range ids {
			prefixes = append(prefixes, tx.key('l', id, ""))
		}
	}
	var out []desk.Enrolment
	for _, p := range prefixes {
		part, err := list[desk.Enrolment](tx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	slices.SortStableFunc(out, func(a, b desk.Enrolment) int { return a.Begun.Compare(b.Begun) })
	return out, nil
}

// idsOf are a contact's ID and those merged into it.
func (tx *Tx) idsOf(contact string) ([]string, error) {
	c, err := tx.Contact(contact)
	if c == nil || err != nil {
		return []string{contact}, err
	}
	return append([]string{c.ID}, c.Merged...), nil
}

// Enrolment is the one with the ID, nil if there is none.
func (tx *Tx) Enrolment(id string) (*desk.Enrolment, error) {
	all, err := tx.Enrolments("")
	for i := range all {
		if all[i].ID == id {
			return &all[i], nil
		}
	}
	return nil, err
}

// PutOutgoing stores a mail to be sent.
func (tx *Tx) PutOutgoing(o *desk.Outgoing) error {
	tx.stirred, tx.mail = tx.stirred || o.IsLetter(), true
	if tx.outgoing != nil {
		tx.outgoing = append(slices.DeleteFunc(tx.outgoing, func(x desk.Outgoing) bool { return x.ID == o.ID }), *o)
	}
	return tx.setJSON(tx.key('o', o.ID), o)
}

// DropOutgoing forgets a mail.
func (tx *Tx) DropOutgoing(id string) error {
	tx.outgoing = slices.DeleteFunc(tx.outgoing, func(x desk.Outgoing) bool { return x.ID == id })
	return tx.delete(tx.key('o', id))
}

// Outgoing are the mails to be sent and those sent of late, oldest first.
func (tx *Tx) Outgoing() ([]desk.Outgoing, error) {
	return tx.mails(func(*desk.Outgoing) bool { return true })
}

// mails are those of the outbox that fit, oldest first, by their numbers where they are of one instant. The outbox is read once in a transaction: rules ask for somebody's letters
// again and again.
func (tx *Tx) mails(fits func(*desk.Outgoing) bool) ([]desk.Outgoing, error) {
	if tx.outgoing == nil {
		var err error
		if tx.outgoing, err = list[desk.Outgoing](tx, tx.key('o')); err != nil {
			return nil, err
		}
		if tx.outgoing == nil {
			tx.outgoing = []desk.Outgoing{}
		}
	}
	var out []desk.Outgoing
	for i := range tx.outgoing {
		if fits(&tx.outgoing[i]) {
			out = append(out, tx.outgoing[i])
		}
	}
	slices.SortStableFunc(out, func(a, b desk.Outgoing) int {
		return cmp.Or(a.Created.Compare(b.Created), len(a.ID)-len(b.ID), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// OutgoingByID is the mail with the ID, nil if there is none.
func (tx *Tx) OutgoingByID(id string) (*desk.Outgoing, error) {
	return one[desk.Outgoing](tx, tx.key('o', id))
}

// Letters are the letters to somebody, and to whoever was merged into them, to anybody for "", oldest first.
func (tx *Tx) Letters(contact string) ([]desk.Outgoing, error) {
	var ids []string
	if contact != "" {
		var err error
		if ids, err = tx.idsOf(contact); err != nil {
			return nil, err
		}
	}
	return tx.mails(func(o *desk.Outgoing) bool { return o.IsLetter() && (contact == "" || slices.Contains(ids, o.Contact)) })
}

// LettersFor are the letters that an interview or a sequence caused, oldest first.
func (tx *Tx) LettersFor(kind, id string) ([]desk.Outgoing, error) {
	prefix := desk.CauseOf(kind, id, "")
	return tx.mails(func(o *desk.Outgoing) bool { return o.IsLetter() && strings.HasPrefix(o.Cause, prefix) })
}

// DropInterview forgets an interview.
func (tx *Tx) DropInterview(id string) error { return tx.delete(tx.key('e', id)) }

// Suppress notes that an address must never be written to again; it outlives the contact.
func (tx *Tx) Suppress(addr, why string) error {
	return tx.set(tx.key('y', desk.ShortHash("suppressed", addr)), []byte(why))
}

// Unsuppress takes that back.
func (tx *Tx) Unsuppress(addr string) error {
	return tx.delete(tx.key('y', desk.ShortHash("suppressed", addr)))
}

// Suppressed says why an address must not be written to, "" if it may be.
func (tx *Tx) Suppressed(addr string) (string, error) {
	v, err := tx.get(tx.key('y', desk.ShortHash("suppressed", addr)))
	return string(v), err
}

// IsStirred reports whether this transaction changed something that letters or calls may follow from.
func (tx *Tx) IsStirred() bool { return tx.stirred }

// HasMail reports whether this transaction put something into the outbox.
func (tx *Tx) HasMail() bool { return tx.mail }

// Stir says so.
func (tx *Tx) Stir() { tx.stirred = true }

// forgetLetters removes the letters, calls, enrolments and interviews of a contact that is forgotten.
func (tx *Tx) forgetLetters(c *desk.Contact) error {
	var keys [][]byte
	for _, id := range append([]string{c.ID}, c.Merged...) {
		enrolments, err := list[desk.Enrolment](tx, tx.key('l', id, ""))
		if err != nil {
			return err
		}
		for _, e := range enrolments {
			keys = append(keys, tx.key('l', id, e.ID))
		}
	}
	calls, err := tx.Calls()
	if err != nil {
		return err
	}
	for _, cb := range calls {
		if c.Is(cb.Contact) {
			keys = append(keys, tx.key('p', cb.UID))
		}
	}
	letters, err := tx.Letters("")
	if err != nil {
		return err
	}
	for i := range letters {
		o := &letters[i]
		switch {
		case !c.Is(o.Contact):
		case o.Withdraw("forgotten") && o.State == desk.OutWithdraw: // its draft has to be taken away first
			if err := tx.PutOutgoing(o); err != nil {
				return err
			}
		case !o.Gone() || !o.Open(): // what may be on its way is seen to its end
			keys = append(keys, tx.key('o', o.ID))
		}
	}
	interviews, err := tx.Interviews()
	if err != nil {
		return err
	}
	for _, iv := range interviews {
		if c.Is(iv.Candidate) {
			keys = append(keys, tx.key('e', iv.ID))
		}
	}
	for _, k := range keys {
		if err := tx.delete(k); err != nil {
			return err
		}
	}
	return nil
}
