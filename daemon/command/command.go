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
		for _, cmd := range words.ParseCommands(strings.Join(unwrapped(block, g), "\n"), g) {
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

// wrapsFrom is from how many bytes on a line may have been wrapped by the program that sent it.
const wrapsFrom = 50

// unwrapped joins lines that a program broke: one that is long, and goes on in the next, which names no item and says no verb by itself.
// What is said stays the same, and a date of the next line is its date.
func unwrapped(lines []string, g words.Grammar) []string {
	var out []string
	for _, l := range lines {
		n := len(out)
		if n > 0 && len(out[n-1]) >= wrapsFrom && goesOn(out[n-1], l, g) {
			out[n-1] += " " + l
			continue
		}
		out = append(out, l)
	}
	return out
}

// goesOn reports whether a line is the rest of the one above it.
func goesOn(above, line string, g words.Grammar) bool {
	said := words.ParseCommands(above, g)
	if len(said) == 0 || slices.ContainsFunc(said, func(c words.Command) bool { return c.Verb == words.VerbUnknown }) {
		return false
	}
	for _, c := range words.ParseCommands(line, g) {
		if c.Ref != "" || c.Changes() && c.Verb != words.VerbSnooze {
			return false
		}
	}
	both := words.ParseCommands(above+" "+line, g)
	return slices.EqualFunc(said, both, func(a, b words.Command) bool { return a.Ref == b.Ref && a.Verb == b.Verb })
}
