package collection

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
)

// write takes what a client changed in the collection.
func (e *Edit) write(w caldav.Write) (caldav.Written, error) {
	if w.Name == "" {
		return caldav.Written{}, e.setDead(w)
	}
	o := e.objects[w.Name]
	if !w.Allows(etag(o)) {
		return caldav.Written{}, caldav.ErrPrecondition
	}
	if w.Data == nil {
		if etag(o) == "" {
			return caldav.Written{}, caldav.ErrNotFound
		}
		return caldav.Written{}, e.delete(o)
	}
	res, err := calendar.ReadResource(w.Data)
	if err != nil {
		return caldav.Written{}, &caldav.InvalidError{Err: err}
	}
	return e.store(w, o, res)
}

func (e *Edit) setDead(w caldav.Write) error {
	dead := map[string]caldav.DeadProperty{}
	for k, v := range e.head.Dead {
		dead[k] = v
	}
	for k, v := range w.Set {
		dead[k] = v
	}
	for _, k := range w.Remove {
		delete(dead, k)
	}
	e.head.Dead = dead
	return heads.Put(e.Tx, e.Coll, e.head)
}

// store takes a new object, or new bytes of one.
func (e *Edit) store(w caldav.Write, o *book.CollectionObject, res *calendar.Resource) (caldav.Written, error) {
	made := etag(o) == ""
	sent := desk.ShortHash(string(w.Data))
	switch {
	case !made && bytes.Equal(o.Data, w.Data):
		return caldav.Written{ETag: etag(o)}, nil
	case o != nil && o.Sent == sent && o.Deleted == nil && e.Env.Now.Sub(o.SentAt).Abs() < sameWrite: // the same write again: its answer was lost
		return caldav.Written{Made: made}, nil
	}
	if start := res.Entry.Start.In(e.Env.Zone); start.Before(e.Env.Now.AddDate(-1, 0, 0)) || start.After(e.Env.Now.AddDate(10, 0, 0)) {
		return caldav.Written{}, &caldav.InvalidError{Err: calendar.ErrNoStart}
	}
	if made && o != nil && o.Deleted != nil && o.UID != res.Entry.UID { // another event under the name of one that waits to be dismissed
		spare := *o
		spare.Name = desk.ShortHash(o.Name, o.UID) + ".ics"
		e.keep(spare)
	}
	if !made && o.UID != res.Entry.UID {
		return caldav.Written{}, &caldav.UIDConflictError{Name: o.Name}
	}
	if made {
		was, err := e.withUID(res.Entry.UID, w.Name)
		if err != nil {
			return caldav.Written{}, err
		}
		if was != nil { // deleted a moment ago and put anew: a client's way to change its name
			o = e.moveName(was, w.Name)
			made = false
		}
	}
	next := book.CollectionObject{Name: w.Name, UID: res.Entry.UID, Data: w.Data, Sent: sent, SentAt: e.Env.Now.UTC()}
	var old *calendar.Resource
	if !made {
		next.Shows, next.Shown, next.Heard = o.Shows, o.Shown, o.Heard
		var err error
		if old, err = calendar.ReadResource(o.Data); err != nil {
			return caldav.Written{}, err
		}
	}
	put := e.put(next)
	var err error
	switch {
	case next.Shows == "":
		err = e.claim(put, res)
	case e.Coll == desk.CollSales:
		err = e.salesMoved(put, old, res)
	default:
		err = e.changedCall(put, old, res)
	}
	if err != nil {
		return caldav.Written{}, err
	}
	e.Tx.Shown() // whatever came of it is held against what the client wrote
	if err := e.refresh(); err != nil {
		return caldav.Written{}, err
	}
	e.fresh = true
	out := caldav.Written{Made: etag(o) == "" && made}
	if now := e.objects[w.Name]; now != nil && bytes.Equal(now.Data, w.Data) {
		out.ETag = etag(now)
	}
	return out, nil
}

// sameWrite is within what time the same bytes put again are the same write.
const sameWrite = 24 * time.Hour

// withUID is the object that was deleted and has the UID; that one which has it and stands is a conflict.
func (e *Edit) withUID(uid, name string) (*book.CollectionObject, error) {
	for _, o := range e.objects {
		switch {
		case o.UID != uid:
		case o.Data != nil:
			return nil, &caldav.UIDConflictError{Name: o.Name}
		case o.Deleted != nil:
			return o, nil
		}
	}
	return nil, nil
}

// moveName gives back an object that was just deleted, under another name.
func (e *Edit) moveName(o *book.CollectionObject, name string) *book.CollectionObject {
	next := *o
	next.Data, next.Deleted, next.Name, next.Print = o.Deleted.Data, nil, name, ""
	if o.Name != name {
		gone := *o
		gone.Deleted, gone.Shows = nil, ""
		e.keep(gone)
	}
	return e.put(next)
}

// changedCall understands what a client changed in a callback.
func (e *Edit) changedCall(o *book.CollectionObject, old, res *calendar.Resource) error {
	cb, c, err := e.CallOf(o)
	if err != nil || cb == nil {
		return err
	}
	next := *o
	cmds := e.said(&next, old, res, c)
	e.put(next)
	for _, cmd := range cmds {
		if err := e.Obey(cmd, cb, c, false); err != nil {
			return err
		}
	}
	return e.Journal()
}

// CallOf is the callback that an object shows, and whose it is.
func (e *Edit) CallOf(o *book.CollectionObject) (*desk.Callback, *desk.Contact, error) {
	cbs, err := book.AllCallbacks(e.Tx)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(cbs, func(cb desk.Callback) bool { return cb.UID == o.Shows && cb.Open() })
	if i < 0 {
		return nil, nil, nil
	}
	c, err := e.Tx.Contact(cbs[i].Contact)
	if err != nil || c == nil {
		return nil, nil, err
	}
	return &cbs[i], c, nil
}

// Obey applies one command from the calendar about somebody, or about the further call cb of theirs, so that it can be undone, and tells of
// it in the next morning mail. What the recruiter got wrong is asked there; the calendar then shows again what stands.
func (e *Edit) Obey(cmd words.Command, cb *desk.Callback, c *desk.Contact, fresh bool) error {
	a := e.R.Open(e.Tx, e.Env).From(desk.SourceCalendar)
	to := desk.Target{Contact: c.ID, Fresh: fresh}
	if cb != nil && cb.Cause != "" {
		to.Item = &desk.IssuedItem{Contact: c.ID, Call: cb.UID}
	}
	l, ch, err := command.Apply(a, cmd, to)
	if desk.IsUserError(err) {
		return e.News(desk.NewsAsk, c.ID, fmt.Sprintf("%s: what you did in the calendar (%s) was not done: %v", c.DisplayName(), cmd, err))
	}
	if err != nil {
		return err
	}
	n, err := e.Tx.NextOrdinal()
	if err != nil {
		return err
	}
	if e.reply.Identity == "" {
		e.reply.Identity, e.reply.Time = fmt.Sprintf("calendar:%d", n), e.Env.Now
	}
	e.reply.Changes = append(e.reply.Changes, ch)
	return e.News(desk.NewsUnderstood, "", l.Said+" (in your calendar; to take it back reply “undo "+desk.Handle(c)+"”)")
}

// Journal notes what a client's write did, as one answer, so that all of it can be taken back.
func (e *Edit) Journal() error {
	if len(e.reply.Changes) == 0 {
		return nil
	}
	done := e.reply
	e.reply = desk.Reply{}
	return command.AppendReply(e.Tx, desk.JournalName(""), done)
}

// News notes something for the next morning mail.
func (e *Edit) News(kind desk.NewsKind, contact, text string) error {
	n, err := e.Tx.NextOrdinal()
	if err != nil {
		return err
	}
	e.Tx.Shown()
	return e.Tx.AddNews(desk.News{ID: fmt.Sprintf("calendar-%d", n), Time: e.Env.Now, Kind: kind, Contact: contact, Text: text})
}
