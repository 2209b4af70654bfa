package desk

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// CallbackStatus is the state of a callback.
type CallbackStatus string

// The states of a callback.
const (
	CallbackOpen      CallbackStatus = "open"
	CallbackDone      CallbackStatus = "done"
	CallbackCancelled CallbackStatus = "cancelled"
	CallbackDismissed CallbackStatus = "dismissed"
)

// Rule names why a callback is due when it is.
type Rule string

// The rules of DOMAIN.md, section 1.
const (
	RuleFirstCall     Rule = "first-call"      // a decision maker never spoken to
	RuleAssumed       Rule = "assumed"         // the cycle, counted from the last two-way mail
	RuleSpread        Rule = "spread"          // overdue, spread over the coming weeks
	RuleCycle         Rule = "cycle"           // the cycle after a conversation
	RuleOpenOrder     Rule = "open-order"      // spoke, and an order is open
	RulePastClient    Rule = "past-client"     // spoke to a past client
	RuleMet           Rule = "met"             // after a meeting
	RuleLeftMessage   Rule = "left-message"    // after a message
	RuleNoAnswer      Rule = "no-answer"       // the next try
	RuleNotInterested Rule = "not-interested"  // a no isn't for ever
	RuleAgreed        Rule = "agreed"          // a date agreed or told by the recruiter
	RuleMissedCall    Rule = "missed-call"     // they tried to reach the desk
	RuleBack          Rule = "back-from-leave" // moved past an absence

	RulePrep          Rule = "prep"           // before an interview
	RuleDebrief       Rule = "debrief"        // after it, with the candidate
	RuleDebriefClient Rule = "debrief-client" // and right after that with the client
	RuleSequence      Rule = "sequence"       // a step of a sequence
	RuleOrder         Rule = "order"          // a late step of a job order
	RuleLead          Rule = "lead"           // the first call to somebody who was named as a lead
)

// Callback is a call owed to a contact: an event in the calendar that slides.
type Callback struct {
	UID      string         `json:"uid"` // never changes
	Contact  string         `json:"contact"`
	Due      Date           `json:"due"`   // the day by which the rule wants it
	Start    time.Time      `json:"start"` // its slot, UTC
	Reason   string         `json:"reason"`
	Rule     Rule           `json:"rule"`
	Status   CallbackStatus `json:"status"`
	Sequence int            `json:"sequence"` // raised at each change (RFC 5545, 3.8.7.4)
	Created  time.Time      `json:"created"`
	Modified time.Time      `json:"modified"`

	Basis     string    `json:"basis"`              // what set Due: a touch's ID, or a word
	BasisTime time.Time `json:"basis_time"`         // when that happened
	Ordinal   uint64    `json:"ordinal"`            // its place in the desk's log, which orders equal times
	Cause     string    `json:"cause,omitempty"`    // of a further call: "interview:…" or "sequence:…" and its step
	Version   int       `json:"version,omitempty"`  // of the interview that a further call belongs to
	ByRound   bool      `json:"by_round,omitempty"` // it was ended because its cause was over, not by the recruiter
	Late      bool      `json:"late,omitempty"`
	Flag      string    `json:"flag,omitempty"` // a hint for the reader, such as "falls on a Saturday"

	Parts []CallPart `json:"parts,omitempty"` // of a call that several causes share
}

// CallPart is one cause of a further call that several share.
type CallPart struct {
	Cause  string `json:"cause"`
	Reason string `json:"reason"`
}

// CallbackUID is the UID of a contact's callback.
func CallbackUID(deskName, contactID string) string {
	return "callback-" + ShortHash("callback", deskName, contactID) + "@fifthcall"
}

// Open reports whether the callback is still owed.
func (cb *Callback) Open() bool { return cb != nil && cb.Status == CallbackOpen }

// Hours says when a desk works. Days cross this border as midnight UTC (Date.UTC).
type Hours interface {
	// Workday reports whether the day is worked at all.
	Workday(day time.Time) bool
	// Slots are the starts of the day's slots in order; none on a free day.
	Slots(day time.Time) []time.Time
}

// Settings are the numbers of the rules; see DefaultSettings for their defaults.
type Settings struct {
	CycleDays       int   // a conversation with each decision maker at least every so many days
	FirstCallDays   int   // working days until a decision maker never spoken to is called
	SpreadDays      int   // working days over which overdue callbacks are spread
	OpenOrderDays   int   // after a conversation while an order is open
	PastClientDays  int   // after a conversation with a past client
	MetDays         int   // after a meeting
	LeftMessageDays int   // working days after a message
	NoAnswerDays    []int // working days after the first, second … try without answer
	NotInterested   int   // days after a no
	CallbacksPerDay int   // capacity
	NewPerWeek      int   // new decision makers that a week should bring
	BaseGoal        int   // how many make a base
	ManyTries       int   // tries from which on another channel is suggested
	ClientCare      []int // days after the first day on which a client is called, beside the guarantee's end
	MailCloses      bool  // a mail of a decision maker's is as good as a conversation
	VoiceOnly       bool  // a mail of a candidate's isn't
}

// DefaultSettings are the defaults of DOMAIN.md.
func DefaultSettings() Settings {
	return Settings{
		CycleDays: 90, FirstCallDays: 5, SpreadDays: 60, OpenOrderDays: 7, PastClientDays: 30, MetDays: 14,
		LeftMessageDays: 2, NoAnswerDays: []int{1, 2, 5, 10}, NotInterested: 90, CallbacksPerDay: 20,
		NewPerWeek: 10, BaseGoal: 500, ManyTries: 5, ClientCare: []int{4, 30},
	}
}

// Env is the world in which a rule is applied.
type Env struct {
	Desk     string // the desk's name
	Now      time.Time
	Zone     *time.Location
	Hours    Hours
	Slot     time.Duration // a callback's length; 0 for a quarter of an hour
	Settings Settings
}

func (e Env) slot() time.Duration {
	if e.Slot == 0 {
		return 15 * time.Minute
	}
	return e.Slot
}

// Today is the desk's date.
func (e Env) Today() Date { return DateOf(e.Now.In(e.Zone)) }

// maxFreeDays bounds the search for a working day, so that hours without any can't hang a rule.
const maxFreeDays = 400

// workdayOnOrBefore is d, or the last working day before it.
func (e Env) workdayOnOrBefore(d Date) Date {
	for i := range maxFreeDays {
		if c := d.AddDays(-i); e.Hours.Workday(c.UTC()) {
			return c
		}
	}
	return d
}

// WorkdayOnOrAfter is d, or the first working day after it.
func (e Env) WorkdayOnOrAfter(d Date) Date {
	for i := range maxFreeDays {
		if c := d.AddDays(i); e.Hours.Workday(c.UTC()) {
			return c
		}
	}
	return d
}

// AddWorkdays is the n-th working day after d, or before it where n is negative.
func (e Env) AddWorkdays(d Date, n int) Date {
	for range n {
		d = e.WorkdayOnOrAfter(d.AddDays(1))
	}
	for range -n {
		d = e.workdayOnOrBefore(d.AddDays(-1))
	}
	return d
}

// SortCallbacks orders callbacks by slot, then by UID.
func SortCallbacks(cbs []Callback) {
	slices.SortFunc(cbs, func(a, b Callback) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.UID, b.UID))
	})
}

// Age says in words for how long a callback has been waiting past its due day, or "".
func (cb *Callback) Age(today Date) string {
	switch n := today.DaysSince(cb.Due); {
	case n == 1:
		return "a day late"
	case n > 1:
		return fmt.Sprintf("%d days late", n)
	}
	return ""
}

// Equal reports whether two versions of a callback say the same, version numbers aside.
func (cb *Callback) Equal(o *Callback) bool {
	x, y := *cb, *o
	x.Sequence, y.Sequence = 0, 0
	x.Modified, y.Modified = time.Time{}, time.Time{}
	return reflect.DeepEqual(x, y)
}

// Refused reports whether the recruiter took the call off herself: then it isn't planned again.
func (cb *Callback) Refused() bool {
	return cb != nil && !cb.ByRound && (cb.Status == CallbackCancelled || cb.Status == CallbackDismissed)
}
