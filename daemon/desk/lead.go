package desk

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Referral tells how somebody became a lead: who named them, and when.
type Referral struct {
	By   string    `json:"by"` // contact ID
	Time time.Time `json:"time"`
	Said string    `json:"said"` // as it was told
}

// Employment is where somebody worked before.
type Employment struct {
	Company string `json:"company"`
	Title   string `json:"title,omitempty"`
	Until   Date   `json:"until"` // when the desk learnt that it was over
}

// Lead is somebody whom another person named.
type Lead struct {
	Name, Email, Phone, Title, Company string
	Roles                              []Role
	Said                               string // as it was told
}

var (
	leadRE     = regexp.MustCompile(`(?i)(?:^|[\s,(])(leads?\s*:|referrals?\s*:|referred|refers|recommended|recommends)(?:\s+(?:me|us))?(?:\s+to)?(\s*:)?\s+`)
	passiveRE  = regexp.MustCompile(`(?i)\b(?:was|were|been|got|is|are)\s*$`)
	addressRE  = regexp.MustCompile(`<?([\w.+%'-]+@[\w-]+(?:\.[\w-]+)+)>?`)
	phoneRE    = regexp.MustCompile(`(?:\+|\(|\b0)\d[\d ()./-]{6,}\d`)
	employerRE = regexp.MustCompile(`^(?i:(?:(?:is|are|has|have)\s+)?(?:now\s+(?:at|with|works\s+(?:at|for))|(?:now\s+)?joined)\s+)(\p{Lu}.*)$`)
)

var (
	leadClauseRE = regexp.MustCompile(`[;\n]| / `)
	leadGoesOnRE = regexp.MustCompile(`(?i)^\s*(?:and|also|und|sowie|et|y|en|e|plus)\s+`)
)

// ReadLeads finds the people whom a note names as leads: "keen, lead: Li Sato <li@globex.example>, HR director at Globex; wants CVs". Without a
// colon a full name with an address or a number must follow "referred" or "recommended": most of what is recommended is nobody.
func ReadLeads(note string) []Lead {
	var out []Lead
	open, named := false, false // the clause before named leads, and this one may go on: "; and Tom Roe +44 …"
	for _, clause := range leadClauseRE.Split(Tidy(note), -1) {
		m := leadRE.FindStringSubmatchIndex(clause)
		rest := ""
		switch {
		case m == nil && open && leadGoesOnRE.MatchString(clause):
			rest = leadGoesOnRE.ReplaceAllString(clause, "")
		case m == nil:
			open = false
			continue
		default:
			rest = clause[m[1]:]
			named = strings.HasSuffix(clause[m[2]:m[3]], ":") || m[4] >= 0
			if !named && passiveRE.MatchString(clause[:m[2]]) { // "was referred by"
				continue
			}
		}
		open = true
		for _, part := range strings.Split(rest, " and ") {
			l, ok := readLead(part)
			switch {
			case !ok, len(out) == mostLeads:
			case !named && (l.Email+l.Phone == "" || !strings.Contains(l.Name, " ")):
			default:
				out = append(out, l)
			}
		}
	}
	return out
}

// mostLeads bounds what one line can name.
const mostLeads = 5

func readLead(s string) (Lead, bool) {
	l := Lead{Said: strings.TrimSpace(s)}
	if m := addressRE.FindStringSubmatch(s); m != nil {
		l.Email = strings.ToLower(strings.Trim(m[1], ".'"))
		s = strings.Replace(s, m[0], ",", 1)
	}
	if m := phoneRE.FindString(s); m != "" {
		l.Phone = strings.TrimSpace(m)
		s = strings.Replace(s, m, ",", 1)
	}
	for _, part := range strings.Split(s, ",") {
		part = strings.Trim(strings.TrimSpace(part), ".:()<> ")
		title, company, at := strings.Cut(part, " at ")
		role, err := ParseRole(part)
		switch {
		case part == "":
		case err == nil:
			l.Roles = append(l.Roles, role)
		case l.Name == "" && properName(part) != "":
			l.Name = properName(part)
			if rest := strings.TrimSpace(strings.TrimPrefix(part, l.Name)); rest != "" {
				l.noteWork(rest)
			}
		case at:
			l.Title, l.Company = strings.TrimSpace(title), strings.TrimSpace(company)
		case l.Title == "":
			l.Title = part
		}
	}
	return l, l.Name != "" || l.Email != ""
}

// noteWork reads what follows a name directly: "in HR at Globex", "(Globex)".
func (l *Lead) noteWork(s string) {
	title, company, at := strings.Cut(" "+s, " at ")
	if !at {
		title, company = "", strings.Trim(s, "()")
	}
	l.Title, l.Company = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(title), "in ")), strings.Trim(strings.TrimSpace(company), "()")
}

// properName is the words in capitals, four at most, that a text begins with.
func properName(s string) string {
	var name []string
	for _, w := range strings.Fields(s) {
		r := []rune(w)
		if !unicode.IsUpper(r[0]) && !slices.Contains([]string{"van", "von", "de", "der", "den", "di", "da", "del", "la", "le"}, w) || len(name) == 4 {
			break
		}
		name = append(name, w)
	}
	return strings.Join(name, " ")
}

// ReadEmployer reads that somebody changed jobs: "now at Globex, li@globex.example". ok is false for other notes.
func ReadEmployer(note string) (company, email, title string, ok bool) {
	m := employerRE.FindStringSubmatch(Tidy(note))
	if m == nil {
		return "", "", "", false
	}
	s := m[1]
	if a := addressRE.FindStringSubmatch(s); a != nil {
		email = strings.ToLower(strings.Trim(a[1], ".'"))
		s = strings.Replace(s, a[0], ",", 1)
	}
	for i, part := range strings.Split(s, ",") {
		part = strings.Trim(strings.TrimSpace(part), ".:()<> ")
		switch {
		case i == 0:
			company, title, _ = strings.Cut(part, " as ")
		case part != "" && title == "":
			title = strings.TrimPrefix(part, "as ")
		}
	}
	return company, email, title, companyName(company)
}

// noEmployers are names that people join otherwise.
var noEmployers = []string{"teams", "zoom", "webex", "meet", "google meet", "microsoft teams", "skype", "slack", "home", "work", "stage", "hr", "us", "me", "him", "her", "them"}

// companyName reports whether a text looks like a company's name: a few words, none of which begins small but those that join others.
func companyName(s string) bool {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 6 || slices.Contains(noEmployers, strings.ToLower(s)) {
		return false
	}
	for _, w := range words {
		r := []rune(strings.Trim(w, "()"))
		if len(r) > 0 && unicode.IsLower(r[0]) && !slices.Contains([]string{"of", "and", "de", "der", "van", "von", "für", "the", "y", "et"}, w) {
			return false
		}
	}
	return true
}

// Joins notes that somebody has changed jobs: what is known of the person stays on one line through all employers.
func (c *Contact) Joins(company, email, title string, env Env) {
	if c.Company != "" && !strings.EqualFold(c.Company, company) {
		c.Past = append(c.Past, Employment{c.Company, c.Title, env.Today()})
	}
	for _, e := range c.Emails { // the old employer's addresses reach nobody
		if strings.Contains(e, "@") && c.Status == StatusLeft && !slices.Contains(c.BadEmails, e) {
			c.BadEmails = append(c.BadEmails, e)
		}
	}
	c.Company, c.Title = company, title
	if email != "" {
		c.Emails = append([]string{email}, slices.DeleteFunc(slices.Clone(c.Emails), func(e string) bool { return e == email })...)
		c.BadEmails = slices.DeleteFunc(c.BadEmails, func(e string) bool { return e == email })
	}
	if c.Status == StatusLeft || c.Status == StatusBounced && email != "" {
		c.Status = StatusActive
	}
}
