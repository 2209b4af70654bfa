package desk

import (
	"fmt"
	"strings"
	"time"
)

// Sales days and monthly reviews are events with lists of calls. Where they lie follows from the calendar until the recruiter
// moves one; the lists are made the evening before.

// Session is a power session of a sales day, or a monthly review.
type Session struct {
	Month    Date      `json:"month"` // its first day
	N        int       `json:"n"`     // of the sales day's session, from 1; 0 is the review
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
	Sequence int       `json:"sequence"`
	Moved    bool      `json:"moved,omitempty"` // by the recruiter: it stays where she put it
	Off      bool      `json:"off,omitempty"`   // she deleted it
	Done     bool      `json:"done,omitempty"`  // she ticked it off
	Listed   time.Time `json:"listed,omitzero"` // when its list was made
	List     []callee  `json:"list,omitempty"`
	More     int       `json:"more,omitempty"` // how many the list had no room for
}

// callee is one line of a list.
type callee struct {
	Contact string `json:"contact"`
	Line    string `json:"line"`
}

// Key names a session among all: its month and its number.
func (s *Session) Key() string { return fmt.Sprintf("%s:%d", s.Month.String()[:7], s.N) }

// Title is the session's name in the calendar.
func (s *Session) Title() string {
	if s.N == 0 {
		return "Monthly review"
	}
	return fmt.Sprintf("Sales day %d: %s", s.N, SessionTitle((s.N-1)%Sessions))
}

// mostOnSession bounds what an event's text holds.
const mostOnSession = 40

// SetList gives the session its list of calls.
func (s *Session) SetList(list []Listed, env Env) {
	s.List, s.More = nil, max(0, len(list)-mostOnSession)
	for _, l := range list[:min(len(list), mostOnSession)] {
		line := l.Contact.DisplayName()
		for _, part := range []string{l.Contact.Company, l.Contact.Phone, l.Why} {
			if part != "" {
				line += ", " + part
			}
		}
		s.List = append(s.List, callee{l.Contact.ID, Shorten(line, 300)})
	}
	s.Listed, s.Modified = env.Now.UTC(), env.Now.UTC()
	s.Sequence++
}

// Text is the session's list.
func (s *Session) Text() string {
	if s.Listed.IsZero() {
		return "The list of calls comes the evening before."
	}
	if len(s.List) == 0 {
		return "Nobody is on this list."
	}
	var b strings.Builder
	for i, c := range s.List {
		fmt.Fprintf(&b, "%d. %s\n", i+1, c.Line)
	}
	if s.More > 0 {
		fmt.Fprintf(&b, "and %d more\n", s.More)
	}
	return strings.TrimSpace(b.String())
}
