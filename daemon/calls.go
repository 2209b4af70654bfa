package daemon

import (
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

func companyDomain(addr string) string {
	return mailbox.CompanyDomain(addr)
}

// newCall sets a further call: one that an interview or a sequence asks for, beside the callback that slides. It is put
// into the first free slot from at on.
func (p *planner) newCall(c *desk.Contact, rule desk.Rule, cause, reason string, at time.Time) (*desk.Callback, error) {
	d, err := p.book()
	if err != nil {
		return nil, err
	}
	day := desk.DateOf(at.In(p.env.Zone))
	cb := &desk.Callback{
		UID: desk.CallUID(p.env.Desk, c.ID, cause), Contact: c.ID, Due: day, Reason: reason, Rule: rule, Status: desk.CallbackOpen, Created: p.env.Now.UTC(),
		Modified: p.env.Now.UTC(), Basis: cause, BasisTime: p.env.Now.UTC(), Cause: cause,
	}
	was, err := p.tx.Call(cb.UID)
	if err != nil {
		return nil, err
	}
	if was != nil { // asked for again: the same event
		p.rememberCall(was)
		cb.Sequence, cb.Created = was.Sequence+1, was.Created
	} else {
		p.callsWas[cb.UID] = nil
	}
	if rule == desk.RuleSequence || rule == desk.RuleLead { // these can wait a day; a late order can't
		cb.Start = d.RoomFrom(p.env, at)
	} else {
		cb.Start = d.SlotFrom(p.env, at)
	}
	d.Take(cb)
	return cb, p.tx.PutCall(cb)
}

// rememberCall keeps a further call as it was before the planner's first change of it.
func (p *planner) rememberCall(cb *desk.Callback) {
	if _, known := p.callsWas[cb.UID]; !known {
		was := *cb
		p.callsWas[cb.UID] = &was
	}
}

// callsChanged are the further calls that the planner changed, before and after.
func (p *planner) callsChanged() ([]movedCall, error) {
	var out []movedCall
	for _, uid := range sortedKeys(p.callsWas) {
		left, err := p.tx.Call(uid)
		if err != nil {
			return nil, err
		}
		if left != nil {
			out = append(out, movedCall{p.callsWas[uid], *left})
		}
	}
	return out, nil
}

// allCallbacks are the callbacks that slide, and the further calls.
func allCallbacks(tx *store.Tx) ([]desk.Callback, error) {
	cbs, err := tx.Callbacks()
	if err != nil {
		return nil, err
	}
	calls, err := tx.Calls()
	out := append(cbs, calls...)
	desk.SortCallbacks(out)
	return out, err
}

// fixCall sets or moves a further call to an instant, in working hours or not. Rule-made callbacks give way to it.
func (p *planner) fixCall(cur *desk.Callback, c *desk.Contact, rule desk.Rule, cause, reason string, at time.Time, version int) error {
	d, err := p.book()
	if err != nil {
		return err
	}
	next := &desk.Callback{UID: desk.CallUID(p.env.Desk, c.ID, cause), Contact: c.ID, Created: p.env.Now.UTC(), Sequence: -1}
	if cur != nil {
		if cur.Open() && cur.Start.Equal(at) && cur.Reason == reason && cur.Version == version {
			return nil
		}
		if cur.Open() {
			d.Release(cur)
		}
		was := *cur
		next = &was
	}
	next.Due, next.Start, next.Reason, next.Rule, next.Status, next.Cause = desk.DateOf(at.In(p.env.Zone)), at.UTC(), reason, rule, desk.CallbackOpen, cause
	next.Basis, next.BasisTime, next.Version, next.ByRound = cause, p.env.Now.UTC(), version, false
	next.Sequence++
	next.Modified = p.env.Now.UTC()
	d.Take(next)
	if err := p.tx.PutCall(next); err != nil {
		return err
	}
	all, err := p.tx.Callbacks()
	if err != nil {
		return err
	}
	return p.put(d.Displaced(p.env, next, all))
}

// endCall closes a further call.
func (p *planner) endCall(uid string, status desk.CallbackStatus) error {
	cb, err := p.tx.Call(uid)
	if err != nil || !cb.Open() {
		return err
	}
	d, err := p.book()
	if err != nil {
		return err
	}
	p.rememberCall(cb)
	return p.tx.PutCall(desk.Close(p.env, cb, status, d))
}

// callsOf are the open further calls with a contact, by slot.
func (p *planner) callsOf(c *desk.Contact) ([]desk.Callback, error) {
	all, err := p.tx.Calls()
	var out []desk.Callback
	for _, cb := range all {
		if cb.Open() && c.Is(cb.Contact) {
			out = append(out, cb)
		}
	}
	return out, err
}

// tryAgain is after what time a prep or debrief call that wasn't answered is tried again.
const tryAgain = 2 * time.Hour

// settleCalls applies what came of a call to the contact's further calls: a conversation ends those that it was; no
// answer moves the next one on, and is all that a sequence's step asks for. uid names the one that was spoken of, "" for none.
func (p *planner) settleCalls(c *desk.Contact, o desk.Outcome, next desk.Next, uid string) error {
	calls, err := p.callsOf(c)
	if err != nil {
		return err
	}
	for i := range calls {
		cb := &calls[i]
		mine := cb.UID == uid || uid == "" && desk.FitsCall(p.env, cb, o)
		switch {
		case !mine:
		case desk.IsConversation(o), o == desk.OutcomeWrongNumber, !next.IsZero(), cb.Rule == desk.RuleSequence && (o == desk.OutcomeNoAnswer || o == desk.OutcomeLeftMessage):
			if err := p.endCall(cb.UID, desk.CallbackDone); err != nil {
				return err
			}
			if o == desk.OutcomePrepped { // one preparation at a time
				return nil
			}
		case o == desk.OutcomeNoAnswer, o == desk.OutcomeLeftMessage:
			if err := p.moveCall(cb, p.env.Now.Add(tryAgain)); err != nil {
				return err
			}
			uid = cb.UID // one only
		}
	}
	return nil
}

// moveCall puts an open further call into the first free slot from at on, and makes it due then.
func (p *planner) moveCall(cb *desk.Callback, at time.Time) error {
	cb.Due = desk.DateOf(at.In(p.env.Zone))
	return p.rollCall(cb, at)
}

// rollCall puts an open further call into the first free slot from at on. It stays due when it was.
func (p *planner) rollCall(cb *desk.Callback, at time.Time) error {
	d, err := p.book()
	if err != nil {
		return err
	}
	p.rememberCall(cb)
	d.Release(cb)
	cb.Start = d.SlotFrom(p.env, at)
	cb.Sequence++
	cb.Modified = p.env.Now.UTC()
	d.Take(cb)
	return p.tx.PutCall(cb)
}

// calls rolls what was not done yesterday, and ends what an interview no longer asks for.
func (rd *round) calls() error {
	all, err := rd.tx.Calls()
	if err != nil {
		return err
	}
	today := rd.env.Today()
	for i := range all {
		cb := &all[i]
		if !cb.Open() {
			continue
		}
		if c, err := rd.tx.Contact(cb.Contact); err != nil {
			return err
		} else if c == nil || c.Status == desk.StatusDoNotContact {
			if err := rd.endCall(cb); err != nil {
				return err
			}
			continue
		}
		kind, id, _ := desk.ReadCause(cb.Cause)
		if kind == desk.CauseInterview {
			iv, err := rd.tx.Interview(id)
			if err != nil {
				return err
			}
			over := iv == nil || !iv.Active() || cb.Rule == desk.RulePrep && !rd.env.Now.Before(iv.Start)
			if !over { // another candidate, or another client
				want := iv.Candidate
				if cb.Rule == desk.RuleDebriefClient {
					want = iv.Client
				}
				w, err := rd.tx.Contact(want)
				if err != nil {
					return err
				}
				over = w == nil || !w.Is(cb.Contact)
			}
			if over {
				if err := rd.endCall(cb); err != nil {
					return err
				}
				continue
			}
		}
		if done, err := rd.placementCall(cb); done || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if desk.DateOf(cb.Start.In(rd.env.Zone)).Before(today) && rd.env.Hours.Workday(today.UTC()) {
			if err := rd.planner.rollCall(cb, rd.env.Now); err != nil {
				return err
			}
		}
	}
	return nil
}

// endCall ends a call whose cause is over; if it is asked for again, so is the call.
func (rd *round) endCall(cb *desk.Callback) error {
	d, err := rd.planner.book()
	if err != nil {
		return err
	}
	next := desk.Close(rd.env, cb, desk.CallbackCancelled, d)
	next.ByRound = true
	return rd.tx.PutCall(next)
}

// callQuestions is what to ask in a further call (DOMAIN.md, section 3).
func callQuestions(r desk.Rule) []string {
	switch r {
	case desk.RulePrep:
		return []string{"Before the interview: do they have the letter? Go through who, where, what; two-minute summary; questions to ask.", "Pre-close: if they offered, would you take it? What would stop you? Any other processes?"}
	case desk.RuleDebrief:
		return []string{"What happened, and what were you asked?", "Do you want it? On what terms, and from when?", "Doubts? Other processes? What if your employer makes a counter-offer?", "How was it left?"}
	case desk.RuleDebriefClient:
		return []string{"Strengths, doubts?", "Was pay discussed? Who else is in the running?", "Next step, decision date, start date?", "Other openings?"}
	}
	return nil
}

// callTitle is how a call is named in calendars and lists.
func callTitle(cb *desk.Callback, c *desk.Contact) string { return callKind(cb) + c.DisplayName() }

// callKind is what stands before the name.
func callKind(cb *desk.Callback) string {
	what := "Call "
	switch cb.Rule {
	case desk.RulePrep:
		what = "Prep call: "
	case desk.RuleDebrief:
		what = "Debrief: "
	case desk.RuleDebriefClient:
		what = "Debrief with client: "
	case desk.RuleLead:
		what = "Call lead "
	}
	return what
}
