package daemon

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/daemon/work/sales"
)

// TestOwnTextIsNoCommand: programs wrap our lines, decode our links, put older texts back and copy events: none of that logs or notes anything.
func TestOwnTextIsNoCommand(t *testing.T) {
	t.Parallel()
	unfolded := func(s string) string { return strings.ReplaceAll(s, "\r\n ", "") }
	for name, change := range map[string]func(string) string{
		"wrapped behind labels": func(s string) string { return strings.ReplaceAll(unfolded(s), `: mailto:`, `:\nmailto:`) },
		"wrapped at blanks":     func(s string) string { return strings.ReplaceAll(unfolded(s), `you\nSpoke`, `you\n\nSpoke`) },
		"links in brackets":     func(s string) string { return strings.ReplaceAll(unfolded(s), `mailto:`, `<mailto:`) },
		"links decoded": func(s string) string {
			return strings.NewReplacer("%40", "@", "%20", " ").Replace(unfolded(s))
		},
		"as HTML": func(s string) string {
			return strings.NewReplacer(`\nDue`, `<br>\nDue`, `\nMail`, `</p><p>\nMail`).Replace(unfolded(s))
		},
		"doubled blanks": func(s string) string { return strings.ReplaceAll(unfolded(s), ": ", ":  ") },
	} {
		w := morningDesk(t)
		c := w.calendarOf()
		at := c.find("Jane")
		c.change(at, change)
		if n, notes := len(w.touchesOf("jane@acme.example")), w.contact("jane@acme.example").Notes; n != 1 || len(notes) != 0 {
			t.Errorf("%s: %d touches, notes %q", name, n, notes)
		}
		c.change(at, noted("spoke, keen"))
		if w.outcomes("jane@acme.example", "spoke") != 1 {
			t.Errorf("%s: what she writes is heard", name)
		}
	}
	w := morningDesk(t)
	w.writeTo("Li Sato <li@post.example>")
	c := w.calendarOf()
	_, body := c.do("GET", c.find("Jane"), "")
	copied := strings.NewReplacer("UID:", "UID:copy-", "Jane Miller", "Li Sato").Replace(unfolded(body))
	if res, text := c.do("PUT", callbacksPath+"copy.ics", copied); res.StatusCode != http.StatusCreated {
		t.Fatal(res.Status, text)
	}
	for _, who := range []string{"li@post.example", "jane@acme.example"} {
		if notes := w.contact(who).Notes; len(notes) != 0 {
			t.Errorf("a copy of an event is a note of %s: %q", who, notes)
		}
	}
}

// TestPutBack: a client that puts its own version back, or the same bytes again, says nothing anew and moves nothing back.
func TestPutBack(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	c := w.calendarOf()
	at := c.find("Jane")
	_, body := c.do("GET", at, "")
	mine := noted("spoke, keen, call 2w")(body)
	for i, data := range []string{mine, mine, strings.Replace(mine, "BEGIN:VALARM", "BEGIN:VALARM\r\nACKNOWLEDGED:20260302T123000Z", 1)} {
		if res, text := c.do("PUT", at, data); res.StatusCode/100 != 2 {
			t.Fatalf("%d: %s %s", i, res.Status, text)
		}
		if n, cb := w.outcomes("jane@acme.example", "spoke"), w.callback("jane@acme.example"); n != 1 || !strings.HasPrefix(cb.Start, "2026-03-16") {
			t.Errorf("%d: %d conversations, %+v", i, n, cb)
		}
	}
	w.at("2026-03-16", "10:00") // another day the same words are another call
	c.change(at, noted("spoke, keen, call 2w"))
	if n := w.outcomes("jane@acme.example", "spoke"); n != 2 {
		t.Errorf("%d conversations", n)
	}
}

// TestRestored: an event that was deleted, and dismissed, and is put back by the program's own undo is a call again.
func TestRestored(t *testing.T) {
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	c := w.calendarOf()
	at, body := callbacksPath+"li.ics", newEvent("li-1", ":20260306T110000Z", "Call li@post.example", "")
	for i := range 2 {
		if res, text := c.do("PUT", at, body); res.StatusCode != http.StatusCreated {
			t.Fatal(res.Status, text)
		}
		if n := len(w.callbackViews()); n != 1 {
			t.Errorf("round %d: %d calls", i, n)
		}
		c.do("DELETE", at, "")
		w.now = w.now.Add(2 * time.Minute)
		w.pass()
		if n := len(w.callbackViews()); n != 0 {
			t.Errorf("round %d: %d calls after deletion", i, n)
		}
	}
}

// TestOneWriteOneAnswer: what one write did is taken back as one; many notes are one note, and none of a long text is lost.
func TestOneWriteOneAnswer(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	c := w.calendarOf()
	before := w.callback("jane@acme.example").Start
	c.change(c.find("Jane"), func(s string) string { return moveTo("20260312T090000Z")(noted("vm")(s)) })
	w.put("Sent", w.mail("sam@firm.example", "sam@firm.example", "undo", "undo\r\n"))
	w.pass()
	if got := w.callback("jane@acme.example").Start; got != before || w.outcomes("jane@acme.example", "left-message") != 0 {
		t.Errorf("taken back to %s, was %s; %v", got, before, w.news())
	}
	var long []string
	for i := range 90 {
		long = append(long, fmt.Sprintf("point %d of a long list about what they want and why they want it so", i))
	}
	c.change(c.find("Tom"), noted(strings.Join(long, "\n")))
	all := strings.Join(w.contact("tom@globex.example").Notes, "\n")
	for i := range 90 {
		if !strings.Contains(all, fmt.Sprintf("point %d of", i)) {
			t.Fatalf("point %d is lost", i)
		}
	}
	if n := len(w.contact("tom@globex.example").Notes); n != 1 {
		t.Errorf("%d notes", n)
	}
}

// TestTicks: whatever ticks people and keyboards put into a title is done; words are not.
func TestTicks(t *testing.T) {
	for title, want := range map[string]bool{
		"✓ Call Jane": true, "Call Jane ✔️": true, "☑️ Call Jane": true, "Call Jane [x]": true, "Call Jane - done": true, "Call Jane (done)": true, "done: Call Jane": true, "[X] Call Jane": true, "Erledigt: Jane": true,
		"Call Jane about the abandoned role": false, "Call Jane x": false, "Call Donegal": false,
	} {
		if words.Ticked(title) != want {
			t.Errorf("%q: %v", title, !want)
		}
	}
}

// TestMassDeletions: a burst is held whole, however long it goes on and whatever the clock does; so many as are deleted by hand are not.
func TestMassDeletions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		all, deleted int
		gap          time.Duration
		back         bool // the clock is set back in the middle
		held         bool
	}{
		{"a long burst", 40, 40, 2 * time.Second, false, true}, {"with the clock set back", 12, 10, 2 * time.Second, true, true},
		{"four of ten", 10, 4, time.Second, false, false}, {"five of ten", 10, 5, time.Second, false, true}, {"five of twenty", 20, 5, time.Second, false, false},
		{"five of ten, slowly", 10, 5, 70 * time.Second, false, false}, {"nineteen of seventy", 70, 19, time.Second, false, false}, {"twenty of seventy", 70, 20, time.Second, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.restart("2026-03-02", "09:00")
			w.pass()
			for i := range c.all {
				w.log(fmt.Sprintf("max%d@mass.example call %d march", i, 9+i%20))
			}
			cl := w.calendarOf()
			w.at("2026-03-02", "14:00")
			n := 0
			for _, at := range cl.names() {
				if n++; n > c.deleted {
					break
				}
				cl.do("DELETE", at, "")
				w.now = w.now.Add(c.gap)
				if c.back && n == c.deleted/2 {
					w.now = w.now.Add(-time.Hour)
				}
				if err := collection.SettleDeletions(context.Background(), w.r, w.now); err != nil {
					t.Fatal(err)
				}
			}
			for range 5 {
				w.now = w.now.Add(2 * time.Minute)
				if err := collection.SettleDeletions(context.Background(), w.r, w.now); err != nil {
					t.Fatal(err)
				}
			}
			want := c.all - c.deleted
			if c.held {
				want = c.all
			}
			if got := len(cl.names()); got != want || len(w.callbackViews()) != want {
				t.Errorf("%d events and %d calls stand, want %d", got, len(w.callbackViews()), want)
			}
		})
	}
}

// TestDeletedBeforeMidnight: the night's rolling doesn't forget a deletion; a word of the recruiter's overtakes it, and that is told.
func TestDeletedBeforeMidnight(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	w.writeTo("Max Foo <max@mass.example>")
	w.log("max@mass.example call 3 march 3pm")
	c := w.calendarOf()
	w.at("2026-03-03", "07:30")
	w.pass()
	at := c.find("Max")
	w.at("2026-03-03", "23:59")
	c.do("DELETE", at, "")
	w.at("2026-03-04", "00:00")
	w.now = w.now.Add(5 * time.Second)
	w.pass()
	w.at("2026-03-04", "00:02")
	w.pass()
	for _, cb := range w.callbackViews() {
		if cb.Contact == "max@mass.example" {
			t.Errorf("%+v", cb)
		}
	}
	c.do("DELETE", c.find("Jane"), "")
	w.log("jane@acme.example call 12 march 9am")
	w.now = w.now.Add(2 * time.Minute)
	w.pass()
	c.find("Jane")
	if cb := w.callback("jane@acme.example"); cb.Start != "2026-03-12T09:00:00Z" || !strings.Contains(strings.Join(w.news(), "\n"), "you deleted it in the calendar, but something was said of it since") {
		t.Errorf("%+v %v", cb, w.news())
	}
}

// TestSalesDayTakenBack: a moved session goes back by undo, held deletions of sessions are applied by word, and a ticked one still counts.
func TestSalesDayTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "12:30")
	w.pass()
	w.pass()
	c := w.calendarOf()
	at := c.sessionsIn()["Sales day 2: red targets 20260310T110000Z"]
	c.change(at, moveTo("20260311T123000Z"))
	w.put("Sent", w.mail("sam@firm.example", "sam@firm.example", "undo", "undo\r\n"))
	w.pass()
	if c.sessionsIn()["Sales day 2: red targets 20260310T110000Z"] == "" {
		t.Errorf("%v", c.sessionsIn())
	}
	for _, at := range c.sessionsIn() {
		c.do("DELETE", at, "")
	}
	w.now = w.now.Add(2 * time.Minute)
	w.pass()
	if n := len(c.sessionsIn()); n != 9 {
		t.Fatalf("%d of 9 stand", n)
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	mail := w.morningMail()
	w.answer(mail, "Sent", w.number(mail, "9 events were deleted")+" cancel")
	w.pass()
	if n := len(c.sessionsIn()); n != 0 {
		t.Errorf("%d are left\n%s", n, w.lastText())
	}
	w.restart("2026-03-03", "09:00", func(cfg *config.Config) { cfg.Desks[0].Sales.Sessions = cfg.Desks[0].Sales.Sessions[:2] })
	w.pass()
	if all, err := w.sessions(); err != nil || len(all) != 5 { // two months' sessions, and one review to come
		t.Errorf("%+v %v", all, err)
	}
}

func (w *world) sessions() (out []desk.Session, err error) {
	err = w.r.State.View(func(tx *store.Tx) error {
		out, err = sales.Sessions(tx)
		return err
	})
	return out, err
}

// TestManyAtOnce: guesses sent at once count as they do in turn, a device with an old password doesn't shut its neighbours out, and behind a
// proxy each counts by itself.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	w.cfg.HTTP.PublicURL = "https://calls.firm.example"
	c := w.calendarOf()
	ask := func(user, password, from string) int {
		req, err := http.NewRequest("PROPFIND", c.url+callbacksPath, nil)
		if err != nil {
			return 0
		}
		req.SetBasicAuth(user, password)
		req.Header.Set("Depth", "0")
		req.Header.Set("X-Forwarded-For", from)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	for range 30 { // an old phone goes on with what it knows
		if got := ask("sam", c.password[:collection.Selector]+"-revoked-long-ago", "192.0.2.1"); got != http.StatusUnauthorized {
			t.Fatal(got)
		}
	}
	if got := ask("sam", c.password, "192.0.2.1"); got != http.StatusMultiStatus {
		t.Errorf("its neighbour: %d", got)
	}
	got := map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			code := ask("sam", fmt.Sprint(c.password[:collection.Selector], "guess", i), "192.0.2.2")
			mu.Lock()
			defer mu.Unlock()
			got[code]++
		})
	}
	wg.Wait()
	if got[http.StatusUnauthorized] > collection.MostWrong || got[http.StatusUnauthorized]+got[http.StatusTooManyRequests]+got[http.StatusServiceUnavailable] != 60 {
		t.Errorf("%v", got)
	}
	if got := ask("sam", c.password, "192.0.2.3"); got != http.StatusMultiStatus {
		t.Errorf("from elsewhere: %d", got)
	}
}

// TestNamesStayHidden: a colon in a name, or a client's UID, tells nothing in shared feeds.
func TestNamesStayHidden(t *testing.T) {
	t.Parallel()
	w := morningDesk(t, func(c *config.Config) { c.Desks[0].Team = "north" })
	w.writeTo("Li Sato <li@post.example>")
	name := "Li Sato: CTO"
	if _, err := view.SetContact(context.Background(), w.r, people.ContactChange{Who: "li@post.example", Name: &name, AddRole: []string{"candidate"}}); err != nil {
		t.Fatal(err)
	}
	c := w.calendarOf()
	if res, text := c.do("PUT", callbacksPath+"x.ics", newEvent("call-Li-Sato", ":20260306T110000Z", "li@post.example", "")); res.StatusCode != http.StatusCreated {
		t.Fatal(res.Status, text)
	}
	hidden, err := w.feedURL(w.r, agenda.FeedHidden)
	body := w.feedText(hidden.URL, err)
	team, err := w.teamURL("north")
	body += w.feedText(team.URL, err)
	if strings.Contains(body, "Sato") || strings.Contains(body, "CTO") || !strings.Contains(body, "SUMMARY:Call L.S.C.") {
		t.Errorf("%s", body)
	}
}

// TestPutsAtOnce: of writes on one ETag that come at the same time one is taken.
func TestPutsAtOnce(t *testing.T) {
	w := morningDesk(t)
	c := w.calendarOf()
	at := c.find("Jane")
	res, body := c.do("GET", at, "")
	got := map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			req, err := http.NewRequest("PUT", c.url+at, strings.NewReader(moveTo(fmt.Sprintf("2026031%dT140000Z", i))(body)))
			if err != nil {
				return
			}
			req.SetBasicAuth("sam", c.password)
			req.Header.Set("If-Match", res.Header.Get("ETag"))
			out, err := http.DefaultClient.Do(req)
			if err != nil {
				return
			}
			_ = out.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			got[out.StatusCode]++
		})
	}
	wg.Wait()
	if got[http.StatusNoContent] != 1 || got[http.StatusPreconditionFailed] != 7 {
		t.Errorf("%v", got)
	}
}

// TestKeptOverTheServer: what a client wrote comes back byte for byte outside what is ours, also once the call has moved and the daemon was restarted.
func TestKeptOverTheServer(t *testing.T) {
	t.Parallel()
	ours := regexp.MustCompile(`^(DTSTART|DTEND|DURATION|SUMMARY|DESCRIPTION|LOCATION|STATUS|CATEGORIES|SEQUENCE|DTSTAMP|LAST-MODIFIED)[;:]`)
	rows := func(s string) (out []string) { // of the event, folded lines with their first
		alarm, skip := false, false
		for _, l := range strings.SplitAfter(s, "\r\n") {
			switch {
			case strings.HasPrefix(l, " ") && len(out) > 0:
				if !skip {
					out[len(out)-1] += l
				}
				continue
			case strings.HasPrefix(l, "BEGIN:VALARM"):
				alarm = true
			}
			if strings.HasPrefix(l, "END:VALARM") {
				alarm = false
			}
			if skip = !alarm && ours.MatchString(l); !skip {
				out = append(out, l)
			}
		}
		return out
	}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))
	w := newWorld(t)
	w.restart("2026-03-02", "09:00")
	w.pass()
	c := w.calendarOf()
	want := map[string][]string{}
	for i := range 25 {
		extra := ""
		for range rng.IntN(5) {
			extra += fmt.Sprintf("X-%c%d;P=\"a:b;%d\":%s\r\n", 'A'+rng.IntN(26), rng.IntN(9), rng.IntN(9), strings.Repeat("漢é\\, ", rng.IntN(6)))
		}
		alarm := strings.Repeat(fmt.Sprintf("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:mine %d\r\nTRIGGER:-PT%dM\r\nEND:VALARM\r\n", i, rng.IntN(60)), rng.IntN(3))
		body := newEvent(fmt.Sprint("k", i), fmt.Sprintf(";TZID=Europe/London:202603%02dT1%d0000", 3+i, rng.IntN(9)), fmt.Sprintf("Call p%d@kept.example", i), "")
		body = strings.Replace(body, "END:VEVENT", extra+alarm+"END:VEVENT", 1)
		at := fmt.Sprintf("%sk%d.ics", callbacksPath, i)
		if res, text := c.do("PUT", at, body); res.StatusCode != http.StatusCreated {
			t.Fatal(res.Status, text, body)
		}
		want[at] = rows(body)
		w.log(fmt.Sprintf("p%d@kept.example call 15 may", i))
	}
	w.restart("2026-03-02", "10:00")
	c = w.calendarOf()
	for at, lines := range want {
		_, body := c.do("GET", at, "")
		if got := rows(body); strings.Join(got, "") != strings.Join(lines, "") || !strings.Contains(body, "DTSTART:20260515T") {
			t.Errorf("%s:\n%q\n%q", at, lines, got)
		}
	}
}

// TestOverTLS: with a certificate the calendars are served over TLS.
func TestOverTLS(t *testing.T) {
	dir := t.TempDir()
	pair := httptest.NewTLSServer(nil) // for its certificate
	defer pair.Close()
	key, err := x509.MarshalPKCS8PrivateKey(pair.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert": {Type: "CERTIFICATE", Bytes: pair.Certificate().Raw}, "key": {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := testConfig(t, dir, "sam", 1)
	cfg.HTTP.TLSCert, cfg.HTTP.TLSKey = filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	r := start(t, cfg, time.Now)
	password, err := collection.MakePassword(context.Background(), r.desks[0], "phone")
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("PROPFIND", "https://"+r.Addr()+callbacksPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("sam", password)
	req.Header.Set("Depth", "0")
	res, err := pair.Client().Do(req)
	if err != nil || res.StatusCode != http.StatusMultiStatus {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
}
