package daemon

// The shared cases of mail: what a whole message is understood as, its class too.

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/work/imports"
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

// within says where something lacks what it must hold: objects may have more fields, lists are as long.
func within(want, got any, at string) (wrong []string) {
	switch want := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for k, v := range want {
			wrong = append(wrong, within(v, g[k], at+"."+k)...)
		}
	case []any:
		g, _ := got.([]any)
		if len(g) != len(want) {
			return []string{fmt.Sprintf("%s: %v, want %v", at, got, want)}
		}
		for i := range want {
			wrong = append(wrong, within(want[i], g[i], fmt.Sprintf("%s[%d]", at, i))...)
		}
	default:
		if want != got {
			wrong = append(wrong, fmt.Sprintf("%s: %v, want %v", at, got, want))
		}
	}
	return wrong
}

// asJSON is a value as its JSON is read.
func asJSON(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPublicCases holds mails, calendars and address books from reports about other programs to what is right for them.
func TestPublicCases(t *testing.T) {
	for _, f := range cases(t, "public/*/expected.json") {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var expected map[string]any
		if json.Unmarshal(data, &expected) != nil {
			continue // a list of commands: TestPublicReplies
		}
		dir := filepath.Dir(f)
		for name, want := range expected {
			file, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				continue // names, not files
			}
			t.Run(filepath.Base(dir)+"/"+name, func(t *testing.T) {
				for _, wrong := range publicCase(t, name, file, want) {
					t.Error(wrong)
				}
			})
		}
	}
}

// publicCase says what is wrong with how a file is understood.
func publicCase(t *testing.T, name string, file []byte, want any) []string {
	switch filepath.Ext(name) {
	case ".csv", ".vcf":
		w := newWorld(t)
		if _, err := imports.ImportContacts(t.Context(), w.r, file); err != nil {
			return []string{err.Error()}
		}
		all, err := view.Contacts(w.r, "", view.Part{})
		if err != nil {
			t.Fatal(err)
		}
		left, _ := asJSON(t, all).([]any)
		var wrong []string
		for _, c := range want.([]any) {
			i := slices.IndexFunc(left, func(x any) bool { return len(within(c, x, "")) == 0 })
			if i < 0 {
				wrong = append(wrong, fmt.Sprintf("nobody is %v in %v", c, left))
				continue
			}
			left = slices.Delete(left, i, i+1)
		}
		return wrong
	case ".eml", ".ics":
		e := shell.Explain(nil, "", name, file)
		fields, plain := want.(map[string]any)
		if !plain {
			if gone := e.AutoReply != nil && e.AutoReply.Kind == "gone"; gone != (want == "gone") {
				return []string{fmt.Sprintf("gone is %v", gone)}
			}
			return nil
		}
		if _, steps := fields["outcome"]; steps { // what comes of it on a desk: TestBounceOfAnAlias and its kin
			return nil
		}
		return within(want, asJSON(t, e), "")
	}
	return nil
}

// TestPublicReplies reads replies as programs quote and dress them.
func TestPublicReplies(t *testing.T) {
	for _, f := range cases(t, "public/*/*.txt") {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(f), "expected.json"))
		var want [][]string
		if err != nil || json.Unmarshal(data, &want) != nil || slices.Contains([]string{"ABOUT.txt", "steps.txt", "expected.txt"}, filepath.Base(f)) {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		var got [][]string
		for _, c := range shell.ParseReply(string(text), words.Grammar{Now: now, Zone: time.UTC}) {
			got = append(got, []string{c.Ref, c.Verb, c.Next})
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: %v, want %v", f, got, want)
		}
	}
}
