package desk

import (
	"strings"
	"time"
)

// Person is an address in a message's header.
type Person struct {
	Addr  string // canonical: lower case, without sub-address
	Name  string
	Robot bool // no human reads it: no-reply, mailer-daemon, a list's or tracker's address
}

// Mail is what the desk needs to know of a message.
type Mail struct {
	Identity  string // the same for one message in all folders and accounts
	MessageID string
	Thread    string
	Time      time.Time
	Subject   string
	From      Person
	To        []Person // To, Cc and Bcc
	Human     bool     // written by a person to persons: no list, bulk, robot, auto-reply or bounce
	Class     string
	Own       bool // one of Fifthcall's own mails

	Invitation bool // a calendar program's: a touch, but no reply
}

// Circle tells the desk's own people from others.
type Circle struct {
	own       map[string]bool
	domains   map[string]bool
	never     map[string]bool
	neverDoms map[string]bool
}

// NewCircle makes a circle of the recruiter's own addresses, the domains of colleagues and
// the addresses or domains ("@example.com") that are never to be logged.
func NewCircle(own, colleagueDomains, neverLog []string) *Circle {
	c := &Circle{own: map[string]bool{}, domains: map[string]bool{}, never: map[string]bool{}, neverDoms: map[string]bool{}}
	for _, a := range own {
		c.own[strings.ToLower(a)] = true
	}
	for _, d := range colleagueDomains {
		c.domains[strings.ToLower(strings.TrimPrefix(d, "@"))] = true
	}
	for _, n := range neverLog {
		n = strings.ToLower(n)
		if d, ok := strings.CutPrefix(n, "@"); ok {
			c.neverDoms[d] = true
		} else {
			c.never[n] = true
		}
	}
	return c
}

// Own reports whether the address is the recruiter's.
func (c *Circle) Own(addr string) bool { return c.own[addr] }

// Outsider reports whether the person could be a contact; if not, why.
func (c *Circle) Outsider(p Person) (ok bool, why string) {
	_, domain, found := strings.Cut(p.Addr, "@")
	switch {
	case !found:
		return false, "not an address"
	case c.own[p.Addr]:
		return false, "your own address"
	case c.domains[domain]:
		return false, "a colleague"
	case c.never[p.Addr], c.neverDoms[domain]:
		return false, "on the never-log list"
	case p.Robot:
		return false, "a robot's or list's address"
	}
	return true, ""
}

// Mention is one contact-to-be on a message.
type Mention struct {
	Person    Person
	Direction Direction
	Creates   bool // writing to somebody makes a contact; being written to doesn't
}

// Read says who on the message is touched by it, and why not where nobody is.
func (c *Circle) Read(m *Mail) (mentions []Mention, why string) {
	if m.Own {
		return nil, "one of Fifthcall's own mails"
	}
	if !m.Human {
		return nil, "not written by a person to you (" + m.Class + ")"
	}
	if !c.own[m.From.Addr] {
		if ok, why := c.Outsider(m.From); !ok {
			return nil, "from " + why
		}
		return []Mention{{Person: m.From, Direction: In}}, ""
	}
	why = "no recipient"
	seen := map[string]bool{}
	for _, p := range m.To {
		ok, reason := c.Outsider(p)
		if !ok {
			why = "to " + reason
			continue
		}
		if !seen[p.Addr] {
			seen[p.Addr] = true
			mentions = append(mentions, Mention{Person: p, Direction: Out, Creates: true})
		}
	}
	return mentions, why
}

// MailTouchID is the ID of the touch that a message is for a contact: derived, so that a
// message read again, in whatever folder, gives the same.
func MailTouchID(identity, contactID string) string {
	return "t-" + ShortHash("mail", identity, contactID)
}

// TouchOf makes the touch that a message is for one of its people.
func TouchOf(m *Mail, who Mention, c *Contact) Touch {
	kind := KindTouch
	if who.Direction == In && !m.Invitation {
		kind = KindReply
	}
	return Touch{
		ID: MailTouchID(m.Identity, c.ID), Contact: c.ID, Email: who.Person.Addr, Time: m.Time,
		Direction: who.Direction, Channel: ChannelEmail, Kind: kind, Subject: m.Subject,
		MessageID: m.MessageID, Thread: m.Thread, Source: SourceMail,
	}
}
