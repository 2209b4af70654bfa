package daemon

import (
	"strings"
	"testing"

	"fifthcall/daemon/door/agenda"
)

// TestReasonsToCall: a callback's text, in the feed and in the morning mail, names orders, candidates who fit, interviews, promises, what came since, and what to ask.
func TestReasonsToCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example dm")
	w.log("new: Li Sato <li@post.example>, Pipe welder at Muster, candidate")
	w.log("li@post.example spoke")
	w.log("li@post.example call 11 march 10am")
	w.log("jane@acme.example spoke, call 9 march 10am")
	w.log("jane@acme.example job: Welder, fee 22% terms signed")
	w.at("2026-03-05", "09:00")
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Our plans for the summer", "Hi"))
	w.pass()
	w.at("2026-03-09", "07:30")
	w.pass()
	feed := feedOf(t, w)
	morning := strings.Join(strings.Fields(text(w.morningMail())), " ")
	for _, want := range []string{"Open: JO1 Welder, C, 0 submitted", "To offer: Li Sato, Pipe welder", "Promised: you agreed to call by Mon 9 Mar 2026", "Since then: their mail of Thu 5 Mar 2026, “Our plans for the summer”", "Whom do they see for JO1"} {
		if !strings.Contains(feed, want) || !strings.Contains(morning, want) {
			t.Errorf("no %q in\n%s\n%s", want, feed, morning)
		}
	}
	for _, want := range []string{"Ask: Who else there is hiring?", "May fit: JO1 Welder", "Ask: Whom do you know for a Welder (JO1)?"} {
		if !strings.Contains(feed, want) {
			t.Errorf("no %q in\n%s", want, feed)
		}
	}
	w.log("li@post.example submitted to JO1")
	w.log("li@post.example interview 12 march 3pm phone +44 20 7946 0018 with Jane Miller for JO1")
	feed = feedOf(t, w)
	for _, want := range []string{"Open: JO1 Welder, C, 1 submitted", "In process: JO1 Welder, submitted on Mon 9 Mar 2026", "Interview: Li Sato on Thu 12 Mar, 15:00"} {
		if !strings.Contains(feed, want) {
			t.Errorf("no %q in\n%s", want, feed)
		}
	}
}

// feedOf is the desk's feed, unfolded.
func feedOf(t *testing.T, w *world) string {
	t.Helper()
	body, _, err := agenda.Feed(w.r, w.now)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("\r\n ", "", "\\,", ",", "\\n", "\n", "\\;", ";").Replace(string(body))
}
