package people

import (
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Waved reports whether the recruiter said that the mail needs no answer: of a thread, up to then.
func Waved(r *book.Runner, tx *store.Tx, t desk.Touch) bool {
	v, _ := tx.Mark(desk.WavedMark(t.Thread)) // an error shows the mail once more, which harms nobody
	at, err := time.Parse(time.RFC3339, v)
	return err == nil && !t.Time.After(at)
}
