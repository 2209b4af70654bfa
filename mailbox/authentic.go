package mailbox

import (
	"strings"

	"github.com/emersion/go-msgauth/authres"
)

// Authenticated reports whether the reader's own server found the sender's address genuine: the topmost
// Authentication-Results (RFC 8601) is that of the server named servID, and says dmarc=pass,
// or dkim=pass for the sender's domain. Results further down may have come with the mail.
func (m *Message) Authenticated(servID string) bool {
	results := m.Header.All("Authentication-Results")
	if servID == "" || len(results) == 0 {
		return false
	}
	id, list, err := authres.Parse(results[0])
	if err != nil || !strings.EqualFold(id, servID) {
		return false
	}
	_, domain, _ := strings.Cut(Canonical(m.From.Addr), "@")
	for _, r := range list {
		switch r := r.(type) {
		case *authres.DMARCResult:
			if r.Value == authres.ResultPass && (r.From == "" || strings.EqualFold(strings.TrimPrefix(r.From[strings.LastIndexByte(r.From, '@')+1:], "@"), domain)) {
				return true
			}
		case *authres.DKIMResult:
			if r.Value == authres.ResultPass && aligned(domain, strings.ToLower(r.Domain)) {
				return true
			}
		}
	}
	return false
}

// aligned is DKIM's alignment with the sender's domain, relaxed (RFC 7489, 3.1.1).
func aligned(from, signer string) bool {
	return signer != "" && strings.Contains(signer, ".") && (from == signer || strings.HasSuffix(from, "."+signer) || strings.HasSuffix(signer, "."+from))
}
