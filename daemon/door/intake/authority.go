package intake

import (
	"slices"
	"strings"

	"fifthcall/daemon/book"
	commandpkg "fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// mayCommand tells from the header whether a mail could hold commands, so that its text is
// worth reading: it answers a mail of Fifthcall's, or is addressed to nobody but the desk itself or its log address.
func mayCommand(r *book.Runner, rs *config.Rules, m *message.Message) bool {
	if m.Class == message.ClassOwn || m.Draft || !rs.Ours(message.Canonical(m.From.Addr)) {
		return false
	}
	return answers(r, rs, m) != "" || selfOnly(rs, m) || toLog(rs, m) // a token in the subject counts in mails to oneself only
}

// answers is the ID of the issued mail that m answers, "" if it answers none. A forward answers
// nothing; in a mail to others, too, only the mail answered directly counts, as its thread may have
// begun with one of ours.
func answers(r *book.Runner, rs *config.Rules, m *message.Message) string {
	if m.HandsOn() {
		return ""
	}
	ids := slices.Clone(m.InReplyTo)
	if len(ids) > 1 {
		ids = ids[:1]
	}
	if selfOnly(rs, m) {
		ids = slices.Clone(m.InReplyTo)
		for i := len(m.Refs) - 1; i >= 0; i-- {
			ids = append(ids, m.Refs[i])
		}
	}
	for _, id := range ids {
		if own, ok := seal.ReadOwnID(r.Key, r.Name, id); ok {
			return own
		}
	}
	return ""
}

func selfOnly(rs *config.Rules, m *message.Message) bool {
	for _, a := range m.To {
		if !rs.Ours(message.Canonical(a.Addr)) && !rs.IsLog(a.Addr) {
			return false
		}
	}
	return len(m.To) > 0
}

func toLog(rs *config.Rules, m *message.Message) bool {
	if slices.ContainsFunc(m.To, func(a message.Address) bool { return rs.IsLog(a.Addr) }) {
		return true
	}
	for _, f := range []string{"Delivered-To", "X-Original-To", "Envelope-To"} { // a Bcc shows only there
		for _, v := range m.Header.All(f) {
			if rs.IsLog(strings.Trim(v, "<> ")) {
				return true
			}
		}
	}
	return false
}

// judge decides whether a mail may command (DESIGN.md, principle 7). It lies in the folder of sent
// mail, or it arrived with a valid token and the server's word that the sender is genuine; a
// program's mail, or one with a foreign Sender, never.
func judge(in *people.Intake, m *message.Message) *commandpkg.Mail {
	rs := in.Rules
	c := &commandpkg.Mail{M: m, Issued: answers(in.R, rs, m)}
	c.Token = selfOnly(rs, m) && seal.HasLogToken(in.R.Key, in.R.Name, m.Subject, in.Env.Now)
	c.ToLog = c.Token || toLog(rs, m)
	auto := strings.ToLower(m.Header.Get("Auto-Submitted"))
	_, listed := prose.ListMail(m)
	switch {
	case auto != "" && !strings.HasPrefix(auto, "no"), m.Class == message.ClassAutoReply, m.Class == message.ClassBounce, listed:
		return nil
	case c.Issued == "" && !selfOnly(rs, m) && !c.ToLog:
		return nil
	}
	if !m.OneFrom() {
		c.Unready = "it has more than one sender"
		return c
	}
	sender := message.Canonical(m.Sender.Addr)
	if m.Sender.Addr != "" && !rs.Ours(sender) {
		c.Unready = "its Sender is " + sender
		return c
	}
	if in.Batch.Sent {
		c.Proven = true
		return c
	}
	c.Unready = unproven(in, c)
	c.Proven = c.Unready == ""
	return c
}

// unproven says why a mail outside the folder of sent mail isn't obeyed, "" if it is.
func unproven(in *people.Intake, c *commandpkg.Mail) string {
	rs := in.Rules
	switch {
	case c.Issued != "":
		if why := unknownOrOld(in, c.Issued); why != "" {
			return why
		}
	case !c.Token:
		return "it answers no mail of Fifthcall's, and doesn't lie in Sent"
	}
	switch {
	case rs.Cfg.AuthservID == "":
		return "authserv_id is not configured, so nothing proves its sender"
	case !c.M.Authenticated(rs.Cfg.AuthservID):
		return "the mail server doesn't vouch for its sender"
	}
	return ""
}

// unknownOrOld says why an answer to the issued mail proves nothing, "" if it does.
func unknownOrOld(in *people.Intake, id string) string {
	issued, err := in.Tx.Issued(id)
	switch {
	case err != nil || issued == nil:
		return "the mail that it answers is unknown"
	case in.Env.Now.Sub(issued.Time) > commandpkg.TokenLife:
		return "the mail that it answers is older than 60 days"
	}
	return ""
}

// suspect notes a mail that would have commanded and isn't proven. It is told once in the next
// morning mail, unless its copy in Sent proves it meanwhile.
func suspect(in *people.Intake, c *commandpkg.Mail, cmds []words.Command) error {
	if !slices.ContainsFunc(cmds, words.Command.Changes) {
		return nil
	}
	return store.Suspicions.Put(in.Tx, c.M.Identity, desk.Suspicion{
		Seen: in.Env.Now, From: message.Canonical(c.M.From.Addr), Subject: desk.Tidy(c.M.Subject), Why: c.Unready,
	})
}
