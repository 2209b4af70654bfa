package prose

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/mailbox/message"
)

func awayDate(text string) time.Time {
	raw := "From: j@x.example\r\nAuto-Submitted: auto-replied\r\nDate: Mon, 7 Dec 2026 09:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text
	m := message.ParseWhole([]byte(raw))
	return ReadAutoReply(m, text).Date
}

// TestWordsThatAreNoMonths: a word that is also a month is one only behind a word that says so.
func TestWordsThatAreNoMonths(t *testing.T) {
	for _, text := range []string{
		"I am out of the office and may not be able to respond until I am back.",
		"I'm away at the moment. This may take a while; may I ask you to write to my colleague? Mails are not forwarded.",
		"I will be away. Your mail may be read later, and May Wong may help.",
		"Ich bin abwesend. Mails werden nicht weitergeleitet, Ihre Mail wird gelesen, wenn ich wieder zurück bin.",
		"Je suis absent, mais vos mails seront lus. Je marche en montagne, retour bientôt.",
		"Estoy fuera de la oficina; el mar y el sol me esperan. Responderé a mi vuelta.",
		"Nu sunt la birou și nu mai răspund la e-mail până mă întorc.",
		"I am on leave to march for charity and will reply on my return.",
		"Ik ben afwezig en lees mijn mails niet. Maart Jansen neemt waar.",
	} {
		if d := awayDate(text); !d.IsZero() {
			t.Errorf("%s: %s", d.Format(time.DateOnly), text)
		}
	}
	for text, want := range map[string]string{
		"I am on parental leave and will be back in May.":     "2027-05-01",
		"I am away and will return in March 2027.":            "2027-03-01",
		"Ich bin in Elternzeit und ab Mai wieder zurück.":     "2027-05-01",
		"Je suis absent et serai de retour en mars.":          "2027-03-01",
		"Estoy de baja y vuelvo en mayo.":                     "2027-05-01",
		"Olen lomalla ja palaan toukokuussa.":                 "2027-05-01",
		"I am out of the office until Tuesday 15 December.":   "2026-12-15",
		"I'm away until 4 may, mails are not read meanwhile.": "2027-05-04",
	} {
		if d := awayDate(text).Format(time.DateOnly); d != want {
			t.Errorf("%s, want %s: %s", d, want, text)
		}
	}
}

// TestNoDateFromWords: no words of absence, in whatever order, make a date without a number, a weekday or a month behind its preposition.
func TestNoDateFromWords(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, tg := range tongues() {
		var words []string
		for _, list := range []string{"away", "back", "weak", "negation", "ack", "until", "from", "range"} {
			for _, p := range tg.lists[list] {
				if len(p.parts) == 1 {
					if _, weekday := proseDates().weekday(p.parts[0]); weekday {
						continue
					}
				}
				words = append(words, strings.Join(p.parts, " "))
			}
		}
		for w := range tg.filler {
			if _, weekday := proseDates().weekday(w); !weekday { // some list a day with its preposition
				words = append(words, w)
			}
		}
		slices.Sort(words) // a map's order would make another text each time
		words = append(words, "mail", "mails", "may", "mais", "jan", "out", "set", "dec", "august")
		for range 20 {
			var text []string
			for range 12 {
				text = append(text, words[rng.IntN(len(words))])
			}
			s := strings.Join(text, " ") + "."
			if slices.ContainsFunc(tongues(), func(any *tongue) bool { return bareMonth(any, text) }) {
				continue // said, in whatever language
			}
			if d := awayDate(s); !d.IsZero() {
				t.Errorf("%s: %s of %q", tg.name, d.Format(time.DateOnly), s)
			}
		}
	}
}

// bareMonth reports whether a month stands behind its preposition, where it is one.
func bareMonth(tg *tongue, words []string) bool {
	for i, w := range words[1:] {
		for _, forms := range tg.months {
			for _, f := range forms {
				if w != f.parts[0] && !(f.open && strings.HasPrefix(w, f.parts[0])) {
					continue
				}
				m := tongueMonth{tongue: tg, open: f.open}
				if m.announced(strings.Join(words[:i+1], " "), len(w) > len(f.parts[0])) {
					return true
				}
			}
		}
	}
	return false
}
