package daemon

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

func canonical(s string) string { return mailbox.Canonical(s) }

func itoa(n int) string { return strconv.Itoa(n) }

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

func parseRoles(names []string) ([]desk.Role, error) {
	var out []desk.Role
	for _, n := range names {
		r, err := desk.ParseRole(n)
		if err != nil {
			return nil, usage("%v", err)
		}
		out = append(out, r)
	}
	return out, nil
}

// setContact changes a contact; an address that nobody has makes one.
func (r *runner) setContact(ctx context.Context, ch ContactChange) (ContactView, error) {
	id := ""
	err := r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		a := &applier{tx: tx, env: env, planner: newPlanner(tx, env), source: desk.SourceShell, naming: true}
		c, fresh, err := a.find(ch.Who)
		if err != nil {
			return err
		}
		done, err := snapshot(tx, c, fresh)
		if err != nil {
			return err
		}
		if err := ch.apply(tx, c, env); err != nil {
			return err
		}
		id = c.ID
		tx.Shown()
		if err := tx.PutContact(c); err != nil {
			return err
		}
		if err := a.planner.plan(c); err != nil {
			return err
		}
		if err := a.noteChange(&done, "set", "contacts set "+ch.Who); err != nil {
			return err
		}
		return noteReply(tx, env, desk.SourceShell, done)
	})
	if err != nil {
		return ContactView{}, err
	}
	return r.contactByID(id)
}

func (ch *ContactChange) apply(tx *store.Tx, c *desk.Contact, env desk.Env) error {
	set, err := parseRoles(ch.Roles)
	if err != nil {
		return err
	}
	add, err := parseRoles(ch.AddRole)
	if err != nil {
		return err
	}
	remove, err := parseRoles(ch.RemoveRole)
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
		takeField(c, k)
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
			return usage("%q is not a status; they are active, do_not_contact, bounced, left", *ch.Status)
		}
		if s == desk.StatusDoNotContact {
			if err := suppress(tx, c, "do not contact"); err != nil {
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
	addr := canonical(email)
	if addr == "" {
		return usage("%q is not an address", email)
	}
	other, err := tx.ContactByEmail(addr)
	if err != nil {
		return err
	}
	if other != nil && other.ID != c.ID {
		return usage("%s belongs to %s already; if they are one person, run 'fifthcall contacts merge %s %s'", addr, other.DisplayName(), handle(c), addr)
	}
	c.AddEmail(addr)
	return tx.Want(addr)
}

// mergeUndo is what a merge replaced.
type mergeUndo struct {
	Into, From                 desk.Contact
	IntoCallback, FromCallback *desk.Callback

	Candidates, Clients []string // IDs of the interviews whose candidate or client was from
}

// merge makes two contacts one: from goes into into.
func (r *runner) merge(ctx context.Context, into, from string) (ContactView, error) {
	err := r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		a, err := findContact(tx, into)
		if err != nil {
			return err
		}
		b, err := findContact(tx, from)
		if err != nil {
			return err
		}
		if a.ID == b.ID {
			return usage("%s and %s are one contact already", into, from)
		}
		done, err := snapshot(tx, a, false)
		if err != nil {
			return err
		}
		if err := mergeContacts(tx, env, a, b); err != nil {
			return err
		}
		ap := &applier{tx: tx, env: env, planner: newPlanner(tx, env), merged: b.ID}
		if err := ap.noteChange(&done, desk.VerbMerge, "contacts merge "+into+" "+from); err != nil {
			return err
		}
		return noteReply(tx, env, desk.SourceShell, done)
	})
	if err != nil {
		return ContactView{}, err
	}
	return r.contact(into)
}

func mergeContacts(tx *store.Tx, env desk.Env, a, b *desk.Contact) error {
	undo := mergeUndo{Into: *a, From: *b} // before absorb changes them
	undo.Into.Notes, undo.Into.Merged = slices.Clone(a.Notes), slices.Clone(a.Merged)
	var err error
	if undo.IntoCallback, err = tx.Callback(a.ID); err != nil {
		return err
	}
	if undo.FromCallback, err = tx.Callback(b.ID); err != nil {
		return err
	}
	undo.Into.Emails, undo.Into.Roles = slices.Clone(a.Emails), slices.Clone(a.Roles)
	if err := undo.moveInterviews(tx, b.ID, a.ID); err != nil {
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
	p := newPlanner(tx, env)
	if undo.FromCallback.Open() {
		d, err := p.book()
		if err != nil {
			return err
		}
		if err := tx.PutCallback(desk.Close(env, undo.FromCallback, desk.CallbackCancelled, d)); err != nil {
			return err
		}
	}
	tx.Shown()
	return p.plan(a)
}

// moveInterviews makes another contact the candidate or client of interviews.
func (u *mergeUndo) moveInterviews(tx *store.Tx, from, to string) error {
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
func (u *mergeUndo) interviewsBack(tx *store.Tx) error {
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

// unmerge takes back the merge by which the address or name went into another contact. What
// was logged since stays with the address it was logged for.
func (r *runner) unmerge(ctx context.Context, who string) (ContactView, error) {
	into := ""
	err := r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		a, err := findContact(tx, who)
		if err != nil {
			return err
		}
		var undo mergeUndo
		found := false
		for i := len(a.Merged) - 1; i >= 0 && !found; i-- {
			id := "merge-" + a.Merged[i]
			ok, err := tx.Undo(id, &undo)
			if err != nil {
				return err
			}
			if found = ok && undo.Into.ID == a.ID; found {
				if err := tx.DropUndo(id); err != nil {
					return err
				}
			}
		}
		if !found {
			return usage("nothing was merged into %s", handle(a))
		}
		into = a.ID
		return undo.restore(tx, env)
	})
	if err != nil {
		return ContactView{}, err
	}
	return r.contactByID(into)
}

func (u *mergeUndo) restore(tx *store.Tx, env desk.Env) error {
	if err := u.interviewsBack(tx); err != nil {
		return err
	}
	p := newPlanner(tx, env)
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
		if err := p.plan(c); err != nil {
			return err
		}
	}
	return nil
}

// putBack makes a callback what it was; what was logged since is then planned anew by the
// caller, and where its slot has been taken meanwhile, the rules find another.
func putBack(tx *store.Tx, p *planner, was *desk.Callback) error {
	if was == nil {
		return nil
	}
	cur, err := tx.Callback(was.Contact)
	if err != nil || cur == nil {
		return err
	}
	d, err := p.book()
	if err != nil {
		return err
	}
	if cur.Open() {
		d.Release(cur)
	}
	back := *was
	back.Sequence, back.Modified = cur.Sequence+1, p.env.Now.UTC()
	if back.Open() {
		if !d.Free(back.Start) {
			back.Start, back.Late, back.Flag = d.Place(p.env, desk.Want{Due: back.Due})
		}
		d.Take(&back)
	}
	return tx.PutCallback(&back)
}

// forget erases a contact and everything logged for it.
func (r *runner) forget(ctx context.Context, who string) (ContactView, error) {
	v, err := r.contact(who)
	if err != nil {
		return v, err
	}
	return v, r.update(ctx, func(tx *store.Tx, _ desk.Env) error {
		c, err := findContact(tx, who)
		if err != nil {
			return err
		}
		return tx.Forget(c)
	})
}

// planChunk is how many contacts are planned in one transaction.
const planChunk = 300

// planContacts plans for the contacts with the IDs, or for all with nil, those longest
// without a conversation first, so that they get the earliest days.
func (r *runner) planContacts(ctx context.Context, ids map[string]bool) error {
	var order []string
	err := r.state.View(func(tx *store.Tx) error {
		var err error
		order, err = planOrder(tx, r.env(r.clock()), ids)
		return err
	})
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(order, planChunk) {
		err := r.update(ctx, func(tx *store.Tx, env desk.Env) error {
			p := newPlanner(tx, env)
			for _, id := range chunk {
				c, err := tx.Contact(id)
				if err != nil {
					return err
				}
				if c == nil {
					continue
				}
				if err := p.plan(c); err != nil {
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
