package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/mailtest"
)

// The instants of a submission at which the program is killed.
const (
	beforeMAIL   = "before MAIL"
	afterRCPT    = "after RCPT"
	beforeDot    = "before the dot"
	afterDot     = "after the dot"
	beforeRecord = "before the record"
	beforeAppend = "before the APPEND"
)

// killer stands between the program and a server, and kills the program when the talk has come to an instant.
type killer struct {
	t    *testing.T
	port int // listens here
	to   string

	mu      sync.Mutex
	instant string
	kill    func()
	content bytes.Buffer // of the mail under way
	dotSent bool
}

func newKiller(t *testing.T, target int) *killer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &killer{t: t, port: ln.Addr().(*net.TCPAddr).Port, to: fmt.Sprintf("127.0.0.1:%d", target)}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go k.serve(c)
		}
	}()
	return k
}

// arm sets the instant of the next kill; "" for none.
func (k *killer) arm(instant string, kill func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.instant, k.kill = instant, kill
	if kill != nil {
		k.dotSent = false
		k.content.Reset()
	}
}

// said is the content of the last mail, and whether its end went to the server.
func (k *killer) said() (whole bool, content []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dotSent, bytes.Clone(k.content.Bytes())
}

// due kills if the instant is the one waited for, and reports whether it was.
func (k *killer) due(instant string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.instant != instant || k.kill == nil {
		return false
	}
	k.kill()
	k.kill = nil
	return true
}

// talk is what both directions of a connection know of it.
type talk struct {
	mu      sync.Mutex
	awaits  string // the command whose answer is awaited
	content bool
}

func (k *killer) serve(client net.Conn) {
	server, err := net.Dial("tcp", k.to)
	if err != nil {
		_ = client.Close()
		return
	}
	st := &talk{}
	closeBoth := func() { _, _ = client.Close(), server.Close() }
	go func() {
		defer closeBoth()
		k.answers(st, client, server)
	}()
	defer closeBoth()
	k.commands(st, client, server)
}

var appendRE = regexp.MustCompile(`(?i)^\S+ APPEND `)

// commands passes on what the program says, line by line.
func (k *killer) commands(st *talk, client, server net.Conn) {
	r := bufio.NewReader(client)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		st.mu.Lock()
		inContent := st.content
		st.mu.Unlock()
		upper := strings.ToUpper(line)
		switch {
		case inContent && line == ".\r\n":
			if k.due(beforeDot) {
				return
			}
			st.mu.Lock()
			st.content, st.awaits = false, "dot"
			st.mu.Unlock()
			k.mu.Lock()
			k.dotSent = true
			k.mu.Unlock()
			_, _ = io.WriteString(server, line)
			if k.due(afterDot) {
				// the server has the dot; its answer reaches nobody
				_, _ = io.Copy(io.Discard, r)
				return
			}
			continue
		case inContent:
			k.mu.Lock()
			k.content.WriteString(strings.TrimPrefix(line, "."))
			k.mu.Unlock()
		case strings.HasPrefix(upper, "MAIL FROM"):
			if k.due(beforeMAIL) {
				return
			}
		case strings.HasPrefix(upper, "RCPT TO"):
			st.mu.Lock()
			st.awaits = "rcpt"
			st.mu.Unlock()
		case upper == "DATA\r\n":
			st.mu.Lock()
			st.content = true
			st.mu.Unlock()
		case appendRE.MatchString(line):
			if k.due(beforeAppend) {
				return
			}
		}
		if _, err := io.WriteString(server, line); err != nil {
			return
		}
	}
}

// answers passes on what the server says.
func (k *killer) answers(st *talk, client, server net.Conn) {
	r := bufio.NewReader(server)
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			st.mu.Lock()
			awaits := st.awaits
			st.awaits = ""
			st.mu.Unlock()
			if awaits == "rcpt" && k.due(afterRCPT) || awaits == "dot" && k.due(beforeRecord) {
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// killRounds is how often the program is killed, over all instants.
func killRounds() int {
	if mailtest.Long() {
		return 200
	}
	return 12 // each instant, with the copy filed and without
}

// TestKillWhileSending kills the program at every instant of a submission to a real Postfix, with the copy filed by the provider
// or not. No letter is lost, none arrives twice; where Sent can't tell it is held, and the recruiter asked.
func TestKillWhileSending(t *testing.T) {
	dc := mailtest.StartDovecot(t)
	pf := mailtest.StartPostfix(t, dc)
	bin := build(t)
	imap, smtp := newKiller(t, dc.Port), newKiller(t, pf.Port)
	w := &killWorld{t: t, bin: bin, dc: dc, imap: imap, smtp: smtp, now: nextMonday(), want: map[string]string{}}
	w.configure()
	w.run("sync", "--now", w.stamp())
	w.run("contacts", "set", "li@firm.example", "--role", "candidate")
	w.now = w.now.AddDate(0, 0, 1) // the first day is quiet
	instants := []string{beforeMAIL, afterRCPT, beforeDot, afterDot, beforeRecord, beforeAppend}
	for i := range killRounds() {
		w.round(instants[i%len(instants)], i/len(instants)%2 == 1)
	}
	w.settle()
}

// nextMonday is nine o'clock of a Monday to come: letters are written by the real clock, and sent by this one.
func nextMonday() time.Time {
	t := time.Now().UTC().AddDate(0, 0, 2)
	for t.Weekday() != time.Monday {
		t = t.AddDate(0, 0, 1)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 9, 0, 0, 0, time.UTC)
}

// killWorld is a desk between killers.
type killWorld struct {
	t          *testing.T
	bin        string
	config     string
	dc         *mailtest.Dovecot
	imap, smtp *killer
	now        time.Time
	want       map[string]string // state by Message-ID, as it has to be at the end
}

func (w *killWorld) stamp() string { return w.now.Format(time.RFC3339) }

func (w *killWorld) configure() {
	dir := w.t.TempDir()
	writeFile(w.t, filepath.Join(dir, "pw"), "pw\n", 0o600)
	text := config.Answers{
		Name: "sam", Email: "sam@firm.example", Timezone: "Europe/London", StateDir: "state", IMAPHost: "127.0.0.1", IMAPPort: w.imap.port, IMAPSecurity: "none", Username: "sam", PasswordFile: "pw",
	}.File()
	text = strings.Replace(text, "127.0.0.1:8025", "127.0.0.1:0", 1)
	text = strings.Replace(text, "email = \"sam@firm.example\"", "email = \"sam@firm.example\"\ncolleagues = [\"none.example\"]", 1)
	text += "\n[desk.smtp]\nhost = \"127.0.0.1\"\nport = " + strconv.Itoa(w.smtp.port) + "\nsecurity = \"none\"\n\n[desk.morning]\nsend = false\n\n[desk.letters]\nmode = \"auto\"\ngap = \"0s\"\nper_hour = 1000\nper_day = 10000\n"
	w.config = filepath.Join(dir, "config.toml")
	writeFile(w.t, w.config, text, 0o600)
}

func (w *killWorld) run(args ...string) []byte {
	w.t.Helper()
	cmd := exec.Command(w.bin, append([]string{"--config", w.config}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("%v: %v\n%s%s", args, err, out, errs.String())
	}
	return out
}

// round writes a letter, kills the program while it sends it, and lets it go on. With files the provider has filed what it took.
func (w *killWorld) round(instant string, files bool) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	if local := w.now.Hour(); local >= 17 { // stay inside the window
		w.now = time.Date(w.now.Year(), w.now.Month(), w.now.Day()+1, 9, 0, 0, 0, time.UTC)
		for w.now.Weekday() == time.Saturday || w.now.Weekday() == time.Sunday {
			w.now = w.now.AddDate(0, 0, 1)
		}
	}
	var v view.OutgoingView
	if err := json.Unmarshal(w.run("letters", "send", "referral", "--contact", "li@firm.example", "--json"), &v); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(w.bin, "--config", w.config, "sync", "--now", w.stamp())
	var log bytes.Buffer
	cmd.Stderr = &log
	started, killed := make(chan struct{}), make(chan struct{})
	kill := func() {
		<-started
		_ = cmd.Process.Kill()
		close(killed)
	}
	w.smtp.arm(instant, kill)
	w.imap.arm(instant, kill)
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	close(started)
	_ = cmd.Wait()
	for _, k := range []*killer{w.smtp, w.imap} { // a kill that is under way is noted before its lock is given back
		k.arm("", nil)
	}
	select {
	case <-killed:
	default:
		w.t.Fatalf("%s never came\n%s%s", instant, log.String(), w.run("outbox", "list"))
	}
	took, content := w.smtp.said()
	if files && took {
		w.dc.Append("sam", "Sent", content)
	}
	w.want[v.MessageID] = "filed"
	if instant == beforeDot || took && !files && (instant == afterDot || instant == beforeRecord) {
		w.want[v.MessageID] = "uncertain"
	}
	w.now = w.now.Add(time.Minute)
	w.run("sync", "--now", w.stamp())
}

// settle holds what has become of all letters against what had to, once Postfix has delivered everything.
func (w *killWorld) settle() {
	w.t.Helper()
	for range 3 {
		w.now = w.now.Add(10 * time.Minute)
		w.run("sync", "--now", w.stamp())
	}
	var all []view.OutgoingView
	if err := json.Unmarshal(w.run("outbox", "list", "--json"), &all); err != nil {
		w.t.Fatal(err)
	}
	sure := 0
	states := map[string]int{}
	for _, o := range all {
		if o.Kind != "letter" {
			continue
		}
		states[o.State]++
		if o.State != w.want[o.MessageID] {
			w.t.Errorf("%s is %s, want %s (%s %v)", o.ID, o.State, w.want[o.MessageID], o.Error, o.Attempts)
		}
		if o.State == "filed" {
			sure++
		}
	}
	w.t.Logf("%d letters: %v", len(w.want), states)
	if n := killRounds(); len(w.want) != n || states["filed"]+states["uncertain"] != n {
		w.t.Errorf("letters are lost: %v", states)
	}
	var arrived map[string]int
	mailtest.Eventually(w.t, "Postfix to deliver", func() bool {
		arrived = map[string]int{}
		for _, line := range strings.Split(w.dc.Doveadm(nil, "fetch", "-u", "li", "hdr.message-id", "mailbox", "INBOX", "all"), "\n") {
			if _, id, ok := strings.Cut(line, "message-id: "); ok {
				arrived[strings.Trim(id, "<> \r")]++
			}
		}
		return len(arrived) >= sure
	})
	for id, n := range arrived {
		if n > 1 {
			w.t.Errorf("%s arrived %d times", id, n)
		}
	}
	for _, o := range all {
		if o.State == "filed" && arrived[o.MessageID] != 1 {
			w.t.Errorf("%s is taken as sent, and arrived %d times", o.ID, arrived[o.MessageID])
		}
	}
}
