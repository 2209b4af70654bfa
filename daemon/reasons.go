package daemon

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// background gathers what calls can be about.
func (r *runner) background(tx *store.Tx, env desk.Env) (*desk.Background, error) {
	b := &desk.Background{Ranks: map[int]string{}}
	var err error
	if b.Orders, err = tx.Orders(); err != nil {
		return nil, err
	}
	if b.Interviews, err = tx.Interviews(); err != nil {
		return nil, err
	}
	all, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	keyOf := desk.NewFirms(all, mailbox.FreeMail)
	firms := map[string]string{} // by contact ID
	firm := func(c *desk.Contact) string {
		k, known := firms[c.ID]
		if !known {
			k = keyOf.Of(c)
			firms[c.ID] = k
		}
		return k
	}
	givers := map[int]string{}
	for i := range b.Orders {
		o := &b.Orders[i]
		giver, err := tx.Contact(o.Contact)
		if err != nil {
			return nil, err
		}
		if givers[o.Number] = desk.CompanyKey(&desk.Contact{Company: o.Company}, mailbox.FreeMail); givers[o.Number] == "" && giver != nil {
			givers[o.Number] = firm(giver)
		}
		if o.Status != desk.OrderOpen {
			continue
		}
		people, err := clientOf(tx, o, giver)
		if err != nil {
			return nil, err
		}
		b.Ranks[o.Number], _ = r.rankOf(o, people)
	}
	names := map[string]string{}
	for _, c := range all {
		names[c.ID] = c.DisplayName()
		if !c.Has(desk.RoleCandidate) || c.Title == "" {
			continue
		}
		ts, err := tx.Touches(c)
		if err != nil {
			return nil, err
		}
		if m, ok := desk.Market(env, c, ts); ok {
			b.Candidates = append(b.Candidates, m)
		}
	}
	b.Name = func(id string) string { return names[id] }
	b.SameFirm = func(o *desk.JobOrder, c *desk.Contact) bool {
		return givers[o.Number] != "" && givers[o.Number] == firm(c)
	}
	return b, nil
}

// rankOf is an order's rank, and why, by what was told and by whom of the client can be reached.
func (r *runner) rankOf(o *desk.JobOrder, people []*desk.Contact) (rank, why string) {
	q := o.Qualify(reachable(people))
	return q.Rank(float64(r.current().cfg.orders.StandardFee))
}

// reachable reports whether one of a client's people decides, and can be called or written to.
func reachable(people []*desk.Contact) bool {
	for _, c := range people {
		if c.Has(desk.RoleDecisionMaker) && c.Callable() && (c.Phone != "" || c.Email() != "") {
			return true
		}
	}
	return false
}
