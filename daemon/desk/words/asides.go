package words

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fifthcall/daemon/desk"
)

var itemNumberRE = regexp.MustCompile(`^\*?(\d{1,3})[.)]\s+(.*)$`)

// About gives a command below quoted item n its number, unless it names somebody itself.
func About(cmd Command, n int, g Grammar) []Command {
	if n == 0 {
		return []Command{cmd}
	}
	num := strconv.Itoa(n)
	switch {
	case cmd.Verb == VerbHelp, cmd.Verb == VerbUndo, cmd.Verb == VerbSpread, cmd.Verb == VerbContact:
		return []Command{cmd}
	case cmd.Ref == "" && cmd.Verb == VerbUnknown, cmd.Verb == VerbSnooze && strings.Trim(cmd.Ref, "0123456789") == "":
		// "2 june" below item 1 is a date, and no item 2
		again := ParseCommands(num+" "+cmd.Line, g)
		if len(again) == 1 && again[0].Ref == num && again[0].Verb != VerbUnknown {
			return again
		}
	}
	if cmd.Ref == "" {
		cmd.Ref = num
	}
	return []Command{cmd}
}

// QuotedNumber is the item that the quoted lines above an answer are about, nearest first: a line
// with its number and the beginning of its text. Any other text with a number, which may be a
// stranger's, is none.
func QuotedNumber(quote []string, items *desk.Issued) int {
	if items == nil {
		return 0
	}
	for _, q := range quote {
		q = strings.TrimSpace(q)
		if slices.Contains(desk.PageLandmarks, strings.ToLower(q)) {
			return 0 // a section's title, or the foot
		}
		m := itemNumberRE.FindStringSubmatch(q)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[1])
		if it, ok := items.Item(n); ok && it.Head != "" && strings.HasPrefix(foldQuote(m[2]), foldQuote(it.Head)) {
			return n
		}
	}
	return 0
}

// foldQuote is a text as far as quoting leaves it alone.
func foldQuote(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.NewReplacer("*", "", ">", "").Replace(s)), " "))
}

// AboutHeld reports whether a word is about deletions that were held.
func AboutHeld(verb string, it *desk.IssuedItem) bool {
	return it.Held != "" && slices.Contains([]string{VerbCancel, VerbDone, VerbNotInterested, VerbWaved}, verb)
}

// doneRE is a tick in a title, as phones and people write it.
var doneRE = regexp.MustCompile(`(?i)^\s*(?:[✓✔☑✅]|\[[x✓]\]|\(x\)|(?:done|erledigt)\b)|(?:[✓✔☑✅]|\[[x✓]\]|\((?:done|erledigt)\)|[-–:]\s*(?:done|erledigt))\s*$`)

// Ticked reports whether a title says that it is done. Keyboards put a selector behind ticks.
func Ticked(title string) bool { return doneRE.MatchString(strings.ReplaceAll(title, "\ufe0f", "")) }

var (
	// AddressRE finds a mail address.
	AddressRE = regexp.MustCompile(`[\p{L}\d._%+'-]+@[\p{L}\d.-]+\.\p{L}{2,}`)
	// NumberRE finds a phone number.
	NumberRE = regexp.MustCompile(`\+?\(?\d[\d ()./-]{6,}\d`)
)

// InterviewWordRE is what an event is called that may be an interview, where nobody on it is known as a candidate.
var InterviewWordRE = regexp.MustCompile(`(?i)interview|vorstellungsgespr|bewerbungsgespr|\bentretien|\bentrevista|\bcolloquio|sollicitatie|candidate|kandidat|candidat|\bscreening|phone screen|technical round|final round|hiring manager|on-?site`)

// MeetingRoomRE is what programs write into the place of an event that is held by video.
var MeetingRoomRE = regexp.MustCompile(`(?i)teams|zoom|google meet|webex|skype|online|video|virtual|remote`)

// LightRE reads a light and what is said of it.
var LightRE = regexp.MustCompile(`(?i)^(red|amber|grey|gray|rot|gelb|grau)\b[\s:,–-]*(.*)$`)

// UntilRE reads a day behind “until”.
var UntilRE = regexp.MustCompile(`(?i)\b(?:till?|until|bis)\s+(.+)$`)

// OffRE begins what calls something off.
var OffRE = regexp.MustCompile(`(?i)^(cancel(?:l?ed)?|off|is off|called off|abgesagt)\b`)

// InvitationSubjectRE finds the subjects under which calendars write to people who are no contacts yet.
var InvitationSubjectRE = regexp.MustCompile(`(?i)^\s*(updated |cancell?ed )?(invitation|invite|einladung|invito|invitación|convite|uitnodiging|inbjudan|zaproszenie|pozvánka|приглашение|招待|邀请)\b|interview`)

// MeansAll reports whether "all" or "rest" with the verb takes in items of the kind: what came of
// calls is said of the calls, and that no answer is needed of the mails.
func MeansAll(verb string, kind desk.ItemKind) bool {
	switch {
	case verb == VerbWaved:
		return kind == desk.ItemUnanswered
	case verb == VerbSend:
		return kind == desk.ItemLetter
	case desk.Outcome(verb).IsTouch(), verb == VerbSnooze, verb == VerbDone, verb == VerbCancel:
		return kind == desk.ItemCallback
	}
	return true
}

// AboutLetter reports whether a word is about the letter of an item.
func AboutLetter(verb string, it *desk.IssuedItem) bool {
	return it.Letter != "" && slices.Contains([]string{VerbSend, VerbCancel, VerbNotInterested, VerbDone, VerbWaved}, verb)
}

// AboutInterview reports whether a word is about the interview of an item.
func AboutInterview(verb string, it *desk.IssuedItem) bool {
	if it.Kind == desk.ItemLetter && verb != VerbFact { // of a letter, a fact is about its interview, nothing else is
		return false
	}
	return it.Interview != "" && slices.Contains([]string{VerbFact, VerbInterview, VerbSnooze, VerbRole, VerbCancel, VerbNotInterested}, verb)
}

// AboutCall reports whether a word is about the further call of an item.
func AboutCall(verb string, it *desk.IssuedItem) bool {
	return it.Call != "" && slices.Contains([]string{VerbSnooze, VerbDone, VerbCancel, VerbDismiss}, verb)
}

var (
	// ParkLastRE reads a line that ends in parking the order.
	ParkLastRE = regexp.MustCompile(`(?i)^(.+?)[,;]\s*(park(?:ed)?\s+(?:it\s+)?(?:till?|until|to)\s+.+)$`)
	// ParkRE reads that an order is parked, and until when.
	ParkRE = regexp.MustCompile(`(?i)^(?:park(?:ed)?|hold)\s+(?:it\s+)?(?:till?|until|to)\s+(.+)$`)
	// PlaybookRE reads which playbook an order follows.
	PlaybookRE = regexp.MustCompile(`(?i)^playbook\s+([A-Za-z0-9_-]+)$`)
)

// FeeToldRE reads a fee.
var FeeToldRE = regexp.MustCompile(`(?i)\bfee\b\s*(?:of|:)?\s*([£$€]?\s?\d[\d.,]*\s?k?)`)

// BareLeftRE reads that somebody has left, and when.
var BareLeftRE = regexp.MustCompile(`(?i)^(?:has\s+|he\s+|she\s+|they\s+)?left\b[\s,:]*((?:on|since|last day)\b.*|)$`)

// LeftRE reads the last day.
var LeftRE = regexp.MustCompile(`(?i)\b(?:on|since|last day(?: was)?)\s+(.+)$`)

var (
	// PercentRE begins with a percent sign or word.
	PercentRE = regexp.MustCompile(`(?i)^\s*(?:%|percent|per cent|prozent)`)
	// PaidRE reads that the invoice is paid.
	PaidRE = regexp.MustCompile(`(?i)^(?:the\s+)?invoice\s+(?:(?:is|was|has\s+been|got|now|already)\s+)*paid\b|^(?:they\s+|client\s+)?(?:have\s+|has\s+)?paid\s+(?:the\s+)?invoice\b`)
	// UnpaidRE reads that it is not.
	UnpaidRE = regexp.MustCompile(`(?i)\b(?:not|never|half|part(?:ly|ially)?|will|when|if|to be)\b|n't\b|\bunpaid\b|\?`)
	// PaidOnRE reads on which day.
	PaidOnRE = regexp.MustCompile(`(?i)\bpaid\b(?:\s+the\s+invoice|\s+invoice)?\s+(?:on\s+)?([^,;]*\d[^,;]*|yesterday|today)`)
	// OrderFee reads a line that is a fee alone.
	OrderFee = regexp.MustCompile(`(?i)^fee\s+(?:of\s+)?([£$€]?\s?\d[\d.,]*\s?k?)\s*$`)
)

var (
	noteClockRE = regexp.MustCompile(`(?i)\b\d{1,2}(?:[:.]\d\d)?\s?(?:am|pm|uhr|h)\b|\b\d{1,2}:\d\d\b`)
	noteZoneRE  = regexp.MustCompile(`\b(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|EES?T|IST|JST|AES?T|SGT|HKT)\b|(?i:\b(?:their|her|his|local|candidate'?s|client'?s) time\b)`)
)

// TimeInNote asks back where a second time, or a zone, is left in what was said of an interview: a wrong time would go out in letters.
func TimeInNote(note string) error {
	if m := noteZoneRE.FindString(note); m != "" {
		return desk.Usage("“%s” is not read: give the time by your own clock", m)
	}
	plain := webAddressRE.ReplaceAllString(note, "")
	if m := noteClockRE.FindString(plain); m != "" {
		return desk.Usage("which time is meant? “%s” is left over: begin with the date and time, “interview tue 3pm …”", m)
	}
	return nil
}

var webAddressRE = regexp.MustCompile(`https?://\S+`)

// A submittal is seen in a CV that goes to anybody at the client, or in a portal's confirmation. What it looks like is no proof: it is asked, once,
// and the answer stamps the clock and the consent.

var (
	// CVFileRE is the name of a file that may be a CV.
	CVFileRE = regexp.MustCompile(`(?i)\.(?:pdf|docx?|odt|rtf|pages)$`)
	// CVWordsRE finds the words with which a CV goes along.
	CVWordsRE = regexp.MustCompile(`(?i)\b(?:cvs?|résumés?|resumes?|lebenslauf|profile?|candidates?|kandidat(?:in|en)?|introduc(?:e|ing|tion)|put(?:ting)? forward|submi(?:t|ssion|ttal)|vorstellen|bewerbung)\b`)
	// PortalRE finds the subjects of portals that confirm a submittal.
	PortalRE = regexp.MustCompile(`(?i)\b(?:submission|submitted|submittal|candidate (?:has been )?(?:received|added|created)|application (?:has been )?(?:received|submitted|confirmed)|received (?:your|the) (?:candidate|application|cv)|bewerbung (?:eingegangen|erhalten)|kandidat(?:in)? (?:eingereicht|angelegt))\b`)
)

// StartRE reads the first day.
var StartRE = regexp.MustCompile(`(?i)\bstart(?:s|ing)?(?: on)?\s+(.+)$`)

var (
	// officeRE is a name that an office has, and no person.
	officeRE = regexp.MustCompile(`(?i)\b(recruit(ing|ment|ers?)|talent( acquisition)?|human resources|hr|people (team|ops|operations|& culture)|reception|front desk|office|team|careers?|jobs|hiring|scheduling|calendar|bookings?|meeting room|conference room|info|admin|personal(abteilung|wesen)?|bewerbung(en)?|karriere|empfang|sekretariat|recrutement|ressources humaines|accueil|secrétariat|selección|recursos humanos|recepción|werving|receptie|personeelszaken)\b`)
	// officeLocalRE is an address that an office has.
	officeLocalRE = regexp.MustCompile(`(?i)^(recruit\w*|talent\w*|hr|human\W?resources|people|reception|frontdesk|office|team|careers?|jobs?|hiring|interviews?|scheduling|calendar|bookings?|info|admin|contact|hello|personal\w*|bewerbung\w*|karriere|empfang|sekretariat|recrutement|rh|accueil|seleccion|rrhh|werving|receptie)([.\-_+]\w+)?@`)
)

// RoleMailbox reports whether a name and address are an office's: "Globex Recruiting", "Reception".
func RoleMailbox(name, addr string) bool {
	return officeRE.MatchString(name) || officeLocalRE.MatchString(addr) && len(strings.Fields(name)) < 2
}
