package letters

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
)

// SequenceGone says why a sequence's letter must not leave any more, "" if it may.
func SequenceGone(r *book.Runner, tx *store.Tx, c *desk.Contact, o *desk.Outgoing, id string) (string, error) {
	e, err := tx.Enrolment(id)
	switch {
	case err != nil:
		return "", err
	case e == nil:
		return "the sequence is over", nil
	case !e.Live():
		return cmp.Or(e.Why, "the sequence is over"), nil
	case e.Under != o.ID:
		return "the sequence went on", nil
	}
	return stopReason(r, tx, c, e)
}

// stopReason says why a sequence has to end, "" if it goes on.
func stopReason(r *book.Runner, tx *store.Tx, c *desk.Contact, e *desk.Enrolment) (string, error) {
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
	cfg := r.Current().Cfg.Letters
	if why := e.StopReason(c, ts, letters, desk.StopRules{OwnMail: cfg.StopOnOwnMail, Persistent: persistent(r, e.Sequence)}); why != "" {
		return why, nil
	}
	why, err := MustNot((&book.Writer{R: r, Tx: tx}), c)
	if why != "" || err != nil || !cfg.StopOnColleague || persistent(r, e.Sequence) {
		return why, err
	}
	return companyAnswered(r, tx, c, e)
}

// persistent reports whether a sequence goes on through answers and conversations, as care does.
func persistent(r *book.Runner, sequence string) bool {
	s := r.Current().Sequences[sequence]
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
func companyAnswered(r *book.Runner, tx *store.Tx, c *desk.Contact, e *desk.Enrolment) (string, error) {
	all, err := tx.Contacts()
	if err != nil {
		return "", err
	}
	for _, o := range all {
		if o.ID == c.ID || !config.SameCompany(c, o) {
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

// Advance brings every sequence on: it stops, pauses, or makes its next step.
func Advance(rd *book.Tx) error {
	all, err := rd.Tx.Enrolments("")
	if err != nil {
		return err
	}
	for i := range all {
		if e := &all[i]; e.Live() {
			if err := enrolment(rd, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func enrolment(rd *book.Tx, e *desk.Enrolment) error {
	c, err := rd.Tx.Contact(e.Contact)
	if err != nil {
		return err
	}
	why, err := stopReason(rd.R, rd.Tx, c, e)
	if err != nil {
		return err
	}
	s := rd.R.Current().Sequences[e.Sequence]
	if s == nil && why == "" {
		why = "the sequence “" + e.Sequence + "” doesn't exist any more"
	}
	if why != "" {
		return StopEnrolment(rd.Tx, rd.Env, rd.Planner, e, why)
	}
	if e.State == desk.EnrolmentPaused {
		if rd.Env.Now.Before(e.Next) {
			return nil
		}
		e.State, e.Why = desk.EnrolmentActive, ""
		if err := rd.Tx.PutEnrolment(e); err != nil {
			return err
		}
	}
	if e.Under != "" {
		return underWay(rd, c, s, e)
	}
	if again, err := softBounce(rd, c, e); again || err != nil {
		return err
	}
	if rd.Env.Now.Before(e.Next) {
		return nil
	}
	return makeStep(rd, c, s, e)
}

// underWay goes on once the step's letter has left, or its call was made.
func underWay(rd *book.Tx, c *desk.Contact, s *desk.Sequence, e *desk.Enrolment) error {
	o, err := rd.Tx.OutgoingByID(e.Under)
	if err != nil {
		return err
	}
	if o != nil {
		switch {
		case o.State == desk.OutAccepted || o.State == desk.OutFiled || o.State == desk.OutSent:
			e.Advance(rd.Env, s, o.SentAt)
		case o.State == desk.OutRejected: // told; it goes on once that is mended or cancelled
			return nil
		case !o.Open(): // cancelled or dropped: the recruiter skipped it
			e.Advance(rd.Env, s, rd.Env.Now)
		case e.Overtaken(rd.Env, s): // it lay in Drafts, or waited for a word, until its time was over
			if o.Waits() && o.Withdraw("its time is over") {
				if err := rd.Tx.PutOutgoing(o); err != nil {
					return err
				}
			}
			e.Advance(rd.Env, s, rd.Env.Now)
		default:
			return nil
		}
		return rd.Tx.PutEnrolment(e)
	}
	cb, err := rd.Tx.Call(e.Under)
	if err != nil {
		return err
	}
	if cb.Open() {
		if !e.Overtaken(rd.Env, s) {
			return nil
		}
		if err := rd.Planner.EndCall(cb.UID, desk.CallbackCancelled); err != nil {
			return err
		}
	}
	e.Advance(rd.Env, s, rd.Env.Now)
	return rd.Tx.PutEnrolment(e)
}

// mostRetries is how often a step's letter that came back for now is written again.
const (
	mostRetries = 2
	retryAfter  = 2 // working days
)

// softBounce writes the last letter again, some days after it came back for now.
func softBounce(rd *book.Tx, c *desk.Contact, e *desk.Enrolment) (bool, error) {
	if len(e.Letters) == 0 || e.Retry >= mostRetries {
		return false, nil
	}
	o, err := rd.Tx.OutgoingByID(e.Letters[len(e.Letters)-1])
	if o == nil || err != nil || o.ID == e.Bounced {
		return false, err
	}
	ts, err := rd.Tx.Touches(c)
	if err != nil {
		return false, err
	}
	for _, t := range ts {
		if t.Outcome == desk.OutcomeUndelivered && (t.MessageID == o.MessageID || t.MessageID == o.SentAs && o.SentAs != "") {
			e.Again(o)
			e.Next = rd.Env.AddWorkdays(rd.Env.Today(), retryAfter).At(9, 0, rd.Env.Zone).UTC()
			return true, rd.Tx.PutEnrolment(e)
		}
	}
	return false, nil
}

// makeStep writes the step's letter, or sets its call.
func makeStep(rd *book.Tx, c *desk.Contact, s *desk.Sequence, e *desk.Enrolment) error {
	if e.Step >= len(s.Steps) { // the file was shortened
		e.Step = len(s.Steps)
		e.Advance(rd.Env, s, rd.Env.Now)
		return rd.Tx.PutEnrolment(e)
	}
	st := s.Steps[e.Step]
	if st.Missed(rd.Env, e.From) {
		e.Advance(rd.Env, s, rd.Env.Now)
		return rd.Tx.PutEnrolment(e)
	}
	if st.Call != "" {
		cb, err := rd.Planner.NewCall(c, desk.RuleSequence, e.Cause(), st.Call, rd.Env.CallTime(c))
		if err != nil {
			return err
		}
		e.Under = cb.UID
		return rd.Tx.PutEnrolment(e)
	}
	o, err := Write(rd.Writer(), book.LetterRequest{Name: st.Letter, Contact: c, Cause: e.Cause(), Due: rd.Env.Now, Window: st.Window})
	if err != nil {
		return err
	}
	if o == nil { // switched off
		e.Advance(rd.Env, s, rd.Env.Now)
		return rd.Tx.PutEnrolment(e)
	}
	e.Under = o.ID
	e.Letters = append(e.Letters, o.ID)
	return rd.Tx.PutEnrolment(e)
}

// StopEnrolment ends a sequence and takes back what it has on its way.
func StopEnrolment(tx *store.Tx, env desk.Env, p *book.Planner, e *desk.Enrolment, why string) error {
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
	return p.EndCall(under, desk.CallbackCancelled)
}

// StopSequences ends the contact's sequences.
func StopSequences(tx *store.Tx, env desk.Env, p *book.Planner, contact, why string) error {
	all, err := tx.Enrolments(contact)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Live() {
			if err := StopEnrolment(tx, env, p, &all[i], why); err != nil {
				return err
			}
		}
	}
	return nil
}

// PauseSequences holds the contact's sequences until the day back; the zero date is not known.
func PauseSequences(tx *store.Tx, env desk.Env, contact string, back desk.Date) error {
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

// Enrol puts a contact into a sequence: "prospect", or "placement-care 1 May" for one that counts from a day.
func Enrol(a *book.Tx, c *desk.Contact, note string, from desk.Date) (*desk.Enrolment, error) {
	rs := a.R.Current()
	name, rest, _ := strings.Cut(strings.TrimSpace(note), " ")
	name = strings.ToLower(strings.Trim(name, ".,;:"))
	s := rs.Sequences[name]
	if s == nil {
		return nil, desk.Usage("there is no sequence %q%s; they are %s", name, config.DidYouMean(name, rs.Sequences.Names()), strings.Join(rs.Sequences.Names(), ", "))
	}
	if from.IsZero() && strings.TrimSpace(rest) != "" {
		day, err := Day(a, rest)
		if err != nil {
			return nil, err
		}
		from = day
	}
	if from.IsZero() {
		from = a.Env.Today()
	}
	w := a.Writer()
	switch why, err := MustNot(w, c); {
	case err != nil:
		return nil, err
	case why != "":
		return nil, desk.Usage("%s must not be written to (%s): nothing was begun", c.DisplayName(), why)
	case s.To == "client" && c.Has(desk.RoleCandidate) && !desk.ClientSide(c):
		return nil, desk.Usage("%s is for clients, and %s is a candidate: nothing was begun", name, c.DisplayName())
	case s.To == "candidate" && desk.ClientSide(c) && !c.Has(desk.RoleCandidate):
		return nil, desk.Usage("%s is for candidates, and %s is a client: nothing was begun", name, c.DisplayName())
	case c.Email() == "" && !s.Persistent: // care is mostly calls; its letters are held, and the address asked for
		return nil, desk.Usage("%s has no mail address: nothing was begun", c.DisplayName())
	}
	all, err := a.Tx.Enrolments(c.ID)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(e desk.Enrolment) bool { return e.Live() && e.Sequence == name }) {
		return nil, desk.Usage("%s is in the sequence %s already", c.DisplayName(), name)
	}
	n, err := a.Tx.NextOrdinal()
	if err != nil {
		return nil, err
	}
	e := &desk.Enrolment{ID: fmt.Sprintf("s%d", n), Sequence: name, Contact: c.ID, Begun: a.Env.Now.UTC(), Ordinal: n, From: from}
	e.Begin(a.Env, s)
	return e, a.Tx.PutEnrolment(e)
}

// Day reads a date as replies write it.
func Day(a *book.Tx, text string) (desk.Date, error) {
	rs := a.R.Current()
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(text), "from "), "start "))
	g := rs.Grammar(a.Env.Now.In(rs.Zone))
	if cmds := words.ParseCommands("1 call "+text, g); len(cmds) == 1 && !cmds[0].Next.IsZero() {
		return cmds[0].Next.Date, nil
	}
	if d, err := desk.ParseDate(text); err == nil {
		return d, nil
	}
	return desk.Date{}, desk.Usage("%q is no day that is understood", text)
}

// EarlierDay reads a day that is over, or today: the latest that fits.
func EarlierDay(a *book.Tx, text string) (desk.Date, error) {
	today := a.Env.Today()
	switch strings.ToLower(text) {
	case "today":
		return today, nil
	case "yesterday":
		return today.AddDays(-1), nil
	}
	now := a.Env.Now
	defer func() { a.Env.Now = now }()
	for _, back := range []int{7, 365} {
		a.Env.Now = now.AddDate(0, 0, -back)
		d, err := Day(a, text)
		if err != nil || !d.After(today) {
			return d, err
		}
	}
	return desk.Date{}, desk.Usage("%q is no day that is over", text)
}
