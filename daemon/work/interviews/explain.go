package interviews

import (
	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/mailbox/message"
)

// MeetingOf is what the desk is told of an event.
func MeetingOf(ev *calendar.Entry) *desk.Meeting {
	m := &desk.Meeting{Summary: ev.Summary, Organizer: message.Canonical(ev.Organizer.Email)}
	for _, a := range ev.Attendees {
		addr := message.Canonical(a.Email)
		m.Attendees = append(m.Attendees, desk.Attendee{
			Person: desk.Person{Addr: addr, Name: a.Name, Robot: message.IsRobot(addr)}, Individual: a.Type == "INDIVIDUAL",
		})
	}
	return m
}
