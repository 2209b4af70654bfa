package prose

// Whom a bounce without a report is about, and the mail that came back.

import (
	"regexp"
	"strings"

	"fifthcall/mailbox/message"
)

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
