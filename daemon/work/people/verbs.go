package people

import (
	"fmt"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// CallBackOn puts a call to the contact on a day, unless one is due by then.
func (in *Intake) CallBackOn(p *book.Planner, c *desk.Contact, day desk.Date, reason string) (said string, err error) {
	if !c.Callable() {
		return "is not to be called (" + string(c.Status) + "): nothing was done", nil
	}
	ordinal, err := in.Tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	err = p.Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		if cur.Open() && !desk.DateOf(cur.Start.In(in.Env.Zone)).After(day) {
			return cur
		}
		return desk.Move(in.Env, c, desk.Want{
			Due: day, Rule: desk.RuleAgreed, Reason: reason + in.Env.Today().Say(),
			Basis: fmt.Sprintf("cmd:%d", ordinal), BasisTime: in.Env.Now.UTC(), Ordinal: ordinal,
		}, cur, d)
	})
	if err != nil {
		return "", err
	}
	cb, err := in.Tx.Callback(c.ID)
	if err != nil || !cb.Open() {
		return "", err
	}
	return "call on " + desk.SayInstantYear(cb.Start, in.Env.Zone), nil
}
