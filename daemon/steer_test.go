package daemon

import (
	"context"
	"fmt"
	"net/smtp"
	"strings"
	"sync"
	"testing"
	"time"

	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/door/watch"
	"fifthcall/mailbox/mailtest"
	"fifthcall/mailbox/message"
)

// virtualClock is a clock that a test turns.
type virtualClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *virtualClock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *virtualClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// recruiter is a plain mail program at a real Dovecot and a real Postfix.
type recruiter struct {
	t     *testing.T
	dove  *mailtest.Dovecot
	post  *mailtest.Postfix
	clock *virtualClock
	n     int
}

// find is Fifthcall's mail in INBOX whose subject or text holds the words.
func (u *recruiter) find(words string) *message.Message {
	u.t.Helper()
	var hit *message.Message
	mailtest.Eventually(u.t, "a mail with "+words, func() bool {
		out := u.dove.Doveadm(nil, "-f", "flow", "fetch", "-u", "sam", "uid", "mailbox", "INBOX", "header", "X-Fifthcall", "")
		for _, uid := range strings.Fields(strings.ReplaceAll(out, "uid=", "")) {
			raw := u.dove.Doveadm(nil, "fetch", "-u", "sam", "text", "mailbox", "INBOX", "uid", uid)
			_, raw, _ = strings.Cut(raw, "\n") // "text:"
			p := message.ParsePart([]byte(raw))
			m := message.ReadHeader(p.Header, time.Time{}, 0)
			m.Body = p
			if s, _ := p.Readable(); strings.Contains(m.Subject, words) || strings.Contains(s, words) {
				hit = m
			}
		}
		return hit != nil
	})
	return hit
}

// answer replies as mail programs do: by SMTP, with a copy in Sent.
func (u *recruiter) answer(to *message.Message, text string) {
	u.t.Helper()
	u.n++
	quoted, _ := to.Body.Readable()
	raw := mailtest.Head{
		From: "Sam <sam@firm.example>", To: "sam@firm.example", Subject: "Re: " + to.Subject, ID: fmt.Sprintf("reply%d@firm.example", u.n), Date: u.clock.time(),
		Extra: []string{"In-Reply-To: <" + to.MessageID + ">", "References: <" + to.MessageID + ">"},
	}.Mail(text + "\r\n\r\nOn Tue, 3 Mar 2026 at 07:30, Fifthcall <sam@firm.example> wrote:\r\n\r\n> " + strings.ReplaceAll(quoted, "\n", "\r\n> "))
	if err := smtp.SendMail(fmt.Sprintf("127.0.0.1:%d", u.post.Port), nil, "sam@firm.example", []string{"sam@firm.example"}, raw); err != nil {
		u.t.Fatal(err)
	}
	u.dove.Append("sam", "Sent", raw)
}

// TestSteeredFromTheInbox: a day with the morning mail, on a real IMAP and a real submission server.
func TestSteeredFromTheInbox(t *testing.T) {
	t.Parallel()
	dove := mailtest.StartDovecot(t)
	post := mailtest.StartPostfix(t, dove)
	zone, _ := time.LoadLocation("Europe/London")
	clock := &virtualClock{now: time.Date(2026, 3, 2, 12, 30, 0, 0, zone)}
	cfg := testConfig(t, t.TempDir(), "sam", dove.Port)
	d := &cfg.Desks[0]
	d.SMTP = config.SMTPConfig{Host: "127.0.0.1", Port: post.Port, Security: "none"}
	d.Morning.Deliver = "smtp"
	for i, who := range []string{"jane@acme.example", "tom@globex.example"} {
		dove.Append("sam", "Sent", letterTo("sam@firm.example", who, "Hello", fmt.Sprintf("s%d@firm.example", i), clock.time().Add(-time.Hour)))
	}
	r := start(t, cfg, clock.time)
	r.wait(2)
	desk := r.desks[0]
	mailtest.Eventually(t, "the first reading to end", func() bool { return watch.ReadOnce(desk) })
	for _, text := range []string{"jane@acme.example dm", "tom@globex.example dm", "jane@acme.example call tomorrow 10am", "tom@globex.example call tomorrow 11am"} {
		if _, err := command.LogText(context.Background(), desk, text, clock.time()); err != nil {
			t.Fatal(err)
		}
	}
	url, err := r.feedURL(desk, agenda.FeedFull)
	if err != nil {
		t.Fatal(err)
	}
	feed := strings.Replace(url.URL, url.URL[:strings.Index(url.URL, "/feed/")], "http://"+r.Addr(), 1)
	u := &recruiter{t: t, dove: dove, post: post, clock: clock}

	clock.set(time.Date(2026, 3, 3, 7, 30, 0, 0, zone))
	morning := u.find("2 calls")
	before := body(t, r.get(feed))
	clock.set(time.Date(2026, 3, 3, 10, 20, 0, 0, zone))
	u.answer(morning, "1 spoke, keen, call 17 march 10:00\r\n2 wibble")
	echo := u.find("Tue 17 Mar 2026, 10:00")
	if echo.Header.Get("Auto-Submitted") != "auto-generated" || len(echo.InReplyTo) != 1 || echo.InReplyTo[0] != "reply1@firm.example" {
		t.Errorf("the echo: %v %q", echo.InReplyTo, echo.Header.Get("Auto-Submitted"))
	}
	after := body(t, r.get(feed))
	if before == after || !strings.Contains(after, "DTSTART:20260317T100000Z") || !strings.Contains(after, "keen") {
		t.Errorf("the feed doesn't show what was agreed:\n%s", after)
	}
	spoken := func() int {
		ts, err := view.Touches(desk, "jane@acme.example", view.Part{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, x := range ts {
			if x.Outcome == "spoke" {
				n++
			}
		}
		return n
	}
	if n := spoken(); n != 1 {
		t.Errorf("logged %d times, the mail being in Sent and in INBOX", n)
	}
	clock.set(time.Date(2026, 3, 3, 10, 25, 0, 0, zone))
	u.answer(echo, "undo")
	u.find("taken back: 1 spoke")
	if n := spoken(); n != 0 {
		t.Errorf("%d conversations are left", n)
	}
	if again := body(t, r.get(feed)); !strings.Contains(again, "DTSTART:20260303T") {
		t.Errorf("the callback didn't slide back:\n%s", again)
	}
}

// TestMorningMailAppended: without a submission server it is put straight into INBOX, unseen.
func TestMorningMailAppended(t *testing.T) {
	dove := mailtest.StartDovecot(t)
	zone, _ := time.LoadLocation("Europe/London")
	clock := &virtualClock{now: time.Date(2026, 3, 2, 12, 30, 0, 0, zone)}
	cfg := testConfig(t, t.TempDir(), "sam", dove.Port)
	cfg.Desks[0].Morning.Deliver = "append"
	dove.Append("sam", "Sent", letterTo("sam@firm.example", "jane@acme.example", "Hello", "s1@firm.example", clock.time().Add(-time.Hour)))
	r := start(t, cfg, clock.time)
	r.wait(1)
	desk := r.desks[0]
	mailtest.Eventually(t, "the first reading to end", func() bool { return watch.ReadOnce(desk) })
	for _, text := range []string{"jane@acme.example dm", "jane@acme.example call tomorrow 10am"} {
		if _, err := command.LogText(context.Background(), desk, text, clock.time()); err != nil {
			t.Fatal(err)
		}
	}
	u := &recruiter{t: t, dove: dove, clock: clock}
	clock.set(time.Date(2026, 3, 3, 7, 30, 0, 0, zone))
	u.find("1 call")
	if flags := dove.Doveadm(nil, "-f", "flow", "fetch", "-u", "sam", "flags", "mailbox", "INBOX", "header", "X-Fifthcall", ""); strings.Contains(flags, `\Seen`) {
		t.Errorf("it arrived as read: %s", flags)
	}
}
