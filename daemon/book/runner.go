package book

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// Clock tells the time to the daemon; rules get it as a parameter.
type Clock func() time.Time

// Runner is one desk at work. Its own goroutine applies every decision (loop); everything
// else sends to it.
type Runner struct {
	Name  string
	Key   []byte // signs mails to the recruiter
	State *store.Desk
	Clock Clock
	Log   *slog.Logger
	jobs  chan job
	done  chan struct{} // closed when the loop has ended

	Mu     sync.Mutex // guards what a reload replaces and the status
	Rules  config.Rules
	Status Status

	Delivering sync.Mutex // one goroutine at a time sends
	Importing  sync.Mutex // one import at a time
	SignIn     SignIn     // by OAuth2
	Peers      []*Runner  // the other desks, to be looked at only

	Stirred   atomic.Bool // letters and calls may follow from what was committed
	LastRound time.Time   // the minute of the last look at what is due; of the one who calls daily

	DraftsLooked time.Time // when Drafts was looked at; guarded by delivering, as are these:
	OutboxLooked time.Time // when the outbox was
	OutboxNext   time.Time // when the earliest mail in it is due

	OutboxStirred atomic.Bool // something was put into it since

	Publisher   publisher
	Collections collectionCache // of the calendars that are written back to

	Shared Shared // what other desks may know

	ReadFolder func(ctx context.Context, folder string) error // takes in what came into a folder; set by who wires the desk

	Seated bool // callbacks have been held against the hours since the start; of the one who calls daily
}

// Status is how a desk's mailbox is doing.
type Status struct {
	LastRead map[string]time.Time // by folder
	Idle     map[string]bool      // by folder
	Trouble  string               // what is wrong now, "" for nothing
	Since    time.Time            // since when
	Refused  bool                 // the sign-in was refused for good
	Started  time.Time            // when the daemon began with this desk
	Sent     string               // the folder of sent mail
	Progress *mailbox.Progress    // of a first run under way
	Errors   int
}

type job struct {
	run  func() error
	done chan error
}

// NewRunner makes a desk ready to work; Loop starts it.
func NewRunner(cfg config.DeskConfig, key []byte, st *store.Store, clock Clock, log *slog.Logger) (*Runner, error) {
	rs, err := config.NewRules(cfg)
	if err != nil {
		return nil, err
	}
	r := &Runner{
		Name: cfg.Name, Key: key, State: st.Desk(cfg.Name), Clock: clock, Log: log.With("desk", cfg.Name), Rules: rs,
		jobs: make(chan job), done: make(chan struct{}),
		Status: Status{LastRead: map[string]time.Time{}, Idle: map[string]bool{}, Started: clock()},
	}
	r.SignIn.R = r
	r.Rules.Hours.Busy, err = r.storedBusy()
	return r, err
}

// Current is the configuration as it is now.
func (r *Runner) Current() config.Rules {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return r.Rules
}

// Reload takes a new configuration, and moves callbacks that lie outside new hours.
func (r *Runner) Reload(ctx context.Context, cfg config.DeskConfig) error {
	rs, err := config.NewRules(cfg)
	if err != nil {
		return err
	}
	busy, err := r.storedBusy()
	if err != nil {
		return err
	}
	rs.Hours.Busy = busy
	r.Mu.Lock()
	r.Rules = rs
	r.Mu.Unlock()
	return r.Update(ctx, func(tx *store.Tx, env desk.Env) error { return Reseat(tx, env) })
}

// Env is what rules need to know of the desk at an instant.
func (r *Runner) Env(now time.Time) desk.Env {
	rs := r.Current()
	return desk.Env{Desk: r.Name, Now: now, Zone: rs.Zone, Hours: rs.Hours, Slot: rs.Hours.Slot, Settings: rs.Sets}
}

// Loop applies decisions one after the other until ctx ends.
func (r *Runner) Loop(ctx context.Context) {
	defer close(r.done)
	for {
		select {
		case j := <-r.jobs:
			j.done <- j.run()
		case <-ctx.Done():
			return
		}
	}
}

// ErrStopping is returned to who asks for a decision while the daemon stops.
var ErrStopping = errors.New("the daemon is stopping")

// Update has the desk's goroutine run fn in one transaction. Once begun it is waited for,
// so that the caller knows what came of it.
func (r *Runner) Update(ctx context.Context, fn func(tx *store.Tx, env desk.Env) error) error {
	return r.UpdateAt(ctx, r.Clock(), fn)
}

// UpdateAt is Update at another instant than now.
func (r *Runner) UpdateAt(ctx context.Context, now time.Time, fn func(tx *store.Tx, env desk.Env) error) error {
	return r.UpdateThen(ctx, now, fn, func() {})
}

// UpdateThen is updateAt, and calls then once fn's changes are committed, before any other decision.
func (r *Runner) UpdateThen(ctx context.Context, now time.Time, fn func(tx *store.Tx, env desk.Env) error, then func()) error {
	j := job{done: make(chan error, 1), run: func() error {
		env := r.Env(now)
		err := r.State.Update(func(tx *store.Tx) error {
			err := fn(tx, env)
			if tx.IsStirred() || tx.IsShown() && r.tellsCalendars() {
				r.Stirred.Store(true)
			}
			if tx.HasMail() {
				r.OutboxStirred.Store(true)
			}
			if err != nil || !tx.IsShown() {
				return err
			}
			return tx.SetMoment(desk.MarkShown, now)
		})
		if err == nil {
			then()
		}
		return err
	}}
	select {
	case r.jobs <- j:
	case <-r.done:
		return ErrStopping
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-j.done
}
