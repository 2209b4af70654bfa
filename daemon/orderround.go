package daemon

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// causeOrder is the kind of cause of calls that a late step of a job order asks for.
const causeOrder = "order"

// stepSays is what a late step asks for.
var stepSays = map[string]string{
	desk.StepCalledBack: "call back about", desk.StepQualified: "qualify", desk.StepSubmitted: "submit somebody for", desk.StepFeedback: "get feedback on",
}

// orders makes a callback of each late step of an open order, and ends it once the step is done.
func (rd *round) orders() error {
	all, err := rd.tx.Orders()
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		switch {
		case o.Status != desk.OrderOpen:
			err = rd.endOrderCalls(o)
		case rd.env.Now.Sub(o.Opened) <= orderWatched:
			err = rd.order(o)
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
func (rd *round) endOrderCalls(o *desk.JobOrder) error {
	if err := rd.endStepsElsewhere(o); err != nil {
		return err
	}
	calls, err := rd.tx.Calls()
	if err != nil {
		return err
	}
	for i := range calls {
		if kind, id, _ := desk.ReadCause(calls[i].Cause); kind == causeOrder && id == strconv.Itoa(o.Number) && calls[i].Open() {
			if err := rd.endCall(&calls[i]); err != nil { // if the order opens again, so does the call
				return err
			}
		}
	}
	return nil
}

func (rd *round) order(o *desk.JobOrder) error {
	c, err := rd.whomAbout(o)
	if err != nil || c == nil {
		return err
	}
	of, err := rd.r.orderOf(rd.tx, rd.env, o)
	if err != nil {
		return err
	}
	if err := rd.playbook(o, c, &of.playbook); err != nil {
		return err
	}
	if err := rd.confirmClock(o, of.steps); err != nil {
		return err
	}
	for _, s := range of.steps {
		if s.Due.IsZero() {
			continue
		}
		cause := desk.CauseOf(causeOrder, strconv.Itoa(o.Number), s.Name)
		uid := desk.CallUID(rd.env.Desk, c.ID, cause)
		cur, err := rd.tx.Call(uid)
		if err != nil {
			return err
		}
		late := s.Done.IsZero() && s.Late(rd.env.Now)
		switch {
		case late && (cur == nil || cur.ByRound && !cur.Open()) && c.Callable():
			reason := fmt.Sprintf("%s %s: it was due %s", stepSays[s.Name], o.Describe(), s.Due.In(rd.env.Zone).Format("Mon 2 Jan, 15:04"))
			if _, err := rd.planner.newCall(c, desk.RuleOrder, cause, reason, rd.env.Now); err != nil {
				return err
			}
			return nil // one at a time: the earliest first
		case !late && cur.Open() && s.Done.IsZero(): // parked, or by another playbook: it may be late again
			if err := rd.endCall(cur); err != nil {
				return err
			}
		case !late && cur.Open():
			if err := rd.planner.endCall(uid, desk.CallbackDone); err != nil {
				return err
			}
		case cur.Open():
			return nil
		}
	}
	return nil
}

// whomAbout is whom to call about an order: who gave it, else a decision maker of the company, else anybody there.
func (rd *round) whomAbout(o *desk.JobOrder) (*desk.Contact, error) {
	c, err := rd.tx.Contact(o.Contact)
	if err != nil || c != nil {
		return c, err
	}
	people, err := clientOf(rd.tx, o, nil)
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
func (rd *round) confirmClock(o *desk.JobOrder, steps []desk.OrderStep) error {
	denials := map[string]string{desk.StepCalledBack: "not called back", desk.StepFeedback: "no feedback yet", desk.StepInterview: "no interview yet"}
	for _, s := range steps {
		deny := denials[s.Name]
		if deny == "" || s.Done.IsZero() || rd.env.Now.Sub(s.Done) > stampAge {
			continue
		}
		text := fmt.Sprintf("%s: %s, %s. If that's wrong, say “%s %s”.", o.Describe(), s.Name, s.Done.In(rd.env.Zone).Format("Mon 2 Jan, 15:04"), o.Name(), deny)
		if err := rd.tx.AddNews(desk.News{ID: "clock-" + desk.ShortHash(o.Name(), s.Name, s.Done.UTC().Format(time.RFC3339)), Time: rd.env.Now, Kind: desk.NewsUnderstood, Text: text}); err != nil {
			return err
		}
	}
	return nil
}

// playbook does what of an order's playbook is due: each step once.
func (rd *round) playbook(o *desk.JobOrder, c *desk.Contact, p *desk.Playbook) error {
	for i := range p.Steps {
		s := &p.Steps[i]
		cause := desk.CauseOf(causeOrder, strconv.Itoa(o.Number), fmt.Sprintf("%s-%d", p.Name, i+1))
		due := s.Due(rd.env, o)
		uid := desk.CallUID(rd.env.Desk, c.ID, cause)
		cur, err := rd.tx.Call(uid)
		if err != nil {
			return err
		}
		switch {
		case s.Owner != "" && !strings.EqualFold(s.Owner, rd.r.name):
			err = rd.stepElsewhere(o, c, s, cause, due)
		case rd.env.Now.Before(due) || !c.Callable():
		case s.Kind == "mail":
			err = rd.playbookMail(o, c, s, cause)
		case cur == nil:
			_, err = rd.planner.newCall(c, desk.RuleOrder, cause, s.Text+": "+o.Describe(), due)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stepPrefix names what was given to another desk for an order: the hand-over's ID and to whom.
const stepPrefix = "order-step:"

// givenStep is a step that another desk does.
type givenStep struct {
	ID, To string
	Over   bool
}

// stepElsewhere gives a step to the desk that does it, once, with its time.
func (rd *round) stepElsewhere(o *desk.JobOrder, c *desk.Contact, s *desk.PlaybookStep, cause string, due time.Time) error {
	name := stepPrefix + strconv.Itoa(o.Number) + ":" + cause
	var given givenStep
	if known, err := rd.tx.JSON(name, &given); known && !given.Over || err != nil {
		return err
	}
	to := rd.r.peer(s.Owner)
	if to == nil {
		return nil // no such desk: the configuration's check says so
	}
	h, err := newHandOver(rd.tx, rd.env, rd.r.name, to.name)
	if err != nil {
		return err
	}
	if h.Contact, err = copyContact(c); err != nil {
		return err
	}
	h.withoutPrivate(false)
	if h.Contact.Has(desk.RoleDecisionMaker) { // who is called by her own desk only
		h.Contact.SetRoles([]desk.Role{desk.RoleClient}, rd.env.Now)
	}
	h.Step, h.Due = s.Text+": "+o.Describe()+", "+rd.r.name+"'s order", due
	if err := rd.tx.PutJSON(handOverPrefix+h.ID, h); err != nil {
		return err
	}
	return rd.tx.PutJSON(name, givenStep{ID: h.ID, To: to.name})
}

// endStepsElsewhere tells other desks that what they were to do for an order is over.
func (rd *round) endStepsElsewhere(o *desk.JobOrder) error {
	given := map[string]givenStep{}
	prefix := stepPrefix + strconv.Itoa(o.Number) + ":"
	err := rd.tx.EachJSON(prefix, func(name string, v []byte) error {
		var g givenStep
		err := json.Unmarshal(v, &g)
		given[name] = g
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(given) {
		g := given[name]
		if g.Over {
			continue
		}
		h, err := newHandOver(rd.tx, rd.env, rd.r.name, g.To)
		if err != nil {
			return err
		}
		h.Ends, g.Over = g.ID, true
		if err := rd.tx.PutJSON(handOverPrefix+h.ID, h); err != nil {
			return err
		}
		if err := rd.tx.PutJSON(name, g); err != nil {
			return err
		}
	}
	return nil
}

func (rd *round) playbookMail(o *desk.JobOrder, c *desk.Contact, s *desk.PlaybookStep, cause string) error {
	all, err := rd.tx.LettersFor(causeOrder, strconv.Itoa(o.Number))
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Cause == cause {
			return nil
		}
	}
	_, err = rd.w.write(letterRequest{name: s.Text, contact: c, cause: cause, due: rd.env.Now})
	return err
}

// briefOrders tells of the open orders: their rank, and what is late.
func (r *runner) briefOrders(tx *store.Tx, env desk.Env, b *brief) error {
	all, err := tx.Orders()
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		if o.Status != desk.OrderOpen {
			continue
		}
		of, err := r.orderOf(tx, env, o)
		if err != nil {
			return err
		}
		line := o.Describe() + " – " + of.rank + ": " + of.why
		if s, ok := desk.LateStep(of.steps, env.Now); ok {
			line += "; late: " + s.Name + ", due " + s.Due.In(env.Zone).Format("Mon 2 Jan, 15:04")
		}
		b.orders = append(b.orders, line)
	}
	return nil
}
