package daemon

// The shared cases of mail: what a whole message is understood as, its class too.

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fifthcall/daemon/door/shell"
)

// cases are the shared cases' files; tests skip where they are absent.
func cases(t testing.TB, pattern string) []string {
	t.Helper()
	dir := os.Getenv("FIFTHCALL_CASES")
	if dir == "" {
		dir = "../../shared/cases"
	}
	files, _ := filepath.Glob(filepath.Join(dir, pattern))
	if len(files) == 0 {
		t.Skip("the shared cases are not here")
	}
	return files
}

// oneOf is a JSON string, or a list of equally right ones.
type oneOf []string

func (o *oneOf) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*o = oneOf{s}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(o))
}

// mailCase is what is right for a mail.
type mailCase struct {
	Class     oneOf
	ReplyText oneOf `json:"reply_text"`
	Kind      string
	Return    string
	Sense     string
	Bounce    []string
	Hard      *bool
	Start     string
}

// squeezed is a text without white space: how it is broken doesn't count.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// misread says what of a mail is understood otherwise than it should be.
func (c *mailCase) misread(e *shell.Explained) (wrong []string) {
	differ := func(what, got, want string) { wrong = append(wrong, what+": "+got+", want "+want) }
	if len(c.Class) > 0 && !slices.Contains(c.Class, e.Class) {
		differ("class", e.Class+" ("+e.Why+")", strings.Join(c.Class, " or "))
	}
	if c.ReplyText != nil && !slices.ContainsFunc(c.ReplyText, func(s string) bool { return squeezed(s) == squeezed(e.ReplyText) }) {
		differ("text", "\n"+e.ReplyText+"\n", "\n"+strings.Join(c.ReplyText, "\n or \n"))
	}
	kinds := map[string]string{"ooo": "away", "gone": "gone", "ack": "ack"}
	if want := kinds[c.Kind]; want != "" && c.Class != nil && c.Class[0] == "auto_reply" {
		a := shell.ExplainedAutoReply{}
		if e.AutoReply != nil {
			a = *e.AutoReply
		}
		if a.Kind != want {
			differ("kind", a.Kind, want)
		}
		if a.Date != c.Return {
			differ("return", a.Date, c.Return)
		}
		if c.Sense != "" && a.Sense != c.Sense {
			differ("sense", a.Sense, c.Sense)
		}
	}
	if slices.Contains([]string{"invitation", "update", "reply"}, c.Kind) && (e.Invitation == nil || e.Invitation.Kind != c.Kind) {
		differ("invitation", "another", c.Kind)
	}
	if c.Start != "" && (e.Invitation == nil || !sameStart(e.Invitation.Start, c.Start)) {
		differ("start", "another", c.Start)
	}
	var failed []string
	for _, f := range e.Bounce {
		failed = append(failed, f.Recipient)
		if c.Hard != nil && (f.Kind == "hard") != *c.Hard {
			differ("hardness", f.Kind, "the other")
		}
	}
	if c.Bounce != nil && !slices.Equal(failed, c.Bounce) {
		differ("bounced", strings.Join(failed, " "), strings.Join(c.Bounce, " "))
	}
	return wrong
}

// TestMailCases understands mail of today as a whole: class, own words, absences, bounces.
func TestMailCases(t *testing.T) { understood(t, cases(t, "mail/*.eml"), 95) }

// TestOwnMail does the same with mail of our own writing: replies, notices (absences, receipts, services), bounces, and the dialects of
// older programs.
func TestOwnMail(t *testing.T) {
	for _, kind := range []struct {
		name  string
		floor int
	}{{"replies", 100}, {"notices", 98}, {"bounces", 97}, {"dialects", 92}} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			files, _ := filepath.Glob(filepath.Join("testdata", "mail", kind.name, "*.eml"))
			understood(t, files, kind.floor)
		})
	}
}

// understood holds what explain says of mails to what is right, and fails below the floor, in percent.
func understood(t *testing.T, files []string, floor int) {
	t.Helper()
	right := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var want mailCase
		j, _ := os.ReadFile(strings.TrimSuffix(f, ".eml") + ".json")
		if err := json.Unmarshal(j, &want); err != nil {
			t.Fatal(f, err)
		}
		e := shell.Explain(nil, "", f, data)
		if wrong := want.misread(&e); len(wrong) > 0 {
			t.Logf("%s: %s", filepath.Base(f), strings.Join(wrong, "; "))
		} else {
			right++
		}
	}
	t.Logf("%d of %d", right, len(files))
	if len(files) == 0 || 100*right < floor*len(files) {
		t.Errorf("below %d %%", floor)
	}
}
