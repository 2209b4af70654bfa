package mailbox

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ReplyText is what the sender of a plain-text mail wrote anew: without attributions, quotes
// (marked or not), forwarded parts, signatures, device lines, disclaimers and list footers;
// answers between quoted lines are kept. To lose own text is worse than to keep a quote, so
// what is in doubt stays. It is linear in the length of s.
func ReplyText(s string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	r := &replyCutter{lines: lines, cut: make([]bool, len(lines))}
	r.markHistory()
	r.markSignature()
	return r.kept()
}

// markHistory cuts what others wrote before.
func (r *replyCutter) markHistory() {
	r.markQuotes()
	r.markTorn()
	r.markUnmarkedQuote()
	r.markAttributions()
}

type replyCutter struct {
	lines []string
	cut   []bool
	end   int // lines from here on are quoted history
}

func (r *replyCutter) kept() string {
	var out []string
	for i, l := range r.lines[:r.end] {
		if !r.cut[i] {
			out = append(out, strings.TrimRightFunc(l, unicode.IsSpace))
		}
	}
	return strings.Trim(strings.Join(out, "\n"), "\n")
}

// markQuotes cuts the lines that carry a quote mark.
func (r *replyCutter) markQuotes() {
	r.end = len(r.lines)
	for i, l := range r.lines {
		t := strings.TrimLeft(l, " \t\u00a0")
		if strings.HasPrefix(t, ">") && !strings.HasPrefix(t, ">>>>>>>") || initialsQuote(t) || barQuote(t) && r.barNear(i) {
			r.cut[i] = true
		}
	}
}

var linkTailRE = regexp.MustCompile(`^\s*\(?<?https?://\S+[)>]*(\s*>)?$`)

// markTorn cuts lines between quoted ones that are the torn ends of those: of a link, or of a
// parenthesis or a clause that the line above left open.
func (r *replyCutter) markTorn() {
	for i := 1; i < len(r.lines); i++ {
		if r.cut[i] || !r.cut[i-1] || i+1 < len(r.lines) && !r.cut[i+1] && strings.TrimSpace(r.lines[i+1]) != "" {
			continue
		}
		l, above := r.lines[i], strings.TrimSpace(r.lines[i-1])
		if len(l) > maxPatternLine || len(above) > maxPatternLine {
			continue
		}
		open := strings.Count(above, "(") > strings.Count(above, ")") && !strings.Contains(strings.TrimSpace(l), " ") && strings.HasSuffix(strings.TrimSpace(l), ")")
		first, _ := utf8.DecodeRuneInString(l)
		clause := strings.HasSuffix(above, ",") && len(above) > 60 && unicode.IsLower(first)
		if linkTailRE.MatchString(l) || open || clause {
			r.cut[i] = true
		}
	}
}

// barQuote recognises "| text", which is a quote unless it is a table's row.
func barQuote(t string) bool {
	return strings.HasPrefix(t, "|") && !strings.HasSuffix(strings.TrimSpace(t[1:]), "|")
}

func (r *replyCutter) barNear(i int) bool {
	return i > 0 && barQuote(strings.TrimSpace(r.lines[i-1])) || i+1 < len(r.lines) && barQuote(strings.TrimSpace(r.lines[i+1]))
}

// initialsQuote recognises "JD> text", as some old programs mark quotes.
func initialsQuote(t string) bool {
	i := strings.IndexByte(t, '>')
	if i < 1 || i > 4 || i+1 < len(t) && t[i+1] != ' ' && t[i+1] != '>' {
		return false
	}
	for _, c := range t[:i] {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

var (
	separatorRE = regexp.MustCompile(`(?i)^[\s>*_]*[-_=*]{2,}\s*(original message|original appointment|forwarded message|forwarded by .*|begin forwarded message|reply message|reply above this line|ursprüngliche (nachricht|mail)|originalnachricht|original-nachricht|urspr\. nachricht|weitergeleitete nachricht|anfang der weitergeleiteten|message d'origine|message original|message transféré|mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|oorspronkelijke bericht|doorgestuurd bericht|ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|original meddelelse|oprindelig meddelelse|opprinnelig melding|videresendt|alkuperäinen viesti|välitetty viesti|oryginalna wiadomość|wiadomość oryginalna|wiadomość przekazana|původní zpráva|pôvodná správa|eredeti üzenet|mesaj original|исходное сообщение|пересылаемое сообщение|пересланное сообщение|вихідне повідомлення|orijinal mesaj|özgün ileti|iletilen mesaj|原始邮件|原始郵件|转发邮件|元のメッセージ|원본 메시지|oprindelig besked|antwort nachricht|originele bericht|mensaje origional|messaggio origine)(\s*[-_=*]{2,}[^\n]{0,400}|[^\n]{0,80})$`)
	dashedRE    = regexp.MustCompile(`^\s*[-_=*]{3,}\s*[\p{L}][\p{L} .,']{2,60}[-_=*\s]*[-_=*]{3,}\s*$`)
	wroteRE     = regexp.MustCompile(`(?i)^\s*[-_=*]{3,}[^\n]{2,100}\b(` + wrote + `)\b\s*:?\s*[-_=*]{3,}\s*$`)
	beginFwdRE  = regexp.MustCompile(`(?i)^\s*(begin forwarded message|anfang der weitergeleiteten (nachricht|e-mail)|début du (message (réexpédié|transféré)|courriel transféré)|inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht|vidarebefordrat brev|início da mensagem reencaminhada)\s*:?\s*$`)
	aboveRE     = regexp.MustCompile(`(?i)^[\s>#*_=-]*((please )?(reply|respond|type your (reply|response)|write) (above|over) (this|the) line|(bitte )?(oberhalb|über) dieser (linie|zeile) antworten|répondre (au-dessus|ci-dessus) de cette ligne)[^\n]*$`)
	rulerRE     = regexp.MustCompile(`^\s*[_\-=*]{10,}\s*$`)
)

// markUnmarkedQuote finds where history begins that carries no marks, and ends the text there.
func (r *replyCutter) markUnmarkedQuote() {
	for i, l := range r.lines {
		if r.cut[i] || len(l) > maxPatternLine {
			continue
		}
		t := strings.TrimSpace(l)
		switch {
		case separatorRE.MatchString(t), wroteRE.MatchString(t), dashedRE.MatchString(t) && r.restIsQuote(i+1), beginFwdRE.MatchString(t) && r.restIsQuote(i+1), aboveRE.MatchString(t):
		case r.inlineHeader(i):
		case r.headerBlock(i):
			if end, ok := r.bottomPosted(i); ok {
				for j := i; j < end; j++ {
					r.cut[j] = true
				}
				continue
			}
		case bareStampRE.MatchString(t), r.notesHead(i), rulerRE.MatchString(t) && len(t) >= 8 && r.labelled(i+1) >= 2:
		default:
			continue
		}
		j := i
		for j > 0 && (r.cut[j-1] || strings.TrimSpace(r.lines[j-1]) == "" || rulerRE.MatchString(r.lines[j-1])) {
			j--
		}
		if aboveRE.MatchString(t) && j == 0 {
			r.cut[i] = true // above the answer: the template of a help desk
			continue
		}
		r.end = max(j, 0)
		return
	}
}

// labelled is how many header lines follow each other from line i.
func (r *replyCutter) labelled(i int) int {
	n := 0
	for ; i < len(r.lines) && n < 4 && headerLabel(r.lines[i]) != ""; i++ {
		n++
	}
	return n
}

// notesHead reports whether line i begins the head that old Lotus Notes put above what it quotes: sender,
// time, and the labels without colons, each on a line of its own.
func (r *replyCutter) notesHead(i int) bool {
	if !addressRE.MatchString(r.lines[i]) || i+1 >= len(r.lines) || !clockRE.MatchString(r.lines[i+1]) || len(r.lines[i+1]) > 60 {
		return false
	}
	seen := map[string]bool{}
	for _, l := range r.lines[i+2 : min(i+16, len(r.lines))] {
		if kind := labels[strings.ToLower(strings.TrimSpace(l))]; kind != "" {
			seen[kind] = true
		}
	}
	return seen["to"] && seen["subject"]
}

func (r *replyCutter) restIsQuote(i int) bool {
	for ; i < len(r.lines) && strings.TrimSpace(r.lines[i]) == ""; i++ {
		continue
	}
	return i >= len(r.lines) || r.cut[i] || headerLabel(r.lines[i]) != ""
}

// labels are the names of header lines in the blocks that mail programs put above what they
// quote, by what they mean.
var labels = labelTable([][2]string{
	{"from", "from|von|de|da|van|från|fra|lähettäjä|od|feladó|de la|от|від|kimden|gönderen|发件人|寄件者|寄件人|差出人|보낸 사람|보낸사람|από|מאת|من|expéditeur|remitente|mittente|afzender|nadawca|avsändare|avsender|nadawca|odesílatel|odosielateľ|expeditor|отправитель|відправник|saatja|no|nuo|pošiljatelj|от кого|dari|từ|จาก|šalje|sūtītājs|sender"},
	{"sent", "sent|date|gesendet|datum|envoyé|enviado|enviado el|fecha|data|inviato|inviato il|verzonden|skickat|sendt|dato|lähetetty|päivämäärä|wysłano|odesláno|odoslané|dátum|elküldve|küldve|trimis|отправлено|дата|надіслано|gönderildi|tarih|发送时间|日期|寄件日期|送信日時|日時|날짜|보낸 날짜|ημερομηνία|estalla|נשלח|تاريخ|تم الإرسال|التاريخ|date de l'envoi|enviada em|enviada|saadetud|nosūtīts|išsiųsta|poslano|изпратено|dikirim|tanggal|đã gửi|วันที่|στάλθηκε|απεσταλμένα"},
	{"to", "to|adresat|an|à|a|para|per|aan|till|til|vastaanottaja|do|komu|címzett|către|кому|kime|kimden kime|收件人|收件者|宛先|받는 사람|받는사람|προς|אל|إلى|destinataire|destinatario|ontvanger|kenele|kam|kam:|za|до|kepada|đến|tới|ถึง|prima|adressaat|adresāts"},
	{"cc", "cc|kopie|cópia|copia|kopia|kopi|copie|kopio|dw|másolat|копия|копія|bilgi|抄送|副本|참조|κοιν."},
	{"subject", "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|tárgy|subiect|тема|konu|主题|主旨|件名|제목|θέμα|נושא|الموضوع|teema|tēma|tema|zadeva|относно|perihal|chủ đề|เรื่อง"},
})

// labelTable turns rows of kind and words into a map; a word in two rows means the first.
func labelTable(rows [][2]string) map[string]string {
	out := map[string]string{}
	for _, row := range rows {
		for _, w := range strings.Split(row[1], "|") {
			if _, dup := out[w]; !dup {
				out[w] = row[0]
			}
		}
	}
	return out
}

// headerLabel is what the line is labelled as in such a block, "" for no label.
func headerLabel(l string) string {
	l = strings.TrimLeft(l, " \t\u00a0\u200e\u200f\u202a\u202b*>|")
	i := strings.IndexAny(l, ":：")
	if i <= 0 || i > 40 {
		return ""
	}
	name := strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Cf, c) {
			return -1
		}
		return unicode.ToLower(c)
	}, l[:i])
	return labels[strings.Trim(name, " \t\u00a0*")]
}

// headerBlock reports whether a quoted mail's header begins at line i: from and at least
// one, or without from two, more of its kinds within the next lines.
func (r *replyCutter) headerBlock(i int) bool {
	first := headerLabel(r.lines[i])
	if first != "from" && first != "sent" && first != "subject" {
		return false
	}
	kinds := map[string]bool{}
	address := false
	blanks := 0
	for j := i; j < min(i+10, len(r.lines)); j++ {
		if strings.TrimSpace(r.lines[j]) == "" {
			if blanks++; blanks > 1 && len(kinds) < 2 || blanks > 4 {
				break
			}
			continue
		}
		k := headerLabel(r.lines[j])
		if k == "" {
			if j > i && len(kinds) > 0 && headerLabel(r.lines[j-1]) != "" && len(r.lines[j]) > 3 && j-i < 9 {
				continue // a folded list of recipients
			}
			break
		}
		kinds[k] = true
		address = address || strings.Contains(r.lines[j], "@")
	}
	if !address && !(kinds["sent"] && kinds["subject"] && kinds["from"]) { // somebody's list of from, to and date
		return false
	}
	if !kinds["from"] {
		return kinds["sent"] && kinds["to"] && r.stampedPair(i)
	}
	return kinds["sent"] && (kinds["to"] || kinds["subject"] || r.stampedPair(i)) || kinds["to"] && kinds["subject"]
}

var (
	stampRE       = regexp.MustCompile(`\d{1,2}:\d{2}`)
	foreignQuotes = regexp.MustCompile(`(?i)(subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|тема|from|von|nadawca|expéditeur|remitente|mittente|afzender|отправитель|to|an|adresat|do|destinataire|komu|кому|sent|date|data|gesendet|wysłano)\s?:`)
)

// stampedPair reports whether the lines from i are a bare pair of header lines: one with a
// time of day, one with an address.
func (r *replyCutter) stampedPair(i int) bool {
	if i+1 >= len(r.lines) {
		return false
	}
	a, b := r.lines[i], r.lines[i+1]
	if headerLabel(a) == "" || headerLabel(b) == "" {
		return false
	}
	return stampRE.MatchString(a) && strings.Contains(b, "@") || stampRE.MatchString(b) && strings.Contains(a, "@")
}

// inlineHeader reports whether the line is a whole header block that lost its line ends.
func (r *replyCutter) inlineHeader(i int) bool {
	l := r.lines[i]
	if headerLabel(l) == "" || !strings.Contains(l, "@") {
		return false
	}
	n := len(foreignQuotes.FindAllStringIndex(l, 6))
	return n >= 3 || n == 2 && stampRE.MatchString(l)
}

// bottomPosted reports whether nothing but blank lines stands above line i, where a header
// block begins, and text below it: then the answer may be there.
func (r *replyCutter) bottomPosted(i int) (end int, ok bool) {
	for j := range i {
		if strings.TrimSpace(r.lines[j]) != "" {
			return 0, false
		}
	}
	last := i
	for j := i; j < min(i+14, len(r.lines)); j++ {
		if headerLabel(r.lines[j]) != "" {
			last = j
		} else if strings.TrimSpace(r.lines[j]) != "" {
			break
		}
	}
	return last + 1, true
}

// wrote are the verbs that end an attribution line, in many languages.
const wrote = `wrote|writes|said|schrieb|schreibt|geschrieben|a écrit|à écrit|a ecrit|ecrit|écrit|écrivait|escribió|escribio|escribi=f3|ha scritto|scrive|schreef|geschreven|het volgende geschreven|skrev|skrev följande|escreveu|napisał|napisała|napisał\(a\)|napisal|napsal|napsal\(a\)|napsala|napísal|napísal\(a\)|írta|ezt írta|a scris|пишет|написал|написала|написал\(а\)|писал|писал\(а\)|пише|написав|yazdı|şunları yazdı|kirjoitti|έγραψε|kirjutas|rakstīja|rašė|je napisao|je napisal|написа|menulis|đã viết|เขียน|写道|寫道|вы писали|เขียนว่า|şunu yazdı|님이 작성|님이 다음 내용을 작성|のメッセージ|כתב|كتب`

var (
	wroteVerbs        = oneOf(strings.ToLower(wrote + `|كتب/كتبت`))
	attributionEndRE  = regexp.MustCompile(`(?i)(^|[\s>)\]"'*,])(` + wrote + `)\s*(:|：|\.\.\.|…)?\s*\*?\s*$`)
	attributionColon  = regexp.MustCompile(`[:：]\s*\*?\s*$`)
	attributionLeadRE = regexp.MustCompile(`(?i)^[\s*>_-]*(on|am|le|el|il|op|den|em|dnia|dne|dňa|w dniu|в|on |le |at|quoting|zitat von|em |a |на|från|vid|ti|ma|lø|fre|tor|ons|tir|man|søn|lör|mån|pe|la|su|to|ke|kl\.|\d{1,4}[./年-]|mon|tue|wed|thu|fri|sat|sun|"?[\p{L}][\p{L} .,'-]{2,40}"?\s*[<(\[])`)
	wroteInsideRE     = regexp.MustCompile(`(?i)[\s,>)\]](` + wrote + `|كتب/كتبت)[\s:,]`)
	startsDatedRE     = regexp.MustCompile(`(?i)^\W{0,3}(\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}:\d{2}( ?[ap]m)?,? |(mon|tues|wednes|thurs|fri|satur|sun)day,? |(mon|tue|wed|thu|fri|sat|sun),? \d|\d{1,2} \p{L}{3,9}\.? \d{4})[^\n]{0,160}<?\S+@[^\s>]+>?`)
	clockRE           = regexp.MustCompile(`\p{Nd}{1,2}[:.h]\p{Nd}{2}`)
	datedRE           = regexp.MustCompile(`\d{1,2}[:.h]\d{2}|\d{4}|@|\d{1,2}[./-]\d{1,2}`)
)

// quotingRE is an attribution without a time, as Horde writes it.
var quotingRE = regexp.MustCompile(`(?i)^(quoting|zitat von|citat (från|fra)|citando( a)?|citation de|citazione di|citeren) [^\n]{2,120}[:：]$`)

// dayLeadRE is how an attribution begins that tells the day first.
var dayLeadRE = regexp.MustCompile(`(?i)^[\s*>_-]*(on|am|le|el|il|op|den|em|dnia|dne|dňa|w dniu|в|på|a)\s[^\n]{0,40}\d`)

// bareStampRE is an attribution without a verb: "2016-03-03 17:21 GMT+01:00 Some One".
var bareStampRE = regexp.MustCompile(`(?i)^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (gmt|utc)([+-]\d{1,2}(:?\d{2})?)? \S.{1,60}$`)

// maxPatternLine bounds the lines that are held against patterns; no attribution, header or
// signature is that long.
const maxPatternLine = 1500

// maxAttributions bounds how many lines are tried: each try reads a few lines with many patterns.
const maxAttributions = 1000

// markAttributions cuts "On … X wrote:" lines, also over several lines, where a quote
// follows; without one, a clear attribution ends the text when what follows is no answer.
func (r *replyCutter) markAttributions() {
	tries := 0
	for i := 0; i < r.end && tries < maxAttributions; i++ {
		if r.cut[i] || len(r.lines[i]) > maxPatternLine || strings.TrimSpace(r.lines[i]) == "" || !strings.ContainsAny(r.lines[i], "0123456789@:：<\"") && !attributionLeadRE.MatchString(r.lines[i]) {
			continue
		}
		tries++
		n := r.attribution(i)
		if n == 0 || n > 1 && (r.ownSentence(i) && !addressRE.MatchString(r.lines[i]) || !dayLeadRE.MatchString(r.lines[i]) && dayLeadRE.MatchString(r.lines[i+1])) {
			continue
		}
		quoted, end := r.quoteFollows(i + n)
		switch {
		case quoted:
			for j := i; j < i+n; j++ {
				r.cut[j] = true
			}
		case end:
			r.end = i
			return
		}
	}
}

// ownSentence reports whether line i ends a sentence, so that the attribution begins below it.
func (r *replyCutter) ownSentence(i int) bool {
	t := strings.TrimSpace(r.lines[i])
	return strings.HasSuffix(t, ".") && strings.Count(t, " ") > 3 || strings.HasSuffix(t, "!") || strings.HasSuffix(t, "?")
}

// attribution is how many lines an attribution at i takes, 0 for none.
func (r *replyCutter) attribution(i int) int {
	joined, led := "", true
	for n := 1; n <= 4 && i+n <= r.end; n++ {
		l := strings.TrimSpace(r.lines[i+n-1])
		if l == "" && n > 1 {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + l)
		if len(joined) > 400 {
			return 0
		}
		if n > 1 && startsDatedRE.MatchString(l) && !strings.HasPrefix(l, "<") {
			return 0 // it begins on this line
		}
		if r.stampedAbove(i, n, joined) {
			return n
		}
		if !led {
			continue
		}
		if quotingRE.MatchString(joined) {
			return n
		}
		if startsDatedRE.MatchString(joined) && (attributionColon.MatchString(joined) || r.markedNext(i+n)) {
			return n
		}
		said := wroteVerbs.MatchString(strings.ToLower(joined))
		inside := said && wroteInsideRE.MatchString(joined) && attributionColon.MatchString(joined) && attributionLeadRE.MatchString(joined)
		if inside && datedRE.MatchString(joined) {
			return n
		}
		if said && wroteInsideRE.MatchString(joined) && attributionLeadRE.MatchString(joined) && datedRE.MatchString(joined) && strings.Contains(joined, "@") && r.markedNext(i+n) {
			return n
		}
		if !said || !attributionEndRE.MatchString(l) && !(n > 1 && attributionEndRE.MatchString(joined)) {
			if n == 1 && !attributionLeadRE.MatchString(l) {
				led = false
				if !clockRE.MatchString(l) && !addressRE.MatchString(l) {
					return 0
				}
			}
			continue
		}
		if datedRE.MatchString(joined) && (attributionLeadRE.MatchString(joined) || attributionColon.MatchString(joined)) {
			return n
		}
		return 0
	}
	return 0
}

// stampedAbove reports whether the n lines from i stand right above a marked quote, tell a time and an
// address (or a verb) and end in a colon: an attribution, in whatever language.
func (r *replyCutter) stampedAbove(i, n int, joined string) bool {
	if len(joined) > 250 || !r.markedNext(i+n) || !clockRE.MatchString(joined) || !attributionColon.MatchString(withoutMarks(joined)) {
		return false
	}
	if !strings.Contains(joined, "@") && !wroteInsideRE.MatchString(" "+joined) {
		return false
	}
	first := r.lines[i]
	return n == 1 || (i == 0 || strings.TrimSpace(r.lines[i-1]) == "" || r.cut[i-1]) && (clockRE.MatchString(first) || addressRE.MatchString(first))
}

// withoutMarks is s without marks of writing direction.
func withoutMarks(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Cf, c) {
			return -1
		}
		return c
	}, s)
}

// markedNext reports whether the next line that isn't blank carries a quote mark.
func (r *replyCutter) markedNext(i int) bool {
	for i < r.end && strings.TrimSpace(r.lines[i]) == "" {
		i++
	}
	return i < r.end && r.cut[i]
}

// quoteFollows reports whether line i, blank ones skipped, is quoted; end tells that all
// the rest, to the end, looks like history without marks: there is at least something.
func (r *replyCutter) quoteFollows(i int) (quoted, end bool) {
	for i < r.end && strings.TrimSpace(r.lines[i]) == "" {
		i++
	}
	if i >= r.end {
		return true, false
	}
	if r.cut[i] {
		return true, false
	}
	for j := i; j < r.end; j++ {
		if r.cut[j] { // marked quotes below: what stands between is an answer
			return false, false
		}
	}
	return false, true
}

var (
	deviceRE = regexp.MustCompile(`(?i)^[^\w\s/]{0,3}\s?(sent (from|via|with|using) (my |the |an? )?(iphone|ipad|ipod|android|samsung|galaxy|blackberry|windows phone|windows mail|mobile|phone|huawei|xiaomi|htc|nokia|lg |motorola|verizon|at&t|t-mobile|sprint|outlook|mail for|yahoo|gmail|mailbox|mobiltelefon|tablet|handheld|smartphone|spark|proton|tutanota|superhuman|nine|aqua|k-9|airmail|newton|cloudmagic|aol|telus|bell|rogers|surface|pixel|oneplus|sony|xperia|wireless|mac\b|macbook|front|hey|polymail|boxer|typemail|bluemail|thunderbird|fairemail|wildberries)[^\n]{0,80}|sent from [A-Z][\w' -]{1,40}|sent from my [^\n,]{2,40}|sent from [^\n,]{2,40}, (please )?(excuse|pardon|forgive)[^\n]{0,80}|sent by [^\n]{2,20}|from my (iphone|ipad|android|phone|blackberry|mobile|galaxy)[^\n]{0,40}|(diese|die) (nachricht|e-?mail|mail) wurde [^\n]{2,80} gesendet|obter o outlook[^\n]{0,40}|obtener outlook[^\n]{0,40}|outlook (für|pour|voor|per) (android|ios)[^\n]{0,30}|téléchargez outlook[^\n]{0,40}|hol(en)? (sie )?outlook[^\n]{0,40}|someone from mobile|أُرسلت من[^\n]{0,40}|get outlook for (ios|android)[^\n]{0,60}|outlook (für|pour|para|per|voor|til|för|dla|для) (ios|android|mac)[^\n]{0,60}|download outlook[^\n]{0,60}|(von|vom) mein(em|er) [^\n]{2,60} gesendet|gesendet (von|mit|aus|über) [^\n]{2,100}|(diese nachricht wurde )?von (unterwegs|mobil) gesendet[^\n]{0,40}|envoyé (de|depuis|à partir de) [^\n]{2,80}|enviado (desde|do|de|a partir do|via) (mi|meu|el|o|yahoo|outlook|samsung|gmail|iphone|correo|mail)[^\n]{0,80}|inviato (da|dal|con) [^\n]{2,60}|verzonden (vanaf|met|via|van) [^\n]{2,60}|verstuurd (vanaf|met|via) [^\n]{2,60}|skickat från [^\n]{2,60}|sendt fra [^\n]{2,60}|lähetetty [^\n]{2,60}|wysłan[eoy] (z|ze) [^\n]{2,60}|odesláno z [^\n]{2,60}|отправлено с [^\n]{2,60}|надіслано з [^\n]{2,60}|[^\n]{2,40}'?(dan|den|ten|tan) gönderildi|从我的[^\n]{1,30}发送|发自我的[^\n]{1,30}|iphoneから送信|나의 iphone에서 보냄|從我的[^\n]{1,30}傳送|az [^\n]{2,30}[róe]l küldve|this message was sent from [^\n]{2,60}|sent by [^\n]{2,30} (app|mail)|typed (on|with) [^\n]{2,50}|excuse (my )?(brevity|typos|spelling)[^\n]{0,80}|please excuse [^\n]{0,60}(brevity|typos|errors|spelling)[^\n]{0,40}|hermes inbox|get mailspring[^\n]{0,40}|via (newton|spark|front) mail[^\n]{0,30})\W{0,3}$`)

	// personalRE is how a person asks for discretion, and no small print does.
	personalRE = regexp.MustCompile(`(?i)\b(do not|don't|don’t|not to) (tell|mention|forward|share|pass|call)[^.]{0,60}\b(my|me|anyone|them|it|this|on)\b|\b(i|i'm|i’m|my (boss|manager|employer|team|company))\b|between us|between you and me`)

	disclaimerRE = regexp.MustCompile(`(?i)^[\s*_>]*((this|the) (e-?mail|message|communication|information|transmission)( \(?(message|and any (attachments?|files)|including any attachments?|contained)[^.]{0,80})? (is|are|may|contains?|and any|transmitted|contained|was sent|has been)[^.]{0,120}(confidential|privileged|intended|recipient|proprietary|legally|property|virus)|confidentiality( notice)?\s*[:\-]|disclaimer\s*[:\-]?$|important notice\s*:|notice\s*:\s*this|privileged and confidential|private (and|&) confidential|diese (e-?mail|nachricht)[^.]{0,80}(vertraulich|enthält|ist ausschlie)|(der inhalt|die information)[^.]{0,60}vertraulich|ce (message|courriel|mail|courrier)[^.]{0,100}confidentiel|este (mensaje|correo|e-?mail|mensagem)[^.]{0,100}confidencial|esta (mensagem|comunicaci)[^.]{0,100}confidencial|questo messaggio[^.]{0,100}(riservat|confidenzial)|dit (bericht|e-?mail)[^.]{0,100}(vertrouwelijk|bestemd)|detta (meddelande|e-post)[^.]{0,100}(konfidentiell|avsett)|(please )?consider the environment before|think before (you )?print|save a tree|before printing|please don'?t print|registered (office|in england)|virus[- ]free\.?|this email has been (scanned|checked)|avast|if you (are not the intended|have received this (e-?mail|message|communication) in error)|information contained in this (e-?mail|message)|unauthori[sz]ed (use|disclosure|review)|internet communications are not)`)

	listFooterRE = regexp.MustCompile(`(?i)^\s*(_{20,}|-{20,}|to unsubscribe[, ]|you received this message because you are subscribed|to (unsubscribe|stop receiving|post)[^\n]{0,80}(send|visit|email|group|list|click)|unsubscribe\s*:|.{0,60}mailing list$|for more options, visit|list-unsubscribe|http\S+/(mailman/listinfo|listinfo)/\S+|yahoo! groups)`)

	closingRE = regexp.MustCompile(`(?i)^\W{0,2}((with )?(best|kind|kindest|warm|warmest|many|my)?\s*(regards?|wishes|rgds)|best|all the best|all my best|thanks( again| so much| a lot| in advance| and regards| & regards| very much)?|thank you( very much| so much| in advance| again| and (best|kind) regards)?|many thanks|cheers|thx|tia|ty|sincerely( yours)?|yours( sincerely| truly| faithfully)?|respectfully|cordially|take care|talk soon|love|xo+|ciao|br|kr|b/r|lg|vg|mfg|mvh|greetings|(mit )?(freundlichen|besten|lieben|herzlichen|vielen|sonnigen)? ?(grüßen|grüssen|grüße|gruß|gruss|grüsse)( aus .{2,20})?|(viele|liebe|beste|schöne|herzliche) grü(ß|ss)e( aus .{2,20})?|vielen dank|danke( schön| dir| ihnen)?|cordialement|bien cordialement|bien à (vous|toi)|salutations( distinguées)?|amicalement|merci( d'avance| beaucoup)?|(un )?(saludos?|cordial saludo|abrazo)( cordiales)?|atentamente|atte|gracias|obrigad[oa]|atenciosamente|cumprimentos|abraços?|cordiali saluti|distinti saluti|saluti|grazie( mille)?|(met )?(vriendelijke|hartelijke)? ?groet(en|jes)?|mvg|bedankt|(med )?(vänliga|bästa)? ?hälsning(ar)?|(med )?(venlig|vennlig|beste|mange) ?(hilsen|hilsner)|hilsen|tack|takk|tak|terveisin|ystävällisin terveisin|kiitos|pozdrawiam|z poważaniem|dziękuję|s pozdravem|děkuji|üdvözlettel|köszönöm|с уважением|спасибо|з повагою|saygılarımla|teşekkürler|此致|谢谢|よろしくお願いします)\W{0,4}$`)

	sigDelimiterRE = regexp.MustCompile(`^\s*(--|—|––|---|-- -- --|__|- -)\s*$`)
	sigRulerRE     = regexp.MustCompile(`^\s*[-_=*~#+.]{3,}\s*$`)
	spacedRulerRE  = regexp.MustCompile(`^[\s*_]*([.·•*=~_-]\s){5,}[.·•*=~_-]?[\s*_]*$`)
	phoneRE        = regexp.MustCompile(`(?i)(^|[\s:(|/])(\+|00)?\(?\d{1,5}\)?([\s./()-]{1,3}\d{2,5}){2,6}\b|\b(tel|phone|mobile|cell|fax|mob|office|direct|ph|desk|toll)[^\n]{0,6}[:.]?\s*[+(]?\d|^\s*[mtpcfodew]\s*[:.|]\s*[+(\w]`)
	contactRE      = regexp.MustCompile(`(?i)\S+@\S+\.\w{2,}|https?://|www\.\S+|\b(twitter|linkedin|skype|facebook|instagram)\b|@[a-z0-9_]{3,}$`)
)

// markSignature cuts signatures, device lines, disclaimers and list footers below the last
// own text.
func (r *replyCutter) markSignature() {
	first := 0
	for first < r.end && (r.cut[first] || strings.TrimSpace(r.lines[first]) == "") {
		first++
	}
	for i := first; i < r.end; i++ {
		if r.cut[i] || len(r.lines[i]) > maxPatternLine {
			continue
		}
		t := strings.TrimSpace(strings.ReplaceAll(r.lines[i], "\u00a0", " "))
		switch {
		case t == "":
		case deviceRE.MatchString(t), strings.Contains(t, "<") && deviceRE.MatchString(strings.TrimSpace(bracketRE.ReplaceAllString(t, ""))):
			r.cut[i] = true
			if i > first && r.sigDelimiterAbove(i) {
				continue
			}
			if i == first {
				r.cutBlock(i + 1)
			} else {
				r.cutToQuote(i + 1) // apps put it at the end of what was written
			}
		case i > first && sigDelimiterRE.MatchString(r.lines[i]) && r.shortBelow(i+1, 25) && !r.pairedRule(i):
			r.cutToQuote(i)
		case i > first && disclaimerRE.MatchString(t) && !personalRE.MatchString(t):
			r.cutToQuote(i)
		case i > first && (spacedRulerRE.MatchString(r.lines[i]) || r.footerRuler(i)) && r.shortBelow(i+1, 6):
			r.cutToQuote(i)
		case i > first && listFooterRE.MatchString(t) && r.footerBelow(i):
			r.cutToQuote(i)
		case t[0] != '/' && closingRE.MatchString(t) && r.shortBelow(i+1, 22) && r.sigBelow(i+1):
			r.cutClosing(i, first)
		}
	}
	r.cutBareSignature(first)
	r.cutName(first)
}

// cutClosing cuts a closing and what is below. Thanks with nothing below them are text, and
// so is a closing that is all there is.
func (r *replyCutter) cutClosing(i, first int) {
	if i == first {
		r.cutAfterClosing(i + 1)
		return
	}
	if thanksRE.MatchString(strings.TrimSpace(r.lines[i])) {
		below := i + 1
		for below < r.end && !r.cut[below] && strings.TrimSpace(r.lines[below]) == "" {
			below++
		}
		if below >= r.end || r.cut[below] || closingRE.MatchString(strings.TrimSpace(r.lines[below])) {
			return
		}
	}
	r.cutToQuote(i)
}

// bracketRE is a link's address behind its text.
var bracketRE = regexp.MustCompile(`[<(](https?://|www\.)[^>)]*[>)]`)

var thanksRE = regexp.MustCompile(`(?i)^\W{0,2}(thank|thx|thanx|danke|vielen dank|merci|gracias|obrigad|grazie|bedankt|tack|takk|tak\b|kiitos|dzięk|děkuj|köszön|спасибо|teşekkür|谢谢|cheers|ty\b|love|ok)`)

// cutName cuts a name that stands alone below the text.
func (r *replyCutter) cutName(first int) {
	i := r.end - 1
	for i > first && (r.cut[i] || strings.TrimSpace(r.lines[i]) == "") {
		i--
	}
	if i <= first || r.cut[i-1] && strings.TrimSpace(r.lines[i-1]) != "" || !signedName(r.lines[i]) {
		return // below a quoted line it is an answer
	}
	above := strings.TrimSpace(r.lines[i-1])
	if above != "" && !strings.ContainsAny(above[len(above)-1:], ".?!,") {
		return
	}
	r.cut[i] = true
	for i--; i > first && strings.TrimSpace(r.lines[i]) == ""; i-- {
		continue
	}
	if t := strings.TrimSpace(r.lines[i]); i > first && strings.HasSuffix(t, ",") && strings.Count(t, " ") < 4 {
		r.cut[i] = true // a closing in words that we don't know
	}
}

// signedName reports whether the line is somebody's name or initials, and no word that is
// also an answer.
func signedName(l string) bool {
	if !nameLine(l) {
		return false
	}
	ws := strings.Fields(strings.Trim(strings.TrimSpace(l), "-–—*_,. "))
	if len(ws) > 3 || closingRE.MatchString(strings.TrimSpace(l)) || strings.ContainsAny(l, "?!") || strings.HasSuffix(strings.TrimSpace(l), ":") {
		return false
	}
	for _, w := range ws {
		r, _ := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(r) {
			return false
		}
		switch strings.ToLower(strings.Trim(w, ".,")) {
		case "yes", "no", "ok", "okay", "thanks", "thank", "hi", "hello", "sure", "done", "agreed", "great", "perfect", "please", "test", "yep", "nope", "fine", "good", "cool", "sorry", "maybe", "monday", "tuesday", "wednesday", "thursday", "friday", "today", "tomorrow", "ja", "nein", "oui", "non", "si", "the", "this", "that", "it", "we", "you", "see", "call", "hey", "bye", "awesome", "approved", "never", "unsubscribe":
			return false
		}
	}
	return true
}

// pairedRule reports whether line i is one of two equal rules with own text between and a question or a
// sentence below: not a signature's.
func (r *replyCutter) pairedRule(i int) bool {
	rule := strings.TrimSpace(r.lines[i])
	if rule == "--" {
		return false
	}
	for j := i + 2; j < min(i+12, r.end); j++ {
		if strings.TrimSpace(r.lines[j]) == rule && !r.cut[j] {
			for j++; j < r.end; j++ {
				if t := strings.TrimSpace(r.lines[j]); strings.HasSuffix(t, "?") || strings.HasSuffix(t, ".") && strings.Count(t, " ") > 3 {
					return true
				}
			}
			return false
		}
	}
	for i--; i >= 0; i-- {
		if t := strings.TrimSpace(r.lines[i]); t == rule && !r.cut[i] {
			return true
		}
	}
	return false
}

func (r *replyCutter) sigDelimiterAbove(i int) bool {
	for i--; i >= 0 && strings.TrimSpace(r.lines[i]) == ""; i-- {
		continue
	}
	if i >= 0 && sigDelimiterRE.MatchString(r.lines[i]) {
		r.cut[i] = true
	}
	return false
}

// cutBlock cuts the lines from i to the next blank one, if they are links or few words.
func (r *replyCutter) cutBlock(i int) {
	for ; i < r.end && strings.TrimSpace(r.lines[i]) != "" && !r.cut[i]; i++ {
		if t := strings.TrimSpace(r.lines[i]); !contactRE.MatchString(t) {
			return
		}
		r.cut[i] = true
	}
}

// shortBelow reports whether what follows, up to the next quote, is no longer than a signature.
func (r *replyCutter) shortBelow(i, most int) bool {
	n, words := 0, 0
	for ; i < r.end && !r.cut[i]; i++ {
		t := strings.TrimSpace(r.lines[i])
		if t == "" {
			continue
		}
		if disclaimerRE.MatchString(t) || listFooterRE.MatchString(t) || sigRulerRE.MatchString(t) {
			return true
		}
		n++
		words += strings.Count(t, " ") + 1
	}
	return n <= most && words <= most*14
}

// footerRuler reports whether line i is a long ruler that closes the text: one that
// underlines the line above it is as long as that line, and is a heading's.
func (r *replyCutter) footerRuler(i int) bool {
	l := strings.TrimSpace(r.lines[i])
	if len(l) < 20 || strings.Trim(l, l[:1]) != "" || !strings.ContainsAny(l[:1], "-_=") {
		return false
	}
	above := utf8.RuneCountInString(strings.TrimSpace(r.lines[i-1]))
	return above == 0 || above < len(l)-2 || above > len(l)+2
}

func (r *replyCutter) footerBelow(i int) bool {
	for j := i; j < min(i+6, r.end); j++ {
		t := strings.ToLower(r.lines[j])
		if strings.Contains(t, "unsubscribe") || strings.Contains(t, "mailing list") || strings.Contains(t, "listinfo") || strings.Contains(t, "subscribed") || strings.Contains(t, "googlegroups") || strings.Contains(t, "google groups") || strings.Contains(t, "yahoo! groups") {
			return true
		}
	}
	return false
}

// sigBelow reports whether the lines below a closing look like a signature rather than like
// more text: mostly short lines without a sentence.
func (r *replyCutter) sigBelow(i int) bool {
	long, seen := 0, 0
	for ; i < r.end && !r.cut[i]; i++ {
		t := strings.TrimSpace(r.lines[i])
		if psRE.MatchString(t) {
			return false
		}
		if t != "" {
			seen++
		}
		if seen == 1 && t != "" && strings.Count(t, " ") > 3 && !contactRE.MatchString(t) && !phoneRE.MatchString(t) && !disclaimerRE.MatchString(t) && !deviceRE.MatchString(t) && strings.ToLower(t[1:]) == t[1:] {
			return false // a sentence: the text goes on
		}
		if disclaimerRE.MatchString(t) || deviceRE.MatchString(t) || listFooterRE.MatchString(t) || sigDelimiterRE.MatchString(t) {
			return true
		}
		if utf8.RuneCountInString(t) > 72 && !contactRE.MatchString(t) && !phoneRE.MatchString(t) {
			long++
		}
	}
	return long == 0
}

var psRE = regexp.MustCompile(`(?i)^\W{0,2}p\.? ?p?\.?s\.?\b`)

// cutToQuote cuts everything from i down to the next quoted line or the end.
func (r *replyCutter) cutToQuote(i int) {
	for ; i < r.end && !r.cut[i]; i++ {
		r.cut[i] = true
	}
}

// cutAfterClosing keeps the sender's name below a closing and cuts the rest.
func (r *replyCutter) cutAfterClosing(i int) {
	for i < r.end && strings.TrimSpace(r.lines[i]) == "" {
		i++
	}
	if i < r.end && !r.cut[i] && nameLine(r.lines[i]) {
		i++
	}
	r.cutToQuote(i)
}

// nameLine reports whether the line is a person's name and nothing else.
func nameLine(l string) bool {
	t := strings.Trim(strings.TrimSpace(l), "-–—*_,. ")
	ws := strings.Fields(t)
	if len(ws) == 0 || len(ws) > 4 || strings.ContainsAny(t, "0123456789@:/|,") {
		return false
	}
	return utf8.RuneCountInString(t) <= 40
}

// imageLineRE is a picture's place in the text of an HTML mail.
var imageLineRE = regexp.MustCompile(`(?i)^\s*(!?\[(image|cid|logo|inline image|bild|signature)[^\]]{0,80}\]|\[[^\]]*(logo|signature)[^\]]*\])`)

// cutBareSignature cuts a signature that nothing announces: the last block of short lines
// with a phone number or address in it, below at least one line of text.
func (r *replyCutter) cutBareSignature(first int) {
	i := r.end - 1
	for i >= 0 && (r.cut[i] || strings.TrimSpace(r.lines[i]) == "") {
		i--
	}
	last := i
	start, hits := -1, 0
	for ; i > first && last-i < 14; i-- {
		t := strings.TrimSpace(r.lines[i])
		if r.cut[i] {
			break
		}
		if t == "" {
			if hits > 0 && start == i+1 && i > 0 && !r.sigLike(i-1, first) {
				break
			}
			continue
		}
		contact := contactRE.MatchString(t) || phoneRE.MatchString(t)
		if utf8.RuneCountInString(t) > 90 || !contact && (strings.HasSuffix(t, ".") && strings.Count(t, " ") > 3 || strings.HasSuffix(t, "?") || strings.Count(t, " ") > 8) {
			break
		}
		if contact {
			hits++
		}
		start = i
	}
	for above := start - 1; above >= first; above-- {
		if t := strings.TrimSpace(r.lines[above]); t != "" {
			if strings.HasSuffix(t, ":") {
				return // announced: it is what the sender wants to tell
			}
			break
		}
	}
	if start <= first || hits == 0 || hits == 1 && (last == start || last-start > 5) || !nameLine(r.lines[start]) && !imageLineRE.MatchString(r.lines[start]) {
		return
	}
	for j := start; j <= last; j++ {
		r.cut[j] = true
	}
}

func (r *replyCutter) sigLike(i, first int) bool {
	t := strings.TrimSpace(r.lines[i])
	return i > first && t != "" && utf8.RuneCountInString(t) <= 50 && !strings.HasSuffix(t, ".") && !strings.HasSuffix(t, "?") && !strings.HasSuffix(t, "!")
}

// HTMLReplyText is what the sender of an HTML mail wrote anew: quotes cut by the structure
// that mail programs give to them, then by the lines as in plain text.
func HTMLReplyText(src string) string {
	text := withoutHistory(HTMLReply(src))
	if strings.TrimSpace(text) == "" { // nothing but quotes: then the structure misled us
		text = withoutHistory(HTMLText(src))
	}
	return text
}

// withoutHistory is s without what others wrote before, and without device lines.
func withoutHistory(s string) string {
	lines := strings.Split(s, "\n")
	r := &replyCutter{lines: lines, cut: make([]bool, len(lines))}
	r.markHistory()
	for i, l := range lines {
		switch t := strings.TrimSpace(l); {
		case i == 0 || r.cut[i] || len(l) >= maxPatternLine:
		case deviceRE.MatchString(t):
			r.cut[i] = true
		case t == "--" && r.shortBelow(i+1, 25):
			r.cutToQuote(i)
		}
	}
	return r.kept()
}

// Answer is a line that the sender wrote anew, and what it answers.
type Answer struct {
	Text  string
	Quote []string // the quoted lines right above it, nearest first, quote marks off; nil if it stands below no quote
}

var quoteMarksRE = regexp.MustCompile(`^[\s>|]*[>|] ?`)

// mostQuote is how many quoted lines above an answer are looked at.
const mostQuote = 12

// Answers is ReplyText line by line, blank lines left out: each with the quoted lines above it, so that
// an answer between the lines of a list can be told by what it stands under.
func Answers(s string) []Answer {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	r := &replyCutter{lines: lines, cut: make([]bool, len(lines))}
	r.markHistory()
	r.markSignature()
	var out []Answer
	var quote []string
	answered := false
	for i, l := range lines[:r.end] {
		t := strings.TrimSpace(l)
		switch {
		case r.cut[i]:
			if q := strings.TrimRight(quoteMarksRE.ReplaceAllString(l, ""), " \t"); strings.TrimSpace(q) != "" && strings.ContainsAny(t[:1], ">|") {
				if answered {
					quote, answered = nil, false
				}
				quote = append([]string{q}, quote[:min(len(quote), mostQuote-1)]...)
			}
		case t != "":
			out = append(out, Answer{Text: t, Quote: quote})
			answered = true
		}
	}
	return out
}
