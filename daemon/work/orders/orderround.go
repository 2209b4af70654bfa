package orders

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/letters"
)

// stepSays is what a late step asks for.
var stepSays = map[string]string{
	desk.StepCalledBack: "call back about", desk.StepQualified: "qualify", desk.StepSubmitted: "submit somebody for", desk.StepFeedback: "get feedback on",
}

// Advance makes a callback of each late step of an open order, and ends it once the step is done.
func Advance(rd *book.Tx) error {
	all, err := rd.Tx.Orders()
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		switch {
		case o.Status != desk.OrderOpen:
			err = endOrderCalls(rd, o)
		case rd.Env.Now.Sub(o.Opened) <= orderWatched:
			err = order(rd, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// orderWatched is for how long an open order's steps become calls: what nobody closed by then is forgotten rather than late.
const orderWatched = 180 * 24 * time.Hour

// endOrderCalls ends the calls that an order asked for which has ended.
func endOrderCalls(rd *book.Tx, o *desk.JobOrder) error {
	if err := endStepsElsewhere(rd, o); err != nil {
		return err
	}
	calls, err := rd.Tx.Calls()
	if err != nil {
		return err
	}
	for i := range calls {
		if kind, id, _ := desk.ReadCause(calls[i].Cause); kind == desk.CauseOrder && id == strconv.Itoa(o.Number) && calls[i].Open() {
			if err := endCall(rd, &calls[i]); err != nil { // if the order opens again, so does the call
				return err
			}
		}
	}
	return nil
}

func order(rd *book.Tx, o *desk.JobOrder) error {
	c, err := whomAbout(rd, o)
	if err != nil || c == nil {
		return err
	}
	of, err := OrderOf(rd.R, rd.Tx, rd.Env, o)
	if err != nil {
		return err
	}
	if err := playbook(rd, o, c, &of.Playbook); err != nil {
		return err
	}
	if err := confirmClock(rd, o, of.Steps); err != nil {
		return err
	}
	for _, s := range of.Steps {
		if s.Due.IsZero() {
			continue
		}
		cause := desk.CauseOf(desk.CauseOrder, strconv.Itoa(o.Number), s.Name)
		uid := desk.CallUID(rd.Env.Desk, c.ID, cause)
		cur, err := rd.Tx.Call(uid)
		if err != nil {
			return err
		}
		late := s.Done.IsZero() && s.Late(rd.Env.Now)
		switch {
		case late && (cur == nil || cur.ByRound && !cur.Open()) && c.Callable():
			reason := fmt.Sprintf("%s %s: it was due %s", stepSays[s.Name], o.Describe(), desk.SayInstant(s.Due, rd.Env.Zone))
			if _, err := rd.Planner.NewCall(c, desk.RuleOrder, cause, reason, rd.Env.Now); err != nil {
				return err
			}
			return nil // one at a time: the earliest first
		case !late && cur.Open() && s.Done.IsZero(): // parked, or by another playbook: it may be late again
			if err := endCall(rd, cur); err != nil {
				return err
			}
		case !late && cur.Open():
			if err := doneByRound(rd, cur); err != nil { // what was done can be taken back, and is late again then
				return err
			}
		case cur.Open():
			return nil
		}
	}
	return nil
}

// whomAbout is whom to call about an order: who gave it, else a decision maker of the company, else anybody there.
func whomAbout(rd *book.Tx, o *desk.JobOrder) (*desk.Contact, error) {
	c, err := rd.Tx.Contact(o.Contact)
	if err != nil || c != nil {
		return c, err
	}
	people, err := ClientOf(rd.Tx, o, nil)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.Callable() && (c == nil || p.Has(desk.RoleDecisionMaker) && !c.Has(desk.RoleDecisionMaker)) {
			c = p
		}
	}
	return c, nil
}

// stampAge is how old a stamp of an order's clock may be to be told: older ones are history.
const stampAge = 72 * time.Hour

// confirmClock tells of what the clock was stamped with from mail, once, and how to take that back.
func confirmClock(rd *book.Tx, o *desk.JobOrder, steps []desk.OrderStep) error {
	denials := map[string]string{desk.StepCalledBack: "not called back", desk.StepFeedback: "no feedback yet", desk.StepInterview: "no interview yet"}
	for _, s := range steps {
		deny := denials[s.Name]
		if deny == "" || s.Done.IsZero() || rd.Env.Now.Sub(s.Done) > stampAge {
			continue
		}
		text := fmt.Sprintf("%s: %s, %s. If that's wrong, say “%s %s”.", o.Describe(), s.Name, desk.SayInstant(s.Done, rd.Env.Zone), o.Name(), deny)
		if err := rd.Tx.AddNews(desk.News{ID: "clock-" + desk.ShortHash(o.Name(), s.Name, s.Done.UTC().Format(time.RFC3339)), Time: rd.Env.Now, Kind: desk.NewsUnderstood, Text: text}); err != nil {
			return err
		}
	}
	return nil
}

// playbook does what of an order's playbook is due: each step once.
func playbook(rd *book.Tx, o *desk.JobOrder, c *desk.Contact, p *desk.Playbook) error {
	for i := range p.Steps {
		s := &p.Steps[i]
		cause := desk.CauseOf(desk.CauseOrder, strconv.Itoa(o.Number), fmt.Sprintf("%s-%d", p.Name, i+1))
		due := s.Due(rd.Env, o)
		uid := desk.CallUID(rd.Env.Desk, c.ID, cause)
		cur, err := rd.Tx.Call(uid)
		if err != nil {
			return err
		}
		switch {
		case s.Owner != "" && !strings.EqualFold(s.Owner, rd.R.Name):
			err = stepElsewhere(rd, o, c, s, cause, due)
		case rd.Env.Now.Before(due) || !c.Callable():
		case s.Kind == "mail":
			err = playbookMail(rd, o, c, s, cause)
		case cur == nil:
			_, err = rd.Planner.NewCall(c, desk.RuleOrder, cause, s.Text+": "+o.Describe(), due)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stepsGiven is what was given to another desk for an order: the hand-over's ID and to whom.
const stepsGiven store.Table[givenStep] = "order-step:"

// givenStep is a step that another desk does.
type givenStep struct {
	ID, To string
	Over   bool
}

// stepElsewhere gives a step to the desk that does it, once, with its time.
func stepElsewhere(rd *book.Tx, o *desk.JobOrder, c *desk.Contact, s *desk.PlaybookStep, cause string, due time.Time) error {
	name := strconv.Itoa(o.Number) + ":" + cause
	if given, err := stepsGiven.Get(rd.Tx, name); given != nil && !given.Over || err != nil {
		return err
	}
	to := rd.R.Peer(s.Owner)
	if to == nil {
		return nil // no such desk: the configuration's check says so
	}
	h, err := agency.NewHandOver(rd.Tx, rd.Env, rd.R.Name, to.Name)
	if err != nil {
		return err
	}
	if h.Contact, err = desk.CopyContact(c); err != nil {
		return err
	}
	agency.WithoutPrivate(h, false)
	if h.Contact.Has(desk.RoleDecisionMaker) { // who is called by her own desk only
		h.Contact.SetRoles([]desk.Role{desk.RoleClient}, rd.Env.Now)
	}
	h.Step, h.Due = s.Text+": "+o.Describe()+", "+rd.R.Name+"'s order", due
	if err := store.HandOvers.Put(rd.Tx, h.ID, *h); err != nil {
		return err
	}
	return stepsGiven.Put(rd.Tx, name, givenStep{ID: h.ID, To: to.Name})
}

// endStepsElsewhere tells other desks that what they were to do for an order is over.
func endStepsElsewhere(rd *book.Tx, o *desk.JobOrder) error {
	given := map[string]*givenStep{}
	err := stepsGiven.Each(rd.Tx, strconv.Itoa(o.Number)+":", func(name string, g *givenStep) error { given[name] = g; return nil })
	if err != nil {
		return err
	}
	for _, name := range desk.SortedKeys(given) {
		g := given[name]
		if g.Over {
			continue
		}
		h, err := agency.NewHandOver(rd.Tx, rd.Env, rd.R.Name, g.To)
		if err != nil {
			return err
		}
		h.Ends, g.Over = g.ID, true
		if err := store.HandOvers.Put(rd.Tx, h.ID, *h); err != nil {
			return err
		}
		if err := stepsGiven.Put(rd.Tx, name, *g); err != nil {
			return err
		}
	}
	return nil
}

func playbookMail(rd *book.Tx, o *desk.JobOrder, c *desk.Contact, s *desk.PlaybookStep, cause string) error {
	all, err := rd.Tx.LettersFor(desk.CauseOrder, strconv.Itoa(o.Number))
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Cause == cause {
			return nil
		}
	}
	_, err = letters.Write(rd.Writer(), book.LetterRequest{Name: s.Text, Contact: c, Cause: cause, Due: rd.Env.Now})
	return err
}
