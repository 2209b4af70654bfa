package orders

import (
	"strconv"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// AdvanceCalls rolls what was not done yesterday, and ends what an interview no longer asks for.
func AdvanceCalls(rd *book.Tx) error {
	all, err := rd.Tx.Calls()
	if err != nil {
		return err
	}
	today := rd.Env.Today()
	for i := range all {
		cb := &all[i]
		if !cb.Open() {
			continue
		}
		if c, err := rd.Tx.Contact(cb.Contact); err != nil {
			return err
		} else if c == nil || c.Status == desk.StatusDoNotContact {
			if err := endCall(rd, cb); err != nil {
				return err
			}
			continue
		}
		kind, id, _ := desk.ReadCause(cb.Cause)
		if kind == desk.CauseInterview {
			iv, err := rd.Tx.Interview(id)
			if err != nil {
				return err
			}
			over := iv == nil || !iv.Active() || cb.Rule == desk.RulePrep && !rd.Env.Now.Before(iv.Start)
			if !over { // another candidate, or another client
				want := iv.Candidate
				if cb.Rule == desk.RuleDebriefClient {
					want = iv.Client
				}
				w, err := rd.Tx.Contact(want)
				if err != nil {
					return err
				}
				over = w == nil || !w.Is(cb.Contact)
			}
			if over {
				if err := endCall(rd, cb); err != nil {
					return err
				}
				continue
			}
		}
		if kind == desk.CauseOrder { // opening it was taken back
			n, _ := strconv.Atoi(id)
			o, err := rd.Tx.Order(n)
			if err != nil {
				return err
			}
			if o == nil {
				if err := endCall(rd, cb); err != nil {
					return err
				}
				continue
			}
		}
		if done, err := placementCall(rd, cb); done || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if desk.DateOf(cb.Start.In(rd.Env.Zone)).Before(today) && rd.Env.Hours.Workday(today.UTC()) {
			if err := rd.Planner.RollCall(cb, rd.Env.Now); err != nil {
				return err
			}
		}
	}
	return nil
}

// endCall ends a call whose cause is over; if it is asked for again, so is the call.
func endCall(rd *book.Tx, cb *desk.Callback) error {
	return closeByRound(rd, cb, desk.CallbackCancelled)
}

// doneByRound ends a call whose step was done; if that is taken back, the call is asked for again.
func doneByRound(rd *book.Tx, cb *desk.Callback) error {
	return closeByRound(rd, cb, desk.CallbackDone)
}

func closeByRound(rd *book.Tx, cb *desk.Callback, status desk.CallbackStatus) error {
	d, err := rd.Planner.Book()
	if err != nil {
		return err
	}
	next := desk.Close(rd.Env, cb, status, d)
	next.ByRound = true
	return rd.Tx.PutCall(next)
}
