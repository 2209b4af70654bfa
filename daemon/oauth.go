package daemon

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// errConsent says that only the recruiter's consent can help: the authorisation server won't renew the sign-in.
var errConsent = errors.New("the sign-in has ended and needs your consent again")

// signIn is a desk's sign-in by OAuth2. The tokens lie sealed in the store; one goroutine at a time renews them.
type signIn struct {
	r *runner

	mu    sync.Mutex
	token *oauth2.Token // as stored; nil until it was read
}

// Provider scopes: what reading and sending mail needs.
var providerScopes = map[string][]string{
	"google":    {"https://mail.google.com/"},
	"microsoft": {"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"},
}

// client is the desk's client at its authorisation server.
func (o *OAuthConfig) client() (*oauth2.Config, error) {
	c := &oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Scopes: o.Scopes}
	if o.ClientSecretFile != "" {
		if err := private(o.ClientSecretFile); err != nil {
			return nil, err
		}
		b, err := os.ReadFile(o.ClientSecretFile)
		if err != nil {
			return nil, fmt.Errorf("read client_secret_file: %w", err)
		}
		c.ClientSecret = strings.TrimSpace(string(b))
	}
	switch o.Provider {
	case "google":
		c.Endpoint = endpoints.Google
	case "microsoft":
		c.Endpoint = endpoints.AzureAD(o.Tenant)
	}
	for given, into := range map[string]*string{o.AuthURL: &c.Endpoint.AuthURL, o.TokenURL: &c.Endpoint.TokenURL, o.DeviceURL: &c.Endpoint.DeviceAuthURL} {
		if given != "" {
			*into = given
		}
	}
	if c.Endpoint.AuthStyle == oauth2.AuthStyleAutoDetect { // probing would take "authorization_pending" for a wrong style
		c.Endpoint.AuthStyle = oauth2.AuthStyleInParams
		if c.ClientSecret != "" {
			c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader // what every server must know (RFC 6749, 2.3.1)
		}
	}
	if len(c.Scopes) == 0 {
		c.Scopes = providerScopes[o.Provider]
	}
	return c, nil
}

// secretFor is how a login's secret is got: a password, a token from a command, or one of 'oauth login'.
func (r *runner) secretFor(s *SecretConfig) func(context.Context) (string, error) {
	if s.Auth == "oauth2" && !s.given() {
		return r.signIn.access
	}
	return s.read
}

// early is how long before its end a token is renewed.
const early = 2 * time.Minute

// access is a token that is good for now. It is renewed once for all who ask at the same time, and the new one is stored
// before it is used: servers that rotate refresh tokens take each one once.
func (s *signIn) access(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == nil {
		t, err := s.r.loadToken()
		if err != nil {
			return "", err
		}
		if t == nil {
			return "", fmt.Errorf("%w: %w: run 'fifthcall oauth login %s'", mailbox.ErrSignIn, errConsent, s.r.name)
		}
		s.token = t
	}
	if s.token.AccessToken != "" && time.Until(s.token.Expiry) > early { // the network's time, no rule depends on it
		return s.token.AccessToken, nil
	}
	return s.renew(ctx)
}

func (s *signIn) renew(ctx context.Context) (string, error) {
	cfg := s.r.current().cfg
	client, err := cfg.OAuth.client()
	if err != nil {
		return "", err
	}
	if s.token.RefreshToken == "" {
		return "", s.ended(ctx, "it holds no refresh token")
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	next, err := client.TokenSource(ctx, &oauth2.Token{RefreshToken: s.token.RefreshToken}).Token()
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode == "invalid_grant":
		return "", s.ended(ctx, "the server answers invalid_grant")
	case errors.As(err, &refused):
		return "", fmt.Errorf("renew the sign-in: the authorisation server answers %s %s", refused.ErrorCode, clipText(desk.Tidy(refused.ErrorDescription), 200))
	case err != nil:
		return "", fmt.Errorf("renew the sign-in: %s", withoutURL(err))
	}
	if next.RefreshToken == "" { // not rotated
		next.RefreshToken = s.token.RefreshToken
	}
	if err := s.r.storeToken(ctx, next); err != nil {
		return "", err
	}
	s.token = next
	return next.AccessToken, nil
}

// withoutURL is an error's text without the address, which may hold what is secret.
func withoutURL(err error) string {
	var ue interface{ Unwrap() error }
	if errors.As(err, &ue) && ue.Unwrap() != nil {
		return ue.Unwrap().Error()
	}
	return "no answer"
}

// ended forgets a sign-in that can't be renewed, so that nothing goes on trying.
func (s *signIn) ended(ctx context.Context, why string) error {
	s.token = nil
	err := s.r.update(ctx, func(tx *store.Tx, _ desk.Env) error { return tx.DropJSON(tokenRecord) })
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %w (%s): run 'fifthcall oauth login %s'", mailbox.ErrSignIn, errConsent, why, s.r.name)
}

// doubt has the token renewed before it is used again: the mail server refused it.
func (s *signIn) doubt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != nil {
		s.token.Expiry = time.Time{}.Add(time.Second)
	}
}

// forget has the tokens read anew from the store.
func (s *signIn) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = nil
}

// tokenRecord is the name under which the sealed tokens are stored.
const tokenRecord = "oauth"

// seal encrypts with a key derived from the state's; the desk's name is bound to it.
func seal(key []byte, deskName string, plain []byte) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, []byte(deskName)), nil
}

// unseal is the reverse; its error tells nothing of the content.
func unseal(key []byte, deskName string, sealed []byte) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("a sealed record is damaged")
	}
	plain, err := aead.Open(nil, sealed[:n], sealed[n:], []byte(deskName))
	if err != nil {
		return nil, errors.New("a sealed record can't be opened: is the file “key” in the state folder another one?")
	}
	return plain, nil
}

func sealer(key []byte) (cipher.AEAD, error) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("seal"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (r *runner) storeToken(ctx context.Context, t *oauth2.Token) error {
	plain, err := json.Marshal(t)
	if err != nil {
		return err
	}
	sealed, err := seal(r.key, r.name, plain)
	if err != nil {
		return err
	}
	return r.update(ctx, func(tx *store.Tx, _ desk.Env) error { return tx.PutJSON(tokenRecord, sealed) })
}

// loadToken reads the stored tokens; nil if there are none.
func (r *runner) loadToken() (*oauth2.Token, error) {
	var sealed []byte
	err := r.state.View(func(tx *store.Tx) error {
		_, err := tx.JSON(tokenRecord, &sealed)
		return err
	})
	if err != nil || len(sealed) == 0 {
		return nil, err
	}
	plain, err := unseal(r.key, r.name, sealed)
	if err != nil {
		return nil, err
	}
	t := new(oauth2.Token)
	return t, json.Unmarshal(plain, t)
}

// takeToken stores the tokens of a login, and has the mailbox watched again if it was given up.
func (d *Daemon) takeToken(ctx context.Context, r *runner, t *oauth2.Token) error {
	if t.RefreshToken == "" && t.AccessToken == "" {
		return usage("there is no token to store")
	}
	if err := r.storeToken(ctx, t); err != nil {
		return err
	}
	r.signIn.forget()
	d.mu.Lock()
	defer d.mu.Unlock()
	if cancel := d.watching[r.name]; cancel != nil {
		cancel()
		r.renew()
		d.startWatching(r, &d.workers)
	}
	return nil
}
