package intake

// Series: what happens to one reaches the occurrences that were invited by themselves.

import (
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// seriesOf brings the occurrences of a series that are interviews by themselves in line with what has come of the series: cancelled as a
// whole (RFC 5546, 3.2.5), or from one on; no longer among its dates, by UNTIL or EXDATE; or moved with all that follow one.
func seriesOf(in *people.Intake, m *message.Message, kind string, ev *calendar.Entry, uid string) error {
	all, err := in.Tx.Interviews()
	if err != nil {
		return err
	}
	from := ev.Replaces.In(in.Env.Zone)
	for i := range all {
		iv := &all[i]
		if iv.UID != uid || iv.Occurrence.IsZero() || !in.Env.Now.Before(iv.Start) || iv.Status == desk.InterviewCancelled {
			continue
		}
		if ev.AndLater && !iv.Occurrence.After(from) {
			continue
		}
		switch {
		case kind == calendar.KindCancellation:
			err = cancellation(in, m, iv, ev)
		case ev.AndLater:
			err = movedOn(in, m, iv, ev)
		case ev.Recurs && !ev.Occurs(iv.Occurrence, in.Env.Zone):
			err = cancellation(in, m, iv, ev)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// movedOn moves an occurrence with the one before it that all later ones follow.
func movedOn(in *people.Intake, m *message.Message, iv *desk.Interview, ev *calendar.Entry) error {
	start, end, _ := instants(ev, in.Env.Zone)
	at := iv.Occurrence.Add(start.Sub(ev.Replaces.In(in.Env.Zone))).UTC()
	if at.Equal(iv.Start) || ev.Sequence < iv.Sequence {
		return nil
	}
	if !mayChange(in, m, iv, message.Canonical(ev.Organizer.Email)) {
		return foreign(in, m, iv, "A change")
	}
	next := *iv
	next.Start, next.End, next.Sequence, next.Stamp = at, at.Add(max(end.Sub(start), 15*time.Minute)), ev.Sequence, ev.Stamp
	next.Modified = in.Env.Now.UTC()
	return interviews.ChangeInterview(in.Tx, in.Env, iv, &next)
}
