package config

import (
	"slices"
	"strings"

	"fifthcall/mailbox/message"
)

// Ours reports whether the address is the recruiter's, or a delegate's.
func (rs *Rules) Ours(addr string) bool {
	return rs.Circle.Own(addr) || slices.ContainsFunc(rs.Cfg.Delegates, func(d string) bool { return message.Canonical(d) == addr })
}

// IsLog reports whether an address as written is the log address.
func (rs *Rules) IsLog(addr string) bool {
	return !rs.LogBySubject() && strings.EqualFold(strings.TrimSpace(addr), rs.Cfg.LogAddress)
}

// LogBySubject reports whether the log address is an ordinary one of the recruiter's: mail to
// it is for the log only with a token in its subject.
func (rs *Rules) LogBySubject() bool {
	return rs.Circle.Own(strings.ToLower(rs.Cfg.LogAddress)) && !strings.Contains(rs.Cfg.LogAddress, "+")
}
