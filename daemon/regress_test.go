package daemon

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/command"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/work/imports"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox"
)

// TestHoursChangedWhileStopped: at the next start callbacks move out of what is no working time any more.
func TestHoursChangedWhileStopped(t *testing.T) {
	ctx := context.Background()
	cfg := testConfig(t, t.TempDir(), "sam", 1)
	for i, change := range []func(){
		func() {},
		func() { cfg.Desks[0].Timezone = "America/New_York" },
		func() { cfg.Desks[0].Hours.Holidays = []string{"2026-03-04", "03-05"} },
		func() { cfg.Desks[0].Hours.Friday = nil },
	} {
		change()
		d, err := Open(cfg, Options{Clock: fixedClock(testNow)})
		if err != nil {
			t.Fatal(err)
		}
		r := d.desks[0]
		if i == 0 {
			var csv strings.Builder
			csv.WriteString("name,email,role\n")
			for n := range 80 {
				fmt.Fprintf(&csv, "P%d,p%d@x%d.example,dm\n", n, n, n)
			}
			if _, err := imports.ImportContacts(ctx, r, []byte(csv.String())); err != nil {
				t.Fatal(err)
			}
		}
		if err := daily(ctx, r, testNow); err != nil {
			t.Fatal(err)
		}
		cbs, err := view.Callbacks(r, false, view.Part{})
		if err != nil || len(cbs) != 80 {
			t.Fatal(len(cbs), err)
		}
		seen := map[string]bool{}
		for _, cb := range cbs {
			at, err := time.Parse(time.RFC3339, cb.Start)
			if err != nil {
				t.Fatal(err)
			}
			ok := false
			local := at.In(r.Current().Zone)
			for _, s := range r.Current().Hours.Slots(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)) {
				ok = ok || s.Equal(at)
			}
			if !ok || seen[cb.Start] {
				t.Errorf("change %d: %s lies outside the hours, or twice", i, cb.Start)
			}
			seen[cb.Start] = true
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFolderGone: a folder that is read no more is no trouble; a mailbox that isn't read is.
func TestFolderGone(t *testing.T) {
	now := testNow
	d, err := Open(testConfig(t, t.TempDir(), "sam", 1), Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r := d.desks[0]
	read := func(folders ...string) {
		for _, f := range folders {
			watch.Report(r, mailbox.Event{Folder: f, Read: true})
		}
		watch.Report(r, mailbox.Event{Folders: folders})
	}
	read("Sent", "INBOX", "Clients")
	now = now.Add(65 * time.Minute)
	read("Sent", "INBOX")
	watch.Look(r, now)
	if ok, why := watch.Ready(r, now); !ok || watch.TroubleText(r) != "" {
		t.Errorf("a folder that is gone is trouble: %s, %s", why, watch.TroubleText(r))
	}
	watch.Report(r, mailbox.Event{Folder: "INBOX", Progress: &mailbox.Progress{Folder: "INBOX"}})
	watch.Report(r, mailbox.Event{Err: fmt.Errorf("gone")})
	now = now.Add(2 * time.Hour)
	watch.Look(r, now)
	if ok, _ := watch.Ready(r, now); ok || watch.TroubleText(r) == "" {
		t.Error("a mailbox not read for two hours is no trouble")
	}
	first, _, err := agenda.Feed(r, now)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	watch.Look(r, now)
	if second, _, _ := agenda.Feed(r, now); string(first) != string(second) {
		t.Error("standing trouble changes the feed each minute")
	}
}

// TestAgreedStands: a time agreed with somebody is kept, rule-made callbacks give way, and
// texts of any length leave room for the others.
func TestAgreedStands(t *testing.T) {
	ctx := context.Background()
	_, r := openDesk(t)
	var csv strings.Builder
	fmt.Fprintf(&csv, "name,email,role,notes\nEvil\x1b[2J\x07Bob,bob@x.example,dm,%q\n", strings.Repeat("long ", 100_000))
	for n := range 60 {
		fmt.Fprintf(&csv, "P%d,p%d@x%d.example,dm,\n", n, n, n)
	}
	if _, err := imports.ImportContacts(ctx, r, []byte(csv.String())); err != nil {
		t.Fatal(err)
	}
	cbs, err := view.Callbacks(r, false, view.Part{})
	if err != nil {
		t.Fatal(err)
	}
	taken := cbs[0]
	at, _ := time.Parse(time.RFC3339, taken.Start)
	out, err := command.LogText(ctx, r, "new@acme.example spoke, call "+at.Format("2006-01-02 15:04"), testNow)
	if err != nil || out[0].Next != taken.Start {
		t.Fatalf("agreed for %s, got %+v (%v)", taken.Start, out, err)
	}
	seen := map[string]bool{}
	cbs, _ = view.Callbacks(r, false, view.Part{})
	for _, cb := range cbs {
		if seen[cb.Start] {
			t.Errorf("two at %s", cb.Start)
		}
		seen[cb.Start] = true
		if strings.ContainsAny(cb.Name, "\x1b\x07") {
			t.Errorf("control characters in %q", cb.Name)
		}
	}
	body, modified, err := agenda.Feed(r, testNow)
	if err != nil || strings.Count(string(body), "BEGIN:VEVENT") != len(cbs) {
		t.Errorf("%d of %d callbacks in the feed (%v)", strings.Count(string(body), "BEGIN:VEVENT"), len(cbs), err)
	}
	later := testNow.Add(time.Hour)
	if _, err := command.LogText(ctx, r, "new@acme.example do not contact", later); err != nil {
		t.Fatal(err)
	}
	if _, m, _ := agenda.Feed(r, later); !m.After(modified) {
		t.Error("a callback that went away didn't change Last-Modified")
	}
	if _, err := command.LogText(ctx, r, "new@acme.example snooze friday", later); err == nil {
		t.Error("a callback was opened for somebody who is not to be contacted")
	}
	name := "Renamed Person"
	if v, err := view.SetContact(ctx, r, people.ContactChange{Who: "P1", Name: &name}); err != nil || v.Name != name {
		t.Errorf("%+v %v", v, err)
	}
}
