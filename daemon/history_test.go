package daemon

import (
	"context"
	"strings"
	"testing"

	"fifthcall/daemon/door/view"
	"fifthcall/daemon/work/imports"
)

const historyFile = `date,kind,email,name,company,role,note,order,title,status
2025-11-03,spoke,jane@acme.example,Jane Miller,Acme Robotics,dm,"two openings in spring",,,
2025-11-10,order,jane@acme.example,,,,fee 22% terms signed,V17,Welder,filled
2026-02-20,order,jane@acme.example,,,,,V18,Fitter,
2025-11-12,submittal,li@post.example,Li Sato,,candidate,,V17,,
2026-01-15T10:30:00Z,left-message,jane@acme.example,,,,,,,
`

// TestHistory: a dry run changes nothing, the file is taken in whole or not at all, and again changes nothing.
func TestHistory(t *testing.T) {
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	in := func(data string, dry bool) (imports.HistoryView, error) {
		return imports.ImportHistory(context.Background(), w.r, imports.HistoryRequest{Data: data, Dry: dry})
	}
	v, err := in(historyFile, true)
	if err != nil || v.Contacts != 2 || v.Touches != 2 || v.Orders != 2 || v.Submittals != 1 {
		t.Fatalf("%+v %v", v, err)
	}
	if n := len(list(t, w.r)); n != 0 {
		t.Fatalf("a dry run made %d contacts", n)
	}
	if _, err := in(historyFile+"2026-01-16,spke,bad,,,,,,,\n", false); err == nil || !strings.Contains(err.Error(), "line 7") || len(list(t, w.r)) != 0 {
		t.Errorf("%v", err)
	}
	if v, err = in(historyFile, false); err != nil || v.Contacts != 2 || v.Touches != 2 {
		t.Fatalf("%+v %v", v, err)
	}
	if v, err = in(historyFile, false); err != nil || v.Contacts+v.Touches+v.Orders+v.Submittals != 0 || v.Known != 5 {
		t.Errorf("again: %+v %v", v, err)
	}
	c := w.contact("jane@acme.example")
	if c.Name != "Jane Miller" || c.Touches != 2 || !strings.HasPrefix(c.LastConversation, "2025-11-03") {
		t.Errorf("%+v", c)
	}
	orders, err := view.Orders(w.r, true)
	if err != nil || len(orders) != 2 || orders[0].Title != "Welder" || orders[0].Status != "filled" || len(orders[0].Submittals) != 1 || orders[1].Status != "open" || orders[1].Company != "Acme Robotics" {
		t.Errorf("%+v %v", orders, err)
	}
	if cb := w.callback("jane@acme.example"); cb.Status != "open" {
		t.Errorf("%+v", cb)
	}
}
