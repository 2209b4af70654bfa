package daemon

import (
	"context"

	"fifthcall/mailbox"
)

// sink takes what a desk's mailbox watcher reads.
type sink struct{ r *runner }

// Cursor tells how far a folder was handled.
func (s sink) Cursor(ctx context.Context, folder string) (mailbox.Cursor, error) {
	return s.r.Cursor(ctx, folder)
}

// Take commits a batch's effects and its cursor.
func (s sink) Take(ctx context.Context, b *mailbox.Batch) error { return s.r.Take(ctx, b) }

// Wanted are the addresses whose older mail is to be searched for.
func (s sink) Wanted(ctx context.Context) ([]string, error) { return s.r.Wanted(ctx) }

// Moved acts on the mails in a verb's folder.
func (s sink) Moved(ctx context.Context, verb string, validity uint32, ms []*mailbox.Message) ([]mailbox.GoBack, error) {
	return s.r.Moved(ctx, verb, validity, ms)
}

// Stepped notes how far a mail is on its way back.
func (s sink) Stepped(ctx context.Context, verb string, validity uint32, uid mailbox.IMAPUID, step string) error {
	return s.r.Stepped(ctx, verb, validity, uid, step)
}

// Starred takes a star on a contact's mail.
func (s sink) Starred(ctx context.Context, ms []*mailbox.Message) error { return s.r.Starred(ctx, ms) }
