package figures

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
)

// ClientReview is what a client's orders of a period came to: one page of figures. Days are averages over what happened, zero where nothing did.
type ClientReview struct {
	Key, Company string
	Contact      string   // ID of who gave the latest order
	Orders       []string // names of those that landed in the period
	Filled       []string
	Submittals   int
	Submit       Mean // days from landing to the first submittal
	Feedback     Mean // days from that to the client's word on it
	Fill         Mean // days from landing to an accepted offer
}

// Mean is an average, and of how many.
type Mean struct {
	Sum float64
	N   int
}

// Add takes a span into account.
func (m *Mean) Add(d time.Duration) { m.Sum, m.N = m.Sum+d.Hours()/24, m.N+1 }

// Value is the average, zero of nothing.
func (m Mean) Value() float64 { return share(m.Sum, float64(m.N)) }

// ClientReviews are those of all clients with an order that landed in the period, by name.
func ClientReviews(l *Ledger, p Period) []ClientReview {
	byKey := map[string]*ClientReview{}
	for i := range l.Orders {
		o := &l.Orders[i]
		key := desk.OrWord(desk.FoldCompany(o.Company), o.Contact)
		if !p.Has(o.Opened) || key == "" || o.Status == desk.OrderClosed && elsewhere(o.Reason) {
			continue
		}
		r := byKey[key]
		if r == nil {
			r = &ClientReview{Key: key, Company: o.Company}
			byKey[key] = r
		}
		if r.Company == "" {
			r.Company = l.nameOf(o.Contact)
		}
		r.Contact = desk.OrWord(o.Contact, r.Contact)
		r.Orders = append(r.Orders, o.Name())
		r.Submittals += len(o.Submittals)
		done := map[string]time.Time{}
		for _, s := range l.Steps[o.Number] {
			done[s.Name] = s.Done
		}
		if at := done[desk.StepSubmitted]; !at.IsZero() {
			r.Submit.Add(at.Sub(o.Opened))
			if back := done[desk.StepFeedback]; back.After(at) {
				r.Feedback.Add(back.Sub(at))
			}
		}
		if o.Status == desk.OrderFilled {
			r.Filled = append(r.Filled, o.Name())
			r.Fill.Add(o.Closed.Sub(o.Opened))
		}
	}
	var out []ClientReview
	for _, r := range byKey {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b ClientReview) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// The reasons of orders that another desk has.
const (
	ReasonHandedOver = "handed over to "
	ReasonTakenBack  = "taken back by "
)

func elsewhere(reason string) bool {
	return strings.HasPrefix(reason, ReasonHandedOver) || strings.HasPrefix(reason, ReasonTakenBack)
}

func (l *Ledger) nameOf(contact string) string {
	for _, c := range l.Contacts {
		if c.Is(contact) {
			return c.DisplayName()
		}
	}
	return contact
}

// Line is the review in a line.
func (r *ClientReview) Line() string {
	orders := "1 order"
	if n := len(r.Orders); n != 1 {
		orders = fmt.Sprintf("%d orders", n)
	}
	s := fmt.Sprintf("%s: %s, %d filled, %d submitted", r.Company, orders, len(r.Filled), r.Submittals)
	for _, m := range []struct {
		label string
		mean  Mean
	}{{"days to submit", r.Submit}, {"days to feedback", r.Feedback}, {"days to fill", r.Fill}} {
		if m.mean.N > 0 {
			s += fmt.Sprintf(", %.1f %s", m.mean.Value(), m.label)
		}
	}
	return s
}

// silentAfter is for how long a client that was served once may say nothing before it counts as silent.
const silentAfter = 180 * 24 * time.Hour

// ClientFigures are the reviews as figures, and how faithful clients are: the share of fees from those of before, and those served once and silent since.
func ClientFigures(env desk.Env, l *Ledger, p Period) []Figure {
	var out []Figure
	for _, r := range ClientReviews(l, p) {
		n := float64(len(r.Orders))
		out = append(out,
			Figure{Name: r.Key + "_orders", Label: r.Company + ": orders", Value: n, Evidence: r.Orders},
			Figure{Name: r.Key + "_filled", Label: r.Company + ": filled", Value: float64(len(r.Filled)), Of: n, Evidence: r.Filled},
			Figure{Name: r.Key + "_submit", Label: r.Company + ": landed to first submittal, on average", Unit: "days", Evidence: r.Orders}.average(r.Submit.Sum, float64(r.Submit.N)),
			Figure{Name: r.Key + "_feedback", Label: r.Company + ": submittal to feedback, on average", Unit: "days", Evidence: r.Orders}.average(r.Feedback.Sum, float64(r.Feedback.N)),
			Figure{Name: r.Key + "_fill", Label: r.Company + ": landed to placed, on average", Unit: "days", Evidence: r.Filled}.average(r.Fill.Sum, float64(r.Fill.N)),
		)
	}
	for _, f := range placementFigures(env, l, p) {
		if f.Name == "repeat_fees" {
			out = append(out, f)
		}
	}
	return append(out, l.silent(env))
}

// silent are the clients with one placement and no order or conversation within the last half year.
func (l *Ledger) silent(env desk.Env) Figure {
	f := Figure{Name: "placed_once_silent", Label: "clients placed once and silent since"}
	placed := map[string][]*desk.Placement{}
	for i := range l.Placements {
		x := &l.Placements[i]
		if key := desk.OrWord(strings.ToLower(x.Company), x.Client); key != "" {
			placed[key] = append(placed[key], x)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(placed)) {
		all := placed[key]
		f.Of++
		if len(all) > 1 || env.Now.Sub(all[0].Agreed) < silentAfter {
			continue
		}
		last := all[0].Agreed
		for i := range l.Orders {
			if o := &l.Orders[i]; strings.EqualFold(desk.OrWord(o.Company, o.Contact), key) && o.Opened.After(last) {
				last = o.Opened
			}
		}
		for _, c := range l.Contacts {
			if c.Is(all[0].Client) || c.IsTarget() && c.Company != "" && strings.EqualFold(c.Company, key) {
				if spoke := l.Of(c).LastSpoke; spoke.After(last) {
					last = spoke
				}
			}
		}
		if env.Now.Sub(last) >= silentAfter {
			f.add(desk.OrWord(all[0].Company, l.nameOf(all[0].Client)))
		}
	}
	return f
}

// QuarterBefore is the quarter of the year before a day's: its first day, and the first behind it.
func QuarterBefore(d desk.Date) (from, to desk.Date) {
	to = desk.Date{Year: d.Year, Month: (d.Month-1)/3*3 + 1, Day: 1}
	from = to
	for range 3 {
		from = desk.MonthStart(from.AddDays(-1))
	}
	return from, to
}
