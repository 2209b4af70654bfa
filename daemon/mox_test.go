package daemon

import (
	"context"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/mailtest"
)

// TestRefusalsOfMox: a refusal for now is tried again later, one for good is told in plain words, and nothing leaves twice; against a
// real mox, which refuses by address.
func TestRefusalsOfMox(t *testing.T) {
	m := mailtest.StartMox(t)
	w := &world{t: t, now: testNow}
	cfg := testConfig(t, t.TempDir(), "sam", m.IMAP)
	d := &cfg.Desks[0]
	d.Email, d.Letters.Mode, d.Letters.Gap, d.Morning.Send = "mox@localhost", "auto", 0, false
	secret := config.SecretConfig{Password: m.Password, Auth: "password"}
	d.IMAP = config.IMAPConfig{Host: "localhost", Port: m.IMAP, Security: "starttls", Username: m.User, SecretConfig: secret, CAFile: m.CA, Poll: config.Duration(time.Minute)}
	d.SMTP = config.SMTPConfig{Host: "localhost", Port: m.Submission, Security: "starttls", Username: m.User, SecretConfig: secret, CAFile: m.CA}
	w.open(cfg)
	w.pass()
	w.at("2026-03-03", "09:00")
	want := map[string]struct {
		state, next, news string
	}{
		"rcpttotemperror@x.example": {"queued", "2026-03-03T09:07:30Z", ""},
		"x451@x.example":            {"queued", "2026-03-03T09:07:30Z", ""},
		"rcpttopermerror@x.example": {"rejected", "", "the address is probably wrong"},
		"rcptto550@x.example":       {"rejected", "", "the address is probably wrong"},
		"x552@x.example":            {"rejected", "", "too large"},
		"fine@x.example":            {"filed", "", ""},
	}
	for addr := range want {
		w.log(addr + " candidate")
		if _, err := view.SendFromShell(context.Background(), w.r, view.LetterRequest{Name: "referral", Contact: addr}); err != nil {
			t.Fatal(err)
		}
	}
	w.pass()
	w.pass()
	all, err := view.Outbox(w.r)
	if err != nil {
		t.Fatal(err)
	}
	news := strings.Join(w.news(), "\n")
	for _, o := range all {
		c := want[o.To[0]]
		show, err := view.OutboxShow(w.r, o.ID)
		if err != nil || o.State != c.state || o.Next != c.next || len(show.Attempts) != 1 {
			t.Errorf("%s is %s, next %q, want %s %q: %v %v", o.To[0], o.State, o.Next, c.state, c.next, show.Attempts, o.Error)
		}
		if c.news != "" && !strings.Contains(news, c.news) {
			t.Errorf("%s: %q is not in the news:\n%s", o.To[0], c.news, news)
		}
	}
	w.at("2026-03-03", "09:07")
	w.pass()
	w.at("2026-03-03", "09:08")
	w.pass()
	w.pass()
	for _, o := range w.letters() {
		if o.State == "queued" && (o.Tries != 2 || o.Next != "2026-03-03T09:23:00Z") {
			t.Errorf("%+v", o)
		}
	}
}

// letters are the outbox's letters.
func (w *world) letters() []view.OutgoingView {
	w.t.Helper()
	all, err := view.Outbox(w.r)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}
