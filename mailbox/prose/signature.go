package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	deviceRE = lazyLine(`^[^\w\s/]{0,3}\s?`, `(yahoo|aol) mail: [^\n]{2,60}|sent (from|via|with|using) (my |the |an? )?\[?(iphone|ipad|ipod|android|samsung|galaxy|blackberry|windows phone|windows mail|mobile|phone|huawei|xiaomi|htc|nokia|lg |motorola|verizon|at&t|t-mobile|sprint|outlook|mail for|yahoo|gmail|mailbox|mobiltelefon|tablet|handheld|smartphone|spark|proton|tutanota|superhuman|nine|aqua|k-9|airmail|newton|cloudmagic|aol|telus|bell|rogers|surface|pixel|oneplus|sony|xperia|wireless|mac\b|macbook|front|hey|polymail|boxer|typemail|bluemail|thunderbird|fairemail|wildberries)[^\n]{0,80}|sent from [a-z][\w' -]{1,40}|sent from my [^\n,]{2,40}|sent from [^\n,]{2,40}, (please )?(excuse|pardon|forgive)[^\n]{0,80}|sent by [^\n]{2,20}|from my (iphone|ipad|android|phone|blackberry|mobile|galaxy)[^\n]{0,40}|(diese|die) (nachricht|e-?mail|mail) wurde [^\n]{2,80} gesendet|obter o outlook[^\n]{0,40}|obtener outlook[^\n]{0,40}|outlook (für|pour|voor|per) (android|ios)[^\n]{0,30}|téléchargez outlook[^\n]{0,40}|hol(en)? (sie )?outlook[^\n]{0,40}|someone from mobile|أُرسلت من[^\n]{0,40}|get outlook for (ios|android)[^\n]{0,60}|outlook (für|pour|para|per|voor|til|för|dla|для) (ios|android|mac)[^\n]{0,60}|download outlook[^\n]{0,60}|(von|vom) mein(em|er) [^\n]{2,60} gesendet|gesendet (von|mit|aus|über) [^\n]{2,100}|(diese nachricht wurde )?von (unterwegs|mobil) gesendet[^\n]{0,40}|envoyé (de|depuis|à partir de) [^\n]{2,80}|enviado (desde|do|de|a partir do|via) (mi|meu|el|o|yahoo|outlook|samsung|gmail|iphone|correo|mail)[^\n]{0,80}|inviato (da|dal|con) [^\n]{2,60}|verzonden (vanaf|vanuit|met|via|van) [^\n]{2,60}|verstuurd (vanaf|met|via) [^\n]{2,60}|skickat från [^\n]{2,60}|sendt fra [^\n]{2,60}|lähetetty [^\n]{2,60}|trimis (de pe|din) [^\n]{2,60}|[^\n]{2,30}-?r[óo]l küldve|poslano (z|s) [^\n]{2,60}|odoslané z [^\n]{2,60}|gửi từ [^\n]{2,60}|enviat des de[^\n]{2,60}|στάλθηκε από[^\n]{2,60}|изпратено от[^\n]{2,60}|נשלח מ[^\n]{2,60}|dikirim dari[^\n]{2,60}|ส่งจาก[^\n]{2,60}|sendt frá[^\n]{2,60}|išsiųsta iš[^\n]{2,60}|saadetud [^\n]{2,60}|wysłan[eoy] (z|ze) [^\n]{2,60}|odesláno z [^\n]{2,60}|отправлено с [^\n]{2,60}|надіслано з [^\n]{2,60}|[^\n]{2,40}'?(dan|den|ten|tan) gönderildi|从我的[^\n]{1,30}发送|发自我的[^\n]{1,30}|iphoneから送信|나의 iphone에서 보냄|從我的[^\n]{1,30}傳送|az [^\n]{2,30}[róe]l küldve|this message was sent from [^\n]{2,60}|sent by [^\n]{2,30} (app|mail)|typed (on|with) [^\n]{2,50}|excuse (my )?(brevity|typos|spelling)[^\n]{0,80}|please excuse [^\n]{0,60}(brevity|typos|errors|spelling)[^\n]{0,40}|hermes inbox|get mailspring[^\n]{0,40}|via (newton|spark|front) mail[^\n]{0,30}`, `\W{0,3}$`)

	// personalRE is how a person asks for discretion, and no small print does.
	personalRE = lazy(`(?i)\b(do not|don't|don’t|not to) (tell|mention|forward|share|pass|call)[^.]{0,60}\b(my|me|anyone|them|it|this|on)\b|\b(i|i'm|i’m|my (boss|manager|employer|team|company))\b|between us|between you and me`)

	disclaimerRE = lazyLine(`^[\s*_>]*`, `(this|the) (e-?mail|message|communication|information|transmission)( \(?(message|and any (attachments?|files)|including any attachments?|contained)[^.]{0,80})? (is|are|may|contains?|and any|transmitted|contained|was sent|has been)[^.]{0,120}(confidential|privileged|intended|recipient|proprietary|legally|property|virus)|confidentiality( notice)?\s*[:\-]|disclaimer\s*[:\-]?$|important notice\s*:|notice\s*:\s*this|privileged and confidential|private (and|&) confidential|diese (e-?mail|nachricht)[^.]{0,80}(vertraulich|enthält|ist ausschlie)|(der inhalt|die information)[^.]{0,60}vertraulich|ce (message|courriel|mail|courrier)[^.]{0,100}confidentiel|este (mensaje|correo|e-?mail|mensagem)[^.]{0,100}confidencial|esta (mensagem|comunicaci)[^.]{0,100}confidencial|questo messaggio[^.]{0,100}(riservat|confidenzial)|(dit|deze|de informatie)( \S+){0,6} ?(bericht|e-?mail\w*|e-mailbericht)[^.]{0,100}(vertrouwelijk|bestemd)|detta (meddelande|e-post)[^.]{0,100}(konfidentiell|avsett)|(please )?consider the environment before|think before (you )?print|save a tree|before printing|please don'?t print|registered (office|in england)|virus[- ]free\.?|this email has been (scanned|checked)|avast|if you (are not the intended|have received this (e-?mail|message|communication) in error)|information contained in this (e-?mail|message)|unauthori[sz]ed (use|disclosure|review)|internet communications are not`, ``)

	listFooterRE = lazyLine(`^\s*`, `_{20,}|-{20,}|to unsubscribe[, ]|you received this message because you are subscribed|to (unsubscribe|stop receiving|post)[^\n]{0,80}(send|visit|email|group|list|click)|unsubscribe\s*:|.{0,60}mailing list$|for more options, visit|list-unsubscribe|http\S+/(mailman/listinfo|listinfo)/\S+|yahoo! groups`, ``)

	closingRE = lazyLine(`^\W{0,2}`, `(with )?(best|kind|kindest|warm|warmest|many|my)?\s*(regards?|wishes|rgds)|best|all the best|all my best|thanks( again| so much| a lot| in advance| and regards| & regards| very much)?|thank you( very much| so much| in advance| again| and (best|kind) regards)?|many thanks|cheers|thx|tia|ty|sincerely( yours)?|yours( sincerely| truly| faithfully)?|respectfully|cordially|take care|talk soon|love|xo+|ciao|br|kr|b/r|lg|vg|mfg|mvh|greetings|(mit )?(freundlichen|besten|lieben|herzlichen|vielen|sonnigen)? ?(grüßen|grüssen|grüße|gruß|gruss|grüsse)( aus .{2,20})?|(viele|liebe|beste|schöne|herzliche) grü(ß|ss)e( aus .{2,20})?|vielen dank|danke( schön| dir| ihnen)?|cordialement|bien cordialement|bien à (vous|toi)|salutations( distinguées)?|amicalement|merci( d'avance| beaucoup)?|(un )?(saludos?|cordial saludo|abrazo)( cordiales)?|atentamente|atte|gracias|obrigad[oa]|atenciosamente|cumprimentos|abraços?|cordiali saluti|distinti saluti|saluti|grazie( mille)?|(met )?(vriendelijke|hartelijke)? ?groet(en|jes)?|mvg|bedankt|(med )?(vänliga|bästa)? ?hälsning(ar)?|(med )?(venlig|vennlig|beste|mange) ?(hilsen|hilsner)|hilsen|tack|takk|tak|terveisin|ystävällisin terveisin|kiitos|pozdrawiam|z poważaniem|dziękuję|s pozdravem|děkuji|üdvözlettel|köszönöm|с уважением|спасибо|з повагою|saygılarımla|teşekkürler|此致|谢谢|よろしくお願いします`, `\W{0,4}$`)

	sigDelimiterRE = lazy(`^\s*(--|—|––|---|-- -- --|__|- -)\s*$`)
	sigRulerRE     = lazy(`^\s*[-_=*~#+.━─═—–＿＝－★☆◆◇■□●○*]{3,}\s*$`)
	spacedRulerRE  = lazy(`^[\s*_]*([.·•*=~_-]\s){5,}[.·•*=~_-]?[\s*_]*$`)
	phoneRE        = lazy(`(?i)(^|[\s:(|/])(\+|00)?\(?\d{1,5}\)?([\s./()-]{1,3}\d{2,5}){2,6}\b|\b(tel|phone|mobile|cell|fax|mob|office|direct|ph|desk|toll)[^\n]{0,6}[:.]?\s*[+(]?\d|^\s*[mtpcfodew]\s*[:.|]\s*[+(\w]`)
	// figureRE is what looks like a number to call and is none: days, times and spans of them, amounts.
	figureRE  = lazy(`(?i)\b\d{4}[./-]\d{1,2}[./-]\d{1,2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{1,2}[:.h]\d{2}(\s?[-–]\s?\d{1,2}[:.h]\d{2})?\s?([ap]m\b|uhr\b)?|[€$£]\s?\d[\d.,' ]*k?|\b\d[\d.,' ]*\s?(k\b|€|eur\b|usd\b|gbp\b|chf\b|%)|\b\d{1,3}([ .,']\d{3})*[ .,']?\d?00\b|\b(19|20)\d\d\s?[-–/]\s?((19|20)?\d\d)\b`)
	contactRE = lazy(`(?i)\S+@\S+\.\w{2,}|https?://|www\.\S+|\b(twitter|linkedin|skype|facebook|instagram)\b|@[a-z0-9_]{3,}$`)
)

// hasPhone reports whether a line holds a number to call.
func hasPhone(t string) bool {
	return phoneRE().MatchString(t) && (phoneWordRE().MatchString(t) || phoneRE().MatchString(figureRE().ReplaceAllString(t, "~")))
}

// phoneWordRE is a number that is said to be one.
var phoneWordRE = lazy(`(?i)\b(tel|phone|mobile|cell|fax|mob|office|direct|ph)[^\n]{0,6}[:.]\s*[+(]?\d|\+\d{2}`)

// markSignature cuts signatures, device lines, disclaimers and list footers below the last
// own text.
func (r *replyCutter) markSignature() {
	first := 0
	for first < r.end && (r.cut[first] || strings.TrimSpace(r.lines[first]) == "") {
		first++
	}
	r.cutBySigner(first, r.names)
	for i := first; i < r.end; i++ {
		if r.cut[i] || len(r.lines[i]) > maxPatternLine {
			continue
		}
		t := strings.TrimSpace(strings.ReplaceAll(r.lines[i], "\u00a0", " "))
		switch {
		case t == "":
		case deviceRE().MatchLine(t), strings.Contains(t, "<") && deviceRE().MatchLine(strings.TrimSpace(bracketRE().ReplaceAllString(t, ""))):
			r.cut[i] = true
			if i > first && r.sigDelimiterAbove(i) {
				continue
			}
			if i == first {
				r.cutBlock(i + 1)
			} else {
				r.cutToQuote(i + 1) // apps put it at the end of what was written
			}
		case i > first && sigDelimiterRE().MatchString(r.lines[i]) && r.shortBelow(i+1, 25) && !r.pairedRule(i) && (strings.TrimSpace(r.lines[i]) == "--" || r.foreignBelow(i+1)):
			r.cutToQuote(i)
		case i == first && disclaimerRE().MatchLine(t) && !personalRE().MatchString(t) && len(t) > 80:
			if r.cutTop(i) {
				first = i + 1
			}
		case i > first && disclaimerRE().MatchLine(t) && !personalRE().MatchString(t):
			r.cutForeign(i)
		case i > first && (spacedRulerRE().MatchString(r.lines[i]) || r.footerRuler(i) && r.foreignBelow(i+1)) && r.shortBelow(i+1, 6):
			r.cutToQuote(i)
		case i > first && listFooterRE().MatchLine(t) && !wantsOutRE().MatchString(strings.ToLower(t)) && !strings.Contains(strings.ToLower(t), "unsubscribe me") && r.footerBelow(i):
			r.cutToQuote(i)
		case t[0] != '/' && closingRE().MatchLine(t) && r.shortBelow(i+1, 22) && r.sigBelow(i+1):
			r.cutClosing(i, first)
		}
	}
	r.cutBareSignature(first)
	if !r.mild {
		r.cutName(first)
	}
}

// cutClosing cuts a closing and what is below. Thanks with nothing below them are text, and
// so is a closing that is all there is.
func (r *replyCutter) cutClosing(i, first int) {
	if r.mild && r.onlyNameBelow(i+1) {
		return
	}
	if i == first {
		r.cutAfterClosing(i + 1)
		return
	}
	if thanksRE().MatchString(strings.TrimSpace(r.lines[i])) {
		below := i + 1
		for below < r.end && !r.cut[below] && strings.TrimSpace(r.lines[below]) == "" {
			below++
		}
		if below >= r.end || r.cut[below] || closingRE().MatchLine(strings.TrimSpace(r.lines[below])) {
			return
		}
	}
	r.cutToQuote(i)
}

// onlyNameBelow reports whether a name, or nothing, stands from line i to the next quote.
func (r *replyCutter) onlyNameBelow(i int) bool {
	lines := 0
	for ; i < r.end && !r.cut[i]; i++ {
		if t := strings.TrimSpace(r.lines[i]); t != "" {
			if lines++; lines > 1 || !nameLine(t) {
				return false
			}
		}
	}
	return true
}

// bracketRE is a link's address behind its text.
var bracketRE = lazy(`[<(](https?://|www\.)[^>)]*[>)]`)

var thanksRE = lazy(`(?i)^\W{0,2}(thank|thx|thanx|danke|vielen dank|merci|gracias|obrigad|grazie|bedankt|tack|takk|tak\b|kiitos|dzięk|děkuj|köszön|спасибо|teşekkür|谢谢|cheers|ty\b|love|ok)`)

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
	if len(ws) > 3 || closingRE().MatchLine(strings.TrimSpace(l)) || strings.ContainsAny(l, "?!") || strings.HasSuffix(strings.TrimSpace(l), ":") {
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
	if i >= 0 && sigDelimiterRE().MatchString(r.lines[i]) {
		r.cut[i] = true
	}
	return false
}

// cutBlock cuts the lines from i to the next blank one, if they are links or few words.
func (r *replyCutter) cutBlock(i int) {
	for ; i < r.end && strings.TrimSpace(r.lines[i]) != "" && !r.cut[i]; i++ {
		if t := strings.TrimSpace(r.lines[i]); !contactRE().MatchString(t) {
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
		if disclaimerRE().MatchLine(t) || listFooterRE().MatchLine(t) || sigRulerRE().MatchString(t) {
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
		if psRE().MatchString(t) {
			return long == 0 && seen > 0
		}
		if t != "" {
			seen++
		}
		if seen == 1 && t != "" && strings.Count(t, " ") > 3 && !contactRE().MatchString(t) && !hasPhone(t) && !disclaimerRE().MatchLine(t) && !deviceRE().MatchLine(t) && strings.ToLower(t[1:]) == t[1:] {
			return false // a sentence: the text goes on
		}
		if disclaimerRE().MatchLine(t) || deviceRE().MatchLine(t) || listFooterRE().MatchLine(t) || sigDelimiterRE().MatchString(t) {
			return true
		}
		if utf8.RuneCountInString(t) > 72 && !contactRE().MatchString(t) && !hasPhone(t) {
			long++
		}
	}
	return long == 0
}

var psRE = lazy(`(?i)^\W{0,2}p\.? ?p?\.?s\.?\b`)

// cutToQuote cuts everything from i down to the next quoted line, a postscript, or the end.
func (r *replyCutter) cutToQuote(i int) {
	for from := i; i < r.end && !r.cut[i]; i++ {
		if i > from && psRE().MatchString(strings.TrimSpace(r.lines[i])) {
			return
		}
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
var imageLineRE = lazy(`(?i)^\s*(!?\[(image|cid|logo|inline image|bild|signature)[^\]]{0,80}\]|\[[^\]]*(logo|signature)[^\]]*\])`)

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
		contact := contactRE().MatchString(t) || hasPhone(t)
		if utf8.RuneCountInString(t) > 90 || !contact && bulletRE().MatchString(t) || strings.HasSuffix(t, "。") || strings.HasSuffix(t, "！") || !contact && (strings.HasSuffix(t, ".") && strings.Count(t, " ") > 3 || strings.HasSuffix(t, "?") || strings.Count(t, " ") > 8) {
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
	if start <= first || hits == 0 || hits == 1 && (last == start || last-start > 5) || !signerLine(r.lines[start]) && !imageLineRE().MatchString(r.lines[start]) {
		return
	}
	for j := start; j <= last; j++ {
		r.cut[j] = true
	}
}

// bulletRE begins an entry of a list.
var bulletRE = lazy(`^(・\S|(•|\*|-|–|\d{1,2}[.)])\s\S)`)

// signerLine reports whether a line is a name as people sign: every word but a particle begins with a capital.
func signerLine(l string) bool {
	if !nameLine(l) {
		return false
	}
	ws := strings.Fields(strings.Trim(strings.TrimSpace(l), "-–—*_,. "))
	for _, w := range ws {
		c, _ := utf8.DecodeRuneInString(w)
		if unicode.IsLower(c) && !nameParticles[w] {
			return false
		}
	}
	return true
}

// nameParticles stand in lower case within names.
var nameParticles = map[string]bool{
	"van": true, "von": true, "de": true, "der": true, "den": true, "del": true, "della": true, "di": true, "da": true, "dos": true, "du": true, "la": true, "le": true, "bin": true,
	"al": true, "el": true, "ter": true, "ten": true, "zu": true, "zum": true, "and": true, "&": true, "y": true,
}

func (r *replyCutter) sigLike(i, first int) bool {
	t := strings.TrimSpace(r.lines[i])
	return i > first && t != "" && utf8.RuneCountInString(t) <= 50 && !strings.HasSuffix(t, ".") && !strings.HasSuffix(t, "?") && !strings.HasSuffix(t, "!")
}
