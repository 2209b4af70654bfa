package message

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
	"time"
)

// ParseWhole understands a complete message as the intake does, for one that is about to be sent.
func ParseWhole(data []byte) *Message {
	p := ParsePart(data)
	m := ReadHeader(p.Header, time.Time{}, int64(len(data)))
	m.Body = p
	return m
}

// IMAPUID is a message's number in a folder (RFC 9051, 2.3.1.1).
type IMAPUID uint32

// Message is what is read of a message: its header fields, understood.
type Message struct {
	Folder       string
	UID          IMAPUID
	InternalDate time.Time
	Size         int64
	Draft        bool // flagged \Draft

	Header    Header
	From      Address
	Sender    Address
	ReplyTo   []Address
	To        []Address // To, Cc and Bcc
	Subject   string
	Date      time.Time // the Date field, or else when the server received it
	MessageID string    // without angle brackets, as written
	InReplyTo []string
	Refs      []string
	Identity  string // the same for one message in all folders and accounts
	Thread    string // the Message-ID of the thread's first message, as far as the header tells

	Class Class
	Why   []string // the evidence for Class
	Body  *Part    // the message itself, nil unless its text was asked for
}

// ReadHeader understands a header. received is the server's INTERNALDATE, or zero; size the
// message's size, or 0.
func ReadHeader(h Header, received time.Time, size int64) *Message {
	m := &Message{Header: h, InternalDate: received, Size: size}
	m.From = FirstAddress(h, "From", "Sender", "Resent-From", "Return-Path", "X-Sender")
	m.Sender = FirstAddress(h, "Sender")
	for _, v := range h.All("Reply-To") {
		m.ReplyTo = append(m.ReplyTo, ParseAddresses(v)...)
	}
	for _, name := range []string{"To", "Cc", "Bcc"} {
		for _, v := range h.All(name) {
			m.To = append(m.To, ParseAddresses(v)...)
		}
	}
	m.Subject = withoutExternalMark(DecodeWords(h.Get("Subject")))
	sent, dated := ParseDate(h.Get("Date"))
	m.Date = messageDate(sent, dated, received)
	m.MessageID = FirstID(h.Get("Message-ID"))
	m.InReplyTo = IDs(h.Get("In-Reply-To"))
	m.Refs = IDs(strings.Join(h.All("References"), " "))
	m.Identity = m.identity(sent, dated)
	m.Thread = m.thread()
	return m
}

// FirstAddress is the first address in the first of the fields that has one.
func FirstAddress(h Header, names ...string) Address {
	for _, n := range names {
		for _, v := range h.All(n) {
			if as := ParseAddresses(v); len(as) > 0 {
				return as[0]
			}
		}
	}
	return Address{}
}

// maxDateAhead is how far a Date field may lie past the server's clock before it is not believed.
const maxDateAhead = 48 * time.Hour

// messageDate is the Date field; where it is missing, broken or in the future, the time of receipt.
func messageDate(t time.Time, ok bool, received time.Time) time.Time {
	if !ok || t.Year() < 1980 || !received.IsZero() && t.After(received.Add(maxDateAhead)) {
		return received.UTC()
	}
	return t.UTC()
}

// IDs reads the identifiers of In-Reply-To or References leniently.
func IDs(s string) []string {
	var out []string
	for len(s) > 0 && len(out) < 500 {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		j := strings.IndexByte(s[i:], '>')
		if j < 0 {
			break
		}
		if id := CleanID(s[i+1 : i+j]); id != "" {
			out = append(out, id)
		}
		s = s[i+j+1:]
	}
	if len(out) == 0 {
		for _, w := range strings.Fields(s) { // bare identifiers
			if strings.Contains(w, "@") && !strings.ContainsAny(w, `"()`) {
				out = append(out, CleanID(w))
			}
		}
	}
	return out
}

// FirstID is a Message-ID without brackets; a doubled or bare one is read, too.
func FirstID(s string) string {
	if ids := IDs(s); len(ids) > 0 {
		return ids[0]
	}
	return CleanID(s)
}

// CleanID is a Message-ID without brackets and blanks.
func CleanID(s string) string {
	s = strings.Trim(strings.TrimSpace(s), "<>")
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if len(s) > 998 {
		s = s[:998]
	}
	return s
}

// identity is made of Message-ID, From and Date, so that a repeated or forged Message-ID
// hides nothing; without an ID, of the whole header in canonical form and the size.
func (m *Message) identity(sent time.Time, dated bool) string {
	sum := sha256.New()
	if m.MessageID != "" {
		b := append([]byte("id\x00"), m.MessageID...)
		b = append(append(b, 0), Canonical(m.From.Addr)...)
		b = append(b, 0)
		if dated {
			b = sent.UTC().AppendFormat(b, time.RFC3339)
		} else {
			b = append(b, m.Header.Get("Date")...)
		}
		sum.Write(b)
	} else {
		var lines []string
		for _, f := range m.Header {
			lines = append(lines, strings.ToLower(f.Name)+":"+strings.Join(strings.Fields(f.Value), " "))
		}
		sort.Strings(lines)
		fmt.Fprintf(sum, "header\x00%d\x00%s", m.Size, strings.Join(lines, "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// thread is the first identifier known of the thread. It depends on this header alone, so
// that the order in which folders are read changes nothing.
func (m *Message) thread() string {
	switch {
	case len(m.Refs) > 0:
		return m.Refs[0]
	case len(m.InReplyTo) > 0:
		return m.InReplyTo[0]
	}
	if id := threadIndex(m.Header.Get("Thread-Index")); id != "" {
		return id
	}
	if m.MessageID != "" {
		return m.MessageID
	}
	return m.Identity
}

// threadIndex is the thread that an answer's Thread-Index names, "" for none or for a first
// message: its first 22 bytes are the conversation's, 5 more follow for each answer
// (MS-OXOMSG, 2.2.1.3).
func threadIndex(v string) string {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(v))
	if err != nil || len(b) <= 22 {
		return ""
	}
	return "thread-index-" + hex.EncodeToString(b[6:22])
}

// BaseSubject is TrimSubject in lower case, for telling threads whose header was stripped.
func BaseSubject(s string) string { return strings.ToLower(TrimSubject(s)) }

// TrimSubject is the subject without the marks of answers and forwards, blanks folded.
func TrimSubject(s string) string {
	for {
		s = strings.TrimSpace(s)
		if loc := TagRE.FindStringIndex(s); loc != nil {
			s = s[loc[1]:]
			continue
		}
		loc := ReplyMarkRE.FindStringIndex(s)
		if loc == nil || loc[0] != 0 {
			return strings.Join(strings.Fields(s), " ")
		}
		s = s[loc[1]:]
	}
}

// Answers reports whether the subject says that the message answers another.
func (m *Message) Answers() bool { return AnswerSubject(m.Subject) }

// AnswerSubject reports whether a subject says that its message answers another; tags of lists and filters before it don't count.
func AnswerSubject(s string) bool {
	s = strings.TrimSpace(s)
	for loc := TagRE.FindStringIndex(s); loc != nil && loc[1] > 0; loc = TagRE.FindStringIndex(s) {
		s = s[loc[1]:]
	}
	loc := ReplyMarkRE.FindStringIndex(s)
	return loc != nil && loc[0] == 0
}

// HeaderFields are the fields that are asked of the server, and all that is kept in memory of
// a message. Servers repeat the whole list for each message and the client parses it again
// each time, so a field has to be worth it.
var HeaderFields = []string{
	"From", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"Auto-Submitted", "Precedence", "Content-Type", "List-Id", "List-Unsubscribe",
}
