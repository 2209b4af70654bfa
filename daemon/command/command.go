package command

import (
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/mailbox/prose"
)

// TokenLife is for how long a token alone, outside the folder of sent mail, proves an answer.
const TokenLife = 60 * 24 * time.Hour

// CommandAge is how old a mail may be and still be obeyed: what was written before the desk
// began, or long ago, is history.
const CommandAge = 60 * 24 * time.Hour

// SaysCommand reports whether a line is a command by itself, whatever stands around it: it names what it is about, and a verb.
func SaysCommand(g words.Grammar) func(string) bool {
	return func(line string) bool {
		return slices.ContainsFunc(words.ParseCommands(line, g), func(c words.Command) bool { return c.Ref != "" && c.Changes() })
	}
}

// ReadAnswers reads the lines that the recruiter wrote; those below a quoted item together.
func ReadAnswers(answers []prose.Answer, items *desk.Issued, g words.Grammar) (out []words.Command) {
	var block []string
	number := 0
	flush := func() {
		for _, cmd := range words.ParseCommands(strings.Join(block, "\n"), g) {
			out = append(out, words.About(cmd, number, g)...)
		}
		block = nil
	}
	for _, a := range answers {
		if n := words.QuotedNumber(a.Quote, items); n != number {
			flush()
			number = n
		}
		block = append(block, a.Text)
	}
	flush()
	return out
}
