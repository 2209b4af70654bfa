package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/people"
	"fifthcall/daemon/work/reports"
)

// said is a command about a contact, with its place in the desk's log.
type said struct {
	words.Command
	contact *desk.Contact
	basis   string
	ordinal uint64
}

// verbs say what each word about a contact does: more is told behind what every command tells. Adding a verb is a row here, and its words
// in desk/words; taking it back needs nothing (takeback.go).
var verbs = map[string]func(a *book.Tx, s *said) (more string, err error){
	string(desk.OutcomeSpoke):         logTouch,
	string(desk.OutcomeLeftMessage):   logTouch,
	string(desk.OutcomeNoAnswer):      logTouch,
	string(desk.OutcomeEmailed):       logTouch,
	string(desk.OutcomeMessaged):      logTouch,
	string(desk.OutcomeMet):           logTouch,
	string(desk.OutcomeNoShow):        logTouch,
	string(desk.OutcomeNotInterested): logTouch,
	string(desk.OutcomeWrongNumber):   logTouch,
	string(desk.OutcomePrepped):       logTouch,
	string(desk.OutcomeDebriefed):     logTouch,

	words.VerbSnooze:   snooze,
	words.VerbDone:     func(a *book.Tx, s *said) (string, error) { return moveOn(a, s, desk.CallbackDone) },
	words.VerbCancel:   func(a *book.Tx, s *said) (string, error) { return moveOn(a, s, desk.CallbackCancelled) },
	words.VerbDismiss:  func(a *book.Tx, s *said) (string, error) { return moveOn(a, s, desk.CallbackDismissed) },
	words.VerbCallBack: callBack,
	words.VerbDoNotContact: func(a *book.Tx, s *said) (string, error) {
		return "", people.SetStatus(a, s.contact, desk.StatusDoNotContact)
	},
	words.VerbLeftCompany: leaves,
	words.VerbRole:        addRole,
	words.VerbNote:        note,
	words.VerbHandOver:    func(a *book.Tx, s *said) (string, error) { return agency.HandOver(a, s.contact, nil, s.Note) },
	words.VerbLight:       func(a *book.Tx, s *said) (string, error) { return reports.SayLight(a, s.contact, s.Note) },
	words.VerbMerge:       func(a *book.Tx, s *said) (string, error) { return "", people.Merge(a, s.contact, s.Note) },
	words.VerbWaved:       func(a *book.Tx, s *said) (string, error) { return "", people.Wave(a, s.contact) },
	words.VerbFact:        func(a *book.Tx, s *said) (string, error) { return "", orders.Fact(a, s.contact, s.Note) },
	words.VerbSubmitted:   submit,
	words.VerbInterview:   interview,
	words.VerbOffer:       turn,
	words.VerbPlaced:      turn,
	words.VerbNotTaken:    turn,
	words.VerbWithdrew:    turn,
	words.VerbSequence:    enrol,
	words.VerbSend:        whichLetter,
}

// Verbs are the words that can be said of a contact.
func Verbs() []string { return desk.SortedKeys(verbs) }

// applyTo applies a command to the contact that it is about.
func applyTo(a *book.Tx, cmd words.Command, c *desk.Contact, fresh bool) (book.Result, error) {
	if cmd.Verb == words.VerbJobOrder {
		return orders.OpenOrder(a, cmd, c)
	}
	do := verbs[cmd.Verb]
	if do == nil {
		return book.Result{}, desk.Usage("%q can't be done yet; nothing was changed for %s", cmd.Verb, c.DisplayName())
	}
	ordinal, err := a.Tx.NextOrdinal()
	if err != nil {
		return book.Result{}, err
	}
	a.Tx.Shown()
	s := &said{Command: cmd, contact: c, basis: fmt.Sprintf("cmd:%d", ordinal), ordinal: ordinal}
	more, err := do(a, s)
	if err != nil {
		return book.Result{}, err
	}
	l, err := people.Logged(a, cmd, s.contact, fresh)
	if more != "" {
		l.Said += ", " + more
	}
	return l, err
}

// logTouch logs what came of a call, a mail or a meeting, and plans what follows from it.
func logTouch(a *book.Tx, s *said) (more string, err error) {
	at := a.Env.Now
	if !a.At.IsZero() {
		at = a.At
	}
	o := desk.Outcome(s.Verb)
	t := desk.Logged(s.contact, desk.Entry{Outcome: o, At: at.UTC(), Note: s.Note, Next: s.Next, Source: a.Source, Ref: s.basis})
	t.Ordinal = s.ordinal
	if err := a.Tx.AddTouch(&t); err != nil {
		return "", err
	}
	if err := a.Planner.Plan(s.contact); err != nil {
		return "", err
	}
	if err := a.Planner.SettleCalls(s.contact, o, s.Next, a.Call); err != nil {
		return "", err
	}
	a.Tx.Stir()
	return people.TakeLeads(a, s.contact, s.Note)
}

func snooze(a *book.Tx, s *said) (string, error) {
	if c := s.contact; !c.Callable() {
		return "", desk.Usage("%s is not to be called (%s): nothing was moved; 'fifthcall contacts set %s --status active' changes that", c.DisplayName(), c.Status, desk.Handle(c))
	}
	if s.Note != "" {
		s.contact.AddNote(s.Note)
		if err := a.Tx.PutContact(s.contact); err != nil {
			return "", err
		}
	}
	return "", people.Snooze(a, s.contact, s.Command, s.basis, s.ordinal)
}

// callBack owes a call by the day said, today's or the next working day's if none is: one that is due by then stands.
func callBack(a *book.Tx, s *said) (string, error) {
	if c := s.contact; !c.Callable() {
		return "", desk.Usage("%s is not to be called (%s): nothing was moved; 'fifthcall contacts set %s --status active' changes that", c.DisplayName(), c.Status, desk.Handle(c))
	}
	day := s.Next.Date
	if day.IsZero() {
		day = a.Env.WorkdayOnOrAfter(a.Env.Today())
	}
	return "", people.CallBackOn(a, s.contact, day, cmp.Or(s.Note, "to be called back, said")+" on ")
}

func moveOn(a *book.Tx, s *said, status desk.CallbackStatus) (string, error) {
	return "", people.MoveOn(a, s.contact, status, s.basis, s.ordinal)
}

// leaves notes that somebody has left the company: a placement may end, a successor and a new employer are asked for.
func leaves(a *book.Tx, s *said) (more string, err error) {
	s.contact.AddNote(s.Note)
	if err := people.SetStatus(a, s.contact, desk.StatusLeft); err != nil {
		return "", err
	}
	if more, err = orders.Leaves(a, s.contact, s.Note); err != nil {
		return "", err
	}
	return more, people.AskLeaver(a.Tx, a.Env, s.contact)
}

func addRole(a *book.Tx, s *said) (string, error) {
	s.contact.AddRole(desk.Role(s.Note), a.Env.Now)
	if err := a.Tx.PutContact(s.contact); err != nil {
		return "", err
	}
	return "", a.Planner.Plan(s.contact)
}

func note(a *book.Tx, s *said) (string, error) {
	s.contact.AddNote(s.Note)
	if err := a.Tx.PutContact(s.contact); err != nil {
		return "", err
	}
	return orders.TellNote(a, s.contact, s.Note)
}

// submit notes an introduction; a colleague's earlier one is told.
func submit(a *book.Tx, s *said) (more string, err error) {
	o, more, err := orders.Submit(a, s.contact, s.Note)
	if err != nil || a.R == nil {
		return more, err
	}
	earlier, err := agency.ColleagueSubmitted(a.R, s.contact, o)
	return strings.Trim(more+", "+earlier, ", "), err
}

// interview makes an interview of what is said, or takes the one to come off.
func interview(a *book.Tx, s *said) (string, error) {
	if s.Next.IsZero() && words.OffRE.MatchString(s.Note) {
		iv, err := interviews.Upcoming(a, s.contact)
		if err != nil {
			return "", err
		}
		if iv == nil {
			return "", desk.Usage("which interview of %s is off? Reply “cancel” to its number", s.contact.DisplayName())
		}
		iv.ByWord = true
		return desk.SayInterview(a.Env, iv) + " is off", interviews.CancelInterview(a.Tx, a.Env, iv, "you said so")
	}
	if word, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s.Note)), " "); s.Next.IsZero() && slices.Contains(desk.InterviewFacts, strings.Trim(word, ":=")) { // "nina@… interview number +44 …"
		return interviewFact(a, s)
	}
	if client := s.contact; desk.ClientSide(client) && !client.Has(desk.RoleCandidate) {
		c, err := interviews.CandidateNamed(a, s.Note)
		if err != nil {
			return "", err
		}
		if c == nil {
			return "", desk.Usage("%s is a client: whose interview is it? Begin with the candidate's name or address", client.DisplayName())
		}
		s.contact = c
	}
	return interviews.TellInterview(a, s.contact, s.Command)
}

// interviewFact notes a fact of the interview to come, named as such: "number" alone would be the person's own.
func interviewFact(a *book.Tx, s *said) (string, error) {
	iv, err := interviews.Upcoming(a, s.contact)
	if err != nil {
		return "", err
	}
	if iv == nil {
		return "", desk.Usage("no interview of %s is known that is still to come: say first when it is, “%s interview thu 3pm”", s.contact.DisplayName(), desk.Handle(s.contact))
	}
	next := desk.CopyInterview(iv)
	what, err := interviews.SetFact(a, next, s.Note)
	if err != nil {
		return "", err
	}
	return what, interviews.ChangeInterview(a.Tx, a.Env, iv, next)
}

func turn(a *book.Tx, s *said) (string, error) { return orders.Turn(a, s.contact, s.Command) }

func enrol(a *book.Tx, s *said) (string, error) {
	e, err := letters.Enrol(a, s.contact, strings.TrimSpace(s.Note+" "+s.Next.Date.String()), desk.Date{})
	if err != nil {
		return "", err
	}
	return "begun " + e.Sequence + ", first step " + desk.SayInstant(e.Next, a.Env.Zone), nil
}

func whichLetter(_ *book.Tx, s *said) (string, error) {
	return "", desk.Usage("which letter? 'fifthcall letters send NAME --contact %s' writes one, 'fifthcall outbox list' shows those that wait", desk.Handle(s.contact))
}
