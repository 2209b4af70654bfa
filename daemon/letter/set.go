package letter

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"fifthcall/daemon/desk"
)

//go:embed builtin/*.md builtin/*.toml
var builtinFiles embed.FS

// Set is the letters that a desk can write: its own over the agency's over the built-in ones.
type Set struct {
	byKey map[string]*Template // name.language
	names []string
}

// Builtin are the letters that come with Fifthcall.
var Builtin = sync.OnceValue(func() *Set {
	s := &Set{byKey: map[string]*Template{}}
	if err := s.read(builtinFiles, "builtin", ""); err != nil {
		panic(err) // built in: a test reads them
	}
	s.index()
	return s
})

// Load is the built-in set with the letters of folders over it; a later folder wins, "" is none. The error holds
// every Problem found; the set is then as good as it can be.
func Load(dirs ...string) (*Set, error) {
	s := &Set{byKey: map[string]*Template{}}
	for k, t := range Builtin().byKey {
		s.byKey[k] = t
	}
	var all error
	for _, d := range dirs {
		if d == "" {
			continue
		}
		all = errors.Join(all, inFolder(d, func(fsys fs.FS) error { return s.read(fsys, ".", d) }))
	}
	s.index()
	return s, all
}

func (s *Set) read(fsys fs.FS, root, dir string) error {
	return eachFile(fsys, root, dir, ".md", func(file string, data []byte) error {
		t, err := ParseTemplate(file, data)
		if err == nil {
			t.Dir = dir
			s.byKey[t.Name+"."+t.Language] = t
		}
		return err
	})
}

// eachFile calls take for the files of a folder with that ending, and joins what goes wrong.
func eachFile(fsys fs.FS, root, dir, ending string, take func(file string, data []byte) error) error {
	entries, err := fs.ReadDir(fsys, root)
	if err != nil {
		return Problem{dir, 0, "the folder of letters can't be read: " + err.Error()}
	}
	var all error
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ending) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		data, err := readBounded(fsys, filepath.ToSlash(filepath.Join(root, e.Name())), maxTemplate)
		if err != nil {
			all = errors.Join(all, Problem{e.Name(), 0, err.Error()})
			continue
		}
		all = errors.Join(all, take(filepath.Join(dir, e.Name()), data))
	}
	return all
}

func (s *Set) index() {
	s.names = nil
	for _, t := range s.byKey {
		if !slices.Contains(s.names, t.Name) {
			s.names = append(s.names, t.Name)
		}
	}
	slices.Sort(s.names)
}

// Names are the names of all letters.
func (s *Set) Names() []string { return s.names }

// All are all letters by name and language.
func (s *Set) All() []*Template {
	var out []*Template
	for _, t := range s.byKey {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *Template) int { return strings.Compare(a.Name+"."+a.Language, b.Name+"."+b.Language) })
	return out
}

// Get is the letter in the language, else in English; nil if there is none of that name.
func (s *Set) Get(name, language string) *Template {
	if t := s.byKey[name+"."+language]; t != nil {
		return t
	}
	if t := s.byKey[name+".en"]; t != nil {
		return t
	}
	for _, t := range s.All() {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Check renders every letter with everything known and with next to nothing known, for all kinds of interview,
// and joins what is wrong.
func (s *Set) Check() error {
	var all error
	for _, t := range s.All() {
		if err := t.check(); err != nil {
			all = errors.Join(all, err)
		}
	}
	return all
}

func (t *Template) check() error {
	for _, k := range []desk.InterviewKind{desk.KindInPerson, desk.KindPhone, desk.KindVideo, desk.KindUnknown} {
		full := Sample(t.Language)
		full.Interview.Kind = k
		r, err := t.Render(full)
		if err != nil {
			return err
		}
		if len(r.Missing) > 0 && k != desk.KindUnknown {
			return Problem{t.File, 0, fmt.Sprintf("it asks for %v, which no letter can know", r.Missing)}
		}
		bare := Bare(t.Language)
		bare.Interview.Kind = k
		if _, err := t.Render(bare); err != nil {
			return err
		}
	}
	for _, a := range t.Attachments {
		if _, err := t.attachment(a); err != nil {
			return err
		}
	}
	return nil
}

// maxAttachment bounds a file that goes along with a letter.
const maxAttachment = 10 << 20
