package daemon

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"fifthcall/calendar/caldav"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// appPasswordsRecord holds the app passwords of a desk: for calendars that write back.
const appPasswordsRecord = "app-passwords"

// AppPassword is one password, for one device or program.
type AppPassword struct {
	Name string    `json:"name"`
	Made time.Time `json:"made"`
	Hash []byte    `json:"hash,omitempty"` // bcrypt
}

const maxAppPasswords = 20

// makePassword makes an app password; without a name it gets one. It is shown this once; only its hash is kept.
func (r *runner) makePassword(ctx context.Context, name string) (string, error) {
	secret := strings.ToLower(rand.Text()) // 130 bits
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.DefaultCost)
	if err != nil {
		return "", err
	}
	return secret, r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		var all []AppPassword
		if _, err := tx.JSON(appPasswordsRecord, &all); err != nil {
			return err
		}
		taken := func(name string) bool {
			return slices.ContainsFunc(all, func(p AppPassword) bool { return strings.EqualFold(p.Name, name) })
		}
		if name == "" { // any will do
			for n := 1; name == "" || taken(name); n++ {
				name = fmt.Sprint("calendar-", n)
			}
		}
		if taken(name) {
			return usage("there is a password named %q already: give this one another name, or revoke that one first ('fifthcall caldav password --revoke %s')", name, name)
		}
		if len(all) >= maxAppPasswords {
			return usage("the desk has %d passwords: revoke one that isn't used any more", len(all))
		}
		return tx.PutJSON(appPasswordsRecord, append(all, AppPassword{name, env.Now.UTC(), hash}))
	})
}

func (r *runner) revokePassword(ctx context.Context, name string) error {
	return r.updateThen(ctx, r.clock(), func(tx *store.Tx, _ desk.Env) error {
		var all []AppPassword
		if _, err := tx.JSON(appPasswordsRecord, &all); err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(all), func(p AppPassword) bool { return strings.EqualFold(p.Name, name) })
		if len(kept) == len(all) {
			var names []string
			for _, p := range all {
				names = append(names, p.Name)
			}
			return usage("no password is named %q%s", name, didYouMean(name, names))
		}
		return tx.PutJSON(appPasswordsRecord, kept)
	}, func() {})
}

func (r *runner) passwords() (all []AppPassword, err error) {
	err = r.state.View(func(tx *store.Tx) error {
		_, err := tx.JSON(appPasswordsRecord, &all)
		return err
	})
	return all, err
}

// Bounds of the doorman: wrong passwords from one place for one desk within the window, after which that place waits; and how
// many places are remembered.
const (
	mostWrong   = 10
	wrongWindow = 10 * time.Minute
	mostPlaces  = 10_000
	mostKnown   = 1000
	knownFor    = 10 * time.Minute
)

// doorman checks app passwords. Hashing one takes a while by design, so what was right a moment ago is remembered, as a keyed
// digest, and one at a time is hashed.
type doorman struct {
	key [32]byte

	mu    sync.Mutex
	wrong map[string][]time.Time // by desk and place
	known map[string]knownUser   // by digest of desk and password

	hashing sync.Mutex
}

// knownUser is a password that was right, and the hash that it fitted.
type knownUser struct {
	until time.Time
	hash  string
}

func newDoorman() *doorman {
	d := &doorman{wrong: map[string][]time.Time{}, known: map[string]knownUser{}}
	_, _ = rand.Read(d.key[:]) // never fails
	return d
}

// admit judges a password against the desk's hashes.
func (d *doorman) admit(ctx context.Context, desk, password, from string, hashes [][]byte, now time.Time) error {
	mac := hmac.New(sha256.New, d.key[:])
	mac.Write([]byte(desk + "\x00" + password))
	digest := string(mac.Sum(nil))
	if d.knows(digest, hashes, now) {
		return nil
	}
	place := desk + "\x00" + from
	if d.tooOften(place, now) {
		return caldav.ErrTooOften
	}
	hit := ""
	d.hashing.Lock()
	for _, h := range hashes {
		if ctx.Err() != nil {
			break
		}
		if bcrypt.CompareHashAndPassword(h, []byte(password)) == nil {
			hit = string(h)
			break
		}
	}
	d.hashing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if hit == "" {
		if len(d.wrong) >= mostPlaces {
			clear(d.wrong)
		}
		d.wrong[place] = append(d.wrong[place], now)
		return caldav.ErrSignIn
	}
	if len(d.known) >= mostKnown {
		clear(d.known)
	}
	d.known[digest] = knownUser{now.Add(knownFor), hit}
	return nil
}

// knows reports whether the password was right lately and has not been revoked since.
func (d *doorman) knows(digest string, hashes [][]byte, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.known[digest]
	return ok && now.Before(k.until) && slices.ContainsFunc(hashes, func(h []byte) bool { return string(h) == k.hash })
}

func (d *doorman) tooOften(place string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wrong[place] = slices.DeleteFunc(d.wrong[place], func(t time.Time) bool { return now.Sub(t) > wrongWindow })
	if len(d.wrong[place]) == 0 {
		delete(d.wrong, place)
		return false
	}
	return len(d.wrong[place]) >= mostWrong
}

// caldavLogin lets the owners of desks in.
type caldavLogin struct{ d *Daemon }

// SignIn finds the desk's calendars.
func (l caldavLogin) SignIn(ctx context.Context, user, password, from string) (caldav.Calendars, error) {
	var hashes [][]byte
	var hit *runner
	for _, r := range l.d.runners() {
		if strings.EqualFold(r.name, user) {
			hit = r
		}
	}
	if hit != nil {
		all, err := hit.passwords()
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			hashes = append(hashes, p.Hash)
		}
	}
	if len(hashes) == 0 { // as slow as for a desk that there is
		hashes = [][]byte{[]byte("$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5J8m0R3sCk9PjfCHKkOmXuJt5z5mG")}
	}
	if len(password) > 72 { // more than bcrypt reads
		return nil, caldav.ErrSignIn
	}
	if err := l.d.doorman.admit(ctx, strings.ToLower(user), password, from, hashes, l.d.opt.Clock()); err != nil {
		return nil, err
	}
	if hit == nil {
		return nil, caldav.ErrSignIn
	}
	return deskCalendars{hit}, nil
}

// deskCalendars are a desk's collections, as clients see and change them.
type deskCalendars struct{ r *runner }

// Collections are all of them.
func (c deskCalendars) Collections(ctx context.Context) ([]*caldav.Collection, error) {
	var out []*caldav.Collection
	for _, name := range collectionNames {
		st, err := c.r.collection(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, st.view)
	}
	return out, nil
}

// Write changes one.
func (c deskCalendars) Write(ctx context.Context, coll string, w caldav.Write) (out caldav.Written, err error) {
	if !slices.Contains(collectionNames, coll) {
		return out, caldav.ErrNotFound
	}
	err = c.r.editCollection(ctx, c.r.clock(), coll, func(e *collectionEdit) (err error) {
		out, err = e.write(w)
		return err
	}, func(*collectionState) {})
	if errors.Is(err, errStopping) {
		err = context.Canceled
	}
	return out, err
}
