package daemon

import (
	"strings"
	"testing"

	"fifthcall/daemon/door/view"
	"fifthcall/daemon/work/reports"
)

// TestClientReview: as a quarter begins, each client's last one stands in the morning mail, in the report, and in a draft to who gave the latest order, once.
func TestClientReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-01-05", "12:30", withSMTP(&w.srv))
	w.pass()
	w.writeTo(jane)
	w.writeTo("Li Sato <li@post.example>")
	w.at("2026-01-12", "09:00")
	w.log("new: Jane Miller <jane@acme.example>, CFO at Acme, decision maker")
	w.log("jane@acme.example job: Welder")
	w.at("2026-01-14", "09:00")
	w.log("li@post.example submitted to JO1")
	w.at("2026-01-15", "09:00")
	w.log("jane@acme.example spoke, likes them")
	w.at("2026-02-11", "09:00")
	w.log("li@post.example placed for JO1, start 2 march")
	w.passes("2026-03-31", "07:30")
	count := func() (n int) {
		all, err := view.Outbox(w.r)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			if o.Letter == "client-review" {
				n++
				if o.State != "draft" && o.State != "drafting" || o.To[0] != "jane@acme.example" {
					t.Errorf("%+v", o)
				}
			}
		}
		return n
	}
	if count() != 0 {
		t.Error("too early")
	}
	w.passes("2026-04-01", "07:30")
	if body := strings.Join(strings.Fields(text(w.morningMail())), " "); !strings.Contains(body, "CLIENTS, LAST QUARTER - Acme: 1 order, 1 filled, 1 submitted, 2.0 days to submit, 1.0 days to feedback, 30.0 days to fill") {
		t.Error(body)
	}
	w.passes("2026-04-01", "10:00")
	w.passes("2026-04-02", "07:30")
	if n := count(); n != 1 {
		t.Errorf("%d letters", n)
	}
	v, err := reports.MakeReport(w.r, reports.ReportRequest{Kind: "clients", Now: w.now})
	if err != nil || v.Since != "2026-01-01" || v.Until != "2026-03-31" || len(v.Figures) != 7 || v.Figures[2].Value != 2 {
		t.Errorf("%+v %v", v, err)
	}
	w.at("2026-09-15", "09:00")
	if v, err = reports.MakeReport(w.r, reports.ReportRequest{Kind: "clients", Now: w.now}); err != nil || v.Figures[len(v.Figures)-1].Value != 1 || v.Figures[len(v.Figures)-1].Evidence[0] != "Acme" {
		t.Errorf("placed once, and silent since: %+v %v", v, err)
	}
}
