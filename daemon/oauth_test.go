package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"fifthcall/daemon/config"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
	"fifthcall/mailbox/mailtest"
)

// oauthDesk is a desk on a real Dovecot that takes nothing but tokens of a real authorisation server.
func oauthDesk(t *testing.T, o *mailtest.OAuth, mechanisms string, change ...func(*config.Config)) *Daemon {
	t.Helper()
	sink, err := mailtest.Start("firm.example", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	_, relay, _ := strings.Cut(sink.SMTPAddr, ":")
	submission := mailtest.FreePort(t)
	d := mailtest.StartDovecot(t, append(o.Dovecot(mechanisms), "protocols = imap lmtp", "protocols = imap lmtp submission\nsubmission_relay_host = 127.0.0.1\nsubmission_relay_port = "+relay+"\nsubmission_relay_trusted = no\nservice submission-login {\n  inet_listener submission {\n    address = 127.0.0.1\n    port = "+strconv.Itoa(submission)+"\n  }\n}\nhostname = mx.firm.example")...)
	cfg := testConfig(t, t.TempDir(), "sam", d.Port)
	dc := &cfg.Desks[0]
	dc.IMAP.Username = o.User
	dc.IMAP.SecretConfig = config.SecretConfig{Auth: "oauth2"}
	dc.SMTP = config.SMTPConfig{Host: "127.0.0.1", Port: submission, Security: "none", Username: o.User, SecretConfig: config.SecretConfig{Auth: "oauth2"}}
	dc.OAuth = config.OAuthConfig{ClientID: "native", AuthURL: o.Issuer + "/auth", TokenURL: o.Issuer + "/oauth/token", DeviceURL: o.Issuer + "/device_authorization", Scopes: []string{"openid", "email", "offline_access"}, RedirectPort: o.Redirect}
	for _, f := range change {
		f(cfg)
	}
	dm, err := Open(cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dm.Close() })
	return dm
}

// login goes through the browser's flow.
func login(t *testing.T, d *Daemon, o *mailtest.OAuth) *oauth2.Token {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var browser sync.WaitGroup
	defer browser.Wait()
	token, err := watch.OAuthLogin(ctx, d.cfg, "sam", false, func(address, _ string) {
		if !strings.Contains(address, "code_challenge_method=S256") {
			t.Errorf("no PKCE in %s", address)
		}
		browser.Go(func() {
			if err := o.Consent(address); err != nil {
				t.Errorf("consent: %v", err)
				cancel()
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.takeToken(context.Background(), d.desks[0], token); err != nil {
		t.Fatal(err)
	}
	return token
}

// TestOAuthAgainstDovecot signs in to a real Dovecot, for IMAP and for SMTP, by both mechanisms.
func TestOAuthAgainstDovecot(t *testing.T) {
	mailtest.NeedPeer(t, "dovecot")
	o := mailtest.StartOAuth(t)
	for _, mech := range []string{"xoauth2", "oauthbearer"} {
		t.Run(mech, func(t *testing.T) {
			d := oauthDesk(t, o, mech)
			r := d.desks[0]
			if err := d.Sync(context.Background()); err == nil || !strings.Contains(err.Error(), "fifthcall oauth login sam") {
				t.Fatalf("before the login: %v", err)
			}
			login(t, d, o)
			if err := d.Sync(context.Background()); err != nil {
				t.Fatal(err)
			}
			cfg := r.Current().Cfg
			acct, err := watch.SMTPAccount(r, &cfg)
			if err != nil {
				t.Fatal(err)
			}
			if fate, err := acct.Submit(context.Background(), "sam@firm.example", []string{"sam@firm.example"}, []byte("From: sam@firm.example\r\nTo: sam@firm.example\r\nSubject: x\r\n\r\nx\r\n"), func() error { return nil }); fate != mailbox.Accepted {
				t.Errorf("submission: %v %v", fate, err)
			}
		})
	}
}

// TestOAuthRefresh: many ask at once and the token is renewed once, the rotated one stored before it is used; a token that the
// server won't renew asks for consent and isn't tried again.
func TestOAuthRefresh(t *testing.T) {
	mailtest.NeedPeer(t, "dovecot")
	o := mailtest.StartOAuth(t)
	d := oauthDesk(t, o, "xoauth2")
	r := d.desks[0]
	first := login(t, d, o)
	watch.Doubt(&r.SignIn)
	expired := *first
	expired.Expiry = time.Now().Add(-time.Minute)
	if err := watch.StoreToken(context.Background(), r, &expired); err != nil {
		t.Fatal(err)
	}
	watch.Forget(&r.SignIn)
	var all sync.WaitGroup
	got := make([]string, 20)
	for i := range got {
		all.Go(func() {
			s, err := watch.Access(context.Background(), &r.SignIn)
			if err != nil {
				t.Error(err)
			}
			got[i] = s
		})
	}
	all.Wait()
	for _, s := range got {
		if s != got[0] || s == first.AccessToken || s == "" {
			t.Fatal("renewed more than once, or not at all")
		}
	}
	stored, err := watch.LoadToken(r)
	if err != nil || stored.AccessToken != got[0] || stored.RefreshToken == first.RefreshToken {
		t.Errorf("the rotated token is not stored: %v", err)
	}
	if err := d.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	// the old refresh token is void by now: whoever comes with it has to consent again
	if err := watch.StoreToken(context.Background(), r, &expired); err != nil {
		t.Fatal(err)
	}
	watch.Forget(&r.SignIn)
	for range 2 {
		if _, err := watch.Access(context.Background(), &r.SignIn); !errors.Is(err, watch.ErrConsent) || !errors.Is(err, mailbox.ErrSignIn) || strings.Contains(err.Error(), first.RefreshToken) {
			t.Fatalf("%v", err)
		}
	}
	if tok, err := watch.LoadToken(r); tok != nil || err != nil {
		t.Errorf("it would be tried again: %v", err)
	}
}

// TestOAuthDevice: a server without a browser signs in by a code that is typed elsewhere.
func TestOAuthDevice(t *testing.T) {
	t.Parallel()
	mailtest.NeedPeer(t, "dovecot")
	o := mailtest.StartOAuth(t)
	d := oauthDesk(t, o, "xoauth2", func(c *config.Config) { c.Desks[0].OAuth.ClientID, c.Desks[0].OAuth.ClientSecret = "device", "secret" })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var person sync.WaitGroup
	defer person.Wait()
	token, err := watch.OAuthLogin(ctx, d.cfg, "sam", true, func(address, code string) {
		if code == "" || !strings.HasPrefix(address, o.Issuer) {
			t.Errorf("%q %q", address, code)
		}
		person.Go(func() {
			if err := o.ConsentDevice(code); err != nil {
				t.Errorf("consent: %v", err)
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.takeToken(context.Background(), d.desks[0], token); err != nil {
		t.Fatal(err)
	}
	if err := d.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestTokensAreSealed: neither the store's files nor another desk give the tokens away.
func TestTokensAreSealed(t *testing.T) {
	w := newWorld(t)
	tok := &oauth2.Token{AccessToken: "SECRET-ACCESS-TOKEN", RefreshToken: "SECRET-REFRESH-TOKEN", Expiry: time.Now().Add(time.Hour)}
	if err := watch.StoreToken(context.Background(), w.r, tok); err != nil {
		t.Fatal(err)
	}
	got, err := watch.LoadToken(w.r)
	if err != nil || got.RefreshToken != tok.RefreshToken {
		t.Fatalf("%v", err)
	}
	var sealed []byte
	err = w.r.State.View(func(tx *store.Tx) (err error) { sealed, err = watch.SealedToken.Get(tx); return err })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Unseal(w.r.Key, "other", sealed); err == nil {
		t.Error("another desk opens it")
	}
	if _, err := seal.Unseal(make([]byte, 32), "sam", sealed); err == nil {
		t.Error("another key opens it")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(w.cfg.Store.Dir, "*"))
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), "SECRET-") {
			t.Errorf("%s holds the token in the clear", filepath.Base(f))
		}
	}
}

// TestConsentIsTold: what only the recruiter's consent can mend is trouble in the feed, on the page and by notify.
func TestConsentIsTold(t *testing.T) {
	w := newWorld(t)
	watch.Report(w.r, mailbox.Event{Err: fmt.Errorf("%w: %w: run 'fifthcall oauth login sam'", mailbox.ErrSignIn, watch.ErrConsent), Refused: true})
	feed, _, err := agenda.Feed(w.r, w.now)
	text := strings.ReplaceAll(string(feed), "\r\n ", "")
	if err != nil || !strings.Contains(text, "asks for your consent again") || !strings.Contains(text, "fifthcall oauth login sam") {
		t.Errorf("%v %s", err, text)
	}
}
