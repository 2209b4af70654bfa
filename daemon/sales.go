package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
)

// Sales days and monthly reviews are events with lists of calls. Where they lie follows from the calendar until the recruiter
// moves one; the lists are made the evening before.

// session is a power session of a sales day, or a monthly review.
type session struct {
	Month    desk.Date `json:"month"` // its first day
	N        int       `json:"n"`     // of the sales day's session, from 1; 0 is the review
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
	Sequence int       `json:"sequence"`
	Moved    bool      `json:"moved,omitempty"` // by the recruiter: it stays where she put it
	Off      bool      `json:"off,omitempty"`   // she deleted it
	Done     bool      `json:"done,omitempty"`  // she ticked it off
	Listed   time.Time `json:"listed,omitzero"` // when its list was made
	List     []callee  `json:"list,omitempty"`
	More     int       `json:"more,omitempty"` // how many the list had no room for
}

// callee is one line of a list.
type callee struct {
	Contact string `json:"contact"`
	Line    string `json:"line"`
}

const sessionPrefix = "session:"

// sessionName names a session in records, and as the key of its event.
func (s *session) name() string {
	return fmt.Sprintf("%s%s:%d", sessionPrefix, s.Month.String()[:7], s.N)
}

func (s *session) title() string {
	if s.N == 0 {
		return "Monthly review"
	}
	return fmt.Sprintf("Sales day %d: %s", s.N, desk.SessionTitle((s.N-1)%desk.Sessions))
}

func sessions(tx *store.Tx) ([]session, error) {
	var out []session
	err := eachRecord(tx, sessionPrefix, func(s session) { out = append(out, s) })
	slices.SortFunc(out, func(a, b session) int { return a.Start.Compare(b.Start) })
	return out, err
}

// markSales is up to what the sessions were planned: a day, and whether its evening.
const markSales = "sales"

// evening is the hour at which the next day's lists are made.
const evening = 18

// planSales keeps this month's and the next one's sessions in the calendar, and makes the lists of those that are near.
func (r *runner) planSales(ctx context.Context, now time.Time) error {
	env := r.env(now)
	state := fmt.Sprintf("%s/%t/%s", env.Today(), now.In(env.Zone).Hour() >= evening, r.salesShape())
	last := ""
	if err := r.state.View(func(tx *store.Tx) (err error) { last, err = tx.Mark(markSales); return err }); err != nil || last == state {
		return err
	}
	return r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		if started, err := tx.Mark(markStarted); started == "" || err != nil {
			return err
		}
		all, err := sessions(tx)
		if err != nil {
			return err
		}
		known := map[string]*session{}
		for i := range all {
			known[all[i].name()] = &all[i]
		}
		wanted := map[string]bool{}
		for _, month := range []desk.Date{desk.MonthStart(env.Today()), desk.NextMonth(env.Today())} {
			for _, want := range r.salesWanted(env, month) {
				wanted[want.name()] = true
				if err := placeSession(tx, env, known, want); err != nil {
					return err
				}
			}
		}
		for _, name := range sortedKeys(known) { // the configuration wants fewer
			if s := known[name]; !wanted[name] && !s.Moved && s.Start.After(env.Now) {
				delete(known, name)
				tx.Shown()
				if err := tx.DropJSON(name); err != nil {
					return err
				}
			}
		}
		if err := r.listSessions(tx, env, known); err != nil {
			return err
		}
		return tx.SetMark(markSales, state)
	})
}

// salesShape is what of the configuration sessions follow from.
func (r *runner) salesShape() string {
	rs := r.current()
	return desk.ShortHash(append([]string{rs.cfg.sales.Day, rs.zone.String()}, rs.cfg.sales.Sessions...)...)
}

// salesWanted are a month's review and sessions where the calendar wants them.
func (r *runner) salesWanted(env desk.Env, month desk.Date) []session {
	cfg := r.current().cfg.sales
	review := env.WorkdayOnOrAfter(month)
	at := review.At(9, 0, env.Zone)
	if slots := env.Hours.Slots(review.UTC()); len(slots) > 0 {
		at = slots[0]
	}
	out := []session{{Month: month, Start: at.UTC(), End: at.Add(time.Hour).UTC()}}
	on, err := desk.ParseMonthDay(cfg.Day)
	if err != nil { // none
		return out
	}
	day := on.In(env, month)
	for i, s := range cfg.Sessions {
		span, err := calendar.ParseSpan(s)
		if err != nil {
			continue // the configuration was checked
		}
		out = append(out, session{Month: month, N: i + 1, Start: day.At(span.From/60, span.From%60, env.Zone).UTC(), End: day.At(span.To/60, span.To%60, env.Zone).UTC()})
	}
	return out
}

// placeSession brings one in line with where it is wanted, unless it was moved, or is over.
func placeSession(tx *store.Tx, env desk.Env, known map[string]*session, want session) error {
	cur := known[want.name()]
	switch {
	case !want.End.After(env.Now):
		return nil
	case cur == nil:
		want.Created, want.Modified = env.Now.UTC(), env.Now.UTC()
		known[want.name()] = &want
	case cur.Moved || cur.Off || cur.Start.Equal(want.Start) && cur.End.Equal(want.End) || !cur.End.After(env.Now):
		return nil
	default:
		cur.Start, cur.End = want.Start, want.End
		cur.Sequence, cur.Modified = cur.Sequence+1, env.Now.UTC()
		want = *cur
	}
	tx.Shown()
	return tx.PutJSON(want.name(), want)
}

// listSessions makes the lists of the sessions of tomorrow, once it is evening, and of today where that was missed.
func (r *runner) listSessions(tx *store.Tx, env desk.Env, known map[string]*session) error {
	horizon := env.Today()
	if env.Now.In(env.Zone).Hour() >= evening {
		horizon = horizon.AddDays(1)
	}
	var lists *[desk.Sessions][]desk.Listed
	var review []desk.Listed
	for _, name := range sortedKeys(known) {
		s := known[name]
		day := desk.DateOf(s.Start.In(env.Zone))
		eve := day.AddDays(-1).At(evening, 0, env.Zone)
		if s.Off || day.Before(env.Today()) || day.After(horizon) || !s.Listed.Before(eve) {
			continue
		}
		if lists == nil {
			people, err := r.prospects(tx, env)
			if err != nil {
				return err
			}
			l := desk.SalesLists(env, day, people)
			lists, review = &l, desk.ReviewList(env, people)
		}
		list := review
		if s.N > 0 {
			list = lists[(s.N-1)%desk.Sessions]
		}
		s.setList(list, env)
		tx.Shown()
		if err := tx.PutJSON(name, s); err != nil {
			return err
		}
	}
	return nil
}

// mostOnSession bounds what an event's text holds.
const mostOnSession = 40

func (s *session) setList(list []desk.Listed, env desk.Env) {
	s.List, s.More = nil, max(0, len(list)-mostOnSession)
	for _, l := range list[:min(len(list), mostOnSession)] {
		line := l.Contact.DisplayName()
		for _, part := range []string{l.Contact.Company, l.Contact.Phone, l.Why} {
			if part != "" {
				line += ", " + part
			}
		}
		s.List = append(s.List, callee{l.Contact.ID, shorten(line, 300)})
	}
	s.Listed, s.Modified = env.Now.UTC(), env.Now.UTC()
	s.Sequence++
}

// prospects gathers everybody with what ranks them.
func (r *runner) prospects(tx *store.Tx, env desk.Env) ([]desk.Prospect, error) {
	all, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	open, err := openCallbacks(tx)
	if err != nil {
		return nil, err
	}
	lights, err := r.lights(tx, env)
	if err != nil {
		return nil, err
	}
	orders, err := tx.Orders()
	if err != nil {
		return nil, err
	}
	ranks := map[int]string{}
	for i := range orders {
		if orders[i].Status != desk.OrderOpen {
			continue
		}
		of, err := r.orderOf(tx, env, &orders[i])
		if err != nil {
			return nil, err
		}
		ranks[orders[i].Number] = of.rank
	}
	var out []desk.Prospect
	for _, c := range all {
		ts, err := tx.Touches(c)
		if err != nil {
			return nil, err
		}
		p := desk.Prospect{Contact: c, Touches: ts, Call: open[c.ID], Light: lights.of(c).Light}
		for i := range orders {
			o := &orders[i]
			if o.Status == desk.OrderOpen && (c.Is(o.Contact) || o.Company != "" && strings.EqualFold(o.Company, c.Company)) {
				if p.Rank == "" || ranks[o.Number] < p.Rank { // the best of several
					p.Rank = ranks[o.Number]
					p.Order = o.Name() + " " + o.Title + ", " + p.Rank
				}
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// salesEvents are the sessions as events.
func (r *runner) salesEvents(tx *store.Tx, env desk.Env) ([]shown, error) {
	all, err := sessions(tx)
	if err != nil {
		return nil, err
	}
	var out []shown
	for i := range all {
		s := &all[i]
		if s.Off || s.Done || env.Now.Sub(s.End) > calendar.FeedPast {
			continue
		}
		out = append(out, shown{s.name(), fmt.Sprint(s.Start.Unix(), s.Moved), calendar.Event{
			UID: "sales-" + desk.ShortHash(r.name, s.name()) + "@fifthcall", Sequence: s.Sequence, Start: s.Start, End: s.End, Created: s.Created, Modified: s.Modified,
			Summary: s.title(), Description: s.text(), Categories: []string{"Sales day"}, Alarm: 10 * time.Minute,
		}})
	}
	return out, nil
}

// text is the session's list.
func (s *session) text() string {
	if s.Listed.IsZero() {
		return "The list of calls comes the evening before."
	}
	if len(s.List) == 0 {
		return "Nobody is on this list."
	}
	var b strings.Builder
	for i, c := range s.List {
		fmt.Fprintf(&b, "%d. %s\n", i+1, c.Line)
	}
	if s.More > 0 {
		fmt.Fprintf(&b, "and %d more\n", s.More)
	}
	return strings.TrimSpace(b.String())
}

// salesMoved takes what a client changed in a session: it was moved, or ticked off. Words are told back, since nobody is named by them.
func (e *collectionEdit) salesMoved(o *collectionObject, old, res *calendar.Resource) error {
	var s session
	known, err := e.tx.JSON(o.Shows, &s)
	if !known || err != nil {
		return err
	}
	was := s
	title := strings.TrimSpace(res.Entry.Summary)
	done := ticked(title) && !ticked(old.Entry.Summary) || slices.ContainsFunc(res.Categories(), calendar.IsDone)
	said := ownText{old.Entry.Description}.added(res.Entry.Description)
	if title != strings.TrimSpace(old.Entry.Summary) && !done && title != "" {
		said = append(said, title)
	}
	if len(said) > 0 {
		if err := e.news(desk.NewsHint, "", "You wrote into “"+s.title()+"”: "+shorten(strings.Join(said, "; "), 500)+". Nothing was logged of it: a call is logged by a line that begins with the name."); err != nil {
			return err
		}
	}
	switch {
	case done:
		s.Done = true
		return e.changeSession(&was, &s, s.title()+": done")
	case res.Entry.Status == "CANCELLED":
		return e.salesDismissed(o.Shows)
	}
	start := res.Entry.Start.In(e.env.Zone)
	if res.Entry.Start.Kind == calendar.Day {
		at := s.Start.In(e.env.Zone)
		start = desk.DateOf(res.Entry.Start.Time).At(at.Hour(), at.Minute(), e.env.Zone)
	}
	length := res.Length()
	if length <= 0 {
		length = s.End.Sub(s.Start)
	}
	if start.Equal(s.Start) && length == s.End.Sub(s.Start) {
		return nil
	}
	s.Start, s.End, s.Moved = start.UTC(), start.Add(length).UTC(), true
	return e.changeSession(&was, &s, s.title()+": moved to "+start.In(e.env.Zone).Format("Mon 2 Jan 2006, 15:04"))
}

// salesDismissed takes a session off.
func (e *collectionEdit) salesDismissed(key string) error {
	var s session
	known, err := e.tx.JSON(key, &s)
	if !known || err != nil {
		return err
	}
	was := s
	s.Off = true
	return e.changeSession(&was, &s, s.title()+" on "+s.Start.In(e.env.Zone).Format("Mon 2 Jan 2006")+" is off")
}

// changeSession stores a session that the recruiter changed, so that it can be taken back, and tells of it. Its list is made anew if its day has
// come nearer.
func (e *collectionEdit) changeSession(was, s *session, said string) error {
	s.Sequence, s.Modified = was.Sequence+1, e.env.Now.UTC()
	if err := e.tx.PutJSON(s.name(), s); err != nil {
		return err
	}
	if err := e.tx.SetMark(markSales, ""); err != nil {
		return err
	}
	if err := e.r.listSessions(e.tx, e.env, map[string]*session{s.name(): s}); err != nil {
		return err
	}
	n, err := e.tx.NextOrdinal()
	if err != nil {
		return err
	}
	ch := change{Line: said, Verb: "calendar", Session: was}
	if err := appendReply(e.tx, journalName(""), reply{Identity: fmt.Sprintf("calendar:%d", n), Time: e.env.Now, Changes: []change{ch}}); err != nil {
		return err
	}
	return e.news(desk.NewsUnderstood, "", said+" (in your calendar; a mail to yourself with “undo” takes the latest such change back)")
}

// takeBackSession puts a session back to what it was.
func (ch *change) takeBackSession(tx *store.Tx, env desk.Env) error {
	if ch.Session == nil {
		return nil
	}
	var now session
	if _, err := tx.JSON(ch.Session.name(), &now); err != nil {
		return err
	}
	back := *ch.Session
	back.Sequence, back.Modified = now.Sequence+1, env.Now.UTC()
	tx.Shown()
	return tx.PutJSON(back.name(), back)
}

// deleteSessions takes sessions off whose deletion was held, now that the recruiter says that she meant it.
func (o *obeying) deleteSessions(cmd desk.Command, it *desk.IssuedItem, h *heldDeletions) error {
	n := 0
	for _, key := range h.Keys {
		var s session
		known, err := o.in.tx.JSON(key, &s)
		if err != nil {
			return err
		}
		if !known || s.Off {
			continue
		}
		was := s
		s.Off, s.Modified = true, o.in.env.Now.UTC()
		s.Sequence++
		if err := o.in.tx.PutJSON(key, s); err != nil {
			return err
		}
		o.done.Changes = append(o.done.Changes, change{Line: s.title() + " is off", Verb: "calendar", Item: it.N, Session: &was})
		n++
	}
	o.in.tx.Shown()
	o.results = append(o.results, result{cmd: cmd, said: plural(n, "event") + " taken off, as deleted in the calendar"})
	return nil
}

// briefSales lists a sales day's calls, or a review's, in the morning mail of the day, and tells the next working day what came of it.
func (r *runner) briefSales(tx *store.Tx, env desk.Env, b *brief) error {
	all, err := sessions(tx)
	if err != nil {
		return err
	}
	yesterday := env.AddWorkdays(env.Today(), -1)
	var held []session
	for i := range all {
		s := &all[i]
		switch day := desk.DateOf(s.Start.In(env.Zone)); {
		case s.Off:
		case day == env.Today():
			b.sales = append(b.sales, s.section(env, b))
		case s.N > 0 && !day.Before(yesterday) && day.Before(env.Today()):
			held = append(held, *s)
		}
	}
	if len(held) == 0 {
		return nil
	}
	own, err := r.salesTally(env.Zone, held)
	if err != nil {
		return err
	}
	b.tally = own.lines(held, env.Zone)
	if len(r.peers) > 0 {
		total := own.before10
		for _, p := range r.peers {
			t, err := p.salesTally(env.Zone, held)
			if err != nil {
				return err
			}
			total += t.before10
			own.sum.Conversations += t.sum.Conversations
			own.sum.Tries += t.sum.Tries
		}
		b.tally = append(b.tally, fmt.Sprintf("all desks together: %s; %s before ten", own.sum, plural(total, "conversation")))
	}
	return nil
}

// section is a session in the morning mail; its lines can be answered.
func (s *session) section(env desk.Env, b *brief) letter.Section {
	sec := letter.Section{Title: s.Start.In(env.Zone).Format("15:04") + " " + s.title()}
	for _, c := range s.List {
		sec.Items = append(sec.Items, letter.Item{N: b.number(desk.ItemListed, c.Contact, "", c.Line), Head: c.Line})
	}
	if len(s.List) == 0 {
		sec.Lines = []string{s.text()}
	}
	if s.More > 0 {
		sec.Lines = append(sec.Lines, fmt.Sprintf("and %d more", s.More))
	}
	return sec
}

// salesTally is what sessions brought a desk.
type salesTally struct {
	each     []desk.Tally
	sum      desk.Tally
	before10 int
}

func (r *runner) salesTally(zone *time.Location, held []session) (salesTally, error) {
	t := salesTally{each: make([]desk.Tally, len(held))}
	err := r.state.View(func(tx *store.Tx) error {
		return tx.AllTouches(func(x desk.Touch) error {
			for i := range held {
				was := t.each[i]
				t.each[i].Count(&x, held[i].Start, held[i].End)
				t.sum.Conversations += t.each[i].Conversations - was.Conversations
				t.sum.Tries += t.each[i].Tries - was.Tries
			}
			if x.Kind == desk.KindConversation && desk.DateOf(x.Time.In(zone)) == desk.DateOf(held[0].Start.In(zone)) && x.Time.In(zone).Hour() < 10 {
				t.before10++
			}
			return nil
		})
	})
	return t, err
}

func (t *salesTally) lines(held []session, zone *time.Location) []string {
	var out []string
	for i := range held {
		out = append(out, fmt.Sprintf("%s %s: %s", held[i].Start.In(zone).Format("Mon 2 Jan, 15:04"), held[i].title(), t.each[i]))
	}
	made := "not made"
	if t.before10 >= desk.TenBeforeTen {
		made = "made"
	}
	return append(out, fmt.Sprintf("10 before 10: %s before ten o'clock, %s", plural(t.before10, "conversation"), made))
}
