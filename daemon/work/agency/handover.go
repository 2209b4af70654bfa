package agency

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/figures"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// handed are the hand-overs that were taken in, by ID.
const handed store.Table[handedIn] = "handed:"

// HandOver hands a contact, or an order, to another desk.
func HandOver(a *book.Tx, c *desk.Contact, o *desk.JobOrder, note string) (said string, err error) {
	who := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(note), "to "))
	name, rest, _ := strings.Cut(who, ",")
	to := a.R.Peer(name)
	if to == nil {
		var names []string
		for _, p := range a.R.Peers {
			names = append(names, p.Name)
		}
		if len(names) == 0 {
			return "", desk.Usage("there is no other desk to hand over to")
		}
		return "", desk.Usage("hand over to whom? The other desks are %s: say “hand over to %s”", strings.Join(names, ", "), names[0])
	}
	if o != nil && o.Status != desk.OrderOpen {
		return "", desk.Usage("%s is %s: only an open order can be handed over", o.Describe(), o.Status)
	}
	if c == nil {
		return "", desk.Usage("nobody is known who gave %s: say who first, “%s contact jane@acme.example”", o.Name(), o.Name())
	}
	h, err := NewHandOver(a.Tx, a.Env, a.R.Name, to.Name)
	if err != nil {
		return "", err
	}
	h.Note = strings.TrimSpace(rest)
	if h.Contact, err = desk.CopyContact(c); err != nil {
		return "", err
	}
	if h.Touches, err = a.Tx.Touches(c); err != nil {
		return "", err
	}
	WithoutPrivate(h, a.R.Current().Cfg.Agency.Subjects)
	if o != nil {
		given := *o
		h.Order = &given
		WithoutPrivate(h, a.R.Current().Cfg.Agency.Subjects)
		for _, s := range o.Submittals {
			who, err := a.Tx.Contact(s.Contact)
			if err != nil {
				return "", err
			}
			if who != nil && s.InProcess() {
				h.Submitted = append(h.Submitted, "submitted by "+a.R.Name+" on "+desk.DateOf(s.Time.In(a.Env.Zone)).Short()+": "+who.DisplayName())
			}
		}
		o.End(desk.OrderClosed, figures.ReasonHandedOver+to.Name, a.Env.Now.UTC())
		if err := a.Tx.PutOrder(o); err != nil {
			return "", err
		}
	}
	if o == nil && c.Has(desk.RoleDecisionMaker) { // one desk calls them
		c.SetRoles(append(slices.DeleteFunc(slices.Clone(c.Roles), func(r desk.Role) bool { return r == desk.RoleDecisionMaker }), desk.RoleClient), a.Env.Now)
		if err := a.Tx.PutContact(c); err != nil {
			return "", err
		}
		if err := a.Planner.Plan(c); err != nil {
			return "", err
		}
	}
	a.Tx.Shown()
	return "handed over to " + to.Name + ", who gets a mail and a call for it", store.HandOvers.Put(a.Tx, h.ID, *h)
}

// NewHandOver begins a hand-over with an ID of its own.
func NewHandOver(tx *store.Tx, env desk.Env, from, to string) (*desk.HandOver, error) {
	n, err := tx.NextOrdinal()
	return &desk.HandOver{ID: fmt.Sprintf("%s-%d", from, n), To: to, From: from, Time: env.Now.UTC()}, err
}

// WithoutPrivate leaves behind what stays on the desk: notes marked as private, and mails' subjects unless they may go.
func WithoutPrivate(h *desk.HandOver, subjects bool) {
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

// TellDesk has another desk told something, in its next morning mail.
func TellDesk(a *book.Tx, to *book.Runner, text string) error {
	h, err := NewHandOver(a.Tx, a.Env, a.R.Name, to.Name)
	if err != nil {
		return err
	}
	h.Note = text
	return store.HandOvers.Put(a.Tx, h.ID, *h)
}

// DeliverHandOvers brings what was handed over to the other desks.
func DeliverHandOvers(ctx context.Context, r *book.Runner, now time.Time) error {
	if len(r.Peers) == 0 {
		return nil
	}
	var waiting []desk.HandOver
	err := r.State.View(func(tx *store.Tx) error {
		return store.HandOvers.Each(tx, "", func(_ string, h *desk.HandOver) error { waiting = append(waiting, *h); return nil })
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(waiting, func(a, b desk.HandOver) int { // what ends another comes behind it
		return cmp.Or(a.Time.Compare(b.Time), len(a.ID)-len(b.ID), strings.Compare(a.ID, b.ID))
	})
	for i := range waiting {
		h := &waiting[i]
		to := r.Peer(h.To)
		if to == nil {
			continue // that desk is gone; it is told nothing, and nothing is lost here
		}
		if err := takeHandOver(ctx, to, now, h); err != nil {
			return err
		}
		if err := r.UpdateAt(ctx, now, func(tx *store.Tx, _ desk.Env) error { return store.HandOvers.Drop(tx, h.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// takeHandOver takes in what a colleague gave, once.
func takeHandOver(ctx context.Context, r *book.Runner, now time.Time, h *desk.HandOver) error {
	return r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		if known, err := handed.Has(tx, h.ID); known || err != nil {
			return err
		}
		if h.Ends != "" {
			if err := endHandOver(tx, env, h); err != nil {
				return err
			}
			return handed.Put(tx, h.ID, handedIn{})
		}
		if h.Contact == nil {
			if err := tx.AddNews(desk.News{ID: "told-" + h.ID, Time: env.Now, Kind: desk.NewsHint, Text: h.Note}); err != nil {
				return err
			}
			return handed.Put(tx, h.ID, handedIn{})
		}
		was, err := knownAs(r, tx, h)
		if err != nil {
			return err
		}
		c, err := adopt(r, tx, env, h)
		if err != nil {
			return err
		}
		if h.Step != "" && !c.Callable() {
			back, err := NewHandOver(tx, env, r.Name, h.From)
			if err != nil {
				return err
			}
			back.Note = r.Name + " does not do “" + h.Step + "”: " + c.DisplayName() + " is not to be called there (" + string(c.Status) + ")."
			return errors.Join(store.HandOvers.Put(tx, back.ID, *back), handed.Put(tx, h.ID, handedIn{}))
		}
		if h.Step != "" {
			if _, err := book.NewPlanner(tx, env).NewCall(c, desk.RuleOrder, desk.CauseOf(desk.CauseOrder, h.ID, "step"), h.Step, h.Due); err != nil {
				return err
			}
			return handed.Put(tx, h.ID, handedIn{})
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
		said, err := callHanded(r.Open(tx, env), c, h)
		if err != nil {
			return err
		}
		if err := tellHandOver(r, tx, env, h, c, said); err != nil {
			return err
		}
		return handed.Put(tx, h.ID, handedIn{Contact: c.ID, Fresh: was == nil, WasDM: was != nil && was.Has(desk.RoleDecisionMaker)})
	})
}

// callHanded owes a call to somebody who was handed over to this desk, and says when it is.
func callHanded(a *book.Tx, c *desk.Contact, h *desk.HandOver) (said string, err error) {
	if !c.Callable() {
		return "is not to be called (" + string(c.Status) + "): nothing was done", nil
	}
	if err := people.CallBackOn(a, c, a.Env.WorkdayOnOrAfter(a.Env.Today()), handedReason+h.From+" on "); err != nil {
		return "", err
	}
	cb, err := a.Tx.Callback(c.ID)
	if err != nil || !cb.Open() {
		return "", err
	}
	return "call on " + desk.SayInstantYear(cb.Start, a.Env.Zone), nil
}

// handedIn is what a hand-over of a person did here.
type handedIn struct {
	Contact string // "" of what was no person
	Fresh   bool
	WasDM   bool
}

// UnmarshalJSON also reads the “true” that earlier versions stored for what was no person.
func (in *handedIn) UnmarshalJSON(v []byte) error {
	if string(v) == "true" {
		*in = handedIn{}
		return nil
	}
	type plain handedIn
	return json.Unmarshal(v, (*plain)(in))
}

// knownAs is a copy of who is handed over as this desk knows them, nil if it doesn't.
func knownAs(r *book.Runner, tx *store.Tx, h *desk.HandOver) (*desk.Contact, error) {
	for _, e := range h.Contact.Emails {
		c, err := tx.ContactByEmail(e)
		if err != nil {
			return nil, err
		}
		if c != nil {
			return desk.CopyContact(c)
		}
	}
	return nil, nil
}

// giveBack ends here that a person is this desk's to call, as far as they were not before.
func giveBack(tx *store.Tx, env desk.Env, h *desk.HandOver) error {
	in, err := handed.Get(tx, h.Ends)
	if err != nil || in == nil || in.Contact == "" {
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
	err = book.NewPlanner(tx, env).Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		if !cur.Open() || !strings.HasPrefix(cur.Reason, handedReason+h.From) {
			return cur
		}
		return desk.Close(env, cur, desk.CallbackCancelled, d)
	})
	if err != nil {
		return err
	}
	if err := book.NewPlanner(tx, env).Plan(c); err != nil {
		return err
	}
	return tx.AddNews(desk.News{ID: "told-" + h.ID, Time: env.Now, Kind: desk.NewsHint, Contact: c.ID, Text: h.From + " took back the hand-over of " + c.DisplayName() + "."})
}

// handedReason begins the reason of the call for what was handed over.
const handedReason = "handed over by "

// endHandOver ends here what another desk takes back: the order, if it is open still, and the call for a step.
func endHandOver(tx *store.Tx, env desk.Env, h *desk.HandOver) error {
	p := book.NewPlanner(tx, env)
	calls, err := tx.Calls()
	if err != nil {
		return err
	}
	for i := range calls {
		if calls[i].Open() && calls[i].Cause == desk.CauseOf(desk.CauseOrder, h.Ends, "step") {
			if err := p.EndCall(calls[i].UID, desk.CallbackCancelled); err != nil {
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
	o.End(desk.OrderClosed, figures.ReasonTakenBack+h.From, env.Now.UTC())
	if err := tx.PutOrder(o); err != nil {
		return err
	}
	return tx.AddNews(desk.News{ID: "told-" + h.ID, Time: env.Now, Kind: desk.NewsHint, Text: h.From + " took back " + o.Describe() + ": it is closed here."})
}

// adopt finds or makes the person on this desk, and takes the history over.
func adopt(r *book.Runner, tx *store.Tx, env desk.Env, h *desk.HandOver) (*desk.Contact, error) {
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
		made, err := desk.CopyContact(h.Contact)
		if err != nil {
			return nil, err
		}
		c = made
		c.Merged, c.Into, c.Source, c.Referral = nil, "", "hand-over", nil // who was a lead there is none here
	} else {
		for _, role := range h.Contact.Roles {
			c.AddRole(role, env.Now)
		}
		c.Name, c.Company, c.Phone, c.Title = cmp.Or(c.Name, h.Contact.Name), cmp.Or(c.Company, h.Contact.Company), cmp.Or(c.Phone, h.Contact.Phone), cmp.Or(c.Title, h.Contact.Title)
	}
	if err := tx.PutContact(c); err != nil {
		return nil, err
	}
	for _, t := range h.Touches {
		if t.Source == desk.SourceHandOver+":"+r.Name { // it comes home: it is here
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
func tellHandOver(r *book.Runner, tx *store.Tx, env desk.Env, h *desk.HandOver, c *desk.Contact, said string) error {
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
		line := desk.DateOf(t.Time.In(env.Zone)).Short() + ", " + string(t.Channel) + map[desk.Direction]string{desk.In: " from them", desk.Out: " to them"}[t.Direction]
		for _, s := range []string{string(t.Outcome), t.Subject, t.Note} {
			if s != "" {
				line += ", " + s
			}
		}
		history.Lines = append(history.Lines, desk.Shorten(line, 200))
	}
	p.Sections = []letter.Section{{Title: "Answer with the number", Items: []letter.Item{{N: 1, Head: c.DisplayName(), Phone: c.Phone}}}, history}
	if h.Order != nil {
		facts := letter.Section{Title: "The order", Lines: append([]string{h.Order.Text}, h.Order.Facts...)}
		p.Sections = append(p.Sections, facts)
	}
	return r.Issue(tx, env, &book.OutgoingPage{Kind: desk.KindEcho, Subject: h.From + " hands over " + what, Page: p, Items: []desk.IssuedItem{{N: 1, Kind: desk.ItemCallback, Contact: c.ID, Head: c.DisplayName()}}})
}
