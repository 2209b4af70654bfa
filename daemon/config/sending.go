package config

import (
	"strings"
)

// FilesSent reports whether the provider files sent mail by itself.
func (d *DeskConfig) FilesSent() bool {
	switch d.Letters.FilesSent {
	case "yes":
		return true
	case "no":
		return false
	}
	host := strings.ToLower(d.SMTP.Host)
	for _, h := range []string{"gmail.com", "googlemail.com", "google.com", "office365.com", "outlook.com", "hotmail.com", "live.com"} {
		if host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}
