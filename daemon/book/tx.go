package book

import (
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Tx is one transaction on a desk's book: the store's, with the time at which it happens, the rules, the diary, and who said what is
// done in it. Whatever happens on a desk is a function over it (work/…).
type Tx struct {
	*store.Tx
	R       *Runner // nil where only names are looked up
	Env     desk.Env
	Planner *Planner

	Source string    // of what is logged: desk.SourceMail and its kin
	Naming bool      // an unknown address is meant as it is, and makes a contact
	At     time.Time // when what is told was written; zero for now
	Call   string    // UID of the further call that was spoken of
	Mail   string    // Message-ID of the mail that is itself what is told; "" for words about it

	writer *Writer // once asked for
}

// Open begins a book's transaction on the store's.
func (r *Runner) Open(tx *store.Tx, env desk.Env) *Tx {
	return &Tx{Tx: tx, R: r, Env: env, Planner: NewPlanner(tx, env)}
}

// From says where what is done comes from: one of desk.SourceMail and its kin.
func (t *Tx) From(source string) *Tx {
	t.Source = source
	return t
}

// When is when what is told was written.
func (t *Tx) When() time.Time {
	if t.At.IsZero() || t.At.After(t.Env.Now) {
		return t.Env.Now.UTC()
	}
	return t.At.UTC()
}

// Writer writes letters in this transaction.
func (t *Tx) Writer() *Writer {
	if t.writer == nil {
		t.writer = t.R.Writer(t.Tx, t.Env)
	}
	return t.writer
}

// Trouble notes something for the next morning mail.
func (t *Tx) Trouble(id, text string) error {
	return t.AddNews(desk.News{ID: id, Time: t.Env.Now, Kind: desk.NewsTrouble, Text: text})
}
