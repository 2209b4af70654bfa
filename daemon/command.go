package daemon

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
)

// tokenLife is for how long a token alone, outside the folder of sent mail, proves an answer.
const tokenLife = 60 * 24 * time.Hour

// commandAge is how old a mail may be and still be obeyed: what was written before the desk
// began, or long ago, is history.
const commandAge = 60 * 24 * time.Hour

// command takes a mail that may hold commands. done is false if it is to be logged like any other.
func (in *intake) command(m *mailbox.Message) (done bool, err error) {
	if m.Body == nil || !in.r.mayCommand(in.rules, m) {
		return false, nil
	}
	c := in.judge(m)
	if c == nil {
		return false, nil
	}
	if seen, err := in.tx.Obeyed(m.Identity); seen || err != nil {
		return true, err
	}
	started, err := in.tx.Mark(markStarted)
	if err != nil {
		return true, err
	}
	if begun, _ := time.Parse(time.RFC3339, started); begun.IsZero() || m.Date.Before(begun) || in.env.Now.Sub(m.Date) > commandAge {
		return c.issued != "" && selfOnly(in.rules, m), nil // written before Fifthcall was there, or long ago
	}
	alone := selfOnly(in.rules, m)
	cmds := in.read(c)
	if !c.proven {
		return alone, in.suspect(c, cmds)
	}
	if c.toLog && !alone {
		return false, in.tx.SetObeyed(m.Identity, in.env.Now) // a Bcc: its recipients are logged like any other's
	}
	if people := mailbox.Forwarded(m); len(people) > 0 && c.issued == "" && c.toLog {
		return true, in.logForward(c, people)
	}
	if c.issued == "" && (len(cmds) == 0 || !cmds[0].Changes() && cmds[0].Verb != desk.VerbHelp && !c.toLog) {
		return true, nil // a note to self that isn't for us
	}
	return alone, in.obey(c, cmds)
}

var itemNumberRE = regexp.MustCompile(`^\*?(\d{1,3})[.)]\s+(.*)$`)

// read reads the commands of a mail. A line below a quoted item that names none itself is about that item.
func (in *intake) read(c *commandMail) []desk.Command {
	text, kind := c.m.Body.Readable()
	if kind == "html" {
		text = mailbox.HTMLText(c.m.Body.HTML().Text()) // with its quotes: answers may stand between them
	}
	g := in.rules.grammar(in.writtenAt(c.m))
	g.Now = g.Now.In(g.Zone)
	var items *desk.Issued
	if c.issued != "" {
		items, _ = in.tx.Issued(c.issued) // unknown: then no quoted number counts
	}
	answers, signature := mailbox.Answers(text, saysCommand(g))
	out := readAnswers(answers, items, g)
	c.signature = signature
	if c.issued == "" && !slices.ContainsFunc(out, desk.Command.Changes) {
		if again := desk.ParseCommands(c.m.Subject, g); len(again) > 0 && again[0].Changes() {
			return again // a note to self may be its subject alone
		}
	}
	return out
}

// saysCommand reports whether a line is a command by itself, whatever stands around it: it names what it is about, and a verb.
func saysCommand(g desk.Grammar) func(string) bool {
	return func(line string) bool {
		return slices.ContainsFunc(desk.ParseCommands(line, g), func(c desk.Command) bool { return c.Ref != "" && c.Changes() })
	}
}

// readAnswers reads the lines that the recruiter wrote; those below a quoted item together.
func readAnswers(answers []mailbox.Answer, items *desk.Issued, g desk.Grammar) (out []desk.Command) {
	var block []string
	number := 0
	flush := func() {
		for _, cmd := range desk.ParseCommands(strings.Join(block, "\n"), g) {
			out = append(out, about(cmd, number, g)...)
		}
		block = nil
	}
	for _, a := range answers {
		if n := quotedNumber(a.Quote, items); n != number {
			flush()
			number = n
		}
		block = append(block, a.Text)
	}
	flush()
	return out
}

// about gives a command below quoted item n its number, unless it names somebody itself.
func about(cmd desk.Command, n int, g desk.Grammar) []desk.Command {
	if n == 0 {
		return []desk.Command{cmd}
	}
	num := strconv.Itoa(n)
	switch {
	case cmd.Verb == desk.VerbHelp, cmd.Verb == desk.VerbUndo, cmd.Verb == desk.VerbSpread, cmd.Verb == desk.VerbContact:
		return []desk.Command{cmd}
	case cmd.Ref == "" && cmd.Verb == desk.VerbUnknown, cmd.Verb == desk.VerbSnooze && strings.Trim(cmd.Ref, "0123456789") == "":
		// "2 june" below item 1 is a date, and no item 2
		again := desk.ParseCommands(num+" "+cmd.Line, g)
		if len(again) == 1 && again[0].Ref == num && again[0].Verb != desk.VerbUnknown {
			return again
		}
	}
	if cmd.Ref == "" {
		cmd.Ref = num
	}
	return []desk.Command{cmd}
}

// quotedNumber is the item that the quoted lines above an answer are about, nearest first: a line
// with its number and the beginning of its text. Any other text with a number, which may be a
// stranger's, is none.
func quotedNumber(quote []string, items *desk.Issued) int {
	if items == nil {
		return 0
	}
	for _, q := range quote {
		q = strings.TrimSpace(q)
		if slices.Contains(pageLandmarks, strings.ToLower(q)) {
			return 0 // a section's title, or the foot
		}
		m := itemNumberRE.FindStringSubmatch(q)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[1])
		if it, ok := items.Item(n); ok && it.Head != "" && strings.HasPrefix(foldQuote(m[2]), foldQuote(it.Head)) {
			return n
		}
	}
	return 0
}

// foldQuote is a text as far as quoting leaves it alone.
func foldQuote(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.NewReplacer("*", "", ">", "").Replace(s)), " "))
}

// writtenAt is when the recruiter wrote, by her clock, unless that can't be.
func (in *intake) writtenAt(m *mailbox.Message) time.Time {
	if m.Date.After(in.env.Now) || in.env.Now.Sub(m.Date) > 7*24*time.Hour {
		return in.env.Now
	}
	return m.Date
}
