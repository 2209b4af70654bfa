package prose

import (
	"strings"

	"fifthcall/mailbox/message"
)

var (
	bounceSubjectRE = lazy(`(?i)^(undeliver(ed|able)|delivery (status notification|failure|has failed)|mail delivery (failed|failure|system|subsystem)|returned mail|failure notice|undelivered mail returned|mail system error|message not delivered|delivery notification: delivery has failed|unzustellbar|nicht zustellbar|non remis|no se puede entregar|onbestelbaar)`)
)

// ClassifyHeader weighs the evidence of the header alone. own tells the reader's own addresses.
func ClassifyHeader(m *message.Message, own func(addr string) bool) (message.Class, []string) {
	h := m.Header
	from := message.Canonical(m.From.Addr)
	if h.Has(message.OwnHeader) || strings.HasPrefix(m.MessageID, message.OwnIDPrefix) {
		return message.ClassOwn, []string{"carries Fifthcall's own mark"}
	}
	if why := bounceEvidence(m, from); why != "" {
		return message.ClassBounce, []string{why}
	}
	if own(from) {
		if auto := strings.ToLower(h.Get("Auto-Submitted")); auto != "" && !strings.HasPrefix(auto, "no") {
			return message.ClassAutomated, []string{"Auto-Submitted: " + auto}
		}
		return message.ClassHuman, []string{"sent by you"}
	}
	if why := receiptEvidence(m); why != "" {
		return message.ClassAutomated, []string{why}
	}
	if why := autoReplyEvidence(m); why != "" {
		return message.ClassAutoReply, []string{why}
	}
	if why := m.Announced(); why != "" {
		return message.ClassAutomated, []string{why}
	}
	if why := m.Carried(); why != "" {
		return message.ClassHuman, []string{why}
	}
	if why := listEvidence(h); why != "" {
		return message.ClassList, []string{why}
	}
	if why := m.AnswersPerson(); why != "" && bulkEvidence(h) != "" {
		return message.ClassHuman, []string{why}
	}
	if why := bulkEvidence(h); why != "" {
		if strings.HasPrefix(why, "Precedence") && strings.HasPrefix(strings.ToLower(h.Get("Auto-Submitted")), "auto-generated") {
			return message.ClassAutomated, []string{"Auto-Submitted: auto-generated"}
		}
		return message.ClassBulk, []string{why}
	}
	switch {
	case from == "":
		return message.ClassAutomated, []string{"no readable sender"}
	case message.IsRobot(from):
		return message.ClassAutomated, []string{"the sender " + from + " is a robot's address"}
	case strings.HasPrefix(strings.ToLower(h.Get("Auto-Submitted")), "auto"):
		return message.ClassAutomated, []string{"Auto-Submitted: " + h.Get("Auto-Submitted")}
	case strings.Contains(strings.ToLower(h.Get("Content-Type")), "text/calendar"):
		return message.ClassInvitation, []string{"the whole mail is a calendar object"}
	}
	return message.ClassHuman, []string{"no sign of a list, a robot or bulk mail"}
}

func bounceEvidence(m *message.Message, from string) string {
	h := m.Header
	ct := strings.ToLower(h.Get("Content-Type"))
	switch {
	case strings.HasPrefix(ct, "multipart/report") && strings.Contains(ct, "delivery-status"):
		return "a delivery report (RFC 3464)"
	case h.Has("X-Failed-Recipients"):
		return "X-Failed-Recipients is there"
	case bounceSender(from) && bounceSubjectRE().MatchString(m.Subject):
		return "from " + from + " with a bounce's subject"
	}
	return ""
}

// receiptEvidence finds the reports of programs about a mail that arrived: they answer nothing.
func receiptEvidence(m *message.Message) string {
	ct := strings.ToLower(m.Header.Get("Content-Type"))
	switch {
	case !strings.HasPrefix(ct, "multipart/report") && !strings.HasPrefix(ct, "message/disposition-notification"):
		return ""
	case strings.Contains(ct, "disposition-notification"):
		return "a read receipt (RFC 8098)"
	case strings.Contains(ct, "feedback-report"):
		return "a report of abuse (RFC 5965)"
	}
	return ""
}

// FromMailSystem reports whether a message is a mail system's: a delivery report, or from an address that
// sends them.
func FromMailSystem(m *message.Message) bool {
	return bounceSender(message.Canonical(m.From.Addr)) || strings.Contains(strings.ToLower(m.Header.Get("Content-Type")), "delivery-status")
}

// bounceSender reports whether the address is one from which servers send bounces.
func bounceSender(addr string) bool {
	local, _, _ := strings.Cut(addr, "@")
	switch local {
	case "mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "bounce", "bounces":
		return true
	}
	return strings.HasPrefix(local, "microsoftexchange")
}

func autoReplyEvidence(m *message.Message) string {
	h := m.Header
	auto := strings.ToLower(h.Get("Auto-Submitted"))
	switch {
	case strings.HasPrefix(auto, "auto-replied"):
		return "Auto-Submitted: auto-replied (RFC 3834)"
	case h.Has("X-Autoreply") && !strings.EqualFold(h.Get("X-Autoreply"), "no"), h.Has("X-Autorespond"):
		return "X-Autoreply or X-Autorespond is there"
	case strings.EqualFold(h.Get("Precedence"), "auto_reply"):
		return "Precedence: auto_reply"
	case strings.HasPrefix(auto, "no"): // a person says that a person wrote it (RFC 3834, 5)
		return ""
	case h.Has("X-MS-Exchange-Inbox-Rules-Loop"), strings.Contains(h.Get("X-MS-Exchange-Generated-Message-Source"), "Rules Agent"):
		return "written by a rule of the mailbox (Exchange)"
	case subjectSaysAutoReply(m):
		return "an auto-reply's subject"
	}
	return ""
}

var listSenderRE = lazy(`(?i)^\S*<?(owner-[\w.-]+|[\w.-]+-(bounces|owner))@`)

func listEvidence(h message.Header) string {
	switch {
	case h.Has("List-Post"):
		return "List-Post is there (RFC 2369)"
	case h.Has("List-Id") && !h.Has("Feedback-ID") && !h.Has("List-Unsubscribe-Post"):
		return "List-Id is there (RFC 2919)"
	case h.Has("X-BeenThere"), h.Has("X-Mailman-Version"):
		return "a mailing list's header"
	case listSenderRE().MatchString(strings.Trim(h.Get("Sender"), "<> ")) && !bulkFrom(h):
		return "sent on by a mailing list's address"
	case h.Has("Mailing-List"), h.Has("X-Mailing-List"), strings.EqualFold(h.Get("Precedence"), "list"):
		return "a mailing list's header"
	}
	return ""
}

// bulkFrom reports whether a newsletter's address wrote it: those who mail many use list software too.
func bulkFrom(h message.Header) bool {
	from := message.ParseAddresses(h.Get("From"))
	return len(from) > 0 && bulkLocalRE().MatchString(from[0].Addr)
}

func bulkEvidence(h message.Header) string {
	switch {
	case h.Has("List-Unsubscribe"):
		return "List-Unsubscribe is there"
	case h.Has("Feedback-ID"), h.Has("X-Campaign-ID"):
		return "a mass mailer's header"
	case strings.EqualFold(h.Get("Precedence"), "bulk"), strings.EqualFold(h.Get("Precedence"), "junk"):
		return "Precedence: " + h.Get("Precedence")
	}
	return ""
}
