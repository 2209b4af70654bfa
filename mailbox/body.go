package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"

	"fifthcall/mailbox/message"
)

// maxBody bounds what is fetched of a message whose text is needed: reports and calendars
// stand at the beginning, the rest is attachments.
const maxBody = 2 << 20

// fetchBody fetches the beginning of a message, header included, without marking it as seen.
func (s *session) fetchBody(uid message.IMAPUID) ([]byte, error) {
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
	s.stray.claim([]message.IMAPUID{uid}, col)
	for _, r := range col.complete() {
		if r.uid == uid {
			return r.header, nil
		}
	}
	return nil, nil
}

// bodyTries is how often a message's text is asked for, each time over a connection that has just worked, before the message is
// taken to be at fault and not the network.
const bodyTries = 3

// bodies fetches the texts that are asked for of news. A connection that breaks says nothing about the message: the text is asked for
// again over a new one, and while none can be had nothing is delivered. Only a message that fails alone and repeatedly goes into
// quarantine, and is logged by its header.
func (r *reader) bodies(ctx context.Context, raws []*raw) (bad []Quarantine, err error) {
	for _, m := range raws {
		if !r.w.Body(r.w.understand(r.folder, m)) {
			continue
		}
		q, err := r.body(ctx, m)
		if err != nil {
			return nil, err
		}
		if q != nil {
			bad = append(bad, *q)
		}
	}
	return bad, nil
}

// body fetches one text, or says why it can't be had.
func (r *reader) body(ctx context.Context, m *raw) (*Quarantine, error) {
	var failed error
	for range bodyTries {
		data, err := r.s.fetchBody(m.uid)
		switch {
		case err == nil && data != nil:
			m.body = data
			return nil, nil
		case err == nil:
			there, err := r.s.present([]message.IMAPUID{m.uid})
			if err == nil && !there[m.uid] {
				return nil, nil // deleted meanwhile: its header came before
			}
			failed = errors.Join(err, errors.New("the server has the message but doesn't send it"))
		default:
			failed = err
		}
		r.w.log().Warn("the text of a message could not be read; asking again", "folder", r.folder, "uid", m.uid, "error", failed)
		if err := r.reopen(ctx); err != nil {
			return nil, fmt.Errorf("%w (after: %w)", err, failed)
		}
	}
	return &Quarantine{UID: m.uid, Reason: "its text could not be read: " + failed.Error()}, nil
}
