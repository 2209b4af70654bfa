package mailbox

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"fifthcall/mailbox/message"
)

// raw is a message as it comes from the server.
type raw struct {
	uid      message.IMAPUID
	received time.Time
	size     int64
	draft    bool
	header   []byte // nil until it came
	body     []byte // the beginning of the whole message, where it was asked for
}

// collector gathers FETCH data by UID, in whatever pieces it comes.
type collector struct {
	mu    sync.Mutex
	byUID map[message.IMAPUID]*raw
	bySeq map[uint32]message.IMAPUID
}

func newCollector(n int) *collector {
	return &collector{byUID: make(map[message.IMAPUID]*raw, n), bySeq: make(map[uint32]message.IMAPUID, n)}
}

// read takes one message's data. It reports false if the connection broke inside a literal:
// then msg, and the command it belongs to, must not be read on, since the client itself
// reads behind an error, at the same time.
func (c *collector) read(msg *imapclient.FetchMessageData) bool {
	return c.readBody(msg, message.MaxHeaderBytes)
}

// readBody is read for literals of up to most bytes.
func (c *collector) readBody(msg *imapclient.FetchMessageData, most int64) bool {
	var got raw
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch it := item.(type) {
		case imapclient.FetchItemDataUID:
			got.uid = message.IMAPUID(it.UID)
		case imapclient.FetchItemDataInternalDate:
			got.received = it.Time
		case imapclient.FetchItemDataRFC822Size:
			got.size = it.Size
		case imapclient.FetchItemDataFlags:
			got.draft = slices.Contains(it.Flags, imap.FlagDraft)
		case imapclient.FetchItemDataBodySection:
			if got.header = readLiteral(it.Literal, most); got.header == nil {
				return false
			}
		}
	}
	c.add(msg.SeqNum, &got)
	return true
}

// readLiteral reads up to most bytes and lets the rest go by; nil if the connection broke
// before the literal was complete.
func readLiteral(lit imap.LiteralReader, most int64) []byte {
	if lit == nil {
		return []byte{}
	}
	n := min(lit.Size(), most)
	buf := make([]byte, n)
	if _, err := io.ReadFull(lit, buf); err != nil {
		return nil
	}
	if _, err := io.Copy(io.Discard, lit); err != nil {
		return nil
	}
	return buf
}

func (c *collector) add(seq uint32, got *raw) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if got.uid == 0 {
		got.uid = c.bySeq[seq]
	}
	if got.uid == 0 {
		return
	}
	if seq != 0 {
		c.bySeq[seq] = got.uid
	}
	have := c.byUID[got.uid]
	if have == nil {
		c.byUID[got.uid] = got
		return
	}
	if got.header != nil {
		have.header = got.header
	}
	if !got.received.IsZero() {
		have.received = got.received
	}
	have.size = max(have.size, got.size)
	have.draft = have.draft || got.draft
}

// complete are the messages whose header came, in the order of their UIDs.
func (c *collector) complete() []*raw {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]*raw, 0, len(c.byUID))
	for _, r := range c.byUID {
		if r.header != nil {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *raw) int { return int(a.uid) - int(b.uid) })
	return out
}

var headerSection = &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: message.HeaderFields, Peek: true}

var errBrokenLiteral = errors.New("the connection broke inside a message")

// pending is a FETCH that was sent. A goroutine of its own collects the answers, as servers
// may answer a later command before an earlier one is complete.
type pending struct {
	first, last message.IMAPUID
	n           int
	col         *collector
	done        chan error
}

func (p *pending) is(uids []message.IMAPUID) bool {
	return p != nil && p.n == len(uids) && p.first == uids[0] && p.last == uids[len(uids)-1]
}

// ask sends a FETCH of the header fields.
func (s *session) ask(uids []message.IMAPUID, headerOnly bool) *pending {
	var set imap.UIDSet
	for _, u := range uids {
		set.AddNum(imap.UID(u))
	}
	p := &pending{uids[0], uids[len(uids)-1], len(uids), newCollector(len(uids)), make(chan error, 1)}
	cmd := s.c.Fetch(set, &imap.FetchOptions{
		UID: true, Flags: !headerOnly, InternalDate: !headerOnly, RFC822Size: !headerOnly,
		BodySection: []*imap.FetchItemBodySection{headerSection},
	})
	go func() { // ends with the command, which ends with the connection at the latest
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			if !p.col.read(msg) {
				_ = s.conn.Close()
				p.done <- errBrokenLiteral
				return
			}
		}
		p.done <- cmd.Close()
	}()
	return p
}

// fetch reads the header fields of uids, having asked for those of ahead before it waits.
// It returns what came, also with an error; an error means that the connection is lost or
// the server refused.
func (s *session) fetch(uids, ahead []message.IMAPUID, headerOnly bool) ([]*raw, error) {
	defer s.busy()()
	now := s.asked
	s.asked = nil
	if !now.is(uids) {
		if now != nil {
			if err := <-now.done; err != nil { // what was asked for in vain
				return nil, fmt.Errorf("fetch: %w", err)
			}
		}
		now = s.ask(uids, headerOnly)
	}
	if len(ahead) > 0 {
		s.asked = s.ask(ahead, false)
	}
	err := <-now.done
	s.stray.claim(uids, now.col)
	got := now.col.complete()
	if err != nil {
		var refused *imap.Error
		if errors.As(err, &refused) && refused.Type == imap.StatusResponseTypeNo && len(got) > 0 {
			return got, nil // "some of the requested messages no longer exist": the missing are looked for one by one
		}
		return got, fmt.Errorf("fetch: %w", err)
	}
	return got, nil
}

// present are those of uids that the folder still holds.
func (s *session) present(uids []message.IMAPUID) (map[message.IMAPUID]bool, error) {
	var set imap.UIDSet
	for _, u := range uids {
		set.AddNum(imap.UID(u))
	}
	found, err := s.search(&imap.SearchCriteria{UID: []imap.UIDSet{set}})
	out := map[message.IMAPUID]bool{}
	for _, u := range found {
		out[u] = true
	}
	return out, err
}

// search returns the UIDs that match, ascending.
func (s *session) search(crit *imap.SearchCriteria) ([]message.IMAPUID, error) {
	defer s.busy()()
	data, err := s.c.UIDSearch(crit, nil).Wait()
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var out []message.IMAPUID
	for _, u := range data.AllUIDs() {
		out = append(out, message.IMAPUID(u))
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
