package mailbox

import (
	"context"
	"fmt"

	"github.com/emersion/go-imap/v2"
)

// maxBody bounds what is fetched of a message whose text is needed: reports and calendars
// stand at the beginning, the rest is attachments.
const maxBody = 2 << 20

// fetchBody fetches the beginning of a message, header included, without marking it as seen.
func (s *session) fetchBody(uid IMAPUID) ([]byte, error) {
	defer s.busy()()
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Offset: 0, Size: maxBody}}
	cmd := s.c.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
	col := newCollector(1)
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		if !col.readBody(msg, maxBody) {
			_ = s.conn.Close()
			return nil, errBrokenLiteral
		}
	}
	if err := cmd.Close(); err != nil {
		return nil, fmt.Errorf("fetch the text of message %d: %w", uid, err)
	}
	s.stray.claim([]IMAPUID{uid}, col)
	for _, r := range col.complete() {
		if r.uid == uid {
			return r.header, nil
		}
	}
	return nil, nil
}

// bodies fetches the texts that are asked for of news. One that can't be read is no reason
// to lose the mail: it is logged by its header.
func (r *reader) bodies(ctx context.Context, raws []*raw) error {
	for _, m := range raws {
		if !r.w.Body(r.w.understand(r.folder, m)) {
			continue
		}
		body, err := r.s.fetchBody(m.uid)
		if err != nil {
			r.w.log().Warn("the text of a message could not be read; its header counts", "folder", r.folder, "uid", m.uid, "error", err)
			if err := r.reopen(ctx); err != nil {
				return err
			}
			continue
		}
		m.body = body
	}
	return nil
}
