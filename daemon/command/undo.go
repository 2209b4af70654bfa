package command

import (
	"errors"
	"strconv"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// mostReplies bounds a journal: what is older can't be undone by word any more.
const mostReplies = 50

// AppendReply adds what an answer did to a journal, and drops what is too old to be taken back.
func AppendReply(tx *store.Tx, journal string, r desk.Reply) error {
	var all []desk.Reply
	if _, err := tx.JSON(journal, &all); err != nil {
		return err
	}
	all = append(all, r)
	return tx.PutJSON(journal, all[max(0, len(all)-mostReplies):])
}

// Snapshot notes a contact and its callback before a command.
func Snapshot(tx *store.Tx, c *desk.Contact, fresh bool) (desk.Change, error) {
	ch := desk.Change{Contact: c.ID, Fresh: fresh}
	var err error
	if ch.Before, err = desk.CopyContact(c); err != nil { // commands change the contact in place
		return ch, err
	}
	cb, err := tx.Callback(c.ID)
	if cb != nil {
		was := *cb
		ch.Callback = &was
	}
	return ch, err
}

// NoteChange notes what the applier's last command did, so that it can be taken back.
func NoteChange(a *book.Applier, ch *desk.Change, verb, line string) (err error) {
	ch.Marks, ch.Merged = a.Marks, a.Merged
	ch.Verb, ch.Line, ch.Touches, ch.Order, ch.OrderWas = verb, line, a.Touched, a.Order, a.OrderWas
	ch.Letter, ch.LetterWas, ch.Interview, ch.InterviewWas, ch.Enrolled = a.Letter, a.LetterWas, a.Interview, a.InterviewWas, a.Enrolled
	ch.Written, ch.Withdrawn, ch.Stopped, ch.Leads = a.Written, a.Withdrawn, a.Stopped, a.Leads
	ch.Handed, ch.OrdersWas = a.Handed, a.OrdersWas
	ch.Light, ch.LightWas, ch.Placement, ch.PlacementWas = a.Light, a.LightWas, a.Placement, a.PlacementWas
	if ch.InterviewLeft, ch.Ended, err = interviewsLeft(a); err != nil {
		return err
	}
	if ch.Calls, err = a.Planner.CallsChanged(); err != nil {
		return err
	}
	ch.LeadsWas = a.LeadsWas
	if err := errors.Join(ordersAfter(ch, a.Tx), placementAfter(ch, a.Tx)); err != nil {
		return err
	}
	if ch.Contact != "" {
		if err := After(ch, a.Tx); err != nil {
			return err
		}
	}
	return gaveWay(ch, a.Tx, a.Planner.Was)
}

// placementAfter notes the placement behind the command.
func placementAfter(ch *desk.Change, tx *store.Tx) error {
	if ch.PlacementWas == nil {
		return nil
	}
	left := new(desk.Placement)
	known, err := tx.JSON(desk.PlacementPrefix+ch.Placement, left)
	if known {
		ch.PlacementLeft = left
	}
	return err
}

// ordersAfter notes the orders behind the command.
func ordersAfter(ch *desk.Change, tx *store.Tx) (err error) {
	if ch.Order > 0 {
		if ch.OrderLeft, err = tx.Order(ch.Order); err != nil {
			return err
		}
	}
	for i := range ch.OrdersWas {
		o, err := tx.Order(ch.OrdersWas[i].Number)
		if err != nil {
			return err
		}
		if o == nil {
			o = &ch.OrdersWas[i]
		}
		ch.OrdersLeft = append(ch.OrdersLeft, *o)
	}
	return nil
}

// After notes the contact and its callback behind the command.
func After(ch *desk.Change, tx *store.Tx) error {
	c, err := tx.Contact(ch.Contact)
	if err != nil || c == nil {
		return err
	}
	if ch.After, err = desk.CopyContact(c); err != nil {
		return err
	}
	cb, err := tx.Callback(ch.Contact)
	if cb != nil {
		left := *cb
		ch.Left = &left
	}
	return err
}

// gaveWay notes the callbacks of others that the planner moved.
func gaveWay(ch *desk.Change, tx *store.Tx, was map[string]*desk.Callback) error {
	for _, id := range desk.SortedKeys(was) {
		if id == ch.Contact || was[id] == nil {
			continue
		}
		left, err := tx.Callback(id)
		if err != nil {
			return err
		}
		if left != nil {
			ch.Others = append(ch.Others, desk.Moved{Was: *was[id], Left: *left})
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
	var all []desk.Reply
	if _, err := o.in.Tx.JSON(journal, &all); err != nil {
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
			return true, o.in.Tx.PutJSON(journal, all)
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
		if who := ch.Before; who != nil {
			said += " (" + who.DisplayName() + ")"
		}
		said += note
		cb, err := o.in.Tx.Callback(ch.Contact)
		if err != nil {
			return err
		}
		if ch.Contact != "" && cb.Open() {
			said += ", next call " + cb.Start.In(o.in.Env.Zone).Format("Mon 2 Jan 2006, 15:04")
		}
		o.results = append(o.results, result{cmd: words.Command{Ref: cmd.Ref, Verb: words.VerbUndo, Line: cmd.Line}, said: said})
	}
	return nil
}
