package daemon

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// change is what one command did, and how it is taken back.
type change struct {
	Line     string         `json:"line"`
	Verb     string         `json:"verb"`
	Item     int            `json:"item,omitempty"` // number in the mail answered
	Contact  string         `json:"contact,omitempty"`
	Fresh    bool           `json:"fresh,omitempty"`    // the command made the contact
	Before   *desk.Contact  `json:"before,omitempty"`   // the contact as it was
	Callback *desk.Callback `json:"callback,omitempty"` // likewise, nil if it had none
	Left     *desk.Callback `json:"left,omitempty"`     // as the command left it
	Touches  []string       `json:"touches,omitempty"`
	Mark     string         `json:"mark,omitempty"`
	Order    int            `json:"order,omitempty"` // number of a job order opened or changed
	OrderWas *desk.JobOrder `json:"order_was,omitempty"`
	Undone   bool           `json:"undone,omitempty"`
}

// reply is what one mail did.
type reply struct {
	Identity string    `json:"identity"`
	Time     time.Time `json:"time"`
	Changes  []change  `json:"changes"`
}

// mostReplies bounds a journal: what is older can't be undone by word any more.
const mostReplies = 50

func appendReply(tx *store.Tx, journal string, r reply) error {
	var all []reply
	if _, err := tx.JSON(journal, &all); err != nil {
		return err
	}
	all = append(all, r)
	return tx.PutJSON(journal, all[max(0, len(all)-mostReplies):])
}

// snapshot notes a contact and its callback before a command.
func snapshot(tx *store.Tx, c *desk.Contact, fresh bool) (change, error) {
	ch := change{Contact: c.ID, Fresh: fresh}
	b, err := json.Marshal(c) // a deep copy: commands change the contact in place
	if err != nil {
		return ch, err
	}
	ch.Before = new(desk.Contact)
	if err := json.Unmarshal(b, ch.Before); err != nil {
		return ch, err
	}
	cb, err := tx.Callback(c.ID)
	if cb != nil {
		was := *cb
		ch.Callback = &was
	}
	return ch, err
}

// after notes the callback behind the command.
func (ch *change) after(tx *store.Tx) error {
	cb, err := tx.Callback(ch.Contact)
	if cb != nil {
		left := *cb
		ch.Left = &left
	}
	return err
}

// undo takes back all of the latest reply to the mail, or the latest command on one item.
func (o *obeying) undo(cmd desk.Command) error {
	var all []reply
	if _, err := o.in.tx.JSON(o.journal, &all); err != nil {
		return err
	}
	item := 0
	if cmd.Ref != "" {
		item, _ = strconv.Atoi(cmd.Ref)
	}
	o.undone = true
	// what this very mail did before comes first: "2 spoke, oops 2 vm"
	if item > 0 {
		for i := len(o.done.Changes) - 1; i >= 0; i-- {
			if ch := &o.done.Changes[i]; ch.Item == item && !ch.Undone {
				return o.takeBack(cmd, []*change{ch}, nil)
			}
		}
	}
	for i := len(all) - 1; i >= 0; i-- {
		var hit []*change
		for j := len(all[i].Changes) - 1; j >= 0; j-- {
			ch := &all[i].Changes[j]
			if ch.Undone || cmd.Ref != "" && (item == 0 || ch.Item != item) && !o.about(ch, cmd.Ref) {
				continue
			}
			hit = append(hit, ch)
			if cmd.Ref != "" {
				break
			}
		}
		if len(hit) > 0 {
			return o.takeBack(cmd, hit, all)
		}
	}
	o.results = append(o.results, result{cmd: cmd, asked: "there is nothing to undo"})
	return nil
}

// about reports whether a change was about the person named.
func (o *obeying) about(ch *change, ref string) bool {
	if ch.Contact == "" {
		return false
	}
	c, err := findContact(o.in.tx, ref)
	return err == nil && c != nil && c.ID == ch.Contact
}

func (o *obeying) takeBack(cmd desk.Command, hit []*change, all []reply) error {
	for _, ch := range hit {
		if err := ch.takeBack(o.in.tx, o.in.env); err != nil {
			return err
		}
		ch.Undone = true
		if o.issued != nil && ch.Item > 0 {
			delete(o.issued.Answered, strconv.Itoa(ch.Item))
		}
		said := "taken back: " + ch.Line
		if who := ch.Before; who != nil {
			said += " (" + who.DisplayName() + ")"
		}
		if cb, err := o.in.tx.Callback(ch.Contact); err != nil {
			return err
		} else if ch.Contact != "" && cb.Open() {
			said += ", next call " + cb.Start.In(o.in.env.Zone).Format("Mon 2 Jan 2006, 15:04")
		}
		o.results = append(o.results, result{cmd: desk.Command{Ref: cmd.Ref, Verb: desk.VerbUndo, Line: cmd.Line}, said: said})
	}
	if all == nil {
		return nil
	}
	return o.in.tx.PutJSON(o.journal, all)
}

// takeBack restores what the command changed: its touch goes, the contact is what it was, and
// the callback slides back, with its SEQUENCE raised, unless something moved it since.
func (ch *change) takeBack(tx *store.Tx, env desk.Env) error {
	if ch.Mark != "" {
		if err := tx.SetMark(ch.Mark, ""); err != nil {
			return err
		}
	}
	if err := ch.takeBackOrder(tx); err != nil || ch.Contact == "" {
		return err
	}
	for _, id := range ch.Touches {
		if err := tx.DropTouch(ch.Contact, id); err != nil {
			return err
		}
	}
	tx.Shown()
	if ch.Verb == desk.VerbMerge {
		if done, err := ch.takeBackMerge(tx, env); done || err != nil {
			return err
		}
	}
	now, err := tx.Contact(ch.Contact)
	if err != nil || now == nil {
		return err
	}
	ch.restore(now)
	if err := tx.PutContact(now); err != nil {
		return err
	}
	return ch.slideBack(tx, env, now)
}

// takeBackOrder restores a job order, or drops it where the command opened it; its number stays used.
func (ch *change) takeBackOrder(tx *store.Tx) error {
	switch {
	case ch.Order == 0:
		return nil
	case ch.OrderWas != nil:
		return tx.PutOrder(ch.OrderWas)
	}
	return tx.DropOrder(ch.Order)
}

// restore gives the contact back what a command can change; what mail taught since stays.
func (ch *change) restore(now *desk.Contact) {
	was := ch.Before
	now.Status, now.Roles, now.DMSince, now.Notes, now.Phone, now.Title, now.Company = was.Status, was.Roles, was.DMSince, was.Notes, was.Phone, was.Title, was.Company
	now.BadEmails = was.BadEmails
	if now.NameRank > was.NameRank {
		now.Name, now.NameRank = was.Name, was.NameRank
	}
	if ch.Verb == desk.VerbFact {
		now.Emails = append(slices.Clone(was.Emails), slices.DeleteFunc(slices.Clone(now.Emails), func(e string) bool { return slices.Contains(was.Emails, e) })...)
	}
}

func (ch *change) takeBackMerge(tx *store.Tx, env desk.Env) (bool, error) {
	now, err := tx.Contact(ch.Contact)
	if err != nil || now == nil || len(now.Merged) == 0 {
		return false, err
	}
	id := "merge-" + now.Merged[len(now.Merged)-1]
	var undo mergeUndo
	ok, err := tx.Undo(id, &undo)
	if !ok || err != nil {
		return false, err
	}
	if err := tx.DropUndo(id); err != nil {
		return false, err
	}
	return true, undo.restore(tx, env)
}

// slideBack puts the callback where it was, if it still is where the command left it; else
// the rules decide.
func (ch *change) slideBack(tx *store.Tx, env desk.Env, c *desk.Contact) error {
	p := newPlanner(tx, env)
	cur, err := tx.Callback(c.ID)
	if err != nil {
		return err
	}
	untouched := cur != nil && ch.Left != nil && cur.Basis == ch.Left.Basis && cur.Start.Equal(ch.Left.Start) && cur.Status == ch.Left.Status
	if cur == nil || !untouched {
		return p.plan(c)
	}
	d, err := p.book()
	if err != nil {
		return err
	}
	if ch.Callback == nil { // the command opened it
		if !cur.Open() {
			return nil
		}
		if err := tx.PutCallback(desk.Close(env, cur, desk.CallbackCancelled, d)); err != nil {
			return err
		}
		return p.plan(c)
	}
	back := *ch.Callback
	back.Sequence, back.Modified = cur.Sequence+1, env.Now.UTC()
	if cur.Open() {
		d.Release(cur)
	}
	if back.Open() {
		if back.Start.Before(env.Now) { // its slot has passed meanwhile
			back.Start, back.Late, back.Flag = d.Place(env, desk.Want{Due: env.WorkdayOnOrAfter(env.Today())})
		}
		d.Take(&back)
	}
	if back.Equal(cur) {
		return nil
	}
	if err := tx.PutCallback(&back); err != nil {
		return fmt.Errorf("put the callback back: %w", err)
	}
	return nil
}
