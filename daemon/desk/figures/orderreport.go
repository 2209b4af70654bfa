package figures

import (
	"maps"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
)

// OrderFigures measures the orders opened in a period.
func OrderFigures(env desk.Env, l *Ledger, p Period) []Figure {
	open, covered := Figure{Name: "open", Label: "open orders"}, Figure{Name: "coverage", Label: "open orders with a submittal"}
	submit, fill := Figure{Name: "time_to_submit", Label: "landed to first submittal, on average", Unit: "days"}, Figure{Name: "time_to_fill", Label: "landed to placed, on average", Unit: "days"}
	filled := map[string]*Figure{}
	ranks := []string{"A", "B", "C"}
	for _, r := range ranks {
		filled[r] = &Figure{Name: "filled_" + r, Label: "orders of rank " + r + " that were filled"}
	}
	playbooks := map[string]*Figure{}
	submittals, placed := 0.0, 0.0
	days := func(d time.Duration) float64 { return d.Hours() / 24 }
	for i := range l.Orders {
		o := &l.Orders[i]
		if o.Status == desk.OrderOpen {
			open.add(o.Name())
			if len(o.Submittals) > 0 {
				covered.add(o.Name())
			}
		}
		for _, s := range o.Submittals {
			if p.Has(s.Time) {
				submittals++
			}
		}
		if len(o.Submittals) > 0 {
			first := slices.MinFunc(o.Submittals, func(a, b desk.Submittal) int { return a.Time.Compare(b.Time) })
			if p.Has(first.Time) {
				submit.Value += days(first.Time.Sub(o.Opened))
				submit.Evidence = append(submit.Evidence, o.Name())
			}
		}
		if o.Status == desk.OrderFilled && p.Has(o.Closed) {
			fill.Value += days(o.Closed.Sub(o.Opened))
			fill.Evidence = append(fill.Evidence, o.Name())
		}
		if !p.Has(o.Opened) {
			continue
		}
		name := desk.OrWord(l.Playbooks[o.Number], desk.DefaultPlaybook)
		if playbooks[name] == nil {
			playbooks[name] = &Figure{Name: "filled_by_" + name, Label: "orders of the playbook " + name + " that were filled"}
		}
		for _, f := range []*Figure{filled[desk.OrWord(l.Ranks[o.Number], "C")], playbooks[name]} {
			f.Of++
			if o.Status == desk.OrderFilled {
				f.add(o.Name())
			}
		}
	}
	for i := range l.Placements {
		if x := &l.Placements[i]; p.Has(x.Agreed) && x.Came() {
			placed++
		}
	}
	covered.Of = open.Value
	for _, f := range []*Figure{&submit, &fill} {
		*f = f.average(f.Value, float64(len(f.Evidence)))
	}
	sendOuts := 0.0
	var ids []string
	for _, iv := range l.firstInterviews() {
		if p.Has(iv.Start) && !iv.Start.After(env.Now) {
			sendOuts++
			ids = append(ids, iv.ID)
		}
	}
	out := []Figure{open, covered, submit, fill,
		Figure{Name: "submittals_per_interview", Label: "submittals for each send-out", Evidence: ids}.average(submittals, sendOuts),
		Figure{Name: "send_outs_per_placement", Label: "send-outs for each placement", Evidence: ids}.average(sendOuts, placed),
	}
	for _, r := range ranks {
		out = append(out, *filled[r])
	}
	for _, name := range slices.Sorted(maps.Keys(playbooks)) {
		out = append(out, *playbooks[name])
	}
	return append(out, placementFigures(env, l, p)...)
}

// placementFigures tell what was placed and earned, what would go back if everybody left today, and how much came from clients of before.
func placementFigures(env desk.Env, l *Ledger, p Period) []Figure {
	placed := Figure{Name: "placements", Label: "placements agreed"}
	fees := Figure{Name: "fees", Label: "fees of those who began", Unit: "money"}
	risk := Figure{Name: "fee_at_risk", Label: "fees that would go back if everybody left today", Unit: "money"}
	repeat := Figure{Name: "repeat_fees", Label: "fees from clients of before", Unit: "money"}
	seen := map[string]bool{}
	for i := range l.Placements {
		x := &l.Placements[i]
		if !x.Came() {
			continue
		}
		if p.Has(x.Agreed) {
			placed.add(x.ID)
		}
		client := desk.OrWord(strings.ToLower(x.Company), x.Client)
		if began := x.Start.At(9, 0, env.Zone); p.Has(began) && !began.After(env.Now) {
			fees.Value += x.Fee
			fees.Evidence = append(fees.Evidence, x.ID)
			if seen[client] {
				repeat.Value += x.Fee
				repeat.Evidence = append(repeat.Evidence, x.ID)
			}
		}
		seen[client] = seen[client] || client != ""
		if r := x.AtRisk(env.Today()); r > 0 {
			risk.Value += r
			risk.Evidence = append(risk.Evidence, x.ID)
		}
	}
	repeat.Of = fees.Value
	return []Figure{placed, fees, repeat, risk}
}

func share(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
