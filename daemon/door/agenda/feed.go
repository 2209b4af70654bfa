package agenda

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/sales"
)

const markRotation = "feed.rotation"

// FeedToken is the 128-bit token in the address of the desk's feed: derived, so that it can
// be printed again and is stored nowhere.
func FeedToken(r *book.Runner, key []byte, v FeedVariant) (string, error) {
	n := ""
	err := r.State.View(func(tx *store.Tx) error {
		var err error
		n, err = tx.Mark(markRotation)
		return err
	})
	return seal.Token(key, string(v), r.Name, n), err
}

// FeedVariant is what a feed shows; each has an address of its own.
type FeedVariant string

// The variants: all callbacks; times without names, for calendars that others can see; sales days and reviews; and what a team
// sees of its desks.
const (
	FeedFull   FeedVariant = "feed"
	FeedHidden FeedVariant = "feed-hidden"
	FeedSales  FeedVariant = "feed-sales"
	FeedTeam   FeedVariant = "feed-team"
)

// Rotate makes the old feed address void.
func Rotate(ctx context.Context, r *book.Runner) error {
	return r.Update(ctx, func(tx *store.Tx, _ desk.Env) error {
		s, err := tx.Mark(markRotation)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(s)
		return tx.SetMark(markRotation, strconv.Itoa(n+1))
	})
}

// FeedVersion names what the feed shows: while it is the same, so are the bytes.
func FeedVersion(r *book.Runner, now time.Time) (string, error) {
	v := uint64(0)
	err := r.State.View(func(tx *store.Tx) error {
		var err error
		v, err = tx.Version()
		return err
	})
	return fmt.Sprintf("%d/%s/%s/%s", v, now.UTC().Format(time.DateOnly), watch.TroubleText(r), r.Current().Zone), err
}

// Feed renders the desk's callbacks and troubles. modified is the latest change in it.
func Feed(r *book.Runner, now time.Time) (body []byte, modified time.Time, err error) {
	return FeedOf(r, now, FeedFull)
}

// FeedOf renders a feed of the desk.
func FeedOf(r *book.Runner, now time.Time, v FeedVariant) (body []byte, modified time.Time, err error) {
	rs := r.Current()
	events, modified, err := FeedEvents(r, now, v)
	if err != nil {
		return nil, modified, err
	}
	if e, ok := watch.TroubleEvent(r); ok && v == FeedFull {
		events = append(events, e)
	}
	if st := watch.Snapshot(r); st.Since.After(modified) {
		modified = st.Since
	}
	info := calendar.FeedInfo{ProdID: desk.ProdID, Name: "Callbacks " + r.Name, Description: "People to call, kept by Fifthcall", Zone: rs.Zone.String(), Color: "teal"}
	if v == FeedSales {
		info.Name, info.Description, info.Color = "Sales days "+r.Name, "Sales days and monthly reviews, kept by Fifthcall", "goldenrod"
	}
	body, err = WriteFeed(r, info, events, now)
	return body, modified, err
}

// WriteFeed writes events as the desk's feeds are written.
func WriteFeed(r *book.Runner, info calendar.FeedInfo, events []calendar.Event, now time.Time) ([]byte, error) {
	if rs := r.Current(); rs.Cfg.Calendar.Times == "zone" {
		info.Local = rs.Zone
	}
	body, dropped, err := calendar.Feed(info, events, now)
	if dropped > 0 {
		r.Log.Warn("the feed is full; the latest callbacks are left out of it", "left_out", dropped)
	}
	return body, err
}

// FeedEvents are what a variant shows of the desk, and when that changed last.
func FeedEvents(r *book.Runner, now time.Time, v FeedVariant) (events []calendar.Event, modified time.Time, err error) {
	err = r.State.View(func(tx *store.Tx) error {
		env := r.Env(now)
		// not the latest of what is shown: a callback that has gone changed the feed, too
		if modified, err = tx.Moment(desk.MarkShown); err != nil {
			return err
		}
		if v == FeedSales {
			list, err := sales.Events(r, tx, env)
			for i := range list {
				events = append(events, list[i].Event)
			}
			return err
		}
		open, err := book.OpenOnes(tx)
		if err != nil {
			return err
		}
		bg, err := orders.Background(r, tx, env)
		if err != nil {
			return err
		}
		window := desk.Between(open, now.Add(-calendar.FeedPast-24*time.Hour), now.Add(calendar.FeedAhead+24*time.Hour))
		if most := calendar.FeedEvents + 100; len(window) > most { // those beyond it would be left out behind it
			r.Log.Warn("the feed is full; the latest callbacks are left out of it", "left_out", len(window)-most)
			window = window[:most]
		}
		for _, cb := range window {
			e, err := event(r, tx, env, bg, cb)
			if err != nil {
				return err
			}
			switch v {
			case FeedHidden:
				c, err := tx.Contact(cb.Contact)
				if err != nil {
					return err
				}
				hideNames(&e, cb, c)
			case FeedTeam:
				if err := forTeam(r, tx, cb, &e); err != nil {
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
func forTeam(r *book.Runner, tx *store.Tx, cb *desk.Callback, e *calendar.Event) error {
	c, err := tx.Contact(cb.Contact)
	if err != nil {
		return err
	}
	title := e.Summary
	if c == nil || c.Has(desk.RoleCandidate) || !c.IsTarget() {
		hideNames(e, cb, c)
		title = e.Summary
	}
	e.Summary, e.Description, e.Location, e.URL, e.Alarm = r.Name+": "+title, "", "", "", 0
	e.UID = foreignUID(e.UID)
	return nil
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
	e.Summary = strings.TrimSpace(strings.ReplaceAll(desk.CallKind(cb), ":", "") + initials.String())
	e.Description, e.Location, e.URL = "", "", ""
	e.UID = foreignUID(e.UID)
}

// foreignUID is a UID that tells nothing: a client's own may hold a name.
func foreignUID(uid string) string {
	if OwnUID(uid) {
		return uid
	}
	return "call-" + desk.ShortHash("shared", uid) + "@fifthcall"
}

func event(r *book.Runner, tx *store.Tx, env desk.Env, bg *desk.Background, cb *desk.Callback) (calendar.Event, error) {
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
	summary := desk.CallTitle(cb, c)
	if c.Company != "" {
		summary += " (" + c.Company + ")"
	}
	return calendar.Event{
		UID: cb.UID, Sequence: cb.Sequence, Start: cb.Start, End: cb.Start.Add(env.Slot), Created: cb.Created, Modified: cb.Modified,
		Summary: desk.Shorten(summary, 200), Description: reasons(r, env, bg, cb, c, ts), Location: desk.Shorten(c.Phone, 100), Categories: []string{"Callback"}, Alarm: 10 * time.Minute,
	}, nil
}

// reasons is the text of a callback: what to know before dialling.
func reasons(r *book.Runner, env desk.Env, bg *desk.Background, cb *desk.Callback, c *desk.Contact, ts []desk.Touch) string {
	zone := r.Current().Zone
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if c.Phone != "" {
		add("Phone: %s", c.Phone)
	}
	add("Why: %s", cb.Reason)
	add("Due: %s", cb.Due.Say())
	if cb.Flag != "" {
		add("Note: %s", cb.Flag)
	}
	about, asks := bg.About(env, c, ts)
	if qs := desk.CallQuestions(cb.Rule); len(qs) > 0 {
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
			add("Last note (%s): %s", desk.DateOf(ts[i].Time.In(zone)).Short(), ts[i].Note)
			break
		}
	}
	if n := len(ts); n > 0 {
		last := ts[n-1]
		add("Last touch: %s, %s %s", desk.DateOf(last.Time.In(zone)).Short(), last.Channel, map[desk.Direction]string{desk.In: "from them", desk.Out: "from you"}[last.Direction])
	}
	if n := len(c.Notes); n > 0 {
		add("Notes: %s", strings.Join(c.Notes[max(0, n-5):], "; "))
	}
	for i := range lines {
		lines[i] = desk.Shorten(lines[i], 1000)
	}
	return strings.Join(append(lines, quickLog(r, c)...), "\n")
}

// quickLog are links that open a new mail which, once sent, logs the outcome: one on each
// line. They never act by themselves, since readers follow web links unasked.
func quickLog(r *book.Runner, c *desk.Contact) []string {
	cfg := r.Current().Cfg
	var lines []string
	for _, o := range []struct{ label, said string }{{"Spoke", "spoke"}, {"Left a message", "left message"}, {"No answer", "no answer"}} {
		q := url.Values{"subject": {"log"}, "body": {desk.Handle(c) + " " + o.said}}
		lines = append(lines, o.label+": mailto:"+url.PathEscape(cfg.LogAddress)+"?"+strings.ReplaceAll(q.Encode(), "+", "%20"))
	}
	return lines
}
