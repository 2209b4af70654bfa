package daemon

import (
	"slices"
	"strings"
	"testing"

	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/reports"
)

// TestUndoKeepsWhatWasTold: taking back one line about an order keeps what was told of it since.
func TestUndoKeepsWhatWasTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example job: Welder")
	w.put("Sent", w.mail("Sam <sam@firm.example>", "sam@firm.example", "note", "JO1 fee 22%\r\n"))
	w.pass()
	err := w.r.Update(t.Context(), func(tx *store.Tx, env desk.Env) error { // as a mail that shows it would, which is in no journal
		o, err := orders.FindOrder(tx, "JO1")
		if err != nil {
			return err
		}
		o.Tell("interviews 12 march", env.Now)
		return tx.PutOrder(o)
	})
	if err != nil {
		t.Fatal(err)
	}
	w.log("undo")
	o, err := view.Order(w.r, "JO1")
	if err != nil || len(o.Facts) != 1 || o.Facts[0] != "interviews 12 march" {
		t.Errorf("%+v %v", o, err)
	}
	w.log("undo") // the opening: it stays, and says so
	if o, err = view.Order(w.r, "JO1"); err != nil || o.Status != "open" {
		t.Errorf("%+v %v", o, err)
	}
}

// TestHandedOverAndHome: an order that comes home has its submittals, and nothing is counted twice on either desk.
func TestHandedOverAndHome(t *testing.T) {
	t.Parallel()
	w, kim := twoDesks(t)
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example dm")
	w.log("jane@acme.example job: Welder")
	w.log("jane@acme.example spoke")
	w.log("li@post.example submitted to JO1")
	w.log("JO1 hand over to kim")
	both(w, w.r, kim)
	hers, err := view.Order(kim, "JO1")
	if err != nil || !slices.ContainsFunc(hers.Facts, func(f string) bool { return strings.Contains(f, "submitted by sam on 2 Mar 2026: Li Sato") }) {
		t.Errorf("%+v %v", hers, err)
	}
	v, err := reports.MakeReport(kim, reports.ReportRequest{Kind: "activity", Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Figures {
		if (f.Name == "conversations" || f.Name == "new_decision_makers") && f.Value != 0 {
			t.Errorf("sam's call is counted as kim's: %+v", f)
		}
	}
	w.tell(kim, "JO1 hand over to sam")
	both(w, w.r, kim)
	mine, err := view.Order(w.r, "JO1")
	if err != nil || mine.Status != "open" || len(mine.Submittals) != 1 {
		t.Errorf("%+v %v", mine, err)
	}
	if got := w.outcomes("jane@acme.example", "spoke"); got != 1 {
		t.Errorf("%d conversations for one call", got)
	}
}

// TestOrderHastens: an order told behind the conversation brings the next call near; a date agreed later than the cycle stands, with a hint.
func TestOrderHastens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Tom Reed <tom@globex.example>")
	w.log("new: Jane Miller <jane@acme.example>, CFO at Acme Ltd, decision maker")
	w.log("new: Tom Reed <tom@globex.example>, CFO at Globex, decision maker")
	w.log("jane@acme.example spoke\njane@acme.example job: Welder, start at once")
	if cb := w.callback("jane@acme.example"); cb.Rule != "open-order" || !strings.HasPrefix(cb.Due, "2026-03-09") {
		t.Errorf("%+v", cb)
	}
	if o, err := view.Order(w.r, "JO1"); err != nil || o.Company != "Acme Ltd" {
		t.Errorf("“at once” is no company: %+v %v", o, err)
	}
	w.log("new: Bo Lee <bo@acme.example>, COO at Acme, decision maker")
	w.log("bo@acme.example spoke")
	if cb := w.callback("bo@acme.example"); cb.Rule != "open-order" {
		t.Errorf("Acme is Acme Ltd: %+v", cb)
	}
	if said := w.tell(w.r, "tom@globex.example spoke, call in 6 months"); !strings.Contains(said, "later than the cycle of 90 days") {
		t.Error(said)
	}
}

// TestBackDoorInAnyForm: the alarm knows the name turned round, with the company behind it, in the address alone, and the candidate's own address in a
// mail that the client began.
func TestBackDoorInAnyForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to string }{
		{"\"Sato, Li\" <ls@acme.example>", "sam@firm.example"},
		{"\"Li Sato (Acme)\" <ls@acme.example>", "sam@firm.example"},
		{"li.sato@acme.example", "sam@firm.example"},
		{"Bo Lee <bo@acme.example>", "sam@firm.example, li@post.example"},
	} {
		w := newWorld(t)
		w.restart("2026-03-02", "09:00")
		w.pass()
		w.writeTo(jane)
		w.writeTo("Li Sato <li@post.example>")
		w.log("jane@acme.example job: Welder")
		w.log("li@post.example submitted to JO1")
		w.at("2026-05-04", "10:00")
		w.put("INBOX", w.mail("Ann Moor <ann@acme.example>", "sam@firm.example", "Lunch", "Hi"))
		w.put("INBOX", w.mail(c.from, c.to, "Hello", "Hi"))
		w.pass()
		n := 0
		for _, s := range w.news() {
			if strings.Contains(s, "Back door?") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d alarms", c.from, n)
		}
	}
}

// TestLateStepReturns: a call for a late step that was parked comes back, as the same event, once the parking is over.
func TestLateStepReturns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.at("2026-03-02", "10:00")
	w.log("jane@acme.example job: Welder")
	w.passes("2026-03-02", "11:05")
	find := func() (out []view.CallbackView) {
		for _, cb := range w.callbackViews() {
			if strings.HasPrefix(cb.Reason, "call back about JO1") {
				out = append(out, cb)
			}
		}
		return out
	}
	first := find()
	if len(first) != 1 {
		t.Fatalf("%+v", first)
	}
	w.log("JO1 park until 16 march")
	w.passes("2026-03-02", "11:10")
	if got := find(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	w.passes("2026-03-16", "11:10")
	if got := find(); len(got) != 1 || got[0].EventUID != first[0].EventUID || got[0].Sequence <= first[0].Sequence {
		t.Errorf("%+v, first %+v", got, first)
	}
}

// TestLightsOfFirms: people of one firm are one target, whether the firm is known by name or by address; a submittal to an order that the company gave makes it green; a month that
// was parked stays grey though another word is said later.
func TestLightsOfFirms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-01-05", "12:30")
	w.pass()
	w.log("new: Jane Miller <jane@acme.example>, CFO at Acme Ltd, decision maker")
	w.log("tom@acme.example client")
	w.writeTo("Li Sato <li@post.example>")
	board := func() map[string]string {
		out := map[string]string{}
		p, err := page(w.r, w.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Board {
			out[c.Name] = strings.Join(c.Lights, " ")
		}
		return out
	}
	w.at("2026-01-12", "09:00")
	w.log("tom@acme.example spoke")
	if got := board(); len(got) != 1 || !strings.HasSuffix(got["Acme Ltd"], "green") {
		t.Errorf("%v", got)
	}
	w.at("2026-02-02", "09:00")
	w.log("jane@acme.example red budget frozen till 1 march")
	w.at("2026-03-02", "09:00")
	w.log("jane@acme.example amber they call in april")
	if got := board(); !strings.HasSuffix(got["Acme Ltd"], "green grey red") {
		t.Errorf("%v", got)
	}
	w.log("job: Welder @ Acme")
	w.log("li@post.example submitted to JO1")
	if got := board(); !strings.HasSuffix(got["Acme Ltd"], "green grey green") {
		t.Errorf("%v", got)
	}
	w.passes("2026-03-03", "12:00")
	if !slices.ContainsFunc(w.callbackViews(), func(cb view.CallbackView) bool {
		return cb.Contact == "jane@acme.example" && cb.Rule == "order" && strings.Contains(cb.Reason, "JO1")
	}) {
		t.Errorf("a late order that nobody is known to have given is called about: %+v", w.callbackViews())
	}
	w.log("JO1 fee 22%, park until 1 april")
	if o, err := view.Order(w.r, "JO1"); err != nil || o.Parked != "2026-04-01" || len(o.Facts) != 1 || o.Facts[0] != "fee 22%" {
		t.Errorf("%+v %v", o, err)
	}
}

// TestSayNoInTime: the letter that says no is due so that it has left by the same hour of the next working day.
func TestSayNoInTime(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{"2026-03-05 20:00": "2026-03-06T18:30:00Z", "2026-03-05 15:00": "2026-03-06T15:00:00Z", "2026-03-05 06:00": "2026-03-05T18:30:00Z"} {
		w := newWorld(t)
		w.restart("2026-03-02", "09:00", func(c *config.Config) { c.Desks[0].Letters.Window = "08:00-19:00" })
		w.pass()
		w.writeTo("Li Sato <li@post.example>")
		w.log("li@post.example candidate")
		day, clock, _ := strings.Cut(said, " ")
		w.at(day, clock)
		w.log("li@post.example not taken")
		all, err := view.Outbox(w.r)
		all = slices.DeleteFunc(all, func(o view.OutgoingView) bool { return o.Letter == "" })
		if err != nil || len(all) != 1 || all[0].Due != want {
			t.Errorf("%s: %+v %v", said, all, err)
		}
	}
}

// TestRoomForCalls: care calls are put off while a day is full.
func TestRoomForCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00", func(c *config.Config) { c.Desks[0].CallbacksPerDay = 3 })
	w.pass()
	for _, who := range []string{"ann", "bobby", "christine", "dorothea", "ernest"} {
		w.writeTo(who + "@mail.example")
		w.log(who + "@mail.example placed, start 16 march")
	}
	days := map[string]int{}
	for _, cb := range w.callbackViews() {
		days[cb.Start[:10]]++
	}
	for day, n := range days {
		if n > 3 {
			t.Errorf("%d calls on %s", n, day)
		}
	}
}

// TestWithdrawsFromAnother: who was placed and withdraws from another order is still placed.
func TestWithdrawsFromAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example job: Welder")
	w.log("jane@acme.example job: Fitter")
	w.log("li@post.example submitted to JO1")
	w.log("li@post.example submitted to JO2")
	w.log("li@post.example placed for JO1, start 16 march")
	if _, err := command.LogText(t.Context(), w.r, "li@post.example withdrew", w.now); err == nil || !strings.Contains(err.Error(), "withdrew from which?") {
		t.Errorf("%v", err)
	}
	w.log("li@post.example withdrew from JO2")
	if w.figure("orders", "placements") != "1/0" {
		t.Error("the placement is gone")
	}
	w.log("li@post.example submitted to JO2") // and thinks better of it
	if o, err := view.Order(w.r, "JO2"); err != nil || len(o.Submittals) != 1 {
		t.Errorf("%+v %v", o, err)
	}
	w.log("li@post.example withdrew from JO1")
	if o, err := view.Order(w.r, "JO1"); err != nil || o.Status != "open" || w.figure("orders", "placements") != "0/0" {
		t.Errorf("%+v %v", o, err)
	}
	w.log("li@post.example placed for JO2, start 16 march")
	w.log("undo")
	if o, err := view.Order(w.r, "JO2"); err != nil || o.Status != "open" {
		t.Errorf("%+v %v", o, err)
	}
}

// TestAskedBackChangesNothing: a line of a mail that is asked back leaves no trace, whatever it had begun with; the lines beside it count.
func TestAskedBackChangesNothing(t *testing.T) {
	t.Parallel()
	w := interviewDesk(t)
	w.log("jane@acme.example job: Welder")
	w.log("jane@acme.example job: Fitter")
	w.log("li@post.example submitted to JO1")
	w.log("li@post.example submitted to JO2")
	w.log("li@post.example interview mon 9 march 3pm phone +44 20 7946 0020 with Dana Reed")
	w.put("Sent", w.mail("Sam <sam@firm.example>", "sam@firm.example", "note", "jane@acme.example spoke\r\nli@post.example placed, start 1 april\r\nli@post.example note now at Acme, sam@firm.example\r\n"))
	w.pass()
	ivs, err := view.InterviewViews(w.r, false)
	if err != nil || len(ivs) != 1 || w.outcomes("jane@acme.example", "spoke") != 1 {
		t.Errorf("%+v %v", ivs, err)
	}
	who, err := view.EnrolmentViews(w.r, true)
	if err != nil || len(who) != 0 || len(w.contact("li@post.example").Emails) != 1 {
		t.Errorf("%+v %v", who, err)
	}
	w.put("Sent", w.mail("Sam <sam@firm.example>", "sam@firm.example", "note", "li@post.example placed for JO1, start 1 april\r\n"))
	w.pass()
	if o, err := view.Order(w.r, "JO1"); err != nil || o.Status != "filled" {
		t.Errorf("%+v %v", o, err)
	}
}

// TestLeadNamedTwice: somebody who was named before, and has changed since, stays who they are.
func TestLeadNamedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example spoke, lead: Bo Lee 020 7946 0123, COO at Globex")
	w.log("Bo Lee note: now at Initech, bo@initech.example")
	w.log("bo@initech.example do not contact")
	w.log("li@post.example spoke, lead: Bo Lee 020 7946 0123, COO at Globex")
	if c := w.contact("bo@initech.example"); c.Status != "do_not_contact" || c.Company != "Initech" {
		t.Errorf("%+v", c)
	}
	w.log("jane@acme.example spoke, lead: Li Sato <li@post.example> 020 7946 0999")
	w.log("undo")
	if c := w.contact("li@post.example"); c.Phone != "" {
		t.Errorf("%+v", c)
	}
}

// TestInvoicePaid: only what says that it was paid counts as that.
func TestInvoicePaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example job: Welder, fee 20% terms signed, salary 50k")
	w.log("li@post.example placed for JO1, start 9 march")
	w.at("2026-04-01", "09:00")
	risk := func() string { return w.figure("orders", "fee_at_risk") }
	for _, said := range []string{"invoice to be paid by 30 april", "invoice will be paid on Friday", "has the invoice been paid?", "invoice half paid"} {
		w.log("JO1 " + said)
		if got := risk(); got != "0/0" {
			t.Errorf("%s: %s at risk", said, got)
		}
	}
	if _, err := command.LogText(t.Context(), w.r, "JO1 invoice paid 30 february", w.now); err == nil {
		t.Error("30 February was taken")
	}
	w.log("JO1 invoice paid 12 march")
	if got := risk(); got != "10000/0" {
		t.Errorf("%s", got)
	}
}

// TestPersonHandedBack: taking back the hand-over of a person leaves the other desk as it was.
func TestPersonHandedBack(t *testing.T) {
	t.Parallel()
	w, kim := twoDesks(t)
	w.pass()
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.log("jane@acme.example hand over to kim")
	both(w, w.r, kim)
	if cbs, err := view.Callbacks(kim, false, view.Part{}); err != nil || len(cbs) != 1 || len(w.callbackViews()) != 0 {
		t.Errorf("%+v %v", cbs, err)
	}
	w.log("undo")
	both(w, w.r, kim)
	if cbs, err := view.Callbacks(kim, false, view.Part{}); err != nil || len(cbs) != 0 || w.callback("jane@acme.example").Status != "open" {
		t.Errorf("%+v %v", cbs, err)
	}
}

// TestParkedUnderEitherName: a word said of a company before its name was known counts under the name.
func TestParkedUnderEitherName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.log("jane@acme.example client")
	w.log("jane@acme.example red budget frozen till June")
	w.log("new: Bo Lee <bo@acme.example>, CFO at Acme, client")
	if c := w.contact("jane@acme.example"); c.Light != "grey" {
		t.Errorf("%+v", c)
	}
}

// TestDoneIsNotTomorrow: an overdue call that is done without a conversation doesn't come back the next morning, and comes back.
func TestDoneIsNotTomorrow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.passes("2026-03-20", "09:00")
	w.log("jane@acme.example done")
	if cb := w.callback("jane@acme.example"); cb.Start < "2026-03-27" || cb.Start > "2026-06-20" {
		t.Errorf("%+v", cb)
	}
}
