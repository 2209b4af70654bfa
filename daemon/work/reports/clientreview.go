package reports

import (
	"fmt"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	figurespkg "fifthcall/daemon/desk/figures"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/work/letters"
)

// Each quarter begins with a page for every client: what the last one's orders came to, in the morning mail, and as a letter to who gave the latest.

// causeReview is the kind of cause of those letters.
const causeReview = "review"

// markQuarter is the first day of the quarter whose letters were written last.
const markQuarter = "quarter"

// QuarterBegins reports whether today is a quarter's first working day.
func QuarterBegins(env desk.Env) bool {
	_, first := figurespkg.QuarterBefore(env.Today())
	return env.WorkdayOnOrAfter(first) == env.Today()
}

// LastQuarter are the clients' reviews of the quarter before this one.
func LastQuarter(env desk.Env, l *figurespkg.Ledger) []figurespkg.ClientReview {
	from, to := figurespkg.QuarterBefore(env.Today())
	return figurespkg.ClientReviews(l, figurespkg.Period{From: from.At(0, 0, env.Zone), To: to.At(0, 0, env.Zone)})
}

// reviewDays is how late into a quarter its letters are still written, if the daemon did not run on its first working day.
const reviewDays = 14

// Advance writes the letters as a quarter begins, once.
func Advance(rd *book.Tx) error {
	from, first := figurespkg.QuarterBefore(rd.Env.Today())
	if rd.Env.Today().Before(rd.Env.WorkdayOnOrAfter(first)) || rd.Env.Today().DaysSince(first) > reviewDays {
		return nil
	}
	if done, err := rd.Tx.Mark(markQuarter); done == first.String() || err != nil {
		return err
	}
	if err := rd.Tx.SetMark(markQuarter, first.String()); err != nil {
		return err
	}
	started, err := rd.Tx.Mark(desk.MarkStarted)
	if err != nil {
		return err
	}
	if begun, _ := time.Parse(time.RFC3339, started); desk.DateOf(begun.In(rd.Env.Zone)) == rd.Env.Today() { // the first day sends nothing
		return nil
	}
	l, err := Ledger(rd.R, rd.Tx, rd.Env)
	if err != nil {
		return err
	}
	for _, r := range LastQuarter(rd.Env, l) {
		c, err := rd.Tx.Contact(r.Contact)
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
		if _, err := letters.Write(rd.Writer(), book.LetterRequest{Name: "client-review", Contact: c, Cause: cause, Due: rd.Env.Now, Quarter: q}); err != nil {
			return err
		}
	}
	return nil
}

func meanDays(m figurespkg.Mean) string {
	if m.N == 0 {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", m.Value()), ".0")
}
