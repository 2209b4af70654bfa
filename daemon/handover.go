package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
)

// A hand-over gives a person, or a job order with its client, to a colleague's desk: she gets a mail with the thread, the history and a callback; he
// keeps his own. Two desks never share a transaction: it is written down here, taken in there under its ID, then crossed off here.

// handOver is one on its way; one without a contact is only told.
type handOver struct {
	ID      string         `json:"id"`
	To      string         `json:"to"` // the desk's name
	From    string         `json:"from"`
	Time    time.Time      `json:"time"`
	Contact *desk.Contact  `json:"contact"`
	Touches []desk.Touch   `json:"touches"`
	Order   *desk.JobOrder `json:"order,omitempty"`
	Note    string         `json:"note"`

	Submitted []string  `json:"submitted,omitempty"` // who was, in words
	Step      string    `json:"step,omitempty"`      // of a playbook, to be done by the other desk
	Due       time.Time `json:"due,omitzero"`        // by when
	Ends      string    `json:"ends,omitempty"`      // ID of one that is over: taken back, or its order has ended
}

const (
	handOverPrefix = "handover:"
	handedPrefix   = "handed:" // of those taken in
)

// peer finds a colleague's desk by its name, address or its recruiter's name.
func (r *runner) peer(who string) *runner {
	who = strings.ToLower(strings.Trim(strings.TrimSpace(who), " .,;:"))
	for _, p := range r.peers {
		cfg := p.current().cfg
		first, _, _ := strings.Cut(strings.ToLower(cfg.Letters.Name), " ")
		if who == strings.ToLower(p.name) || who == strings.ToLower(cfg.Email) || who != "" && (who == strings.ToLower(cfg.Letters.Name) || who == first) {
			return p
		}
	}
	return nil
}

func (a *applier) handOver(c *desk.Contact, o *desk.JobOrder, note string) (said string, err error) {
	who := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(note), "to "))
	name, rest, _ := strings.Cut(who, ",")
	to := a.r.peer(name)
	if to == nil {
		var names []string
		for _, p := range a.r.peers {
			names = append(names, p.name)
		}
		if len(names) == 0 {
			return "", usage("there is no other desk to hand over to")
		}
		return "", usage("hand over to whom? The other desks are %s: say “hand over to %s”", strings.Join(names, ", "), names[0])
	}
	if o != nil && o.Status != desk.OrderOpen {
		return "", usage("%s is %s: only an open order can be handed over", o.Describe(), o.Status)
	}
	if c == nil {
		return "", usage("nobody is known who gave %s: say who first, “%s contact jane@acme.example”", o.Name(), o.Name())
	}
	h, err := newHandOver(a.tx, a.env, a.r.name, to.name)
	if err != nil {
		return "", err
	}
	h.Note = strings.TrimSpace(rest)
	if h.Contact, err = copyContact(c); err != nil {
		return "", err
	}
	if h.Touches, err = a.tx.Touches(c); err != nil {
		return "", err
	}
	h.withoutPrivate(a.r.current().cfg.agency.Subjects)
	if o != nil {
		given := *o
		h.Order = &given
		h.withoutPrivate(a.r.current().cfg.agency.Subjects)
		for _, s := range o.Submittals {
			who, err := a.tx.Contact(s.Contact)
			if err != nil {
				return "", err
			}
			if who != nil && s.InProcess() {
				h.Submitted = append(h.Submitted, "submitted by "+a.r.name+" on "+s.Time.In(a.env.Zone).Format("2 Jan 2006")+": "+who.DisplayName())
			}
		}
		o.End(desk.OrderClosed, desk.ReasonHandedOver+to.name, a.env.Now.UTC())
		if err := a.tx.PutOrder(o); err != nil {
			return "", err
		}
	}
	if o == nil && c.Has(desk.RoleDecisionMaker) { // one desk calls them
		c.SetRoles(append(slices.DeleteFunc(slices.Clone(c.Roles), func(r desk.Role) bool { return r == desk.RoleDecisionMaker }), desk.RoleClient), a.env.Now)
		if err := a.tx.PutContact(c); err != nil {
			return "", err
		}
		if err := a.planner.plan(c); err != nil {
			return "", err
		}
	}
	a.tx.Shown()
	a.handed = &handOver{ID: h.ID, To: h.To, From: h.From, Order: h.Order}
	return "handed over to " + to.name + ", who gets a mail and a call for it", a.tx.PutJSON(handOverPrefix+h.ID, h)
}

func newHandOver(tx *store.Tx, env desk.Env, from, to string) (*handOver, error) {
	n, err := tx.NextOrdinal()
	return &handOver{ID: fmt.Sprintf("%s-%d", from, n), To: to, From: from, Time: env.Now.UTC()}, err
}

// withoutPrivate leaves behind what stays on the desk: notes marked as private, and mails' subjects unless they may go.
func (h *handOver) withoutPrivate(subjects bool) {
	h.Contact.Notes = slices.DeleteFunc(h.Contact.Notes, desk.Private)
	for i := range h.Touches {
		t := &h.Touches[i]
		if desk.Private(t.Note) {
			t.Note = ""
		}
		if !subjects {
			t.Subject = ""
		}
	}
	if h.Order != nil {
		var facts []string
		var told []time.Time
		for i, f := range h.Order.Facts {
			if !desk.Private(f) {
				facts = append(facts, f)
				told = append(told, toldAt(h.Order, i))
			}
		}
		h.Order.Facts, h.Order.Told = facts, told
	}
}

// toldAt is when an order's fact was told.
func toldAt(o *desk.JobOrder, i int) time.Time {
	if i < len(o.Told) {
		return o.Told[i]
	}
	return o.Opened
}

// tellDesk has another desk told something, in its next morning mail.
func (a *applier) tellDesk(to *runner, text string) error {
	h, err := newHandOver(a.tx, a.env, a.r.name, to.name)
	if err != nil {
		return err
	}
	h.Note = text
	return a.tx.PutJSON(handOverPrefix+h.ID, h)
}

// deliverHandOvers brings what was handed over to the other desks.
func (r *runner) deliverHandOvers(ctx context.Context, now time.Time) error {
	if len(r.peers) == 0 {
		return nil
	}
	var waiting []handOver
	err := r.state.View(func(tx *store.Tx) error {
		return eachRecord(tx, handOverPrefix, func(h handOver) { waiting = append(waiting, h) })
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(waiting, func(a, b handOver) int { // what ends another comes behind it
		return cmp.Or(a.Time.Compare(b.Time), len(a.ID)-len(b.ID), strings.Compare(a.ID, b.ID))
	})
	for i := range waiting {
		h := &waiting[i]
		to := r.peer(h.To)
		if to == nil {
			continue // that desk is gone; it is told nothing, and nothing is lost here
		}
		if err := to.takeHandOver(ctx, now, h); err != nil {
			return err
		}
		if err := r.updateAt(ctx, now, func(tx *store.Tx, _ desk.Env) error { return tx.DropJSON(handOverPrefix + h.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// takeHandOver takes in what a colleague gave, once.
func (r *runner) takeHandOver(ctx context.Context, now time.Time, h *handOver) error {
	return r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		var taken json.RawMessage
		if known, err := tx.JSON(handedPrefix+h.ID, &taken); known || err != nil {
			return err
		}
		if h.Ends != "" {
			if err := endHandOver(tx, env, h); err != nil {
				return err
			}
			return tx.PutJSON(handedPrefix+h.ID, true)
		}
		if h.Contact == nil {
			if err := tx.AddNews(desk.News{ID: "told-" + h.ID, Time: env.Now, Kind: desk.NewsHint, Text: h.Note}); err != nil {
				return err
			}
			return tx.PutJSON(handedPrefix+h.ID, true)
		}
		was, err := r.knownAs(tx, h)
		if err != nil {
			return err
		}
		c, err := r.adopt(tx, env, h)
		if err != nil {
			return err
		}
		if h.Step != "" && !c.Callable() {
			back, err := newHandOver(tx, env, r.name, h.From)
			if err != nil {
				return err
			}
			back.Note = r.name + " does not do “" + h.Step + "”: " + c.DisplayName() + " is not to be called there (" + string(c.Status) + ")."
			return errors.Join(tx.PutJSON(handOverPrefix+back.ID, back), tx.PutJSON(handedPrefix+h.ID, true))
		}
		if h.Step != "" {
			if _, err := newPlanner(tx, env).newCall(c, desk.RuleOrder, desk.CauseOf(causeOrder, h.ID, "step"), h.Step, h.Due); err != nil {
				return err
			}
			return tx.PutJSON(handedPrefix+h.ID, true)
		}
		if h.Order != nil {
			o := *h.Order
			o.Contact = c.ID
			o.Submittals = nil // their people are the other desk's
			if mine, err := tx.Order(o.Number); err != nil {
				return err
			} else if mine != nil { // it comes home
				o.Submittals = mine.Submittals
			}
			for _, s := range h.Submitted {
				o.Tell(s, env.Now)
			}
			o.Tell("handed over by "+h.From, env.Now)
			if err := tx.PutOrder(&o); err != nil {
				return err
			}
		}
		in := &intake{r: r, tx: tx, env: env}
		said, err := in.callBackOn(newPlanner(tx, env), c, env.WorkdayOnOrAfter(env.Today()), handedReason+h.From+" on ")
		if err != nil {
			return err
		}
		if err := r.tellHandOver(tx, env, h, c, said); err != nil {
			return err
		}
		return tx.PutJSON(handedPrefix+h.ID, handedIn{Contact: c.ID, Fresh: was == nil, WasDM: was != nil && was.Has(desk.RoleDecisionMaker)})
	})
}

// handedIn is what a hand-over of a person did here.
type handedIn struct {
	Contact string
	Fresh   bool
	WasDM   bool
}

// knownAs is a copy of who is handed over as this desk knows them, nil if it doesn't.
func (r *runner) knownAs(tx *store.Tx, h *handOver) (*desk.Contact, error) {
	for _, e := range h.Contact.Emails {
		c, err := tx.ContactByEmail(e)
		if err != nil {
			return nil, err
		}
		if c != nil {
			return copyContact(c)
		}
	}
	return nil, nil
}

// giveBack ends here that a person is this desk's to call, as far as they were not before.
func giveBack(tx *store.Tx, env desk.Env, h *handOver) error {
	var raw json.RawMessage
	var in handedIn
	if known, err := tx.JSON(handedPrefix+h.Ends, &raw); err != nil || !known || json.Unmarshal(raw, &in) != nil || in.Contact == "" {
		return err
	}
	c, err := tx.Contact(in.Contact)
	if err != nil || c == nil {
		return err
	}
	if !in.WasDM && c.Has(desk.RoleDecisionMaker) {
		c.SetRoles(append(slices.DeleteFunc(slices.Clone(c.Roles), func(r desk.Role) bool { return r == desk.RoleDecisionMaker }), desk.RoleClient), env.Now)
		if err := tx.PutContact(c); err != nil {
			return err
		}
	}
	err = newPlanner(tx, env).change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		if !cur.Open() || !strings.HasPrefix(cur.Reason, handedReason+h.From) {
			return cur
		}
		return desk.Close(env, cur, desk.CallbackCancelled, d)
	})
	if err != nil {
		return err
	}
	if err := newPlanner(tx, env).plan(c); err != nil {
		return err
	}
	return tx.AddNews(desk.News{ID: "told-" + h.ID, Time: env.Now, Kind: desk.NewsHint, Contact: c.ID, Text: h.From + " took back the hand-over of " + c.DisplayName() + "."})
}

// handedReason begins the reason of the call for what was handed over.
const handedReason = "handed over by "

// endHandOver ends here what another desk takes back: the order, if it is open still, and the call for a step.
func endHandOver(tx *store.Tx, env desk.Env, h *handOver) error {
	p := newPlanner(tx, env)
	calls, err := tx.Calls()
	if err != nil {
		return err
	}
	for i := range calls {
		if calls[i].Open() && calls[i].Cause == desk.CauseOf(causeOrder, h.Ends, "step") {
			if err := p.endCall(calls[i].UID, desk.CallbackCancelled); err != nil {
				return err
			}
		}
	}
	if h.Order == nil {
		return giveBack(tx, env, h)
	}
	o, err := tx.Order(h.Order.Number)
	if err != nil || o == nil || o.Status != desk.OrderOpen {
		return err
	}
	o.End(desk.OrderClosed, desk.ReasonTakenBack+h.From, env.Now.UTC())
	if err := tx.PutOrder(o); err != nil {
		return err
	}
	return tx.AddNews(desk.News{ID: "told-" + h.ID, Time: env.Now, Kind: desk.NewsHint, Text: h.From + " took back " + o.Describe() + ": it is closed here."})
}

// takeBackHandOver takes a hand-over back: the other desk closes what it was given, if it has arrived.
func (ch *change) takeBackHandOver(tx *store.Tx, env desk.Env) error {
	h := ch.Handed
	if h == nil {
		return nil
	}
	if err := tx.DropJSON(handOverPrefix + h.ID); err != nil { // if it waits; it may have arrived all the same
		return err
	}
	back, err := newHandOver(tx, env, h.From, h.To)
	if err != nil {
		return err
	}
	back.Ends, back.Order = h.ID, h.Order
	return tx.PutJSON(handOverPrefix+back.ID, back)
}

// adopt finds or makes the person on this desk, and takes the history over.
func (r *runner) adopt(tx *store.Tx, env desk.Env, h *handOver) (*desk.Contact, error) {
	var c *desk.Contact
	for _, e := range h.Contact.Emails {
		known, err := tx.ContactByEmail(e)
		if err != nil {
			return nil, err
		}
		if known != nil {
			c = known
			break
		}
	}
	if c == nil {
		made, err := copyContact(h.Contact)
		if err != nil {
			return nil, err
		}
		c = made
		c.Merged, c.Into, c.Source, c.Referral = nil, "", "hand-over", nil // who was a lead there is none here
	} else {
		for _, role := range h.Contact.Roles {
			c.AddRole(role, env.Now)
		}
		c.Name, c.Company, c.Phone, c.Title = orElse(c.Name, h.Contact.Name), orElse(c.Company, h.Contact.Company), orElse(c.Phone, h.Contact.Phone), orElse(c.Title, h.Contact.Title)
	}
	if err := tx.PutContact(c); err != nil {
		return nil, err
	}
	for _, t := range h.Touches {
		if t.Source == desk.SourceHandOver+":"+r.name { // it comes home: it is here
			continue
		}
		if !t.Elsewhere() {
			t.Source = desk.SourceHandOver + ":" + h.From
		}
		t.ID, t.Contact, t.Next = "t-"+desk.ShortHash("handover", h.From, t.ID), c.ID, desk.Next{}
		t.Note = strings.TrimSpace(h.From + ": " + t.Note)
		if err := tx.AddTouch(&t); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// tellHandOver writes to the recruiter what she was given.
func (r *runner) tellHandOver(tx *store.Tx, env desk.Env, h *handOver, c *desk.Contact, said string) error {
	what := c.DisplayName()
	if h.Order != nil {
		what = h.Order.Describe()
	}
	p := &letter.Page{Title: "Fifthcall", Intro: []string{h.From + " hands over " + what + " to you: " + said + "."}}
	if h.Note != "" {
		p.Intro = append(p.Intro, h.Note)
	}
	history := letter.Section{Title: "So far"}
	for _, t := range h.Touches[max(0, len(h.Touches)-20):] {
		line := t.Time.In(env.Zone).Format("2 Jan 2006") + ", " + string(t.Channel) + map[desk.Direction]string{desk.In: " from them", desk.Out: " to them"}[t.Direction]
		for _, s := range []string{string(t.Outcome), t.Subject, t.Note} {
			if s != "" {
				line += ", " + s
			}
		}
		history.Lines = append(history.Lines, shorten(line, 200))
	}
	p.Sections = []letter.Section{{Title: "Answer with the number", Items: []letter.Item{{N: 1, Head: c.DisplayName(), Phone: c.Phone}}}, history}
	if h.Order != nil {
		facts := letter.Section{Title: "The order", Lines: append([]string{h.Order.Text}, h.Order.Facts...)}
		p.Sections = append(p.Sections, facts)
	}
	return r.issue(tx, env, &outgoingPage{kind: kindEcho, subject: h.From + " hands over " + what, page: p, items: []desk.IssuedItem{{N: 1, Kind: desk.ItemCallback, Contact: c.ID, Head: c.DisplayName()}}})
}
