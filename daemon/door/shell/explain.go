package shell

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// Explained says how a message is understood, and what would be logged of it.
type Explained struct {
	File      string   `json:"file"`
	Class     string   `json:"class"`
	From      string   `json:"from"`
	To        []string `json:"to"`
	Date      string   `json:"date"`
	Subject   string   `json:"subject"`
	MessageID string   `json:"message_id"`
	Thread    string   `json:"thread"`
	Text      string   `json:"text"`
	ReplyText string   `json:"reply_text"`
	Logged    bool     `json:"logged"`
	Why       string   `json:"why"`
	Error     string   `json:"error"`

	Bounce     []prose.Failed       `json:"bounce,omitempty"`
	AutoReply  *ExplainedAutoReply  `json:"auto_reply,omitempty"`
	Invitation *ExplainedInvitation `json:"invitation,omitempty"`
	Commands   []ParsedCommand      `json:"commands,omitempty"`
	Events     *[]ExplainedEvent    `json:"events,omitempty"` // of a calendar file, which is no message
}

// ExplainedAutoReply is what an auto-reply says.
type ExplainedAutoReply struct {
	Kind      string           `json:"kind"`
	Date      string           `json:"date"`
	Sense     string           `json:"sense"`
	Back      string           `json:"back"`
	Successor *ExplainedPerson `json:"successor,omitempty"`
}

// ExplainedPerson is somebody with an address.
type ExplainedPerson struct {
	Email  string `json:"email"`
	Name   string `json:"name"`
	Status string `json:"partstat,omitempty"`
}

// ExplainedEvent is an event of a calendar.
type ExplainedEvent struct {
	UID       string            `json:"uid"`
	Start     string            `json:"start"`
	End       string            `json:"end"`
	Zone      string            `json:"zone"`
	Summary   string            `json:"summary"`
	Status    string            `json:"status"`
	Sequence  int               `json:"sequence"`
	Organizer string            `json:"organizer"`
	Attendees []ExplainedPerson `json:"attendees"`
}

// ExplainedInvitation is what a calendar mail says.
type ExplainedInvitation struct {
	Kind   string `json:"kind"`
	Method string `json:"method"`
	ExplainedEvent
	Location   string           `json:"location"`
	Conference string           `json:"conference"`
	Phone      string           `json:"phone"`
	Candidate  string           `json:"candidate"` // who is being interviewed, and how sure that is
	Others     []ExplainedEvent `json:"others,omitempty"`
}

// maxMessage is the largest message that is looked at as a whole.
const maxMessage = 64 << 20

// Explain understands one message. cfg may be nil: then nobody's address is the reader's
// own, and whether the sender is a contact is left open.
func Explain(cfg *config.Config, deskName, file string, data []byte) (e Explained) {
	e = Explained{File: file, To: []string{}}
	defer func() { // a hostile file must not end the command for all others
		if p := recover(); p != nil {
			e.Error = fmt.Sprintf("this message can't be understood (%v); nothing would be logged of it", p)
		}
	}()
	if len(data) > maxMessage {
		data = data[:maxMessage]
		e.Error = "the message is over 64 MB; only its beginning was looked at"
	}
	if isCalendarFile(file, data) {
		events := []ExplainedEvent{}
		for _, ev := range calendar.Decode(data).Events {
			events = append(events, explainEvent(&ev))
		}
		return Explained{File: file, Events: &events, Error: e.Error}
	}
	own, circle := explainer(cfg, deskName)
	part := message.ParsePart(data)
	m := message.ReadHeader(part.Header, time.Time{}, int64(len(data)))
	m.Class, m.Why = prose.Classify(m, part, own)
	e.Class, e.Subject, e.MessageID, e.Thread = string(m.Class), m.Subject, m.MessageID, m.Thread
	e.From = strings.ToLower(m.From.Addr)
	for _, a := range m.To {
		e.To = append(e.To, strings.ToLower(a.Addr))
	}
	if !m.Date.IsZero() {
		e.Date = m.Date.Format(time.RFC3339)
	}
	var from string
	e.Text, from = part.Readable()
	e.ReplyText = prose.OwnWords(m, part)
	switch from {
	case "encrypted", "winmail.dat":
		m.Why = append(m.Why, "its text can't be read: "+from)
	}
	if m.Class == message.ClassBounce {
		b, _ := prose.ReadBounce(part)
		e.Bounce = b.All()
	} else if prose.FromMailSystem(m) { // a delay: told, but no bounce
		b, _ := prose.ReadBounce(part)
		e.Bounce = b.Delayed
	}
	if m.Class == message.ClassAutoReply {
		e.AutoReply = explainAutoReply(prose.ReadAutoReply(m, e.Text))
	}
	if calendars, method := part.CalendarParts(); len(calendars) > 0 {
		if inv, ok := calendar.ReadInvitation(calendars, method, m.Subject); ok {
			e.Invitation = explainInvitation(&inv, circle)
		}
	}
	if cfg != nil && commandLike(cfg.Desk(deskName), m, own) {
		g := words.Grammar{Now: m.Date, Zone: cfg.Desk(deskName).Zone(), MonthFirst: cfg.Desk(deskName).MonthFirst, Languages: cfg.Desk(deskName).Languages}
		for _, c := range words.ParseCommands(e.ReplyText, g) {
			e.Commands = append(e.Commands, ParsedCommand{c.Ref, c.Verb, c.Next.String(), c.Note, c.Error})
		}
		m.Why = append(m.Why, "it would be read as commands if it lay in the folder of sent mail, or your server vouched for it")
	}
	mentions, why := circle.Read(people.MailOf(m))
	e.Logged = len(mentions) > 0
	switch {
	case !e.Logged:
	case mentions[0].Direction == desk.In:
		why = "a reply from " + mentions[0].Person.Addr + ", if you have written to them before or named them"
	default:
		why = fmt.Sprintf("a touch for each of %d people you wrote to", len(mentions))
	}
	e.Why = strings.Join(append(m.Why, why), "; ")
	return e
}

// commandLike reports whether a mail is of the kind that is read as commands: from the desk
// itself, and an answer to a mail of Fifthcall's or addressed to nobody but itself.
func commandLike(d *config.DeskConfig, m *message.Message, own func(string) bool) bool {
	if m.Class == message.ClassOwn || !own(message.Canonical(m.From.Addr)) || m.Date.IsZero() {
		return false
	}
	for _, id := range append(slices.Clone(m.InReplyTo), m.Refs...) {
		if strings.HasPrefix(id, message.OwnIDPrefix) {
			return true
		}
	}
	for _, a := range m.To {
		if !own(message.Canonical(a.Addr)) && !strings.EqualFold(a.Addr, d.LogAddress) {
			return false
		}
	}
	return len(m.To) > 0
}

// ExplainMessage understands a message in the desk's mailbox.
func ExplainMessage(ctx context.Context, cfg *config.Config, deskName, id string) (Explained, error) {
	d := cfg.Desk(deskName)
	acct, err := d.IMAP.Account()
	if err != nil {
		return Explained{}, err
	}
	w := &mailbox.Watcher{Account: acct, SentFolder: d.Folders.Sent, Folders: d.Folders.Read}
	data, folder, err := w.FindMessage(ctx, id)
	if err != nil {
		return Explained{}, fmt.Errorf("look for the message: %w", err)
	}
	if data == nil {
		return Explained{}, desk.NotFound("no folder of %s has a message with the ID %s; copy it from the program's view of all headers", d.Email, id)
	}
	return Explain(cfg, deskName, folder, data), nil
}

// isCalendarFile tells a calendar from a message by its name and beginning.
func isCalendarFile(file string, data []byte) bool {
	name := strings.ToLower(file)
	if strings.HasSuffix(name, ".ics") || strings.HasSuffix(name, ".vcs") {
		return true
	}
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \r\n"), []byte("BEGIN:VCALENDAR")) && !strings.HasSuffix(name, ".eml")
}

func explainEvent(ev *calendar.Entry) ExplainedEvent {
	out := ExplainedEvent{
		UID: ev.UID, Start: ev.Start.String(), End: ev.End.String(), Zone: ev.Start.Zone, Summary: ev.Summary, Status: ev.Status,
		Sequence: ev.Sequence, Organizer: ev.Organizer.Email, Attendees: []ExplainedPerson{},
	}
	for _, a := range ev.Attendees {
		out.Attendees = append(out.Attendees, ExplainedPerson{a.Email, a.Name, a.Status})
	}
	return out
}

func explainInvitation(inv *calendar.Invitation, circle *desk.Circle) *ExplainedInvitation {
	out := &ExplainedInvitation{
		Kind: inv.Kind, Method: inv.Method, ExplainedEvent: explainEvent(&inv.Event),
		Location: inv.Event.Location, Conference: inv.Conference, Phone: inv.Phone,
	}
	who := circle.Interviewee(interviews.MeetingOf(&inv.Event), func(string) bool { return false })
	out.Candidate = who.Describe()
	for i := range inv.Others {
		out.Others = append(out.Others, explainEvent(&inv.Others[i]))
	}
	return out
}

// explainAutoReply shows an auto-reply; the day back is the first from Monday to Friday.
func explainAutoReply(a prose.AutoReply) *ExplainedAutoReply {
	out := &ExplainedAutoReply{Kind: a.Kind, Sense: a.Sense}
	if !a.Date.IsZero() {
		out.Date = a.Date.Format(time.DateOnly)
		out.Back = a.Back(calendar.OfficeHours(time.UTC).Workday).Format(time.DateOnly)
	}
	if a.Successor.Addr != "" {
		out.Successor = &ExplainedPerson{Email: strings.ToLower(a.Successor.Addr), Name: a.Successor.Name}
	}
	return out
}

// explainer is what a desk knows of its own people; with nil nothing.
func explainer(cfg *config.Config, deskName string) (own func(string) bool, circle *desk.Circle) {
	if cfg == nil {
		return func(string) bool { return false }, desk.NewCircle(nil, nil, nil)
	}
	circle = cfg.Desk(deskName).Circle()
	return circle.Own, circle
}

// ParsedCommand is one command as 'parse' shows it.
type ParsedCommand struct {
	Ref   string `json:"ref"`
	Verb  string `json:"verb"`
	Next  string `json:"next"`
	Note  string `json:"note"`
	Error string `json:"error"`
}

// ParseReply says how a reply is understood; quotes and signature are cut first.
func ParseReply(text string, g words.Grammar) []ParsedCommand {
	out := []ParsedCommand{}
	says := command.SaysCommand(g)
	answers, cut := prose.Answers(text, says)
	for _, c := range command.ReadAnswers(answers, nil, g) {
		out = append(out, ParsedCommand{c.Ref, c.Verb, c.Next.String(), c.Note, c.Error})
	}
	for _, line := range cut {
		if says(line) {
			out = append(out, ParsedCommand{Verb: words.VerbUnknown, Note: line, Error: "this looks like part of your signature and was not read; if you meant it, send it again without the lines around it"})
		}
	}
	return out
}
