package prose

import "testing"

func TestWantsStop(t *testing.T) {
	for _, s := range []string{
		"Please stop.", "Hi Sam,\nplease stop contacting me.", "Stop emailing me", "Please do not contact me again.", "Don't write to me any more!", "take me off your list please",
		"Remove me from your database.", "I do not wish to be contacted.", "unsubscribe", "Leave me alone", "I don't want to receive any more emails from you.", "Never call me again.",
		"Bitte schreiben Sie mir nicht mehr.", "Bitte keine weiteren Mails.", "Löschen Sie meine Daten.", "Lassen Sie mich bitte in Ruhe.", "Ich möchte nicht mehr kontaktiert werden.",
		"Merci de ne plus me contacter.", "Ne m'écrivez plus, ne me contactez plus.", "Laissez-moi tranquille", "Je ne souhaite plus être contactée.",
		"Por favor, deje de escribirme.", "No me llamen más.", "No quiero recibir más correos.", "Gelieve mij niet meer te benaderen.", "Stop met mij te mailen", "Verwijder mij uit uw bestand.",
		"Non mi contatti più.", "Smettetela di scrivermi.",
	} {
		if WantsStop(s) == "" {
			t.Errorf("%q is not understood", s)
		}
	}
	for _, s := range []string{
		"Please don't call me before 10.", "Don't email me at work, use this address.", "Please stop by on Thursday.", "I can't stop thinking about that offer.", "Do not call me today, I'm in meetings.",
		"Please don't contact my boss.", "I will stop there.", "Bitte rufen Sie mich nicht vor 9 Uhr an.", "Rufen Sie mich bitte an.", "Ne m'appelez pas au bureau.", "Stop sending CVs for this role, it is filled.",
		"Hören Sie sich das an.", "No me llame antes de las 10.", "Let me be clear: I want the job.", "We stopped hiring.", "Please take me through the numbers.", "Delete the old version of my CV.", "Bel me niet voor 9 uur.",
	} {
		if got := WantsStop(s); got != "" {
			t.Errorf("%q is taken for %q", s, got)
		}
	}
}
