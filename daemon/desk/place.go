package desk

import (
	"slices"
	"time"
)

// Diary is what is taken in a desk's calendar: the slots of its open callbacks.
type Diary struct {
	zone   *time.Location
	taken  map[int64]int
	perDay map[Date]int
}

// NewDiary makes the diary of the open ones among cbs.
func NewDiary(zone *time.Location, cbs []Callback) *Diary {
	d := &Diary{zone: zone, taken: map[int64]int{}, perDay: map[Date]int{}}
	for i := range cbs {
		if cbs[i].Open() {
			d.Take(cbs[i].Start)
		}
	}
	return d
}

// Take marks a slot as taken.
func (d *Diary) Take(start time.Time) {
	d.taken[start.Unix()]++
	d.perDay[DateOf(start.In(d.zone))]++
}

// Release frees a slot.
func (d *Diary) Release(start time.Time) {
	if d.taken[start.Unix()] == 0 {
		return
	}
	d.taken[start.Unix()]--
	d.perDay[DateOf(start.In(d.zone))]--
}

// Free reports whether nothing begins at t.
func (d *Diary) Free(t time.Time) bool { return d.taken[t.Unix()] == 0 }

// Load is the number of callbacks on a day.
func (d *Diary) Load(day Date) int { return d.perDay[day] }

// Place finds the slot for what is wanted. late tells that capacity was exhausted up to the
// due day and the call lands after it; flag is a hint for the reader, such as that the day
// agreed is a free one.
func (d *Diary) Place(env Env, w Want) (start time.Time, late bool, flag string) {
	switch {
	case !w.Agreed.IsZero():
		start, flag = d.placeAgreed(env, w.Agreed)
		return start, false, flag
	case !w.Spread.IsZero():
		if day, ok := d.emptiestDay(env, w.Spread); ok {
			t, _ := d.slotOn(env, day, w.After)
			return t, false, ""
		}
	default:
		for day := w.Due; !day.Before(env.Today()); day = day.AddDays(-1) {
			if t, ok := d.slotOn(env, day, w.After); ok {
				return t, false, ""
			}
		}
	}
	for i := range maxFreeDays {
		if t, ok := d.slotOn(env, laterOf(w.Due, env.Today()).AddDays(i), w.After); ok {
			return t, true, ""
		}
	}
	return w.Due.At(9, 0, env.Zone), true, "no working hours left to put it into"
}

func laterOf(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}

// emptiestDay is the working day with the fewest callbacks from tomorrow to last, the
// earliest of several.
func (d *Diary) emptiestDay(env Env, last Date) (best Date, ok bool) {
	least := env.Settings.CallbacksPerDay
	for day := env.Today().AddDays(1); !day.After(last); day = day.AddDays(1) {
		if n := d.Load(day); n < least && env.Hours.Workday(day.UTC()) {
			if _, free := d.slotOn(env, day, time.Time{}); free {
				best, least, ok = day, n, true
			}
		}
	}
	return best, ok
}

// slotOn is a free slot on the day within capacity, not before now. With after set, the
// search begins in the next third of the day, so that tries come at different times.
func (d *Diary) slotOn(env Env, day Date, after time.Time) (time.Time, bool) {
	if d.Load(day) >= env.Settings.CallbacksPerDay || !env.Hours.Workday(day.UTC()) {
		return time.Time{}, false
	}
	slots := env.Hours.Slots(day.UTC())
	from := 0
	if !after.IsZero() {
		from = nextThird(slots, after.In(env.Zone))
	}
	for i := range slots {
		if s := slots[(from+i)%len(slots)]; !s.Before(env.Now) && d.Free(s) {
			return s.UTC(), true
		}
	}
	return time.Time{}, false
}

// nextThird is the index of the slot that begins the third of the day after the one in which the last try fell.
func nextThird(slots []time.Time, last time.Time) int {
	minute := last.Hour()*60 + last.Minute()
	passed := 0
	for _, s := range slots {
		if s.Hour()*60+s.Minute() <= minute {
			passed++
		}
	}
	if len(slots) == 0 {
		return 0
	}
	third := min(passed*3/(len(slots)+1), 2)
	return (third + 1) % 3 * len(slots) / 3
}

// placeAgreed honours the day, and the time if one was agreed; a taken slot gives the next free one.
func (d *Diary) placeAgreed(env Env, n Next) (time.Time, string) {
	flag := ""
	slots := env.Hours.Slots(n.Date.UTC())
	if len(slots) == 0 {
		flag = "agreed for a free day (" + sayDay(n.Date) + ")"
		slots = usualSlots(env, n.Date)
	}
	if n.Clock {
		at := n.Date.At(n.Hour, n.Minute, env.Zone)
		for d.taken[at.Unix()] > 0 {
			at = at.Add(15 * time.Minute)
		}
		if flag == "" && !slices.ContainsFunc(slots, func(s time.Time) bool { return sameSlot(s, at) }) {
			flag = "agreed for outside working hours"
		}
		return at.UTC(), flag
	}
	for _, s := range slots {
		if d.Free(s) && !s.Before(env.Now) {
			return s.UTC(), flag
		}
	}
	at := n.Date.At(9, 0, env.Zone)
	if len(slots) > 0 {
		at = slots[len(slots)-1]
	}
	for d.taken[at.Unix()] > 0 || at.Before(env.Now) && DateOf(env.Now.In(env.Zone)) == n.Date {
		at = at.Add(15 * time.Minute)
	}
	return at.UTC(), flag
}

func sameSlot(slot, at time.Time) bool { return !at.Before(slot) && at.Sub(slot) < 15*time.Minute }

// usualSlots are a free day's slots, taken from the last working day before it.
func usualSlots(env Env, day Date) []time.Time {
	work := env.workdayOnOrBefore(day)
	var out []time.Time
	for _, s := range env.Hours.Slots(work.UTC()) {
		out = append(out, day.At(s.Hour(), s.Minute(), env.Zone))
	}
	return out
}
