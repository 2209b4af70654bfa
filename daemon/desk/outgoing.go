package desk

import "time"

// OutgoingState is where a mail is on its way out.
type OutgoingState string

// The states. A crash in sending repeats safely; only one in data leaves it open whether the mail went out.
const (
	OutQueued    OutgoingState = "queued"
	OutSending   OutgoingState = "sending"   // committed before the server hears of it
	OutData      OutgoingState = "data"      // committed right before the content goes out
	OutAccepted  OutgoingState = "accepted"  // the server has it
	OutRejected  OutgoingState = "rejected"  // refused for good
	OutUncertain OutgoingState = "uncertain" // look whether it arrived before anything else
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
	Kind      string        `json:"kind"` // morning, echo
	From      string        `json:"from"`
	To        []string      `json:"to"`
	Subject   string        `json:"subject"`
	Data      []byte        `json:"data,omitempty"` // dropped once accepted
	Deliver   string        `json:"deliver"`
	State     OutgoingState `json:"state"`
	Created   time.Time     `json:"created"`
	Next      time.Time     `json:"next"` // not before
	Tries     int           `json:"tries"`
	Looks     int           `json:"looks,omitempty"` // of an uncertain one: how often it was looked for in vain
	Error     string        `json:"error,omitempty"`
}

// Open reports whether the mail still has to go out.
func (o *Outgoing) Open() bool { return o.State != OutAccepted && o.State != OutRejected }

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
	N       int      `json:"n"`
	Kind    ItemKind `json:"kind"`
	Contact string   `json:"contact,omitempty"`
	Thread  string   `json:"thread,omitempty"` // of an unanswered mail
	Head    string   `json:"head,omitempty"`   // how its text begins
}

// ItemKind is what a numbered item is about.
type ItemKind string

// The kinds of items.
const (
	ItemCallback   ItemKind = "callback"
	ItemUnanswered ItemKind = "unanswered"
	ItemAsk        ItemKind = "ask"
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
