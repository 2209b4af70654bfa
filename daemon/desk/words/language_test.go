package words

import (
	"testing"
	"time"
)

// Monday, 2 March 2026, 09:00 in London, day before month.
func TestLanguages(t *testing.T) {
	for _, c := range []struct{ lang, text, ref, verb, next string }{
		{"de", "1 gesprochen, Rückruf Dienstag", "1", "spoke", "2026-03-03"},
		{"de", "2 nicht erreicht, morgen nochmal", "2", "no-answer", ""},
		{"de", "2 nicht erreicht, nochmal am Donnerstag", "2", "no-answer", "2026-03-05"},
		{"de", "3 Nachricht hinterlassen", "3", "left-message", ""},
		{"de", "3 auf AB gesprochen, wieder anrufen in 2 Wochen", "3", "left-message", "2026-03-16"},
		{"de", "4 nächste Woche", "4", "snooze", "2026-03-09"},
		{"de", "4 verschieben auf 12.3. um 10:00", "4", "snooze", "2026-03-12T10:00"},
		{"de", "5 kein Interesse", "5", "not-interested", ""},
		{"de", "6 hat die Firma verlassen", "6", "left-company", ""},
		{"de", "7 übermorgen", "7", "snooze", "2026-03-04"},
		{"de", "8 getroffen, anrufen Ende April", "8", "met", "2026-04-30"},
		{"de", "9 Urlaub bis 20. März", "9", "snooze", "2026-03-20"},
		{"de", "1 erledigt", "1", "done", ""},
		{"de", "2 rückgängig", "2", "undo", ""},
		{"de", "3 Entscheider", "3", "role", ""},
		{"de", "4 nicht mehr anrufen", "4", "do-not-contact", ""},
		{"fr", "1 parlé avec elle, rappeler mardi", "1", "spoke", "2026-03-03"},
		{"fr", "2 message laissé", "2", "left-message", ""},
		{"fr", "2 laissé un message, rappeler dans 2 semaines", "2", "left-message", "2026-03-16"},
		{"fr", "3 pas de réponse", "3", "no-answer", ""},
		{"fr", "4 reporter au 12 mars", "4", "snooze", "2026-03-12"},
		{"fr", "5 pas intéressé", "5", "not-interested", ""},
		{"fr", "6 demain", "6", "snooze", "2026-03-03"},
		{"fr", "7 la semaine prochaine", "7", "snooze", "2026-03-09"},
		{"fr", "8 ne plus contacter", "8", "do-not-contact", ""},
		{"es", "1 hablé con ella, llamar el jueves", "1", "spoke", "2026-03-05"},
		{"es", "2 dejé un mensaje", "2", "left-message", ""},
		{"es", "3 no contesta", "3", "no-answer", ""},
		{"es", "3 no contesta, llamar en 3 días", "3", "no-answer", "2026-03-05"},
		{"es", "4 posponer al 12 de marzo", "4", "snooze", "2026-03-12"},
		{"es", "5 no interesado", "5", "not-interested", ""},
		{"es", "6 pasado mañana", "6", "snooze", "2026-03-04"},
		{"nl", "1 gesproken, bellen op donderdag", "1", "spoke", "2026-03-05"},
		{"nl", "2 voicemail ingesproken", "2", "left-message", ""},
		{"nl", "3 geen gehoor, terugbellen over 2 weken", "3", "no-answer", "2026-03-16"},
		{"nl", "4 verzetten naar 12 maart", "4", "snooze", "2026-03-12"},
		{"nl", "5 geen interesse", "5", "not-interested", ""},
		{"nl", "6 overmorgen", "6", "snooze", "2026-03-04"},
		{"nl", "7 volgende week", "7", "snooze", "2026-03-09"},
		{"nl", "8 niet meer bellen", "8", "do-not-contact", ""},
		{"de", "1 gesprochen, anrufen am 12. März um 14:30 Uhr", "1", "spoke", "2026-03-12T14:30"},
		{"es", "3 hablado, llamar el martes a las 10", "3", "spoke", "2026-03-03T10:00"},
		{"nl", "4 gesproken, bellen dinsdag om 10 uur", "4", "spoke", "2026-03-03T10:00"},
		{"fr", "2 parlé, rappeler mardi à 10h", "2", "spoke", "2026-03-03T10:00"},
		{"de", "1 spoke, keen, call 2w", "1", "spoke", "2026-03-16"}, // English always
	} {
		london, _ := time.LoadLocation("Europe/London")
		got := ParseCommands(c.text, Grammar{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, london), Zone: london, Languages: []string{c.lang}})
		if len(got) != 1 || got[0].Ref != c.ref || got[0].Verb != c.verb || c.next != "" && got[0].Next.String() != c.next {
			t.Errorf("%s %q: %+v, want %s %s", c.lang, c.text, got, c.verb, c.next)
		}
	}
}
