package config

import (
	"strings"

	"fifthcall/daemon/desk"
)

// SameCompany reports whether two contacts are of one company, by its name or their mail domains.
func SameCompany(a, b *desk.Contact) bool {
	if a.Company != "" && strings.EqualFold(a.Company, b.Company) {
		return true
	}
	for _, x := range a.Emails {
		for _, y := range b.Emails {
			if d := CompanyDomain(x); d != "" && d == CompanyDomain(y) {
				return true
			}
		}
	}
	return false
}
