package prose

import (
	"testing"

	"fifthcall/mailbox/message"
)

// The sign of a reaction stands on its own line, above or below the words; what says more than that is an answer.
func TestReactionsSayNothing(t *testing.T) {
	class := func(text string) message.Class {
		raw := "From: Lea Kern <lea@acme.example>\r\nTo: sam@firm.example\r\nSubject: Re: Backend engineer\r\nMessage-ID: <a@acme.example>\r\nIn-Reply-To: <o@firm.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text
		part := message.ParsePart([]byte(raw))
		m := message.ReadHeader(part.Header, autoReplyMessage("2026-07-08", "x").Date, 0)
		got, _ := Classify(m, part, func(a string) bool { return a == "sam@firm.example" })
		return got
	}
	for _, text := range []string{
		"Lea Kern reacted to your message:\n👍\n", "Lea Kern reacted to your message:\n[heart]\n", "👍\n\nLea Kern reacted via Gmail\n",
		"Lea Kern hat auf Ihre Nachricht reagiert:\n❤️\n", "Lea Kern heeft gereageerd op uw bericht:\n👍\n", "Lea a réagi à votre message :\n🎉\n",
	} {
		if got := class(text); got != message.ClassAutomated {
			t.Errorf("%q is %s", text, got)
		}
	}
	for _, text := range []string{"👍\n", "Lea reacted to your message:\n👍\nCall me on Tuesday.\n", "[heart]\nYes, Tuesday.\n"} {
		if got := class(text); got != message.ClassHuman {
			t.Errorf("%q is %s", text, got)
		}
	}
}
