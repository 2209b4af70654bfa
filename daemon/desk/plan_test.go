package desk

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// week is Monday to Friday, 09:00 to 17:30, for tests.
type week struct{ zone *time.Location }

func (w week) Workday(d time.Time) bool {
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

func (w week) Slots(d time.Time) []time.Time {
	if !w.Workday(d) {
		return nil
	}
	var out []time.Time
	for m := 9 * 60; m < 17*60+30; m += 15 {
		out = append(out, time.Date(d.Year(), d.Month(), d.Day(), m/60, m%60, 0, 0, w.zone))
	}
	return out
}

func envAt(now time.Time, zone *time.Location) Env {
	return Env{Desk: "sam", Now: now, Zone: zone, Hours: week{zone}, Settings: DefaultSettings()}
}

func london(t testing.TB) *time.Location {
	z, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func dm(id string, since time.Time) *Contact {
	return &Contact{ID: id, Emails: []string{id + "@x.example"}, Status: StatusActive, Roles: []Role{RoleDecisionMaker}, DMSince: since}
}

// TestDue is the table of DOMAIN.md, section 1: what an outcome at now (Monday, 2 March
// 2026, 10:00 in London) makes the next call due on.
func TestDue(t *testing.T) {
	zone := london(t)
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	env := envAt(now, zone)
	na := func(n int) (ts []Touch) {
		for i := range n {
			ts = append(ts, Touch{ID: fmt.Sprint(i), Time: now, Ordinal: uint64(i), Outcome: OutcomeNoAnswer, Channel: ChannelCall, Kind: KindTouch})
		}
		return ts
	}
	talk := func(o Outcome) []Touch { return []Touch{{ID: "t", Time: now, Outcome: o, Kind: KindConversation}} }
	for _, c := range []struct {
		name string
		ts   []Touch
		st   Standing
		due  string
		rule Rule
	}{
		{"spoke", talk(OutcomeSpoke), Standing{}, "2026-05-29", RuleCycle}, // day 90 is a Sunday: the working day before
		{"spoke, order open", talk(OutcomeSpoke), Standing{OpenOrder: true}, "2026-03-09", RuleOpenOrder},
		{"spoke, past client", talk(OutcomeSpoke), Standing{PastClient: true}, "2026-04-01", RulePastClient},
		{"met", talk(OutcomeMet), Standing{}, "2026-03-16", RuleMet},
		{"not interested", talk(OutcomeNotInterested), Standing{}, "2026-05-29", RuleNotInterested},
		{"left message", []Touch{{ID: "t", Time: now, Outcome: OutcomeLeftMessage, Kind: KindTouch}}, Standing{}, "2026-03-04", RuleLeftMessage},
		{"no answer, first", na(1), Standing{}, "2026-03-03", RuleNoAnswer},
		{"no answer, second", na(2), Standing{}, "2026-03-04", RuleNoAnswer},
		{"no answer, third", na(3), Standing{}, "2026-03-09", RuleNoAnswer},
		{"no answer, fourth", na(4), Standing{}, "2026-03-16", RuleNoAnswer},
		{"no answer, ninth", na(9), Standing{}, "2026-03-16", RuleNoAnswer},
		{"agreed", []Touch{{ID: "t", Time: now, Outcome: OutcomeSpoke, Kind: KindConversation, Next: Next{Date: Date{2026, 7, 4}}}}, Standing{}, "2026-07-04", RuleAgreed}, // a Saturday: agreed dates stand
		{"never spoken to", nil, Standing{}, "2026-03-09", RuleFirstCall},
		{"emailed keeps the first call", []Touch{{ID: "t", Time: now, Outcome: OutcomeEmailed, Kind: KindTouch}}, Standing{}, "2026-03-09", RuleFirstCall},
	} {
		w, ok := Wanted(env, dm("c", now), c.ts, c.st)
		if !ok || w.Due.String() != c.due || w.Rule != c.rule {
			t.Errorf("%s: due %s by %s, want %s by %s", c.name, w.Due, w.Rule, c.due, c.rule)
		}
	}
}

func TestAssumedConversation(t *testing.T) {
	mail := func(id string, day int, dir Direction, thread string) Touch {
		k := KindTouch
		if dir == In {
			k = KindReply
		}
		return Touch{ID: id, Time: time.Date(2026, 1, day, 9, 0, 0, 0, time.UTC), Direction: dir, Channel: ChannelEmail, Kind: k, Source: SourceMail, Thread: thread}
	}
	for name, c := range map[string]struct {
		ts   []Touch
		want string
	}{
		"only written to":               {[]Touch{mail("a", 1, Out, "x")}, ""},
		"answered":                      {[]Touch{mail("a", 1, Out, "x"), mail("b", 2, In, "x")}, "b"},
		"answered, then unanswered":     {[]Touch{mail("a", 1, Out, "x"), mail("b", 2, In, "x"), mail("c", 9, Out, "y")}, "b"},
		"our answer to theirs":          {[]Touch{mail("a", 1, In, "x"), mail("b", 2, Out, "x")}, "b"},
		"only theirs, never written to": {[]Touch{mail("a", 1, In, "x")}, ""},
	} {
		if got := AssumedConversation(c.ts).ID; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// book plays a desk for the property test.
type book struct {
	env      Env
	contacts []*Contact
	touches  map[string][]Touch
	cbs      map[string]*Callback
	ordinal  uint64
}

func (b *book) diary() *Diary { return OpenDiary(b.env, openOf(b.list())) }

// openOf are the open ones of callbacks in order.
func openOf(cbs []Callback) (out []*Callback) {
	for i := range cbs {
		if cbs[i].Open() {
			out = append(out, &cbs[i])
		}
	}
	return out
}

func (b *book) list() []Callback {
	var out []Callback
	for _, c := range b.cbs {
		out = append(out, *c)
	}
	SortCallbacks(out)
	return out
}

func (b *book) plan(c *Contact) {
	ts := b.touches[c.ID]
	SortTouches(ts)
	d := b.diary()
	b.put(Plan(b.env, c, ts, Standing{}, b.cbs[c.ID], d), d)
}

// put stores what became of a callback; a rule-made one gives way to an agreed time, as in the daemon.
func (b *book) put(next *Callback, d *Diary) {
	if next == nil {
		return
	}
	b.cbs[next.Contact] = next
	if next.Rule == RuleAgreed && next.Open() {
		moved := d.Displaced(b.env, next, openOf(b.list()))
		for i := range moved {
			b.cbs[moved[i].Contact] = &moved[i]
		}
	}
}

// check holds what must always be true.
func (b *book) check(t *rapid.T) {
	var starts []time.Time
	perDay := map[Date]int{}
	for id, cb := range b.cbs {
		if !cb.Open() {
			continue
		}
		for _, other := range starts {
			if other.Sub(cb.Start).Abs() < 15*time.Minute {
				t.Fatalf("%s at %s overlaps one at %s", id, cb.Start, other)
			}
		}
		starts = append(starts, cb.Start)
		day := DateOf(cb.Start.In(b.env.Zone))
		perDay[day]++
		ok := false
		for _, s := range b.env.Hours.Slots(day.UTC()) {
			ok = ok || s.Equal(cb.Start)
		}
		if !ok && cb.Rule != RuleAgreed {
			t.Fatalf("%s at %s lies outside the hours (%s)", id, cb.Start.In(b.env.Zone), cb.Rule)
		}
	}
	for day, n := range perDay {
		if n > b.env.Settings.CallbacksPerDay {
			agreed := 0
			for _, cb := range b.cbs {
				if cb.Open() && cb.Rule == RuleAgreed && DateOf(cb.Start.In(b.env.Zone)) == day {
					agreed++
				}
			}
			if n-agreed > b.env.Settings.CallbacksPerDay {
				t.Fatalf("%d callbacks on %s", n, day)
			}
		}
	}
	for _, c := range b.contacts {
		if c.OwesCycle() != b.cbs[c.ID].Open() && c.OwesCycle() {
			t.Fatalf("decision maker %s has no open callback", c.ID)
		}
		if !c.Callable() && b.cbs[c.ID].Open() {
			t.Fatalf("%s (%s) has an open callback", c.ID, c.Status)
		}
		b.checkDue(t, c)
	}
}

// checkDue: due by day 90 after the last conversation, unless something later set the day.
func (b *book) checkDue(t *rapid.T, c *Contact) {
	cb := b.cbs[c.ID]
	if !c.OwesCycle() || cb.Rule != RuleCycle || cb.Late {
		return
	}
	last := LastConversation(b.touches[c.ID])
	limit := DateOf(last.In(b.env.Zone)).AddDays(90)
	if cb.Due.After(limit) || DateOf(cb.Start.In(b.env.Zone)).After(limit) && cb.Sequence == 0 {
		t.Fatalf("%s: due %s, start %s, last conversation %s", c.ID, cb.Due, cb.Start, last)
	}
}

// TestSlotsProperty: any contacts, any clock, any zone.
func TestSlotsProperty(t *testing.T) {
	zones := []string{"Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Unix(rapid.Int64Range(1.7e9, 2.0e9).Draw(t, "now"), 0)
		b := &book{env: envAt(start, zone), touches: map[string][]Touch{}, cbs: map[string]*Callback{}}
		b.env.Settings.CallbacksPerDay = rapid.IntRange(1, 20).Draw(t, "capacity")
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			b.step(t)
			b.check(t)
		}
	})
}

func (b *book) step(t *rapid.T) {
	pick := func() *Contact {
		return b.contacts[rapid.IntRange(0, len(b.contacts)-1).Draw(t, "who")]
	}
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if len(b.contacts) == 0 {
		kind = 0
	}
	switch kind {
	case 0, 1, 2: // somebody becomes a decision maker
		for range rapid.IntRange(1, 15).Draw(t, "n") {
			c := dm(fmt.Sprintf("c%d", len(b.contacts)), b.env.Now)
			if ago := rapid.IntRange(0, 400).Draw(t, "ago"); ago > 30 {
				at := b.env.Now.AddDate(0, 0, -ago)
				b.touches[c.ID] = []Touch{
					{ID: c.ID + "o", Time: at, Direction: Out, Channel: ChannelEmail, Kind: KindTouch, Source: SourceMail, Thread: "x"},
					{ID: c.ID + "i", Time: at.Add(time.Hour), Direction: In, Channel: ChannelEmail, Kind: KindReply, Source: SourceMail, Thread: "x"},
				}
			}
			b.contacts = append(b.contacts, c)
			b.plan(c)
		}
	case 3, 4, 5: // something is logged
		c := pick()
		b.ordinal++
		o := rapid.SampledFrom([]Outcome{OutcomeSpoke, OutcomeMet, OutcomeLeftMessage, OutcomeNoAnswer, OutcomeNotInterested, OutcomeEmailed}).Draw(t, "outcome")
		next := Next{}
		if rapid.Bool().Draw(t, "agreed") {
			next.Date = b.env.Today().AddDays(rapid.IntRange(1, 300).Draw(t, "in"))
			if rapid.Bool().Draw(t, "clock") {
				next.Clock, next.Hour, next.Minute = true, rapid.IntRange(9, 16).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
			}
		}
		touch := Logged(c, Entry{Outcome: o, At: b.env.Now, Next: next, Source: SourceShell, Ref: fmt.Sprint(b.ordinal)})
		touch.Ordinal = b.ordinal
		b.touches[c.ID] = append(b.touches[c.ID], touch)
		b.plan(c)
	case 6: // done without a conversation
		c := pick()
		d := b.diary()
		b.ordinal++
		b.put(MoveOn(b.env, Owed{Contact: c, Touches: b.touches[c.ID]}, b.cbs[c.ID], Ended{Status: CallbackDone, Basis: fmt.Sprint("cmd:", b.ordinal), Ordinal: b.ordinal}, d), d)
	case 7: // do not contact, or back again
		c := pick()
		c.Status = rapid.SampledFrom([]Status{StatusDoNotContact, StatusActive, StatusLeft}).Draw(t, "status")
		b.plan(c)
	default: // time passes
		b.env.Now = b.env.Now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
		moved, _ := Roll(b.env, openOf(b.list()), b.diary())
		for i := range moved {
			b.cbs[moved[i].Contact] = &moved[i]
		}
	}
}

// TestSpreadIsEven: callbacks overdue at the first start are spread evenly over 60 working days.
func TestSpreadIsEven(t *testing.T) {
	zone := london(t)
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	b := &book{env: envAt(now, zone), touches: map[string][]Touch{}, cbs: map[string]*Callback{}}
	for i := range 300 {
		c := dm(fmt.Sprintf("c%03d", i), now)
		at := now.AddDate(0, 0, -200)
		b.touches[c.ID] = []Touch{
			{ID: c.ID + "o", Time: at, Direction: Out, Channel: ChannelEmail, Source: SourceMail, Thread: "x"},
			{ID: c.ID + "i", Time: at.Add(time.Hour), Direction: In, Channel: ChannelEmail, Kind: KindReply, Source: SourceMail, Thread: "x"},
		}
		b.plan(c)
	}
	perDay := map[Date]int{}
	for _, cb := range b.cbs {
		perDay[DateOf(cb.Start.In(zone))]++
	}
	if len(perDay) != 60 {
		t.Errorf("spread over %d days", len(perDay))
	}
	for d, n := range perDay {
		if n != 5 {
			t.Errorf("%s has %d callbacks", d, n)
		}
	}
}

// TestRoll: what isn't done moves to the next working day's first slots, oldest first, within capacity.
func TestRoll(t *testing.T) {
	zone := london(t)
	now := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC) // Tuesday
	env := envAt(now, zone)
	env.Settings.CallbacksPerDay = 2
	var cbs []Callback
	for i := range 3 {
		cbs = append(cbs, Callback{UID: fmt.Sprint(i), Contact: fmt.Sprint(i), Status: CallbackOpen, Due: Date{2026, 2, 27 - i}, Start: time.Date(2026, 3, 2, 9+i, 0, 0, 0, time.UTC)})
	}
	moved, surplus := Roll(env, openOf(cbs), OpenDiary(env, openOf(cbs)))
	if len(moved) != 2 || surplus != 1 || moved[0].UID != "2" || moved[0].Sequence != 1 || !moved[0].Start.Equal(time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, surplus %d", moved, surplus)
	}
	env.Now = time.Date(2026, 3, 7, 8, 0, 0, 0, time.UTC) // Saturday
	if moved, _ := Roll(env, openOf(cbs), OpenDiary(env, openOf(cbs))); len(moved) != 0 {
		t.Error("rolled on a free day")
	}
}

// TestWeekAndMonthTold: each day is in the figures of one week and of one month, also where holidays end them early.
func TestWeekAndMonthTold(t *testing.T) {
	env := envAt(time.Date(2025, 12, 24, 9, 0, 0, 0, time.UTC), time.UTC)
	for name, told := range map[string]func(Date) Date{"week": env.WeekTold, "month": env.MonthTold} {
		covered := map[Date]int{}
		for d := (Date{Year: 2025, Month: 9, Day: 1}); d.Before(Date{Year: 2026, Month: 6, Day: 1}); d = d.AddDays(1) {
			from := told(d)
			if from.IsZero() {
				continue
			}
			for x := from; x.Before(d); x = x.AddDays(1) {
				covered[x]++
			}
		}
		for d := (Date{Year: 2025, Month: 10, Day: 1}); d.Before(Date{Year: 2026, Month: 4, Day: 1}); d = d.AddDays(1) {
			if covered[d] != 1 {
				t.Errorf("%s is in %d %ss", d, covered[d], name)
			}
		}
	}
}
