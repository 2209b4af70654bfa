package prose

import (
	"strings"
	"testing"
)

// Some web mails leave an attribution on the author's last line. The sentence before it is the answer, whatever the language, whether the
// line is broken, and whether the quote below is marked.
func TestAttributionBehindASentence(t *testing.T) {
	for _, c := range []struct{ own, attribution string }{
		{"Yes, Tuesday works for us.", "On Mon, 2 Mar 2026 at 09:00, Sam Ruiter <sam@firm.example> wrote:"},
		{"Please stop writing to me.", "On Monday, 2 March 2026 at 09:00:00 GMT, Sam <sam@firm.example> wrote:"},
		{"1 spoke.", "On Mar 2, 2026, at 9:00 AM, Sam <sam@firm.example> wrote:"},
		{"Shall we say Tuesday?", "On 02/03/2026 09:00, Sam Ruiter wrote:"},
		{"Ja, Dienstag!", "Am 02.03.2026 um 09:00 schrieb Sam Ruiter <sam@firm.example>:"},
		{"Oui, mardi.", "Le lun. 2 mars 2026 à 09:00, Sam Ruiter <sam@firm.example> a écrit :"},
		{"Ja graag, dinsdag.", "Op ma 2 mrt 2026 om 09:00 schreef Sam Ruiter <sam@firm.example>:"},
		{"Sí, el martes.", "El lun, 2 mar 2026 a las 9:00, Sam Ruiter (<sam@firm.example>) escribió:"},
		{"Sì, martedì.", "Il giorno lun 2 mar 2026 alle ore 09:00 Sam Ruiter <sam@firm.example> ha scritto:"},
		{"Tak, we wtorek.", "W dniu 2.03.2026 o 09:00, Sam Ruiter <sam@firm.example> napisał:"},
		{"(Only if Bo is free.)", "On Mon, 2 Mar 2026 at 09:00, Sam Ruiter <sam@firm.example> wrote:"},
	} {
		for _, text := range []string{
			"Hi Sam,\n" + c.own + " " + c.attribution + "\n\n> old question\n> Sam\n",
			c.own + " " + c.attribution + "\n> old question\n",
			c.own + "\u00a0" + c.attribution + "\nold question\n",
			c.own + " " + strings.Replace(c.attribution, " Sam", "\nSam", 1) + "\n\n> old question\n",
		} {
			got := strings.TrimSpace(strings.TrimPrefix(ReplyText(text), "Hi Sam,\n"))
			if got != c.own {
				t.Errorf("%q\ngives %q, want %q", text, got, c.own)
			}
		}
		html := "<div>" + c.own + " " + strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(c.attribution) + " <blockquote>old question</blockquote></div>"
		if got := HTMLReplyText(html); strings.TrimSpace(got) != c.own {
			t.Errorf("%q\ngives %q, want %q", html, got, c.own)
		}
	}
}

// A sentence that tells what somebody wrote, and when, is the author's own.
func TestSentencesLikeAttributions(t *testing.T) {
	for _, own := range []string{
		"He called. On 2 March Tom wrote to me that there is no budget.",
		"We met. On Monday 2 March he said no.\nSo let us wait.",
		"Two points. On 1 June we start: bring your passport.",
		"Le contrat est prêt. Le 2 mars nous signons.",
	} {
		if got := ReplyText(own + "\n"); got != own {
			t.Errorf("%q gives %q", own, got)
		}
	}
}
