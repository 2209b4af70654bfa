package calendar

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// score is the moment as the corpora write it.
func score(m Moment) string {
	switch m.Kind {
	case Instant:
		return fmt.Sprintf("Z%d", m.Time.Unix())
	case Floating:
		return "L" + m.Time.Format("20060102T150405")
	case Day:
		return "D" + m.Time.Format("20060102")
	}
	return ""
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestCorpusICalendar(t *testing.T) {
	dir := os.Getenv("FIFTHCALL_CORPORA")
	if dir == "" {
		dir = "../../shared/corpora"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "ical", "*.ics"))
	if len(files) == 0 {
		t.Skip("the corpora are not here")
	}
	var starts, ends, summaries, attendees, counts [2]int
	var wrong []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		o := Decode(data)
		var want struct {
			ParsersOK int `json:"parsers_ok"`
			EventsN   int `json:"events_n"`
			Events    []struct{ UID, Summary, Start, End, Att string }
		}
		j, err := os.ReadFile(strings.TrimSuffix(f, ".ics") + ".json")
		if err != nil || json.Unmarshal(j, &want) != nil {
			t.Fatal(f, err)
		}
		if want.ParsersOK < 3 {
			continue
		}
		count := func(c *[2]int, ok bool, format string, args ...any) {
			c[1]++
			if ok {
				c[0]++
			} else {
				wrong = append(wrong, filepath.Base(f)+": "+fmt.Sprintf(format, args...))
			}
		}
		count(&counts, len(o.Events) == want.EventsN, "%d events, want %d", len(o.Events), want.EventsN)
		for i, w := range want.Events {
			if i >= len(o.Events) {
				count(&starts, w.Start == "", "no event %d", i)
				continue
			}
			e := o.Events[i]
			if w.Start != "" { // empty: the corpus's parsers don't agree
				count(&starts, score(e.Start) == w.Start, "start %s (%s), want %s", score(e.Start), e.Start.Zone, w.Start)
			}
			if w.End != "" {
				count(&ends, score(e.End) == w.End, "end %s, want %s", score(e.End), w.End)
			}
			if w.Summary != "" {
				count(&summaries, words(e.Summary) == words(w.Summary), "summary %q, want %q", e.Summary, w.Summary)
			}
			var att []string
			for _, a := range e.Attendees {
				att = append(att, a.Email+"="+a.Status)
			}
			slices.Sort(att)
			if w.Att != "" && !strings.Contains(w.Att, "invalid:") {
				count(&attendees, strings.Join(att, "|") == w.Att, "attendees %v, want %s", att, w.Att)
			}
		}
	}
	for name, c := range map[string][2]int{"starts": starts, "ends": ends, "summaries": summaries, "attendees": attendees, "number of events": counts} {
		pct := 100 * float64(c[0]) / float64(max(1, c[1]))
		t.Logf("iCalendar %-18s %4d cases, %5.1f %% right", name, c[1], pct)
		if pct < 97 {
			t.Errorf("%s: %.1f %%, floor 97 %%", name, pct)
		}
	}
	if os.Getenv("FIFTHCALL_WRONG") != "" {
		t.Log(strings.Join(wrong, "\n"))
	}
}
