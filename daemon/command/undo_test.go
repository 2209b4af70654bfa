package command_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/book/booktest"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
)

// undoDesk is a desk with a client, an order and a candidate.
func undoDesk(t *testing.T) *booktest.Desk {
	d := booktest.Open(t)
	d.Contact("jane@globex.example", func(c *desk.Contact) {
		c.Name, c.Company, c.Phone, c.Roles = "Jane Doe", "Globex", "+44 20 7946 0100", []desk.Role{desk.RoleDecisionMaker}
	})
	d.Contact("kim@post.example", func(c *desk.Contact) { c.Name, c.Roles = "Kim May", []desk.Role{desk.RoleCandidate} })
	say(t, d, "jane@globex.example spoke, call 2w")
	say(t, d, "jane@globex.example req: Engineer at Globex")
	return d
}

func say(t *testing.T, d *booktest.Desk, line string) []book.Result {
	t.Helper()
	d.Now = d.Now.Add(time.Minute)
	out, err := command.LogText(context.Background(), d.Runner, line, d.Now)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return out
}

// lasting are the records of what a desk knows; what only counts, marks a time or tells stays.
func lasting(d *booktest.Desk) map[string]string {
	out := map[string]string{}
	for key, v := range d.Records() {
		if strings.HasPrefix(key, "jjournal:") || strings.Contains("nvsixm", key[:1]) {
			continue
		}
		out[key] = v
	}
	return out
}

// TestUndoByTable says a line, takes it back, and finds the very records that were there before. Calls that were moved or ended are kept
// for calendars' sake (a raised SEQUENCE), so of them only what a person sees counts.
func TestUndoByTable(t *testing.T) {
	for _, line := range []string{
		"jane@globex.example spoke, keen, call 3w",
		"jane@globex.example left message",
		"jane@globex.example no answer",
		"jane@globex.example snooze 1w",
		"jane@globex.example do not contact",
		"jane@globex.example note likes tea",
		"jane@globex.example is hr",
		"jane@globex.example red, lost to a rival",
		"kim@post.example submitted JO1",
		"kim@post.example interview 2026-03-12 10:00 phone with Jane Doe",
		"JO1: salary 60k",
		"JO1 closed",
		"new@initech.example spoke, call 2w",
		"jane@globex.example merge kim@post.example",
	} {
		t.Run(line, func(t *testing.T) {
			d := undoDesk(t)
			before := lasting(d)
			say(t, d, line)
			if maps.Equal(before, lasting(d)) {
				t.Fatal("it changed nothing")
			}
			say(t, d, "undo")
			after := lasting(d)
			for _, key := range slices.Sorted(maps.Keys(before)) {
				if before[key] != after[key] && key[:1] != "k" && key[:1] != "p" {
					t.Errorf("%q\n before %s\n after  %s", key, before[key], after[key])
				}
			}
			for _, key := range slices.Sorted(maps.Keys(after)) {
				if _, had := before[key]; !had && !strings.Contains(after[key], `"cancelled"`) {
					t.Errorf("%q is new: %s", key, after[key])
				}
			}
		})
	}
}

// TestUndoTwice holds that what is taken back stays so: a second undo takes back the command before, and a third finds nothing that it did.
func TestUndoTwice(t *testing.T) {
	d := undoDesk(t)
	say(t, d, "jane@globex.example note likes tea")
	say(t, d, "jane@globex.example note plays chess")
	say(t, d, "undo")
	say(t, d, "undo")
	d.Do(func(tx *book.Tx) error {
		c, err := tx.ContactByEmail("jane@globex.example")
		if err == nil && len(c.Notes) > 0 {
			t.Errorf("%q", c.Notes)
		}
		return err
	})
}
