package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fifthcall/mailbox/message"
)

// oddServer speaks just enough IMAP for a Watcher, with one oddity.
type oddServer struct {
	ln       net.Listener
	messages map[int]string // header text by UID
	odd      oddity

	mu       sync.Mutex
	sessions int
	cut      bool // the connection is to be cut after the answer
}

// oddity answers a command in place of the server; handled false leaves it to the server.
type oddity func(s *oddServer, session int, tag, cmd string, w *bufio.Writer) (handled bool)

func startOdd(t *testing.T, messages map[int]string, odd oddity) *oddServer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &oddServer{ln: ln, messages: messages, odd: odd}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.sessions++
			n := s.sessions
			s.mu.Unlock()
			wg.Go(func() { s.serve(c, n) })
		}
	})
	t.Cleanup(func() { _ = ln.Close(); wg.Wait() })
	return s
}

func (s *oddServer) serve(c net.Conn, session int) {
	defer c.Close()
	r, w := bufio.NewReader(c), bufio.NewWriter(c)
	fmt.Fprint(w, "* OK [CAPABILITY IMAP4rev1 IDLE] odd\r\n")
	w.Flush()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		tag, cmd, _ := strings.Cut(strings.TrimSpace(line), " ")
		if s.odd != nil && s.odd(s, session, tag, cmd, w) {
			if w.Flush() != nil {
				return
			}
			s.mu.Lock()
			cut := s.cut
			s.cut = false
			s.mu.Unlock()
			if cut {
				return
			}
			continue
		}
		if !s.answer(tag, cmd, w, r) || w.Flush() != nil {
			return
		}
	}
}

func (s *oddServer) uids() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []int
	for u := range s.messages {
		out = append(out, u)
	}
	slices.Sort(out)
	return out
}

func (s *oddServer) answer(tag, cmd string, w *bufio.Writer, r *bufio.Reader) bool {
	up := strings.ToUpper(cmd)
	switch {
	case strings.HasPrefix(up, "LOGIN"):
	case strings.HasPrefix(up, "CAPABILITY"):
		fmt.Fprint(w, "* CAPABILITY IMAP4rev1 IDLE\r\n")
	case strings.HasPrefix(up, "LIST"):
		fmt.Fprint(w, "* LIST () \"/\" INBOX\r\n")
	case strings.HasPrefix(up, "EXAMINE"):
		uids := s.uids()
		next := 1
		if len(uids) > 0 {
			next = uids[len(uids)-1] + 1
		}
		fmt.Fprintf(w, "* %d EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT %d] n\r\n", len(uids), next)
	case strings.HasPrefix(up, "UID SEARCH"):
		fmt.Fprint(w, "* SEARCH")
		for _, u := range s.uids() {
			if inSet(up, u) {
				fmt.Fprintf(w, " %d", u)
			}
		}
		fmt.Fprint(w, "\r\n")
	case strings.HasPrefix(up, "UID FETCH"):
		for i, u := range s.uids() {
			if inSet(up, u) {
				writeFetch(w, i+1, u, s.messages[u])
			}
		}
	case strings.HasPrefix(up, "STATUS"):
		uids := s.uids()
		fmt.Fprintf(w, "* STATUS INBOX (UIDNEXT %d UIDVALIDITY 7)\r\n", uids[len(uids)-1]+1)
	case up == "IDLE":
		fmt.Fprint(w, "+ idling\r\n")
		w.Flush()
		if _, err := r.ReadString('\n'); err != nil {
			return false
		}
	}
	fmt.Fprintf(w, "%s OK done\r\n", tag)
	return true
}

// inSet reports whether the UID is in the set that the command names.
func inSet(cmd string, uid int) bool {
	f := strings.Fields(cmd)
	set := f[2]
	if strings.HasPrefix(cmd, "UID SEARCH") {
		i := slices.Index(f[1:], "UID")
		if i < 0 {
			return true
		}
		set = strings.Trim(f[i+2], "()")
	}
	for _, part := range strings.Split(set, ",") {
		var a, b int
		if n, _ := fmt.Sscanf(part, "%d:%d", &a, &b); n == 2 && uid >= a && uid <= b || n == 1 && (uid == a && !strings.Contains(part, ":") || strings.HasSuffix(part, ":*") && uid >= a) {
			return true
		}
	}
	return false
}

func writeFetch(w *bufio.Writer, seq, uid int, header string) {
	fmt.Fprintf(w, "* %d FETCH (UID %d FLAGS () INTERNALDATE \"01-Mar-2026 10:00:00 +0000\" RFC822.SIZE 500 BODY[HEADER.FIELDS (From)] {%d}\r\n%s)\r\n", seq, uid, len(header), header)
}

func headerOf(n int) string {
	return fmt.Sprintf("From: p%d@x.example\r\nTo: sam@firm.example\r\nSubject: s%d\r\nDate: Sun, 01 Mar 2026 09:00:00 +0000\r\nMessage-ID: <%d@x.example>\r\n\r\n", n, n, n)
}

// memorySink is a Sink in memory.
type memorySink struct {
	mu     sync.Mutex
	cursor map[string]Cursor
	got    map[message.IMAPUID]*message.Message
	bad    []Quarantine
	takes  int
}

func newSink() *memorySink {
	return &memorySink{cursor: map[string]Cursor{}, got: map[message.IMAPUID]*message.Message{}}
}

func (m *memorySink) Cursor(_ context.Context, f string) (Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursor[f], nil
}

func (m *memorySink) Take(_ context.Context, b *Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.takes++
	for _, msg := range b.Messages {
		m.got[msg.UID] = msg
	}
	m.bad = append(m.bad, b.Quarantined...)
	if b.Cursor != nil {
		m.cursor[b.Folder] = *b.Cursor
	}
	return nil
}

func (m *memorySink) Wanted(context.Context) ([]string, error) { return nil, nil }

func (m *memorySink) uids() []int {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []int
	for u := range m.got {
		out = append(out, int(u))
	}
	slices.Sort(out)
	return out
}

func oddWatcher(s *oddServer, sink Sink, report func(Event)) *Watcher {
	addr := s.ln.Addr().(*net.TCPAddr)
	return &Watcher{
		Account: Account{Host: "127.0.0.1", Port: addr.Port, Security: SecurityNone, Username: "sam", Secret: func(context.Context) (string, error) { return "pw", nil }},
		Sink:    sink, Own: func(a string) bool { return a == "sam@firm.example" }, Since: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) },
		Poll: 30 * time.Millisecond, BackOff: BackOff{First: time.Millisecond, Most: 20 * time.Millisecond, Steady: time.Hour}, Report: report,
	}
}

func threeMessages() map[int]string {
	return map[int]string{1: headerOf(1), 2: headerOf(2), 3: headerOf(3)}
}

// TestOddServers plays each oddity: the good messages are logged, the rest is quarantined or
// gone, and the watcher is alive afterwards: it sees a message that arrives later.
func TestOddServers(t *testing.T) {
	all := []int{1, 2, 3}
	fetchOf := func(cmd string, uid int) bool {
		return strings.HasPrefix(cmd, "UID FETCH") && inSet(strings.ToUpper(cmd), uid)
	}
	cases := []struct {
		name     string
		messages map[int]string
		odd      oddity
		want     []int
		bad      int
	}{
		{name: "nothing odd", want: all},
		{name: "authenticated but not connected", want: all, odd: func(_ *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if n < 3 && strings.HasPrefix(cmd, "EXAMINE") {
				fmt.Fprintf(w, "%s BAD User is authenticated but not connected.\r\n", tag)
				return true
			}
			return false
		}},
		{name: "untagged server unavailable", want: all, odd: func(_ *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if n < 3 && strings.HasPrefix(cmd, "UID SEARCH") {
				fmt.Fprint(w, "* Server Unavailable. 15\r\n")
				return true
			}
			return false
		}},
		{name: "unsafe login without ID", want: all, odd: func() oddity {
			identified := map[int]bool{}
			return func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				if strings.HasPrefix(cmd, "ID ") {
					identified[n] = true
					fmt.Fprintf(w, "* ID NIL\r\n%s OK\r\n", tag)
					return true
				}
				if strings.HasPrefix(cmd, "EXAMINE") && !identified[n] {
					fmt.Fprintf(w, "%s NO EXAMINE Unsafe Login. Please contact kefu@188.com for help\r\n", tag)
					return true
				}
				return false
			}
		}()},
		{name: "over quota at sign-in", want: all, odd: func(_ *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if n < 5 && strings.HasPrefix(cmd, "LOGIN") {
				fmt.Fprintf(w, "%s NO [OVERQUOTA] Account exceeded command or bandwidth limits.\r\n", tag)
				return true
			}
			return false
		}},
		{name: "too many connections", want: all, odd: func(_ *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if n < 5 && strings.HasPrefix(cmd, "LOGIN") {
				fmt.Fprintf(w, "%s NO [ALERT] Too many simultaneous connections. (Failure)\r\n", tag)
				return true
			}
			return false
		}},
		{name: "some messages no longer exist", messages: map[int]string{1: headerOf(1), 3: headerOf(3)}, want: []int{1, 3}, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			switch {
			case strings.HasPrefix(cmd, "UID SEARCH") && strings.Contains(cmd, "1:*"):
				fmt.Fprintf(w, "* SEARCH 1 2 3\r\n%s OK\r\n", tag)
				return true
			case fetchOf(cmd, 2):
				for i, u := range s.uids() {
					if inSet(strings.ToUpper(cmd), u) {
						writeFetch(w, i+1, u, headerOf(u))
					}
				}
				fmt.Fprintf(w, "%s NO Some of the requested messages no longer exist.\r\n", tag)
				return true
			}
			return false
		}},
		{name: "EXISTS before the plus of IDLE", want: all, odd: func(_ *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if cmd == "IDLE" {
				fmt.Fprint(w, "* 3 EXISTS\r\n")
			}
			return false
		}},
		{name: "a literal shorter than announced, the message again and again", want: []int{1, 3}, bad: 1, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if fetchOf(cmd, 2) {
				fmt.Fprintf(w, "* 2 FETCH (UID 2 FLAGS () BODY[HEADER.FIELDS (From)] {9999}\r\nFrom: x\r\n)\r\n%s OK\r\n", tag)
				s.mu.Lock()
				s.cut = true
				s.mu.Unlock()
				return true
			}
			return false
		}},
		{name: "flags with blanks", want: all, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if fetchOf(cmd, 2) && strings.Contains(cmd, "FLAGS") && !strings.HasPrefix(strings.SplitN(cmd, "(", 2)[1], "UID BODY") {
				fmt.Fprintf(w, "* 2 FETCH (UID 2 FLAGS ( ) INTERNALDATE \"01-Mar-2026 10:00:00 +0000\" RFC822.SIZE 1 BODY[HEADER.FIELDS (From)] {%d}\r\n%s)\r\n%s OK\r\n", len(headerOf(2)), headerOf(2), tag)
				return true
			}
			return false
		}},
		{name: "INTERNALDATE missing", want: all, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if fetchOf(cmd, 2) && strings.Contains(cmd, "INTERNALDATE") {
				fmt.Fprintf(w, "* 2 FETCH (UID 2 FLAGS () INTERNALDATE NIL RFC822.SIZE 1 BODY[HEADER.FIELDS (From)] {%d}\r\n%s)\r\n%s OK\r\n", len(headerOf(2)), headerOf(2), tag)
				return true
			}
			return false
		}},
		{name: "UID after the literal", want: all, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if strings.HasPrefix(cmd, "UID FETCH") {
				for i, u := range s.uids() {
					if inSet(strings.ToUpper(cmd), u) {
						h := headerOf(u)
						fmt.Fprintf(w, "* %d FETCH (FLAGS () INTERNALDATE \"01-Mar-2026 10:00:00 +0000\" RFC822.SIZE 1 BODY[HEADER.FIELDS (From)] {%d}\r\n%s UID %d)\r\n", i+1, len(h), h, u)
					}
				}
				fmt.Fprintf(w, "%s OK\r\n", tag)
				return true
			}
			return false
		}},
		{name: "a message in two FETCH lines", want: all, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if strings.HasPrefix(cmd, "UID FETCH") {
				for i, u := range s.uids() {
					if inSet(strings.ToUpper(cmd), u) {
						h := headerOf(u)
						fmt.Fprintf(w, "* %d FETCH (UID %d FLAGS () INTERNALDATE \"01-Mar-2026 10:00:00 +0000\")\r\n* %d FETCH (UID %d BODY[HEADER.FIELDS (From)] {%d}\r\n%s)\r\n", i+1, u, i+1, u, len(h), h)
					}
				}
				fmt.Fprintf(w, "%s OK\r\n", tag)
				return true
			}
			return false
		}},
		{name: "no UIDNEXT", want: all, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if strings.HasPrefix(cmd, "EXAMINE") {
				fmt.Fprintf(w, "* %d EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n%s OK [READ-ONLY]\r\n", len(s.uids()), tag)
				return true
			}
			return false
		}},
		{name: "a folder name in bad modified UTF-7", want: all, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if strings.HasPrefix(cmd, "LIST") && n > 1 { // the first list kills; the watcher goes on without the extended form
				return false
			}
			if strings.HasPrefix(cmd, "LIST") {
				fmt.Fprintf(w, "* LIST () \"/\" \"Ent&w-rfe\"\r\n* LIST () \"/\" INBOX\r\n%s OK\r\n", tag)
				return true
			}
			return false
		}},
		{name: "IDLE ended by the server", want: all, odd: func(s *oddServer, n int, tag, cmd string, w *bufio.Writer) bool {
			if cmd == "IDLE" && n < 4 {
				fmt.Fprintf(w, "+ idling\r\n%s OK timeout\r\n", tag)
				return true
			}
			return cmd == "DONE"
		}},
		{name: "no, doubled and odd Message-IDs, Latin-1, an mbox line", want: all, messages: map[int]string{
			1: "From \xe4@x Mon\r\nFrom: J\xfcrgen <p1@x.example>\r\nTo: sam@firm.example\r\nDate: Sun, 01 Mar 2026 09:00:00 +0000\r\n\r\n",
			2: "From: p2@x.example\r\nTo: sam@firm.example\r\nMessage-ID: <[abc]@d>\r\nMessage-ID: <2@x>\r\n\r\n",
			3: "From: p3@x.example\r\nno colon here\r\nTo: sam@firm.example\r\nMessage-ID: bare@x\r\nSubject: =?x-unknown?Q?a=FF?=\r\n\r\n",
		}},
		{name: "a header of 3 MB", want: all, messages: map[int]string{1: headerOf(1), 2: "Subject: " + strings.Repeat("x", 3<<20) + "\r\n" + headerOf(2), 3: headerOf(3)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.messages == nil {
				c.messages = threeMessages()
			}
			s := startOdd(t, c.messages, c.odd)
			sink := newSink()
			w := oddWatcher(s, sink, nil)
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			defer cancel()
			go func() { done <- w.Run(ctx) }()
			eventually(t, "the messages", func() bool { return slices.Equal(sink.uids(), c.want) })
			s.mu.Lock()
			s.messages[9] = headerOf(9)
			s.mu.Unlock()
			eventually(t, "a later message", func() bool { return slices.Contains(sink.uids(), 9) })
			if len(sink.bad) < c.bad {
				t.Errorf("%d messages in quarantine, want %d", len(sink.bad), c.bad)
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("the watcher ended with %v", err)
			}
			for _, m := range sink.got {
				if m.Identity == "" || m.Thread == "" {
					t.Errorf("message %d has no identity or thread", m.UID)
				}
			}
		})
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for i := 0; !ok(); i++ {
		if i > 1200 {
			t.Fatalf("waited in vain for %s", what)
		}
		<-tick.C
	}
}

// TestSilentPeer cuts a peer that vanished without a word.
func TestSilentPeer(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	c := newConn(a, nil)
	c.expect(time.Millisecond)
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("a silent peer is waited for without end")
	}
}

// TestRefusals gives up after three.
func TestRefusals(t *testing.T) {
	s := startOdd(t, threeMessages(), func(_ *oddServer, _ int, tag, cmd string, w *bufio.Writer) bool {
		if strings.HasPrefix(cmd, "LOGIN") {
			fmt.Fprintf(w, "%s NO [AUTHENTICATIONFAILED] Invalid credentials\r\n", tag)
			return true
		}
		return false
	})
	refused := false // Run reports from this goroutine
	w := oddWatcher(s, newSink(), func(e Event) { refused = refused || e.Refused })
	if err := w.Run(context.Background()); !errors.Is(err, ErrSignIn) || !refused {
		t.Errorf("ended with %v", err)
	}
	s.mu.Lock()
	tries := s.sessions
	s.mu.Unlock()
	if tries != 3 {
		t.Errorf("%d tries", tries)
	}
	if strings.Contains(fmt.Sprint(w.Run(context.Background())), "pw") {
		t.Error("the secret is in the error")
	}
}
