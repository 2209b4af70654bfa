package daemon

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/shell"

	"pgregory.net/rapid"
)

// TestCommandsThatLookLikeSignatures: in a reply nothing that is a command is lost to the rules for signatures, rulers and small print.
func TestCommandsThatLookLikeSignatures(t *testing.T) {
	g := words.Grammar{Now: testNow, Zone: testNow.Location()}
	for text, want := range map[string]string{
		"Jane spoke, keen\nSam na\nLena call 2026-12-10 10:00\nJo call 2026-12-11 11:00": "Jane spoke|Sam no-answer|Lena snooze|Jo snooze",
		"1 spoke\n---\n2 na\n-----------------------\n3 vm":                              "1 spoke|2 no-answer|3 left-message",
		"1 spoke\n\n--\n2 na":                     "1 spoke|2 no-answer",
		"1 spoke, keen\nThanks,\nSam\n2 na\n3 vm": "1 spoke|2 no-answer|3 left-message",
		"1 spoke\nSent from my iPhone\n2 na":      "1 spoke|2 no-answer",
		"1 spoke\nThis e-mail is confidential and intended for the recipient only.\n2 na":        "1 spoke|2 no-answer",
		"1 spoke\n\nSam Ruiter\nFirm Ltd\n+44 20 7946 0000\nwww.firm.example":                    "1 spoke",
		"1 spoke\n-- \nSam Ruiter\nFirm Ltd, 1 King Street, London\nM: +44 7700 900123\nSam out": "1 spoke",
	} {
		var got []string
		for _, c := range shell.ParseReply(text, g) {
			got = append(got, c.Ref+" "+c.Verb)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestCutLineIsTold: what is cut as a signature and names an item is asked back; the same signature comes again without a question.
func TestCutLineIsTold(t *testing.T) {
	w, m := dayStart(t)
	const sign = "\r\n\r\n-- \r\nSam Ruiter\r\nFirm Ltd\r\n1 King Street\r\nM: +44 7700 900123\r\n"
	w.answer(m, "Sent", "1 vm"+sign)
	w.pass()
	if got := w.lastText(); !strings.Contains(got, "1 King Street") || !strings.Contains(got, "part of your signature") {
		t.Errorf("not told:\n%s", got)
	}
	mails := len(w.inbox())
	w.answer(m, "Sent", "2 vm"+sign)
	w.pass()
	if got := len(w.inbox()); got != mails {
		t.Errorf("told again:\n%s", w.lastText())
	}
}

// TestNoCommandIsLostSilently draws replies of commands among greetings, rulers, names, dates, links, numbers and quotes: each command is
// understood, asked back, or told to have been cut.
func TestNoCommandIsLostSilently(t *testing.T) {
	commands := []string{"Jane spoke, keen", "Sam na", "Lena call 2026-12-10 10:00", "1 vm", "2 spoke, call 3w", "tom@globex.example not interested", "3 done", "4 thu 10am", "Li Sato candidate"}
	noise := []string{"Hi,", "-----", "____________________", "-- ", "Sam Recruiter", "Talent Partners", "+44 20 7946 0018", "https://talent.example", "sam@talent.example", "Best,", "Thanks", "12/03/26 10:00", "80 000 - 90 000", "Sent from my iPhone", "This e-mail is confidential.", "> 1. Jane Miller", "", "On 3 Mar 2026, Fifthcall wrote:"}
	g := words.Grammar{Now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), Zone: time.UTC}
	rapid.Check(t, func(rt *rapid.T) {
		var lines, said []string
		quoted := false // what stands below the last attribution may be a quote
		for range rapid.IntRange(1, 14).Draw(rt, "lines") {
			if rapid.Bool().Draw(rt, "command") && !quoted {
				c := rapid.SampledFrom(commands).Draw(rt, "c")
				lines, said = append(lines, c), append(said, c)
			} else {
				n := rapid.SampledFrom(noise).Draw(rt, "n")
				lines = append(lines, n)
				quoted = quoted || strings.HasSuffix(n, "wrote:")
			}
		}
		text := strings.Join(lines, "\r\n") + "\r\n"
		told := shell.ParseReply(text, g)
		all := fmt.Sprintf("%+v", told)
		for _, c := range said {
			want := words.ParseCommands(c, g)[0]
			if !slices.ContainsFunc(told, func(p shell.ParsedCommand) bool {
				return p.Ref == want.Ref && p.Verb == want.Verb || p.Error != "" && strings.Contains(p.Note, c)
			}) {
				rt.Fatalf("%q is lost of\n%s\n%s", c, text, all)
			}
		}
	})
}
