package daemon

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// ReportRequest asks for a report.
type ReportRequest struct {
	Kind  string `json:"kind"`
	Since string `json:"since"` // a date, "" for what fits the kind
	Until string `json:"until"` // the last day, "" for today

	Agency bool      `json:"agency"` // all desks added up, in one report
	Now    time.Time `json:"now"`
}

// ReportView is a report of one desk.
type ReportView struct {
	Report  string       `json:"report"`
	Desk    string       `json:"desk"`
	Since   string       `json:"since"`
	Until   string       `json:"until"`
	Figures []FigureView `json:"figures"`
	Explain []string     `json:"explain"`
}

// FigureView is one number, and what it stands on.
type FigureView struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Value    float64  `json:"value"`
	Of       float64  `json:"of"`
	Unit     string   `json:"unit"`
	Note     string   `json:"note"`
	Evidence []string `json:"evidence"`
}

// ReportKinds are the reports there are.
func ReportKinds() []string {
	return []string{"today", "week", "month", "litmus", "lights", "orders", "clients", "persistence", "activity"}
}

// makeReport makes one of a desk.
func (r *runner) makeReport(rq ReportRequest) (ReportView, error) {
	v, all, err := r.reportFigures(rq)
	v.take(all)
	return v, err
}

// agencyReport makes one of all desks together.
func agencyReport(desks []*runner, rq ReportRequest) (ReportView, error) {
	var each [][]desk.Figure
	var v ReportView
	for _, r := range desks {
		var all []desk.Figure
		var err error
		if v, all, err = r.reportFigures(rq); err != nil {
			return v, err
		}
		for i := range all {
			for j, e := range all[i].Evidence {
				all[i].Evidence[j] = r.name + "/" + e
			}
		}
		each = append(each, all)
	}
	v.Desk = "all desks"
	v.take(desk.Together(each...))
	return v, nil
}

func (v *ReportView) take(all []desk.Figure) {
	v.Figures = []FigureView{}
	for _, f := range all {
		v.Figures = append(v.Figures, FigureView{f.Name, f.Label, f.Value, f.Of, f.Unit, f.Note, append([]string{}, f.Evidence...)})
	}
}

// reportFigures are a report's figures, and the report with everything else.
func (r *runner) reportFigures(rq ReportRequest) (v ReportView, all []desk.Figure, err error) {
	env := r.env(rq.Now)
	v = ReportView{Report: rq.Kind, Desk: r.name}
	if !slices.Contains(ReportKinds(), rq.Kind) {
		return v, nil, usage("there is no report %q%s; there are %s", rq.Kind, didYouMean(rq.Kind, ReportKinds()), strings.Join(ReportKinds(), ", "))
	}
	since, until, err := reportDays(env, rq)
	if err != nil {
		return v, nil, err
	}
	v.Since, v.Until = since.String(), until.String()
	p := desk.Period{From: since.At(0, 0, env.Zone), To: until.AddDays(1).At(0, 0, env.Zone)}
	var l *desk.Ledger
	err = r.state.View(func(tx *store.Tx) error {
		var err error
		if l, err = r.ledger(tx, env); err != nil {
			return err
		}
		kinds := []string{rq.Kind}
		if rq.Kind == "today" || rq.Kind == "week" || rq.Kind == "month" {
			kinds = []string{"activity", "litmus", "orders"}
			if rq.Kind == "month" {
				kinds = append(kinds, "lights", "persistence")
			}
		}
		for _, kind := range kinds {
			all = append(all, figures(kind, env, l, p)...)
			v.Explain = append(v.Explain, desk.Formulas()[kind]...)
		}
		return nil
	})
	return v, all, err
}

func figures(kind string, env desk.Env, l *desk.Ledger, p desk.Period) []desk.Figure {
	switch kind {
	case "litmus":
		return desk.Litmus(env, l, p)
	case "lights":
		return desk.LightFigures(env, l, p)
	case "orders":
		return desk.OrderFigures(env, l, p)
	case "clients":
		return desk.ClientFigures(env, l, p)
	case "persistence":
		return desk.Persistence(l, p)
	}
	return desk.Activity(l, p)
}

// reportDays are the days of a report: told, or what its kind means.
func reportDays(env desk.Env, rq ReportRequest) (since, until desk.Date, err error) {
	today := env.Today()
	since, until = desk.MonthStart(today), today
	switch rq.Kind {
	case "today":
		since = today
	case "week":
		since = today.AddDays(-(int(today.Weekday()) + 6) % 7)
	case "persistence", "orders":
		since = today.AddDays(-365)
	case "clients":
		from, to := desk.QuarterBefore(today)
		since, until = from, to.AddDays(-1)
	}
	for _, d := range []struct {
		text string
		into *desk.Date
	}{{rq.Since, &since}, {rq.Until, &until}} {
		if d.text == "" {
			continue
		}
		if *d.into, err = desk.ParseDate(d.text); err != nil {
			return since, until, usage("%q is no date like 2026-03-02", d.text)
		}
	}
	if until.Before(since) {
		return since, until, usage("--until %s is before --since %s", until, since)
	}
	return since, until, nil
}

// ledger gathers the log.
func (r *runner) ledger(tx *store.Tx, env desk.Env) (*desk.Ledger, error) {
	l := &desk.Ledger{Touches: map[string][]desk.Touch{}, Ranks: map[int]string{}, Steps: map[int][]desk.OrderStep{}, Playbooks: map[int]string{}, Waved: func(t desk.Touch) bool { return r.waved(tx, t) }}
	var err error
	if l.Contacts, err = tx.Contacts(); err != nil {
		return nil, err
	}
	for _, c := range l.Contacts {
		ts, err := tx.Touches(c)
		if err != nil {
			return nil, err
		}
		l.Touches[c.ID] = slices.DeleteFunc(ts, func(t desk.Touch) bool { return t.Elsewhere() })
	}
	if l.Interviews, err = tx.Interviews(); err != nil {
		return nil, err
	}
	if l.Letters, err = tx.Letters(""); err != nil {
		return nil, err
	}
	if l.Orders, err = tx.Orders(); err != nil {
		return nil, err
	}
	if l.Placements, err = placements(tx); err != nil {
		return nil, err
	}
	for i := range l.Orders {
		of, err := r.orderOf(tx, env, &l.Orders[i])
		if err != nil {
			return nil, err
		}
		n := l.Orders[i].Number
		l.Ranks[n], l.Steps[n], l.Playbooks[n] = of.rank, of.steps, of.playbook.Name
	}
	log, err := r.lightsLog(tx)
	if err != nil {
		return nil, err
	}
	l.Lights = func(at time.Time) []desk.Board {
		then := env
		then.Now = at
		lights := log.at(then).byKey
		var out []desk.Board
		for _, k := range sortedKeys(lights) {
			out = append(out, desk.Board{Key: k, Company: lights[k].Name, Light: lights[k].Light, Why: lights[k].Why})
		}
		return out
	}
	return l, nil
}

// briefReports puts the week's figures into Friday's mail, and the month's, with the companies that are red by name, into that of its last
// working day.
func (r *runner) briefReports(tx *store.Tx, env desk.Env, b *brief) error {
	today := env.Today()
	week, month := env.WeekTold(today), env.MonthTold(today)
	friday, monthEnd := !week.IsZero(), !month.IsZero()
	quarter := quarterBegins(env)
	if !friday && !monthEnd && !quarter {
		return nil
	}
	l, err := r.ledger(tx, env)
	if err != nil {
		return err
	}
	if friday {
		b.week = reportLines(env, l, desk.Period{From: week.At(0, 0, env.Zone), To: today.At(0, 0, env.Zone)})
	}
	if quarter {
		for _, c := range lastQuarter(env, l) {
			b.clients = append(b.clients, c.Line())
		}
	}
	if !monthEnd {
		return nil
	}
	b.month = reportLines(env, l, desk.Period{From: month.At(0, 0, env.Zone), To: today.At(0, 0, env.Zone)})
	b.briefRed(env, l)
	return nil
}

// briefRed lists the companies that are red, each with whom to call there: the decision maker whom nobody spoke to longest.
func (b *brief) briefRed(env desk.Env, l *desk.Ledger) {
	whom := map[string]*desk.Contact{}
	firm := desk.NewFirms(l.Contacts, mailbox.FreeMail)
	for _, c := range l.Contacts {
		key := firm.Of(c)
		if !c.IsTarget() || !c.Callable() {
			continue
		}
		cur := whom[key]
		sooner := cur != nil && desk.LastConversation(l.Touches[c.ID]).Before(desk.LastConversation(l.Touches[cur.ID]))
		if cur == nil || c.Has(desk.RoleDecisionMaker) && !cur.Has(desk.RoleDecisionMaker) || c.Has(desk.RoleDecisionMaker) == cur.Has(desk.RoleDecisionMaker) && sooner {
			whom[key] = c
		}
	}
	more := 0
	for _, x := range l.Lights(env.Now) {
		c := whom[x.Key]
		switch {
		case x.Light != desk.Red || c == nil:
		case len(b.red) == mostRed:
			more++
		default:
			head := "red: " + x.Company + ", " + x.Why
			b.red = append(b.red, letter.Item{N: b.number(desk.ItemListed, c.ID, "", head), Head: head, Phone: c.Phone, Lines: []string{c.DisplayName()}})
		}
	}
	if more > 0 {
		b.month = append(b.month, "and "+itoa(more)+" more that are red")
	}
}

// reportLines are the figures of a period that are not nothing, a line each.
func reportLines(env desk.Env, l *desk.Ledger, p desk.Period) []string {
	var out []string
	for _, f := range append(desk.Activity(l, p), desk.Litmus(env, l, p)...) {
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
