package calendar

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// ruleAhead is how many years past the window are looked at, to tell a rule that goes on from one that
	// ends, and a fourth Sunday from a last one: within twelve years a date falls on every weekday.
	ruleAhead = 12
	// ruleYears is how many years of an ended rule must fall into the window; fewer are told date by date.
	// So a narrow window has no UNTIL, with which python-icalendar 4 fails.
	ruleYears = 3
	localForm = "20060102T150405"
)

// VTimezone gives the lines of one VTIMEZONE component (RFC 5545, 3.6.5), from BEGIN to END and folded, under
// the zone's own name. It is right for every instant from from to to; a zone that keeps one rule for good also
// has a rule without an end, and is right ever after. The bytes depend on the arguments and Go's zone data only.
//
// DAYLIGHT is what the zone data call daylight time, which in Dublin and Casablanca is behind the standard time.
func VTimezone(zone *time.Location, from, to time.Time) []byte {
	if to.Before(from) {
		to = from
	}
	lastYear := to.UTC().Year() + ruleAhead
	all := transitions(zone, from, lastYear)
	first := all[0]
	for _, tr := range all {
		if !tr.at.After(from) && !tr.daylight {
			first = tr // not what holds at from, if that is daylight time: python-icalendar 4 fails without a STANDARD
		}
	}
	var blocks []zoneBlock
	var single []transition
	for _, r := range yearlyRuns(all) {
		needed := slices.DeleteFunc(slices.Clone(r.changes), func(tr transition) bool { return tr.at.Before(first.at) || tr.at.After(to) })
		switch ended := r.lastYear() < lastYear; {
		case ended && len(needed) < ruleYears:
			single = append(single, needed...)
		case !r.changes[0].at.After(to):
			blocks = append(blocks, zoneBlock{r.changes[:1], r.rule(ended)})
		}
	}
	blocks = append(blocks, dateBlocks(single)...)
	slices.SortFunc(blocks, func(a, b zoneBlock) int { return a.changes[0].at.Compare(b.changes[0].at) })

	var b bytes.Buffer
	fmt.Fprintf(&b, "BEGIN:VTIMEZONE\r\nTZID:%s\r\n", escapeText(zone.String()))
	for i := range blocks {
		blocks[i].write(&b)
	}
	b.WriteString("END:VTIMEZONE\r\n")
	return foldLines(b.Bytes())
}

// zoneState is what holds in a zone between two transitions.
type zoneState struct {
	name     string // "GMT", or "+01" where the zone data know no letters
	offset   int    // seconds east of UTC
	daylight bool
}

func stateAt(t time.Time) zoneState {
	name, offset := t.Zone()
	return zoneState{name, offset, t.IsDST()}
}

// transition is an instant from which on another state holds.
type transition struct {
	at     time.Time
	before int // the offset until then
	zoneState
}

// onset is the transition in the local time of the offset before it, kept as UTC.
func (tr transition) onset() time.Time {
	return tr.at.UTC().Add(time.Duration(tr.before) * time.Second)
}

// transitions lists the changes of a zone's state from 1970, or from if that is earlier, to the end of lastYear.
// The first is no change but the state that holds at that beginning, so that there always is one not after from.
func transitions(zone *time.Location, from time.Time, lastYear int) []transition {
	t := time.Date(1970, 1, 1, 0, 0, 0, 0, zone)
	if from.Before(t) {
		t = time.Unix(from.Unix(), 0).In(zone)
	}
	end := time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC)
	state := stateAt(t)
	all := []transition{{t, state.offset, state}}
	for {
		_, next := t.ZoneBounds()
		if !next.IsZero() && !next.After(t) {
			// where a rule follows the table of transitions, Go cuts the year after 365 days, so that
			// on the last day of a leap year the bound lies behind
			next = time.Date(t.UTC().Year()+1, 1, 1, 0, 0, 0, 0, time.UTC).In(zone)
		}
		if next.IsZero() || !next.Before(end) {
			return all
		}
		t = next
		if now := stateAt(t); now != state { // those cuts are no transitions
			all = append(all, transition{t, state.offset, now})
			state = now
		}
	}
}

// zoneRun is a run of like transitions, one in each of its years.
type zoneRun struct {
	changes []transition
	// days of the month on which they fell, and whether each was the month's last of its weekday
	minDay, maxDay int
	last           bool
}

// runKey is what the transitions of a run have in common.
type runKey struct {
	zoneState
	before  int
	month   time.Month
	weekday time.Weekday
	clock   time.Duration
}

func keyOf(tr transition) runKey {
	at := tr.onset()
	return runKey{tr.zoneState, tr.before, at.Month(), at.Weekday(), at.Sub(at.Truncate(24 * time.Hour))}
}

// yearlyRuns parts the transitions into runs. It goes back in time, so that the rules still in force are found
// as they are meant and those of the past take what is left.
func yearlyRuns(all []transition) []zoneRun {
	var runs []zoneRun
	open := map[runKey]int{}
	for _, tr := range slices.Backward(all) {
		key := keyOf(tr)
		if i, ok := open[key]; !ok || !runs[i].take(tr) {
			open[key] = len(runs)
			runs = append(runs, newRun(tr))
		}
	}
	for i := range runs {
		slices.Reverse(runs[i].changes)
	}
	return runs
}

func newRun(tr transition) zoneRun {
	at := tr.onset()
	return zoneRun{[]transition{tr}, at.Day(), at.Day(), at.AddDate(0, 0, 7).Month() != at.Month()}
}

// take adds the transition of the year before, if one rule can tell it together with those taken.
func (r *zoneRun) take(tr transition) bool {
	one := newRun(tr)
	if tr.onset().Year()+1 != r.changes[len(r.changes)-1].onset().Year() {
		return false
	}
	minDay, maxDay, last := min(r.minDay, one.minDay), max(r.maxDay, one.maxDay), r.last && one.last
	if maxDay-minDay > 6 && !last {
		return false
	}
	r.changes, r.minDay, r.maxDay, r.last = append(r.changes, tr), minDay, maxDay, last
	return true
}

func (r *zoneRun) lastYear() int { return r.changes[len(r.changes)-1].onset().Year() }

// rule is the run's RRULE, without an end if the run goes on as far as was looked.
func (r *zoneRun) rule(ended bool) string {
	end := r.changes[len(r.changes)-1]
	at := end.onset()
	weekday := strings.ToUpper(at.Weekday().String()[:2])
	rule := fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;", at.Month())
	switch nth := (r.minDay + 6) / 7; {
	case r.last:
		rule += "BYDAY=-1" + weekday
	case nth == (r.maxDay+6)/7:
		rule += "BYDAY=" + strconv.Itoa(nth) + weekday
	default: // the one of its weekday in seven days, as Jerusalem's Friday before the last Sunday
		var days []string // to the last seen: none is past the month's end
		for d := range 7 {
			days = append(days, strconv.Itoa(max(r.maxDay-6, 1)+d))
		}
		rule += "BYMONTHDAY=" + strings.Join(days, ",") + ";BYDAY=" + weekday
	}
	if !ended {
		return rule
	}
	// in UTC, says 3.6.5; yet python-dateutil takes it as local, and would lose the last onset east of
	// Greenwich if it weren't as late as that is by the local clock
	until := end.at.UTC()
	if at.After(until) {
		until = at
	}
	return rule + ";UNTIL=" + until.Format(localForm) + "Z"
}

// zoneBlock is a STANDARD or DAYLIGHT sub-component: one onset with a rule, or one and more without.
type zoneBlock struct {
	changes []transition // between like states, in order
	rule    string
}

// dateBlocks gathers the transitions between like states.
func dateBlocks(single []transition) []zoneBlock {
	slices.SortFunc(single, func(a, b transition) int { return a.at.Compare(b.at) })
	type key struct {
		zoneState
		before int
	}
	var blocks []zoneBlock
	index := map[key]int{}
	for _, tr := range single {
		k := key{tr.zoneState, tr.before}
		i, ok := index[k]
		if !ok {
			i = len(blocks)
			index[k] = i
			blocks = append(blocks, zoneBlock{})
		}
		blocks[i].changes = append(blocks[i].changes, tr)
	}
	return blocks
}

func (z *zoneBlock) write(b *bytes.Buffer) {
	first := z.changes[0]
	kind := "STANDARD"
	if first.daylight {
		kind = "DAYLIGHT"
	}
	fmt.Fprintf(b, "BEGIN:%s\r\nDTSTART:%s\r\n", kind, first.onset().Format(localForm))
	if z.rule != "" {
		fmt.Fprintf(b, "RRULE:%s\r\n", z.rule)
	}
	for _, tr := range z.changes[1:] {
		fmt.Fprintf(b, "RDATE:%s\r\n", tr.onset().Format(localForm))
	}
	fmt.Fprintf(b, "TZOFFSETFROM:%s\r\nTZOFFSETTO:%s\r\n", offsetText(first.before), offsetText(first.offset))
	if first.name != "" {
		fmt.Fprintf(b, "TZNAME:%s\r\n", escapeText(first.name))
	}
	fmt.Fprintf(b, "END:%s\r\n", kind)
}

// offsetText writes "+0100", and "-002521" for the mean time of a town (RFC 5545, 3.3.14).
func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}
