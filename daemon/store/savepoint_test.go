package store

import (
	"fmt"
	"testing"
	"time"

	"fifthcall/daemon/desk"
)

// TestSavepoint: what was written behind a savepoint is gone after a rollback, what was written before it, in the same transaction or an earlier one, is there.
func TestSavepoint(t *testing.T) {
	st, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	d := st.Desk("sam")
	put := func(tx *Tx, id, company string) {
		t.Helper()
		if err := tx.PutContact(&desk.Contact{ID: id, Emails: []string{id + "@x.example"}, Company: company, Status: desk.StatusActive}); err != nil {
			t.Fatal(err)
		}
	}
	state := func(tx *Tx) string {
		t.Helper()
		all, err := tx.Contacts()
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, c := range all {
			ts, err := tx.Touches(c)
			if err != nil {
				t.Fatal(err)
			}
			cb, err := tx.Callback(c.ID)
			if err != nil {
				t.Fatal(err)
			}
			out += fmt.Sprintf("%s %s %d %v, ", c.ID, c.Company, len(ts), cb.Open())
		}
		orders, err := tx.Orders()
		if err != nil {
			t.Fatal(err)
		}
		calls, err := tx.Calls()
		if err != nil {
			t.Fatal(err)
		}
		owner, err := tx.ContactByEmail("new@x.example")
		if err != nil {
			t.Fatal(err)
		}
		return out + fmt.Sprintf("%d orders, %d calls, new %v", len(orders), len(calls), owner != nil)
	}
	if err := d.Update(func(tx *Tx) error { put(tx, "old", "Acme"); return nil }); err != nil {
		t.Fatal(err)
	}
	var want string
	err = d.Update(func(tx *Tx) error {
		put(tx, "mid", "Initech")
		c, _ := tx.Contact("old")
		c.Company = "Globex"
		put(tx, "old", "Globex")
		_ = tx.AddTouch(&desk.Touch{ID: "t1", Contact: "old", Time: time.Unix(1, 0)})
		want = state(tx)
		sp, err := tx.Savepoint()
		if err != nil {
			return err
		}
		put(tx, "new", "Muster")
		put(tx, "mid", "Changed")
		c, _ = tx.Contact("old")
		c.Company = "Mutated"
		_ = tx.AddTouch(&desk.Touch{ID: "t2", Contact: "old", Time: time.Unix(2, 0)})
		_ = tx.DropTouch("old", "t1")
		_ = tx.PutCallback(&desk.Callback{UID: "u", Contact: "old", Status: desk.CallbackOpen})
		_ = tx.PutCall(&desk.Callback{UID: "v", Contact: "old", Status: desk.CallbackOpen})
		_ = tx.PutOrder(&desk.JobOrder{Number: 1, Status: desk.OrderOpen})
		if state(tx) == want {
			t.Error("nothing was changed")
		}
		if err := sp.Rollback(); err != nil {
			return err
		}
		if got := state(tx); got != want {
			t.Errorf("rolled back: %s, want %s", got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.View(func(tx *Tx) error {
			if got := state(tx); got != want {
				t.Errorf("committed: %s, want %s", got, want)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}
