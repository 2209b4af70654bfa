package desk

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Direction of a touch, seen from the desk.
type Direction string

// The directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Channel is the means by which a touch happened.
type Channel string

// The channels.
const (
	ChannelEmail     Channel = "email"
	ChannelCall      Channel = "call"
	ChannelVoicemail Channel = "voicemail"
	ChannelMeeting   Channel = "meeting"
	ChannelOther     Channel = "other"
)

// Kind is what a touch counts as.
type Kind string

// The kinds: outbound mail is only a touch, an inbound human mail is a reply, a call that
// reached the person or a meeting attended is a conversation.
const (
	KindTouch        Kind = "touch"
	KindReply        Kind = "reply"
	KindConversation Kind = "conversation"
)

// Outcome is how a call or meeting ended; the names are those of the commands.
type Outcome string

// The outcomes that are logged as touches.
const (
	OutcomeSpoke         Outcome = "spoke"
	OutcomeMet           Outcome = "met"
	OutcomeLeftMessage   Outcome = "left-message"
	OutcomeNoAnswer      Outcome = "no-answer"
	OutcomeEmailed       Outcome = "emailed"
	OutcomeMessaged      Outcome = "messaged"
	OutcomeNoShow        Outcome = "no-show"
	OutcomeNotInterested Outcome = "not-interested"
	OutcomeWrongNumber   Outcome = "wrong-number"
	OutcomePrepped       Outcome = "prepped"
	OutcomeDebriefed     Outcome = "debriefed"
)

// Touch is one recorded contact with one person.
type Touch struct {
	ID        string
	Contact   string // contact ID at the time of logging
	Email     string // the address used, where there was one
	Time      time.Time
	Direction Direction
	Channel   Channel
	Kind      Kind
	Outcome   Outcome
	Subject   string
	MessageID string
	Thread    string
	Source    string // mail, shell, import
	Note      string
	Ordinal   uint64 // of a logged one: its place in the desk's log, which orders equal times
	Next      Next   // the date agreed for the next call, if one was
}

// Next is a day agreed, with or without a time of day.
type Next struct {
	Date   Date
	Clock  bool // Hour and Minute are meant
	Hour   int
	Minute int
}

// IsZero reports whether nothing was agreed.
func (n Next) IsZero() bool { return n.Date.IsZero() }

// String is "2026-03-16" or "2026-03-16T10:00", empty for nothing.
func (n Next) String() string {
	if n.IsZero() || !n.Clock {
		return n.Date.String()
	}
	return n.Date.String() + "T" + time.Date(0, 1, 1, n.Hour, n.Minute, 0, 0, time.UTC).Format("15:04")
}

// ParseNext reads what String wrote.
func ParseNext(s string) (Next, error) {
	if s == "" {
		return Next{}, nil
	}
	if t, err := time.Parse("2006-01-02T15:04", s); err == nil {
		return Next{Date: DateOf(t), Clock: true, Hour: t.Hour(), Minute: t.Minute()}, nil
	}
	d, err := ParseDate(s)
	return Next{Date: d}, err
}

// outcomeTouch says how an outcome is logged.
var outcomeTouch = map[Outcome]struct {
	channel Channel
	kind    Kind
}{
	OutcomeSpoke:         {ChannelCall, KindConversation},
	OutcomeMet:           {ChannelMeeting, KindConversation},
	OutcomeNotInterested: {ChannelCall, KindConversation},
	OutcomePrepped:       {ChannelCall, KindConversation},
	OutcomeDebriefed:     {ChannelCall, KindConversation},
	OutcomeLeftMessage:   {ChannelVoicemail, KindTouch},
	OutcomeNoAnswer:      {ChannelCall, KindTouch},
	OutcomeWrongNumber:   {ChannelCall, KindTouch},
	OutcomeEmailed:       {ChannelEmail, KindTouch},
	OutcomeMessaged:      {ChannelOther, KindTouch},
	OutcomeNoShow:        {ChannelMeeting, KindTouch},
}

// IsTouch reports whether the outcome is logged as a touch.
func (o Outcome) IsTouch() bool { _, ok := outcomeTouch[o]; return ok }

// Entry is what somebody logs of a contact.
type Entry struct {
	Outcome     Outcome
	At          time.Time
	Note        string
	Next        Next
	Source, Ref string // Ref makes the touch's ID, so that the same entry is the same touch
}

// Logged makes the touch that an outcome, told by the recruiter, is logged as.
func Logged(c *Contact, l Entry) Touch {
	how := outcomeTouch[l.Outcome]
	return Touch{
		ID: "t-" + ShortHash("log", c.ID, string(l.Outcome), l.Ref), Contact: c.ID, Email: c.Email(), Time: l.At,
		Direction: Out, Channel: how.channel, Kind: how.kind, Outcome: l.Outcome, Note: l.Note, Next: l.Next, Source: l.Source,
	}
}

// SortTouches orders touches by time, then by ordinal and ID, so that any order of reading gives the same list.
func SortTouches(ts []Touch) {
	slices.SortFunc(ts, func(a, b Touch) int { return CompareTouches(&a, &b) })
}

// CompareTouches orders by time, then by place in the log.
func CompareTouches(a, b *Touch) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Ordinal, b.Ordinal), strings.Compare(a.ID, b.ID))
}

// Elsewhere reports whether the touch came with a hand-over from another desk.
func (t *Touch) Elsewhere() bool { return strings.HasPrefix(t.Source, SourceHandOver) }

// LastConversation is the time of the latest conversation in ts, or zero.
func LastConversation(ts []Touch) time.Time {
	var last time.Time
	for _, t := range ts {
		if t.Kind == KindConversation && t.Time.After(last) {
			last = t.Time
		}
	}
	return last
}

// AssumedConversation is the last two-way mail in ts (sorted by time): past calls are
// invisible to a mailbox, so at first start it stands in for the last conversation. A mail
// of theirs counts once the desk has written before; one of ours counts when it answers
// theirs in the same thread. It is the zero Touch if there was none.
func AssumedConversation(ts []Touch) Touch {
	var last Touch
	wrote := false
	theirs := map[string]bool{}
	for _, t := range ts {
		if t.Channel != ChannelEmail || t.Source != SourceMail {
			continue
		}
		switch {
		case t.Direction == Out:
			wrote = true
			if theirs[t.Thread] {
				last = t
			}
		case t.Kind == KindReply:
			theirs[t.Thread] = true
			if wrote {
				last = t
			}
		}
	}
	return last
}

// Sources of touches and contacts.
const (
	SourceMail     = "mail"
	SourceShell    = "shell"
	SourceImport   = "import"
	SourceCalendar = "calendar"
	SourceReferral = "referral" // named by somebody as a lead
	SourceHandOver = "handover" // of another desk, whose name follows a colon; what was done there counts there
)
