package daemon

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/outbox"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox"
	"fifthcall/mailbox/mailtest"
	"fifthcall/mailbox/message"
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
func interviewDesk(t testing.TB, change ...func(*config.Config)) *world {
	w := newWorld(t, change...)
	w.restart("2026-03-02", "12:30")
	w.writeTo(jane)
	w.writeTo(li)
	w.log("jane@acme.example client")
	w.log("li@post.example candidate")
	if _, err := view.SetContact(context.Background(), w.r, people.ContactChange{Who: "jane@acme.example", Company: ptr("Acme Robotics"), Title: ptr("Head of engineering"), AddRole: []string{"dm"}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// drafts are the letters in Drafts, by their template's first words in the subject.
func (w *world) drafts() (out []*message.Message) {
	w.t.Helper()
	raws, err := w.srv.Messages("sam", "Drafts")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, raw := range raws {
		out = append(out, message.ParseWhole(raw))
	}
	return out
}

func subjects(ms []*message.Message) (out []string) {
	for _, m := range ms {
		out = append(out, m.Subject)
	}
	slices.Sort(out)
	return out
}

// letters are the states of the letters by template.
func (w *world) letterStates() map[string]string {
	w.t.Helper()
	all, err := view.Outbox(w.r)
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
	all, err := view.Outbox(w.r)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, o := range all {
		if o.Letter != template || o.State != "draft" && o.State != "edited" {
			continue
		}
		for i, raw := range raws {
			if m := message.ParseWhole(raw); m.MessageID != o.MessageID {
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
	cbs, _ := view.Callbacks(w.r, false, view.Part{})
	var rules []string
	for _, cb := range cbs {
		rules = append(rules, cb.Rule+" "+cb.Start)
	}
	for _, want := range []string{"prep 2026-03-09T12:00:00Z", "debrief 2026-03-10T16:30:00Z", "debrief-client 2026-03-10T16:45:00Z"} {
		if !slices.Contains(rules, want) {
			t.Errorf("%s is not in %q", want, rules)
		}
	}
	feed, _, err := agenda.Feed(w.r, w.now)
	if err != nil || !strings.Contains(string(feed), "SUMMARY:Debrief: Li Sato") {
		t.Errorf("no debrief in the feed: %v", err)
	}
	w.put("INBOX", w.invite(jane, "i1@acme", "CANCEL", 1, start, "Interview Li Sato – Senior Go developer", "", "Sam <sam@firm.example>", li))
	w.pass()
	w.pass()
	if ds := w.drafts(); len(ds) != 0 {
		t.Errorf("drafts %q", subjects(ds))
	}
	cbs, _ = view.Callbacks(w.r, false, view.Part{})
	for _, cb := range cbs {
		if cb.Rule != "first-call" && cb.Rule != "spread" && cb.Rule != "assumed" {
			t.Errorf("still there: %+v", cb)
		}
	}
	if news := strings.Join(w.news(), "\n"); !strings.Contains(news, "Li Sato has had") {
		t.Errorf("%s", news)
	}
}

// withSMTP lets the desk submit to the embedded server.
func withSMTP(srv **mailtest.Server) func(*config.Config) {
	return func(c *config.Config) {
		_, p, _ := strings.Cut((*srv).SMTPAddr, ":")
		c.Desks[0].SMTP.Host, c.Desks[0].SMTP.Security, c.Desks[0].SMTP.Username = "127.0.0.1", "none", "sam@firm.example"
		fmt.Sscan(p, &c.Desks[0].SMTP.Port)
		c.Desks[0].SMTP.SecretConfig = config.SecretConfig{Password: "secret", Auth: "password"}
	}
}

// sendingDesk is an interview desk that can submit, past its quiet first day: Tuesday, 3 March 2026, 09:00.
func sendingDesk(t testing.TB, change func(*config.Config)) *world {
	w := interviewDesk(t)
	smtp := withSMTP(&w.srv)
	w.restart("2026-03-03", "09:00", func(c *config.Config) {
		smtp(c)
		if change != nil {
			change(c)
		}
	})
	w.pass()
	return w
}

func (w *world) morningMail() *message.Message {
	w.t.Helper()
	ms := w.inbox()
	for i := len(ms) - 1; i >= 0; i-- {
		if ms[i].Header.Get(message.OwnHeader) == "morning" {
			return ms[i]
		}
	}
	w.t.Fatal("no morning mail")
	return nil
}

// number is the number of the item whose head begins so.
func (w *world) number(m *message.Message, head string) string {
	w.t.Helper()
	for _, l := range strings.Split(text(m), "\n") {
		if n, rest, ok := strings.Cut(strings.TrimSpace(l), ". "); ok && strings.HasPrefix(rest, head) {
			return n
		}
	}
	w.t.Fatalf("no item %q in\n%s", head, text(m))
	return ""
}

// toSam are the letters submitted, without the mails to the recruiter herself.
func (w *world) submitted() (out []mailtest.Envelope) {
	for _, e := range w.srv.Sent() {
		if !slices.Contains(e.To, "sam@firm.example") {
			out = append(out, e)
		}
	}
	return out
}

// TestMissingFactIsAsked: the prep letter is held, the morning mail asks for just that fact, a reply completes it.
func TestMissingFactIsAsked(t *testing.T) {
	w := interviewDesk(t)
	w.log("li@post.example interview tue 10 march 3pm phone +44 20 7946 0020")
	w.at("2026-03-05", "07:30")
	w.pass()
	w.pass()
	if st := w.letterStates(); st["prep-phone"] != "held" || st["confirmation"] != "draft" {
		t.Fatalf("%v", st)
	}
	m := w.morningMail()
	n := w.number(m, "Li Sato: phone interview")
	if body := strings.Join(strings.Fields(text(m)), " "); !strings.Contains(body, "the interviewer's name. Reply “"+n+" interviewer NAME”") || strings.Contains(body, "the number to call") {
		t.Errorf("%s", text(m))
	}
	w.answer(m, "Sent", n+" interviewer Dana Reed, CTO\r\n"+n+" bring passport\r\n")
	w.pass()
	w.pass()
	var prep string
	for _, d := range w.drafts() {
		if strings.Contains(d.Subject, "how to prepare") {
			prep = text(d)
		}
	}
	for _, want := range []string{"Phone interview", "Number: +44 20 7946 0020", "With: Dana Reed (CTO)", "Bring: passport"} {
		if !strings.Contains(prep, want) {
			t.Errorf("%q is not in\n%s", want, prep)
		}
	}
}

// TestUpdateMovesAll: a draft not yet edited is replaced; what had gone out is corrected; calls move with it.
func TestUpdateMovesAll(t *testing.T) {
	w := interviewDesk(t)
	start := time.Date(2026, 3, 5, 15, 0, 0, 0, time.UTC)
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 0, start, "Interview Li Sato", "5 King Street, London", "Sam <sam@firm.example>", li))
	w.pass()
	w.pass()
	if st := w.letterStates(); st["confirmation"] != "draft" || st["prep-in-person"] != "draft" {
		t.Fatalf("%v", st)
	}
	w.sendDraft("confirmation", nil)
	w.pass()
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 1, start.AddDate(0, 0, 1), "Interview Li Sato", "5 King Street, London", "Sam <sam@firm.example>", li))
	w.pass()
	w.at("2026-03-03", "09:00")
	w.pass()
	w.pass()
	got := subjects(w.drafts())
	want := []string{"Changed: your interview with Acme Robotics, now Friday 6 March 2026", "Your interview with Acme Robotics on Friday 6 March 2026: how to prepare"}
	if !slices.Equal(got, want) {
		t.Errorf("drafts %q", got)
	}
	cbs, _ := view.Callbacks(w.r, false, view.Part{})
	for _, cb := range cbs {
		if cb.Rule == "debrief" && (cb.Start != "2026-03-06T16:30:00Z" || cb.Sequence == 0) {
			t.Errorf("%+v", cb)
		}
	}
	// an older version changes nothing
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 0, start, "Interview Li Sato", "", "Sam <sam@firm.example>", li))
	w.pass()
	if ivs, _ := view.InterviewViews(w.r, true); len(ivs) != 1 || ivs[0].Start != "2026-03-06T15:00:00Z" {
		t.Errorf("%+v", ivs)
	}
}

// TestEditedAndDeletedDrafts: an edited draft is the recruiter's and is left alone; a deleted one is a cancelled letter.
func TestEditedAndDeletedDrafts(t *testing.T) {
	w := interviewDesk(t)
	start := time.Date(2026, 3, 5, 15, 0, 0, 0, time.UTC)
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 0, start, "Interview Li Sato", "5 King Street, London", "Sam <sam@firm.example>", li))
	w.pass()
	w.pass()
	raws, _ := w.srv.Messages("sam", "Drafts")
	for i := len(raws); i > 0; i-- {
		m := message.ParseWhole(raws[i-1])
		if err := w.srv.Delete("sam", "Drafts", i); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(m.Subject, "how to prepare") { // her program saves it anew
			edited := strings.Replace(string(raws[i-1]), "Message-ID: <letter.", "Message-ID: <thunder.", 1)
			w.put("Drafts", []byte(strings.Replace(edited, "X-Fifthcall-Letter:", "X-Other:", 1)))
		}
	}
	for range 14 {
		w.now = w.now.Add(time.Minute)
		w.pass()
	}
	if st := w.letterStates(); st["confirmation"] != "cancelled" || st["prep-in-person"] != "edited" {
		t.Fatalf("%v", st)
	}
	w.put("INBOX", w.invite(jane, "i1@acme", "CANCEL", 1, start, "Interview Li Sato", "", "Sam <sam@firm.example>", li))
	w.pass()
	w.pass()
	if len(w.drafts()) != 1 || !strings.Contains(strings.Join(w.news(), "\n"), "you have edited its draft") {
		t.Errorf("%q %q", subjects(w.drafts()), w.news())
	}
}

// TestApprove: listed in the morning mail, "send" releases, once.
func TestApprove(t *testing.T) {
	w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Approve = []string{"reconnect", "client-check-in"} })
	for _, name := range []string{"reconnect", "client-check-in"} {
		if _, err := view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: name, Contact: "jane@acme.example"}); err != nil {
			t.Fatal(err)
		}
	}
	w.at("2026-03-04", "07:30")
	w.pass()
	w.pass()
	if n := len(w.submitted()); n != 0 {
		t.Fatalf("%d letters left unasked", n)
	}
	m := w.morningMail()
	send, drop := w.number(m, "Jane Miller: “It has been a while”"), w.number(m, "Jane Miller: “How are things")
	w.at("2026-03-04", "09:10")
	w.answer(m, "Sent", "send "+send+"\r\n"+drop+" no\r\n")
	w.pass()
	w.pass()
	w.answer(m, "Sent", "send "+send+"\r\n")
	w.pass()
	if st := w.letterStates(); st["reconnect"] != "filed" || st["client-check-in"] != "cancelled" {
		t.Errorf("%v", st)
	}
	out := w.submitted()
	if len(out) != 1 || !slices.Equal(out[0].To, []string{"jane@acme.example"}) {
		t.Fatalf("%d letters", len(out))
	}
	if n := len(w.touchesOf("jane@acme.example")); n != 2 {
		t.Errorf("%d touches, want the first mail and the letter once", n)
	}
	w.pass() // the copy in Sent is the same touch
	if n := len(w.touchesOf("jane@acme.example")); n != 2 {
		t.Errorf("%d touches", n)
	}
}

// TestQuietFirstDay: on the desk's first day nothing leaves by itself; later inside the window, and a copy is filed.
func TestQuietFirstDay(t *testing.T) {
	w := interviewDesk(t)
	smtp := withSMTP(&w.srv)
	w.restart("2026-03-02", "14:00", func(c *config.Config) { smtp(c); c.Desks[0].Letters.Mode = "auto" })
	if _, err := view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "referral", Contact: "li@post.example"}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"14:05", "18:00", "23:59"} {
		w.at("2026-03-02", at)
		w.pass()
	}
	w.at("2026-03-03", "07:59")
	w.pass()
	if n := len(w.submitted()); n != 0 {
		t.Fatalf("%d letters before the window opens", n)
	}
	w.at("2026-03-03", "08:00")
	w.pass()
	w.pass()
	if n := len(w.submitted()); n != 1 {
		t.Fatalf("%d letters", n)
	}
	sent, _ := w.srv.Messages("sam", "Sent")
	n := 0
	for _, raw := range sent {
		if message.ParseWhole(raw).Header.Has(mailbox.LetterHeader) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d copies in Sent", n)
	}
}

// TestCareWithLetters: nothing for a candidate goes to an employer's address before it was asked about.
func TestCareWithLetters(t *testing.T) {
	w := interviewDesk(t)
	w.writeTo("Tom Reed <tom@acme.example>")
	w.log("tom@acme.example candidate")
	v, err := view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "referral", Contact: "tom@acme.example"})
	if err != nil || v.State != "held" || !strings.Contains(v.Why, "never goes to an employer or client") {
		t.Fatalf("%+v %v", v, err)
	}
	if v, err = view.OutboxDo(context.Background(), w.r, "approve", v.ID); err != nil || v.State != "drafting" {
		t.Errorf("%+v %v", v, err)
	}
	if _, err := view.SetContact(context.Background(), w.r, people.ContactChange{Who: "tom@acme.example", Email: ptr("tom@post.example")}); err != nil {
		t.Fatal(err)
	}
	if v, err = view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "referral", Contact: "tom@acme.example"}); err != nil || v.State != "drafting" || v.To[0] != "tom@post.example" {
		t.Errorf("the private address is there: %+v %v", v, err)
	}
	w.log("jane@acme.example job: Go developer")
	if v, err = view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "reconnect", Contact: "jane@acme.example"}); err != nil || v.State != "held" || !strings.Contains(v.Why, "an open order") {
		t.Errorf("marketing to a company with an open order: %+v %v", v, err)
	}
	w.log("li@post.example do not contact")
	if _, err = view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "referral", Contact: "li@post.example"}); err == nil {
		t.Error("written to somebody who must not be contacted")
	}
	if _, err := view.Forget(context.Background(), w.r, "li@post.example"); err != nil {
		t.Fatal(err)
	}
	w.log("li@post.example candidate")
	if _, err = view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "referral", Contact: "li@post.example"}); err == nil {
		t.Error("the suppression was forgotten with the contact")
	}
}

// TestAmbiguousInterviews: who the candidate is is asked, never guessed; registrations get no plan.
func TestAmbiguousInterviews(t *testing.T) {
	w := interviewDesk(t)
	start := time.Date(2026, 3, 5, 15, 0, 0, 0, time.UTC)
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 0, start, "Interview for the Go job", "5 King Street", "Sam <sam@firm.example>", "Noa Levi <noa@post.example>"))
	w.put("INBOX", w.invite(jane, "i2@acme", "REQUEST", 0, start, "Weekly sync", "", "Sam <sam@firm.example>", "Tom Reed <tom@acme.example>"))
	reg := strings.Replace(string(w.invite(li, "i3@x", "REQUEST", 0, start, "Screening call", "", "Sam <sam@firm.example>")), "CN=Jane Miller:mailto:jane@acme.example", "CN=Sam:mailto:sam@firm.example", 1)
	w.put("INBOX", []byte(strings.Replace(reg, "END:VEVENT", "ATTENDEE;CN=Li Sato:mailto:li@post.example\r\nEND:VEVENT", 1)))
	w.pass()
	w.pass()
	ivs, _ := view.InterviewViews(w.r, true)
	status := map[string]string{}
	for _, iv := range ivs {
		status[iv.Status] = iv.Question
	}
	if len(ivs) != 2 || status["registration"] != "" || !strings.Contains(status["asked"], "who is the candidate?") {
		t.Fatalf("%+v", ivs)
	}
	if d := w.drafts(); len(d) != 0 {
		t.Fatalf("guessed: %q", subjects(d))
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	m := w.morningMail()
	n := w.number(m, "Interview for the Go job")
	if !strings.Contains(text(m), "Is noa@post.example the candidate?") {
		t.Errorf("%s", text(m))
	}
	w.answer(m, "Sent", n+" candidate\r\n")
	w.pass()
	w.pass()
	if got := subjects(w.drafts()); len(got) != 2 {
		t.Errorf("%q %q", got, w.news())
	}
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	w.pass()
	if ivs, _ := view.InterviewViews(w.r, true); len(ivs) != 2 || ivs[0].Status == "stands" || ivs[1].Status == "stands" || len(w.drafts()) != 0 {
		t.Errorf("%+v %q", ivs, subjects(w.drafts()))
	}
}

// TestUntrustedInvitation: letters of an invitation that nothing proves are never sent by themselves.
func TestUntrustedInvitation(t *testing.T) {
	w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Mode, c.Desks[0].AuthservID = "auto", "mx.firm.example" })
	start := time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 0, start, "Interview Li Sato", "5 King Street", "Sam <sam@firm.example>", li))
	proven := strings.Replace(string(w.invite(jane, "i2@acme", "REQUEST", 0, start.AddDate(0, 0, 1), "Interview Li Sato", "5 King Street", "Sam <sam@firm.example>", li)), "Subject:", "Authentication-Results: mx.firm.example; dmarc=pass header.from=acme.example\r\nSubject:", 1)
	w.put("INBOX", []byte(proven))
	w.pass()
	w.pass()
	w.now = w.now.Add(5 * time.Minute)
	w.pass()
	all, _ := view.Outbox(w.r)
	states := map[string]int{}
	for _, o := range all {
		if o.Letter == "confirmation" {
			states[o.State]++
		}
	}
	if states["approve"] != 1 || states["filed"] != 1 {
		t.Errorf("%v", states)
	}
}

// TestAfterTheInterview: a follow-up waits for logged attendance; then a weekly word while waiting, unless spoken to.
func TestAfterTheInterview(t *testing.T) {
	w := interviewDesk(t)
	w.log("li@post.example interview wed 3pm in person at 5 King Street with Jane Miller")
	w.at("2026-03-05", "09:00")
	w.pass()
	w.pass()
	if st := w.letterStates(); st["follow-up"] != "" {
		t.Errorf("followed up before it is known that it took place: %v", st)
	}
	w.at("2026-03-05", "10:00")
	w.log("li@post.example debriefed, wants it")
	w.pass()
	w.pass()
	if st := w.letterStates(); st["follow-up"] != "draft" {
		t.Fatalf("%v", st)
	}
	cbs, _ := view.Callbacks(w.r, true, view.Part{})
	for _, cb := range cbs {
		if cb.Rule == "debrief" && cb.Status != "done" {
			t.Errorf("%+v", cb)
		}
	}
	w.at("2026-03-11", "09:00") // spoken to within five working days: nothing this week
	w.pass()
	w.at("2026-03-18", "10:00")
	w.pass()
	w.pass()
	if st := w.letterStates(); st["no-news"] != "draft" {
		t.Errorf("%v", st)
	}
	w.log("li@post.example not taken")
	w.pass()
	w.pass()
	st := w.letterStates()
	if st["no-news"] == "draft" || st["not-taken-interviewed"] != "draft" {
		t.Errorf("%v", st)
	}
}

// TestProvidersInvitations takes an invitation of each provider's shape from the shared corpus, with a candidate and a place put in, the
// whole way to the drafts.
func TestProvidersInvitations(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ date, clock string }{
		"authored--02-google-update-seq0": {"", ""},
		"authored--04-exch-invite-wtz":    {"Monday 20 April 2026", "10:00 (CEST, Berlin time)"},
		"authored--12-apple-invite":       {"", ""},
		"authored--20-calendly":           {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("..", "..", "shared", "corpora", "invite", name+".eml"))
			if err != nil {
				t.Skip("the shared corpora are not at hand")
			}
			part := message.ParsePart(raw)
			ics, method := part.CalendarParts()
			if len(ics) == 0 {
				t.Fatal("no calendar in it")
			}
			text0 := strings.ReplaceAll(string(ics[0]), "\r\n", "\n")
			text0 = strings.ReplaceAll(strings.ReplaceAll(text0, "\n ", ""), "robin@talent.example", "sam@firm.example")
			text0 = strings.Replace(text0, "END:VEVENT", "LOCATION:5 King Street\\, London\nATTENDEE;CN=Li Sato:mailto:li@post.example\nATTENDEE;CN=Jane Miller:mailto:jane@acme.example\nEND:VEVENT", 1)
			ev := calendar.Decode([]byte(text0)).Events[0]
			w := interviewDesk(t)
			w.restart(ev.Start.Time.AddDate(0, 0, -7).Format(time.DateOnly), "09:00")
			w.pass()
			w.put("INBOX", w.mail(message.ParseWhole(raw).From.Addr, "sam@firm.example", "Invitation: Interview, "+ev.Summary, strings.ReplaceAll(text0, "\n", "\r\n"),
				"MIME-Version: 1.0", "Content-Type: text/calendar; charset=utf-8; method="+cmp.Or(method, "REQUEST")))
			w.pass()
			w.pass()
			if ivs, _ := view.InterviewViews(w.r, true); len(ivs) != 1 || ivs[0].Status != "stands" || ivs[0].Candidate != "li@post.example" {
				t.Fatalf("%+v %q", ivs, w.news())
			}
			w.passes(ev.Start.Time.AddDate(0, 0, -2).Format(time.DateOnly), "09:00")
			local := ev.Start.Time.In(w.r.Current().Zone)
			if want.date == "" {
				want.date, want.clock = local.Format("Monday 2 January 2006"), local.Format("15:04")
			}
			found := false
			for _, d := range w.drafts() {
				body := text(d)
				if strings.Contains(d.Subject, "how to prepare") {
					found = true
					for _, s := range []string{want.date + ", " + want.clock, "5 King Street, London", "Jane Miller (Head of engineering)"} {
						if !strings.Contains(body, s) {
							t.Errorf("%q is not in\n%s", s, body)
						}
					}
				}
			}
			if !found {
				t.Errorf("no prep letter: %q %v", subjects(w.drafts()), w.letterStates())
			}
		})
	}
}

// TestUncertainLetter: where nobody knows whether a letter went out the recruiter is asked: “done” logs it, “send” sends it again, and
// neither happens by itself.
func TestUncertainLetter(t *testing.T) {
	for word, want := range map[string]struct {
		state          string
		sent, conclude int // letters at the server, touches of the contact
	}{"done": {"filed", 0, 2}, "send": {"filed", 1, 2}, "": {"uncertain", 0, 1}} {
		w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Approve = []string{"referral"} })
		v, err := view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "referral", Contact: "li@post.example"})
		if err != nil {
			t.Fatal(err)
		}
		err = outbox.ChangeLetter(context.Background(), w.r, v.ID, func(_ *store.Tx, env desk.Env, o *desk.Outgoing) error { // the connection broke behind its end
			o.State, o.SentAt, o.Next = desk.OutUncertain, env.Now, env.Now
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range outbox.MostLooks + 2 {
			w.now = w.now.Add(outbox.LookAgain)
			w.pass()
		}
		w.passes("2026-03-04", "07:30")
		m := w.morningMail()
		n := w.number(m, "Li Sato: “A question")
		if !strings.Contains(strings.Join(strings.Fields(text(m)), " "), "Reply “"+n+" done” if it went out, “"+n+" send” to send it (again).") {
			t.Errorf("%s", text(m))
		}
		if word != "" {
			w.answer(m, "Sent", n+" "+word+"\r\n")
		}
		w.pass()
		w.passes("2026-03-04", "09:00")
		st := w.letterStates()["referral"]
		if sent, touches := len(w.submitted()), len(w.touchesOf("li@post.example")); st != want.state || sent != want.sent || touches != want.conclude {
			t.Errorf("%q: %s, %d sent, %d touches", word, st, sent, touches)
		}
	}
}
