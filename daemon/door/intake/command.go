package intake

import (
	"slices"
	"time"

	commandpkg "fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// command takes a mail that may hold commands. done is false if it is to be logged like any other.
func command(in *people.Intake, m *message.Message) (done bool, err error) {
	if m.Body == nil || !mayCommand(in.R, in.Rules, m) {
		return false, nil
	}
	c := judge(in, m)
	if c == nil {
		return false, nil
	}
	if seen, err := in.Tx.Obeyed(m.Identity); seen || err != nil {
		return true, err
	}
	started, err := in.Tx.Mark(desk.MarkStarted)
	if err != nil {
		return true, err
	}
	if begun, _ := time.Parse(time.RFC3339, started); begun.IsZero() || m.Date.Before(begun) || in.Env.Now.Sub(m.Date) > commandpkg.CommandAge {
		return c.Issued != "" && selfOnly(in.Rules, m), nil // written before Fifthcall was there, or long ago
	}
	alone := selfOnly(in.Rules, m)
	cmds := read(in, c)
	if !c.Proven {
		return alone, suspect(in, c, cmds)
	}
	if c.ToLog && !alone {
		return false, in.Tx.SetObeyed(m.Identity, in.Env.Now) // a Bcc: its recipients are logged like any other's
	}
	if people := prose.Forwarded(m); len(people) > 0 && c.Issued == "" && c.ToLog {
		return true, logForward(in, c, people)
	}
	if c.Issued == "" && (len(cmds) == 0 || !cmds[0].Changes() && cmds[0].Verb != words.VerbHelp && !c.ToLog) {
		return true, nil // a note to self that isn't for us
	}
	return alone, commandpkg.Obey(in, c, cmds)
}

// read reads the commands of a mail. A line below a quoted item that names none itself is about that item.
func read(in *people.Intake, c *commandpkg.Mail) []words.Command {
	text, kind := c.M.Body.Readable()
	switch kind {
	case "html":
		text = message.HTMLText(c.M.Body.HTML().Text()) // with its quotes: answers may stand between them
	case "plain":
		if h := c.M.Body.HTML(); h != nil {
			text = prose.Unwrap(text, message.HTMLText(h.Text()))
		}
	}
	g := in.Rules.Grammar(in.WrittenAt(c.M))
	g.Now = g.Now.In(g.Zone)
	var items *desk.Issued
	if c.Issued != "" {
		items, _ = in.Tx.Issued(c.Issued) // unknown: then no quoted number counts
	}
	answers, signature := prose.Answers(text, commandpkg.SaysCommand(g))
	out := commandpkg.ReadAnswers(answers, items, g)
	c.Signature = signature
	if c.Issued == "" && !slices.ContainsFunc(out, words.Command.Changes) {
		if again := words.ParseCommands(c.M.Subject, g); len(again) > 0 && again[0].Changes() {
			return again // a note to self may be its subject alone
		}
	}
	return out
}
