package desk

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// OutgoingState is where a mail is on its way out.
type OutgoingState string

// The states. A crash in sending repeats safely; only one in data leaves it open whether the mail went out.
const (
	OutQueued    OutgoingState = "queued"
	OutSending   OutgoingState = "sending"   // committed before the server hears of it
	OutData      OutgoingState = "data"      // committed right before the content goes out
	OutAccepted  OutgoingState = "accepted"  // the server has it; a letter's copy is to be filed
	OutRejected  OutgoingState = "rejected"  // refused for good
	OutUncertain OutgoingState = "uncertain" // look whether it arrived before anything else

	// of letters alone
	OutHeld      OutgoingState = "held"      // something has to be settled first: Missing, or Why
	OutApprove   OutgoingState = "approve"   // waits for the recruiter's word
	OutDrafting  OutgoingState = "drafting"  // to be laid into Drafts
	OutDraft     OutgoingState = "draft"     // lies there as it was written
	OutEdited    OutgoingState = "edited"    // lies there, changed by the recruiter: it is hers
	OutWithdraw  OutgoingState = "withdraw"  // its draft is to be taken away
	OutFiled     OutgoingState = "filed"     // sent, and its copy is in Sent
	OutSent      OutgoingState = "sent"      // the recruiter sent it herself
	OutCancelled OutgoingState = "cancelled" // by the recruiter, or because what it was about is off
	OutDropped   OutgoingState = "dropped"   // too late to be of use
)

// Ways out.
const (
	DeliverSMTP   = "smtp"
	DeliverAppend = "append"
)

// Outgoing is a mail to be sent: rendered once, sent from its bytes.
type Outgoing struct {
	ID        string        `json:"id"`
	MessageID string        `json:"message_id"`
	Kind      string        `json:"kind"` // morning, echo, letter
	From      string        `json:"from"`
	To        []string      `json:"to"`
	Subject   string        `json:"subject"`
	Data      []byte        `json:"data,omitempty"` // dropped once nothing can be sent from it any more
	Deliver   string        `json:"deliver"`
	State     OutgoingState `json:"state"`
	Created   time.Time     `json:"created"`
	Next      time.Time     `json:"next"` // not before
	Tries     int           `json:"tries"`
	Looks     int           `json:"looks,omitempty"` // of an uncertain one: how often it was looked for in vain
	Error     string        `json:"error,omitempty"`
	Attempts  []Attempt     `json:"attempts,omitempty"`

	Letter   string    `json:"letter,omitempty"` // the template, of a letter
	Contact  string    `json:"contact,omitempty"`
	Mode     Mode      `json:"mode,omitempty"`
	Cause    string    `json:"cause,omitempty"` // see CauseOf; "" by hand
	Due      time.Time `json:"due,omitzero"`
	NotAfter time.Time `json:"not_after,omitzero"` // from then on it is dropped and reported
	Missing  []Fact    `json:"missing,omitempty"`  // what a held one lacks
	Why      string    `json:"why,omitempty"`      // of a held, cancelled or dropped one, in words
	Cautions []string  `json:"cautions,omitempty"` // what the recruiter has been asked about, and released
	Draft    DraftMark `json:"draft,omitzero"`
	SentAs   string    `json:"sent_as,omitempty"` // Message-ID under which it went out, where that is another
	SentAt   time.Time `json:"sent_at,omitzero"`
	Told     bool      `json:"told,omitempty"`     // its being late was reported
	Version  int       `json:"version,omitempty"`  // of the interview that it speaks of
	Edition  int       `json:"edition,omitempty"`  // and what was known of it
	Content  string    `json:"content,omitempty"`  // hash of what it says
	Tells    Told      `json:"meeting,omitzero"`   // what it tells of an interview
	ByHand   bool      `json:"by_hand,omitempty"`  // the recruiter cancelled it: it is not written again
	Calendar []byte    `json:"calendar,omitempty"` // an event that goes along (RFC 6047)
	Method   string    `json:"method,omitempty"`   // and its METHOD
	Call     time.Time `json:"call,omitzero"`      // start of the call that it is about
	Window   [2]int    `json:"window,omitzero"`    // minutes of the day in which it may leave; zero for the desk's
}

// DraftMark is where a draft lies.
type DraftMark struct {
	Folder   string    `json:"folder,omitempty"`
	Validity uint32    `json:"validity,omitempty"` // UIDVALIDITY
	UID      uint32    `json:"uid,omitempty"`
	Gone     time.Time `json:"gone,omitzero"` // when it was first missed
}

// Attempt is a try to send, with what the server said.
type Attempt struct {
	Time  time.Time `json:"time"`
	Reply string    `json:"reply"`
}

// KindLetter is the kind of an outgoing mail to somebody else than the recruiter.
const KindLetter = "letter"

// IsLetter reports whether the mail goes to somebody else than the recruiter.
func (o *Outgoing) IsLetter() bool { return o.Kind == KindLetter }

// Open reports whether something still has to happen to the mail.
func (o *Outgoing) Open() bool {
	switch o.State {
	case OutRejected, OutFiled, OutSent, OutCancelled, OutDropped:
		return false
	case OutAccepted:
		return o.IsLetter()
	}
	return true
}

// Gone reports whether the mail has left, or may have.
func (o *Outgoing) Gone() bool {
	switch o.State {
	case OutData, OutUncertain, OutAccepted, OutFiled, OutSent:
		return true
	}
	return false
}

// Waits reports whether the mail hasn't left and still could.
func (o *Outgoing) Waits() bool { return o.Open() && !o.Gone() }

// Withdraw takes back a letter that hasn't left, and reports whether it could: one that is being sent can't, and an
// edited draft is the recruiter's own.
func (o *Outgoing) Withdraw(why string) bool {
	switch o.State {
	case OutHeld, OutApprove, OutQueued, OutSending, OutRejected:
		o.State, o.Why = OutCancelled, why
	case OutDrafting, OutDraft: // it may lie there already, if a try was broken off
		o.State, o.Why, o.Next = OutWithdraw, why, time.Time{}
	case OutWithdraw:
	default:
		return false
	}
	return true
}

// maxAttempts bounds what is remembered of tries.
const maxAttempts = 20

// Note remembers what the server said.
func (o *Outgoing) Note(now time.Time, reply string) {
	o.Attempts = append(o.Attempts, Attempt{now.UTC(), Tidy(reply)})
	o.Attempts = o.Attempts[max(0, len(o.Attempts)-maxAttempts):]
}

// Waits between tries after a refusal for now: doubling from 7.5 minutes to 16 hours.
const (
	firstRetry = 450 * time.Second
	lastRetry  = 16 * time.Hour
	mostTries  = 12
)

// Failed notes a failure for now, and gives up after about three days.
func (o *Outgoing) Failed(now time.Time, reason string) {
	wait := firstRetry
	for i := 0; i < o.Tries && wait < lastRetry; i++ {
		wait *= 2
	}
	o.Tries++
	o.State, o.Next, o.Error = OutQueued, now.Add(min(wait, lastRetry)), reason
	if o.Tries > mostTries {
		o.State = OutRejected
	}
}

// CauseOf names what a letter or call is for, as "interview:ID:step", "sequence:ID:step" or "turn:CONTACT:step".
func CauseOf(kind, id, step string) string { return kind + ":" + id + ":" + step }

// Kinds of causes.
const (
	CauseInterview = "interview"
	CauseSequence  = "sequence"
	CauseCall      = "call"
)

// ReadCause takes a cause apart.
func ReadCause(cause string) (kind, id, step string) {
	kind, rest, _ := strings.Cut(cause, ":")
	id, step, _ = strings.Cut(rest, ":")
	return kind, id, step
}

// Issued is a mail to the recruiter whose numbers can be answered.
type Issued struct {
	ID       string          `json:"id"`
	Kind     string          `json:"kind"`
	Time     time.Time       `json:"time"`
	Parent   string          `json:"parent,omitempty"` // of an echo: the mail whose numbers it speaks of
	Items    []IssuedItem    `json:"items,omitempty"`
	Answered map[string]bool `json:"answered,omitempty"` // numbers answered so far
}

// IssuedItem is a numbered item of such a mail.
type IssuedItem struct {
	N         int      `json:"n"`
	Kind      ItemKind `json:"kind"`
	Contact   string   `json:"contact,omitempty"`
	Thread    string   `json:"thread,omitempty"`    // of an unanswered mail
	Letter    string   `json:"letter,omitempty"`    // ID of a letter
	Interview string   `json:"interview,omitempty"` // ID of an interview
	Call      string   `json:"call,omitempty"`      // UID of a further call
	Held      string   `json:"held,omitempty"`      // record of deletions in the calendar that wait for a word
	Head      string   `json:"head,omitempty"`      // how its text begins
}

// ItemKind is what a numbered item is about.
type ItemKind string

// The kinds of items.
const (
	ItemCallback   ItemKind = "callback"
	ItemUnanswered ItemKind = "unanswered"
	ItemAsk        ItemKind = "ask"
	ItemLetter     ItemKind = "letter"
	ItemInterview  ItemKind = "interview"
	ItemListed     ItemKind = "listed" // on the list of a sales day or review
)

// Item finds an item by its number.
func (i *Issued) Item(n int) (IssuedItem, bool) {
	for _, it := range i.Items {
		if it.N == n {
			return it, true
		}
	}
	return IssuedItem{}, false
}

// SendLimits keep letters from looking like a machine's.
type SendLimits struct {
	PerHour, PerDay int
	Gap             time.Duration // between two letters
	Window          [2]int        // minutes of the day between which letters go out, in the recipient's zone
}

// NextSend is the earliest instant, not before now, at which another letter may go out: inside the window, on a
// working day, within the limits. sent are the instants at which letters went out of late, in any order. A
// letter that mustn't wait (urgent) heeds the gap and the limits alone.
func NextSend(env Env, l SendLimits, zone *time.Location, sent []time.Time, urgent bool) time.Time {
	at := env.Now
	sent = slices.Clone(sent)
	slices.SortFunc(sent, time.Time.Compare)
	for range 400 { // each round moves on to a later reason to wait, or ends
		next := inWindow(env, l, zone, at, urgent)
		next = l.afterOthers(env, sent, next)
		if !next.After(at) {
			return at
		}
		at = next
	}
	return at
}

func (l SendLimits) afterOthers(env Env, sent []time.Time, at time.Time) time.Time {
	hour, day := 0, 0
	var firstOfHour time.Time
	for _, s := range sent {
		if gap := at.Sub(s); gap >= 0 && gap < l.Gap {
			return s.Add(l.Gap)
		}
		if at.Sub(s) >= 0 && at.Sub(s) < time.Hour {
			if hour++; hour == 1 {
				firstOfHour = s
			}
		}
		if DateOf(s.In(env.Zone)) == DateOf(at.In(env.Zone)) {
			day++
		}
	}
	switch {
	case l.PerDay > 0 && day >= l.PerDay:
		return DateOf(at.In(env.Zone)).AddDays(1).At(0, 0, env.Zone)
	case l.PerHour > 0 && hour >= l.PerHour:
		return firstOfHour.Add(time.Hour)
	}
	return at
}

// inWindow is at, or the next beginning of the window on a working day of the desk.
func inWindow(env Env, l SendLimits, zone *time.Location, at time.Time, urgent bool) time.Time {
	if urgent || l.Window[1] <= l.Window[0] {
		return at
	}
	local := at.In(zone)
	day, minute := DateOf(local), local.Hour()*60+local.Minute()
	if env.Hours.Workday(day.UTC()) && minute >= l.Window[0] && minute < l.Window[1] {
		return at
	}
	if minute >= l.Window[0] || !env.Hours.Workday(day.UTC()) {
		day = env.WorkdayOnOrAfter(day.AddDays(1))
	}
	if !env.Hours.Workday(day.UTC()) {
		return at // no working day within reach: the hours are to blame, not the letter
	}
	open := day.At(l.Window[0]/60, l.Window[0]%60, zone)
	if open.Before(at) {
		return at
	}
	return open
}

// LetterID is the ID of the n-th letter.
func LetterID(n uint64) string { return "l" + strconv.FormatUint(n, 10) }
