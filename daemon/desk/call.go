package desk

import (
	"slices"
	"time"
)

// CallUID is the UID of a further call.
func CallUID(deskName, contactID, cause string) string {
	return "call-" + ShortHash("call", deskName, contactID, cause) + "@fifthcall"
}

// IsConversation reports whether the outcome is one of a conversation.
func IsConversation(o Outcome) bool { return outcomeTouch[o].kind == KindConversation }

// FitsCall reports whether an outcome, told without naming a call, may be that of a further call: prepped of a prep call of the next
// days, debriefed of a debrief that is due by tonight; anything else of one that is due by tonight.
func FitsCall(env Env, cb *Callback, o Outcome) bool {
	switch o {
	case OutcomePrepped:
		return cb.Rule == RulePrep
	case OutcomeDebriefed:
		return (cb.Rule == RuleDebrief || cb.Rule == RuleDebriefClient) && !DateOf(cb.Start.In(env.Zone)).After(env.Today())
	case OutcomeSpoke, OutcomeMet, OutcomeNoAnswer, OutcomeLeftMessage, OutcomeNotInterested, OutcomeWrongNumber:
		return !DateOf(cb.Start.In(env.Zone)).After(env.Today())
	}
	return false
}

// RoomFrom is the first free slot at or after at on a day with room for one more callback: where none is near, the first free one.
func (d *Diary) RoomFrom(env Env, at time.Time) time.Time {
	at = laterTime(at, env.Now)
	for i := range roomDays {
		day := DateOf(at.In(env.Zone)).AddDays(i)
		if d.Load(day) >= env.Settings.CallbacksPerDay {
			continue
		}
		for _, s := range env.Hours.Slots(day.UTC()) {
			if !s.Before(at) && d.Free(s) {
				return s.UTC()
			}
		}
	}
	return d.SlotFrom(env, at)
}

// roomDays is how far a call may be put off because days are full.
const roomDays = 7

// SlotFrom is the first free slot of the desk's hours that begins at or after at, and not before now.
func (d *Diary) SlotFrom(env Env, at time.Time) time.Time {
	at = laterTime(at, env.Now)
	for i := range maxFreeDays {
		day := DateOf(at.In(env.Zone)).AddDays(i)
		for _, s := range env.Hours.Slots(day.UTC()) {
			if !s.Before(at) && d.Free(s) {
				return s.UTC()
			}
		}
	}
	return at.UTC()
}

// LastSlotBefore is the last free slot that begins on the day and before limit; ok is false if there is none that is still to come.
func (d *Diary) LastSlotBefore(env Env, day Date, limit time.Time) (t time.Time, ok bool) {
	slots := slices.Clone(env.Hours.Slots(day.UTC()))
	slices.Reverse(slots)
	for _, s := range slots {
		if s.Before(limit) && !s.Before(env.Now) && d.Free(s) {
			return s.UTC(), true
		}
	}
	return time.Time{}, false
}

// Hours at which employed people can be called: by the clock where they are (DOMAIN.md, section 1).
var candidateHours = [][2]int{{12 * 60, 14 * 60}, {17*60 + 30, 19 * 60}}

// atLeisure reports whether a candidate, who mostly is at work, can be called at an instant of their own zone.
func atLeisure(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	return slices.ContainsFunc(candidateHours, func(h [2]int) bool { return m >= h[0] && m < h[1] })
}

// Employed reports whether somebody has to be called outside the hours in which they work: a candidate who is not on the client's side.
func (c *Contact) Employed() bool { return c.Has(RoleCandidate) && !c.IsTarget() }

// CallTime is from when on today somebody can be called.
func (e Env) CallTime(c *Contact) time.Time {
	noon := e.Today().At(candidateHours[0][0]/60, 0, e.Zone)
	if c.Employed() && e.Now.Before(noon) {
		return noon
	}
	return e.Now
}
