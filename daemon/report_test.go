package daemon

import (
	"fmt"
	"strings"
	"testing"

	"fifthcall/daemon/work/reports"
)

// figure is one number of a report, as "value/of".
func (w *world) figure(kind, name string) string {
	w.t.Helper()
	v, err := reports.MakeReport(w.r, reports.ReportRequest{Kind: kind, Now: w.now, Since: "2026-03-01", Until: "2026-03-31"})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range v.Figures {
		if f.Name == name {
			if f.Unit == "" && f.Value == float64(int(f.Value)) && strings.Contains(name, "_") && f.Of > 0 && len(f.Evidence) != int(f.Value) {
				w.t.Errorf("%s: %v stands on %v", name, f.Value, f.Evidence)
			}
			return fmt.Sprintf("%g/%g", f.Value, f.Of)
		}
	}
	w.t.Fatalf("no figure %s in %+v", name, v.Figures)
	return ""
}

// TestReports: each number is what the log says, and can be opened to its evidence.
func TestReports(t *testing.T) {
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.writeTo(jane)
	w.writeTo("Tom Reed <tom@globex.example>")
	w.writeTo("Li Sato <li@post.example>")
	w.writeTo("Ann Moor <ann@mail.example>")
	w.log("jane@acme.example dm")
	w.log("tom@globex.example dm")
	w.log("li@post.example candidate")
	w.log("ann@mail.example candidate")

	w.log("li@post.example spoke, call 4 march")  // promised, and kept
	w.log("ann@mail.example spoke, call 4 march") // promised, and late
	w.at("2026-03-02", "10:00")
	reply := func(who, subject, id string) {
		w.put("INBOX", w.mail(who, "sam@firm.example", subject, "Hello", "Message-Id: <"+id+"@x>"))
		w.pass()
	}
	reply("Li Sato <li@post.example>", "In time", "a")
	reply("Ann Moor <ann@mail.example>", "Too late", "b")
	reply("Li Sato <li@post.example>", "Never", "c")
	w.at("2026-03-03", "09:30")
	w.put("Sent", w.mail("Sam <sam@firm.example>", "li@post.example", "Re: In time", "Yes", "In-Reply-To: <m5@test>"))
	w.pass()
	w.at("2026-03-04", "11:00")
	w.log("li@post.example na") // a try keeps the promise
	w.at("2026-03-06", "11:00")
	w.log("ann@mail.example spoke, call 9 march") // late; it answers her mail as well, late
	w.at("2026-03-10", "12:00")                   // the call of the 9th was missed
	w.log("jane@acme.example na")
	w.log("jane@acme.example vm")
	w.log("jane@acme.example spoke")
	w.log("jane@acme.example job: Welder, must have papers, fee 22% terms signed, salary 50k, interviews 12 March")
	w.at("2026-03-12", "12:00")
	w.log("li@post.example submitted to JO1")
	for name, want := range map[string]string{
		"calls_kept": "1/3", "calls_late": "1/3", "calls_missed": "1/3", "calls_open": "0/3",
	} {
		if got := w.figure("litmus", name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if late, never := w.figure("litmus", "answers_late"), w.figure("litmus", "answers_unanswered"); !strings.HasPrefix(late, "1/") || never == "0/3" {
		t.Errorf("late %s, never %s", late, never)
	}
	for name, want := range map[string]string{"conversations": "4/0", "new_decision_makers": "1/0", "orders_opened": "1/0", "submittals": "1/0", "tries": "3/0"} {
		if got := w.figure("activity", name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := w.figure("persistence", "conversation_after_4"); got != "1/3" { // Jane: a mail, two tries, the call
		t.Errorf("persistence: %s", got)
	}
	if got := w.figure("orders", "coverage"); got != "1/1" {
		t.Errorf("coverage: %s", got)
	}
	if got := w.figure("lights", "2026-03_green"); got != "1/2" {
		t.Errorf("lights: %s", got)
	}
	if _, err := reports.MakeReport(w.r, reports.ReportRequest{Kind: "litmuss", Now: w.now}); err == nil || !strings.Contains(err.Error(), "did you mean") {
		t.Errorf("%v", err)
	}
	for _, kind := range reports.ReportKinds() {
		v, err := reports.MakeReport(w.r, reports.ReportRequest{Kind: kind, Now: w.now})
		if err != nil || len(v.Figures) == 0 || len(v.Explain) == 0 {
			t.Errorf("%s: %+v %v", kind, v, err)
		}
	}
}
