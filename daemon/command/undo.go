package command

import (
	"errors"
	"strconv"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// mostReplies bounds a journal: what is older can't be undone by word any more.
const mostReplies = 50

// Journal is what answers did, the latest last.
func Journal(tx *store.Tx, journal string) ([]desk.Reply, error) {
	all, err := store.Journals.Get(tx, journal)
	if all == nil || err != nil {
		return nil, err
	}
	return *all, nil
}

// AppendReply adds what an answer did to a journal, and drops what is too old to be taken back.
func AppendReply(tx *store.Tx, journal string, r desk.Reply) error {
	all, err := Journal(tx, journal)
	if err != nil {
		return err
	}
	all = append(all, r)
	return store.Journals.Put(tx, journal, all[max(0, len(all)-mostReplies):])
}

// Do runs fn behind a savepoint. What fn asks back by a mistake of the recruiter's has changed nothing, and contacts got from the
// transaction since are void; else change gets the records that were written, so that all of it can be taken back.
func Do(tx *store.Tx, change *desk.Change, fn func() error) error {
	point, err := tx.Savepoint()
	if err != nil {
		return err
	}
	if err := fn(); err != nil {
		if desk.IsUserError(err) {
			err = errors.Join(err, point.Rollback())
		}
		return err
	}
	if change.Images, err = point.Images(); err != nil {
		return err
	}
	for _, im := range change.Images {
		if n, err := strconv.Atoi(strings.TrimPrefix(im.Key, store.KindOrder)); im.Key[:1] == store.KindOrder && err == nil {
			change.Order = n
		}
	}
	return nil
}

// undo takes back what an answer did: a bare one the latest command of this very mail, or all of
// the latest answer to the mail; with a number or a name the latest command about that.
func (o *reply) undo(cmd words.Command) error {
	o.undone = true
	if cmd.Ref == "all" || cmd.Ref == "rest" {
		cmd.Ref = ""
	}
	item, _ := strconv.Atoi(cmd.Ref)
	for i := len(o.done.Changes) - 1; i >= 0; i-- { // "2 spoke, scrap that"
		if ch := &o.done.Changes[i]; !ch.Undone && (cmd.Ref == "" || o.fits(ch, cmd.Ref, item)) {
			return o.takeBack(cmd, []*desk.Change{ch})
		}
	}
	for _, journal := range []string{o.journal, desk.JournalName("")} {
		if found, err := o.undoFrom(journal, cmd, item); found || err != nil {
			return err
		}
	}
	o.results = append(o.results, result{cmd: cmd, asked: "there is nothing to undo"})
	return nil
}

func (o *reply) undoFrom(journal string, cmd words.Command, item int) (found bool, err error) {
	all, err := Journal(o.in.Tx, journal)
	if err != nil {
		return false, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		var hit []*desk.Change
		for j := len(all[i].Changes) - 1; j >= 0; j-- {
			ch := &all[i].Changes[j]
			if ch.Undone || cmd.Ref != "" && !o.fits(ch, cmd.Ref, item) {
				continue
			}
			hit = append(hit, ch)
			if cmd.Ref != "" {
				break
			}
		}
		if len(hit) > 0 {
			if err := o.takeBack(cmd, hit); err != nil {
				return true, err
			}
			return true, store.Journals.Put(o.in.Tx, journal, all)
		}
	}
	return false, nil
}

// fits reports whether a change was about the item or the person.
func (o *reply) fits(ch *desk.Change, ref string, item int) bool {
	if item > 0 {
		return ch.Item == item
	}
	if n, ok := desk.ParseOrderName(ref); ok {
		return ch.Order == n
	}
	if ch.Contact == "" {
		return false
	}
	c, err := people.FindContact(o.in.Tx, ref)
	return err == nil && c != nil && c.ID == ch.Contact
}

func (o *reply) takeBack(cmd words.Command, hit []*desk.Change) error {
	for _, ch := range hit {
		note, err := takeBack(ch, o.in.Tx, o.in.Env)
		if err != nil {
			return err
		}
		ch.Undone = true
		if o.issued != nil && ch.Item > 0 {
			delete(o.issued.Answered, strconv.Itoa(ch.Item))
		}
		said := "taken back: " + ch.Line
		if ch.Who != "" {
			said += " (" + ch.Who + ")"
		}
		said += note
		cb, err := o.in.Tx.Callback(ch.Contact)
		if err != nil {
			return err
		}
		if ch.Contact != "" && cb.Open() {
			said += ", next call " + desk.SayInstantYear(cb.Start, o.in.Env.Zone)
		}
		o.results = append(o.results, result{cmd: words.Command{Ref: cmd.Ref, Verb: words.VerbUndo, Line: cmd.Line}, said: said})
	}
	return nil
}
