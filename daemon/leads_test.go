package daemon

import (
	"strings"
	"testing"

	"fifthcall/daemon/door/view"
)

// TestLeads: who is named in a reply becomes a lead with its source and a first call; undo takes that back; without a number or an address it is asked.
func TestLeads(t *testing.T) {
	t.Parallel()
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 spoke, referred Li Sato <li@initech.example>, HR director at Initech\r\n2 lead: Ann Bell, CFO at Muster\r\n")
	w.pass()
	all, err := view.Leads(w.r)
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v %v", all, err)
	}
	li := w.contact("li@initech.example")
	if li.Name != "Li Sato" || li.Company != "Initech" {
		t.Errorf("%+v", li)
	}
	for _, l := range all {
		switch l.Name {
		case "Li Sato":
			if l.NamedBy != "jane@acme.example" || !strings.HasPrefix(l.Next, "2026-03-04T09") {
				t.Errorf("%+v", l)
			}
		case "Ann Bell":
			if l.NamedBy != "tom@globex.example" || l.Next != "" {
				t.Errorf("%+v", l)
			}
		}
	}
	w.passes("2026-03-04", "07:30")
	body := strings.Join(strings.Fields(text(w.morningMail())), " ")
	if !strings.Contains(body, "Call lead Li Sato") || !strings.Contains(body, "named by Jane Miller") || !strings.Contains(body, "How can Ann Bell be reached, named by Tom Reed") {
		t.Errorf("%s", body)
	}
	next := w.morningMail()
	w.answer(next, "Sent", w.number(next, "How can Ann Bell")+" number 020 7946 0018\r\n"+w.number(next, "Call lead Li Sato")+" spoke, keen\r\n")
	w.pass()
	if all, err = view.Leads(w.r); err != nil || all[0].Next == "" && all[1].Next == "" {
		t.Errorf("who can be reached now is called: %+v %v", all, err)
	}
	spoken := 0
	for _, l := range all {
		if l.Spoken != "" {
			spoken++
		}
	}
	if spoken != 1 {
		t.Errorf("%+v", all)
	}
	if got := w.figure("activity", "leads_named"); got != "2/0" {
		t.Errorf("leads named: %s", got)
	}
	w.answer(m, "Sent", "undo 2\r\n")
	w.pass()
	if all, _ = view.Leads(w.r); len(all) != 1 {
		t.Errorf("after undo: %+v", all)
	}
}

// TestLeaver: a decision maker who leaves is two leads: who comes after them, at the same company, and they themselves at the new employer, whose line goes on.
func TestLeaver(t *testing.T) {
	t.Parallel()
	w, m := dayStart(t)
	w.log("jane@acme.example dm")
	w.answer(m, "Sent", "1 left the company\r\n")
	w.pass()
	w.passes("2026-03-04", "07:30")
	next := w.morningMail()
	n := w.number(next, "Jane Miller has left")
	w.answer(next, "Sent", n+" lead: Bo Lee <bo@acme.example>\r\n"+n+" now at Globex, jane@globex.example\r\n")
	w.pass()
	if bo := w.contact("bo@acme.example"); bo.Name != "Bo Lee" || bo.Company != w.contact("jane@globex.example").Company && bo.Company == "Globex" {
		t.Errorf("%+v", bo)
	}
	c := w.contact("jane@globex.example")
	if c.Company != "Globex" || c.Status != "active" || c.Touches == 0 {
		t.Errorf("%+v", c)
	}
	if cb := w.callback("jane@globex.example"); cb.Status != "open" {
		t.Errorf("a decision maker is owed a call at the new employer, too: %+v", cb)
	}
}
