package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/intake"
	"fifthcall/daemon/door/morning"
	"fifthcall/daemon/door/outbox"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
	"fifthcall/mailbox/mailtest"
	"fifthcall/mailbox/message"
)

// outcomes counts a contact's touches of an outcome.
func (w *world) outcomes(addr, outcome string) (n int) {
	for _, x := range w.touchesOf(addr) {
		if x.Outcome == outcome {
			n++
		}
	}
	return n
}

// lastText is the text of Fifthcall's latest mail.
func (w *world) lastText() string {
	ms := w.inbox()
	return text(ms[len(ms)-1])
}

// TestUndoKeepsWhatCameLater: taking back an old answer leaves what was said since.
func TestUndoKeepsWhatCameLater(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "2 vm\r\n")
	w.pass()
	w.log("tom@globex.example do not contact")
	w.log("tom@globex.example note hates calls")
	w.answer(m, "Sent", "undo 2\r\n")
	w.pass()
	c := w.contact("tom@globex.example")
	if c.Status != "do_not_contact" || len(c.Notes) == 0 {
		t.Errorf("later DNC/note lost by undo of a vm: %+v", c)
	}
}

// TestUndoOfOneItemKeepsOthers: two items about one person are taken back apart.
func TestUndoOfOneItemKeepsOthers(t *testing.T) {
	w := morningDesk(t)
	w.put("INBOX", w.mail(jane, "sam@firm.example", "A question", "When?"))
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	m := w.inbox()[0]
	w.at("2026-03-03", "10:20")
	w.answer(m, "Sent", "1 vm\r\n3 candidate\r\n3 note likes golf\r\n")
	w.pass()
	w.answer(m, "Sent", "undo 1\r\n")
	w.pass()
	c := w.contact("jane@acme.example")
	if len(c.Roles) != 2 || len(c.Notes) != 1 {
		t.Errorf("undo 1 took item 3's with it: %v %v", c.Roles, c.Notes)
	}
}

// TestUndoNoteToSelf: the echo of a note to self can be answered with undo.
func TestUndoNoteToSelf(t *testing.T) {
	w, _ := dayStart(t)
	w.put("Sent", w.mail("sam@firm.example", "sam+log@firm.example", "note", "jane@acme.example do not contact"))
	w.pass()
	ms := w.inbox()
	w.answer(ms[len(ms)-1], "Sent", "undo\r\n")
	w.pass()
	if c := w.contact("jane@acme.example"); c.Status != "active" {
		t.Errorf("%v\n%s", c.Status, w.lastText())
	}
}

// TestScrapThat: "scrap that" is about this mail, and not the one before.
func TestScrapThat(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 vm\r\n")
	w.pass()
	w.answer(m, "Sent", "2 vm\r\nscrap that\r\n")
	w.pass()
	if w.outcomes("jane@acme.example", "left-message") != 1 || w.outcomes("tom@globex.example", "left-message") != 0 {
		t.Error("took back the earlier mail's")
	}
}

func TestUndoByName(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 vm\r\n2 vm\r\n")
	w.pass()
	w.answer(m, "Sent", "undo Tom\r\n")
	w.pass()
	if w.outcomes("jane@acme.example", "left-message") != 1 {
		t.Errorf("undo Tom took back Jane's\n%s", w.lastText())
	}
}

func TestUndoAll(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "all vm\r\n")
	w.pass()
	w.answer(m, "Sent", "undo all\r\n")
	w.pass()
	if w.outcomes("jane@acme.example", "left-message") != 0 {
		t.Errorf("undo all:\n%s", w.lastText())
	}
}

// TestUndoNewContacts: a contact that an answer made goes with it.
func TestUndoNewContacts(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "kim@new.example dm\r\nnew: Li Sato <li@globex.example>, decision maker\r\n")
	w.pass()
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	l := list(t, w.r)
	_, kim := l["kim@new.example"]
	li, lok := l["li@globex.example"]
	if kim || lok {
		t.Errorf("kim there %v, li there %v %+v\n%s", kim, lok, li, w.lastText())
	}
}

func TestUndoConversationWithNewContact(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "kim@new.example spoke, call 2w\r\n")
	w.pass()
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	cbs, _ := view.Callbacks(w.r, false, view.Part{})
	for _, cb := range cbs {
		if cb.Contact == "kim@new.example" {
			t.Errorf("callback left %+v", cb)
		}
	}
	if c, ok := list(t, w.r)["kim@new.example"]; ok {
		t.Errorf("%+v", c)
	}
}

// TestUndoAfterRolling: the days' rolling doesn't keep a callback from sliding back.
func TestUndoAfterRolling(t *testing.T) {
	w, m := dayStart(t)
	before := w.callback("jane@acme.example")
	w.answer(m, "Sent", "1 thu 10am\r\n")
	w.pass()
	w.at("2026-03-06", "07:40") // it was not done on Thursday, and rolled
	w.pass()
	w.answer(m, "Sent", "undo 1\r\n")
	w.pass()
	after := w.callback("jane@acme.example")
	if after.Due != before.Due {
		t.Errorf("before %+v\nafter %+v\n%s", before, after, w.lastText())
	}
}

func TestUndoSeveralAboutOne(t *testing.T) {
	w, m := dayStart(t)
	b := w.callback("jane@acme.example")
	w.answer(m, "Sent", "1 vm\r\n1 thu 10am\r\n1 candidate\r\n1 note x\r\n")
	w.pass()
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	a := w.callback("jane@acme.example")
	c := w.contact("jane@acme.example")
	if a.Due != b.Due || len(c.Roles) != 1 || len(c.Notes) != 0 || w.outcomes("jane@acme.example", "left-message") != 0 {
		t.Errorf("%+v\n%+v\n%+v", b, a, c)
	}
}

// TestUndoOneOfTwoMails: the latest of two answers is taken back, the earlier stands.
func TestUndoOneOfTwoMails(t *testing.T) {
	// undo of an older command leaves the later one's callback
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 spoke, call 17 mar 10:00\r\n")
	w.pass()
	w.answer(m, "Sent", "1 move to 20 mar 10:00\r\n")
	w.pass()
	w.answer(m, "Sent", "undo 1\r\n")
	w.pass()
	if cb := w.callback("jane@acme.example"); !strings.HasPrefix(cb.Start, "2026-03-17T10") {
		t.Errorf("%+v", cb)
	}
}

// TestUndoGivesSlotBack: a callback that had to give way comes back.
func TestUndoGivesSlotBack(t *testing.T) {
	w, m := dayStart(t)
	w.writeTo("Kim Ray <kim@free.example>")
	w.log("kim@free.example dm") // rule-made
	k := w.callback("kim@free.example")
	at, _ := time.Parse(time.RFC3339, k.Start)
	w.answer(m, "Sent", "1 "+at.Format("2006-01-02 15:04")+"\r\n")
	w.pass()
	k2 := w.callback("kim@free.example")
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	k3 := w.callback("kim@free.example")
	if k2.Start != k.Start && k3.Start != k.Start {
		t.Errorf("%s -> %s -> %s", k.Start, k2.Start, k3.Start)
	}
}

func TestUndoMerge(t *testing.T) {
	w, m := dayStart(t)
	w.writeTo("Xi <x@globex.example>")
	if _, err := view.Merge(context.Background(), w.r, "tom@globex.example", "x@globex.example"); err != nil {
		t.Fatal(err)
	}
	w.answer(m, "Sent", "1 merge tom@globex.example\r\n")
	w.pass()
	w.answer(m, "Sent", "undo 1\r\n")
	w.pass()
	l := list(t, w.r)
	if len(l["jane@acme.example"].Emails) != 1 || len(l["tom@globex.example"].Emails) != 2 {
		t.Error("not as before")
	}
}

func TestUndoNoAnswerNeeded(t *testing.T) {
	w := morningDesk(t)
	w.put("INBOX", w.mail(jane, "sam@firm.example", "A question", "When?"))
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	m := w.inbox()[0]
	w.at("2026-03-03", "10:20")
	w.answer(m, "Sent", "1 no answer needed\r\n")
	w.pass()
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	w.at("2026-03-04", "07:30")
	w.pass()
	if !strings.Contains(w.lastText(), "WITHOUT AN ANSWER") {
		t.Errorf("not taken back:\n%s", w.lastText())
	}
}

// TestNoAnswerNeededUpToThen: a later mail of the thread waits for an answer again.
func TestNoAnswerNeededUpToThen(t *testing.T) {
	w := morningDesk(t)
	w.put("INBOX", w.mail(jane, "sam@firm.example", "A question", "When?"))
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	m := w.inbox()[0]
	w.at("2026-03-03", "10:20")
	w.answer(m, "Sent", "3 no answer needed\r\n")
	w.pass()
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Re: A question", "A new one: please call!", "References: <m3@test>"))
	w.pass()
	w.at("2026-03-04", "07:30")
	w.pass()
	if !strings.Contains(w.lastText(), "A question") && !strings.Contains(w.lastText(), "WITHOUT AN ANSWER") {
		t.Errorf("a later mail in a waved thread is never shown:\n%s", w.lastText())
	}
}

// TestAllAndRestMeanPeople: whoever stands under two numbers is logged once, and whoever was answered about is not among the rest.
func TestAllAndRestMeanPeople(t *testing.T) {
	w := morningDesk(t)
	w.put("INBOX", w.mail(jane, "sam@firm.example", "A question", "When?"))
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	m := w.inbox()[0]
	w.at("2026-03-03", "10:20")
	w.answer(m, "Sent", "1 spoke\r\nrest na\r\n")
	w.pass()
	if n := w.outcomes("jane@acme.example", "no-answer"); n != 0 {
		t.Errorf("jane was spoken to and then logged no-answer %d: %+v", n, w.callback("jane@acme.example"))
	}
	w.answer(m, "Sent", "all vm\r\n")
	w.pass()
	if n := w.outcomes("jane@acme.example", "left-message"); n != 1 {
		t.Errorf("all vm: %d touches", n)
	}
}

// TestAnsweredTwice: a program that sends again, with a new Message-ID, logs once.
func TestAnsweredTwice(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 vm\r\n")
	w.answer(m, "Sent", "1 vm\r\n")
	w.pass()
	if n := w.outcomes("jane@acme.example", "left-message"); n != 1 {
		t.Errorf("%d", n)
	}
}

// TestInlineDate: a date below an item is that item's, whatever number it begins with.
func TestInlineDate(t *testing.T) {
	for _, s := range []string{"2 june", "2 weeks", "2 pm", "2pm thu"} {
		w, m := dayStart(t)
		b := w.callback("tom@globex.example")
		w.answer(m, "Sent", "> 1. Jane Miller\r\n>    10:00 moved by you\r\n"+s+"\r\n>\r\n> 2. Tom Reed\r\n>    11:00\r\n")
		w.pass()
		a := w.callback("tom@globex.example")
		if a.Start != b.Start {
			t.Errorf("%q below item 1 moved item 2: %s -> %s", s, b.Start, a.Start)
		}
	}
}

// TestInlineBelowStrangersText: a stranger's subject that looks like a number steers nothing.
func TestInlineBelowStrangersText(t *testing.T) {
	w := morningDesk(t)
	w.writeTo("Kim Ray <kim@free.example>")
	// wraps after 72 columns so that "1." begins the second line
	w.put("INBOX", w.mail("Kim Ray <kim@free.example>", "sam@firm.example", "Interview at your Manchester office, room 4 perhaps on the 1. April", "When?"))
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	m := w.inbox()[0]
	body := strings.ReplaceAll(text(m), "\r", "")
	i := strings.Index(body, "3. Kim")
	q := "> " + strings.ReplaceAll(strings.TrimSpace(body[i:i+strings.Index(body[i:], "NEW DEC")]), "\n", "\r\n> ")
	w.at("2026-03-03", "10:20")
	w.answer(m, "Sent", q+"\r\nleft message\r\n")
	w.pass()
	if w.outcomes("jane@acme.example", "left-message") != 0 || w.outcomes("kim@free.example", "left-message") != 1 {
		t.Errorf("answer below item 3 went to item 1")
	}
}

func TestUndoBelowTheQuote(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 vm\r\n2 vm\r\n")
	w.pass()
	w.answer(m, "Sent", "> "+strings.ReplaceAll(strings.ReplaceAll(text(m), "\r", ""), "\n", "\r\n> ")+"\r\n\r\nundo\r\n")
	w.pass()
	if n := w.outcomes("jane@acme.example", "left-message"); n != 0 {
		t.Errorf("bottom-posted undo took back one item only\n%s", w.lastText())
	}
}

func TestInlineInHTML(t *testing.T) {
	w, m := dayStart(t)
	html := "<html><body><blockquote type=cite><div>1. Jane Miller</div><div>10:00</div></blockquote><div>left message</div><blockquote type=cite><div>2. Tom Reed</div></blockquote><div>spoke</div></body></html>"
	w.answer(m, "Sent", html, "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8")
	w.pass()
	if w.outcomes("jane@acme.example", "left-message") != 1 || w.outcomes("tom@globex.example", "spoke") != 1 {
		t.Errorf("inline answer in HTML not understood\n%s", w.lastText())
	}
}

// TestThreadToClient: a mail to a client is a mail, though its thread began with one of ours.
func TestThreadToClient(t *testing.T) {
	w, m := dayStart(t)
	// the morning mail was forwarded to Kim, who asked; this is the recruiter's answer to Kim
	w.put("Sent", w.mail("sam@firm.example", "Kim Ray <kim@free.example>", "Re: Fwd: your list", "2 vm", "In-Reply-To: <kim1@free.example>", "References: <"+m.MessageID+"> <kim1@free.example>"))
	w.pass()
	if n := w.outcomes("tom@globex.example", "left-message"); n != 0 {
		t.Error("an ordinary mail to a client was obeyed")
	}
	if _, ok := list(t, w.r)["kim@free.example"]; !ok {
		t.Error("and isn't logged as a touch")
	}
}

func TestForwardOfTheMorningMail(t *testing.T) {
	w, m := dayStart(t)
	w.put("Sent", w.mail("sam@firm.example", "bob@firm.example", "Fwd: "+m.Subject, "1 call her tomorrow\r\n\r\n---------- Forwarded message ---------\r\nFrom: Fifthcall <sam@firm.example>\r\nDate: Tue, 3 Mar 2026 07:30\r\nSubject: x\r\nTo: sam\r\n\r\n1. Jane\r\n", "References: <"+m.MessageID+">"))
	b := w.callback("jane@acme.example").Start
	w.pass()
	if a := w.callback("jane@acme.example").Start; a != b {
		t.Errorf("text of a forward to a colleague was obeyed: %s %s", b, a)
	}
}

func TestRefusedMakesNoContact(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "stranger@x.example hand over to Ana\r\n")
	w.pass()
	if _, ok := list(t, w.r)["stranger@x.example"]; ok {
		t.Errorf("contact was made though echo says nothing was changed:\n%s", w.lastText())
	}
}

func TestTwoSenders(t *testing.T) {
	w, m := dayStart(t, vouched)
	raw := w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", "In-Reply-To: <"+m.MessageID+">", "From: eve@evil.example", "Authentication-Results: mx.firm.example; dmarc=pass header.from=evil.example")
	w.put("INBOX", raw)
	w.pass()
	if n := w.outcomes("jane@acme.example", "left-message"); n != 0 {
		t.Error("obeyed though the server vouched for evil.example")
	}
}

func TestForgedMailMakesNoContact(t *testing.T) {
	w, _ := dayStart(t, vouched)
	w.put("INBOX", w.mail("sam@firm.example", "eve@evil.example", "Hello", "Hi"))
	w.pass()
	if _, ok := list(t, w.r)["eve@evil.example"]; ok {
		t.Error("a forged mail in INBOX made a contact")
	}
}

// TestForwardToOneself: only a forward to the log address is logged.
func TestForwardToOneself(t *testing.T) {
	w, _ := dayStart(t)
	w.put("Sent", w.mail("sam@firm.example", "sam@firm.example", "Fwd: Dinner", "---------- Forwarded message ---------\r\nFrom: Aunt Ida <ida@family.example>\r\nDate: Mon, 2 Mar 2026 at 09:00\r\nSubject: Dinner\r\nTo: sam\r\n\r\nSunday?\r\n"))
	w.pass()
	if _, ok := list(t, w.r)["ida@family.example"]; ok {
		t.Error("a private forward to herself, not to the log address, made a contact")
	}
}

// TestLogTokenInSubject: where the log address is her own, a token in the subject marks mail for the log. It
// also proves mail that doesn't lie in Sent, if her server vouches for it, and dies.
func TestLogTokenInSubject(t *testing.T) {
	t.Parallel()
	const passed = "Authentication-Results: mx.firm.example; dmarc=pass header.from=firm.example; dkim=pass header.d=firm.example"
	const inner = "---------- Forwarded message ---------\r\nFrom: Ida Berg <ida@client.example>\r\nDate: Mon, 2 Mar 2026 at 09:00\r\nSubject: A role\r\nTo: sam\r\n\r\nCall me\r\n"
	own := func(cfg *config.Config) {
		cfg.Desks[0].LogAddress, cfg.Desks[0].AuthservID = "sam@firm.example", "mx.firm.example"
	}
	for _, c := range []struct {
		name, folder, from string
		age                time.Duration // of the token
		forged, logged     bool
		extra              []string
	}{
		{"in Sent", "Sent", "sam@firm.example", 0, false, true, nil},
		{"in INBOX, vouched for", "INBOX", "sam@firm.example", 0, false, true, []string{passed}},
		{"a month old", "INBOX", "sam@firm.example", 30 * 24 * time.Hour, false, true, []string{passed}},
		{"in INBOX, not vouched for", "INBOX", "sam@firm.example", 0, false, false, nil},
		{"an old one", "INBOX", "sam@firm.example", 61 * 24 * time.Hour, false, false, []string{passed}},
		{"a forged one", "INBOX", "sam@firm.example", 0, true, false, []string{passed}},
		{"stolen", "INBOX", "eve@evil.example", 0, false, false, []string{passed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, m := dayStart(t, own)
			tok := seal.LogToken(w.r.Key, w.r.Name, w.now.Add(-c.age))
			if c.age == 0 && !strings.Contains(text(m), "[fc-"+tok+"]") {
				t.Errorf("the morning mail doesn't show the token:\n%s", text(m))
			}
			if c.forged {
				tok = "AAAAAAAAAAAA"
			}
			w.put(c.folder, w.mail(c.from, "sam@firm.example", "Fwd: A role [fc-"+tok+"]", inner, c.extra...))
			w.pass()
			if _, ok := list(t, w.r)["ida@client.example"]; ok != c.logged {
				t.Errorf("logged %v", ok)
			}
		})
	}
}

// TestCommandInSubject: a note to self may be its subject, above a signature.
func TestCommandInSubject(t *testing.T) {
	w, _ := dayStart(t)
	w.put("Sent", w.mail("sam@firm.example", "sam@firm.example", "jane@acme.example vm", "-- \r\nSam Recruiter\r\nFirm Ltd\r\n+44 20 7946 0018\r\n"))
	w.pass()
	if n := w.outcomes("jane@acme.example", "left-message"); n != 1 {
		t.Errorf("%d %d", n, len(w.inbox()))
	}
}

func TestGreetingAboveCommand(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 vm\r\n")
	w.pass()
	w.answer(m, "Sent", "Hi,\r\nundo\r\n")
	w.pass()
	if w.outcomes("jane@acme.example", "left-message") != 0 {
		t.Errorf("undo dropped silently; %d mails", len(w.inbox()))
	}
}

func TestBccIsNoAlarm(t *testing.T) {
	w, _ := dayStart(t)
	raw := func(extra ...string) []byte {
		return mailtest.Head{From: "sam@firm.example", To: "tom@globex.example", Subject: "Our call", ID: "bcc9@test", Date: w.now, Extra: extra}.Mail("Hi Tom,\r\n\r\nCall me tomorrow at 10am.\r\n\r\nSam")
	}
	w.put("INBOX", raw("Delivered-To: sam+log@firm.example"))
	w.put("Sent", raw())
	w.pass()
	w.now = w.now.Add(time.Minute)
	w.pass()
	w.at("2026-03-04", "07:30")
	w.pass()
	if strings.Contains(w.lastText(), "not obeyed") {
		t.Errorf("false alarm\n%s", w.lastText())
	}
}

func TestFloodOfForgedMail(t *testing.T) {
	w, _ := dayStart(t, vouched)
	for i := range 300 {
		w.put("INBOX", w.mail("sam@firm.example", "sam@firm.example", fmt.Sprintf("Your invoice %d: http://evil.example/", i), "jane@acme.example vm"))
	}
	w.pass()
	w.now = w.now.Add(time.Minute)
	w.put("Sent", w.mail("sam@firm.example", jane, "x", "y"))
	w.pass()
	w.at("2026-03-04", "07:30")
	w.pass()
	if n := strings.Count(w.lastText(), "not obeyed"); n > 20 {
		t.Errorf("%d lines of trouble, %d bytes", n, len(w.lastText()))
	}
}

func TestAnswerInRenumberedSent(t *testing.T) {
	// the first reading of Sent after the morning mail: the answer is already there when the folder is read anew
	w, m := dayStart(t)
	err := intake.Take(context.Background(), w.r, &mailbox.Batch{Folder: "Sent", Sent: true, Cursor: &mailbox.Cursor{UIDValidity: 99, Last: 1}})
	if err != nil {
		t.Fatal(err)
	}
	w.answer(m, "Sent", "1 vm\r\n")
	w.pass()
	if n := w.outcomes("jane@acme.example", "left-message"); n != 1 {
		t.Errorf("an answer is lost when Sent is renumbered: %d", n)
	}
}

// TestMorningMailAfterADayOffline: yesterday's, that never went out, doesn't come beside today's.
func TestMorningMailAfterADayOffline(t *testing.T) {
	w := morningDesk(t)
	w.at("2026-03-03", "07:30")
	_ = daily(context.Background(), w.r, w.now) // issued, the line is down
	w.at("2026-03-04", "07:30")
	w.pass()
	if n := len(w.inbox()); n != 1 {
		t.Errorf("%d morning mails on one day", n)
	}
}

// TestMorningMailUncertain: what the server may have taken is not filed a second time at once.
func TestMorningMailUncertain(t *testing.T) {
	w := morningDesk(t, func(c *config.Config) { c.Desks[0].Morning.Deliver = "smtp" })
	w.at("2026-03-03", "07:30")
	_ = daily(context.Background(), w.r, w.now)
	var raw []byte
	_ = w.r.State.Update(func(tx *store.Tx) error {
		all, _ := tx.Outgoing()
		o := all[len(all)-1]
		o.State = desk.OutData
		raw = o.Data
		return tx.PutOutgoing(&o)
	})
	_ = outbox.Deliver(context.Background(), w.r) // right after the restart
	w.put("INBOX", raw)                           // what the submission server had taken arrives a second later
	if n := len(w.inbox()); n != 1 {
		t.Errorf("%d morning mails", n)
	}
}

// TestMorningMailRace: the tick and a sync at the same time.
func TestMorningMailRace(t *testing.T) {
	worst := 0
	for range 8 {
		w := morningDesk(t)
		w.at("2026-03-03", "07:29")
		w.pass()
		w.at("2026-03-03", "07:30")
		var wg sync.WaitGroup
		for range 4 { // the tick and 'fifthcall sync'
			wg.Go(func() { _ = morning.Morning(context.Background(), w.r, w.now, true) })
		}
		wg.Wait()
		for range 2 {
			_ = outbox.Deliver(context.Background(), w.r)
		}
		worst = max(worst, len(w.inbox()))
	}
	if worst != 1 {
		t.Errorf("%d morning mails", worst)
	}
}

func TestDeliverRace(t *testing.T) {
	worst := 0
	for range 5 {
		w := morningDesk(t)
		w.at("2026-03-03", "07:30")
		_ = daily(context.Background(), w.r, w.now)
		var wg sync.WaitGroup
		for range 2 { // deliverLoop and 'fifthcall sync'
			wg.Go(func() { _ = outbox.Deliver(context.Background(), w.r) })
		}
		wg.Wait()
		worst = max(worst, len(w.inbox()))
	}
	if worst != 1 {
		t.Errorf("%d morning mails", worst)
	}
}

func TestLongSubject(t *testing.T) {
	w := morningDesk(t)
	w.put("INBOX", w.mail(jane, "sam@firm.example", strings.Repeat("word ", 8000), "When?"))
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	if n := len(text(w.inbox()[0])); n > 5000 {
		t.Errorf("%d bytes", n)
	}
}

func TestGoesBackToAFolderThatIsGone(t *testing.T) {
	w := newWorld(t, withVerbs)
	w.restart("2026-03-02", "12:30")
	w.writeTo(jane)
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Hello", "Call me"))
	w.pass()
	raws, _ := w.srv.Messages("sam", "INBOX")
	id := message.ReadHeader(message.ParsePart(raws[0]).Header, time.Time{}, 0).Identity
	_ = w.r.State.Update(func(tx *store.Tx) error { return intake.FoldersOf.Put(tx, id, "Clients") }) // the folder was renamed since
	w.move("INBOX", "Fifthcall/Call back")
	w.pass()
	w.now = w.now.Add(61 * time.Second)
	for range 3 {
		if err := w.Sync(context.Background()); err != nil {
			t.Errorf("%v", err)
		}
	}
}

// TestDeletedMailIsNoVerb: some programs move by copying, and mark what they took out again as deleted.
func TestDeletedMailIsNoVerb(t *testing.T) {
	w := newWorld(t, withVerbs)
	w.restart("2026-03-02", "12:30")
	w.writeTo(jane)
	w.pass()
	// Outlook over IMAP moves by COPY and \Deleted: she put the mail there by mistake and took it out again
	raw := w.mail(jane, "sam@firm.example", "Hello", "Call me")
	w.put("INBOX", raw)
	if err := w.srv.Append("sam", "Fifthcall/Not a contact", raw, w.now, `\Deleted`); err != nil {
		t.Fatal(err)
	}
	w.pass()
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	c := w.contact("jane@acme.example")
	if len(c.Roles) != 0 || w.count("INBOX") != 1 {
		t.Errorf("a deleted mail acted: %v, %d in INBOX", c.Roles, w.count("INBOX"))
	}
}

// TestUndoInTheShell: what was said in the shell or on the page is taken back there, the latest first, or that about somebody.
func TestUndoInTheShell(t *testing.T) {
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	before := w.callback("jane@acme.example")
	w.log("jane@acme.example spoke, call 2w")
	w.log("jane@acme.example job: Welder")
	w.log("undo")
	if all, err := view.Orders(w.r, true); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	w.log("jane@acme.example undo")
	if cb := w.callback("jane@acme.example"); cb.Due != before.Due || cb.Rule != before.Rule {
		t.Errorf("%+v, was %+v", cb, before)
	}
	w.put("Sent", w.mail("Sam <sam@firm.example>", "sam@firm.example", "note", "jane@acme.example met\r\n"))
	w.pass()
	w.log("undo")
	if n := w.outcomes("jane@acme.example", "met"); n != 0 {
		t.Errorf("%d meetings", n)
	}
	if _, err := command.LogText(context.Background(), w.r, "tom@globex.example undo", w.now); err == nil || !desk.IsUserError(err) {
		t.Errorf("%v", err)
	}
}
