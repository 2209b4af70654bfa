package imports

import (
	"context"
	"fmt"
	"slices"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// historyPlan looks what taking rows in would do, and changes nothing.
type historyPlan struct {
	tx       *store.Tx
	v        *HistoryView
	contacts map[string]*desk.Contact // by address; of those who would be made, a draft of them
	seen     map[string]bool          // touches, orders and submittals of earlier lines
}

// sift counts, and gives the rows that have something new.
func (p *historyPlan) sift(rows []historyRow) (fresh []historyRow, err error) {
	for i := range rows {
		row := &rows[i]
		c, err := p.contact(row)
		if err != nil {
			return nil, err
		}
		known, err := p.known(row, c)
		if err != nil {
			return nil, err
		}
		if known {
			p.v.Known++
		}
		if !known || row.says(c) {
			fresh = append(fresh, *row)
		}
	}
	return fresh, nil
}

// contact is whom a row is about, as far as known.
func (p *historyPlan) contact(row *historyRow) (*desk.Contact, error) {
	addr := message.Canonical(row.get("email"))
	if addr == "" {
		return nil, nil
	}
	if c := p.contacts[addr]; c != nil {
		return c, nil
	}
	c, err := p.tx.ContactByEmail(addr)
	if err != nil {
		return nil, err
	}
	if c == nil {
		c = &desk.Contact{ID: desk.ContactID(addr), Emails: []string{addr}}
		p.v.Contacts++
	}
	p.contacts[addr] = c
	return c, nil
}

// says reports whether a row tells something of its contact that isn't known.
func (h *historyRow) says(c *desk.Contact) bool {
	if c == nil {
		return false
	}
	role := h.get("role")
	return c.Status == "" || c.Name == "" && h.get("name") != "" || c.Company == "" && h.get("company") != "" || c.Phone == "" && h.get("phone") != "" ||
		role != "" && !slices.ContainsFunc(c.Roles, func(r desk.Role) bool { parsed, err := desk.ParseRole(role); return err == nil && parsed == r })
}

// known counts what a row brings, unless it was taken in before.
func (p *historyPlan) known(row *historyRow, c *desk.Contact) (bool, error) {
	count, key := &p.v.Touches, ""
	stored := false
	var err error
	switch row.get("kind") {
	case "contact":
		return false, nil
	case "order":
		count, key = &p.v.Orders, importedOrder(row.get("order"))
		stored, err = importedOrders.Has(p.tx, key)
	case "submittal":
		count, key = &p.v.Submittals, importedOrder(row.get("order"))+" "+c.ID
		stored, err = p.submitted(row, c)
	default:
		key = row.touch(c).ID
		stored, err = p.tx.HasTouch(c, key)
	}
	if err != nil || stored || p.seen[key] {
		return true, err
	}
	p.seen[key] = true
	*count++
	return false, nil
}

// submitted reports whether a submittal is known; one to an order that nobody knows is a mistake in the file.
func (p *historyPlan) submitted(row *historyRow, c *desk.Contact) (bool, error) {
	number, err := importedOrders.Get(p.tx, importedOrder(row.get("order")))
	if err != nil {
		return false, err
	}
	if number == nil {
		if p.seen[importedOrder(row.get("order"))] {
			return false, nil
		}
		return false, desk.Usage("line %d: order %q is not in the file nor taken in before; nothing was taken in", row.Line, row.get("order"))
	}
	o, err := p.tx.Order(*number)
	if err != nil || o == nil {
		return true, err
	}
	return !o.Submit(c.ID, row.At.UTC()), nil
}

const (
	aside store.Table[[]historyRow] = "import:" // rows laid aside, by chunk
	// Marker says that they are to be taken in, and how far that is.
	Marker store.Single[ImportMark] = "import-marker"
)

// ImportMark is how far an import is.
type ImportMark struct {
	Chunk  int `json:"chunk"` // the next one
	Chunks int `json:"chunks"`
}

// PutAside lays a chunk of rows aside.
func PutAside(tx *store.Tx, chunk int, rows []historyRow) error {
	return aside.Put(tx, chunkName(chunk), rows)
}

func chunkName(chunk int) string { return fmt.Sprintf("%08d", chunk) }

// layAside stores rows that are to be taken in, and the marker behind them.
func layAside(ctx context.Context, r *book.Runner, rows []historyRow) error {
	chunks := 0
	for chunk := range slices.Chunk(rows, historyChunk) {
		err := book.InParts(len(chunk), len(chunk), func(from, to int) (int, error) {
			err := r.Update(ctx, func(tx *store.Tx, _ desk.Env) error { return PutAside(tx, chunks, chunk[from:to]) })
			if err == nil {
				chunks++
			}
			return to - from, err
		})
		if err != nil {
			return err
		}
	}
	return r.Update(ctx, func(tx *store.Tx, _ desk.Env) error { return Marker.Put(tx, ImportMark{Chunks: chunks}) })
}

// ResumeImport goes on with an import that was interrupted. What was laid aside without a marker is thrown away.
func ResumeImport(ctx context.Context, r *book.Runner) error {
	if !r.Importing.TryLock() { // it is being taken in right now
		return nil
	}
	defer r.Importing.Unlock()
	return finishImport(ctx, r)
}

// finishImport takes in what the marker speaks of; r.importing is held.
func finishImport(ctx context.Context, r *book.Runner) error {
	var mark ImportMark
	marked := false
	var stray []string
	err := r.State.View(func(tx *store.Tx) (err error) {
		if marked, err = Marker.Has(tx); err != nil {
			return err
		}
		if marked {
			mark, err = Marker.Get(tx)
			return err
		}
		return aside.Each(tx, "", func(name string, _ *[]historyRow) error { stray = append(stray, name); return nil })
	})
	if err != nil {
		return err
	}
	for _, name := range stray {
		if err := r.Update(ctx, func(tx *store.Tx, _ desk.Env) error { return aside.Drop(tx, name) }); err != nil {
			return err
		}
	}
	if !marked {
		return nil
	}
	touched := map[string]bool{} // contacts
	if mark.Chunk > 0 {
		touched = nil // those of the chunks before the interruption aren't known any more: all
	}
	for mark.Chunk < mark.Chunks {
		if err := takeChunk(ctx, r, &mark, touched); err != nil {
			return err
		}
	}
	if err := people.PlanContacts(ctx, r, touched); err != nil {
		return err
	}
	return r.Update(ctx, func(tx *store.Tx, _ desk.Env) error { return Marker.Drop(tx) })
}

// takeChunk takes in the rows laid aside next. The same rows again change nothing, so that they may be taken in in several
// transactions.
func takeChunk(ctx context.Context, r *book.Runner, mark *ImportMark, touched map[string]bool) error {
	var rows []historyRow
	err := r.State.View(func(tx *store.Tx) error {
		chunk, err := aside.Get(tx, chunkName(mark.Chunk))
		if chunk != nil {
			rows = *chunk
		}
		return err
	})
	if err != nil {
		return err
	}
	next := ImportMark{Chunk: mark.Chunk + 1, Chunks: mark.Chunks}
	err = book.InParts(len(rows), len(rows), func(from, to int) (took int, err error) {
		err = r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
			h := &historyImport{a: r.Open(tx, env).From(desk.SourceImport)}
			took = 0
			for i := from; i < to && !tx.Full(); i++ {
				if err := h.row(&rows[i]); err != nil {
					return err
				}
				took++
			}
			tx.Shown()
			return nil
		})
		return took, err
	})
	if err != nil {
		return err
	}
	err = r.Update(ctx, func(tx *store.Tx, _ desk.Env) error {
		if err := aside.Drop(tx, chunkName(mark.Chunk)); err != nil {
			return err
		}
		return Marker.Put(tx, next)
	})
	if err != nil {
		return err
	}
	*mark = next
	for i := range rows {
		if addr := message.Canonical(rows[i].get("email")); addr != "" && touched != nil {
			touched[desk.ContactID(addr)] = true
		}
	}
	return nil
}
