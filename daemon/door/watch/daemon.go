package watch

import (
	"fifthcall/daemon/book"
)

// Renew forgets a refused sign-in.
func Renew(r *book.Runner) {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	r.Status.Refused, r.Status.Trouble = false, ""
}
