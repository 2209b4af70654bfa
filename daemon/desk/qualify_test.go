package desk

import (
	"testing"
	"time"
)

// TestRank: what is told of an order is read as data, and its rank follows and is explained.
func TestRank(t *testing.T) {
	for _, c := range []struct {
		text    string
		facts   []string
		manager bool
		rank    string
		why     string
	}{
		{"Go developer @ Acme", []string{"fee 22% terms signed, interviews 12+13 March, fill by 1 May", "salary 75k, must have Go"}, true, "A", "all there"},
		{"Go developer @ Acme", []string{"fee 22% terms signed, fill by 1 May, salary 75k"}, true, "B", "no interview dates"},
		{"Go developer @ Acme", []string{"fee 15%, signed terms, interviews next tue, salary 75k, needs Kubernetes"}, true, "B", "fee below 20 %"},
		{"Go developer @ Acme", []string{"fee 22%, terms not signed yet, interviews 12 March, salary £75,000, must have Go"}, true, "B", "terms not signed"},
		{"Go developer @ Acme", []string{"terms signed, interviews 12 March, salary 75k, must have Go"}, true, "C", "no fee"},
		{"Go developer @ Acme", []string{"fee 22% terms signed, interviews 12 March, salary 75k, must have Go, HR only"}, true, "C", "no hiring manager"},
		{"Go developer @ Acme", []string{"fee 22%"}, true, "C", "terms not signed, no interview dates, pay or spec not told"},
		{"Go developer @ Acme", nil, false, "C", "no fee, terms not signed, no interview dates, pay or spec not told, no hiring manager"},
		{"Go developer @ Acme", []string{"fee 20 percent, contract signed, interview dates: mon and tue, package 80k, replacing a leaver, hiring manager is Dana"}, false, "A", "all there"},
	} {
		o := NewJobOrder(c.text, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		for _, f := range c.facts {
			o.Tell(f, o.Opened)
		}
		q := o.Qualify(c.manager)
		if rank, why := q.Rank(20); rank != c.rank || why != c.why {
			t.Errorf("%q: %s (%s), want %s (%s)\n%+v", c.facts, rank, why, c.rank, c.why, q)
		}
	}
}

// TestClock: steps are due in working time, over evenings, weekends and daylight saving, and stamped from the log.
func TestClock(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, london) }
	env := Env{Zone: london, Hours: officeHours{london}, Now: at(31, 12, 0), Slot: 15 * time.Minute, Settings: DefaultSettings()}
	for _, c := range []struct {
		landed                               time.Time
		called, qualified, submitted, feedby time.Time // due; feedback two days after a submittal an hour after landing
	}{
		{at(3, 9, 30), at(3, 10, 30), at(3, 17, 0), at(4, 9, 30), at(5, 10, 30)},
		{at(3, 16, 40), at(4, 9, 40), at(3, 17, 0), at(4, 16, 40), at(5, 17, 40)},
		{at(6, 16, 30), at(9, 9, 30), at(6, 17, 0), at(9, 16, 30), at(10, 17, 30)},     // a Friday
		{at(7, 11, 0), at(9, 10, 0), at(9, 17, 0), at(9, 11, 0), at(10, 12, 0)},        // a Saturday
		{at(27, 16, 45), at(30, 9, 45), at(27, 17, 0), at(30, 16, 45), at(31, 17, 45)}, // the clocks go forward in between
	} {
		o := JobOrder{Number: 1, Opened: c.landed, Status: OrderOpen}
		o.Submit("c-1", c.landed.Add(time.Hour))
		steps := o.Clock(env, DefaultTargets(), nil, time.Time{}, time.Time{})
		for i, want := range []time.Time{{}, c.called, c.qualified, c.submitted, c.feedby} {
			if !steps[i].Due.Equal(want) {
				t.Errorf("landed %s: %s due %s, want %s", c.landed, steps[i].Name, steps[i].Due.In(london), want)
			}
		}
		if late, ok := LateStep(steps, c.called.Add(time.Minute)); !ok || late.Name != StepCalledBack {
			t.Errorf("late: %+v", late)
		}
	}
	o := JobOrder{Number: 1, Opened: at(3, 9, 30), Status: OrderOpen}
	o.Tell("fee 22%", at(3, 9, 40))
	o.Tell("salary 75k, interviews 12 March", at(3, 9, 50))
	touches := []Touch{
		{ID: "old", Time: at(2, 9, 0), Direction: Out, Channel: ChannelCall}, {ID: "mail", Time: at(3, 9, 35), Direction: Out, Channel: ChannelEmail},
		{ID: "call", Time: at(3, 9, 45), Direction: Out, Channel: ChannelCall, Kind: KindConversation}, {ID: "reply", Time: at(4, 9, 0), Direction: In, Channel: ChannelEmail, Kind: KindReply},
	}
	o.Submit("c-1", at(3, 15, 0))
	steps := o.Clock(env, DefaultTargets(), touches, at(12, 10, 0), time.Time{})
	for i, want := range []time.Time{at(3, 9, 30), at(3, 9, 45), at(3, 9, 50), at(3, 15, 0), at(4, 9, 0), at(12, 10, 0), {}, {}} {
		if !steps[i].Done.Equal(want) || steps[i].Late(env.Now) {
			t.Errorf("%s done %s, want %s", steps[i].Name, steps[i].Done, want)
		}
	}
}

// officeHours are Monday to Friday, nine to five, without a break.
type officeHours struct{ zone *time.Location }

func (h officeHours) Workday(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

func (h officeHours) Slots(day time.Time) (out []time.Time) {
	for m := 9 * 60; m < 17*60 && h.Workday(day); m += 15 {
		out = append(out, time.Date(day.Year(), day.Month(), day.Day(), m/60, m%60, 0, 0, h.zone))
	}
	return out
}

// TestQualifyTraps: words that look like more than they are.
func TestQualifyTraps(t *testing.T) {
	for _, c := range []struct {
		text  string
		check func(q *Qualification) bool
	}{
		{"Sales Manager, fee 22% terms to be signed", func(q *Qualification) bool { return !q.Manager && !q.Signed && q.Fee == 22 }},
		{"fee £12,000, salary 60k", func(q *Qualification) bool { return q.Fee == 20 && q.FeeMoney == 12000 && q.Pay == "salary 60k" }},
		{"fee 12k", func(q *Qualification) bool { return q.FeeMoney == 12000 && q.Pay == "" }},
		{"fee 22%, salary 60k, line manager Jane", func(q *Qualification) bool {
			return q.Fee == 22 && q.FeeMoney == 0 && q.Pay == "salary 60k" && q.Manager
		}},
		{"fee 22% salary 60k", func(q *Qualification) bool { return q.Fee == 22 && q.Pay == "salary 60k" }},
	} {
		o := JobOrder{Text: c.text}
		if q := o.Qualify(false); !c.check(&q) {
			t.Errorf("%s: %+v", c.text, q)
		}
	}
	for text, company := range map[string]string{"Welder, start at once": "", "Welder at Acme, 60k": "Acme", "Welder @ acme": "acme", "Welder, at least 5 years": "", "Welder at 3M": "3M"} {
		if o := NewJobOrder(text, time.Time{}); o.Company != company {
			t.Errorf("%s: %q", text, o.Company)
		}
	}
}
