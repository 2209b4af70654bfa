package mailbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Folders says which of a mailbox's folders are which.
type Folders struct {
	Sent   string   // "" if none was found
	Drafts string   // "" if none was found
	All    string   // Gmail's All Mail, "" elsewhere
	Names  []string // every folder that can be opened
	Delim  string
}

// sentNames are the names under which programs and servers keep sent mail, when the server doesn't say.
var sentNames = []string{
	"sent", "sent items", "sent messages", "sent mail", "[gmail]/sent mail", "[google mail]/sent mail", "gesendet", "gesendete elemente", "gesendete objekte", "gesendete nachrichten",
	"envoyés", "éléments envoyés", "messages envoyés", "courrier envoyé", "enviados", "elementos enviados", "mensajes enviados", "itens enviados", "inviata", "posta inviata", "elementi inviati",
	"verzonden", "verzonden items", "verzonden berichten", "skickat", "skickade objekt", "sendt", "sendte elementer", "sendt post", "lähetetyt", "wysłane", "elementy wysłane", "odeslaná pošta",
	"odoslaná pošta", "elküldött", "elküldött elemek", "trimise", "отправленные", "відправлені", "gönderilmiş öğeler", "gönderilenler", "已发送", "已发送邮件", "已傳送郵件", "送信済み", "送信済みアイテム", "보낸편지함", "보낸 편지함", "saadetud", "nosūtītie", "išsiųsta",
}

// listFolders asks for the folders, with special uses where the server knows them.
func (s *session) listFolders() (*Folders, error) {
	defer s.busy()()
	var data []*imap.ListData
	var err error
	if s.caps.Has(imap.CapSpecialUse) && s.caps.Has(imap.CapListExtended) {
		data, err = s.c.List("", "*", &imap.ListOptions{ReturnSpecialUse: true}).Collect()
	}
	if len(data) == 0 || err != nil { // step by step less where refused
		if data, err = s.c.List("", "*", nil).Collect(); err != nil {
			return nil, fmt.Errorf("list folders: %w", err)
		}
	}
	f := &Folders{}
	byName := map[string]string{}
	for _, d := range data {
		if slices.Contains(d.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(d.Attrs, imap.MailboxAttrNonExistent) {
			continue
		}
		f.Names = append(f.Names, d.Mailbox)
		if d.Delim != 0 {
			f.Delim = string(d.Delim)
		}
		switch {
		case slices.Contains(d.Attrs, imap.MailboxAttrSent):
			f.Sent = d.Mailbox
		case slices.Contains(d.Attrs, imap.MailboxAttrDrafts):
			f.Drafts = d.Mailbox
		case slices.Contains(d.Attrs, imap.MailboxAttrAll):
			f.All = d.Mailbox
		}
		byName[strings.ToLower(leafName(d))] = d.Mailbox
		byName[strings.ToLower(d.Mailbox)] = d.Mailbox
	}
	for _, n := range sentNames {
		if name, ok := byName[n]; ok && f.Sent == "" {
			f.Sent = name
		}
	}
	return f, nil
}

// leafName is a folder's name below "INBOX." and other parents.
func leafName(d *imap.ListData) string {
	if d.Delim == 0 {
		return d.Mailbox
	}
	return d.Mailbox[strings.LastIndex(d.Mailbox, string(d.Delim))+len(string(d.Delim)):]
}

// plan is the order in which folders are read: Sent first, since writing to somebody is what
// makes a contact. The configured names win; a missing one is reported.
func (w *Watcher) plan(f *Folders) (sent string, order, missing []string) {
	sent = f.Sent
	if w.SentFolder != "" {
		sent = w.SentFolder
	}
	add := func(name string) {
		if name == "" || slices.Contains(order, name) {
			return
		}
		if len(f.Names) > 0 && !slices.ContainsFunc(f.Names, func(n string) bool {
			return n == name || strings.EqualFold(n, name) && strings.EqualFold(name, "INBOX")
		}) {
			missing = append(missing, name)
			return
		}
		order = append(order, name)
	}
	add(sent)
	add("INBOX")
	add(f.All)
	for _, n := range w.Folders {
		add(n)
	}
	return sent, order, missing
}
