package people

import (
	"context"
	"slices"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// ContactChange is what 'contacts set' changes; nil leaves a value alone.
type ContactChange struct {
	Who        string   `json:"who"`
	Roles      []string `json:"roles,omitempty"`       // replaces the set
	AddRole    []string `json:"add_role,omitempty"`    // adds to it
	RemoveRole []string `json:"remove_role,omitempty"` // takes from it
	Name       *string  `json:"name,omitempty"`
	Company    *string  `json:"company,omitempty"`
	Title      *string  `json:"title,omitempty"`
	Phone      *string  `json:"phone,omitempty"`
	Status     *string  `json:"status,omitempty"`
	Email      *string  `json:"email,omitempty"` // a further address
	Note       *string  `json:"note,omitempty"`

	Fields map[string]string `json:"fields,omitempty"` // language, timezone, about …; "" takes one away
}

// ParseRoles reads the names of roles.
func ParseRoles(names []string) ([]desk.Role, error) {
	var out []desk.Role
	for _, n := range names {
		r, err := desk.ParseRole(n)
		if err != nil {
			return nil, desk.Usage("%v", err)
		}
		out = append(out, r)
	}
	return out, nil
}

// Apply changes the contact.
func (ch *ContactChange) Apply(tx *store.Tx, c *desk.Contact, env desk.Env) error {
	set, err := ParseRoles(ch.Roles)
	if err != nil {
		return err
	}
	add, err := ParseRoles(ch.AddRole)
	if err != nil {
		return err
	}
	remove, err := ParseRoles(ch.RemoveRole)
	if err != nil {
		return err
	}
	if len(set) > 0 {
		c.SetRoles(set, env.Now)
	}
	for _, role := range add {
		c.AddRole(role, env.Now)
	}
	if len(remove) > 0 {
		c.SetRoles(slices.DeleteFunc(slices.Clone(c.Roles), func(x desk.Role) bool { return slices.Contains(remove, x) }), env.Now)
	}
	for _, f := range []struct {
		val *string
		to  *string
	}{{ch.Company, &c.Company}, {ch.Title, &c.Title}, {ch.Phone, &c.Phone}} {
		if f.val != nil {
			*f.to = desk.Tidy(*f.val)
		}
	}
	for k, v := range ch.Fields {
		desk.TakeField(c, k)
		if v = desk.Tidy(v); v != "" {
			if c.Fields == nil {
				c.Fields = map[string]string{}
			}
			c.Fields[strings.ToLower(k)] = v
		}
	}
	if ch.Name != nil {
		c.GiveName(*ch.Name)
	}
	if ch.Note != nil {
		c.AddNote(*ch.Note)
	}
	if ch.Status != nil {
		s := desk.Status(*ch.Status)
		if !slices.Contains([]desk.Status{desk.StatusActive, desk.StatusDoNotContact, desk.StatusBounced, desk.StatusLeft}, s) {
			return desk.Usage("%q is not a status; they are active, do_not_contact, bounced, left", *ch.Status)
		}
		if s == desk.StatusDoNotContact {
			if err := Suppress(tx, c, "do not contact"); err != nil {
				return err
			}
		}
		if s == desk.StatusActive && c.Status == desk.StatusDoNotContact {
			for _, e := range c.Emails {
				if err := tx.Unsuppress(e); err != nil {
					return err
				}
			}
		}
		c.Status = s
		tx.Stir()
	}
	if ch.Email != nil {
		return addAddress(tx, c, *ch.Email)
	}
	return nil
}

// addAddress gives a contact a further address, which must not be somebody else's.
func addAddress(tx *store.Tx, c *desk.Contact, email string) error {
	addr := config.Canonical(email)
	if addr == "" {
		return desk.Usage("%q is not an address", email)
	}
	other, err := tx.ContactByEmail(addr)
	if err != nil {
		return err
	}
	if other != nil && other.ID != c.ID {
		return desk.Usage("%s belongs to %s already; if they are one person, run 'fifthcall contacts merge %s %s'", addr, other.DisplayName(), desk.Handle(c), addr)
	}
	c.AddEmail(addr)
	return tx.Want(addr)
}

// MergeContacts makes b part of a, so that it can be undone.
func MergeContacts(tx *store.Tx, env desk.Env, a, b *desk.Contact) error {
	undo := desk.MergeUndo{Into: *a, From: *b} // before absorb changes them
	undo.Into.Notes, undo.Into.Merged = slices.Clone(a.Notes), slices.Clone(a.Merged)
	var err error
	if undo.IntoCallback, err = tx.Callback(a.ID); err != nil {
		return err
	}
	if undo.FromCallback, err = tx.Callback(b.ID); err != nil {
		return err
	}
	undo.Into.Emails, undo.Into.Roles = slices.Clone(a.Emails), slices.Clone(a.Roles)
	if err := moveInterviews(&undo, tx, b.ID, a.ID); err != nil {
		return err
	}
	if err := tx.PutUndo("merge-"+b.ID, undo); err != nil {
		return err
	}
	absorb(a, b, env)
	b.Into = a.ID
	for _, c := range []*desk.Contact{b, a} {
		if err := tx.PutContact(c); err != nil {
			return err
		}
	}
	p := book.NewPlanner(tx, env)
	if undo.FromCallback.Open() {
		d, err := p.Book()
		if err != nil {
			return err
		}
		if err := tx.PutCallback(desk.Close(env, undo.FromCallback, desk.CallbackCancelled, d)); err != nil {
			return err
		}
	}
	tx.Shown()
	return p.Plan(a)
}

// moveInterviews makes another contact the candidate or client of interviews.
func moveInterviews(u *desk.MergeUndo, tx *store.Tx, from, to string) error {
	all, err := tx.Interviews()
	if err != nil {
		return err
	}
	for i := range all {
		iv := &all[i]
		if iv.Candidate != from && iv.Client != from {
			continue
		}
		if iv.Candidate == from {
			iv.Candidate = to
			u.Candidates = append(u.Candidates, iv.ID)
		}
		if iv.Client == from {
			iv.Client = to
			u.Clients = append(u.Clients, iv.ID)
		}
		if err := tx.PutInterview(iv); err != nil {
			return err
		}
	}
	return nil
}

// interviewsBack takes that back.
func interviewsBack(u *desk.MergeUndo, tx *store.Tx) error {
	for who, ids := range map[bool][]string{true: u.Candidates, false: u.Clients} {
		for _, id := range ids {
			iv, err := tx.Interview(id)
			if err != nil {
				return err
			}
			switch {
			case iv == nil:
				continue
			case who && iv.Candidate == u.Into.ID:
				iv.Candidate = u.From.ID
			case !who && iv.Client == u.Into.ID:
				iv.Client = u.From.ID
			}
			if err := tx.PutInterview(iv); err != nil {
				return err
			}
		}
	}
	return nil
}

// absorb gives a what b had and a lacked.
func absorb(a, b *desk.Contact, env desk.Env) {
	for _, e := range b.Emails {
		a.AddEmail(e)
	}
	for _, f := range []struct{ to, val *string }{{&a.Company, &b.Company}, {&a.Title, &b.Title}, {&a.Phone, &b.Phone}} {
		if *f.to == "" {
			*f.to = *f.val
		}
	}
	if b.NameRank > a.NameRank || a.Name == "" {
		a.Name, a.NameRank = b.Name, b.NameRank
	}
	since := a.DMSince
	for _, role := range b.Roles {
		if role != desk.RoleNone {
			a.AddRole(role, env.Now)
		}
	}
	if since.IsZero() && !b.DMSince.IsZero() {
		a.DMSince = b.DMSince
	}
	if a.Status == desk.StatusActive {
		a.Status = b.Status
	}
	for _, n := range b.Notes {
		a.AddNote(n)
	}
	a.Merged = append(append(slices.Clone(a.Merged), b.ID), b.Merged...)
}

// Restore parts two contacts that were merged.
func Restore(u *desk.MergeUndo, tx *store.Tx, env desk.Env) error {
	if err := interviewsBack(u, tx); err != nil {
		return err
	}
	p := book.NewPlanner(tx, env)
	for _, c := range []*desk.Contact{&u.Into, &u.From} {
		if err := tx.PutContact(c); err != nil {
			return err
		}
	}
	for _, was := range []*desk.Callback{u.IntoCallback, u.FromCallback} {
		if err := putBack(tx, p, was); err != nil {
			return err
		}
	}
	tx.Shown()
	for _, c := range []*desk.Contact{&u.Into, &u.From} {
		if err := p.Plan(c); err != nil {
			return err
		}
	}
	return nil
}

// putBack makes a callback what it was; what was logged since is then planned anew by the
// caller, and where its slot has been taken meanwhile, the rules find another.
func putBack(tx *store.Tx, p *book.Planner, was *desk.Callback) error {
	if was == nil {
		return nil
	}
	cur, err := tx.Callback(was.Contact)
	if err != nil || cur == nil {
		return err
	}
	d, err := p.Book()
	if err != nil {
		return err
	}
	if cur.Open() {
		d.Release(cur)
	}
	back := *was
	back.Sequence, back.Modified = cur.Sequence+1, p.Env.Now.UTC()
	if back.Open() {
		if !d.Free(back.Start) {
			back.Start, back.Late, back.Flag = d.Place(p.Env, desk.Want{Due: back.Due})
		}
		d.Take(&back)
	}
	return tx.PutCallback(&back)
}

// planChunk is how many contacts are planned in one transaction.
const planChunk = 300

// PlanContacts plans for the contacts with the IDs, or for all with nil, those longest
// without a conversation first, so that they get the earliest days.
func PlanContacts(ctx context.Context, r *book.Runner, ids map[string]bool) error {
	var order []string
	err := r.State.View(func(tx *store.Tx) error {
		var err error
		order, err = book.PlanOrder(tx, r.Env(r.Clock()), ids)
		return err
	})
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(order, planChunk) {
		err := r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
			p := book.NewPlanner(tx, env)
			for _, id := range chunk {
				c, err := tx.Contact(id)
				if err != nil {
					return err
				}
				if c == nil {
					continue
				}
				if err := p.Plan(c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
