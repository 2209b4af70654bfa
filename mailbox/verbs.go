package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"fifthcall/mailbox/message"
)

// Keyword marks a message that was acted on by being moved.
const Keyword = "$Fifthcall"

// VerbFolder is a folder whose name is a command: moving a mail there is giving it.
type VerbFolder struct {
	Verb string // what the sink calls it
	Name string // "Fifthcall/Call back", with "/" between the levels
}

// GoBack is a message that has been acted on and goes back.
type GoBack struct {
	UID  message.IMAPUID
	To   string // the folder; "" for the folder of sent mail
	Step string // how far that was before, as Stepped noted it
}

// Steps of a message on its way back, where the server knows no MOVE.
const (
	StepActed   = "acted"
	StepCopying = "copying" // noted before the copy is made
	StepCopied  = "copied"
	StepGone    = "gone" // the original has been removed
)

// VerbSink decides about the messages in the folders of verbs.
type VerbSink interface {
	// Moved is told all that lies in a verb's folder; it answers which messages have been acted
	// on, now or before, and go back.
	Moved(ctx context.Context, verb string, uidValidity uint32, ms []*message.Message) ([]GoBack, error)
	// Stepped notes how far a message is on its way back.
	Stepped(ctx context.Context, verb string, uidValidity uint32, uid message.IMAPUID, step string) error
	// Starred is told of the flagged messages in INBOX.
	Starred(ctx context.Context, ms []*message.Message) error
}

// verbsPass makes the folders of verbs if need be, and has what lies in them acted on.
func (r *reader) verbsPass(ctx context.Context) error {
	if r.w.VerbSink == nil {
		return nil
	}
	f, err := r.s.listFolders()
	if err != nil {
		return err
	}
	for _, v := range r.w.Verbs {
		name, err := r.s.verbFolder(f, v.Name)
		if err != nil {
			r.w.log().Warn("a folder for a command could not be made", "folder", v.Name, "error", err)
			continue
		}
		if err := r.verb(ctx, v.Verb, name, f); err != nil {
			if !serverRefused(err) {
				return fmt.Errorf("folder %q: %w", name, err)
			}
			r.w.log().Warn("a folder of commands could not be looked through; it is tried again", "folder", name, "error", err)
		}
	}
	if r.w.Stars {
		return r.stars(ctx)
	}
	return nil
}

// verbFolder is the folder's name at this server: with its separator, and below INBOX where it
// wants that. A missing one is made.
func (s *session) verbFolder(f *Folders, name string) (string, error) {
	delim := orString(f.Delim, "/")
	plain := strings.ReplaceAll(name, "/", delim)
	below := "INBOX" + delim + plain
	for _, n := range []string{plain, below} {
		if slices.Contains(f.Names, n) {
			return n, nil
		}
	}
	order := []string{plain, below}
	if slices.ContainsFunc(f.Names, func(n string) bool { return strings.HasPrefix(n, "INBOX"+delim) }) && len(f.Names) > 1 {
		order = []string{below, plain}
	}
	var errs []error
	for _, n := range order {
		done := s.busy()
		err := s.c.Create(n, nil).Wait()
		done()
		if err == nil {
			defer s.busy()()
			_ = s.c.Subscribe(n).Wait() // programs that show subscribed folders only
			return n, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// serverRefused reports whether an error is the server's word, and not a lost connection.
func serverRefused(err error) bool {
	var refused *imap.Error
	return errors.As(err, &refused)
}

func orString(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// selectWritable opens a folder for changes.
func (s *session) selectWritable(folder string) (*imap.SelectData, error) {
	defer s.busy()()
	data, err := s.c.Select(folder, nil).Wait()
	if err != nil {
		return nil, fmt.Errorf("open folder %q: %w", folder, err)
	}
	return data, nil
}

func (r *reader) verb(ctx context.Context, verb, folder string, f *Folders) error {
	sel, err := r.s.selectWritable(folder)
	if err != nil {
		return err
	}
	r.folder, r.sel = folder, sel
	ms, err := r.all(ctx, &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}) // some programs move by copying, and mark what they took out
	if err != nil || len(ms) == 0 {
		return err
	}
	back, err := r.w.VerbSink.Moved(ctx, verb, sel.UIDValidity, ms)
	if err != nil {
		return err
	}
	for _, g := range back {
		if g.To == "" {
			g.To = orString(f.Sent, "INBOX")
		}
		err := r.goBack(ctx, verb, sel, g, ms)
		if serverRefused(err) && g.To != "INBOX" { // the folder it came from is gone
			r.w.log().Warn("a mail goes to INBOX, since it can't go back", "to", g.To, "error", err)
			g.To = "INBOX"
			err = r.goBack(ctx, verb, sel, g, ms)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// all reads the headers of the open folder's messages that match.
func (r *reader) all(ctx context.Context, crit *imap.SearchCriteria) ([]*message.Message, error) {
	uids, err := r.s.search(crit)
	if err != nil || len(uids) == 0 {
		return nil, err
	}
	raws, _, err := r.fetchAll(ctx, uids, nil)
	var ms []*message.Message
	for _, m := range raws {
		ms = append(ms, r.w.understand(r.folder, m))
	}
	return ms, err
}

// goBack marks a message and moves it to where it came from. Without MOVE it is copied, and
// the original removed only once the copy is known to be there; each step is noted, so that
// a crash between them neither loses nor doubles it.
func (r *reader) goBack(ctx context.Context, verb string, sel *imap.SelectData, g GoBack, ms []*message.Message) error {
	uid := imap.UIDSetNum(imap.UID(g.UID))
	step := func(s string) error {
		g.Step = s
		return r.w.VerbSink.Stepped(ctx, verb, sel.UIDValidity, g.UID, s)
	}
	if g.Step == StepActed && keywordAllowed(sel) {
		if err := r.store(uid, Keyword); err != nil {
			r.w.log().Warn("a message could not be marked", "error", err)
		}
	}
	if r.s.caps.Has(imap.CapMove) || r.s.caps.Has(imap.CapIMAP4rev2) {
		if err := r.move(uid, g.To); err != nil {
			return err
		}
		return step(StepGone)
	}
	if g.Step == StepCopying { // did the copy come about before the crash?
		there, err := r.hasCopy(ctx, g, ms)
		if err != nil {
			return err
		}
		if there {
			if err := step(StepCopied); err != nil {
				return err
			}
		}
		if _, err := r.s.selectWritable(r.folder); err != nil {
			return err
		}
	}
	if g.Step != StepCopied {
		if err := step(StepCopying); err != nil {
			return err
		}
		if err := r.copy(uid, g.To); err != nil {
			return err
		}
		if err := step(StepCopied); err != nil {
			return err
		}
	}
	if err := r.remove(uid); err != nil {
		return err
	}
	return step(StepGone)
}

func keywordAllowed(sel *imap.SelectData) bool {
	return slices.Contains(sel.PermanentFlags, imap.FlagWildcard) || slices.Contains(sel.PermanentFlags, imap.Flag(Keyword))
}

func (r *reader) store(uid imap.UIDSet, flag imap.Flag) error {
	defer r.s.busy()()
	return r.s.c.Store(uid, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close()
}

func (r *reader) move(uid imap.UIDSet, to string) error {
	defer r.s.busy()()
	if _, err := r.s.c.Move(uid, to).Wait(); err != nil {
		return fmt.Errorf("move to %q: %w", to, err)
	}
	return nil
}

func (r *reader) copy(uid imap.UIDSet, to string) error {
	defer r.s.busy()()
	if _, err := r.s.c.Copy(uid, to).Wait(); err != nil {
		return fmt.Errorf("copy to %q: %w", to, err)
	}
	return nil
}

// remove deletes one message. Without UIDPLUS everything marked as deleted in the folder goes along,
// which in a folder of ours is nothing but our own.
func (r *reader) remove(uid imap.UIDSet) error {
	if err := r.store(uid, imap.FlagDeleted); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	defer r.s.busy()()
	if r.s.caps.Has(imap.CapUIDPlus) || r.s.caps.Has(imap.CapIMAP4rev2) {
		return r.s.c.UIDExpunge(uid).Close()
	}
	return r.s.c.Expunge().Close()
}

// hasCopy looks for the message in the folder it goes back to.
func (r *reader) hasCopy(ctx context.Context, g GoBack, ms []*message.Message) (bool, error) {
	i := slices.IndexFunc(ms, func(m *message.Message) bool { return m.UID == g.UID })
	if i < 0 {
		return false, nil
	}
	was := r.folder
	defer func() { r.folder = was }()
	if _, err := r.s.examine(g.To); err != nil {
		return false, err
	}
	r.folder = g.To
	crit := &imap.SearchCriteria{Since: ms[i].InternalDate.AddDate(0, 0, -2), Before: ms[i].InternalDate.AddDate(0, 0, 2)}
	if ms[i].InternalDate.IsZero() {
		crit = &imap.SearchCriteria{Since: r.w.Since()}
	}
	there, err := r.all(ctx, crit)
	return slices.ContainsFunc(there, func(m *message.Message) bool { return m.Identity == ms[i].Identity }), err
}

func (r *reader) stars(ctx context.Context) error {
	if err := r.open("INBOX"); err != nil {
		return err
	}
	ms, err := r.all(ctx, &imap.SearchCriteria{Flag: []imap.Flag{imap.FlagFlagged}, Since: r.w.Since()})
	if err != nil {
		return err
	}
	return r.w.VerbSink.Starred(ctx, ms)
}
