package prose

// Gestures: mails that a program writes when somebody reads, recalls or likes another.

import (
	"strings"
	"unicode"

	"fifthcall/mailbox/message"
)

var (
	readSubjectRE = lazy(`(?i)^\s*(read|not read|gelesen|nicht gelesen|ungelesen|gelöscht|deleted|lu|non lu|supprimé|leído|leido|no leído|eliminado|letto|non letto|eliminato|gelezen|niet gelezen|verwijderd|lida|lido|não lida|läst|oläst|läst kvitto|lest|ulest|læst|luettu|przeczytane|przeczytano|nie przeczytano|přečteno|прочитано|не прочитано|okundu|elolvasva|citit|διαβάστηκε|開封済み|已读|read receipt|return receipt( \(displayed\))?|lesebestätigung|empfangsbestätigung \(angezeigt\)|accusé de lecture|confirmation de lecture|confirmación de lectura|conferma di lettura|leesbevestiging|confirmação de leitura)\s*[:：\-–]`)
	readTextRE    = lazy(`(?i)(was|has been|is) (read|displayed|opened)\b|deleted without being read|return receipt|no guarantee that the (content|message) (has been|was) (read|understood)|(am|um) [^\n]{4,60} gelesen|gelesen (am|worden|um)|wurde [^\n]{0,60}(gelesen|angezeigt|geöffnet)|ohne (gelesen|lesen) [^\n]{0,20}gelöscht|a été (lu|affiché|ouvert|supprimé)|(fue|ha sido|se ha) (leíd|abiert|mostrad|eliminad)|(è stat[oa]|è stato) (lett|visualizzat|apert|eliminat)|(is|werd) [^\n]{0,60}(gelezen|weergegeven|geopend|verwijderd)|foi (lid|exibid|abert|excluíd)|(lästes|har lästs|visades)|(ble lest|er lest|blev læst|er læst|blev vist)|(został\w* (przeczytan|odczytan|wyświetlon)|odczytano)|(byla?|bylo) (přečten|zobrazen)|(было|был) (прочитан|просмотрен)|прочитано|okundu|開封|已阅读|已于`)

	recallSubjectRE = lazy(`(?i)^\s*(recall|message recall|rückruf|rappel( de message)?|retirar|recuperar|richiamo|richiama|intrekken|terugroepen|återkallande|tilbakekall|tilbagekald|odwołaj|odwołanie|отзыв|revocar|remover)\s*[:：]`)
	recallTextRE    = lazy(`(?i)would like to recall the message|möchte (die nachricht|folgende nachricht|diese nachricht)[^\n]{0,300}(zurückrufen)|souhaite rappeler le message|(quiere|desea) (recuperar|retirar) el mensaje|vorrebbe (richiamare|ritirare) il messaggio|wil (het bericht|dit bericht)[^\n]{0,300}(intrekken|terugroepen)|vill återkalla|gostaria de (recuperar|recolher|cancelar)|chce odwołać|хочет отозвать|хотел\w* бы отозвать`)

	reactedRE = lazy(`(?i)^[^\n]{2,120}\b(reacted to (your|a|the) (message|e-?mail)|hat auf (ihre|deine|die|eine) (nachricht|e-?mail) reagiert|a réagi à (votre|ton|un) (message|e-?mail)|(reaccionó|ha reaccionado) a (tu|su) mensaje|ha reagito al (tuo|suo) messaggio|heeft (gereageerd op )?[^\n]{0,20}(je|uw|jouw) bericht( gereageerd)?|reagiu (à|a) (sua|tua) mensagem|reagerade på ditt|reacted via|отреагировал\S* на)\b[^\n]{0,80}$`)
)

// mostGesture is how many words a gesture may have: a letter has more.
const mostGesture = 60

// gestureEvidence finds the mails that somebody's program wrote of a mail that was read, recalled or reacted to; they say nothing.
func gestureEvidence(m *message.Message, p *message.Part) string {
	if p.Find(func(c *message.Part) bool { return strings.HasPrefix(c.Type, "text/vnd.google.email-reaction") }) != nil {
		return "a reaction to a mail"
	}
	if p.Find(func(c *message.Part) bool { return c.Type == "message/disposition-notification" }) != nil {
		return "a read receipt (RFC 8098)"
	}
	read, recall := readSubjectRE().MatchString(m.Subject), recallSubjectRE().MatchString(m.Subject)
	if !read && !recall && len(m.InReplyTo) == 0 && len(m.Refs) == 0 && !replySubjectRE().MatchString(m.Subject) {
		return ""
	}
	text, kind := p.Readable()
	if len(text) > 64<<10 {
		return ""
	}
	reply := ReplyText(text)
	if kind == "html" {
		reply = HTMLReplyText(p.HTML().Text())
	}
	switch {
	case len(strings.Fields(reply)) > mostGesture:
	case read && readTextRE().MatchString(text):
		return "a program tells that a mail was read"
	case recall && recallTextRE().MatchString(text):
		return "a mail is recalled"
	case reactedRE().MatchString(withoutSigns(reply)):
		return "a reaction to a mail"
	}
	return ""
}

// bracketSignRE is a picture's name in a text, as "[heart]".
var bracketSignRE = lazy(`^\s*\[[^\]\n]{1,30}\]\s*$`)

// withoutSigns is s without the lines that hold no word: the sign of a reaction stands above or below the line that tells of it.
func withoutSigns(s string) string {
	var out []string
	for l := range strings.Lines(s) {
		if strings.ContainsFunc(l, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) && !bracketSignRE().MatchString(l) {
			out = append(out, strings.TrimSpace(l))
		}
	}
	return strings.Join(out, "\n")
}
