package orders

import (
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
)

// endInterviews settles a candidate's interview: an offer, a no, a withdrawal. Which of several is meant the note says, by company or
// order, else it is the only one, or the only one that has begun. It reports whether it had taken place. With withdraw set those to come are taken off.
func endInterviews(a *book.Tx, c *desk.Contact, note, why string, withdraw bool) (met bool, last *desk.Interview, err error) {
	meant, err := interviewsMeant(a, c, note)
	if err != nil {
		return false, nil, err
	}
	for _, iv := range meant {
		met = met || iv.Status == desk.InterviewAttended || !a.Env.Now.Before(iv.Start) && iv.Status == desk.InterviewStands
		last = iv
		switch {
		case iv.Start.After(a.Env.Now) && withdraw:
			iv.ByWord = true
			err = interviews.CancelInterview(a.Tx, a.Env, iv, why)
		case !iv.Start.After(a.Env.Now):
			iv.Status, iv.Modified = desk.InterviewEnded, a.Env.Now.UTC()
			err = a.Tx.PutInterview(iv)
		}
		if err != nil {
			return met, last, err
		}
	}
	return met, last, nil
}

// interviewsMeant are the candidate's interviews that a note speaks of; none is fine, several have to be told apart.
func interviewsMeant(a *book.Tx, c *desk.Contact, note string) ([]*desk.Interview, error) {
	all, err := a.Tx.Interviews()
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
		if !iv.Start.After(a.Env.Now) {
			begun = append(begun, iv)
		}
		if order > 0 && iv.Order == order || iv.Company != "" && strings.Contains(low, strings.ToLower(desk.FirstWord(iv.Company))) {
			named = append(named, iv)
		}
	}
	switch {
	case len(named) > 0:
		return named, nil
	case len(begun) > 0 && desk.SameClient(begun):
		return begun, nil
	case len(begun) == 0 && desk.SameClient(open):
		return open, nil
	}
	var which []string
	for _, iv := range open {
		which = append(which, desk.SayInterview(a.Env, iv))
	}
	return nil, desk.Usage("which of them? %s: say the company, or the order", strings.Join(which, "; "))
}

// Turn writes what a turn of events asks for: an offer, a no, a placement, a withdrawal.
func Turn(a *book.Tx, c *desk.Contact, cmd words.Command) (string, error) {
	switch cmd.Verb {
	case words.VerbWithdrew:
		if said, done, err := backsOut(a, c, cmd.Note); done || err != nil {
			return said, err
		}
		_, last, err := endInterviews(a, c, cmd.Note, c.DisplayName()+" withdrew", true)
		if err != nil {
			return "", err
		}
		return "", leavesProcess(a, c, cmd.Note, last, true)
	case words.VerbNotTaken:
		return notTaken(a, c, cmd.Note)
	case words.VerbOffer:
		return offer(a, c, cmd.Note)
	}
	return placed(a, c, cmd.Note)
}

// placed begins the care; the first day is told, else asked back.
func placed(a *book.Tx, c *desk.Contact, note string) (string, error) {
	m := words.StartRE.FindStringSubmatch(note)
	if m == nil {
		return "", desk.Usage("placed: what is the first day? Say “placed, start 1 May”")
	}
	start, err := letters.Day(a, strings.Trim(m[1], " ."))
	if err != nil {
		return "", err
	}
	if said, moved, err := movesStart(a, c, note, start); moved || err != nil {
		return said, err
	}
	if err := stopOthers(a, c, "", "was placed anew"); err != nil { // an earlier placement's care
		return "", err
	}
	if _, err := letters.Enrol(a, c, "placement-care", start); err != nil {
		return "", err
	}
	all, err := a.Tx.Interviews()
	if err != nil {
		return "", err
	}
	for i := range all { // whoever has a job goes to no further interview
		iv := &all[i]
		if !c.Is(iv.Candidate) || !iv.Active() {
			continue
		}
		if iv.Start.After(a.Env.Now) {
			iv.ByWord = true
			err = interviews.CancelInterview(a.Tx, a.Env, iv, c.DisplayName()+" was placed")
		} else {
			iv.Status, iv.Modified = desk.InterviewEnded, a.Env.Now.UTC()
			err = a.Tx.PutInterview(iv)
		}
		if err != nil {
			return "", err
		}
	}
	if err := withdrawTurns(a, c, nil); err != nil {
		return "", err
	}
	if err := stopOthers(a, c, "placement-care", "was placed"); err != nil {
		return "", err
	}
	said, err := place(a, c, note, start)
	return "care begins, first day " + start.Say() + said, err
}

// withdrawTurns takes back the letters and calls of an earlier turn of events that still wait: of the same interview, or of all for nil.
func withdrawTurns(a *book.Tx, c *desk.Contact, iv *desk.Interview) error {
	all, err := a.Tx.LettersFor(desk.TurnCause, c.ID)
	if err != nil {
		return err
	}
	same := func(cause string) bool {
		kind, id, step := desk.ReadCause(cause)
		of, _, _ := strings.Cut(step, ".")
		return kind == desk.TurnCause && c.Is(id) && (iv == nil || of == "-" || of == iv.ID)
	}
	for i := range all {
		o := &all[i]
		if same(o.Cause) && o.Waits() && o.State != desk.OutWithdraw && o.Withdraw("things have turned") {
			if err := a.Tx.PutOutgoing(o); err != nil {
				return err
			}
		}
	}
	calls, err := a.Planner.CallsOf(c)
	if err != nil {
		return err
	}
	for i := range calls {
		if same(calls[i].Cause) {
			if err := a.Planner.EndCall(calls[i].UID, desk.CallbackCancelled); err != nil {
				return err
			}
		}
	}
	return nil
}

// stopOthers ends the candidate's sequences but the one named.
func stopOthers(a *book.Tx, c *desk.Contact, but, why string) error {
	all, err := a.Tx.Enrolments(c.ID)
	if err != nil {
		return err
	}
	for i := range all {
		e := &all[i]
		if !e.Live() || e.Sequence == but {
			continue
		}
		if err := letters.StopEnrolment(a.Tx, a.Env, a.Planner, e, why); err != nil {
			return err
		}
	}
	return nil
}

// stayInBase is after how many days somebody who was not taken is called again, and callHour the hour at which candidates can be called.
const (
	stayInBase = 90
	callHour   = 12

	lastMinutes = 30 // before the end of the window in which letters leave
)

// notTaken: after an interview a call first, then the letter; before one a letter, by the same hour of the next working day.
func notTaken(a *book.Tx, c *desk.Contact, note string) (string, error) {
	met, last, err := endInterviews(a, c, note, "not taken", true)
	if err != nil {
		return "", err
	}
	if err := withdrawTurns(a, c, last); err != nil {
		return "", err
	}
	if err := leavesProcess(a, c, note, last, false); err != nil {
		return "", err
	}
	name := "not-taken-submitted"
	said := "the letter follows by this hour on the next working day"
	if met || strings.Contains(strings.ToLower(note), "interview") {
		name, said = "not-taken-interviewed", "call first, the letter follows"
		if _, err := a.Planner.NewCall(c, desk.RuleSequence, desk.CauseOf(desk.TurnCause, c.ID, desk.TurnStep(last, fmt.Sprint("call-", a.Env.Now.Unix()))), "Tell them that they were not taken, before the letter does", a.Env.Now); err != nil {
			return "", err
		}
	}
	local := a.Env.Now.In(a.Env.Zone)
	next, minute := a.Env.AddWorkdays(a.Env.Today(), 1), local.Hour()*60+local.Minute()
	rs := a.R.Current()
	if w := rs.LetterWindow(); w != [2]int{} { // by then it has left, so not behind the window
		minute = min(minute, w[1]-lastMinutes)
		if minute < w[0] {
			next, minute = a.Env.WorkdayOnOrAfter(a.Env.Today()), w[1]-lastMinutes
		}
	}
	due := next.At(minute/60, minute%60, a.Env.Zone)
	if due.Before(a.Env.Now) {
		due = a.Env.Now
	}
	if _, err := letters.WriteLetter(a, book.LetterRequest{Name: name, Contact: c, Due: due, Interview: last}); err != nil {
		return "", err
	}
	later := a.Env.WorkdayOnOrAfter(a.Env.Today().AddDays(stayInBase))
	cause := desk.CauseOf(desk.TurnCause, c.ID, desk.TurnStep(last, fmt.Sprint("later-", a.Env.Now.Unix())))
	if _, err := a.Planner.NewCall(c, desk.RuleSequence, cause, "How are you getting on? Shall I go on looking? (not taken on "+a.Env.Today().Short()+")", later.At(callHour, 0, a.Env.Zone)); err != nil {
		return "", err
	}
	if _, err := letters.Enrol(a, c, "not-taken", desk.Date{}); err != nil && !desk.IsUserError(err) {
		return "", err
	}
	return said, nil
}

func offer(a *book.Tx, c *desk.Contact, note string) (string, error) {
	_, last, err := endInterviews(a, c, note, "an offer was made", false)
	if err != nil {
		return "", err
	}
	if err := withdrawTurns(a, c, last); err != nil {
		return "", err
	}
	if err := stopOthers(a, c, "", "an offer was made"); err != nil {
		return "", err
	}
	if err := offered(a, last, c); err != nil {
		return "", err
	}
	cause := desk.CauseOf(desk.TurnCause, c.ID, desk.TurnStep(last, fmt.Sprint("offer-", a.Env.Now.Unix())))
	if _, err := a.Planner.NewCall(c, desk.RuleSequence, cause, "The offer: go through it with them. Would they take it as it stands? What will their employer say, and what then?", a.Env.Now); err != nil {
		return "", err
	}
	terms, start := note, ""
	if m := words.StartRE.FindStringSubmatchIndex(note); m != nil {
		terms, start = note[:m[0]], note[m[2]:m[3]]
	}
	rq := book.LetterRequest{Name: "offer", Contact: c, Due: a.Env.Now, Interview: last, Offer: letter.Offer{Terms: strings.Trim(terms, " ,;"), Start: strings.Trim(start, " ,;:")}}
	o, err := letters.WriteLetter(a, rq)
	if err != nil || o == nil {
		return "", err
	}
	return "the letter is " + letters.SayState(o), nil
}

// offered stamps the first offer on the order that it is for: that of the interview, else the only open one to which the candidate was
// submitted.
func offered(a *book.Tx, iv *desk.Interview, c *desk.Contact) error {
	orders, err := a.Tx.Orders()
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
	hit[0].Offered = a.Env.Now.UTC()
	return a.Tx.PutOrder(hit[0])
}
