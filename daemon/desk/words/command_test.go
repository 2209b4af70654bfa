package words

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

func testGrammar() Grammar {
	zone, _ := time.LoadLocation("Europe/London")
	return Grammar{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Zone: zone}
}

// TestSharedReplies holds the grammar to the shared examples, where they are present.
func TestSharedReplies(t *testing.T) {
	path := os.Getenv("FIFTHCALL_CASES")
	if path == "" {
		path = "../../../../shared/cases/reply-commands.jsonl"
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("shared cases are not here: ", err)
	}
	replies(t, path)
}

// TestReplies are the project's own cases.
func TestReplies(t *testing.T) { replies(t, "testdata/commands.jsonl") }

// replies reads cases, an object a line: what was written, and the commands that are to be understood.
func replies(t *testing.T, path string) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var c struct {
			Text       string
			Languages  []string
			MonthFirst bool `json:"month_first"`
			Want       []struct {
				Ref, Verb, Next string
				Note            *string
			}
		}
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		g := testGrammar()
		g.Languages, g.MonthFirst = c.Languages, c.MonthFirst
		got := ParseCommands(cutForTest(c.Text), g)
		ok := len(got) == len(c.Want)
		for i := 0; ok && i < len(got); i++ {
			w := c.Want[i]
			ok = got[i].Ref == w.Ref && got[i].Verb == w.Verb && got[i].Next.String() == w.Next
			if ok && w.Note != nil {
				ok = strings.Contains(strings.ToLower(got[i].Note), strings.ToLower(strings.Trim(*w.Note, " .,")))
			}
		}
		if !ok {
			t.Errorf("%q\n got %+v\nwant %+v", c.Text, got, c.Want)
		}
	}
}

// cutForTest stands in for the reply cutter of package mailbox, which this package may not import.
func cutForTest(s string) string {
	for _, mark := range []string{"\n-- \n", "\nSent from my", "\n> "} {
		if i := strings.Index(s, mark); i >= 0 {
			s = s[:i]
		}
	}
	return s
}

// TestGreetings: courtesy and a name may stand round commands, and hide none.
func TestGreetings(t *testing.T) {
	for text, want := range map[string]int{
		"Hi,\nundo": 1, "Thanks\nTom Reed left message": 1, "Morning\nJane spoke": 1, "Hello\nspread older": 1, "hi\nTom do not contact": 1,
		"Hi\n1 vm\n\nThanks\nSam Ruiter": 1, "Thanks,\nSam": 0, "1 vm\nBest\nSam": 1,
	} {
		if got := ParseCommands(text, testGrammar()); len(got) != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// TestAskedRather: what denies or asks is asked back, never logged.
func TestAskedRather(t *testing.T) {
	for text, want := range map[string]string{
		"4 spoke to nobody": "unknown", "4 met no one": "unknown", "2 spoke? no": "unknown", "3 don't call until june": "snooze", "undo the week": "unknown", "undo that": "undo", "undo Tom Reed": "undo",
	} {
		if got := ParseCommands(text, testGrammar()); len(got) != 1 || got[0].Verb != want {
			t.Errorf("%q: %+v, want %s", text, got, want)
		}
	}
	if got := ParseCommands("I spoke to 2 people at Acme", testGrammar()); len(got) == 1 && got[0].Ref == "2" {
		t.Errorf("%+v", got)
	}
}
