package intake

import (
	"fmt"
	"slices"
	"strings"
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
	begun, _ := time.Parse(time.RFC3339, started)
	if begun.IsZero() || m.Date.Before(begun) {
		return c.Issued != "" && selfOnly(in.Rules, m), nil // written before Fifthcall was there
	}
	alone := selfOnly(in.Rules, m)
	cmds := read(in, c)
	if in.Env.Now.Sub(m.Date) > commandpkg.CommandAge {
		return c.Issued != "" && alone, tooOld(in, c, cmds)
	}
	if !c.Proven {
		return alone, suspect(in, c, cmds)
	}
	if c.ToLog && !alone {
		return false, in.Tx.SetObeyed(m.Identity, in.Env.Now) // a Bcc: its recipients are logged like any other's
	}
	if people := prose.Forwarded(m); len(people) > 0 && c.Issued == "" && c.ToLog {
		return true, logForward(in, c, people)
	}
	if c.Issued == "" && !c.ToLog {
		if meant, err := meantForUs(in, cmds); !meant || err != nil {
			return true, err // a note to self that isn't
		}
	} else if c.Issued == "" && len(cmds) == 0 {
		return true, nil
	}
	return alone, commandpkg.Obey(in, c, cmds)
}

// meantForUs reports whether a note to self is one for Fifthcall: it begins with a command, or with somebody who is known, and then what is
// said of them was meant, however it is spelt.
func meantForUs(in *people.Intake, cmds []words.Command) (bool, error) {
	if len(cmds) == 0 {
		return false, nil
	}
	first := cmds[0]
	if first.Changes() || first.Verb == words.VerbHelp {
		return true, nil
	}
	if first.Verb != words.VerbUnknown || !strings.Contains(first.Ref, "@") {
		return false, nil
	}
	c, err := in.Tx.ContactByEmail(message.Canonical(first.Ref))
	return c != nil, err
}

// tooOld tells of commands that came too long after they were written to be obeyed.
func tooOld(in *people.Intake, c *commandpkg.Mail, cmds []words.Command) error {
	if !c.Proven || !slices.ContainsFunc(cmds, words.Command.Changes) || c.Issued == "" && !c.ToLog {
		return nil
	}
	return in.Tx.AddNews(desk.News{
		ID: "old-" + desk.ShortHash(c.M.Identity), Time: in.Env.Now, Kind: desk.NewsHint,
		Text: fmt.Sprintf("What you wrote on %s (“%s”) came only now and was not done: it is too long ago to be meant for today. If it still holds, say it again.", desk.SayDate(in.Env, desk.DateOf(c.M.Date.In(in.Env.Zone))), desk.Shorten(cmds[0].Line, 80)),
	})
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
