package interviews

import (
	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
)

// MeetingOf is what the desk is told of an event.
func MeetingOf(ev *calendar.Entry) *desk.Meeting {
	m := &desk.Meeting{Summary: ev.Summary, Organizer: mailbox.Canonical(ev.Organizer.Email)}
	for _, a := range ev.Attendees {
		addr := mailbox.Canonical(a.Email)
		m.Attendees = append(m.Attendees, desk.Attendee{
			Person: desk.Person{Addr: addr, Name: a.Name, Robot: mailbox.IsRobot(addr)}, Individual: a.Type == "INDIVIDUAL",
		})
	}
	return m
}
