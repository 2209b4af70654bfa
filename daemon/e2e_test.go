package daemon

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/mailtest"
)

// running is a daemon at work on a real server.
type running struct {
	*Daemon
	t    *testing.T
	stop func()
}

func start(t *testing.T, cfg *config.Config, clock book.Clock) *running {
	t.Helper()
	d, err := Open(cfg, Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	ready := make(chan struct{})
	go func() { done <- d.RunWhenReady(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	var once sync.Once
	r := &running{Daemon: d, t: t, stop: func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}}
	t.Cleanup(r.stop)
	return r
}

func (r *running) touchIDs() []string {
	r.t.Helper()
	ts, err := view.Touches(r.desks[0], "", view.Part{})
	if err != nil {
		r.t.Fatal(err)
	}
	var out []string
	for _, t := range ts {
		out = append(out, t.Direction+" "+t.Contact+" "+t.MessageID)
	}
	return out
}

func (r *running) wait(n int) {
	r.t.Helper()
	mailtest.Eventually(r.t, fmt.Sprintf("%d touches", n), func() bool { return len(r.touchIDs()) >= n })
	if got := r.touchIDs(); len(got) != n {
		r.t.Fatalf("want %d touches, got %d:\n%s", n, len(got), strings.Join(got, "\n"))
	}
}

func (r *running) get(path string, header ...string) *http.Response {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	return res
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func letterTo(from, to, subject, id string, at time.Time, extra ...string) []byte {
	return mailtest.Head{From: from, To: to, Subject: subject, ID: id, Date: at, Extra: extra}.Mail("Hello.\r\n")
}

// TestRealDovecot walks through a day at a real server.
func TestRealDovecot(t *testing.T) {
	dc := mailtest.StartDovecot(t)
	now := time.Now().UTC().Truncate(time.Second)
	me, jane := "sam@firm.example", "Jane Doe <jane@acme.example>"
	cfg := testConfig(t, t.TempDir(), "sam", dc.Port)
	cfg.Desks[0].IMAP.Poll = config.Duration(200 * time.Millisecond)
	cfg.Desks[0].Folders.Read = []string{"Projects", "Old"}
	dc.Doveadm(nil, "mailbox", "create", "-u", "sam", "Projects", "Old")
	early := letterTo(jane, me, "Are you there?", "early@acme.example", now.Add(-50*time.Hour))
	dc.Deliver("sam", early) // from a stranger yet: it is found when Jane becomes a contact
	r := start(t, cfg, time.Now)
	mailtest.Eventually(t, "the first reading", func() bool { ok, _ := watch.Ready(r.desks[0], time.Now()); return ok })

	// written by another program, filed in Sent: Jane becomes a contact, and her older mail is logged
	dc.Append("sam", "Sent", letterTo(me, jane, "Two engineers", "out1@firm.example", now.Add(-5*time.Hour)))
	r.wait(2)
	// her answer arrives
	answer := letterTo(jane, me, "Re: Two engineers", "in1@acme.example", now.Add(-4*time.Hour), "In-Reply-To: <out1@firm.example>", "References: <out1@firm.example>")
	dc.Deliver("sam", answer)
	r.wait(3)
	// the same message in three folders is one touch
	dc.Append("sam", "Projects", answer)
	dc.Append("sam", "Old", answer)
	dc.Append("sam", "Projects", letterTo(jane, me, "Another", "in2@acme.example", now.Add(-3*time.Hour)))
	r.wait(4)
	// flags and moves by others change nothing
	dc.Doveadm(nil, "flags", "add", "-u", "sam", `\Seen \Flagged`, "mailbox", "INBOX", "all")
	dc.Doveadm(nil, "move", "-u", "sam", "Old", "mailbox", "INBOX", "all")
	dc.Deliver("sam", letterTo(jane, me, "After the move", "in3@acme.example", now.Add(-2*time.Hour)))
	r.wait(5)
	// a folder deleted and made anew doubles nothing
	dc.Doveadm(nil, "mailbox", "delete", "-u", "sam", "-s", "Projects")
	dc.Doveadm(nil, "mailbox", "create", "-u", "sam", "Projects")
	dc.Append("sam", "Projects", answer)
	dc.Append("sam", "Projects", letterTo(jane, me, "In the new folder", "in4@acme.example", now.Add(-90*time.Minute)))
	r.wait(6)
	// strangers, lists and robots leave nothing but a counter
	dc.Deliver("sam", letterTo("x@elsewhere.example", me, "Hi", "s@x", now))
	dc.Deliver("sam", letterTo(jane, me, "Out", "ooo@x", now, "Auto-Submitted: auto-replied"))
	// the server goes away and comes back
	dc.Stop()
	dc.Start()
	dc.Deliver("sam", letterTo(jane, me, "Are you back?", "in5@acme.example", now.Add(-time.Hour)))
	r.wait(7)
	if got := strings.Join(r.touchIDs(), "\n"); strings.Contains(got, "elsewhere") || strings.Contains(got, "ooo@") {
		t.Errorf("logged what must not be:\n%s", got)
	}
	checkFeedAfterRole(t, r)
}

// checkFeedAfterRole makes Jane a decision maker, has a call logged, and follows the callback in the feed.
func checkFeedAfterRole(t *testing.T, r *running) {
	t.Helper()
	ctx := context.Background()
	u, err := r.feedURL(r.desks[0], agenda.FeedFull)
	if err != nil {
		t.Fatal(err)
	}
	empty := r.get(u.URL)
	if b := body(t, empty); empty.StatusCode != 200 || strings.Contains(b, "VEVENT") {
		t.Errorf("an empty desk's feed: %d\n%s", empty.StatusCode, b)
	}
	if _, err := view.SetContact(ctx, r.desks[0], people.ContactChange{Who: "jane@acme.example", Roles: []string{"dm"}}); err != nil {
		t.Fatal(err)
	}
	first := r.get(u.URL)
	one := body(t, first)
	if !strings.Contains(one, "SUMMARY:Call Jane Doe") || strings.Count(one, "BEGIN:VEVENT") != 1 {
		t.Fatalf("feed:\n%s", one)
	}
	if res := r.get(u.URL, "If-None-Match", first.Header.Get("ETag")); res.StatusCode != http.StatusNotModified {
		t.Errorf("an unchanged feed answers %d", res.StatusCode)
	}
	if _, err := command.LogText(ctx, r.desks[0], "jane@acme.example spoke, call 2w", time.Now()); err != nil {
		t.Fatal(err)
	}
	two := body(t, r.get(u.URL))
	if line(one, "UID:") != line(two, "UID:") || line(one, "SEQUENCE:") != "SEQUENCE:0" || line(two, "SEQUENCE:") != "SEQUENCE:1" {
		t.Errorf("the callback must slide: same UID, SEQUENCE raised:\n%s\n%s", one, two)
	}
	if _, err := r.Do(ctx, shell.Request{Op: "feed.rotate"}); err != nil {
		t.Fatal(err)
	}
	if res := r.get(u.URL); res.StatusCode != http.StatusNotFound {
		t.Errorf("a rotated feed's old address answers %d", res.StatusCode)
	}
	checkBytesAfterRestart(t, r)
}

func checkBytesAfterRestart(t *testing.T, r *running) {
	t.Helper()
	now := time.Now()
	before, _, err := agenda.Feed(r.desks[0], now)
	if err != nil {
		t.Fatal(err)
	}
	r.stop()
	d, err := Open(r.cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	after, _, err := agenda.Feed(d.desks[0], now)
	if err != nil || string(before) != string(after) {
		t.Errorf("the feed's bytes changed over a restart: %v", err)
	}
}

func line(ics, prefix string) string {
	for _, l := range strings.Split(ics, "\r\n") {
		if strings.HasPrefix(l, prefix) {
			return l
		}
	}
	return ""
}

// TestFeedClients has real programs read the feed.
func TestFeedClients(t *testing.T) {
	dir := t.TempDir()
	cfg := testConfig(t, dir, "sam", 1)
	r := start(t, cfg, time.Now)
	ctx := context.Background()
	for i := range 40 {
		who := fmt.Sprintf("p%d@acme.example", i)
		name, note := fmt.Sprintf("Zoë \"Quote\", %d; Ünï\\cödé", i), strings.Repeat("añ漢🙂 ", 30)
		if _, err := view.SetContact(ctx, r.desks[0], people.ContactChange{Who: who, Name: &name, Note: &note, Roles: []string{"decision_maker"}}); err != nil {
			t.Fatal(err)
		}
	}
	u, err := r.feedURL(r.desks[0], agenda.FeedFull)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("icalendar", func(t *testing.T) {
		ics := filepath.Join(dir, "feed.ics")
		if err := os.WriteFile(ics, []byte(body(t, r.get(u.URL))), 0o644); err != nil {
			t.Fatal(err)
		}
		python(t, "icalendar", `
import sys, icalendar
raw = open(sys.argv[1],'rb').read()
assert all(len(l) <= 75 for l in raw.split(b'\r\n')), 'a line is not folded'
assert b'\n' not in raw.replace(b'\r\n', b''), 'a bare newline'
cal = icalendar.Calendar.from_ical(raw)
assert 'METHOD' not in cal and cal['VERSION'] == '2.0' and cal['CALSCALE'] == 'GREGORIAN' and cal['PRODID'], cal
assert str(cal['X-PUBLISHED-TTL']) == 'PT1H'
events = [e for e in cal.walk('VEVENT')]
assert len(events) == 40, len(events)
assert len({str(e['UID']) for e in events}) == 40
assert len({e['DTSTART'].dt for e in events}) == 40, 'two share a slot'
for e in events:
    for p in ('UID','DTSTAMP','LAST-MODIFIED','CREATED','SEQUENCE','DTSTART','DTEND','SUMMARY','DESCRIPTION','STATUS','TRANSP','CLASS','CATEGORIES'):
        assert p in e, p
    assert e['DTSTAMP'].dt == e['LAST-MODIFIED'].dt
    assert str(e['DTSTART'].dt.tzinfo) in ('UTC','zoneinfo.ZoneInfo(key=\'UTC\')'), e['DTSTART'].dt.tzinfo
    assert e['TRANSP'] == 'TRANSPARENT' and e['CLASS'] == 'PRIVATE' and e['X-MICROSOFT-CDO-BUSYSTATUS'] == 'FREE'
    assert 'Zoë "Quote", ' in str(e['SUMMARY']) and '; Ünï\\cödé' in str(e['SUMMARY']), str(e['SUMMARY'])
    assert len(list(e.walk('VALARM'))) == 1
`, ics)
	})
	t.Run("vdirsyncer and khal", func(t *testing.T) { vdirsyncer(t, r, u.URL) })
}

func python(t *testing.T, module, script string, args ...string) {
	t.Helper()
	mailtest.NeedPeer(t, "/usr/bin/python3")
	if exec.Command("/usr/bin/python3", "-c", "import "+module).Run() != nil {
		if os.Getenv("FIFTHCALL_REQUIRE_PEERS") == "1" {
			t.Fatalf("python3-%s is not installed", module)
		}
		t.Skipf("python3-%s is not installed", module)
	}
	out, err := exec.Command("/usr/bin/python3", append([]string{"-c", script}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// vdirsyncer refreshes twice; a proxy between sees that the second is answered 304 or that
// nothing changes on disk. khal then lists what was fetched.
func vdirsyncer(t *testing.T, r *running, url string) {
	vd, khal := mailtest.NeedPeer(t, "vdirsyncer"), mailtest.NeedPeer(t, "khal")
	dir := t.TempDir()
	conf := filepath.Join(dir, "vdirsyncer.conf")
	text := fmt.Sprintf("[general]\nstatus_path = %q\n[pair feed]\na = \"web\"\nb = \"disk\"\ncollections = null\n[storage web]\ntype = \"http\"\nurl = %q\n[storage disk]\ntype = \"filesystem\"\npath = %q\nfileext = \".ics\"\n",
		filepath.Join(dir, "status"), url, filepath.Join(dir, "cal"))
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "VDIRSYNCER_CONFIG="+conf, "LC_ALL=C.UTF-8", "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	run := func(name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	if err := os.MkdirAll(filepath.Join(dir, "cal"), 0o755); err != nil {
		t.Fatal(err)
	}
	run("sh", "-c", "yes | "+vd+" discover")
	run(vd, "sync")
	files, _ := filepath.Glob(filepath.Join(dir, "cal", "*.ics"))
	if len(files) != 40 {
		t.Fatalf("vdirsyncer fetched %d events", len(files))
	}
	stat := func() (s string) {
		for _, f := range files {
			fi, err := os.Stat(f)
			if err != nil {
				t.Fatal(err)
			}
			s += fi.ModTime().String()
		}
		return s
	}
	before := stat()
	run(vd, "sync")
	if stat() != before {
		t.Error("a second refresh of an unchanged feed rewrote events")
	}
	first := r.get(url)
	first.Body.Close()
	for range 2 {
		if res := r.get(url, "If-None-Match", first.Header.Get("ETag")); res.StatusCode != http.StatusNotModified {
			t.Errorf("a refresh of an unchanged feed answers %d", res.StatusCode)
		}
		if res := r.get(url, "If-Modified-Since", first.Header.Get("Last-Modified")); res.StatusCode != http.StatusNotModified {
			t.Errorf("a refresh by date of an unchanged feed answers %d", res.StatusCode)
		}
	}
	kc := filepath.Join(dir, "khal.conf")
	text = fmt.Sprintf("[calendars]\n[[feed]]\npath = %s\n[locale]\ntimeformat = %%H:%%M\ndateformat = %%Y-%%m-%%d\nlongdateformat = %%Y-%%m-%%d\ndatetimeformat = %%Y-%%m-%%d %%H:%%M\nlongdatetimeformat = %%Y-%%m-%%d %%H:%%M\n[sqlite]\npath = %s\n", filepath.Join(dir, "cal"), filepath.Join(dir, "khal.db"))
	if err := os.WriteFile(kc, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := run(khal, "-c", kc, "list", "today", "30d"); strings.Count(out, "Call Zoë") != 40 {
		t.Errorf("khal lists %d of 40 callbacks:\n%s", strings.Count(out, "Call Zoë"), out)
	}
}

// TestRefusedPassword stops after three refusals and says so, in the feed and by the command.
func TestRefusedPassword(t *testing.T) {
	t.Parallel()
	ms, err := mailtest.Start("firm.example", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer ms.Close()
	if err := ms.AddUser("sam", "other"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var port int
	fmt.Sscanf(ms.IMAPAddr, "127.0.0.1:%d", &port)
	cfg := testConfig(t, dir, "sam", port)
	told := filepath.Join(dir, "told")
	cfg.Notify.Command = []string{"sh", "-c", `printf '%s|%s' "$1" "$2" > "$0"`, told}
	r := start(t, cfg, time.Now)
	mailtest.Eventually(t, "the notification", func() bool { b, _ := os.ReadFile(told); return len(b) > 0 })
	b, _ := os.ReadFile(told)
	if !strings.HasPrefix(string(b), "sam|the mail server refuses the sign-in") || strings.Contains(string(b), "pw") {
		t.Errorf("told: %s", b)
	}
	feed, _, err := agenda.Feed(r.desks[0], time.Now())
	if err != nil || !strings.Contains(string(feed), "SUMMARY:Fifthcall can't read your mailbox") {
		t.Errorf("no trouble in the feed: %v\n%s", err, feed)
	}
	if res := r.get("http://" + r.Addr() + "/readyz"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz answers %d", res.StatusCode)
	}
}

// TestNewerState is refused with words.
func TestNewerState(t *testing.T) {
	dir := t.TempDir()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(dir); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("a locked folder: %v", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}
