package agenda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/store"
)

// Publishing writes callbacks one-way into somebody's calendar. What a person changed there is hers: it is left alone and told.

// publications are what was published, by object.
const publications store.Table[published] = "published:"

// markPublished is the last version published whole.
const markPublished = "published"

// How publishing goes about it.
const (
	publishTimeout = 2 * time.Minute
	publishRetry   = time.Minute
	publishSlowest = time.Hour
)

// published is one object in the other calendar.
type published struct {
	Name     string `json:"name"`
	Key      string `json:"key"`                // of what it shows
	ETag     string `json:"etag"`               // as we left it; "" if the server gave none
	Print    string `json:"print"`              // of what we wrote
	Pending  string `json:"pending,omitempty"`  // of what we were writing when nobody knows whether it arrived
	At       string `json:"at"`                 // hash of the calendar's address
	Refused  int    `json:"refused,omitempty"`  // how often in turn the server would not have it
	Sequence int    `json:"sequence"`           // of what it showed
	Theirs   string `json:"theirs,omitempty"`   // a person changed or deleted it: "changed" or "deleted"
	Reported bool   `json:"reported,omitempty"` // and she was told
}

// PublishLoop publishes what changes until ctx ends.
func PublishLoop(ctx context.Context, r *book.Runner) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		if err := Publish(ctx, r); err != nil && ctx.Err() == nil {
			r.Log.Warn("the calendar could not be published; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Publish brings the other calendar up to date, if anything changed here, or it wasn't looked at for long.
func Publish(ctx context.Context, r *book.Runner) error {
	cfg := r.Current().Cfg
	if cfg.Calendar.Publish == "" {
		return nil
	}
	p := &r.Publisher
	p.Mu.Lock()
	defer p.Mu.Unlock()
	now := r.Clock()
	if now.Before(p.Next) {
		return nil
	}
	version, err := r.CollectionVersion(now)
	if err != nil {
		return err
	}
	done := ""
	if err := r.State.View(func(tx *store.Tx) (err error) { done, err = tx.Mark(markPublished); return err }); err != nil {
		return err
	}
	if done == version && now.Sub(p.Looked) < time.Duration(cfg.Calendar.Poll) && !now.Before(p.Looked) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := publishOnce(ctx, r, &cfg, now); err != nil {
		p.Failed++
		wait := min(publishRetry<<min(p.Failed-1, 10), publishSlowest)
		var refused *caldav.StatusError
		if errors.As(err, &refused) {
			wait = max(wait, refused.RetryAfter)
		}
		p.Next = now.Add(wait)
		return errors.Join(err, publishTrouble(ctx, r, now, p.Failed, err))
	}
	p.Failed, p.Next, p.Looked = 0, time.Time{}, now
	return r.UpdateAt(ctx, now, func(tx *store.Tx, _ desk.Env) error { return tx.SetMark(markPublished, version) })
}

// publishTrouble tells of a calendar that can't be written, once a day.
func publishTrouble(ctx context.Context, r *book.Runner, now time.Time, failed int, cause error) error {
	var refused *caldav.StatusError
	lasting := errors.Is(cause, caldav.ErrNotFound) || errors.As(cause, &refused) && (refused.Code == http.StatusUnauthorized || refused.Code == http.StatusForbidden)
	if failed < 5 && !lasting || ctx.Err() != nil && failed < 5 {
		return nil
	}
	what := "Your callbacks could not be written into the calendar of [desk.calendar] publish: " + cause.Error() + ". Nothing is lost; "
	switch {
	case errors.Is(cause, caldav.ErrNotFound):
		what += "the calendar is not there any more: make it again, or change the address"
	case lasting:
		what += "look at the name and password in [desk.calendar.login]"
	default:
		what += "it is tried again"
	}
	return r.UpdateAt(context.WithoutCancel(ctx), now, func(tx *store.Tx, env desk.Env) error {
		return tx.AddNews(desk.News{ID: "publish-" + env.Today().String(), Time: env.Now, Kind: desk.NewsTrouble, Text: what})
	})
}

// DavClient is a client for a CalDAV calendar of the desk's. It follows no redirects, so that nothing written goes astray.
func DavClient(ctx context.Context, r *book.Runner, cfg *config.DeskConfig, address string) (*caldav.Client, error) {
	secret := ""
	if cfg.Calendar.Login.Username != "" || cfg.Calendar.Login.Given() {
		var err error
		if secret, err = watch.SecretFor(r, &cfg.Calendar.Login.SecretConfig)(ctx); err != nil {
			return nil, fmt.Errorf("[desk.calendar.login]: %w", err)
		}
	}
	hc := BusyClient(cfg.Calendar.Private)
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return caldav.NewClient(hc, address, cfg.Calendar.Login.Username, secret, cfg.Calendar.Login.Auth == "oauth2")
}

// publishing is one round of it.
type publishing struct {
	r      *book.Runner
	at     string // hash of the calendar's address
	client *caldav.Client
	now    time.Time
	remote map[string]caldav.Remote
	known  map[string]*published // by key
	changed,
	deleted []string // titles of what a person touched
}

func publishOnce(ctx context.Context, r *book.Runner, cfg *config.DeskConfig, now time.Time) error {
	client, err := DavClient(ctx, r, cfg, cfg.Calendar.Publish)
	if err != nil {
		return err
	}
	list, err := client.List(ctx)
	if err != nil {
		return err
	}
	pb := &publishing{r: r, at: desk.ShortHash(cfg.Calendar.Publish), client: client, now: now, remote: map[string]caldav.Remote{}, known: map[string]*published{}}
	for _, o := range list {
		pb.remote[o.Name] = o
	}
	var want []book.Shown
	err = r.State.View(func(tx *store.Tx) error {
		env := r.Env(now)
		for _, coll := range desk.CollectionNames {
			part, err := ShownIn(r, tx, env, coll)
			if err != nil {
				return err
			}
			want = append(want, part...)
		}
		return publications.Each(tx, "", func(_ string, p *published) error {
			if p.At == pb.at { // else of another calendar
				pb.known[p.Key] = p
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	want = slices.DeleteFunc(want, func(s book.Shown) bool {
		return s.Event.Start.Before(now.Add(-calendar.FeedPast)) || s.Event.Start.After(now.Add(calendar.FeedAhead))
	})
	return pb.run(ctx, want)
}

func (pb *publishing) run(ctx context.Context, want []book.Shown) error {
	wiped := pb.wiped()
	there := map[string]bool{}
	for i := range want {
		s := &want[i]
		there[s.Key] = true
		p := pb.known[s.Key]
		if p != nil && wiped && pb.remote[p.Name].Name == "" {
			p = nil // written anew
		}
		if err := pb.one(ctx, s, p); err != nil {
			if !pb.onlyThis(err) {
				return err
			}
			if err := pb.refusedOne(ctx, s, p, err); err != nil {
				return err
			}
		}
	}
	for _, key := range desk.SortedKeys(pb.known) {
		if !there[key] {
			if err := pb.end(ctx, pb.known[key]); err != nil {
				return err
			}
		}
	}
	return pb.tell(ctx)
}

// onlyThis reports whether a refusal is about one event, so that the others can go on.
func (pb *publishing) onlyThis(err error) bool {
	var refused *caldav.StatusError
	return errors.As(err, &refused) && refused.Code/100 == 4 && refused.Code != http.StatusUnauthorized && refused.Code != http.StatusTooManyRequests
}

// toldRefused is after how many refusals of an event in turn she is told.
const toldRefused = 3

// refusedOne counts refusals of one event, and tells of them once.
func (pb *publishing) refusedOne(ctx context.Context, s *book.Shown, p *published, cause error) error {
	if p == nil {
		p = &published{Name: publishedName(s.Key), Key: s.Key, At: pb.at}
	}
	p.Refused++
	if err := pb.store(ctx, p); err != nil || p.Refused != toldRefused {
		return err
	}
	return pb.r.UpdateAt(ctx, pb.now, func(tx *store.Tx, env desk.Env) error {
		return tx.AddNews(desk.News{
			ID: "unpublished-" + desk.ShortHash(s.Key, pb.at), Time: env.Now, Kind: desk.NewsTrouble,
			Text: fmt.Sprintf("%s could not be written into the calendar of [desk.calendar] publish: %v. The other events are; it is tried again.", s.Event.Summary, cause),
		})
	})
}

func publishedName(key string) string { return "fifthcall-" + desk.ShortHash(key) + ".ics" }

// wiped reports whether the other calendar was emptied, rather than events deleted by a person: as with deletions here.
func (pb *publishing) wiped() bool {
	all, gone := 0, 0
	for _, p := range pb.known {
		if p.Theirs == "deleted" {
			continue
		}
		all++
		if pb.remote[p.Name].Name == "" {
			gone++
		}
	}
	return gone > 0 && (gone >= desk.MassMany || gone >= desk.MassFew && gone*100 > all*desk.MassPart || gone == all && len(pb.remote) == 0)
}

// one publishes one event. p is what is known of it, nil for nothing.
func (pb *publishing) one(ctx context.Context, s *book.Shown, p *published) error {
	fresh, err := calendar.NewResource(&s.Event, desk.ProdID)
	if err != nil {
		return err
	}
	print := readPrint(fresh)
	if p == nil || p.ETag == "" && p.Print == "" && p.Pending == "" {
		return pb.first(ctx, s, p, fresh, print)
	}
	at, here := pb.remote[p.Name]
	switch {
	case p.Theirs == "deleted" && p.Sequence == s.Event.Sequence, p.Theirs == "changed" && here:
		return nil // hers
	case p.Theirs != "":
		return pb.first(ctx, s, nil, fresh, print) // she deleted it, and it is another time now
	case !here && p.Pending != "" && p.Print == "": // it never arrived
		return pb.first(ctx, s, p, fresh, print)
	case !here:
		p.Theirs, p.Sequence = "deleted", s.Event.Sequence
		pb.deleted = append(pb.deleted, s.Event.Summary)
		return pb.store(ctx, p)
	case at.ETag == p.ETag && p.Print == print && p.Pending == "":
		return nil
	}
	return pb.update(ctx, s, p, at, fresh, print)
}

// first writes an event that the other calendar hasn't; what is there under its name already may be from a round that broke off. p is what is known
// of it, nil for nothing.
func (pb *publishing) first(ctx context.Context, s *book.Shown, p *published, data []byte, print string) error {
	if p == nil {
		p = &published{Name: publishedName(s.Key), Key: s.Key, At: pb.at}
	}
	p.Sequence = s.Event.Sequence
	if at, here := pb.remote[p.Name]; here {
		if p.Print == "" {
			p.Print = cmp.Or(p.Pending, print)
		}
		return pb.update(ctx, s, p, at, data, print)
	}
	p.Pending = print
	if err := pb.store(ctx, p); err != nil {
		return err
	}
	etag, err := pb.client.Put(ctx, p.Name, data, "")
	if errors.Is(err, caldav.ErrPrecondition) {
		return &caldav.StatusError{Code: http.StatusPreconditionFailed} // it came there meanwhile: next round
	}
	if err != nil {
		return err
	}
	p.ETag, p.Print = etag, print
	return pb.settle(ctx, p)
}

// update writes an event anew, if nobody else changed it. What others added, such as alarms, stays.
func (pb *publishing) update(ctx context.Context, s *book.Shown, p *published, at caldav.Remote, fresh []byte, print string) error {
	got, err := pb.client.Get(ctx, p.Name)
	if errors.Is(err, caldav.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	res, err := calendar.ReadResource(got.Data)
	if errors.Is(err, calendar.ErrMethod) { // some servers put one in
		got.Data = methodRE.ReplaceAll(got.Data, nil)
		res, err = calendar.ReadResource(got.Data)
	}
	if err != nil {
		return &caldav.StatusError{Code: http.StatusUnprocessableEntity} // the server made of it what can't be read
	}
	now := readPrint(got.Data)
	switch now {
	case print: // it says so already
		p.ETag, p.Print, p.Pending, p.Sequence, p.Refused = cmp.Or(at.ETag, got.ETag), print, "", s.Event.Sequence, 0
		return pb.store(ctx, p)
	case p.Print, p.Pending:
	default:
		p.Theirs = "changed"
		pb.changed = append(pb.changed, s.Event.Summary)
		return pb.store(ctx, p)
	}
	p.Print, p.Pending = now, print
	if err := pb.store(ctx, p); err != nil {
		return err
	}
	res.Show(&s.Event)
	etag, err := pb.client.Put(ctx, p.Name, res.Bytes(), cmp.Or(at.ETag, got.ETag))
	if errors.Is(err, caldav.ErrPrecondition) {
		return &caldav.StatusError{Code: http.StatusPreconditionFailed}
	}
	if err != nil {
		return err
	}
	p.ETag, p.Print, p.Sequence = etag, print, s.Event.Sequence
	return pb.settle(ctx, p)
}

var methodRE = regexp.MustCompile(`(?im)^METHOD:[^\r\n]*\r?\n`)

// settle stores what was written; a server that gives no ETag is asked for it.
func (pb *publishing) settle(ctx context.Context, p *published) error {
	if p.ETag == "" {
		got, err := pb.client.Get(ctx, p.Name)
		if err != nil && !errors.Is(err, caldav.ErrNotFound) {
			return err
		}
		p.ETag = got.ETag
	}
	p.Pending, p.Refused = "", 0
	return pb.store(ctx, p)
}

// end takes away what isn't owed any more, unless a person changed it.
func (pb *publishing) end(ctx context.Context, p *published) error {
	at, here := pb.remote[p.Name]
	if here && p.Theirs == "" && at.ETag == p.ETag {
		if err := pb.client.Delete(ctx, p.Name, p.ETag); err != nil && !errors.Is(err, caldav.ErrNotFound) && !errors.Is(err, caldav.ErrPrecondition) {
			return err
		}
	} else if here && p.Theirs == "" {
		got, err := pb.client.Get(ctx, p.Name)
		if err != nil && !errors.Is(err, caldav.ErrNotFound) {
			return err
		}
		if err == nil && readPrint(got.Data) == p.Print {
			if err := pb.client.Delete(ctx, p.Name, cmp.Or(got.ETag, at.ETag)); err != nil && !errors.Is(err, caldav.ErrNotFound) && !errors.Is(err, caldav.ErrPrecondition) {
				return err
			}
		} else if err == nil {
			pb.changed = append(pb.changed, "a call that is off")
		}
	}
	return pb.r.UpdateAt(ctx, pb.now, func(tx *store.Tx, _ desk.Env) error { return publications.Drop(tx, p.Key) })
}

func (pb *publishing) store(ctx context.Context, p *published) error {
	return pb.r.UpdateAt(ctx, pb.now, func(tx *store.Tx, _ desk.Env) error { return publications.Put(tx, p.Key, *p) })
}

// tell says in the next morning mail what is a person's now.
func (pb *publishing) tell(ctx context.Context) error {
	if len(pb.changed)+len(pb.deleted) == 0 {
		return nil
	}
	return pb.r.UpdateAt(ctx, pb.now, func(tx *store.Tx, env desk.Env) error {
		for what, titles := range map[string][]string{"changed": pb.changed, "deleted": pb.deleted} {
			if len(titles) == 0 {
				continue
			}
			n, err := tx.NextOrdinal()
			if err != nil {
				return err
			}
			more := ""
			if len(titles) > 3 {
				more = fmt.Sprintf(" and %d more", len(titles)-3)
			}
			err = tx.AddNews(desk.News{
				ID: "published-" + strconv.FormatUint(n, 10), Time: env.Now, Kind: desk.NewsHint,
				Text: fmt.Sprintf("%s%s: you %s that in the calendar into which callbacks are written. It is left as you have it; the call itself stands here unchanged, since that calendar is written one-way. Reply here to move or end it.", strings.Join(titles[:min(3, len(titles))], "; "), more, what),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// readPrint names what an event says of what is ours in it, however a server writes it.
func readPrint(data []byte) string {
	res, err := calendar.ReadResource(data)
	if err != nil {
		return ""
	}
	e := &res.Entry
	tidy := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	when := e.Start.String()
	if e.Start.Kind == calendar.Instant { // in whatever zone
		when = ""
	}
	return desk.ShortHash(when, strconv.FormatInt(e.Start.Time.Unix(), 10), tidy(e.Summary), tidy(e.Description), tidy(e.Location), strconv.FormatBool(e.Status == "CANCELLED"))
}
