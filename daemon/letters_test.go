package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
	"fifthcall/mailbox/mailtest"
)

const li = "Li Sato <li@post.example>"

// invite is an invitation as mail programs send it.
func (w *world) invite(from, uid, method string, seq int, start time.Time, summary, location string, attendees ...string) []byte {
	w.n++
	w.now = w.now.Add(time.Second)
	lines := []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", "METHOD:" + method, "BEGIN:VEVENT", "UID:" + uid, fmt.Sprintf("SEQUENCE:%d", seq),
		"DTSTAMP:" + w.now.UTC().Format("20060102T150405Z"), "DTSTART:" + start.UTC().Format("20060102T150405Z"), "DTEND:" + start.Add(time.Hour).UTC().Format("20060102T150405Z"),
		"SUMMARY:" + summary, "LOCATION:" + location, "ORGANIZER;CN=Jane Miller:mailto:jane@acme.example"}
	for _, a := range attendees {
		name, addr, _ := strings.Cut(a, " <")
		lines = append(lines, "ATTENDEE;CN="+name+":mailto:"+strings.Trim(addr, ">"))
	}
	if method == "CANCEL" {
		lines = append(lines, "STATUS:CANCELLED")
	}
	ics := strings.Join(append(lines, "END:VEVENT", "END:VCALENDAR", ""), "\r\n")
	subject := map[string]string{"REQUEST": "Invitation: ", "CANCEL": "Canceled: "}[method] + summary
	return mailtest.Head{From: from, To: "sam@firm.example", Subject: subject, ID: fmt.Sprintf("m%d@test", w.n), Date: w.now,
		Extra: []string{"MIME-Version: 1.0", "Content-Type: text/calendar; method=" + method + "; charset=utf-8"}}.Mail(ics)
}

// interviewDesk is a desk on Monday, 2 March 2026, 12:30, with a client, Jane of Acme, and a candidate, Li.
func interviewDesk(t testing.TB, change ...func(*Config)) *world {
	w := newWorld(t, change...)
	w.restart("2026-03-02", "12:30")
	w.writeTo(jane)
	w.writeTo(li)
	w.log("jane@acme.example client")
	w.log("li@post.example candidate")
	if _, err := w.r.setContact(context.Background(), ContactChange{Who: "jane@acme.example", Company: ptr("Acme Robotics"), Title: ptr("Head of engineering"), AddRole: []string{"dm"}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// drafts are the letters in Drafts, by their template's first words in the subject.
func (w *world) drafts() (out []*mailbox.Message) {
	w.t.Helper()
	raws, err := w.srv.Messages("sam", "Drafts")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, raw := range raws {
		out = append(out, mailbox.ParseWhole(raw))
	}
	return out
}

func subjects(ms []*mailbox.Message) (out []string) {
	for _, m := range ms {
		out = append(out, m.Subject)
	}
	slices.Sort(out)
	return out
}

// letters are the states of the letters by template.
func (w *world) letterStates() map[string]string {
	w.t.Helper()
	all, err := w.r.outbox()
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for _, o := range all {
		if o.Kind == desk.KindLetter {
			out[o.Letter] = o.State
		}
	}
	return out
}

// sendDraft has the recruiter send a draft from her own program: it leaves Drafts, and a copy lies in Sent.
func (w *world) sendDraft(template string, change func([]byte) []byte) {
	w.t.Helper()
	raws, err := w.srv.Messages("sam", "Drafts")
	if err != nil {
		w.t.Fatal(err)
	}
	all, err := w.r.outbox()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, o := range all {
		if o.Letter != template || o.State != "draft" && o.State != "edited" {
			continue
		}
		for i, raw := range raws {
			if m := mailbox.ParseWhole(raw); m.MessageID != o.MessageID {
				continue
			}
			if err := w.srv.Delete("sam", "Drafts", i+1); err != nil {
				w.t.Fatal(err)
			}
			if change != nil {
				raw = change(raw)
			}
			w.put("Sent", raw)
			return
		}
	}
	w.t.Fatalf("no draft of %s", template)
}

// TestInterviewFromInvitation goes the whole way: an invitation arrives, the letters lie in Drafts with the right facts, the
// recruiter sends them, the debrief stands in the feed, a cancellation takes back what is left.
func TestInterviewFromInvitation(t *testing.T) {
	w := interviewDesk(t)
	start := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 0, start, "Interview Li Sato – Senior Go developer", "https://meet.example/j/1", "Sam <sam@firm.example>", li))
	w.pass()
	w.pass()
	if got := subjects(w.drafts()); len(got) != 1 || got[0] != "Your interview with Acme Robotics, Tuesday 10 March 2026" {
		t.Fatalf("drafts %q\n%v\n%q", got, w.letterStates(), w.news())
	}
	w.at("2026-03-05", "08:00")
	w.pass()
	w.pass()
	ds := w.drafts()
	if len(ds) != 2 {
		t.Fatalf("drafts %q", subjects(ds))
	}
	body := text(ds[1])
	for _, want := range []string{"Hi Li,", "Video interview", "Tuesday 10 March 2026, 15:00 (GMT, London time)", "https://meet.example/j/1", "Jane Miller (Head of engineering)", "Acme Robotics", "Sam\nsam@firm.example"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in\n%s", want, body)
		}
	}
	w.sendDraft("confirmation", nil)
	w.sendDraft("prep-video", func(b []byte) []byte { // her program gives it an ID of its own, and she adds a line
		m := strings.Replace(string(b), "Message-ID: <letter.", "Message-ID: <other.", 1)
		return []byte(strings.Replace(m, "X-Fifthcall-Letter:", "X-Other:", 1) + "\r\nSee you!\r\n")
	})
	w.pass()
	if st := w.letterStates(); st["confirmation"] != "sent" || st["prep-video"] != "sent" {
		t.Errorf("%v", st)
	}
	if n := len(w.srv.Sent()); n != 0 {
		t.Errorf("Fifthcall sent %d mails itself", n)
	}
	ts := w.touchesOf("li@post.example")
	if len(ts) != 3 {
		t.Errorf("touches %+v", ts)
	}
	cbs, _ := w.r.callbacks(false)
	var rules []string
	for _, cb := range cbs {
		rules = append(rules, cb.Rule+" "+cb.Start)
	}
	for _, want := range []string{"prep 2026-03-09T12:00:00Z", "debrief 2026-03-10T16:30:00Z", "debrief-client 2026-03-10T16:45:00Z"} {
		if !slices.Contains(rules, want) {
			t.Errorf("%s is not in %q", want, rules)
		}
	}
	feed, _, err := w.r.feed(w.now)
	if err != nil || !strings.Contains(string(feed), "SUMMARY:Debrief: Li Sato") {
		t.Errorf("no debrief in the feed: %v", err)
	}
	w.put("INBOX", w.invite(jane, "i1@acme", "CANCEL", 1, start, "Interview Li Sato – Senior Go developer", "", "Sam <sam@firm.example>", li))
	w.pass()
	w.pass()
	if ds := w.drafts(); len(ds) != 0 {
		t.Errorf("drafts %q", subjects(ds))
	}
	cbs, _ = w.r.callbacks(false)
	for _, cb := range cbs {
		if cb.Rule != "first-call" && cb.Rule != "spread" && cb.Rule != "assumed" {
			t.Errorf("still there: %+v", cb)
		}
	}
	if news := strings.Join(w.news(), "\n"); !strings.Contains(news, "Li Sato has had") {
		t.Errorf("%s", news)
	}
}
