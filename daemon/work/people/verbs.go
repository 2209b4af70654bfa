package people

import (
	"fmt"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// CallBackOn puts a call to the contact on a day, unless one is due by then. The reason is told with today's date behind it.
func CallBackOn(a *book.Tx, c *desk.Contact, day desk.Date, reason string) error {
	ordinal, err := a.Tx.NextOrdinal()
	if err != nil {
		return err
	}
	return a.Planner.Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		if cur.Open() && !desk.DateOf(cur.Start.In(a.Env.Zone)).After(day) {
			return cur
		}
		return desk.Move(a.Env, c, desk.Want{
			Due: day, Rule: desk.RuleAgreed, Reason: reason + a.Env.Today().Say(),
			Basis: fmt.Sprintf("cmd:%d", ordinal), BasisTime: a.Env.Now.UTC(), Ordinal: ordinal,
		}, cur, d)
	})
}
