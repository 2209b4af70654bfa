package desk

import (
	"testing"
	"time"
)

// TestBestTime: calls come in office hours where the person is, and around the hour at which they were reached before.
func TestBestTime(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	env := envAt(at("2026-03-02T08:00Z"), london(t))
	reached := func(hours ...int) (ts []Touch) {
		for i, h := range hours {
			ts = append(ts, Touch{ID: "t", Time: time.Date(2026, 1, 5+i, h, 20, 0, 0, time.UTC), Kind: KindConversation, Channel: ChannelCall, Outcome: OutcomeSpoke})
		}
		return ts
	}
	for name, c := range map[string]struct {
		ts   []Touch
		zone *time.Location
		want string // UTC
	}{
		"nothing known":        {nil, nil, "09:00"},
		"in New York":          {nil, newYork, "14:00"}, // nine there
		"reached at four":      {reached(16, 16, 15), nil, "15:00"},
		"reached twice":        {reached(16, 16), nil, "09:00"},
		"reached at all hours": {reached(9, 12, 16, 10), nil, "09:00"},
		"at noon in New York":  {reached(17, 17, 17), newYork, "16:00"}, // eleven to one there
	} {
		d := NewDiary(env, nil)
		st := Standing{Zone: c.zone}
		w, _ := Wanted(env, dm("a", env.Now), c.ts, st)
		w.Due, w.Spread, w.After, w.Agreed = Date{2026, 3, 3}, Date{}, time.Time{}, Next{}
		start, _, _ := d.Place(env, w)
		if got := start.UTC().Format("15:04"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	// a further try is at another time of day than the last one, whatever was learnt
	w := Want{Due: Date{2026, 3, 3}, After: at("2026-03-02T16:00Z"), Best: 17, Zone: env.Zone}
	start, _, _ := NewDiary(env, nil).Place(env, w)
	if start.UTC().Hour() > 12 {
		t.Errorf("%s", start)
	}
}
