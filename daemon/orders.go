package daemon

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
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

func (r *runner) orderView(tx *store.Tx, o *desk.JobOrder) (OrderView, error) {
	zone := r.current().zone
	v := OrderView{
		Number: o.Name(), Title: o.Title, Company: o.Company, Status: string(o.Status), Opened: stamp(o.Opened, zone), Closed: stamp(o.Closed, zone),
		Reason: o.Reason, Text: o.Text, Facts: append([]string{}, o.Facts...), Submittals: []SubmittalView{}, Desk: r.name,
	}
	name := func(id string) (string, error) {
		c, err := tx.Contact(id)
		if c == nil || err != nil {
			return "", err
		}
		return handle(c), nil
	}
	var err error
	if o.Contact != "" {
		if v.Contact, err = name(o.Contact); err != nil {
			return v, err
		}
	}
	of, err := r.orderOf(tx, r.env(r.clock()), o)
	if err != nil {
		return v, err
	}
	v.Qualification, v.Rank, v.Why, v.Playbook = of.qualification, of.rank, of.why, of.playbook.Name
	if r.env(r.clock()).Today().Before(o.Parked) {
		v.Parked = o.Parked.String()
	}
	for _, s := range of.steps {
		v.Clock = append(v.Clock, OrderStepView{s.Name, stamp(s.Done, zone), stamp(s.Due, zone), s.Late(r.clock()), s.By})
	}
	for _, s := range o.Submittals {
		who, err := name(s.Contact)
		if err != nil {
			return v, err
		}
		v.Submittals = append(v.Submittals, SubmittalView{who, stamp(s.Time, zone), stamp(s.Consent, zone)})
	}
	return v, nil
}

// orderFacts is what follows from the log about an order.
type orderFacts struct {
	qualification desk.Qualification
	rank, why     string
	steps         []desk.OrderStep
	playbook      desk.Playbook
}

// orderOf derives it. Whoever works at the client counts as the client.
func (r *runner) orderOf(tx *store.Tx, env desk.Env, o *desk.JobOrder) (orderFacts, error) {
	var f orderFacts
	giver, err := tx.Contact(o.Contact)
	if err != nil {
		return f, err
	}
	people, err := clientOf(tx, o, giver)
	if err != nil {
		return f, err
	}
	var touches []desk.Touch
	for _, c := range people {
		ts, err := tx.Touches(c)
		if err != nil {
			return f, err
		}
		touches = append(touches, ts...)
	}
	desk.SortTouches(touches)
	first, offer := time.Time{}, o.Offered
	interviews, err := tx.Interviews()
	if err != nil {
		return f, err
	}
	for i := range interviews {
		if iv := &interviews[i]; iv.Order == o.Number && iv.Status != desk.InterviewCancelled && (first.IsZero() || iv.Start.Before(first)) {
			first = iv.Start
		}
	}
	rs := r.current()
	f.qualification = o.Qualify(reachable(people))
	f.rank, f.why = r.rankOf(o, people)
	f.playbook = desk.PlaybookOf(o, f.rank, rs.cfg.playbooks, env.Today())
	f.steps = o.Clock(env, f.playbook.Targets, touches, first, offer)
	return f, nil
}

// clientOf are the people of an order's client.
func clientOf(tx *store.Tx, o *desk.JobOrder, giver *desk.Contact) ([]*desk.Contact, error) {
	all, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	byFirm, firms := tx.Firms(func() (map[string][]*desk.Contact, *desk.Firms) {
		firms, by := desk.NewFirms(all, mailbox.FreeMail), map[string][]*desk.Contact{}
		for _, c := range all {
			if k := firms.Of(c); k != "" && c.IsTarget() {
				by[k] = append(by[k], c)
			}
		}
		return by, firms
	})
	keys := []string{desk.CompanyKey(&desk.Contact{Company: o.Company}, mailbox.FreeMail)}
	if giver != nil {
		keys = append(keys, firms.Of(giver))
	}
	var out []*desk.Contact
	for _, k := range keys {
		for _, c := range byFirm[k] {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	if giver != nil && !slices.ContainsFunc(out, func(c *desk.Contact) bool { return c.ID == giver.ID }) {
		out = append(out, giver)
	}
	return out, nil
}

// orders lists the job orders by number; all includes those that have ended.
func (r *runner) orders(all bool) ([]OrderView, error) {
	out := []OrderView{}
	err := r.state.View(func(tx *store.Tx) error {
		os, err := tx.Orders()
		for i := range os {
			if !all && os[i].Status != desk.OrderOpen {
				continue
			}
			v, err := r.orderView(tx, &os[i])
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// order shows one order.
func (r *runner) order(name string) (v OrderView, err error) {
	err = r.state.View(func(tx *store.Tx) error {
		o, err := findOrder(tx, name)
		if err != nil {
			return err
		}
		v, err = r.orderView(tx, o)
		return err
	})
	return v, err
}

// setOrder says something of an order: a fact, or how it ended ("filled", "lost to a competitor", "closed"). It goes the way of all that
// is said in the shell, so that it can be taken back there.
func (r *runner) setOrder(ctx context.Context, name, text string) (OrderView, error) {
	cmd := desk.Command{Ref: strings.ToUpper(strings.TrimSpace(name)), Verb: desk.VerbOrder, Note: text, Line: name + " " + text}
	if _, ok := desk.ParseOrderName(cmd.Ref); !ok {
		return OrderView{}, usage("%q is no job order's number; they look like JO7", name)
	}
	if _, _, err := r.sayAll(ctx, "", []desk.Command{cmd}, r.clock()); err != nil {
		return OrderView{}, err
	}
	return r.order(name)
}

func findOrder(tx *store.Tx, name string) (*desk.JobOrder, error) {
	n, ok := desk.ParseOrderName(name)
	if !ok {
		return nil, usage("%q is no job order's number; they look like JO7", name)
	}
	o, err := tx.Order(n)
	if err == nil && o == nil {
		err = notFound("there is no job order JO%d on this desk", n)
	}
	return o, err
}

// tellOrder takes what is said of an order.
func tellOrder(o *desk.JobOrder, text string, env desk.Env) (said string) {
	if s, reason, ok := desk.EndOf(text); ok {
		o.End(s, reason, env.Now.UTC())
		return o.Describe()
	}
	o.Tell(text, env.Now)
	return o.Describe() + ": " + text
}

// openOrder opens a job order for the contact, nil for none told.
func (a *applier) openOrder(cmd desk.Command, c *desk.Contact) (Logged, error) {
	o := desk.NewJobOrder(cmd.Note, a.when())
	if c == nil && o.Company != "" {
		var err error
		if c, err = a.onlyAt(o.Company); err != nil {
			return Logged{}, err
		}
	}
	return a.putOrder(cmd, c, o)
}

func (a *applier) putOrder(cmd desk.Command, c *desk.Contact, o desk.JobOrder) (Logged, error) {
	var err error
	if o.Number, err = a.tx.NextOrderNumber(); err != nil {
		return Logged{}, err
	}
	said := "opened " + o.Describe()
	if c != nil {
		o.Contact = c.ID
		if o.Company == "" {
			o.Company = c.Company
		}
		said = c.DisplayName() + ": opened " + o.Describe()
	}
	a.order = o.Number
	a.tx.Shown()
	l := Logged{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: said}
	if c != nil {
		l.Contact = handle(c)
	}
	if err := a.tx.PutOrder(&o); err != nil {
		return l, err
	}
	if c != nil {
		if err := a.planner.hasten(c); err != nil {
			return l, err
		}
	}
	whose, err := a.othersClient(c, &o)
	l.Said += whose
	return l, err
}

// onlyAt is the one decision maker or client at a company, nil if there is none or several.
func (a *applier) onlyAt(company string) (*desk.Contact, error) {
	all, err := a.tx.Contacts()
	if err != nil {
		return nil, err
	}
	var hit *desk.Contact
	for _, c := range all {
		if strings.EqualFold(c.Company, company) && (c.Has(desk.RoleDecisionMaker) || c.Has(desk.RoleClient)) {
			if hit != nil {
				return nil, nil
			}
			hit = c
		}
	}
	return hit, nil
}

// sayOrder takes a line that begins with an order's number.
func (a *applier) sayOrder(cmd desk.Command) (Logged, error) {
	o, err := findOrder(a.tx, cmd.Ref)
	if err != nil {
		return Logged{}, err
	}
	if cmd.Verb == desk.VerbHandOver {
		c, err := a.tx.Contact(o.Contact)
		if err != nil {
			return Logged{}, err
		}
		was := *o
		a.orderWas, a.order = &was, o.Number
		said, err := a.handOver(c, o, cmd.Note)
		return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: o.Describe() + ": " + said}, err
	}
	if cmd.Verb == desk.VerbSnooze { // "JO7 park until 1 june"
		was := *o
		a.orderWas, a.order = &was, o.Number
		o.Parked = cmd.Next.Date
		a.tx.Shown()
		a.tx.Stir()
		return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Said: o.Describe() + ": parked until " + o.Parked.UTC().Format("Mon 2 Jan 2006")}, a.tx.PutOrder(o)
	}
	if cmd.Verb != desk.VerbOrder && cmd.Verb != desk.VerbNote && cmd.Verb != desk.VerbCancel && cmd.Verb != desk.VerbDone && cmd.Verb != desk.VerbPlaced {
		return Logged{}, usage("%q can't be said of a job order yet; nothing was changed for %s", cmd.Verb, o.Name())
	}
	was := *o
	was.Facts, was.Told = slices.Clone(o.Facts), slices.Clone(o.Told)
	a.orderWas, a.order = &was, o.Number
	text := cmd.Note
	switch cmd.Verb {
	case desk.VerbCancel, desk.VerbDone:
		text = strings.TrimSpace("closed " + text)
	case desk.VerbPlaced:
		return Logged{}, usage("who was placed? Say “NAME placed for %s, start 1 May”", o.Name())
	}
	said, err := a.tell(o, text)
	return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: said}, err
}

// tell takes what is said of an order, and what follows from it.
func (a *applier) tell(o *desk.JobOrder, text string) (said string, err error) {
	if said, done, err := a.steerOrder(o, text); done || err != nil {
		return said, err
	}
	if m := parkLastRE.FindStringSubmatch(text); m != nil { // "fee 22%, park until 1 april"
		parked, _, err := a.steerOrder(o, m[2])
		if err != nil {
			return "", err
		}
		more, err := a.tell(o, m[1])
		return more + "; " + parked, err
	}
	was := o.Status
	if s, _, ok := desk.EndOf(text); ok && s == desk.OrderFilled && was == desk.OrderOpen && slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return s.InProcess() }) {
		return "", usage("filled by whom? Say “NAME placed for %s, start 1 May”; or “%s lost”, then everybody in process is written to", o.Name(), o.Name())
	}
	said = tellOrder(o, text, a.env)
	a.tx.Shown()
	if err := a.toldOfPlacement(o, text); err != nil {
		return "", err
	}
	if err := a.tx.PutOrder(o); err != nil || was != desk.OrderOpen || o.Status == desk.OrderOpen {
		return said, err
	}
	n, err := a.owedWord(o)
	if n > 0 {
		said += fmt.Sprintf("; %s in process: a letter for each is written", plural(n, "candidate"))
	}
	return said, err
}

var (
	parkLastRE = regexp.MustCompile(`(?i)^(.+?)[,;]\s*(park(?:ed)?\s+(?:it\s+)?(?:till?|until|to)\s+.+)$`)
	parkRE     = regexp.MustCompile(`(?i)^(?:park(?:ed)?|hold)\s+(?:it\s+)?(?:till?|until|to)\s+(.+)$`)
	playbookRE = regexp.MustCompile(`(?i)^playbook\s+([A-Za-z0-9_-]+)$`)
)

// steerOrder takes the words that change how an order is worked: parked until a day, or another playbook.
func (a *applier) steerOrder(o *desk.JobOrder, text string) (said string, done bool, err error) {
	text = strings.TrimSpace(text)
	if m := parkRE.FindStringSubmatch(text); m != nil {
		if o.Parked, err = a.day(m[1]); err != nil {
			return "", true, err
		}
		a.tx.Shown()
		a.tx.Stir()
		return o.Describe() + ": parked until " + o.Parked.UTC().Format("Mon 2 Jan 2006"), true, a.tx.PutOrder(o)
	}
	m := playbookRE.FindStringSubmatch(text)
	if m == nil {
		return "", false, nil
	}
	if strings.EqualFold(m[1], desk.ParkPlaybook) {
		return "", true, usage("until when? Say “%s park until 1 June”", o.Name())
	}
	var names []string
	for _, p := range append(slices.Clone(a.r.current().cfg.playbooks), desk.ShippedPlaybooks()...) {
		names = append(names, p.Name)
	}
	if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, m[1]) }) {
		return "", true, usage("there is no playbook %q%s; there are %s", m[1], didYouMean(m[1], names), strings.Join(names, ", "))
	}
	o.Playbook = m[1]
	if a.env.Today().Before(o.Parked) { // it is worked now
		o.Parked = a.env.Today()
	}
	a.tx.Shown()
	a.tx.Stir()
	return o.Describe() + ": worked by the playbook " + m[1], true, a.tx.PutOrder(o)
}

// owedWord writes to everybody in process for an order that has ended, by the stage that they had reached, and counts them.
func (a *applier) owedWord(o *desk.JobOrder) (n int, err error) {
	interviews, err := a.tx.Interviews()
	if err != nil {
		return 0, err
	}
	for _, s := range o.Submittals {
		c, err := a.tx.Contact(s.Contact)
		if err != nil {
			return n, err
		}
		if c == nil || !s.InProcess() || !c.Callable() {
			continue
		}
		var last *desk.Interview
		stage := 0
		for i := range interviews {
			iv := &interviews[i]
			if !c.Is(iv.Candidate) || iv.Order != o.Number && (o.Company == "" || !strings.EqualFold(iv.Company, o.Company)) || iv.Status == desk.InterviewCancelled || iv.Status == desk.InterviewEnded {
				continue
			}
			if !iv.Start.After(a.env.Now) {
				stage++
				last = iv
				continue
			}
			a.ended = append(a.ended, copyInterview(iv))
			iv.ByWord = true
			if err := cancelInterview(a.tx, a.env, iv, o.Name()+" is closed"); err != nil {
				return n, err
			}
		}
		name := []string{"not-taken-submitted", "not-taken-interviewed", "not-taken-final"}[min(stage, 2)]
		if _, err := a.write(letterRequest{name: name, contact: c, due: a.env.Now, interview: last}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
