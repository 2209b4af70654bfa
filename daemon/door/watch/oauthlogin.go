package watch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/seal"
)

// LoginPrompt tells the recruiter where to consent; code is what to type there, "" in a browser on this machine.
type LoginPrompt func(address, code string)

// OAuthLogin has the recruiter consent, by a browser on this machine (RFC 8252, with PKCE, RFC 7636) or with a device code (RFC
// 8628), and returns the tokens.
func OAuthLogin(ctx context.Context, cfg *config.Config, deskName string, device bool, prompt LoginPrompt) (*oauth2.Token, error) {
	d := cfg.Desk(deskName)
	o := d.OAuth
	client, err := o.Client()
	if err != nil {
		return nil, err
	}
	if client.ClientID == "" {
		return nil, desk.Usage("desk %s has no [desk.oauth] client_id; the README says how to get one", d.Name)
	}
	if device {
		return deviceLogin(ctx, &o, client, prompt)
	}
	return browserLogin(ctx, &o, client, prompt)
}

func deviceLogin(ctx context.Context, o *config.OAuthConfig, client *oauth2.Config, prompt LoginPrompt) (*oauth2.Token, error) {
	switch {
	case o.Provider == "google":
		return nil, desk.Usage("Google gives no device codes for mail: run the login without --device where there is a browser")
	case client.Endpoint.DeviceAuthURL == "":
		return nil, desk.Usage("[desk.oauth] device_url is not set")
	}
	da, err := client.DeviceAuth(ctx)
	if err != nil {
		return nil, oauthError("ask for a device code", err)
	}
	address := da.VerificationURIComplete
	if address == "" {
		address = da.VerificationURI
	}
	prompt(address, da.UserCode)
	t, err := client.DeviceAccessToken(ctx, da)
	if err != nil {
		return nil, oauthError("wait for the consent", err)
	}
	return t, nil
}

// oauthError names what was tried, and never an address with its parameters.
func oauthError(what string, err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: the authorisation server answers %s %s", what, refused.ErrorCode, desk.ClipText(refused.ErrorDescription, 300))
	}
	return fmt.Errorf("%s: %s", what, WithoutURL(err))
}

// callback is what the browser brings back.
type callback struct {
	code string
	err  error
}

func browserLogin(ctx context.Context, o *config.OAuthConfig, client *oauth2.Config, prompt LoginPrompt) (*oauth2.Token, error) {
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", o.RedirectPort))
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w", err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	client.RedirectURL = fmt.Sprintf("http://127.0.0.1:%d/callback", port)
	if o.Provider == "microsoft" { // it knows loopback by this name, with any port and no path
		client.RedirectURL = fmt.Sprintf("http://localhost:%d", port)
	}
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	back := make(chan callback, 1)
	srv := &http.Server{Handler: callbackHandler(state, back), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(ln) }()
	defer func() {
		short, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = srv.Shutdown(short)
	}()
	// consent is asked for each time, since a server that has it may give no refresh token
	prompt(client.AuthCodeURL(state, oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent"), oauth2.S256ChallengeOption(verifier)), "")
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("nobody consented: %w", ctx.Err())
	case b := <-back:
		if b.err != nil {
			return nil, b.err
		}
		t, err := client.Exchange(ctx, b.code, oauth2.VerifierOption(verifier))
		if err != nil {
			return nil, oauthError("exchange the code", err)
		}
		return t, nil
	}
}

// callbackHandler takes the browser's answer, once, if it carries our state.
func callbackHandler(state string, back chan<- callback) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if !seal.SameToken(q.Get("state"), state) {
			http.Error(w, "This address belongs to a sign-in that is under way; there is none here.", http.StatusBadRequest)
			return
		}
		b := callback{code: q.Get("code")}
		said := "You are signed in. Close this window and go back to the terminal."
		if b.code == "" {
			b.err = fmt.Errorf("the authorisation server refused: %s %s", desk.ClipText(q.Get("error"), 100), desk.ClipText(q.Get("error_description"), 300))
			said = "The sign-in was refused: " + desk.ClipText(strings.TrimSpace(q.Get("error")+" "+q.Get("error_description")), 300)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Referrer-Policy", "no-referrer")
		_, _ = fmt.Fprintf(w, "<!DOCTYPE html><title>Fifthcall</title><p style=\"font:18px sans-serif;margin:3em\">%s</p>", html.EscapeString(said))
		select {
		case back <- b:
		default: // asked twice
		}
	})
}
