package letter

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a colleague's template can cost is counted: none of these may run on, fill the memory or print without end. Each is tried
// in the text and in the subject.
func TestTemplatesAreBounded(t *testing.T) {
	var nested strings.Builder
	for i := range 60 {
		fmt.Fprintf(&nested, `{{define "t%d"}}{{template "t%d" .}}{{template "t%d" .}}{{end}}`, i, i+1, i+1)
	}
	nested.WriteString(`{{define "t60"}}{{end}}{{template "t0" .}}`)
	for name, text := range map[string]string{
		"a loop over a number":               `{{range 1000000000}}{{end}}`,
		"a loop over a variable":             `{{$n := 1000000000}}{{range $n}}x{{end}}`,
		"a loop over what a function counts": `{{range len (printf "%1000d" 1) | printf "%d" | len}}{{range 1000000000}}{{end}}{{end}}`,
		"loops in loops":                     `{{range 1000}}{{range 1000}}{{range 1000}}{{end}}{{end}}{{end}}`,
		"definitions in definitions":         nested.String(),
		"one that calls itself":              `{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}`,
		"a text that doubles":                `{{$x := "xxxxxxxx"}}{{range 60}}{{$x = print $x $x}}{{end}}`,
		"a text that is escaped again":       `{{$x := "&<>"}}{{range 60}}{{$x = html $x $x}}{{end}}`,
		"wide numbers":                       `{{range 1000}}{{$x := printf "%999999d" 1}}{{end}}`,
		"a long letter":                      `{{range 10000}}a long line of a long letter {{end}}`,
	} {
		for _, file := range []string{"+++\nsubject = \"a\"\n+++\n" + text + "\n", "+++\nsubject = '" + text + "'\n+++\na\n"} {
			tpl, err := ParseTemplate("x.en.md", []byte(file))
			if err == nil {
				err = tpl.check()
			}
			if err == nil || !strings.Contains(err.Error(), "the letter ") && !strings.Contains(err.Error(), "exceeded maximum template depth") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A loop over people, and one over as many as a letter can have, is no mistake.
func TestLoopsOfLetters(t *testing.T) {
	tpl, err := ParseTemplate("x.en.md", []byte("+++\nsubject = \"a\"\n+++\n{{range .Interview.Interviewers}}- {{.Name}}\n{{end}}{{range $i := 50}}{{printf \"%d\" $i}}{{end}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := tpl.Render(Sample("en")); err != nil || !strings.Contains(r.Text, "4849") {
		t.Errorf("%v\n%s", err, r.Text)
	}
}

// A letter takes nothing along that does not lie in its folder, whatever the names there point at, and waits for no pipe.
func TestFolderIsClosed(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret.txt")
	for name, text := range map[string]string{
		secret: "hidden", filepath.Join(dir, "map.txt"): "map", filepath.Join(dir, "x.en.md"): "+++\nsubject = \"a\"\nattachments = [\"link.txt\"]\n+++\na\n",
		filepath.Join(outside, "y.en.md"): "+++\nsubject = \"a\"\n+++\na\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, "link.txt")
	for target, want := range map[string]string{secret: "leads out of the folder", "../" + filepath.Base(outside) + "/secret.txt": "leads out of the folder", "/dev/zero": "leads out", ".": "no file of at most"} {
		_ = os.Remove(link)
		if err := os.Symlink(target, link); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		s, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get("x", "en").Files(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), outside) {
			t.Errorf("%s: %v, want %q", target, err, want)
		}
	}
	_ = os.Remove(link)
	if err := os.Symlink("map.txt", link); err != nil {
		t.Fatal(err)
	}
	s, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get("x", "en").Files(); err != nil || len(got) != 1 || string(got[0].Data) != "map" {
		t.Errorf("a link within the folder: %v %q", err, got)
	}
	if err := os.Symlink(filepath.Join(outside, "y.en.md"), filepath.Join(dir, "y.en.md")); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(dir); err == nil || !strings.Contains(err.Error(), "y.en.md: it leads out") || s.Get("y", "en") != nil {
		t.Errorf("a letter from outside: %v", err)
	}
}
