package letter

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"fifthcall/daemon/desk"
)

// sequenceFile is a sequence as its file "prospect.sequence.toml" gives it.
type sequenceFile struct {
	Title     string `toml:"title"`
	To        string `toml:"to"`
	Marketing bool   `toml:"marketing"`
	StopOn    string `toml:"stop_on"` // answer, or nothing
	Steps     []struct {
		Letter string `toml:"letter"`
		Call   string `toml:"call"`
		Wait   int    `toml:"wait"`
		Day    *int   `toml:"day"`
		Window string `toml:"window"`
	} `toml:"step"`
}

const sequenceEnding = ".sequence.toml"

// The most that a sequence may ask for.
const (
	maxSteps = 40
	maxWait  = 260 // working days: a year
)

// ParseSequence reads a sequence; the error is a Problem.
func ParseSequence(file string, data []byte) (*desk.Sequence, error) {
	fail := func(line int, format string, args ...any) (*desk.Sequence, error) {
		return nil, Problem{file, line, fmt.Sprintf(format, args...)}
	}
	var sf sequenceFile
	if err := toml.NewDecoder(strings.NewReader(string(data))).DisallowUnknownFields().Decode(&sf); err != nil {
		line, text := tomlProblem(err)
		return fail(line, "%s", text)
	}
	s := &desk.Sequence{Name: strings.TrimSuffix(filepath.Base(file), sequenceEnding), Title: sf.Title, To: sf.To, Marketing: sf.Marketing}
	if !slices.Contains([]string{"", "answer", "nothing"}, sf.StopOn) {
		return fail(0, "stop_on: say answer or nothing")
	}
	s.Persistent = sf.StopOn == "nothing"
	if len(sf.Steps) == 0 || len(sf.Steps) > maxSteps {
		return fail(0, "a sequence has 1 to %d steps: write [[step]]", maxSteps)
	}
	if !slices.Contains([]string{"candidate", "client"}, s.To) {
		return fail(0, "to: say candidate or client")
	}
	for i, st := range sf.Steps {
		step := desk.Step{Letter: st.Letter, Call: st.Call, Wait: st.Wait, Day: st.Day}
		switch {
		case (st.Letter == "") == (st.Call == ""):
			return fail(0, "step %d: give it either a letter or a call", i+1)
		case st.Day != nil && st.Wait != 0:
			return fail(0, "step %d: wait and day exclude each other", i+1)
		case st.Wait < 0 || st.Wait > maxWait:
			return fail(0, "step %d: wait is between 0 and %d working days", i+1, maxWait)
		}
		if st.Window != "" {
			var err error
			if step.Window, err = ParseWindow(st.Window); err != nil {
				return fail(0, "step %d: window: %v", i+1, err)
			}
		}
		s.Steps = append(s.Steps, step)
	}
	return s, nil
}

// ParseWindow reads "09:00-11:30" as minutes of the day.
func ParseWindow(s string) (w [2]int, err error) {
	var h1, m1, h2, m2 int
	if n, _ := fmt.Sscanf(strings.ReplaceAll(s, " ", ""), "%d:%d-%d:%d", &h1, &m1, &h2, &m2); n == 4 {
		w = [2]int{h1*60 + m1, h2*60 + m2}
	}
	if w[0] < 0 || w[1] > 24*60 || w[0] >= w[1] {
		return w, fmt.Errorf("%q is not a span like \"09:00-11:30\"", s)
	}
	return w, nil
}

// Sequences are the sequences that a desk knows, by name.
type Sequences map[string]*desk.Sequence

// LoadSequences are the built-in sequences with those of folders over them, as Load reads letters.
func LoadSequences(dirs ...string) (Sequences, error) {
	out := Sequences{}
	all := out.read(builtinFiles, "builtin", "")
	for _, d := range dirs {
		if d != "" {
			all = errors.Join(all, inFolder(d, func(fsys fs.FS) error { return out.read(fsys, ".", d) }))
		}
	}
	return out, all
}

func (q Sequences) read(fsys fs.FS, root, dir string) error {
	return eachFile(fsys, root, dir, sequenceEnding, func(file string, data []byte) error {
		s, err := ParseSequence(file, data)
		if err == nil {
			q[s.Name] = s
		}
		return err
	})
}

// Names are the names of all sequences.
func (q Sequences) Names() []string {
	var out []string
	for n := range q {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Check says which steps name letters that the set hasn't.
func (q Sequences) Check(set *Set) error {
	var all error
	for _, n := range q.Names() {
		for i, st := range q[n].Steps {
			if st.Letter != "" && set.Get(st.Letter, "en") == nil {
				all = errors.Join(all, Problem{n + sequenceEnding, 0, fmt.Sprintf("step %d: there is no letter %q", i+1, st.Letter)})
			}
		}
	}
	return all
}
