package daemon

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// commandMail is a mail that may hold commands.
type commandMail struct {
	m       *mailbox.Message
	issued  string // ID of the mail to the recruiter that it answers, "" for a note to self
	toLog   bool   // addressed to the log address
	token   bool   // its subject carries a log token
	proven  bool
	unready string // why it isn't proven

	signature []string // lines of it that were cut without being a quote
}

// ours reports whether the address is the recruiter's, or a delegate's.
func (rs *rules) ours(addr string) bool {
	return rs.circle.Own(addr) || slices.ContainsFunc(rs.cfg.Delegates, func(d string) bool { return mailbox.Canonical(d) == addr })
}

// isLog reports whether an address as written is the log address.
func (rs *rules) isLog(addr string) bool {
	return !rs.logBySubject() && strings.EqualFold(strings.TrimSpace(addr), rs.cfg.LogAddress)
}

// logBySubject reports whether the log address is an ordinary one of the recruiter's: mail to
// it is for the log only with a token in its subject.
func (rs *rules) logBySubject() bool {
	return rs.circle.Own(strings.ToLower(rs.cfg.LogAddress)) && !strings.Contains(rs.cfg.LogAddress, "+")
}

// mayCommand tells from the header whether a mail could hold commands, so that its text is
// worth reading: it answers a mail of Fifthcall's, or is addressed to nobody but the desk itself or its log address.
func (r *runner) mayCommand(rs *rules, m *mailbox.Message) bool {
	if m.Class == mailbox.ClassOwn || m.Draft || !rs.ours(mailbox.Canonical(m.From.Addr)) {
		return false
	}
	return r.answers(rs, m) != "" || selfOnly(rs, m) || toLog(rs, m) // a token in the subject counts in mails to oneself only
}

// answers is the ID of the issued mail that m answers, "" if it answers none. A forward answers
// nothing; in a mail to others, too, only the mail answered directly counts, as its thread may have
// begun with one of ours.
func (r *runner) answers(rs *rules, m *mailbox.Message) string {
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
		if own, ok := readOwnID(r.key, r.name, id); ok {
			return own
		}
	}
	return ""
}

func selfOnly(rs *rules, m *mailbox.Message) bool {
	for _, a := range m.To {
		if !rs.ours(mailbox.Canonical(a.Addr)) && !rs.isLog(a.Addr) {
			return false
		}
	}
	return len(m.To) > 0
}

func toLog(rs *rules, m *mailbox.Message) bool {
	if slices.ContainsFunc(m.To, func(a mailbox.Address) bool { return rs.isLog(a.Addr) }) {
		return true
	}
	for _, f := range []string{"Delivered-To", "X-Original-To", "Envelope-To"} { // a Bcc shows only there
		for _, v := range m.Header.All(f) {
			if rs.isLog(strings.Trim(v, "<> ")) {
				return true
			}
		}
	}
	return false
}

// judge decides whether a mail may command (DESIGN.md, principle 7). It lies in the folder of sent
// mail, or it arrived with a valid token and the server's word that the sender is genuine; a
// program's mail, or one with a foreign Sender, never.
func (in *intake) judge(m *mailbox.Message) *commandMail {
	rs := in.rules
	c := &commandMail{m: m, issued: in.r.answers(rs, m)}
	c.token = selfOnly(rs, m) && hasLogToken(in.r.key, in.r.name, m.Subject, in.env.Now)
	c.toLog = c.token || toLog(rs, m)
	auto := strings.ToLower(m.Header.Get("Auto-Submitted"))
	_, listed := mailbox.ListMail(m)
	switch {
	case auto != "" && !strings.HasPrefix(auto, "no"), m.Class == mailbox.ClassAutoReply, m.Class == mailbox.ClassBounce, listed:
		return nil
	case c.issued == "" && !selfOnly(rs, m) && !c.toLog:
		return nil
	}
	if !m.OneFrom() {
		c.unready = "it has more than one sender"
		return c
	}
	sender := mailbox.Canonical(m.Sender.Addr)
	if m.Sender.Addr != "" && !rs.ours(sender) {
		c.unready = "its Sender is " + sender
		return c
	}
	if in.batch.Sent {
		c.proven = true
		return c
	}
	c.unready = in.unproven(c)
	c.proven = c.unready == ""
	return c
}

// unproven says why a mail outside the folder of sent mail isn't obeyed, "" if it is.
func (in *intake) unproven(c *commandMail) string {
	rs := in.rules
	switch {
	case c.issued != "":
		if why := in.unknownOrOld(c.issued); why != "" {
			return why
		}
	case !c.token:
		return "it answers no mail of Fifthcall's, and doesn't lie in Sent"
	}
	switch {
	case rs.cfg.AuthservID == "":
		return "authserv_id is not configured, so nothing proves its sender"
	case !c.m.Authenticated(rs.cfg.AuthservID):
		return "the mail server doesn't vouch for its sender"
	}
	return ""
}

// unknownOrOld says why an answer to the issued mail proves nothing, "" if it does.
func (in *intake) unknownOrOld(id string) string {
	issued, err := in.tx.Issued(id)
	switch {
	case err != nil || issued == nil:
		return "the mail that it answers is unknown"
	case in.env.Now.Sub(issued.Time) > tokenLife:
		return "the mail that it answers is older than 60 days"
	}
	return ""
}

// suspect notes a mail that would have commanded and isn't proven. It is told once in the next
// morning mail, unless its copy in Sent proves it meanwhile.
func (in *intake) suspect(c *commandMail, cmds []desk.Command) error {
	if !slices.ContainsFunc(cmds, desk.Command.Changes) {
		return nil
	}
	return in.tx.PutJSON(suspectPrefix+c.m.Identity, suspicion{
		Seen: in.env.Now, From: mailbox.Canonical(c.m.From.Addr), Subject: desk.Tidy(c.m.Subject), Why: c.unready,
	})
}

const suspectPrefix = "suspect:"

// suspicion is a mail that claimed to command.
type suspicion struct {
	Seen               time.Time
	From, Subject, Why string
}

// settleSuspicions tells of the mails that claimed to command, once the folder of sent mail has
// been read since.
func settleSuspicions(tx *store.Tx, env desk.Env, sentRead time.Time) error {
	found := map[string]suspicion{}
	err := tx.EachJSON(suspectPrefix, func(name string, v []byte) error {
		var s suspicion
		if err := json.Unmarshal(v, &s); err != nil {
			return err
		}
		found[name] = s
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(found) {
		s := found[name]
		identity := strings.TrimPrefix(name, suspectPrefix)
		obeyed, err := tx.Obeyed(identity)
		if err != nil {
			return err
		}
		if !obeyed && !sentRead.After(s.Seen) {
			continue
		}
		if err := tx.DropJSON(name); err != nil {
			return err
		}
		if obeyed {
			continue
		}
		err = tx.AddNews(desk.News{
			ID: name, Time: s.Seen, Kind: desk.NewsTrouble,
			Text: fmt.Sprintf("A mail from %s, “%s”, looked like an answer to Fifthcall and was not obeyed: %s. If you wrote it, send it again from your own program.", s.From, shorten(s.Subject, 80), s.Why),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
