package daemon

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/reports"
)

// TestPlacement: a placement fills the order, begins the care of both sides and the guarantee; prospecting stays away meanwhile; leaving stops the care and
// says what goes back; all of it can be taken back.
func TestPlacement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example dm")
	w.log("jane@acme.example job: Welder, fee 20% terms signed, salary 50k, interviews 5 march")
	w.log("li@post.example submitted to JO1")
	w.log("li@post.example placed, start 16 march")
	o, err := view.Order(w.r, "JO1")
	if err != nil || o.Status != "filled" {
		t.Fatalf("%+v %v", o, err)
	}
	clientCalls := func() (out []string) {
		for _, cb := range w.callbackViews() {
			if strings.Contains(cb.Reason, "how is Li Sato doing") {
				out = append(out, cb.Start[:10])
			}
		}
		return out
	}
	if got := strings.Join(clientCalls(), " "); got != "2026-03-20 2026-04-15 2026-06-15" {
		t.Errorf("calls to the client: %s", got)
	}
	if got := w.figure("orders", "placements"); got != "1/0" {
		t.Errorf("%s", got)
	}
	w.at("2026-03-20", "10:00")
	risk := func() float64 {
		v, err := reports.MakeReport(w.r, reports.ReportRequest{Kind: "orders", Now: w.now})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range v.Figures {
			if f.Name == "fee_at_risk" {
				return f.Value
			}
		}
		return -1
	}
	if got := risk(); got != 10_000 {
		t.Errorf("at risk: %v", got)
	}
	w.at("2026-04-20", "10:00")
	if got := risk(); got != 0 {
		t.Errorf("the invoice is overdue: %v", got)
	}
	w.log("JO1 invoice paid")
	if got := risk(); got != 0 {
		t.Errorf("paid too late, the guarantee stays void: %v", got)
	}
	w.log("JO1 invoice paid 25 march")
	if got := risk(); got != 5000 {
		t.Errorf("half within 60 days: %v", got)
	}
	l, err := command.LogText(t.Context(), w.r, "li@post.example left the company", w.now)
	if err != nil || !strings.Contains(l[0].Said, "50 % of the fee goes back (5000)") || !strings.Contains(l[0].Said, "by Mon 27 Apr 2026") {
		t.Errorf("%+v %v", l, err)
	}
	if got := clientCalls(); len(got) != 0 {
		t.Errorf("the care is over: %v", got)
	}
	if risk() != 0 {
		t.Error("they have left")
	}
}

// TestCareMerges: calls to a client about two people placed within days of each other are one; one of them leaving takes away its question only. Who was
// placed is on the cycle again.
func TestCareMerges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.writeTo("Ann Moor <ann@mail.example>")
	w.pass()
	w.log("jane@acme.example dm")
	w.log("jane@acme.example job: Welder, fee 20% terms signed, salary 50k")
	w.log("jane@acme.example job: Fitter, fee 20% terms signed, salary 50k")
	w.log("li@post.example placed for JO1, start 16 march")
	w.log("ann@mail.example placed for JO2, start 19 march")
	care := func() (out []string) {
		for _, cb := range w.callbackViews() {
			if cb.Contact == "jane@acme.example" && strings.Contains(cb.Reason, "doing") {
				out = append(out, cb.Start[:10]+" "+map[bool]string{true: "Li", false: "-"}[strings.Contains(cb.Reason, "Li Sato")]+map[bool]string{true: "Ann", false: "-"}[strings.Contains(cb.Reason, "Ann Moor")])
			}
		}
		return out
	}
	if got := strings.Join(care(), ", "); got != "2026-03-20 LiAnn, 2026-04-15 LiAnn, 2026-06-18 LiAnn" {
		t.Errorf("%s", got) // the last: on 15 June Ann's guarantee ends within ten days
	}
	cycle := slices.ContainsFunc(w.callbackViews(), func(cb view.CallbackView) bool {
		return cb.Contact == "li@post.example" && cb.Rule == "cycle" && strings.HasPrefix(cb.Due, "2026-06-12")
	})
	if !cycle {
		t.Errorf("not on the cycle: %+v", w.callbackViews())
	}
	w.put("Sent", w.mail("Sam <sam@firm.example>", "sam@firm.example", "note", "ann@mail.example undo\r\n"))
	w.pass()
	if got := strings.Join(care(), ", "); got != "2026-03-20 Li-, 2026-04-15 Li-, 2026-06-18 Li-" {
		t.Errorf("undone: %s", got)
	}
	w.log("ann@mail.example placed for JO2, start 19 march")
	w.at("2026-03-25", "09:00")
	w.log("li@post.example left the company")
	if got := strings.Join(care(), ", "); got != "2026-03-20 -Ann, 2026-04-15 -Ann, 2026-06-18 -Ann" {
		t.Errorf("%s", got)
	}
}

// TestCandidateClosesByMail: a candidate's mail closes a call that was tried; an agreed one stands; a decision maker's mail closes nothing.
func TestCandidateClosesByMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.writeTo("Ann Moor <ann@mail.example>")
	w.pass()
	w.log("jane@acme.example dm")
	w.log("li@post.example candidate")
	w.log("ann@mail.example candidate")
	w.log("jane@acme.example vm")
	w.log("li@post.example vm")
	w.log("ann@mail.example vm, call 5 march")
	w.at("2026-03-02", "15:00")
	for _, who := range []string{jane, "Li Sato <li@post.example>", "Ann Moor <ann@mail.example>"} {
		w.put("INBOX", w.mail(who, "sam@firm.example", "You called", "What is it?"))
	}
	w.pass()
	open := map[string]string{}
	for _, cb := range w.callbackViews() {
		open[cb.Contact] = cb.Rule
	}
	if open["li@post.example"] != "" || open["ann@mail.example"] != "agreed" || open["jane@acme.example"] != "left-message" {
		t.Errorf("%v", open)
	}
}

// TestCareGoesOn: each step of the care comes at its time, whatever became of the one before: drafts that stay unsent, calls that nobody made; the call before
// a Monday's start is on the Friday.
func TestCareGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo("Li Sato <li@post.example>")
	w.log("li@post.example candidate")
	w.at("2026-03-03", "09:00")
	w.log("li@post.example placed, start 13 april")
	seen := map[string]string{}
	look := func() {
		for _, cb := range w.callbackViews() {
			if seen[cb.Reason] == "" {
				seen[cb.Reason] = cb.Start[:10]
			}
		}
	}
	for day := time.Date(2026, 4, 9, 0, 0, 0, 0, time.UTC); day.Before(time.Date(2026, 7, 20, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 1) {
		w.passes(day.Format(time.DateOnly), "09:05")
		look()
	}
	for what, want := range map[string]string{"Two days to go": "2026-04-10", "The first week": "2026-04-20", "A month:": "2026-05-13", "Three months:": "2026-07-13"} {
		got := ""
		for reason, day := range seen {
			if strings.HasPrefix(reason, what) {
				got = day
			}
		}
		if got != want {
			t.Errorf("%s on %q, want %s", what, got, want)
		}
	}
}

// TestPlacedByOrder: "JO1 placed NAME" places that person, and without a name nobody is written to but asked who; so it is with "filled".
func TestPlacedByOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example dm")
	w.log("jane@acme.example job: Welder, fee 20% terms signed, salary 50k")
	w.log("li@post.example submitted to JO1")
	for _, said := range []string{"JO1 placed", "JO1 filled"} {
		if _, err := command.LogText(t.Context(), w.r, said, w.now); err == nil || !desk.IsUserError(err) {
			t.Errorf("%s: %v", said, err)
		}
	}
	w.log("JO1 placed Li Sato, start 16 march")
	o, err := view.Order(w.r, "JO1")
	if err != nil || o.Status != "filled" || w.figure("orders", "placements") != "1/0" {
		t.Errorf("%+v %v", o, err)
	}
	all, err := view.Outbox(w.r)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		if strings.HasPrefix(l.Letter, "not-taken") {
			t.Errorf("%+v", l)
		}
	}
	w.log("undo")
	if o, err = view.Order(w.r, "JO1"); err != nil || o.Status != "open" || w.figure("orders", "placements") != "0/0" {
		t.Errorf("%+v %v", o, err)
	}
	w.log("jane@acme.example job: Fitter")
	w.log("JO2 filled internally")
	if o, err = view.Order(w.r, "JO2"); err != nil || o.Status != "lost" {
		t.Errorf("%+v %v", o, err)
	}
}

// TestPlacementTurns: a first day that moves takes the calls along; backing out before it opens the order again; leaving is dated as told, and of somebody placed a
// bare "left" is that.
func TestPlacementTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.log("jane@acme.example dm")
	w.log("jane@acme.example job: Welder, fee 20% terms signed, salary 50k")
	w.log("li@post.example submitted to JO1")
	w.log("li@post.example placed, start 16 march")
	w.log("li@post.example placed, start 23 march")
	care := func() (out []string) {
		for _, cb := range w.callbackViews() {
			if strings.Contains(cb.Reason, "how is Li Sato doing") {
				out = append(out, cb.Start[:10])
			}
		}
		return out
	}
	if got := strings.Join(care(), " "); got != "2026-03-27 2026-04-22 2026-06-22" {
		t.Errorf("%s", got)
	}
	if got := w.figure("orders", "placements"); got != "1/0" {
		t.Errorf("%s", got)
	}
	w.at("2026-03-10", "09:00")
	w.log("li@post.example withdrew")
	if o, err := view.Order(w.r, "JO1"); err != nil || o.Status != "open" || len(care()) != 0 || w.figure("orders", "placements") != "0/0" {
		t.Errorf("%+v %v %v", o, err, care())
	}
	w.writeTo("Ann Moor <ann@mail.example>")
	w.log("ann@mail.example placed for JO1, start 16 march")
	w.log("JO1 invoice paid")
	w.at("2026-04-17", "09:00")
	l, err := command.LogText(t.Context(), w.r, "ann@mail.example left on 10 april", w.now)
	if err != nil || !strings.Contains(l[0].Said, "100 % of the fee goes back (10000)") || !strings.Contains(l[0].Said, "by Fri 17 Apr 2026") {
		t.Errorf("%+v %v", l, err)
	}
	if !slices.ContainsFunc(w.callbackViews(), func(cb view.CallbackView) bool {
		return cb.Contact == "jane@acme.example" && strings.Contains(cb.Reason, "Ann Moor left: 100 %")
	}) {
		t.Errorf("%+v", w.callbackViews())
	}
}

// TestPlacedFromInterview: the client of a placement without an order is that of the interview, and the fee can be told of the person.
func TestPlacedFromInterview(t *testing.T) {
	t.Parallel()
	w := interviewDesk(t)
	w.log("li@post.example interview thu 5 march 3pm phone +44 20 7946 0020 with Jane Miller")
	w.at("2026-03-09", "09:00")
	err := w.r.Update(t.Context(), func(tx *store.Tx, _ desk.Env) error {
		all, err := tx.Interviews()
		if err != nil {
			return err
		}
		jane, err := tx.ContactByEmail("jane@acme.example")
		all[0].Client = jane.ID
		return errors.Join(err, tx.PutInterview(&all[0]))
	})
	if err != nil {
		t.Fatal(err)
	}
	w.log("li@post.example placed, start 16 march")
	w.log("li@post.example fee 15k")
	if !slices.ContainsFunc(w.callbackViews(), func(cb view.CallbackView) bool {
		return cb.Contact == "jane@acme.example" && strings.Contains(cb.Reason, "how is Li Sato doing")
	}) {
		t.Errorf("%+v", w.callbackViews())
	}
	w.at("2026-03-20", "09:00")
	if got := w.figure("orders", "fees"); got != "15000/0" {
		t.Errorf("%s", got)
	}
}

// TestNotTakenForWhich: of several orders the one that is meant is asked for.
func TestNotTakenForWhich(t *testing.T) {
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
	if _, err := command.LogText(t.Context(), w.r, "li@post.example not taken", w.now); err == nil || !strings.Contains(err.Error(), "not taken for which?") {
		t.Errorf("%v", err)
	}
	w.log("li@post.example not taken for JO1")
	w.log("li@post.example spoke, told her") // which doesn't end what follows after 90 days
	if !slices.ContainsFunc(w.callbackViews(), func(cb view.CallbackView) bool {
		return strings.HasPrefix(cb.Start, "2026-06-01") && strings.Contains(cb.Reason, "Shall I go on looking?")
	}) {
		t.Errorf("%+v", w.callbackViews())
	}
	w.log("JO1 lost")
	w.log("JO2 lost")
	all, _ := view.Outbox(w.r)
	n := 0
	for _, l := range all {
		if l.Letter == "not-taken-submitted" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d letters", n)
	}
}

// TestPlacedByInterviewsOrder: a placement without a submittal fills the order of the latest interview.
func TestPlacedByInterviewsOrder(t *testing.T) {
	t.Parallel()
	w := interviewDesk(t)
	w.log("jane@acme.example job: Welder, fee 20% terms signed, salary 50k")
	w.log("li@post.example interview thu 5 march 3pm phone +44 20 7946 0020 with Dana Reed for JO1")
	w.at("2026-03-09", "09:00")
	w.log("li@post.example placed, start 16 march")
	if o, err := view.Order(w.r, "JO1"); err != nil || o.Status != "filled" || w.figure("orders", "placements") != "1/0" {
		t.Errorf("%+v %v", o, err)
	}
}
