package daemon

import (
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/mailbox/mailtest"
)

// TestLettersOnRealServers: a real Dovecot keeps the drafts, a real Postfix takes what leaves by itself; a draft is laid down, replaced
// when the interview moves, recognised when the recruiter sends it, and taken away when the interview is off.
func TestLettersOnRealServers(t *testing.T) {
	dc := mailtest.StartDovecot(t)
	pf := mailtest.StartPostfix(t, dc)
	w := &world{t: t, now: testNow}
	cfg := testConfig(t, t.TempDir(), "sam", dc.Port)
	d := &cfg.Desks[0]
	d.Colleagues, d.Morning.Send = []string{"none.example"}, false
	d.SMTP = config.SMTPConfig{Host: "127.0.0.1", Port: pf.Port, Security: "none", SecretConfig: config.SecretConfig{Auth: "password"}}
	d.AuthservID = "mx.firm.example"
	d.Letters.Auto = []string{"good-luck"}
	w.open(cfg)
	dc.Append("sam", "Sent", w.mail("Sam <sam@firm.example>", "Jane Miller <jane@acme.example>", "Hello", "Hello"))
	dc.Append("sam", "Sent", w.mail("Sam <sam@firm.example>", "Li Sato <li@firm.example>", "Hello", "Hello"))
	w.pass()
	w.log("jane@acme.example client")
	w.log("li@firm.example candidate")
	start := time.Date(2026, 3, 5, 15, 0, 0, 0, time.UTC)
	invite := func(method string, seq int, start time.Time) {
		dc.Deliver("sam", append([]byte("Authentication-Results: mx.firm.example; dmarc=pass header.from=acme.example\r\n"), w.invite("Jane Miller <jane@acme.example>", "i1@acme", method, seq, start, "Interview Li Sato", "5 King Street, London", "Sam <sam@firm.example>", "Li Sato <li@firm.example>")...))
		w.pass()
		w.pass()
	}
	drafts := func() string {
		return dc.Doveadm(nil, "fetch", "-u", "sam", "hdr.subject flags", "mailbox", "Drafts", "all")
	}
	invite("REQUEST", 0, start)
	if got := drafts(); strings.Count(got, "hdr.subject:") != 2 || !strings.Contains(got, "Thursday 5 March 2026") || strings.Count(got, `\Draft`) != 2 {
		t.Fatalf("%s", got)
	}
	w.at("2026-03-03", "09:00")
	invite("REQUEST", 1, start.AddDate(0, 0, 1))
	if got := drafts(); strings.Count(got, "hdr.subject:") != 2 || strings.Contains(got, "5 March") || !strings.Contains(got, "Friday 6 March 2026") {
		t.Fatalf("after the move: %s", got)
	}
	// the recruiter's program sends the confirmation: a copy in Sent, the draft gone
	raw := dc.Doveadm(nil, "fetch", "-u", "sam", "text", "mailbox", "Drafts", "header", "subject", "Your interview", "not", "header", "subject", "prepare")
	_, raw, _ = strings.Cut(raw, "text:\n")
	dc.Append("sam", "Sent", []byte(strings.TrimRight(raw, "\f\n")))
	dc.Doveadm(nil, "expunge", "-u", "sam", "mailbox", "Drafts", "header", "subject", "Your interview", "not", "header", "subject", "prepare")
	w.pass()
	if st := w.letterStates(); st["confirmation"] != "sent" {
		t.Errorf("%v\n%s", st, raw)
	}
	// its good-luck line leaves by itself on the day, and is filed once
	w.at("2026-03-06", "07:30")
	w.pass()
	w.pass()
	if st := w.letterStates(); st["good-luck"] != "filed" {
		t.Fatalf("%v", st)
	}
	mailtest.Eventually(t, "the letter to arrive", func() bool {
		return strings.Contains(dc.Doveadm(nil, "fetch", "-u", "li", "hdr.subject", "mailbox", "INBOX", "all"), "Good luck")
	})
	if got := dc.Doveadm(nil, "fetch", "-u", "sam", "hdr.subject", "mailbox", "Sent", "all"); strings.Count(got, "Good luck") != 1 {
		t.Errorf("%s", got)
	}
	invite("CANCEL", 2, start.AddDate(0, 0, 1))
	if got := drafts(); strings.Contains(got, "hdr.subject:") {
		t.Errorf("after the cancellation: %s", got)
	}
	if !strings.Contains(strings.Join(w.news(), "\n"), "Li Sato has had") {
		t.Errorf("%q", w.news())
	}
}
