package desk

import (
	"time"
)

// CompanyLights are the lights of all target companies.
type CompanyLights struct {
	ByKey map[string]CompanyLight
	Firms *Firms
}

// CompanyLight is how a company stands.
type CompanyLight struct {
	Name  string
	Light Light
	Why   string
	Since time.Time // last conversation with anybody there
}

// Of is the light of a contact's company; grey for none.
func (l CompanyLights) Of(c *Contact) CompanyLight {
	if x, ok := l.ByKey[l.Firms.Of(c)]; ok && c.IsTarget() {
		return x
	}
	return CompanyLight{Light: Grey}
}
