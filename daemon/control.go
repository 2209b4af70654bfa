package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"

	"golang.org/x/oauth2"

	"fifthcall/daemon/desk"
)

// Request is one operation, as it crosses the control socket.
type Request struct {
	Op   string          `json:"op"`
	Desk string          `json:"desk,omitempty"` // "" for the only one, or all in listings
	Args json.RawMessage `json:"args,omitempty"`
}

// response is what comes back.
type response struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
	Code   int             `json:"code,omitempty"`
}

// operations are what subcommands ask for. Each listing returns an array, each other an object.
var operations = map[string]func(ctx context.Context, d *Daemon, req Request) (any, error){
	"sync": func(ctx context.Context, d *Daemon, _ Request) (any, error) { return struct{}{}, d.Sync(ctx) },
	"today": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Now time.Time }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		if a.Now.IsZero() {
			a.Now = d.opt.Clock()
		}
		return each(d, req, func(r *runner) ([]TodayView, error) {
			v, err := r.today(a.Now)
			return []TodayView{v}, err
		})
	},
	"report": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var rq ReportRequest
		if err := decodeArgs(req, &rq); err != nil {
			return nil, err
		}
		if rq.Now.IsZero() {
			rq.Now = d.opt.Clock()
		}
		if rq.Agency {
			v, err := agencyReport(d.runners(), rq)
			return []ReportView{v}, err
		}
		return each(d, req, func(r *runner) ([]ReportView, error) {
			v, err := r.makeReport(rq)
			return []ReportView{v}, err
		})
	},
	"log": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Text string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.logText(ctx, a.Text, d.opt.Clock())
	},
	"contacts.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Role string }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		role := desk.Role("")
		if a.Role != "" {
			var err error
			if role, err = desk.ParseRole(a.Role); err != nil {
				return nil, usage("%v", err)
			}
		}
		return each(d, req, func(r *runner) ([]ContactView, error) { return r.contacts(role) })
	},
	"contacts.show": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Who string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.contact(a.Who)
	},
	"contacts.set": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a ContactChange
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.setContact(ctx, a)
	},
	"contacts.import": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Data []byte }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.importContacts(ctx, a.Data)
	},
	"contacts.merge": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct {
			Into, From string
			Undo       bool
		}
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		if a.Undo {
			return r.unmerge(ctx, a.Into)
		}
		return r.merge(ctx, a.Into, a.From)
	},
	"contacts.forget": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Who string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.forget(ctx, a.Who)
	},
	"touches.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Contact string }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *runner) ([]TouchView, error) { return r.touches(a.Contact) })
	},
	"callbacks.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ All bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *runner) ([]CallbackView, error) { return r.callbacks(a.All) })
	},
	"orders.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ All bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *runner) ([]OrderView, error) { return r.orders(a.All) })
	},
	"orders.show": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Order string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.order(a.Order)
	},
	"orders.set": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Order, Text string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.setOrder(ctx, a.Order, a.Text)
	},
	"outbox.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		return each(d, req, func(r *runner) ([]OutgoingView, error) { return r.outbox() })
	},
	"oauth.store": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var t oauth2.Token
		r, err := one(d, req, &t)
		if err != nil {
			return nil, err
		}
		return struct{}{}, d.takeToken(ctx, r, &t)
	},
	"oauth.access": func(ctx context.Context, d *Daemon, req Request) (any, error) { // the socket is its owner's alone
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		return r.signIn.access(ctx)
	},
	"outbox.show": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ ID string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.outboxShow(a.ID)
	},
	"outbox.do": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ What, ID string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.outboxDo(ctx, a.What, a.ID)
	},
	"outbox.pause": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ On bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *runner) ([]Paused, error) {
			p, err := r.pauseOutbox(ctx, a.On)
			return []Paused{p}, err
		})
	},
	"letters.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		return each(d, req, func(r *runner) ([]LetterView, error) { return r.letterViews() })
	},
	"letters.check": func(_ context.Context, d *Daemon, req Request) (any, error) {
		return each(d, req, func(r *runner) ([]LetterCheck, error) { return r.checkLetters() })
	},
	"letters.preview": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a LetterRequest
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.preview(a)
	},
	"letters.send": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a LetterRequest
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.sendFromShell(ctx, a)
	},
	"interviews.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ All bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *runner) ([]InterviewView, error) { return r.interviewViews(a.All) })
	},
	"sequences.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		return each(d, req, func(r *runner) ([]SequenceView, error) { return r.sequenceViews() })
	},
	"sequences.who": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ All bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *runner) ([]EnrolmentView, error) { return r.enrolmentViews(a.All) })
	},
	"sequences.enrol": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Name, Contact, From string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.enrolFromShell(ctx, a.Name, a.Contact, a.From)
	},
	"sequences.stop": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Contact string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.stopFromShell(ctx, a.Contact)
	},
	"feed.url": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a FeedChoice
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		if a.Team != "" {
			return d.teamURL(a.Team)
		}
		r, err := one(d, req, &a)
		switch {
		case err != nil:
			return nil, err
		case a.Hidden:
			return d.feedURL(r, feedHidden)
		case a.Sales:
			return d.feedURL(r, feedSales)
		}
		return d.feedURL(r, feedFull)
	},
	"history.import": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var rq HistoryRequest
		r, err := one(d, req, &rq)
		if err != nil {
			return nil, err
		}
		return r.importHistory(ctx, rq)
	},
	"leads.list": func(_ context.Context, d *Daemon, req Request) (any, error) {
		return each(d, req, func(r *runner) ([]LeadView, error) { return r.leads() })
	},
	"orders.evidence": func(_ context.Context, d *Daemon, req Request) (any, error) {
		var a struct{ Order string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return r.evidence(a.Order)
	},
	"caldav.url": func(_ context.Context, d *Daemon, req Request) (any, error) {
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		return URL{d.baseURL() + caldavPrefix + r.name + "/"}, nil
	},
	"caldav.password": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var args struct{ Name string }
		r, err := one(d, req, &args)
		if err != nil {
			return nil, err
		}
		secret, err := r.makePassword(ctx, args.Name)
		return NewPassword{URL: d.baseURL() + caldavPrefix + r.name + "/", User: r.name, Password: secret}, err
	},
	"caldav.revoke": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		var args struct{ Name string }
		r, err := one(d, req, &args)
		if err != nil {
			return nil, err
		}
		return struct{}{}, r.revokePassword(ctx, args.Name)
	},
	"caldav.passwords": func(_ context.Context, d *Daemon, req Request) (any, error) {
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		all, err := r.passwords()
		out := []AppPassword{}
		for _, p := range all {
			out = append(out, AppPassword{Name: p.Name, Made: p.Made})
		}
		return out, err
	},
	"feed.rotate": func(ctx context.Context, d *Daemon, req Request) (any, error) {
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		if err := r.rotate(ctx); err != nil {
			return nil, err
		}
		return d.feedURL(r, feedFull)
	},
	"page.url": func(_ context.Context, d *Daemon, req Request) (any, error) {
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		return URL{d.baseURL() + "/page/" + d.pageKey(r)}, nil
	},
	"status": func(_ context.Context, d *Daemon, req Request) (any, error) {
		return each(d, req, func(r *runner) ([]StatusView, error) { return []StatusView{r.statusView()}, nil })
	},
}

// URL is an address in an answer.
type URL struct {
	URL string `json:"url"`
}

// caldavPrefix is the path of the calendars that write back.
const caldavPrefix = "/caldav/"

// NewPassword is an app password, told this once.
type NewPassword struct {
	URL      string `json:"url"`
	User     string `json:"user"`
	Password string `json:"password"`
}

// StatusView is how a desk's mailbox is doing.
type StatusView struct {
	Desk     string            `json:"desk"`
	LastRead map[string]string `json:"last_read"`
	Idle     map[string]bool   `json:"idle"`
	Trouble  string            `json:"trouble"`
}

func (r *runner) statusView() StatusView {
	s := r.snapshot()
	v := StatusView{Desk: r.name, LastRead: map[string]string{}, Idle: s.Idle, Trouble: s.Trouble}
	for f, t := range s.LastRead {
		v.LastRead[f] = stamp(t, r.current().zone)
	}
	return v
}

func (d *Daemon) feedURL(r *runner, v feedVariant) (URL, error) {
	t, err := r.feedToken(d.key, v)
	return URL{d.baseURL() + "/feed/" + t + ".ics"}, err
}

// FeedChoice says which feed is meant; with none the desk's full one.
type FeedChoice struct {
	Hidden bool
	Sales  bool
	Team   string
}

func (d *Daemon) teamURL(team string) (URL, error) {
	desks := d.teamDesks(team)
	if len(desks) == 0 {
		var teams []string
		for _, r := range d.runners() {
			if t := r.current().cfg.Team; t != "" {
				teams = append(teams, t)
			}
		}
		return URL{}, usage("no desk's team is named %q%s", team, didYouMean(team, teams))
	}
	t, err := d.teamToken(team, desks)
	return URL{d.baseURL() + "/feed/" + t + ".ics"}, err
}

// baseURL is where page and feed are reached: the public address, else the one listened on.
func (d *Daemon) baseURL() string {
	if u := d.cfg.HTTP.PublicURL; u != "" {
		return strings.TrimRight(u, "/")
	}
	addr := d.Addr()
	if addr == "" {
		addr = d.cfg.HTTP.Listen
	}
	host, port, err := net.SplitHostPort(addr)
	if err == nil && (host == "" || host == "::" || host == "0.0.0.0") {
		if h, err := os.Hostname(); err == nil {
			addr = net.JoinHostPort(h, port)
		}
	}
	scheme := "http"
	if d.cfg.HTTP.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + addr
}

func decodeArgs(req Request, into any) error {
	if into == nil || len(req.Args) == 0 {
		return nil
	}
	if err := json.Unmarshal(req.Args, into); err != nil {
		return fmt.Errorf("arguments of %s: %w", req.Op, err)
	}
	return nil
}

// one is the desk meant where only one can be.
func one(d *Daemon, req Request, args any) (*runner, error) {
	if err := decodeArgs(req, args); err != nil {
		return nil, err
	}
	rs, err := chosen(d, req.Desk)
	if err != nil {
		return nil, err
	}
	if len(rs) > 1 {
		return nil, usage("there are several desks: say which with --desk (%s)", strings.Join(d.deskNames(), ", "))
	}
	return rs[0], nil
}

func chosen(d *Daemon, name string) ([]*runner, error) {
	if name == "" {
		return d.runners(), nil
	}
	for _, r := range d.runners() {
		if strings.EqualFold(r.name, name) {
			return []*runner{r}, nil
		}
	}
	return nil, usage("no desk is named %q%s", name, didYouMean(name, d.deskNames()))
}

func (d *Daemon) deskNames() []string {
	var out []string
	for _, r := range d.runners() {
		out = append(out, r.name)
	}
	sort.Strings(out)
	return out
}

// each joins a listing over the desks meant.
func each[T any](d *Daemon, req Request, list func(*runner) ([]T, error)) (any, error) {
	rs, err := chosen(d, req.Desk)
	if err != nil {
		return nil, err
	}
	out := []T{}
	var failed error
	for _, r := range rs {
		part, err := list(r)
		if err != nil {
			failed = err
			continue
		}
		out = append(out, part...)
	}
	if len(out) == 0 && failed != nil || len(rs) == 1 && failed != nil {
		return nil, failed
	}
	return out, nil
}

// Do runs an operation here and returns its result as JSON.
func (d *Daemon) Do(ctx context.Context, req Request) (json.RawMessage, error) {
	op, ok := operations[req.Op]
	if !ok {
		return nil, usage("unknown operation %q: is the daemon an older version?", req.Op)
	}
	v, err := op(ctx, d, req)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// Ask runs an operation here and decodes its result.
func Ask(ctx context.Context, d *Daemon, req Request, into any) error {
	out, err := d.Do(ctx, req)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, into)
}

// controlHandler answers subcommands over the socket.
func (d *Daemon) controlHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req Request
		var res response
		if err := json.NewDecoder(io.LimitReader(r.Body, 256<<20)).Decode(&req); err != nil {
			res.Error, res.Code = "unreadable request: "+err.Error(), ExitFailed
		} else if out, err := d.Do(r.Context(), req); err != nil {
			res.Error, res.Code = err.Error(), ExitCode(err)
		} else {
			res.Result = out
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(res)
	})
}

// socketPath is the control socket of a state folder. Where the folder's path is too long
// for a socket's address (108 bytes), it lies in the folder for temporary files instead, in
// a folder of its own that nobody else can enter.
func socketPath(stateDir string) string {
	p := filepath.Join(stateDir, "control.sock")
	if len(p) < 100 {
		return p
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("fifthcall-%d-%s", os.Getuid(), desk.ShortHash(stateDir)), "control.sock")
}

// listenControl listens on the socket, mode 0600. The store's lock is held, so a socket
// that is there already is a dead daemon's.
func listenControl(stateDir string) (net.Listener, error) {
	p := socketPath(stateDir)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove an old control socket: %w", err)
	}
	old := syscall.Umask(0o177)
	ln, err := net.Listen("unix", p)
	syscall.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return ln, nil
}

// Client reaches a running daemon through its socket.
type Client struct{ http *http.Client }

// Dial connects to the daemon that runs on the state folder; nil if none does.
func Dial(ctx context.Context, stateDir string) *Client {
	p := socketPath(stateDir)
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, "unix", p)
	if err != nil {
		return nil
	}
	_ = conn.Close()
	return &Client{&http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "unix", p)
	}}}}
}

// Do has the daemon run an operation.
func (c *Client) Do(ctx context.Context, req Request) (json.RawMessage, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	hr, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://daemon/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(hr)
	if err != nil {
		return nil, fmt.Errorf("the running daemon doesn't answer: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	var out response
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return nil, fmt.Errorf("the running daemon's answer is unreadable: %w", err)
	}
	if out.Error != "" {
		return nil, &CodedError{out.Code, out.Error}
	}
	return out.Result, nil
}
