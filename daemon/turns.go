package daemon

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
)

// endInterviews settles a candidate's interview: an offer, a no, a withdrawal. Which of several is meant the note says, by company or
// order, else it is the only one, or the only one that has begun. It reports whether it had taken place. With withdraw set those to come are taken off.
func (a *applier) endInterviews(c *desk.Contact, note, why string, withdraw bool) (met bool, last *desk.Interview, err error) {
	meant, err := a.interviewsMeant(c, note)
	if err != nil {
		return false, nil, err
	}
	for _, iv := range meant {
		a.ended = append(a.ended, copyInterview(iv))
		met = met || iv.Status == desk.InterviewAttended || !a.env.Now.Before(iv.Start) && iv.Status == desk.InterviewStands
		last = iv
		switch {
		case iv.Start.After(a.env.Now) && withdraw:
			iv.ByWord = true
			err = cancelInterview(a.tx, a.env, iv, why)
		case !iv.Start.After(a.env.Now):
			iv.Status, iv.Modified = desk.InterviewEnded, a.env.Now.UTC()
			err = a.tx.PutInterview(iv)
		}
		if err != nil {
			return met, last, err
		}
	}
	return met, last, nil
}

// interviewsMeant are the candidate's interviews that a note speaks of; none is fine, several have to be told apart.
func (a *applier) interviewsMeant(c *desk.Contact, note string) ([]*desk.Interview, error) {
	all, err := a.tx.Interviews()
	if err != nil {
		return nil, err
	}
	_, _, _, order := desk.ReadTold(note)
	low := strings.ToLower(note)
	var open, begun, named []*desk.Interview
	for i := range all {
		iv := &all[i]
		if !c.Is(iv.Candidate) || !iv.Active() {
			continue
		}
		open = append(open, iv)
		if !iv.Start.After(a.env.Now) {
			begun = append(begun, iv)
		}
		if order > 0 && iv.Order == order || iv.Company != "" && strings.Contains(low, strings.ToLower(firstWord(iv.Company))) {
			named = append(named, iv)
		}
	}
	switch {
	case len(named) > 0:
		return named, nil
	case len(begun) > 0 && sameClient(begun):
		return begun, nil
	case len(begun) == 0 && sameClient(open):
		return open, nil
	}
	var which []string
	for _, iv := range open {
		which = append(which, sayInterview(a.env, iv))
	}
	return nil, usage("which of them? %s: say the company, or the order", strings.Join(which, "; "))
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// sameClient reports whether the interviews are all with one client.
func sameClient(ivs []*desk.Interview) bool {
	for _, iv := range ivs {
		if iv.Client != ivs[0].Client || !strings.EqualFold(iv.Company, ivs[0].Company) {
			return false
		}
	}
	return true
}

// turn writes what a turn of events asks for: an offer, a no, a placement, a withdrawal.
func (a *applier) turn(c *desk.Contact, cmd desk.Command) (string, error) {
	switch cmd.Verb {
	case desk.VerbWithdrew:
		if said, done, err := a.backsOut(c, cmd.Note); done || err != nil {
			return said, err
		}
		_, last, err := a.endInterviews(c, cmd.Note, c.DisplayName()+" withdrew", true)
		if err != nil {
			return "", err
		}
		return "", a.leavesProcess(c, cmd.Note, last, true)
	case desk.VerbNotTaken:
		return a.notTaken(c, cmd.Note)
	case desk.VerbOffer:
		return a.offer(c, cmd.Note)
	}
	return a.placed(c, cmd.Note)
}

var startRE = regexp.MustCompile(`(?i)\bstart(?:s|ing)?(?: on)?\s+(.+)$`)

// placed begins the care; the first day is told, else asked back.
func (a *applier) placed(c *desk.Contact, note string) (string, error) {
	m := startRE.FindStringSubmatch(note)
	if m == nil {
		return "", usage("placed: what is the first day? Say “placed, start 1 May”")
	}
	start, err := a.day(strings.Trim(m[1], " ."))
	if err != nil {
		return "", err
	}
	if said, moved, err := a.movesStart(c, note, start); moved || err != nil {
		return said, err
	}
	if err := a.stopOthers(c, "", "was placed anew"); err != nil { // an earlier placement's care
		return "", err
	}
	if _, err := a.enrol(c, "placement-care", start); err != nil {
		return "", err
	}
	all, err := a.tx.Interviews()
	if err != nil {
		return "", err
	}
	for i := range all { // whoever has a job goes to no further interview
		iv := &all[i]
		if !c.Is(iv.Candidate) || !iv.Active() {
			continue
		}
		a.ended = append(a.ended, copyInterview(iv))
		if iv.Start.After(a.env.Now) {
			iv.ByWord = true
			err = cancelInterview(a.tx, a.env, iv, c.DisplayName()+" was placed")
		} else {
			iv.Status, iv.Modified = desk.InterviewEnded, a.env.Now.UTC()
			err = a.tx.PutInterview(iv)
		}
		if err != nil {
			return "", err
		}
	}
	if err := a.withdrawTurns(c, nil); err != nil {
		return "", err
	}
	if err := a.stopOthers(c, "placement-care", "was placed"); err != nil {
		return "", err
	}
	said, err := a.place(c, note, start)
	return "care begins, first day " + start.UTC().Format("Mon 2 Jan 2006") + said, err
}

// turnCause is the cause of letters that follow a turn of events.
const turnCause = "turn"

// turnStep names a letter or call of a turn: it belongs to an interview, or to none that is known.
func turnStep(iv *desk.Interview, name string) string {
	if iv == nil {
		return "-." + name
	}
	return iv.ID + "." + name
}

// withdrawTurns takes back the letters and calls of an earlier turn of events that still wait: of the same interview, or of all for nil.
func (a *applier) withdrawTurns(c *desk.Contact, iv *desk.Interview) error {
	all, err := a.tx.LettersFor(turnCause, c.ID)
	if err != nil {
		return err
	}
	same := func(cause string) bool {
		kind, id, step := desk.ReadCause(cause)
		of, _, _ := strings.Cut(step, ".")
		return kind == turnCause && c.Is(id) && (iv == nil || of == "-" || of == iv.ID)
	}
	for i := range all {
		o := &all[i]
		was := *o
		if same(o.Cause) && o.Waits() && o.State != desk.OutWithdraw && o.Withdraw("things have turned") {
			a.withdrawn = append(a.withdrawn, &was)
			if err := a.tx.PutOutgoing(o); err != nil {
				return err
			}
		}
	}
	calls, err := a.planner.callsOf(c)
	if err != nil {
		return err
	}
	for i := range calls {
		if same(calls[i].Cause) {
			if err := a.planner.endCall(calls[i].UID, desk.CallbackCancelled); err != nil {
				return err
			}
		}
	}
	return nil
}

// stopOthers ends the candidate's sequences but the one named.
func (a *applier) stopOthers(c *desk.Contact, but, why string) error {
	all, err := a.tx.Enrolments(c.ID)
	if err != nil {
		return err
	}
	for i := range all {
		e := &all[i]
		if !e.Live() || e.Sequence == but {
			continue
		}
		was := *e
		a.stopped = append(a.stopped, &was)
		if o, err := a.tx.OutgoingByID(e.Under); err != nil {
			return err
		} else if o != nil && o.Waits() {
			before := *o
			a.withdrawn = append(a.withdrawn, &before)
		}
		if err := stopEnrolment(a.tx, a.env, a.planner, e, why); err != nil {
			return err
		}
	}
	return nil
}

// interviewsLeft are the interviews that a command changed, as it left them.
func (a *applier) interviewsLeft() (left *desk.Interview, ended []movedInterview, err error) {
	if a.interview != "" {
		if left, err = a.tx.Interview(a.interview); err != nil {
			return nil, nil, err
		}
		if left != nil {
			left = copyInterview(left)
		}
	}
	for _, was := range a.ended {
		now, err := a.tx.Interview(was.ID)
		if err != nil {
			return nil, nil, err
		}
		if now != nil {
			ended = append(ended, movedInterview{was, copyInterview(now)})
		}
	}
	return left, ended, nil
}

// write writes a letter that follows a turn of events, and notes it for undo.
func (a *applier) write(rq letterRequest) (*desk.Outgoing, error) {
	rq.cause = desk.CauseOf(turnCause, rq.contact.ID, turnStep(rq.interview, rq.name))
	o, err := a.r.writer(a.tx, a.env).write(rq)
	if o != nil {
		a.written = append(a.written, o.ID)
	}
	return o, err
}

// stayInBase is after how many days somebody who was not taken is called again, and callHour the hour at which candidates can be called.
const (
	stayInBase = 90
	callHour   = 12

	lastMinutes = 30 // before the end of the window in which letters leave
)

// notTaken: after an interview a call first, then the letter; before one a letter, by the same hour of the next working day.
func (a *applier) notTaken(c *desk.Contact, note string) (string, error) {
	met, last, err := a.endInterviews(c, note, "not taken", true)
	if err != nil {
		return "", err
	}
	if err := a.withdrawTurns(c, last); err != nil {
		return "", err
	}
	if err := a.leavesProcess(c, note, last, false); err != nil {
		return "", err
	}
	name := "not-taken-submitted"
	said := "the letter follows by this hour on the next working day"
	if met || strings.Contains(strings.ToLower(note), "interview") {
		name, said = "not-taken-interviewed", "call first, the letter follows"
		if _, err := a.planner.newCall(c, desk.RuleSequence, desk.CauseOf(turnCause, c.ID, turnStep(last, fmt.Sprint("call-", a.env.Now.Unix()))), "Tell them that they were not taken, before the letter does", a.env.Now); err != nil {
			return "", err
		}
	}
	local := a.env.Now.In(a.env.Zone)
	next, minute := a.env.AddWorkdays(a.env.Today(), 1), local.Hour()*60+local.Minute()
	rs := a.r.current()
	if w := rs.letterWindow(); w != [2]int{} { // by then it has left, so not behind the window
		minute = min(minute, w[1]-lastMinutes)
		if minute < w[0] {
			next, minute = a.env.WorkdayOnOrAfter(a.env.Today()), w[1]-lastMinutes
		}
	}
	due := next.At(minute/60, minute%60, a.env.Zone)
	if due.Before(a.env.Now) {
		due = a.env.Now
	}
	if _, err := a.write(letterRequest{name: name, contact: c, due: due, interview: last}); err != nil {
		return "", err
	}
	later := a.env.WorkdayOnOrAfter(a.env.Today().AddDays(stayInBase))
	cause := desk.CauseOf(turnCause, c.ID, turnStep(last, fmt.Sprint("later-", a.env.Now.Unix())))
	if _, err := a.planner.newCall(c, desk.RuleSequence, cause, "How are you getting on? Shall I go on looking? (not taken on "+a.env.Today().UTC().Format("2 Jan 2006")+")", later.At(callHour, 0, a.env.Zone)); err != nil {
		return "", err
	}
	if _, err := a.enrol(c, "not-taken", desk.Date{}); err != nil && !isUserError(err) {
		return "", err
	}
	return said, nil
}

func (a *applier) offer(c *desk.Contact, note string) (string, error) {
	_, last, err := a.endInterviews(c, note, "an offer was made", false)
	if err != nil {
		return "", err
	}
	if err := a.withdrawTurns(c, last); err != nil {
		return "", err
	}
	if err := a.stopOthers(c, "", "an offer was made"); err != nil {
		return "", err
	}
	if err := a.offered(last, c); err != nil {
		return "", err
	}
	cause := desk.CauseOf(turnCause, c.ID, turnStep(last, fmt.Sprint("offer-", a.env.Now.Unix())))
	if _, err := a.planner.newCall(c, desk.RuleSequence, cause, "The offer: go through it with them. Would they take it as it stands? What will their employer say, and what then?", a.env.Now); err != nil {
		return "", err
	}
	terms, start := note, ""
	if m := startRE.FindStringSubmatchIndex(note); m != nil {
		terms, start = note[:m[0]], note[m[2]:m[3]]
	}
	rq := letterRequest{name: "offer", contact: c, due: a.env.Now, interview: last, offer: letter.Offer{Terms: strings.Trim(terms, " ,;"), Start: strings.Trim(start, " ,;:")}}
	o, err := a.write(rq)
	if err != nil || o == nil {
		return "", err
	}
	return "the letter is " + sayState(o), nil
}

// suppress keeps letters away from all addresses of somebody who must not be contacted, also once the contact is forgotten.
func suppress(tx *store.Tx, c *desk.Contact, why string) error {
	for _, e := range c.Emails {
		if err := tx.Suppress(e, why); err != nil {
			return err
		}
	}
	return nil
}

// offered stamps the first offer on the order that it is for: that of the interview, else the only open one to which the candidate was
// submitted.
func (a *applier) offered(iv *desk.Interview, c *desk.Contact) error {
	orders, err := a.tx.Orders()
	if err != nil {
		return err
	}
	var hit []*desk.JobOrder
	for i := range orders {
		o := &orders[i]
		switch {
		case iv != nil && iv.Order > 0:
			if o.Number == iv.Order {
				hit = append(hit, o)
			}
		case o.Status == desk.OrderOpen && slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return c.Is(s.Contact) }):
			hit = append(hit, o)
		}
	}
	if len(hit) != 1 || !hit[0].Offered.IsZero() {
		return nil
	}
	was := *hit[0]
	a.order, a.orderWas = was.Number, &was
	hit[0].Offered = a.env.Now.UTC()
	return a.tx.PutOrder(hit[0])
}
