package desk

import (
	"slices"
	"time"
)

// UnansweredWindow is how far back mail without an answer is asked about.
const UnansweredWindow = 14 * 24 * time.Hour

// Unanswered are the inbound mails of one contact that wait for an answer: the last of each
// thread, if nothing went out in it since and nobody was spoken to. ts are the contact's touches in
// order. Mail of today isn't late yet.
func Unanswered(env Env, ts []Touch, waved func(t Touch) bool) []Touch {
	last := map[string]Touch{}
	for _, t := range ts {
		switch {
		case t.Kind == KindConversation:
			clear(last)
		case t.Channel != ChannelEmail || t.Thread == "":
		case t.Direction == Out:
			delete(last, t.Thread)
		case t.Kind == KindReply:
			last[t.Thread] = t
		}
	}
	today := env.Today()
	var out []Touch
	for _, t := range last {
		if env.Now.Sub(t.Time) > UnansweredWindow || !DateOf(t.Time.In(env.Zone)).Before(today) || waved(t) {
			continue
		}
		out = append(out, t)
	}
	SortTouches(out)
	return out
}

// Pace is how many decision makers were spoken to for the first time.
type Pace struct {
	Today, Week int // Week begins on Monday
	Recent      int // in the last four weeks
	Base        int // decision makers ever spoken to
}

// recentWeeks are those over which the pace is measured.
const recentWeeks = 4

// Known reports whether there was mail both ways before the contact became a decision maker: then it never counts as new.
func (c *Contact) Known(ts []Touch) bool {
	before := 0
	for before < len(ts) && !ts[before].Time.After(c.DMSince) {
		before++
	}
	return AssumedConversation(ts[:before]).ID != ""
}

// Count adds a decision maker whose first conversation was at first; zero for none yet. One known before belongs to the base, and is not new.
func (p *Pace) Count(env Env, first time.Time, known bool) {
	if first.IsZero() {
		return
	}
	p.Base++
	if known {
		return
	}
	if env.Now.Sub(first) < recentWeeks*7*24*time.Hour {
		p.Recent++
	}
	day, today := DateOf(first.In(env.Zone)), env.Today()
	monday := today.AddDays(-(int(today.Weekday()) + 6) % 7)
	if !day.Before(monday) {
		p.Week++
	}
	if day == today {
		p.Today++
	}
}

// WeeksToGoal is in how many weeks the base reaches its goal at the pace of the last four weeks, 0 if it has. Without any new one in them it
// is told for the pace that is aimed at; measured is false then.
func (p *Pace) WeeksToGoal(s Settings) (weeks int, measured bool) {
	left := s.BaseGoal - p.Base
	switch {
	case left <= 0:
		return 0, true
	case p.Recent == 0:
		perWeek := max(s.NewPerWeek, 1)
		return (left + perWeek - 1) / perWeek, false
	}
	return (left*recentWeeks + p.Recent - 1) / p.Recent, true
}

// FirstConversation is the time of the earliest conversation in ts, or zero.
func FirstConversation(ts []Touch) time.Time {
	i := slices.IndexFunc(ts, func(t Touch) bool { return t.Kind == KindConversation })
	if i < 0 {
		return time.Time{}
	}
	return ts[i].Time
}

// TriesWithoutConversation counts the outgoing calls and messages since the last
// conversation: after five the text suggests another channel.
func TriesWithoutConversation(ts []Touch) int {
	n := 0
	for i := len(ts) - 1; i >= 0 && ts[i].Kind != KindConversation; i-- {
		if ts[i].Direction == Out && (ts[i].Outcome == OutcomeNoAnswer || ts[i].Outcome == OutcomeLeftMessage) {
			n++
		}
	}
	return n
}

// MorningDue says whether the morning mail is due now: on working days from its time on, once
// for each date, not after noon unless it was held up (wanted). last is the date of the
// latest one; an earlier date than that, after a journey to the west, gets none.
func MorningDue(env Env, hour, minute int, last Date, wanted bool) bool {
	today := env.Today()
	if !env.Hours.Workday(today.UTC()) || !last.IsZero() && !today.After(last) || env.Now.Before(today.At(hour, minute, env.Zone)) {
		return false
	}
	return wanted || env.Now.Before(today.At(12, 0, env.Zone))
}

// WeekTold is the day from which on a working day's mail tells the week's figures, up to that morning; zero if the day isn't its week's last
// working one. It is the day on which the week before was told, so that every day is in one week.
func (e Env) WeekTold(day Date) Date {
	week := func(d Date) int {
		return d.AddDays(-(int(d.Weekday()) + 6) % 7).DaysSince(Date{Year: 2000, Month: 1, Day: 3})
	}
	return e.lastTold(day, week)
}

// MonthTold is that of a month.
func (e Env) MonthTold(day Date) Date {
	return e.lastTold(day, func(d Date) int { return d.Year*12 + int(d.Month) })
}

func (e Env) lastTold(day Date, span func(Date) int) Date {
	last := func(d Date) bool { return e.Hours.Workday(d.UTC()) && span(e.AddWorkdays(d, 1)) != span(d) }
	if !last(day) {
		return Date{}
	}
	d := day.AddDays(-1)
	for range maxFreeDays {
		if last(d) {
			break
		}
		d = d.AddDays(-1)
	}
	return d
}
