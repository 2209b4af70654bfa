package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// ErrConsent says that only the recruiter's consent can help: the authorisation server won't renew the sign-in.
var ErrConsent = errors.New("the sign-in has ended and needs your consent again")

// SecretFor is how a login's secret is got: a password, a token from a command, or one of 'oauth login'.
func SecretFor(r *book.Runner, s *config.SecretConfig) func(context.Context) (string, error) {
	if s.Auth == "oauth2" && !s.Given() {
		return func(ctx context.Context) (string, error) { return Access(ctx, &r.SignIn) }
	}
	return s.Read
}

// early is how long before its end a token is renewed.
const early = 2 * time.Minute

// Access is a token that is good for now. It is renewed once for all who ask at the same time, and the new one is stored
// before it is used: servers that rotate refresh tokens take each one once.
func Access(ctx context.Context, s *book.SignIn) (string, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.Token == nil {
		t, err := LoadToken(s.R)
		if err != nil {
			return "", err
		}
		if t == nil {
			return "", fmt.Errorf("%w: %w: run 'fifthcall oauth login %s'", mailbox.ErrSignIn, ErrConsent, s.R.Name)
		}
		s.Token = t
	}
	if s.Token.AccessToken != "" && time.Until(s.Token.Expiry) > early { // the network's time, no rule depends on it
		return s.Token.AccessToken, nil
	}
	return renew(ctx, s)
}

func renew(ctx context.Context, s *book.SignIn) (string, error) {
	cfg := s.R.Current().Cfg
	client, err := cfg.OAuth.Client()
	if err != nil {
		return "", err
	}
	if s.Token.RefreshToken == "" {
		return "", ended(ctx, s, "it holds no refresh token")
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	next, err := client.TokenSource(ctx, &oauth2.Token{RefreshToken: s.Token.RefreshToken}).Token()
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode == "invalid_grant":
		return "", ended(ctx, s, "the server answers invalid_grant")
	case errors.As(err, &refused):
		return "", fmt.Errorf("renew the sign-in: the authorisation server answers %s %s", refused.ErrorCode, desk.ClipText(desk.Tidy(refused.ErrorDescription), 200))
	case err != nil:
		return "", fmt.Errorf("renew the sign-in: %s", WithoutURL(err))
	}
	if next.RefreshToken == "" { // not rotated
		next.RefreshToken = s.Token.RefreshToken
	}
	if err := StoreToken(ctx, s.R, next); err != nil {
		return "", err
	}
	s.Token = next
	return next.AccessToken, nil
}

// WithoutURL is an error's text without the address, which may hold what is secret.
func WithoutURL(err error) string {
	var ue interface{ Unwrap() error }
	if errors.As(err, &ue) && ue.Unwrap() != nil {
		return ue.Unwrap().Error()
	}
	return "no answer"
}

// ended forgets a sign-in that can't be renewed, so that nothing goes on trying.
func ended(ctx context.Context, s *book.SignIn, why string) error {
	s.Token = nil
	err := s.R.Update(ctx, func(tx *store.Tx, _ desk.Env) error { return SealedToken.Drop(tx) })
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %w (%s): run 'fifthcall oauth login %s'", mailbox.ErrSignIn, ErrConsent, why, s.R.Name)
}

// Doubt has the token renewed before it is used again: the mail server refused it.
func Doubt(s *book.SignIn) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.Token != nil {
		s.Token.Expiry = time.Time{}.Add(time.Second)
	}
}

// Forget has the tokens read anew from the store.
func Forget(s *book.SignIn) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.Token = nil
}

// SealedToken is the OAuth2 token, sealed.
const SealedToken store.Single[[]byte] = "oauth"

// StoreToken seals the OAuth2 token and stores it.
func StoreToken(ctx context.Context, r *book.Runner, t *oauth2.Token) error {
	plain, err := json.Marshal(t)
	if err != nil {
		return err
	}
	sealed, err := seal.Seal(r.Key, r.Name, plain)
	if err != nil {
		return err
	}
	return r.Update(ctx, func(tx *store.Tx, _ desk.Env) error { return SealedToken.Put(tx, sealed) })
}

// LoadToken reads the stored tokens; nil if there are none.
func LoadToken(r *book.Runner) (*oauth2.Token, error) {
	var sealed []byte
	err := r.State.View(func(tx *store.Tx) (err error) {
		sealed, err = SealedToken.Get(tx)
		return err
	})
	if err != nil || len(sealed) == 0 {
		return nil, err
	}
	plain, err := seal.Unseal(r.Key, r.Name, sealed)
	if err != nil {
		return nil, err
	}
	t := new(oauth2.Token)
	return t, json.Unmarshal(plain, t)
}
