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
	Sel  string    `json:"sel,omitempty"`  // how it begins, so that one hash is checked
	Hash []byte    `json:"hash,omitempty"` // bcrypt
}

// selector is how many characters of a password say which one it is.
const selector = 6

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
		return tx.PutJSON(appPasswordsRecord, append(all, AppPassword{name, env.Now.UTC(), secret[:selector], hash}))
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

// Bounds of the doorman: wrong passwords within the window from one place for one desk, and from one place in all, after which that
// place waits; how many may wait for a check at once; and how much is remembered.
const (
	mostWrong      = 10
	mostWrongPlace = 40
	wrongWindow    = 10 * time.Minute
	mostChecks     = 16
	mostPlaces     = 10_000
	mostKnown      = 1000
	knownFor       = time.Hour
)

// doorman checks app passwords. Hashing one takes a while by design, so what was right or wrong a moment ago is remembered, as a keyed digest; a try
// takes its place before it is checked, so that many at once are no way round the limit; and a password names its hash by how it begins.
type doorman struct {
	key [32]byte

	mu    sync.Mutex
	tries map[string][]time.Time // wrong ones, and those being checked, by place, and by desk and place
	known map[string]knownUser   // by digest of desk and password
	wrong map[string]time.Time   // until when a digest is known to be wrong

	checks  chan struct{} // those who wait for a check, or are at it
	hashing chan struct{} // one at a time
}

// knownUser is a password that was right, and the hash that it fitted.
type knownUser struct {
	until time.Time
	hash  string
}

func newDoorman() *doorman {
	d := &doorman{tries: map[string][]time.Time{}, known: map[string]knownUser{}, wrong: map[string]time.Time{}, checks: make(chan struct{}, mostChecks), hashing: make(chan struct{}, 1)}
	_, _ = rand.Read(d.key[:]) // never fails
	return d
}

// noHash is what a password is checked against where there is none, so that it takes as long.
var noHash = []byte("$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5J8m0R3sCk9PjfCHKkOmXuJt5z5mG")

// admit judges a password against the desk's.
func (d *doorman) admit(ctx context.Context, desk, password, from string, all []AppPassword, now time.Time) error {
	mac := hmac.New(sha256.New, d.key[:])
	mac.Write([]byte(desk + "\x00" + password))
	digest := string(mac.Sum(nil))
	if d.knows(digest, all, now) {
		return nil
	}
	if d.knownWrong(digest, now) { // a device that goes on trying costs and counts nothing
		return caldav.ErrSignIn
	}
	places := map[string]int{from: mostWrongPlace, desk + "\x00" + from: mostWrong}
	if !d.reserve(places, now) {
		return caldav.ErrTooOften
	}
	hash := noHash
	for _, p := range all {
		if strings.HasPrefix(password, p.Sel) {
			hash = p.Hash
		}
	}
	select {
	case d.checks <- struct{}{}:
	default:
		d.release(places)
		return caldav.ErrBusy
	}
	defer func() { <-d.checks }()
	select {
	case d.hashing <- struct{}{}:
	case <-ctx.Done():
		d.release(places)
		return ctx.Err()
	}
	right := bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil
	<-d.hashing
	d.mu.Lock()
	defer d.mu.Unlock()
	if !right {
		if len(d.wrong) >= mostPlaces {
			clear(d.wrong)
		}
		d.wrong[digest] = now.Add(wrongWindow)
		return caldav.ErrSignIn
	}
	d.releaseLocked(places)
	if len(d.known) >= mostKnown {
		clear(d.known)
	}
	d.known[digest] = knownUser{now.Add(knownFor), string(hash)}
	return nil
}

// knows reports whether the password was right lately and has not been revoked since; use keeps it known.
func (d *doorman) knows(digest string, all []AppPassword, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.known[digest]
	if !ok || !now.Before(k.until) || !slices.ContainsFunc(all, func(p AppPassword) bool { return string(p.Hash) == k.hash }) {
		return false
	}
	d.known[digest] = knownUser{now.Add(knownFor), k.hash}
	return true
}

func (d *doorman) knownWrong(digest string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return now.Before(d.wrong[digest])
}

// reserve takes a try's place, unless there were too many.
func (d *doorman) reserve(places map[string]int, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.tries) >= mostPlaces {
		clear(d.tries)
	}
	for place, most := range places {
		d.tries[place] = slices.DeleteFunc(d.tries[place], func(t time.Time) bool { return now.Sub(t) > wrongWindow })
		if len(d.tries[place]) >= most {
			return false
		}
	}
	for place := range places {
		d.tries[place] = append(d.tries[place], now)
	}
	return true
}

// release gives a try's place back.
func (d *doorman) release(places map[string]int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.releaseLocked(places)
}

func (d *doorman) releaseLocked(places map[string]int) {
	for place := range places {
		if n := len(d.tries[place]); n > 0 {
			d.tries[place] = d.tries[place][:n-1]
		}
	}
}

// caldavLogin lets the owners of desks in.
type caldavLogin struct{ d *Daemon }

// SignIn finds the desk's calendars.
func (l caldavLogin) SignIn(ctx context.Context, user, password, from string) (caldav.Calendars, error) {
	var hit *runner
	for _, r := range l.d.runners() {
		if strings.EqualFold(r.name, user) {
			hit = r
		}
	}
	var all []AppPassword
	if hit != nil {
		var err error
		if all, err = hit.passwords(); err != nil {
			return nil, err
		}
	}
	if len(password) > 72 { // more than bcrypt reads
		return nil, caldav.ErrSignIn
	}
	if err := l.d.doorman.admit(ctx, strings.ToLower(user), password, from, all, l.d.opt.Clock()); err != nil {
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
