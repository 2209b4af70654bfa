package command

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
)

// takeBack restores what the command changed: its touch goes, the contact is what it was, and
// the callback slides back, with its SEQUENCE raised, unless something moved it since. note says
// what stays.
func takeBack(ch *desk.Change, tx *store.Tx, env desk.Env) (note string, err error) {
	for _, mark := range ch.Marks {
		if err := tx.SetMark(mark, ""); err != nil {
			return "", err
		}
	}
	if ch.Light != "" {
		if err := book.PutLightWord(tx, ch.Light, ch.LightWas); err != nil {
			return "", err
		}
	}
	if err := takeBackSession(ch, tx, env); err != nil {
		return "", err
	}
	if err := takeBackPlacement(ch, tx, env); err != nil {
		return "", err
	}
	note, err = takeBackOrders(ch, tx)
	if err != nil {
		return "", err
	}
	tx.Shown()
	tx.Stir()
	more, err := takeBackLetters(ch, tx, env)
	if err != nil {
		return "", err
	}
	if ch.Contact != "" {
		gone, err := takeBackContact(ch, tx, env)
		if err != nil {
			return "", err
		}
		note += gone
	}
	if err := errors.Join(takeBackLeads(ch, tx), takeBackHandOver(ch, tx, env)); err != nil {
		return "", err
	}
	return note + more, othersBack(ch, tx, env)
}

// takeBackLetters restores what the command did to letters, interviews, sequences and further calls. What has left has left.
func takeBackLetters(ch *desk.Change, tx *store.Tx, env desk.Env) (note string, err error) {
	if ch.Enrolled != "" {
		e, err := tx.Enrolment(ch.Enrolled)
		if err != nil {
			return "", err
		}
		if e != nil && e.Live() {
			if err := letters.StopEnrolment(tx, env, book.NewPlanner(tx, env), e, "taken back"); err != nil {
				return "", err
			}
		}
	}
	if ch.Interview != "" {
		if err := interviews.RestoreInterview(tx, env, ch.Interview, ch.InterviewWas, ch.InterviewLeft); err != nil {
			return "", err
		}
	}
	for _, m := range ch.Ended {
		if err := interviews.RestoreInterview(tx, env, m.Was.ID, m.Was, m.Left); err != nil {
			return "", err
		}
	}
	for _, was := range ch.Stopped {
		e, err := tx.Enrolment(was.ID)
		if err != nil {
			return "", err
		}
		if e != nil && !e.Live() {
			if err := tx.PutEnrolment(was); err != nil {
				return "", err
			}
		}
	}
	for _, was := range ch.Withdrawn {
		if err := restoreLetter(tx, was); err != nil {
			return "", err
		}
	}
	for _, id := range ch.Written {
		o, err := tx.OutgoingByID(id)
		if err != nil || o == nil {
			return "", err
		}
		switch {
		case o.Gone():
			note = ", but a letter has left already"
		case o.State == desk.OutEdited:
			note = ", but you have edited its draft: delete it from Drafts"
		case o.Withdraw("taken back"):
			err = tx.PutOutgoing(o)
		}
		if err != nil {
			return "", err
		}
	}
	if ch.LetterWas != nil {
		more, err := takeBackLetter(ch, tx)
		if err != nil {
			return "", err
		}
		note += more
	}
	for _, m := range ch.Calls {
		cur, err := tx.Call(m.Left.UID)
		if err != nil {
			return "", err
		}
		if cur == nil || cur.Sequence != m.Left.Sequence {
			continue
		}
		next := m.Left
		if m.Was != nil {
			next = *m.Was
		} else {
			next.Status, next.ByRound = desk.CallbackCancelled, true
		}
		next.Sequence, next.Modified = cur.Sequence+1, env.Now.UTC()
		if err := tx.PutCall(&next); err != nil {
			return "", err
		}
	}
	return note, nil
}

// restoreLetter brings back a letter that was taken back and has not left: into Drafts anew, if it lay there.
func restoreLetter(tx *store.Tx, was *desk.Outgoing) error {
	o, err := tx.OutgoingByID(was.ID)
	if err != nil || o == nil || o.State != desk.OutCancelled && o.State != desk.OutWithdraw {
		return err
	}
	next := *was
	if next.State == desk.OutDraft {
		next.State, next.Draft, next.Tries = desk.OutDrafting, desk.DraftMark{}, 1
	}
	return tx.PutOutgoing(&next)
}

// takeBackLetter restores what a word did to a letter: a released one waits again, a cancelled one is written anew if it still is
// asked for. What has left has left.
func takeBackLetter(ch *desk.Change, tx *store.Tx) (note string, err error) {
	o, err := tx.OutgoingByID(ch.Letter)
	if err != nil || o == nil {
		return "", err
	}
	was := *ch.LetterWas
	kind, _, _ := desk.ReadCause(o.Cause)
	switch {
	case o.Gone():
		return ", but the letter has left already", nil
	case o.ByHand && kind == desk.CauseInterview: // as the interview is now
		o.ByHand = false
		return "", tx.PutOutgoing(o)
	case o.ByHand && kind == desk.CauseSequence:
		e, err := tx.Enrolment(desk.CauseID(o.Cause))
		if err != nil {
			return "", err
		}
		if e == nil || !e.Live() || e.Under != "" && e.Under != o.ID {
			return ", but the sequence has gone on", nil
		}
		e.Again(o)
		e.Retry, e.Next = e.Retry-1, o.Due
		return "", tx.PutEnrolment(e)
	case o.State == desk.OutDrafting || o.State == desk.OutDraft: // the word laid it into Drafts
		o.Withdraw("taken back")
		return ", its draft is taken away", tx.PutOutgoing(o)
	case was.State == desk.OutDraft && o.State != desk.OutDraft: // it was taken out of Drafts: back into it
		was.State, was.Draft, was.Tries = desk.OutDrafting, desk.DraftMark{}, 1
	}
	return "", tx.PutOutgoing(&was)
}

func takeBackContact(ch *desk.Change, tx *store.Tx, env desk.Env) (note string, err error) {
	for _, id := range ch.Touches {
		if err := tx.DropTouch(ch.Contact, id); err != nil {
			return "", err
		}
	}
	if ch.Merged != "" {
		return takeBackMerge(ch, tx, env)
	}
	now, err := tx.Contact(ch.Contact)
	if err != nil || now == nil || now.ID != ch.Contact { // forgotten, or merged away since
		return "", err
	}
	if ch.Fresh {
		ts, err := tx.Touches(now)
		if err != nil {
			return "", err
		}
		if len(ts) == 0 {
			for _, a := range now.Emails {
				if err := tx.Found(a); err != nil {
					return "", err
				}
			}
			return ", the contact is gone again", tx.Forget(now)
		}
		note = ", the contact stays, as there is mail with it"
	}
	restore(ch, now)
	if ch.Before != nil && ch.After != nil && ch.After.Status == desk.StatusDoNotContact && now.Status != desk.StatusDoNotContact {
		for _, e := range now.Emails {
			if err := tx.Unsuppress(e); err != nil {
				return "", err
			}
		}
	}
	if err := tx.PutContact(now); err != nil {
		return "", err
	}
	return note, slideBack(ch, tx, env, now)
}

// restore gives the contact back what the command changed, as far as nothing changed it since.
func restore(ch *desk.Change, now *desk.Contact) {
	was, left := ch.Before, ch.After
	if was == nil || left == nil {
		return
	}
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

func takeBackMerge(ch *desk.Change, tx *store.Tx, env desk.Env) (note string, err error) {
	id := "merge-" + ch.Merged
	var undo desk.MergeUndo
	ok, err := tx.Undo(id, &undo)
	if err != nil {
		return "", err
	}
	if !ok || undo.Into.ID != ch.Contact {
		return ", but the two were parted or merged on since: nothing was changed", nil
	}
	if err := tx.DropUndo(id); err != nil {
		return "", err
	}
	return "", people.Restore(&undo, tx, env)
}

// othersBack puts back the callbacks that had to give way, as far as they still are where they were put.
func othersBack(ch *desk.Change, tx *store.Tx, env desk.Env) error {
	p := book.NewPlanner(tx, env)
	for i := range ch.Others {
		m := &ch.Others[i]
		cur, err := tx.Callback(m.Left.Contact)
		if err != nil {
			return err
		}
		if cur == nil || cur.Basis != m.Left.Basis || !cur.Start.Equal(m.Left.Start) || cur.Status != m.Left.Status {
			continue
		}
		if err := slide(p, cur, m.Was); err != nil {
			return err
		}
	}
	return nil
}

// slideBack puts the callback where it was, if nothing but the days' rolling moved it since;
// else the rules decide.
func slideBack(ch *desk.Change, tx *store.Tx, env desk.Env, c *desk.Contact) error {
	p := book.NewPlanner(tx, env)
	cur, err := tx.Callback(c.ID)
	if err != nil {
		return err
	}
	if cur == nil || ch.Left == nil || cur.Basis != ch.Left.Basis || cur.Status != ch.Left.Status {
		return p.Plan(c)
	}
	if ch.Callback == nil { // the command opened it
		if !cur.Open() {
			return nil
		}
		d, err := p.Book()
		if err != nil {
			return err
		}
		if err := tx.PutCallback(desk.Close(env, cur, desk.CallbackCancelled, d)); err != nil {
			return err
		}
		return p.Plan(c)
	}
	return slide(p, cur, *ch.Callback)
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

// takeBackOrders restores the job orders that the command changed, and drops one that it opened; what was told since stays.
func takeBackOrders(ch *desk.Change, tx *store.Tx) (note string, err error) {
	for i := range ch.OrdersWas {
		left := &ch.OrdersWas[i]
		if i < len(ch.OrdersLeft) {
			left = &ch.OrdersLeft[i]
		}
		if err := takeBackOrder(tx, &ch.OrdersWas[i], left); err != nil {
			return "", err
		}
	}
	switch {
	case ch.Order == 0:
		return "", nil
	case ch.OrderWas != nil:
		return "", takeBackOrder(tx, ch.OrderWas, ch.OrderLeft)
	}
	now, err := tx.Order(ch.Order)
	if err != nil || now == nil {
		return "", err
	}
	if left := ch.OrderLeft; left != nil && (len(now.Facts) > len(left.Facts) || len(now.Submittals) > len(left.Submittals)) {
		return ", but " + now.Name() + " stays, as more was told of it since: close it by “" + now.Name() + " closed”", nil
	}
	return "", tx.DropOrder(ch.Order)
}

func takeBackOrder(tx *store.Tx, was, left *desk.JobOrder) error {
	now, err := tx.Order(was.Number)
	if err != nil {
		return err
	}
	if now == nil || left == nil {
		return tx.PutOrder(was)
	}
	now.TakeBack(was, left)
	return tx.PutOrder(now)
}
