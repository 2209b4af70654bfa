package calendar

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBusy(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 3, 23, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ event, want string }{
		"one":             {"DTSTART:20260324T100000Z\nDTEND:20260324T110000Z", "24T10:00-24T11:00"},
		"with a duration": {"DTSTART:20260324T100000Z\nDURATION:PT30M", "24T10:00-24T10:30"},
		"free":            {"DTSTART:20260324T100000Z\nDTEND:20260324T110000Z\nTRANSP:TRANSPARENT", ""},
		"cancelled":       {"DTSTART:20260324T100000Z\nDTEND:20260324T110000Z\nSTATUS:CANCELLED", ""},
		"a reminder":      {"DTSTART:20260324T100000Z", ""},
		"a whole day":     {"DTSTART;VALUE=DATE:20260325", "25T00:00-26T00:00"},
		"floating":        {"DTSTART:20260330T100000\nDTEND:20260330T110000", "30T09:00-30T10:00"},
		"daily, over the clock change": {"DTSTART;TZID=Europe/London:20260301T090000\nDTEND;TZID=Europe/London:20260301T091500\nRRULE:FREQ=DAILY;UNTIL=20260330T235959Z\nEXDATE;TZID=Europe/London:20260325T090000",
			"23T09:00-23T09:15 24T09:00-24T09:15 26T09:00-26T09:15 27T09:00-27T09:15 28T09:00-28T09:15 29T08:00-29T08:15 30T08:00-30T08:15"},
		"weekly":           {"DTSTART:20260302T140000Z\nDTEND:20260302T150000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=9", "23T14:00-23T15:00 25T14:00-25T15:00 30T14:00-30T15:00"},
		"every second":     {"DTSTART:20260324T100000Z\nDTEND:20260324T100100Z\nRRULE:FREQ=SECONDLY", "24T10:00-24T10:01"},
		"nonsense":         {"DTSTART:20260324T100000Z\nDTEND:20260324T110000Z\nRRULE:FREQ=NEVER;INTERVAL=-1", "24T10:00-24T11:00"},
		"further dates":    {"DTSTART:20260324T100000Z\nDTEND:20260324T110000Z\nRDATE:20260326T100000Z,20260327T100000Z", "24T10:00-24T11:00 26T10:00-26T11:00 27T10:00-27T11:00"},
		"moved occurrence": {"UID:a\nDTSTART:20260302T100000Z\nDTEND:20260302T110000Z\nRRULE:FREQ=WEEKLY\nEND:VEVENT\nBEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20260323T100000Z\nDTSTART:20260324T150000Z\nDTEND:20260324T160000Z", "24T15:00-24T16:00 30T10:00-30T11:00"},
		"a day left out":   {"DTSTART:20260323T100000Z\nDTEND:20260323T110000Z\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20260324", "23T10:00-23T11:00 25T10:00-25T11:00"},
		"this and all later": {"UID:a\nDTSTART:20260323T100000Z\nDTEND:20260323T110000Z\nRRULE:FREQ=DAILY;COUNT=4\nEND:VEVENT\nBEGIN:VEVENT\nUID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260325T100000Z\nDTSTART:20260325T101500Z\nDTEND:20260325T104500Z",
			"23T10:00-23T11:00 24T10:00-24T11:00 25T10:15-25T10:45 26T10:15-26T10:45"},
		"all later cancelled": {"UID:a\nDTSTART:20260323T100000Z\nDTEND:20260323T110000Z\nRRULE:FREQ=DAILY;COUNT=4\nEND:VEVENT\nBEGIN:VEVENT\nUID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260325T100000Z\nDTSTART:20260325T100000Z\nDTEND:20260325T110000Z\nSTATUS:CANCELLED",
			"23T10:00-23T11:00 24T10:00-24T11:00"},
		"joined":      {"DTSTART:20260324T100000Z\nDTEND:20260324T110000Z\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20260324T103000Z\nDTEND:20260324T113000Z", "24T10:00-24T11:30"},
		"ends before": {"DTSTART:20260320T100000Z\nDTEND:20260320T110000Z", ""},
	} {
		data := strings.ReplaceAll("BEGIN:VCALENDAR\nBEGIN:VEVENT\n"+c.event+"\nEND:VEVENT\nEND:VCALENDAR\n", "\n", "\r\n")
		var got []string
		for _, b := range Busy([]byte(data), from, from.AddDate(0, 0, 8), london, nobodys) {
			got = append(got, b.Start.Format("02T15:04")+"-"+b.End.Format("02T15:04"))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
}

// A hostile calendar is bounded: endless rules, rules with every second of the day, thousands of events.
func TestBusyBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTART:19000101T000000Z\r\nDTEND:19000101T000001Z\r\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23\r\nEND:VEVENT\r\n", i%3)
	}
	if n := len(Busy([]byte(b.String()), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), time.UTC, nobodys)); n > maxBusy+maxInstances {
		t.Errorf("%d", n)
	}
}

func TestSlotsGiveWay(t *testing.T) {
	h := OfficeHours(time.UTC)
	h.Week[time.Tuesday] = []Span{{9 * 60, 11 * 60}}
	h.Focus[time.Tuesday] = []Span{{9*60 + 20, 9*60 + 40}}
	day := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	h.Busy = []Interval{{day.Add(8 * time.Hour), day.Add(9*time.Hour + 10*time.Minute)}, {day.Add(10 * time.Hour), day.Add(10*time.Hour + 30*time.Minute)}}
	var got []string
	for _, s := range h.Slots(day) {
		got = append(got, s.Format("15:04"))
	}
	if s := strings.Join(got, " "); s != "09:45 10:30 10:45" {
		t.Errorf("%s", s)
	}
}

func nobodys(*Entry) bool { return false }
