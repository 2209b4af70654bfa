package daemon

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/door/outbox"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// enrolled is a sending desk with Jane, a prospect, in the sequence "prospect".
func enrolled(t testing.TB) *world {
	w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Mode = "auto" })
	if _, err := view.EnrolFromShell(context.Background(), w.r, "prospect", "jane@acme.example", ""); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) enrolment() view.EnrolmentView {
	w.t.Helper()
	es, err := view.EnrolmentViews(w.r, true)
	if err != nil || len(es) != 1 {
		w.t.Fatalf("%+v %v", es, err)
	}
	return es[0]
}

// days lets working days go by, with a pass at eight, at ten and at three; each call that is due is tried in vain.
func (w *world) days(n int) {
	w.t.Helper()
	for range n {
		next := w.now.In(w.r.Current().Zone).AddDate(0, 0, 1).Format(time.DateOnly)
		for _, at := range []string{"08:45", "10:00", "15:00"} {
			w.at(next, at)
			w.pass()
			w.pass()
		}
		cbs, err := view.Callbacks(w.r, false, view.Part{})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, cb := range cbs {
			if cb.Rule == "sequence" && strings.HasPrefix(cb.Start, next) {
				w.log("jane@acme.example na")
			}
		}
	}
}

// TestSequenceRunsToItsEnd: twelve touches over about ninety days, each letter once, calls between them.
func TestSequenceRunsToItsEnd(t *testing.T) {
	t.Parallel()
	w := enrolled(t)
	w.days(110)
	e := w.enrolment()
	if e.State != "done" || e.Step != 12 {
		t.Fatalf("%+v", e)
	}
	seen := map[string]int{}
	for _, s := range w.submitted() {
		m := message.ParseWhole(s.Data)
		seen[m.Subject]++
		if m.Header.Get("List-Unsubscribe") == "" {
			t.Errorf("%q has no List-Unsubscribe", m.Subject)
		}
		if at := m.Date.In(time.UTC).Weekday(); at == time.Saturday || at == time.Sunday {
			t.Errorf("%q left on a %s", m.Subject, at)
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d letters: %v", len(seen), seen)
	}
	for s, n := range seen {
		if n != 1 {
			t.Errorf("%q left %d times", s, n)
		}
	}
}

// TestSequenceStops: whatever ends a sequence ends it, and takes back what was on its way.
func TestSequenceStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		event func(w *world)
		why   string
	}{
		"a reply": {func(w *world) { w.put("INBOX", w.mail(jane, "sam@firm.example", "Re: Hello", "Not now, thanks.")) }, "answered"},
		"a reply from another address": {func(w *world) {
			if _, err := view.SetContact(context.Background(), w.r, people.ContactChange{Who: "jane@acme.example", Email: ptr("jane@home.example")}); err != nil {
				w.t.Fatal(err)
			}
			w.put("INBOX", w.mail("Jane <jane@home.example>", "sam@firm.example", "Something else", "Hello Sam"))
		}, "answered"},
		"a conversation":   {func(w *world) { w.log("jane@acme.example spoke") }, "spoke"},
		"do not contact":   {func(w *world) { w.log("jane@acme.example do not contact") }, "do not contact"},
		"own mail":         {func(w *world) { w.put("Sent", w.mail("Sam <sam@firm.example>", jane, "A word", "Hi Jane")) }, "you wrote yourself"},
		"left the company": {func(w *world) { w.log("jane@acme.example left company") }, "left the company"},
		"stopped by hand":  {func(w *world) { _, _ = view.StopFromShell(context.Background(), w.r, "jane@acme.example") }, "stopped by you"},
		"a booked meeting": {func(w *world) {
			w.put("INBOX", w.invite(jane, "x@y", "REQUEST", 0, w.now.AddDate(0, 0, 9), "Catch-up", "", "Sam <sam@firm.example>"))
		}, "a meeting was booked"},
		"a missed call": {func(w *world) {}, ""},
		"a hard bounce": {func(w *world) {
			id := ""
			for _, s := range w.submitted() {
				id = message.ParseWhole(s.Data).MessageID
			}
			body, head := bounceOf("jane@acme.example", id, "5.1.1", "User unknown")
			w.put("INBOX", w.mail("MAILER-DAEMON@firm.example", "sam@firm.example", "Undelivered Mail Returned to Sender", body, head...))
		}, "mail comes back"},
	} {
		t.Run(name, func(t *testing.T) {
			w := enrolled(t)
			w.pass()
			w.now = w.now.Add(3 * time.Minute)
			w.pass()
			if n := len(w.submitted()); n != 1 {
				t.Fatalf("%d letters at first: %+v", n, w.enrolment())
			}
			c.event(w)
			w.pass()
			w.pass()
			e := w.enrolment()
			if c.why == "" {
				if e.State != "active" {
					t.Errorf("%+v", e)
				}
				return
			}
			if e.State != "stopped" || !strings.Contains(e.Why, c.why) {
				t.Fatalf("%+v", e)
			}
			w.days(40)
			if n := len(w.submitted()); n != 1 {
				t.Errorf("%d letters, though it had ended", n)
			}
			cbs, _ := view.Callbacks(w.r, false, view.Part{})
			for _, cb := range cbs {
				if cb.Rule == "sequence" {
					t.Errorf("a call is left: %+v", cb)
				}
			}
		})
	}
}

// TestReplyBeforeTheSend: an answer that lies in INBOX, not yet read, when the letter is about to leave, counts.
func TestReplyBeforeTheSend(t *testing.T) {
	w := enrolled(t)
	if err := round(context.Background(), w.r, w.now); err != nil {
		t.Fatal(err)
	}
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Re: Hello", "We are fine, thanks."))
	w.now = w.now.Add(2 * time.Minute)
	if err := outbox.Deliver(context.Background(), w.r); err != nil {
		t.Fatal(err)
	}
	if n := len(w.submitted()); n != 0 {
		t.Errorf("%d letters left after the answer", n)
	}
}

func TestSequencePauses(t *testing.T) {
	t.Parallel()
	w := enrolled(t)
	w.days(1)
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Automatic reply: Hello", "I am out of the office until Friday 13 March.", "Auto-Submitted: auto-replied"))
	w.pass()
	if e := w.enrolment(); e.State != "paused" || !strings.HasPrefix(e.Next, "2026-03-16") && e.Next != "" {
		t.Fatalf("%+v", e)
	}
	before := len(w.submitted())
	w.days(8)
	if n := len(w.submitted()); n != before {
		t.Errorf("%d letters while away", n-before)
	}
	w.days(30)
	if n := len(w.submitted()); n <= before {
		t.Errorf("it doesn't go on: %+v", w.enrolment())
	}
}

// TestUnsubscribe: the link's token ends all letters at once; a forged one, or another's, does nothing.
func TestUnsubscribe(t *testing.T) {
	w := enrolled(t)
	w.now = w.now.Add(3 * time.Minute)
	w.pass()
	w.pass()
	link := message.ParseWhole(w.submitted()[0].Data).Header.Get("List-Unsubscribe")
	m := regexp.MustCompile(`^<mailto:sam@firm\.example\?subject=unsubscribe%20(fcu-\S+)>$`).FindStringSubmatch(link)
	if m == nil {
		t.Fatal(link)
	}
	forged := m[1][:len(m[1])-4] + "AAAA"
	w.put("INBOX", w.mail("eve@evil.example", "sam@firm.example", "unsubscribe "+forged, ""))
	w.pass()
	if c := w.contact("jane@acme.example"); c.Status != "active" {
		t.Fatalf("forged: %+v", c)
	}
	w.put("INBOX", w.mail("j.miller@elsewhere.example", "sam@firm.example", "unsubscribe "+m[1], "", "Auto-Submitted: auto-generated"))
	w.pass()
	w.pass()
	if c := w.contact("jane@acme.example"); c.Status != "do_not_contact" {
		t.Errorf("%+v", c)
	}
	if e := w.enrolment(); e.State != "stopped" {
		t.Errorf("%+v", e)
	}
}

// TestSequenceByReply: "1 sequence prospect", and undo.
func TestSequenceByReply(t *testing.T) {
	w := sendingDesk(t, nil)
	w.log("jane@acme.example call tomorrow 10am")
	w.at("2026-03-04", "07:30")
	w.pass()
	w.pass()
	m := w.morningMail()
	n := w.number(m, "Jane Miller")
	w.answer(m, "Sent", n+" sequence prospect\r\n")
	w.pass()
	w.pass()
	if e := w.enrolment(); e.State != "active" {
		t.Fatalf("%+v", e)
	}
	if st := w.letterStates(); st["prospect-1"] != "draft" {
		t.Errorf("%v", st)
	}
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	w.pass()
	if e := w.enrolment(); e.State != "stopped" || len(w.drafts()) != 0 {
		t.Errorf("%+v %q", e, subjects(w.drafts()))
	}
	w.answer(m, "Sent", n+" sequence prospekt\r\n")
	w.pass()
	if !strings.Contains(w.lastText(), `did you mean "prospect"?`) {
		t.Errorf("%s", w.lastText())
	}
}

// TestSoftBounceRetries: a step's letter that came back for now is written again some days later, as another mail.
func TestSoftBounceRetries(t *testing.T) {
	w := enrolled(t)
	w.now = w.now.Add(3 * time.Minute)
	w.pass()
	w.pass()
	first := message.ParseWhole(w.submitted()[0].Data)
	body, head := bounceOf("jane@acme.example", first.MessageID, "4.2.2", "Mailbox full")
	w.put("INBOX", w.mail("MAILER-DAEMON@firm.example", "sam@firm.example", "Undelivered Mail Returned to Sender", body, head...))
	w.pass()
	w.days(4)
	n := 0
	for _, e := range w.submitted() {
		if m := message.ParseWhole(e.Data); m.Subject == first.Subject {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d letters of the first step: %+v", n, w.enrolment())
	}
}

// TestColleagueStops: with the option on, an answer of somebody else at the company ends the sequence.
func TestColleagueStops(t *testing.T) {
	for _, on := range []bool{true, false} {
		w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.StopOnColleague = on })
		w.writeTo("Tom Reed <tom@acme.example>")
		if _, err := view.EnrolFromShell(context.Background(), w.r, "prospect", "jane@acme.example", ""); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
		w.put("INBOX", w.mail("Tom Reed <tom@acme.example>", "sam@firm.example", "Re: Hello", "Jane handed me your mail."))
		w.pass()
		w.pass()
		if stopped := w.enrolment().State == "stopped"; stopped != on {
			t.Errorf("option %v: %+v", on, w.enrolment())
		}
	}
}

// TestStaleLetters: a good-luck line that comes too late is dropped and reported; a draft that was not sent by its time is in the morning mail.
func TestStaleLetters(t *testing.T) {
	w := interviewDesk(t)
	w.log("li@post.example interview wed 3pm phone +44 20 7946 0020 with Dana Reed")
	w.passes("2026-03-03", "09:00")
	w.passes("2026-03-04", "07:45")
	if st := w.letterStates(); st["good-luck"] != "draft" {
		t.Fatalf("%v", st)
	}
	if m := w.morningMail(); !strings.Contains(strings.Join(strings.Fields(text(m)), " "), "Li Sato: “Good luck” Lies in Drafts since") {
		t.Errorf("%s", text(m))
	}
	w.passes("2026-03-04", "15:01")
	w.pass()
	if st := w.letterStates(); st["good-luck"] != "cancelled" && st["good-luck"] != "dropped" {
		t.Errorf("%v", st)
	}
	if news := strings.Join(w.news(), "\n"); !strings.Contains(news, "it would have come too late") {
		t.Errorf("%s", news)
	}
	if ds := w.drafts(); len(ds) != 0 {
		t.Errorf("%q", subjects(ds))
	}
}
