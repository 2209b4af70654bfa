package daemon

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// stateKey is the secret from which feed addresses are derived; it is made at the first start.
func stateKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, "key")
	b, err := os.ReadFile(path)
	if err == nil {
		if err := private(path); err != nil {
			return nil, err
		}
		if len(b) != 32 {
			return nil, fmt.Errorf("%s is damaged: restore it from a backup, or remove it and hand out new feed addresses", path)
		}
		return b, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the state key: %w", err)
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write the state key: %w", err)
	}
	_, err = f.Write(key)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return nil, fmt.Errorf("write the state key: %w", err)
	}
	return key, nil
}

const (
	markRotation = "feed.rotation"
	markShown    = "feed.changed" // when something that a feed shows changed last
)

// feedToken is the 128-bit token in the address of the desk's feed: derived, so that it can
// be printed again and is stored nowhere.
func (r *runner) feedToken(key []byte, v feedVariant) (string, error) {
	n := ""
	err := r.state.View(func(tx *store.Tx) error {
		var err error
		n, err = tx.Mark(markRotation)
		return err
	})
	return token(key, string(v), r.name, n), err
}

// feedVariant is what a feed shows; each has an address of its own.
type feedVariant string

// The variants: all callbacks; times without names, for calendars that others can see; sales days and reviews; and what a team
// sees of its desks.
const (
	feedFull   feedVariant = "feed"
	feedHidden feedVariant = "feed-hidden"
	feedSales  feedVariant = "feed-sales"
	feedTeam   feedVariant = "feed-team"
)

func token(key []byte, parts ...string) string {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		fmt.Fprintf(mac, "%d:%s", len(p), p)
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// rotate makes the old feed address void.
func (r *runner) rotate(ctx context.Context) error {
	return r.update(ctx, func(tx *store.Tx, _ desk.Env) error {
		s, err := tx.Mark(markRotation)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(s)
		return tx.SetMark(markRotation, strconv.Itoa(n+1))
	})
}

func sameToken(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// feedVersion names what the feed shows: while it is the same, so are the bytes.
func (r *runner) feedVersion(now time.Time) (string, error) {
	v := uint64(0)
	err := r.state.View(func(tx *store.Tx) error {
		var err error
		v, err = tx.Version()
		return err
	})
	return fmt.Sprintf("%d/%s/%s/%s", v, now.UTC().Format(time.DateOnly), r.troubleText(), r.current().zone), err
}

// feed renders the desk's callbacks and troubles. modified is the latest change in it.
func (r *runner) feed(now time.Time) (body []byte, modified time.Time, err error) {
	return r.feedOf(now, feedFull)
}

func (r *runner) feedOf(now time.Time, v feedVariant) (body []byte, modified time.Time, err error) {
	rs := r.current()
	events, modified, err := r.feedEvents(now, v)
	if err != nil {
		return nil, modified, err
	}
	if e, ok := r.troubleEvent(); ok && v == feedFull {
		events = append(events, e)
	}
	if st := r.snapshot(); st.Since.After(modified) {
		modified = st.Since
	}
	info := calendar.FeedInfo{ProdID: prodID, Name: "Callbacks " + r.name, Description: "People to call, kept by Fifthcall", Zone: rs.zone.String(), Color: "teal"}
	if v == feedSales {
		info.Name, info.Description, info.Color = "Sales days "+r.name, "Sales days and monthly reviews, kept by Fifthcall", "goldenrod"
	}
	body, err = r.writeFeed(info, events, now)
	return body, modified, err
}

// writeFeed writes events as the desk's feeds are written.
func (r *runner) writeFeed(info calendar.FeedInfo, events []calendar.Event, now time.Time) ([]byte, error) {
	if rs := r.current(); rs.cfg.Calendar.Times == "zone" {
		info.Local = rs.zone
	}
	body, dropped, err := calendar.Feed(info, events, now)
	if dropped > 0 {
		r.log.Warn("the feed is full; the latest callbacks are left out of it", "left_out", dropped)
	}
	return body, err
}

// feedEvents are what a variant shows of the desk, and when that changed last.
func (r *runner) feedEvents(now time.Time, v feedVariant) (events []calendar.Event, modified time.Time, err error) {
	err = r.state.View(func(tx *store.Tx) error {
		env := r.env(now)
		// not the latest of what is shown: a callback that has gone changed the feed, too
		if modified, err = tx.Moment(markShown); err != nil {
			return err
		}
		if v == feedSales {
			list, err := r.salesEvents(tx, env)
			for i := range list {
				events = append(events, list[i].event)
			}
			return err
		}
		cbs, err := allCallbacks(tx)
		if err != nil {
			return err
		}
		bg, err := r.background(tx, env)
		if err != nil {
			return err
		}
		for i := range cbs {
			if !cbs[i].Open() {
				continue
			}
			e, err := r.event(tx, env, bg, &cbs[i])
			if err != nil {
				return err
			}
			switch v {
			case feedHidden:
				c, err := tx.Contact(cbs[i].Contact)
				if err != nil {
					return err
				}
				hideNames(&e, &cbs[i], c)
			case feedTeam:
				if err := r.forTeam(tx, &cbs[i], &e); err != nil {
					return err
				}
			}
			events = append(events, e)
		}
		return nil
	})
	return events, modified, err
}

// forTeam leaves of an event what colleagues may see: no notes, and candidates as initials.
func (r *runner) forTeam(tx *store.Tx, cb *desk.Callback, e *calendar.Event) error {
	c, err := tx.Contact(cb.Contact)
	if err != nil {
		return err
	}
	title := e.Summary
	if c == nil || c.Has(desk.RoleCandidate) || !c.IsTarget() {
		hideNames(e, cb, c)
		title = e.Summary
	}
	e.Summary, e.Description, e.Location, e.URL, e.Alarm = r.name+": "+title, "", "", "", 0
	e.UID = foreignUID(e.UID)
	return nil
}

// teamDesks are the desks of a team.
func (d *Daemon) teamDesks(team string) []*runner {
	var out []*runner
	for _, r := range d.runners() {
		if team != "" && strings.EqualFold(r.current().cfg.Team, team) {
			out = append(out, r)
		}
	}
	return out
}

// teamToken is the token of a team's feed; rotating the address of one of its desks makes it void.
func (d *Daemon) teamToken(team string, desks []*runner) (string, error) {
	parts := []string{string(feedTeam), strings.ToLower(team)}
	for _, r := range desks {
		t, err := r.feedToken(d.key, feedTeam)
		if err != nil {
			return "", err
		}
		parts = append(parts, t)
	}
	return token(d.key, parts...), nil
}

// teamFeed renders what all of a team's desks have to call.
func teamFeed(team string, desks []*runner, now time.Time) (body []byte, modified time.Time, err error) {
	var all []calendar.Event
	for _, r := range desks {
		events, m, err := r.feedEvents(now, feedTeam)
		if err != nil {
			return nil, modified, err
		}
		if m.After(modified) {
			modified = m
		}
		all = append(all, events...)
	}
	info := calendar.FeedInfo{ProdID: prodID, Name: "Callbacks " + team, Description: "What the team's desks have to call, kept by Fifthcall", Zone: desks[0].current().zone.String(), Color: "teal"}
	body, err = desks[0].writeFeed(info, all, now)
	return body, modified, err
}

// hideNames leaves of an event what others may see: its time, what kind of call it is, and initials.
func hideNames(e *calendar.Event, cb *desk.Callback, c *desk.Contact) {
	name := ""
	if c != nil {
		name = c.DisplayName()
	}
	var initials strings.Builder
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		r := []rune(w)
		if initials.Len() < 12 {
			initials.WriteString(string(unicode.ToUpper(r[0])) + ".")
		}
	}
	e.Summary = strings.TrimSpace(strings.ReplaceAll(callKind(cb), ":", "") + initials.String())
	e.Description, e.Location, e.URL = "", "", ""
	e.UID = foreignUID(e.UID)
}

// foreignUID is a UID that tells nothing: a client's own may hold a name.
func foreignUID(uid string) string {
	if ownUID(uid) {
		return uid
	}
	return "call-" + desk.ShortHash("shared", uid) + "@fifthcall"
}

func (r *runner) event(tx *store.Tx, env desk.Env, bg *desk.Background, cb *desk.Callback) (calendar.Event, error) {
	c, err := tx.Contact(cb.Contact)
	if err != nil {
		return calendar.Event{}, err
	}
	if c == nil {
		c = &desk.Contact{}
	}
	ts, err := tx.Touches(c)
	if err != nil {
		return calendar.Event{}, err
	}
	summary := callTitle(cb, c)
	if c.Company != "" {
		summary += " (" + c.Company + ")"
	}
	return calendar.Event{
		UID: cb.UID, Sequence: cb.Sequence, Start: cb.Start, End: cb.Start.Add(env.Slot), Created: cb.Created, Modified: cb.Modified,
		Summary: shorten(summary, 200), Description: r.reasons(env, bg, cb, c, ts), Location: shorten(c.Phone, 100), Categories: []string{"Callback"}, Alarm: 10 * time.Minute,
	}, nil
}

// reasons is the text of a callback: what to know before dialling.
func (r *runner) reasons(env desk.Env, bg *desk.Background, cb *desk.Callback, c *desk.Contact, ts []desk.Touch) string {
	zone := r.current().zone
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if c.Phone != "" {
		add("Phone: %s", c.Phone)
	}
	add("Why: %s", cb.Reason)
	add("Due: %s", cb.Due.UTC().Format("Mon 2 Jan 2006"))
	if cb.Flag != "" {
		add("Note: %s", cb.Flag)
	}
	about, asks := bg.About(env, c, ts)
	if qs := callQuestions(cb.Rule); len(qs) > 0 {
		asks = qs
	}
	for _, s := range about {
		add("%s", s)
	}
	for _, q := range asks {
		add("Ask: %s", q)
	}
	if c.Title != "" {
		add("Title: %s", c.Title)
	}
	if e := c.Email(); e != "" {
		add("Mail: %s", e)
	}
	for i := len(ts) - 1; i >= 0; i-- {
		if ts[i].Note != "" {
			add("Last note (%s): %s", ts[i].Time.In(zone).Format("2 Jan 2006"), ts[i].Note)
			break
		}
	}
	if n := len(ts); n > 0 {
		last := ts[n-1]
		add("Last touch: %s, %s %s", last.Time.In(zone).Format("2 Jan 2006"), last.Channel, map[desk.Direction]string{desk.In: "from them", desk.Out: "from you"}[last.Direction])
	}
	if n := len(c.Notes); n > 0 {
		add("Notes: %s", strings.Join(c.Notes[max(0, n-5):], "; "))
	}
	for i := range lines {
		lines[i] = shorten(lines[i], 1000)
	}
	return strings.Join(append(lines, r.quickLog(c)...), "\n")
}

// quickLog are links that open a new mail which, once sent, logs the outcome: one on each
// line. They never act by themselves, since readers follow web links unasked.
func (r *runner) quickLog(c *desk.Contact) []string {
	cfg := r.current().cfg
	var lines []string
	for _, o := range []struct{ label, said string }{{"Spoke", "spoke"}, {"Left a message", "left message"}, {"No answer", "no answer"}} {
		q := url.Values{"subject": {"log"}, "body": {handle(c) + " " + o.said}}
		lines = append(lines, o.label+": mailto:"+url.PathEscape(cfg.LogAddress)+"?"+strings.ReplaceAll(q.Encode(), "+", "%20"))
	}
	return lines
}

// shorten keeps one long text from crowding the others out of a feed.
func shorten(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes]) + " …"
	}
	return s
}
