package imports

// Columns: how address books name what they export, in the languages in which their programs speak.

import "strings"

// columnNames are the header names in lower case, by what they hold; "" is for what is passed over.
var columnNames = map[string]string{
	"name":    "name|full name|display name|contact|contact name|anzeigename|vollständiger name|nom complet|nombre completo|nome completo|volledige naam|fullständigt namn|imię i nazwisko",
	"first":   "first name|given name|firstname|vorname|prénom|prenom|nombre|nome|voornaam|förnamn|fornavn|imię|etunimi",
	"middle":  "middle name|additional name|weitere vornamen|zweiter vorname|deuxième prénom|segundo nombre|secondo nome|tweede voornaam|middelste naam|mellannamn|mellemnavn|drugie imię",
	"last":    "last name|family name|surname|lastname|nachname|familienname|nom|nom de famille|apellidos|apellido|cognome|achternaam|sobrenome|apelido|efternamn|efternavn|etternavn|nazwisko|sukunimi",
	"email":   "email|e-mail|email address|e-mail address|mail|emails|primary email|e-mail 1 - value|e-mail 2 - value|e-mail 3 - value|e-mail 2 address|e-mail 3 address|secondary email|e-mail-adresse|email-adresse|e-mail 2: adresse|e-mail 3: adresse|e-mail-adresse 2|e-mail-adresse 3|e-mail 2-adresse|adresse de messagerie|adresse e-mail|adresse électronique|courriel|adresse de messagerie 2|dirección de correo electrónico|correo electrónico|correo|dirección de correo electrónico 2|indirizzo posta elettronica|indirizzo di posta elettronica|posta elettronica|indirizzo e-mail|e-mailadres|e-mail 2-adres|endereço de correio eletrónico|endereço de e-mail|endereço de email|e-postadress|e-postadresse|adres e-mail|sähköpostiosoite",
	"company": "company|organization|organisation|organization name|organization 1 - name|employer|account|firma|unternehmen|société|societe|entreprise|organización|compañía|empresa|società|azienda|bedrijf|företag|virksomhed|selskap|yritys",
	"title":   "title|job title|position|organization title|organization 1 - title|funktion|berufsbezeichnung|stellung|fonction|titre professionnel|poste|puesto|cargo|posizione|qualifica|functie|befattning|stilling|stanowisko",
	"phone":   "phone|telephone|mobile|mobile phone|business phone|phone 1 - value|phone number|direct|tel|telefon|telefon geschäftlich|geschäftlich|mobiltelefon|mobil|handy|téléphone (bureau)|téléphone bureau|téléphone|tél. mobile|téléphone mobile|mobile pro|teléfono del trabajo|teléfono|teléfono móvil|móvil|telefono ufficio|ufficio|telefono|cellulare|telefoon op werk|telefoon werk|telefoon|mobiele telefoon|telefone comercial|telefone|telemóvel|telefone celular|celular|telefon arbete|arbejdstelefon|telefon służbowy|telefon komórkowy|matkapuhelin",
	"phone2":  "home phone|primary phone|business phone 2|phone 2 - value|telefon privat|telefon (privat)|haupttelefon|telefon geschäftlich 2|téléphone (domicile)|téléphone 2 (bureau)|teléfono particular|teléfono del trabajo 2|abitazione|telefoon thuis|telefone residencial",
	"roles":   "role|roles|type|rolle|rollen",
	"labels":  "labels|categories|group membership|kategorien|catégories|categorías|categorie|categorieën|categorias|kategorier|kategorie",
	"notes":   "note|notes|comments|notizen|bemerkungen|notas|note di lavoro|notities|anteckningar|noter|notatki",
	"status":  "status",
	"":        "file as|e-mail 1 - type|e-mail 2 - type|e-mail 3 - type|e-mail 1 - label|e-mail 2 - label|e-mail 3 - label|phone 1 - type|phone 2 - type|phone 1 - label|phone 2 - label|e-mail type|e-mail display name|e-mail 2 type|e-mail 2 display name|e-mail 3 type|e-mail 3 display name|organization 1 - type|photo|e-mail-typ|e-mail: angezeigter name|e-mail 2: typ|e-mail 2: angezeigter name|type de messagerie|nom complet de l'adresse de messagerie",
}

// columns maps a header name to what it holds.
var columns = func() map[string]string {
	out := map[string]string{}
	for kind, names := range columnNames {
		for _, n := range strings.Split(names, "|") {
			out[n] = kind
		}
	}
	return out
}()

func columnKey(s string) string {
	return strings.ToLower(strings.TrimSpace(strings.ReplaceAll(s, "_", " ")))
}

// several are the values that Google writes into one cell, of one label.
func several(v string) []string {
	var out []string
	for _, s := range strings.Split(v, ":::") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
