package letter

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/template"
	"time"

	"fifthcall/daemon/desk"
)

// pen writes one letter: it escapes what comes from outside and notes what is missing.
type pen struct {
	f       *Fields
	missing []desk.Fact

	steps, bytes int // what it has cost so far
}

func newPen(f *Fields) *pen { return &pen{f: f} }

func (p *pen) miss(f desk.Fact) {
	if !slices.Contains(p.missing, f) {
		p.missing = append(p.missing, f)
	}
}

// markup is Markdown that a function made and that must not be escaped again.
type markup string

// funcs are what templates can call.
func (p *pen) funcs() template.FuncMap {
	funcs := p.bounded()
	maps.Copy(funcs, template.FuncMap{
		sayFunc:   p.say,
		"greet":   p.greet,
		"date":    p.date,
		"time":    p.clock,
		"weekday": p.weekday,
		"when":    p.when,
		"zone":    p.zone,
		"names":   p.names,
		"list":    p.list,
		"link":    p.link,
		"place":   p.place,
		"first":   FirstName,
		"before":  p.before,
	})
	return funcs
}

// say prints a value. An empty one would be a blank in the letter: it is noted as missing.
func (p *pen) say(expr string, v any) (string, error) {
	switch v := v.(type) {
	case markup:
		if v == "" {
			p.miss(factOf(expr))
		}
		return string(v), nil
	case string:
		if strings.TrimSpace(v) == "" {
			p.miss(factOf(expr))
		}
		return escape(v), nil
	case desk.InterviewKind:
		return escape(string(v)), nil
	case int:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("%s can't be printed as it is: use a filter such as date, time, names", expr)
}

// factOf names what an expression of a template speaks of, in the words of replies.
func factOf(expr string) desk.Fact {
	for _, w := range strings.FieldsFunc(expr, func(r rune) bool { return r == ' ' || r == '|' || r == '(' || r == ')' }) {
		rest, ok := strings.CutPrefix(w, ".")
		if !ok {
			continue
		}
		rest = strings.TrimPrefix(rest, "Interview.")
		switch rest {
		case "Interview", "Start", "End":
			if strings.HasPrefix(expr, "place") {
				return desk.FactPlace
			}
			return desk.FactTime
		case "Interviewers":
			return desk.FactInterviewer
		case "Contact.Name", "Contact.First":
			return "name"
		case "Title", "Order.Title":
			return "title"
		case "Company", "Order.Company", "Client.Company":
			return "company"
		case "Candidate.Name", "Candidate.First":
			return "candidate"
		}
		return desk.Fact(strings.ToLower(strings.ReplaceAll(rest, ".", " ")))
	}
	return desk.Fact(expr)
}

const markdownPunct = "\\`*_{}[]()<>#+-.!|~&\"'$%/:;=?@^,"

// escape keeps a text from outside from being Markdown or HTML: every punctuation mark gets a
// backslash (CommonMark 0.31, 2.4), and line breaks are blanks.
func escape(s string) string {
	s = desk.Tidy(s)
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && strings.ContainsRune(markdownPunct, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unescape takes escape back, for the subject, which is no Markdown.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(markdownPunct, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// greet is how the letter begins: by name where one is known.
func (p *pen) greet(to Person) markup {
	switch first := escape(to.First); {
	case p.f.Language == "de" && to.Name != "":
		return markup("Guten Tag " + escape(to.Name) + ",")
	case p.f.Language == "de":
		return "Guten Tag,"
	case first != "":
		return markup("Hi " + first + ",")
	}
	return "Hello,"
}

var germanDays = []string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}
var germanMonths = []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}

func (p *pen) zoned(t time.Time) (time.Time, bool) {
	if t.IsZero() {
		return t, false
	}
	return t.In(p.f.Zone), true
}

// date says a day in the reader's zone and language: "Tuesday 10 March 2026".
func (p *pen) date(t time.Time) markup {
	t, ok := p.zoned(t)
	switch {
	case !ok:
		return ""
	case p.f.Language == "de":
		return markup(fmt.Sprintf("%s, %d\\. %s %d", germanDays[t.Weekday()], t.Day(), germanMonths[t.Month()-1], t.Year()))
	}
	return markup(t.Format("Monday 2 January 2006"))
}

// clock says a time of day in the reader's zone: "15:00".
func (p *pen) clock(t time.Time) markup {
	t, ok := p.zoned(t)
	switch {
	case !ok:
		return ""
	case p.f.Language == "de":
		return markup(t.Format("15:04") + " Uhr")
	}
	return markup(t.Format("15:04"))
}

// weekday says the day's name.
func (p *pen) weekday(t time.Time) markup {
	t, ok := p.zoned(t)
	switch {
	case !ok:
		return ""
	case p.f.Language == "de":
		return markup(germanDays[t.Weekday()])
	}
	return markup(t.Weekday().String())
}

// zone names the reader's zone at that time: "London time", with its offset where that helps.
func (p *pen) zone(t time.Time) markup {
	t, ok := p.zoned(t)
	if !ok {
		return ""
	}
	name, _ := t.Zone()
	if strings.ContainsAny(name, "+-0123456789") {
		name = "UTC" + t.Format("-07:00")
	}
	city := p.f.Zone.String()
	if i := strings.LastIndexByte(city, '/'); i >= 0 {
		city = p.placeOf(city[i+1:])
		if p.f.Language == "de" {
			return markup(escape(name + ", Zeit in " + city))
		}
		return markup(escape(name + ", " + city + " time"))
	}
	return markup(escape(name))
}

// zonePlaces are what people call the zones that are named by a city which stands for a country, or is spelt as it was; English and German.
var zonePlaces = map[string][2]string{
	"Kolkata": {"India", "Indien"}, "Calcutta": {"India", "Indien"}, "Katmandu": {"Nepal", "Nepal"}, "Kathmandu": {"Nepal", "Nepal"}, "Colombo": {"Sri Lanka", "Sri Lanka"}, "Karachi": {"Pakistan", "Pakistan"},
	"Dhaka": {"Bangladesh", "Bangladesch"}, "Dacca": {"Bangladesh", "Bangladesch"}, "Shanghai": {"China", "China"}, "Chongqing": {"China", "China"}, "Urumqi": {"China", "China"}, "Saigon": {"Vietnam", "Vietnam"}, "Ho_Chi_Minh": {"Vietnam", "Vietnam"},
	"Yangon": {"Myanmar", "Myanmar"}, "Rangoon": {"Myanmar", "Myanmar"}, "Kiev": {"Kyiv", "Kyjiw"}, "Kyiv": {"Kyiv", "Kyjiw"}, "Auckland": {"New Zealand", "Neuseeland"}, "Jerusalem": {"Israel", "Israel"}, "Tel_Aviv": {"Israel", "Israel"},
	"Sao_Paulo": {"São Paulo", "São Paulo"}, "Bogota": {"Bogotá", "Bogotá"}, "Asuncion": {"Asunción", "Asunción"}, "Zurich": {"Zurich", "Zürich"}, "Vienna": {"Vienna", "Wien"}, "Copenhagen": {"Copenhagen", "Kopenhagen"}, "Prague": {"Prague", "Prag"},
	"Warsaw": {"Warsaw", "Warschau"}, "Rome": {"Rome", "Rom"}, "Brussels": {"Brussels", "Brüssel"}, "Lisbon": {"Lisbon", "Lissabon"}, "Athens": {"Athens", "Athen"}, "Moscow": {"Moscow", "Moskau"}, "Riyadh": {"Saudi", "Saudi-Arabien"},
}

// placeOf is how people name the place of a zone.
func (p *pen) placeOf(city string) string {
	if names, ok := zonePlaces[city]; ok {
		if p.f.Language == "de" {
			return names[1]
		}
		return names[0]
	}
	return strings.ReplaceAll(city, "_", " ")
}

// when says an interview's day, time and zone in one: "Tuesday 10 March 2026, 15:00 (GMT, London time)".
func (p *pen) when(iv Interview) markup {
	if iv.Start.IsZero() || iv.Floating {
		return ""
	}
	return p.date(iv.Start) + ", " + p.clock(iv.Start) + " (" + p.zone(iv.Start) + ")"
}

// names joins people in a sentence: "Jane Miller (Head of engineering) and Tom Reed (CTO)".
func (p *pen) names(who []desk.Interviewer) markup {
	var out []string
	for _, w := range who {
		s := escape(w.Name)
		if w.Title != "" {
			s += " (" + escape(w.Title) + ")"
		}
		out = append(out, s)
	}
	return markup(p.join(out))
}

func (p *pen) join(words []string) string {
	and := " and "
	if p.f.Language == "de" {
		and = " und "
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + and + words[n-1]
	}
	return strings.Join(words, "")
}

// list joins texts in a sentence.
func (p *pen) list(words ...string) markup {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, escape(w))
		}
	}
	return markup(p.join(out))
}

// link makes an address clickable if it is one of the web; anything else is text.
func (p *pen) link(address string) markup {
	address = desk.Tidy(address)
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(address, "<> \\`\"") {
		return markup(escape(address))
	}
	return markup("<" + address + ">")
}

// place is where the interview is, or how it is joined.
func (p *pen) place(iv Interview) markup { return p.link(iv.place()) }

// before reports whether the interview starts before an hour of the day, in the reader's zone.
func (p *pen) before(t time.Time, hour int) (bool, error) {
	if hour < 0 || hour > 24 {
		return false, errors.New("an hour lies between 0 and 24")
	}
	t, ok := p.zoned(t)
	return ok && t.Hour() < hour, nil
}
