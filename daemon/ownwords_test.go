package daemon

import (
	"strings"
	"testing"

	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/shell"
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
