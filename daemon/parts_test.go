package daemon

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/intake"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/imports"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// massMails are n mails that the recruiter sent to as many people each.
func massMails(n, people int) *mailbox.Batch {
	b := &mailbox.Batch{Folder: "Sent", Sent: true}
	for i := range n {
		at := testNow.Add(-time.Duration(n-i) * time.Minute)
		m := &message.Message{
			Folder: "Sent", UID: message.IMAPUID(i + 1), Identity: fmt.Sprintf("mass-%d", i), MessageID: fmt.Sprintf("mass-%d@firm.example", i),
			Thread: fmt.Sprintf("mass-%d@firm.example", i), Date: at, Subject: "To you all", From: message.Address{Addr: "sam@firm.example"}, Class: message.ClassHuman,
		}
		for k := range people {
			m.To = append(m.To, message.Address{Addr: fmt.Sprintf("p%d@acme%d.example", k, i%50)})
		}
		b.Messages = append(b.Messages, m)
	}
	b.Cursor = &mailbox.Cursor{UIDValidity: 7, Last: message.IMAPUID(n + 3)} // the last ones were quarantined
	b.Quarantined = []mailbox.Quarantine{{UID: message.IMAPUID(n + 2), Reason: "broken"}}
	return b
}

// TestMoreThanOneTransaction: what doesn't fit into one transaction is taken in several, whatever its shape, once.
func TestMoreThanOneTransaction(t *testing.T) {
	for _, shape := range []struct{ mails, people int }{{1500, 20}, {20, 1000}, {1, 8000}} {
		t.Run(fmt.Sprintf("%d mails to %d", shape.mails, shape.people), func(t *testing.T) {
			w := newWorld(t)
			b := massMails(shape.mails, shape.people)
			for range 2 { // the same again changes nothing
				if err := intake.Take(context.Background(), w.r, b); err != nil {
					t.Fatal(err)
				}
			}
			touches, cur := 0, store.Cursor{}
			err := w.r.State.View(func(tx *store.Tx) (err error) {
				if err := tx.AllTouches(func(*desk.Touch) error { touches++; return nil }); err != nil {
					return err
				}
				cur, err = tx.Cursor("Sent")
				return err
			})
			if err != nil || touches != shape.mails*shape.people || cur != (store.Cursor{UIDValidity: 7, Last: uint32(shape.mails + 3)}) {
				t.Errorf("%d touches, cursor %v: %v", touches, cur, err)
			}
		})
	}
}

// TestLongHistory: an import of any length is taken in whole, the same again changes nothing, and one that a kill interrupted goes on
// with the next start, or leaves nothing if it was still being laid aside.
func TestLongHistory(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	var file strings.Builder
	file.WriteString("date,kind,email,name,note\n")
	const lines = 12000
	for i := range lines {
		fmt.Fprintf(&file, "2025-%02d-%02dT10:00:00Z,spoke,p%d@acme%d.example,Pat %d,%s\n", i%12+1, i%28+1, i%3000, i%50, i, strings.Repeat("said much ", 40))
	}
	v, err := imports.ImportHistory(ctx, w.r, imports.HistoryRequest{Data: file.String(), Dry: true})
	if err != nil || v.Contacts != 3000 || v.Touches != lines || len(list(t, w.r)) != 0 {
		t.Fatalf("dry: %+v %v", v, err)
	}
	short := "date,kind,email\n2025-01-02,spoke,jo@acme.example\n2025-01-03,met,jo@acme.example\n"
	rows, _ := imports.ReadHistory(short)
	aside := func(marked bool) {
		t.Helper()
		err := w.r.Update(ctx, func(tx *store.Tx, _ desk.Env) error {
			if marked {
				if err := imports.Marker.Put(tx, imports.ImportMark{Chunks: 1}); err != nil {
					return err
				}
			}
			return imports.PutAside(tx, 0, rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := daily(ctx, w.r, testNow); err != nil {
			t.Fatal(err)
		}
	}
	if aside(false); len(list(t, w.r)) != 0 {
		t.Error("lines that were being laid aside were taken in")
	}
	if aside(true); len(w.touchesOf("jo@acme.example")) != 2 {
		t.Error("an interrupted import didn't go on")
	}
	if v, err = imports.ImportHistory(ctx, w.r, imports.HistoryRequest{Data: file.String()}); err != nil || v.Contacts != 3000 || v.Touches != lines {
		t.Fatalf("%+v %v", v, err)
	}
	if n := len(list(t, w.r)); n != 3001 {
		t.Errorf("%d contacts", n)
	}
	if v, err = imports.ImportHistory(ctx, w.r, imports.HistoryRequest{Data: file.String()}); err != nil || v.Contacts+v.Touches != 0 || v.Known != lines {
		t.Errorf("again: %+v %v", v, err)
	}
}
