package desk

import "testing"

// TestGuarantee: the rebate slides by days, is void with an overdue invoice, and the client is not called in the guarantee's last ten days.
func TestGuarantee(t *testing.T) {
	p := Placement{Start: Date{2026, 5, 1}, Fee: 10_000, Payment: 14, Guarantee: []RebateStep{{30, 100}, {60, 50}, {90, 25}}, Paid: true}
	for day, want := range map[int]float64{-1: 0, 0: 10_000, 29: 10_000, 30: 5000, 59: 5000, 60: 2500, 89: 2500, 90: 0, 200: 0} {
		if got := p.AtRisk(p.Start.AddDays(day)); got != want {
			t.Errorf("day %d: %v, want %v", day, got, want)
		}
	}
	p.Paid = false
	if p.AtRisk(p.Start.AddDays(14)) != 10_000 || p.AtRisk(p.Start.AddDays(15)) != 0 {
		t.Error("an overdue invoice voids it")
	}
	env := Env{Hours: officeHours{}}
	for _, steps := range [][]RebateStep{{{30, 100}, {60, 50}, {90, 25}}, {{35, 100}}, {{7, 100}}, nil} {
		p.Guarantee = steps
		for _, d := range p.ClientCare(env) {
			if len(steps) > 0 && !d.Before(p.GuaranteeEnd().AddDays(-10)) && d.Before(p.GuaranteeEnd()) {
				t.Errorf("%v: called on %s, the guarantee ends on %s", steps, d, p.GuaranteeEnd())
			}
		}
	}
}

func TestParseMoney(t *testing.T) {
	for s, want := range map[string]float64{"fee £15,000": 15000, "15k": 15000, "12.5k": 12500, "15.000 €": 15000, "salary 75000": 75000} {
		if got, ok := ParseMoney(s); !ok || got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
	if _, ok := ParseMoney("none"); ok {
		t.Error("no sum")
	}
}
