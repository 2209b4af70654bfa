package daemon

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/daemon/work/sales"
)

// TestBusyCalendars: a meeting in a subscribed calendar moves callbacks out of its way, and the morning mail says so.
func TestBusyCalendars(t *testing.T) {
	events, asked, unchanged := "", 0, 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		tag := fmt.Sprintf("%q", fmt.Sprint(len(events)))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			unchanged++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = fmt.Fprintf(w, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n%sEND:VCALENDAR\r\n", events)
	}))
	defer srv.Close()
	w := newWorld(t)
	w.restart("2026-03-02", "12:30", func(c *config.Config) {
		c.Desks[0].Calendar.Busy, c.Desks[0].Calendar.Private = []string{srv.URL + "/SECRET.ics"}, true
	})
	w.writeTo(jane)
	w.writeTo("Tom Reed <tom@globex.example>")
	w.log("jane@acme.example dm")
	w.log("jane@acme.example vm") // in two working days, by the rules
	w.log("tom@globex.example call 4 march 3pm")
	before := w.callback("jane@acme.example")
	if !strings.HasPrefix(before.Start, "2026-03-04") {
		t.Fatalf("%+v", before)
	}
	at, _ := time.Parse(time.RFC3339, before.Start)
	events = "BEGIN:VEVENT\r\nUID:m\r\nDTSTART:" + at.UTC().Add(-10*time.Minute).Format("20060102T150405Z") + "\r\nDTEND:" + at.UTC().Add(40*time.Minute).Format("20060102T150405Z") + "\r\nSUMMARY:Board\r\nEND:VEVENT\r\n"
	w.pass()
	after := w.callback("jane@acme.example")
	moved, _ := time.Parse(time.RFC3339, after.Start)
	if !moved.After(at.Add(-10*time.Minute)) && !moved.Before(at) || after.Sequence <= before.Sequence || after.EventUID != before.EventUID || moved.Equal(at) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if cb := w.callback("tom@globex.example"); cb.Start != "2026-03-04T15:00:00Z" {
		t.Errorf("an agreed time stands: %+v", cb)
	}
	w.pass()
	if asked < 3 || unchanged == 0 || w.callback("jane@acme.example").Sequence != after.Sequence {
		t.Errorf("asked %d, unchanged %d", asked, unchanged)
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	if body := text(w.morningMail()); !strings.Contains(body, "1 callback made way for meetings") {
		t.Errorf("%s", body)
	}
	w.restart("2026-03-03", "09:00") // known again without asking
	if len(w.r.Current().Hours.Busy) != 1 {
		t.Errorf("%+v", w.r.Current().Hours.Busy)
	}
	srv.Close()
	w.at("2026-03-05", "07:30")
	w.pass()
	if body := text(w.morningMail()); !strings.Contains(strings.Join(strings.Fields(body), " "), "has not been read since") || strings.Contains(body, "SECRET") {
		t.Errorf("%s", body)
	}
}

// TestBusyAddresses: private addresses, redirects to them, and what is no calendar are refused, and no address is told.
func TestBusyAddresses(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/html":
			_, _ = fmt.Fprint(w, "<html>sign in</html>")
		case "/huge":
			_, _ = fmt.Fprint(w, "BEGIN:VCALENDAR\r\n"+strings.Repeat("X-FILL:0123456789012345678901234567890123456789\r\n", 250_000))
		case "/loop":
			http.Redirect(w, r, "/loop?SECRET", http.StatusFound)
		default:
			http.Error(w, "no", http.StatusForbidden)
		}
	}))
	defer srv.Close()
	for path, c := range map[string]struct {
		private bool
		want    string
	}{
		"/x?SECRET":    {false, "a private network"},
		"/html?SECRET": {true, "no calendar"},
		"/huge?SECRET": {true, "over 8 MB"},
		"/loop?SECRET": {true, "redirects too often"},
		"/x?SECRETS":   {true, "403"},
	} {
		var bc book.BusyCalendar
		err := agenda.Read(context.Background(), &bc, agenda.BusyClient(c.private), srv.URL+path, testNow, &config.Rules{Zone: time.UTC})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, a := range []string{"10.1.2.3", "192.168.0.1", "169.254.169.254", "127.0.0.1", "::1", "fd00::1", "fe80::1", "100.64.0.1", "0.0.0.0", "224.0.0.1"} {
		if agenda.PublicAddress(mustAddr(t, a)) {
			t.Errorf("%s is taken for public", a)
		}
	}
	if !agenda.PublicAddress(mustAddr(t, "8.8.8.8")) {
		t.Error("8.8.8.8 is public")
	}
}

func mustAddr(t *testing.T, s string) netip.Addr {
	t.Helper()
	a, err := netip.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestHiddenFeed: a feed for calendars that others can see has times and initials, and an address of its own.
func TestHiddenFeed(t *testing.T) {
	w := interviewDesk(t)
	w.log("li@post.example interview tue 10 march 3pm phone +44 20 7946 0020 with Dana Reed")
	w.log("jane@acme.example call tomorrow 10am, about the salary")
	w.pass()
	full, err := w.feedURL(w.r, agenda.FeedFull)
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := w.feedURL(w.r, agenda.FeedHidden)
	if err != nil || hidden.URL == full.URL {
		t.Fatalf("%v %v", hidden, err)
	}
	_, tok, _ := strings.Cut(hidden.URL, "/feed/")
	f, ok, err := feedSource{w.Daemon}.Feed(strings.TrimSuffix(tok, ".ics"))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	body, _, err := f.Render()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(body), "\r\n ", "")
	for _, bad := range []string{"Jane", "Miller", "Sato", "acme", "post.example", "salary", "7946", "mailto:"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in it:\n%s", bad, text)
		}
	}
	for _, want := range []string{"SUMMARY:Call J.M.", "SUMMARY:Prep call L.S.", "DTSTART:20260303T100000Z"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it:\n%s", want, text)
		}
	}
	if err := agenda.Rotate(context.Background(), w.r); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := (feedSource{w.Daemon}).Feed(strings.TrimSuffix(tok, ".ics")); ok {
		t.Error("the old address still opens it")
	}
}

// feedText is the feed that an address leads to, its lines unfolded.
func (w *world) feedText(url string, err error) string {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	_, tok, _ := strings.Cut(url, "/feed/")
	f, ok, err := feedSource{w.Daemon}.Feed(strings.TrimSuffix(tok, ".ics"))
	if err != nil || !ok {
		w.t.Fatal(ok, err)
	}
	body, _, err := f.Render()
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.ReplaceAll(string(body), "\r\n ", "")
}

// TestTeamAndSalesFeeds: colleagues see when and whom, no notes, candidates as initials; sales days have a feed of their own; and times
// can be written in the desk's zone.
func TestTeamAndSalesFeeds(t *testing.T) {
	w := newWorld(t)
	w.restart("2026-03-02", "12:30", func(c *config.Config) {
		second := c.Desks[0]
		second.Name, second.Email, second.Team = "kim", "kim@firm.example", "North"
		c.Desks[0].Team, c.Desks[0].Calendar.Times = "north", "zone"
		c.Desks = append(c.Desks[:1:1], second)
	})
	kim := w.Daemon.desks[1]
	if _, err := command.LogText(context.Background(), w.r, "jane@acme.example call 3 april 10am, SECRET salary", w.now); err != nil {
		t.Fatal(err)
	}
	w.log("jane@acme.example dm")
	w.log("jane@acme.example note SECRET")
	for _, text := range []string{"li@post.example call 4 march 11am", "li@post.example candidate"} {
		if _, err := command.LogText(context.Background(), kim, text, w.now); err != nil {
			t.Fatal(err)
		}
	}
	name := "Li Sato"
	if _, err := view.SetContact(context.Background(), kim, people.ContactChange{Who: "li@post.example", Name: &name}); err != nil {
		t.Fatal(err)
	}
	u, err := w.teamURL("NORTH")
	team := w.feedText(u.URL, err)
	for _, want := range []string{"SUMMARY:sam: Call jane@acme.example", "SUMMARY:kim: Call L.S.", "DTSTART;TZID=Europe/London:20260403T100000", "BEGIN:VTIMEZONE\r\nTZID:Europe/London"} {
		if !strings.Contains(team, want) {
			t.Errorf("%q is not in\n%s", want, team)
		}
	}
	for _, bad := range []string{"SECRET", "Sato", "post.example", "mailto:"} {
		if strings.Contains(team, bad) {
			t.Errorf("%q is in\n%s", bad, team)
		}
	}
	if strings.Count(team, "BEGIN:VTIMEZONE") != 1 || strings.Index(team, "BEGIN:VTIMEZONE") > strings.Index(team, "BEGIN:VEVENT") {
		t.Errorf("one zone, before the events:\n%s", team)
	}
	if err := agenda.Rotate(context.Background(), kim); err != nil {
		t.Fatal(err)
	}
	if again, err := w.teamURL("north"); err != nil || again == u {
		t.Errorf("rotated, and the same: %v", err)
	}
	if _, err := w.teamURL("sout"); err == nil || !strings.Contains(err.Error(), "no desk's team is named") {
		t.Errorf("%v", err)
	}
	if err := w.r.Update(context.Background(), func(tx *store.Tx, _ desk.Env) error { return tx.SetMark(desk.MarkStarted, "2026-01-01T00:00:00Z") }); err != nil {
		t.Fatal(err)
	}
	if err := sales.PlanSales(context.Background(), w.r, w.now); err != nil {
		t.Fatal(err)
	}
	u, err = w.feedURL(w.r, agenda.FeedSales)
	if sales := w.feedText(u.URL, err); !strings.Contains(sales, "SUMMARY:Sales day 1: overdue calls") || strings.Contains(sales, "Call jane") {
		t.Errorf("%s", sales)
	}
}
