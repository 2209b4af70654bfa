package desk

import (
	"strings"
)

// Meeting is what the desk needs to know of an event in an invitation.
type Meeting struct {
	Summary   string
	Organizer string // canonical address
	Attendees []Attendee
}

// Attendee is somebody, or something, invited.
type Attendee struct {
	Person
	Individual bool // no room, resource or group
}

// Certainty says how sure an assignment is.
type Certainty string

// The certainties.
const (
	Certain  Certainty = "certain"
	Probable Certainty = "probable" // to be asked before anything is sent
	Open     Certainty = "open"     // to be asked
)

// Interviewee is who is being interviewed.
type Interviewee struct {
	Person    Person
	Certainty Certainty
	Choices   []Person // of an open one: who it may be
	Why       string
}

// Interviewee finds the candidate of a meeting: the attendee who is known as one; else the
// only external individual who is neither organizer, robot nor room, which is probable; more than one, or
// none, is to be asked. candidate tells known candidates by their address.
func (c *Circle) Interviewee(m *Meeting, candidate func(addr string) bool) Interviewee {
	var known, others []Person
	for _, a := range m.Attendees {
		switch {
		case !a.Individual || a.Addr == "":
		case candidate(a.Addr):
			known = append(known, a.Person)
		case a.Addr == m.Organizer:
		default:
			if ok, _ := c.Outsider(a.Person); ok {
				others = append(others, a.Person)
			}
		}
	}
	switch {
	case len(known) == 1:
		return Interviewee{Person: known[0], Certainty: Certain, Why: "known as a candidate"}
	case len(known) > 1:
		return Interviewee{Certainty: Open, Choices: known, Why: "several known candidates are invited"}
	case len(others) == 1:
		return Interviewee{Person: others[0], Certainty: Probable, Why: "the only person invited from outside"}
	case len(others) > 1:
		return Interviewee{Certainty: Open, Choices: others, Why: "several people from outside are invited"}
	}
	return Interviewee{Certainty: Open, Why: "nobody from outside is invited"}
}

// Describe says it in words.
func (i Interviewee) Describe() string {
	if i.Certainty != Open {
		return string(i.Certainty) + ": " + i.Person.Addr + " (" + i.Why + ")"
	}
	var who []string
	for _, p := range i.Choices {
		who = append(who, p.Addr)
	}
	if len(who) == 0 {
		return "to be asked: " + i.Why
	}
	return "to be asked: " + i.Why + ": " + strings.Join(who, ", ")
}
