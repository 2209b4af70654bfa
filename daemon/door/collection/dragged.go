package collection

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	wordspkg "fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
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
	return e.Tx.PutJSON(headRecord(e.Coll), e.head)
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
		if err := e.Obey(cmd, cb, c); err != nil {
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

// said is what a client's change means, as commands.
func (e *Edit) said(o *book.CollectionObject, old, res *calendar.Resource, c *desk.Contact) []wordspkg.Command {
	was, now := &old.Entry, &res.Entry
	lines, stale := newLines(o, append(slices.Clone(ownText(o.Shown)), was.Description), now.Description, e.Env)
	out := e.saidInNotes(lines, c)
	if stale { // an older version put back: what it says besides was understood then
		return out
	}
	title := strings.TrimSpace(now.Summary)
	changed := title != strings.TrimSpace(was.Summary)
	spoken := slices.ContainsFunc(out, func(cmd wordspkg.Command) bool { return desk.Outcome(cmd.Verb).IsTouch() })
	switch {
	case changed && wordspkg.Ticked(title) && !wordspkg.Ticked(was.Summary),
		slices.ContainsFunc(res.Categories(), calendar.IsDone) && !slices.ContainsFunc(old.Categories(), calendar.IsDone):
		if spoken { // what came of it is told in the notes
			return out
		}
		return append(out, wordspkg.Command{Verb: wordspkg.VerbDone})
	case now.Status == "CANCELLED" && was.Status != "CANCELLED":
		return append(out, wordspkg.Command{Verb: wordspkg.VerbCancel})
	case changed && title != "":
		out = append(out, wordspkg.Command{Verb: wordspkg.VerbNote, Note: title})
	}
	if place := desk.TidyLine(now.Location); place != "" && place != desk.TidyLine(was.Location) {
		out = append(out, wordspkg.Command{Verb: wordspkg.VerbNote, Note: "place: " + place})
	}
	if !now.Start.In(e.Env.Zone).Equal(was.Start.In(e.Env.Zone)) || now.Start.Kind == calendar.Day && was.Start.Kind != calendar.Day {
		out = append(out, wordspkg.Command{Verb: wordspkg.VerbSnooze, Next: agenda.NextOf(now.Start, e.Env.Zone)})
	}
	return out
}

// keptLines is how many lines that were understood are remembered of an event.
const keptLines = 40

// newLines are the lines added to an event's notes that were not understood before. stale tells that some were: then a client has put back
// what it had before.
func newLines(o *book.CollectionObject, own ownText, now string, env desk.Env) (lines []string, stale bool) {
	for _, l := range own.added(now) {
		mark := env.Today().String() + " " + desk.ShortHash(squash(l))
		if slices.Contains(o.Heard, mark) {
			stale = true
			continue
		}
		lines = append(lines, l)
		o.Heard = append(o.Heard, mark)
	}
	o.Heard = o.Heard[max(0, len(o.Heard)-keptLines):]
	return lines, stale
}

// maxNotes bounds what is read of added notes.
const maxNotes = 4000

// saidInNotes reads added lines as commands about the event's contact; all that are none are one note.
func (e *Edit) saidInNotes(lines []string, c *desk.Contact) []wordspkg.Command {
	if len(lines) == 0 {
		return nil
	}
	text := strings.Join(lines, "\n")
	read, rest := text, ""
	if len(read) > maxNotes { // whole lines, the others are a note
		cut := strings.LastIndexByte(read[:maxNotes], '\n')
		read, rest = read[:max(cut, 0)], read[max(cut, 0):]
	}
	rs := e.R.Current()
	var out []wordspkg.Command
	var notes []string
	for _, cmd := range wordspkg.ParseCommands(read, rs.Grammar(e.Env.Now.In(e.Env.Zone))) {
		if !e.means(cmd, c) || cmd.Verb == wordspkg.VerbNote {
			note := cmd.Line
			if cmd.Verb == wordspkg.VerbNote && cmd.Note != "" {
				note = cmd.Note
			}
			notes = append(notes, note)
			continue
		}
		cmd.Ref = ""
		out = append(out, cmd)
	}
	if len(out)+len(notes) == 0 { // courtesy alone is a note here, too: she wrote it down
		notes = strings.Split(read, "\n")
	}
	if rest = strings.TrimSpace(rest); rest != "" {
		notes = append(notes, strings.Split(rest, "\n")...)
	}
	if len(notes) > 0 {
		out = append(out, wordspkg.Command{Verb: wordspkg.VerbNote, Note: strings.Join(notes, "; ")})
	}
	return out
}

// means reports whether a line in an event's notes is a command about its contact.
func (e *Edit) means(cmd wordspkg.Command, c *desk.Contact) bool {
	switch cmd.Verb {
	case wordspkg.VerbUnknown, wordspkg.VerbHelp, wordspkg.VerbUndo, wordspkg.VerbMerge, wordspkg.VerbContact, wordspkg.VerbSpread, wordspkg.VerbSend, wordspkg.VerbJobOrder:
		return false
	}
	if cmd.Ref == "" {
		return true
	}
	other, err := people.FindContact(e.Tx, cmd.Ref)
	return err == nil && other != nil && other.ID == c.ID
}

// Obey applies one command from the calendar, so that it can be undone, and tells of it in the next morning mail.
func (e *Edit) Obey(cmd wordspkg.Command, cb *desk.Callback, c *desk.Contact) error {
	return e.Apply(cmd.Verb, cmd.String(), cb, c, false, func(a *book.Applier) (string, error) {
		var l book.Result
		var err error
		if cb != nil && cb.Cause != "" && slices.Contains([]string{wordspkg.VerbSnooze, wordspkg.VerbDone, wordspkg.VerbCancel}, cmd.Verb) {
			l, err = interviews.SayToCall(a, cmd, cb.UID)
		} else {
			l, err = command.ApplyTo(a, cmd, c, false)
		}
		return l.Said, err
	})
}

// Apply has do change something about a contact. What the recruiter got wrong is asked in the morning mail; the calendar then shows
// again what stands.
func (e *Edit) Apply(verb, line string, cb *desk.Callback, c *desk.Contact, fresh bool, do func(*book.Applier) (said string, err error)) error {
	a := &book.Applier{R: e.R, Tx: e.Tx, Env: e.Env, Planner: book.NewPlanner(e.Tx, e.Env), Source: desk.SourceCalendar}
	if cb != nil && cb.Cause != "" {
		a.Call = cb.UID
	}
	point, err := e.Tx.Savepoint()
	if err != nil {
		return err
	}
	ch, err := command.Snapshot(e.Tx, c, fresh)
	if err != nil {
		return err
	}
	said, err := do(a)
	if err != nil {
		if desk.IsUserError(err) { // what is asked back has changed nothing
			if err := point.Rollback(); err != nil {
				return err
			}
			now, err2 := e.Tx.Contact(c.ID)
			if err2 != nil || now == nil {
				return err2
			}
			*c = *now // the caller goes on with it
			return e.News(desk.NewsAsk, c.ID, fmt.Sprintf("%s: what you did in the calendar (%s) was not done: %v", c.DisplayName(), line, err))
		}
		return err
	}
	if err := command.NoteChange(a, &ch, verb, line); err != nil {
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
	return e.News(desk.NewsUnderstood, "", said+" (in your calendar; to take it back reply “undo "+desk.Handle(c)+"”)")
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

// claim finds whose call a new event is. Until that is known the event stays as it is, and is asked about.
func (e *Edit) claim(o *book.CollectionObject, res *calendar.Resource) error {
	if e.Coll != desk.CollCallbacks {
		return caldav.ErrReadOnly
	}
	text := res.Entry.Summary + "\n" + res.Entry.Description + "\n" + res.Entry.Location
	c, fresh, problem, err := e.whose(text)
	if err != nil {
		return err
	}
	if c == nil {
		return e.News(desk.NewsAsk, "", fmt.Sprintf("“%s”, which you put into the calendar for %s, is nobody's call yet: %s. Write the name, address or number of one of your contacts into its title; until then it stays as it is.",
			desk.Shorten(desk.Tidy(res.Entry.Summary), 80), agenda.SayMoment(res.Entry.Start, e.Env.Zone), problem))
	}
	if !c.Callable() {
		return e.News(desk.NewsAsk, c.ID, fmt.Sprintf("%s is not to be called (%s), so your new event for it stays a mere event.", c.DisplayName(), c.Status))
	}
	cur, err := e.Tx.Callback(c.ID)
	if err != nil {
		return err
	}
	switch {
	case cur.Open():
	case cur != nil: // the call that was, under the new event's UID
		if err := e.Tx.RenameCallback(cur, o.UID); err != nil {
			return err
		}
	}
	note := strings.Join(ownText(e.shownBefore()).added(res.Entry.Description), "; ")
	err = e.Apply("calendar", "a new event", nil, c, fresh, func(a *book.Applier) (string, error) {
		l, err := command.ApplyTo(a, wordspkg.Command{Verb: wordspkg.VerbSnooze, Next: agenda.NextOf(res.Entry.Start, e.Env.Zone)}, c, fresh)
		if err == nil && note != "" {
			c.AddNote(desk.Shorten(note, 500))
			err = e.Tx.PutContact(c)
		}
		return l.Said, err
	})
	if err != nil {
		return err
	}
	if err := e.Journal(); err != nil {
		return err
	}
	now, err := e.Tx.Callback(c.ID)
	if err != nil || !now.Open() {
		return err
	}
	next := *o
	if cur == nil { // the first call owed to them: it is this event
		if err := e.Tx.RenameCallback(now, o.UID); err != nil {
			return err
		}
		next.Shows = o.UID
	} else if now.UID == o.UID {
		next.Shows = o.UID
	} else { // one call is owed to them already, as another event: that one moved
		next.Data = nil
	}
	e.put(next)
	return nil
}

// shownBefore are the texts that the collection shows: a new event may be a copy of one.
func (e *Edit) shownBefore() []string {
	var out []string
	for _, o := range e.objects {
		if o.Data != nil && o.Shows != "" && bytes.Contains(o.Data, []byte("DESCRIPTION")) {
			if res, err := calendar.ReadResource(o.Data); err == nil {
				out = append(out, res.Entry.Description)
			}
		}
	}
	return out
}

// whose finds the one contact that a new event's text names: by address, by number, else by name. An address that nobody has names
// somebody new. Without one problem says why.
func (e *Edit) whose(text string) (c *desk.Contact, fresh bool, problem string, err error) {
	var found []*desk.Contact
	add := func(c *desk.Contact) {
		if c != nil && !slices.ContainsFunc(found, func(o *desk.Contact) bool { return o.ID == c.ID }) {
			found = append(found, c)
		}
	}
	var stranger string
	rs := e.R.Current()
	for _, m := range wordspkg.AddressRE.FindAllString(text, 10) {
		addr := message.Canonical(m)
		if addr == "" || rs.Circle.Own(addr) {
			continue
		}
		c, err := e.Tx.ContactByEmail(addr)
		if err != nil {
			return nil, false, "", err
		}
		if add(c); c == nil && stranger == "" {
			if ok, _ := rs.Circle.Outsider(desk.Person{Addr: addr}); ok {
				stranger = addr
			}
		}
	}
	if len(found) == 0 {
		if err := e.named(text, add); err != nil {
			return nil, false, "", err
		}
	}
	switch {
	case len(found) == 1:
		return found[0], false, "", nil
	case len(found) > 1:
		var names []string
		for _, c := range found[:min(len(found), 4)] {
			names = append(names, c.DisplayName()+" <"+desk.Handle(c)+">")
		}
		return nil, false, "it could be " + strings.Join(names, ", "), nil
	case stranger != "":
		c, err := people.NewContact(e.Tx, stranger, desk.SourceCalendar)
		return c, true, "", err
	}
	return nil, false, "it names none of your contacts", nil
}

// named finds the contacts whose number, else whose name, is in the text.
func (e *Edit) named(text string, add func(*desk.Contact)) error {
	all, err := e.Tx.Contacts()
	if err != nil {
		return err
	}
	hit := false
	for _, m := range wordspkg.NumberRE.FindAllString(text, 10) {
		want := desk.Digits(m)
		for _, c := range all {
			if have := desk.Digits(c.Phone); len(have) >= 7 && len(want) >= 7 && (strings.HasSuffix(have, desk.LastDigits(want)) || strings.HasSuffix(want, desk.LastDigits(have))) {
				add(c)
				hit = true
			}
		}
	}
	if hit {
		return nil
	}
	words := desk.FoldWords(text)
	for _, c := range all {
		if name := strings.TrimSpace(desk.FoldWords(c.Name)); strings.Contains(name, " ") && strings.Contains(words, " "+name+" ") {
			add(c)
		}
	}
	return nil
}
