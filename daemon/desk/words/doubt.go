package words

import (
	"slices"
	"strings"

	"fifthcall/daemon/desk"
)

// doubt says why an outcome's words don't mean what they mean alone, "" if they do: "no" says that
// somebody isn't interested, "no message left" doesn't. A wrong log is worse than a question.
func (p *parser) doubt(verb string, phrase, rest []token) string {
	if len(rest) > 0 && onlyQuestion(rest) && verb != VerbHelp {
		return "is that a question? Say what happened, without the question mark"
	}
	said := norms(phrase)
	next := ""
	if len(rest) > 0 && !rest[0].punct {
		next = rest[0].norm
	}
	switch {
	case verb == VerbDoNotContact && slices.Contains(banWords, said) && !p.bans(rest):
		return "never again, or not just now? Say do not contact, or a date"
	case verb == "not-interested" && slices.Contains(bareNo, said):
		if !slices.Contains(noDemand, next) && !p.standsAlone(rest) || p.touchBehind(rest) {
			return "not interested, or something else? Say not interested, na, or what happened"
		}
	case said == "no need" && next != "":
		return "no need of what? Say done, cancel or not interested"
	case slices.Contains([]string{"spoke", "met"}, verb) && slices.ContainsFunc(head(rest, 3), isMachine):
		return "the voicemail, or the person? Say vm or spoke"
	case slices.Contains(halfSaid, said) && (next == "to" || slices.ContainsFunc(head(rest, 3), isOneStep)) && !(said == "accepted" && norms(head(rest, 3)) != "" && strings.HasSuffix(norms(head(rest, 3)), "offer")):
		return said + " what? Say not interested, placed, not taken or withdrew"
	case slices.Contains([]string{"offer", "interview", "met", "placed"}, verb) && slices.ContainsFunc(head(rest, 3), isCalledOff):
		return "so it came to nothing? Say not taken, withdrew, no-show, or a new date"
	case said == "moved on" && next == "to":
		return "left the company, or went on to the next stage?"
	case said == "quit" && next != "" && !slices.Contains([]string{"her", "his", "their", "the", "on", "at"}, next):
		return "quit what?"
	case strings.HasPrefix(said, "saw") && slices.ContainsFunc(head(rest, 3), isPaper):
		return "met in person? Say met"
	case said == "wrote" && slices.Contains([]string{"off", "down", "up"}, next):
		return "emailed, or something else?"
	case verb == "no-answer" && len(phrase) == 1 && strings.ContainsAny(p.src[phrase[0].start:phrase[0].end], "'’"):
		return whyNoVerb // French "n'a"
	}
	return ""
}

var (
	bareNo   = []string{"no", "nope", "nein", "non", "nee"}
	noDemand = []string{"budget", "budgets", "needs", "requirement", "requirements", "vacancies", "vacancy", "openings", "opening", "roles", "plans", "headcount", "hiring", "capacity", "appetite", "jobs", "positions", "demand"}
	halfSaid = []string{"passed", "declined", "accepted"}
	banWords = []string{"dont call", "do not call", "never call", "dont contact", "do not contact", "never contact", "remove", "ne pas rappeler", "ne pas appeler", "nicht anrufen", "no llamar", "niet bellen"}
)

func norms(ts []token) string {
	var ws []string
	for _, t := range ts {
		ws = append(ws, t.norm)
	}
	return strings.Join(ws, " ")
}

// head is the first words of the segment.
func head(ts []token, n int) []token {
	for i, t := range ts[:min(n, len(ts))] {
		if t.punct {
			return ts[:i]
		}
	}
	return ts[:min(n, len(ts))]
}

func onlyQuestion(ts []token) bool {
	return ts[0].norm == "?" && !slices.ContainsFunc(ts, func(t token) bool { return !t.punct })
}

func isMachine(t token) bool {
	return slices.Contains([]string{"vm", "voicemail", "answerphone", "mailbox", "anrufbeantworter", "répondeur", "messagerie", "contestador", "buzón"}, t.norm)
}

func isCalledOff(t token) bool {
	return slices.Contains([]string{"declined", "cancelled", "canceled", "rejected", "withdrawn", "off"}, t.norm)
}

// isOneStep tells what can be passed, declined or accepted without deciding anything.
func isOneStep(t token) bool {
	return slices.Contains([]string{"away", "interview", "interviews", "meeting", "invite", "invitation", "cv", "slot", "offer", "comment", "call", "test", "exam", "stage", "round", "request", "probation", "references"}, t.norm)
}

func isPaper(t token) bool {
	return slices.Contains([]string{"cv", "cvs", "profile", "resume", "ad", "advert", "post", "email", "mail", "message"}, t.norm)
}

// standsAlone reports whether nothing follows that belongs to the word: the segment ends, or a date or
// courtesy comes.
func (p *parser) standsAlone(rest []token) bool {
	if endsSegment(rest, 0) || p.dates.read(rest, 0).n > 0 {
		return true
	}
	for _, kind := range []string{"trigger", "courtesy"} {
		if p.lx.is(kind, rest, 0) {
			return true
		}
	}
	return false
}

// touchBehind reports whether a later segment says what happened.
func (p *parser) touchBehind(rest []token) bool {
	for i := 1; i < len(rest); i++ {
		if !rest[i-1].punct {
			continue
		}
		if verb, n := p.lx.at("verb", rest, i); n > 0 && verb != "not-interested" && desk.Outcome(verb).IsTouch() {
			return true
		}
	}
	return false
}

// bans reports whether what follows "don't call" makes a ban of it, and no wish for today.
func (p *parser) bans(rest []token) bool {
	if len(rest) == 0 {
		return true
	}
	if rest[0].punct {
		return len(rest) < 2 || !slices.Contains([]string{"email", "mail", "text", "message", "write", "whatsapp", "until", "before"}, rest[1].norm)
	}
	for _, t := range head(rest, 8) {
		if slices.Contains([]string{"again", "more", "anymore", "ever", "list", "database", "lists"}, t.norm) {
			return true
		}
	}
	for i, t := range head(rest, 8) {
		if !slices.Contains([]string{"me", "any", "please"}, t.norm) && !p.lx.is("filler", rest, i) {
			return false
		}
	}
	return true
}

// announced reports whether the word behind "call" was meant as a day that couldn't be read.
func (p *parser) announced(ts []token, i int) bool {
	if i >= len(ts) || ts[i].punct || ts[i].norm == "" {
		return false
	}
	w := ts[i].norm
	if isNumber(w) && (w[0] == '0' || i+1 < len(ts) && isNumber(ts[i+1].norm)) {
		return false // a telephone number
	}
	if isDigit(w[0]) {
		digits := 0
		for i := range len(w) {
			if isDigit(w[i]) {
				digits++
			}
		}
		return digits <= 8 && (digits <= 5 || strings.ContainsAny(w, "-/."))
	}
	if slices.Contains([]string{"yesterday", "tonight", "week", "wc", "w/c", "hour", "weekend"}, w) {
		return true
	}
	if len(w) < 6 {
		return false
	}
	for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow"} {
		if d := slips(w, day); d == 1 || d == 2 && len(day) > 7 {
			return true
		}
	}
	return false
}

// slips counts how many letters were missed, doubled, mistaken or swapped.
func slips(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	var last []int
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		last, before, row = before, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], last[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// countedNot reports whether what looks like a date counts something: "3.5 years", "1/2 hour".
func (p *parser) countedNot(ts []token, i, n int) bool {
	if i+n >= len(ts) || !strings.ContainsAny(ts[i+n-1].norm, "./") {
		return false
	}
	w := ts[i+n].norm
	return p.lx.is("unit", ts, i+n) || slices.Contains([]string{"hour", "hours", "hr", "hrs", "min", "mins", "minutes", "ph", "k", "candidates", "people", "roles", "jobs"}, w)
}
