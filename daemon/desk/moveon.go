package desk

// Owed is somebody to whom calls are owed, with what the rules look at.
type Owed struct {
	Contact  *Contact
	Touches  []Touch
	Standing Standing
}

// Ended is how a call ended without a conversation.
type Ended struct {
	Status  CallbackStatus
	Basis   string
	Ordinal uint64
}

// MoveOn is what becomes of a callback that ends without a conversation: a decision maker's
// moves on by the rules, anybody else's is closed with the given status. basis names what
// ended it, ordinal its place in the log.
func MoveOn(env Env, who Owed, cur *Callback, end Ended, diary *Diary) *Callback {
	c, status, basis, ordinal := who.Contact, end.Status, end.Basis, end.Ordinal
	if !c.OwesCycle() {
		if !cur.Open() {
			return cur
		}
		next := Close(env, cur, status, diary)
		next.Basis, next.BasisTime, next.Ordinal = basis, env.Now.UTC(), ordinal
		return next
	}
	w, _ := Wanted(env, c, who.Touches, who.Standing)
	if !w.Due.After(env.Today()) || cur.Open() && cur.Basis == w.Basis && w.Spread.IsZero() && !w.Due.After(DateOf(cur.Start.In(env.Zone))) {
		w.Spread = env.AddWorkdays(env.Today(), env.Settings.SpreadDays)
		w.Due, w.Rule = w.Spread, RuleSpread
		w.Agreed = Next{}
	}
	if !w.Spread.IsZero() { // not the next morning again
		w.From = env.AddWorkdays(env.Today(), env.Settings.FirstCallDays)
		w.Spread, w.Due = laterOf(w.Spread, w.From), laterOf(w.Due, w.From)
	}
	w.Basis, w.BasisTime, w.Ordinal = basis, env.Now.UTC(), ordinal
	return Move(env, c, w, cur, diary)
}
