package daemon

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/imports"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/mailtest"
	"fifthcall/mailbox/message"
)

// benchMessages is the size of the generated mailbox; FIFTHCALL_BENCH_MESSAGES changes it.
func benchMessages() int {
	if n, err := strconv.Atoi(os.Getenv("FIFTHCALL_BENCH_MESSAGES")); err == nil {
		return n
	}
	return 100_000
}

var benchEnd = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fillDovecot generates a mailbox for the user.
func fillDovecot(b testing.TB, d *mailtest.Dovecot, user string, n int) {
	b.Helper()
	i := 0
	err := mailtest.Generate(mailtest.GenerateOptions{Owner: user + "@firm.example", Messages: n, People: n/40 + 5, End: benchEnd, Days: 300, Seed: 1}, func(g mailtest.Generated) error {
		i++
		return d.Fill(user, g, i)
	})
	if err != nil {
		b.Fatal(err)
	}
	d.Own(user)
}

func testConfig(t testing.TB, dir, user string, port int) *config.Config {
	t.Helper()
	secret := filepath.Join(dir, "pw")
	if err := os.WriteFile(secret, []byte("pw\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := config.Answers{
		Name: user, Email: user + "@firm.example", Timezone: "Europe/London", StateDir: "state", IMAPHost: "127.0.0.1", IMAPPort: port, IMAPSecurity: "none",
		Username: user, PasswordFile: secret,
	}.File()
	text = strings.Replace(text, "127.0.0.1:8025", "127.0.0.1:0", 1)
	path := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func fixedClock(t time.Time) book.Clock { return func() time.Time { return t } }

// BenchmarkFirstSync measures the first reading of a mailbox, durable, against the time that
// reading the same FETCH responses off a raw socket takes.
func BenchmarkFirstSync(b *testing.B) {
	d := mailtest.StartDovecot(b)
	defer debug.SetGCPercent(debug.SetGCPercent(200)) // both as the program does
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(220 << 20))
	n := benchMessages()
	fillDovecot(b, d, "sam", n)
	for _, f := range []string{"Sent", "INBOX"} {
		rawFetch(b, d.Port, f) // warms the server's cache
	}
	var floor, ours time.Duration
	b.ResetTimer()
	for range b.N {
		for _, f := range []string{"Sent", "INBOX"} {
			floor += rawFetch(b, d.Port, f)
		}
		dir := b.TempDir()
		cfg := testConfig(b, dir, "sam", d.Port)
		cfg.Desks[0].Morning.Send = false // it comes after the first reading
		dm, err := Open(cfg, Options{Clock: fixedClock(benchEnd)})
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := dm.Sync(context.Background()); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)
		logged := 0
		err = dm.desks[0].State.View(func(tx *store.Tx) error {
			c, err := tx.Counters()
			logged = int(c["touches"])
			return err
		})
		if err != nil || logged < n/2 {
			b.Fatal("too few touches: ", logged, err)
		}
		if err := dm.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(logged), "touches")
	}
	b.ReportMetric(ours.Seconds()/floor.Seconds(), "x-raw-socket")
	b.ReportMetric(float64(n*b.N)/ours.Seconds(), "messages/s")
	b.ReportMetric(peakMemory(b), "peak-MB")
}

// peakMemory is the process's largest resident size in MB.
func peakMemory(b testing.TB) float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc")
	}
	for _, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			kb, _ := strconv.Atoi(strings.Fields(line)[1])
			return float64(kb) / 1024
		}
	}
	return 0
}

// rawFetch reads the FETCH responses of a folder off a bare socket and throws them away.
func rawFetch(b testing.TB, port int, folder string) time.Duration {
	b.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReaderSize(c, 64<<10)
	talk := func(tag, cmd string) {
		if _, err := fmt.Fprintf(c, "%s %s\r\n", tag, cmd); err != nil {
			b.Fatal(err)
		}
		for {
			line, err := r.ReadSlice('\n')
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				b.Fatal(err)
			}
			if strings.HasPrefix(string(line), tag+" ") {
				return
			}
		}
	}
	if _, err := r.ReadString('\n'); err != nil {
		b.Fatal(err)
	}
	talk("a1", "LOGIN sam pw")
	talk("a2", "EXAMINE "+folder)
	began := time.Now()
	talk("a3", "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ("+strings.Join(message.HeaderFields, " ")+")])")
	return time.Since(began)
}

// BenchmarkRestart measures a start with nothing new up to the end of the first pass.
func BenchmarkRestart(b *testing.B) {
	d := mailtest.StartDovecot(b)
	fillDovecot(b, d, "sam", benchMessages())
	cfg := testConfig(b, b.TempDir(), "sam", d.Port)
	open := func() *Daemon {
		dm, err := Open(cfg, Options{Clock: fixedClock(benchEnd)})
		if err != nil {
			b.Fatal(err)
		}
		if err := dm.Sync(context.Background()); err != nil {
			b.Fatal(err)
		}
		return dm
	}
	if err := open().Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		dm := open()
		b.StopTimer()
		if err := dm.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkNewMail measures from delivery to the committed touch being in the feed, over IDLE.
// Dovecot itself waits up to half a second before it tells of mail delivered by another process;
// appended over IMAP, as here, it tells at once.
func BenchmarkNewMail(b *testing.B) {
	ms, err := mailtest.Start("firm.example", time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer ms.Close()
	if err := ms.AddUser("sam", "pw"); err != nil {
		b.Fatal(err)
	}
	var port int
	fmt.Sscanf(ms.IMAPAddr, "127.0.0.1:%d", &port)
	cfg := testConfig(b, b.TempDir(), "sam", port)
	dm, err := Open(cfg, Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- dm.Run(ctx) }()
	r := dm.desks[0]
	if _, err := view.SetContact(ctx, r, people.ContactChange{Who: "jane@acme.example", Roles: []string{"dm"}}); err != nil {
		b.Fatal(err)
	}
	mailtest.Eventually(b, "IDLE", func() bool { return watch.Snapshot(r).Idle["INBOX"] })
	n := 0
	for b.Loop() {
		n++
		subject := fmt.Sprintf("news %d", n)
		raw := mailtest.Head{From: "Jane <jane@acme.example>", To: "sam@firm.example", Subject: subject, ID: fmt.Sprint(n, "@acme"), Date: time.Now()}.Mail("x\r\n")
		if err := ms.Append("sam", "INBOX", raw, time.Now()); err != nil {
			b.Fatal(err)
		}
		for {
			ts, err := view.Touches(r, "jane@acme.example", view.Part{})
			if err != nil {
				b.Fatal(err)
			}
			if len(ts) >= n {
				break
			}
		}
		if _, _, err := agenda.Feed(r, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	if err := errors.Join(<-done, dm.Close()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFeed measures a desk's feed of 1,000 events, fresh and as 304, through HTTP.
func BenchmarkFeed(b *testing.B) {
	cfg := testConfig(b, b.TempDir(), "sam", 1)
	cfg.Desks[0].CallbacksPerDay = 30
	dm, err := Open(cfg, Options{Clock: fixedClock(benchEnd)})
	if err != nil {
		b.Fatal(err)
	}
	defer dm.Close()
	var csv strings.Builder
	csv.WriteString("name,email,role\n")
	for i := range 1000 {
		fmt.Fprintf(&csv, "Person %d,p%d@acme%d.example,dm\n", i, i, i)
	}
	r := dm.desks[0]
	if res, err := imports.ImportContacts(context.Background(), r, []byte(csv.String())); err != nil || res.Added != 1000 {
		b.Fatal(res, err)
	}
	u, err := dm.feedURL(r, agenda.FeedFull)
	if err != nil {
		b.Fatal(err)
	}
	h := dm.web.Handler(dm.registry(), false)
	path := u.URL[strings.Index(u.URL, "/feed/"):]
	get := func(etag string) *httptest.ResponseRecorder {
		req := httptest.NewRequest("GET", path, nil)
		req.Header.Set("If-None-Match", etag)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return w
	}
	etag := get("").Header().Get("ETag")
	b.Run("fresh", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := agenda.Feed(r, benchEnd); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("304", func(b *testing.B) {
		for b.Loop() {
			if w := get(etag); w.Code != 304 {
				b.Fatal(w.Code)
			}
		}
	})
}
