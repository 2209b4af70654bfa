package morning

import (
	"strconv"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/figures"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/reports"
	"fifthcall/mailbox/message"
)

// briefReports puts the week's figures into Friday's mail, and the month's, with the companies that are red by name, into that of its last
// working day.
func briefReports(r *book.Runner, tx *store.Tx, env desk.Env, b *brief) error {
	today := env.Today()
	week, month := env.WeekTold(today), env.MonthTold(today)
	friday, monthEnd := !week.IsZero(), !month.IsZero()
	quarter := reports.QuarterBegins(env)
	if !friday && !monthEnd && !quarter {
		return nil
	}
	l, err := reports.Ledger(r, tx, env)
	if err != nil {
		return err
	}
	if friday {
		b.week = reportLines(env, l, figures.Period{From: week.At(0, 0, env.Zone), To: today.At(0, 0, env.Zone)})
	}
	if quarter {
		for _, c := range reports.LastQuarter(env, l) {
			b.clients = append(b.clients, c.Line())
		}
	}
	if !monthEnd {
		return nil
	}
	b.month = reportLines(env, l, figures.Period{From: month.At(0, 0, env.Zone), To: today.At(0, 0, env.Zone)})
	b.briefRed(env, l)
	return nil
}

// briefRed lists the companies that are red, each with whom to call there: the decision maker whom nobody spoke to longest.
func (b *brief) briefRed(env desk.Env, l *figures.Ledger) {
	whom := map[string]*desk.Contact{}
	firm := desk.NewFirms(l.Contacts, message.FreeMail)
	for _, c := range l.Contacts {
		key := firm.Of(c)
		if !c.IsTarget() || !c.Callable() {
			continue
		}
		cur := whom[key]
		sooner := cur != nil && l.Of(c).LastSpoke.Before(l.Of(cur).LastSpoke)
		if cur == nil || c.Has(desk.RoleDecisionMaker) && !cur.Has(desk.RoleDecisionMaker) || c.Has(desk.RoleDecisionMaker) == cur.Has(desk.RoleDecisionMaker) && sooner {
			whom[key] = c
		}
	}
	more := 0
	for _, x := range l.Lights(env.Now) {
		c := whom[x.Key]
		switch {
		case x.Light != desk.Red || c == nil:
		case len(b.red) == agency.MostRed:
			more++
		default:
			head := "red: " + x.Company + ", " + x.Why
			b.red = append(b.red, letter.Item{N: b.number(desk.ItemListed, c.ID, "", head), Head: head, Phone: c.Phone, Lines: []string{c.DisplayName()}})
		}
	}
	if more > 0 {
		b.month = append(b.month, "and "+strconv.Itoa(more)+" more that are red")
	}
}

// reportLines are the figures of a period that are not nothing, a line each.
func reportLines(env desk.Env, l *figures.Ledger, p figures.Period) []string {
	var out []string
	for _, f := range append(figures.Activity(l, p), figures.Litmus(env, l, p)...) {
		if f.Value == 0 && f.Of == 0 {
			continue
		}
		line := f.Label + ": " + strconv.FormatFloat(f.Value, 'f', -1, 64)
		if f.Of > 0 {
			line += " of " + strconv.FormatFloat(f.Of, 'f', -1, 64)
		}
		out = append(out, line)
	}
	return out
}
