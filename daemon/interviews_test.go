package daemon

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// calls are the open calls of a rule, by their start.
func (w *world) calls(rule string) (out []string) {
	w.t.Helper()
	cbs, err := view.Callbacks(w.r, false, view.Part{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, cb := range cbs {
		if cb.Rule == rule {
			out = append(out, cb.Contact+" "+cb.Start)
		}
	}
	return out
}

func (w *world) passes(day, clock string) {
	w.t.Helper()
	w.at(day, clock)
	w.pass()
	w.pass()
}

var acmeStart = time.Date(2026, 3, 5, 15, 0, 0, 0, time.UTC)

func (w *world) acme(seq int, start time.Time, method string) {
	w.t.Helper()
	w.put("INBOX", w.invite(jane, "i1@acme", method, seq, start, "Interview Li Sato", "5 King Street, London", "Sam <sam@firm.example>", li))
	w.pass()
	w.pass()
}

// TestCorrectionSurvivesFacts: what is noted after a move takes nothing of the correction away.
func TestCorrectionSurvivesFacts(t *testing.T) {
	w := interviewDesk(t)
	w.acme(0, acmeStart, "REQUEST")
	w.sendDraft("confirmation", nil)
	w.pass()
	w.acme(1, acmeStart.AddDate(0, 0, 1), "REQUEST")
	w.log("li@post.example bring passport")
	w.acme(1, acmeStart.AddDate(0, 0, 1), "REQUEST") // again, with nothing new
	w.pass()
	if got := subjects(w.drafts()); !slices.Contains(got, "Changed: your interview with Acme Robotics, now Friday 6 March 2026") {
		t.Errorf("%q", got)
	}
}

// TestReinstated: off, and on again: letters and calls are there again.
func TestReinstated(t *testing.T) {
	w := interviewDesk(t)
	w.acme(0, acmeStart, "REQUEST")
	w.acme(1, acmeStart, "CANCEL")
	if len(w.drafts()) != 0 || len(w.calls("debrief")) != 0 {
		t.Fatalf("%q %q", subjects(w.drafts()), w.calls("debrief"))
	}
	w.acme(2, acmeStart.AddDate(0, 0, 1), "REQUEST")
	w.passes("2026-03-03", "09:00")
	if got := subjects(w.drafts()); len(got) != 2 {
		t.Errorf("%q", got)
	}
	if got := w.calls("prep"); len(got) != 1 || len(w.calls("debrief")) != 1 {
		t.Errorf("%q %q", got, w.calls("debrief"))
	}
}

// TestMovedAfterAttended: taken as attended by mistake and moved, it is to come again.
func TestMovedAfterAttended(t *testing.T) {
	w := interviewDesk(t)
	w.acme(0, acmeStart, "REQUEST")
	w.passes("2026-03-05", "16:30")
	w.log("li@post.example spoke, they sent her home again")
	w.pass()
	w.acme(1, acmeStart.AddDate(0, 0, 7), "REQUEST")
	w.passes("2026-03-11", "09:00")
	ivs, _ := view.InterviewViews(w.r, true)
	if ivs[0].Status != "stands" || len(w.calls("debrief")) != 1 {
		t.Errorf("%+v %q", ivs, w.calls("debrief"))
	}
	if st := w.letterStates(); st["follow-up"] == "draft" {
		t.Errorf("%v", st)
	}
}

// TestToldThenInvited: what the recruiter told of and is invited to is one interview.
func TestToldThenInvited(t *testing.T) {
	w := interviewDesk(t)
	w.log("li@post.example interview thu 5 march 3pm in person at 5 King Street with Jane Miller")
	w.pass()
	w.acme(0, acmeStart, "REQUEST")
	ivs, _ := view.InterviewViews(w.r, true)
	if len(ivs) != 1 || len(w.calls("debrief")) != 1 || len(w.drafts()) != 2 {
		t.Errorf("%d interviews, %q, %q", len(ivs), w.calls("debrief"), subjects(w.drafts()))
	}
	w.acme(1, acmeStart.AddDate(0, 0, 1), "REQUEST")
	if ivs, _ = view.InterviewViews(w.r, true); len(ivs) != 1 || !strings.HasPrefix(ivs[0].Start, "2026-03-06") {
		t.Errorf("%+v", ivs)
	}
}

// TestStrangerMovesNothing: a change or cancellation counts only from the organizer's side.
func TestStrangerMovesNothing(t *testing.T) {
	w := interviewDesk(t)
	w.acme(0, acmeStart, "REQUEST")
	for _, method := range []string{"REQUEST", "CANCEL"} {
		evil := string(w.invite("Eve <eve@evil.example>", "i1@acme", method, 5, acmeStart.AddDate(0, 0, 2), "Interview Li Sato", "https://evil.example/join", "Sam <sam@firm.example>", li))
		w.put("INBOX", []byte(strings.Replace(evil, "CN=Jane Miller:mailto:jane@acme.example", "CN=Eve:mailto:eve@evil.example", 1)))
		w.put("INBOX", []byte(evil))
		w.pass()
	}
	ivs, _ := view.InterviewViews(w.r, true)
	if len(ivs) != 1 || !strings.HasPrefix(ivs[0].Start, "2026-03-05") || ivs[0].Status != "stands" || ivs[0].Place != "5 King Street, London" {
		t.Errorf("%+v", ivs)
	}
	if !strings.Contains(strings.Join(w.news(), "\n"), "came from eve@evil.example") {
		t.Errorf("%q", w.news())
	}
}

// TestHostileEvents: dates beyond reason and floods of events neither stop the reading nor fill the morning mail.
func TestHostileEvents(t *testing.T) {
	w := interviewDesk(t)
	bad := strings.Replace(string(w.invite(jane, "far@acme", "REQUEST", 0, acmeStart, "Interview Li Sato", "", "Sam <sam@firm.example>", li)), "DTSTART:20260305T150000Z", "DTSTART;TZID=America/New_York:99991231T231500", 1)
	w.put("INBOX", []byte(bad))
	var flood strings.Builder
	flood.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n")
	for i := range 300 {
		flood.WriteString("BEGIN:VEVENT\r\nUID:f" + strconv.Itoa(i) + "@x\r\nDTSTART:20260309T100000Z\r\nSUMMARY:Interview candidate\r\nORGANIZER:mailto:a@evil.example\r\nATTENDEE:mailto:b@evil.example\r\nEND:VEVENT\r\n")
	}
	w.put("INBOX", w.mail("a@evil.example", "sam@firm.example", "Invitation: interviews", flood.String()+"END:VCALENDAR\r\n", "MIME-Version: 1.0", "Content-Type: text/calendar; method=REQUEST"))
	w.put("INBOX", w.mail(li, "sam@firm.example", "Hello", "After the flood"))
	w.pass()
	if ivs, _ := view.InterviewViews(w.r, true); len(ivs) != 0 {
		t.Errorf("%d interviews of strangers", len(ivs))
	}
	if ts := w.touchesOf("li@post.example"); len(ts) != 2 {
		t.Errorf("the mail behind it was not read: %+v", ts)
	}
}

// TestCallsOfTwoInterviews: what is said of one closes nothing of another.
func TestCallsOfTwoInterviews(t *testing.T) {
	w := interviewDesk(t)
	w.log("li@post.example interview tue 3 march 3pm phone +44 20 7946 0020 with Jane Miller")
	w.log("li@post.example interview tue 10 march 3pm phone +44 20 7946 0020 with Dana Reed")
	w.pass()
	w.log("li@post.example prepped")
	w.at("2026-03-03", "17:00")
	w.log("li@post.example debriefed")
	w.pass()
	if got := w.calls("prep"); len(got) != 1 || !strings.Contains(got[0], "2026-03-09") {
		t.Errorf("prep %q", got)
	}
	if got := w.calls("debrief"); len(got) != 1 || !strings.Contains(got[0], "2026-03-10") {
		t.Errorf("debrief %q", got)
	}
}

// TestTurnsAndUndo: an offer, a no and a placement can be taken back, and are about the interview that is meant.
func TestTurnsAndUndo(t *testing.T) {
	w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Mode = "auto" })
	w.log("li@post.example interview tue 10 march 3pm phone +44 20 7946 0020 with Dana Reed")
	w.log("li@post.example call tomorrow 10am")
	w.passes("2026-03-04", "07:30")
	m := w.morningMail()
	n := w.number(m, "Li Sato")
	before := len(w.submitted())
	w.answer(m, "Sent", n+" not taken\r\n")
	w.pass()
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	w.pass()
	w.passes("2026-03-05", "09:00")
	for _, e := range w.submitted()[before:] {
		if s := message.ParseWhole(e.Data).Subject; strings.Contains(s, "application") {
			t.Errorf("the no left after it was taken back: %q", s)
		}
	}
	if ivs, _ := view.InterviewViews(w.r, true); ivs[0].Status != "stands" || len(w.calls("debrief")) != 1 {
		t.Errorf("%+v %q", ivs, w.calls("debrief"))
	}
	w.answer(m, "Sent", n+" placed\r\n")
	w.pass()
	if ivs, _ := view.InterviewViews(w.r, true); ivs[0].Status != "stands" || !strings.Contains(w.lastText(), "what is the first day?") {
		t.Errorf("%+v\n%s", ivs, w.lastText())
	}
	w.answer(m, "Sent", n+" placed, start 1 May\r\n")
	w.pass()
	es, _ := view.EnrolmentViews(w.r, false)
	if len(es) != 1 || es[0].Sequence != "placement-care" {
		t.Errorf("%+v\n%s", es, w.lastText())
	}
	if ivs, _ := view.InterviewViews(w.r, true); ivs[0].Status != "cancelled" {
		t.Errorf("%+v", ivs)
	}
	// care goes on through answers and calls
	w.put("INBOX", w.mail(li, "sam@firm.example", "Thanks", "Thanks for everything!"))
	w.passes("2026-05-01", "17:00")
	w.log("li@post.example spoke")
	w.passes("2026-05-08", "10:00")
	if es, _ = view.EnrolmentViews(w.r, false); len(es) != 1 {
		t.Errorf("care has ended: %+v", es)
	}
}

// TestSendAll releases what waits for a word, nothing that was held.
func TestSendAll(t *testing.T) {
	w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Mode = "approve" })
	w.writeTo("Tom Reed <tom@acme.example>")
	w.log("tom@acme.example candidate")
	for _, to := range []string{"tom@acme.example", "li@post.example"} {
		if _, err := view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "referral", Contact: to}); err != nil {
			t.Fatal(err)
		}
	}
	w.passes("2026-03-04", "07:30")
	w.answer(w.morningMail(), "Sent", "send all\r\n")
	w.pass()
	w.passes("2026-03-04", "09:00")
	out := w.submitted()
	if len(out) != 1 || out[0].To[0] != "li@post.example" {
		t.Errorf("%d letters: %+v", len(out), w.letterStates())
	}
}

// TestOddNames: no name or address, however odd, stops anybody else's letters, or breaks a header.
func TestOddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{`Li "Lee Sato`, `Li Sato\`, "Li\r\nBcc: eve@evil.example", `<b>Li</b> [x](javascript:alert(1))`, "李 佐藤", strings.Repeat("Li ", 3000)} {
		w := interviewDesk(t)
		if _, err := view.SetContact(context.Background(), w.r, people.ContactChange{Who: "li@post.example", Name: &name}); err != nil {
			t.Fatal(err)
		}
		w.writeTo("Ann Lee <ann@post.example>")
		for _, who := range []string{"li@post.example", "ann@post.example"} {
			w.log(who + " interview tue 10 march 3pm phone +44 20 7946 0020 with Dana Reed")
		}
		w.pass()
		w.pass()
		ds := w.drafts()
		if len(ds) != 2 {
			t.Errorf("%.20q: %d drafts, %v", name, len(ds), w.letterStates())
		}
		for _, d := range ds {
			if d.Header.Has("Bcc") || len(d.To) != 1 {
				t.Errorf("%.20q: a header was added: %+v", name, d.To)
			}
			if html := d.Body.HTML().Text(); strings.Contains(html, "<b>") || strings.Contains(html, `href="javascript`) {
				t.Errorf("%.20q is HTML in the letter", name)
			}
		}
	}
}

// TestMergedContact: an interview, its letters and a sequence follow somebody into another contact.
func TestMergedContact(t *testing.T) {
	w := interviewDesk(t)
	w.acme(0, acmeStart, "REQUEST")
	w.writeTo("Li Sato <li@home.example>")
	if _, err := view.EnrolFromShell(context.Background(), w.r, "reengage", "li@post.example", ""); err != nil {
		t.Fatal(err)
	}
	w.pass()
	if _, err := view.Merge(context.Background(), w.r, "li@home.example", "li@post.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := view.EnrolFromShell(context.Background(), w.r, "reengage", "li@home.example", ""); err == nil {
		t.Error("enrolled twice")
	}
	if ended, err := view.StopFromShell(context.Background(), w.r, "li@home.example"); err != nil || len(ended) != 1 {
		t.Errorf("%+v %v", ended, err)
	}
	w.acme(1, acmeStart.AddDate(0, 0, 1), "REQUEST")
	w.passes("2026-03-03", "09:00")
	for _, s := range subjects(w.drafts()) {
		if strings.Contains(s, "5 March") {
			t.Errorf("a draft for the old day: %q", s)
		}
	}
	if got := w.calls("debrief"); len(got) != 1 {
		t.Errorf("%q", got)
	}
	if _, err := view.Forget(context.Background(), w.r, "li@home.example"); err != nil {
		t.Fatal(err)
	}
	w.pass()
	w.pass()
	if all, _ := view.Outbox(w.r); slices.ContainsFunc(all, func(o view.OutgoingView) bool { return o.Kind == desk.KindLetter }) {
		t.Errorf("letters are left: %+v", all)
	}
	if ds := w.drafts(); len(ds) != 0 {
		t.Errorf("drafts are left: %q", subjects(ds))
	}
}

// TestZonesOfLetters: the good-luck line comes in the candidate's morning.
func TestZonesOfLetters(t *testing.T) {
	w := interviewDesk(t)
	err := w.r.Update(context.Background(), func(tx *store.Tx, _ desk.Env) error {
		c, err := tx.ContactByEmail("li@post.example")
		if err == nil {
			c.Fields = map[string]string{"timezone": "America/New_York"}
			err = tx.PutContact(c)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.log("li@post.example interview tue 3 march 8pm phone +44 20 7946 0020 with Dana Reed")
	w.pass()
	w.pass()
	all, _ := view.Outbox(w.r)
	for _, o := range all {
		if o.Letter == "good-luck" && o.Due != "2026-03-03T12:30:00Z" {
			t.Errorf("due %s, want half past seven in New York", o.Due)
		}
	}
	if !strings.Contains(text(w.drafts()[0]), "Tuesday 3 March 2026, 15:00 (EST, New York time)") {
		t.Errorf("%s", text(w.drafts()[0]))
	}
}

// TestUndoTakesBackItsOwn: taking back an old reply leaves alone what the client changed since.
func TestUndoTakesBackItsOwn(t *testing.T) {
	for _, method := range []string{"REQUEST", "CANCEL"} {
		w := interviewDesk(t)
		w.acme(0, acmeStart.AddDate(0, 0, 5), "REQUEST")
		w.passes("2026-03-06", "07:30")
		m := w.morningMail()
		w.answer(m, "Sent", w.number(m, "Li Sato: in-person")+" bring passport\r\n")
		w.pass()
		day := acmeStart.AddDate(0, 0, 5)
		if method == "REQUEST" {
			day = day.AddDate(0, 0, 1)
		}
		w.acme(1, day, method)
		w.answer(m, "Sent", "undo\r\n")
		w.pass()
		w.pass()
		iv, _ := view.InterviewViews(w.r, true)
		if iv[0].Facts["bring"] != "" || iv[0].Start != day.Format(time.RFC3339) || (iv[0].Status == "cancelled") != (method == "CANCEL") {
			t.Errorf("%s: %+v", method, iv[0])
		}
	}
}

// TestLettersOnce: no letter of an interview is written twice, by the plan and by hand, before and behind a change of what is known.
func TestLettersOnce(t *testing.T) {
	w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Mode = "auto" })
	w.log("li@post.example interview wed 4 march 10am phone with Jane Miller")
	w.passes("2026-03-04", "07:30")
	m := w.morningMail()
	iv := w.number(m, "Li Sato: phone")
	w.passes("2026-03-04", "12:00")
	w.log("li@post.example debriefed")
	w.passes("2026-03-04", "12:05")
	w.answer(m, "Sent", iv+" number +44 20 7946 0020\r\n")
	w.passes("2026-03-04", "12:10")
	w.passes("2026-03-05", "11:30")
	w.passes("2026-03-05", "11:40")
	w.log("li@post.example interview tue 10 march 3pm phone +44 20 7946 0020 with Dana Reed")
	w.passes("2026-03-05", "16:00")
	if _, err := view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "prep-phone", Contact: "li@post.example"}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"09:30", "09:40", "12:00"} {
		w.passes("2026-03-06", at)
	}
	seen := map[string]int{}
	for _, e := range w.submitted() {
		seen[message.ParseWhole(e.Data).Subject]++
	}
	for s, n := range seen {
		if n > 1 || strings.HasPrefix(s, "Changed") {
			t.Errorf("%d times %q", n, s)
		}
	}
	if seen["After your interview"]+seen["After your interview with Acme Robotics"] != 1 || seen["Your interview on Tuesday 10 March 2026: how to prepare"] != 1 {
		t.Errorf("%v", seen)
	}
}

// TestNoCorrectionWithoutChange: there and back again, or more known, is nothing to correct.
func TestNoCorrectionWithoutChange(t *testing.T) {
	w := interviewDesk(t)
	w.acme(0, acmeStart, "REQUEST")
	w.sendDraft("confirmation", nil)
	w.pass()
	w.acme(1, acmeStart.AddDate(0, 0, 1), "REQUEST")
	w.acme(2, acmeStart, "REQUEST")
	w.pass()
	for _, s := range subjects(w.drafts()) {
		if strings.HasPrefix(s, "Changed") {
			t.Errorf("%q", s)
		}
	}
	w.writeTo("Ann Lee <ann@post.example>")
	w.log("ann@post.example interview tue 10 march 3pm phone +44 20 7946 0020 with Dana Reed")
	if _, err := view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "correction", Contact: "ann@post.example"}); err == nil || !strings.Contains(err.Error(), "nothing has gone out") {
		t.Errorf("a correction of nothing: %v", err)
	}
}

// TestClosedCallsStayClosed: what the recruiter closed is not opened by another fact; what was ended by a word that she took back is.
func TestClosedCallsStayClosed(t *testing.T) {
	w := interviewDesk(t)
	w.log("li@post.example interview thu 5 march 3pm phone with Jane Miller")
	w.passes("2026-03-04", "07:30")
	m := w.morningMail()
	w.answer(m, "Sent", w.number(m, "Prep call: Li Sato")+" cancel\r\n"+w.number(m, "Li Sato: phone")+" number +44 20 7946 0020\r\n")
	w.pass()
	w.pass()
	if got := w.calls("prep"); len(got) != 0 {
		t.Errorf("opened again: %q", got)
	}
	w.passes("2026-03-05", "16:20")
	w.answer(m, "Sent", w.number(m, "Li Sato: phone")+" no show\r\n")
	w.pass()
	w.pass()
	if got := w.calls("debrief"); len(got) != 0 {
		t.Fatalf("%q", got)
	}
	w.answer(m, "Sent", "undo\r\n")
	w.pass()
	w.pass()
	if got := w.calls("debrief"); len(got) != 1 {
		t.Errorf("not there again: %q", got)
	}
}

// TestOnAgainByWord: an interview that was off by word is on again by word; an invitation alone is told of.
func TestOnAgainByWord(t *testing.T) {
	w := interviewDesk(t)
	w.acme(0, acmeStart.AddDate(0, 0, 5), "REQUEST")
	w.passes("2026-03-06", "07:30")
	m := w.morningMail()
	n := w.number(m, "Li Sato: in-person")
	w.answer(m, "Sent", n+" cancel\r\n")
	w.pass()
	w.acme(1, acmeStart.AddDate(0, 0, 6), "REQUEST")
	if ivs, _ := view.InterviewViews(w.r, true); ivs[0].Status != "cancelled" || !strings.Contains(strings.Join(w.news(), "\n"), "you said that it is off") {
		t.Errorf("%+v %q", ivs[0], w.news())
	}
	w.answer(m, "Sent", n+" interview 12 march 3pm\r\n")
	w.pass()
	w.pass()
	ivs, _ := view.InterviewViews(w.r, true)
	if ivs[0].Status != "stands" || !strings.HasPrefix(ivs[0].Start, "2026-03-12T15:00") || len(w.calls("debrief")) != 1 {
		t.Errorf("%+v %q", ivs[0], w.calls("debrief"))
	}
}

// TestPlacedEndsTheRest: whoever has a job gets no more of what was meant for those without.
func TestPlacedEndsTheRest(t *testing.T) {
	w := sendingDesk(t, nil)
	w.log("li@post.example interview wed 4 march 10am phone +44 20 7946 0020 with Jane Miller")
	w.passes("2026-03-04", "12:00")
	w.log("li@post.example not taken")
	w.passes("2026-03-05", "12:30")
	w.log("li@post.example placed, start 1 may")
	w.pass()
	w.pass()
	es, _ := view.EnrolmentViews(w.r, false)
	if len(es) != 1 || es[0].Sequence != "placement-care" {
		t.Errorf("%+v", es)
	}
	if st := w.letterStates(); st["not-taken-interviewed"] == "draft" {
		t.Errorf("%v", st)
	}
	// care that begins late makes no steps of long ago
	w.log("jane@acme.example candidate")
	if _, err := view.EnrolFromShell(context.Background(), w.r, "placement-care", "jane@acme.example", "2026-01-05"); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		w.pass()
	}
	es, _ = view.EnrolmentViews(w.r, false)
	for _, e := range es {
		if e.Contact == "jane@acme.example" && e.Step < 4 {
			t.Errorf("steps of long ago: %+v", e)
		}
	}
}
