package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// sequenceGone says why a sequence's letter must not leave any more, "" if it may.
func (r *runner) sequenceGone(tx *store.Tx, c *desk.Contact, o *desk.Outgoing, id string) (string, error) {
	e, err := tx.Enrolment(id)
	switch {
	case err != nil:
		return "", err
	case e == nil:
		return "the sequence is over", nil
	case !e.Live():
		return orElse(e.Why, "the sequence is over"), nil
	case e.Under != o.ID:
		return "the sequence went on", nil
	}
	return r.stopReason(tx, c, e)
}

// stopReason says why a sequence has to end, "" if it goes on.
func (r *runner) stopReason(tx *store.Tx, c *desk.Contact, e *desk.Enrolment) (string, error) {
	if c == nil {
		return e.StopReason(nil, nil, nil, desk.StopRules{}), nil
	}
	ts, err := tx.Touches(c)
	if err != nil {
		return "", err
	}
	letters, err := letterIDs(tx, c.ID)
	if err != nil {
		return "", err
	}
	cfg := r.current().cfg.Letters
	if why := e.StopReason(c, ts, letters, desk.StopRules{OwnMail: cfg.StopOnOwnMail, Persistent: r.persistent(e.Sequence)}); why != "" {
		return why, nil
	}
	why, err := (&writer{r: r, tx: tx}).mustNot(c)
	if why != "" || err != nil || !cfg.StopOnColleague || r.persistent(e.Sequence) {
		return why, err
	}
	return r.companyAnswered(tx, c, e)
}

// persistent reports whether a sequence goes on through answers and conversations, as care does.
func (r *runner) persistent(sequence string) bool {
	s := r.current().sequences[sequence]
	return s != nil && s.Persistent
}

// letterIDs are the Message-IDs of the letters to a contact.
func letterIDs(tx *store.Tx, contact string) (map[string]bool, error) {
	all, err := tx.Letters(contact)
	out := map[string]bool{}
	for _, o := range all {
		out[o.MessageID] = true
		if o.SentAs != "" {
			out[o.SentAs] = true
		}
	}
	return out, err
}

// companyAnswered says that somebody else of the contact's company answered since the sequence began.
func (r *runner) companyAnswered(tx *store.Tx, c *desk.Contact, e *desk.Enrolment) (string, error) {
	all, err := tx.Contacts()
	if err != nil {
		return "", err
	}
	for _, o := range all {
		if o.ID == c.ID || !sameCompany(c, o) {
			continue
		}
		ts, err := tx.Touches(o)
		if err != nil {
			return "", err
		}
		for _, t := range ts {
			if t.Direction == desk.In && t.Kind == desk.KindReply && !t.Time.Before(e.Begun.Truncate(time.Second)) {
				return o.DisplayName() + " of the same company answered", nil
			}
		}
	}
	return "", nil
}

func sameCompany(a, b *desk.Contact) bool {
	if a.Company != "" && strings.EqualFold(a.Company, b.Company) {
		return true
	}
	for _, x := range a.Emails {
		for _, y := range b.Emails {
			if d := companyDomain(x); d != "" && d == companyDomain(y) {
				return true
			}
		}
	}
	return false
}

// enrolments brings every sequence on: it stops, pauses, or makes its next step.
func (rd *round) enrolments() error {
	all, err := rd.tx.Enrolments("")
	if err != nil {
		return err
	}
	for i := range all {
		if e := &all[i]; e.Live() {
			if err := rd.enrolment(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (rd *round) enrolment(e *desk.Enrolment) error {
	c, err := rd.tx.Contact(e.Contact)
	if err != nil {
		return err
	}
	why, err := rd.r.stopReason(rd.tx, c, e)
	if err != nil {
		return err
	}
	s := rd.r.current().sequences[e.Sequence]
	if s == nil && why == "" {
		why = "the sequence “" + e.Sequence + "” doesn't exist any more"
	}
	if why != "" {
		return stopEnrolment(rd.tx, rd.env, rd.planner, e, why)
	}
	if e.State == desk.EnrolmentPaused {
		if rd.env.Now.Before(e.Next) {
			return nil
		}
		e.State, e.Why = desk.EnrolmentActive, ""
		if err := rd.tx.PutEnrolment(e); err != nil {
			return err
		}
	}
	if e.Under != "" {
		return rd.underWay(c, s, e)
	}
	if again, err := rd.softBounce(c, e); again || err != nil {
		return err
	}
	if rd.env.Now.Before(e.Next) {
		return nil
	}
	return rd.makeStep(c, s, e)
}

// underWay goes on once the step's letter has left, or its call was made.
func (rd *round) underWay(c *desk.Contact, s *desk.Sequence, e *desk.Enrolment) error {
	o, err := rd.tx.OutgoingByID(e.Under)
	if err != nil {
		return err
	}
	if o != nil {
		switch {
		case o.State == desk.OutAccepted || o.State == desk.OutFiled || o.State == desk.OutSent:
			e.Advance(rd.env, s, o.SentAt)
		case o.State == desk.OutRejected: // told; it goes on once that is mended or cancelled
			return nil
		case !o.Open(): // cancelled or dropped: the recruiter skipped it
			e.Advance(rd.env, s, rd.env.Now)
		case e.Overtaken(rd.env, s): // it lay in Drafts, or waited for a word, until its time was over
			if o.Waits() && o.Withdraw("its time is over") {
				if err := rd.tx.PutOutgoing(o); err != nil {
					return err
				}
			}
			e.Advance(rd.env, s, rd.env.Now)
		default:
			return nil
		}
		return rd.tx.PutEnrolment(e)
	}
	cb, err := rd.tx.Call(e.Under)
	if err != nil {
		return err
	}
	if cb.Open() {
		if !e.Overtaken(rd.env, s) {
			return nil
		}
		if err := rd.planner.endCall(cb.UID, desk.CallbackCancelled); err != nil {
			return err
		}
	}
	e.Advance(rd.env, s, rd.env.Now)
	return rd.tx.PutEnrolment(e)
}

// mostRetries is how often a step's letter that came back for now is written again.
const (
	mostRetries = 2
	retryAfter  = 2 // working days
)

// softBounce writes the last letter again, some days after it came back for now.
func (rd *round) softBounce(c *desk.Contact, e *desk.Enrolment) (bool, error) {
	if len(e.Letters) == 0 || e.Retry >= mostRetries {
		return false, nil
	}
	o, err := rd.tx.OutgoingByID(e.Letters[len(e.Letters)-1])
	if o == nil || err != nil || o.ID == e.Bounced {
		return false, err
	}
	ts, err := rd.tx.Touches(c)
	if err != nil {
		return false, err
	}
	for _, t := range ts {
		if t.Outcome == desk.OutcomeUndelivered && (t.MessageID == o.MessageID || t.MessageID == o.SentAs && o.SentAs != "") {
			e.Again(o)
			e.Next = rd.env.AddWorkdays(rd.env.Today(), retryAfter).At(9, 0, rd.env.Zone).UTC()
			return true, rd.tx.PutEnrolment(e)
		}
	}
	return false, nil
}

// makeStep writes the step's letter, or sets its call.
func (rd *round) makeStep(c *desk.Contact, s *desk.Sequence, e *desk.Enrolment) error {
	if e.Step >= len(s.Steps) { // the file was shortened
		e.Step = len(s.Steps)
		e.Advance(rd.env, s, rd.env.Now)
		return rd.tx.PutEnrolment(e)
	}
	st := s.Steps[e.Step]
	if st.Missed(rd.env, e.From) {
		e.Advance(rd.env, s, rd.env.Now)
		return rd.tx.PutEnrolment(e)
	}
	if st.Call != "" {
		cb, err := rd.planner.newCall(c, desk.RuleSequence, e.Cause(), st.Call, rd.env.CallTime(c))
		if err != nil {
			return err
		}
		e.Under = cb.UID
		return rd.tx.PutEnrolment(e)
	}
	o, err := rd.w.write(letterRequest{name: st.Letter, contact: c, cause: e.Cause(), due: rd.env.Now, window: st.Window})
	if err != nil {
		return err
	}
	if o == nil { // switched off
		e.Advance(rd.env, s, rd.env.Now)
		return rd.tx.PutEnrolment(e)
	}
	e.Under = o.ID
	e.Letters = append(e.Letters, o.ID)
	return rd.tx.PutEnrolment(e)
}

// stopEnrolment ends a sequence and takes back what it has on its way.
func stopEnrolment(tx *store.Tx, env desk.Env, p *planner, e *desk.Enrolment, why string) error {
	under := e.Under
	e.Stop(env.Now, why)
	if err := tx.PutEnrolment(e); err != nil || under == "" {
		return err
	}
	o, err := tx.OutgoingByID(under)
	if err != nil {
		return err
	}
	if o != nil {
		if !o.Waits() || !o.Withdraw(why) {
			return nil
		}
		return tx.PutOutgoing(o)
	}
	return p.endCall(under, desk.CallbackCancelled)
}

// stopSequences ends the contact's sequences.
func stopSequences(tx *store.Tx, env desk.Env, p *planner, contact, why string) error {
	all, err := tx.Enrolments(contact)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Live() {
			if err := stopEnrolment(tx, env, p, &all[i], why); err != nil {
				return err
			}
		}
	}
	return nil
}

// pauseSequences holds the contact's sequences until the day back; the zero date is not known.
func pauseSequences(tx *store.Tx, env desk.Env, contact string, back desk.Date) error {
	all, err := tx.Enrolments(contact)
	if err != nil {
		return err
	}
	for i := range all {
		e := &all[i]
		if !e.Live() {
			continue
		}
		e.Pause(env, back)
		if err := tx.PutEnrolment(e); err != nil {
			return err
		}
		o, err := tx.OutgoingByID(e.Under)
		if err != nil {
			return err
		}
		if o != nil && o.State == desk.OutQueued && o.Next.Before(e.Next) {
			o.Next = e.Next
			if err := tx.PutOutgoing(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// enrol puts a contact into a sequence: "prospect", or "placement-care 1 May" for one that counts from a day.
func (a *applier) enrol(c *desk.Contact, note string, from desk.Date) (*desk.Enrolment, error) {
	rs := a.r.current()
	name, rest, _ := strings.Cut(strings.TrimSpace(note), " ")
	name = strings.ToLower(strings.Trim(name, ".,;:"))
	s := rs.sequences[name]
	if s == nil {
		return nil, usage("there is no sequence %q%s; they are %s", name, didYouMean(name, rs.sequences.Names()), strings.Join(rs.sequences.Names(), ", "))
	}
	if from.IsZero() && strings.TrimSpace(rest) != "" {
		day, err := a.day(rest)
		if err != nil {
			return nil, err
		}
		from = day
	}
	if from.IsZero() {
		from = a.env.Today()
	}
	w := a.r.writer(a.tx, a.env)
	switch why, err := w.mustNot(c); {
	case err != nil:
		return nil, err
	case why != "":
		return nil, usage("%s must not be written to (%s): nothing was begun", c.DisplayName(), why)
	case s.To == "client" && c.Has(desk.RoleCandidate) && !clientSide(c):
		return nil, usage("%s is for clients, and %s is a candidate: nothing was begun", name, c.DisplayName())
	case s.To == "candidate" && clientSide(c) && !c.Has(desk.RoleCandidate):
		return nil, usage("%s is for candidates, and %s is a client: nothing was begun", name, c.DisplayName())
	case c.Email() == "" && !s.Persistent: // care is mostly calls; its letters are held, and the address asked for
		return nil, usage("%s has no mail address: nothing was begun", c.DisplayName())
	}
	all, err := a.tx.Enrolments(c.ID)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(e desk.Enrolment) bool { return e.Live() && e.Sequence == name }) {
		return nil, usage("%s is in the sequence %s already", c.DisplayName(), name)
	}
	n, err := a.tx.NextOrdinal()
	if err != nil {
		return nil, err
	}
	e := &desk.Enrolment{ID: fmt.Sprintf("s%d", n), Sequence: name, Contact: c.ID, Begun: a.env.Now.UTC(), Ordinal: n, From: from}
	e.Begin(a.env, s)
	a.enrolled = e.ID
	return e, a.tx.PutEnrolment(e)
}

// day reads a date as replies write it.
func (a *applier) day(text string) (desk.Date, error) {
	rs := a.r.current()
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(text), "from "), "start "))
	g := rs.grammar(a.env.Now.In(rs.zone))
	if cmds := desk.ParseCommands("1 call "+text, g); len(cmds) == 1 && !cmds[0].Next.IsZero() {
		return cmds[0].Next.Date, nil
	}
	if d, err := desk.ParseDate(text); err == nil {
		return d, nil
	}
	return desk.Date{}, usage("%q is no day that is understood", text)
}

// earlierDay reads a day that is over, or today: the latest that fits.
func (a *applier) earlierDay(text string) (desk.Date, error) {
	today := a.env.Today()
	switch strings.ToLower(text) {
	case "today":
		return today, nil
	case "yesterday":
		return today.AddDays(-1), nil
	}
	now := a.env.Now
	defer func() { a.env.Now = now }()
	for _, back := range []int{7, 365} {
		a.env.Now = now.AddDate(0, 0, -back)
		d, err := a.day(text)
		if err != nil || !d.After(today) {
			return d, err
		}
	}
	return desk.Date{}, usage("%q is no day that is over", text)
}

// EnrolmentView is somebody in a sequence, as listed.
type EnrolmentView struct {
	ID       string   `json:"id"`
	Sequence string   `json:"sequence"`
	Contact  string   `json:"contact"`
	State    string   `json:"state"`
	Step     int      `json:"step"` // done so far
	Steps    int      `json:"steps"`
	Next     string   `json:"next"`
	Begun    string   `json:"begun"`
	Why      string   `json:"why"`
	Letters  []string `json:"letters"`
	Desk     string   `json:"desk"`
}

// enrolmentViews lists who is, or was, in which sequence.
func (r *runner) enrolmentViews(all bool) ([]EnrolmentView, error) {
	out := []EnrolmentView{}
	rs := r.current()
	err := r.state.View(func(tx *store.Tx) error {
		es, err := tx.Enrolments("")
		for _, e := range es {
			if !all && !e.Live() {
				continue
			}
			c, err := tx.Contact(e.Contact)
			if err != nil {
				return err
			}
			v := EnrolmentView{ID: e.ID, Sequence: e.Sequence, State: string(e.State), Step: e.Step, Begun: stamp(e.Begun, rs.zone), Why: e.Why, Letters: append([]string{}, e.Letters...), Desk: r.name}
			if c != nil {
				v.Contact = handle(c)
			}
			if s := rs.sequences[e.Sequence]; s != nil {
				v.Steps = len(s.Steps)
			}
			if e.Live() && e.Under == "" {
				v.Next = stamp(e.Next, rs.zone)
			}
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// enrolFromShell puts somebody into a sequence.
func (r *runner) enrolFromShell(ctx context.Context, name, who, from string) ([]Logged, error) {
	text := who + " sequence " + name
	if from != "" {
		text += " " + from
	}
	return r.logText(ctx, text, r.clock())
}

// stopFromShell ends somebody's sequences, and lists those that it ended.
func (r *runner) stopFromShell(ctx context.Context, who string) ([]EnrolmentView, error) {
	ended := map[string]bool{}
	err := r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		c, err := findContact(tx, who)
		if err != nil {
			return err
		}
		all, err := tx.Enrolments(c.ID)
		for _, e := range all {
			ended[e.ID] = e.Live()
		}
		if err != nil {
			return err
		}
		return stopSequences(tx, env, newPlanner(tx, env), c.ID, "stopped by you")
	})
	if err != nil {
		return nil, err
	}
	all, err := r.enrolmentViews(true)
	return slices.DeleteFunc(all, func(v EnrolmentView) bool { return !ended[v.ID] }), err
}

// SequenceView is a sequence that somebody can be put into, as listed.
type SequenceView struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	To    string   `json:"to"`
	Steps []string `json:"steps"`
	Days  int      `json:"days"`
	Desk  string   `json:"desk"`
}

// sequenceViews lists the desk's sequences.
func (r *runner) sequenceViews() ([]SequenceView, error) {
	rs := r.current()
	out := []SequenceView{}
	for _, n := range rs.sequences.Names() {
		s := rs.sequences[n]
		v := SequenceView{Name: n, Title: s.Title, To: s.To, Days: s.Days(), Desk: r.name}
		for _, st := range s.Steps {
			what := "letter " + st.Letter
			if st.Call != "" {
				what = "call: " + st.Call
			}
			when := fmt.Sprintf("+%dwd", st.Wait)
			if st.Day != nil {
				when = fmt.Sprintf("day %d", *st.Day)
			}
			v.Steps = append(v.Steps, when+" "+what)
		}
		out = append(out, v)
	}
	return out, nil
}
