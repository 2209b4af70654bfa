package prose

// Stop: somebody asks not to be written to or called any more.

import "strings"

var (
	// stopRE asks to be left alone, in five languages and some of their kin.
	stopRE = lazyOneOf(`\b(please |kindly )?(stop|cease|quit) (contact|e-?mail|mail|writ|messag|call|text|pester|bother|spamm|harass)\w*( me| us)?\b|\bstop (sending|spamming) (me|us)\b|\b(please )?(do not|don't|don’t|never) (ever )?(contact|e-?mail|mail|write( to)?|message|call|text) (me|us)\b|\b(take|remove|delete) (me|us|my (name|data|details|address|e-?mail)) (off|from|out of)\b|\bleave (me|us) (alone|be|in peace)\b|\b(i|we) (do not|don't|don’t|would rather not|would prefer not to|no longer|'d rather not) (want|wish|like)?( to)? ?(be contacted|hear from you|receive (any )?(more |further )?(e-?mails|messages|mails|calls)|you to contact me)\b|^(please )?(stop|unsubscribe)( it| this)?[.! ]*$|\bplease stop[.!]|` +
		`(kontaktieren|schreiben|rufen|mailen|anschreiben|anrufen|belästigen) sie (mich|mir|uns)( bitte)?( in zukunft| künftig)?( bitte)? (nicht|nie) ?(mehr|wieder)?|(bitte )?(keine|keinerlei) (weiteren )?(e-?mails|mails|nachrichten|anrufe|angebote|anfragen|kontaktaufnahme)( mehr)?\b|(nehmen|streichen|löschen|entfernen) sie (mich|meine (daten|adresse|e-?mail\S*))|lassen sie mich( bitte)? in ruhe|hören sie( bitte)? auf,? (mir|mich)|(möchte|will|wünsche) (nicht (mehr|weiter)|keine( weitere\w*)?) (kontakt|angeschrieben|angerufen|kontaktiert|mails|e-?mails|nachrichten|anrufe)\w*|` +
		`(de )?ne plus (me|nous) (contacter|écrire|appeler|solliciter|envoyer|relancer)|ne (me|nous) (contactez|écrivez|appelez|sollicitez|relancez) plus|(retirez|supprimez|enlevez|désinscrivez)[- ]moi|arrêtez de (me|m['’]|nous)|(cessez|merci de cesser) de|laissez[- ]moi tranquille|ne (souhaite|veux|désire) plus (être (contacté|sollicité|appelé)|recevoir|que vous)|` +
		`(deje|dejen|deja|dejad|paren|pare) de (contactar|escribir|llamar|enviar|mandar|molestar)\w*|no (me|nos) (contact\w+|escrib\w+|llam\w+|env[ií]\w+|mand\w+) más|no (quiero|deseo) (recibir|que me|ser contactad)|(elim[ií]n\w+|b[oó]rr\w+|qu[ií]t\w+|s[aá]qu\w+)me de (su|la|esa|vuestra|tu) (lista|base)|` +
		`(gelieve|wilt u|graag|wil je|verzoek) (mij|me|ons) (niet|nooit) (meer |langer )?(te )?(benaderen|mailen|contacteren|bellen|schrijven)|(stop|hou) (a\.u\.b\. |alsjeblieft )?(met|op met) (mij |me )?(te )?(mailen|bellen|benaderen|schrijven)|(haal|verwijder|schrap) (mij|me) (uit|van)|neem geen contact meer|wil (geen|niet meer) (mails|e-?mails|berichten|telefoontjes|benaderd|gebeld)|` +
		`(smett\w+|la smetta|smettetela) di (contattar|scriver|chiamar|mandar|inviar)\w*|non (mi|ci) (contatt\w+|scriv\w+|chiam\w+) più|(cancell|rimuov|toglie)\w*(mi|temi) (da|dal|dalla)|non (desidero|voglio) (più )?(essere contattat|ricevere)`)
	// stopPartRE narrows it: a time, a place or a way that is not wanted.
	stopPartRE = lazyOneOf(`\b(before|after|until|till|between|during|while|today|tomorrow|this (week|month|morning|afternoon)|next week|at (work|the office|home|night|\d)|on (my|this|that|mon|tue|wed|thu|fri|sat|sun)|about (this|that|the) (role|job|position|one)|by (phone|mail|text)|on weekends|cvs|profiles|vor|nach|bis|während|heute|morgen|diese woche|im büro|auf der arbeit|am (montag|dienstag|mittwoch|donnerstag|freitag|wochenende|abend)|avant|après|jusqu|pendant|aujourd|demain|au (bureau|travail)|antes|después|hasta|hoy|mañana|en el trabajo|voor|tot|vandaag|morgen|op het werk|prima|dopo|fino|oggi|domani|al lavoro)\b`)
)

// WantsStop is the sentence in which somebody asks not to be contacted any more, "" if there is none: text is what they wrote anew. A wish
// about a time, a place or a way is none of that.
func WantsStop(text string) string {
	for _, line := range strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '!' || c == '?' || c == ';' }) {
		for _, s := range strings.Split(line, ". ") {
			s = strings.TrimSpace(s)
			if low := strings.ToLower(s); s != "" && len(s) < 300 && stopRE().MatchString(low) && !stopPartRE().MatchString(low) {
				return s
			}
		}
	}
	return ""
}
