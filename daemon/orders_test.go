package daemon

import (
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/view"
)

func TestJobOrders(t *testing.T) {
	t.Parallel()
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 job order: payroll manager, start May\r\njob: Data engineer @ Globex\r\n")
	w.pass()
	all, err := view.Orders(w.r, false)
	if err != nil || len(all) != 2 || all[0].Number != "JO1" || all[0].Contact != "jane@acme.example" || all[1].Title != "Data engineer" || all[1].Company != "Globex" {
		t.Fatalf("%+v %v", all, err)
	}
	mails := w.inbox()
	if len(mails) != 2 || !strings.Contains(text(mails[1]), "JO1 payroll manager") {
		t.Fatalf("an opened order is echoed: %d mails", len(mails))
	}
	w.answer(mails[1], "Sent", "JO1 fee 22% terms signed\r\n2 submitted to JO1\r\nJO9 lost\r\n")
	w.pass()
	o, err := view.Order(w.r, "JO1")
	if err != nil || len(o.Facts) != 1 || len(o.Submittals) != 1 || o.Submittals[0].Contact != "tom@globex.example" {
		t.Errorf("%+v %v", o, err)
	}
	if echo := w.inbox()[2]; !strings.Contains(text(echo), "no job order JO9") {
		t.Error(text(echo))
	}
	w.log("jane@acme.example spoke") // an order is open: a week
	if cb := w.callback("jane@acme.example"); cb.Rule != "open-order" || !strings.HasPrefix(cb.Due, "2026-03-10") {
		t.Errorf("%+v", cb)
	}
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	if o, err = view.Order(w.r, "JO1"); err != nil || len(o.Facts) != 0 || len(o.Submittals) != 0 {
		t.Errorf("%+v %v", o, err)
	}
	w.answer(m, "Sent", "JO1 filled\r\n")
	w.pass()
	if all, _ = view.Orders(w.r, false); len(all) != 1 || all[0].Number != "JO2" {
		t.Errorf("%+v", all)
	}
}

// TestOrderAndConversationAtOnce: an order opened and a conversation told in one answer count together.
func TestOrderAndConversationAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.log("jane@acme.example job: Welder\njane@acme.example spoke")
	if cb := w.callback("jane@acme.example"); cb.Rule != "open-order" || !strings.HasPrefix(cb.Due, "2026-03-09") {
		t.Errorf("%+v", cb)
	}
}

func TestJobOrderByFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withVerbs)
	w.restart("2026-03-02", "12:30")
	w.pass()
	w.put("INBOX", w.mail("Petra Klein <petra@muster.example>", "sam@firm.example", "AW: Buchhalter in Köln", "Wir suchen"))
	w.pass()
	w.move("INBOX", "Fifthcall/Job order")
	w.pass()
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	all, err := view.Orders(w.r, false)
	if err != nil || len(all) != 1 || all[0].Title != "Buchhalter in Köln" || all[0].Contact != "petra@muster.example" {
		t.Fatalf("%+v %v", all, err)
	}
	if c := w.contact("petra@muster.example"); c.Name != "Petra Klein" || len(c.Roles) != 1 || c.Roles[0] != "client" {
		t.Errorf("%+v", c)
	}
}

// TestLateSteps: a step of an order that is late becomes a call, and the call ends once the step is done; rank and clock are listed.
func TestLateSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.pass()
	w.at("2026-03-02", "10:00")
	w.log("jane@acme.example job: Senior Go developer, must have Kubernetes")
	lateCalls := func() (out []string) {
		for _, cb := range w.callbackViews() {
			if cb.Rule == "order" {
				out = append(out, cb.Reason)
			}
		}
		return out
	}
	w.passes("2026-03-02", "10:59")
	if got := lateCalls(); len(got) != 0 {
		t.Errorf("too early: %q", got)
	}
	w.passes("2026-03-02", "11:01")
	if got := lateCalls(); len(got) != 1 || !strings.HasPrefix(got[0], "call back about JO1 Senior Go developer") {
		t.Fatalf("%q", got)
	}
	w.log("jane@acme.example na") // a try to call back counts
	w.passes("2026-03-02", "11:05")
	if got := lateCalls(); len(got) != 0 {
		t.Errorf("called back, and still: %q", got)
	}
	w.passes("2026-03-02", "17:40")
	if got := lateCalls(); len(got) != 1 || !strings.HasPrefix(got[0], "qualify JO1") {
		t.Errorf("%q", got)
	}
	w.log("JO1 fee 22% terms signed, interviews 12+13 March, salary 75k")
	w.passes("2026-03-03", "07:30")
	if got := lateCalls(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	if body := strings.Join(strings.Fields(text(w.morningMail())), " "); !strings.Contains(body, "JO1 Senior Go developer – A: all there") {
		t.Errorf("%s", body)
	}
	w.passes("2026-03-03", "10:30")
	if got := lateCalls(); len(got) != 1 || !strings.HasPrefix(got[0], "submit somebody for JO1") {
		t.Errorf("%q", got)
	}
	w.writeTo("Li Sato <li@post.example>")
	w.log("li@post.example submitted to JO1")
	w.passes("2026-03-03", "10:40")
	if got := lateCalls(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	v, err := view.Order(w.r, "JO1")
	if err != nil || v.Rank != "A" || len(v.Clock) != 8 || !v.Clock[1].Late || !v.Clock[2].Late || !v.Clock[3].Late || !strings.HasPrefix(v.Clock[4].Due, "2026-03-05T10:30") {
		t.Errorf("%+v %v", v, err)
	}
	w.log("JO1 lost to a competitor")
	w.passes("2026-03-06", "12:00")
	if got := lateCalls(); len(got) != 0 {
		t.Errorf("the order is over: %q", got)
	}
}

// TestClosedOrderOwesAWord: when an order ends everybody in process gets a letter by the stage reached, and who was placed none.
func TestClosedOrderOwesAWord(t *testing.T) {
	t.Parallel()
	w := interviewDesk(t)
	w.writeTo("Ann Moor <ann@mail.example>")
	w.writeTo("Bo Lind <bo@mail.example>")
	w.log("jane@acme.example job: Welder")
	for _, who := range []string{"li@post.example", "ann@mail.example", "bo@mail.example"} {
		w.log(who + " submitted to JO1")
	}
	w.log("ann@mail.example interview wed 4 march 3pm phone +44 20 7946 0020 with Dana Reed for JO1")
	w.passes("2026-03-05", "12:00")
	w.log("bo@mail.example placed JO1, start 16 march")
	w.pass()
	got := map[string]string{}
	all, err := view.Outbox(w.r)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if strings.HasPrefix(o.Letter, "not-taken") {
			got[o.Contact] = o.Letter
		}
	}
	if len(got) != 2 || got["li@post.example"] != "not-taken-submitted" || got["ann@mail.example"] != "not-taken-interviewed" {
		t.Errorf("%v", got)
	}
}

// TestPlaybooks: the first that fits an order sets its targets and steps; one can be given by name; a parked order is late with nothing.
func TestPlaybooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00", func(c *config.Config) {
		read := &config.Config{Playbooks: []config.PlaybookConfig{{
			Name: "contract", Words: []string{"contract", "interim"}, CallBack: config.Duration(30 * time.Minute), Feedback: 2, Steps: []string{"task post the advert in 2h", "mail client-check-in in 2d"},
		}}}
		var r config.Reader
		c.Desks[0].Playbooks = read.ReadPlaybooks(&r)
		if len(c.Desks[0].Playbooks) != 1 || len(r.Errs) != 0 {
			t.Fatalf("%+v %v", c.Desks[0].Playbooks, r.Errs)
		}
	})
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.pass()
	w.at("2026-03-02", "10:00")
	w.log("jane@acme.example job: Interim welder")
	w.log("jane@acme.example job: Fitter")
	one, err := view.Order(w.r, "JO1")
	if err != nil || one.Playbook != "contract" || one.Clock[1].Due != "2026-03-02T10:30:00Z" || one.Clock[3].Due != "2026-03-02T10:00:00Z" {
		t.Errorf("%+v %v", one, err)
	}
	if two, err := view.Order(w.r, "JO2"); err != nil || two.Playbook != "work" {
		t.Errorf("%+v %v", two, err)
	}
	task := func() (n int) {
		for _, cb := range w.callbackViews() {
			if strings.HasPrefix(cb.Reason, "post the advert: JO1") {
				n++
			}
		}
		return n
	}
	w.passes("2026-03-02", "11:59")
	if task() != 0 {
		t.Error("too early")
	}
	w.passes("2026-03-02", "12:01")
	if task() != 1 {
		t.Error("no task")
	}
	w.passes("2026-03-04", "10:05")
	all, err := view.Outbox(w.r)
	mails := 0
	for _, o := range all {
		if o.Letter == "client-check-in" {
			mails++
		}
	}
	if err != nil || mails != 1 {
		t.Errorf("%d mails %v", mails, err)
	}
	w.log("JO2 park until 1 june")
	two, err := view.Order(w.r, "JO2")
	if err != nil || two.Parked != "2026-06-01" || two.Clock[1].Late || two.Clock[1].Due != "2026-06-01T10:00:00+01:00" {
		t.Errorf("%+v %v", two, err)
	}
	if _, err := command.LogText(t.Context(), w.r, "JO2 playbook contrakt", w.now); err == nil || !strings.Contains(err.Error(), "did you mean") {
		t.Errorf("%v", err)
	}
	w.log("JO2 playbook contract")
	if two, err = view.Order(w.r, "JO2"); err != nil || two.Playbook != "contract" {
		t.Errorf("%+v %v", two, err)
	}
	w.log("JO1 closed")
	w.passes("2026-03-04", "10:10")
	if task() != 0 {
		t.Error("the order is over, the task stands")
	}
}

// TestLooksSubmitted: a mail to the client with a candidate's name is asked about once, and the answer is the submittal.
func TestLooksSubmitted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example dm")
	w.log("li@post.example candidate")
	w.log("jane@acme.example job: Welder")
	for range 2 {
		w.put("Sent", w.mail("Sam <sam@firm.example>", "Tom <tom@acme.example>", "CV of Li Sato", "See the attachment"))
		w.pass()
	}
	w.put("Sent", w.mail("Sam <sam@firm.example>", "Bo <bo@other.example>", "Li Sato again", "Hello"))
	w.at("2026-03-03", "07:30")
	w.pass()
	mail := w.morningMail()
	if n := strings.Count(strings.Join(strings.Fields(text(mail)), " "), "a submittal to JO1 Welder?"); n != 1 {
		t.Fatalf("asked %d times:\n%s", n, text(mail))
	}
	w.answer(mail, "Sent", w.number(mail, "Li Sato: was your mail")+" submitted to JO1, consent 27 february")
	w.pass()
	if o, err := view.Order(w.r, "JO1"); err != nil || len(o.Submittals) != 1 || !strings.HasPrefix(o.Submittals[0].Consent, "2026-02-27") {
		t.Errorf("%+v %v", o, err)
	}
	if o, err := view.Order(w.r, "JO1"); err != nil || len(o.Submittals) != 1 || o.Submittals[0].Contact != "li@post.example" {
		t.Errorf("%+v %v\n%s", o, err, w.lastText())
	}
}

// TestSubmittalSeen: a CV that goes along to the client, whatever the subject, and a portal's confirmation are asked about; a mail that only names somebody isn't.
func TestSubmittalSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	for _, who := range []string{"Li Sato <li@post.example>", "Ann Moor <ann@mail.example>", "Bo Lee <bo@mail.example>", "Uma Fox <uma@mail.example>"} {
		w.writeTo(who)
	}
	w.log("new: Jane Miller <jane@acme.example>, CFO at Acme, decision maker")
	for _, who := range []string{"li@post.example", "ann@mail.example", "bo@mail.example", "uma@mail.example"} {
		w.log(who + " candidate")
	}
	w.log("jane@acme.example job: Pipe Welder")
	w.put("Sent", []byte("From: Sam <sam@firm.example>\r\nTo: Tom <tom@acme.example>\r\nSubject: As discussed\r\nDate: Mon, 02 Mar 2026 09:00:30 +0000\r\nMessage-ID: <cv1@test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/pdf; name=\"CV_Li-Sato.pdf\"\r\nContent-Disposition: attachment; filename=\"CV_Li-Sato.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n"))
	w.put("Sent", w.mail("Sam <sam@firm.example>", "Tom <tom@acme.example>", "Tomorrow", "Uma Fox will call you about the invoice."))
	w.put("INBOX", w.mail("Hiring portal <no-reply@portal.example>", "sam@firm.example", "Your submission has been received", "Candidate: Ann Moor\r\nJob: Pipe Welder\r\n", "Auto-Submitted: auto-generated"))
	w.put("INBOX", w.mail("Hiring portal <no-reply@portal.example>", "sam@firm.example", "Your submission has been received", "Candidate: Bo Lee\r\nJob: Accountant\r\n", "Auto-Submitted: auto-generated"))
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	body := strings.Join(strings.Fields(text(w.morningMail())), " ")
	if !strings.Contains(body, "Li Sato: was your mail “As discussed” a submittal to JO1 Pipe Welder @ Acme?") || !strings.Contains(body, "Ann Moor: does the portal's mail “Your submission has been received” confirm a submittal to JO1") || strings.Contains(body, "Bo Lee: ") || strings.Contains(body, "Uma Fox: ") {
		t.Error(body)
	}
	w.log("li@post.example submitted to JO1, no consent")
	if o, err := view.Order(w.r, "JO1"); err != nil || len(o.Submittals) != 1 || o.Submittals[0].Consent != "" {
		t.Errorf("%+v %v", o, err)
	}
}

// TestTurnsTold: an offer, a no, a withdrawal and an acceptance that mails tell are asked about, once, of the candidate who is meant; who has withdrawn gets no
// letter when the order closes.
func TestTurnsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.log("new: Jane Miller <jane@acme.example>, CFO at Acme, decision maker")
	w.log("jane@acme.example job: Pipe Welder")
	for _, who := range []string{"Li Sato <li@post.example>", "Ann Moor <ann@mail.example>", "Bo Lee <bo@mail.example>"} {
		w.writeTo(who)
		_, addr, _ := strings.Cut(strings.Trim(who, ">"), "<")
		w.log(addr + " submitted to JO1")
	}
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Your people", "We would like to make Li an offer, 65k."))
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Re: Your people", "We would like to make Li Sato an offer, as I said."))
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Ann", "We have decided against Ann Moor."))
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Somebody", "We went with another candidate."))
	w.put("INBOX", w.mail("Bo Lee <bo@mail.example>", "sam@firm.example", "Sorry", "I have to withdraw, I have accepted another job."))
	w.put("INBOX", w.mail("Li Sato <li@post.example>", "sam@firm.example", "Yes!", "I accept the offer."))
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	mail := w.morningMail()
	body := strings.Join(strings.Fields(text(mail)), " ")
	for want, n := range map[string]int{
		"Li Sato: does Jane Miller's mail “Your people” (JO1 Pipe Welder @ Acme) make an offer?": 1, "Li Sato: does Jane Miller's mail “Re: Your people”": 0,
		"Ann Moor: does Jane Miller's mail “Ann” (JO1 Pipe Welder @ Acme) say no?": 1, "mail “Somebody”": 0, "Bo Lee: does Bo Lee's mail “Sorry” (JO1 Pipe Welder @ Acme) withdraw?": 1,
		"Li Sato: does Li Sato's mail “Yes!” (JO1 Pipe Welder @ Acme) accept?": 1,
	} {
		if got := strings.Count(body, want); got != n {
			t.Errorf("%q %d times in %s", want, got, body)
		}
	}
	w.answer(mail, "Sent", w.number(mail, "Bo Lee: does")+" withdrew\r\n"+w.number(mail, "Ann Moor: does")+" not taken\r\n")
	w.pass()
	w.at("2026-03-05", "09:00")
	w.pass()
	w.log("JO1 closed")
	all, err := view.Outbox(w.r)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if o.Letter == "not-taken-submitted" && o.To[0] == "bo@mail.example" {
			t.Errorf("%+v", o)
		}
	}
	n := 0
	for _, o := range all {
		if o.Letter == "not-taken-submitted" && o.To[0] == "ann@mail.example" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("Ann was told %d times", n)
	}
}

// TestClockConfirmed: what the clock is stamped with is told in the morning mail, and a word takes it back.
func TestClockConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("new: Jane Miller <jane@acme.example>, CFO at Acme, decision maker")
	w.log("jane@acme.example job: Pipe Welder")
	w.log("li@post.example submitted to JO1")
	w.at("2026-03-02", "15:00")
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Lunch on Friday?", "Where shall we go?"))
	w.pass()
	w.passes("2026-03-03", "07:30")
	mail := w.morningMail()
	if body := strings.Join(strings.Fields(text(mail)), " "); !strings.Contains(body, "JO1 Pipe Welder @ Acme: feedback, Mon 2 Mar, 15:00. If that's wrong, say “JO1 no feedback yet”.") {
		t.Error(body)
	}
	w.answer(mail, "Sent", "JO1 no feedback yet")
	w.pass()
	if o, err := view.Order(w.r, "JO1"); err != nil || o.Clock[4].Done != "" {
		t.Errorf("%+v %v", o, err)
	}
	w.at("2026-03-03", "15:00")
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Li", "I like him."))
	w.pass()
	if o, err := view.Order(w.r, "JO1"); err != nil || !strings.HasPrefix(o.Clock[4].Done, "2026-03-03T15:00") {
		t.Errorf("%+v %v", o, err)
	}
}

// TestOfferIsTalkedThrough: an offer asks for a call to the candidate.
func TestOfferIsTalkedThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo("Li Sato <li@post.example>")
	w.log("li@post.example candidate")
	w.log("li@post.example offer 65k start 1 May")
	for _, cb := range w.callbackViews() {
		if cb.Contact == "li@post.example" && strings.HasPrefix(cb.Reason, "The offer: go through it") && strings.HasPrefix(cb.Start, "2026-03-02") {
			return
		}
	}
	t.Errorf("%+v", w.callbackViews())
}
