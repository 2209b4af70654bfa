package mailbox

import (
	"context"
	"fmt"

	"github.com/emersion/go-imap/v2"

	"fifthcall/mailbox/message"
)

// FindMessage fetches the message with a Message-ID from the first of the folders that has
// it: those that a Watcher would read, then all others. It is nil if none has it.
func (w *Watcher) FindMessage(ctx context.Context, id string) (data []byte, folder string, err error) {
	s, err := connect(ctx, &w.Account)
	if err != nil {
		return nil, "", err
	}
	defer s.close()
	f, err := s.listFolders()
	if err != nil {
		return nil, "", err
	}
	_, order, _ := w.plan(f)
	seen := map[string]bool{}
	for _, name := range append(order, f.Names...) {
		if seen[name] {
			continue
		}
		seen[name] = true
		if _, err := s.examine(name); err != nil {
			continue // a folder that can't be opened holds nothing for us
		}
		uids, err := s.search(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: message.CleanID(id)}}})
		if err != nil {
			return nil, "", err
		}
		for _, uid := range uids {
			data, err := s.fetchBody(uid)
			if err != nil {
				return nil, "", fmt.Errorf("folder %q: %w", name, err)
			}
			h, _ := message.ParseHeader(data)
			if message.FirstID(h.Get("Message-ID")) == message.CleanID(id) { // servers match parts, too
				return data, name, nil
			}
		}
	}
	return nil, "", nil
}
