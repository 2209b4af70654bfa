package daemon

import (
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
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

func stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

// handle is how a contact is named in listings: the address, or the name without one.
func handle(c *desk.Contact) string {
	if e := c.Email(); e != "" {
		return e
	}
	return c.DisplayName()
}

func (r *runner) touchView(t desk.Touch, c *desk.Contact) TouchView {
	who := t.Email
	if c != nil {
		who = handle(c)
	}
	return TouchView{
		ID: t.ID, Time: stamp(t.Time, r.current().zone), Desk: r.name, Direction: string(t.Direction), Channel: string(t.Channel),
		Kind: string(t.Kind), Outcome: string(t.Outcome), Contact: who, Subject: t.Subject, MessageID: t.MessageID,
		Thread: t.Thread, Source: t.Source, Note: t.Note,
	}
}

// touches lists touches in order of time; contact "" means everybody's.
func (r *runner) touches(contact string) ([]TouchView, error) {
	out := []TouchView{}
	err := r.state.View(func(tx *store.Tx) error {
		if contact != "" {
			c, err := findContact(tx, contact)
			if err != nil {
				return err
			}
			ts, err := tx.Touches(c)
			for _, t := range ts {
				out = append(out, r.touchView(t, c))
			}
			return err
		}
		var all []desk.Touch
		if err := tx.AllTouches(func(t desk.Touch) error { all = append(all, t); return nil }); err != nil {
			return err
		}
		desk.SortTouches(all)
		for _, t := range all {
			c, err := tx.Contact(t.Contact)
			if err != nil {
				return err
			}
			out = append(out, r.touchView(t, c))
		}
		return nil
	})
	return out, err
}

// tally is what a contact's touches add up to.
type tally struct {
	touches            int
	last, conversation time.Time
}

// contacts lists contacts; role "" means all.
func (r *runner) contacts(role desk.Role) ([]ContactView, error) {
	out := []ContactView{}
	err := r.state.View(func(tx *store.Tx) error {
		sums := map[string]*tally{}
		err := tx.AllTouches(func(t desk.Touch) error {
			c, err := tx.Contact(t.Contact)
			if c == nil || err != nil {
				return err
			}
			s := sums[c.ID]
			if s == nil {
				s = &tally{}
				sums[c.ID] = s
			}
			s.add(t)
			return nil
		})
		if err != nil {
			return err
		}
		open, err := openCallbacks(tx)
		if err != nil {
			return err
		}
		lights, err := r.lights(tx, r.env(r.clock()))
		if err != nil {
			return err
		}
		all, err := tx.Contacts()
		for _, c := range all {
			if role == "" || c.Has(role) {
				v := r.contactView(c, sums[c.ID], open[c.ID])
				v.Light = string(lights.of(c).Light)
				out = append(out, v)
			}
		}
		return err
	})
	return out, err
}

func (s *tally) add(t desk.Touch) {
	s.touches++
	if t.Time.After(s.last) {
		s.last = t.Time
	}
	if t.Kind == desk.KindConversation && t.Time.After(s.conversation) {
		s.conversation = t.Time
	}
}

func openCallbacks(tx *store.Tx) (map[string]*desk.Callback, error) {
	cbs, err := tx.Callbacks()
	open := map[string]*desk.Callback{}
	for i := range cbs {
		if cbs[i].Open() {
			open[cbs[i].Contact] = &cbs[i]
		}
	}
	return open, err
}

func (r *runner) contactView(c *desk.Contact, s *tally, cb *desk.Callback) ContactView {
	zone := r.current().zone
	if s == nil {
		s = &tally{}
	}
	v := ContactView{
		Email: c.Email(), Emails: append([]string{}, c.Emails...), Name: c.Name, Company: c.Company, Title: c.Title, Phone: c.Phone,
		Roles: append([]desk.Role{}, c.Roles...), Status: string(c.Status), Light: "grey", Touches: s.touches,
		LastTouch: stamp(s.last, zone), LastConversation: stamp(s.conversation, zone), Notes: append([]string{}, c.Notes...), Fields: c.Fields, Desk: r.name,
	}
	if cb != nil {
		v.NextCallback = stamp(cb.Start, zone)
	}
	return v
}

// contact shows the contact with the address, name or phone number.
func (r *runner) contact(who string) (ContactView, error) {
	return r.show(func(tx *store.Tx) (*desk.Contact, error) { return findContact(tx, who) })
}

// contactByID shows the contact with the ID.
func (r *runner) contactByID(id string) (ContactView, error) {
	return r.show(func(tx *store.Tx) (*desk.Contact, error) { return tx.Contact(id) })
}

func (r *runner) show(find func(*store.Tx) (*desk.Contact, error)) (ContactView, error) {
	var v ContactView
	err := r.state.View(func(tx *store.Tx) error {
		c, err := find(tx)
		if err != nil {
			return err
		}
		ts, err := tx.Touches(c)
		if err != nil {
			return err
		}
		s := &tally{}
		for _, t := range ts {
			s.add(t)
		}
		cb, err := tx.Callback(c.ID)
		if !cb.Open() {
			cb = nil
		}
		v = r.contactView(c, s, cb)
		if err != nil {
			return err
		}
		lights, err := r.lights(tx, r.env(r.clock()))
		v.Light = string(lights.of(c).Light)
		return err
	})
	return v, err
}

// findContact is the contact with the address or name; it makes none.
func findContact(tx *store.Tx, who string) (*desk.Contact, error) {
	a := &applier{tx: tx}
	if addr := canonical(who); addr != "" {
		c, err := tx.ContactByEmail(addr)
		if err != nil || c != nil {
			return c, err
		}
		return nil, notFound("no such contact: %s%s", who, a.similar(addr))
	}
	return a.byName(who)
}

// callbacks lists callbacks by slot; all includes those that have ended.
func (r *runner) callbacks(all bool) ([]CallbackView, error) {
	out := []CallbackView{}
	err := r.state.View(func(tx *store.Tx) error {
		cbs, err := allCallbacks(tx)
		if err != nil {
			return err
		}
		for i := range cbs {
			if !all && !cbs[i].Open() {
				continue
			}
			c, err := tx.Contact(cbs[i].Contact)
			if err != nil {
				return err
			}
			if c != nil {
				out = append(out, r.callbackView(&cbs[i], c))
			}
		}
		return nil
	})
	return out, err
}

func (r *runner) callbackView(cb *desk.Callback, c *desk.Contact) CallbackView {
	return CallbackView{
		EventUID: cb.UID, Contact: handle(c), Name: c.DisplayName(), Company: c.Company, Phone: c.Phone, Due: cb.Due.String(),
		Start: stamp(cb.Start, r.current().zone), Reason: cb.Reason, Rule: string(cb.Rule), Status: string(cb.Status),
		Sequence: cb.Sequence, Flag: cb.Flag, Late: cb.Late, Desk: r.name,
	}
}

// TodayView is what the day asks for: the morning mail's content.
type TodayView struct {
	Desk       string         `json:"desk"`
	Date       string         `json:"date"`
	Callbacks  []CallbackView `json:"callbacks"`
	Surplus    int            `json:"surplus"` // older callbacks that today has no room for
	Unanswered []WaitingView  `json:"unanswered"`
	Asks       []string       `json:"asks"`
	Trouble    []string       `json:"trouble"`
	Text       string         `json:"text"` // as the morning mail says it
}

// WaitingView is a mail that waits for an answer.
type WaitingView struct {
	Contact string `json:"contact"`
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Since   string `json:"since"`
}

// today lists what is to be done on the day of now, as the morning mail would.
func (r *runner) today(now time.Time) (TodayView, error) {
	env := r.env(now)
	v := TodayView{Desk: r.name, Date: env.Today().String(), Callbacks: []CallbackView{}, Unanswered: []WaitingView{}, Asks: []string{}, Trouble: []string{}}
	err := r.state.View(func(tx *store.Tx) error {
		b, err := r.brief(tx, env)
		if err != nil {
			return err
		}
		v.Surplus, v.Text = b.surplus, b.page(env).Text()
		v.Trouble = append(v.Trouble, b.trouble...)
		for _, w := range b.waiting {
			v.Unanswered = append(v.Unanswered, WaitingView{handle(w.contact), w.contact.DisplayName(), w.mail.Subject, stamp(w.mail.Time, env.Zone)})
		}
		for _, a := range b.asks {
			v.Asks = append(v.Asks, a.Head)
		}
		for _, d := range b.due {
			cv := r.callbackView(&d.callback, d.contact)
			if age := d.callback.Age(env.Today()); age != "" {
				cv.Reason += " (" + age + ")"
			}
			v.Callbacks = append(v.Callbacks, cv)
		}
		return nil
	})
	return v, err
}

// lateCount is how many open callbacks found no room up to their due day.
func lateCount(cbs []desk.Callback) int {
	n := 0
	for i := range cbs {
		if cbs[i].Open() && cbs[i].Late {
			n++
		}
	}
	return n
}

func quarantineText(q []store.Quarantined) string {
	var where []string
	for _, x := range q[:min(3, len(q))] {
		where = append(where, x.Folder+" "+itoa(int(x.UID)))
	}
	return itoa(len(q)) + " messages can't be read (" + strings.Join(where, ", ") + "); all others are logged. Look at them in your mail program"
}
