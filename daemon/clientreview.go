package daemon

import (
	"fmt"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
)

// Each quarter begins with a page for every client: what the last one's orders came to, in the morning mail, and as a letter to who gave the latest.

// causeReview is the kind of cause of those letters.
const causeReview = "review"

// markQuarter is the first day of the quarter whose letters were written last.
const markQuarter = "quarter"

// quarterBegins reports whether today is a quarter's first working day.
func quarterBegins(env desk.Env) bool {
	_, first := desk.QuarterBefore(env.Today())
	return env.WorkdayOnOrAfter(first) == env.Today()
}

// lastQuarter are the clients' reviews of the quarter before this one.
func lastQuarter(env desk.Env, l *desk.Ledger) []desk.ClientReview {
	from, to := desk.QuarterBefore(env.Today())
	return desk.ClientReviews(l, desk.Period{From: from.At(0, 0, env.Zone), To: to.At(0, 0, env.Zone)})
}

// reviewDays is how late into a quarter its letters are still written, if the daemon did not run on its first working day.
const reviewDays = 14

// clientReviews writes the letters as a quarter begins, once.
func (rd *round) clientReviews() error {
	from, first := desk.QuarterBefore(rd.env.Today())
	if rd.env.Today().Before(rd.env.WorkdayOnOrAfter(first)) || rd.env.Today().DaysSince(first) > reviewDays {
		return nil
	}
	if done, err := rd.tx.Mark(markQuarter); done == first.String() || err != nil {
		return err
	}
	if err := rd.tx.SetMark(markQuarter, first.String()); err != nil {
		return err
	}
	started, err := rd.tx.Mark(markStarted)
	if err != nil {
		return err
	}
	if begun, _ := time.Parse(time.RFC3339, started); desk.DateOf(begun.In(rd.env.Zone)) == rd.env.Today() { // the first day sends nothing
		return nil
	}
	l, err := rd.r.ledger(rd.tx, rd.env)
	if err != nil {
		return err
	}
	for _, r := range lastQuarter(rd.env, l) {
		c, err := rd.tx.Contact(r.Contact)
		if err != nil {
			return err
		}
		if c == nil || !c.Callable() || len(r.Filled)+r.Submittals == 0 { // a page on which nothing happened shames both
			continue
		}
		q := letter.Quarter{
			From: from.UTC(), To: first.AddDays(-1).UTC(), Orders: len(r.Orders), Filled: len(r.Filled), Submittals: r.Submittals,
			ToSubmit: meanDays(r.Submit), ToFeedback: meanDays(r.Feedback), ToFill: meanDays(r.Fill),
		}
		cause := desk.CauseOf(causeReview, desk.ShortHash(r.Key), first.String())
		if _, err := rd.w.write(letterRequest{name: "client-review", contact: c, cause: cause, due: rd.env.Now, quarter: q}); err != nil {
			return err
		}
	}
	return nil
}

func meanDays(m desk.Mean) string {
	if m.N == 0 {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", m.Value()), ".0")
}
