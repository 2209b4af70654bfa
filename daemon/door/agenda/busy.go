package agenda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// How far ahead meetings are looked at, and how long a calendar may take to answer.
const (
	busyAhead   = 120 * 24 * time.Hour
	busyTimeout = 30 * time.Second
)

// readBusyDAV asks a CalDAV calendar for the meetings in sight.
func readBusyDAV(ctx context.Context, r *book.Runner, rs *config.Rules, c *book.BusyCalendar, address string) error {
	ctx, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	client, err := DavClient(ctx, r, &rs.Cfg, address)
	if err != nil {
		return err
	}
	now := r.Clock()
	from, until := now.Add(-24*time.Hour), now.Add(busyAhead).UTC()
	list, err := client.Query(ctx, from, until)
	if errors.Is(err, caldav.ErrNotFound) {
		return errors.New("there is no such calendar")
	}
	if err != nil {
		return err
	}
	var busy []calendar.Interval
	for _, o := range list {
		busy = append(busy, calendar.Busy(o.Data, from, until, rs.Zone, notBusy(rs))...)
	}
	c.Busy, c.Read, c.Until = calendar.Join(busy), now.UTC(), until
	return nil
}

// unreadCalendar is for how long a subscribed calendar may go unread before that is trouble.
const unreadCalendar = 24 * time.Hour

// BusyTrouble says which calendars have not been read for long.
func BusyTrouble(r *book.Runner, tx *store.Tx, env desk.Env) ([]string, error) {
	st, err := book.Busy.Get(tx)
	if err != nil {
		return nil, err
	}
	var out []string
	cfg := r.Current().Cfg.Calendar
	for i, address := range append(slices.Clone(cfg.Busy), cfg.BusyDAV...) {
		option, n := "busy", i+1
		if i >= len(cfg.Busy) {
			option, n = "busy_caldav", i+1-len(cfg.Busy)
		}
		j := slices.IndexFunc(st.Calendars, func(c book.BusyCalendar) bool { return c.ID == desk.ShortHash(address) })
		if j < 0 || env.Now.Sub(st.Calendars[j].Read) < unreadCalendar {
			continue
		}
		since := "yet"
		if read := st.Calendars[j].Read; !read.IsZero() {
			since = "since " + desk.SayInstant(read, env.Zone)
		}
		out = append(out, fmt.Sprintf("calendar %d of [desk.calendar] %s has not been read %s: callbacks may lie in meetings. Look whether its address still works", n, option, since))
	}
	return out, nil
}

// notBusy says which events don't keep the recruiter busy: Fifthcall's own, and those that she has declined.
func notBusy(rs *config.Rules) func(e *calendar.Entry) bool {
	return func(e *calendar.Entry) bool {
		return OwnUID(e.UID) || slices.ContainsFunc(e.Attendees, func(p calendar.Party) bool {
			return p.Status == "DECLINED" && rs.Circle != nil && rs.Circle.Own(message.Canonical(p.Email))
		})
	}
}

// OwnUID reports whether an event is one of Fifthcall's: callbacks that came into a calendar are no meetings, and get out of no
// way, their own least of all.
func OwnUID(uid string) bool { return strings.HasSuffix(uid, "@fifthcall") }

// BusyLoop looks at the subscribed calendars until ctx ends.
func BusyLoop(ctx context.Context, r *book.Runner) {
	for {
		if err := ReadBusy(ctx, r); err != nil && ctx.Err() == nil {
			r.Log.Warn("a calendar could not be read; what was read last counts", "error", err)
		}
		wait := time.NewTimer(time.Duration(r.Current().Cfg.Calendar.Poll))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
	}
}

// ReadBusy looks at the subscribed calendars once, and moves callbacks out of the way of new meetings.
func ReadBusy(ctx context.Context, r *book.Runner) error {
	rs := r.Current()
	var was, now book.BusyState
	err := r.State.View(func(tx *store.Tx) (err error) {
		was, err = book.Busy.Get(tx)
		return err
	})
	if err != nil || len(rs.Cfg.Calendar.Busy)+len(rs.Cfg.Calendar.BusyDAV) == 0 && len(was.Calendars) == 0 {
		return err
	}
	var failed error
	client := BusyClient(rs.Cfg.Calendar.Private)
	for i, address := range rs.Cfg.Calendar.Busy {
		c := was.Of(address)
		if err := Read(ctx, &c, client, address, r.Clock(), &rs); err != nil {
			failed = errors.Join(failed, fmt.Errorf("calendar %d of [desk.calendar] busy: %w", i+1, err))
		}
		now.Calendars = append(now.Calendars, c)
	}
	for i, address := range rs.Cfg.Calendar.BusyDAV {
		c := was.Of(address)
		if err := readBusyDAV(ctx, r, &rs, &c, address); err != nil {
			failed = errors.Join(failed, fmt.Errorf("calendar %d of [desk.calendar] busy_caldav: %w", i+1, err))
		}
		now.Calendars = append(now.Calendars, c)
	}
	if err := takeBusy(ctx, r, was.All(), &now); err != nil {
		return err
	}
	return failed
}

// takeBusy stores when the recruiter is busy, and moves callbacks out of the way.
func takeBusy(ctx context.Context, r *book.Runner, was []calendar.Interval, now *book.BusyState) error {
	busy := now.All()
	if !slices.Equal(was, busy) {
		r.Mu.Lock()
		hours := *r.Rules.Hours
		hours.Busy = busy
		r.Rules.Hours = &hours
		r.Mu.Unlock()
	}
	return r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		if err := book.Busy.Put(tx, *now); err != nil || slices.Equal(was, busy) {
			return err
		}
		moved, err := book.ReseatMoved(tx, env)
		if err != nil || len(moved) == 0 {
			return err
		}
		var who []string
		for _, cb := range moved[:min(3, len(moved))] {
			if c, err := tx.Contact(cb.Contact); err == nil && c != nil {
				who = append(who, c.DisplayName()+" to "+desk.SayInstant(cb.Start, env.Zone))
			}
		}
		text := desk.Plural(len(moved), "callback") + " made way for meetings in your calendar: " + strings.Join(who, "; ")
		if len(moved) > 3 {
			text += " …"
		}
		return tx.AddNews(desk.News{ID: "busy-" + env.Now.UTC().Format(time.RFC3339), Time: env.Now, Kind: desk.NewsUnderstood, Text: text})
	})
}

// Read asks for the calendar if it has changed. Errors never hold the address.
func Read(ctx context.Context, c *book.BusyCalendar, client *http.Client, address string, now time.Time, rs *config.Rules) error {
	ctx, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("its address can't be used")
	}
	req.Header.Set("Accept", "text/calendar")
	if now.Add(busyAhead / 2).Before(c.Until) { // else it is read anew, for the weeks that have come into sight
		if c.ETag != "" {
			req.Header.Set("If-None-Match", c.ETag)
		}
		if c.Modified != "" {
			req.Header.Set("If-Modified-Since", c.Modified)
		}
	}
	res, err := client.Do(req)
	if err != nil {
		return errors.New(watch.WithoutURL(err))
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusNotModified:
		c.Read = now.UTC()
		return nil
	case http.StatusOK:
	default:
		return fmt.Errorf("the server answers %s", res.Status)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, calendar.BusyLimit+1))
	switch {
	case err != nil:
		return errors.New("the answer broke off")
	case len(data) > calendar.BusyLimit:
		return fmt.Errorf("it is over %d MB", calendar.BusyLimit>>20)
	case !strings.Contains(string(data[:min(len(data), 4096)]), "BEGIN:VCALENDAR"):
		return errors.New("the answer is no calendar")
	}
	c.Until = now.Add(busyAhead).UTC()
	c.Busy = calendar.Busy(data, now.Add(-24*time.Hour), c.Until, rs.Zone, notBusy(rs))
	c.ETag, c.Modified, c.Read = res.Header.Get("ETag"), res.Header.Get("Last-Modified"), now.UTC()
	return nil
}

var errPrivate = errors.New("the address leads to this machine or a private network: [desk.calendar] private = true allows that")

// BusyClient fetches calendars. Unless private is set it connects to public addresses alone, whatever a name resolves to and
// wherever a redirect leads.
func BusyClient(private bool) *http.Client {
	d := &net.Dialer{Timeout: 10 * time.Second}
	if !private {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			a, err := netip.ParseAddrPort(address)
			if err != nil || !PublicAddress(a.Addr().Unmap()) {
				return errPrivate
			}
			return nil
		}
	}
	return &http.Client{
		Transport: &http.Transport{DialContext: d.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second, MaxIdleConns: 2, IdleConnTimeout: time.Minute},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) >= 5 || req.URL.Scheme != "https" && !private {
				return errors.New("it redirects too often, or away from https")
			}
			return nil
		},
	}
}

// sharedSpace is the carriers' address space (RFC 6598), as little public as the private ones.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// PublicAddress reports whether an address is one of the public internet, which a calendar's address may lead to.
func PublicAddress(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !sharedSpace.Contains(a)
}
