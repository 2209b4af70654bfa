package letter

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"fifthcall/daemon/desk"
)

// Head is the header of an outgoing mail.
type Head struct {
	ID        string // Message-ID without angle brackets
	FromName  string
	From      string
	To        []string
	ToName    string // of the only recipient; "" for none
	Subject   string
	Date      time.Time
	InReplyTo string   // without angle brackets; "" for none
	Refs      []string // likewise
	Kind      string   // of a robot's mail: morning, echo; "" for a letter that a person signs

	Letter      string // of a letter: what its own header holds, so that it is known again when the recruiter sends it
	Unsubscribe string // address of a mailto link that ends further letters; "" for none
	Files       []Attachment

	Calendar []byte // an iCalendar object that goes along as a message between calendars (RFC 6047)
	Method   string // and its METHOD
}

// LetterHeader marks letters, so that they are known again; unlike OwnHeader it makes them no robot's mail.
const LetterHeader = "X-Fifthcall-Letter"

// OwnHeader marks the mails that Fifthcall writes; its value is their kind.
const OwnHeader = "X-Fifthcall"

// Compose makes the mail's bytes: plain text, with HTML of the same content beside it unless
// html is empty. A robot's mail says so (RFC 3834, 5), so that no program answers it.
func Compose(h Head, text, html string) ([]byte, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	from := netmail.Address{Name: displayName(h.FromName), Address: h.From}
	if err := m.From(from.String()); err != nil {
		return nil, fmt.Errorf("sender %q: %w", h.From, err)
	}
	if err := addressTo(m, &h); err != nil {
		return nil, fmt.Errorf("recipients %q: %w", h.To, err)
	}
	m.Subject(desk.Tidy(h.Subject))
	m.SetDateWithValue(h.Date)
	m.SetMessageIDWithValue(desk.Tidy(h.ID))
	if h.InReplyTo != "" {
		m.SetGenHeader(mail.HeaderInReplyTo, "<"+desk.Tidy(h.InReplyTo)+">")
	}
	if len(h.Refs) > 0 {
		m.SetGenHeaderPreformatted(mail.HeaderReferences, foldRefs(h.Refs))
	}
	if h.Kind != "" {
		m.SetGenHeader(mail.Header("Auto-Submitted"), "auto-generated")
		m.SetGenHeader(mail.Header(OwnHeader), h.Kind)
	}
	if h.Letter != "" {
		m.SetGenHeader(mail.Header(LetterHeader), desk.Tidy(h.Letter))
	}
	if h.Unsubscribe != "" {
		m.SetGenHeaderPreformatted(mail.HeaderListUnsubscribe, "<"+strings.Join(strings.Fields(desk.Tidy(h.Unsubscribe)), "")+">")
	}
	for _, f := range h.Files {
		if err := m.AttachReader(displayName(f.Name), bytes.NewReader(f.Data)); err != nil {
			return nil, fmt.Errorf("attach %s: %w", f.Name, err)
		}
	}
	m.SetBodyString(mail.TypeTextPlain, text)
	if html != "" {
		m.AddAlternativeString(mail.TypeTextHTML, html)
	}
	if len(h.Calendar) > 0 {
		m.AddAlternativeString(mail.ContentType("text/calendar; method="+h.Method), string(h.Calendar), mail.WithPartEncoding(mail.EncodingB64))
	}
	var buf bytes.Buffer
	if _, err := m.WriteTo(&buf); err != nil {
		return nil, fmt.Errorf("compose %q: %w", h.Subject, err)
	}
	return buf.Bytes(), nil
}

// displayName is a name as a header can carry it. A backslash has no place in one, and the library writes it into encoded words as it
// is, which nobody can read then (RFC 2047, 5.3).
func displayName(s string) string { return desk.Tidy(strings.ReplaceAll(s, `\`, " ")) }

func addressTo(m *mail.Msg, h *Head) error {
	if len(h.To) == 1 && h.ToName != "" {
		to := netmail.Address{Name: displayName(h.ToName), Address: h.To[0]}
		return m.To(to.String()) // it quotes whatever a name may hold
	}
	return m.To(h.To...)
}

// foldRefs writes one identifier a line, and keeps the first and the last ones of a long thread.
func foldRefs(refs []string) string {
	if n := len(refs); n > 20 {
		refs = append([]string{refs[0]}, refs[n-19:]...)
	}
	var out []string
	for _, r := range refs {
		out = append(out, "<"+strings.Join(strings.Fields(desk.Tidy(r)), "")+">")
	}
	return strings.Join(out, "\r\n ")
}
