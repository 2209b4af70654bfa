package desk

import (
	"slices"
	"time"
)

// News is something that the next morning mail tells.
type News struct {
	ID      string    `json:"id"` // derived, so that what caused it, read again, tells it once
	Time    time.Time `json:"time"`
	Kind    NewsKind  `json:"kind"`
	Contact string    `json:"contact,omitempty"` // contact ID
	Text    string    `json:"text"`
	Call    string    `json:"call,omitempty"` // UID of a further call that it is about
	Held    string    `json:"held,omitempty"` // record of deletions that wait for a word
	Told    Date      `json:"told,omitzero"`  // the day on which a morning mail told it
}

// NewsKind groups news in the morning mail.
type NewsKind string

// The kinds of news.
const (
	NewsAsk        NewsKind = "ask"        // something only the recruiter can settle
	NewsUnderstood NewsKind = "understood" // what was made of what she did
	NewsTrouble    NewsKind = "trouble"
	NewsHint       NewsKind = "hint"
)

// Bounce is a mail to one address that came back.
type Bounce struct {
	MessageID string    `json:"message_id"` // of the mail that came back, "" if not told
	Identity  string    `json:"identity"`   // of the bounce
	Time      time.Time `json:"time"`
	Hard      bool      `json:"hard"`
	Reason    string    `json:"reason"`
}

// softBounceWindow is how near two soft bounces must lie to mark an address like a hard one.
const softBounceWindow = 7 * 24 * time.Hour

// OutcomeUndelivered marks an outgoing mail that came back.
const OutcomeUndelivered Outcome = "undelivered"

// MailBounced notes that a mail to one of the contact's addresses came back, and reports
// whether the address counts as dead now: after a hard bounce, or a second soft one within
// a week. A bounce read twice counts once.
func (c *Contact) MailBounced(addr string, b Bounce) (dead bool) {
	if slices.Contains(c.BadEmails, addr) {
		return false
	}
	if !b.Hard {
		second := false
		for _, s := range c.SoftBounces {
			if s.Identity == b.Identity {
				return false
			}
			gap := b.Time.Sub(s.Time)
			second = second || gap <= softBounceWindow && gap >= -softBounceWindow
		}
		c.SoftBounces = append(c.SoftBounces, Bounce{Identity: b.Identity, Time: b.Time})
		if n := len(c.SoftBounces); n > 10 {
			c.SoftBounces = c.SoftBounces[n-10:]
		}
		if !second {
			return false
		}
	}
	c.BadEmails = append(c.BadEmails, addr)
	if c.Status == StatusActive && !slices.ContainsFunc(c.Emails, func(e string) bool { return !slices.Contains(c.BadEmails, e) }) {
		c.Status = StatusBounced
	}
	return true
}

// MailArrived notes that somebody wrote from an address: it works, whatever came back before.
func (c *Contact) MailArrived(addr string) (changed bool) {
	i := slices.Index(c.BadEmails, addr)
	if i < 0 {
		return false
	}
	c.BadEmails = slices.Delete(c.BadEmails, i, i+1)
	c.SoftBounces = nil
	if c.Status == StatusBounced {
		c.Status = StatusActive
	}
	return true
}

// AfterAbsence is what an absence asks of a contact's callback: one that is due before
// the first working day back moves there. ok is false if nothing has to move.
func AfterAbsence(env Env, cur *Callback, back Date, told time.Time, basis string) (w Want, ok bool) {
	if !cur.Open() || !DateOf(cur.Start.In(env.Zone)).Before(back) || !back.After(env.Today()) {
		return Want{}, false
	}
	w = Want{
		Due: env.WorkdayOnOrAfter(back), Rule: RuleBack, Reason: cur.Reason + "; away, back on " + back.Say(),
		Basis: basis, BasisTime: told, Ordinal: cur.Ordinal,
	}
	if cur.Rule == RuleAgreed {
		at := cur.Start.In(env.Zone)
		w.Agreed = Next{Date: w.Due, Clock: true, Hour: at.Hour(), Minute: at.Minute()}
	}
	return w, true
}

// longAbsence is beyond how many days an absence is asked about before it moves a call.
const longAbsence = 60

// DoubtfulAbsence reports whether an absence is too long to be taken at its word: over 60 days, or beyond the end of a decision maker's
// cycle, in which one conversation is owed.
func DoubtfulAbsence(env Env, c *Contact, touches []Touch, back Date) bool {
	if back.After(env.Today().AddDays(longAbsence)) {
		return true
	}
	last := LastConversation(touches)
	if !c.OwesCycle() || last.IsZero() {
		return false
	}
	end := DateOf(last.In(env.Zone)).AddDays(env.Settings.CycleDays)
	return !end.Before(env.Today()) && back.After(end) // one that is overdue anyhow has no end to miss
}

// CallBack is what a call of theirs asks for: a call back today, or on the next working day. ok is
// false if one is due by then anyhow.
func CallBack(env Env, cur *Callback, t Touch) (w Want, ok bool) {
	day := env.WorkdayOnOrAfter(env.Today())
	if cur.Open() && !DateOf(cur.Start.In(env.Zone)).After(day) {
		return Want{}, false
	}
	what := "called you on "
	if t.Channel == ChannelVoicemail {
		what = "left you a message on "
	}
	return Want{Due: day, Rule: RuleMissedCall, Reason: what + DateOf(t.Time.In(env.Zone)).Say(), Basis: t.ID, BasisTime: t.Time}, true
}
