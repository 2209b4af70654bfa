package prose

import (
	"strings"

	"fifthcall/mailbox/message"
)

// CallNotice is what a phone system tells of a call.
type CallNotice struct {
	Voicemail bool   // a message was left; else the call was missed
	Number    string // as written, "" if withheld
	Name      string // as the phone system knows the caller, ""
}

var (
	voicemailRE  = lazy(`(?i)voice ?mail|voice message|sprachnachricht|mailbox-?nachricht|anrufbeantworter|messagerie vocale|message vocal|mensaje de voz|buzón de voz|mensagem de voz|messaggio vocale|segreteria|voicemailbericht|röstmeddelande|talebesked|talemelding|wiadomość głosowa|poczta głosowa|hlasov[áé] zpráv|голосов(ое|ая) (сообщение|почта)|留言|ボイスメール|음성 ?메시지`)
	missedRE     = lazy(`(?i)missed (a )?call|verpasster anruf|entgangener anruf|anruf in abwesenheit|appel (manqué|en absence)|llamada perdida|chamada (perdida|não atendida)|chiamata persa|gemiste oproep|missat samtal|mistet opkald|tapt anrop|ubesvart anrop|nieodebrane połączenie|zmeškaný hovor|пропущенный (звонок|вызов)|未接来电|不在着信|부재중 전화`)
	callNumberRE = lazy(`(?:\+|00)?\(?\d{1,4}\)?(?:[ ./()\-]{0,2}\d{2,5}){2,5}`)
	callerRE     = lazy(`(?i)(?:from|von|de|da|van|från|fra|od|от|caller|anrufer|name)\s*:?\s*"?([\p{Lu}][\p{L}'’.\-]+(?: [\p{Lu}][\p{L}'’.\-]+){1,3})`)
)

// ReadCallNotice understands the mail of a phone system about a voicemail or a missed call.
// The subject has to say so; number and caller are read from subject and text.
func ReadCallNotice(m *message.Message, text string) (CallNotice, bool) {
	n := CallNotice{Voicemail: voicemailRE().MatchString(m.Subject)}
	if !n.Voicemail && !missedRE().MatchString(m.Subject) || message.ReplyMarkRE.MatchString(m.Subject) {
		return n, false
	}
	if len(text) > maxReplyRead {
		text = text[:maxReplyRead]
	}
	for _, s := range []string{m.Subject, m.From.Name, text} {
		if n.Number == "" {
			for _, c := range callNumberRE().FindAllString(s, 10) {
				if d := countDigits(c); d >= 7 && d <= 15 && !looksLikeDate(c) {
					n.Number = strings.TrimSpace(c)
					break
				}
			}
		}
		if g := callerRE().FindStringSubmatch(s); g != nil && n.Name == "" {
			n.Name = g[1]
		}
	}
	return n, n.Number != "" || n.Name != ""
}

// CallNoticeSubject reports whether a subject is a phone system's, so that the text is worth reading.
func CallNoticeSubject(s string) bool {
	return (voicemailRE().MatchString(s) || missedRE().MatchString(s)) && !message.ReplyMarkRE.MatchString(s)
}

func countDigits(s string) int {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

var callDateRE = lazy(`^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})`)

func looksLikeDate(s string) bool { return callDateRE().MatchString(strings.TrimSpace(s)) }
