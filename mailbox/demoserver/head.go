package demoserver

import (
	"mime"
	"strings"
	"time"
)

// Head is the header of a made-up mail.
type Head struct {
	From, To, Cc, Subject, ID string
	Date                      time.Time
	Extra                     []string // whole lines
}

// Mail is a plain text message with the header.
func (h Head) Mail(body string) []byte {
	h.Extra = append(h.Extra, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8")
	return h.raw(body)
}

func (h Head) raw(body string) []byte {
	var b strings.Builder
	line := func(name, v string) {
		if v != "" {
			b.WriteString(name + ": " + v + "\r\n")
		}
	}
	line("From", h.From)
	line("To", h.To)
	line("Cc", h.Cc)
	line("Subject", mime.QEncoding.Encode("utf-8", h.Subject))
	line("Date", h.Date.Format(time.RFC1123Z))
	if h.ID != "" {
		line("Message-ID", "<"+h.ID+">")
	}
	for _, e := range h.Extra {
		b.WriteString(e + "\r\n")
	}
	b.WriteString("\r\n" + body)
	return []byte(b.String())
}
