package desk

import (
	"cmp"
	"slices"
	"time"
)

// Diary is what is taken in a desk's calendar: the times of its open callbacks.
type Diary struct {
	zone *time.Location
	slot time.Duration
	open []*Callback      // by slot, as given: not to be changed
	days map[Date][]entry // of those days that were looked at
	full map[Date]bool    // days known to have no free slot that isn't over
}

// entry is a time taken; an agreed one stands, a rule-made one gives way to it.
type entry struct {
	start  int64 // Unix time in milliseconds
	agreed bool
}

// NewDiary makes the diary of the open ones among cbs.
func NewDiary(env Env, cbs []Callback) *Diary {
	d := &Diary{zone: env.Zone, slot: env.slot(), days: map[Date][]entry{}, full: map[Date]bool{}}
	for i := range cbs {
		if cbs[i].Open() {
			d.Take(&cbs[i])
		}
	}
	return d
}

// OpenDiary is the diary of open callbacks, given by slot; days are looked up as they are needed.
func OpenDiary(env Env, open []*Callback) *Diary {
	d := NewDiary(env, nil)
	d.open = open
	return d
}

// on are the times taken on a day.
func (d *Diary) on(day Date) []entry {
	taken, known := d.days[day]
	if known || len(d.open) == 0 {
		return taken
	}
	given := d.given(day)
	taken = make([]entry, 0, len(given)+1)
	for _, cb := range given {
		taken = append(taken, entryOf(cb))
	}
	d.days[day] = taken
	return taken
}

func entryOf(cb *Callback) entry {
	return entry{cb.Start.UnixMilli(), cb.Rule == RuleAgreed || cb.Cause != ""}
}

func (d *Diary) day(t time.Time) Date { return DateOf(t.In(d.zone)) }

// Take marks a callback's time as taken.
func (d *Diary) Take(cb *Callback) {
	day := d.day(cb.Start)
	d.days[day] = append(d.on(day), entryOf(cb))
}

// Release frees a callback's time.
func (d *Diary) Release(cb *Callback) {
	day := d.day(cb.Start)
	delete(d.full, day)
	for i, e := range d.on(day) {
		if e.start == cb.Start.UnixMilli() {
			d.days[day] = slices.Delete(d.on(day), i, i+1)
			return
		}
	}
}

// Load is the number of callbacks on a day.
func (d *Diary) Load(day Date) int {
	if taken, known := d.days[day]; known || len(d.open) == 0 {
		return len(taken)
	}
	return len(d.given(day))
}

// given are the callbacks of a day, of those that the diary was made of.
func (d *Diary) given(day Date) []*Callback {
	return Between(d.open, day.At(0, 0, d.zone), day.AddDays(1).At(0, 0, d.zone))
}

// Free reports whether a callback at t would overlap no other.
func (d *Diary) Free(t time.Time) bool { return d.overlaps(t, false) == 0 }

// overlaps counts the callbacks that one at t would overlap, all or the agreed ones.
func (d *Diary) overlaps(t time.Time, agreedOnly bool) int {
	return d.overlapsOn(d.on(d.day(t)), t, agreedOnly)
}

func (d *Diary) overlapsOn(day []entry, t time.Time, agreedOnly bool) int {
	n, at := 0, t.UnixMilli()
	for _, e := range day {
		if gap := e.start - at; gap < d.slot.Milliseconds() && gap > -d.slot.Milliseconds() && (e.agreed || !agreedOnly) {
			n++
		}
	}
	return n
}

// Place finds the slot for what is wanted. late tells that capacity was exhausted up to the
// due day and the call lands after it; flag is a hint for the reader, such as that the day
// agreed is a free one.
func (d *Diary) Place(env Env, w Want) (start time.Time, late bool, flag string) {
	switch {
	case !w.Agreed.IsZero():
		start, flag = d.placeAgreed(env, w)
		return start, false, flag
	case !w.Spread.IsZero():
		if day, ok := d.emptiestDay(env, laterOf(w.From, env.Today().AddDays(1)), w.Spread); ok {
			t, _ := d.slotOn(env, day, w)
			return t, false, ""
		}
	default:
		for day := w.Due; !day.Before(env.Today()); day = day.AddDays(-1) {
			if t, ok := d.slotOn(env, day, w); ok {
				return t, false, ""
			}
		}
	}
	for i := range maxDaysAhead {
		if t, ok := d.slotOn(env, laterOf(w.Due, env.Today()).AddDays(i), w); ok {
			return t, true, ""
		}
	}
	return w.Due.At(9, 0, env.Zone), true, "no working hours left to put it into"
}

// maxDaysAhead bounds the search for room: a century, so that only hours without any slot,
// which the configuration refuses, end it.
const maxDaysAhead = 36_500

func laterOf(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}

// emptiestDay is the working day with the fewest callbacks from first to last, the
// earliest of several.
func (d *Diary) emptiestDay(env Env, first, last Date) (best Date, ok bool) {
	least := env.Settings.CallbacksPerDay
	for day := first; !day.After(last); day = day.AddDays(1) {
		if n := d.Load(day); n < least && env.Hours.Workday(day.UTC()) {
			if _, free := d.slotOn(env, day, Want{}); free {
				best, least, ok = day, n, true
			}
		}
	}
	return best, ok
}

// slotOn is a free slot on the day within capacity, not before now: the one that suits the person best, the earliest of
// several. With w.After set, the search begins in the next third of the day, so that tries come at different times.
func (d *Diary) slotOn(env Env, day Date, w Want) (time.Time, bool) {
	if d.full[day] || d.Load(day) >= env.Settings.CallbacksPerDay || !env.Hours.Workday(day.UTC()) {
		return time.Time{}, false
	}
	taken := d.on(day)
	slots := env.Hours.Slots(day.UTC())
	from := 0
	if !w.After.IsZero() {
		from = nextThird(slots, w.After.In(env.Zone))
	}
	var best time.Time
	rank := -1
	for i := range slots {
		s := slots[(from+i)%len(slots)]
		if s.Before(env.Now) || d.overlapsOn(taken, s, false) > 0 {
			continue
		}
		if r := w.suits(s); r > rank {
			best, rank = s, r
		}
	}
	if rank < 0 {
		d.full[day] = true
	}
	return best.UTC(), rank >= 0
}

// Office hours where the person is, by the clock there, when nothing else is known.
const (
	politeFrom = 9
	politeTo   = 18
)

// suits ranks a slot for the person: in office hours where they are, and near the hour at which calls mostly reached them.
func (w *Want) suits(t time.Time) int {
	rank := 0
	switch zone := cmp.Or(w.Zone, t.Location()); {
	case w.Employed:
		if atLeisure(t.In(zone)) {
			rank += 2
		}
	case w.Zone != nil:
		if h := t.In(w.Zone).Hour(); h >= politeFrom && h < politeTo {
			rank += 2
		}
	}
	if w.Best > 0 && w.After.IsZero() {
		zone := w.Zone
		if zone == nil {
			zone = t.Location()
		}
		if gap := t.In(zone).Hour() - (w.Best - 1); gap >= -1 && gap <= 1 {
			rank++
		}
	}
	return rank
}

// enoughCalls is from how many conversations on an hour is known to be a good one.
const enoughCalls = 3

// BestHour is the hour of the day, in zone, around which calls reached somebody; ok is false while that isn't known.
func BestHour(ts []Touch, zone *time.Location) (hour int, ok bool) {
	var at [24]int
	n := 0
	for _, t := range ts {
		if t.Kind == KindConversation && t.Channel == ChannelCall {
			at[t.Time.In(zone).Hour()]++
			n++
		}
	}
	most := 0
	for h := 1; h < 23; h++ { // an hour with those beside it
		if around := at[h-1] + 2*at[h] + at[h+1]; around > most {
			most, hour = around, h
		}
	}
	near := at[max(hour-1, 0)] + at[hour] + at[min(hour+1, 23)]
	return hour, n >= enoughCalls && near*2 > n
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
	third := max(passed-1, 0) * 3 / len(slots)
	return ((third+1)%3*len(slots) + 2) / 3 % len(slots)
}

// placeAgreed honours the day, and the time if one was agreed. Rule-made callbacks give way
// (Displaced); only another agreed one pushes it to the next free time, with a hint.
func (d *Diary) placeAgreed(env Env, w Want) (time.Time, string) {
	n, flag := w.Agreed, ""
	slots := env.Hours.Slots(n.Date.UTC())
	if len(slots) == 0 {
		flag = "agreed for a free day (" + n.Date.Say() + ")"
		slots = usualSlots(env, n.Date)
	}
	if n.Clock {
		at := n.Date.At(n.Hour, n.Minute, env.Zone)
		inside := slices.ContainsFunc(slots, func(s time.Time) bool { return !at.Before(s) && at.Sub(s) < d.slot })
		if flag == "" && !inside {
			flag = "agreed for outside working hours"
		}
		if d.overlaps(at, true) == 0 {
			return at.UTC(), flag
		}
		return d.pushed(at).UTC(), "another call is agreed for " + at.Format("15:04")
	}
	suiting := slices.Clone(slots)
	slices.SortStableFunc(suiting, func(a, b time.Time) int { return w.suits(b) - w.suits(a) })
	for _, agreedOnly := range []bool{false, true} {
		for _, s := range suiting {
			if d.overlaps(s, agreedOnly) == 0 && !s.Before(env.Now) {
				return s.UTC(), flag
			}
		}
	}
	at := n.Date.At(9, 0, env.Zone)
	if len(slots) > 0 {
		at = slots[len(slots)-1].Add(d.slot)
	}
	if at.Before(env.Now) {
		at = env.Now.Truncate(d.slot).Add(d.slot)
	}
	if flag == "" {
		flag = "agreed for a day without a free slot"
	}
	return d.pushed(at).UTC(), flag
}

// pushed is the first time from at on that overlaps nothing.
func (d *Diary) pushed(at time.Time) time.Time {
	for !d.Free(at) {
		at = at.Add(d.slot)
	}
	return at
}

// Displaced moves the rule-made callbacks that an agreed one overlaps. The diary holds the
// agreed one already; the open ones are given by slot.
func (d *Diary) Displaced(env Env, agreed *Callback, open []*Callback) []Callback {
	var moved []Callback
	for _, was := range Between(open, agreed.Start.Add(-d.slot), agreed.Start.Add(d.slot)) {
		if was.UID == agreed.UID || was.Rule == RuleAgreed || was.Start.Sub(agreed.Start).Abs() >= d.slot {
			continue
		}
		cb := *was
		d.Release(&cb)
		cb.Start, cb.Late, cb.Flag = d.Place(env, Want{Due: env.workdayOnOrBefore(laterOf(cb.Due, d.day(cb.Start)))})
		d.Take(&cb)
		cb.Modified = env.Now.UTC()
		cb.Sequence++
		moved = append(moved, cb)
	}
	return moved
}

// usualSlots are a free day's slots, taken from the last working day before it.
func usualSlots(env Env, day Date) []time.Time {
	work := env.workdayOnOrBefore(day)
	var out []time.Time
	for _, s := range env.Hours.Slots(work.UTC()) {
		out = append(out, day.At(s.Hour(), s.Minute(), env.Zone))
	}
	return out
}
