package prose

import (
	"bytes"
	"fmt"
	"strings"

	"fifthcall/mailbox/message"
)

// maybeBounce reports whether a mail without a report may tell of a failure all the same: it is a mail system's, or looks like one and was
// written by a program.
func maybeBounce(m *message.Message, from string) bool {
	h := m.Header
	program := strings.TrimSpace(h.Get("Return-Path")) == "<>" || strings.HasPrefix(strings.ToLower(h.Get("Auto-Submitted")), "auto")
	if replySubjectRE().MatchString(m.Subject) && !program {
		return false
	}
	program = program || message.IsRobot(from)
	switch {
	case bounceSender(from), from == "":
		return true
	}
	return bounceSubjectRE().MatchString(m.Subject) && (program || !h.Has("Return-Path") && !greetingRE().MatchString(m.Subject) && !strings.ContainsAny(m.Subject, "?!"))
}

// greetingRE is how a person's subject goes on.
var greetingRE = lazy(`(?i)\b(try(ing)? again|sorry|hi|hello)\b`)

// machineSender reports whether the address is a program's.
func machineSender(from string) bool {
	local, _, _ := strings.Cut(from, "@")
	return message.IsRobot(from) || autoLocalRE().MatchString(local)
}

// quarantineRE is a subject under which filters tell what they hold.
var quarantineRE = lazy(`(?i)quarant[aäi]i?n|spam (digest|report|summary|notification)|(held|blocked|junk) (messages?|mails?|e-?mails?)|(messages?|e-?mails?) (have been |has been |are |is )?(being )?(on hold|held|blocked|quarantined)|on hold notification|spam-?(bericht|übersicht)|end user digest|message summary`)

// invitationEvidence tells a calendar program's mail from a letter with a calendar file attached.
func invitationEvidence(p *message.Part) string {
	inline := p.Find(func(c *message.Part) bool { return c.IsCalendar() && c.Params["method"] != "" })
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
			if text, _ := p.Readable(); len(strings.Fields(ReplyText(text))) <= message.MaxInvitationWords {
				return "an attached calendar file asks for an answer"
			}
		}
	}
	return ""
}

// sign is one piece of evidence for a class, with its weight.
type sign struct {
	class  message.Class
	weight int
	why    string
}

// Enough evidence for a class that the header alone doesn't settle.
const weighEnough = 3

// Classify weighs header and body together. The header decides where it is clear
// (ClassifyHeader); what it takes for a human's is looked at once more: newsletters and
// robots of the sort that set no header give themselves away by their addresses, links and
// words. own tells the reader's own addresses.
func Classify(m *message.Message, p *message.Part, own func(addr string) bool) (message.Class, []string) {
	class, why := ClassifyHeader(m, own)
	from := message.Canonical(m.From.Addr)
	if class == message.ClassBounce {
		if b, ok := ReadBounce(p); !ok && (b.Delivered || len(b.Delayed) > 0) {
			return message.ClassAutomated, []string{"a delivery report, and no mail has failed"}
		}
		return class, why
	}
	if class != message.ClassOwn && !own(from) && (bounceSender(from) || machineSender(from)) && quarantineRE().MatchString(m.Subject) {
		return message.ClassAutomated, []string{"a filter tells what it holds"}
	}
	if class != message.ClassOwn && !own(from) && maybeBounce(m, from) {
		switch b, ok := ReadBounce(p); {
		case ok:
			return message.ClassBounce, []string{"a mail system tells that a mail could not be delivered"}
		case maybeBounce(m, from) && (b.Delivered || len(b.Delayed) > 0):
			return message.ClassAutomated, []string{"a mail system's notice, and no mail has failed"}
		}
	}
	if class != message.ClassOwn && class != message.ClassList {
		if why := invitationEvidence(p); why != "" {
			return message.ClassInvitation, []string{why}
		}
	}
	if class == message.ClassHuman && !own(from) {
		if why := gestureEvidence(m, p); why != "" {
			return message.ClassAutomated, []string{why}
		}
	}
	if (class == message.ClassHuman || class == message.ClassBulk || class == message.ClassAutomated) && !own(from) {
		if why := autoReplyBody(m, p); why != "" {
			return message.ClassAutoReply, []string{why}
		}
	}
	if m.Carried() != "" || class == message.ClassHuman && bulkEvidence(m.Header) != "" { // settled against a mass mailer's marks
		return class, why
	}
	if own(from) || class != message.ClassHuman && class != message.ClassAutomated {
		return class, why
	}
	signs := append(senderSigns(m, from), bodySigns(p)...)
	signs = append(signs, conversationSigns(m)...)
	sum := map[message.Class]int{}
	reasons := map[message.Class][]string{}
	for _, s := range signs {
		sum[s.class] += s.weight
		if s.weight > 0 {
			reasons[s.class] = append(reasons[s.class], s.why)
		}
	}
	bulk, auto := sum[message.ClassBulk]-sum[message.ClassHuman], sum[message.ClassAutomated]-sum[message.ClassHuman]
	switch {
	case bulk >= weighEnough && bulk >= auto:
		return message.ClassBulk, reasons[message.ClassBulk]
	case auto >= weighEnough:
		return message.ClassAutomated, reasons[message.ClassAutomated]
	}
	return class, why
}

// autoReplyBody finds the auto-replies whose header alone doesn't settle it: a program's mark,
// an answer's header or a subject of absence, together with what the text says.
func autoReplyBody(m *message.Message, p *message.Part) string {
	h := m.Header
	auto := strings.ToLower(h.Get("Auto-Submitted"))
	if strings.HasPrefix(auto, "no") || listEvidence(h) != "" || h.Has("List-Unsubscribe") {
		return ""
	}
	answers := len(m.InReplyTo) > 0 || len(m.Refs) > 0
	robot := strings.HasPrefix(auto, "auto") || answers && (strings.TrimSpace(h.Get("Return-Path")) == "<>" || h.Has("X-Auto-Response-Suppress") && !replySubjectRE().MatchString(m.Subject))
	technical, absence, loose := noticeOf(m.Subject)
	absence = absence || technical
	if !absence && !(robot && answers) && !answers && !loose {
		return ""
	}
	text, _ := p.Readable()
	if len(text) > 4*maxReplyRead {
		return ""
	}
	if !absence && !(robot && answers) {
		if formulaic(m, text) {
			return "the text is an absence's formula, and no person's"
		}
		return ""
	}
	a := ReadAutoReply(m, text)
	switch {
	case a.Kind == "" || a.Kind == ReplyAck && !(robot && answers):
		return ""
	case absence && !robot && strings.TrimSpace(h.Get("Return-Path")) != "<>" && questionRE().MatchString(ReplyText(text)):
		return "" // no program signs it, and it wants to know something: a person writes of a holiday
	case absence:
		return "subject and text tell of absence"
	}
	return "an answer by a program, by its header and words"
}

// formulaic reports whether a text is nothing but what people write for a program to send: that they are away, until when, and whom to
// turn to. Whoever writes it by hand greets, asks, or says more.
func formulaic(m *message.Message, text string) bool {
	if lower := plainLower(text); !elsewhereRE().MatchString(lower) || !awayLeadRE().MatchString(lower) {
		return false
	}
	own := ReplyText(text)
	if len(own) > 900 || questionRE().MatchString(own) || personalAwayRE().MatchString(own) {
		return false
	}
	lower := plainLower(own)
	r := &awayReader{text: lower}
	r.sent, r.american = sentDay(m)
	_, away, _ := r.about(lower)
	return away && elsewhereRE().MatchString(lower)
}

var (
	// elsewhereRE turns the reader to somebody else, or tells that nobody reads.
	elsewhereRE = lazyOneOf(`for (urgent|immediate)|if (it is|it's|this is|your (matter|request|enquiry) is) urgent|in urgent (cases|matters)|urgent (matters|requests|enquiries|issues)|(limited|no|intermittent|sporadic) access to (my )?(e-?mails?|messages)|in my absence|during my absence|while i am away|dringend|in meiner abwesenheit|während meiner abwesenheit|nicht weitergeleitet|nicht gelesen|vertretung|en cas d'urgence|pour toute urgence|pendant mon absence|en mon absence|urgente|urgencia|en mi ausencia|durante mi ausencia|in mia assenza|per urgenze|voor dringende|bij afwezigheid|tijdens mijn afwezigheid|em caso de urgência|brådskande|ved haster|hastesaker|w pilnych|v naléhavých|срочн|sürgős|acil`)
	// awayLeadRE is how such texts begin: with the absence, behind a greeting to nobody at most.
	awayLeadRE = lazy(`^\s*((hi|hello|hey|dear (all|sender|colleagues?|customers?|sir or madam)|good (day|morning)|greetings|thank(s| you)[^\n.!]{0,80}[.!,]?|hallo|guten tag|sehr geehrte( damen und herren)?|liebe kolleg\S+|vielen dank[^\n.!]{0,80}[.!,]?|bonjour|merci[^\n.!]{0,80}[.!,]?|hola|buenos días|buongiorno|salve|grazie[^\n.!]{0,80}[.!,]?|olá|hej|hei|goedendag|beste|dzień dobry|dobrý den)[,.! ]*\s*){0,3}(i am|i'm|i will be|i'll be|i am currently|currently|please note|our office|the office|we are|ich bin|derzeit|zurzeit|ich befinde|ab |unser büro|je suis|je serai|actuellement|estoy|me encuentro|estaré|sono |sarò|ik ben|momenteel|estou|encontro|jag är|jeg er|olen|jestem|przebywam|jsem|nejsem|я |szabadság|sunt )`)
	// personalAwayRE is what only somebody writes who has read the mail.
	personalAwayRE = lazy(`(?i)\b(let's|let us|shall we|could (we|you)|can (we|you)|happy to|speak (then|soon)|talk (then|soon)|your (question|candidate|cv|note|call) |sounds|works for me|melde mich dann|sprechen wir|können wir|passt|on se (parle|rappelle)|hablamos|ci sentiamo)`)
)

// questionRE is a sentence that asks the reader.
var questionRE = lazy(`(?i)\b(you|your|we|shall|us|sie|ihnen|du|dir|wir|vous|votre|nous|usted|tú|te|podemos|lei|possiamo|u|je|we)\b[^.!?\n]{0,120}\?(\s|$)`)

var (
	bulkLocalRE = lazy(`(?i)^(news(letters?)?|mailings?|e?bulletins?|offers?|deals|promo(tions?)?|marketing|specials?|sales|updates?|announce(ments?)?|digest|list|subscri(be|ptions?)|members?(hip)?|customer.?service|eblast|e?mail$|info-?mail|alerts?|editors?|daily|weekly|online#|replies|reply|confnews|bounce|return|specialoffers)`)
	machineIDRE = lazy(`(?i)^(\S*\d+[.\-_]\d+[.\-_]\S+|[a-z]-\d+-\d+-\S+|\S{0,20}[=#]\S+|bounce[-_+]\S+|b?[0-9a-f]{16,})$`)
	senderHost  = lazy(`(?i)@(\S+\.)?(e?mail(er|ing)?s?\d*|news(letter)?s?|e?news|bounces?|lists?|reply|e|em|m|go|info|click|marketing|offers?|campaigns?|mta|ummail\d*|response|enews|eblast|mx\d+|sendgrid|mailgun|mailchimpapp|mcsv|rsgsv|exacttarget|cheetahmail|responsys|constantcontact|sparkpost\w*|mktomail\w*|hubspotemail|sendinblue|klaviyomail)\.\S+$`)
	autoLocalRE = lazy(`(?i)^(rss\w*|feeds?|cron|www(-data)?|apache|nagios|zabbix|jenkins|ci|builds?|bugzilla|jira|gitlab|github|git|svn|cvs|trac|redmine|monitor(ing)?|system|server|service|billing|invoices?|orders?|receipts?|payments?|shipping|tracking|confirm(ation)?s?|notif\w*|registration|security|account(-\w+)?|automat\w*|webmaster|wordpress|backup|mailman-\w+|voicemail|fax|scanner|printer|logwatch|versand|bestellung(en)?|commandes?|pedidos?|ordini|bestellingen|[\w-]*quarantine[\w-]*|spam\w*|digest|fritz\W?box|3cx|pbx|telefonanlage|anrufbeantworter|phonesystem|ringcentral|sipgate|ironport\S*)$`)

	unsubscribeRE   = oneOf(`unsubscri|opt[ -]?out|(be )?removed? (yourself |me )?from (this|our|the|future) (e?-?mail(ing)?|list|mailing)|(manage|update|change|edit) (your )?(e-?mail |subscription |communication |mailing |newsletter )?(preferences|profile|subscriptions?)|(stop|no longer wish to|don't want to|do not wish to|prefer not to|would rather not) receiv|you('re| are|'ve| have)? (are )?(receiv(ed|ing)|subscribed|getting|been sent|signed up|registered)[^.]{0,60}(this|to|because|as|our)|this (e-?mail|message|newsletter) (was|is|has been) (sent|being sent|brought)[^.]{0,40}(to|because|by)|\bview (this|it) (e-?mail|message|newsletter)?\s*(in (a|your|the) (browser|web)|online|as a web)|(email|web) (browser )?version|abbestellen|se désabonner|désinscri|darse de baja|cancelar (la )?suscripci|cancellarti|disiscri|uitschrijven|afmelden|avregistrera|afmeld|avmeld|wypisz|odhlásit|leiratkoz|dezabon|отписаться|abonelikten|退订|配信停止|수신거부`)
	autoWordsRE     = oneOf(`(this|dies) (is|ist) (an |eine )?auto(mated|matic(ally)?|matisch)|automatically generated|auto-?generated|(do not|don't|please do not) (reply|respond) (directly )?to this|nicht auf diese (e-?)?mail|ne (pas répondre|répondez pas)|no responda a este|non rispondere a questa|replies to this (e-?mail|address|message) (are not|will not|cannot)|unmonitored|automatisch (erstellt|generiert|erzeugt|versandt|verschickt|gegenereerd|verzonden)|antworten sie (bitte )?nicht|nicht (darauf|auf diese \S+ )(zu )?antworten|(message|courriel|mail) automatique|automatiquement|ne pas y répondre|(mensaje|correo) automático|es automático|no responda|messaggio automatico|generat[oa] automaticamente|non rispond|niet (te )?(be)?antwoorden|não responda|automaticamente|svara inte på|nie odpowiada|wygenerowan\S+ automatycznie|neodpovídejte|не отвечайте на|verification code|reset your password|has been shipped|thank you for (your order|registering|signing up|your purchase)|(build|job|test) #?\d+ (failed|succeeded)|cron(tab)? <|^url: https?://\S+\s*\ndate:`)
	smallPrintRE    = oneOf(`newsletter|abmelden`)
	privateRE       = oneOf(`intended (solely|only)|confidential and|are confidential|is confidential|vertraulich|confidentiel|confidencial|riservat|vertrouwelijk`)
	referenceRE     = oneOf(`(order|invoice|receipt|ticket|case|reference|confirmation|booking|tracking) (number|no\.?|id|#)\s*[:#]?\s*\w*\d`)
	forwardNoticeRE = lazy(`(?i)^(meeting forward notification|besprechungsweiterleitungsbenachrichtigung|benachrichtigung über (die )?weiterleitung einer besprechung|notification de transfert de (la )?réunion|notificación de reenvío de (la )?reunión|notifica (di )?inoltro riunione|melding over doorgestuurde vergadering)`)
	autoSubjectRE   = lazy(`(?i)^(automated\b|(new )?voice ?(mail|message)|missed (call|chat|activity)|verpasster anruf|neue (sprach)?nachricht (auf|von|vom)|nachricht von \+?[\d ]{6,}|candidate status|anruf (von|in abwesenheit)|(neues )?fax (from|von|received|empfangen)|appel manqué|nouveau message vocal|\[?(jira|bug|ticket|build|ci|alert|nagios|cron|notification|fwd: ?cron)\b|cron <|output from|logwatch|order confirmation|(problem|recovery|critical|down): |(ihre|deine) (bestellung|rechnung|buchung|sendung|lieferung)|(bestell|auftrags|versand|buchungs)bestätigung|confirmation de (votre )?commande|votre (commande|facture|colis)|confirmaci[oó]n de (su |tu )?pedido|(su|tu) (pedido|factura)|conferma (del tuo |dell.)?ordine|il (tuo|suo) ordine|bevestiging (van )?(uw|je)? ?bestelling|uw bestelling|your (order|receipt|invoice|booking|ticket|account|password|registration|subscription|payment)|(payment|order|shipping|delivery|booking|registration|password|account) (receipt|confirm|received|reset|notice|notification|update|verification)|verify your|confirm your|reminder:|security alert|new sign-?in)`)
	bulkSubjectRE   = lazy(`(?i)newsletter|\bdigest\b|\b(issue|vol(ume)?\.?|no\.) ?#?\d+|(daily|weekly|monthly)\b|\btop \d+\b|this week'?s|[$€£]\d+ (off|thank|gift)|\d+ ?% off|press release|\bsale\b|save \d+`)
	rightsRE        = oneOf(`all rights reserved|copyright (\(c\)|©) ?\d{4}|reproduc(e|tion) (in|of) `)
	publisherRE     = oneOf(`for immediate release|press release|\bissn\b|sponsored by|in this issue|\d[\d,.]* (subscribers|readers)|advertis(e|ing) (with us|info)`)
	imgRE           = lazy(`<img\b`)
	linkRE          = lazy(`<a\b[^>]*href[^>]*|https?://`)
	beaconRE        = lazy(`<img[^>]*(width|height)\s*=\s*["']?[01]["'\s/>]`)
)

// senderSigns are what the sender's address and the header's marks tell.
func senderSigns(m *message.Message, from string) []sign {
	local, _, _ := strings.Cut(from, "@")
	raw := strings.ToLower(m.From.Addr)
	var out []sign
	add := func(c message.Class, w int, format string, args ...any) {
		out = append(out, sign{c, w, fmt.Sprintf(format, args...)})
	}
	if bulkLocalRE().MatchString(local) {
		add(message.ClassBulk, 1, "%s is an address that mails many", from)
	}
	if machineIDRE().MatchString(strings.SplitN(raw, "@", 2)[0]) {
		add(message.ClassBulk, 2, "the sender's address is made by a machine")
	}
	if senderHost().MatchString(from) {
		add(message.ClassBulk, 1, "sent from a mass mailer's host")
	}
	if autoLocalRE().MatchString(local) {
		add(message.ClassAutomated, 2, "%s is a program's address", from)
	}
	if strings.HasPrefix(local, "rss") || strings.HasPrefix(local, "feed") {
		add(message.ClassAutomated, 2, "a news feed by mail")
	}
	if message.IsRobot(from) {
		add(message.ClassAutomated, 3, "the sender %s is a robot's address", from)
	}
	if len(m.ReplyTo) > 0 && message.IsRobot(message.Canonical(m.ReplyTo[0].Addr)) {
		add(message.ClassAutomated, 3, "answers go to %s, which nobody reads", m.ReplyTo[0].Addr)
	}
	if strings.HasPrefix(strings.ToLower(m.Header.Get("Auto-Submitted")), "auto") {
		add(message.ClassAutomated, 3, "Auto-Submitted: %s", m.Header.Get("Auto-Submitted"))
	}
	if forwardNoticeRE().MatchString(m.Subject) {
		add(message.ClassAutomated, 3, "a server tells that an invitation was passed on")
	}
	if autoSubjectRE().MatchString(m.Subject) {
		add(message.ClassAutomated, 2, "a robot's subject")
	}
	for _, h := range []string{"X-Mailer-RecptId", "X-Campaign-ID", "X-CampaignID", "X-Mailgun-Sid", "X-SG-EID", "X-MC-User", "X-Job", "X-JobID", "X-MailingID", "X-Mailing-Id", "X-rext", "X-Bulkmail", "Feedback-ID", "X-CSA-Complaints", "X-EMarketing", "X-PVIQ", "X-cid", "X-Report-Abuse", "X-ReportingKey", "X-Virtual-Server", "List-Unsubscribe", "X-List-Unsubscribe", "Errors-To"} {
		if m.Header.Has(h) {
			add(message.ClassBulk, 2, "%s is there", h)
			break
		}
	}
	if path := strings.ToLower(strings.Trim(m.Header.Get("Return-Path"), "<> ")); path != "" && message.Canonical(path) != from {
		local, host, _ := strings.Cut(path, "@")
		if machineIDRE().MatchString(local) || strings.Contains(local, "bounce") || strings.HasPrefix(local, "owner-") || strings.Contains(host, "bounce") {
			add(message.ClassBulk, 2, "bounces go to %s, an address made for mass mail", path)
		}
	}
	if bulkSubjectRE().MatchString(m.Subject) {
		add(message.ClassBulk, 1, "a periodical's subject")
	}
	if to := m.To; len(to) == 0 || message.Canonical(to[0].Addr) == from {
		add(message.ClassBulk, 1, "addressed to nobody in particular")
	}
	return out
}

// bodySigns are what the text and its dressing tell.
func bodySigns(p *message.Part) []sign {
	var out []sign
	text, kind := p.Readable()
	src := ""
	if h := p.HTML(); h != nil {
		src = h.Text()
	}
	if kind == "plain" {
		text = ReplyText(ends(text)) + "\n" + tail(text)
	}
	text, src = strings.ToLower(oneSpace(ends(text))), strings.ToLower(ends(src)) // patterns that ignore case are many times slower
	if wantsOutRE().MatchString(text) {                                           // somebody asks for it: no robot does
		return nil
	}
	if unsubscribeRE.MatchString(text) || src != "" && unsubscribeRE.MatchString(src) {
		out = append(out, sign{message.ClassBulk, 2, "it tells how to unsubscribe"})
	}
	if smallPrintRE.MatchString(text) {
		out = append(out, sign{message.ClassBulk, 1, "it speaks of a newsletter"})
	}
	if privateRE.MatchString(text) { // an office's small print says much
		for i := range out {
			out[i].weight = min(out[i].weight, 1)
		}
	} else if rightsRE.MatchString(text) {
		out = append(out, sign{message.ClassBulk, 1, "it reserves its publisher's rights"})
	}
	if publisherRE.MatchString(text) {
		out = append(out, sign{message.ClassBulk, 2, "it is a press release or a periodical"})
	}
	if autoWordsRE.MatchString(text) {
		out = append(out, sign{message.ClassAutomated, 2, "it says that a program wrote it"})
	} else if referenceRE.MatchString(text) {
		out = append(out, sign{message.ClassAutomated, 1, "it carries a reference number"})
	}
	links := max(len(linkRE().FindAllStringIndex(text, 60)), len(linkRE().FindAllStringIndex(src, 60)))
	switch {
	case links >= 12:
		out = append(out, sign{message.ClassBulk, 2, fmt.Sprintf("%d links", links)})
	case links >= 6:
		out = append(out, sign{message.ClassBulk, 1, fmt.Sprintf("%d links", links)})
	}
	if len(imgRE().FindAllStringIndex(src, 10)) >= 4 {
		out = append(out, sign{message.ClassBulk, 1, "many pictures"})
	}
	if beaconRE().MatchString(src) {
		out = append(out, sign{message.ClassBulk, 1, "a picture that counts its readers"})
	}
	return out
}

// wantsOutRE is a person who asks to be left out.
var wantsOutRE = lazyOneOf(`(please |kindly |can you |could you )(unsubscribe|remove|delete|take) (me|my|us)\b|bitte (nehmen|streichen|löschen|tragen) sie (mich|meine|uns)|merci de (me|nous) (retirer|désinscrire|supprimer)`)

// maxWeighed bounds how much of a text is searched for evidence: it stands at the ends.
const maxWeighed = 64 << 10

// ends are the beginning and the end of a long text.
func ends(s string) string {
	if len(s) <= maxWeighed {
		return s
	}
	return strings.ToValidUTF8(s[:maxWeighed/2]+"\n"+s[len(s)-maxWeighed/2:], "")
}

// tail is the end of a text, where the small print stands.
func tail(s string) string {
	lines := strings.Split(s, "\n")
	var keep []string
	for i := len(lines) - 1; i >= 0 && len(keep) < 25; i-- {
		if !strings.HasPrefix(strings.TrimSpace(lines[i]), ">") {
			keep = append(keep, lines[i])
		}
	}
	return strings.Join(keep, "\n")
}

// conversationSigns speak for a person: an answer in a thread.
func conversationSigns(m *message.Message) []sign {
	var out []sign
	if len(m.InReplyTo) > 0 || len(m.Refs) > 0 {
		out = append(out, sign{message.ClassHuman, 3, "an answer in a thread"})
	}
	if message.AnnouncingSubject(m.Subject) && (message.IsRobot(message.Canonical(m.From.Addr)) || m.From.Name != "" && strings.Contains(m.From.Name, " via ")) {
		out = append(out, sign{message.ClassAutomated, 5, "it tells what somebody did with a document"})
	}
	if replySubjectRE().MatchString(m.Subject) {
		out = append(out, sign{message.ClassHuman, 2, "the subject of an answer"})
	}
	return out
}

var replySubjectRE = lazy(`(?i)^\s*(re|aw|antw|sv|vs|ref|res|rif|odp|ynt|回复|答复|回覆|antwort|wg|fw|fwd|tr|rv|i|vb|doorst|enc)\s*(\[\d+\])?\s*[:：]`)

// oneSpace joins lines, so that words are found across line ends.
func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }
