package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/people"
)

// takingBack undoes one change: each record that it wrote is put back as far as nothing changed it since. What has left has left.
type takingBack struct {
	tx      *store.Tx
	env     desk.Env
	planner *book.Planner
	change  *desk.Change
	notes   []string // what stays
	first   string   // what is told before them
}

// returns says how each kind of record is taken back, in the order in which that is done; a record of any other kind is put back if it is
// as the command left it.
var returns = []struct {
	kind string
	back func(t *takingBack, im *desk.Image) error
}{
	{store.Sessions.Image(), (*takingBack).session},
	{store.Placements.Image(), (*takingBack).placement},
	{store.HandOvers.Image(), (*takingBack).handOver},
	{store.KindOrder, (*takingBack).order},
	{store.KindEnrolment, (*takingBack).enrolment},
	{store.KindInterview, (*takingBack).interview},
	{store.KindOutgoing, (*takingBack).letter},
	{store.KindCall, (*takingBack).call},
	{store.KindTouch, (*takingBack).touch},
	{store.KindContact, (*takingBack).contact},
	{store.KindCallback, (*takingBack).callback},
}

// takeBack undoes what a command did; note says what stays.
func takeBack(ch *desk.Change, tx *store.Tx, env desk.Env) (note string, err error) {
	if len(ch.Images) == 0 && !ch.Fresh {
		return ", but it was said before an update of Fifthcall that can't take it back any more: say what is right instead", nil
	}
	t := &takingBack{tx: tx, env: env, planner: book.NewPlanner(tx, env), change: ch}
	tx.Shown()
	tx.Stir()
	if merged := slices.IndexFunc(ch.Images, func(im desk.Image) bool { return strings.HasPrefix(im.Key, store.KindMerge) && !im.Had }); merged >= 0 {
		return t.merge(strings.TrimPrefix(ch.Images[merged].Key, store.KindMerge))
	}
	done := map[string]bool{}
	for _, r := range returns {
		for i := range ch.Images {
			im := &ch.Images[i]
			if done[im.Key] || !strings.HasPrefix(im.Key, r.kind) {
				continue
			}
			done[im.Key] = true
			if err := r.back(t, im); err != nil {
				return "", err
			}
		}
	}
	for i := range ch.Images {
		if im := &ch.Images[i]; !done[im.Key] {
			if err := t.plain(im); err != nil {
				return "", err
			}
		}
	}
	if ch.Fresh && !done[store.KindContact+ch.Contact] {
		if err := t.contact(&desk.Image{Key: store.KindContact + ch.Contact}); err != nil {
			return "", err
		}
	}
	return t.first + strings.Join(t.notes, ""), nil
}

// plain puts a record back that nothing changed since.
func (t *takingBack) plain(im *desk.Image) error {
	now, has, err := t.tx.Record(im.Key)
	if err != nil || has != im.Has || !bytes.Equal(now, im.Left) {
		return err
	}
	return t.tx.PutBack(*im)
}

// stays tells once what can't be taken back.
func (t *takingBack) stays(note string) {
	if !slices.Contains(t.notes, note) {
		t.notes = append(t.notes, note)
	}
}

// sides decodes a record as it was and as the command left it; nil where it wasn't there.
func sides[T any](im *desk.Image) (was, left *T, err error) {
	decode := func(there bool, data []byte) *T {
		if !there || err != nil {
			return nil
		}
		v := new(T)
		if err = json.Unmarshal(data, v); err != nil {
			err = fmt.Errorf("a journal is damaged: %w", err)
		}
		return v
	}
	return decode(im.Had, im.Was), decode(im.Has, im.Left), err
}

// merge parts two contacts.
func (t *takingBack) merge(id string) (note string, err error) {
	var undo desk.MergeUndo
	ok, err := t.tx.Undo("merge-"+id, &undo)
	if err != nil {
		return "", err
	}
	if !ok || undo.Into.ID != t.change.Contact {
		return ", but the two were parted or merged on since: nothing was changed", nil
	}
	if err := t.tx.DropUndo("merge-" + id); err != nil {
		return "", err
	}
	return "", people.Restore(&undo, t.tx, t.env)
}

// session puts a power session back, its SEQUENCE raised.
func (t *takingBack) session(im *desk.Image) error {
	was, _, err := sides[desk.Session](im)
	if was == nil || err != nil {
		return err
	}
	now, err := store.Sessions.Get(t.tx, was.Key())
	if err != nil {
		return err
	}
	if now != nil {
		was.Sequence = now.Sequence
	}
	was.Sequence, was.Modified = was.Sequence+1, t.env.Now.UTC()
	return store.Sessions.Put(t.tx, was.Key(), *was)
}

// placement restores a placement, or drops one that the command made.
func (t *takingBack) placement(im *desk.Image) error {
	id := strings.TrimPrefix(im.Key, store.Placements.Image())
	was, left, err := sides[desk.Placement](im)
	if err != nil {
		return err
	}
	if was == nil {
		if err := orders.EndCare(t.planner, id); err != nil { // also of what was merged since
			return err
		}
		return store.Placements.Drop(t.tx, id)
	}
	now, err := store.Placements.Get(t.tx, id)
	if err != nil || left == nil {
		return err
	}
	if now == nil {
		return store.Placements.Put(t.tx, id, *was)
	}
	now.TakeBack(was, left)
	return store.Placements.Put(t.tx, id, *now)
}

// handOver takes a hand-over back: the other desk closes what it was given, if it has arrived.
func (t *takingBack) handOver(im *desk.Image) error {
	_, h, err := sides[desk.HandOver](im)
	if h == nil || im.Had || err != nil {
		return err
	}
	if err := store.HandOvers.Drop(t.tx, h.ID); err != nil { // if it waits; it may have arrived all the same
		return err
	}
	back, err := agency.NewHandOver(t.tx, t.env, h.From, h.To)
	if err != nil {
		return err
	}
	back.Ends, back.Order = h.ID, h.Order
	return store.HandOvers.Put(t.tx, back.ID, *back)
}

// order restores a job order, or drops one that the command opened; what was told since stays.
func (t *takingBack) order(im *desk.Image) error {
	was, left, err := sides[desk.JobOrder](im)
	if left == nil || err != nil {
		return err
	}
	now, err := t.tx.Order(left.Number)
	if err != nil || now == nil {
		return err
	}
	switch {
	case was != nil:
		now.TakeBack(was, left)
		return t.tx.PutOrder(now)
	case len(now.Facts) > len(left.Facts) || len(now.Submittals) > len(left.Submittals):
		t.first = ", but " + now.Name() + " stays, as more was told of it since: close it by “" + now.Name() + " closed”"
		return nil
	}
	return t.tx.DropOrder(left.Number)
}

// enrolment ends a sequence that the command began, and goes on with one that it ended.
func (t *takingBack) enrolment(im *desk.Image) error {
	was, left, err := sides[desk.Enrolment](im)
	if left == nil || err != nil {
		return err
	}
	now, err := t.tx.Enrolment(left.ID)
	switch {
	case err != nil || now == nil:
		return err
	case was == nil && now.Live():
		return letters.StopEnrolment(t.tx, t.env, t.planner, now, "taken back")
	case was != nil && was.Live() && !now.Live():
		return t.tx.PutEnrolment(was)
	}
	return nil
}

func (t *takingBack) interview(im *desk.Image) error {
	was, left, err := sides[desk.Interview](im)
	if err != nil {
		return err
	}
	return interviews.RestoreInterview(t.tx, t.env, strings.TrimPrefix(im.Key, store.KindInterview), was, left)
}

// call puts a further call back, its SEQUENCE raised; one that the command set ends.
func (t *takingBack) call(im *desk.Image) error {
	was, left, err := sides[desk.Callback](im)
	if left == nil || err != nil {
		return err
	}
	cur, err := t.tx.Call(left.UID)
	if err != nil || cur == nil || cur.Sequence != left.Sequence {
		return err
	}
	next := *left
	if was != nil {
		next = *was
	} else {
		next.Status, next.ByRound = desk.CallbackCancelled, true
	}
	next.Sequence, next.Modified = cur.Sequence+1, t.env.Now.UTC()
	return t.tx.PutCall(&next)
}

// touch takes a touch out that the command logged.
func (t *takingBack) touch(im *desk.Image) error {
	if im.Had {
		return t.plain(im)
	}
	contact, id, _ := strings.Cut(strings.TrimPrefix(im.Key, store.KindTouch), "\x00")
	return t.tx.DropTouch(contact, id)
}
