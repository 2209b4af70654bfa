package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/message"
)

// selfInvites are the invitations that were sent to the recruiter, in order.
func (w *world) selfInvites() (out []calendar.Invitation) {
	w.t.Helper()
	for _, e := range w.srv.Sent() {
		m := message.ParseWhole(e.Data)
		if m.Header.Get(message.OwnHeader) != desk.KindInvite {
			continue
		}
		if e.From != "sam+log@firm.example" || len(e.To) != 1 || e.To[0] != "sam@firm.example" {
			w.t.Errorf("from %s to %v", e.From, e.To)
		}
		parts, method := m.Body.CalendarParts()
		inv, ok := calendar.ReadInvitation(parts, method, m.Subject)
		if !ok {
			w.t.Fatalf("no invitation in\n%s", e.Data)
		}
		out = append(out, inv)
	}
	return out
}

// inviting is a desk whose callbacks come as invitations.
func inviting(t *testing.T, change ...func(*config.Config)) *world {
	w := newWorld(t, change...)
	smtp := withSMTP(&w.srv)
	w.restart("2026-03-02", "12:30", smtp, func(c *config.Config) {
		d := &c.Desks[0]
		d.Calendar.Deliver, d.AuthservID, d.Morning.Deliver = desk.DeliverInvite, "mx.firm.example", "append"
	})
	w.writeTo(jane)
	w.writeTo("Tom Reed <tom@globex.example>")
	return w
}

// respond has the recruiter's calendar answer an invitation.
func (w *world) respond(inv *calendar.Invitation, method, status, start string, extra ...string) {
	at := inv.Event.Start.Time.UTC().Format("20060102T150405Z")
	if start != "" {
		at = start
	}
	ics := "BEGIN:VCALENDAR\r\nPRODID:-//Cal//EN\r\nVERSION:2.0\r\nMETHOD:" + method + "\r\nBEGIN:VEVENT\r\nUID:" + inv.Event.UID + fmt.Sprintf("\r\nSEQUENCE:%d", inv.Event.Sequence) +
		"\r\nDTSTAMP:20260302T130000Z\r\nDTSTART:" + at + "\r\nORGANIZER:mailto:sam+log@firm.example\r\nATTENDEE;PARTSTAT=" + status + ":mailto:sam@firm.example\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	w.put("INBOX", w.mail("Sam <sam@firm.example>", "sam+log@firm.example", "Declined: x", ics, append([]string{"MIME-Version: 1.0", "Content-Type: text/calendar; charset=UTF-8; method=" + method}, extra...)...))
	w.pass()
}

// TestInvitationsToSelf: each call comes as an invitation, changes as updates, its end as a cancellation; and what the calendar answers is
// understood, if it is proven.
func TestInvitationsToSelf(t *testing.T) {
	w := inviting(t)
	w.log("jane@acme.example call 5 march 10am")
	w.log("tom@globex.example call 2 april 10am") // too far off
	w.pass()
	all := w.selfInvites()
	if len(all) != 1 || all[0].Method != "REQUEST" || !all[0].Event.Start.Time.Equal(time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)) || all[0].Event.Organizer.Email != "sam+log@firm.example" ||
		all[0].Event.Attendees[0].Email != "sam@firm.example" || !all[0].Event.Free || !strings.HasSuffix(all[0].Event.UID, "@fifthcall") {
		t.Fatalf("%+v", all)
	}
	w.pass()
	w.log("jane@acme.example note likes tea") // changes the text only
	w.now = w.now.Add(2 * time.Minute)
	w.pass()
	if n := len(w.selfInvites()); n != 1 {
		t.Errorf("%d invitations for nothing new", n)
	}
	w.log("jane@acme.example call 6 march 2pm")
	w.pass()
	all = w.selfInvites()
	if len(all) != 2 || all[1].Event.UID != all[0].Event.UID || all[1].Event.Sequence <= all[0].Event.Sequence || all[1].Method != "REQUEST" {
		t.Fatalf("%+v", all)
	}
	forged := strings.Replace(passed, "firm.example;", "evil.example;", 1)
	w.respond(&all[1], "REPLY", "DECLINED", "")
	w.respond(&all[1], "REPLY", "DECLINED", "", forged)
	if w.callback("jane@acme.example").Start != "2026-03-06T14:00:00Z" {
		t.Fatal("an answer that nothing proves was taken")
	}
	w.respond(&all[0], "REPLY", "DECLINED", "", passed) // of the first version
	if w.callback("jane@acme.example").Start != "2026-03-06T14:00:00Z" {
		t.Fatal("an answer to an older version was taken")
	}
	w.respond(&all[1], "REPLY", "ACCEPTED", "", passed)
	if n := len(w.touchesOf("jane@acme.example")); n != 1 || w.callback("jane@acme.example").Start != "2026-03-06T14:00:00Z" {
		t.Errorf("accepted is seen, no more: %d touches", n)
	}
	w.respond(&all[1], "COUNTER", "TENTATIVE", "20260309T103000Z", passed)
	w.pass()
	if got := w.callback("jane@acme.example").Start; got != "2026-03-09T10:30:00Z" {
		t.Errorf("a proposed time moves: %s", got)
	}
	all = w.selfInvites()
	if len(all) != 3 || !all[2].Event.Start.Time.Equal(time.Date(2026, 3, 9, 10, 30, 0, 0, time.UTC)) {
		t.Fatalf("and is confirmed: %+v", all)
	}
	w.respond(&all[2], "REPLY", "DECLINED", "", passed)
	w.pass()
	cbs, err := view.Callbacks(w.r, false, view.Part{})
	if err != nil || len(cbs) != 1 {
		t.Errorf("declined is dismissed: %+v %v", cbs, err)
	}
	if n := len(w.selfInvites()); n != 3 {
		t.Errorf("%d: what was declined there needs no cancellation", n)
	}
	w.log("jane@acme.example call 10 march 9am")
	w.pass()
	w.log("jane@acme.example cancel")
	w.now = w.now.Add(2 * time.Minute)
	w.pass()
	all = w.selfInvites()
	if len(all) != 5 || all[3].Method != "REQUEST" || all[4].Method != "CANCEL" || all[4].Event.UID != all[0].Event.UID || all[4].Event.Sequence <= all[3].Event.Sequence || all[3].Event.Sequence <= all[2].Event.Sequence || all[4].Event.Status != "CANCELLED" {
		t.Fatalf("%+v", all)
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	body := strings.Join(strings.Fields(text(w.morningMail())), " ")
	for _, want := range []string{"Jane Miller: call dismissed", "next call Mon 9 Mar 2026, 10:30", "was not obeyed: the mail server doesn't vouch for its sender", "You declined an older version of the call with Jane Miller"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in\n%s", want, body)
		}
	}
}

// TestCalendarsAnswers: Google's robot sends in her name; what is proposed for an older version moves nothing; her only address may be another;
// nothing proven is dropped without a word.
func TestCalendarsAnswers(t *testing.T) {
	w := inviting(t)
	w.log("jane@acme.example dm")
	w.log("jane@acme.example call 5 march 10am")
	w.pass()
	all := w.selfInvites()
	w.log("jane@acme.example call 12 march 2pm")
	w.pass()
	w.respond(&all[0], "COUNTER", "TENTATIVE", "20260305T143000Z", passed)
	if got := w.callback("jane@acme.example").Start; got != "2026-03-12T14:00:00Z" {
		t.Errorf("an old version's proposal moved it to %s", got)
	}
	all = w.selfInvites()
	w.respond(&all[1], "REPLY", "DECLINED", "", passed, "Sender: Eve <eve@evil.example>")
	if got := w.callback("jane@acme.example").Start; got != "2026-03-12T14:00:00Z" {
		t.Errorf("somebody else's Sender: %s", got)
	}
	w.respond(&all[1], "REPLY", "DECLINED", "", passed, "Sender: Google Calendar <calendar-notification@google.com>", "Auto-Submitted: auto-generated")
	if got := w.callback("jane@acme.example").Start; got == "2026-03-12T14:00:00Z" {
		t.Errorf("Google's answer was not taken: %v", w.news())
	}
	n := len(w.news())
	w.respond(&all[1], "REPLY", "ACCEPTED", "", passed)
	if len(w.news()) != n+1 {
		t.Errorf("accepted after all, and nothing said: %v", w.news())
	}
}

// TestInvitationsWithoutStorm: at most twenty an hour, the next calls first, also at the first start.
func TestInvitationsWithoutStorm(t *testing.T) {
	t.Parallel()
	w := inviting(t)
	for i := range 50 {
		w.writeTo(fmt.Sprintf("p%d@mass.example", i))
		w.log(fmt.Sprintf("p%d@mass.example call %d march %d:%02d", i, 3+i%8, 9+i/8, 0))
	}
	w.pass()
	all := w.selfInvites()
	first := len(all)
	if first != agenda.InvitesAnHour {
		t.Fatalf("%d invitations at once", first)
	}
	for range 59 {
		w.now = w.now.Add(time.Minute)
	}
	w.pass()
	if n := len(w.selfInvites()); n > agenda.InvitesAnHour {
		t.Errorf("%d invitations within the hour", n)
	}
	for range 3 {
		w.now = w.now.Add(61 * time.Minute)
		w.pass()
	}
	if n := len(w.selfInvites()); n != 50 {
		t.Errorf("%d of 50 in the end", n)
	}
}
