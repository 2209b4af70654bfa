package collection

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
	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// AppPasswords are those of a desk: for calendars that write back.
const AppPasswords store.Single[[]AppPassword] = "app-passwords"

// AppPassword is one password, for one device or program.
type AppPassword struct {
	Name string    `json:"name"`
	Made time.Time `json:"made"`
	Sel  string    `json:"sel,omitempty"`  // how it begins, so that one hash is checked
	Hash []byte    `json:"hash,omitempty"` // bcrypt
}

// Selector is how many characters of a password say which one it is.
const Selector = 6

const maxAppPasswords = 20

// MakePassword makes an app password; without a name it gets one. It is shown this once; only its hash is kept.
func MakePassword(ctx context.Context, r *book.Runner, name string) (string, error) {
	secret := strings.ToLower(rand.Text()) // 130 bits
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.DefaultCost)
	if err != nil {
		return "", err
	}
	return secret, r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		all, err := AppPasswords.Get(tx)
		if err != nil {
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
			return desk.Usage("there is a password named %q already: give this one another name, or revoke that one first ('fifthcall caldav password --revoke %s')", name, name)
		}
		if len(all) >= maxAppPasswords {
			return desk.Usage("the desk has %d passwords: revoke one that isn't used any more", len(all))
		}
		return AppPasswords.Put(tx, append(all, AppPassword{name, env.Now.UTC(), secret[:Selector], hash}))
	})
}

// RevokePassword ends one app password, by its name.
func RevokePassword(ctx context.Context, r *book.Runner, name string) error {
	return r.UpdateThen(ctx, r.Clock(), func(tx *store.Tx, _ desk.Env) error {
		all, err := AppPasswords.Get(tx)
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(all), func(p AppPassword) bool { return strings.EqualFold(p.Name, name) })
		if len(kept) == len(all) {
			var names []string
			for _, p := range all {
				names = append(names, p.Name)
			}
			return desk.Usage("no password is named %q%s", name, config.DidYouMean(name, names))
		}
		return AppPasswords.Put(tx, kept)
	}, func() {})
}

// Passwords are the desk's app passwords, without their secrets.
func Passwords(r *book.Runner) (all []AppPassword, err error) {
	err = r.State.View(func(tx *store.Tx) error {
		all, err = AppPasswords.Get(tx)
		return err
	})
	return all, err
}

// Bounds of the doorman: wrong passwords within the window from one place for one desk, and from one place in all, after which that
// place waits; how many may wait for a check at once; and how much is remembered.
const (
	MostWrong      = 10
	mostWrongPlace = 40
	WrongWindow    = 10 * time.Minute
	mostChecks     = 16
	mostPlaces     = 10_000
	mostKnown      = 1000
	knownFor       = time.Hour
)

// Limiter checks app passwords. Hashing one takes a while by design, so what was right or wrong a moment ago is remembered, as a keyed digest; a try
// takes its place before it is checked, so that many at once are no way round the limit; and a password names its hash by how it begins.
type Limiter struct {
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

// NewLimiter makes a limiter of wrong passwords.
func NewLimiter() *Limiter {
	d := &Limiter{tries: map[string][]time.Time{}, known: map[string]knownUser{}, wrong: map[string]time.Time{}, checks: make(chan struct{}, mostChecks), hashing: make(chan struct{}, 1)}
	_, _ = rand.Read(d.key[:]) // never fails
	return d
}

// noHash is what a password is checked against where there is none, so that it takes as long.
var noHash = []byte("$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5J8m0R3sCk9PjfCHKkOmXuJt5z5mG")

// Admit judges a password against the desk's.
func (d *Limiter) Admit(ctx context.Context, desk, password, from string, all []AppPassword, now time.Time) error {
	mac := hmac.New(sha256.New, d.key[:])
	mac.Write([]byte(desk + "\x00" + password))
	digest := string(mac.Sum(nil))
	if d.knows(digest, all, now) {
		return nil
	}
	if d.knownWrong(digest, now) { // a device that goes on trying costs and counts nothing
		return caldav.ErrSignIn
	}
	places := map[string]int{from: mostWrongPlace, desk + "\x00" + from: MostWrong}
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
		d.wrong[digest] = now.Add(WrongWindow)
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
func (d *Limiter) knows(digest string, all []AppPassword, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.known[digest]
	if !ok || !now.Before(k.until) || !slices.ContainsFunc(all, func(p AppPassword) bool { return string(p.Hash) == k.hash }) {
		return false
	}
	d.known[digest] = knownUser{now.Add(knownFor), k.hash}
	return true
}

func (d *Limiter) knownWrong(digest string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return now.Before(d.wrong[digest])
}

// reserve takes a try's place, unless there were too many.
func (d *Limiter) reserve(places map[string]int, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.tries) >= mostPlaces {
		clear(d.tries)
	}
	for place, most := range places {
		d.tries[place] = slices.DeleteFunc(d.tries[place], func(t time.Time) bool { return now.Sub(t) > WrongWindow })
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
func (d *Limiter) release(places map[string]int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.releaseLocked(places)
}

func (d *Limiter) releaseLocked(places map[string]int) {
	for place := range places {
		if n := len(d.tries[place]); n > 0 {
			d.tries[place] = d.tries[place][:n-1]
		}
	}
}

// DeskCalendars are a desk's collections, as clients see and change them.
type DeskCalendars struct{ R *book.Runner }

// Collections are all of them.
func (c DeskCalendars) Collections(ctx context.Context) ([]*caldav.Collection, error) {
	var out []*caldav.Collection
	for _, name := range desk.CollectionNames {
		st, err := Collection(ctx, c.R, name)
		if err != nil {
			return nil, err
		}
		out = append(out, st.View)
	}
	return out, nil
}

// Write changes one.
func (c DeskCalendars) Write(ctx context.Context, coll string, w caldav.Write) (out caldav.Written, err error) {
	if !slices.Contains(desk.CollectionNames, coll) {
		return out, caldav.ErrNotFound
	}
	err = editCollection(ctx, c.R, c.R.Clock(), coll, func(e *Edit) (err error) {
		out, err = e.write(w)
		return err
	}, func(*book.CollectionState) {})
	if errors.Is(err, book.ErrStopping) {
		err = context.Canceled
	}
	var invalid *caldav.InvalidError
	if errors.As(err, &invalid) && w.Data != nil {
		err = errors.Join(err, tellRefused(ctx, c.R, coll, w.Data, invalid.Err))
	}
	return out, err
}
