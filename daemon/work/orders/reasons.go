package orders

import (
	"sync"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
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
	_, keyOf, err := people.Firms(tx)
	if err != nil {
		return nil, err
	}
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
		client, err := ClientOf(tx, o, giver)
		if err != nil {
			return nil, err
		}
		b.Ranks[o.Number], _ = rankOf(r, o, client)
	}
	b.Candidates = sync.OnceValue(func() []desk.Marketed { return marketed(tx, env) })
	b.Name = func(id string) string {
		if c, _ := tx.Contact(id); c != nil && c.Is(id) { // an error leaves a name out of a hint
			return c.DisplayName()
		}
		return ""
	}
	b.SameFirm = func(o *desk.JobOrder, c *desk.Contact) bool {
		return givers[o.Number] != "" && givers[o.Number] == firm(c)
	}
	return b, nil
}

// marketed are the candidates whom clients can be told of. What can't be read is left out: it is a hint.
func marketed(tx *store.Tx, env desk.Env) (out []desk.Marketed) {
	all, err := tx.Contacts()
	if err != nil {
		return nil
	}
	for _, c := range all {
		if !c.Has(desk.RoleCandidate) || c.Title == "" {
			continue
		}
		h, err := tx.History(c)
		if err != nil {
			return out
		}
		if m, ok := desk.Market(env, c, h.LastSpoke); ok {
			out = append(out, m)
		}
	}
	return out
}

// rankOf is an order's rank, and why, by what was told and by whom of the client can be reached.
func rankOf(r *book.Runner, o *desk.JobOrder, people []*desk.Contact) (rank, why string) {
	q := o.Qualify(desk.Reachable(people))
	return q.Rank(float64(r.Current().Cfg.Orders.StandardFee))
}
