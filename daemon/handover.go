package daemon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
)

// A hand-over gives a person, or a job order with its client, to a colleague's desk: she gets a mail with the thread, the history and a callback; he
// keeps his own. Two desks never share a transaction: it is written down here, taken in there under its ID, then crossed off here.

// handOver is one on its way.
type handOver struct {
	ID      string         `json:"id"`
	To      string         `json:"to"` // the desk's name
	From    string         `json:"from"`
	Time    time.Time      `json:"time"`
	Contact *desk.Contact  `json:"contact"`
	Touches []desk.Touch   `json:"touches"`
	Order   *desk.JobOrder `json:"order,omitempty"`
	Note    string         `json:"note"`
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
	if c == nil {
		return "", usage("nobody is known who gave %s: say who first, “%s contact jane@acme.example”", o.Name(), o.Name())
	}
	n, err := a.tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	h := handOver{ID: fmt.Sprintf("%s-%d", a.r.name, n), To: to.name, From: a.r.name, Time: a.env.Now.UTC(), Note: strings.TrimSpace(rest)}
	if h.Contact, err = copyContact(c); err != nil {
		return "", err
	}
	if h.Touches, err = a.tx.Touches(c); err != nil {
		return "", err
	}
	if o != nil {
		given := *o
		h.Order = &given
		o.End(desk.OrderClosed, "handed over to "+to.name, a.env.Now.UTC())
		if err := a.tx.PutOrder(o); err != nil {
			return "", err
		}
	}
	a.tx.Shown()
	return "handed over to " + to.name + ", who gets a mail and a call for it", a.tx.PutJSON(handOverPrefix+h.ID, h)
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
		var taken bool
		if known, err := tx.JSON(handedPrefix+h.ID, &taken); known || err != nil {
			return err
		}
		c, err := r.adopt(tx, env, h)
		if err != nil {
			return err
		}
		if h.Order != nil {
			o := *h.Order
			o.Contact = c.ID
			o.Submittals = nil // their people are the other desk's
			o.Tell("handed over by "+h.From, env.Now)
			if err := tx.PutOrder(&o); err != nil {
				return err
			}
		}
		in := &intake{r: r, tx: tx, env: env}
		said, err := in.callBackOn(newPlanner(tx, env), c, env.WorkdayOnOrAfter(env.Today()), "handed over by "+h.From+" on ")
		if err != nil {
			return err
		}
		if err := r.tellHandOver(tx, env, h, c, said); err != nil {
			return err
		}
		return tx.PutJSON(handedPrefix+h.ID, true)
	})
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
		c.Merged, c.Into, c.Source = nil, "", "hand-over"
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
