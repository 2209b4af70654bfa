package daemon

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/store/kv"
	"fifthcall/daemon/store/kv/memory"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/mailtest"
)

// world is a desk on the embedded mail server, in virtual time: mail is put into folders, the
// daemon makes one pass, what it did is looked at.
type world struct {
	*Daemon
	t   testing.TB
	srv *mailtest.Server
	now time.Time
	r   *book.Runner
	n   int

	engine kv.Engine // outlives restarts
}

func newWorld(t testing.TB, change ...func(*config.Config)) *world {
	t.Helper()
	return newWorldWithout(t, nil, change...)
}

// newWorldWithout is a world whose mail server lacks some capabilities.
func newWorldWithout(t testing.TB, without []string, change ...func(*config.Config)) *world {
	t.Helper()
	w := &world{t: t, now: testNow, engine: memory.New()}
	srv, err := mailtest.Start("firm.example", func() time.Time { return testNow }, without...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	if err := srv.AddUser("sam", "secret"); err != nil {
		t.Fatal(err)
	}
	w.srv = srv
	cfg := testConfig(t, t.TempDir(), "sam", port(t, srv.IMAPAddr))
	d := &cfg.Desks[0]
	d.Email, d.IMAP.Username = "sam@firm.example", "sam@firm.example"
	d.IMAP.SecretConfig = config.SecretConfig{Password: "secret", Auth: "password"}
	for _, f := range change {
		f(cfg)
	}
	w.open(cfg)
	return w
}

func (w *world) open(cfg *config.Config) {
	w.t.Helper()
	d, err := Open(cfg, Options{Clock: func() time.Time { return w.now }, Engine: w.engine})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Daemon, w.r = d, d.desks[0]
	w.t.Cleanup(func() {
		for _, r := range w.desks { // what nearly every answer looks through is what is stored, whatever happened in the test
			if err := r.State.CheckModel(); err != nil && w.Daemon == d { // else it was closed before, and another wrote on
				w.t.Error(desk.Shorten(err.Error(), 800))
			}
		}
		_ = d.Close()
	})
}

// put files a mail into a folder of the desk.
func (w *world) put(folder string, raw []byte) {
	w.t.Helper()
	if err := w.srv.Append("sam", folder, raw, w.now); err != nil {
		w.t.Fatal(err)
	}
}

// pass makes the daemon read the mailbox once.
func (w *world) pass() {
	w.t.Helper()
	if err := w.Sync(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) mail(from, to, subject, text string, extra ...string) []byte {
	w.n++
	w.now = w.now.Add(time.Second) // so that mail has an order
	return mailtest.Head{From: from, To: to, Subject: subject, ID: fmt.Sprintf("m%d@test", w.n), Date: w.now, Extra: extra}.Mail(text)
}

// writeTo has the recruiter write to somebody, which makes the contact.
func (w *world) writeTo(who string) {
	w.t.Helper()
	w.put("Sent", w.mail("Sam <sam@firm.example>", who, "Hello", "Hello"))
	w.pass()
}

func (w *world) contact(addr string) view.ContactView {
	w.t.Helper()
	c, ok := list(w.t.(*testing.T), w.r)[addr]
	if !ok {
		w.t.Fatalf("no contact %s", addr)
	}
	return c
}

func (w *world) touchesOf(addr string) []view.TouchView {
	w.t.Helper()
	ts, err := view.Touches(w.r, addr, view.Part{})
	if err != nil {
		w.t.Fatal(err)
	}
	return ts
}

func (w *world) log(text string) {
	w.t.Helper()
	if _, err := command.LogText(context.Background(), w.r, text, w.now); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) callback(addr string) view.CallbackView {
	w.t.Helper()
	cbs, err := view.Callbacks(w.r, false, view.Part{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, cb := range cbs {
		if cb.Contact == addr {
			return cb
		}
	}
	w.t.Fatalf("no callback for %s", addr)
	return view.CallbackView{}
}

const jane = "Jane Miller <jane@acme.example>"

func TestAwayMovesCallback(t *testing.T) {
	w := newWorld(t)
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.log("jane@acme.example vm") // two working days
	before := w.callback("jane@acme.example")
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Automatic reply: Hello", "I am out of the office until Friday 13 March.", "Auto-Submitted: auto-replied", "In-Reply-To: <m1@test>"))
	w.pass()
	after := w.callback("jane@acme.example")
	if !strings.HasPrefix(after.Start, "2026-03-16") || after.EventUID != before.EventUID || after.Sequence <= before.Sequence || after.Rule != "back-from-leave" {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if ts := w.touchesOf("jane@acme.example"); len(ts) != 2 {
		t.Errorf("an auto-reply is no touch: %+v", ts)
	}
}

func TestGoneMarksContact(t *testing.T) {
	w := newWorld(t)
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Automatic reply: Hello", "I have left Acme. Please contact Tom Reed (tom@acme.example).", "Auto-Submitted: auto-replied"))
	w.pass()
	w.pass()
	c := w.contact("jane@acme.example")
	if c.Status != "left" || !strings.Contains(strings.Join(c.Notes, " "), "tom@acme.example") {
		t.Errorf("%+v", c)
	}
	if cbs, _ := view.Callbacks(w.r, false, view.Part{}); len(cbs) != 0 {
		t.Errorf("who has left is not called: %+v", cbs)
	}
	if news := w.news(); len(news) != 1 || !strings.Contains(news[0], "Tom Reed <tom@acme.example>") {
		t.Errorf("%q", news)
	}
}

func bounceOf(addr, id, status, words string) (string, []string) {
	body := "--b\r\nContent-Type: text/plain\r\n\r\nYour mail came back.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
		"Final-Recipient: rfc822; " + addr + "\r\nAction: failed\r\nStatus: " + status + "\r\nDiagnostic-Code: smtp; 550 " + status + " " + words + "\r\n\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <" + id + ">\r\nFrom: sam@firm.example\r\nTo: " + addr + "\r\nSubject: Hello\r\n\r\nHello\r\n--b--\r\n"
	return body, []string{"Content-Type: multipart/report; report-type=delivery-status; boundary=b", "MIME-Version: 1.0"}
}

func TestBounces(t *testing.T) {
	w := newWorld(t)
	w.writeTo(jane)                            // m1
	w.writeTo("Tom Reed <tom@globex.example>") // m2
	body, head := bounceOf("jane@acme.example", "m1@test", "5.1.1", "User unknown")
	w.put("INBOX", w.mail("MAILER-DAEMON@firm.example", "sam@firm.example", "Undelivered Mail Returned to Sender", body, head...))
	body, head = bounceOf("tom@globex.example", "m2@test", "5.2.2", "Mailbox full")
	w.put("INBOX", w.mail("MAILER-DAEMON@firm.example", "sam@firm.example", "Undelivered Mail Returned to Sender", body, head...))
	w.pass()
	if ts := w.touchesOf("jane@acme.example"); len(ts) != 1 || ts[0].Outcome != "undelivered" {
		t.Errorf("%+v", ts)
	}
	if c := w.contact("jane@acme.example"); c.Status != "bounced" {
		t.Errorf("hard: %+v", c)
	}
	if c := w.contact("tom@globex.example"); c.Status != "active" {
		t.Errorf("one soft bounce marks nobody: %+v", c)
	}
	w.now = w.now.Add(48 * time.Hour)
	w.writeTo("Tom Reed <tom@globex.example>")
	body, head = bounceOf("tom@globex.example", fmt.Sprintf("m%d@test", w.n), "5.2.2", "Mailbox full")
	w.put("INBOX", w.mail("MAILER-DAEMON@firm.example", "sam@firm.example", "Undelivered Mail Returned to Sender", body, head...))
	w.pass()
	if c := w.contact("tom@globex.example"); c.Status != "bounced" {
		t.Errorf("two soft bounces in a week: %+v", c)
	}
	if n := w.news(); len(n) != 2 || !strings.Contains(n[0], "what is the new address") {
		t.Errorf("%q", n)
	}
	w.put("INBOX", w.mail("Tom Reed <tom@globex.example>", "sam@firm.example", "Re: Hello", "I am here"))
	w.pass()
	if c := w.contact("tom@globex.example"); c.Status != "active" {
		t.Errorf("mail from the address shows that it works: %+v", c)
	}
}

// A bounce that is read before the mail it answers is found in Sent counts all the same.
func TestBounceBeforeSent(t *testing.T) {
	w := newWorld(t)
	w.writeTo(jane)
	body, head := bounceOf("jane@acme.example", "later@test", "5.1.1", "User unknown")
	w.put("INBOX", w.mail("MAILER-DAEMON@firm.example", "sam@firm.example", "Undelivered Mail Returned to Sender", body, head...))
	w.pass()
	w.put("Sent", mailtest.Head{From: "sam@firm.example", To: "jane@acme.example", Subject: "Offer", ID: "later@test", Date: w.now}.Mail("Offer"))
	w.pass()
	ts := w.touchesOf("jane@acme.example")
	if len(ts) != 2 || ts[0].Outcome+ts[1].Outcome != "undelivered" {
		t.Errorf("%+v", ts)
	}
}

func TestCallNotices(t *testing.T) {
	w := newWorld(t)
	w.writeTo(jane)
	if _, err := view.SetContact(context.Background(), w.r, people.ContactChange{Who: "jane@acme.example", Phone: ptr("+44 20 7946 0018")}); err != nil {
		t.Fatal(err)
	}
	w.put("INBOX", w.mail("Phones <noreply@pbx.example>", "sam@firm.example", "New voicemail from 020 7946 0018", "You have a new voicemail (0:34)."))
	w.put("INBOX", w.mail("Phones <noreply@pbx.example>", "sam@firm.example", "Missed call from 020 7946 9999", "You missed a call."))
	w.pass()
	ts := w.touchesOf("jane@acme.example")
	if len(ts) != 2 || ts[1].Channel != "voicemail" || ts[1].Direction != "in" {
		t.Fatalf("%+v", ts)
	}
	if cb := w.callback("jane@acme.example"); cb.Rule != "missed-call" || !strings.HasPrefix(cb.Due, "2026-03-02") {
		t.Errorf("%+v", cb)
	}
}

func TestRelaysAndStrippedThreads(t *testing.T) {
	w := newWorld(t)
	w.writeTo(jane)
	w.put("INBOX", w.mail("Jane Miller <hit-reply@linkedin.com>", "sam@firm.example", "Jane sent you a message", "Let us talk.", "List-Unsubscribe: <https://x.example>"))
	w.put("INBOX", w.mail("Jane Miller via Desk <desk@lists.example>", "sam@firm.example", "Question", "One more.", "Reply-To: jane@acme.example"))
	w.put("INBOX", w.mail(jane, "sam@firm.example", "RE: Hello", "Headers were lost on the way."))
	w.pass()
	ts := w.touchesOf("jane@acme.example")
	if len(ts) != 4 {
		t.Fatalf("%d touches: %+v", len(ts), ts)
	}
	for _, x := range ts[1:] {
		if x.Kind != "reply" {
			t.Errorf("%+v", x)
		}
		if x.Subject == "RE: Hello" && x.Thread != ts[0].Thread {
			t.Errorf("thread %s, want %s", x.Thread, ts[0].Thread)
		}
	}
}

func TestExplainMessage(t *testing.T) {
	w := newWorld(t)
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Hello", "Shall we talk?\r\n\r\n> older\r\n"))
	e, err := shell.ExplainMessage(context.Background(), w.cfg, "", "<m1@test>")
	if err != nil || e.Class != "human" || e.ReplyText != "Shall we talk?" || e.File != "INBOX" {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := shell.ExplainMessage(context.Background(), w.cfg, "", "nobody@x"); err == nil {
		t.Error("found a message that isn't there")
	}
}

// news are the texts noted for the morning mail.
func (w *world) news() (out []string) {
	w.t.Helper()
	err := w.r.State.View(func(tx *store.Tx) error {
		ns, err := tx.News()
		for _, n := range ns {
			out = append(out, n.Text)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func port(t testing.TB, addr string) int {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	n, err2 := strconv.Atoi(p)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	return n
}

func ptr[T any](v T) *T { return &v }
