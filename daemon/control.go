package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/door/morning"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/work/imports"
	"fifthcall/daemon/work/people"
	"fifthcall/daemon/work/reports"
)

// operations are what subcommands ask for. Each listing returns an array, each other an object.
var operations = map[string]func(ctx context.Context, d *Daemon, req shell.Request) (any, error){
	"sync": func(ctx context.Context, d *Daemon, _ shell.Request) (any, error) { return struct{}{}, d.Sync(ctx) },
	"today": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Now time.Time }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		if a.Now.IsZero() {
			a.Now = d.opt.Clock()
		}
		return each(d, req, func(r *book.Runner) ([]morning.TodayView, error) {
			v, err := morning.Today(r, a.Now)
			return []morning.TodayView{v}, err
		})
	},
	"report": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var rq reports.ReportRequest
		if err := decodeArgs(req, &rq); err != nil {
			return nil, err
		}
		if rq.Now.IsZero() {
			rq.Now = d.opt.Clock()
		}
		if rq.Agency {
			v, err := reports.AgencyReport(d.runners(), rq)
			return []reports.ReportView{v}, err
		}
		return each(d, req, func(r *book.Runner) ([]reports.ReportView, error) {
			v, err := reports.MakeReport(r, rq)
			return []reports.ReportView{v}, err
		})
	},
	"log": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Text string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return command.LogText(ctx, r, a.Text, d.opt.Clock())
	},
	"contacts.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct {
			Role string
			view.Part
		}
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		role := desk.Role("")
		if a.Role != "" {
			var err error
			if role, err = desk.ParseRole(a.Role); err != nil {
				return nil, desk.Usage("%v", err)
			}
		}
		return each(d, req, func(r *book.Runner) ([]view.ContactView, error) { return view.Contacts(r, role, a.Part) })
	},
	"contacts.show": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Who string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.Contact(r, a.Who)
	},
	"contacts.set": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a people.ContactChange
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.SetContact(ctx, r, a)
	},
	"contacts.import": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Data []byte }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return imports.ImportContacts(ctx, r, a.Data)
	},
	"contacts.merge": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct {
			Into, From string
			Undo       bool
		}
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		if a.Undo {
			return view.Unmerge(ctx, r, a.Into)
		}
		return view.Merge(ctx, r, a.Into, a.From)
	},
	"contacts.forget": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Who string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.Forget(ctx, r, a.Who)
	},
	"touches.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct {
			Contact string
			view.Part
		}
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *book.Runner) ([]view.TouchView, error) { return view.Touches(r, a.Contact, a.Part) })
	},
	"callbacks.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct {
			All bool
			view.Part
		}
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *book.Runner) ([]view.CallbackView, error) { return view.Callbacks(r, a.All, a.Part) })
	},
	"orders.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ All bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *book.Runner) ([]view.OrderView, error) { return view.Orders(r, a.All) })
	},
	"orders.show": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Order string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.Order(r, a.Order)
	},
	"orders.set": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Order, Text string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.SetOrder(ctx, r, a.Order, a.Text)
	},
	"outbox.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		return each(d, req, func(r *book.Runner) ([]view.OutgoingView, error) { return view.Outbox(r) })
	},
	"oauth.store": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var t oauth2.Token
		r, err := one(d, req, &t)
		if err != nil {
			return nil, err
		}
		return struct{}{}, d.takeToken(ctx, r, &t)
	},
	"oauth.access": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) { // the socket is its owner's alone
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		return watch.Access(ctx, &r.SignIn)
	},
	"outbox.show": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ ID string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.OutboxShow(r, a.ID)
	},
	"outbox.do": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ What, ID string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.OutboxDo(ctx, r, a.What, a.ID)
	},
	"outbox.pause": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ On bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *book.Runner) ([]view.Paused, error) {
			p, err := view.PauseOutbox(ctx, r, a.On)
			return []view.Paused{p}, err
		})
	},
	"letters.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		return each(d, req, func(r *book.Runner) ([]view.LetterView, error) { return view.LetterViews(r) })
	},
	"letters.check": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		return each(d, req, func(r *book.Runner) ([]view.LetterCheck, error) { return view.CheckLetters(r) })
	},
	"letters.preview": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a view.LetterRequest
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.RenderPreview(r, a)
	},
	"letters.send": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a view.LetterRequest
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.SendFromShell(ctx, r, a)
	},
	"interviews.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ All bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *book.Runner) ([]view.InterviewView, error) { return view.InterviewViews(r, a.All) })
	},
	"sequences.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		return each(d, req, func(r *book.Runner) ([]view.SequenceView, error) { return view.SequenceViews(r) })
	},
	"sequences.who": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ All bool }
		if err := decodeArgs(req, &a); err != nil {
			return nil, err
		}
		return each(d, req, func(r *book.Runner) ([]view.EnrolmentView, error) { return view.EnrolmentViews(r, a.All) })
	},
	"sequences.enrol": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Name, Contact, From string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.EnrolFromShell(ctx, r, a.Name, a.Contact, a.From)
	},
	"sequences.stop": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Contact string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.StopFromShell(ctx, r, a.Contact)
	},
	"feed.url": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
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
			return d.feedURL(r, agenda.FeedHidden)
		case a.Sales:
			return d.feedURL(r, agenda.FeedSales)
		}
		return d.feedURL(r, agenda.FeedFull)
	},
	"history.import": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var rq imports.HistoryRequest
		r, err := one(d, req, &rq)
		if err != nil {
			return nil, err
		}
		return imports.ImportHistory(ctx, r, rq)
	},
	"leads.list": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		return each(d, req, func(r *book.Runner) ([]view.LeadView, error) { return view.Leads(r) })
	},
	"orders.evidence": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		var a struct{ Order string }
		r, err := one(d, req, &a)
		if err != nil {
			return nil, err
		}
		return view.Evidence(r, a.Order)
	},
	"caldav.url": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		return URL{d.baseURL() + caldavPrefix + r.Name + "/"}, nil
	},
	"caldav.password": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var args struct{ Name string }
		r, err := one(d, req, &args)
		if err != nil {
			return nil, err
		}
		secret, err := collection.MakePassword(ctx, r, args.Name)
		return NewPassword{URL: d.baseURL() + caldavPrefix + r.Name + "/", User: r.Name, Password: secret}, err
	},
	"caldav.revoke": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		var args struct{ Name string }
		r, err := one(d, req, &args)
		if err != nil {
			return nil, err
		}
		return struct{}{}, collection.RevokePassword(ctx, r, args.Name)
	},
	"caldav.passwords": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		all, err := collection.Passwords(r)
		out := []collection.AppPassword{}
		for _, p := range all {
			out = append(out, collection.AppPassword{Name: p.Name, Made: p.Made})
		}
		return out, err
	},
	"feed.rotate": func(ctx context.Context, d *Daemon, req shell.Request) (any, error) {
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		if err := agenda.Rotate(ctx, r); err != nil {
			return nil, err
		}
		return d.feedURL(r, agenda.FeedFull)
	},
	"page.url": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		r, err := one(d, req, nil)
		if err != nil {
			return nil, err
		}
		return URL{d.baseURL() + "/page/" + d.pageKey(r)}, nil
	},
	"status": func(_ context.Context, d *Daemon, req shell.Request) (any, error) {
		return each(d, req, func(r *book.Runner) ([]StatusView, error) { return []StatusView{statusView(r)}, nil })
	},
}

// StatusView is how a desk's mailbox is doing.
type StatusView struct {
	Desk     string            `json:"desk"`
	LastRead map[string]string `json:"last_read"`
	Idle     map[string]bool   `json:"idle"`
	Trouble  string            `json:"trouble"`
}

func statusView(r *book.Runner) StatusView {
	s := watch.Snapshot(r)
	v := StatusView{Desk: r.Name, LastRead: map[string]string{}, Idle: s.Idle, Trouble: s.Trouble}
	for f, t := range s.LastRead {
		v.LastRead[f] = desk.Stamp(t, r.Current().Zone)
	}
	return v
}

func decodeArgs(req shell.Request, into any) error {
	if into == nil || len(req.Args) == 0 {
		return nil
	}
	if err := json.Unmarshal(req.Args, into); err != nil {
		return fmt.Errorf("arguments of %s: %w", req.Op, err)
	}
	return nil
}

// one is the desk meant where only one can be.
func one(d *Daemon, req shell.Request, args any) (*book.Runner, error) {
	if err := decodeArgs(req, args); err != nil {
		return nil, err
	}
	rs, err := chosen(d, req.Desk)
	if err != nil {
		return nil, err
	}
	if len(rs) > 1 {
		return nil, desk.Usage("there are several desks: say which with --desk (%s)", strings.Join(d.deskNames(), ", "))
	}
	return rs[0], nil
}

func chosen(d *Daemon, name string) ([]*book.Runner, error) {
	if name == "" {
		return d.runners(), nil
	}
	for _, r := range d.runners() {
		if strings.EqualFold(r.Name, name) {
			return []*book.Runner{r}, nil
		}
	}
	return nil, desk.Usage("no desk is named %q%s", name, config.DidYouMean(name, d.deskNames()))
}

func (d *Daemon) deskNames() []string {
	var out []string
	for _, r := range d.runners() {
		out = append(out, r.Name)
	}
	sort.Strings(out)
	return out
}

// each joins a listing over the desks meant.
func each[T any](d *Daemon, req shell.Request, list func(*book.Runner) ([]T, error)) (any, error) {
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
