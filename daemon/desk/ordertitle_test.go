package desk

import (
	"testing"
	"time"
)

// TestOrderTitles: what a client pays is no part of a title, which stands in candidates' letters.
func TestOrderTitles(t *testing.T) {
	for text, want := range map[string][2]string{
		"Accountant; fee 25% terms signed, interviews next week": {"Accountant", ""},
		"Senior Go developer @ Acme, 2 openings, A":              {"Senior Go developer", "Acme"},
		"Welder fee 20%":                            {"Welder", ""},
		"Head of Finance - salary 90k":              {"Head of Finance", ""},
		"Nurse at Globex £35k exclusive":            {"Nurse", "Globex"},
		"Data engineer 80k-95k, remote":             {"Data engineer", ""},
		"Buchhalter (m/w/d) Honorar 25 %":           {"Buchhalter (m/w/d)", ""},
		"Site manager retained":                     {"Site manager", ""},
		"Interview coordinator":                     {"Interview coordinator", ""},
		"C# developer @ Hooli terms signed":         {"C# developer", "Hooli"},
		"VP Sales – confidential replacement":       {"VP Sales", ""},
		"Fee earner":                                {"Fee earner", ""},
		"Pay and benefits manager @ Initech":        {"Pay and benefits manager", "Initech"},
		"2nd line support engineer, start in April": {"2nd line support engineer", ""},
	} {
		o := NewJobOrder(text, time.Time{})
		if o.Title != want[0] || o.Company != want[1] {
			t.Errorf("%q: %q @ %q, want %q @ %q", text, o.Title, o.Company, want[0], want[1])
		}
	}
}
