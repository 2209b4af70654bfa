package watch

import (
	"fifthcall/daemon/book"
)

// ReadOnce reports whether the mailbox has been read to its end since the start.
func ReadOnce(r *book.Runner) bool {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return len(r.Status.LastRead) > 0 && r.Status.Progress == nil
}
