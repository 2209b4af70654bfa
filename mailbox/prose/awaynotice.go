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
	technical, _, _ := noticeOf(m.Subject)
	return technical
}

// noticeOf tells how a subject begins: with words that only programs use, in the form that they use; or with words of absence, in that
// form, that a person might write, too. loose is a beginning with such words that goes on as people's subjects do ("Out of office drinks").
func noticeOf(subject string) (technical, absence, loose bool) {
	notice := strings.TrimSpace(plainLower(subjectNotice(subject)))
	answering := notice != "" && len(notice) < len(strings.TrimSpace(subject))
	if notice == "" {
		return false, false, false
	}
	for _, n := range notices()[notice[0]] {
		rest, ok := beginsWith(notice, n.begins)
		if !ok {
			continue
		}
		t := n.tongue
		said := strings.TrimSpace(notice[:len(notice)-len(rest)])
		form := noticeFormRE().MatchString(rest) || strings.HasSuffix(said, ":")
		programs := !slices.ContainsFunc(t.lists["away"], func(p phrase) bool { return p.parts[0] == said }) || answering && strings.TrimSpace(rest) == ""
		technical = technical || programs && form
		loose = loose || programs
		absence = absence || form
	}
	return technical, absence, loose && !technical
}

// noticeFormRE is what follows a program's word for an absence in its subjects: nothing, a mark and the subject answered, or whose it is.
var noticeFormRE = lazy(`^((\s+|dall')(du|de|des|la|le|of|the|out|from|vom|aus|dem|der|bureau|office|büro|oficina|ufficio|kantoor|kontoret|e-?mail|nachricht|automatique|automatic|message))*\s*($|[:：(\[\-–—|!.]|re\s?:|(from|von|de|da|van|from:|to|until|till|bis|until:|for|für|jusqu'au|hasta|fino|tot|t/m|til|do)\s+\S|auto-?reply|autoreply|reply|notification|message|notice|\d)`)

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
