package calendar

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var feedNow = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func someEvents(n int) []Event {
	var out []Event
	for i := range n {
		at := feedNow.Add(time.Duration(i) * time.Hour)
		out = append(out, Event{UID: fmt.Sprintf("u%d@x", i), Start: at, End: at.Add(15 * time.Minute), Created: feedNow, Modified: feedNow, Summary: fmt.Sprintf("Call %d", i), Description: strings.Repeat("word ", 20)})
	}
	return out
}

// TestNoInjection: nothing in an event can add a line.
func TestNoInjection(t *testing.T) {
	evil := "x\r\nBEGIN:VEVENT\nUID:evil\r\x0b\u2028,;\\ ünï"
	e := Event{UID: "a\r\nUID:b", Start: feedNow, End: feedNow.Add(time.Minute), Modified: feedNow, Summary: evil, Description: evil, Location: evil, URL: "http://x\r\nX:y", Categories: []string{evil}}
	b, _, err := Feed(FeedInfo{ProdID: "p", Name: evil, Description: evil, Zone: "UTC"}, []Event{e}, feedNow)
	if err != nil {
		t.Fatal(err)
	}
	unfolded := strings.ReplaceAll(string(b), "\r\n ", "")
	if strings.Count(unfolded, "\r\nBEGIN:VEVENT") != 1 || strings.Count(unfolded, "\r\nUID:") != 1 || strings.Contains(unfolded, "\r\nX:") {
		t.Errorf("a line was injected:\n%s", unfolded)
	}
}

func TestFeedIsFoldedAndStable(t *testing.T) {
	es := someEvents(50)
	es[3].Summary = strings.Repeat("漢字🙂é", 40)
	one, _, err := Feed(FeedInfo{ProdID: "p", Name: "n", Zone: "UTC"}, es, feedNow)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range bytes.Split(one, []byte("\r\n")) {
		if len(l) > 75 || !utf8.Valid(l) {
			t.Fatalf("badly folded: %q", l)
		}
	}
	es[0], es[7] = es[7], es[0]
	two, _, _ := Feed(FeedInfo{ProdID: "p", Name: "n", Zone: "UTC"}, es, feedNow.Add(time.Hour))
	if !bytes.Equal(one, two) {
		t.Error("the order of events, or the hour, changed the bytes")
	}
}

func TestFeedLimits(t *testing.T) {
	es := someEvents(3000)
	b, dropped, err := Feed(FeedInfo{ProdID: "p", Name: "n"}, es, feedNow)
	if err != nil || bytes.Count(b, []byte("BEGIN:VEVENT")) != FeedEvents || dropped != 3000-FeedEvents || len(b) > FeedBytes {
		t.Errorf("%d events, %d dropped, %d bytes, %v", bytes.Count(b, []byte("BEGIN:VEVENT")), dropped, len(b), err)
	}
	for i := range es {
		es[i].Description = strings.Repeat("long ", 1000)
	}
	if b, _, err = Feed(FeedInfo{ProdID: "p", Name: "n"}, es, feedNow); err != nil || len(b) > FeedBytes {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	old := Event{UID: "o", Start: feedNow.AddDate(0, 0, -40), End: feedNow.AddDate(0, 0, -40), Modified: feedNow}
	far := Event{UID: "f", Start: feedNow.AddDate(0, 0, 200), End: feedNow.AddDate(0, 0, 200), Modified: feedNow}
	if b, _, _ = Feed(FeedInfo{ProdID: "p", Name: "n"}, []Event{old, far}, feedNow); bytes.Contains(b, []byte("VEVENT")) {
		t.Error("events outside the window are in the feed")
	}
}

func BenchmarkFeed1000(b *testing.B) {
	es := someEvents(1000)
	for b.Loop() {
		if _, _, err := Feed(FeedInfo{ProdID: "p", Name: "n"}, es, feedNow); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLocalTimes: a feed in a zone's own times is right over the night when clocks go back, whose second reading is told in UTC, and over the gap.
func TestLocalTimes(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	var events []Event
	var want []time.Time
	for _, at := range []string{"2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-07-01T09:00:00Z"} {
		start, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, start)
		events = append(events, Event{UID: at, Start: start, End: start.Add(15 * time.Minute), Modified: feedNow, Summary: at})
	}
	b, _, err := Feed(FeedInfo{ProdID: "p", Name: "n", Zone: "Europe/London", Local: london}, events, want[0].AddDate(0, 0, -10))
	if err != nil {
		t.Fatal(err)
	}
	later, _, err := Feed(FeedInfo{ProdID: "p", Name: "n", Zone: "Europe/London", Local: london}, events, want[2].AddDate(0, 0, -10))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]time.Time{}
	for _, data := range [][]byte{b, later} {
		if bytes.Count(data, []byte("BEGIN:VTIMEZONE")) != 1 {
			t.Errorf("%s", data)
		}
		for _, e := range Decode(data).Events {
			got[e.UID] = e.Start.Time.UTC()
		}
	}
	for _, start := range want {
		if at := got[start.Format(time.RFC3339)]; !at.Equal(start) {
			t.Errorf("%s reads as %s", start, at)
		}
	}
}
