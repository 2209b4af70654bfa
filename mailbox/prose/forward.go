package prose

import (
	"strings"
	"time"

	"fifthcall/mailbox/message"
)

// ForwardedMail is what a forward tells of the mail that it hands on.
type ForwardedMail struct {
	From    message.Address
	To      []message.Address
	Subject string
	Date    time.Time // zero if it isn't told or not understood
	ID      string    // Message-ID, where the whole mail is attached
}

// Forwarded are the mails that a forward hands on: attached ones, or else the newest one
// whose header block stands in the text, as Outlook, Gmail and Apple Mail write it in many
// languages.
func Forwarded(m *message.Message) []ForwardedMail {
	if m.Body == nil {
		return nil
	}
	var out []ForwardedMail
	m.Body.Walk(func(p *message.Part) {
		if p.Type == "message/rfc822" && len(p.Parts) > 0 && len(out) < 50 {
			in := message.ReadHeader(p.Parts[0].Header, time.Time{}, 0)
			out = append(out, ForwardedMail{From: in.From, To: in.To, Subject: in.Subject, Date: in.Date, ID: in.MessageID})
		}
	})
	if len(out) > 0 {
		return out
	}
	text, _ := m.Body.Readable()
	if f, ok := inlineForward(text); ok {
		return []ForwardedMail{f}
	}
	return nil
}

// inlineForward reads the first header block in a text.
func inlineForward(text string) (f ForwardedMail, ok bool) {
	lines := strings.Split(ends(text), "\n")
	r := &replyCutter{lines: lines, cut: make([]bool, len(lines)), end: len(lines)}
	for i := range lines {
		if len(lines[i]) > maxPatternLine || !r.headerBlock(i) {
			continue
		}
		last := ""
		for j := i; j < min(i+14, len(lines)); j++ {
			l := strings.Trim(lines[j], " \t\u00a0>*")
			kind := headerLabel(lines[j])
			value := ""
			if k := strings.IndexAny(l, ":："); k >= 0 && kind != "" {
				value = strings.Trim(strings.TrimLeft(l[k:], ":：* \u00a0"), "* \t\u00a0\u200e\u200f")
			} else if l != "" && last != "" {
				kind, value = last, l // folded
			} else if l == "" && f.From.Addr != "" && f.Subject != "" {
				break
			}
			f.take(kind, value)
			last = kind
		}
		return f, f.From.Addr != ""
	}
	return f, false
}

var mailtoRE = lazy(`[\[<(]mailto:([^\]>)]+)[\]>)]`)

func (f *ForwardedMail) take(kind, value string) {
	value = mailtoRE().ReplaceAllString(value, "<$1>")
	switch kind {
	case "from":
		if f.From.Addr == "" {
			for _, a := range message.ParseAddresses(value) {
				if strings.Contains(a.Addr, "@") {
					f.From = a
					break
				}
			}
		}
	case "to", "cc":
		for _, a := range message.ParseAddresses(value) {
			if strings.Contains(a.Addr, "@") {
				f.To = append(f.To, a)
			}
		}
	case "subject":
		if f.Subject == "" {
			f.Subject = value
		}
	case "sent":
		if t, ok := message.ParseDate(value); ok {
			f.Date = t.UTC()
		}
	}
}

// ListMail reports whether a mailing list carried the message, and by what sign.
func ListMail(m *message.Message) (why string, ok bool) {
	why = listEvidence(m.Header)
	return why, why != ""
}
