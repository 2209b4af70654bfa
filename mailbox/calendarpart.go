package mailbox

import (
	"bytes"
	"strings"
)

// CalendarParts are the contents of the message's iCalendar parts, and the method that their
// Content-Type tells, "" if none does. A part counts by its type or its file's name.
func (p *Part) CalendarParts() (data [][]byte, method string) {
	p.Walk(func(c *Part) {
		if !c.isCalendar() || len(data) >= 20 {
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

func (p *Part) isCalendar() bool {
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

// maxInvitationWords is how much a mail may say beside an attached calendar file and still be
// taken for a program's: more is a person's letter with a file.
const maxInvitationWords = 25

// invitationEvidence tells a calendar program's mail from a letter with a calendar file attached.
func invitationEvidence(p *Part) string {
	inline := p.Find(func(c *Part) bool { return c.isCalendar() && c.Params["method"] != "" })
	switch {
	case inline != nil && !strings.EqualFold(strings.Trim(inline.Params["method"], `"' ;`), "PUBLISH"):
		return "a calendar object with the method " + strings.ToUpper(inline.Params["method"])
	case strings.HasPrefix(p.Type, "text/calendar"):
		return "the whole mail is a calendar object"
	}
	data, _ := p.CalendarParts()
	for _, b := range data {
		b = bytes.ToUpper(b[:min(len(b), 4096)])
		if bytes.Contains(b, []byte("METHOD:REQUEST")) || bytes.Contains(b, []byte("METHOD:CANCEL")) || bytes.Contains(b, []byte("METHOD:REPLY")) || bytes.Contains(b, []byte("METHOD:COUNTER")) {
			if text, _ := p.Readable(); len(strings.Fields(ReplyText(text))) <= maxInvitationWords {
				return "an attached calendar file asks for an answer"
			}
		}
	}
	return ""
}
