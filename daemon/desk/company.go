package desk

import (
	"slices"
	"strings"
	"time"
)

// Light is how a target company stands this month.
type Light string

// The lights (DOMAIN.md, section 1).
const (
	Red   Light = "red"   // a follow-up action is owed
	Amber Light = "amber" // a touch went out
	Green Light = "green" // a follow-up action was completed: a conversation, a meeting, a submittal
	Grey  Light = "grey"  // parked, or no target
)

// CompanyKey names a contact's company for comparison: its name without its legal form, else the domain of an address that isn't
// anybody's. "" if neither is known.
func CompanyKey(c *Contact, freeMail func(domain string) bool) string {
	if k := FoldCompany(c.Company); k != "" {
		return k
	}
	for _, e := range c.Emails {
		if _, domain, ok := strings.Cut(e, "@"); ok && !freeMail(domain) {
			return "@" + domain
		}
	}
	return ""
}

var legalForms = []string{"ltd", "limited", "plc", "inc", "llc", "llp", "corp", "corporation", "co", "company", "gmbh", "ag", "kg", "ug", "se", "bv", "nv", "sa", "sarl", "sas", "srl", "spa", "ab", "oy", "as", "aps", "group"}

// Firms knows which company a domain of addresses belongs to.
type Firms struct {
	byDomain map[string]string
	freeMail func(domain string) bool
}

// NewFirms learns that from the contacts of whom both are known.
func NewFirms(all []*Contact, freeMail func(domain string) bool) *Firms {
	byDomain := map[string]string{}
	for _, c := range all {
		if name := FoldCompany(c.Company); name != "" {
			for _, e := range c.Emails {
				if d := domainOf(e); d != "" && !freeMail(d) && (byDomain[d] == "" || name < byDomain[d]) {
					byDomain[d] = name
				}
			}
		}
	}
	return &Firms{byDomain, freeMail}
}

// Of gives a contact's company a key as CompanyKey does, but takes people of whom only an address is known to the company whose people have
// addresses of the same domain.
func (f *Firms) Of(c *Contact) string { return f.Fold(CompanyKey(c, f.freeMail)) }

// Fold is a key as it is by now: one made of a domain becomes that of the company.
func (f *Firms) Fold(key string) string {
	if d, ok := strings.CutPrefix(key, "@"); ok && f.byDomain[d] != "" {
		return f.byDomain[d]
	}
	return key
}

// Keys are all keys under which a contact's company may be known on another desk: by its name, and by the domains of the contact's addresses.
func Keys(c *Contact, freeMail func(domain string) bool) []string {
	var out []string
	if name := FoldCompany(c.Company); name != "" {
		out = append(out, name)
	}
	for _, e := range c.Emails {
		if d := domainOf(e); d != "" && !freeMail(d) && !slices.Contains(out, "@"+d) {
			out = append(out, "@"+d)
		}
	}
	return out
}

// FoldCompany is a company's name without what is written differently each time.
func FoldCompany(s string) string {
	words := strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '.', r == '\'', r == '’':
			return -1
		case strings.ContainsRune(`,&/()"-`, r):
			return ' '
		}
		return r
	}, strings.ToLower(s)))
	for len(words) > 1 && slices.Contains(legalForms, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

// IsTarget reports whether a contact makes its company a target: somebody on the client's side.
func (c *Contact) IsTarget() bool {
	return c.Has(RoleDecisionMaker) || c.Has(RoleClient) || c.Has(RoleHR)
}

// LightWord is what the recruiter said of a company's light: a colour by word keeps its reason, and a date parks the company.
type LightWord struct {
	Colour Light     `json:"colour"`
	Reason string    `json:"reason"`
	Until  Date      `json:"until,omitzero"` // parked until then
	Set    time.Time `json:"set"`

	Before *LightWord `json:"before,omitempty"` // the word that it replaced: past months stand as they were
}

// mostWords bounds how many words of a company's light are remembered.
const mostWords = 24

// After gives the word the one that it replaces.
func (w *LightWord) After(was *LightWord) {
	w.Before = was
	for n := 1; w != nil; n++ {
		if n == mostWords {
			w.Before = nil
		}
		w = w.Before
	}
}

// Parked reports whether the word parks the company on a day.
func (w *LightWord) Parked(on Date) bool {
	return w != nil && !w.Until.IsZero() && on.Before(w.Until)
}

// MonthStart is the first day of a day's month.
func MonthStart(d Date) Date { return Date{Year: d.Year, Month: d.Month, Day: 1} }

// LightMonth derives companies' lights in one month, as it stands at env.Now. Nothing of it is stored.
type LightMonth struct {
	env      Env
	from, to int64 // Unix times in milliseconds
	start    Date
	none     string // why a company is red
}

// NewLightMonth is the month of env.Now.
func NewLightMonth(env Env) *LightMonth {
	start := MonthStart(env.Today())
	return &LightMonth{env: env, from: start.At(0, 0, env.Zone).UnixMilli(), to: env.Now.UnixMilli(), start: start, none: "no touch since " + start.Say()}
}

// Of derives a company's light from what was exchanged with its people and the times at which candidates were submitted to it.
func (m *LightMonth) Of(people []*History, submitted []time.Time, word *LightWord) (l Light, why string) {
	for word != nil && word.Set.After(m.env.Now) { // of a month that was over when it was said
		word = word.Before
	}
	if word.Parked(m.env.Today()) {
		return Grey, strings.TrimSpace("parked until " + word.Until.Say() + ": " + word.Reason)
	}
	for _, t := range submitted {
		if at := t.UnixMilli(); at >= m.from && at <= m.to {
			return Green, "submitted on " + m.day(at)
		}
	}
	var spoke, touched int64
	for _, h := range people {
		s, t := h.stirred(m.from, m.to)
		if s != 0 && (spoke == 0 || s < spoke) {
			spoke = s
		}
		touched = max(touched, t)
	}
	switch {
	case spoke != 0:
		return Green, "spoke on " + m.day(spoke)
	case touched != 0:
		l, why = Amber, "touched on "+m.day(touched)
	default:
		l, why = Red, m.none
	}
	if word != nil && !DateOf(word.Set.In(m.env.Zone)).Before(m.start) && word.Reason != "" {
		why += " (" + word.Reason + ")"
	}
	return l, why
}

func (m *LightMonth) day(at int64) string { return DateOf(time.UnixMilli(at).In(m.env.Zone)).Say() }
