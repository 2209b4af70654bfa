package message

import (
	"strings"
)

// Verdict is what the reader's own server found of a mail's sender.
type Verdict int

// The verdicts.
const (
	Unjudged Verdict = iota // it says nothing that counts
	Genuine                 // the sender's domain stands for the mail
	Refuted                 // it does not
)

// Authenticated reports whether the reader's own server, named servID, found the sender's address genuine.
func (m *Message) Authenticated(servID string) bool { return m.Verdict(servID) == Genuine }

// Verdict reads the topmost Authentication-Results (RFC 8601), which must be that of the server named servID; results further down may
// have come with the mail. Genuine is a mail with one sender whose domain is that of a passed DMARC's header.from or of a passed DKIM's
// signer; a failed DMARC refutes it, whatever else is said.
func (m *Message) Verdict(servID string) Verdict {
	fields := m.Header.All("Authentication-Results")
	if servID == "" || len(fields) == 0 {
		return Unjudged
	}
	_, domain, _ := strings.Cut(Canonical(m.From.Addr), "@")
	for i, f := range fields {
		res, err := parseAuthResults(f)
		if err != nil || res.servID != strings.ToLower(servID) {
			return Unjudged
		}
		switch v := res.verdict(domain); {
		case v == Genuine && (i > 0 || !m.OneFrom() || m.signedOddly()):
			return Unjudged
		case v != Unjudged:
			return v
		}
	}
	return Unjudged
}

// verdict is what the results say of a sender's domain.
func (a *authResults) verdict(domain string) Verdict {
	out := Unjudged
	for _, r := range a.results {
		switch {
		case r.method == "dmarc" && (r.value == "fail" || r.value == "reject" || r.value == "quarantine"):
			return Refuted
		case r.value != "pass" || domain == "":
		case r.method == "dmarc" && aligned(domain, domainOf(r.props["header.from"])) && len(domain) >= len(domainOf(r.props["header.from"])):
			out = Genuine
		case r.method == "dkim" && aligned(domain, r.signer()):
			out = Genuine
		}
	}
	return out
}

// signer is the domain that signed, "" where the two ways of naming it disagree (RFC 6376, 3.5: that of i= is d= or lies below it).
func (r *authResult) signer() string {
	d, hasD := r.props["header.d"]
	i, hasI := r.props["header.i"]
	d, i = strings.ToLower(d), domainOf(i)
	switch {
	case hasD && hasI && i != d && !strings.HasSuffix(i, "."+d):
		return ""
	case hasD:
		return d
	}
	return i
}

// domainOf is the domain of an address or "@domain" or domain, in lower case; "" of what can be none.
func domainOf(s string) string {
	s = strings.ToLower(s[strings.LastIndexByte(s, '@')+1:])
	if strings.ContainsAny(s, " \t;=\"()<>,") {
		return ""
	}
	return s
}

// signedOddly reports whether a signature's own words hold what could be mistaken for a result: some servers copy them into theirs as
// they are, and no reader of the result can tell them apart then.
func (m *Message) signedOddly() bool {
	for _, sig := range m.Header.All("DKIM-Signature") {
		for tag := range strings.SplitSeq(sig, ";") {
			name, value, _ := strings.Cut(tag, "=")
			switch strings.TrimSpace(name) {
			case "i", "d", "s", "a":
				value = strings.Join(strings.Fields(value), "") // blanks of its own it writes as =20 (RFC 6376, 2.11)
				if strings.ContainsAny(string(decodeQWord(strings.ReplaceAll(value, "_", "-"))), " \t\r\n;=\"'()\\,<>") {
					return true
				}
			}
		}
	}
	for _, path := range m.Header.All("Return-Path") {
		if strings.ContainsAny(strings.Trim(path, "<> \t"), " \t;=\"()\\") {
			return true
		}
	}
	return false
}

// aligned is DKIM's alignment with the sender's domain, relaxed (RFC 7489, 3.1.1).
func aligned(from, signer string) bool {
	return signer != "" && strings.Contains(signer, ".") && (from == signer || strings.HasSuffix(from, "."+signer) || strings.HasSuffix(signer, "."+from))
}
