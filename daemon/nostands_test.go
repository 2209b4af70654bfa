package daemon

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fifthcall/daemon/door/view"
)

// TestNoStands: what the recruiter took off her desk, a letter or a call of an interview, stays so whatever facts, days or programs
// change behind it.
func TestNoStands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := interviewDesk(t)
		start := time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
		seq, uid := 0, "i1@acme"
		invite := func(method string) {
			w.put("INBOX", w.invite(jane, uid, method, seq, start, "Interview Li Sato – Senior Go developer", "https://meet.example/j/1", "Sam <sam@firm.example>", li))
			seq++
		}
		both := func() { w.pass(); w.pass() }
		invite("REQUEST")
		both()
		refusedLetter, refusedCall := "", ""
		if rapid.Bool().Draw(rt, "letter") {
			refusedLetter = "confirmation"
			for _, o := range w.letters() {
				if o.Letter == refusedLetter {
					if _, err := view.OutboxDo(context.Background(), w.r, "cancel", o.ID); err != nil {
						rt.Fatal(err)
					}
				}
			}
			both()
		} else {
			refusedCall = "prep"
			w.prepDone("cancel")
		}
		for range rapid.IntRange(1, 5).Draw(rt, "changes") {
			switch rapid.IntRange(0, 4).Draw(rt, "change") {
			case 0:
				w.log(fmt.Sprintf("li@post.example link https://meet.example/j/%d", rapid.IntRange(2, 9).Draw(rt, "link")))
			case 1:
				w.log("li@post.example dress smart")
			case 2:
				start = start.AddDate(0, 0, rapid.IntRange(1, 5).Draw(rt, "days"))
				invite("REQUEST")
			case 3: // off, and arranged anew under another UID
				invite("CANCEL")
				w.pass()
				uid, start = uid+"x", start.AddDate(0, 0, 1)
				invite("REQUEST")
			case 4:
				w.now = w.now.Add(20 * time.Hour)
			}
			both()
			for _, o := range w.letters() {
				if refusedLetter != "" && o.Letter == refusedLetter && o.State != "cancelled" {
					rt.Fatalf("the letter is back: %+v", o)
				}
			}
			cbs, err := view.Callbacks(w.r, false, view.Part{})
			if err != nil {
				rt.Fatal(err)
			}
			for _, cb := range cbs {
				if cb.Rule == refusedCall && strings.Contains(cb.Contact, "li@") {
					rt.Fatalf("the call is back: %+v", cb)
				}
			}
		}
	})
}

// prepDone says a word about the prep call in a mail that lists it.
func (w *world) prepDone(word string) {
	w.t.Helper()
	cbs, err := view.Callbacks(w.r, false, view.Part{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, cb := range cbs {
		if cb.Rule != "prep" {
			continue
		}
		at, err := time.Parse(time.RFC3339, cb.Start)
		if err != nil {
			w.t.Fatal(err)
		}
		w.at(at.Format(time.DateOnly), "07:30")
		w.pass()
		ms := w.inbox()
		m := ms[len(ms)-1]
		for line := range strings.Lines(text(m)) {
			if n, rest, ok := strings.Cut(strings.TrimSpace(line), ". "); ok && strings.Contains(rest, "Prep") {
				w.now = w.now.Add(time.Minute)
				w.answer(m, "Sent", n+" "+word+"\r\n")
				w.pass()
				return
			}
		}
		w.t.Fatalf("no prep call in\n%s", text(m))
	}
	w.t.Fatalf("no prep call")
}
