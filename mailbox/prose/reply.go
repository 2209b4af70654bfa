package prose

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ReplyText is what the sender of a plain-text mail wrote anew: without attributions, quotes
// (marked or not), forwarded parts, signatures, device lines, disclaimers and list footers;
// answers between quoted lines are kept. To lose own text is worse than to keep a quote, so
// what is in doubt stays. It is linear in the length of s.
func ReplyText(s string) string { return replyText(s, nil) }

// replyText is ReplyText; names are the words of the author's name, as far as known.
func replyText(s string, names []string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	r := &replyCutter{lines: lines, cut: make([]bool, len(lines)), names: names}
	r.markHistory()
	r.markSignature()
	return r.kept()
}

// markHistory cuts what others wrote before.
func (r *replyCutter) markHistory() {
	r.markQuotes()
	r.markNamedQuotes()
	r.markForeignMarks()
	r.markBanners()
	r.markTorn()
	r.markUnmarkedQuote()
	r.markAttributions()
}

type replyCutter struct {
	lines []string
	cut   []bool
	end   int // lines from here on are quoted history

	noBottom bool     // nobody answers below a mail's header
	names    []string // of the author
	mild     bool     // a closing with nothing but a name is text
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

var linkTailRE = lazy(`^\s*\(?<?https?://\S+[)>]*(\s*>)?$`)

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
		clause := len(above) > 60 && unicode.IsLower(first) && (strings.HasSuffix(above, ",") || len(l) < 25 && !strings.ContainsAny(above[len(above)-1:], ".!?:;"))
		if linkTailRE().MatchString(l) || open || clause {
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
	separatorRE = lazy(`(?i)^[\s>*_]*[-_=*]{2,}\s*(original message|original appointment|forwarded message|forwarded by .*|begin forwarded message|reply message|reply above this line|ursprüngliche (nachricht|mail)|originalnachricht|original-nachricht|urspr\. nachricht|weitergeleitete nachricht|anfang der weitergeleiteten|message d'origine|message original|message transféré|mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|oorspronkelijke bericht|doorgestuurd bericht|ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|original meddelelse|oprindelig meddelelse|opprinnelig melding|videresendt|alkuperäinen viesti|välitetty viesti|oryginalna wiadomość|wiadomość oryginalna|wiadomość przekazana|původní zpráva|pôvodná správa|eredeti üzenet|mesaj original|исходное сообщение|пересылаемое сообщение|пересланное сообщение|вихідне повідомлення|orijinal mesaj|özgün ileti|iletilen mesaj|原始邮件|原始郵件|转发邮件|元のメッセージ|원본 메시지|oprindelig besked|antwort nachricht|originele bericht|mensaje origional|messaggio origine)(\s*[-_=*]{2,}[^\n]{0,400}|[^\n]{0,80})$`)
	dashedRE    = lazy(`^\s*[-_=*]{3,}\s*[\p{L}][\p{L} .,']{2,60}[-_=*\s]*[-_=*]{3,}\s*$`)
	wroteRE     = lazy(`(?i)^\s*[-_=*]{3,}[^\n]{2,100}\b(` + wrote + `)\b\s*:?\s*[-_=*]{3,}\s*$`)
	beginFwdRE  = lazy(`(?i)^\s*(begin forwarded message|anfang der weitergeleiteten (nachricht|e-mail)|début du (message (réexpédié|transféré)|courriel transféré)|inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht|vidarebefordrat brev|início da mensagem reencaminhada)\s*:?\s*$`)
	aboveRE     = lazy(`(?i)^[\s>#*_=-]*((please )?(reply|respond|type your (reply|response)|write) (above|over) (this|the) line|(bitte )?(oberhalb|über) dieser (linie|zeile) antworten|répondre (au-dessus|ci-dessus) de cette ligne)[^\n]*$`)
	rulerRE     = lazy(`^\s*[_\-=*]{10,}\s*$`)
)

// markUnmarkedQuote finds where history begins that carries no marks, and ends the text there.
func (r *replyCutter) markUnmarkedQuote() {
	for i, l := range r.lines {
		if len(l) > maxPatternLine {
			continue
		}
		t := strings.TrimSpace(l)
		if r.cut[i] {
			if r.markedHead(i) {
				r.end = r.aboveBlank(i)
				return
			}
			continue
		}
		switch {
		case r.separator(i, t):
		case r.inlineHeader(i):
		case r.headerBlock(i):
			if end, ok := r.bottomPosted(i); ok && !r.noBottom {
				for j := i; j < end; j++ {
					r.cut[j] = true
				}
				continue
			}
		case r.oldHead(i, t):
		default:
			continue
		}
		j := r.aboveBlank(i)
		if aboveRE().MatchString(t) && j == 0 {
			r.cut[i] = true // above the answer: the template of a help desk
			continue
		}
		r.end = max(j, 0)
		return
	}
}

// separator reports whether line i, t without the blanks around it, is one that programs put above what they quote.
func (r *replyCutter) separator(i int, t string) bool {
	if ruled := strings.Contains(t, "--") || strings.Contains(t, "__") || strings.Contains(t, "==") || strings.Contains(t, "**"); ruled && (separatorRE().MatchString(t) && !r.spokenOf(i) || wroteRE().MatchString(t) || dashedRE().MatchString(t) && r.restIsQuote(i+1)) {
		return true
	}
	return len(t) < 80 && beginFwdRE().MatchString(t) && r.restIsQuote(i+1) || strings.ContainsAny(t, "nN") && aboveRE().MatchString(t)
}

// oldHead reports whether a head without labels and marks begins at line i, t without the blanks around it.
func (r *replyCutter) oldHead(i int, t string) bool {
	switch {
	case t == "":
		return false
	case t[0] >= '0' && t[0] <= '9' && bareStampRE().MatchString(t), strings.Contains(t, "@") && r.notesHead(i), r.notesBlock(i), strings.Contains(t, "--") && notes8RE().MatchString(t):
		return true
	case strings.HasSuffix(t, ":") && r.bareWrote(i), strings.Contains(t, "@") && strings.Contains(t, ":") && wroteOnRE().MatchString(t):
		return true
	}
	return len(t) >= 10 && strings.Contains("-_=*", t[:1]) && rulerRE().MatchString(t) && r.labelled(i+1) >= 2
}

// aboveBlank is the first of the blank lines, rulers and cut lines right above line i.
func (r *replyCutter) aboveBlank(i int) int {
	for i > 0 && (r.cut[i-1] || strings.TrimSpace(r.lines[i-1]) == "" || rulerRE().MatchString(r.lines[i-1])) {
		i--
	}
	return i
}

// markedHead reports whether line i, which carries a quote's mark, is a head below which the quote goes on without marks.
func (r *replyCutter) markedHead(i int) bool {
	t := strings.TrimSpace(r.lines[i])
	if groupwiseRE().MatchString(t) {
		return true
	}
	if !messageDuRE().MatchString(t) || i+1 >= len(r.lines) || headerLabel(r.lines[i+1]) != "from" {
		return false
	}
	last := i // its last marked line
	for last+1 < len(r.lines) && (r.cut[last+1] || strings.TrimSpace(r.lines[last+1]) == "") {
		last++
	}
	return last+1 < len(r.lines)
}

// messageDuRE is the head of Orange and La Poste.
var messageDuRE = lazy(`(?i)^[>\s]*message du \d{1,2}/\d{1,2}/\d{2,4} \d{1,2}:\d{2}`)

// spokenOf reports whether a separator on line i is only told of: indented, and no head below it.
func (r *replyCutter) spokenOf(i int) bool {
	if !strings.HasPrefix(r.lines[i], "   ") {
		return false
	}
	for j := i + 1; j < len(r.lines); j++ {
		if t := strings.TrimSpace(r.lines[j]); t != "" {
			c, _ := utf8.DecodeRuneInString(t)
			return headerLabel(t) == "" && unicode.IsLower(c)
		}
	}
	return false
}

// bareWrote reports whether line i is a full name and that they wrote, and nothing else, with text above and below: Netscape's attribution.
func (r *replyCutter) bareWrote(i int) bool {
	if i == 0 || i+1 >= len(r.lines) || strings.TrimSpace(r.lines[i-1]) != "" || strings.TrimSpace(r.lines[i+1]) != "" || !bareNameRE().MatchString(r.lines[i]) {
		return false
	}
	return r.aboveBlank(i) > 0
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
	if !addressRE().MatchString(r.lines[i]) || i+1 >= len(r.lines) || !clockRE().MatchString(r.lines[i+1]) || len(r.lines[i+1]) > 60 {
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
	{"cc", "cc|bcc|kopie|cópia|copia|kopia|kopi|copie|kopio|dw|másolat|копия|копія|bilgi|抄送|副本|참조|κοιν."},
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
	if !address && !(kinds["sent"] && kinds["subject"] && kinds["from"] && r.clockIn(i, 8)) { // somebody's list of from, to and date
		return false
	}
	if !kinds["from"] {
		return kinds["sent"] && kinds["to"] && r.stampedPair(i)
	}
	return kinds["sent"] && (kinds["to"] || kinds["subject"] || r.stampedPair(i)) || kinds["to"] && kinds["subject"]
}

// clockIn reports whether one of n lines from line i tells a time.
func (r *replyCutter) clockIn(i, n int) bool {
	return slices.ContainsFunc(r.lines[i:min(i+n, len(r.lines))], clockRE().MatchString)
}

var (
	stampRE       = lazy(`\d{1,2}:\d{2}`)
	foreignQuotes = lazy(`(?i)(subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|тема|from|von|nadawca|expéditeur|remitente|mittente|afzender|отправитель|to|an|adresat|do|destinataire|komu|кому|sent|date|data|gesendet|wysłano)\s?:`)
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
	return stampRE().MatchString(a) && strings.Contains(b, "@") || stampRE().MatchString(b) && strings.Contains(a, "@")
}

// inlineHeader reports whether the line is a whole header block that lost its line ends.
func (r *replyCutter) inlineHeader(i int) bool {
	l := r.lines[i]
	if headerLabel(l) == "" || !strings.Contains(l, "@") {
		return false
	}
	n := len(foreignQuotes().FindAllStringIndex(l, 6))
	return n >= 3 || n == 2 && stampRE().MatchString(l)
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
