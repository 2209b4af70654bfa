package prose

// Banners: what the reader's own mail system writes into a mail about its sender being a stranger. They are nobody's words.

import (
	"slices"
	"strings"
)

var (
	// bannerRE is a sentence that is a banner's by itself.
	bannerRE = lazy(`(?i)^[\W_]*(?:(?:caution|warning|attention|notice|alert|important|security (?:notice|warning|alert)|external(?: e-?mail| sender| message)?(?: (?:warning|notice|alert|caution))?|achtung|vorsicht|warnung|hinweis|wichtig|sicherheitshinweis|attention|prudence|avertissement|let op|waarschuwing|pas op|precaución|precaucion|atención|advertencia|aviso|cuidado|attenzione|avviso|atenção|varning|advarsel|obs|uwaga|ostrzeżenie|pozor|figyelem|внимание|dikkat)\b[\W_]*){0,3}` +
		`(?:this (?:e-?mail|message|mail|sender|correspondence)(?: (?:was|has|is|has been|did))? ?(?:originat|came from|come|comes|coming|sent|received|not originate|an external|from (?:an external|outside)|external)[^.\n]{0,40}(?:outside|external|another organi|a source external|internet)|(?:the )?sender of this (?:e-?mail|message) is (?:external|from outside|outside)|(?:e-?mail|message) (?:originat|received|sent|came)\S* (?:from )?(?:outside|external|an external)|the (?:following|below) (?:e-?mail|message) (?:is|was|came|originat)[^.\n]{0,30}(?:outside|external)|(?:this is an? )?external (?:e-?mail|sender|message|source)\s?[-–—.:!]|you (?:don't|don’t|do not) (?:often|usually|normally) (?:get|receive) e-?mails? from|you have(?:n't|n’t| not) (?:often |previously |yet )?(?:received|corresponded|exchanged)[^.\n]{0,60}(?:from|with) this|(?:some people who received this message|this is your first|first time) (?:don't|don’t|e-?mail|contact|sender)|` +
		`diese (?:e-?mail|mail|nachricht) (?:stammt|kommt|wurde|ist|kam)[^.\n]{0,60}(?:extern|außerhalb|ausserhalb)|(?:e-?mail|nachricht|mail) (?:stammt |kommt )?von (?:einem )?(?:externen|externem|extern|außerhalb|ausserhalb)|externe (?:e-?mail|nachricht|mail|absender)\s?[-–—.:!]|(?:externer|unbekannter) absender\s?[-–—.:!]|sie (?:erhalten|bekommen) (?:nicht (?:häufig|oft)|selten)[^.\n]{0,30}(?:e-?mails?|nachrichten) von|` +
		`(?:ce|cet|cette) (?:message|courriel|e-?mail|mail|courrier)[^.\n]{0,60}(?:extérieur|externe|l’extérieur|hors de)|(?:e-?mail|courriel|message|expéditeur) externe\s?[-–—.:!]|vous (?:n'obtenez|n’obtenez|ne recevez) pas souvent|` +
		`(?:deze|dit) (?:e-?mail|mail|bericht)[^.\n]{0,60}(?:buiten|externe|extern)|externe (?:afzender|e-?mail|mail)\s?[-–—.:!]|(?:u|je) (?:ontvangt|krijgt) (?:niet vaak|zelden)|` +
		`(?:este|el|este es un) (?:correo|mensaje|e-?mail)[^.\n]{0,60}(?:fuera|externo|externa|exterior|ajeno)|(?:correo|remitente|mensaje) externo\s?[-–—.:!]|(?:no suele|no suele usted|no acostumbra a) recibir|no (?:sueles|suele) recibir|` +
		`(?:questa|questo) (?:e-?mail|messaggio|mail)[^.\n]{0,60}(?:esterno|esterna|esterni|fuori)|(?:e-?mail|mittente|messaggio) esterno?a?\s?[-–—.:!]|non (?:si )?ricev(?:i|e|ono) spesso|` +
		`(?:este|esta) (?:e-?mail|mensagem)[^.\n]{0,60}(?:fora|externo|externa)|(?:você|voce) não (?:costuma receber|recebe)|(?:det här|detta|denna|den här|denne|dette) (?:mejlet|mailet|meddelandet|e-postmeddelandet|e-post|mailen|mail|meddelelse|e-mail|e-posten)[^.\n]{0,50}(?:utanför|utifrån|extern|udefra|uden for|utenfor|ekstern)|du får (?:ofte ikke|ikke ofte|inte ofta|sällan|sjældent)|(?:ta|niniejsza) wiadomość[^.\n]{0,50}(?:spoza|zewnętrz)|tento (?:e-?mail|mail)[^.\n]{0,40}(?:mimo|extern)|это (?:письмо|сообщение)[^.\n]{0,50}(?:внешн|извне|за предел))`)

	// bannerRestRE is how the next sentences of a banner begin.
	bannerRestRE = lazy(`(?i)^[\W_]*(?:please )?(?:do not|don't|don’t|never|be careful|use caution|exercise caution|take care|be cautious|treat|avoid|only (?:click|open)|think before|make sure|verify|unless you|if (?:you (?:do not|don't|are unsure|suspect)|in doubt)|learn why|learn more|report (?:this|suspicious|phish)|report suspicious|block sender|mark safe|why (?:is this|am i)|powered by|show(?: more)? details|links? (?:or|and) attach|recogni[sz]e the sender|open attachments|the content is safe|you know the|sender and (?:know|trust)|klicken sie|bitte (?:klicken|öffnen|seien|prüfen|keine)|öffnen sie|seien sie|keine (?:links|anhänge)|erfahren sie, warum|weitere informationen|wenn sie (?:den|dem) absender|es sei denn|ne (?:cliquez|pas|cliquer)|n'ouvrez|n’ouvrez|veuillez (?:ne|faire|vérifier)|soyez (?:prudent|vigilant)|découvrez pourquoi|en savoir plus|sauf si vous|klik (?:niet|geen)|open geen|wees voorzichtig|meer informatie|ontdek waarom|meld|tenzij u|no (?:haga|hagas|abra|abras|pulse)|tenga (?:cuidado|precaución)|obtenga (?:más )?información|más información|a menos que|non (?:fare|cliccare|aprire)|prestare attenzione|scopri perché|a meno che|não (?:clique|abra)|saiba por que|klicka inte|klik ikke|klikk ikke|läs varför|læs hvorfor|nie (?:klikaj|otwieraj)|neklikejte|не (?:переходите|открывайте|нажимайте))`)

	// bannerLabelRE is a banner of nothing but its label.
	bannerLabelRE = lazy(`^[\s*\[({<!#=_~-]*(?:EXTERNAL|External|EXTERN|Extern|EXTERNE|Externe|EXTERNO|ESTERNO|EXTERNT|EKSTERN|EXT)(?: (?:e-mail|E-?MAIL|MAIL|SENDER|MESSAGE|Email|E-Mail|E-mail|email|Mail|Sender|Message|Nachricht|NACHRICHT|Absender|ABSENDER))?(?: ?[-:–] ?(?:CAUTION|Caution|USE CAUTION|WARNING))?[\s*\])}>!#=_~:.-]*$`)
)

// bannerStems are letters without which no line is a banner's: finding them is much faster than the pattern.
var bannerStems = []string{
	"extern", "outside", "often get", "often receive", "usually", "normally", "haven", "first time", "this is your first", "some people who", "außerhalb", "ausserhalb", "oft", "selten",
	"extérieur", "souvent", "hors de", "buiten", "vaak", "zelden", "fuera", "exterior", "ajeno", "suele", "esterno", "estern", "fuori", "spesso", "fora", "costuma", "recebe", "utanför", "utifrån",
	"udefra", "uden for", "utenfor", "ekstern", "ofte", "sällan", "sjældent", "spoza", "zewnętrz", "mimo", "внешн", "извне", "за предел", "not originate", "internet", "another organi",
}

// maybeBanner reports whether the line may be a banner's.
func maybeBanner(l string) bool {
	l = strings.ToLower(l)
	return slices.ContainsFunc(bannerStems, func(stem string) bool { return strings.Contains(l, stem) })
}

// mostBanner is how many lines a banner may take.
const mostBanner = 8

// markBanners cuts the banners.
func (r *replyCutter) markBanners() {
	for i := 0; i < len(r.lines); i++ {
		l := strings.TrimSpace(r.lines[i])
		if r.cut[i] || l == "" || len(l) > maxPatternLine {
			continue
		}
		switch {
		case strings.Contains(l, "BannerStart"):
			for j := i; j < min(i+3*mostBanner, len(r.lines)); j++ {
				if strings.Contains(r.lines[j], "BannerEnd") {
					r.cutLines(i, j+1)
					i = j
					break
				}
			}
		case bannerLabelRE().MatchString(l) && r.labelStands(i):
			r.cut[i] = true
		case r.begins(i) && r.bannerAt(i):
			i = r.cutBanner(i)
		}
	}
}

// begins reports whether a paragraph begins at line i, as a banner does; near the top a line is enough.
func (r *replyCutter) begins(i int) bool {
	return i < 8 || strings.TrimSpace(r.lines[i-1]) == "" || r.cut[i-1] || strings.HasPrefix(strings.TrimSpace(r.lines[i-1]), "[")
}

func (r *replyCutter) bannerAt(i int) bool {
	text := r.paragraph(i)
	return maybeBanner(text) && bannerRE().MatchString(text)
}

// labelStands reports whether a label alone on line i is a banner's: above all text, and not the reader's heading of what stands below it.
func (r *replyCutter) labelStands(i int) bool {
	for j := i - 1; j >= 0; j-- {
		if !r.cut[j] && strings.TrimSpace(r.lines[j]) != "" {
			return false
		}
	}
	return strings.ToUpper(r.lines[i]) == r.lines[i] || i+1 < len(r.lines) && (strings.TrimSpace(r.lines[i+1]) == "" || r.bannerAt(i+1))
}

// paragraph is the lines from i to the next blank one, at most three.
func (r *replyCutter) paragraph(i int) string {
	var out []string
	for ; i < len(r.lines) && len(out) < 3 && strings.TrimSpace(r.lines[i]) != "" && len(r.lines[i]) < maxPatternLine; i++ {
		out = append(out, strings.TrimSpace(r.lines[i]))
	}
	return strings.Join(out, " ")
}

// cutBanner cuts the banner that begins at line i: its first sentence, and what goes on as banners do. It answers the last line cut.
func (r *replyCutter) cutBanner(i int) int {
	last, open := i, false
	r.cut[i] = true
	for j := i + 1; j < min(i+mostBanner, len(r.lines)); j++ {
		l := strings.TrimSpace(r.lines[j])
		if l == "" {
			open = true
			continue
		}
		above := strings.TrimSpace(r.lines[j-1])
		runsOn := !open && above != "" && !strings.ContainsAny(above[len(above)-1:], ".!?]>)*") && len(above) > 40
		if !runsOn && !bannerRestRE().MatchString(l) && !(maybeBanner(l) && bannerRE().MatchString(l)) {
			break
		}
		r.cut[j], last, open = true, j, false
	}
	return last
}

// cutLines cuts the lines from i up to end.
func (r *replyCutter) cutLines(i, end int) {
	for ; i < end; i++ {
		r.cut[i] = true
	}
}
