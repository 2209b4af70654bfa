package daemon

import (
	"encoding/json"
	"errors"
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
	After    *desk.Contact  `json:"after,omitempty"`    // and as the command left it
	Callback *desk.Callback `json:"callback,omitempty"` // as it was, nil if there was none
	Left     *desk.Callback `json:"left,omitempty"`     // as the command left it
	Others   []moved        `json:"others,omitempty"`   // callbacks of others that had to give way
	Touches  []string       `json:"touches,omitempty"`
	Marks    []string       `json:"marks,omitempty"`
	Merged   string         `json:"merged,omitempty"` // ID of the contact merged in
	Order    int            `json:"order,omitempty"`  // number of a job order opened or changed
	OrderWas *desk.JobOrder `json:"order_was,omitempty"`
	Undone   bool           `json:"undone,omitempty"`

	OrderLeft  *desk.JobOrder  `json:"order_left,omitempty"`  // as the command left it
	OrdersWas  []desk.JobOrder `json:"orders_was,omitempty"`  // further orders changed, as they were
	OrdersLeft []desk.JobOrder `json:"orders_left,omitempty"` // and as it left them

	Letter       string          `json:"letter,omitempty"` // ID of a letter released or cancelled
	LetterWas    *desk.Outgoing  `json:"letter_was,omitempty"`
	Interview    string          `json:"interview,omitempty"` // ID of an interview made or changed
	InterviewWas *desk.Interview `json:"interview_was,omitempty"`
	Enrolled     string          `json:"enrolled,omitempty"` // ID of an enrolment made

	InterviewLeft *desk.Interview   `json:"interview_left,omitempty"` // as the command left it
	Ended         []movedInterview  `json:"ended,omitempty"`          // interviews that it settled
	Written       []string          `json:"written,omitempty"`        // IDs of letters that it wrote
	Handed        *handOver         `json:"handed,omitempty"`         // what it handed over
	Leads         []string          `json:"leads,omitempty"`          // IDs of contacts that it made of leads
	Withdrawn     []*desk.Outgoing  `json:"withdrawn,omitempty"`      // letters that it took back, as they were
	Stopped       []*desk.Enrolment `json:"stopped,omitempty"`        // sequences that it ended, as they were
	Light         string            `json:"light,omitempty"`          // key of a company whose light was spoken of
	LightWas      *desk.LightWord   `json:"light_was,omitempty"`      // what was said of it before
	Placement     string            `json:"placement,omitempty"`      // ID of a placement made or changed
	PlacementWas  *desk.Placement   `json:"placement_was,omitempty"`
	PlacementLeft *desk.Placement   `json:"placement_left,omitempty"` // as the command left it
	LeadsWas      []movedContact    `json:"leads_was,omitempty"`      // contacts known before that became leads
	Session       *session          `json:"session,omitempty"`        // of a sales day, as it was
	Calls         []movedCall       `json:"calls,omitempty"`          // further calls ended, moved or set
}

// movedInterview is an interview before and behind a command.
type movedInterview struct {
	Was, Left *desk.Interview
}

// movedCall is a further call before and behind a command; Was is nil for a new one.
type movedCall struct {
	Was  *desk.Callback
	Left desk.Callback
}

// moved is a callback before and behind a command.
type moved struct {
	Was, Left desk.Callback
}

// reply is what one mail did.
type reply struct {
	Identity string    `json:"identity"`
	Time     time.Time `json:"time"`
	Lines    string    `json:"lines,omitempty"` // the commands as they were read: the same ones sent again at once are one answer
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
	var err error
	if ch.Before, err = copyContact(c); err != nil { // commands change the contact in place
		return ch, err
	}
	cb, err := tx.Callback(c.ID)
	if cb != nil {
		was := *cb
		ch.Callback = &was
	}
	return ch, err
}

// noteChange notes what the applier's last command did, so that it can be taken back.
func (a *applier) noteChange(ch *change, verb, line string) (err error) {
	ch.Marks, ch.Merged = a.marks, a.merged
	ch.Verb, ch.Line, ch.Touches, ch.Order, ch.OrderWas = verb, line, a.touched, a.order, a.orderWas
	ch.Letter, ch.LetterWas, ch.Interview, ch.InterviewWas, ch.Enrolled = a.letter, a.letterWas, a.interview, a.interviewWas, a.enrolled
	ch.Written, ch.Withdrawn, ch.Stopped, ch.Leads = a.written, a.withdrawn, a.stopped, a.leads
	ch.Handed, ch.OrdersWas = a.handed, a.ordersWas
	ch.Light, ch.LightWas, ch.Placement, ch.PlacementWas = a.light, a.lightWas, a.placement, a.placementWas
	if ch.InterviewLeft, ch.Ended, err = a.interviewsLeft(); err != nil {
		return err
	}
	if ch.Calls, err = a.planner.callsChanged(); err != nil {
		return err
	}
	ch.LeadsWas = a.leadsWas
	if err := errors.Join(ch.ordersAfter(a.tx), ch.placementAfter(a.tx)); err != nil {
		return err
	}
	if ch.Contact != "" {
		if err := ch.after(a.tx); err != nil {
			return err
		}
	}
	return ch.gaveWay(a.tx, a.planner.was)
}

// movedContact is a contact before and behind a command.
type movedContact struct{ Was, Left *desk.Contact }

// placementAfter notes the placement behind the command.
func (ch *change) placementAfter(tx *store.Tx) error {
	if ch.PlacementWas == nil {
		return nil
	}
	left := new(desk.Placement)
	known, err := tx.JSON(placementPrefix+ch.Placement, left)
	if known {
		ch.PlacementLeft = left
	}
	return err
}

// ordersAfter notes the orders behind the command.
func (ch *change) ordersAfter(tx *store.Tx) (err error) {
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

// after notes the contact and its callback behind the command.
func (ch *change) after(tx *store.Tx) error {
	c, err := tx.Contact(ch.Contact)
	if err != nil || c == nil {
		return err
	}
	if ch.After, err = copyContact(c); err != nil {
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
func (ch *change) gaveWay(tx *store.Tx, was map[string]*desk.Callback) error {
	for _, id := range sortedKeys(was) {
		if id == ch.Contact || was[id] == nil {
			continue
		}
		left, err := tx.Callback(id)
		if err != nil {
			return err
		}
		if left != nil {
			ch.Others = append(ch.Others, moved{*was[id], *left})
		}
	}
	return nil
}

func copyContact(c *desk.Contact) (*desk.Contact, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	out := new(desk.Contact)
	return out, json.Unmarshal(b, out)
}

// undo takes back what an answer did: a bare one the latest command of this very mail, or all of
// the latest answer to the mail; with a number or a name the latest command about that.
func (o *obeying) undo(cmd desk.Command) error {
	o.undone = true
	if cmd.Ref == "all" || cmd.Ref == "rest" {
		cmd.Ref = ""
	}
	item, _ := strconv.Atoi(cmd.Ref)
	for i := len(o.done.Changes) - 1; i >= 0; i-- { // "2 spoke, scrap that"
		if ch := &o.done.Changes[i]; !ch.Undone && (cmd.Ref == "" || o.fits(ch, cmd.Ref, item)) {
			return o.takeBack(cmd, []*change{ch})
		}
	}
	for _, journal := range []string{o.journal, journalName("")} {
		if found, err := o.undoFrom(journal, cmd, item); found || err != nil {
			return err
		}
	}
	o.results = append(o.results, result{cmd: cmd, asked: "there is nothing to undo"})
	return nil
}

func (o *obeying) undoFrom(journal string, cmd desk.Command, item int) (found bool, err error) {
	var all []reply
	if _, err := o.in.tx.JSON(journal, &all); err != nil {
		return false, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		var hit []*change
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
			return true, o.in.tx.PutJSON(journal, all)
		}
	}
	return false, nil
}

// fits reports whether a change was about the item or the person.
func (o *obeying) fits(ch *change, ref string, item int) bool {
	if item > 0 {
		return ch.Item == item
	}
	if n, ok := desk.ParseOrderName(ref); ok {
		return ch.Order == n
	}
	if ch.Contact == "" {
		return false
	}
	c, err := findContact(o.in.tx, ref)
	return err == nil && c != nil && c.ID == ch.Contact
}

func (o *obeying) takeBack(cmd desk.Command, hit []*change) error {
	for _, ch := range hit {
		note, err := ch.takeBack(o.in.tx, o.in.env)
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
		cb, err := o.in.tx.Callback(ch.Contact)
		if err != nil {
			return err
		}
		if ch.Contact != "" && cb.Open() {
			said += ", next call " + cb.Start.In(o.in.env.Zone).Format("Mon 2 Jan 2006, 15:04")
		}
		o.results = append(o.results, result{cmd: desk.Command{Ref: cmd.Ref, Verb: desk.VerbUndo, Line: cmd.Line}, said: said})
	}
	return nil
}
