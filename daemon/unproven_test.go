package daemon

import (
	"strings"
	"testing"
)

const failed = "Authentication-Results: mx.firm.example; dmarc=fail header.from=acme.example"

// TestRefutedNotices: what the recruiter's own server calls a forgery changes nothing, and is told.
func TestRefutedNotices(t *testing.T) {
	body, head := bounceOf("jane@acme.example", "m1@test", "5.1.1", "User unknown")
	for _, c := range []struct {
		name, subject, text string
		head                []string
	}{
		{"left", "Automatic reply: Hello", "I have left Acme. Please contact Mallory (mallory@evil.example).", []string{"Auto-Submitted: auto-replied"}},
		{"away", "Automatic reply: Hello", "I am out of the office until Friday 13 March.", []string{"Auto-Submitted: auto-replied"}},
		{"report", "Undelivered Mail Returned to Sender", body, head},
		{"a call", "New voicemail from 020 7946 0018", "You have a new voicemail (0:34).", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, vouched)
			w.writeTo(jane)
			w.log("jane@acme.example dm")
			w.log("jane@acme.example number +44 20 7946 0018")
			w.log("jane@acme.example vm")
			before := w.callback("jane@acme.example")
			touches := len(w.touchesOf("jane@acme.example"))
			from := jane
			if c.name == "a call" {
				from = "Phones <noreply@pbx.example>"
			}
			w.put("INBOX", w.mail(from, "sam@firm.example", c.subject, c.text, append(c.head, failed)...))
			w.pass()
			if got := w.callback("jane@acme.example"); got != before {
				t.Errorf("the call moved: %+v", got)
			}
			if got := w.contact("jane@acme.example"); got.Status != "active" || len(w.touchesOf("jane@acme.example")) != touches {
				t.Errorf("%+v", got)
			}
			if n := w.news(); len(n) != 1 || !strings.Contains(n[0], "not genuine") {
				t.Errorf("%q", n)
			}
		})
	}
}

// TestReportsOfNothingSent: a report counts for a mail that this desk sent to that address, and for no other.
func TestReportsOfNothingSent(t *testing.T) {
	for _, id := range []string{"never@sent", "", "m2@test"} { // unknown, not told, a mail to somebody else
		w := newWorld(t)
		w.writeTo(jane)                            // m1
		w.writeTo("Tom Reed <tom@globex.example>") // m2
		body, head := bounceOf("jane@acme.example", id, "5.1.1", "User unknown")
		w.put("INBOX", w.mail("MAILER-DAEMON@evil.example", "sam@firm.example", "Undelivered Mail Returned to Sender", strings.Replace(body, "Message-ID: <>\r\n", "", 1), head...))
		w.pass()
		if c := w.contact("jane@acme.example"); c.Status != "active" || w.touchesOf("jane@acme.example")[0].Outcome != "" {
			t.Errorf("%q: %+v", id, c)
		}
		if n := w.news(); len(n) != 1 || !strings.Contains(n[0], "names no mail of yours") {
			t.Errorf("%q: %q", id, n)
		}
	}
}

// TestLongAbsence: one beyond 60 days, or beyond the cycle's end, is asked about; what is proposed works. A short one that moves an agreed
// call keeps its hour and says so.
func TestLongAbsence(t *testing.T) {
	away := func(said, text string) (*world, string, string) {
		w := newWorld(t)
		w.writeTo(jane)
		w.log("jane@acme.example dm")
		w.log("jane@acme.example " + said)
		before := w.callback("jane@acme.example").Start
		w.put("INBOX", w.mail(jane, "sam@firm.example", "Automatic reply: Hello", text, "Auto-Submitted: auto-replied"))
		w.pass()
		return w, before, w.callback("jane@acme.example").Start
	}
	for _, text := range []string{"I am out of the office until 20 November 2027.", "I am on leave and back on 3 June 2026."} { // today is 2 March: 90 days end on 31 May
		w, before, after := away("spoke, call 16 march", text)
		if before != after {
			t.Errorf("%s: moved to %s", text, after)
		}
		n := w.news()
		if len(n) != 1 || !strings.Contains(n[0], "reply “") {
			t.Fatalf("%s: %q", text, n)
		}
		_, say, _ := strings.Cut(n[0], "reply “")
		say, _, _ = strings.Cut(say, "”")
		w.log(say)
		if got := w.callback("jane@acme.example").Start; got == before {
			t.Errorf("%q did nothing", say)
		}
	}
	w, _, after := away("spoke, call 10 march at 11", "I am out of the office until Friday 13 March.")
	if !strings.HasPrefix(after, "2026-03-16T11:00") {
		t.Errorf("moved to %s", after)
	}
	if n := w.news(); len(n) != 1 || !strings.Contains(n[0], "the call you agreed for Tue 10 Mar moves to Mon 16 Mar, 11:00") {
		t.Errorf("%q", n)
	}
}
