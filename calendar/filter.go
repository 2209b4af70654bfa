package calendar

import (
	"strings"
	"time"
)

// Filter asks for calendar objects by their components and properties (RFC 4791, 9.7). The
// outermost is about VCALENDAR.
type Filter struct {
	Name   string // of a component, upper case
	Absent bool   // there must be none
	From   time.Time
	To     time.Time // the component overlaps this stretch of time; a zero end is open
	Props  []PropFilter
	Comps  []Filter
}

// PropFilter asks for a property.
type PropFilter struct {
	Name   string
	Absent bool
	Text   *TextMatch
	Params []ParamFilter
}

// ParamFilter asks for a property's parameter.
type ParamFilter struct {
	Name   string
	Absent bool
	Text   *TextMatch
}

// TextMatch asks for a text that contains another; case counts only with Octet set.
type TextMatch struct {
	Text   string
	Octet  bool
	Negate bool
}

// Match reports whether the object fits. Floating times and whole days are meant in zone.
func (f *Filter) Match(data []byte, zone *time.Location) bool {
	for _, c := range readComponents(data) {
		if c.name == f.Name {
			m := matcher{zone: zone, decoder: decoder{rules: map[string]*ruleZone{}, named: map[string]*time.Location{}}}
			m.decoder.zones(c)
			return m.fits(f, c, c)
		}
	}
	return f.Absent
}

// All reports whether every event fits: what programs mostly ask for.
func (f *Filter) All() bool {
	plain := func(f *Filter) bool { return !f.Absent && f.From.IsZero() && f.To.IsZero() && len(f.Props) == 0 }
	return plain(f) && (len(f.Comps) == 0 || len(f.Comps) == 1 && f.Comps[0].Name == "VEVENT" && plain(&f.Comps[0]) && len(f.Comps[0].Comps) == 0)
}

// matcher holds filters against one object.
type matcher struct {
	zone    *time.Location
	decoder decoder
}

// fits judges a component; event is the VEVENT that it is or lies in.
func (m *matcher) fits(f *Filter, c, event *component) bool {
	if f.Absent || (!f.From.IsZero() || !f.To.IsZero()) && !m.overlaps(f, c, event) {
		return false
	}
	for i := range f.Props {
		if !f.Props[i].fits(c) {
			return false
		}
	}
	for i := range f.Comps {
		sub := &f.Comps[i]
		found := false
		for _, part := range c.parts {
			if part.name != sub.Name {
				continue
			}
			holder := event
			if part.name == "VEVENT" {
				holder = part
			}
			if found = sub.Absent || m.fits(sub, part, holder); found {
				break
			}
		}
		if found == sub.Absent {
			return false
		}
	}
	return true
}

// overlaps judges an event by its time, and an alarm by that of its event (RFC 4791, 9.9).
func (m *matcher) overlaps(f *Filter, c, event *component) bool {
	if c.name != "VEVENT" && c.name != "VALARM" {
		return false
	}
	e := m.decoder.entry(event)
	from, to := e.Start.In(m.zone), e.End.In(m.zone)
	if from.IsZero() {
		return false
	}
	if e.End.Kind == None && e.Start.Kind == Day {
		to = from.Add(24 * time.Hour)
	}
	if !to.After(from) { // an instant
		return (f.From.IsZero() || !from.Before(f.From)) && (f.To.IsZero() || from.Before(f.To))
	}
	return (f.From.IsZero() || to.After(f.From)) && (f.To.IsZero() || from.Before(f.To))
}

func (p *PropFilter) fits(c *component) bool {
	for _, have := range c.props {
		if have.name != p.Name {
			continue
		}
		if p.Absent {
			return false
		}
		if p.Text.fits(unescapeText(have.value)) && p.paramsFit(have) {
			return true
		}
	}
	return p.Absent
}

func (p *PropFilter) paramsFit(have property) bool {
	for i := range p.Params {
		f := &p.Params[i]
		v, ok := have.params[f.Name]
		if ok == f.Absent || ok && !f.Text.fits(v) {
			return false
		}
	}
	return true
}

func (m *TextMatch) fits(s string) bool {
	switch {
	case m == nil:
		return true
	case m.Octet:
		return strings.Contains(s, m.Text) != m.Negate
	}
	return strings.Contains(strings.ToLower(s), strings.ToLower(m.Text)) != m.Negate
}
