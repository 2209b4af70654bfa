package daemon

import (
	"testing"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
)

// TestPartsOfListings holds what --limit and --since leave of a listing.
func TestPartsOfListings(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"ann@a.example spoke, call 2026-03-09", "bob@b.example left message, call 2026-03-11", "cat@c.example is dm"} {
		w.log(line)
	}
	w.at("2026-03-04", "10:00")
	w.log("ann@a.example no answer")
	touches := func(contact string, p view.Part) (out []string) {
		t.Helper()
		ts, err := view.Touches(w.r, contact, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range ts {
			out = append(out, x.Contact+" "+x.Outcome)
		}
		return out
	}
	for _, c := range []struct {
		got  []string
		want int
		last string
	}{
		{touches("", view.Part{}), 3, "ann@a.example no-answer"},
		{touches("", view.Part{Limit: 1}), 1, "ann@a.example no-answer"}, // the latest
		{touches("", view.Part{Since: "2026-03-03"}), 1, "ann@a.example no-answer"},
		{touches("ann@a.example", view.Part{Limit: 1}), 1, "ann@a.example no-answer"},
		{touches("bob@b.example", view.Part{Since: "2026-03-03"}), 0, ""},
	} {
		if len(c.got) != c.want || c.want > 0 && c.got[len(c.got)-1] != c.last {
			t.Errorf("%q, want %d up to %q", c.got, c.want, c.last)
		}
	}
	if cs, err := view.Contacts(w.r, "", view.Part{Since: "2026-03-03"}); err != nil || len(cs) != 1 || cs[0].Email != "ann@a.example" {
		t.Errorf("%v %v", cs, err)
	}
	if cs, err := view.Contacts(w.r, "", view.Part{Limit: 2}); err != nil || len(cs) != 2 {
		t.Errorf("%v %v", cs, err)
	}
	all, err := view.Callbacks(w.r, false, view.Part{})
	if err != nil || len(all) < 2 {
		t.Fatal(len(all), err)
	}
	if first, err := view.Callbacks(w.r, false, view.Part{Limit: 1}); err != nil || len(first) != 1 || first[0].Start != all[0].Start {
		t.Errorf("%v %v", first, err)
	}
	later, err := view.Callbacks(w.r, false, view.Part{Since: "2026-03-11"})
	if err != nil || len(later) == 0 || len(later) >= len(all) {
		t.Errorf("%d of %d, %v", len(later), len(all), err)
	}
	for _, bad := range []view.Part{{Limit: -1}, {Since: "soon"}} {
		if _, err := view.Touches(w.r, "", bad); !desk.IsUserError(err) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
