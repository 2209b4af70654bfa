package desk

import "time"

// Days and times in words, as people read them: in mails, in events, on the page and in the shell.

// Say is a day with all that tells it: “Mon 2 Mar 2026”.
func (d Date) Say() string { return d.UTC().Format("Mon 2 Jan 2006") }

// Short is a day without its weekday: “2 Mar 2026”.
func (d Date) Short() string { return d.UTC().Format("2 Jan 2006") }

// Near is a day near enough to need no year: “Mon 2 Mar”.
func (d Date) Near() string { return d.UTC().Format("Mon 2 Jan") }

// Bare is a day near enough to need neither weekday nor year: “2 Mar”.
func (d Date) Bare() string { return d.UTC().Format("2 Jan") }

// SayDate is a day in a sentence; the year only where it isn't this one.
func SayDate(env Env, d Date) string {
	if d.Year == env.Today().Year {
		return d.Near()
	}
	return d.Say()
}

// SayInstant is an instant for people, “Mon 2 Mar, 10:00”; "" for none.
func SayInstant(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("Mon 2 Jan, 15:04")
}

// SayInstantYear is one with its year: “Mon 2 Mar 2026, 10:00”.
func SayInstantYear(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2 Jan 2006, 15:04")
}

// SayOrder is a time as the grammar reads it: “2 march 10:00”.
func SayOrder(t time.Time, zone *time.Location) string { return t.In(zone).Format("2 January 15:04") }

// SayHeading is a day as it stands above what belongs to it: “Monday 2 March 2026”.
func (d Date) SayHeading() string { return d.UTC().Format("Monday 2 January 2006") }
