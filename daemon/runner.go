package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// Clock tells the time to the daemon; rules get it as a parameter.
type Clock func() time.Time

// runner is one desk at work. Its own goroutine applies every decision (loop); everything
// else sends to it.
type runner struct {
	name  string
	key   []byte // signs mails to the recruiter
	state *store.Desk
	clock Clock
	log   *slog.Logger
	jobs  chan job
	done  chan struct{} // closed when the loop has ended

	mu     sync.Mutex // guards what a reload replaces and the status
	rules  rules
	status Status

	delivering sync.Mutex // one goroutine at a time sends
	importing  sync.Mutex // one import at a time
	signIn     signIn     // by OAuth2
	peers      []*runner  // the other desks, to be looked at only

	stirred   atomic.Bool // letters and calls may follow from what was committed
	lastRound time.Time   // the minute of the last look at what is due; of the one who calls daily

	draftsLooked time.Time // when Drafts was looked at; guarded by delivering, as are these:
	outboxLooked time.Time // when the outbox was
	outboxNext   time.Time // when the earliest mail in it is due

	outboxStirred atomic.Bool // something was put into it since

	publisher   publisher
	collections collectionCache // of the calendars that are written back to

	shared shared // what other desks may know

	readFolder func(ctx context.Context, folder string) error // takes in what came into a folder; set by who wires the desk

	seated bool // callbacks have been held against the hours since the start; of the one who calls daily
}

// rules are what the configuration says about a desk.
type rules struct {
	cfg    DeskConfig
	zone   *time.Location
	hours  *calendar.Hours
	circle *desk.Circle
	sets   desk.Settings

	letters   *letter.Set
	sequences letter.Sequences
	broken    string // what is wrong with the desk's own letters, "" for nothing
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

func newRunner(cfg DeskConfig, key []byte, st *store.Store, clock Clock, log *slog.Logger) (*runner, error) {
	rs, err := newRules(cfg)
	if err != nil {
		return nil, err
	}
	r := &runner{
		name: cfg.Name, key: key, state: st.Desk(cfg.Name), clock: clock, log: log.With("desk", cfg.Name), rules: rs,
		jobs: make(chan job), done: make(chan struct{}),
		status: Status{LastRead: map[string]time.Time{}, Idle: map[string]bool{}, Started: clock()},
	}
	r.signIn.r = r
	r.rules.hours.Busy, err = r.storedBusy()
	return r, err
}

func newRules(cfg DeskConfig) (rules, error) {
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return rules{}, fmt.Errorf("desk %s: zone: %w", cfg.Name, err)
	}
	hours, err := cfg.hours(zone)
	if err != nil {
		return rules{}, fmt.Errorf("desk %s: %w", cfg.Name, err)
	}
	rs := rules{cfg: cfg, zone: zone, hours: hours, circle: cfg.circle(), sets: cfg.settings()}
	rs.readLetters()
	return rs, nil
}

// readLetters reads the desk's letters and sequences. What is wrong with some is told, the others are used.
func (rs *rules) readLetters() {
	dirs := []string{rs.cfg.agencyLetters, rs.cfg.Letters.Dir}
	var err, err2 error
	rs.letters, err = letter.Load(dirs...)
	rs.sequences, err2 = letter.LoadSequences(dirs...)
	if err = errors.Join(err, err2, rs.letters.Check(), rs.sequences.Check(rs.letters)); err != nil {
		rs.broken = err.Error()
	}
}

func (d *DeskConfig) hours(zone *time.Location) (*calendar.Hours, error) {
	h := &calendar.Hours{Zone: zone, Slot: time.Duration(d.Hours.Slot)}
	for day, spans := range d.Hours.week() {
		for _, s := range spans {
			sp, err := calendar.ParseSpan(s)
			if err != nil {
				return nil, err
			}
			h.Week[day] = append(h.Week[day], sp)
		}
	}
	for _, f := range d.Hours.Focus {
		days, span, err := parseFocus(f)
		if err != nil {
			return nil, err
		}
		for _, day := range days {
			h.Focus[day] = append(h.Focus[day], span)
		}
	}
	public, err := calendar.PublicHolidays(d.Hours.Regions)
	if err != nil {
		return nil, err
	}
	free, err := dayList(d.Hours.Holidays)
	if err != nil {
		return nil, err
	}
	worked, err := dayList(d.Hours.Worked)
	if err != nil {
		return nil, err
	}
	h.Free = func(t time.Time) bool { // the desk's own lists win over the public holidays
		day := desk.DateOf(t)
		return free(day) || public(t) && !worked(day)
	}
	return h, nil
}

// dayList tells the days of a list.
func dayList(list []string) (func(desk.Date) bool, error) {
	once, yearly := map[desk.Date]bool{}, map[desk.Date]bool{}
	for _, s := range list {
		days, every, err := parseHolidays(s)
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			if every {
				yearly[desk.Date{Month: d.Month, Day: d.Day}] = true
			} else {
				once[d] = true
			}
		}
	}
	return func(d desk.Date) bool { return once[d] || yearly[desk.Date{Month: d.Month, Day: d.Day}] }, nil
}

func (d *DeskConfig) settings() desk.Settings {
	c := &d.Cycle
	s := desk.Settings{
		CycleDays: c.Every.Days(), FirstCallDays: c.FirstCall, SpreadDays: c.Spread, OpenOrderDays: c.OpenOrder.Days(), PastClientDays: c.PastClient.Days(),
		MetDays: c.Met.Days(), LeftMessageDays: c.LeftMessage, NotInterested: c.NotInterested.Days(), CallbacksPerDay: d.CallbacksPerDay,
		NewPerWeek: c.NewPerWeek, BaseGoal: c.Base, ManyTries: c.ManyTries, ClientCare: d.orders.clientCare(),
		MailCloses: c.DecisionMaker == closedByAny, VoiceOnly: c.Candidate == closedByVoice,
	}
	for _, n := range c.NoAnswer {
		v, _ := strconv.Atoi(n)
		s.NoAnswerDays = append(s.NoAnswerDays, v)
	}
	return s
}

// own are the recruiter's canonical addresses.
func (d *DeskConfig) own() []string {
	out := []string{mailbox.Canonical(d.Email)}
	for _, a := range d.Aliases {
		out = append(out, mailbox.Canonical(a))
	}
	return out
}

func (d *DeskConfig) circle() *desk.Circle {
	domains := d.Colleagues
	if domains == nil {
		if _, dom, _ := strings.Cut(mailbox.Canonical(d.Email), "@"); !mailbox.FreeMail(dom) {
			domains = []string{dom}
		}
	}
	return desk.NewCircle(d.own(), domains, d.NeverLog)
}

func (r *runner) current() rules {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rules
}

// reload takes a new configuration, and moves callbacks that lie outside new hours.
func (r *runner) reload(ctx context.Context, cfg DeskConfig) error {
	rs, err := newRules(cfg)
	if err != nil {
		return err
	}
	busy, err := r.storedBusy()
	if err != nil {
		return err
	}
	rs.hours.Busy = busy
	r.mu.Lock()
	r.rules = rs
	r.mu.Unlock()
	return r.update(ctx, func(tx *store.Tx, env desk.Env) error { return reseat(tx, env) })
}

func (r *runner) env(now time.Time) desk.Env {
	rs := r.current()
	return desk.Env{Desk: r.name, Now: now, Zone: rs.zone, Hours: rs.hours, Slot: rs.hours.Slot, Settings: rs.sets}
}

// loop applies decisions one after the other until ctx ends.
func (r *runner) loop(ctx context.Context) {
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

var errStopping = errors.New("the daemon is stopping")

// update has the desk's goroutine run fn in one transaction. Once begun it is waited for,
// so that the caller knows what came of it.
func (r *runner) update(ctx context.Context, fn func(tx *store.Tx, env desk.Env) error) error {
	return r.updateAt(ctx, r.clock(), fn)
}

func (r *runner) updateAt(ctx context.Context, now time.Time, fn func(tx *store.Tx, env desk.Env) error) error {
	return r.updateThen(ctx, now, fn, func() {})
}

// updateThen is updateAt, and calls then once fn's changes are committed, before any other decision.
func (r *runner) updateThen(ctx context.Context, now time.Time, fn func(tx *store.Tx, env desk.Env) error, then func()) error {
	j := job{done: make(chan error, 1), run: func() error {
		env := r.env(now)
		err := r.state.Update(func(tx *store.Tx) error {
			err := fn(tx, env)
			if tx.IsStirred() || tx.IsShown() && r.tellsCalendars() {
				r.stirred.Store(true)
			}
			if tx.HasMail() {
				r.outboxStirred.Store(true)
			}
			if err != nil || !tx.IsShown() {
				return err
			}
			return tx.SetMoment(markShown, now)
		})
		if err == nil {
			then()
		}
		return err
	}}
	select {
	case r.jobs <- j:
	case <-r.done:
		return errStopping
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-j.done
}

// Cursor tells the mailbox how far a folder was handled.
func (r *runner) Cursor(_ context.Context, folder string) (mailbox.Cursor, error) {
	var out mailbox.Cursor
	err := r.state.View(func(tx *store.Tx) error {
		c, err := tx.Cursor(folder)
		out = mailbox.Cursor{UIDValidity: c.UIDValidity, Last: mailbox.IMAPUID(c.Last)}
		return err
	})
	return out, err
}

// Wanted are the addresses whose older mail is to be searched for.
func (r *runner) Wanted(context.Context) (out []string, err error) {
	err = r.state.View(func(tx *store.Tx) error {
		out, err = tx.Wanted()
		return err
	})
	return out, err
}

// watcher makes the desk's mailbox watcher, and has it tell the desk what it reads.
func (r *runner) watcher() (*mailbox.Watcher, error) {
	w, err := r.account()
	if err != nil {
		return nil, err
	}
	rs := r.current()
	w.Sink, w.Body, w.Report = sink{r}, r.wantsBody, r.report
	if rs.cfg.Folders.Verbs {
		w.Verbs, w.VerbSink = verbFolders, sink{r}
	}
	if rs.cfg.Folders.Star != "" {
		w.Stars, w.VerbSink = true, sink{r}
	}
	return w, nil
}

// account is the desk's mailbox, to act in: nobody is told of what is read.
func (r *runner) account() (*mailbox.Watcher, error) {
	rs := r.current()
	acct, err := r.imapAccount(&rs.cfg)
	if err != nil {
		return nil, fmt.Errorf("desk %s: %w", r.name, err)
	}
	own := map[string]bool{}
	for _, a := range rs.cfg.own() {
		own[a] = true
	}
	return &mailbox.Watcher{
		Account: acct, Own: func(a string) bool { return own[a] },
		Since:      func() time.Time { return r.clock().Add(-time.Duration(rs.cfg.History)) },
		SentFolder: rs.cfg.Folders.Sent, Folders: rs.cfg.Folders.Read,
		Poll: time.Duration(rs.cfg.IMAP.Poll), IdleSent: rs.cfg.IMAP.IdleSent, Log: r.log,
	}, nil
}

func (r *runner) imapAccount(cfg *DeskConfig) (mailbox.Account, error) {
	a, err := cfg.IMAP.account()
	a.Secret = r.secretFor(&cfg.IMAP.SecretConfig)
	return a, err
}

func (r *runner) smtpAccount(cfg *DeskConfig) (mailbox.Account, error) {
	a, err := cfg.SMTP.account()
	a.Secret = r.secretFor(&cfg.SMTP.SecretConfig)
	return a, err
}

func (c *IMAPConfig) account() (mailbox.Account, error) {
	tc, err := tlsConfig(c.CAFile)
	return mailbox.Account{
		Host: c.Host, Port: c.Port, Security: mailbox.Security(c.Security), Username: c.Username,
		OAuth2: c.Auth == "oauth2", Secret: c.read, TLS: tc,
	}, err
}

func (c *SMTPConfig) account() (mailbox.Account, error) {
	tc, err := tlsConfig(c.CAFile)
	return mailbox.Account{
		Host: c.Host, Port: c.Port, Security: mailbox.Security(c.Security), Username: c.Username,
		OAuth2: c.Auth == "oauth2", Secret: c.read, TLS: tc,
	}, err
}
