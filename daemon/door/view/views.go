package view

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/daemon/work/reports"
)

// TouchView is a touch as listed; times are RFC 3339 in the desk's zone.
type TouchView struct {
	ID        string `json:"id"`
	Time      string `json:"time"`
	Desk      string `json:"desk"`
	Direction string `json:"direction"`
	Channel   string `json:"channel"`
	Kind      string `json:"kind"`
	Outcome   string `json:"outcome"`
	Contact   string `json:"contact"`
	Subject   string `json:"subject"`
	MessageID string `json:"message_id"`
	Thread    string `json:"thread"`
	Source    string `json:"source"`
	Note      string `json:"note"`
}

// ContactView is a contact as listed.
type ContactView struct {
	Email            string            `json:"email"`
	Emails           []string          `json:"emails"`
	Name             string            `json:"name"`
	Company          string            `json:"company"`
	Title            string            `json:"title"`
	Phone            string            `json:"phone"`
	Roles            []desk.Role       `json:"roles"`
	Status           string            `json:"status"`
	Light            string            `json:"light"`
	Touches          int               `json:"touches"`
	LastTouch        string            `json:"last_touch"`
	LastConversation string            `json:"last_conversation"`
	NextCallback     string            `json:"next_callback"`
	Notes            []string          `json:"notes"`
	Fields           map[string]string `json:"fields,omitempty"`
	Desk             string            `json:"desk"`
}

// CallbackView is a callback as listed.
type CallbackView struct {
	EventUID string `json:"event_uid"`
	Contact  string `json:"contact"`
	Name     string `json:"name"`
	Company  string `json:"company"`
	Phone    string `json:"phone"`
	Due      string `json:"due"`
	Start    string `json:"start"`
	Reason   string `json:"reason"`
	Rule     string `json:"rule"`
	Status   string `json:"status"`
	Sequence int    `json:"sequence"`
	Flag     string `json:"flag,omitempty"`
	Late     bool   `json:"late,omitempty"` // capacity was exhausted up to the due day
	Desk     string `json:"desk"`
}

func touchView(r *book.Runner, t desk.Touch, c *desk.Contact) TouchView {
	who := t.Email
	if c != nil {
		who = desk.Handle(c)
	}
	return TouchView{
		ID: t.ID, Time: desk.Stamp(t.Time, r.Current().Zone), Desk: r.Name, Direction: string(t.Direction), Channel: string(t.Channel),
		Kind: string(t.Kind), Outcome: string(t.Outcome), Contact: who, Subject: t.Subject, MessageID: t.MessageID,
		Thread: t.Thread, Source: t.Source, Note: t.Note,
	}
}

// Touches lists touches in order of time; contact "" means everybody's. Of more than the limit the latest are listed.
func Touches(r *book.Runner, contact string, part Part) ([]TouchView, error) {
	from, err := part.from(r)
	if err != nil {
		return nil, err
	}
	out := []TouchView{}
	err = r.State.View(func(tx *store.Tx) error {
		var all []*desk.Touch
		if contact != "" {
			c, err := people.FindContact(tx, contact)
			if err != nil {
				return err
			}
			h, err := tx.History(c)
			if err != nil {
				return err
			}
			recent := h.From(from)
			for i := range recent {
				all = append(all, &recent[i])
			}
		} else {
			err := tx.AllTouches(func(t *desk.Touch) error {
				if !t.Time.Before(from) {
					all = append(all, t)
				}
				return nil
			})
			if err != nil {
				return err
			}
			slices.SortFunc(all, desk.CompareTouches)
		}
		if part.full(len(all)) { // the latest
			all = all[len(all)-part.Limit:]
		}
		for _, t := range all {
			c, err := tx.Contact(t.Contact)
			if err != nil {
				return err
			}
			out = append(out, touchView(r, *t, c))
		}
		return nil
	})
	return out, err
}

// Contacts lists contacts by name; role "" means all, and since leaves out those without a touch from then on.
func Contacts(r *book.Runner, role desk.Role, part Part) ([]ContactView, error) {
	from, err := part.from(r)
	if err != nil {
		return nil, err
	}
	out := []ContactView{}
	err = r.State.View(func(tx *store.Tx) error {
		open, err := book.OpenCallbacks(tx)
		if err != nil {
			return err
		}
		lights, err := reports.Lights(tx, r.Env(r.Clock()))
		if err != nil {
			return err
		}
		all, err := tx.Contacts()
		if err != nil {
			return err
		}
		for _, c := range all {
			if role != "" && !c.Has(role) {
				continue
			}
			h, err := tx.History(c)
			if err != nil {
				return err
			}
			if lastTouch(h).Before(from) {
				continue
			}
			if part.full(len(out)) {
				break
			}
			v := contactView(r, c, h, open[c.ID])
			v.Light = string(lights.Of(c).Light)
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// lastTouch is when the latest touch was, zero for none.
func lastTouch(h *desk.History) (t time.Time) {
	if n := len(h.Touches); n > 0 {
		t = h.Touches[n-1].Time
	}
	return t
}

func contactView(r *book.Runner, c *desk.Contact, h *desk.History, cb *desk.Callback) ContactView {
	zone := r.Current().Zone
	v := ContactView{
		Email: c.Email(), Emails: append([]string{}, c.Emails...), Name: c.Name, Company: c.Company, Title: c.Title, Phone: c.Phone,
		Roles: append([]desk.Role{}, c.Roles...), Status: string(c.Status), Light: "grey", Touches: len(h.Touches),
		LastTouch: desk.Stamp(lastTouch(h), zone), LastConversation: desk.Stamp(h.LastSpoke, zone), Notes: append([]string{}, c.Notes...), Fields: c.Fields, Desk: r.Name,
	}
	if cb != nil {
		v.NextCallback = desk.Stamp(cb.Start, zone)
	}
	return v
}

// Contact shows the contact with the address, name or phone number.
func Contact(r *book.Runner, who string) (ContactView, error) {
	return show(r, func(tx *store.Tx) (*desk.Contact, error) { return people.FindContact(tx, who) })
}

// contactByID shows the contact with the ID.
func contactByID(r *book.Runner, id string) (ContactView, error) {
	return show(r, func(tx *store.Tx) (*desk.Contact, error) { return tx.Contact(id) })
}

func show(r *book.Runner, find func(*store.Tx) (*desk.Contact, error)) (ContactView, error) {
	var v ContactView
	err := r.State.View(func(tx *store.Tx) error {
		c, err := find(tx)
		if err != nil {
			return err
		}
		h, err := tx.History(c)
		if err != nil {
			return err
		}
		cb, err := tx.Callback(c.ID)
		if !cb.Open() {
			cb = nil
		}
		v = contactView(r, c, h, cb)
		if err != nil {
			return err
		}
		light, err := reports.LightOf(tx, r.Env(r.Clock()), c)
		v.Light = string(light.Light)
		return err
	})
	return v, err
}

// Callbacks lists callbacks by slot; all includes those that have ended.
func Callbacks(r *book.Runner, all bool, part Part) ([]CallbackView, error) {
	from, err := part.from(r)
	if err != nil {
		return nil, err
	}
	out := []CallbackView{}
	err = r.State.View(func(tx *store.Tx) error {
		list, err := book.OpenOnes(tx)
		if all {
			var cbs []desk.Callback
			cbs, err = book.AllCallbacks(tx)
			list = make([]*desk.Callback, len(cbs))
			for i := range cbs {
				list[i] = &cbs[i]
			}
		}
		for _, cb := range desk.From(list, from) {
			if err != nil || part.full(len(out)) {
				break
			}
			out, err = appendCall(out, r, tx, cb)
		}
		return err
	})
	return out, err
}

// NextCallbacks are the first callbacks from an instant on, at most so many, and how many are open in all.
func NextCallbacks(r *book.Runner, from time.Time, most int) (out []CallbackView, open int, err error) {
	err = r.State.View(func(tx *store.Tx) error {
		all, err := book.OpenOnes(tx)
		open = len(all)
		for _, cb := range desk.From(all, from) {
			if err != nil || len(out) == most {
				break
			}
			out, err = appendCall(out, r, tx, cb)
		}
		return err
	})
	return out, open, err
}

// appendCall adds a callback as listed, unless its contact is gone.
func appendCall(out []CallbackView, r *book.Runner, tx *store.Tx, cb *desk.Callback) ([]CallbackView, error) {
	c, err := tx.Contact(cb.Contact)
	if c == nil || err != nil {
		return out, err
	}
	return append(out, CallbackViewOf(r, cb, c)), nil
}

// CallbackViewOf is a callback as listed.
func CallbackViewOf(r *book.Runner, cb *desk.Callback, c *desk.Contact) CallbackView {
	return CallbackView{
		EventUID: cb.UID, Contact: desk.Handle(c), Name: c.DisplayName(), Company: c.Company, Phone: c.Phone, Due: cb.Due.String(),
		Start: desk.Stamp(cb.Start, r.Current().Zone), Reason: cb.Reason, Rule: string(cb.Rule), Status: string(cb.Status),
		Sequence: cb.Sequence, Flag: cb.Flag, Late: cb.Late, Desk: r.Name,
	}
}

// QuarantineText says which messages could not be read.
func QuarantineText(q []store.Quarantined) string {
	var where []string
	for _, x := range q[:min(3, len(q))] {
		where = append(where, x.Folder+" "+strconv.Itoa(int(x.UID)))
	}
	return strconv.Itoa(len(q)) + " messages can't be read (" + strings.Join(where, ", ") + "); all others are logged. Look at them in your mail program"
}
