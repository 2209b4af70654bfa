package orders

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
	interviewswork "fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// orderFacts is what follows from the log about an order.
type orderFacts struct {
	Qualification desk.Qualification
	Rank, Why     string
	Steps         []desk.OrderStep
	Playbook      desk.Playbook
}

// OrderOf derives it. Whoever works at the client counts as the client.
func OrderOf(r *book.Runner, tx *store.Tx, env desk.Env, o *desk.JobOrder) (orderFacts, error) {
	var f orderFacts
	giver, err := tx.Contact(o.Contact)
	if err != nil {
		return f, err
	}
	people, err := ClientOf(tx, o, giver)
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
	rs := r.Current()
	f.Qualification = o.Qualify(desk.Reachable(people))
	f.Rank, f.Why = rankOf(r, o, people)
	f.Playbook = desk.PlaybookOf(o, f.Rank, rs.Cfg.Playbooks, env.Today())
	f.Steps = o.Clock(env, f.Playbook.Targets, touches, first, offer)
	return f, nil
}

// ClientOf are the people of an order's client.
func ClientOf(tx *store.Tx, o *desk.JobOrder, giver *desk.Contact) ([]*desk.Contact, error) {
	byFirm, firms, err := people.Firms(tx)
	if err != nil {
		return nil, err
	}
	keys := []string{desk.CompanyKey(&desk.Contact{Company: o.Company}, message.FreeMail)}
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

// FindOrder is the job order with the name, JO7.
func FindOrder(tx *store.Tx, name string) (*desk.JobOrder, error) {
	n, ok := desk.ParseOrderName(name)
	if !ok {
		return nil, desk.Usage("%q is no job order's number; they look like JO7", name)
	}
	o, err := tx.Order(n)
	if err == nil && o == nil {
		err = desk.NotFound("there is no job order JO%d on this desk", n)
	}
	return o, err
}

// OpenOrder opens a job order for the contact, nil for none told.
func OpenOrder(a *book.Tx, cmd words.Command, c *desk.Contact) (book.Result, error) {
	o := desk.NewJobOrder(cmd.Note, a.When())
	o.MessageID = a.Mail
	if c == nil && o.Company != "" {
		var err error
		if c, err = onlyAt(a, o.Company); err != nil {
			return book.Result{}, err
		}
	}
	if c != nil && !c.Has(desk.RoleDecisionMaker) && !c.Has(desk.RoleHR) { // whoever has something to fill is a client
		c.AddRole(desk.RoleClient, a.Env.Now)
		if err := a.Tx.PutContact(c); err != nil {
			return book.Result{}, err
		}
	}
	return putOrder(a, cmd, c, o)
}

// putOrder opens a job order: number, playbook, calls.
func putOrder(a *book.Tx, cmd words.Command, c *desk.Contact, o desk.JobOrder) (book.Result, error) {
	var err error
	if o.Number, err = a.Tx.NextOrderNumber(); err != nil {
		return book.Result{}, err
	}
	said := "opened " + o.Describe()
	if c != nil {
		o.Contact = c.ID
		if o.Company == "" {
			o.Company = c.Company
		}
		said = c.DisplayName() + ": opened " + o.Describe()
	}
	a.Tx.Shown()
	l := book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: said}
	if c != nil {
		l.Contact = desk.Handle(c)
	}
	if err := a.Tx.PutOrder(&o); err != nil {
		return l, err
	}
	if c != nil {
		if err := a.Planner.Hasten(c); err != nil {
			return l, err
		}
	}
	whose, err := othersClient(a, c, &o)
	l.Said += whose
	return l, err
}

// onlyAt is the one decision maker or client at a company, nil if there is none or several.
func onlyAt(a *book.Tx, company string) (*desk.Contact, error) {
	all, err := a.Tx.Contacts()
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

// SayOrder takes a line that begins with an order's number.
func SayOrder(a *book.Tx, cmd words.Command) (book.Result, error) {
	o, err := FindOrder(a.Tx, cmd.Ref)
	if err != nil {
		return book.Result{}, err
	}
	if cmd.Verb == words.VerbHandOver {
		c, err := a.Tx.Contact(o.Contact)
		if err != nil {
			return book.Result{}, err
		}
		said, err := agency.HandOver(a, c, o, cmd.Note)
		return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: o.Describe() + ": " + said}, err
	}
	if cmd.Verb == words.VerbSnooze { // "JO7 park until 1 june"
		o.Parked = cmd.Next.Date
		a.Tx.Shown()
		a.Tx.Stir()
		return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Said: o.Describe() + ": parked until " + o.Parked.Say()}, a.Tx.PutOrder(o)
	}
	if cmd.Verb != words.VerbOrder && cmd.Verb != words.VerbNote && cmd.Verb != words.VerbCancel && cmd.Verb != words.VerbDone && cmd.Verb != words.VerbPlaced {
		return book.Result{}, desk.Usage("%q can't be said of a job order yet; nothing was changed for %s", cmd.Verb, o.Name())
	}
	was := *o
	was.Facts, was.Told = slices.Clone(o.Facts), slices.Clone(o.Told)
	text := cmd.Note
	switch cmd.Verb {
	case words.VerbCancel, words.VerbDone:
		text = strings.TrimSpace("closed " + text)
	case words.VerbPlaced:
		return book.Result{}, desk.Usage("who was placed? Say “NAME placed for %s, start 1 May”", o.Name())
	}
	said, err := tell(a, o, text)
	return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: said}, err
}

// tell takes what is said of an order, and what follows from it.
func tell(a *book.Tx, o *desk.JobOrder, text string) (said string, err error) {
	if said, done, err := steerOrder(a, o, text); done || err != nil {
		return said, err
	}
	if m := words.ParkLastRE.FindStringSubmatch(text); m != nil { // "fee 22%, park until 1 april"
		parked, _, err := steerOrder(a, o, m[2])
		if err != nil {
			return "", err
		}
		more, err := tell(a, o, m[1])
		return more + "; " + parked, err
	}
	was := o.Status
	if s, _, ok := desk.EndOf(text); ok && s == desk.OrderFilled && was == desk.OrderOpen && slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return s.InProcess() }) {
		return "", desk.Usage("filled by whom? Say “NAME placed for %s, start 1 May”; or “%s lost”, then everybody in process is written to", o.Name(), o.Name())
	}
	said = desk.TellOrder(o, text, a.Env)
	a.Tx.Shown()
	if err := toldOfPlacement(a, o, text); err != nil {
		return "", err
	}
	if err := a.Tx.PutOrder(o); err != nil || was != desk.OrderOpen || o.Status == desk.OrderOpen {
		return said, err
	}
	n, err := owedWord(a, o)
	if n > 0 {
		said += fmt.Sprintf("; %s in process: a letter for each is written", desk.Plural(n, "candidate"))
	}
	return said, err
}

// steerOrder takes the words that change how an order is worked: parked until a day, or another playbook.
func steerOrder(a *book.Tx, o *desk.JobOrder, text string) (said string, done bool, err error) {
	text = strings.TrimSpace(text)
	if m := words.ParkRE.FindStringSubmatch(text); m != nil {
		if o.Parked, err = letters.Day(a, m[1]); err != nil {
			return "", true, err
		}
		a.Tx.Shown()
		a.Tx.Stir()
		return o.Describe() + ": parked until " + o.Parked.Say(), true, a.Tx.PutOrder(o)
	}
	m := words.PlaybookRE.FindStringSubmatch(text)
	if m == nil {
		return "", false, nil
	}
	if strings.EqualFold(m[1], desk.ParkPlaybook) {
		return "", true, desk.Usage("until when? Say “%s park until 1 June”", o.Name())
	}
	var names []string
	for _, p := range append(slices.Clone(a.R.Current().Cfg.Playbooks), desk.ShippedPlaybooks()...) {
		names = append(names, p.Name)
	}
	if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, m[1]) }) {
		return "", true, desk.Usage("there is no playbook %q%s; there are %s", m[1], config.DidYouMean(m[1], names), strings.Join(names, ", "))
	}
	o.Playbook = m[1]
	if a.Env.Today().Before(o.Parked) { // it is worked now
		o.Parked = a.Env.Today()
	}
	a.Tx.Shown()
	a.Tx.Stir()
	return o.Describe() + ": worked by the playbook " + m[1], true, a.Tx.PutOrder(o)
}

// owedWord writes to everybody in process for an order that has ended, by the stage that they had reached, and counts them.
func owedWord(a *book.Tx, o *desk.JobOrder) (n int, err error) {
	interviews, err := a.Tx.Interviews()
	if err != nil {
		return 0, err
	}
	for _, s := range o.Submittals {
		c, err := a.Tx.Contact(s.Contact)
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
			if !iv.Start.After(a.Env.Now) {
				stage++
				last = iv
				continue
			}
			iv.ByWord = true
			if err := interviewswork.CancelInterview(a.Tx, a.Env, iv, o.Name()+" is closed"); err != nil {
				return n, err
			}
		}
		name := []string{"not-taken-submitted", "not-taken-interviewed", "not-taken-final"}[min(stage, 2)]
		if _, err := letters.WriteLetter(a, book.LetterRequest{Name: name, Contact: c, Due: a.Env.Now, Interview: last}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
