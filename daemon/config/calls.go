package config

import (
	"fifthcall/mailbox/message"
)

// CompanyDomain is the domain of an address if it is a company's, "" for free mail.
func CompanyDomain(addr string) string {
	return message.CompanyDomain(addr)
}
