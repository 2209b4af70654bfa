package desk

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Mode is how a letter leaves.
type Mode string

// The modes. A letter is a draft until the recruiter switches it to another.
const (
	ModeDraft   Mode = "draft"   // laid into Drafts; the recruiter sends it herself
	ModeApprove Mode = "approve" // listed in the morning mail; "send 3" releases it
	ModeAuto    Mode = "auto"    // sent when it is due
	ModeOff     Mode = "off"     // not written at all
)

// Anchor is what the time of a letter or call is counted from.
type Anchor string

// The anchors.
const (
	AnchorNone      Anchor = ""
	AnchorConfirmed Anchor = "confirmed" // as soon as the interview stands
	AnchorBefore    Anchor = "before"    // the start
	AnchorDay       Anchor = "day"       // on the day of the start
	AnchorAfter     Anchor = "after"     // the end
)

// When is when a letter or call of an interview's plan is due.
type When struct {
	Anchor  Anchor
	N       int
	Unit    string // minutes, hours, days or working days
	Hour    int    // of AnchorDay
	Minute  int
	EveHour int // of AnchorDay: the hour of the evening before that is taken instead …
	Early   int // … when the interview starts before this minute of the day; 0 for never
}

// IsZero reports whether nothing is said.
func (w When) IsZero() bool { return w.Anchor == AnchorNone }

var (
	whenCountRE = regexp.MustCompile(`^(\d{1,3}) (minutes?|hours?|days?|working days?) (before|after)$`)
	whenDayRE   = regexp.MustCompile(`^on the day at (\d\d):(\d\d)(?:, the evening before at (\d\d):00 when it starts before (\d\d):(\d\d))?$`)
)

// ParseWhen reads "confirmed", "2 working days before", "30 minutes after", "on the day at 07:30, the evening
// before at 18:00 when it starts before 10:30"; "" is no time.
func ParseWhen(s string) (When, error) {
	s = strings.Join(strings.Fields(strings.ToLower(s)), " ")
	if s == "" {
		return When{}, nil
	}
	if s == "confirmed" {
		return When{Anchor: AnchorConfirmed}, nil
	}
	if m := whenCountRE.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		return When{Anchor: Anchor(m[3]), N: n, Unit: strings.TrimSuffix(m[2], "s") + "s"}, nil
	}
	if m := whenDayRE.FindStringSubmatch(s); m != nil {
		n := make([]int, len(m))
		for i := range m {
			n[i], _ = strconv.Atoi(m[i])
		}
		if n[1] < 24 && n[2] < 60 && n[3] < 24 && n[4] < 24 && n[5] < 60 {
			return When{Anchor: AnchorDay, Hour: n[1], Minute: n[2], EveHour: n[3], Early: n[4]*60 + n[5]}, nil
		}
	}
	return When{}, fmt.Errorf("%q is no time that is understood: say “confirmed”, “2 working days before”, “1 day after”, “30 minutes after”, “on the day at 07:30” or “on the day at 07:30, the evening before at 18:00 when it starts before 10:30”", s)
}

// At is the instant for an interview from start to end in zone, its participant's.
func (w When) At(env Env, confirmed, start, end time.Time, zone *time.Location) time.Time {
	switch w.Anchor {
	case AnchorConfirmed:
		return confirmed
	case AnchorDay:
		local := start.In(zone)
		if local.Hour()*60+local.Minute() < w.Early {
			return DateOf(local).AddDays(-1).At(w.EveHour, 0, zone)
		}
		return DateOf(local).At(w.Hour, w.Minute, zone)
	case AnchorBefore:
		return w.shift(env, start, -1)
	case AnchorAfter:
		return w.shift(env, end, 1)
	}
	return start
}

// shift counts from t forward or back. Days keep the time of day; working days begin with the
// desk's hours, so that a letter due "2 working days before" is there when that day begins.
func (w When) shift(env Env, t time.Time, sign int) time.Time {
	switch w.Unit {
	case "minutes":
		return t.Add(time.Duration(sign*w.N) * time.Minute)
	case "hours":
		return t.Add(time.Duration(sign*w.N) * time.Hour)
	case "days":
		return DateOf(t.In(env.Zone)).AddDays(sign*w.N).At(t.In(env.Zone).Hour(), t.In(env.Zone).Minute(), env.Zone)
	}
	day := env.AddWorkdays(DateOf(t.In(env.Zone)), sign*w.N)
	if slots := env.Hours.Slots(day.UTC()); len(slots) > 0 {
		return slots[0]
	}
	return day.At(9, 0, env.Zone)
}
