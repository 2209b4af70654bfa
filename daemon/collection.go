package daemon

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// The collections that calendars write back to.
const (
	collCallbacks = "callbacks"
	collSales     = "sales-days"
)

var collectionNames = []string{collCallbacks, collSales}

// tombstoneLife is for how long a collection remembers what went.
const tombstoneLife = 90 * 24 * time.Hour

const prodID = "-//Fifthcall//Callbacks//EN"

// collectionObject is an object of a collection: the bytes in which a client wrote it, or in which it was first shown.
type collectionObject struct {
	Name     string    `json:"name"`
	UID      string    `json:"uid"`
	Shows    string    `json:"shows,omitempty"` // key of what it shows; "" for an event that belongs to nobody yet
	Data     []byte    `json:"data,omitempty"`  // nil once it is gone
	Print    string    `json:"print,omitempty"` // of the event that Data was last held against
	Change   uint64    `json:"change"`
	Modified time.Time `json:"modified"`
	Deleted  *deletion `json:"deleted,omitempty"` // by a client, and not applied yet

	Shown  []string  `json:"shown,omitempty"` // the last texts that were shown before the one in Data: a client may put them back
	Heard  []string  `json:"heard,omitempty"` // lines of a client's that were understood, by day
	Sent   string    `json:"sent,omitempty"`  // hash of what a client put last
	SentAt time.Time `json:"sent_at,omitzero"`
}

// keptTexts is how many texts shown before are remembered.
const keptTexts = 3

// deletion is what a client deleted, until it is known that it was meant.
type deletion struct {
	Time  time.Time `json:"time"`
	Data  []byte    `json:"data"`
	Basis string    `json:"basis"` // of what it showed: if that changes, the deletion is overtaken
}

// collectionHead is what is kept of a collection beside its objects.
type collectionHead struct {
	Change uint64                         `json:"change"`
	Oldest uint64                         `json:"oldest"`
	Epoch  string                         `json:"epoch"`
	Dead   map[string]caldav.DeadProperty `json:"dead,omitempty"`
}

func headRecord(coll string) string         { return "dav-head:" + coll }
func objectRecord(coll, name string) string { return "dav:" + coll + ":" + name }

// shown is an event that a collection shows.
type shown struct {
	key   string // what it is, such as a callback's UID
	basis string // what it stands on: it changes when somebody says something of it, not when it only gives way or rolls on
	event calendar.Event
}

// shownIn are the events of a collection as the desk's state has them.
func (r *runner) shownIn(tx *store.Tx, env desk.Env, coll string) ([]shown, error) {
	if coll == collSales {
		return r.salesEvents(tx, env)
	}
	cbs, err := allCallbacks(tx)
	if err != nil {
		return nil, err
	}
	bg, err := r.background(tx, env)
	if err != nil {
		return nil, err
	}
	var out []shown
	for i := range cbs {
		if !cbs[i].Open() {
			continue
		}
		e, err := r.event(tx, env, bg, &cbs[i])
		if err != nil {
			return nil, err
		}
		out = append(out, shown{cbs[i].UID, cbs[i].Basis + "/" + string(cbs[i].Rule), e})
	}
	return out, nil
}

// collectionState is a collection at one version of the desk's state. It isn't changed once it is made.
type collectionState struct {
	version string
	head    collectionHead
	objects map[string]*collectionObject // by name; neither they are changed
	view    *caldav.Collection
}

// collectionCache holds the latest state of each collection.
type collectionCache struct {
	mu   sync.Mutex
	last map[string]*collectionState
}

func (c *collectionCache) get(coll string) *collectionState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[coll]
}

func (c *collectionCache) put(coll string, st *collectionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.last = map[string]*collectionState{}
	}
	c.last[coll] = st
}

// collection is a collection as it is now: what changed in the desk's state since it was looked at last is shown first.
func (r *runner) collection(ctx context.Context, coll string) (*collectionState, error) {
	now := r.clock()
	version, err := r.collectionVersion(now)
	if err != nil {
		return nil, err
	}
	if st := r.collections.get(coll); st != nil && st.version == version {
		return st, nil
	}
	var st *collectionState
	err = r.editCollection(ctx, now, coll, func(e *collectionEdit) error { return nil }, func(next *collectionState) { st = next })
	return st, err
}

// collectionVersion names what a collection shows; texts tell of days, so a new day is a new version.
func (r *runner) collectionVersion(now time.Time) (string, error) {
	v := uint64(0)
	err := r.state.View(func(tx *store.Tx) (err error) {
		v, err = tx.Version()
		return err
	})
	return r.versionName(v, now), err
}

func (r *runner) versionName(v uint64, now time.Time) string {
	zone := r.current().zone
	return fmt.Sprintf("%d/%s/%s", v, now.In(zone).Format(time.DateOnly), zone)
}

// collectionEdit is a transaction on a collection.
type collectionEdit struct {
	r    *runner
	tx   *store.Tx
	env  desk.Env
	coll string

	head    collectionHead
	objects map[string]*collectionObject
	changed map[string]bool // names of the objects to be stored
	begun   bool            // a change has its number
	fresh   bool            // everything is shown as it now is
	reply   reply           // what a client's write did so far
}

// editCollection shows what is new, has fn change the collection, shows what came of that, and stores it all in one
// transaction. then is told the state once it is committed.
func (r *runner) editCollection(ctx context.Context, now time.Time, coll string, fn func(*collectionEdit) error, then func(*collectionState)) error {
	var next *collectionState
	return r.updateThen(ctx, now, func(tx *store.Tx, env desk.Env) error {
		e := &collectionEdit{r: r, tx: tx, env: env, coll: coll, changed: map[string]bool{}}
		v, err := tx.Version()
		if err != nil {
			return err
		}
		last := r.collections.get(coll)
		if err := e.load(last); err != nil {
			return err
		}
		if last == nil || last.version != r.versionName(v, now) {
			if err := e.refresh(); err != nil {
				return err
			}
		}
		if err := fn(e); err != nil {
			return err
		}
		if tx.IsShown() { // fn changed what is shown
			v++
			if !e.fresh {
				err = e.refresh()
			}
			if err != nil {
				return err
			}
		}
		if err := e.save(); err != nil {
			return err
		}
		next = &collectionState{version: r.versionName(v, now), head: e.head, objects: e.objects}
		next.view = e.view()
		return nil
	}, func() {
		r.collections.put(coll, next)
		then(next)
	})
}

// load takes the collection from memory, or from the store after a start.
func (e *collectionEdit) load(last *collectionState) error {
	if last != nil {
		e.head, e.objects = last.head, maps.Clone(last.objects)
		return nil
	}
	e.objects = map[string]*collectionObject{}
	known, err := e.tx.JSON(headRecord(e.coll), &e.head)
	if err != nil {
		return err
	}
	if !known {
		e.head.Epoch = strings.ToLower(rand.Text()[:8])
		return e.tx.PutJSON(headRecord(e.coll), e.head)
	}
	return eachRecord(e.tx, objectRecord(e.coll, ""), func(o collectionObject) { e.objects[o.Name] = &o })
}

// put stores a changed object under the transaction's number.
func (e *collectionEdit) put(o collectionObject) *collectionObject {
	if !e.begun {
		e.head.Change++
		e.begun = true
	}
	o.Change, o.Modified = e.head.Change, e.env.Now.UTC()
	e.objects[o.Name] = &o
	e.changed[o.Name] = true
	return &o
}

// keep stores what is known of an object whose bytes stay the same.
func (e *collectionEdit) keep(o collectionObject) {
	e.objects[o.Name] = &o
	e.changed[o.Name] = true
}

// refresh brings the objects in line with what they show.
func (e *collectionEdit) refresh() error {
	list, err := e.r.shownIn(e.tx, e.env, e.coll)
	if err != nil {
		return err
	}
	by := map[string]*collectionObject{}
	for _, o := range e.objects {
		if o.Shows != "" && (o.Data != nil || o.Deleted != nil || by[o.Shows] == nil) {
			by[o.Shows] = o
		}
	}
	there := make(map[string]bool, len(list))
	for i := range list {
		there[list[i].key] = true
		if err := e.show(&list[i], by[list[i].key]); err != nil {
			return err
		}
	}
	for _, o := range by {
		if !there[o.Shows] && (o.Data != nil || o.Deleted != nil) {
			e.bury(o)
		}
	}
	e.forget()
	return nil
}

// show brings one object in line; nil where nothing shows the event yet.
func (e *collectionEdit) show(s *shown, o *collectionObject) error {
	print := printOf(&s.event)
	switch {
	case o != nil && o.Deleted != nil && o.Deleted.Basis == s.basis:
		return nil // it is being deleted
	case o != nil && o.Data != nil && o.Print == print:
		return nil
	case o == nil || o.Data == nil && o.Deleted == nil:
		data, err := calendar.NewResource(&s.event, prodID)
		if err != nil {
			return err
		}
		name := ""
		if o != nil { // it was here before
			name = o.Name
		} else {
			name = e.freeName(s)
		}
		e.put(collectionObject{Name: name, UID: s.event.UID, Shows: s.key, Data: data, Print: print})
		return nil
	}
	next := *o
	next.Print = print
	if next.Deleted != nil { // something was said of it after it was deleted: it comes back
		next.Data, next.Deleted = next.Deleted.Data, nil
		if err := e.news(desk.NewsHint, "", s.event.Summary+": you deleted it in the calendar, but something was said of it since, so it stands, on "+s.event.Start.In(e.env.Zone).Format("Mon 2 Jan, 15:04")+"."); err != nil {
			return err
		}
	}
	res, err := calendar.ReadResource(next.Data)
	if err != nil {
		return fmt.Errorf("calendar object %s: %w", o.Name, err)
	}
	before := res.Entry.Description
	if !res.Show(&s.event) && o.Data != nil {
		e.keep(next)
		return nil
	}
	if before != "" && before != res.Entry.Description && o.Print != "" { // ours, not what a client has just put
		next.Shown = append(slices.Clone(o.Shown), before)
		next.Shown = next.Shown[max(0, len(next.Shown)-keptTexts):]
	}
	next.Data = res.Bytes()
	e.put(next)
	return nil
}

// freeName is the name under which an event is first shown.
func (e *collectionEdit) freeName(s *shown) string {
	name := strings.TrimSuffix(s.event.UID, "@fifthcall") + ".ics"
	if strings.ContainsAny(name, "/\\?#%\r\n\x00") || len(name) > 200 {
		name = desk.ShortHash(s.event.UID) + ".ics"
	}
	if o := e.objects[name]; o != nil && (o.Data != nil || o.Deleted != nil) {
		return desk.ShortHash(name, s.key) + ".ics"
	}
	return name
}

func printOf(e *calendar.Event) string {
	return desk.ShortHash(strconv.FormatInt(e.Start.Unix(), 10), strconv.FormatInt(e.End.Unix(), 10), e.Summary, e.Description, e.Location, strconv.Itoa(e.Sequence))
}

// bury makes an object a tombstone.
func (e *collectionEdit) bury(o *collectionObject) {
	next := *o
	gone := o.Data == nil
	next.Data, next.Print, next.Deleted = nil, "", nil
	if gone { // clients know already
		e.keep(next)
		return
	}
	e.put(next)
}

// forget drops old tombstones; sync tokens from before them are void then.
func (e *collectionEdit) forget() {
	for name, o := range e.objects {
		if o.Data == nil && o.Deleted == nil && e.env.Now.Sub(o.Modified) > tombstoneLife {
			e.head.Oldest = max(e.head.Oldest, o.Change)
			delete(e.objects, name)
			e.changed[name] = true
		}
	}
}

func (e *collectionEdit) save() error {
	if len(e.changed) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(e.changed)) {
		var err error
		if o := e.objects[name]; o == nil {
			err = e.tx.DropJSON(objectRecord(e.coll, name))
		} else {
			err = e.tx.PutJSON(objectRecord(e.coll, name), o)
		}
		if err != nil {
			return err
		}
	}
	return e.tx.PutJSON(headRecord(e.coll), e.head)
}

// collectionLooks is how collections present themselves.
var collectionLooks = map[string]struct {
	title, text, color string
	order              int
}{
	collCallbacks: {"Callbacks", "People to call, kept by Fifthcall: drag, note, tick off or delete", "#008080", 1},
	collSales:     {"Sales days", "Sales days and monthly reviews, kept by Fifthcall", "#B8860B", 2},
}

// view is the collection as clients see it.
func (e *collectionEdit) view() *caldav.Collection {
	look := collectionLooks[e.coll]
	v := &caldav.Collection{
		Name: e.coll, DisplayName: look.title + " " + e.r.name, Description: look.text, Color: look.color, Order: look.order, Zone: e.env.Zone,
		Change: e.head.Change, Oldest: e.head.Oldest, Epoch: e.head.Epoch, Dead: e.head.Dead,
	}
	for _, o := range e.objects {
		v.Objects = append(v.Objects, &caldav.Object{Name: o.Name, UID: o.UID, Data: o.Data, ETag: o.etag(), Modified: o.Modified, Change: o.Change})
	}
	slices.SortFunc(v.Objects, func(a, b *caldav.Object) int { return cmp.Compare(a.Name, b.Name) })
	return v
}

// etag is "" for what is gone.
func (o *collectionObject) etag() string {
	if o == nil || o.Data == nil {
		return ""
	}
	return `"` + desk.ShortHash(string(o.Data)) + `"`
}
