package daemon

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// interviewWordRE is what an event is called that may be an interview, where nobody on it is known as a candidate.
var interviewWordRE = regexp.MustCompile(`(?i)interview|vorstellungsgespr|bewerbungsgespr|\bentretien|\bentrevista|\bcolloquio|sollicitatie|candidate|kandidat|candidat|\bscreening|phone screen|technical round|final round|hiring manager|on-?site`)

// invitation takes what a calendar mail says of interviews. The mail is logged like any other besides.
func (in *intake) invitation(m *mailbox.Message) error {
	if m.Body == nil || !in.batch.Live {
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
	for _, ev := range append([]calendar.Entry{inv.Event}, inv.Others...) {
		if err := in.event(m, inv.Kind, &ev); err != nil {
			return err
		}
	}
	return nil
}

// mostOthers bounds how many people of an event are looked at.
const mostPeople = 50

// event takes one event of a calendar mail.
func (in *intake) event(m *mailbox.Message, kind string, ev *calendar.Entry) error {
	uid := orElse(ev.UID, desk.ShortHash("no uid", ev.Organizer.Email, ev.Start.String(), ev.Summary))
	id := desk.InterviewID(in.r.name, uid, ev.RecurrenceID)
	cur, err := in.tx.Interview(id)
	if err != nil {
		return err
	}
	switch kind {
	case calendar.KindCancellation:
		if cur == nil {
			return nil
		}
		return in.cancellation(m, cur, ev)
	case calendar.KindReply, calendar.KindCounter:
		return nil
	}
	if len(ev.Attendees) > mostPeople || ev.Recurs && ev.RecurrenceID == "" && cur == nil {
		return nil // a town hall, a weekly sync: no interview
	}
	if cur != nil && !cur.Newer(ev.Sequence, ev.Stamp) {
		return nil
	}
	next := in.readEvent(m, ev)
	next.ID, next.UID = id, uid
	people, err := in.peopleOf(ev)
	if err != nil {
		return err
	}
	if cur == nil && people.candidate == nil && !interviewWordRE.MatchString(ev.Summary+"\n"+m.Subject) {
		return in.meetingBooked(people)
	}
	if cur == nil && !next.End.After(in.env.Now) {
		return nil // it is over: nothing to prepare
	}
	people.into(next)
	if err := in.interviewers(next, people); err != nil {
		return err
	}
	if err := in.meetingBooked(people); err != nil {
		return err
	}
	if cur == nil {
		if err := in.replaces(next); err != nil {
			return err
		}
		return in.tx.PutInterview(next)
	}
	return in.updated(cur, next)
}

// readEvent is what an event says by itself.
func (in *intake) readEvent(m *mailbox.Message, ev *calendar.Entry) *desk.Interview {
	iv := &desk.Interview{
		Summary: clipText(desk.Tidy(ev.Summary), 300), Organizer: mailbox.Canonical(ev.Organizer.Email), Sequence: ev.Sequence, Stamp: ev.Stamp, MessageID: m.MessageID,
		Confirmed: in.env.Now.UTC(), Modified: in.env.Now.UTC(), Facts: map[string]string{}, Trusted: in.trusts(m, ev), Status: desk.InterviewStands, Version: 1,
	}
	iv.Start, iv.End, iv.Floating = instants(ev, in.env.Zone)
	if ev.Start.Kind == calendar.Instant {
		if name := ev.Start.Time.Location().String(); name != "UTC" && name != "Local" {
			if _, err := time.LoadLocation(name); err == nil {
				iv.Zone = name
			}
		}
	}
	link, number := ev.Conference(), ev.DialIn()
	place := desk.Tidy(ev.Location)
	if strings.Contains(place, "://") || link != "" && len(place) < 40 && meetingRoomRE.MatchString(place) {
		place = ""
	}
	words := ev.Summary + "\n" + m.Subject
	if iv.Kind = desk.KindOf(words, place, link, number); iv.Kind == desk.KindUnknown {
		iv.Kind = desk.KindOf(clipText(ev.Description, 2000), place, link, number)
	}
	set := func(name, v string) {
		if v != "" {
			iv.Facts[name] = clipText(desk.Tidy(v), 500)
		}
	}
	set("link", link)
	set("number", number)
	if iv.Kind == desk.KindInPerson {
		set("address", place)
	}
	return iv
}

// meetingRoomRE is what programs write into the place of an event that is held by video.
var meetingRoomRE = regexp.MustCompile(`(?i)teams|zoom|google meet|webex|skype|online|video|virtual|remote`)

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
func (in *intake) trusts(m *mailbox.Message, ev *calendar.Entry) bool {
	if in.batch.Sent {
		return true
	}
	from, organizer := mailbox.Canonical(m.From.Addr), mailbox.Canonical(ev.Organizer.Email)
	_, fd, _ := strings.Cut(from, "@")
	_, od, _ := strings.Cut(organizer, "@")
	agree := from == organizer || fd == od && !mailbox.FreeMail(fd)
	return agree && m.Authenticated(in.rules.cfg.AuthservID)
}

// eventPeople are the people of an event.
type eventPeople struct {
	who       desk.Interviewee
	candidate *desk.Contact // known as one, nil if nobody or several are
	clients   []desk.Person // others from outside
	contacts  []*desk.Contact
}

func (in *intake) peopleOf(ev *calendar.Entry) (*eventPeople, error) {
	meeting := meetingOf(ev)
	if meeting.Organizer != "" && !slices.ContainsFunc(meeting.Attendees, func(a desk.Attendee) bool { return a.Addr == meeting.Organizer }) {
		meeting.Attendees = append(meeting.Attendees, desk.Attendee{Person: desk.Person{Addr: meeting.Organizer, Name: ev.Organizer.Name, Robot: mailbox.IsRobot(meeting.Organizer)}, Individual: true})
	}
	known := map[string]*desk.Contact{}
	p := &eventPeople{}
	for _, a := range meeting.Attendees {
		c, err := in.tx.ContactByEmail(a.Addr)
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
		return c != nil && c.Has(desk.RoleCandidate) && !clientSide(c)
	}
	isEither := func(addr string) bool { c := known[addr]; return c != nil && c.Has(desk.RoleCandidate) }
	if p.who = in.circle.Interviewee(meeting, isCandidate); p.who.Certainty != desk.Certain {
		if w := in.circle.Interviewee(meeting, isEither); w.Certainty == desk.Certain { // a manager can be a candidate, too
			p.who = w
		}
	}
	if p.who.Certainty == desk.Certain {
		p.candidate = known[p.who.Person.Addr]
	} else if err := in.candidateByName(ev, meeting, p); err != nil {
		return nil, err
	}
	for _, a := range meeting.Attendees {
		if ok, _ := in.circle.Outsider(a.Person); !ok || !a.Individual || p.candidate != nil && slices.Contains(p.candidate.Emails, a.Addr) {
			continue
		}
		if c := known[a.Addr]; c == nil || !c.Has(desk.RoleCandidate) || clientSide(c) {
			p.clients = append(p.clients, a.Person)
		}
	}
	return p, nil
}

func clientSide(c *desk.Contact) bool {
	return c.Has(desk.RoleDecisionMaker) || c.Has(desk.RoleClient) || c.Has(desk.RoleHR) || c.Has(desk.RoleAssistant)
}

// candidateByName looks for a known candidate's name in the event's title, where nobody invited is one: that is asked about.
// Colleagues of the organizer are no candidates.
func (in *intake) candidateByName(ev *calendar.Entry, meeting *desk.Meeting, p *eventPeople) error {
	home := companyDomain(meeting.Organizer)
	p.who.Choices = slices.DeleteFunc(p.who.Choices, func(x desk.Person) bool { return home != "" && companyDomain(x.Addr) == home })
	if p.who.Certainty == desk.Probable && home != "" && companyDomain(p.who.Person.Addr) == home {
		p.who = desk.Interviewee{Certainty: desk.Open, Why: "nobody from outside the client is invited"}
	}
	if p.who.Certainty == desk.Probable {
		p.who.Choices = []desk.Person{p.who.Person}
	}
	all, err := in.tx.Contacts()
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
func (in *intake) interviewers(iv *desk.Interview, p *eventPeople) error {
	var arrangers []desk.Interviewer
	for _, x := range p.clients {
		c, err := in.tx.ContactByEmail(x.Addr)
		if err != nil {
			return err
		}
		w := desk.Interviewer{Name: desk.CleanName(x.Name), Email: x.Addr}
		if c != nil {
			w.Name, w.Title = orElse(c.Name, w.Name), c.Title
			if iv.Client == "" || c.Has(desk.RoleDecisionMaker) {
				iv.Client = c.ID
			}
			iv.Company = orElse(iv.Company, c.Company)
		}
		if w.Name == "" || !strings.Contains(w.Name, " ") && c == nil {
			continue // no name, or half an address
		}
		if c != nil && (c.Has(desk.RoleHR) || c.Has(desk.RoleAssistant)) || c == nil && x.Addr == iv.Organizer && len(p.clients) > 1 {
			arrangers = append(arrangers, w)
			continue
		}
		iv.Who = append(iv.Who, w)
	}
	if len(iv.Who) == 0 && len(arrangers) == 1 && len(p.clients) == 1 && arrangers[0].Email == iv.Organizer {
		if c, err := in.tx.ContactByEmail(arrangers[0].Email); err != nil || c == nil {
			iv.Who = arrangers
		}
	}
	return nil
}

// meetingBooked ends the sequences of everybody on the event.
func (in *intake) meetingBooked(p *eventPeople) error {
	for _, c := range p.contacts {
		if err := stopSequences(in.tx, in.env, newPlanner(in.tx, in.env), c.ID, "a meeting was booked on "+in.env.Today().String()); err != nil {
			return err
		}
	}
	return nil
}

// replaces takes a new invitation as a reschedule, where one of the same organizer for the same candidate was just cancelled after
// something had gone out: the candidate gets a correction rather than a second confirmation.
func (in *intake) replaces(next *desk.Interview) error {
	all, err := in.tx.Interviews()
	if err != nil {
		return err
	}
	for i := range all {
		old := &all[i]
		if old.Status != desk.InterviewCancelled || old.Candidate == "" || old.Candidate != next.Candidate || old.Organizer != next.Organizer || in.env.Now.Sub(old.Modified) > 48*time.Hour {
			continue
		}
		gone, err := goneLetters(in.tx, old)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			next.Done = map[string]int{desk.StepConfirmation: next.Version, desk.StepCorrection: 0}
		}
	}
	return nil
}

// goneLetters are the letters of an interview that have left.
func goneLetters(tx *store.Tx, iv *desk.Interview) ([]desk.Outgoing, error) {
	all, err := tx.Letters(iv.Candidate)
	return slices.DeleteFunc(all, func(o desk.Outgoing) bool {
		kind, id, _ := desk.ReadCause(o.Cause)
		return kind != desk.CauseInterview || id != iv.ID || !o.Gone()
	}), err
}

// updated takes a newer version of an invitation. What the recruiter told stays where the new version is silent.
func (in *intake) updated(cur, next *desk.Interview) error {
	next.Version, next.Done, next.Weeks, next.Order, next.Confirmed = cur.Version, cur.Done, cur.Weeks, cur.Order, cur.Confirmed
	if next.Candidate == "" && cur.Candidate != "" { // settled by the recruiter
		next.Candidate, next.Status, next.Question, next.Choices = cur.Candidate, desk.InterviewStands, "", nil
	}
	if cur.Status == desk.InterviewAttended || cur.Status == desk.InterviewEnded {
		next.Status = cur.Status
	}
	if next.Client == "" {
		next.Client = cur.Client
	}
	next.Company = orElse(next.Company, cur.Company)
	for k, v := range cur.Facts {
		if next.Facts[k] == "" && !(k == "address" && next.Kind != desk.KindInPerson) {
			next.Facts[k] = v
		}
	}
	if next.Kind == desk.KindUnknown {
		next.Kind = cur.Kind
	}
	for _, w := range cur.Who {
		if !slices.ContainsFunc(next.Who, func(x desk.Interviewer) bool { return strings.EqualFold(x.Name, w.Name) }) && w.Email == "" {
			next.Who = append(next.Who, w)
		}
	}
	return changeInterview(in.tx, in.env, cur, next)
}

// changeInterview stores another version of an interview, and has its letters written anew: those that haven't left are taken
// back, for those that have a correction follows. Calls move by themselves (round.interviews).
func changeInterview(tx *store.Tx, env desk.Env, cur, next *desk.Interview) error {
	next.Modified = env.Now.UTC()
	next.Done = cloneMap(next.Done)
	moved := !cur.SameMeeting(next)
	if moved {
		next.Version = cur.Version + 1
	}
	all, err := tx.Letters(cur.Candidate)
	if err != nil {
		return err
	}
	anyGone := false
	for i := range all {
		o := &all[i]
		kind, id, step := desk.ReadCause(o.Cause)
		if kind != desk.CauseInterview || id != cur.ID {
			continue
		}
		switch {
		case o.Gone():
			anyGone = true
			if step == desk.StepGoodLuck && moved { // another day, another word
				delete(next.Done, step)
			}
			continue
		case !o.Waits():
			continue
		case o.State == desk.OutEdited:
			if moved {
				if err := tx.AddNews(desk.News{ID: fmt.Sprintf("edited-%s-%d", o.ID, next.Version), Time: env.Now, Kind: desk.NewsTrouble, Contact: o.Contact,
					Text: sayLetter(tx, o) + " is in Drafts as you have edited it, but the interview has changed: it is now " + sayInterview(env, next) + ". Change the draft, or delete it."}); err != nil {
					return err
				}
			}
			continue
		}
		delete(next.Done, step)
		if o.State == desk.OutHeld { // nothing was written yet
			if err := tx.DropOutgoing(o.ID); err != nil {
				return err
			}
			continue
		}
		if o.Withdraw("the interview has changed") {
			if err := tx.PutOutgoing(o); err != nil {
				return err
			}
		}
	}
	if anyGone && moved {
		next.Done[desk.StepCorrection] = 0
	}
	return tx.PutInterview(next)
}

func cloneMap(m map[string]int) map[string]int {
	out := map[string]int{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// cancellation takes an interview off, if the one who sends it may: the organizer, or somebody of the same company.
func (in *intake) cancellation(m *mailbox.Message, iv *desk.Interview, ev *calendar.Entry) error {
	if iv.Status == desk.InterviewCancelled || ev.Sequence < iv.Sequence {
		return nil
	}
	from, organizer := mailbox.Canonical(m.From.Addr), orElse(mailbox.Canonical(ev.Organizer.Email), iv.Organizer)
	same := func(a, b string) bool {
		return a == b || companyDomain(a) != "" && companyDomain(a) == companyDomain(b)
	}
	if !in.batch.Sent && (!same(organizer, iv.Organizer) || !same(from, iv.Organizer) && !mailbox.IsRobot(from)) {
		return in.tx.AddNews(desk.News{ID: "foreign-cancel-" + iv.ID, Time: m.Date, Kind: desk.NewsTrouble, Contact: iv.Candidate,
			Text: fmt.Sprintf("A cancellation of %s came from %s, who did not invite to it: it was not taken. If it is right, reply “cancel” to the interview's number.", sayInterview(in.env, iv), from)})
	}
	return cancelInterview(in.tx, in.env, iv, "the client cancelled it")
}

// cancelInterview takes back everything planned for an interview, and says what had gone out already.
func cancelInterview(tx *store.Tx, env desk.Env, iv *desk.Interview, why string) error {
	iv.Status, iv.Modified, iv.Question = desk.InterviewCancelled, env.Now.UTC(), ""
	iv.Version++
	if err := tx.PutInterview(iv); err != nil {
		return err
	}
	gone, err := goneLetters(tx, iv)
	if err != nil {
		return err
	}
	text := sayInterview(env, iv) + " is off: " + why + "."
	text = strings.ToUpper(text[:1]) + text[1:]
	kind := desk.NewsUnderstood
	if len(gone) > 0 {
		var what []string
		for _, o := range gone {
			what = append(what, "“"+shorten(o.Subject, 60)+"” ("+o.SentAt.In(env.Zone).Format("2 Jan")+")")
		}
		who := "the candidate"
		if c, err := tx.Contact(iv.Candidate); err == nil && c != nil {
			who = c.DisplayName()
		}
		kind, text = desk.NewsTrouble, text+" "+who+" has had "+strings.Join(what, ", ")+" already: please tell them."
	}
	return tx.AddNews(desk.News{ID: fmt.Sprintf("off-%s-%d", iv.ID, iv.Version), Time: env.Now, Kind: kind, Contact: iv.Candidate, Text: text})
}

// sayInterview names an interview in a sentence.
func sayInterview(env desk.Env, iv *desk.Interview) string {
	s := "the interview"
	if iv.Kind != desk.KindUnknown {
		s = "the " + string(iv.Kind) + " interview"
	}
	if iv.Company != "" {
		s += " with " + iv.Company
	}
	return s + " on " + iv.Start.In(env.Zone).Format("Mon 2 Jan, 15:04")
}

// interviews brings every interview on: who the candidate is, whether it took place, its calls, and the letters that are due.
func (rd *round) interviews() error {
	all, err := rd.tx.Interviews()
	if err != nil {
		return err
	}
	for i := range all {
		iv := &all[i]
		if iv.Status == desk.InterviewAsked {
			if err := rd.settle(iv); err != nil {
				return err
			}
		}
		if iv.Active() && rd.env.Now.Sub(iv.End) < oldInterview {
			if err := rd.interview(iv); err != nil {
				return err
			}
		}
	}
	return nil
}

// oldInterview is from when on nothing follows from an interview any more.
const oldInterview = 120 * 24 * time.Hour

// settle takes up an interview whose candidate is known by now: one of those on the invitation became one. A name in the title alone
// is not enough, that is the recruiter's to say.
func (rd *round) settle(iv *desk.Interview) error {
	if iv.Candidate != "" {
		return nil
	}
	var hit *desk.Contact
	for _, addr := range iv.People {
		c, err := rd.tx.ContactByEmail(addr)
		if err != nil {
			return err
		}
		if c == nil || !c.Has(desk.RoleCandidate) || clientSide(c) || hit != nil && hit.ID == c.ID {
			continue
		}
		if hit != nil {
			return nil
		}
		hit = c
	}
	if hit == nil {
		return nil
	}
	iv.Settle(hit)
	return rd.tx.PutInterview(iv)
}

func (rd *round) interview(iv *desk.Interview) error {
	c, err := rd.tx.Contact(iv.Candidate)
	if err != nil || c == nil {
		return err
	}
	ts, err := rd.tx.Touches(c)
	if err != nil {
		return err
	}
	if iv.Attend(rd.env, ts) {
		if err := rd.tx.PutInterview(iv); err != nil {
			return err
		}
	}
	for _, s := range iv.Plan(rd.env, rd.whens(c), desk.LastConversation(ts)) {
		if s.Letter == "" {
			err = rd.planCall(iv, c, s)
		} else {
			err = rd.planLetter(iv, c, s)
		}
		if err != nil {
			return err
		}
	}
	return rd.correction(iv, c)
}

// whens are the times that the desk's letters name.
func (rd *round) whens(c *desk.Contact) desk.Whens {
	rs := rd.r.current()
	out := desk.Whens{}
	lang := language(c, &rs)
	for _, n := range rs.letters.Names() {
		if t := rs.letters.Get(n, lang); t != nil && !t.When.IsZero() {
			out[n] = t.When
		}
	}
	return out
}

// planCall sets a call of the plan, or moves it to where the interview has moved.
func (rd *round) planCall(iv *desk.Interview, c *desk.Contact, s desk.PlanStep) error {
	if iv.Done[s.Key] == iv.Version {
		return nil
	}
	who := c
	if s.Client {
		var err error
		if who, err = rd.tx.Contact(iv.Client); err != nil || who == nil {
			return err
		}
	}
	cause := desk.CauseOf(desk.CauseInterview, iv.ID, s.Key)
	cur, err := rd.tx.Call(desk.CallUID(rd.env.Desk, who.ID, cause))
	if err != nil {
		return err
	}
	if cur == nil || cur.Open() {
		at := s.Due
		if s.Rule == desk.RulePrep {
			if at, err = rd.prepSlot(iv, cur, s); err != nil {
				return err
			}
		}
		if s.Rule != desk.RulePrep || at.Before(iv.Start) {
			if err := rd.planner.fixCall(cur, who, s.Rule, cause, rd.callReason(iv, c, s), at); err != nil {
				return err
			}
		}
	}
	return rd.done(iv, s.Key)
}

func (rd *round) callReason(iv *desk.Interview, c *desk.Contact, s desk.PlanStep) string {
	if s.Client {
		return c.DisplayName() + " had " + sayInterview(rd.env, iv)
	}
	return sayInterview(rd.env, iv)
}

// prepSlot is when the prep call is made: on its day, at lunch time where that is free, since most candidates are at work; at once
// where less time is left.
func (rd *round) prepSlot(iv *desk.Interview, cur *desk.Callback, s desk.PlanStep) (time.Time, error) {
	d, err := rd.planner.book()
	if err != nil {
		return time.Time{}, err
	}
	if cur.Open() {
		d.Release(cur)
		defer d.Take(cur)
	}
	day := desk.DateOf(s.Due.In(rd.env.Zone))
	zone := iv.Location(rd.env.Zone)
	lunch := day.At(12, 0, zone)
	if t := d.SlotFrom(rd.env, lunch); t.Before(day.At(14, 0, zone)) && t.Before(iv.Start) {
		return t, nil
	}
	if t := d.SlotFrom(rd.env, day.At(0, 0, rd.env.Zone)); t.Before(iv.Start) {
		return t, nil
	}
	if t := iv.Start.Add(-time.Hour); t.After(rd.env.Now) {
		return t, nil
	}
	return rd.env.Now, nil
}

func (rd *round) done(iv *desk.Interview, key string) error {
	if iv.Done == nil {
		iv.Done = map[string]int{}
	}
	iv.Done[key] = iv.Version
	return rd.tx.PutInterview(iv)
}

// planLetter writes a letter of the plan once its time has come. It is written a working day ahead, so that a missing fact can be
// asked for, and a draft be sent by hand in time.
func (rd *round) planLetter(iv *desk.Interview, c *desk.Contact, s desk.PlanStep) error {
	if _, made := iv.Done[s.Key]; made {
		return nil
	}
	if s.NotAfter.Equal(s.Due) { // to be passed over
		if rd.env.Now.Before(s.Due) {
			return nil
		}
		return rd.letterDone(iv, s.Key)
	}
	ahead := s.Due
	if s.Key != desk.StepConfirmation {
		day := rd.env.AddWorkdays(desk.DateOf(s.Due.In(rd.env.Zone)), -rd.r.current().cfg.Letters.Lead)
		ahead = day.At(0, 0, rd.env.Zone)
	}
	if rd.env.Now.Before(ahead) {
		return nil
	}
	if s.NotAfter.IsZero() || rd.env.Now.Before(s.NotAfter) {
		due := s.Due
		if due.Before(rd.env.Now) {
			due = rd.env.Now
		}
		if _, err := rd.w.write(letterRequest{name: s.Letter, contact: c, cause: desk.CauseOf(desk.CauseInterview, iv.ID, s.Key), due: due, notAfter: s.NotAfter, interview: iv}); err != nil {
			return err
		}
	}
	return rd.letterDone(iv, s.Key)
}

func (rd *round) letterDone(iv *desk.Interview, key string) error {
	if desk.StepOf(key) == desk.StepNoNews {
		iv.Weeks++
	}
	return rd.done(iv, key)
}

// correction tells the candidate of a change, where something had gone out before it.
func (rd *round) correction(iv *desk.Interview, c *desk.Contact) error {
	if v, due := iv.Done[desk.StepCorrection]; !due || v == iv.Version || iv.Status != desk.InterviewStands || !rd.env.Now.Before(iv.Start) {
		return nil
	}
	key := fmt.Sprintf("%s-%d", desk.StepCorrection, iv.Version)
	_, err := rd.w.write(letterRequest{name: "correction", contact: c, cause: desk.CauseOf(desk.CauseInterview, iv.ID, key), due: rd.env.Now, notAfter: iv.Start, interview: iv})
	if err != nil {
		return err
	}
	return rd.done(iv, desk.StepCorrection)
}
