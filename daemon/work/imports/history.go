package imports

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// HistoryRequest is a file of history to be taken in: a CSV with a header line and the columns
//
//	date     day or time of it, 2025-03-31 or 2025-03-31T10:00:00Z
//	kind     spoke, met, left-message, no-answer, emailed, messaged, not-interested, no-show, prepped, debriefed; contact; order; submittal
//	email    whom it is about; of an order who gave it
//	name, company, phone, role    of the person, kept where none are known yet
//	note     in words
//	order    the order's number in the old system, of an order or submittal
//	title, status                 of an order; open, filled, lost or closed
//
// The same file taken in again changes nothing.
type HistoryRequest struct {
	Data string `json:"data"`
	Dry  bool   `json:"dry"`
}

// HistoryView says what was, or would be, taken in.
type HistoryView struct {
	Contacts   int      `json:"contacts"`
	Touches    int      `json:"touches"`
	Orders     int      `json:"orders"`
	Submittals int      `json:"submittals"`
	Known      int      `json:"known"`    // lines that were taken in before
	Problems   []string `json:"problems"` // with their lines; nothing is taken in while there are any
	Dry        bool     `json:"dry"`
}

const (
	mostProblems = 20
	mostField    = 64 << 10 // bytes in one field of a line
	historyChunk = 500      // lines stored, and taken in, at once
)

// ImportHistory takes a file in, all or nothing. The lines are checked whole, then laid aside in the store, and only once they all lie
// there a marker says that they are to be taken in; so a kill before it leaves nothing, and behind it the next start goes on
// (resumeImport).
func ImportHistory(ctx context.Context, r *book.Runner, rq HistoryRequest) (HistoryView, error) {
	r.Importing.Lock()
	defer r.Importing.Unlock()
	v := HistoryView{Problems: []string{}, Dry: rq.Dry}
	rows, problems := ReadHistory(rq.Data)
	v.Problems = append(v.Problems, problems...)
	if len(v.Problems) > 0 {
		return v, desk.Usage("nothing was taken in: %s", strings.Join(v.Problems, "; "))
	}
	if err := finishImport(ctx, r); err != nil { // an earlier one that was interrupted
		return v, err
	}
	var fresh []historyRow
	err := r.State.View(func(tx *store.Tx) (err error) {
		fresh, err = (&historyPlan{tx: tx, v: &v, contacts: map[string]*desk.Contact{}, seen: map[string]bool{}}).sift(rows)
		return err
	})
	if err != nil || rq.Dry || len(fresh) == 0 {
		return v, err
	}
	if err := layAside(ctx, r, fresh); err != nil {
		return v, err
	}
	return v, finishImport(ctx, r)
}

// historyRow is one line of the file.
type historyRow struct {
	first int // see rank

	Line   int               `json:"line"`
	At     time.Time         `json:"at"`
	Fields map[string]string `json:"fields"`
}

func (h *historyRow) get(name string) string { return h.Fields[name] }

var historyColumns = []string{"date", "kind", "email", "name", "company", "phone", "role", "note", "order", "title", "status"}

// ReadHistory reads and checks the file whole, so that a mistake is told before anything is done.
func ReadHistory(data string) (rows []historyRow, problems []string) {
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(data, "\ufeff")))
	c.FieldsPerRecord = -1
	head, err := c.Read()
	if err != nil {
		return nil, []string{"the file is empty, or no CSV"}
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
		if !slices.Contains(historyColumns, head[i]) {
			problems = append(problems, fmt.Sprintf("column %q is not known%s", head[i], config.DidYouMean(head[i], historyColumns)))
		}
	}
	for _, need := range []string{"date", "kind"} {
		if !slices.Contains(head, need) {
			problems = append(problems, "there is no column "+need)
		}
	}
	for len(problems) < mostProblems {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := c.FieldPos(0)
		if err != nil {
			return rows, append(problems, fmt.Sprintf("line %d: %v", line, err))
		}
		row := historyRow{Line: line, Fields: map[string]string{}}
		for i, s := range rec {
			if i < len(head) {
				row.Fields[head[i]] = strings.TrimSpace(s)
			}
			if len(s) > mostField {
				problems = append(problems, fmt.Sprintf("line %d: a field has more than %d kB", line, mostField>>10))
			}
		}
		if why := row.check(); why != "" {
			problems = append(problems, fmt.Sprintf("line %d: %s", line, why))
		}
		rows = append(rows, row)
	}
	for i := range rows {
		rows[i].first = rows[i].rank()
	}
	slices.SortStableFunc(rows, func(a, b historyRow) int { // an order has its company from who gave it, a submittal refers to its order
		return cmp.Or(cmp.Compare(a.first, b.first), a.At.Compare(b.At))
	})
	return rows, problems
}

// rank is what must be taken in before what.
func (h *historyRow) rank() int { return slices.Index([]string{"order", "submittal"}, h.get("kind")) }

func (h *historyRow) check() string {
	var err error
	if h.At, err = time.Parse(time.RFC3339, h.get("date")); err != nil {
		if h.At, err = time.Parse(time.DateOnly, h.get("date")); err != nil {
			return fmt.Sprintf("%q is no date like 2025-03-31", h.get("date"))
		}
		h.At = h.At.Add(12 * time.Hour)
	}
	kind := h.get("kind")
	switch {
	case message.Canonical(h.get("email")) == "" && (kind != "order" || h.get("email") != ""):
		return fmt.Sprintf("%q is no address", h.get("email"))
	case kind == "order" && (h.get("order") == "" || h.get("title") == ""):
		return "an order needs its number and title"
	case kind == "submittal" && h.get("order") == "":
		return "a submittal needs its order"
	case kind != "order" && kind != "submittal" && kind != "contact" && !desk.Outcome(kind).IsTouch():
		return fmt.Sprintf("%q is no kind of history", kind)
	}
	if s := h.get("status"); s != "" && !slices.Contains([]string{"open", "filled", "lost", "closed"}, s) {
		return fmt.Sprintf("%q is no order's status", s)
	}
	if role := h.get("role"); role != "" {
		if _, err := desk.ParseRole(role); err != nil {
			return err.Error()
		}
	}
	return ""
}

// historyImport takes rows in.
type historyImport struct {
	a *book.Tx
}

// importedOrders are the numbers of orders that a file named, by importedOrder.
const importedOrders store.Table[int] = "imported-order:"

func importedOrder(ref string) string { return desk.ShortHash(ref) }

func (h *historyImport) row(row *historyRow) error {
	c, err := h.contact(row)
	if err != nil {
		return err
	}
	switch row.get("kind") {
	case "contact":
		return nil
	case "order":
		return h.order(row, c)
	case "submittal":
		return h.submittal(row, c)
	default:
		return h.touch(row, c)
	}
}

// contact finds or makes whom a row is about, and fills in what isn't known yet.
func (h *historyImport) contact(row *historyRow) (*desk.Contact, error) {
	addr := message.Canonical(row.get("email"))
	if addr == "" {
		return nil, nil
	}
	tx := h.a.Tx
	c, err := tx.ContactByEmail(addr)
	if err != nil {
		return nil, err
	}
	if c == nil {
		if c, err = people.NewContact(tx, addr, desk.SourceImport); err != nil {
			return nil, err
		}
	}
	if c.Name == "" && row.get("name") != "" {
		c.GiveName(row.get("name"))
	}
	c.Company, c.Phone = cmp.Or(c.Company, row.get("company")), cmp.Or(c.Phone, row.get("phone"))
	if role := row.get("role"); role != "" {
		if parsed, err := desk.ParseRole(role); err == nil {
			c.AddRole(parsed, h.a.Env.Now)
		}
	}
	return c, tx.PutContact(c)
}

func (h *historyRow) touch(c *desk.Contact) desk.Touch {
	at := h.At.UTC()
	return desk.Logged(c, desk.Entry{Outcome: desk.Outcome(h.get("kind")), At: at, Note: h.get("note"), Source: desk.SourceImport, Ref: "import:" + at.Format(time.RFC3339) + h.get("note")})
}

func (h *historyImport) touch(row *historyRow, c *desk.Contact) error {
	t := row.touch(c)
	if known, err := h.a.Tx.HasTouch(c, t.ID); known || err != nil {
		return err
	}
	return h.a.Tx.AddTouch(&t)
}

func (h *historyImport) order(row *historyRow, c *desk.Contact) error {
	tx := h.a.Tx
	if known, err := importedOrders.Has(tx, importedOrder(row.get("order"))); known || err != nil {
		return err
	}
	o := desk.NewJobOrder(row.get("title"), row.At.UTC())
	o.Company = cmp.Or(row.get("company"), o.Company)
	if c != nil {
		o.Contact, o.Company = c.ID, cmp.Or(o.Company, c.Company)
	}
	if note := row.get("note"); note != "" {
		o.Tell(note, row.At)
	}
	if s := row.get("status"); s != "" && s != "open" {
		o.End(desk.OrderStatus(s), "imported", row.At.UTC())
	}
	var err error
	if o.Number, err = tx.NextOrderNumber(); err != nil {
		return err
	}
	if err := tx.PutOrder(&o); err != nil {
		return err
	}
	return importedOrders.Put(tx, importedOrder(row.get("order")), o.Number)
}

func (h *historyImport) submittal(row *historyRow, c *desk.Contact) error {
	tx := h.a.Tx
	number, err := importedOrders.Get(tx, importedOrder(row.get("order")))
	if number == nil || err != nil {
		return err
	}
	o, err := tx.Order(*number)
	if err != nil || o == nil || !o.Submit(c.ID, row.At.UTC()) {
		return err
	}
	return tx.PutOrder(o)
}
