package config

import (
	"fifthcall/mailbox"
)

// CompanyDomain is the domain of an address if it is a company's, "" for free mail.
func CompanyDomain(addr string) string {
	return mailbox.CompanyDomain(addr)
}
