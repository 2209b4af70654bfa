package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/demoserver"
	"fifthcall/mailbox/mailtest"
)

// TestDemo runs the demo's wiring and sees a reply to a trigger address arrive as a touch.
func TestDemo(t *testing.T) {
	demo, err := daemon.NewDemo("127.0.0.1:0", daemon.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := demo.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	if err := demo.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- demo.Daemon.Run(ctx) }()
	var contacts []view.ContactView
	if err := daemon.Ask(ctx, demo.Daemon, shell.Request{Op: "contacts.list"}, &contacts); err != nil || len(contacts) < 50 {
		t.Fatalf("%d contacts, %v", len(contacts), err)
	}
	me, now := "Sam <"+demo.Login+">", time.Now()
	for _, trigger := range demoserver.Triggers {
		to := trigger + "@" + demo.Mail.Domain
		raw := mailtest.Head{From: me, To: to, Subject: "Hello", ID: trigger + "@demo", Date: now}.Mail("Hi\r\n")
		if err := mailtest.Submit(demo.Mail.SMTPAddr, demo.Login, daemon.DemoPassword, to, raw); err != nil {
			t.Fatal(err)
		}
	}
	mailtest.Eventually(t, "the answers to be counted", func() bool {
		var st []daemon.StatusView
		if err := daemon.Ask(ctx, demo.Daemon, shell.Request{Op: "status"}, &st); err != nil {
			t.Fatal(err)
		}
		m := metrics(t, demo)
		return m["bounce"] > 4 && m["auto_reply"] > 19
	})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// metrics are the messages counted by class.
func metrics(t *testing.T, demo *daemon.Demo) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, l := range strings.Split(get(t, "http://"+demo.Daemon.Addr()+"/metrics"), "\n") {
		if rest, ok := strings.CutPrefix(l, `fifthcall_messages_total{class="`); ok {
			class, _, _ := strings.Cut(rest, `"`)
			out[class] = number(t, l[strings.LastIndexByte(l, ' ')+1:])
		}
	}
	return out
}
