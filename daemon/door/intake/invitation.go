package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	wordspkg "fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/letters"
	peoplework "fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// invitation takes what a calendar mail says of interviews. The mail is logged like any other besides.
func invitation(in *peoplework.Intake, m *message.Message) error {
	if m.Body == nil || !in.Batch.Live {
		return nil
	}
	parts, method := m.Body.CalendarParts()
	if len(parts) == 0 {
		return nil
	}
	inv, ok := calendar.ReadInvitation(parts, method, m.Subject)
	if !ok {
		return nil
	}
	if done, err := prepAnswer(in, m, &inv); done || err != nil {
		return err
	}
	if inv.Kind == calendar.KindReply || inv.Kind == calendar.KindCounter {
		return guestAnswer(in, m, &inv)
	}
	events := append([]calendar.Entry{inv.Event}, inv.Others...)
	for _, ev := range events[:min(len(events), mostEvents)] {
		if err := event(in, m, inv.Kind, &ev); err != nil {
			return err
		}
	}
	return nil
}

// Bounds of what strangers can make us look at: the events of a mail, the people of an event, and how far off it may be.
const (
	mostEvents = 5
	mostPeople = 50
	longAgo    = 366 * 24 * time.Hour
	farAhead   = 3 * longAgo
)

// event takes one event of a calendar mail.
func event(in *peoplework.Intake, m *message.Message, kind string, ev *calendar.Entry) error {
	uid := cmp.Or(ev.UID, desk.ShortHash("no uid", ev.Organizer.Email, ev.Start.String(), ev.Summary))
	id := desk.InterviewID(in.R.Name, uid, ev.RecurrenceID)
	told, err := store.InterviewOf.Get(in.Tx, id) // one that the recruiter told of before the invitation came keeps its ID
	if err != nil {
		return err
	}
	if told != nil {
		id = *told
	}
	cur, err := in.Tx.Interview(id)
	if err != nil {
		return err
	}
	if ev.RecurrenceID == "" || ev.AndLater {
		if err := seriesOf(in, m, kind, ev, uid); err != nil {
			return err
		}
	}
	if kind == calendar.KindCancellation {
		if cur == nil {
			return nil
		}
		return cancellation(in, m, cur, ev)
	}
	next := readEvent(in, m, ev)
	switch off := next.Start.Sub(in.Env.Now); {
	case next.Start.IsZero(), off < -longAgo, off > farAhead:
		return nil
	case len(ev.Attendees) > mostPeople, ev.Recurs && ev.RecurrenceID == "" && cur == nil:
		return nil // a town hall, a weekly sync: no interview
	case cur != nil && (!cur.Newer(ev.Sequence, ev.Stamp) || cur.MessageID == m.MessageID && m.MessageID != ""):
		return nil
	}
	next.ID, next.UID = id, uid
	people, err := peopleOf(in, ev)
	if err != nil {
		return err
	}
	if err := meetingBooked(in, people); err != nil {
		return err
	}
	if cur == nil && (people.candidate == nil && !wordspkg.InterviewWordRE.MatchString(ev.Summary+"\n"+m.Subject) || len(people.contacts) == 0 || !next.End.After(in.Env.Now)) {
		return nil // a meeting, strangers among themselves, or over
	}
	people.into(next)
	if err := interviewers(in, next, people); err != nil {
		return err
	}
	if cur != nil {
		return updated(in, m, cur, next)
	}
	if same, err := toldBefore(in, next); same != nil || err != nil {
		if err != nil {
			return err
		}
		if err := store.InterviewOf.Put(in.Tx, id, same.ID); err != nil {
			return err
		}
		next.ID = same.ID
		return merged(in, same, next)
	}
	if err := replaces(in, next); err != nil {
		return err
	}
	return in.Tx.PutInterview(next)
}

// toldBefore is the interview that the recruiter told of, for which an invitation comes now: the same candidate at the same time.
func toldBefore(in *peoplework.Intake, next *desk.Interview) (*desk.Interview, error) {
	all, err := in.Tx.Interviews()
	for i := range all {
		iv := &all[i]
		if iv.UID == "" && iv.Candidate != "" && iv.Candidate == next.Candidate && iv.Start.Equal(next.Start) && iv.Active() {
			return iv, err
		}
	}
	return nil, err
}

// readEvent is what an event says by itself.
func readEvent(in *peoplework.Intake, m *message.Message, ev *calendar.Entry) *desk.Interview {
	iv := &desk.Interview{
		Summary: desk.ClipText(desk.Tidy(ev.Summary), 300), Organizer: message.Canonical(ev.Organizer.Email), Sequence: ev.Sequence, Stamp: ev.Stamp, MessageID: m.MessageID,
		Confirmed: in.Env.Now.UTC(), Modified: in.Env.Now.UTC(), Facts: map[string]string{}, Trusted: trusts(in, m, ev), Status: desk.InterviewStands, Version: 1, Edition: 1,
		RawStart: ev.Start.String() + " " + ev.Start.Zone,
	}
	iv.Start, iv.End, iv.Floating = instants(ev, in.Env.Zone)
	if ev.RecurrenceID != "" {
		iv.Occurrence = ev.Replaces.In(in.Env.Zone).UTC()
	}
	if ev.Start.Kind == calendar.Instant {
		if name := ev.Start.Time.Location().String(); name != "UTC" && name != "Local" {
			if _, err := time.LoadLocation(name); err == nil {
				iv.Zone = name
			}
		}
	}
	link, number := ev.Conference(), ev.DialIn()
	place := desk.Tidy(ev.Location)
	if strings.Contains(place, "://") || link != "" && len(place) < 40 && wordspkg.MeetingRoomRE.MatchString(place) {
		place = ""
	}
	words := ev.Summary + "\n" + m.Subject
	if iv.Kind = desk.KindOf(words, place, link, number); iv.Kind == desk.KindUnknown {
		iv.Kind = desk.KindOf(desk.ClipText(ev.Description, 2000), place, link, number)
	}
	set := func(name, v string) {
		if v != "" {
			iv.Facts[name] = desk.ClipText(desk.Tidy(v), 500)
		}
	}
	set("link", link)
	set("number", number)
	if iv.Kind == desk.KindInPerson {
		set("address", place)
	}
	iv.RawPlace = desk.ShortHash(ev.Location, link, number, string(iv.Kind))
	return iv
}

// instants are the event's start and end. One without a zone is read by the desk's, and has to be asked about.
func instants(ev *calendar.Entry, zone *time.Location) (start, end time.Time, floating bool) {
	at := func(m calendar.Moment) time.Time {
		switch m.Kind {
		case calendar.Instant:
			return m.Time.UTC()
		case calendar.Floating, calendar.Day:
			t := m.Time
			return desk.DateOf(t).At(t.Hour(), t.Minute(), zone).UTC()
		}
		return time.Time{}
	}
	start, end = at(ev.Start), at(ev.End)
	if !end.After(start) {
		end = start.Add(time.Hour)
	}
	return start, end, ev.Start.Kind != calendar.Instant
}

// trusts reports whether an invitation may cause letters that leave by themselves: the recruiter made it, or her server vouches
// for its sender, and the organizer is of the sender's domain.
func trusts(in *peoplework.Intake, m *message.Message, ev *calendar.Entry) bool {
	if in.Batch.Sent {
		return true
	}
	from, organizer := message.Canonical(m.From.Addr), message.Canonical(ev.Organizer.Email)
	_, fd, _ := strings.Cut(from, "@")
	_, od, _ := strings.Cut(organizer, "@")
	agree := from == organizer || fd == od && !message.FreeMail(fd)
	return agree && m.Authenticated(in.Rules.Cfg.AuthservID)
}

// eventPeople are the people of an event.
type eventPeople struct {
	who       desk.Interviewee
	candidate *desk.Contact // known as one, nil if nobody or several are
	clients   []desk.Person // others from outside
	contacts  []*desk.Contact
}

func peopleOf(in *peoplework.Intake, ev *calendar.Entry) (*eventPeople, error) {
	meeting := interviews.MeetingOf(ev)
	if meeting.Organizer != "" && !slices.ContainsFunc(meeting.Attendees, func(a desk.Attendee) bool { return a.Addr == meeting.Organizer }) {
		meeting.Attendees = append(meeting.Attendees, desk.Attendee{Person: desk.Person{Addr: meeting.Organizer, Name: ev.Organizer.Name, Robot: message.IsRobot(meeting.Organizer)}, Individual: true})
	}
	known := map[string]*desk.Contact{}
	p := &eventPeople{}
	for _, a := range meeting.Attendees {
		c, err := in.Tx.ContactByEmail(a.Addr)
		if err != nil {
			return nil, err
		}
		if c != nil {
			known[a.Addr] = c
			p.contacts = append(p.contacts, c)
		}
	}
	isCandidate := func(addr string) bool {
		c := known[addr]
		return c != nil && c.Has(desk.RoleCandidate) && !desk.ClientSide(c)
	}
	isEither := func(addr string) bool { c := known[addr]; return c != nil && c.Has(desk.RoleCandidate) }
	if p.who = in.Circle.Interviewee(meeting, isCandidate); p.who.Certainty != desk.Certain {
		if w := in.Circle.Interviewee(meeting, isEither); w.Certainty == desk.Certain { // a manager can be a candidate, too
			p.who = w
		}
	}
	if p.who.Certainty == desk.Certain {
		p.candidate = known[p.who.Person.Addr]
	} else if err := candidateByName(in, ev, meeting, p); err != nil {
		return nil, err
	}
	for _, a := range meeting.Attendees {
		if ok, _ := in.Circle.Outsider(a.Person); !ok || !a.Individual || p.candidate != nil && slices.Contains(p.candidate.Emails, a.Addr) {
			continue
		}
		if c := known[a.Addr]; c == nil || !c.Has(desk.RoleCandidate) || desk.ClientSide(c) {
			p.clients = append(p.clients, a.Person)
		}
	}
	return p, nil
}

// candidateByName looks for a known candidate's name in the event's title, where nobody invited is one: that is asked about.
// Colleagues of the organizer are no candidates.
func candidateByName(in *peoplework.Intake, ev *calendar.Entry, meeting *desk.Meeting, p *eventPeople) error {
	home := config.CompanyDomain(meeting.Organizer)
	p.who.Choices = slices.DeleteFunc(p.who.Choices, func(x desk.Person) bool { return home != "" && config.CompanyDomain(x.Addr) == home })
	if p.who.Certainty == desk.Probable && home != "" && config.CompanyDomain(p.who.Person.Addr) == home {
		p.who = desk.Interviewee{Certainty: desk.Open, Why: "nobody from outside the client is invited"}
	}
	if p.who.Certainty == desk.Probable {
		p.who.Choices = []desk.Person{p.who.Person}
	}
	all, err := in.Tx.Contacts()
	if err != nil {
		return err
	}
	title := " " + strings.ToLower(desk.Tidy(ev.Summary)) + " "
	for _, c := range all {
		name := strings.ToLower(c.Name)
		if c.Has(desk.RoleCandidate) && strings.Contains(name, " ") && strings.Contains(title, name) {
			x := desk.Person{Addr: c.Email(), Name: c.Name}
			if !slices.ContainsFunc(p.who.Choices, func(y desk.Person) bool { return y.Addr == x.Addr }) {
				p.who.Choices = append(p.who.Choices, x)
			}
		}
	}
	return nil
}

// into tells the interview who takes part: a plan is made only where candidate and client are certain.
func (p *eventPeople) into(iv *desk.Interview) {
	for _, x := range p.clients {
		iv.People = append(iv.People, x.Addr)
	}
	if p.candidate != nil {
		iv.Settle(p.candidate)
		return
	}
	iv.Status = desk.InterviewAsked
	iv.Question = "who is the candidate? " + p.who.Why
	for _, c := range p.who.Choices {
		iv.Choices = append(iv.Choices, c.Addr)
	}
}

// interviewers notes who asks: the people at the client whose names are known. Whoever only arranges it, from human
// resources or as an assistant, isn't one where there are others.
func interviewers(in *peoplework.Intake, iv *desk.Interview, p *eventPeople) error {
	var arrangers []desk.Interviewer
	for _, x := range p.clients {
		c, err := in.Tx.ContactByEmail(x.Addr)
		if err != nil {
			return err
		}
		w := desk.Interviewer{Name: desk.CleanName(x.Name), Email: x.Addr}
		if c != nil {
			w.Name, w.Title = cmp.Or(c.Name, w.Name), c.Title
			if iv.Client == "" || c.Has(desk.RoleDecisionMaker) {
				iv.Client = c.ID
			}
			iv.Company = cmp.Or(iv.Company, c.Company)
		}
		if w.Name == "" || !strings.Contains(w.Name, " ") && c == nil || c == nil && wordspkg.RoleMailbox(w.Name, x.Addr) {
			continue // no name, half an address, or an office's
		}
		if c != nil && (c.Has(desk.RoleHR) || c.Has(desk.RoleAssistant)) || c == nil && x.Addr == iv.Organizer && len(p.clients) > 1 {
			arrangers = append(arrangers, w)
			continue
		}
		iv.Who = append(iv.Who, w)
	}
	if len(iv.Who) == 0 && len(arrangers) == 1 && len(p.clients) == 1 && arrangers[0].Email == iv.Organizer {
		if c, err := in.Tx.ContactByEmail(arrangers[0].Email); err != nil || c == nil {
			iv.Who = arrangers
		}
	}
	return nil
}

// meetingBooked ends the sequences of everybody on the event.
func meetingBooked(in *peoplework.Intake, p *eventPeople) error {
	for _, c := range p.contacts {
		if err := letters.StopSequences(in.Tx, in.Env, book.NewPlanner(in.Tx, in.Env), c.ID, "a meeting was booked on "+in.Env.Today().String()); err != nil {
			return err
		}
	}
	return nil
}

// replaces takes a new invitation as a reschedule, where one of the same organizer for the same candidate was just cancelled: what
// had gone out for that one makes it a correction rather than a second confirmation.
func replaces(in *peoplework.Intake, next *desk.Interview) error {
	all, err := in.Tx.Interviews()
	for i := range all {
		old := &all[i]
		if old.Status == desk.InterviewCancelled && old.Candidate != "" && old.Candidate == next.Candidate && old.Organizer == next.Organizer && in.Env.Now.Sub(old.Modified) < 48*time.Hour {
			next.Instead = old.ID
		}
	}
	return err
}

// mayChange reports whether a mail may change or cancel an interview: it comes from the organizer's side, and no word of the
// server's is against it.
func mayChange(in *peoplework.Intake, m *message.Message, iv *desk.Interview, ev string) bool {
	if in.Batch.Sent || iv.Organizer == "" {
		return true
	}
	from, organizer := message.Canonical(m.From.Addr), cmp.Or(ev, iv.Organizer)
	same := func(a, b string) bool {
		return a == b || config.CompanyDomain(a) != "" && config.CompanyDomain(a) == config.CompanyDomain(b)
	}
	if !same(organizer, iv.Organizer) || !same(from, iv.Organizer) && !message.IsRobot(from) {
		return false
	}
	id := in.Rules.Cfg.AuthservID
	return id == "" || m.Authenticated(id) || !m.Header.Has("Authentication-Results")
}

// foreign reports a mail that would have changed an interview, and isn't the organizer's.
func foreign(in *peoplework.Intake, m *message.Message, iv *desk.Interview, what string) error {
	return in.Tx.AddNews(desk.News{ID: "foreign-" + desk.ShortHash(iv.ID, m.Identity), Time: m.Date, Kind: desk.NewsTrouble, Contact: iv.Candidate,
		Text: fmt.Sprintf("%s of %s came from %s, and nothing shows that it is the organizer's: it was not taken. If it is right, tell me by a reply to the interview's number.", what, desk.SayInterview(in.Env, iv), message.Canonical(m.From.Addr))})
}

// updated takes a newer version of an invitation. What the recruiter told stays.
func updated(in *peoplework.Intake, m *message.Message, cur, next *desk.Interview) error {
	if cur.ByWord { // she said that it is off, or none
		return in.Tx.AddNews(desk.News{ID: fmt.Sprintf("byword-%s-%d", cur.ID, next.Sequence), Time: m.Date, Kind: desk.NewsTrouble, Contact: cur.Candidate,
			Text: "An invitation to " + desk.SayInterview(in.Env, next) + " has come, but you said that it is off: nothing is planned. If it stands, say so: “ADDRESS interview " + desk.SayOrder(next.Start, in.Env.Zone) + "”."})
	}
	if !mayChange(in, m, cur, next.Organizer) {
		return foreign(in, m, cur, "A change")
	}
	next.Trusted = next.Trusted && (cur.Trusted || next.Organizer == cur.Organizer)
	return merged(in, cur, next)
}

// merged brings a newer version together with what was known.
func merged(in *peoplework.Intake, cur, next *desk.Interview) error {
	next.Version, next.Edition, next.Moved, next.Off, next.Order, next.Confirmed, next.Instead = cur.Version, cur.Edition, cur.Moved, cur.Off, cur.Order, cur.Confirmed, cur.Instead
	if next.Candidate == "" && cur.Candidate != "" { // settled by the recruiter
		next.Candidate, next.Status, next.Question, next.Choices = cur.Candidate, desk.InterviewStands, "", nil
	}
	if cur.UID != "" && next.RawStart == cur.RawStart && next.RawStart != "" { // the invitation's own time hasn't changed: what was told stands
		next.Start, next.End, next.Zone, next.Floating = cur.Start, cur.End, cur.Zone, cur.Floating
		if !next.Floating && next.Candidate != "" && next.Status == desk.InterviewAsked {
			next.Status, next.Question = desk.InterviewStands, ""
		}
	}
	if cur.UID != "" && next.RawPlace == cur.RawPlace {
		next.Kind = cur.Kind
		for _, k := range []string{"address", "link", "number"} {
			delete(next.Facts, k)
		}
	}
	if next.Floating && !cur.Floating && (next.RawStart == cur.RawStart || cur.UID == "") { // she told when that is
		next.Start, next.End, next.Zone, next.Floating = cur.Start, cur.End, cur.Zone, false
		if next.Candidate != "" {
			next.Status, next.Question = desk.InterviewStands, ""
		}
	}
	if cur.UID == "" {
		next.Trusted = true
	}
	switch cur.Status {
	case desk.InterviewAttended, desk.InterviewMissed:
		next.Status = cur.Status // unless it was moved: Attend looks
	case desk.InterviewEnded:
		next.Status = cur.Status
	}
	if next.Client == "" && next.Candidate == cur.Candidate {
		next.Client = cur.Client
	}
	next.Company = cmp.Or(next.Company, cur.Company)
	for k, v := range cur.Facts {
		if next.Facts[k] == "" && !(k == "address" && next.Kind != desk.KindInPerson && next.Kind != desk.KindUnknown) {
			next.Facts[k] = v
		}
	}
	if next.Kind == desk.KindUnknown {
		next.Kind = cur.Kind
	}
	for _, w := range cur.Who {
		if w.Email == "" && !slices.ContainsFunc(next.Who, func(x desk.Interviewer) bool { return strings.EqualFold(x.Name, w.Name) }) {
			next.Who = append(next.Who, w)
		}
	}
	if cur.Candidate != "" && next.Candidate != cur.Candidate {
		if err := otherCandidate(in, cur); err != nil {
			return err
		}
	}
	return interviews.ChangeInterview(in.Tx, in.Env, cur, next)
}

// otherCandidate tells that somebody is no longer the one who is interviewed, where they had letters about it.
func otherCandidate(in *peoplework.Intake, cur *desk.Interview) error {
	gone, err := letters.GoneLetters(in.Tx, cur)
	if len(gone) == 0 || err != nil {
		return err
	}
	return in.Tx.AddNews(desk.News{ID: fmt.Sprintf("other-%s-%d", cur.ID, cur.Edition), Time: in.Env.Now, Kind: desk.NewsTrouble, Contact: cur.Candidate,
		Text: fmt.Sprintf("The invitation to %s is for somebody else now. %s.", desk.SayInterview(in.Env, cur), letters.SayGone(in.Tx, in.Env, gone))})
}

// cancellation takes an interview off, if the one who sends it may. What is over isn't cancelled any more: organizers delete past events.
func cancellation(in *peoplework.Intake, m *message.Message, iv *desk.Interview, ev *calendar.Entry) error {
	if iv.Status == desk.InterviewCancelled || ev.Sequence < iv.Sequence || !in.Env.Now.Before(iv.Start) {
		return nil
	}
	if !mayChange(in, m, iv, message.Canonical(ev.Organizer.Email)) {
		return foreign(in, m, iv, "A cancellation")
	}
	iv.Sequence = ev.Sequence
	return interviews.CancelInterview(in.Tx, in.Env, iv, "the client cancelled it")
}
