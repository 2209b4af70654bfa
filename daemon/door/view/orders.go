package view

import (
	"context"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
)

// OrderView is a job order as listed.
type OrderView struct {
	Number     string          `json:"number"`
	Title      string          `json:"title"`
	Company    string          `json:"company"`
	Contact    string          `json:"contact"`
	Status     string          `json:"status"`
	Opened     string          `json:"opened"`
	Closed     string          `json:"closed"`
	Reason     string          `json:"reason"`
	Text       string          `json:"text"`
	Facts      []string        `json:"facts"`
	Submittals []SubmittalView `json:"submittals"`
	Desk       string          `json:"desk"`

	Rank          string             `json:"rank"`
	Why           string             `json:"why"` // of the rank
	Qualification desk.Qualification `json:"qualification"`
	Clock         []OrderStepView    `json:"clock"`
	Playbook      string             `json:"playbook"`
	Parked        string             `json:"parked"` // until then, "" if it isn't
}

// OrderStepView is one step of an order's clock.
type OrderStepView struct {
	Step string `json:"step"`
	Done string `json:"done"`
	Due  string `json:"due"`
	Late bool   `json:"late"`
	By   string `json:"by"` // what shows it
}

// SubmittalView is a candidate introduced for an order.
type SubmittalView struct {
	Contact string `json:"contact"`
	Time    string `json:"time"`
	Consent string `json:"consent"` // when they agreed to it, "" if that isn't known
}

func orderView(r *book.Runner, tx *store.Tx, o *desk.JobOrder) (OrderView, error) {
	zone := r.Current().Zone
	v := OrderView{
		Number: o.Name(), Title: o.Title, Company: o.Company, Status: string(o.Status), Opened: desk.Stamp(o.Opened, zone), Closed: desk.Stamp(o.Closed, zone),
		Reason: o.Reason, Text: o.Text, Facts: append([]string{}, o.Facts...), Submittals: []SubmittalView{}, Desk: r.Name,
	}
	name := func(id string) (string, error) {
		c, err := tx.Contact(id)
		if c == nil || err != nil {
			return "", err
		}
		return desk.Handle(c), nil
	}
	var err error
	if o.Contact != "" {
		if v.Contact, err = name(o.Contact); err != nil {
			return v, err
		}
	}
	of, err := orders.OrderOf(r, tx, r.Env(r.Clock()), o)
	if err != nil {
		return v, err
	}
	v.Qualification, v.Rank, v.Why, v.Playbook = of.Qualification, of.Rank, of.Why, of.Playbook.Name
	if r.Env(r.Clock()).Today().Before(o.Parked) {
		v.Parked = o.Parked.String()
	}
	for _, s := range of.Steps {
		v.Clock = append(v.Clock, OrderStepView{s.Name, desk.Stamp(s.Done, zone), desk.Stamp(s.Due, zone), s.Late(r.Clock()), s.By})
	}
	for _, s := range o.Submittals {
		who, err := name(s.Contact)
		if err != nil {
			return v, err
		}
		v.Submittals = append(v.Submittals, SubmittalView{who, desk.Stamp(s.Time, zone), desk.Stamp(s.Consent, zone)})
	}
	return v, nil
}

// Orders lists the job orders by number; all includes those that have ended.
func Orders(r *book.Runner, all bool) ([]OrderView, error) {
	out := []OrderView{}
	err := r.State.View(func(tx *store.Tx) error {
		os, err := tx.Orders()
		for i := range os {
			if !all && os[i].Status != desk.OrderOpen {
				continue
			}
			v, err := orderView(r, tx, &os[i])
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// Order shows one order.
func Order(r *book.Runner, name string) (v OrderView, err error) {
	err = r.State.View(func(tx *store.Tx) error {
		o, err := orders.FindOrder(tx, name)
		if err != nil {
			return err
		}
		v, err = orderView(r, tx, o)
		return err
	})
	return v, err
}

// SetOrder says something of an order: a fact, or how it ended ("filled", "lost to a competitor", "closed"). It goes the way of all that
// is said in the shell, so that it can be taken back there.
func SetOrder(ctx context.Context, r *book.Runner, name, text string) (OrderView, error) {
	cmd := words.Command{Ref: strings.ToUpper(strings.TrimSpace(name)), Verb: words.VerbOrder, Note: text, Line: name + " " + text}
	if _, ok := desk.ParseOrderName(cmd.Ref); !ok {
		return OrderView{}, desk.Usage("%q is no job order's number; they look like JO7", name)
	}
	if _, _, err := command.SayAll(ctx, r, "", []words.Command{cmd}, r.Clock()); err != nil {
		return OrderView{}, err
	}
	return Order(r, name)
}
