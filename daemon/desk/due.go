package desk

import (
	"fmt"
	"time"
)

// Want is what the rules ask for: a call by Due, for a reason.
type Want struct {
	Due       Date
	Rule      Rule
	Reason    string
	Basis     string
	BasisTime time.Time
	Ordinal   uint64
	Agreed    Next      // set when the date was agreed: it stands, free day or not
	After     time.Time // of a further try: when the last one was made, so that this one is at another time of day
	From      Date      // of a spread: not before this day; zero for tomorrow
	Spread    Date      // set when any day up to this one is as good: the emptiest is taken

	Hint     string         // for the reader, where the slot has none
	Employed bool           // mostly at work: called at noon, or in the evening
	Zone     *time.Location // where the person is; nil where that isn't known
	Best     int            // the hour there around which calls reached them, plus one; 0 where that isn't known
}

// The bases that aren't a touch's or a command's ID.
const (
	basisFirst   = "first"    // never spoken to
	basisAssumed = "assumed:" // and the ID of the mail that stands in for a conversation
)

// Standing is what a contact's dealings with the desk change about its rules.
type Standing struct {
	OpenOrder  bool // a job order of this person or company is open
	PastClient bool // somebody was placed there

	Zone *time.Location // where the person is; nil where that isn't known
}

// Wanted derives from the log when the contact is to be called next; ok is false if nobody
// is owed a call. The touches are sorted (SortTouches). The result depends on the log and
// the settings alone, plus on env.Now where something is overdue already.
func Wanted(env Env, c *Contact, ts []Touch, st Standing) (w Want, ok bool) {
	defer func() {
		w.Zone, w.Employed = st.Zone, c.Employed()
		zone := st.Zone
		if zone == nil {
			zone = env.Zone
		}
		if h, known := BestHour(ts, zone); known {
			w.Zone, w.Best = zone, h+1
		}
	}()
	if !c.Callable() {
		return Want{}, false
	}
	for i := len(ts) - 1; i >= 0; i-- {
		if w, ok := wantedAfter(env, c, ts[:i+1], st); ok {
			return w, true
		}
		if ts[i].Kind == KindConversation && !c.OwesCycle() {
			return Want{}, false // spoken to, nothing agreed: nothing is owed
		}
		if closedByMail(env.Settings, c, &ts[i]) {
			return wantedAfterMail(env, c, ts[:i+1], st)
		}
	}
	if !c.OwesCycle() {
		return Want{}, false
	}
	return wantedAtFirst(env, c, ts), true
}

// closedByMail reports whether a mail of theirs closes the cycle as a conversation does: by default a candidate's does, a decision maker's doesn't.
func closedByMail(s Settings, c *Contact, t *Touch) bool {
	if t.Kind != KindReply || t.Direction != In {
		return false
	}
	if c.Has(RoleDecisionMaker) {
		return s.MailCloses
	}
	return c.Has(RoleCandidate) && !s.VoiceOnly
}

// wantedAfterMail is what is owed after a mail that closes the cycle, the last of ts: a date that was agreed for later stands.
func wantedAfterMail(env Env, c *Contact, ts []Touch, st Standing) (Want, bool) {
	t := ts[len(ts)-1]
	day := DateOf(t.Time.In(env.Zone))
	for i := len(ts) - 2; i >= 0; i-- {
		w, ok := wantedAfter(env, c, ts[:i+1], st)
		if ok && w.Rule == RuleAgreed && !w.Due.Before(day) {
			return w, true
		}
		if ok || ts[i].Kind == KindConversation {
			break
		}
	}
	if !c.OwesCycle() {
		return Want{}, false
	}
	w := Want{Basis: t.ID, BasisTime: t.Time, Ordinal: t.Ordinal, Rule: RuleCycle, Reason: "they wrote on " + day.Say()}
	w.Due = env.workdayOnOrBefore(day.AddDays(env.Settings.CycleDays))
	return overdueSpread(env, w), true
}

// wantedAfter is what the last of ts asks for, if its outcome or an agreed date sets a day.
func wantedAfter(env Env, c *Contact, ts []Touch, st Standing) (Want, bool) {
	t := ts[len(ts)-1]
	day := DateOf(t.Time.In(env.Zone))
	w := Want{Basis: t.ID, BasisTime: t.Time, Ordinal: t.Ordinal}
	if !t.Next.IsZero() {
		w.Due, w.Rule, w.Agreed = t.Next.Date, RuleAgreed, t.Next
		w.Reason = "agreed on " + day.Say()
		if c.OwesCycle() {
			w.Hint = LaterHint(env, t.Next.Date, day)
		}
		return w, true
	}
	switch t.Outcome {
	case OutcomeSpoke, OutcomePrepped, OutcomeDebriefed, OutcomeMet, OutcomeNotInterested:
		if !c.OwesCycle() {
			return Want{}, false
		}
		var days int
		days, w.Rule, w.Reason = conversationRule(env.Settings, t, st, day)
		w.Due = env.workdayOnOrBefore(day.AddDays(days))
	case OutcomeLeftMessage:
		w.Due, w.Rule = env.AddWorkdays(day, env.Settings.LeftMessageDays), RuleLeftMessage
		w.Reason, w.After = "left a message on "+day.Say(), t.Time
	case OutcomeNoAnswer:
		n := triesWithoutAnswer(ts)
		wait := env.Settings.NoAnswerDays
		w.Due, w.Rule = env.AddWorkdays(day, wait[min(n, len(wait))-1]), RuleNoAnswer
		w.Reason, w.After = fmt.Sprintf("no answer on %s (try %d)", day.Say(), n), t.Time
	default:
		return Want{}, false
	}
	return overdueSpread(env, w), true
}

func conversationRule(s Settings, t Touch, st Standing, day Date) (days int, r Rule, reason string) {
	switch {
	case t.Outcome == OutcomeMet:
		return s.MetDays, RuleMet, "met on " + day.Say()
	case t.Outcome == OutcomeNotInterested:
		return s.NotInterested, RuleNotInterested, "not interested on " + day.Say()
	case st.OpenOrder:
		return s.OpenOrderDays, RuleOpenOrder, "spoke on " + day.Say() + ", an order is open"
	case st.PastClient:
		return s.PastClientDays, RulePastClient, "past client, spoke on " + day.Say()
	}
	return s.CycleDays, RuleCycle, "spoke on " + day.Say()
}

// LaterHint says that a date agreed lies behind the cycle, "" if it doesn't.
func LaterHint(env Env, agreed, spoke Date) string {
	if end := spoke.AddDays(env.Settings.CycleDays); agreed.After(end) {
		return fmt.Sprintf("that is later than the cycle of %d days, which ends on %s", env.Settings.CycleDays, end.Say())
	}
	return ""
}

// triesWithoutAnswer counts the unanswered tries since the last conversation.
func triesWithoutAnswer(ts []Touch) int {
	n := 0
	for i := len(ts) - 1; i >= 0 && ts[i].Kind != KindConversation; i-- {
		if ts[i].Outcome == OutcomeNoAnswer {
			n++
		}
	}
	return n
}

// wantedAtFirst is for a decision maker without any logged conversation: the last two-way
// mail from before stands in, else the first call is due soon.
func wantedAtFirst(env Env, c *Contact, ts []Touch) Want {
	if !c.Has(RoleDecisionMaker) { // placed, and never spoken to since
		due := env.workdayOnOrBefore(c.Placed.AddDays(env.Settings.CycleDays))
		return overdueSpread(env, Want{Due: due, Rule: RuleCycle, Reason: "placed, first day " + c.Placed.Say(), Basis: basisFirst, BasisTime: c.Placed.UTC()})
	}
	since := c.DMSince
	before := 0
	for before < len(ts) && !ts[before].Time.After(since) {
		before++
	}
	if a := AssumedConversation(ts[:before]); a.ID != "" {
		day := DateOf(a.Time.In(env.Zone))
		return overdueSpread(env, Want{
			Due: env.workdayOnOrBefore(day.AddDays(env.Settings.CycleDays)), Rule: RuleAssumed,
			Reason: "last mail both ways on " + day.Say() + " (assumed)", Basis: basisAssumed + a.ID, BasisTime: a.Time,
		})
	}
	due := env.AddWorkdays(DateOf(since.In(env.Zone)), env.Settings.FirstCallDays)
	if today := env.Today(); due.Before(today) {
		due = env.AddWorkdays(today, env.Settings.FirstCallDays)
	}
	return Want{Due: due, Spread: due, Rule: RuleFirstCall, Reason: "first call, never spoken to", Basis: basisFirst, BasisTime: since}
}

// overdueSpread turns a day that is past already into "any of the coming weeks' days".
func overdueSpread(env Env, w Want) Want {
	if !w.Due.Before(env.Today()) {
		return w
	}
	w.Spread = env.AddWorkdays(env.Today(), env.Settings.SpreadDays)
	w.Reason += ", overdue since " + w.Due.Say()
	w.Due, w.Rule = w.Spread, RuleSpread
	return w
}

// sayDay is a date as a person writes it, "Mon 2 Mar 2026".
