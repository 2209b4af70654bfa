package prose

import (
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
