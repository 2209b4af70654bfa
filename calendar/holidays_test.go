package calendar

import (
	"slices"
	"testing"
	"time"
)

func TestPublicHolidays(t *testing.T) {
	for _, c := range []struct {
		region, day string
		want        bool
	}{
		{"gb", "2026-12-25", true}, {"gb", "2026-12-28", true}, {"gb", "2026-12-24", false}, {"gb", "2026-04-06", true}, {"gb", "2026-08-31", true},
		{"de-by", "2026-01-06", true}, {"de-be", "2026-01-06", false}, {"de-be", "2026-10-03", true}, {"de-by", "2026-11-01", true}, {"de-nw", "2026-06-04", true},
		{"us", "2026-07-03", true}, {"us", "2026-11-26", true}, {"us", "2026-11-27", false}, {"ie", "2026-03-17", true}, {"fr", "2026-07-14", true}, {"nl", "2026-04-27", true},
	} {
		free, err := PublicHolidays([]string{c.region})
		if err != nil {
			t.Fatal(err)
		}
		day, _ := time.Parse(time.DateOnly, c.day)
		if free(day) != c.want {
			t.Errorf("%s %s: free %v", c.region, c.day, free(day))
		}
	}
	if _, err := PublicHolidays([]string{"atlantis"}); err == nil {
		t.Error("accepted")
	}
	both, _ := PublicHolidays([]string{"gb", "fr"})
	if day := time.Date(2026, 7, 14, 0, 0, 0, 0, time.UTC); !both(day) {
		t.Error("two regions")
	}
	if !slices.Contains(Regions(), "ch-zh") || len(Regions()) < 60 {
		t.Errorf("%d regions", len(Regions()))
	}
	none, _ := PublicHolidays(nil)
	if none(time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)) {
		t.Error("without a region nothing is free")
	}
}
