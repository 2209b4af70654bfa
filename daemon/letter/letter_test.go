package letter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/desk"
)

func TestBuiltinCheck(t *testing.T) {
	if err := Builtin().Check(); err != nil {
		t.Fatal(err)
	}
	for _, name := range Builtin().Names() {
		for _, lang := range []string{"en", "de"} {
			if got := Builtin().Get(name, lang); got == nil || got.Language != lang {
				t.Errorf("%s lacks %s", name, lang)
			}
		}
	}
}

// TestGolden holds every letter in both languages as it is sent; FIFTHCALL_UPDATE=1 writes the files anew.
func TestGolden(t *testing.T) {
	for _, tpl := range Builtin().All() {
		r, err := tpl.Render(fieldsFor(tpl))
		if err != nil {
			t.Fatal(err)
		}
		got := "Subject: " + r.Subject + "\n\n" + r.Text + "\n=== HTML ===\n" + r.HTML
		path := filepath.Join("testdata", "golden", tpl.Name+"."+tpl.Language+".txt")
		if os.Getenv("FIFTHCALL_UPDATE") == "1" {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s.%s has changed; look at it, then FIFTHCALL_UPDATE=1\n%s", tpl.Name, tpl.Language, got)
		}
		for _, bad := range []string{"<nil>", "no value", "{{", "}}", "\\", "  ."} {
			if strings.Contains(r.Subject+r.Text, bad) {
				t.Errorf("%s.%s holds %q:\n%s", tpl.Name, tpl.Language, bad, r.Text)
			}
		}
	}
}

// fieldsFor are the sample's, with the kind of interview that the letter is for.
func fieldsFor(tpl *Template) *Fields {
	f := Sample(tpl.Language)
	switch {
	case strings.HasSuffix(tpl.Name, "phone"):
		f.Interview.Kind = desk.KindPhone
	case strings.HasSuffix(tpl.Name, "video"):
		f.Interview.Kind = desk.KindVideo
	}
	if tpl.To == "client" {
		f.Contact = f.Client
	}
	return f
}

func TestMissingFactsHold(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Fields)
		want   string
	}{
		{"prep-in-person", func(*Fields) {}, ""},
		{"prep-in-person", func(f *Fields) { f.Interview.Interviewers = nil }, "interviewer"},
		{"prep-in-person", func(f *Fields) { f.Interview.Address = " " }, "place"},
		{"prep-phone", func(f *Fields) { f.Interview.Kind = desk.KindPhone; f.Interview.Number, f.Interview.Link = "", "" }, "place"},
		{"prep-video", func(f *Fields) { f.Interview.Kind = desk.KindUnknown }, "kind"},
		{"good-luck", func(f *Fields) { f.Interview.Floating = true }, "time"},
		{"prep-in-person", func(f *Fields) {
			f.Interview.Dress, f.Interview.Parking, f.Interview.Salary, f.Contact.Name = "", "", "", ""
		}, ""},
		{"prep-in-person", func(f *Fields) { f.Interview = Interview{} }, "kind time place interviewer"},
	} {
		f := Sample("en")
		c.change(f)
		r, err := Builtin().Get(c.name, "en").Render(f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range r.Missing {
			got = append(got, string(m))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: missing %v, want %q", c.name, got, c.want)
		}
	}
}

// A blank that a template would print is missing, also where the template doesn't ask for it.
func TestNoBlanks(t *testing.T) {
	tpl, err := ParseTemplate("x.en.md", []byte("+++\nsubject = \"Hello {{.Contact.First}}\"\n+++\nWear {{.Interview.Dress}}.\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := tpl.Render(Bare("en"))
	if err != nil || len(r.Missing) != 2 || r.Missing[0] != "name" || r.Missing[1] != "dress" {
		t.Errorf("%v %v", r.Missing, err)
	}
}

func TestProblemsNameTheLine(t *testing.T) {
	for _, c := range []struct{ file, data, want string }{
		{"x.en.md", "hello", "x.en.md:1: it has to begin"},
		{"X.md", "+++\n+++\n", "X.md: a letter's file is named"},
		{"x.en.md", "+++\nsubjct = \"a\"\n+++\n", `x.en.md:2: front matter: unknown option "subjct"`},
		{"x.en.md", "+++\nsubject = \"a\"\nmode = \"often\"\n+++\n", "x.en.md:3: mode:"},
		{"x.en.md", "+++\nsubject = \"a\"\n\nwhen = \"soon\"\n+++\n", "x.en.md:4: when:"},
		{"x.en.md", "+++\nsubject = \"a\"\nneeds = [\"luck\"]\n+++\n", "x.en.md:3: needs:"},
		{"x.en.md", "+++\nsubject = \"a\"\nattachments = [\"../../etc/passwd\"]\n+++\n", "x.en.md:3: attachments:"},
		{"x.en.md", "+++\nsubject = \"a\"\n+++\none\n{{.Contact.Name\n", "x.en.md:6:"},
		{"x.en.md", "+++\nsubject = \"{{.Contact.Name\"\n+++\none\n", "x.en.md:2: subject:"},
		{"x.de.md", "+++\nsubject = \"a\"\nlanguage = \"en\"\n+++\n", "x.de.md:3: language"},
	} {
		_, err := ParseTemplate(c.file, []byte(c.data))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.data, err, c.want)
		}
	}
	tpl, err := ParseTemplate("x.en.md", []byte("+++\nsubject = \"a\"\n+++\none\n\n{{.Contact.Nmae}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := tpl.check(); err == nil || !strings.HasPrefix(err.Error(), "x.en.md:6:") || !strings.Contains(err.Error(), "Nmae") {
		t.Errorf("%v", err)
	}
	tpl, _ = ParseTemplate("x.en.md", []byte("+++\nsubject = \"a\"\n+++\n{{.Interview.Start}}\n"))
	if err := tpl.check(); err == nil || !strings.Contains(err.Error(), "use a filter") {
		t.Errorf("%v", err)
	}
}

func TestLoadOverlays(t *testing.T) {
	agency, own := t.TempDir(), t.TempDir()
	write := func(dir, name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(agency, "follow-up.en.md", "+++\nsubject = \"Agency\"\n+++\na\n")
	write(agency, "extra.en.md", "+++\nsubject = \"Extra\"\nattachments = [\"map.pdf\"]\n+++\na\n")
	write(own, "follow-up.en.md", "+++\nsubject = \"Own\"\nmode = \"auto\"\n+++\na\n")
	write(own, "broken.en.md", "nothing")
	s, err := Load(agency, own)
	if err == nil || !strings.Contains(err.Error(), "broken.en.md:1") {
		t.Errorf("%v", err)
	}
	if got := s.Get("follow-up", "en"); got.Subject != "Own" || got.Mode != desk.ModeAuto {
		t.Errorf("%+v", got)
	}
	if got := s.Get("follow-up", "fr"); got.Language != "en" {
		t.Errorf("%+v", got)
	}
	if s.Get("extra", "de") == nil || s.Get("no-such", "en") != nil {
		t.Error("lookup")
	}
	if err := s.Check(); err == nil || !strings.Contains(err.Error(), "map.pdf") {
		t.Errorf("%v", err)
	}
	write(agency, "map.pdf", "%PDF")
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

// Times are the reader's, whatever zone they came in.
func TestZones(t *testing.T) {
	f := Sample("en")
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	f.Zone = tokyo
	r, err := Builtin().Get("confirmation", "en").Render(f)
	if err != nil || !strings.Contains(r.Text, "Wednesday 11 March 2026, 00:00 (JST, Tokyo time)") {
		t.Errorf("%s %v", r.Text, err)
	}
	f.Language = "de"
	if f.Zone, err = time.LoadLocation("America/Sao_Paulo"); err != nil {
		t.Fatal(err)
	}
	r, err = Builtin().Get("confirmation", "de").Render(f)
	if err != nil || !strings.Contains(r.Text, "Dienstag, 10. März 2026, 12:00 Uhr (UTC-03:00, Zeit in São Paulo)") {
		t.Errorf("%s %v", r.Text, err)
	}
}

func TestBuiltinSequences(t *testing.T) {
	q, err := LoadSequences()
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Check(Builtin()); err != nil {
		t.Error(err)
	}
	for _, n := range []string{"prospect", "reengage", "placement-care", "not-taken"} {
		if q[n] == nil {
			t.Errorf("no sequence %s", n)
		}
	}
	p := q["prospect"]
	calls := 0
	for _, st := range p.Steps {
		if st.Call != "" {
			calls++
		}
	}
	if len(p.Steps) != 12 || calls < 5 || p.Days() < 80 || p.Days() > 95 {
		t.Errorf("%d steps, %d calls, %d days", len(p.Steps), calls, p.Days())
	}
	for _, bad := range []string{"", "to = \"client\"\n[[step]]\n", "to = \"x\"\n[[step]]\ncall = \"a\"\n", "to = \"client\"\n[[step]]\ncall = \"a\"\nwait = -1\n", "to = \"client\"\n[[step]]\nletter = \"a\"\nwindow = \"9\"\n", "foo = 1\n"} {
		if _, err := ParseSequence("x.sequence.toml", []byte(bad)); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}
