package command

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// contact gives a contact back what the command changed; one that it made is forgotten, unless there is mail with it.
func (t *takingBack) contact(im *desk.Image) error {
	id := strings.TrimPrefix(im.Key, store.KindContact)
	was, left, err := sides[desk.Contact](im)
	if err != nil {
		return err
	}
	now, err := t.tx.Contact(id)
	if err != nil || now == nil || now.ID != id { // forgotten, or merged away since
		return err
	}
	if fresh := was == nil || t.change.Fresh && id == t.change.Contact; fresh {
		ts, err := t.tx.Touches(now)
		if err != nil {
			return err
		}
		if len(ts) == 0 {
			if id == t.change.Contact {
				t.stays(", the contact is gone again")
			}
			return t.forget(now)
		}
		if id == t.change.Contact {
			t.stays(", the contact stays, as there is mail with it")
		}
		if was == nil && left != nil {
			was = &desk.Contact{ID: left.ID, Emails: left.Emails, Status: desk.StatusActive, Source: left.Source, Name: left.Name, NameRank: left.NameRank}
		}
	}
	if was != nil && left != nil {
		restore(now, was, left)
	}
	return t.tx.PutContact(now)
}

func (t *takingBack) forget(c *desk.Contact) error {
	for _, a := range c.Emails {
		if err := t.tx.Found(a); err != nil {
			return err
		}
	}
	return t.tx.Forget(c)
}

// restore gives the contact back what the command changed, as far as nothing changed it since.
func restore(now, was, left *desk.Contact) {
	back(&now.Status, was.Status, left.Status)
	back(&now.Phone, was.Phone, left.Phone)
	back(&now.Title, was.Title, left.Title)
	back(&now.Company, was.Company, left.Company)
	back(&now.Placed, was.Placed, left.Placed)
	if now.Name == left.Name && now.NameRank == left.NameRank {
		now.Name, now.NameRank = was.Name, was.NameRank
	}
	if now.DMSince.Equal(left.DMSince) {
		now.DMSince = was.DMSince
	}
	if maps.Equal(now.Fields, left.Fields) {
		now.Fields = maps.Clone(was.Fields)
	}
	if len(now.Past) == len(left.Past) {
		now.Past = slices.Clone(was.Past)
	}
	if reflect.DeepEqual(now.Referral, left.Referral) {
		now.Referral = was.Referral
	}
	now.Roles = backList(now.Roles, was.Roles, left.Roles)
	now.Notes = backList(now.Notes, was.Notes, left.Notes)
	now.BadEmails = backList(now.BadEmails, was.BadEmails, left.BadEmails)
	if !slices.Equal(was.Emails, left.Emails) && slices.Equal(now.Emails, left.Emails) {
		now.Emails = append(slices.Clone(was.Emails), slices.DeleteFunc(slices.Clone(now.Emails), func(e string) bool { return slices.Contains(was.Emails, e) })...)
	}
}

// back puts a field back if it is as the command left it.
func back[T comparable](now *T, was, left T) {
	if *now == left {
		*now = was
	}
}

// backList takes out what the command put in, and puts in what it took out.
func backList[T comparable](now, was, left []T) []T {
	out := slices.DeleteFunc(slices.Clone(now), func(x T) bool { return slices.Contains(left, x) && !slices.Contains(was, x) })
	for _, x := range was {
		if !slices.Contains(left, x) && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// callback puts a callback where it was, if nothing but the days' rolling moved it since; else the rules decide. One that had to give way
// to another's is put back only if it still is where it was put.
func (t *takingBack) callback(im *desk.Image) error {
	was, left, err := sides[desk.Callback](im)
	if left == nil || err != nil {
		return err
	}
	c, err := t.tx.Contact(left.Contact)
	if err != nil || c == nil || c.ID != left.Contact {
		return err
	}
	cur, err := t.tx.Callback(left.Contact)
	if err != nil {
		return err
	}
	own := left.Contact == t.change.Contact
	same := cur != nil && cur.Basis == left.Basis && cur.Status == left.Status
	switch {
	case !same && own:
		return t.planner.Plan(c)
	case !same, !own && !cur.Start.Equal(left.Start):
		return nil
	case was != nil:
		return slide(t.planner, cur, *was)
	case !cur.Open(): // the command opened it
		return nil
	}
	d, err := t.planner.Book()
	if err != nil {
		return err
	}
	if err := t.tx.PutCallback(desk.Close(t.env, cur, desk.CallbackCancelled, d)); err != nil {
		return err
	}
	return t.planner.Plan(c)
}

// slide puts a callback back to an earlier version of it, its SEQUENCE raised. A slot that has
// passed meanwhile becomes the next one.
func slide(p *book.Planner, cur *desk.Callback, to desk.Callback) error {
	d, err := p.Book()
	if err != nil {
		return err
	}
	to.Sequence, to.Modified = cur.Sequence+1, p.Env.Now.UTC()
	if to.Equal(cur) {
		return nil
	}
	if cur.Open() {
		d.Release(cur)
	}
	if to.Open() {
		if to.Start.Before(p.Env.Now) {
			to.Start, to.Late, to.Flag = d.Place(p.Env, desk.Want{Due: p.Env.WorkdayOnOrAfter(p.Env.Today())})
		}
		d.Take(&to)
	}
	if err := p.Tx.PutCallback(&to); err != nil {
		return fmt.Errorf("put the callback back: %w", err)
	}
	return nil
}

// letter restores what the command did to a letter: a released one waits again, a cancelled one is written anew if it still is asked for,
// one that it wrote is withdrawn. What has left has left.
func (t *takingBack) letter(im *desk.Image) error {
	was, left, err := sides[desk.Outgoing](im)
	if left == nil || !left.IsLetter() || err != nil {
		return err
	}
	o, err := t.tx.OutgoingByID(left.ID)
	if err != nil || o == nil {
		return err
	}
	kind, id, _ := desk.ReadCause(o.Cause)
	switch {
	case o.Gone() && was == nil:
		t.stays(", but a letter has left already")
	case o.Gone():
		t.stays(", but the letter has left already")
	case was == nil && o.State == desk.OutEdited:
		t.stays(", but you have edited its draft: delete it from Drafts")
	case was == nil:
		if o.Withdraw("taken back") {
			return t.tx.PutOutgoing(o)
		}
	case o.ByHand && !was.ByHand && kind == desk.CauseInterview: // as the interview is now
		o.ByHand = false
		return t.tx.PutOutgoing(o)
	case o.ByHand && !was.ByHand && kind == desk.CauseSequence:
		return t.sequenceAgain(o, id)
	case inDrafts(o) && !inDrafts(was): // the word laid it into Drafts
		o.Withdraw("taken back")
		t.stays(", its draft is taken away")
		return t.tx.PutOutgoing(o)
	case o.State != left.State && o.State != desk.OutCancelled && o.State != desk.OutWithdraw: // it went on since
	case was.State == desk.OutDraft && o.State != desk.OutDraft: // it was taken out of Drafts: back into it
		was.State, was.Draft, was.Tries = desk.OutDrafting, desk.DraftMark{}, 1
		return t.tx.PutOutgoing(was)
	default:
		return t.tx.PutOutgoing(was)
	}
	return nil
}

func inDrafts(o *desk.Outgoing) bool {
	return o.State == desk.OutDrafting || o.State == desk.OutDraft
}

// sequenceAgain has a sequence write again the letter that was cancelled.
func (t *takingBack) sequenceAgain(o *desk.Outgoing, id string) error {
	e, err := t.tx.Enrolment(id)
	if err != nil {
		return err
	}
	if e == nil || !e.Live() || e.Under != "" && e.Under != o.ID {
		t.stays(", but the sequence has gone on")
		return nil
	}
	e.Again(o)
	e.Retry, e.Next = e.Retry-1, o.Due
	return t.tx.PutEnrolment(e)
}
