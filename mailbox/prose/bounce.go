package prose

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"fifthcall/mailbox/message"
)

// Failed is one recipient that a bounce names.
type Failed struct {
	Recipient string `json:"recipient"`          // lower case
	Original  string `json:"original,omitempty"` // whom it was written to, where that is told (RFC 3464, 2.3.1): recipient is where that led
	Status    string `json:"status"`             // enhanced status code (RFC 3463), "" if none is told
	Kind      string `json:"kind"`               // hard: the address is dead; soft: anything else
	Reason    string `json:"reason"`             // the server's words
}

// Kinds of failure.
const (
	BounceHard = "hard"
	BounceSoft = "soft"
)

// Bounce is what a bounce says.
type Bounce struct {
	Failed     []Failed
	Delayed    []Failed // not given up yet: no bounce
	Delivered  bool     // it tells of a delivery: no bounce, unless others failed
	OriginalID string   // Message-ID of the mail that came back, "" if not told
	OriginalTo []string // whom that was written to, lower case; nil if not told
}

// ReadBounce reads a delivery report (RFC 3464) or one of the many free forms. ok is false
// if the message reports no failure: a delay, a delivery, or no report at all.
func ReadBounce(p *message.Part) (b Bounce, ok bool) {
	reports, other := deliveryReports(p)
	n := newNoticeText(bounceText(p))
	text := n.text
	b.OriginalID, b.Delivered = originalID(p, text), other
	if o := originalHeader(p); o != nil {
		for _, a := range message.ParseAddresses(o.Get("To")) {
			b.OriginalTo = append(b.OriginalTo, strings.ToLower(a.Addr))
		}
	}
	for _, r := range reports {
		if r.delayed() {
			f := r.failed(n)
			f.Kind = BounceSoft
			b.Delayed = append(b.Delayed, f)
		} else {
			b.add(r.failed(n))
		}
	}
	if len(b.Failed) == 0 && (other || len(b.Delayed) > 0) {
		return b, false
	}
	if len(b.Failed) == 0 {
		waits := delayRE().MatchString(n.lower) && !givenUpRE().MatchString(n.lower)
		for _, a := range failedRecipients(p, n) {
			if waits {
				a.Kind = BounceSoft
				b.Delayed = append(b.Delayed, a)
			} else {
				b.add(a)
			}
		}
	}
	return b, len(b.Failed) > 0
}

var (
	// delayRE says that a mail is still on its way.
	delayRE = lazyOneOf(`(has|have) not yet been delivered|not been delivered yet|(message|mail|delivery) (has been |is |was )?(delayed|still undelivered|being delayed)|delivery attempts will continue|will (continue|keep) (to try|trying)|(this is|just) a warning( message)? only|you do not need to resend|no action is required|noch nicht zugestellt|verzögert|wird weiterhin versucht|n'a pas encore (été|pu)|remise retardée|aún no se ha (podido )?entreg|non è ancora stat|nog niet (afgeleverd|bezorgd)`)
	// givenUpRE says that it isn't.
	givenUpRE = lazyOneOf(`giv(en|ing) up|permanent (error|failure|fatal)|delivery (has )?failed|will not be (re)?tried|no further attempts|returned to sender|could not be delivered`)
)

// Written are the addresses that a failed one may stand for, the likeliest first: whom it was written to, and where that led.
func (b *Bounce) Written(f Failed) (out []string) {
	for _, a := range []string{f.Original, f.Recipient} {
		if a != "" && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	if len(b.Failed) == 1 && len(b.OriginalTo) == 1 && !slices.Contains(out, b.OriginalTo[0]) { // an alias of theirs
		out = append(out, b.OriginalTo[0])
	}
	return out
}

// noticeText is what a notice says to people.
type noticeText struct {
	text, lower string // lower is as long as text
	isDead      *bool  // once asked for
}

func newNoticeText(text string) *noticeText {
	n := &noticeText{text: text, lower: strings.ToLower(text)}
	if len(n.lower) != len(text) {
		n.text = n.lower
	}
	return n
}

// dead reports whether all of it speaks of a dead address, and of nothing else.
func (n *noticeText) dead() bool {
	if n.isDead == nil {
		is := deadRE().MatchString(n.lower) && !aliveRE().MatchString(n.lower)
		n.isDead = &is
	}
	return *n.isDead
}

// All are the recipients that the message speaks of, given up or not.
func (b *Bounce) All() []Failed { return append(slices.Clone(b.Failed), b.Delayed...) }

func (b *Bounce) add(f Failed) {
	if f.Recipient == "" || slices.ContainsFunc(b.Failed, func(x Failed) bool { return x.Recipient == f.Recipient }) {
		return
	}
	b.Failed = append(b.Failed, f)
}

// report is the fields of one recipient in a delivery report.
type report struct{ final, original, action, status, diagnostic string }

func (r report) delayed() bool {
	return strings.HasPrefix(r.action, "delay") || strings.HasPrefix(r.action, "deferred")
}

// deliveryReports are the failed and delayed recipients of the machine-readable parts; other
// tells that there were delivered ones.
func deliveryReports(p *message.Part) (failed []report, other bool) {
	p.Walk(func(c *message.Part) {
		if c.Type == "message/delivery-status" || c.Type == "message/global-delivery-status" {
			f, o := readReports(c.Content())
			failed, other = append(failed, f...), other || o
		}
	})
	if len(failed) == 0 && !other && finalRE().Match(p.Raw[:min(len(p.Raw), message.MaxHeaderBytes)]) {
		return readReports(p.Raw) // the structure is broken, the report is there
	}
	return failed, other
}

var finalRE = lazy(`(?i)\nfinal-recipient:`)

// readReports reads the blocks of a delivery report (RFC 3464, 2.3).
func readReports(content []byte) (failed []report, other bool) {
	if len(content) > message.MaxHeaderBytes {
		content = content[:message.MaxHeaderBytes]
	}
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	for _, block := range strings.Split(text, "\n\n") {
		h, _ := message.ParseHeader([]byte(strings.TrimLeft(block, "\n") + "\n\n"))
		r := report{
			final: reportAddress(h.Get("Final-Recipient")), original: reportAddress(h.Get("Original-Recipient")),
			action: strings.ToLower(strings.TrimSpace(h.Get("Action"))), status: h.Get("Status"), diagnostic: message.DecodeWords(h.Get("Diagnostic-Code")),
		}
		if r.final == "" {
			r.final = reportAddress(h.Get("X-Actual-Recipient"))
		}
		switch {
		case r.final == "" && r.original == "":
		case r.action == "" || strings.HasPrefix(r.action, "fail") || strings.HasPrefix(r.action, "expired") || strings.HasPrefix(r.action, "undeliver") || r.delayed():
			failed = append(failed, r)
		default:
			other = true
		}
	}
	return failed, other
}

// reportAddress reads "rfc822; <jane@x>": an address, as xtext where it came as a parameter (RFC 3461, 4), or as utf-8-addr-xtext (RFC 6533, 3).
func reportAddress(v string) string {
	if i := strings.IndexByte(v, ';'); i >= 0 {
		v = v[i+1:]
	}
	v = embeddedRE().ReplaceAllStringFunc(v, func(m string) string {
		n, err := strconv.ParseUint(m[3:len(m)-1], 16, 32)
		if err != nil || n < 0x21 || n == 0x7f || n > unicode.MaxRune {
			return m
		}
		return string(rune(n))
	})
	v = xtextRE().ReplaceAllStringFunc(v, func(m string) string {
		n, err := strconv.ParseUint(m[1:], 16, 8)
		if c := rune(n); err != nil || n <= 0x20 || n >= 0x7f || unicode.IsLetter(c) || unicode.IsDigit(c) {
			return m // an extension of the mailbox's name, as it stands
		}
		return string(rune(n))
	})
	v = strings.Trim(strings.TrimSpace(v), "<>\"' ")
	v, _, _ = strings.Cut(v, " ")
	if !strings.Contains(v, "@") {
		return ""
	}
	return strings.ToLower(strings.Trim(v, "<>\"'"))
}

var (
	embeddedRE = lazy(`\\x\{[0-9A-Fa-f]{1,6}\}`)
	xtextRE    = lazy(`\+[0-9A-F]{2}`)
)

func (r report) failed(n *noticeText) Failed {
	addr := r.final
	if addr == "" || r.original != "" && (strings.HasPrefix(addr, "@") || !strings.Contains(addr[strings.LastIndexByte(addr, '@')+1:], ".")) {
		addr = r.original
	}
	words := r.diagnostic
	if words == "" {
		words = n.around(addr)
	}
	f := Failed{Recipient: addr, Original: r.original, Status: firstStatus(r.diagnostic), Reason: strings.Join(strings.Fields(words), " ")}
	if s := firstStatus(r.status); f.Status == "" || vague(f.Status) && s != "" && !vague(s) {
		f.Status = s
	}
	f.Kind = bounceKind(f.Status, words, n)
	return f
}

var statusRE = lazy(`\b([245]\.\d{1,3}\.\d{1,3})\b`)

func firstStatus(s string) string {
	for _, loc := range statusRE().FindAllStringIndex(s, 5) {
		if loc[0] > 1 && s[loc[0]-1] == '.' && s[loc[0]-2] >= '0' && s[loc[0]-2] <= '9' || loc[1]+1 < len(s) && s[loc[1]] == '.' && s[loc[1]+1] >= '0' && s[loc[1]+1] <= '9' {
			continue // a part of an IP address
		}
		return s[loc[0]:loc[1]]
	}
	return ""
}

// vague reports whether a status says no more than "failed".
func vague(s string) bool {
	return s == "" || strings.HasSuffix(s, ".0.0") || s == "5.5.0" || s == "4.4.7" || s == "5.0.0"
}

// bounceText is the part of a bounce that people read, without the mail that came back.
func bounceText(p *message.Part) string {
	var b strings.Builder
	p.Walk(func(c *message.Part) {
		switch {
		case len(c.Parts) > 0 || c.Attached || b.Len() > 64<<10:
		case c.Type == "text/plain":
			b.WriteString(c.Text() + "\n")
		case c.Type == "text/html" && b.Len() == 0:
			b.WriteString(message.HTMLText(c.Text()) + "\n")
		}
	})
	s := ends(b.String())
	if loc := originalRE().FindStringIndex(s); loc != nil && loc[0] > 20 {
		s = s[:loc[0]]
	}
	return s
}

// originalRE finds where the returned mail begins in a bounce without parts.
var originalRE = lazy(`(?im)^[ \t>|]*(-{2,}[ \t]*(below this line is|this is a copy|original message|the (header|message|following is)|(unsent|returned|forwarded|rejected|undelivered|failed) message|message (header|body|text)|start of|included is|enclosed)[^\n]*|received:[ \t]+(from|by)[ \t][^\n]*|return-path:[^\n]*|-{3,} (original|returned|unsent|forwarded|begin|start)[^\n]*|message headers? follow[^\n]*|(the )?(text|body|headers?) of (the|your) (original )?(message|mail)[^\n]*|original message (headers|follows)[^\n]*|your (original )?message (follows|is (below|included|attached))[^\n]*|-+ message header[^\n]*|\*{3,} original[^\n]*|begin returned message[^\n]*|元のメッセージ[^\n]*)$`)

var addressRE = lazy(`[A-Za-z0-9!#$%&'*+/=?^_{|}~.\-]+@[A-Za-z0-9](?:[A-Za-z0-9\-.]*[A-Za-z0-9])?`)

// failedRecipients finds the recipients in a bounce that has no report.
func failedRecipients(p *message.Part, n *noticeText) []Failed {
	var out []Failed
	for _, v := range p.Header.All("X-Failed-Recipients") {
		for _, a := range addressRE().FindAllString(v, 100) {
			out = append(out, freeFailed(a, n))
		}
	}
	if len(out) > 0 {
		return out
	}
	not := bystanders(p)
	for _, pick := range []func(string) []string{notifiedRecipients, quotedRecipients, reachedRecipients, namedRecipients, loneRecipients, anyRecipients} {
		for _, a := range pick(n.text) {
			a = strings.ToLower(strings.Trim(a, ".-'*=/"))
			if !not[a] && !message.IsRobot(a) && !strings.HasPrefix(a, "postmaster@") {
				out = append(out, freeFailed(a, n))
			}
		}
		if len(out) > 1 { // what is said of one says nothing of the others
			for i := range out {
				if out[i].Reason != "" && firstStatus(out[i].Reason) == "" {
					out[i].Status, out[i].Kind = "", bounceKind("", out[i].Reason, &noticeText{})
				}
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if !failureRE().MatchString(n.lower) && !failureRE().MatchString(strings.ToLower(message.DecodeWords(p.Header.Get("Subject")))) {
		return nil
	}
	if o := originalHeader(p); o != nil {
		for _, a := range message.ParseAddresses(o.Get("To")) {
			out = append(out, freeFailed(strings.ToLower(a.Addr), n))
		}
	}
	return out
}

// bystanders are addresses that a bounce names without meaning them: its own sender and
// whom it is sent to.
func bystanders(p *message.Part) map[string]bool {
	not := map[string]bool{}
	for _, name := range []string{"From", "To", "Reply-To", "Return-Path", "Delivered-To", "Sender", "Errors-To", "Cc"} {
		for _, v := range p.Header.All(name) {
			for _, a := range message.ParseAddresses(v) {
				not[strings.ToLower(a.Addr)] = true
			}
		}
	}
	if o := originalHeader(p); o != nil {
		for _, name := range []string{"From", "Sender", "Return-Path", "Reply-To"} {
			for _, a := range message.ParseAddresses(o.Get(name)) {
				not[strings.ToLower(a.Addr)] = true
			}
		}
		for _, a := range message.ParseAddresses(o.Get("To")) { // unless it was sent to oneself
			delete(not, strings.ToLower(a.Addr))
		}
	}
	return not
}

func freeFailed(addr string, n *noticeText) Failed {
	words := n.around(addr)
	f := Failed{Recipient: strings.ToLower(addr), Status: firstStatus(words), Reason: strings.Join(strings.Fields(words), " ")}
	if f.Status == "" {
		f.Status = firstStatus(n.text)
	}
	f.Kind = bounceKind(f.Status, words, n)
	return f
}

// otherRecipientRE is a line that begins what is said of another recipient.
var otherRecipientRE = lazy(`^[ \t]*<?` + addressRE().String() + `>?[ \t]*:`)

// around is what stands from the address to the next blank line but one: the reason.
func (n *noticeText) around(addr string) string {
	text, addr := n.text, strings.ToLower(addr)
	i := strings.Index(n.lower, addr)
	if i < 0 || addr == "" {
		return text[:min(len(text), 1500)]
	}
	start := strings.LastIndexByte(text[:i], '\n') + 1
	rest := text[start:]
	blanks := 0
	lines := strings.SplitAfter(rest, "\n")
	end := 0
	for k, l := range lines {
		if k > 0 && otherRecipientRE().MatchString(l) && !strings.Contains(strings.ToLower(l), addr) {
			break
		}
		if strings.TrimSpace(l) == "" {
			if blanks++; blanks > 1 || k > 6 {
				break
			}
		}
		end += len(l)
		if k > 12 {
			break
		}
	}
	return rest[:end]
}

var (
	angleColonRE = lazy(`(?m)^[ \t>]*<?"?(` + addressRE().String() + `)"?>?(?:[ \t]*\([^)\n]*\))?[ \t]*:?[ \t]*(?:$|[^\n]*(?:[45]\d\d|unknown|fail|reject|error|not |no such|full|quota|denied|expired|unreach|invalid|refus|died|command|deferred|loop|hops|temporar|could|unable|relay|host))`)
	transcriptRE = lazy(`(?m)^[ \t]*[45]\d\d(?:[ -][45]\.\d+\.\d+)?[ \t]+<(` + addressRE().String() + `)>[ \t]*\.\.\.`)
	snsRE        = lazy(`"emailAddress"\s*:\s*"(` + addressRE().String() + `)"`)
	reachedRE    = lazy(`(?i)(?:did not reach|not be (?:delivered|sent) to|following (?:recipient|address)|userid)[^@]{0,80}?[\s<:(](` + addressRE().String() + `)`)
	namedRE      = lazy(`(?i)(?:(?:recipients?|address|user(?:id)?|mailbox|account|rcpt to|to|for|deliver(?:ed|y)?(?: to)?|mail to|empfänger|destinatario|destinataire|adresse)[^\n@]{0,60}?[<:"' \t(\[]|^[ \t]*(?:to|rcpt to|recipient)[ \t]*:[ \t]*<?)(` + addressRE().String() + `)`)
	loneRE       = lazy(`(?m)^[ \t>*\-]*[<"'\[(]*(` + addressRE().String() + `)[>"'\])]*[ \t.,;:]*$`)
	failureRE    = lazyOneOf(`undeliver|not (be |been |yet been )?deliver|was blocked|not reach|could ?n.t|could not|fail(ed|ure)|returned|bounce|reject|unknown|error|problem|unzustellbar|nicht zugestellt|non remis|no se (ha )?pud|impossibile|onbestel|não (foi|pôde)|unable|cannot|配信|送信でき|エラー|不存在|失败|未能`)
)

func quotedRecipients(text string) []string {
	return append(submatches(angleColonRE(), text), submatches(transcriptRE(), text)...)
}

// notifiedRecipients are those in a notification as data (Amazon SNS), or below the words that
// name them.
func notifiedRecipients(text string) []string {
	if strings.Contains(text, `"notificationType"`) && strings.Contains(text, `"bouncedRecipients"`) {
		_, after, _ := strings.Cut(text, `"bouncedRecipients"`)
		list, _, _ := strings.Cut(after, "]")
		return submatches(snsRE(), list)
	}
	return nil
}

func reachedRecipients(text string) []string { return submatches(reachedRE(), text) }

func loneRecipients(text string) []string { return submatches(loneRE(), text) }

func namedRecipients(text string) []string {
	if !failureRE().MatchString(strings.ToLower(text)) {
		return nil
	}
	return submatches(namedRE(), text)
}

func anyRecipients(text string) []string {
	if !failureRE().MatchString(strings.ToLower(text)) {
		return nil
	}
	all := addressRE().FindAllString(text, 20)
	return all[:min(1, len(all))]
}

func submatches(re *regexp.Regexp, text string) []string {
	var out []string
	for _, m := range re.FindAllStringSubmatch(text, 200) {
		if strings.Contains(m[1][strings.IndexByte(m[1], '@'):], ".") {
			out = append(out, m[1])
		}
	}
	return out
}

// originalHeader is the header of the mail that came back, nil if it isn't there.
func originalHeader(p *message.Part) message.Header {
	var h message.Header
	p.Walk(func(c *message.Part) {
		switch {
		case h != nil:
		case c.Type == "message/rfc822" && len(c.Parts) > 0:
			h = c.Parts[0].Header
		case c.Type == "text/rfc822-headers" || c.Type == "message/rfc822-headers" || c.Type == "text/rfc822":
			h, _ = message.ParseHeader(append(c.Content(), "\n\n"...))
		}
	})
	if h != nil {
		return h
	}
	text := ""
	if t := p.PlainText(); t != nil {
		text = ends(t.Text())
	}
	if loc := originalRE().FindStringIndex(text); loc != nil {
		rest := text[loc[0]:]
		if !strings.Contains(strings.SplitN(rest, "\n", 2)[0], ": ") {
			_, rest, _ = strings.Cut(rest, "\n")
		}
		h, _ = message.ParseHeader([]byte(strings.TrimLeft(rest, "\n \t>")))
	}
	return h
}

var messageIDRE = lazy(`(?im)^[ \t>]*message-id:[ \t]*\n?[ \t>]*<([^>\s]+)>`)

func originalID(p *message.Part, text string) string {
	if h := originalHeader(p); h != nil {
		if id := message.FirstID(h.Get("Message-ID")); id != "" {
			return id
		}
	}
	if m := messageIDRE().FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if ids := message.IDs(p.Header.Get("In-Reply-To")); len(ids) > 0 {
		return ids[0]
	}
	if ids := message.IDs(p.Header.Get("References")); len(ids) > 0 {
		return ids[len(ids)-1]
	}
	return ""
}

var (
	deadRE  = lazyOneOf(`user (is )?(unknown|not found|doesn'?t exist|does not exist|invalid)|unknown (user|recipient|address|mailbox|local part|account|alias|username)|no such (user|recipient|mailbox|address|account|person|local|domain|host)|(user|recipient|mailbox|account|address|addressee|alias|e-?mail|name)( \S+){0,5}( is| was| has| does| do| could| can)?( not|n'?t)( be)?( exist| found| listed| known| a valid| valid| recogni[sz]ed| have a| match)|not (a )?(known|valid|our|existing) (user|recipient|mailbox|address|account|customer)|no (mailbox|account|user|recipient|address) (here|by that|with|found|exists|named)|invalid (recipient|user|mailbox|address|account|final delivery)|(recipient|user|mailbox|address) (address )?(unknown|invalid|undeliverable|not found|unavailable: user)|mailbox (unavailable|not found|does not exist|unknown|not available|doesn't exist|invalid)|(account|mailbox|address|user) (has been |is |was )?(closed|deleted|terminated|removed|no longer|expired|discontinued|deactivated)|no longer (valid|available|exists?|works?|in use|active|a customer|employed)|not listed in|unrouteable (mail )?(domain|address)|(host|domain|name service)( \S+){0,4} (unknown|not found|does not exist|doesn't exist|error)|(unknown|illegal|bad) (host|domain)|host or domain name not found|domain (name )?(not|does)|couldn'?t find any host|can'?t find host|non-?existent (user|domain|recipient|host|account)|address (has changed|moved)|has moved|has left|5\.1\.(0|1|2|3|4|6|10)\b|unknown or illegal|mail ?box is invalid|does not have an? (\S+ )?account|this user doesn'?t have|unknown (user )?account|unknown mailbox|no valid recipients?|nicht mehr (bei uns|in unserem|beschäftigt|beschaeftigt|vorhanden|gültig|aktiv)|ausgeschieden|empfänger (unbekannt|nicht gefunden)|plus (valide|employée?|parmi)|ne fait plus partie|ya no (trabaja|existe|es válid)|non (lavora|è) più|niet meer (werkzaam|geldig|in dienst)|não (trabalha|existe) mais|nicht bekannt|unbekannt|existiert nicht|n'existe pas|inconnu|no existe|desconocid|não existe|non esiste|bestaat niet|nie istnieje|не существует|存在しません|宛先不明|不存在`)
	aliveRE = lazyOneOf(`(mailbox|quota|inbox|storage|disk|account)( \S+){0,4} (is |has |was )?(full|over|exceed|out of)|over ?quota|quota (exceed|full)|exceed(s|ed)?( \S+){0,4} (quota|storage|limit|size)|too (large|big)|(message|mail) size|spam|junk|virus|malware|black ?list|block(ed|list)|reputation|spf|dkim|dmarc|policy|relay(ing)? (not|denied)|unable to relay|relay access|not permitted|denied by|access denied|authentication|reverse (dns|lookup)|ptr record|rate limit|too many|throttl|try again|temporar|timed? ?out|greylist|connection (refused|reset|timed|dropped|lost)|(could|can)( no|n')t (connect|be connected)|no route|network|unreachable|suspend|disabled|inactive|not active|expired|loop|hop count|content (reject|filter)|filtered|security|size limit|protocol|syntax|system (error|not)|resource|insufficient|delivery time|retry time|undergoing|maintenance|overloaded|local (configuration|error)|not accepting`)
)

// softStatus are the codes that never mean a dead address (RFC 3463 and its registry).
var softStatus = map[string]bool{
	"5.2.2": true, "5.2.3": true, "5.3.4": true, "5.3.2": true, "5.4.6": true, "5.4.7": true, "5.6.0": true, "5.1.7": true, "5.1.8": true, "5.7.9": true,
	"5.7.25": true, "5.7.26": true, "5.7.27": false, "5.7.28": true, "5.7.606": true, "5.7.23": true, "5.7.20": true,
}

// anySoft reports whether one of the status codes in the words never means a dead address.
func anySoft(words string) bool {
	return slices.ContainsFunc(statusRE().FindAllString(words, 5), func(s string) bool { return softStatus[s] })
}

var (
	blockedRE = lazyOneOf(`too many recipients|spamhaus|blocked using|recipient preferences|on hold|blacklist|block list`)
	senderRE  = lazyOneOf(`sender (address|domain|verif|rejected|denied|id)|domain of sender|from address|after mail from|mail from:.{0,60}(reject|denied|not|invalid)|your (ip|address|server|host|domain)|sent to too many|has sent to|blocked using|ip address (sending|\[)`)
	nowhereRE = lazyOneOf(`no mx record|mail exchanger or ip|host does not accept mail|does not accept (any )?mail|invalid domain|domain (is )?(unknown|invalid)|nullmx|null mx|name or service not known|nxdomain`)
)

var (
	// againRE promises that another try may help.
	againRE = lazyOneOf(`try again|temporar|lookup (failure|timed out)|servfail|deferred`)
	// lostDomainRE is a domain that isn't there.
	lostDomainRE = lazyOneOf(`nxdomain|domain (name )?(\S+ )?(couldn['’]?t be found|could not be found|not found|does not exist|doesn['’]t exist|unknown)|unknown domain|no such domain|null ?mx|nonexistent domain|non-existent domain|domäne (wurde )?nicht gefunden`)
	// fullRE is a mailbox with no room left.
	fullRE = lazyOneOf(`over ?quota|quota (is )?(exceeded|full|reached)|(mailbox|inbox|account|mail ?box|storage)( \S+){0,3} (is )?full|exceed(s|ed)?( \S+){0,3} (quota|storage)|(boîte|boite|bal)( \S+){0,5} (est )?pleine|postfach (ist )?voll|buzón lleno|casella (è )?piena|(mailbox|postvak) (is )?vol\b|caixa (de correio )?cheia|skrzynka (jest )?pełna|ящик переполнен|邮箱已满|メールボックスが一杯|メールボックスがいっぱい`)
	// unknownRE is somebody who isn't there.
	unknownRE = lazyOneOf(`user unknown|unknown user|no such user|(does not|doesn't) exist`)
	// hostLostRE is a host that no name server knows just now.
	hostLostRE = lazyOneOf(`host (or domain name )?not found`)
	// afterTextRE tells that the server refused when it had the text, or was to get it.
	afterTextRE = lazyOneOf(`(reply to|after|during|response to) (the )?(end of )?data\b|>>> (data|\.)|data command`)
	// atRecipientRE tells that the server refused at the recipient's name.
	atRecipientRE = lazyOneOf(`rcpt`)
	// leftFirmRE is somebody who has left.
	leftFirmRE = lazyOneOf(`no longer|left the|nicht mehr|n'est plus|ya no|non è più|niet meer`)
)

// bounceKind says whether the address is dead. The status decides where it is exact (RFC
// 3463); servers use 5.1.1 for much, and 5.0.0 for all, so the words decide else.
func bounceKind(status, words string, text *noticeText) string {
	near := strings.ToLower(cmp.Or(words, text.text))
	near = addressRE().ReplaceAllString(near, "address") // names are no reasons
	exact := firstStatus(words)                          // what the server itself said, below the gateway's summary
	switch {
	case strings.Contains(near, "not found, try again"):
		return BounceSoft
	case againRE().MatchString(near) && (nowhereRE().MatchString(near) || hostLostRE().MatchString(near)) && !lostDomainRE().MatchString(near):
		return BounceSoft
	case strings.HasPrefix(status, "5.1.") && fullRE().MatchString(near) && !unknownRE().MatchString(near):
		return BounceSoft
	case softStatus[status] || anySoft(words) || blockedRE().MatchString(near) || !slices.Contains([]string{"5.1.1", "5.1.2"}, exact) && senderRE().MatchString(near):
		return BounceSoft
	case lostDomainRE().MatchString(near):
		return BounceHard
	case status == "4.1.1" && deadRE().MatchString(near):
		return BounceHard
	case strings.HasPrefix(status, "4.") && nowhereRE().MatchString(near):
		return BounceSoft
	case status == "5.4.4" || status == "5.1.3" || status == "5.1.2" || nowhereRE().MatchString(near):
		return BounceHard
	case strings.HasPrefix(status, "4."):
		if strings.HasPrefix(status, "4.4.") && strings.Contains(near, "host") && deadRE().MatchString(near) {
			return BounceHard
		}
		return BounceSoft
	case slices.Contains([]string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.1.0"}, status) && !aliveRE().MatchString(near):
		return BounceHard
	}
	return kindByWords(status, near, text)
}

// kindByWords says whether the address is dead by what is said of it, where the status is vague.
func kindByWords(status, near string, text *noticeText) string {
	dead, alive := deadRE().index(near), aliveRE().index(near)
	atRecipient := func() bool { return atRecipientRE().MatchString(text.lower) || atRecipientRE().MatchString(near) }
	switch {
	case status == "5.4.1" && strings.Contains(near, "recipient address rejected"): // Exchange Online's word for unknown
		return BounceHard
	case dead >= 0 && !strings.Contains(near, "user doesn't have") && (afterTextRE().MatchString(text.lower) || afterTextRE().MatchString(near)) && !atRecipient(): // a filter read the text first
		return BounceSoft
	case strings.HasPrefix(status, "5.2.") && dead >= 0 && !leftFirmRE().MatchString(near) && !atRecipient(): // the mailbox is there, and takes nothing
		return BounceSoft
	case dead >= 0 && (alive < 0 || dead <= alive):
		return BounceHard
	case alive >= 0:
		return BounceSoft
	case status == "" && text.dead():
		return BounceHard
	}
	return BounceSoft
}
