package orders

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// Background gathers what calls can be about.
func Background(r *book.Runner, tx *store.Tx, env desk.Env) (*desk.Background, error) {
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
	keyOf := desk.NewFirms(all, message.FreeMail)
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
		if givers[o.Number] = desk.CompanyKey(&desk.Contact{Company: o.Company}, message.FreeMail); givers[o.Number] == "" && giver != nil {
			givers[o.Number] = firm(giver)
		}
		if o.Status != desk.OrderOpen {
			continue
		}
		people, err := ClientOf(tx, o, giver)
		if err != nil {
			return nil, err
		}
		b.Ranks[o.Number], _ = rankOf(r, o, people)
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
func rankOf(r *book.Runner, o *desk.JobOrder, people []*desk.Contact) (rank, why string) {
	q := o.Qualify(desk.Reachable(people))
	return q.Rank(float64(r.Current().Cfg.Orders.StandardFee))
}
