package message

import (
	"slices"
	"strings"
	"unicode"
)

// Address is one address of a header field.
type Address struct {
	Name string // decoded
	Addr string // as written, without angle brackets; Canonical folds it
}

const maxAddresses = 2000

// ParseAddresses reads an address list leniently (RFC 5322, 3.4): groups, comments, routes,
// quoted and encoded names, names with bare commas or quotes missing, semicolons as
// separators, bare words. What has no address at all is skipped.
func ParseAddresses(s string) []Address {
	var out []Address
	for _, item := range splitAddresses(s) {
		if a, ok := parseAddress(item); ok {
			out = append(out, a)
			if len(out) == maxAddresses {
				break
			}
		}
	}
	return out
}

// splitAddresses cuts a list at commas and semicolons outside quotes, comments and brackets.
// A comma behind a piece without an address joins on: 'Doe, Jane <j@x>'.
func splitAddresses(s string) []string {
	if strings.Count(s, `"`)%2 == 1 {
		s = strings.ReplaceAll(s, `"`, "")
	}
	var out []string
	start, depth := 0, 0
	quoted, angle := false, false
	cut := func(end int) {
		piece := s[start:end]
		if i := strings.IndexByte(piece, ':'); i >= 0 && !quoted && isGroupName(piece[:i]) {
			piece = piece[i+1:]
		}
		out = append(out, piece)
		start = end + 1
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == ',' && !angle:
			if strings.Contains(s[start:i], "@") || strings.Contains(s[start:i], "<") || !strings.Contains(s[i:], "@") {
				cut(i)
			}
		case c == ';' && !angle:
			cut(i)
		}
	}
	if start < len(s) {
		cut(len(s))
	}
	return out
}

// isGroupName tells "undisclosed-recipients:" from "mailto:" and from a port in an address.
func isGroupName(s string) bool {
	return !strings.ContainsAny(s, "@<>=?") && !strings.EqualFold(strings.TrimSpace(s), "mailto")
}

func parseAddress(s string) (Address, bool) {
	s = strings.Trim(s, " \t,;")
	lt := strings.LastIndexByte(s, '<')
	if lt < 0 {
		return bareAddress(s)
	}
	inner := s[lt+1:]
	if gt := strings.IndexByte(inner, '>'); gt >= 0 {
		inner = inner[:gt]
	}
	addr := cleanAddr(inner)
	if !strings.Contains(addr, "@") { // "<Jane Doe> jane@x" or a name in brackets
		if b, ok := bareAddress(strings.Trim(s, "<> ")); ok {
			return b, true
		}
		if addr == "" || strings.ContainsAny(addr, " \t") {
			return Address{}, false
		}
	}
	return Address{Name: displayName(strings.TrimRight(s[:lt], "< ")), Addr: addr}, true
}

// bareAddress reads "jane@x (Jane Doe)", "jane@x" or finds the one address in a run of words.
func bareAddress(s string) (Address, bool) {
	name := ""
	if i := strings.IndexByte(s, '('); i >= 0 {
		if j := strings.LastIndexByte(s, ')'); j > i {
			name = s[i+1 : j]
			s = s[:i] + " " + s[j+1:]
		} else {
			s = s[:i]
		}
	}
	if strings.HasPrefix(strings.TrimSpace(s), `"`) && strings.Contains(s, `"@`) {
		return Address{Name: displayName(name), Addr: strings.TrimSpace(s)}, true
	}
	var words []string
	addr := ""
	for _, w := range strings.Fields(s) {
		if addr == "" && strings.Contains(w, "@") {
			addr = cleanAddr(w)
		} else {
			words = append(words, w)
		}
	}
	if addr == "" || addr == "@" {
		return Address{}, false
	}
	if name == "" {
		name = strings.Join(words, " ")
	}
	return Address{Name: displayName(name), Addr: addr}, true
}

// cleanAddr strips what senders put round an address: quotes, "mailto:", a source route, blanks.
func cleanAddr(s string) string {
	s = strings.Trim(strings.TrimSpace(s), `'<>,;`)
	s = strings.Trim(s, " ")
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") { // <@relay:jane@x>, RFC 5322, 4.4
		if i := strings.IndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	if strings.HasPrefix(s, `"`) && strings.HasSuffix(s, `"`) && len(s) > 1 {
		s = s[1 : len(s)-1]
	}
	if i := strings.IndexByte(s, '('); i >= 0 {
		s = s[:i]
	}
	if !strings.HasPrefix(s, `"`) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.IsControl(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSuffix(s, ".")
}

// displayName decodes a name, its quotes and comments removed.
func displayName(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if strings.ContainsAny(s, `\"`) {
		s = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `"`, "", `\`, "").Replace(s)
	}
	return strings.Join(strings.Fields(DecodeWords(s)), " ")
}

// undress takes off what addresses wear where people and programs copy them: brackets, "mailto:", a subject behind it, characters that
// nobody sees.
func undress(addr string) string {
	addr = strings.Map(func(c rune) rune {
		switch {
		case unicode.Is(unicode.Cf, c):
			return -1
		case c == 0xa0 || c == 0x3000 || c == 0x202f:
			return ' '
		}
		return c
	}, addr)
	if i, j := strings.LastIndexByte(addr, '<'), strings.LastIndexByte(addr, '>'); i >= 0 && j > i && strings.Contains(addr[i:j], "@") {
		addr = addr[i+1 : j]
	}
	addr = strings.Trim(addr, " \t\r\n<>\"'")
	if len(addr) > 7 && strings.EqualFold(addr[:7], "mailto:") {
		addr, _, _ = strings.Cut(strings.TrimSpace(addr[7:]), "?")
	}
	return addr
}

// dressed reports whether an address may wear anything of that.
func dressed(addr string) bool {
	for i := range len(addr) {
		if c := addr[i]; c == '<' || c == ':' || c >= 0x80 || c == '"' {
			return true
		}
	}
	return false
}

// Canonical folds an address to what identifies the mailbox: lower case, no sub-address
// ("jane+jobs@x" is jane@x), and nothing that it wears. It is "" for what isn't an address.
func Canonical(addr string) string {
	if dressed(addr) {
		addr = undress(addr)
	}
	addr = strings.ToLower(strings.TrimSpace(addr))
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at == len(addr)-1 || len(addr) > 320 || strings.ContainsAny(addr, " \t\r\n<>,;\x00") {
		return ""
	}
	local, domain := addr[:at], strings.TrimSuffix(addr[at+1:], ".")
	if i := strings.IndexByte(local, '+'); i > 0 {
		local = local[:i]
	}
	return local + "@" + domain
}

// robotLocals are local parts that no human reads.
var robotLocals = map[string]bool{
	"noreply": true, "no-reply": true, "no_reply": true, "no.reply": true, "donotreply": true, "do-not-reply": true, "do_not_reply": true,
	"do.not.reply": true, "dontreply": true, "mailer-daemon": true, "mailerdaemon": true, "postmaster": true, "bounce": true, "bounces": true,
	"notification": true, "notifications": true, "notify": true, "notifier": true, "alert": true, "alerts": true,
	"calendar-notification": true, "calendar-server": true, "automailer": true, "auto-reply": true, "autoreply": true, "robot": true,
	"listserv": true, "majordomo": true, "mailman": true, "sympa": true, "daemon": true, "root": true, "nobody": true, "unsubscribe": true,
	"newsletter": true, "newsletters": true, "news": true, "mailing": true, "mailings": true, "listmaster": true,
	"invitations": true, "messages-noreply": true, "messaging": true, "jobalerts": true, "jobs-noreply": true, "jobs-listings": true,
}

// listDomains carry mailing lists.
var listDomains = []string{"lists.", "list.", "googlegroups.com", "groups.io", "yahoogroups.", "listserv.", "mailman.", "resource.calendar.google.com", "group.calendar.google.com"}

// IsRobot reports whether the canonical address is one that no human reads: no-reply,
// mailer-daemon, a list, a calendar or a room.
func IsRobot(addr string) bool {
	local, domain, _ := strings.Cut(addr, "@")
	if robotLocals[local] {
		return true
	}
	for _, p := range []string{"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "bounce-", "bounces-", "bounce+", "notifications-", "notification-", "owner-", "mailer-daemon", "auto-confirm", "unsubscribe-", "reply-"} {
		if strings.HasPrefix(local, p) && (p != "reply-" || len(local) > 14) {
			return true
		}
	}
	for _, s := range []string{"-noreply", "-no-reply", ".noreply", "_noreply", "-request", "-bounces", "-owner", "-notifications", "-unsubscribe", "-subscribe", ".bounces", "-donotreply", "noreply"} {
		if strings.HasSuffix(local, s) {
			return true
		}
	}
	for _, d := range listDomains {
		if strings.HasPrefix(domain, d) && strings.HasSuffix(d, ".") || domain == d {
			return true
		}
	}
	return false
}

// freeMailDomains give addresses to anybody: whoever shares one is no colleague.
var freeMailDomains = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "msn.com", "yahoo.com", "yahoo.co.uk", "ymail.com",
	"icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "posteo.de", "mailbox.org",
	"proton.me", "protonmail.com", "fastmail.com", "fastmail.fm", "zoho.com", "mail.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr",
	"libero.it", "virgilio.it", "tiscali.it", "ziggo.nl", "kpnmail.nl", "xs4all.nl", "planet.nl", "telenet.be", "skynet.be", "bluewin.ch",
	"btinternet.com", "sky.com", "virginmedia.com", "talktalk.net", "comcast.net", "verizon.net", "att.net", "qq.com", "163.com", "126.com", "mail.ru", "yandex.ru", "naver.com",
}

// FreeMail reports whether the domain is one where anybody can have an address.
func FreeMail(domain string) bool {
	return slices.Contains(freeMailDomains, strings.ToLower(domain)) || strings.HasPrefix(domain, "yahoo.") || strings.HasPrefix(domain, "hotmail.") || strings.HasPrefix(domain, "live.") || strings.HasPrefix(domain, "outlook.")
}

// CompanyDomain is the domain of an address at a company, "" for a free-mail provider's.
func CompanyDomain(addr string) string {
	_, d, _ := strings.Cut(Canonical(addr), "@")
	if FreeMail(d) {
		return ""
	}
	return d
}
