package collection

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/store"
)

// tombstoneLife is for how long a collection remembers what went.
const tombstoneLife = 90 * 24 * time.Hour

const (
	heads   store.Table[book.CollectionHead]   = "dav-head:" // by collection
	objects store.Table[book.CollectionObject] = "dav:"      // by collection, a colon and name
)

// Collection is a collection as it is now: what changed in the desk's state since it was looked at last is shown first.
func Collection(ctx context.Context, r *book.Runner, coll string) (*book.CollectionState, error) {
	now := r.Clock()
	version, err := r.CollectionVersion(now)
	if err != nil {
		return nil, err
	}
	if st := r.Collections.Get(coll); st != nil && st.Version == version {
		return st, nil
	}
	var st *book.CollectionState
	err = editCollection(ctx, r, now, coll, func(e *Edit) error { return nil }, func(next *book.CollectionState) { st = next })
	return st, err
}

// Edit is a transaction on a collection.
type Edit struct {
	R    *book.Runner
	Tx   *store.Tx
	Env  desk.Env
	Coll string

	head    book.CollectionHead
	objects map[string]*book.CollectionObject
	changed map[string]bool // names of the objects to be stored
	begun   bool            // a change has its number
	fresh   bool            // everything is shown as it now is
	reply   desk.Reply      // what a client's write did so far
}

// editCollection shows what is new, has fn change the collection, shows what came of that, and stores it all in one
// transaction. then is told the state once it is committed.
func editCollection(ctx context.Context, r *book.Runner, now time.Time, coll string, fn func(*Edit) error, then func(*book.CollectionState)) error {
	var next *book.CollectionState
	return r.UpdateThen(ctx, now, func(tx *store.Tx, env desk.Env) error {
		e := &Edit{R: r, Tx: tx, Env: env, Coll: coll, changed: map[string]bool{}}
		v, err := tx.Version()
		if err != nil {
			return err
		}
		last := r.Collections.Get(coll)
		if err := e.load(last); err != nil {
			return err
		}
		if last == nil || last.Version != r.VersionName(v, now) {
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
		next = &book.CollectionState{Version: r.VersionName(v, now), Head: e.head, Objects: e.objects}
		next.View = e.view()
		return nil
	}, func() {
		r.Collections.Put(coll, next)
		then(next)
	})
}

// load takes the collection from memory, or from the store after a start.
func (e *Edit) load(last *book.CollectionState) error {
	if last != nil {
		e.head, e.objects = last.Head, maps.Clone(last.Objects)
		return nil
	}
	e.objects = map[string]*book.CollectionObject{}
	head, err := heads.Get(e.Tx, e.Coll)
	if err != nil {
		return err
	}
	if head == nil {
		e.head.Epoch = strings.ToLower(rand.Text()[:8])
		return heads.Put(e.Tx, e.Coll, e.head)
	}
	e.head = *head
	return objects.Each(e.Tx, e.Coll+":", func(_ string, o *book.CollectionObject) error { e.objects[o.Name] = o; return nil })
}

// put stores a changed object under the transaction's number.
func (e *Edit) put(o book.CollectionObject) *book.CollectionObject {
	if !e.begun {
		e.head.Change++
		e.begun = true
	}
	o.Change, o.Modified = e.head.Change, e.Env.Now.UTC()
	e.objects[o.Name] = &o
	e.changed[o.Name] = true
	return &o
}

// keep stores what is known of an object whose bytes stay the same.
func (e *Edit) keep(o book.CollectionObject) {
	e.objects[o.Name] = &o
	e.changed[o.Name] = true
}

// refresh brings the objects in line with what they show.
func (e *Edit) refresh() error {
	list, err := agenda.ShownIn(e.R, e.Tx, e.Env, e.Coll)
	if err != nil {
		return err
	}
	by := map[string]*book.CollectionObject{}
	for _, o := range e.objects {
		if o.Shows != "" && (o.Data != nil || o.Deleted != nil || by[o.Shows] == nil) {
			by[o.Shows] = o
		}
	}
	there := make(map[string]bool, len(list))
	for i := range list {
		there[list[i].Key] = true
		if err := e.show(&list[i], by[list[i].Key]); err != nil {
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
func (e *Edit) show(s *book.Shown, o *book.CollectionObject) error {
	print := printOf(&s.Event)
	switch {
	case o != nil && o.Deleted != nil && o.Deleted.Basis == s.Basis:
		return nil // it is being deleted
	case o != nil && o.Data != nil && o.Print == print:
		return nil
	case o == nil || o.Data == nil && o.Deleted == nil:
		data, err := calendar.NewResource(&s.Event, desk.ProdID)
		if err != nil {
			return err
		}
		name := ""
		if o != nil { // it was here before
			name = o.Name
		} else {
			name = e.freeName(s)
		}
		e.put(book.CollectionObject{Name: name, UID: s.Event.UID, Shows: s.Key, Data: data, Print: print})
		return nil
	}
	next := *o
	next.Print = print
	if next.Deleted != nil { // something was said of it after it was deleted: it comes back
		next.Data, next.Deleted = next.Deleted.Data, nil
		if err := e.News(desk.NewsHint, "", s.Event.Summary+": you deleted it in the calendar, but something was said of it since, so it stands, on "+desk.SayInstant(s.Event.Start, e.Env.Zone)+"."); err != nil {
			return err
		}
	}
	res, err := calendar.ReadResource(next.Data)
	if err != nil {
		return fmt.Errorf("calendar object %s: %w", o.Name, err)
	}
	before := res.Entry.Description
	if !res.Show(&s.Event) && o.Data != nil {
		e.keep(next)
		return nil
	}
	if before != "" && before != res.Entry.Description && o.Print != "" { // ours, not what a client has just put
		next.Shown = append(slices.Clone(o.Shown), before)
		next.Shown = next.Shown[max(0, len(next.Shown)-book.KeptTexts):]
	}
	next.Data = res.Bytes()
	e.put(next)
	return nil
}

// freeName is the name under which an event is first shown.
func (e *Edit) freeName(s *book.Shown) string {
	name := strings.TrimSuffix(s.Event.UID, "@fifthcall") + ".ics"
	if strings.ContainsAny(name, "/\\?#%\r\n\x00") || len(name) > 200 {
		name = desk.ShortHash(s.Event.UID) + ".ics"
	}
	if o := e.objects[name]; o != nil && (o.Data != nil || o.Deleted != nil) {
		return desk.ShortHash(name, s.Key) + ".ics"
	}
	return name
}

func printOf(e *calendar.Event) string {
	return desk.ShortHash(strconv.FormatInt(e.Start.Unix(), 10), strconv.FormatInt(e.End.Unix(), 10), e.Summary, e.Description, e.Location, strconv.Itoa(e.Sequence))
}

// bury makes an object a tombstone.
func (e *Edit) bury(o *book.CollectionObject) {
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
func (e *Edit) forget() {
	for name, o := range e.objects {
		if o.Data == nil && o.Deleted == nil && e.Env.Now.Sub(o.Modified) > tombstoneLife {
			e.head.Oldest = max(e.head.Oldest, o.Change)
			delete(e.objects, name)
			e.changed[name] = true
		}
	}
}

func (e *Edit) save() error {
	if len(e.changed) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(e.changed)) {
		var err error
		if o := e.objects[name]; o == nil {
			err = objects.Drop(e.Tx, e.Coll+":"+name)
		} else {
			err = objects.Put(e.Tx, e.Coll+":"+name, *o)
		}
		if err != nil {
			return err
		}
	}
	return heads.Put(e.Tx, e.Coll, e.head)
}

// collectionLooks is how collections present themselves.
var collectionLooks = map[string]struct {
	title, text, color string
	order              int
}{
	desk.CollCallbacks: {"Callbacks", "People to call, kept by Fifthcall: drag, note, tick off or delete", "#008080", 1},
	desk.CollSales:     {"Sales days", "Sales days and monthly reviews, kept by Fifthcall", "#B8860B", 2},
}

// view is the collection as clients see it.
func (e *Edit) view() *caldav.Collection {
	look := collectionLooks[e.Coll]
	v := &caldav.Collection{
		Name: e.Coll, DisplayName: look.title + " " + e.R.Name, Description: look.text, Color: look.color, Order: look.order, Zone: e.Env.Zone,
		Change: e.head.Change, Oldest: e.head.Oldest, Epoch: e.head.Epoch, Dead: e.head.Dead,
	}
	for _, o := range e.objects {
		v.Objects = append(v.Objects, &caldav.Object{Name: o.Name, UID: o.UID, Data: o.Data, ETag: etag(o), Modified: o.Modified, Change: o.Change})
	}
	slices.SortFunc(v.Objects, func(a, b *caldav.Object) int { return cmp.Compare(a.Name, b.Name) })
	return v
}

// etag is "" for what is gone.
func etag(o *book.CollectionObject) string {
	if o == nil || o.Data == nil {
		return ""
	}
	return `"` + desk.ShortHash(string(o.Data)) + `"`
}
