package reports

import (
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	figurespkg "fifthcall/daemon/desk/figures"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
)

// Share brings what others may know up to date, and gives it to fn.
func Share(r *book.Runner, now time.Time, fn func(s *book.Shared)) error {
	r.Shared.Mu.Lock()
	defer r.Shared.Mu.Unlock()
	version, err := r.CollectionVersion(now)
	if err != nil {
		return err
	}
	if s := &r.Shared; s.Version != version {
		if err := r.State.View(func(tx *store.Tx) error { return gatherShared(r, tx, r.Env(now), s) }); err != nil {
			return err
		}
		s.Version = version
	}
	fn(&r.Shared)
	return nil
}

func gatherShared(r *book.Runner, tx *store.Tx, env desk.Env, s *book.Shared) error {
	l, err := Ledger(r, tx, env)
	if err != nil {
		return err
	}
	s.Figures, s.Red, s.Late = map[string]float64{}, nil, 0
	p := figurespkg.Period{From: desk.MonthStart(env.Today()).At(0, 0, env.Zone), To: env.Today().AddDays(1).At(0, 0, env.Zone)}
	for _, f := range append(figurespkg.Activity(l, p), figurespkg.OrderFigures(env, l, p)...) {
		s.Figures[f.Name] = f.Value
	}
	for _, b := range l.Lights(env.Now) {
		if b.Light == desk.Red {
			s.Red = append(s.Red, b.Company)
		}
	}
	for i := range l.Orders {
		if l.Orders[i].Status != desk.OrderOpen {
			continue
		}
		of, err := orders.OrderOf(r, tx, env, &l.Orders[i])
		if err != nil {
			return err
		}
		if _, late := desk.LateStep(of.Steps, env.Now); late {
			s.Late++
		}
	}
	return nil
}
