package daemon

import (
	"fmt"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
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

	Bounce []mailbox.Failed `json:"bounce,omitempty"`
}

// maxMessage is the largest message that is looked at as a whole.
const maxMessage = 64 << 20

// Explain understands one message. cfg may be nil: then nobody's address is the reader's
// own, and whether the sender is a contact is left open.
func Explain(cfg *Config, deskName, file string, data []byte) (e Explained) {
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
	own, circle := explainer(cfg, deskName)
	part := mailbox.ParsePart(data)
	m := mailbox.ReadHeader(part.Header, time.Time{}, int64(len(data)))
	m.Class, m.Why = mailbox.Classify(m, part, own)
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
	switch from {
	case "plain":
		e.ReplyText = mailbox.ReplyText(e.Text)
	case "html":
		e.ReplyText = mailbox.HTMLReplyText(part.HTML().Text())
	case "encrypted", "winmail.dat":
		m.Why = append(m.Why, "its text can't be read: "+from)
	}
	if m.Class == mailbox.ClassBounce {
		b, _ := mailbox.ReadBounce(part)
		e.Bounce = b.Failed
	}
	mentions, why := circle.Read(mailOf(m))
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

// explainer is what a desk knows of its own people; with nil nothing.
func explainer(cfg *Config, deskName string) (own func(string) bool, circle *desk.Circle) {
	if cfg == nil {
		return func(string) bool { return false }, desk.NewCircle(nil, nil, nil)
	}
	d := &cfg.Desks[0]
	for i := range cfg.Desks {
		if strings.EqualFold(cfg.Desks[i].Name, deskName) {
			d = &cfg.Desks[i]
		}
	}
	circle = d.circle()
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
func ParseReply(text string, g desk.Grammar) []ParsedCommand {
	out := []ParsedCommand{}
	for _, c := range desk.ParseCommands(mailbox.ReplyText(text), g) {
		out = append(out, ParsedCommand{c.Ref, c.Verb, c.Next.String(), c.Note, c.Error})
	}
	return out
}
