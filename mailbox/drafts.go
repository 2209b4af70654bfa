package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"fifthcall/mailbox/message"
)

// LetterHeader is the field by which a letter is known again; its value is the writer's own.
const LetterHeader = "X-Fifthcall-Letter"

// draftNames are the names under which programs and servers keep drafts, when the server doesn't say.
var draftNames = []string{
	"drafts", "draft", "[gmail]/drafts", "[google mail]/drafts", "entwürfe", "brouillons", "borradores", "rascunhos", "bozze", "concepten", "utkast", "kladder", "luonnokset", "kopie robocze",
	"koncepty", "piszkozatok", "ciorne", "черновики", "taslaklar", "草稿", "草稿箱", "下書き", "임시 보관함", "임시보관함",
}

// drafts is the name of the folder of drafts; it is made where there is none.
func (s *session) drafts() (string, error) {
	f, err := s.listFolders()
	if err != nil {
		return "", err
	}
	if f.Drafts != "" {
		return f.Drafts, nil
	}
	for _, want := range draftNames {
		for _, n := range f.Names {
			leaf := n
			if f.Delim != "" {
				leaf = n[strings.LastIndex(n, f.Delim)+1:]
			}
			if strings.EqualFold(n, want) || strings.EqualFold(leaf, want) {
				return n, nil
			}
		}
	}
	return s.verbFolder(f, "Drafts")
}

// Draft is a message in the folder of drafts.
type Draft struct {
	UID     message.IMAPUID
	Message *message.Message // by its whole header
}

// DraftsFolder is a look into the folder of drafts.
type DraftsFolder struct {
	Name     string
	Validity uint32 // UIDVALIDITY: UIDs mean something under it alone
	Drafts   []Draft
}

// mostDrafts bounds how many drafts are looked at; the newest are.
const mostDrafts = 500

// Drafts looks into the folder of drafts.
func (w *Watcher) Drafts(ctx context.Context) (DraftsFolder, error) {
	var out DraftsFolder
	s, err := connect(ctx, &w.Account)
	if err != nil {
		return out, err
	}
	defer s.close()
	if out.Name, err = s.drafts(); err != nil {
		return out, err
	}
	sel, err := s.examine(out.Name)
	if err != nil {
		return out, err
	}
	out.Validity = sel.UIDValidity
	uids, err := s.search(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}})
	if err != nil {
		return out, err
	}
	ms, err := s.wholeHeaders(uids[max(0, len(uids)-mostDrafts):])
	for _, m := range ms {
		out.Drafts = append(out.Drafts, Draft{m.UID, m})
	}
	return out, err
}

// AddDraft lays a complete mail into the folder of drafts, unless one with its letter field or
// Message-ID lies there already: an earlier try may have been broken off behind the server's work.
func (w *Watcher) AddDraft(ctx context.Context, data []byte, at time.Time, again bool) (folder string, validity uint32, uid message.IMAPUID, err error) {
	s, err := connect(ctx, &w.Account)
	if err != nil {
		return "", 0, 0, err
	}
	defer s.close()
	if folder, err = s.drafts(); err != nil {
		return "", 0, 0, err
	}
	h, _ := message.ParseHeader(data)
	if again {
		if validity, uid, err = s.findLetter(folder, h, time.Time{}); err != nil || uid != 0 {
			return folder, validity, uid, err
		}
	}
	got, err := s.append(folder, data, &imap.AppendOptions{Time: at, Flags: []imap.Flag{imap.FlagDraft, imap.FlagSeen}})
	if err != nil {
		return "", 0, 0, err
	}
	if got != nil && got.UID != 0 {
		return folder, got.UIDValidity, message.IMAPUID(got.UID), nil
	}
	validity, uid, err = s.findLetter(folder, h, time.Time{})
	return folder, validity, uid, err
}

func (s *session) append(folder string, data []byte, opt *imap.AppendOptions) (*imap.AppendData, error) {
	defer s.busy()()
	cmd := s.c.Append(folder, int64(len(data)), opt)
	if _, err := cmd.Write(data); err != nil {
		return nil, fmt.Errorf("file into %q: %w", folder, err)
	}
	if err := cmd.Close(); err != nil {
		return nil, fmt.Errorf("file into %q: %w", folder, err)
	}
	got, err := cmd.Wait()
	if err != nil {
		return nil, fmt.Errorf("file into %q: %w", folder, err)
	}
	return got, nil
}

// RemoveDraft takes a draft away if it is still the message with that letter field, and reports whether it was.
func (w *Watcher) RemoveDraft(ctx context.Context, folder string, validity uint32, uid message.IMAPUID, letter string) (bool, error) {
	r := &reader{w: w}
	defer r.close()
	if err := r.connect(ctx); err != nil {
		return false, err
	}
	sel, err := r.s.selectWritable(folder)
	if err != nil {
		return false, err
	}
	r.folder, r.sel = folder, sel
	if sel.UIDValidity != validity {
		return false, nil
	}
	there, err := r.s.present([]message.IMAPUID{uid})
	if err != nil || !there[uid] {
		return false, err
	}
	ms, err := r.s.wholeHeaders([]message.IMAPUID{uid})
	if err != nil || len(ms) != 1 || ms[0].Header.Get(LetterHeader) != letter {
		return false, err
	}
	if r.s.caps.Has(imap.CapUIDPlus) || r.s.caps.Has(imap.CapIMAP4rev2) {
		return true, r.remove(imap.UIDSetNum(imap.UID(uid)))
	}
	return true, r.store(imap.UIDSetNum(imap.UID(uid)), imap.FlagDeleted) // EXPUNGE would take others' along
}

// SentLetter looks for a letter among the messages that came into the folder of sent mail since a day before at: by its
// Message-ID, or its own field where the server gave it another ID. It is nil if it isn't there. Headers are
// fetched, since SEARCH HEADER is unreliable at the large providers.
func (w *Watcher) SentLetter(ctx context.Context, data []byte, at time.Time) (*message.Message, error) {
	s, err := connect(ctx, &w.Account)
	if err != nil {
		return nil, err
	}
	defer s.close()
	f, err := s.listFolders()
	if err != nil {
		return nil, err
	}
	sent, _, _ := w.plan(f)
	if sent == "" {
		return nil, nil
	}
	h, _ := message.ParseHeader(data)
	_, uid, err := s.findLetter(sent, h, at.AddDate(0, 0, -1))
	if err != nil || uid == 0 {
		return nil, err
	}
	ms, err := s.wholeHeaders([]message.IMAPUID{uid})
	if err != nil || len(ms) == 0 {
		return nil, err
	}
	return ms[0], nil
}

// FileSent files a copy into the folder of sent mail, unless it is there.
func (w *Watcher) FileSent(ctx context.Context, data []byte, at time.Time) error {
	s, err := connect(ctx, &w.Account)
	if err != nil {
		return err
	}
	defer s.close()
	f, err := s.listFolders()
	if err != nil {
		return err
	}
	sent, _, _ := w.plan(f)
	if sent == "" {
		if sent, err = s.verbFolder(f, "Sent"); err != nil {
			return err
		}
	}
	h, _ := message.ParseHeader(data)
	if _, uid, err := s.findLetter(sent, h, at.AddDate(0, 0, -1)); err != nil || uid != 0 {
		return err
	}
	_, err = s.append(sent, data, &imap.AppendOptions{Time: at, Flags: []imap.Flag{imap.FlagSeen}})
	return err
}

// findLetter opens a folder and finds the newest message with the header's letter field or Message-ID; uid is 0 if there is none.
func (s *session) findLetter(folder string, h message.Header, since time.Time) (validity uint32, uid message.IMAPUID, err error) {
	sel, err := s.examine(folder)
	if err != nil {
		return 0, 0, err
	}
	uids, err := s.search(&imap.SearchCriteria{Since: since, NotFlag: []imap.Flag{imap.FlagDeleted}})
	if err != nil {
		return 0, 0, err
	}
	id, letter := message.FirstID(h.Get("Message-ID")), h.Get(LetterHeader)
	slices.Reverse(uids)
	for part := range slices.Chunk(uids, 200) {
		slices.Reverse(part)
		ms, err := s.wholeHeaders(part)
		if err != nil {
			return 0, 0, err
		}
		for i := len(ms) - 1; i >= 0; i-- {
			if m := ms[i]; m.MessageID == id && id != "" || letter != "" && m.Header.Get(LetterHeader) == letter {
				return sel.UIDValidity, m.UID, nil
			}
		}
	}
	return sel.UIDValidity, 0, nil
}

var wholeHeader = &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Peek: true}

// wholeHeaders fetches messages by their whole header.
func (s *session) wholeHeaders(uids []message.IMAPUID) ([]*message.Message, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	defer s.busy()()
	var set imap.UIDSet
	for _, u := range uids {
		set.AddNum(imap.UID(u))
	}
	col := newCollector(len(uids))
	cmd := s.c.Fetch(set, &imap.FetchOptions{UID: true, InternalDate: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{wholeHeader}})
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		if !col.read(msg) {
			_ = s.conn.Close()
			return nil, errBrokenLiteral
		}
	}
	if err := cmd.Close(); err != nil {
		return nil, fmt.Errorf("fetch headers: %w", err)
	}
	s.stray.claim(uids, col)
	var out []*message.Message
	for _, r := range col.complete() {
		h, _ := message.ParseHeader(r.header)
		m := message.ReadHeader(h, r.received, r.size)
		m.UID = r.uid
		out = append(out, m)
	}
	return out, nil
}

// ReadFolder brings one folder up to date over a connection of its own.
func (w *Watcher) ReadFolder(ctx context.Context, folder string) error {
	r := &reader{w: w}
	defer r.close()
	if err := r.connect(ctx); err != nil {
		return err
	}
	if err := r.open(folder); err != nil {
		return err
	}
	return r.sync(ctx)
}
