package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Sequence is a row of letters and calls with waits between them.
type Sequence struct {
	Name      string
	Title     string
	To        string // candidate or client
	Marketing bool

	Persistent bool // answers and conversations don't end it: care
	Steps      []Step
}

// Step is one of a sequence: a letter or a call.
type Step struct {
	Letter string // the template; "" for a call
	Call   string // what to say, of a call
	Wait   int    // working days after the step before
	Day    *int   // in place of Wait: days after the day that the sequence counts from; may be negative
	Window [2]int // minutes of the day in which it is due; zero for the desk's
}

// Days is the sequence's length at least, in calendar days.
func (s *Sequence) Days() int {
	days := 0
	for _, st := range s.Steps {
		if st.Day != nil {
			days = max(days, *st.Day)
			continue
		}
		days += st.Wait * 7 / 5
	}
	return days
}

// EnrolmentState is where somebody stands in a sequence.
type EnrolmentState string

// The states.
const (
	EnrolmentActive  EnrolmentState = "active"
	EnrolmentPaused  EnrolmentState = "paused" // until Next
	EnrolmentDone    EnrolmentState = "done"
	EnrolmentStopped EnrolmentState = "stopped"
)

// Enrolment is somebody in a sequence.
type Enrolment struct {
	ID       string         `json:"id"`
	Sequence string         `json:"sequence"`
	Contact  string         `json:"contact"`
	Begun    time.Time      `json:"begun"`
	Ordinal  uint64         `json:"ordinal"` // its place in the desk's log, which orders equal times
	From     Date           `json:"from"`    // the day that steps with a day count from
	Step     int            `json:"step"`    // index of the next step, or of the one under way
	Retry    int            `json:"retry,omitempty"`
	Next     time.Time      `json:"next"`              // the step is due; of a paused one the pause's end
	Under    string         `json:"under,omitempty"`   // the letter's ID or call's UID of the step under way
	Letters  []string       `json:"letters,omitempty"` // IDs of all its letters
	Bounced  string         `json:"bounced,omitempty"` // ID of the last one that came back and was taken up
	State    EnrolmentState `json:"state"`
	Why      string         `json:"why,omitempty"` // it stopped or pauses
	Ended    time.Time      `json:"ended,omitzero"`
}

// Live reports whether further steps may come.
func (e *Enrolment) Live() bool { return e.State == EnrolmentActive || e.State == EnrolmentPaused }

// Stop ends it.
func (e *Enrolment) Stop(now time.Time, why string) {
	e.State, e.Why, e.Ended, e.Under = EnrolmentStopped, why, now.UTC(), ""
}

// Again goes back to the step of a letter that came back.
func (e *Enrolment) Again(o *Outgoing) {
	_, _, step := ReadCause(o.Cause)
	step, _, _ = strings.Cut(step, "r")
	if n, err := strconv.Atoi(step); err == nil && n > 0 {
		e.Step = n - 1
	}
	e.Retry, e.Under, e.Bounced = e.Retry+1, "", o.ID
	if e.State == EnrolmentDone {
		e.State = EnrolmentActive
	}
}

// Cause names the step under way, for its letter or call.
func (e *Enrolment) Cause() string {
	step := fmt.Sprint(e.Step + 1)
	if e.Retry > 0 {
		step += fmt.Sprintf("r%d", e.Retry)
	}
	return CauseOf(CauseSequence, e.ID, step)
}

// Advance goes on to the next step, done at the given time.
func (e *Enrolment) Advance(env Env, s *Sequence, done time.Time) {
	e.Step, e.Retry, e.Under = e.Step+1, 0, ""
	if e.Step >= len(s.Steps) {
		e.State, e.Ended, e.Why = EnrolmentDone, done.UTC(), "all steps are done"
		return
	}
	e.Next = s.Steps[e.Step].due(env, e.From, done)
}

// Begin sets when the first step is due.
func (e *Enrolment) Begin(env Env, s *Sequence) {
	e.State = EnrolmentActive
	e.Next = s.Steps[0].due(env, e.From, env.Now)
	if s.Steps[0].Day == nil && s.Steps[0].Wait == 0 {
		e.Next = env.Now.UTC()
	}
}

// due is when the step is due, when the one before was done at last.
func (st *Step) due(env Env, from Date, last time.Time) time.Time {
	day := DateOf(last.In(env.Zone))
	if st.Day != nil {
		day = st.dayFrom(env, from)
	} else {
		day = env.AddWorkdays(day, st.Wait)
	}
	at := day.At(st.Window[0]/60, st.Window[0]%60, env.Zone)
	if st.Window == [2]int{} {
		at = day.At(9, 0, env.Zone)
	}
	if at.Before(last) {
		return last.UTC()
	}
	return at.UTC()
}

// dayFrom is the working day of a step that has a day: before the day that the sequence counts from an earlier one, else a later one.
func (st *Step) dayFrom(env Env, from Date) Date {
	if *st.Day < 0 {
		return env.workdayOnOrBefore(from.AddDays(*st.Day))
	}
	return env.WorkdayOnOrAfter(from.AddDays(*st.Day))
}

// Begins is the morning of the day of a step that has one.
func (st *Step) Begins(env Env, from Date) time.Time { return st.dayFrom(env, from).At(9, 0, env.Zone) }

// Missed reports whether the time of a step that has a day is over: a week behind it, or for one before the day that the sequence counts from, that day.
func (st *Step) Missed(env Env, from Date) bool {
	switch {
	case st.Day == nil:
		return false
	case *st.Day < 0:
		return !env.Today().Before(from)
	}
	return env.Now.Sub(st.Begins(env, from)) > lateStep
}

// lateStep is how long after its day a step that has one is still made.
const lateStep = 7 * 24 * time.Hour

// Overtaken reports whether the step after the one under way is due by its own day: then that one is made, whatever became of the one before.
func (e *Enrolment) Overtaken(env Env, s *Sequence) bool {
	next := e.Step + 1
	if next < len(s.Steps) && s.Steps[next].Day != nil {
		return !env.Now.Before(s.Steps[next].Begins(env, e.From))
	}
	return e.Step < len(s.Steps) && s.Steps[e.Step].Day != nil && *s.Steps[e.Step].Day < 0 && s.Steps[e.Step].Missed(env, e.From)
}

// pauseWithoutDate is for how long an absence without a date pauses.
const pauseWithoutDate = 14

// Pause holds the sequence until the person is back; the zero date is two weeks.
func (e *Enrolment) Pause(env Env, back Date) {
	if back.IsZero() {
		back = env.Today().AddDays(pauseWithoutDate)
	}
	until := env.WorkdayOnOrAfter(back).At(9, 0, env.Zone).UTC()
	if !until.After(e.Next) && e.State == EnrolmentActive {
		return
	}
	e.State, e.Why = EnrolmentPaused, "away until "+back.Say()
	e.Next = laterTime(e.Next, until)
}

func laterTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// StopRules say what ends a sequence beside a reply, a conversation, a meeting, a bounce and do-not-contact.
type StopRules struct {
	OwnMail    bool // the recruiter wrote by herself
	Persistent bool // nothing that was said or written ends it
}

// StopReason says why no further step may be made for the contact, "" if one may. ts are the contact's touches; letters are the
// Message-IDs of Fifthcall's letters to the contact, which the recruiter may have sent herself.
func (e *Enrolment) StopReason(c *Contact, ts []Touch, letters map[string]bool, rules StopRules) string {
	switch {
	case c == nil:
		return "the contact was forgotten"
	case c.Status == StatusDoNotContact:
		return "do not contact"
	case c.Status == StatusLeft:
		return "has left the company"
	case c.Status == StatusBounced:
		return "mail comes back"
	case c.Has(RoleNone):
		return "not a contact"
	}
	if rules.Persistent {
		return ""
	}
	for i := len(ts) - 1; i >= 0; i-- {
		t := ts[i]
		toldSince := t.Kind == KindConversation && t.Ordinal > e.Ordinal // whatever the clock said: it may have gone back
		if t.Time.Before(e.Begun.Truncate(time.Second)) && !toldSince {
			continue
		}
		switch {
		case t.Ordinal > 0 && t.Ordinal < e.Ordinal: // told just before the enrolment
		case t.Kind == KindConversation:
			return "spoke on " + DateOf(t.Time).Say()
		case t.Direction == In && t.Kind == KindReply:
			return "answered on " + DateOf(t.Time).Say()
		case t.Direction == In:
			return "got in touch on " + DateOf(t.Time).Say()
		case rules.OwnMail && t.Direction == Out && t.Channel == ChannelEmail && t.Source == SourceMail && t.Time.After(e.Begun) && !letters[t.MessageID]:
			return "you wrote yourself on " + DateOf(t.Time).Say()
		}
	}
	return ""
}

// Cautious is what a letter has to be weighed against before it goes to somebody (DOMAIN.md, section 3, “care with letters”).
type Cautious struct {
	ClientDomains map[string]string // companies' domains by client, employer or other contacts there, and whose
	Busy          map[string]string // companies, in lower case, with an open order, interview, offer or guarantee, and which
	Placed        map[string]bool   // IDs of people the desk placed
	Colleague     string            // a colleague's touch within 14 days, in words; "" for none
}

// Names of cautions that a recruiter can release.
const (
	CautionEmployer = "employer"
	CautionBusy     = "busy"
	CautionTwin     = "twin"
)

// Caution says why a letter to the address has to be asked about first; "" if it hasn't. The name stays the same,
// so that it is asked about once.
func (k *Cautious) Caution(c *Contact, addr string, toCandidate, marketing bool) (name, why string) {
	domain := domainOf(addr)
	if toCandidate {
		if whose, ok := k.ClientDomains[domain]; ok {
			return CautionEmployer, fmt.Sprintf("%s is an address at %s: a letter to a candidate never goes to an employer or client", addr, whose)
		}
	}
	if !marketing {
		return "", ""
	}
	switch {
	case k.Placed[c.ID]:
		return CautionBusy, "you placed " + c.DisplayName() + " yourself"
	case k.Busy[lower(c.Company)] != "" && c.Company != "":
		return CautionBusy, c.Company + " has " + k.Busy[lower(c.Company)] + " with you"
	case k.Busy["@"+domain] != "":
		return CautionBusy, domain + " has " + k.Busy["@"+domain] + " with you"
	case k.Colleague != "":
		return CautionBusy, k.Colleague
	}
	return "", ""
}

// MailAddress is the address to which a letter goes: the first that works; a candidate's private one before one at a company.
func (k *Cautious) MailAddress(c *Contact, toCandidate bool) string {
	var first string
	for _, a := range c.Emails {
		if slices.Contains(c.BadEmails, a) {
			continue
		}
		if first == "" {
			first = a
		}
		if _, company := k.ClientDomains[domainOf(a)]; !toCandidate || !company {
			return a
		}
	}
	return first
}

// SameCompany reports whether a domain looks like the company's: "acme-robotics.example" is that of Acme Robotics Ltd.
func SameCompany(company, domain string) bool {
	label, _, _ := strings.Cut(lower(domain), ".")
	label = strings.ReplaceAll(label, "-", "")
	words := strings.FieldsFunc(lower(company), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for n := len(words); n > 0; n-- {
		if joined := strings.Join(words[:n], ""); len(joined) > 2 && joined == label {
			return true
		}
	}
	return false
}
