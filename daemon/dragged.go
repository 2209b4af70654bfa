package daemon

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
)

// write takes what a client changed in the collection.
func (e *collectionEdit) write(w caldav.Write) (caldav.Written, error) {
	if w.Name == "" {
		return caldav.Written{}, e.setDead(w)
	}
	o := e.objects[w.Name]
	if !w.Allows(o.etag()) {
		return caldav.Written{}, caldav.ErrPrecondition
	}
	if w.Data == nil {
		if o.etag() == "" {
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

func (e *collectionEdit) setDead(w caldav.Write) error {
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
	return e.tx.PutJSON(headRecord(e.coll), e.head)
}

// store takes a new object, or new bytes of one.
func (e *collectionEdit) store(w caldav.Write, o *collectionObject, res *calendar.Resource) (caldav.Written, error) {
	made := o.etag() == ""
	sent := desk.ShortHash(string(w.Data))
	switch {
	case !made && bytes.Equal(o.Data, w.Data):
		return caldav.Written{ETag: o.etag()}, nil
	case o != nil && o.Sent == sent && o.Deleted == nil && e.env.Now.Sub(o.SentAt).Abs() < sameWrite: // the same write again: its answer was lost
		return caldav.Written{Made: made}, nil
	}
	if start := res.Entry.Start.In(e.env.Zone); start.Before(e.env.Now.AddDate(-1, 0, 0)) || start.After(e.env.Now.AddDate(10, 0, 0)) {
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
	next := collectionObject{Name: w.Name, UID: res.Entry.UID, Data: w.Data, Sent: sent, SentAt: e.env.Now.UTC()}
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
	case e.coll == collSales:
		err = e.salesMoved(put, old, res)
	default:
		err = e.changedCall(put, old, res)
	}
	if err != nil {
		return caldav.Written{}, err
	}
	e.tx.Shown() // whatever came of it is held against what the client wrote
	if err := e.refresh(); err != nil {
		return caldav.Written{}, err
	}
	e.fresh = true
	out := caldav.Written{Made: o.etag() == "" && made}
	if now := e.objects[w.Name]; now != nil && bytes.Equal(now.Data, w.Data) {
		out.ETag = now.etag()
	}
	return out, nil
}

// sameWrite is within what time the same bytes put again are the same write.
const sameWrite = 24 * time.Hour

// withUID is the object that was deleted and has the UID; that one which has it and stands is a conflict.
func (e *collectionEdit) withUID(uid, name string) (*collectionObject, error) {
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
func (e *collectionEdit) moveName(o *collectionObject, name string) *collectionObject {
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
func (e *collectionEdit) changedCall(o *collectionObject, old, res *calendar.Resource) error {
	cb, c, err := e.callOf(o)
	if err != nil || cb == nil {
		return err
	}
	next := *o
	cmds := e.said(&next, old, res, c)
	e.put(next)
	for _, cmd := range cmds {
		if err := e.obey(cmd, cb, c); err != nil {
			return err
		}
	}
	return e.journal()
}

// callOf is the callback that an object shows, and whose it is.
func (e *collectionEdit) callOf(o *collectionObject) (*desk.Callback, *desk.Contact, error) {
	cbs, err := allCallbacks(e.tx)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(cbs, func(cb desk.Callback) bool { return cb.UID == o.Shows && cb.Open() })
	if i < 0 {
		return nil, nil, nil
	}
	c, err := e.tx.Contact(cbs[i].Contact)
	if err != nil || c == nil {
		return nil, nil, err
	}
	return &cbs[i], c, nil
}

// doneRE is a tick in a title, as phones and people write it.
var doneRE = regexp.MustCompile(`(?i)^\s*(?:[✓✔☑✅]|\[[x✓]\]|\(x\)|(?:done|erledigt)\b)|(?:[✓✔☑✅]|\[[x✓]\]|\((?:done|erledigt)\)|[-–:]\s*(?:done|erledigt))\s*$`)

// ticked reports whether a title says that it is done. Keyboards put a selector behind ticks.
func ticked(title string) bool { return doneRE.MatchString(strings.ReplaceAll(title, "\ufe0f", "")) }

// said is what a client's change means, as commands.
func (e *collectionEdit) said(o *collectionObject, old, res *calendar.Resource, c *desk.Contact) []desk.Command {
	was, now := &old.Entry, &res.Entry
	lines, stale := o.newLines(append(slices.Clone(ownText(o.Shown)), was.Description), now.Description, e.env)
	out := e.saidInNotes(lines, c)
	if stale { // an older version put back: what it says besides was understood then
		return out
	}
	title := strings.TrimSpace(now.Summary)
	changed := title != strings.TrimSpace(was.Summary)
	spoken := slices.ContainsFunc(out, func(cmd desk.Command) bool { return desk.Outcome(cmd.Verb).IsTouch() })
	switch {
	case changed && ticked(title) && !ticked(was.Summary),
		slices.ContainsFunc(res.Categories(), calendar.IsDone) && !slices.ContainsFunc(old.Categories(), calendar.IsDone):
		if spoken { // what came of it is told in the notes
			return out
		}
		return append(out, desk.Command{Verb: desk.VerbDone})
	case now.Status == "CANCELLED" && was.Status != "CANCELLED":
		return append(out, desk.Command{Verb: desk.VerbCancel})
	case changed && title != "":
		out = append(out, desk.Command{Verb: desk.VerbNote, Note: title})
	}
	if place := tidyLine(now.Location); place != "" && place != tidyLine(was.Location) {
		out = append(out, desk.Command{Verb: desk.VerbNote, Note: "place: " + place})
	}
	if !now.Start.In(e.env.Zone).Equal(was.Start.In(e.env.Zone)) || now.Start.Kind == calendar.Day && was.Start.Kind != calendar.Day {
		out = append(out, desk.Command{Verb: desk.VerbSnooze, Next: nextOf(now.Start, e.env.Zone)})
	}
	return out
}

// keptLines is how many lines that were understood are remembered of an event.
const keptLines = 40

// newLines are the lines added to an event's notes that were not understood before. stale tells that some were: then a client has put back
// what it had before.
func (o *collectionObject) newLines(own ownText, now string, env desk.Env) (lines []string, stale bool) {
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

// nextOf is the time that an event was dragged to; all-day is any time of that day.
func nextOf(m calendar.Moment, zone *time.Location) desk.Next {
	if m.Kind == calendar.Day {
		return desk.Next{Date: desk.DateOf(m.Time)}
	}
	at := m.In(zone).In(zone)
	return desk.Next{Date: desk.DateOf(at), Clock: true, Hour: at.Hour(), Minute: at.Minute()}
}

func tidyLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// maxNotes bounds what is read of added notes.
const maxNotes = 4000

// saidInNotes reads added lines as commands about the event's contact; all that are none are one note.
func (e *collectionEdit) saidInNotes(lines []string, c *desk.Contact) []desk.Command {
	if len(lines) == 0 {
		return nil
	}
	text := strings.Join(lines, "\n")
	read, rest := text, ""
	if len(read) > maxNotes { // whole lines, the others are a note
		cut := strings.LastIndexByte(read[:maxNotes], '\n')
		read, rest = read[:max(cut, 0)], read[max(cut, 0):]
	}
	rs := e.r.current()
	var out []desk.Command
	var notes []string
	for _, cmd := range desk.ParseCommands(read, rs.grammar(e.env.Now.In(e.env.Zone))) {
		if !e.means(cmd, c) || cmd.Verb == desk.VerbNote {
			note := cmd.Line
			if cmd.Verb == desk.VerbNote && cmd.Note != "" {
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
		out = append(out, desk.Command{Verb: desk.VerbNote, Note: strings.Join(notes, "; ")})
	}
	return out
}

// means reports whether a line in an event's notes is a command about its contact.
func (e *collectionEdit) means(cmd desk.Command, c *desk.Contact) bool {
	switch cmd.Verb {
	case desk.VerbUnknown, desk.VerbHelp, desk.VerbUndo, desk.VerbMerge, desk.VerbContact, desk.VerbSpread, desk.VerbSend, desk.VerbJobOrder:
		return false
	}
	if cmd.Ref == "" {
		return true
	}
	other, err := findContact(e.tx, cmd.Ref)
	return err == nil && other != nil && other.ID == c.ID
}

// obey applies one command from the calendar, so that it can be undone, and tells of it in the next morning mail.
func (e *collectionEdit) obey(cmd desk.Command, cb *desk.Callback, c *desk.Contact) error {
	return e.apply(cmd.Verb, cmd.String(), cb, c, false, func(a *applier) (string, error) {
		var l Logged
		var err error
		if cb != nil && cb.Cause != "" && slices.Contains([]string{desk.VerbSnooze, desk.VerbDone, desk.VerbCancel}, cmd.Verb) {
			l, err = a.sayToCall(cmd, cb.UID)
		} else {
			l, err = a.applyTo(cmd, c, false)
		}
		return l.Said, err
	})
}

// apply has do change something about a contact. What the recruiter got wrong is asked in the morning mail; the calendar then shows
// again what stands.
func (e *collectionEdit) apply(verb, line string, cb *desk.Callback, c *desk.Contact, fresh bool, do func(*applier) (said string, err error)) error {
	a := &applier{r: e.r, tx: e.tx, env: e.env, planner: newPlanner(e.tx, e.env), source: desk.SourceCalendar}
	if cb != nil && cb.Cause != "" {
		a.call = cb.UID
	}
	point, err := e.tx.Savepoint()
	if err != nil {
		return err
	}
	ch, err := snapshot(e.tx, c, fresh)
	if err != nil {
		return err
	}
	said, err := do(a)
	if err != nil {
		if isUserError(err) { // what is asked back has changed nothing
			if err := point.Rollback(); err != nil {
				return err
			}
			now, err2 := e.tx.Contact(c.ID)
			if err2 != nil || now == nil {
				return err2
			}
			*c = *now // the caller goes on with it
			return e.news(desk.NewsAsk, c.ID, fmt.Sprintf("%s: what you did in the calendar (%s) was not done: %v", c.DisplayName(), line, err))
		}
		return err
	}
	if err := a.noteChange(&ch, verb, line); err != nil {
		return err
	}
	n, err := e.tx.NextOrdinal()
	if err != nil {
		return err
	}
	if e.reply.Identity == "" {
		e.reply.Identity, e.reply.Time = fmt.Sprintf("calendar:%d", n), e.env.Now
	}
	e.reply.Changes = append(e.reply.Changes, ch)
	return e.news(desk.NewsUnderstood, "", said+" (in your calendar; to take it back reply “undo "+handle(c)+"”)")
}

// journal notes what a client's write did, as one answer, so that all of it can be taken back.
func (e *collectionEdit) journal() error {
	if len(e.reply.Changes) == 0 {
		return nil
	}
	done := e.reply
	e.reply = reply{}
	return appendReply(e.tx, journalName(""), done)
}

func (e *collectionEdit) news(kind desk.NewsKind, contact, text string) error {
	n, err := e.tx.NextOrdinal()
	if err != nil {
		return err
	}
	e.tx.Shown()
	return e.tx.AddNews(desk.News{ID: fmt.Sprintf("calendar-%d", n), Time: e.env.Now, Kind: kind, Contact: contact, Text: text})
}

// claim finds whose call a new event is. Until that is known the event stays as it is, and is asked about.
func (e *collectionEdit) claim(o *collectionObject, res *calendar.Resource) error {
	if e.coll != collCallbacks {
		return caldav.ErrReadOnly
	}
	text := res.Entry.Summary + "\n" + res.Entry.Description + "\n" + res.Entry.Location
	c, fresh, problem, err := e.whose(text)
	if err != nil {
		return err
	}
	if c == nil {
		return e.news(desk.NewsAsk, "", fmt.Sprintf("“%s”, which you put into the calendar for %s, is nobody's call yet: %s. Write the name, address or number of one of your contacts into its title; until then it stays as it is.",
			shorten(desk.Tidy(res.Entry.Summary), 80), sayMoment(res.Entry.Start, e.env.Zone), problem))
	}
	if !c.Callable() {
		return e.news(desk.NewsAsk, c.ID, fmt.Sprintf("%s is not to be called (%s), so your new event for it stays a mere event.", c.DisplayName(), c.Status))
	}
	cur, err := e.tx.Callback(c.ID)
	if err != nil {
		return err
	}
	switch {
	case cur.Open():
	case cur != nil: // the call that was, under the new event's UID
		if err := e.tx.RenameCallback(cur, o.UID); err != nil {
			return err
		}
	}
	note := strings.Join(ownText(e.shownBefore()).added(res.Entry.Description), "; ")
	err = e.apply("calendar", "a new event", nil, c, fresh, func(a *applier) (string, error) {
		l, err := a.applyTo(desk.Command{Verb: desk.VerbSnooze, Next: nextOf(res.Entry.Start, e.env.Zone)}, c, fresh)
		if err == nil && note != "" {
			c.AddNote(shorten(note, 500))
			err = e.tx.PutContact(c)
		}
		return l.Said, err
	})
	if err != nil {
		return err
	}
	if err := e.journal(); err != nil {
		return err
	}
	now, err := e.tx.Callback(c.ID)
	if err != nil || !now.Open() {
		return err
	}
	next := *o
	if cur == nil { // the first call owed to them: it is this event
		if err := e.tx.RenameCallback(now, o.UID); err != nil {
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
func (e *collectionEdit) shownBefore() []string {
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

func sayMoment(m calendar.Moment, zone *time.Location) string {
	if m.Kind == calendar.Day {
		return m.Time.Format("Mon 2 Jan")
	}
	return m.In(zone).In(zone).Format("Mon 2 Jan, 15:04")
}

var (
	addressRE = regexp.MustCompile(`[\p{L}\d._%+'-]+@[\p{L}\d.-]+\.\p{L}{2,}`)
	numberRE  = regexp.MustCompile(`\+?\(?\d[\d ()./-]{6,}\d`)
)

// whose finds the one contact that a new event's text names: by address, by number, else by name. An address that nobody has names
// somebody new. Without one problem says why.
func (e *collectionEdit) whose(text string) (c *desk.Contact, fresh bool, problem string, err error) {
	var found []*desk.Contact
	add := func(c *desk.Contact) {
		if c != nil && !slices.ContainsFunc(found, func(o *desk.Contact) bool { return o.ID == c.ID }) {
			found = append(found, c)
		}
	}
	var stranger string
	rs := e.r.current()
	for _, m := range addressRE.FindAllString(text, 10) {
		addr := mailbox.Canonical(m)
		if addr == "" || rs.circle.Own(addr) {
			continue
		}
		c, err := e.tx.ContactByEmail(addr)
		if err != nil {
			return nil, false, "", err
		}
		if add(c); c == nil && stranger == "" {
			if ok, _ := rs.circle.Outsider(desk.Person{Addr: addr}); ok {
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
			names = append(names, c.DisplayName()+" <"+handle(c)+">")
		}
		return nil, false, "it could be " + strings.Join(names, ", "), nil
	case stranger != "":
		c, err := newContact(e.tx, stranger, desk.SourceCalendar)
		return c, true, "", err
	}
	return nil, false, "it names none of your contacts", nil
}

// named finds the contacts whose number, else whose name, is in the text.
func (e *collectionEdit) named(text string, add func(*desk.Contact)) error {
	all, err := e.tx.Contacts()
	if err != nil {
		return err
	}
	hit := false
	for _, m := range numberRE.FindAllString(text, 10) {
		want := digits(m)
		for _, c := range all {
			if have := digits(c.Phone); len(have) >= 7 && len(want) >= 7 && (strings.HasSuffix(have, lastDigits(want)) || strings.HasSuffix(want, lastDigits(have))) {
				add(c)
				hit = true
			}
		}
	}
	if hit {
		return nil
	}
	words := foldWords(text)
	for _, c := range all {
		if name := strings.TrimSpace(foldWords(c.Name)); strings.Contains(name, " ") && strings.Contains(words, " "+name+" ") {
			add(c)
		}
	}
	return nil
}

// lastDigits is a number without what differs between national and international writing.
func lastDigits(s string) string { return s[max(0, len(s)-9):] }

// foldWords are the words of a text in lower case, a blank before and behind each.
func foldWords(s string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '-' }), " ") + " "
}
