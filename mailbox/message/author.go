package message

import (
	"regexp"
	"strings"
)

// relayHosts carry people's messages under addresses of their own.
var relayHosts = map[string]bool{
	"reply.linkedin.com": true, "conversation.indeed.com": true, "indeedemail.com": true, "reply.craigslist.org": true, "mail.xing.com": true,
	"relay.firefox.com": true, "privaterelay.appleid.com": true, "duck.com": true, "simplelogin.co": true, "simplelogin.com": true, "anonaddy.me": true, "anonaddy.com": true,
}

// relayLocals are how the local parts begin under which a network hands on what members write to each other.
var relayLocals = []string{"hit-reply", "inmail-hit-reply", "messages-reply", "member-message", "conversation-"}

// viaRE is how list programs, help desks and networks put a person's name before their own.
var viaRE = regexp.MustCompile(`(?i)^\s*['"]?(.+?)['"]?\s+(?:\(?(?:via|über|par|tramite|por medio de|através de|przez|через|aracılığıyla|经由)\b\s+(.+?)\)?|\((?:via|über) (.+?)\))\s*$`)

// Author is the person who wrote the message: the sender, or who stands behind the list,
// network or help desk that carried it. through names the carrier, "" if there is none.
func (m *Message) Author() (who Address, through string) {
	from := Canonical(m.From.Addr)
	relay := RelayAddress(from)
	var via []string
	if maybeVia(m.From.Name) {
		via = viaRE.FindStringSubmatch(m.From.Name)
	}
	if via == nil && !relay {
		return m.From, ""
	}
	_, through, _ = strings.Cut(from, "@")
	who = Address{Name: m.From.Name, Addr: m.From.Addr}
	if via != nil {
		who.Name = strings.TrimSpace(via[1])
		through = strings.TrimSpace(via[2] + via[3])
	}
	for _, v := range []string{m.Header.Get("X-Original-From"), m.Header.Get("X-Original-Sender")} {
		if as := ParseAddresses(v); len(as) > 0 && !IsRobot(Canonical(as[0].Addr)) {
			return Address{Name: orName(who.Name, as[0].Name), Addr: as[0].Addr}, through
		}
	}
	for _, a := range m.ReplyTo {
		addr := Canonical(a.Addr)
		if addr != from && !IsRobot(addr) && !inAddresses(m.To, addr) {
			return Address{Name: orName(who.Name, a.Name), Addr: a.Addr}, through
		}
	}
	if !relay {
		return m.From, "" // "Team via Tool": nobody to be told
	}
	return who, through
}

// viaWords are the words that viaRE looks for: the pattern is slow, and few names have one.
var viaWords = []string{" via ", "(via ", " über ", "(über ", " par ", " tramite ", " por medio de ", " através de ", " przez ", " через ", " aracılığıyla ", "经由"}

func maybeVia(name string) bool {
	if len(name) < 8 || strings.IndexByte(name, ' ') < 0 {
		return false
	}
	name = strings.ToLower(name)
	for _, w := range viaWords {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

func orName(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func inAddresses(as []Address, addr string) bool {
	for _, a := range as {
		if Canonical(a.Addr) == addr {
			return true
		}
	}
	return false
}

// RelayAddress reports whether the canonical address is a carrier's, good for an answer but
// nobody's own.
func RelayAddress(addr string) bool {
	local, host, _ := strings.Cut(addr, "@")
	if relayHosts[host] {
		return true
	}
	for _, p := range relayLocals {
		if strings.HasPrefix(local, p) {
			return true
		}
	}
	return false
}

// Carried is why a message that a carrier sent is a person's all the same, "" if it isn't.
func (m *Message) Carried() string {
	who, through := m.Author()
	if through == "" || m.Announced() != "" {
		return ""
	}
	if RelayAddress(Canonical(m.From.Addr)) || m.From.Addr != who.Addr && !IsRobot(Canonical(who.Addr)) {
		return "written by " + strings.TrimSpace(who.Name+" <"+who.Addr+">") + " through " + through
	}
	return ""
}

var (
	// announcersRE are services that tell what somebody did with a document, a signature or a page, in that person's name.
	announcersRE = regexp.MustCompile(`(?i)docusign|dropbox|hello\s?sign|adobe|acrobat|echosign|panda\s?doc|sign\s?now|signrequest|skribble|yousign|oneflow|scrive|juro|ironclad|getaccept|concord|signaturit|share\s?point|one\s?drive|microsoft 365|google (docs|drive|sheets|slides|forms|keep|workspace)|^(drive|docs)$|\bbox\b|wetransfer|smash|egnyte|nextcloud|notion|figma|miro|canva|loom|trello|asana|airtable|smartsheet|monday\.com|clickup|confluence|jira|atlassian|evernote|doodle|eventbrite|typeform|surveymonkey|paperform|e-?sign|esignature`)
	// announcedRE is a subject that tells what somebody did with something.
	announcedRE = regexp.MustCompile(`(?i)^\s*(completed|signed|voided|viewed|declined|reminder|.{0,60}signature requested|review and sign|please (docu)?sign|sign(ature)? request)\b|\b(shared|has shared)\b.{1,120}\bwith you\b|\b(invited|has invited) you to\b|\b(sent|has sent) you (a |an |some |\d+ )?(document|file|folder|form|contract|agreement|request|signature|[\"“„«])|\b(commented on|mentioned you|assigned (you|to you)|requested (your|a) signature|requests your signature|is waiting for your|wants to share|has been (signed|completed|viewed|voided|declined)|hat (.{1,80} )?(mit ihnen|für sie|mit dir|für dich) (geteilt|freigegeben)|hat sie (zu|zur) .{1,60}eingeladen|a partagé|vous a invité|ha compartido|te ha invitado|ha condiviso|heeft .{1,80}gedeeld)\b`)
)

// AnnouncingSubject reports whether a subject tells what somebody did with a document, a signature or a page.
func AnnouncingSubject(subject string) bool { return announcedRE.MatchString(subject) }

// Announced is why a message that a service sent in a person's name only tells what that person did there, "" if it may be the person's
// own words. Relays that carry letters both ways aren't meant.
func (m *Message) Announced() string {
	if len(m.InReplyTo) > 0 {
		return ""
	}
	who, through := m.Author()
	switch {
	case through == "" || who.Addr == m.From.Addr || RelayAddress(Canonical(m.From.Addr)) || ReplyMarkRE.MatchString(m.Subject):
		return ""
	case announcersRE.MatchString(through):
		return "a notice by " + through
	case announcedRE.MatchString(m.Subject):
		return "it tells what somebody did, by " + through
	}
	return ""
}

// AnswersPerson is why a message with a mass mailer's mark is a person's all the same: sales
// programs put an unsubscribe link under letters that one person writes to another.
func (m *Message) AnswersPerson() string {
	h := m.Header
	if len(m.InReplyTo) == 0 || !ReplyMarkRE.MatchString(m.Subject) || IsRobot(Canonical(m.From.Addr)) {
		return ""
	}
	if h.Has("List-Id") || h.Has("List-Post") || h.Has("Precedence") || strings.HasPrefix(strings.ToLower(h.Get("Auto-Submitted")), "auto") {
		return ""
	}
	return "an answer in a thread, by a person"
}

var forwardSubjectRE = regexp.MustCompile(`(?i)^\s*(fwd?|wg|tr|rv|doorst|vs|vb|i|enc|pd|fs|转发|転送)\s?[:：]`)

// HandsOn reports whether the subject says that the message forwards another.
func (m *Message) HandsOn() bool { return forwardSubjectRE.MatchString(m.Subject) }

// OneFrom reports whether the message has exactly one sender: with several, a server may have
// vouched for another than the one that is shown.
func (m *Message) OneFrom() bool {
	from := m.Header.All("From")
	return len(from) == 1 && len(ParseAddresses(from[0])) == 1
}
