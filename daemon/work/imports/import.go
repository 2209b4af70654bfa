package imports

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/emersion/go-vcard"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// ImportResult says what an import did.
type ImportResult struct {
	Added     int      `json:"added"`
	Updated   int      `json:"updated"`
	Unchanged int      `json:"unchanged"`
	Bad       []BadRow `json:"bad"`
	Late      int      `json:"late"` // open callbacks that lie after their due day: capacity is exhausted
	ids       map[string]bool
}

// add adds what another part did.
func (res *ImportResult) add(part *ImportResult) {
	res.Added, res.Updated, res.Unchanged = res.Added+part.Added, res.Updated+part.Updated, res.Unchanged+part.Unchanged
	res.Bad = append(res.Bad, part.Bad...)
	maps.Copy(res.ids, part.ids)
}

// BadRow is a row that was left out.
type BadRow struct {
	Line    int    `json:"line"`
	Problem string `json:"problem"`
}

// row is one person of an import.
type row struct {
	line    int
	name    string
	emails  []string
	company string
	title   string
	phone   string
	roles   []string
	status  string
	notes   []string
	fields  map[string]string
}

const importChunk = 200

// ImportContacts reads CSV or vCard. Bad rows are reported and left out; the rest goes in.
// The same rows a second time change nothing.
func ImportContacts(ctx context.Context, r *book.Runner, data []byte) (ImportResult, error) {
	res := ImportResult{Bad: []BadRow{}, ids: map[string]bool{}}
	text := message.Text("", data)
	var rows []row
	var err error
	if strings.Contains(strings.ToUpper(text[:min(len(text), 1000)]), "BEGIN:VCARD") {
		rows = readVCards(text, &res)
	} else if rows, err = readCSV(text, &res); err != nil {
		return res, err
	}
	err = book.InParts(len(rows), importChunk, func(from, to int) (took int, err error) {
		var part ImportResult
		err = r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
			took, part = 0, ImportResult{ids: map[string]bool{}}
			for i := from; i < to && !tx.Full(); i++ {
				if err := rows[i].put(r, tx, env, &part); err != nil {
					return err
				}
				took++
			}
			return nil
		})
		if err == nil {
			res.add(&part)
		}
		return took, err
	})
	if err != nil {
		return res, err
	}
	slices.SortFunc(res.Bad, func(a, b BadRow) int { return a.Line - b.Line })
	if err := people.PlanContacts(ctx, r, res.ids); err != nil {
		return res, err
	}
	return res, r.State.View(func(tx *store.Tx) error {
		cbs, err := tx.OpenCallbacks()
		res.Late = desk.LateCount(cbs)
		return err
	})
}

// put adds or updates the person. What the row doesn't say stays as it is.
func (row *row) put(r *book.Runner, tx *store.Tx, env desk.Env, res *ImportResult) error {
	bad := func(format string, args ...any) error {
		res.Bad = append(res.Bad, BadRow{row.line, fmt.Sprintf(format, args...)})
		return nil
	}
	var addrs []string
	for _, e := range row.emails {
		addr := message.Canonical(e)
		if addr == "" {
			return bad("%q is not an address", e)
		}
		addrs = append(addrs, addr)
	}
	roles, err := people.ParseRoles(row.roles)
	if err != nil {
		return bad("%v", err)
	}
	if len(addrs) == 0 && (row.name == "" || row.phone == "" && row.company == "") {
		return bad("neither an address nor a name with a phone number or company")
	}
	c, clash, err := row.known(tx, addrs)
	if err != nil {
		return err
	}
	if clash != "" {
		return bad("%s", clash)
	}
	fresh := c == nil
	if fresh {
		c = &desk.Contact{ID: row.id(addrs), Status: desk.StatusActive, Source: desk.SourceImport}
		tx.Count("contacts", 1)
	}
	before := fmt.Sprintf("%+v", *c)
	row.fill(c, addrs, roles, env)
	sequence := desk.TakeField(c, "sequence")
	res.ids[c.ID] = true
	switch {
	case fresh:
		res.Added++
	case before == fmt.Sprintf("%+v", *c):
		res.Unchanged++
		return row.enrol(r, tx, env, c, sequence, res)
	default:
		res.Updated++
	}
	for _, a := range addrs {
		owner, err := tx.ContactByEmail(a)
		if err != nil {
			return err
		}
		if owner == nil {
			if err := tx.Want(a); err != nil {
				return err
			}
		}
	}
	tx.Shown()
	if c.Status == desk.StatusDoNotContact {
		if err := people.Suppress(tx, c, "do not contact"); err != nil {
			return err
		}
	}
	if err := tx.PutContact(c); err != nil {
		return err
	}
	return row.enrol(r, tx, env, c, sequence, res)
}

// enrol puts the contact into the sequence that the row names, once.
func (row *row) enrol(r *book.Runner, tx *store.Tx, env desk.Env, c *desk.Contact, sequence string, res *ImportResult) error {
	if sequence == "" {
		return nil
	}
	all, err := tx.Enrolments(c.ID)
	if err != nil || slices.ContainsFunc(all, func(e desk.Enrolment) bool { return e.Sequence == sequence }) {
		return err
	}
	a := r.Open(tx, env).From(desk.SourceImport)
	if _, err := letters.Enrol(a, c, sequence, desk.Date{}); err != nil {
		if !desk.IsUserError(err) {
			return err
		}
		res.Bad = append(res.Bad, BadRow{row.line, "the contact is in, but not in the sequence: " + err.Error()})
	}
	return nil
}

// id is the ID of a new contact: of its first address, else of name with phone or company.
func (row *row) id(addrs []string) string {
	if len(addrs) > 0 {
		return desk.ContactID(addrs[0])
	}
	return desk.ContactID(strings.ToLower(row.name) + "|" + desk.Digits(row.phone) + "|" + strings.ToLower(row.company))
}

// known finds the contact that the row is about; clash says why it can't be told.
func (row *row) known(tx *store.Tx, addrs []string) (c *desk.Contact, clash string, err error) {
	for _, a := range addrs {
		o, err := tx.ContactByEmail(a)
		if err != nil {
			return nil, "", err
		}
		if o != nil && c != nil && o.ID != c.ID {
			return nil, fmt.Sprintf("the addresses belong to two contacts, %s and %s: merge them first", desk.Handle(c), desk.Handle(o)), nil
		}
		if o != nil {
			c = o
		}
	}
	if c == nil { // known without an address so far?
		if c, err = tx.Contact(row.id(nil)); c != nil && len(addrs) > 0 && len(c.Emails) > 0 {
			c = nil
		}
	}
	return c, "", err
}

func (row *row) fill(c *desk.Contact, addrs []string, roles []desk.Role, env desk.Env) {
	for _, a := range addrs {
		c.AddEmail(a)
	}
	c.GiveName(row.name)
	for _, f := range []struct {
		to  *string
		val string
	}{{&c.Company, row.company}, {&c.Title, row.title}, {&c.Phone, row.phone}} {
		if v := desk.Tidy(f.val); v != "" {
			*f.to = v
		}
	}
	for _, role := range roles {
		if !c.Has(role) {
			c.AddRole(role, env.Now)
		}
	}
	if s := desk.Status(strings.ReplaceAll(strings.ToLower(row.status), " ", "_")); slices.Contains([]desk.Status{desk.StatusActive, desk.StatusDoNotContact, desk.StatusBounced, desk.StatusLeft}, s) {
		c.Status = s
	}
	for _, n := range row.notes {
		c.AddNote(n)
	}
	for k, v := range row.fields {
		if c.Fields == nil {
			c.Fields = map[string]string{}
		}
		c.Fields[k] = desk.Tidy(v)
		c.AddNote(k + ": " + v)
	}
}

// readCSV finds the header line (LinkedIn puts notes before it) and reads the rows below.
func readCSV(text string, res *ImportResult) ([]row, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if !strings.Contains(text, "\n") { // as Excel writes for old Macintoshes
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	head, at := findHeader(text)
	if at < 0 {
		return nil, desk.Usage("no header line found: the first line must name the columns, such as name,email,company,phone,role,notes")
	}
	cr := csv.NewReader(strings.NewReader(text[at:]))
	cr.Comma = delimiter(text[at:])
	cr.FieldsPerRecord, cr.LazyQuotes = -1, false
	skipped := strings.Count(text[:at], "\n")
	var rows []row
	first := true
	for {
		rec, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		var pe *csv.ParseError
		if errors.As(err, &pe) {
			res.Bad = append(res.Bad, BadRow{pe.StartLine + skipped, "not valid CSV: " + pe.Err.Error()})
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the CSV: %w", err)
		}
		if first {
			first = false
			continue
		}
		line, _ := cr.FieldPos(0)
		if len(rec) > len(head) && strings.TrimSpace(strings.Join(rec[len(head):], "")) != "" {
			res.Bad = append(res.Bad, BadRow{line + skipped, fmt.Sprintf("%d fields, but the header names %d", len(rec), len(head))})
			continue
		}
		if strings.TrimSpace(strings.Join(rec, "")) == "" {
			continue
		}
		rows = append(rows, csvRow(head, rec, line+skipped))
	}
}

// findHeader is the first line that names known columns, and its offset.
func findHeader(text string) ([]string, int) {
	at := 0
	for n := 0; n < 20 && at < len(text); n++ {
		line, _, _ := strings.Cut(text[at:], "\n")
		cr := csv.NewReader(strings.NewReader(line))
		cr.Comma, cr.LazyQuotes = delimiter(line), true
		if rec, err := cr.Read(); err == nil {
			known := map[string]bool{}
			for _, c := range rec {
				if k := columns[columnKey(c)]; k != "" {
					known[k] = true
				}
			}
			if known["email"] || known["name"] && len(rec) > 1 || known["first"] && known["last"] {
				return rec, at
			}
		}
		at += len(line) + 1
	}
	return nil, -1
}

func delimiter(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	best, most := ',', strings.Count(line, ",")
	for _, c := range []rune{';', '\t'} {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func csvRow(head, rec []string, line int) row {
	r := row{line: line, fields: map[string]string{}}
	var first, middle, last, phone2 string
	for i, v := range rec {
		if i >= len(head) {
			break
		}
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		kind, known := columns[columnKey(head[i])]
		switch kind {
		case "name":
			r.name = v
		case "first":
			first = v
		case "middle":
			middle = v
		case "last":
			last = v
		case "email":
			for _, e := range several(v) {
				r.emails = append(r.emails, desk.SplitList(e)...)
			}
		case "company":
			r.company = v
		case "title":
			r.title = v
		case "phone":
			if r.phone == "" {
				r.phone = several(v)[0]
			}
		case "phone2":
			phone2 = several(v)[0]
		case "roles":
			for _, name := range desk.SplitList(v) {
				if _, err := desk.ParseRole(name); err == nil {
					r.roles = append(r.roles, name)
				} else {
					r.notes = append(r.notes, head[i]+": "+name)
				}
			}
		case "labels":
			for _, l := range desk.SplitList(strings.ReplaceAll(v, " ::: ", ";")) {
				if _, err := desk.ParseRole(l); err == nil {
					r.roles = append(r.roles, l)
				} else if !strings.HasPrefix(l, "*") {
					r.notes = append(r.notes, head[i]+": "+l)
				}
			}
		case "notes":
			r.notes = append(r.notes, v)
		case "status":
			r.status = v
		default:
			if !known {
				r.fields[strings.TrimSpace(head[i])] = v
			}
		}
	}
	if r.name == "" {
		r.name = strings.Join(strings.Fields(first+" "+middle+" "+last), " ")
	}
	if r.phone == "" {
		r.phone = phone2
	}
	return r
}

// readVCards reads each card by itself, so that a broken one doesn't spoil the others.
func readVCards(text string, res *ImportResult) []row {
	var rows []row
	line := 1
	for len(text) > 0 {
		i := strings.Index(strings.ToUpper(text), "BEGIN:VCARD")
		if i < 0 {
			break
		}
		line += strings.Count(text[:i], "\n")
		text = text[i:]
		end := strings.Index(strings.ToUpper(text), "END:VCARD")
		if end < 0 {
			res.Bad = append(res.Bad, BadRow{line, "the card has no END:VCARD"})
			break
		}
		card := text[:end+len("END:VCARD")]
		if r, err := readVCard(card); err != nil {
			res.Bad = append(res.Bad, BadRow{line, err.Error()})
		} else {
			r.line = line
			rows = append(rows, r)
		}
		line += strings.Count(card, "\n")
		text = text[len(card):]
	}
	return rows
}

func readVCard(text string) (r row, err error) {
	defer func() { // the file is a stranger's, and so is the decoder's patience with it
		if p := recover(); p != nil {
			err = fmt.Errorf("not a readable card")
		}
	}()
	text = vcard3(strings.ReplaceAll(text, "\r\n", "\n"))
	card, err := vcard.NewDecoder(bytes.NewReader([]byte(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"))).Decode()
	if err != nil {
		return r, fmt.Errorf("not a readable card: %w", err)
	}
	r.name = card.PreferredValue(vcard.FieldFormattedName)
	if n := card.Name(); r.name == "" && n != nil {
		r.name = strings.Join(strings.Fields(n.GivenName+" "+n.AdditionalName+" "+n.FamilyName), " ")
	}
	for _, f := range card[vcard.FieldEmail] {
		r.emails = append(r.emails, strings.TrimSpace(f.Value))
	}
	r.phone = strings.TrimPrefix(card.PreferredValue(vcard.FieldTelephone), "tel:")
	r.company, _, _ = strings.Cut(card.PreferredValue(vcard.FieldOrganization), ";")
	r.title = card.PreferredValue(vcard.FieldTitle)
	for _, f := range card[vcard.FieldNote] {
		r.notes = append(r.notes, f.Value)
	}
	for _, c := range card.Categories() {
		if _, err := desk.ParseRole(c); err == nil {
			r.roles = append(r.roles, c)
		} else if c != "" {
			r.notes = append(r.notes, "category: "+c)
		}
	}
	return r, nil
}
