package mailbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"

	"fifthcall/mailbox/message"
)

// Event is what a Watcher tells about itself.
type Event struct {
	Folder   string
	Read     bool      // Folder was read up to its end just now
	Idle     bool      // IDLE on Folder began (true) or, with Err, ended
	Err      error     // what went wrong; the Watcher goes on by itself unless Refused
	Refused  bool      // the sign-in was refused repeatedly: the Watcher has given up
	Missing  []string  // configured folders that don't exist
	Folders  []string  // all that are read, after a pass over them
	Progress *Progress // of a first run
}

// Watcher keeps a Sink up to date with a mailbox.
type Watcher struct {
	Account    Account
	Sink       Sink
	Own        func(addr string) bool      // the reader's own canonical addresses
	Body       func(*message.Message) bool // whether the text of a new message is to be fetched; nil for never
	Since      func() time.Time            // how far back the history goes
	Verbs      []VerbFolder                // folders whose names are commands
	VerbSink   VerbSink                    // nil for none
	Stars      bool                        // a star is a command, too
	SentFolder string                      // "" to find it
	Folders    []string                    // beside Sent, INBOX and Gmail's All Mail
	Poll       time.Duration               // how often folders without IDLE are looked at
	Reconcile  time.Duration               // how often every folder is
	IdleFor    time.Duration               // when IDLE is begun anew; servers may cut it after 30 minutes
	IdleSent   bool                        // a third connection: IDLE on Sent, too
	BackOff    BackOff
	Report     func(Event)
	Log        *slog.Logger

	sent atomic.Pointer[string] // the folder of sent mail, once known; read by all connections
	wake chan struct{}          // an IDLE connection found new people: search for their older mail
}

// BackOff is how long to wait before the next try to connect.
type BackOff struct {
	First  time.Duration // after the first failure; grows by half each time
	Most   time.Duration
	Steady time.Duration // a connection that lived so long starts over with First
}

// DefaultBackOff is kind to servers.
var DefaultBackOff = BackOff{First: 2 * time.Second, Most: time.Minute, Steady: 5 * time.Minute}

// refusalLimit is how many refused sign-ins in a row end the Watcher, before the server locks the account.
const refusalLimit = 3

func (w *Watcher) report(e Event) {
	if w.Report != nil {
		w.Report(e)
	}
}

func (w *Watcher) progress(p Progress) { w.report(Event{Folder: p.Folder, Progress: &p}) }

// SyncOnce reads every folder up to its end and returns.
func (w *Watcher) SyncOnce(ctx context.Context) error {
	r := &reader{w: w}
	defer r.close()
	if err := r.connect(ctx); err != nil {
		return err
	}
	if _, err := r.pass(ctx); err != nil {
		return err
	}
	return r.verbsPass(ctx)
}

// pass reads all folders, Sent first, then what became wanted meanwhile.
func (r *reader) pass(ctx context.Context) ([]string, error) {
	f, err := r.s.listFolders()
	if err != nil {
		return nil, err
	}
	sent, order, missing := r.w.plan(f)
	r.w.sent.Store(&sent)
	r.missing = missing
	if len(missing) > 0 {
		r.w.report(Event{Missing: missing})
	}
	for _, name := range order {
		if err := r.open(name); err != nil {
			return nil, err
		}
		if err := r.sync(ctx); err != nil {
			return nil, err
		}
		r.w.report(Event{Folder: name, Read: true})
	}
	r.w.report(Event{Folders: order})
	return order, r.seek(ctx, order)
}

// Run watches until ctx ends or the sign-in is refused for good; then the error wraps ErrSignIn.
func (w *Watcher) Run(ctx context.Context) error {
	w.wake = make(chan struct{}, 1)
	var idlers sync.WaitGroup
	defer idlers.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var once sync.Once
	return w.persist(ctx, func(ctx context.Context) error {
		r := &reader{w: w}
		defer r.close()
		if err := r.connect(ctx); err != nil {
			return err
		}
		order, err := r.pass(ctx)
		if err != nil {
			return err
		}
		if err := r.verbsPass(ctx); err != nil {
			return err
		}
		idle := r.s.caps.Has(imap.CapIdle) || r.s.caps.Has(imap.CapIMAP4rev2)
		if idle {
			once.Do(func() { w.startIdlers(ctx, &idlers, order) })
		}
		return r.poll(ctx, order)
	})
}

// persist calls try until ctx ends, with growing pauses. Three refused sign-ins in a row end it.
func (w *Watcher) persist(ctx context.Context, try func(context.Context) error) error {
	b := w.BackOff
	if b == (BackOff{}) {
		b = DefaultBackOff
	}
	wait, refusals := b.First, 0
	for {
		began := time.Now() // a network interval, no rule depends on it
		err := try(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ErrSignIn) {
			if refusals++; refusals >= refusalLimit {
				w.report(Event{Err: err, Refused: true})
				return err
			}
		} else {
			refusals = 0
		}
		w.report(Event{Err: err})
		w.log().Warn("mailbox connection lost; trying again", "error", err, "in", wait.Round(time.Second))
		if time.Since(began) > b.Steady {
			wait = b.First
		}
		jitter := time.Duration(rand.Int64N(int64(wait)/5 + 1))
		if !pause(ctx, wait+jitter) {
			return ctx.Err()
		}
		wait = min(wait*3/2, b.Most)
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// startIdlers opens one connection for INBOX and, where allowed, one for Sent: with the
// polling one that makes three, which every provider admits.
func (w *Watcher) startIdlers(ctx context.Context, wg *sync.WaitGroup, order []string) {
	folders := []string{"INBOX"}
	if w.IdleSent && len(order) > 0 && order[0] != "INBOX" {
		folders = append(folders, order[0])
	}
	for _, f := range folders {
		wg.Go(func() {
			_ = w.persist(ctx, func(ctx context.Context) error { return w.idle(ctx, f) })
		})
	}
}

// idle reads a folder and waits for news of it, again and again, over a connection of its own.
func (w *Watcher) idle(ctx context.Context, folder string) error {
	r := &reader{w: w}
	defer r.close()
	if err := r.connect(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := r.open(folder); err != nil {
			return err
		}
		again := true
		for again {
			if err := r.sync(ctx); err != nil {
				return err
			}
			w.report(Event{Folder: folder, Read: true, Idle: true})
			w.nudge()
			var err error
			if again, err = r.s.idleUntilNews(ctx, w.idleFor()); err != nil {
				return fmt.Errorf("idle on %q: %w", folder, err)
			}
		}
	}
	return ctx.Err()
}

func (w *Watcher) idleFor() time.Duration {
	if w.IdleFor == 0 {
		return 9 * time.Minute
	}
	return w.IdleFor
}

func (w *Watcher) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// idleUntilNews waits in IDLE (RFC 2177) until the folder stirs; false means that the time
// is up and the folder is to be opened anew. It looks at the raw bytes, too, because the
// library doesn't tell when a server ends IDLE by itself.
func (s *session) idleUntilNews(ctx context.Context, limit time.Duration) (news bool, err error) {
	s.conn.expect(patience)
	cmd, err := s.c.Idle()
	if err != nil {
		return false, err
	}
	s.conn.listen(func(b []byte) {
		if stirs(b) {
			s.stirred()
		}
	})
	s.conn.expect(rest)
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-s.stir:
		news = true
	case <-t.C:
	case <-s.c.Closed():
	case <-ctx.Done():
	}
	s.conn.listen(nil)
	defer s.busy()()
	if err := cmd.Close(); err != nil {
		return false, err
	}
	return news, cmd.Wait()
}

// poll looks at the folders by STATUS and reads those that changed.
func (r *reader) poll(ctx context.Context, order []string) error {
	poll := time.NewTicker(orElse(r.w.Poll, 30*time.Second))
	defer poll.Stop()
	all := time.NewTicker(orElse(r.w.Reconcile, 15*time.Minute))
	defer all.Stop()
	next := map[string]imap.UID{}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-all.C:
			var err error
			if order, err = r.pass(ctx); err != nil {
				return err
			}
		case <-poll.C:
			back, err := r.appeared()
			if err != nil {
				return err
			}
			if back {
				if order, err = r.pass(ctx); err != nil {
					return err
				}
			}
			for _, f := range order {
				if err := r.look(ctx, f, next); err != nil {
					return err
				}
			}
			if err := r.seek(ctx, order); err != nil {
				return err
			}
			if err := r.verbsPass(ctx); err != nil {
				return err
			}
		case <-r.w.wake:
			if err := r.seek(ctx, order); err != nil {
				return err
			}
		case <-r.s.c.Closed():
			return errors.New("the server closed the connection")
		}
	}
}

// appeared reports whether a folder that was missing is there now: one that was deleted and made anew is read at the next poll.
func (r *reader) appeared() (bool, error) {
	if len(r.missing) == 0 {
		return false, nil
	}
	f, err := r.s.listFolders()
	if err != nil {
		return false, err
	}
	_, _, missing := r.w.plan(f)
	return len(missing) < len(r.missing), nil
}

func (r *reader) look(ctx context.Context, folder string, next map[string]imap.UID) error {
	st := &imap.StatusData{}
	var err error
	if folder == r.folder {
		// STATUS isn't meant for the selected folder (RFC 9051, 6.3.11), and tells of the old one, for ever, where it was deleted and made anew.
		if err = r.open(folder); err == nil {
			st.UIDValidity, st.UIDNext = r.sel.UIDValidity, r.sel.UIDNext
		}
	} else {
		st, err = r.s.status(folder)
	}
	if err != nil {
		return err
	}
	cur, err := r.w.Sink.Cursor(ctx, folder)
	if err != nil {
		return err
	}
	unchanged := st.UIDValidity == cur.UIDValidity && st.UIDNext != 0 && (st.UIDNext == next[folder] || message.IMAPUID(st.UIDNext) == cur.Last+1)
	if !unchanged {
		if err := r.open(folder); err != nil {
			return err
		}
		if err := r.sync(ctx); err != nil {
			return err
		}
		next[folder] = st.UIDNext
	}
	r.w.report(Event{Folder: folder, Read: true})
	return nil
}

func (s *session) status(folder string) (*imap.StatusData, error) {
	defer s.busy()()
	st, err := s.c.Status(folder, &imap.StatusOptions{UIDNext: true, UIDValidity: true}).Wait()
	if err != nil {
		return nil, fmt.Errorf("status of %q: %w", folder, err)
	}
	return st, nil
}

func orElse(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}
