package book

import (
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
)

// LetterRequest asks for a letter to somebody.
type LetterRequest struct {
	Name      string // of the template
	Contact   *desk.Contact
	Cause     string
	Due       time.Time // when it is to leave; zero for at once
	NotAfter  time.Time
	Interview *desk.Interview
	Offer     letter.Offer
	Window    [2]int    // minutes of the day in which it may leave; zero for the desk's
	Mode      desk.Mode // "" for the desk's
	Released  []string  // cautions that the recruiter has released
	Calendar  []byte    // an event that goes along
	Method    string    // and its METHOD
	Call      time.Time // start of the call that the letter is about
	Quarter   letter.Quarter
	Ask       string // why the recruiter is asked first; "" for nothing
}

// AskedFirst is the caution of a letter that its request wants to be asked about.
const AskedFirst = "asked first"

// Writer writes a desk's letters in one transaction.
type Writer struct {
	R     *Runner
	Tx    *store.Tx
	Env   desk.Env
	Rules config.Rules

	Careful *desk.Cautious // once asked for
}

// Writer writes letters in a transaction.
func (r *Runner) Writer(tx *store.Tx, env desk.Env) *Writer {
	return &Writer{R: r, Tx: tx, Env: env, Rules: r.Current()}
}
