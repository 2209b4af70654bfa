package daemon

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/morning"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/store"
	"fifthcall/daemon/web"
	orderswork "fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/reports"
)

// Opens reports whether a key opens a page.
func (s feedSource) Opens(key string) bool { return s.d.pageDesk(key) != nil }

// The most of each that a page shows.
const (
	mostNext    = 20
	mostLeads   = 20
	boardSpan   = 6 // months
	mostOnBoard = 300
)

func page(r *book.Runner, now time.Time) (web.Page, error) {
	zone := r.Current().Zone
	t, err := morning.Today(r, now)
	if err != nil {
		return web.Page{}, err
	}
	tomorrow := r.Env(now).Today().AddDays(1).At(0, 0, zone)
	next, open, err := view.NextCallbacks(r, tomorrow, mostNext)
	if err != nil {
		return web.Page{}, err
	}
	st := watch.Snapshot(r)
	p := web.Page{Name: r.Name, Date: now.In(zone).Format("Monday, 2 January 2006"), Trouble: t.Trouble, Surplus: t.Surplus, Open: open, LastRead: desk.SayInstant(watch.LastRead(&st), zone)}
	for _, cb := range t.Callbacks {
		p.Today = append(p.Today, pageRow(cb))
	}
	for _, cb := range next {
		p.Next = append(p.Next, pageRow(cb))
	}
	leads, err := view.Leads(r)
	if err != nil {
		return p, err
	}
	for _, l := range leads {
		if l.Spoken == "" && len(p.Leads) < mostLeads {
			at, _ := time.Parse(time.RFC3339, l.Time)
			why := "named"
			if l.NamedBy != "" {
				why += " by " + l.NamedBy
			}
			p.Leads = append(p.Leads, web.Row{Day: desk.DateOf(at).Near(), Name: cmp.Or(l.Name, l.Contact), Company: l.Company, Phone: l.Phone, Reason: why + ": " + desk.Shorten(l.Said, 200)})
		}
	}
	return p, r.State.View(func(tx *store.Tx) error {
		env := r.Env(now)
		if err := pageOrders(r, tx, env, &p); err != nil {
			return err
		}
		return pageBoard(r, tx, env, &p)
	})
}

func pageRow(cb view.CallbackView) web.Row {
	at, _ := time.Parse(time.RFC3339, cb.Start)
	return web.Row{Time: at.Format("15:04"), Day: desk.DateOf(at).Near(), Name: cb.Name, Company: cb.Company, Phone: cb.Phone, Reason: cb.Reason}
}

func pageOrders(r *book.Runner, tx *store.Tx, env desk.Env, p *web.Page) error {
	orders, err := tx.Orders()
	if err != nil {
		return err
	}
	for i := range orders {
		o := &orders[i]
		if o.Status != desk.OrderOpen {
			continue
		}
		of, err := orderswork.OrderOf(r, tx, env, o)
		if err != nil {
			return err
		}
		line := web.Order{Name: o.Describe(), Rank: of.Rank, Why: of.Why + "; " + strconv.Itoa(len(o.Submittals)) + " submitted"}
		if s, ok := desk.LateStep(of.Steps, env.Now); ok {
			line.Late = "late: " + s.Name + ", due " + desk.SayInstant(s.Due, env.Zone)
		}
		p.Orders = append(p.Orders, line)
	}
	return nil
}

// pageBoard is the board of lights: how each company stands this month, red first, and stood as each month before it ended.
func pageBoard(r *book.Runner, tx *store.Tx, env desk.Env, p *web.Page) error {
	log, err := reports.LightsLog(tx)
	if err != nil {
		return err
	}
	var boards []desk.CompanyLights
	months := []desk.Date{desk.MonthStart(env.Today())}
	for len(months) < boardSpan {
		months = append([]desk.Date{desk.MonthStart(months[0].AddDays(-1))}, months...)
	}
	for _, m := range months {
		then := env
		if end := desk.NextMonth(m).At(0, 0, env.Zone).Add(-time.Second); end.Before(env.Now) {
			then.Now = end
		}
		boards = append(boards, log.At(then))
		p.Months = append(p.Months, m.UTC().Format("Jan"))
	}
	latest := boards[len(boards)-1].ByKey
	keys := desk.SortedKeys(latest)
	order := []desk.Light{desk.Red, desk.Amber, desk.Green, desk.Grey}
	slices.SortStableFunc(keys, func(a, b string) int {
		return slices.Index(order, latest[a].Light) - slices.Index(order, latest[b].Light)
	})
	for _, l := range order {
		n := 0
		for _, k := range keys {
			if latest[k].Light == l {
				n++
			}
		}
		p.Counts = append(p.Counts, web.Count{Light: string(l), N: n})
	}
	for _, k := range keys[:min(len(keys), mostOnBoard)] {
		row := web.Company{Name: latest[k].Name, Why: latest[k].Why}
		for i, b := range boards {
			l := b.ByKey[k].Light
			if i < len(boards)-1 && !log.KnownBefore(k, months[i+1].At(0, 0, env.Zone)) {
				l = "" // not known then
			}
			row.Lights = append(row.Lights, string(l))
		}
		p.Board = append(p.Board, row)
	}
	return nil
}
