package orders

import (
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Calls that care for placements merge: a client with several isn't called twice within a week.

// careCall sets a call to a client about a placement, or adds its question to one within five working days. may tells on which days it can lie.
func careCall(p *book.Planner, c *desk.Contact, cause, reason string, at time.Time, may func(desk.Date) bool) error {
	calls, err := p.CallsOf(c)
	if err != nil {
		return err
	}
	day := desk.DateOf(at.In(p.Env.Zone))
	for i := range calls {
		cb := &calls[i]
		on := desk.DateOf(cb.Start.In(p.Env.Zone))
		if kind, _, _ := desk.ReadCause(cb.Cause); kind != desk.CausePlacement || !p.Env.CareMerges(on, day) {
			continue
		}
		if !may(on) { // then both on the later day, if that suits the others
			ok, err := othersMay(p, cb, day)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if err := p.MoveCall(cb, at); err != nil {
				return err
			}
		}
		if len(cb.Parts) == 0 {
			cb.Parts = []desk.CallPart{{Cause: cb.Cause, Reason: cb.Reason}}
		}
		cb.Parts = append(slices.Clone(cb.Parts), desk.CallPart{Cause: cause, Reason: reason})
		return putParts(p, cb)
	}
	_, err = p.NewCall(c, desk.RuleSequence, cause, reason, at)
	return err
}

// othersMay reports whether everybody whom a call is about may be asked about on a day.
func othersMay(p *book.Planner, cb *desk.Callback, day desk.Date) (bool, error) {
	for _, part := range append([]desk.CallPart{{Cause: cb.Cause}}, cb.Parts...) {
		_, id, step := desk.ReadCause(part.Cause)
		of, err := store.Placements.Get(p.Tx, id)
		if err != nil || of == nil || !strings.HasPrefix(step, "client-") || !of.MayCare(day) {
			return false, err
		}
	}
	return true, nil
}

// putParts stores a call whose parts have changed.
func putParts(p *book.Planner, cb *desk.Callback) error {
	var reasons []string
	for _, part := range cb.Parts {
		reasons = append(reasons, part.Reason)
	}
	cb.Reason, cb.Cause = strings.Join(reasons, " And "), cb.Parts[0].Cause
	cb.Sequence++
	cb.Modified = p.Env.Now.UTC()
	return p.Tx.PutCall(cb)
}

// EndCare ends the calls about a placement; of those that are about others, too, only its part.
func EndCare(p *book.Planner, id string) error {
	calls, err := p.Tx.Calls()
	if err != nil {
		return err
	}
	about := func(cause string) bool {
		kind, of, _ := desk.ReadCause(cause)
		return kind == desk.CausePlacement && of == id
	}
	for i := range calls {
		cb := &calls[i]
		left := slices.DeleteFunc(slices.Clone(cb.Parts), func(part desk.CallPart) bool { return about(part.Cause) })
		switch {
		case !cb.Open():
		case len(left) > 0 && len(left) < len(cb.Parts):
			cb.Parts = left
			err = putParts(p, cb)
		case about(cb.Cause) && len(left) == 0:
			err = p.EndCall(cb.UID, desk.CallbackCancelled)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// placementCall ends calls up to the first day once that has come, and keeps those to a client out of the last ten days of a guarantee. done is
// true where nothing else is to be done with the call.
func placementCall(rd *book.Tx, cb *desk.Callback) (done bool, err error) {
	kind, id, step := desk.ReadCause(cb.Cause)
	if kind != desk.CausePlacement {
		return false, nil
	}
	p, err := store.Placements.Get(rd.Tx, id)
	if p == nil || err != nil {
		return false, err
	}
	switch today := rd.Env.Today(); {
	case strings.HasPrefix(step, "start-") && !today.Before(p.Start):
		return true, endCall(rd, cb)
	case strings.HasPrefix(step, "client-") && !p.MayCare(today) && !desk.DateOf(cb.Start.In(rd.Env.Zone)).After(today):
		return true, rd.Planner.RollCall(cb, rd.Env.WorkdayOnOrAfter(p.GuaranteeEnd().AddDays(1)).At(9, 0, rd.Env.Zone))
	}
	return false, nil
}
