package daemon

import (
	"context"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// TestAskedBackInCalendar: what a note in the calendar is asked back for has changed nothing, as with the same words by mail.
func TestAskedBackInCalendar(t *testing.T) {
	w := interviewDesk(t)
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 0, time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC), "Interview Li Sato", "https://meet.example/j/1", "Sam <sam@firm.example>", li))
	w.pass()
	w.pass()
	w.log("job: Welder, Acme Robotics")
	w.log("job: Fitter, Acme Robotics")
	w.log("li@post.example submitted JO1")
	w.log("li@post.example submitted JO2")
	interviews := func() (states []string) {
		err := w.r.State.View(func(tx *store.Tx) error {
			all, err := tx.Interviews()
			for _, iv := range all {
				states = append(states, string(iv.Status))
			}
			es, err2 := tx.Enrolments("")
			for _, e := range es {
				states = append(states, e.Sequence+" "+string(e.State))
			}
			ps, err3 := book.Placements(tx)
			if err != nil || err2 != nil || err3 != nil || len(ps) > 0 {
				t.Errorf("%v %v %v, %d placements", err, err2, err3, len(ps))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return states
	}
	before := strings.Join(interviews(), "|")
	c := w.calendarOf()
	at := c.find("Prep call")
	if res := c.change(at, noted("placed, start 1 april")); res.StatusCode/100 != 2 {
		t.Fatal(res.Status)
	}
	if after := strings.Join(interviews(), "|"); after != before {
		t.Errorf("before %s\nafter %s", before, after)
	}
	if n := strings.Join(w.news(), "\n"); !strings.Contains(n, "was not done") || !strings.Contains(n, "placed for which order") {
		t.Errorf("%s", n)
	}
}

// TestUndoTakesTheLatest: undo takes back what was done last, whichever command of the shell did it.
func TestUndoTakesTheLatest(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		do   func(w *world) error
		was  func(w *world) bool // the thing is undone
	}{
		{"orders set", func(w *world) error { _, err := view.SetOrder(ctx, w.r, "JO1", "fee 25%"); return err }, func(w *world) bool {
			o, err := view.Order(w.r, "JO1")
			return err == nil && len(o.Facts) == 0
		}},
		{"orders set, closed", func(w *world) error { _, err := view.SetOrder(ctx, w.r, "jo1", "lost to a competitor"); return err }, func(w *world) bool {
			o, err := view.Order(w.r, "JO1")
			return err == nil && o.Status == string(desk.OrderOpen)
		}},
		{"contacts set", func(w *world) error {
			_, err := view.SetContact(ctx, w.r, people.ContactChange{Who: "jane@acme.example", Phone: ptr("+44 20 7946 0018"), Fields: map[string]string{"language": "de"}})
			return err
		}, func(w *world) bool {
			return w.contact("jane@acme.example").Phone == ""
		}},
		{"contacts merge", func(w *world) error {
			_, err := view.Merge(ctx, w.r, "jane@acme.example", "li@post.example")
			return err
		}, func(w *world) bool {
			return w.contact("li@post.example").Email == "li@post.example"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := interviewDesk(t)
			w.log("job: Welder, Acme Robotics")
			w.log("jane@acme.example note likes golf")
			if err := c.do(w); err != nil {
				t.Fatal(err)
			}
			w.log("undo")
			if !c.was(w) {
				t.Error("it stands")
			}
			if n := w.contact("jane@acme.example").Notes; len(n) != 1 {
				t.Errorf("the word before it was taken back: %q", n)
			}
		})
	}
}
