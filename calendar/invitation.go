package calendar

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kinds of calendar mail (RFC 5546).
const (
	KindInvitation   = "invitation"
	KindUpdate       = "update"
	KindCancellation = "cancellation"
	KindReply        = "reply"
	KindCounter      = "counter"
	KindPublish      = "publish"
)

// Invitation is what a calendar mail says about one event.
type Invitation struct {
	Kind       string
	Method     string
	Event      Entry
	Others     []Entry // further events of the same mail, as some job portals send
	Conference string  // address of the video conference, "" if there is none
	Phone      string  // number to dial, "" if there is none
}

// ReadInvitation understands the calendar parts of a mail: data holds their contents,
// method the Content-Type's parameter (the object's own METHOD wins), subject the mail's subject. ok
// is false if there is no event in them.
func ReadInvitation(data [][]byte, method, subject string) (inv Invitation, ok bool) {
	var events []Entry
	for _, b := range data {
		o := Decode(b)
		if o.Method != "" && (inv.Method == "" || inv.Method == "PUBLISH") {
			inv.Method = o.Method
		}
		events = append(events, o.Events...)
	}
	inv.Method = cmp.Or(inv.Method, strings.ToUpper(strings.Trim(method, `"; `)))
	events = dedupe(events)
	slices.SortStableFunc(events, func(a, b Entry) int { return cmp.Compare(a.stream, b.stream) }) // METHOD is that of the first
	if len(events) == 0 {
		inv.Kind = kindOf(inv.Method, &Entry{}, subject)
		return inv, inv.Method != "" && inv.Method != "PUBLISH"
	}
	inv.Event, inv.Others = events[0], events[1:]
	inv.Kind = kindOf(inv.Method, &inv.Event, subject)
	inv.Conference, inv.Phone = inv.Event.Conference(), inv.Event.DialIn()
	return inv, true
}

// dedupe drops what several parts of a mail repeat: the same event, occurrence and version.
func dedupe(events []Entry) []Entry {
	type key struct {
		uid, rid string
		seq      int
		stamp    time.Time
		start    time.Time
	}
	seen := map[key]bool{}
	return slices.DeleteFunc(events, func(e Entry) bool {
		k := key{e.UID, e.RecurrenceID, e.Sequence, e.Stamp, time.Time{}}
		if e.UID == "" {
			k.start = e.Start.Time
		}
		dup := seen[k]
		seen[k] = true
		return dup
	})
}

var (
	cancelledRE = regexp.MustCompile(`(?i)^\s*((canceled|cancelled|cancellation|abgesagt|storniert|annul[ée]e?|annulé|cancelad[oa]|annullat[oa]|geannuleerd|avlyst|inst[äa]llt|aflyst|peruttu|odwo[łl]an[eoy]|zrušeno|отменено|キャンセル|已取消|취소됨)\b?\s*( event| meeting)?\s*[:：]|(event|meeting|appointment) (canceled|cancelled))`)
	updatedRE   = regexp.MustCompile(`(?i)^\s*(updated?( invitation| event| meeting)?|rescheduled|changed|aktualisiert(e einladung)?|aktualisierung|ge[äa]ndert|mise? à jour|invitation mise à jour|modifi[ée]e?|actualizad[oa]|invitación actualizada|actualización|aggiornat[oa]|invito aggiornato|atualizad[oa]|convite atualizado|bijgewerkte?( uitnodiging)?|uppdaterad( inbjudan)?|oppdatert( invitasjon)?|opdateret( invitation)?|päivitetty( kutsu)?|zaktualizowan[eo]( zaproszenie)?|aktualizov[áa]no|обновлено|更新|変更|업데이트)\b?[^:：]{0,25}[:：]`)
	forwardedRE = regexp.MustCompile(`(?i)^\s*(fwd?|wg|tr|rv|doorst|vs|vb|i|enc|pd|转发|転送)\s?:`)
	counterRE   = regexp.MustCompile(`(?i)^\s*(new time proposed|neuer zeitvorschlag|neue zeit vorgeschlagen|nouvel horaire proposé|nueva hora propuesta|proposed new time)\b`)
)

// maxSequence is where a SEQUENCE stops being a count: some programs put the Unix time there.
const maxSequence = 1_000_000

// kindOf reads the method together with what programs do to it: a cancellation that is sent
// as a request, an update whose SEQUENCE wasn't raised, a forward that shows the sequence of another's event.
func kindOf(method string, e *Entry, subject string) string {
	says := func(re *regexp.Regexp) bool { return re.MatchString(subject) || re.MatchString(e.Summary) }
	switch method {
	case "CANCEL":
		return KindCancellation
	case "REPLY":
		return KindReply
	case "COUNTER", "DECLINECOUNTER":
		return KindCounter
	case "PUBLISH", "":
		return KindPublish
	case "ADD", "REFRESH":
		return KindUpdate
	}
	switch {
	case e.Status == "CANCELLED", says(cancelledRE):
		return KindCancellation
	case says(counterRE):
		return KindCounter
	case says(forwardedRE):
		return KindInvitation
	case e.Sequence > 0 && e.Sequence < maxSequence, e.RecurrenceID != "", says(updatedRE):
		return KindUpdate
	}
	return KindInvitation
}

var (
	conferenceRE = regexp.MustCompile(`https://[^\s<>"')\]]*(?:zoom\.us/(?:j|my|w|s)/|zoom\.com/j/|teams\.microsoft\.com/|teams\.live\.com/meet|meet\.google\.com/|webex\.com/|gotomeet(?:ing)?\.(?:com|me)/|gotomeeting\.com/|whereby\.com/|bluejeans\.com/|chime\.aws/|meet\.jit\.si/|join\.skype\.com/|ringcentral\.com/|8x8\.vc/|around\.co/|goto\.com/|livestorm\.co/|hirevue\.com/|meet\.[a-z0-9.\-]+/)[^\s<>"')\]]*`)
	anyLinkRE    = regexp.MustCompile(`https?://[^\s<>"')\]]+`)
	phoneLinkRE  = regexp.MustCompile(`(?i)tel:\s?(\+?[0-9][0-9\-().\s]{5,20}[0-9])`)
	phoneRE      = regexp.MustCompile(`\+[1-9][0-9\-().\s]{6,18}[0-9]|\b0[0-9]{2,5}[ /\-][0-9][0-9 \-]{4,12}[0-9]\b`)
)

// Conference finds the address of a video conference: a known service's anywhere, any
// address where the place should be.
func (e *Entry) Conference() string {
	for _, s := range []string{e.Location, e.URL, e.Description} {
		if m := conferenceRE.FindString(s); m != "" {
			return strings.TrimRight(m, ".,;")
		}
	}
	return strings.TrimRight(anyLinkRE.FindString(e.Location), ".,;")
}

// DialIn finds a phone number: in the place, else announced as one in the text.
func (e *Entry) DialIn() string {
	for _, s := range []string{e.Location, e.Description, e.URL} {
		if m := phoneLinkRE.FindStringSubmatch(s); m != nil {
			return strings.TrimSpace(m[1])
		}
	}
	for _, s := range []string{e.Location, e.Description} {
		if m := phoneRE.FindString(anyLinkRE.ReplaceAllString(s, " ")); m != "" {
			return strings.TrimSpace(m)
		}
	}
	return ""
}
