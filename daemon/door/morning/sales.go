package morning

import (
	"fmt"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/sales"
)

// briefSales lists a sales day's calls, or a review's, in the morning mail of the day, and tells the next working day what came of it.
func briefSales(r *book.Runner, tx *store.Tx, env desk.Env, b *brief) error {
	all, err := sales.Sessions(tx)
	if err != nil {
		return err
	}
	yesterday := env.AddWorkdays(env.Today(), -1)
	var held []desk.Session
	for i := range all {
		s := &all[i]
		switch day := desk.DateOf(s.Start.In(env.Zone)); {
		case s.Off:
		case day == env.Today():
			b.sales = append(b.sales, section(s, env, b))
		case s.N > 0 && !day.Before(yesterday) && day.Before(env.Today()):
			held = append(held, *s)
		}
	}
	if len(held) == 0 {
		return nil
	}
	own, err := sales.Tally(r, env.Zone, held)
	if err != nil {
		return err
	}
	b.tally = own.Lines(held, env.Zone)
	if len(r.Peers) > 0 {
		total := own.Before10
		for _, p := range r.Peers {
			t, err := sales.Tally(p, env.Zone, held)
			if err != nil {
				return err
			}
			total += t.Before10
			own.Sum.Conversations += t.Sum.Conversations
			own.Sum.Tries += t.Sum.Tries
		}
		b.tally = append(b.tally, fmt.Sprintf("all desks together: %s; %s before ten", own.Sum, desk.Plural(total, "conversation")))
	}
	return nil
}

// section is a session in the morning mail; its lines can be answered.
func section(s *desk.Session, env desk.Env, b *brief) letter.Section {
	sec := letter.Section{Title: s.Start.In(env.Zone).Format("15:04") + " " + s.Title()}
	for _, c := range s.List {
		sec.Items = append(sec.Items, letter.Item{N: b.number(desk.ItemListed, c.Contact, "", c.Line), Head: c.Line})
	}
	if len(s.List) == 0 {
		sec.Lines = []string{s.Text()}
	}
	if s.More > 0 {
		sec.Lines = append(sec.Lines, fmt.Sprintf("and %d more", s.More))
	}
	return sec
}
