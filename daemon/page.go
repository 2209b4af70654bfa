package daemon

import (
	"context"
	"slices"
	"strconv"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/web"
)

// pageKey is the secret in the address of a desk's page.
func (d *Daemon) pageKey(r *runner) string { return token(d.key, "page", r.name) }

// pageDesk is the desk whose page a key opens, nil for none.
func (d *Daemon) pageDesk(key string) *runner {
	var hit *runner
	for _, r := range d.runners() { // all are compared, so that time tells nothing
		if sameToken(d.pageKey(r), key) {
			hit = r
		}
	}
	return hit
}

// Opens reports whether a key opens a page.
func (s feedSource) Opens(key string) bool { return s.d.pageDesk(key) != nil }

// Say takes words as the recruiter writes them into the page.
func (s feedSource) Say(key, once, text string) (said []string, ok bool, err error) {
	r := s.d.pageDesk(key)
	if r == nil {
		return nil, false, nil
	}
	out, again, err := r.logOnce(context.Background(), "page:"+once, text, s.d.opt.Clock())
	if again {
		return []string{"That was taken before."}, true, nil
	}
	if isUserError(err) {
		return []string{"Nothing was changed: " + err.Error()}, true, nil
	}
	for _, l := range out {
		said = append(said, l.Said)
	}
	return said, true, err
}

// The most of each that a page shows.
const (
	mostNext    = 20
	mostLeads   = 20
	boardSpan   = 6 // months
	mostOnBoard = 300
)

// Page is what a desk's page shows to whoever has its key.
func (s feedSource) Page(key string) (web.Page, bool, error) {
	r := s.d.pageDesk(key)
	if r == nil {
		return web.Page{}, false, nil
	}
	now := s.d.opt.Clock()
	p, err := r.page(now)
	if err == nil && r.current().cfg.Lead {
		p.AgencyHead, p.Agency, err = s.d.agencyTable(now)
	}
	return p, err == nil, err
}

func (r *runner) page(now time.Time) (web.Page, error) {
	zone := r.current().zone
	t, err := r.today(now)
	if err != nil {
		return web.Page{}, err
	}
	all, err := r.callbacks(false)
	if err != nil {
		return web.Page{}, err
	}
	st := r.snapshot()
	p := web.Page{Name: r.name, Date: now.In(zone).Format("Monday, 2 January 2006"), Trouble: t.Trouble, Surplus: t.Surplus, Open: len(all), LastRead: sayInstant(st.lastRead(), zone)}
	for _, cb := range t.Callbacks {
		p.Today = append(p.Today, pageRow(cb))
	}
	for _, cb := range all {
		if cb.Start > t.Date+"T99" && len(p.Next) < mostNext {
			p.Next = append(p.Next, pageRow(cb))
		}
	}
	leads, err := r.leads()
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
			p.Leads = append(p.Leads, web.Row{Day: at.Format("Mon 2 Jan"), Name: orElse(l.Name, l.Contact), Company: l.Company, Phone: l.Phone, Reason: why + ": " + shorten(l.Said, 200)})
		}
	}
	return p, r.state.View(func(tx *store.Tx) error {
		env := r.env(now)
		if err := r.pageOrders(tx, env, &p); err != nil {
			return err
		}
		return r.pageBoard(tx, env, &p)
	})
}

// sayInstant is an instant for people, "" for none.
func sayInstant(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("Mon 2 Jan, 15:04")
}

func pageRow(cb CallbackView) web.Row {
	at, _ := time.Parse(time.RFC3339, cb.Start)
	return web.Row{Time: at.Format("15:04"), Day: at.Format("Mon 2 Jan"), Name: cb.Name, Company: cb.Company, Phone: cb.Phone, Reason: cb.Reason}
}

func (r *runner) pageOrders(tx *store.Tx, env desk.Env, p *web.Page) error {
	orders, err := tx.Orders()
	if err != nil {
		return err
	}
	for i := range orders {
		o := &orders[i]
		if o.Status != desk.OrderOpen {
			continue
		}
		of, err := r.orderOf(tx, env, o)
		if err != nil {
			return err
		}
		line := web.Order{Name: o.Describe(), Rank: of.rank, Why: of.why + "; " + strconv.Itoa(len(o.Submittals)) + " submitted"}
		if s, ok := desk.LateStep(of.steps, env.Now); ok {
			line.Late = "late: " + s.Name + ", due " + s.Due.In(env.Zone).Format("Mon 2 Jan, 15:04")
		}
		p.Orders = append(p.Orders, line)
	}
	return nil
}

// pageBoard is the board of lights: how each company stands this month, red first, and stood as each month before it ended.
func (r *runner) pageBoard(tx *store.Tx, env desk.Env, p *web.Page) error {
	log, err := r.lightsLog(tx)
	if err != nil {
		return err
	}
	var boards []companyLights
	months := []desk.Date{desk.MonthStart(env.Today())}
	for len(months) < boardSpan {
		months = append([]desk.Date{desk.MonthStart(months[0].AddDays(-1))}, months...)
	}
	for _, m := range months {
		then := env
		if end := desk.NextMonth(m).At(0, 0, env.Zone).Add(-time.Second); end.Before(env.Now) {
			then.Now = end
		}
		boards = append(boards, log.at(then))
		p.Months = append(p.Months, m.UTC().Format("Jan"))
	}
	latest := boards[len(boards)-1].byKey
	keys := sortedKeys(latest)
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
			l := b.byKey[k].Light
			if ts := log.touches[k]; i < len(boards)-1 && (len(ts) == 0 || !desk.DateOf(ts[0].Time.In(env.Zone)).Before(months[i+1])) {
				l = "" // not known then
			}
			row.Lights = append(row.Lights, string(l))
		}
		p.Board = append(p.Board, row)
	}
	return nil
}
