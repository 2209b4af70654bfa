package daemon

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/door/intake"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox"
	"fifthcall/mailbox/mailtest"
	"fifthcall/mailbox/message"
)

func withVerbs(cfg *config.Config) { cfg.Desks[0].Folders.Verbs = true }

// move has the recruiter's program move a folder's messages.
func (w *world) move(from, to string) {
	w.t.Helper()
	if err := w.srv.Move("sam", from, to); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) count(folder string) int {
	w.t.Helper()
	raws, err := w.srv.Messages("sam", folder)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(raws)
}

func TestFoldersAsVerbs(t *testing.T) {
	w := newWorld(t, withVerbs)
	w.restart("2026-03-02", "12:30")
	w.pass() // makes the folders
	w.put("INBOX", w.mail("Stranger Danger <new@client.example>", "sam@firm.example", "We need people", "Call me"))
	w.pass()
	w.move("INBOX", "Fifthcall/Decision maker")
	w.pass()
	if n := w.count("Fifthcall/Decision maker"); n != 1 {
		t.Fatalf("%d mails wait for the thread to be quiet", n)
	}
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	c := w.contact("new@client.example")
	if c.Name != "Stranger Danger" || len(c.Roles) != 1 || c.Roles[0] != "decision_maker" || c.NextCallback == "" {
		t.Errorf("%+v", c)
	}
	if ts := w.touchesOf("new@client.example"); len(ts) != 1 || ts[0].Kind != "reply" {
		t.Errorf("%+v", ts)
	}
	if a, b := w.count("INBOX"), w.count("Fifthcall/Decision maker"); a != 1 || b != 0 {
		t.Errorf("%d in INBOX, %d left", a, b)
	}
	w.now = w.now.Add(time.Hour)
	w.pass()
	if news := w.news(); len(news) != 1 || !strings.Contains(news[0], "a decision maker") {
		t.Errorf("%q", news)
	}
	w.move("INBOX", "Fifthcall/Call back") // again, and another verb
	w.pass()
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	if cb := w.callback("new@client.example"); !strings.HasPrefix(cb.Start, "2026-03-02") || cb.Rule != "agreed" {
		t.Errorf("%+v", cb)
	}
}

// A conversation that Outlook moves mail by mail is one command.
func TestThreadIsOneVerb(t *testing.T) {
	w := newWorld(t, withVerbs)
	w.restart("2026-03-02", "12:30")
	w.pass()
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Offer", "One", "References: <root@x>"))
	w.pass()
	w.move("INBOX", "Fifthcall/Candidate")
	w.pass()
	w.now = w.now.Add(40 * time.Second)
	w.put("INBOX", w.mail("sam@firm.example", jane, "Re: Offer", "Two", "References: <root@x>"))
	w.move("INBOX", "Fifthcall/Candidate")
	w.pass()
	w.now = w.now.Add(40 * time.Second)
	w.pass()
	if len(w.news()) != 0 {
		t.Error("acted before the thread was quiet")
	}
	w.now = w.now.Add(40 * time.Second)
	w.pass()
	if news := w.news(); len(news) != 1 {
		t.Errorf("%q", news)
	}
	if in, sent := w.count("INBOX"), w.count("Sent"); in != 1 || sent != 1 {
		t.Errorf("%d in INBOX, %d in Sent: each goes back where it came from", in, sent)
	}
}

// failingSink stops between the steps of going back.
type failingSink struct {
	intake.Sink
	at string
}

func (f *failingSink) Stepped(ctx context.Context, verb string, validity uint32, uid message.IMAPUID, step string) error {
	if err := f.Sink.Stepped(ctx, verb, validity, uid, step); err != nil {
		return err
	}
	if step == f.at {
		return errors.New("the power went")
	}
	return nil
}

// TestCrashWhileGoingBack: without MOVE, whatever step a crash falls behind, the mail is in INBOX
// once, and has acted once.
func TestCrashWhileGoingBack(t *testing.T) {
	for _, at := range []string{mailbox.StepCopying, mailbox.StepCopied, mailbox.StepGone} {
		t.Run(at, func(t *testing.T) {
			w := newWorldWithout(t, []string{"MOVE"}, withVerbs)
			w.restart("2026-03-02", "12:30")
			w.writeTo(jane)
			w.put("INBOX", w.mail(jane, "sam@firm.example", "Hello", "Call me"))
			w.pass()
			w.move("INBOX", "Fifthcall/Call back")
			w.pass()
			w.now = w.now.Add(61 * time.Second)
			watcher, err := intake.Watcher(w.r)
			if err != nil {
				t.Fatal(err)
			}
			watcher.VerbSink = &failingSink{Sink: intake.Sink{R: w.r}, at: at}
			if err := watcher.SyncOnce(context.Background()); err == nil {
				t.Fatal("the crash didn't happen")
			}
			w.pass()
			w.pass()
			if in, left := w.count("INBOX"), w.count("Fifthcall/Call back"); in != 1 || left != 0 {
				t.Errorf("%d in INBOX, %d left", in, left)
			}
			if news := w.news(); len(news) != 1 {
				t.Errorf("acted %d times: %q", len(news), news)
			}
		})
	}
}

func TestStar(t *testing.T) {
	w := newWorld(t, func(cfg *config.Config) { cfg.Desks[0].Folders.Star = "callback" })
	w.restart("2026-03-02", "12:30")
	w.writeTo(jane)
	w.put("INBOX", w.mail(jane, "sam@firm.example", "Hello", "Call me"))
	w.pass()
	if err := w.srv.Flag("sam", "INBOX"); err != nil {
		t.Fatal(err)
	}
	w.pass()
	if cb := w.callback("jane@acme.example"); !strings.HasPrefix(cb.Start, "2026-03-03") {
		t.Errorf("%+v", cb)
	}
}

// TestVerbsBelowInbox: a real server that wants its folders below INBOX, with dots between.
func TestVerbsBelowInbox(t *testing.T) {
	dove := mailtest.StartDovecot(t, "  inbox = yes\n", "  inbox = yes\n  prefix = INBOX.\n  separator = .\n")
	cfg := testConfig(t, t.TempDir(), "sam", dove.Port)
	cfg.Desks[0].Folders.Verbs = true
	now := testNow
	d, err := Open(cfg, Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	pass := func() {
		t.Helper()
		if err := d.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	pass()
	dove.Append("sam", "INBOX", letterTo("Petra Klein <petra@muster.example>", "sam@firm.example", "Hello", "p1@muster.example", now))
	pass()
	const folder = "INBOX.Fifthcall.Candidate"
	dove.Doveadm(nil, "move", "-u", "sam", folder, "mailbox", "INBOX", "header", "Subject", "Hello")
	pass()
	now = now.Add(61 * time.Second)
	pass()
	c, err := view.Contact(d.desks[0], "petra@muster.example")
	if err != nil || len(c.Roles) != 1 || c.Roles[0] != "candidate" {
		t.Errorf("%+v %v", c, err)
	}
	flags := dove.Doveadm(nil, "fetch", "-u", "sam", "flags", "mailbox", "INBOX", "header", "Subject", "Hello")
	left := dove.Doveadm(nil, "fetch", "-u", "sam", "flags", "mailbox", folder, "all")
	if !strings.Contains(flags, mailbox.Keyword) || strings.TrimSpace(left) != "" {
		t.Errorf("in INBOX: %q, left: %q", flags, left)
	}
}
