package prose

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fifthcall/mailbox/message"
)

// Kinds of auto-reply.
const (
	ReplyAway = "away" // out of office
	ReplyGone = "gone" // has left for good
	ReplyAck  = "ack"  // only says that the mail has arrived
)

// How the day of an away message is named.
const (
	SenseBackOn = "back_on" // the day of return
	SenseUntil  = "until"   // the last day away
)

// AutoReply is what an auto-reply says.
type AutoReply struct {
	Kind      string
	Date      time.Time       // midnight UTC of the day that the text names; zero if it names none
	Sense     string          // of Date
	Morning   bool            // "until" names a morning hour: back the same day
	Successor message.Address // of gone: whom to write to instead, if told
}

// Back is the first day there that ok accepts, zero if no day is named.
func (a AutoReply) Back(ok func(day time.Time) bool) time.Time {
	if a.Date.IsZero() {
		return time.Time{}
	}
	t := a.Date
	if a.Sense == SenseUntil && !a.Morning {
		t = t.AddDate(0, 0, 1)
	}
	for range 30 {
		if ok(t) {
			break
		}
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// maxReplyRead bounds how much of an auto-reply is understood: they are short, and what
// follows is disclaimers or the mail that they answer.
const maxReplyRead = 4000

// ReadAutoReply understands an auto-reply. text is the readable text; days in the quoted mail
// don't count. Kind is "" if nothing in it speaks of absence or receipt.
func ReadAutoReply(m *message.Message, text string) AutoReply {
	text = withoutHistory(text)
	if len(text) > maxReplyRead {
		text = strings.ToValidUTF8(text[:maxReplyRead], "")
	}
	text = plainDigits(text)
	r := &awayReader{text: strings.ToLower(text)}
	if len(r.text) == len(text) {
		r.cased = text
	}
	r.sent, r.american = sentDay(m)
	a := AutoReply{}
	subject := plainLower(subjectNotice(m.Subject))
	gone, away, ack := r.about(notGoneRE().ReplaceAllString(r.text, " "))
	away = away || leftForNowRE().MatchString(r.text)
	r.findOwnDays(&a)
	if a.Date.IsZero() {
		s := &awayReader{text: subject, sent: r.sent, american: r.american}
		s.findDays(&a)
	}
	sGone, sAway, _ := r.about(notGoneRE().ReplaceAllString(subject, " "))
	switch {
	case gone || sGone && a.Date.IsZero():
		a.Kind, a.Date, a.Sense = ReplyGone, time.Time{}, ""
		a.Successor = successor(text, m.From.Addr)
	case away || !a.Date.IsZero() || sAway:
		a.Kind = ReplyAway
	case !ack && r.backSoon():
		a.Kind = ReplyAway
	case ack || subjectSaysAutoReply(m):
		a.Kind = ReplyAck
	}
	return a
}

// notGoneRE is what somebody has left, or no longer does, who has not left for good.
var notGoneRE = lazy(`(?i)(no longer|not) (work|working|in the office|available|at my desk|here)( here)?,? (on |most |every )?(mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|weekends?|saturdays?|sundays?|afternoons?|mornings?|in the (afternoons?|mornings?)|from home|full[- ]time|after \d)|(have |has |'ve |’ve |i )?(just |already )?left (for|early|the office|the building|my desk|on|work)\b( (the|my|a|an) (day|today|weekend|holiday|vacation|leave|evening|week))?|ne travaille (plus|pas) (les? )?(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|après-midi|matin|week-?end)s?|(arbeite|bin|arbeitet) (montags|dienstags|mittwochs|donnerstags|freitags|am (montag|dienstag|mittwoch|donnerstag|freitag|wochenende)|nachmittags|vormittags)[^.!\n]{0,20}nicht( mehr)?|(arbeite|bin) nicht mehr (montags|dienstags|mittwochs|donnerstags|freitags|am \p{L}+tag)|(ya )?no trabajo (los |el )?(lunes|martes|miércoles|jueves|viernes|fines)|non lavoro (più )?(il |di )?(lunedì|martedì|mercoledì|giovedì|venerdì|weekend)|werk (ik )?(niet|niet meer) op (maandag|dinsdag|woensdag|donderdag|vrijdag)|não trabalho (mais )?(às|nas|à) (segundas?|terças?|quartas?|quintas?|sextas?)|(habe|hab) (heute )?(schon |bereits )?(das büro|den arbeitsplatz) verlassen|(das büro|den arbeitsplatz) (für heute |heute )?(schon |bereits )?verlassen|ai quitté le bureau`)

// leftForNowRE is somebody who has left, and comes back.
var leftForNowRE = lazy(`(?i)left (for|early|the office|the building|my desk)|(büro|arbeitsplatz)[^.\n]{0,20} verlassen|quitté le bureau`)

// backSoon reports whether the words say that somebody will be there again, whenever.
func (r *awayReader) backSoon() bool {
	spot, strong := backWord(r.text, speakers(r.text))
	return spot >= 0 && strong
}

// sentDay is the day on which the sender's clock stood, midnight UTC of its date, and whether
// it stood in the United States by its zone.
func sentDay(m *message.Message) (day time.Time, american bool) {
	t, ok := message.ParseDate(m.Header.Get("Date"))
	if !ok {
		t = m.Date
	}
	if t.IsZero() {
		return t, false
	}
	_, offset := t.Zone()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC), offset <= -4*3600 && offset >= -10*3600
}

func plainLower(s string) string { return strings.ToLower(plainDigits(s)) }

// plainDigits is the text with ASCII digits and plain blanks, and without invisible marks.
func plainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r < 0x80:
			return r
		case r == 'İ':
			return 'I'
		case r == 0xa0 || r == 0x202f || r == 0x3000 || r == 0x2009:
			return ' '
		case r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r == 0xfeff || r == 0x640:
			return -1
		case unicode.IsDigit(r):
			return '0' + digitOf(r)
		}
		return r
	}, s)
}

// digitOf is the value of a decimal digit of any script: they lie in tens.
func digitOf(r rune) rune {
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return r - zero
}

// awayReader looks for the days of an absence.
type awayReader struct {
	text     string // lower case
	cased    string // the same, as written; "" if that isn't as long
	sent     time.Time
	american bool // the sender's clock stands in a zone of the United States
}

// about says what the words speak of. The language is the one that explains them best.
func (r *awayReader) about(s string) (gone, away, ack bool) {
	for _, t := range speakers(s) {
		gone = gone || says(s, t.lists["gone"])
		away = away || says(s, t.lists["away"])
		ack = ack || says(s, t.lists["ack"])
	}
	return gone, away, ack
}

// speakers are the languages that s may be in, best first: those with at least half as many known words
// as the best.
func speakers(s string) []*tongue {
	type scored struct {
		t *tongue
		n int
	}
	var all []scored
	best := 0
	words := strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '/' && r != '.'
	})
	for _, t := range tongues() {
		if n := t.score(s, words); n > 0 {
			all = append(all, scored{t, n})
			best = max(best, n)
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return b.n - a.n })
	var out []*tongue
	for _, x := range all {
		if 2*x.n >= best {
			out = append(out, x.t)
		}
	}
	return out
}

// score counts the words of s that the language explains.
func (t *tongue) score(s string, words []string) int {
	n := 0
	for _, w := range words {
		if t.filler[strings.Trim(w, "./'")] {
			n++
		}
	}
	for _, key := range []string{"away", "back", "until", "until_after", "gone", "ack", "tomorrow", "nextweek", "week", "subject"} {
		for _, p := range t.lists[key] {
			if i, j := p.find(s, 0); i >= 0 {
				n += 2 + utf8.RuneCountInString(s[i:j])/5
			}
		}
	}
	for _, forms := range append(t.months[:], t.days[:]...) {
		if says(s, forms) {
			n += 2
		}
	}
	return n
}
