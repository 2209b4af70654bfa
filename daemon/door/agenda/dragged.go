package agenda

import (
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
)

// NextOf is the time that an event was dragged to; all-day is any time of that day.
func NextOf(m calendar.Moment, zone *time.Location) desk.Next {
	if m.Kind == calendar.Day {
		return desk.Next{Date: desk.DateOf(m.Time)}
	}
	at := m.In(zone).In(zone)
	return desk.Next{Date: desk.DateOf(at), Clock: true, Hour: at.Hour(), Minute: at.Minute()}
}

// SayMoment is an instant in words; a day alone has no clock.
func SayMoment(m calendar.Moment, zone *time.Location) string {
	if m.Kind == calendar.Day {
		return desk.DateOf(m.Time).Near()
	}
	return desk.SayInstant(m.In(zone), zone)
}
