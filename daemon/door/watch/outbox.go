package watch

import (
	"context"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// Arrived looks for the mail in the mailbox by its Message-ID.
func Arrived(ctx context.Context, r *book.Runner, o *desk.Outgoing) (bool, error) {
	w, err := Account(r)
	if err != nil {
		return false, err
	}
	data, _, err := w.FindMessage(ctx, o.MessageID)
	return data != nil, err
}
