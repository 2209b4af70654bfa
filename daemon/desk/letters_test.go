package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02T15:04Z07:00", s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParseWhen(t *testing.T) {
	env := envAt(at("2026-03-02T09:00Z"), london(t))
	zone := env.Zone
	start, end := at("2026-03-10T15:00Z"), at("2026-03-10T16:00Z") // a Tuesday
	for s, want := range map[string]string{
		"confirmed":             "2026-03-02T09:00Z",
		"2 working days before": "2026-03-06T09:00Z",
		"1 working day before":  "2026-03-09T09:00Z",
		"3 days before":         "2026-03-07T15:00Z",
		"2 hours before":        "2026-03-10T13:00Z",
		"30 minutes after":      "2026-03-10T16:30Z",
		"1 day after":           "2026-03-11T16:00Z",
		"4 working days after":  "2026-03-16T09:00Z",
		"on the day at 07:30":   "2026-03-10T07:30Z",
		"On the day at 07:30, the evening before at 18:00 when it starts before 15:30": "2026-03-09T18:00Z",
	} {
		w, err := ParseWhen(s)
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		if got := w.At(env, at("2026-03-02T09:00Z"), start, end, zone).UTC().Format("2006-01-02T15:04Z07:00"); got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
	for _, bad := range []string{"soon", "2 weeks before", "on the day at 25:00", "on the day at 7:30", "-1 days before"} {
		if w, err := ParseWhen(bad); err == nil {
			t.Errorf("%q was taken: %+v", bad, w)
		}
	}
	// the clocks go forward on 29 March 2026: the day's half past seven stays half past seven
	w, _ := ParseWhen("on the day at 07:30")
	if got := w.At(env, time.Time{}, at("2026-03-30T10:00Z"), at("2026-03-30T11:00Z"), zone).UTC(); got != at("2026-03-30T06:30Z") {
		t.Errorf("%s", got)
	}
}

func TestNextSend(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	l := SendLimits{PerHour: 3, PerDay: 5, Gap: 90 * time.Second, Window: [2]int{8 * 60, 19 * 60}}
	for name, c := range map[string]struct {
		now    string
		zone   *time.Location
		sent   []string
		urgent bool
		want   string
	}{
		"now":                          {now: "2026-03-03T10:00Z", want: "2026-03-03T10:00Z"},
		"before the window":            {now: "2026-03-03T06:00Z", want: "2026-03-03T08:00Z"},
		"in the recipient's zone":      {now: "2026-03-03T06:00Z", zone: berlin, want: "2026-03-03T07:00Z"},
		"after the window":             {now: "2026-03-03T19:00Z", want: "2026-03-04T08:00Z"},
		"friday evening":               {now: "2026-03-06T20:00Z", want: "2026-03-09T08:00Z"},
		"on a saturday":                {now: "2026-03-07T10:00Z", want: "2026-03-09T08:00Z"},
		"urgent, outside the window":   {now: "2026-03-07T06:00Z", urgent: true, want: "2026-03-07T06:00Z"},
		"the gap":                      {now: "2026-03-03T10:00Z", sent: []string{"2026-03-03T09:59Z"}, want: "2026-03-03T10:00:30Z"},
		"three in an hour":             {now: "2026-03-03T10:00Z", sent: []string{"2026-03-03T09:10Z", "2026-03-03T09:20Z", "2026-03-03T09:30Z"}, want: "2026-03-03T10:10Z"},
		"five in a day":                {now: "2026-03-03T16:00Z", sent: []string{"2026-03-03T08:10Z", "2026-03-03T09:20Z", "2026-03-03T10:30Z", "2026-03-03T11:30Z", "2026-03-03T12:30Z"}, want: "2026-03-04T08:00Z"},
		"urgent heeds the day's limit": {now: "2026-03-03T16:00Z", urgent: true, sent: []string{"2026-03-03T08:10Z", "2026-03-03T09:20Z", "2026-03-03T10:30Z", "2026-03-03T11:30Z", "2026-03-03T12:30Z"}, want: "2026-03-04T00:00Z"},
	} {
		env := envAt(at("2026-03-02T09:00Z"), london(t))
		env.Now = at(c.now)
		var sent []time.Time
		for _, s := range c.sent {
			sent = append(sent, at(s))
		}
		zone := c.zone
		if zone == nil {
			zone = env.Zone
		}
		got := strings.Replace(NextSend(env, l, zone, sent, c.urgent).UTC().Format(time.RFC3339), ":00Z", "Z", 1)
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		words, place, link, number string
		want                       InterviewKind
	}{
		{"Interview", "", "https://zoom.us/j/1", "", KindVideo},
		{"Phone interview", "", "", "+44 20 7946 0018", KindPhone},
		{"Interview", "+44 20 7946 0018", "", "+44 20 7946 0018", KindPhone},
		{"Interview", "5 King Street, London", "", "", KindInPerson},
		{"Onsite interview", "", "https://zoom.us/j/1", "", KindInPerson},
		{"Interview, Microsoft Teams", "", "", "", KindVideo},
		{"Interview", "Microsoft Teams Meeting", "", "", KindVideo},
		{"Vorstellungsgespräch vor Ort", "", "", "", KindInPerson},
		{"Telefoninterview", "", "", "", KindPhone},
		{"Interview", "", "", "", KindUnknown},
	} {
		if got := KindOf(c.words, c.place, c.link, c.number); got != c.want {
			t.Errorf("%q %q %q %q: %q, want %q", c.words, c.place, c.link, c.number, got, c.want)
		}
	}
}

func TestTold(t *testing.T) {
	for note, want := range map[string]string{
		"phone with Dana Reed":                                         "phone map[] Dana Reed/",
		"phone +44 20 7946 0018 with Dana Reed, CTO":                   "phone map[number:+44 20 7946 0018] Dana Reed/CTO",
		"in person at 5 King Street with Dana Reed, CTO and Tom Price": "in-person map[address:5 King Street] Dana Reed/CTO Tom Price/",
		"video https://meet.example/abc with Tom":                      "video map[link:https://meet.example/abc] Tom/",
		"with Dana Reed, CTO, phone 020 7946 0018":                     "phone map[number:020 7946 0018] Dana Reed/CTO",
		"onsite, 5 King Street":                                        "in-person map[address:5 King Street] ",
		"for JO7, zoom":                                                "video map[] ",
	} {
		kind, facts, who, _ := ReadTold(note)
		var names []string
		for _, w := range who {
			names = append(names, w.Name+"/"+w.Title)
		}
		if got := fmt.Sprintf("%s %v %s", kind, facts, strings.Join(names, " ")); got != want {
			t.Errorf("%q: %s, want %s", note, got, want)
		}
	}
	if _, _, _, order := ReadTold("phone for JO7"); order != 7 {
		t.Errorf("order %d", order)
	}
}

func TestInterviewPlan(t *testing.T) {
	env := envAt(at("2026-03-02T09:00Z"), london(t))
	plan := func(start time.Time, status InterviewStatus, spoke time.Time, now string) (out []string) {
		env.Now = at(now)
		iv := &Interview{Start: start, End: start.Add(time.Hour), Kind: KindPhone, Status: status, Client: "c", Confirmed: at("2026-03-02T12:00Z")}
		for _, s := range iv.Plan(env, nil, env.Zone, spoke) {
			out = append(out, s.Key+" "+s.Due.UTC().Format("2006-01-02T15:04"))
		}
		return out
	}
	want := []string{"confirmation 2026-03-02T12:00", "prep 2026-03-06T09:00", "prep-call 2026-03-09T09:00", "good-luck 2026-03-10T07:30", "debrief 2026-03-10T16:30", "debrief-client 2026-03-10T16:45"}
	if got := plan(at("2026-03-10T15:00Z"), InterviewStands, time.Time{}, "2026-03-02T12:00Z"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := plan(at("2026-03-10T10:00Z"), InterviewStands, time.Time{}, "2026-03-02T12:00Z"); !slices.Contains(got, "good-luck 2026-03-09T18:00") {
		t.Errorf("an early one: %q", got)
	}
	if got := plan(at("2026-03-10T15:00Z"), InterviewAttended, time.Time{}, "2026-03-11T09:00Z"); !slices.Equal(got, []string{"follow-up 2026-03-11T16:00", "no-news-1 2026-03-17T10:00"}) {
		t.Errorf("behind it: %q", got)
	}
	if got := plan(at("2026-03-10T15:00Z"), InterviewAttended, at("2026-03-12T10:00Z"), "2026-03-13T09:00Z"); slices.Contains(got, "no-news-1 2026-03-17T10:00") {
		t.Errorf("spoken to within five working days: %q", got)
	}
	if got := plan(at("2026-03-10T15:00Z"), InterviewAttended, at("2026-03-12T10:00Z"), "2026-03-22T09:00Z"); !slices.Contains(got, "no-news-2 2026-03-24T10:00") {
		t.Errorf("the week after: %q", got)
	}
	for _, s := range []InterviewStatus{InterviewCancelled, InterviewRegistration, InterviewAsked, InterviewEnded} {
		if got := plan(at("2026-03-10T15:00Z"), s, time.Time{}, "2026-03-02T12:00Z"); len(got) != 0 {
			t.Errorf("%s: %q", s, got)
		}
	}
}

func TestSequenceSteps(t *testing.T) {
	env := envAt(at("2026-03-02T09:00Z"), london(t))
	day := func(n int) *int { return &n }
	s := &Sequence{Steps: []Step{{Letter: "a", Window: [2]int{510, 690}}, {Call: "b", Wait: 2}, {Letter: "c", Wait: 3, Window: [2]int{810, 990}}}}
	env.Now = at("2026-03-05T15:00Z") // a Thursday
	e := &Enrolment{From: env.Today()}
	e.Begin(env, s)
	var got []string
	for e.State == EnrolmentActive {
		got = append(got, e.Next.Format("2006-01-02T15:04"))
		e.Advance(env, s, e.Next)
	}
	if want := []string{"2026-03-05T15:00", "2026-03-09T09:00", "2026-03-12T13:30"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	care := &Sequence{Steps: []Step{{Call: "before", Day: day(-2)}, {Letter: "day 1", Day: day(0)}, {Call: "week", Day: day(7)}}}
	e = &Enrolment{From: Date{2026, time.May, 1}}
	e.Begin(env, care)
	if got := e.Next.Format("2006-01-02T15:04"); got != "2026-04-29T08:00" { // nine in summer time
		t.Errorf("%s", got)
	}
	e.Pause(env, Date{2026, time.May, 20})
	if e.State != EnrolmentPaused || e.Next.Format("2006-01-02") != "2026-05-20" {
		t.Errorf("%+v", e)
	}
}

func TestSameCompany(t *testing.T) {
	for _, c := range []struct {
		company, domain string
		want            bool
	}{{"Acme Robotics Ltd", "acme-robotics.example", true}, {"Acme", "acme.example", true}, {"Acme Robotics", "acme.example", true}, {"Acme", "acmeplus.example", false}, {"", "acme.example", false}, {"AB", "ab.example", false}} {
		if got := SameCompany(c.company, c.domain); got != c.want {
			t.Errorf("%q %q: %v", c.company, c.domain, got)
		}
	}
}
