package collection

import (
	"fmt"
	"slices"
	"strings"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/sales"
)

// salesMoved takes what a client changed in a session: it was moved, or ticked off. Words are told back, since nobody is named by them.
func (e *Edit) salesMoved(o *book.CollectionObject, old, res *calendar.Resource) error {
	s, err := e.session(o.Shows)
	if s == nil || err != nil {
		return err
	}
	was := *s
	title := strings.TrimSpace(res.Entry.Summary)
	done := words.Ticked(title) && !words.Ticked(old.Entry.Summary) || slices.ContainsFunc(res.Categories(), calendar.IsDone)
	said := ownText{old.Entry.Description}.added(res.Entry.Description)
	if title != strings.TrimSpace(old.Entry.Summary) && !done && title != "" {
		said = append(said, title)
	}
	if len(said) > 0 {
		if err := e.News(desk.NewsHint, "", "You wrote into “"+s.Title()+"”: "+desk.Shorten(strings.Join(said, "; "), 500)+". Nothing was logged of it: a call is logged by a line that begins with the name."); err != nil {
			return err
		}
	}
	switch {
	case done:
		s.Done = true
		return e.changeSession(&was, s, s.Title()+": done")
	case res.Entry.Status == "CANCELLED":
		return e.salesDismissed(o.Shows)
	}
	start := res.Entry.Start.In(e.Env.Zone)
	if res.Entry.Start.Kind == calendar.Day {
		at := s.Start.In(e.Env.Zone)
		start = desk.DateOf(res.Entry.Start.Time).At(at.Hour(), at.Minute(), e.Env.Zone)
	}
	length := res.Length()
	if length <= 0 {
		length = s.End.Sub(s.Start)
	}
	if start.Equal(s.Start) && length == s.End.Sub(s.Start) {
		return nil
	}
	s.Start, s.End, s.Moved = start.UTC(), start.Add(length).UTC(), true
	return e.changeSession(&was, s, s.Title()+": moved to "+desk.SayInstantYear(start, e.Env.Zone))
}

// session is the one that an event shows, nil if it is no more.
func (e *Edit) session(shows string) (*desk.Session, error) {
	key, _ := store.Sessions.Own(shows)
	return store.Sessions.Get(e.Tx, key)
}

// salesDismissed takes a session off.
func (e *Edit) salesDismissed(key string) error {
	s, err := e.session(key)
	if s == nil || err != nil {
		return err
	}
	was := *s
	s.Off = true
	return e.changeSession(&was, s, s.Title()+" on "+desk.DateOf(s.Start.In(e.Env.Zone)).Say()+" is off")
}

// changeSession stores a session that the recruiter changed, so that it can be taken back, and tells of it. Its list is made anew if its day has
// come nearer.
func (e *Edit) changeSession(was, s *desk.Session, said string) error {
	ch := desk.Change{Line: said, Verb: "calendar"}
	err := command.Do(e.Tx, &ch, func() error {
		s.Sequence, s.Modified = was.Sequence+1, e.Env.Now.UTC()
		if err := store.Sessions.Put(e.Tx, s.Key(), *s); err != nil {
			return err
		}
		if err := e.Tx.SetMark(sales.MarkSales, ""); err != nil {
			return err
		}
		return sales.ListSessions(e.R, e.Tx, e.Env, map[string]*desk.Session{s.Key(): s})
	})
	if err != nil {
		return err
	}
	n, err := e.Tx.NextOrdinal()
	if err != nil {
		return err
	}
	if err := command.AppendReply(e.Tx, desk.JournalName(""), desk.Reply{Identity: fmt.Sprintf("calendar:%d", n), Time: e.Env.Now, Changes: []desk.Change{ch}}); err != nil {
		return err
	}
	return e.News(desk.NewsUnderstood, "", said+" (in your calendar; a mail to yourself with “undo” takes the latest such change back)")
}
