package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/agenda"
	"fifthcall/mailbox/message"
)

// prepMails are the letters about prep calls that went to the candidate, as invitations.
func (w *world) prepMails() (out []calendar.Invitation) {
	w.t.Helper()
	for _, e := range w.submitted() {
		m := message.ParseWhole(e.Data)
		parts, method := m.Body.CalendarParts()
		if len(parts) == 0 {
			continue
		}
		inv, ok := calendar.ReadInvitation(parts, method, m.Subject)
		if !ok {
			w.t.Fatalf("%s", e.Data)
		}
		out = append(out, inv)
	}
	return out
}

// TestPrepCallInvitation: the candidate is invited to the prep call, told when it moves and when it is off; what her calendar answers is told,
// and moves nothing by itself.
func TestPrepCallInvitation(t *testing.T) {
	w := interviewDesk(t)
	smtp := withSMTP(&w.srv)
	w.restart("2026-03-02", "13:00", smtp, func(c *config.Config) {
		l := &c.Desks[0].Letters
		l.InvitePrep, l.Auto, l.Name = true, []string{agenda.LetterPrepCall, agenda.LetterPrepCallOff}, "Sam Ruiter"
	})
	w.log("li@post.example interview tue 10 march 3pm phone +44 20 7946 0020 with Dana Reed")
	w.passes("2026-03-03", "10:00") // the first day is quiet
	all := w.prepMails()
	call := w.calls("prep")
	if len(all) != 1 || len(call) != 1 || all[0].Method != "REQUEST" || all[0].Event.Attendees[0].Email != "li@post.example" || all[0].Event.Organizer.Email != "sam@firm.example" ||
		!strings.HasPrefix(call[0], all[0].Event.Start.Time.In(w.r.Current().Zone).Format("2006-01-02 15:04")) && !strings.Contains(call[0], all[0].Event.Start.Time.UTC().Format("2006-01-02T15:04")) {
		t.Fatalf("%+v, calls %v, letters %v %v", all, call, w.letterStates(), w.news())
	}
	respond := func(method, status, start string) {
		ics := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//C//EN\r\nMETHOD:" + method + "\r\nBEGIN:VEVENT\r\nUID:" + all[0].Event.UID + "\r\nDTSTAMP:20260302T130000Z\r\nSEQUENCE:0\r\nDTSTART:" + start + "\r\nATTENDEE;PARTSTAT=" + status + ":mailto:li@post.example\r\nORGANIZER:mailto:sam@firm.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		w.put("INBOX", w.mail(li, "sam@firm.example", "Re: call", ics, "MIME-Version: 1.0", "Content-Type: text/calendar; method="+method))
		w.pass()
	}
	stamp := all[0].Event.Start.Time.UTC().Format("20060102T150405Z")
	respond("REPLY", "ACCEPTED", stamp)
	respond("COUNTER", "TENTATIVE", "20260309T133000Z")
	if again := w.calls("prep"); len(again) != 1 || again[0] != call[0] {
		t.Errorf("a candidate's answer moved it: %v", again)
	}
	w.at("2026-03-04", "07:30")
	w.pass()
	mail := w.morningMail()
	body := strings.Join(strings.Fields(text(mail)), " ")
	if !strings.Contains(body, "Li Sato accepted the prep call") || !strings.Contains(body, "proposes another time for the prep call") {
		t.Errorf("%s", body)
	}
	w.answer(mail, "Sent", w.number(mail, "Li Sato proposes")+" 9 march 13:30")
	w.passes("2026-03-04", "09:00")
	all = w.prepMails()
	if len(all) != 2 || all[1].Event.UID != all[0].Event.UID || all[1].Event.Sequence != 1 || !all[1].Event.Start.Time.Equal(time.Date(2026, 3, 9, 13, 30, 0, 0, time.UTC)) {
		t.Fatalf("%+v\n%s", all, w.lastText())
	}
	w.log("li@post.example withdrew")
	w.passes("2026-03-04", "09:30")
	all = w.prepMails()
	if len(all) != 3 || all[2].Method != "CANCEL" || all[2].Event.UID != all[0].Event.UID || all[2].Event.Sequence != 2 {
		t.Fatalf("%+v %v", all, fmt.Sprint(w.letterStates()))
	}
	respond("REPLY", "ACCEPTED", stamp) // of the first version: nothing is told of it
	w.put("Sent", w.mail("sam@firm.example", "sam@firm.example", "undo", "undo\r\n"))
	w.passes("2026-03-04", "10:00")
	w.log("li@post.example interview wed 11 march 3pm phone +44 20 7946 0020 with Dana Reed")
	w.passes("2026-03-04", "11:00")
	last := -1
	for _, m := range w.prepMails() {
		if m.Event.UID != all[0].Event.UID {
			continue
		}
		if m.Event.Sequence <= last {
			t.Errorf("SEQUENCE %d behind %d", m.Event.Sequence, last)
		}
		last = m.Event.Sequence
	}
	for _, n := range w.news() {
		if strings.Contains(n, "accepted the prep call of Mon 9 Mar, 13:30") {
			t.Errorf("an old answer: %s", n)
		}
	}
}
