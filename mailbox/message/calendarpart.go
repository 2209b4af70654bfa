package message

import (
	"bytes"
	"strings"
)

// CalendarParts are the contents of the message's iCalendar parts, and the method that their
// Content-Type tells, "" if none does. A part counts by its type or its file's name.
func (p *Part) CalendarParts() (data [][]byte, method string) {
	p.Walk(func(c *Part) {
		if !c.IsCalendar() || len(data) >= 20 {
			return
		}
		if b := c.Content(); len(b) > 0 && !containsPart(data, b) {
			data = append(data, b)
		}
		if m := strings.Trim(c.Params["method"], ` "';`); m != "" && method == "" {
			method = strings.ToUpper(m)
		}
	})
	return data, method
}

// IsCalendar reports whether the part holds a calendar.
func (p *Part) IsCalendar() bool {
	return strings.HasPrefix(p.Type, "text/calendar") || strings.HasPrefix(p.Type, "application/ics") || strings.HasPrefix(p.Type, "text/x-vcalendar") ||
		strings.HasSuffix(strings.ToLower(p.Name), ".ics") || strings.HasSuffix(strings.ToLower(p.Name), ".vcs")
}

func containsPart(all [][]byte, b []byte) bool {
	for _, x := range all {
		if bytes.Equal(bytes.TrimSpace(x), bytes.TrimSpace(b)) {
			return true
		}
	}
	return false
}

// MaxInvitationWords is how much a mail may say beside an attached calendar file and still be
// taken for a program's: more is a person's letter with a file.
const MaxInvitationWords = 25
