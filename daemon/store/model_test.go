package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/store/kv/memory"
)

// seen is what is looked through over and over.
type seen struct {
	Contacts        []desk.Contact
	Touches         map[string][]desk.Touch
	Callbacks, Open []desk.Callback
	Calls           []desk.Callback
	Spoken, Replied []string // by when
}

func look(tx *store.Tx) (s seen, err error) {
	all, err := tx.Contacts()
	if err != nil {
		return s, err
	}
	s.Touches = map[string][]desk.Touch{}
	for _, c := range all {
		s.Contacts = append(s.Contacts, *c)
		ts, err := tx.Touches(c)
		if err != nil {
			return s, err
		}
		if len(ts) > 0 {
			s.Touches[c.ID] = ts
		}
	}
	if s.Callbacks, err = tx.Callbacks(); err != nil {
		return s, err
	}
	open, err := tx.OpenCallbacks()
	for _, cb := range open {
		s.Open = append(s.Open, *cb)
	}
	if err == nil {
		s.Calls, err = tx.Calls()
	}
	for h := 0; h < 40 && err == nil; h += 8 {
		at := firstTouch.Add(time.Duration(h) * time.Hour)
		var spoken, replied []*desk.Contact
		if spoken, err = tx.SpokenSince(at); err != nil {
			break
		}
		replied, err = tx.RepliedSince(at)
		for _, c := range spoken {
			s.Spoken = append(s.Spoken, fmt.Sprint(h, " ", c.ID))
		}
		for _, c := range replied {
			s.Replied = append(s.Replied, fmt.Sprint(h, " ", c.ID))
		}
	}
	if err == nil {
		var n int
		n, err = tx.SpokenTo(desk.RoleDecisionMaker)
		s.Spoken = append(s.Spoken, fmt.Sprint(n))
	}
	return s, err
}

// firstTouch is when the first touches may be.
var firstTouch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// change does something at random in a transaction.
func change(t *rapid.T, tx *store.Tx) error {
	id := fmt.Sprintf("c%d", rapid.IntRange(0, 5).Draw(t, "who"))
	when := firstTouch.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "when")) * time.Hour)
	n := rapid.IntRange(0, 6).Draw(t, "n")
	status := rapid.SampledFrom([]desk.CallbackStatus{desk.CallbackOpen, desk.CallbackDone}).Draw(t, "status")
	c, err := tx.Contact(id)
	if err != nil {
		return err
	}
	if c == nil {
		return tx.PutContact(&desk.Contact{ID: id, Name: "Pat " + id, Emails: []string{id + "@x.example"}, Status: desk.StatusActive, Roles: []desk.Role{rapid.SampledFrom([]desk.Role{desk.RoleDecisionMaker, desk.RoleCandidate}).Draw(t, "role")}})
	}
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		c.AddNote(fmt.Sprint("note ", n))
		return tx.PutContact(c)
	case 1:
		return tx.AddTouch(&desk.Touch{ID: fmt.Sprintf("t%d", n), Contact: c.ID, Time: when, Kind: rapid.SampledFrom([]desk.Kind{desk.KindConversation, desk.KindReply, desk.KindTouch}).Draw(t, "kind"), Note: "said"})
	case 2:
		return tx.DropTouch(c.ID, fmt.Sprintf("t%d", n))
	case 3, 4:
		return tx.PutCallback(&desk.Callback{UID: "u-" + c.ID, Contact: c.ID, Start: when, Status: status})
	case 5:
		return tx.PutCall(&desk.Callback{UID: fmt.Sprintf("p%d", n), Contact: c.ID, Start: when, Status: status, Cause: "x"})
	case 6:
		return tx.Forget(c)
	default:
		other, err := tx.Contact(fmt.Sprintf("c%d", n%6))
		if other == nil || other.ID == c.ID || err != nil {
			return err
		}
		c.Into = other.ID
		other.Merged = append(append(other.Merged, c.ID), c.Merged...)
		return errors.Join(tx.PutContact(c), tx.PutContact(other))
	}
}

var errTakenBack = errors.New("taken back")

// TestModel plays random histories: within a transaction, behind its commit and behind a failed one, what is seen through the model is
// what another store reads anew.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := memory.New()
		open := func() *store.Desk {
			s, err := store.Over(e)
			if err != nil {
				t.Fatal(err)
			}
			return s.Desk("sam")
		}
		d := open()
		for range rapid.IntRange(1, 12).Draw(t, "transactions") {
			var inside seen
			fails := rapid.IntRange(0, 5).Draw(t, "fails") == 0
			looks := rapid.Bool().Draw(t, "looks before")
			err := d.Update(func(tx *store.Tx) (err error) {
				if looks {
					if _, err = look(tx); err != nil {
						return err
					}
				}
				for range rapid.IntRange(1, 6).Draw(t, "changes") {
					if err = change(t, tx); err != nil {
						return err
					}
				}
				inside, err = look(tx)
				if fails {
					err = errTakenBack
				}
				return err
			})
			if err != nil && !errors.Is(err, errTakenBack) {
				t.Fatal(err)
			}
			var behind, anew seen
			if err := d.View(func(tx *store.Tx) (err error) { behind, err = look(tx); return err }); err != nil {
				t.Fatal(err)
			}
			if err := open().View(func(tx *store.Tx) (err error) { anew, err = look(tx); return err }); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(behind, anew) {
				t.Fatalf("behind the commit:\n%+v\nread anew:\n%+v", behind, anew)
			}
			if !fails && fmt.Sprintf("%+v", inside) != fmt.Sprintf("%+v", anew) {
				t.Fatalf("within the transaction:\n%+v\nread anew:\n%+v", inside, anew)
			}
			if err := d.CheckModel(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
