package intake

import (
	"context"

	"fifthcall/daemon/book"
	"fifthcall/daemon/door/watch"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// Watcher makes the desk's mailbox watcher, and has it tell the desk what it reads.
func Watcher(r *book.Runner) (*mailbox.Watcher, error) {
	w, err := watch.Account(r)
	if err != nil {
		return nil, err
	}
	rs := r.Current()
	w.Sink, w.Body, w.Report = Sink{r}, func(m *message.Message) bool { return wantsBody(r, m) }, func(e mailbox.Event) { watch.Report(r, e) }
	if rs.Cfg.Folders.Verbs {
		w.Verbs, w.VerbSink = VerbFolders, Sink{r}
	}
	if rs.Cfg.Folders.Star != "" {
		w.Stars, w.VerbSink = true, Sink{r}
	}
	return w, nil
}

// Sink takes what a desk's mailbox watcher reads.
type Sink struct{ R *book.Runner }

// Cursor tells how far a folder was handled.
func (s Sink) Cursor(ctx context.Context, folder string) (mailbox.Cursor, error) {
	return watch.Cursor(ctx, s.R, folder)
}

// Take commits a batch's effects and its cursor.
func (s Sink) Take(ctx context.Context, b *mailbox.Batch) error { return Take(ctx, s.R, b) }

// Wanted are the addresses whose older mail is to be searched for.
func (s Sink) Wanted(ctx context.Context) ([]string, error) { return watch.Wanted(ctx, s.R) }

// Moved acts on the mails in a verb's folder.
func (s Sink) Moved(ctx context.Context, verb string, validity uint32, ms []*message.Message) ([]mailbox.GoBack, error) {
	return Moved(ctx, s.R, verb, validity, ms)
}

// Stepped notes how far a mail is on its way back.
func (s Sink) Stepped(ctx context.Context, verb string, validity uint32, uid message.IMAPUID, step string) error {
	return Stepped(ctx, s.R, verb, validity, uid, step)
}

// Starred takes a star on a contact's mail.
func (s Sink) Starred(ctx context.Context, ms []*message.Message) error { return Starred(ctx, s.R, ms) }
