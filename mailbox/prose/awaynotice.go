package prose

import (
	"slices"
	"strings"
	"sync"

	"fifthcall/mailbox/message"
)

// subjectNotice is what an auto-reply's program put before (or behind) the subject answered.
func subjectNotice(subject string) string {
	for subject != "" && strings.IndexByte(" [*{\t", subject[0]) >= 0 && message.TagRE.MatchString(subject) {
		subject = message.TagRE.ReplaceAllString(subject, "")
	}
	if !strings.ContainsAny(subject, ":：") {
		return subject
	}
	if loc := message.ReplyMarkRE.FindStringIndex(subject); loc != nil && loc[0] > 0 {
		return subject[:loc[0]]
	} else if loc != nil {
		if i := strings.LastIndexByte(subject, '('); i > 0 { // "Re: … (Out of office)"
			return subject[i:]
		}
		return ""
	}
	return subject
}

// subjectSaysAutoReply reports whether the subject begins as those of auto-replies do.
func subjectSaysAutoReply(m *message.Message) bool {
	technical, _ := noticeOf(m.Subject)
	return technical
}

// noticeOf tells how a subject begins: with words that only programs use, or with words of
// absence that a person might write, too.
func noticeOf(subject string) (technical, absence bool) {
	notice := strings.TrimSpace(plainLower(subjectNotice(subject)))
	answering := notice != "" && len(notice) < len(strings.TrimSpace(subject))
	if notice == "" {
		return false, false
	}
	for _, n := range notices()[notice[0]] {
		rest, ok := beginsWith(notice, n.begins)
		if !ok {
			continue
		}
		t := n.tongue
		said := strings.TrimSpace(notice[:len(notice)-len(rest)])
		rest = strings.TrimSpace(rest)
		if !slices.ContainsFunc(t.lists["away"], func(p phrase) bool { return p.parts[0] == said }) || answering && rest == "" {
			technical = true
		}
		absence = absence || rest == "" || strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "：") || strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "(")
	}
	return technical, absence
}

// noticeWords are the beginnings of one language's notices that share their first byte.
type noticeWords struct {
	tongue *tongue
	begins []phrase
}

// notices are all beginnings by their first byte: every subject is held against them.
var notices = sync.OnceValue(func() (out [256][]noticeWords) {
	for _, t := range tongues() {
		by := map[byte][]phrase{}
		for _, p := range t.lists["subject"] {
			by[p.parts[0][0]] = append(by[p.parts[0][0]], p)
		}
		for b, ps := range by {
			out[b] = append(out[b], noticeWords{t, ps})
		}
	}
	return out
})

var capitalised = `\p{Lu}[\pL'’\-]+`

var beforeAddressRE = lazy(`(` + capitalised + `(?: (?:(?:van|von|de|der|den|da|di|la|le|el|al|bin) ){0,2}` + capitalised + `){1,3})[\s,:(<\[–-]*(?:(?:at|on|via|under|unter|à|op|per|e-?mail|mail|tel)[\s:.]*)*[(<\[]?$`)

// successor is the first address in the text that isn't the sender's, with the name before it.
func successor(text, from string) message.Address {
	for _, loc := range addressRE().FindAllStringIndex(text, 20) {
		addr := strings.ToLower(strings.TrimRight(text[loc[0]:loc[1]], ".,;"))
		if message.Canonical(addr) == message.Canonical(from) {
			continue
		}
		before := strings.TrimPrefix(text[max(0, loc[0]-80):loc[0]], "mailto:")
		if i := strings.LastIndexByte(before, '\n'); i >= 0 && strings.TrimSpace(before[i:]) != "" {
			before = before[i+1:]
		}
		name := ""
		if m := beforeAddressRE().FindStringSubmatch(strings.TrimRight(before, " \n")); m != nil {
			name = m[1]
		}
		return message.Address{Name: name, Addr: addr}
	}
	return message.Address{}
}
