package orders

import (
	"slices"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// leavesProcess notes that a candidate is no longer in process for an order: the one named, the one of the interview, else all that are open when
// they withdrew, or the only one.
func leavesProcess(a *book.Tx, c *desk.Contact, note string, last *desk.Interview, all bool) error {
	_, _, _, number := desk.ReadTold(note)
	if number == 0 && last != nil {
		number = last.Order
	}
	orders, err := a.Tx.Orders()
	if err != nil {
		return err
	}
	var hit []*desk.JobOrder
	for i := range orders {
		o := &orders[i]
		in := slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return c.Is(s.Contact) && s.InProcess() })
		if in && o.Status == desk.OrderOpen && (number == 0 || o.Number == number) {
			hit = append(hit, o)
		}
	}
	if len(hit) > 1 && !all {
		var which []string
		for _, o := range hit {
			which = append(which, o.Describe())
		}
		return desk.Usage("not taken for which? %s: say “not taken for %s”", strings.Join(which, "; "), hit[0].Name())
	}
	for _, o := range hit {
		was := *o
		was.Submittals = slices.Clone(o.Submittals)
		for i := range o.Submittals {
			if c.Is(o.Submittals[i].Contact) {
				o.Submittals[i].Out = a.Env.Now.UTC()
			}
		}
		if err := a.Tx.PutOrder(o); err != nil {
			return err
		}
	}
	return nil
}
