// Package booktest opens the book of a desk for tests of what happens on it: state in memory, a clock that stands, no network.
package booktest

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/store/kv/memory"
)

// Desk is a desk whose book is open. Its time is Now, a Monday morning at first.
type Desk struct {
	*book.Runner
	Now time.Time
	t   testing.TB
}

// Open opens the book of a new desk, sam@firm.example in London, after change has changed its settings.
func Open(t testing.TB, change ...func(*config.DeskConfig)) *Desk {
	t.Helper()
	dir := t.TempDir()
	secret := filepath.Join(dir, "password")
	text := config.Answers{
		Name: "sam", Email: "sam@firm.example", Timezone: "Europe/London", StateDir: "state", IMAPHost: "127.0.0.1", IMAPPort: 143, IMAPSecurity: "none",
		SMTPHost: "127.0.0.1", SMTPPort: 25, SMTPSafe: "none", Username: "sam", PasswordFile: secret,
	}.File()
	path := filepath.Join(dir, "config.toml")
	for name, text := range map[string]string{secret: "secret\n", path: text} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range change {
		fn(&cfg.Desks[0])
	}
	st, err := store.Over(memory.New())
	if err != nil {
		t.Fatal(err)
	}
	d := &Desk{Now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), t: t}
	d.Runner, err = book.NewRunner(cfg.Desks[0], make([]byte, 32), st, func() time.Time { return d.Now }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	loop := make(chan struct{})
	go func() { defer close(loop); d.Loop(ctx) }()
	t.Cleanup(func() { stop(); <-loop })
	return d
}

// Do runs fn in one transaction, and fails the test with its error.
func (d *Desk) Do(fn func(tx *book.Tx) error) {
	d.t.Helper()
	if err := d.Try(fn); err != nil {
		d.t.Fatal(err)
	}
}

// Try runs fn in one transaction, and gives its error.
func (d *Desk) Try(fn func(tx *book.Tx) error) error {
	return d.Update(context.Background(), func(tx *store.Tx, env desk.Env) error { return fn(d.Runner.Open(tx, env).From(desk.SourceShell)) })
}

// Contact puts somebody into the book: an address, and what change makes of them.
func (d *Desk) Contact(addr string, change func(c *desk.Contact)) *desk.Contact {
	d.t.Helper()
	c := &desk.Contact{ID: desk.ContactID(addr), Emails: []string{addr}, Status: desk.StatusActive}
	change(c)
	d.Do(func(tx *book.Tx) error { return tx.PutContact(c) })
	return c
}

// Records are all records of the desk, by key.
func (d *Desk) Records() map[string]string {
	d.t.Helper()
	out := map[string]string{}
	err := d.State.View(func(tx *store.Tx) error {
		return tx.EachRecord(func(key string, value []byte) error { out[key] = string(value); return nil })
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}
