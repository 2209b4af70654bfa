package book

import (
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// NewCall sets a further call: one that an interview or a sequence asks for, beside the callback that slides. It is put
// into the first free slot from at on.
func (p *Planner) NewCall(c *desk.Contact, rule desk.Rule, cause, reason string, at time.Time) (*desk.Callback, error) {
	d, err := p.Book()
	if err != nil {
		return nil, err
	}
	day := desk.DateOf(at.In(p.Env.Zone))
	cb := &desk.Callback{
		UID: desk.CallUID(p.Env.Desk, c.ID, cause), Contact: c.ID, Due: day, Reason: reason, Rule: rule, Status: desk.CallbackOpen, Created: p.Env.Now.UTC(),
		Modified: p.Env.Now.UTC(), Basis: cause, BasisTime: p.Env.Now.UTC(), Cause: cause,
	}
	was, err := p.Tx.Call(cb.UID)
	if err != nil {
		return nil, err
	}
	if was != nil { // asked for again: the same event
		cb.Sequence, cb.Created = was.Sequence+1, was.Created
	}
	if rule == desk.RuleSequence || rule == desk.RuleLead { // these can wait a day; a late order can't
		cb.Start = d.RoomFrom(p.Env, at)
	} else {
		cb.Start = d.SlotFrom(p.Env, at)
	}
	d.Take(cb)
	return cb, p.Tx.PutCall(cb)
}

// AllCallbacks are the callbacks that slide, and the further calls.
func AllCallbacks(tx *store.Tx) ([]desk.Callback, error) {
	cbs, err := tx.Callbacks()
	if err != nil {
		return nil, err
	}
	calls, err := tx.Calls()
	out := append(cbs, calls...)
	desk.SortCallbacks(out)
	return out, err
}

// Fixed is a further call at an instant of its own.
type Fixed struct {
	Rule          desk.Rule
	Cause, Reason string
	At            time.Time
	Version       int // of the interview that it is about
}

// FixCall sets or moves a further call to an instant, in working hours or not. Rule-made callbacks give way to it.
func (p *Planner) FixCall(cur *desk.Callback, c *desk.Contact, f Fixed) error {
	rule, cause, reason, at, version := f.Rule, f.Cause, f.Reason, f.At, f.Version
	d, err := p.Book()
	if err != nil {
		return err
	}
	next := &desk.Callback{UID: desk.CallUID(p.Env.Desk, c.ID, cause), Contact: c.ID, Created: p.Env.Now.UTC(), Sequence: -1}
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
	next.Due, next.Start, next.Reason, next.Rule, next.Status, next.Cause = desk.DateOf(at.In(p.Env.Zone)), at.UTC(), reason, rule, desk.CallbackOpen, cause
	next.Basis, next.BasisTime, next.Version, next.ByRound = cause, p.Env.Now.UTC(), version, false
	next.Sequence++
	next.Modified = p.Env.Now.UTC()
	d.Take(next)
	if err := p.Tx.PutCall(next); err != nil {
		return err
	}
	open, err := p.Tx.OpenCallbacks()
	if err != nil {
		return err
	}
	return p.Put(d.Displaced(p.Env, next, open))
}

// EndCall closes a further call.
func (p *Planner) EndCall(uid string, status desk.CallbackStatus) error {
	cb, err := p.Tx.Call(uid)
	if err != nil || !cb.Open() {
		return err
	}
	d, err := p.Book()
	if err != nil {
		return err
	}
	return p.Tx.PutCall(desk.Close(p.Env, cb, status, d))
}

// CallsOf are the open further calls with a contact, by slot.
func (p *Planner) CallsOf(c *desk.Contact) ([]desk.Callback, error) {
	all, err := p.Tx.Calls()
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

// SettleCalls applies what came of a call to the contact's further calls: a conversation ends those that it was; no
// answer moves the next one on, and is all that a sequence's step asks for. uid names the one that was spoken of, "" for none.
func (p *Planner) SettleCalls(c *desk.Contact, o desk.Outcome, next desk.Next, uid string) error {
	calls, err := p.CallsOf(c)
	if err != nil {
		return err
	}
	for i := range calls {
		cb := &calls[i]
		mine := cb.UID == uid || uid == "" && desk.FitsCall(p.Env, cb, o)
		switch {
		case !mine:
		case desk.IsConversation(o), o == desk.OutcomeWrongNumber, !next.IsZero(), cb.Rule == desk.RuleSequence && (o == desk.OutcomeNoAnswer || o == desk.OutcomeLeftMessage):
			if err := p.EndCall(cb.UID, desk.CallbackDone); err != nil {
				return err
			}
			if o == desk.OutcomePrepped { // one preparation at a time
				return nil
			}
		case o == desk.OutcomeNoAnswer, o == desk.OutcomeLeftMessage:
			if err := p.MoveCall(cb, p.Env.Now.Add(tryAgain)); err != nil {
				return err
			}
			uid = cb.UID // one only
		}
	}
	return nil
}

// MoveCall puts an open further call into the first free slot from at on, and makes it due then.
func (p *Planner) MoveCall(cb *desk.Callback, at time.Time) error {
	cb.Due = desk.DateOf(at.In(p.Env.Zone))
	return p.RollCall(cb, at)
}

// RollCall puts an open further call into the first free slot from at on. It stays due when it was.
func (p *Planner) RollCall(cb *desk.Callback, at time.Time) error {
	d, err := p.Book()
	if err != nil {
		return err
	}
	d.Release(cb)
	cb.Start = d.SlotFrom(p.Env, at)
	cb.Sequence++
	cb.Modified = p.Env.Now.UTC()
	d.Take(cb)
	return p.Tx.PutCall(cb)
}
