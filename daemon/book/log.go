package book

import (
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Applier does what a command says, in a transaction.
type Applier struct {
	R       *Runner // whose letters and sequences count
	Tx      *store.Tx
	Env     desk.Env
	Planner *Planner
	Source  string
	Naming  bool      // an unknown address is meant as it is, and makes a contact
	At      time.Time // when it happened; zero for now
	Call    string    // UID of the further call that was spoken of
}

// When is when what is told was written.
func (a *Applier) When() time.Time {
	if a.At.IsZero() || a.At.After(a.Env.Now) {
		return a.Env.Now.UTC()
	}
	return a.At.UTC()
}
