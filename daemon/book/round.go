package book

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Advance is one look at what is due, in one transaction.
type Advance struct {
	R       *Runner
	Tx      *store.Tx
	Env     desk.Env
	W       *Writer
	Planner *Planner
}

// News notes something for the next morning mail.
func (rd *Advance) News(id, text string) error {
	return rd.Tx.AddNews(desk.News{ID: id, Time: rd.Env.Now, Kind: desk.NewsTrouble, Text: text})
}
