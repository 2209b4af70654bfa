package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/door/intake"
	"fifthcall/daemon/door/outbox"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/store/kv"
	"fifthcall/daemon/web"
	"fifthcall/mailbox"
)

// Options are what a Daemon is made with beside its configuration.
type Options struct {
	Clock    book.Clock // nil: the time of day
	Log      *slog.Logger
	Progress func(desk string, p mailbox.Progress) // told of a first run
	Version  string
	Engine   kv.Engine // where the state is kept; nil: Badger in the state folder
	Memory   int64     // what the process is to stay below, in bytes, beside what large desks take; 0: no limit is set
}

// Daemon is Fifthcall: the desks over one store.
type Daemon struct {
	cfg   *config.Config
	opt   Options
	store *store.Store
	key   []byte
	desks []*book.Runner

	mu       sync.Mutex
	watching map[string]context.CancelFunc
	listener net.Listener
	watch    context.Context // parent of all watchers while Run is under way
	workers  sync.WaitGroup  // desks' loops
	stop     context.CancelFunc
	web      *web.Server
	doorman  *collection.Limiter
	notified map[string]string // the trouble last told of, by desk
}

// Open opens the state and makes the desks ready; nothing runs but their decisions.
func Open(cfg *config.Config, opt Options) (*Daemon, error) {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	st, err := openStore(cfg, opt.Engine)
	if err != nil {
		return nil, err
	}
	key, err := seal.StateKey(cfg.Store.Dir)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &Daemon{cfg: cfg, opt: opt, store: st, key: key, stop: cancel, watching: map[string]context.CancelFunc{}, notified: map[string]string{}}
	for _, dc := range cfg.Desks {
		r, err := book.NewRunner(dc, key, st, opt.Clock, opt.Log)
		if err != nil {
			cancel()
			return nil, errors.Join(err, st.Close())
		}
		r.ReadFolder = func(ctx context.Context, folder string) error {
			w, err := intake.Watcher(r)
			if err != nil {
				return err
			}
			return w.ReadFolder(ctx, folder)
		}
		d.desks = append(d.desks, r)
		d.workers.Go(func() { r.Loop(ctx) })
	}
	for _, r := range d.desks {
		r.Peers = slices.DeleteFunc(slices.Clone(d.desks), func(o *book.Runner) bool { return o == r })
	}
	d.doorman = collection.NewLimiter()
	d.web = web.New(feedSource{d}, feedSource{d}, web.Options{Log: opt.Log})
	return d, nil
}

func openStore(cfg *config.Config, e kv.Engine) (*store.Store, error) {
	if e != nil {
		if err := os.MkdirAll(cfg.Store.Dir, 0o700); err != nil { // key, socket and page link lie there all the same
			return nil, fmt.Errorf("make the state folder: %w", err)
		}
		return store.Over(e)
	}
	return store.Open(cfg.Store.Dir)
}

// Close stops the desks and closes the state.
func (d *Daemon) Close() error {
	d.stop()
	d.workers.Wait()
	return d.store.Close()
}

// Run watches all mailboxes and serves page, feed and control socket until ctx ends.
func (d *Daemon) Run(ctx context.Context) error { return d.RunWhenReady(ctx, func() {}) }

// RunWhenReady is Run, and calls ready once everything is served.
func (d *Daemon) RunWhenReady(ctx context.Context, ready func()) error {
	ln, err := net.Listen("tcp", d.cfg.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("listen for the page and feed: %w; change [http] listen, or stop what uses the port", err)
	}
	d.mu.Lock()
	d.listener = ln
	d.mu.Unlock()
	ctl, err := listenControl(d.cfg.Store.Dir)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	runCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	errs := make(chan error, 4)
	registry := d.registry()
	serve := func(srv *http.Server, l net.Listener, cert, key string) {
		wg.Go(func() {
			if err := serveHTTP(runCtx, srv, l, cert, key); err != nil {
				errs <- err
				cancel()
			}
		})
	}
	own := d.cfg.Metrics.Listen == ""
	serve(httpServer(d.handler(d.web.Handler(registry, own))), ln, d.cfg.HTTP.TLSCert, d.cfg.HTTP.TLSKey)
	if !own {
		ml, err := net.Listen("tcp", d.cfg.Metrics.Listen)
		if err != nil {
			cancel()
			return errors.Join(fmt.Errorf("listen for metrics: %w", err), ctl.Close())
		}
		serve(httpServer(web.MetricsHandler(registry)), ml, "", "")
	}
	serve(httpServer(d.controlHandler()), ctl, "", "")
	d.mu.Lock()
	d.watch = runCtx
	for _, r := range d.desks {
		d.startWatching(r, &wg)
		wg.Go(func() { outbox.DeliverLoop(runCtx, r) })
		wg.Go(func() { agenda.BusyLoop(runCtx, r) })
		wg.Go(func() { agenda.PublishLoop(runCtx, r) })
	}
	d.mu.Unlock()
	d.opt.Log.Info("running", "desks", len(d.desks), "listen", ln.Addr().String(), "state", d.cfg.Store.Dir)
	ready()
	d.tickLoop(runCtx)
	cancel()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// handler serves the calendars that write back beside the page and feeds.
func (d *Daemon) handler(pages http.Handler) http.Handler {
	dav := &caldav.Handler{Login: caldavLogin{d}, Prefix: caldavPrefix, Proxy: d.cfg.HTTP.PublicURL != "", Log: d.opt.Log}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == caldav.WellKnown || strings.HasPrefix(r.URL.Path, caldavPrefix) || r.URL.Path+"/" == caldavPrefix || r.URL.Path == "/" && r.Method == "PROPFIND" {
			if r.URL.Path+"/" == caldavPrefix {
				r.URL.Path = caldavPrefix
			}
			if r.URL.Path == "/" { // where some programs look first
				r.URL.Path = caldav.WellKnown
			}
			dav.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

func httpServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
}

// serveHTTP serves until ctx ends, then lets requests under way finish for a moment.
func serveHTTP(ctx context.Context, srv *http.Server, ln net.Listener, cert, key string) error {
	stop := context.AfterFunc(ctx, func() {
		short, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if srv.Shutdown(short) != nil {
			_ = srv.Close()
		}
	})
	defer stop()
	var err error
	if cert != "" {
		err = srv.ServeTLS(ln, cert, key)
	} else {
		err = srv.Serve(ln)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve: %w", err)
}

// Addr is where the page and feed are served, once Run listens.
func (d *Daemon) Addr() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener == nil {
		return ""
	}
	return d.listener.Addr().String()
}

// startWatching begins a desk's mailbox watcher; d.mu is held.
func (d *Daemon) startWatching(r *book.Runner, wg *sync.WaitGroup) {
	ctx, cancel := context.WithCancel(d.watch)
	d.watching[r.Name] = cancel
	wg.Go(func() {
		w, err := intake.Watcher(r)
		if err != nil {
			watch.Report(r, mailbox.Event{Err: err, Refused: true})
			return
		}
		w.Report = d.reporter(r)
		if err = w.Run(ctx); errors.Is(err, mailbox.ErrSignIn) {
			r.Log.Error("sign-in refused; not trying again until the configuration is reread", "error", err)
		}
	})
}

// reporter passes a watcher's events on.
func (d *Daemon) reporter(r *book.Runner) func(mailbox.Event) {
	return func(e mailbox.Event) {
		watch.Report(r, e)
		if e.Progress != nil && d.opt.Progress != nil {
			d.opt.Progress(r.Name, *e.Progress)
		}
	}
}

// decoded is about how much larger records are in memory than stored, with room for what answers are made of.
const decoded = 4

// tickLoop does what time asks for, once a second, until ctx ends.
func (d *Daemon) tickLoop(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	garbage := time.NewTicker(10 * time.Minute)
	defer garbage.Stop()
	var models int64
	for {
		if now := d.store.ModelSize(); d.opt.Memory > 0 && now != models {
			models = now
			debug.SetMemoryLimit(d.opt.Memory + decoded*models) // else the collector would run all the time for what is needed
		}
		for _, r := range d.runners() {
			if err := d.tick(ctx, r); err != nil && ctx.Err() == nil {
				r.Log.Error("the daily round failed; it is tried again", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-garbage.C:
			if err := d.store.CollectGarbage(ctx); err != nil && ctx.Err() == nil {
				d.opt.Log.Warn("the state could not be compacted", "error", err)
			}
		case <-tick.C:
		}
	}
}

func (d *Daemon) runners() []*book.Runner {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]*book.Runner{}, d.desks...)
}

func (d *Daemon) tick(ctx context.Context, r *book.Runner) error {
	now := r.Clock()
	watch.Look(r, now)
	d.tell(ctx, r)
	return daily(ctx, r, now)
}

// tell notifies of new trouble, once.
func (d *Daemon) tell(ctx context.Context, r *book.Runner) {
	t := watch.TroubleText(r)
	d.mu.Lock()
	was := d.notified[r.Name]
	d.notified[r.Name] = t
	command := d.cfg.Notify.Command
	d.mu.Unlock()
	if t == "" || t == was {
		return
	}
	r.Log.Error("trouble", "what", t)
	if err := watch.Notify(ctx, command, r.Name, t); err != nil {
		r.Log.Error("could not notify", "error", err)
	}
}

// Reload takes a new configuration. Desks are restarted with it; the state folder and
// listening addresses need a restart of the program.
func (d *Daemon) Reload(ctx context.Context, cfg *config.Config) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if cfg.Store.Dir != d.cfg.Store.Dir || cfg.HTTP != d.cfg.HTTP || cfg.Metrics != d.cfg.Metrics {
		return desk.Usage("[store], [http] and [metrics] are read at the start only: restart Fifthcall; the old configuration stays in force")
	}
	byName := map[string]*book.Runner{}
	for _, r := range d.desks {
		byName[r.Name] = r
	}
	if len(cfg.Desks) != len(d.desks) {
		return desk.Usage("desks are added and removed at the start only: restart Fifthcall; the old configuration stays in force")
	}
	for _, dc := range cfg.Desks {
		if byName[dc.Name] == nil {
			return desk.Usage("desk %q is new: restart Fifthcall; the old configuration stays in force", dc.Name)
		}
	}
	d.cfg = cfg
	for _, dc := range cfg.Desks {
		r := byName[dc.Name]
		if err := r.Reload(ctx, dc); err != nil {
			return err
		}
		if cancel := d.watching[r.Name]; cancel != nil {
			cancel()
			watch.Renew(r)
			d.startWatching(r, &d.workers)
		}
	}
	d.opt.Log.Info("configuration reread")
	return nil
}

// Sync reads every desk's mailbox once.
func (d *Daemon) Sync(ctx context.Context) error {
	var all error
	for _, r := range d.runners() {
		if err := d.syncDesk(ctx, r); err != nil {
			all = errors.Join(all, fmt.Errorf("desk %s: %w", r.Name, err))
		}
	}
	return all
}

func (d *Daemon) syncDesk(ctx context.Context, r *book.Runner) error {
	w, err := intake.Watcher(r)
	if err != nil {
		return err
	}
	w.Report = d.reporter(r)
	if err := w.SyncOnce(ctx); err != nil {
		return err
	}
	if err := agenda.ReadBusy(ctx, r); err != nil { // what was read last counts; the morning mail tells of it after a day
		r.Log.Warn("a calendar could not be read", "error", err)
	}
	if err := daily(ctx, r, r.Clock()); err != nil {
		return err
	}
	if err := agenda.Publish(ctx, r); err != nil {
		r.Log.Warn("the calendar could not be published", "error", err)
	}
	return outbox.Deliver(ctx, r)
}
