package reports

import (
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	figurespkg "fifthcall/daemon/desk/figures"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/people"
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

// MakeReport makes one of a desk.
func MakeReport(r *book.Runner, rq ReportRequest) (ReportView, error) {
	v, all, err := reportFigures(r, rq)
	v.take(all)
	return v, err
}

// AgencyReport makes one of all desks together.
func AgencyReport(desks []*book.Runner, rq ReportRequest) (ReportView, error) {
	var each [][]figurespkg.Figure
	var v ReportView
	for _, r := range desks {
		var all []figurespkg.Figure
		var err error
		if v, all, err = reportFigures(r, rq); err != nil {
			return v, err
		}
		for i := range all {
			for j, e := range all[i].Evidence {
				all[i].Evidence[j] = r.Name + "/" + e
			}
		}
		each = append(each, all)
	}
	v.Desk = "all desks"
	v.take(figurespkg.Together(each...))
	return v, nil
}

func (v *ReportView) take(all []figurespkg.Figure) {
	v.Figures = []FigureView{}
	for _, f := range all {
		v.Figures = append(v.Figures, FigureView{f.Name, f.Label, f.Value, f.Of, f.Unit, f.Note, append([]string{}, f.Evidence...)})
	}
}

// reportFigures are a report's figures, and the report with everything else.
func reportFigures(r *book.Runner, rq ReportRequest) (v ReportView, all []figurespkg.Figure, err error) {
	env := r.Env(rq.Now)
	v = ReportView{Report: rq.Kind, Desk: r.Name}
	if !slices.Contains(ReportKinds(), rq.Kind) {
		return v, nil, desk.Usage("there is no report %q%s; there are %s", rq.Kind, config.DidYouMean(rq.Kind, ReportKinds()), strings.Join(ReportKinds(), ", "))
	}
	since, until, err := reportDays(env, rq)
	if err != nil {
		return v, nil, err
	}
	v.Since, v.Until = since.String(), until.String()
	p := figurespkg.Period{From: since.At(0, 0, env.Zone), To: until.AddDays(1).At(0, 0, env.Zone)}
	var l *figurespkg.Ledger
	err = r.State.View(func(tx *store.Tx) error {
		var err error
		if l, err = Ledger(r, tx, env); err != nil {
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
			v.Explain = append(v.Explain, figurespkg.Formulas()[kind]...)
		}
		return nil
	})
	return v, all, err
}

func figures(kind string, env desk.Env, l *figurespkg.Ledger, p figurespkg.Period) []figurespkg.Figure {
	switch kind {
	case "litmus":
		return figurespkg.Litmus(env, l, p)
	case "lights":
		return figurespkg.LightFigures(env, l, p)
	case "orders":
		return figurespkg.OrderFigures(env, l, p)
	case "clients":
		return figurespkg.ClientFigures(env, l, p)
	case "persistence":
		return figurespkg.Persistence(l, p)
	}
	return figurespkg.Activity(l, p)
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
		from, to := figurespkg.QuarterBefore(today)
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
			return since, until, desk.Usage("%q is no date like 2026-03-02", d.text)
		}
	}
	if until.Before(since) {
		return since, until, desk.Usage("--until %s is before --since %s", until, since)
	}
	return since, until, nil
}

// Ledger gathers the log.
func Ledger(r *book.Runner, tx *store.Tx, env desk.Env) (*figurespkg.Ledger, error) {
	l := &figurespkg.Ledger{Ranks: map[int]string{}, Steps: map[int][]desk.OrderStep{}, Playbooks: map[int]string{}, Waved: func(t desk.Touch) bool { return people.Waved(r, tx, t) }}
	var err error
	if l.Contacts, err = tx.Contacts(); err != nil {
		return nil, err
	}
	l.Histories = make(map[string]*desk.History, len(l.Contacts))
	for _, c := range l.Contacts {
		h, err := tx.History(c)
		if err != nil {
			return nil, err
		}
		if h.Elsewhere {
			h = desk.NewHistory(h.Here())
		}
		l.Histories[c.ID] = h
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
	if l.Placements, err = book.Placements(tx); err != nil {
		return nil, err
	}
	for i := range l.Orders {
		of, err := orders.OrderOf(r, tx, env, &l.Orders[i])
		if err != nil {
			return nil, err
		}
		n := l.Orders[i].Number
		l.Ranks[n], l.Steps[n], l.Playbooks[n] = of.Rank, of.Steps, of.Playbook.Name
	}
	log, err := LightsLog(tx)
	if err != nil {
		return nil, err
	}
	l.Lights = func(at time.Time) []figurespkg.Board {
		then := env
		then.Now = at
		return log.boards(then)
	}
	return l, nil
}
