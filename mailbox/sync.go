package mailbox

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// Cursor is how far a folder has been handled: the highest UID up to which every message
// is. UIDs mean something under one UIDVALIDITY only (RFC 9051, 2.3.1.1).
type Cursor struct {
	UIDValidity uint32
	Last        message.IMAPUID
}

// Quarantine names a message that could not be read.
type Quarantine struct {
	UID    message.IMAPUID
	Reason string
}

// Batch is what is to be committed at once.
type Batch struct {
	Folder      string
	Messages    []*message.Message
	Quarantined []Quarantine
	Cursor      *Cursor  // the folder's new cursor; nil for the results of a search
	Sought      []string // addresses whose older messages have all been delivered now
	Live        bool     // this is news, not a first run
	Sent        bool     // the folder is the one of sent mail

	done, total int // how far the folder is with this batch
}

// Sink takes what a Watcher reads.
type Sink interface {
	// Cursor returns how far the folder was handled; the zero Cursor for an unknown folder.
	Cursor(ctx context.Context, folder string) (Cursor, error)
	// Take commits a batch's effects and its cursor together, or nothing.
	Take(ctx context.Context, b *Batch) error
	// Wanted are addresses whose older messages are to be searched for.
	Wanted(ctx context.Context) ([]string, error)
}

// Progress tells how far the first reading of a folder is.
type Progress struct {
	Folder string
	Done   int
	Total  int
}

const (
	chunkSize       = 4000 // messages asked for, and committed, at once
	searchGroup     = 20   // addresses in one SEARCH
	searchLimit     = 200  // with more addresses, the folder is read again instead
	quarantineLimit = 20   // more unreadable messages than that, and most of a chunk, is the server's trouble
)

// reader reads folders over one connection, which it renews when a message kills it.
type reader struct {
	missing []string // configured folders that the account lacked when they were listed last
	w       *Watcher
	s       *session
	folder  string
	sel     *imap.SelectData
}

func (r *reader) connect(ctx context.Context) error {
	r.close()
	s, err := connect(ctx, &r.w.Account)
	if err != nil {
		return err
	}
	r.s = s
	return nil
}

func (r *reader) close() {
	if r.s != nil {
		r.s.close()
	}
	r.s, r.folder, r.sel = nil, "", nil
}

func (r *reader) open(folder string) error {
	sel, err := r.s.examine(folder)
	if err != nil {
		return err
	}
	r.folder, r.sel = folder, sel
	return nil
}

// reopen renews the connection after it was lost, and makes sure the folder is still the same.
func (r *reader) reopen(ctx context.Context) error {
	folder, was := r.folder, r.sel.UIDValidity
	if err := r.connect(ctx); err != nil {
		return err
	}
	if err := r.open(folder); err != nil {
		return err
	}
	if r.sel.UIDValidity != was {
		return fmt.Errorf("folder %q was made anew while it was read", folder)
	}
	return nil
}

// sync brings the open folder up to date.
func (r *reader) sync(ctx context.Context) error {
	cur, err := r.w.Sink.Cursor(ctx, r.folder)
	if err != nil {
		return err
	}
	known := cur.UIDValidity == r.sel.UIDValidity
	renumbered := !known && cur.UIDValidity != 0
	if !known {
		if renumbered {
			r.w.log().Info("the folder was renumbered; reading it again", "folder", r.folder)
		}
		cur = Cursor{UIDValidity: r.sel.UIDValidity}
	}
	uids, err := r.s.search(r.newer(cur.Last))
	if err != nil {
		return err
	}
	// "last+1:*" matches the last message even if nothing is new (RFC 9051, 6.4.9)
	uids = slices.DeleteFunc(uids, func(u message.IMAPUID) bool { return u <= cur.Last })
	if len(uids) == 0 && known {
		return nil
	}
	return r.deliver(ctx, uids, &cur, known, known || renumbered)
}

// newer matches the messages above last that are not older than the history asked for.
func (r *reader) newer(last message.IMAPUID) *imap.SearchCriteria {
	var set imap.UIDSet
	set.AddRange(imap.UID(last)+1, 0)
	return &imap.SearchCriteria{UID: []imap.UIDSet{set}, Since: r.w.Since()}
}

// deliver fetches uids in chunks and hands them over in order. Three stages run side by
// side: one chunk is fetched while the one before is understood and the one before that
// committed. With cur set the cursor goes along; with texts, the texts that are wanted.
func (r *reader) deliver(ctx context.Context, uids []message.IMAPUID, cur *Cursor, live, texts bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fetched, batches := make(chan *chunk, 1), make(chan *Batch, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(batches)
		for c := range fetched {
			if send(ctx, batches, r.batch(c, cur, live)) != nil {
				break
			}
		}
		for range fetched { // let the fetching stage end
			continue
		}
	})
	var taken error
	wg.Go(func() {
		for b := range batches {
			if taken == nil {
				if taken = r.w.Sink.Take(ctx, b); taken != nil {
					cancel()
				}
			}
			if taken == nil && b.total > 0 {
				r.w.progress(Progress{Folder: b.Folder, Done: b.done, Total: b.total})
			}
		}
	})
	err := r.produce(ctx, uids, texts && r.w.Body != nil, fetched)
	close(fetched)
	wg.Wait()
	if taken != nil {
		return taken
	}
	return err
}

// chunk is what came of a group of UIDs.
type chunk struct {
	folder      string
	last        message.IMAPUID
	raws        []*raw
	bad         []Quarantine
	done, total int
}

// isSent reports whether the folder is the one of sent mail.
func (w *Watcher) isSent(folder string) bool {
	s := w.sent.Load()
	return s != nil && *s == folder
}

// batch understands a chunk's messages.
func (r *reader) batch(c *chunk, cur *Cursor, live bool) *Batch {
	b := &Batch{Folder: c.folder, Sent: r.w.isSent(c.folder), Quarantined: c.bad, Live: live, Messages: make([]*message.Message, 0, len(c.raws)), done: c.done, total: c.total}
	for _, m := range c.raws {
		b.Messages = append(b.Messages, r.w.understand(c.folder, m))
	}
	switch {
	case cur != nil && c.total == 0: // an empty folder, too, has been read
		b.Cursor = cur
	case cur != nil:
		b.Cursor = &Cursor{UIDValidity: cur.UIDValidity, Last: c.last}
	}
	return b
}

// produce fetches the chunks, the next one being asked for before the one before has come,
// so that the server is never idle.
// With texts set, the texts that are wanted are fetched along; then nothing is asked for ahead.
func (r *reader) produce(ctx context.Context, uids []message.IMAPUID, texts bool, fetched chan<- *chunk) error {
	folder, total, done := r.folder, len(uids), 0
	if total == 0 {
		return send(ctx, fetched, &chunk{folder: folder})
	}
	chunks := slices.Collect(slices.Chunk(uids, chunkSize))
	for i, part := range chunks {
		var ahead []message.IMAPUID
		if i+1 < len(chunks) && !texts {
			ahead = chunks[i+1]
		}
		raws, bad, err := r.fetchAll(ctx, part, ahead)
		if err != nil {
			return err
		}
		if texts {
			unread, err := r.bodies(ctx, raws)
			if err != nil {
				return err
			}
			bad = append(bad, unread...)
		}
		done += len(part)
		if err := send(ctx, fetched, &chunk{folder: folder, last: part[len(part)-1], raws: raws, bad: bad, done: done, total: total}); err != nil {
			return err
		}
	}
	return nil
}

func send[T any](ctx context.Context, ch chan<- T, v T) error {
	select {
	case ch <- v:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// understand reads a message's header. A panic in it would lose the mailbox to one hostile
// mail, so it is caught here and the message kept as one without readable header.
func (w *Watcher) understand(folder string, m *raw) (msg *message.Message) {
	defer func() {
		if p := recover(); p != nil {
			w.log().Error("a header could not be understood", "folder", folder, "uid", m.uid, "panic", fmt.Sprint(p))
			msg = &message.Message{Folder: folder, UID: m.uid, InternalDate: m.received, Class: message.ClassAutomated, Why: []string{"the header could not be read"}}
		}
	}()
	h, _ := message.ParseHeader(m.header)
	msg = message.ReadHeader(h, m.received, m.size)
	msg.Folder, msg.UID, msg.Draft = folder, m.uid, m.draft
	if m.body == nil {
		msg.Class, msg.Why = prose.ClassifyHeader(msg, w.Own)
		return msg
	}
	msg.Body = message.ParsePart(m.body)
	msg.Header = msg.Body.Header // the whole of it; the identity stays that of the named fields
	msg.Sender = message.FirstAddress(msg.Header, "Sender")
	msg.Class, msg.Why = prose.Classify(msg, msg.Body, w.Own)
	return msg
}

// fetchAll fetches every one of uids that the folder still holds. A message that kills the
// connection is found by halving and put into quarantine. An error means that the server
// can't be reached or refuses; nothing is lost then, the cursor stays. ahead is what will be
// asked for next.
func (r *reader) fetchAll(ctx context.Context, uids, ahead []message.IMAPUID) (got []*raw, bad []Quarantine, err error) {
	got, err = r.s.fetch(uids, ahead, false)
	missing := without(uids, got)
	switch {
	case err == nil && len(missing) == 0:
		return got, nil, nil
	case err == nil:
		there, err := r.s.present(missing)
		if err != nil {
			return nil, nil, err
		}
		missing = slices.DeleteFunc(missing, func(u message.IMAPUID) bool { return !there[u] })
	default:
		r.w.log().Warn("the connection broke while fetching; halving", "folder", r.folder, "messages", len(missing), "error", err)
		if rerr := r.reopen(ctx); rerr != nil {
			return nil, nil, fmt.Errorf("%w (after: %w)", rerr, err)
		}
	}
	more, bad, err := r.fetchMissing(ctx, missing, len(uids))
	if err != nil {
		return nil, nil, err
	}
	if len(bad) > quarantineLimit && len(bad) > len(uids)/2 {
		return nil, nil, fmt.Errorf("folder %q: %d of %d messages can't be read; taking that as the server's trouble", r.folder, len(bad), len(uids))
	}
	got = append(got, more...)
	slices.SortFunc(got, func(a, b *raw) int { return int(a.uid) - int(b.uid) })
	return got, bad, nil
}

func (r *reader) fetchMissing(ctx context.Context, missing []message.IMAPUID, of int) (got []*raw, bad []Quarantine, err error) {
	if len(missing) == 1 || len(missing) > 0 && of == 1 {
		m, q, err := r.lastTry(ctx, missing[0])
		if err != nil {
			return nil, nil, err
		}
		if q != nil {
			return nil, []Quarantine{*q}, nil
		}
		return []*raw{m}, nil, nil
	}
	half := (len(missing) + 1) / 2
	for _, part := range [][]message.IMAPUID{missing[:half], missing[half:]} {
		if len(part) == 0 {
			continue
		}
		g, b, err := r.fetchAll(ctx, part, nil)
		if err != nil {
			return nil, nil, err
		}
		got, bad = append(got, g...), append(bad, b...)
	}
	return got, bad, nil
}

// lastTry asks for one message alone, then for its header alone: servers fail on a broken
// INTERNALDATE or flag list while the header is sound.
func (r *reader) lastTry(ctx context.Context, uid message.IMAPUID) (*raw, *Quarantine, error) {
	reason := "the server has the message but doesn't send it"
	for _, headerOnly := range []bool{false, false, true} { // the connection may have broken of itself the first time
		got, err := r.s.fetch([]message.IMAPUID{uid}, nil, headerOnly)
		if len(got) > 0 {
			if err != nil {
				err = r.reopen(ctx)
			}
			return got[0], nil, err
		}
		if err != nil {
			reason = err.Error()
			if err := r.reopen(ctx); err != nil {
				return nil, nil, err
			}
		}
	}
	return nil, &Quarantine{UID: uid, Reason: reason}, nil
}

func without(uids []message.IMAPUID, got []*raw) []message.IMAPUID {
	have := make(map[message.IMAPUID]bool, len(got))
	for _, m := range got {
		have[m.uid] = true
	}
	var out []message.IMAPUID
	for _, u := range uids {
		if !have[u] {
			out = append(out, u)
		}
	}
	return out
}

// seek delivers the older messages of addresses that became known later, so that the
// result doesn't depend on the order of folders. It returns when nothing more is wanted.
func (r *reader) seek(ctx context.Context, folders []string) error {
	for range 10 { // what is found can make further addresses known
		addrs, err := r.w.Sink.Wanted(ctx)
		if err != nil || len(addrs) == 0 {
			return err
		}
		for _, f := range folders {
			if err := r.seekIn(ctx, f, addrs); err != nil {
				return err
			}
		}
		if err := r.w.Sink.Take(ctx, &Batch{Sought: addrs}); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) seekIn(ctx context.Context, folder string, addrs []string) error {
	cur, err := r.w.Sink.Cursor(ctx, folder)
	if err != nil || cur.Last == 0 {
		return err
	}
	if err := r.open(folder); err != nil {
		return err
	}
	if r.sel.UIDValidity != cur.UIDValidity {
		return nil // it will be read anew as a whole
	}
	var uids []message.IMAPUID
	if len(addrs) > searchLimit {
		if uids, err = r.s.search(r.newer(0)); err != nil {
			return err
		}
	} else {
		for group := range slices.Chunk(addrs, searchGroup) {
			found, err := r.s.search(anyOf(group, r.w.Since()))
			if err != nil {
				return err
			}
			uids = append(uids, found...)
		}
		slices.Sort(uids)
		uids = slices.Compact(uids)
	}
	uids = slices.DeleteFunc(uids, func(u message.IMAPUID) bool { return u > cur.Last })
	return r.deliver(ctx, uids, nil, false, false)
}

// anyOf matches messages from or to any of the addresses.
func anyOf(addrs []string, since time.Time) *imap.SearchCriteria {
	var alts []imap.SearchCriteria
	for _, a := range addrs {
		for _, field := range []string{"From", "To", "Cc", "Bcc"} {
			alts = append(alts, imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: field, Value: a}}})
		}
	}
	all := orTree(alts)
	all.Since = since
	return &all
}

// orTree joins alternatives into a balanced tree, as SEARCH knows only a binary OR.
func orTree(alts []imap.SearchCriteria) imap.SearchCriteria {
	if len(alts) == 1 {
		return alts[0]
	}
	half := len(alts) / 2
	return imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{orTree(alts[:half]), orTree(alts[half:])}}}
}

func (w *Watcher) log() *slog.Logger {
	if w.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return w.Log
}
