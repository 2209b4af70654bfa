package daemon

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
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

const mostProblems = 20

var errDry = errors.New("a dry run")

// importHistory takes a file in, all or nothing.
func (r *runner) importHistory(ctx context.Context, rq HistoryRequest) (HistoryView, error) {
	v := HistoryView{Problems: []string{}, Dry: rq.Dry}
	rows, problems := readHistory(rq.Data)
	v.Problems = append(v.Problems, problems...)
	if len(v.Problems) > 0 {
		return v, usage("nothing was taken in: %s", strings.Join(v.Problems, "; "))
	}
	err := r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		h := &historyImport{r: r, a: &applier{r: r, tx: tx, env: env, planner: newPlanner(tx, env), source: desk.SourceImport}, v: &v, planned: map[string]*desk.Contact{}}
		for i := range rows {
			if err := h.row(&rows[i]); err != nil {
				return err
			}
		}
		for _, id := range sortedKeys(h.planned) {
			if err := h.a.planner.plan(h.planned[id]); err != nil {
				return err
			}
		}
		tx.Shown()
		if rq.Dry {
			return errDry
		}
		return nil
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return v, err
}

// historyRow is one line of the file.
type historyRow struct {
	line   int
	at     time.Time
	fields map[string]string
}

func (h *historyRow) get(name string) string { return h.fields[name] }

var historyColumns = []string{"date", "kind", "email", "name", "company", "phone", "role", "note", "order", "title", "status"}

// readHistory reads and checks the file whole, so that a mistake is told before anything is done.
func readHistory(data string) (rows []historyRow, problems []string) {
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(data, "\ufeff")))
	c.FieldsPerRecord = -1
	head, err := c.Read()
	if err != nil {
		return nil, []string{"the file is empty, or no CSV"}
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
		if !slices.Contains(historyColumns, head[i]) {
			problems = append(problems, fmt.Sprintf("column %q is not known%s", head[i], didYouMean(head[i], historyColumns)))
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
		row := historyRow{line: line, fields: map[string]string{}}
		for i, s := range rec {
			if i < len(head) {
				row.fields[head[i]] = strings.TrimSpace(s)
			}
		}
		if why := row.check(); why != "" {
			problems = append(problems, fmt.Sprintf("line %d: %s", line, why))
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b historyRow) int { return a.at.Compare(b.at) })
	return rows, problems
}

func (h *historyRow) check() string {
	var err error
	if h.at, err = time.Parse(time.RFC3339, h.get("date")); err != nil {
		if h.at, err = time.Parse(time.DateOnly, h.get("date")); err != nil {
			return fmt.Sprintf("%q is no date like 2025-03-31", h.get("date"))
		}
		h.at = h.at.Add(12 * time.Hour)
	}
	kind := h.get("kind")
	switch {
	case mailbox.Canonical(h.get("email")) == "" && (kind != "order" || h.get("email") != ""):
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
	r       *runner
	a       *applier
	v       *HistoryView
	planned map[string]*desk.Contact // whose callbacks have to be looked at
}

func importedOrder(ref string) string { return "imported-order:" + desk.ShortHash(ref) }

func (h *historyImport) row(row *historyRow) error {
	c, err := h.contact(row)
	if err != nil {
		return err
	}
	switch kind := row.get("kind"); kind {
	case "contact":
		return nil
	case "order":
		return h.order(row, c)
	case "submittal":
		return h.submittal(row, c)
	default:
		return h.touch(row, c, desk.Outcome(kind))
	}
}

// contact finds or makes whom a row is about, and fills in what isn't known yet.
func (h *historyImport) contact(row *historyRow) (*desk.Contact, error) {
	addr := mailbox.Canonical(row.get("email"))
	if addr == "" {
		return nil, nil
	}
	tx := h.a.tx
	c, err := tx.ContactByEmail(addr)
	if err != nil {
		return nil, err
	}
	if c == nil {
		if c, err = newContact(tx, addr, desk.SourceImport); err != nil {
			return nil, err
		}
		h.v.Contacts++
	}
	if c.Name == "" && row.get("name") != "" {
		c.GiveName(row.get("name"))
	}
	c.Company, c.Phone = orElse(c.Company, row.get("company")), orElse(c.Phone, row.get("phone"))
	if role := row.get("role"); role != "" {
		if parsed, err := desk.ParseRole(role); err == nil {
			c.AddRole(parsed, h.a.env.Now)
		}
	}
	h.planned[c.ID] = c
	return c, tx.PutContact(c)
}

func (h *historyImport) touch(row *historyRow, c *desk.Contact, o desk.Outcome) error {
	t := desk.Logged(c, o, row.at.UTC(), row.get("note"), desk.Next{}, desk.SourceImport, "import:"+row.at.UTC().Format(time.RFC3339)+row.get("note"))
	ts, err := h.a.tx.Touches(c)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(ts, func(x desk.Touch) bool { return x.ID == t.ID }) {
		h.v.Known++
		return nil
	}
	h.v.Touches++
	return h.a.tx.AddTouch(&t)
}

func (h *historyImport) order(row *historyRow, c *desk.Contact) error {
	tx := h.a.tx
	number := 0
	known, err := tx.JSON(importedOrder(row.get("order")), &number)
	if err != nil {
		return err
	}
	if known {
		h.v.Known++
		return nil
	}
	o := desk.NewJobOrder(row.get("title"), row.at.UTC())
	o.Company = orElse(row.get("company"), o.Company)
	if c != nil {
		o.Contact, o.Company = c.ID, orElse(o.Company, c.Company)
	}
	if note := row.get("note"); note != "" {
		o.Tell(note, row.at)
	}
	if s := row.get("status"); s != "" && s != "open" {
		o.End(desk.OrderStatus(s), "imported", row.at.UTC())
	}
	if o.Number, err = tx.NextOrderNumber(); err != nil {
		return err
	}
	h.v.Orders++
	if err := tx.PutOrder(&o); err != nil {
		return err
	}
	return tx.PutJSON(importedOrder(row.get("order")), o.Number)
}

func (h *historyImport) submittal(row *historyRow, c *desk.Contact) error {
	tx := h.a.tx
	number := 0
	known, err := tx.JSON(importedOrder(row.get("order")), &number)
	if err != nil {
		return err
	}
	if !known {
		return usage("line %d: order %q is not in the file nor taken in before; nothing was taken in", row.line, row.get("order"))
	}
	o, err := tx.Order(number)
	if err != nil || o == nil {
		return err
	}
	if !o.Submit(c.ID, row.at.UTC()) {
		h.v.Known++
		return nil
	}
	h.v.Submittals++
	return tx.PutOrder(o)
}
