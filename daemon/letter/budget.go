package letter

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"
	"text/template/parse"
)

// A colleague's template is a program that runs inside the daemon. These bound what it can cost, by counting and not by
// the clock, so that a letter that is good once is always good: text/template alone lets `range` count to any number and
// templates call each other twice, forty levels deep.
const (
	maxTurns  = 20_000   // texts, branches and turns of a loop
	maxMade   = 1 << 20  // bytes that its functions make on the way
	maxLetter = 32 << 10 // bytes of a letter; Markdown of more can take seconds to typeset
)

var (
	errTurns = fmt.Errorf("the letter takes more than %d steps: does it repeat itself without end?", maxTurns)
	errMade  = fmt.Errorf("the letter puts more than %d kB together on the way", maxMade>>10)
	errLarge = fmt.Errorf("the letter grows beyond %d kB", maxLetter>>10)
)

// stepFunc is the function that each list of a template's nodes begins with.
const stepFunc = "_step"

// step counts one list of nodes that is carried out. It prints nothing.
func (p *pen) step() (string, error) {
	if p.steps++; p.steps > maxTurns {
		return "", errTurns
	}
	return "", nil
}

// made counts what a function that can make its result longer than its arguments has made.
func (p *pen) made(s string) (string, error) {
	if p.bytes += len(s); p.bytes > maxMade {
		return "", errMade
	}
	return s, nil
}

// bounded are the functions that text/template has built in and that make texts, counted.
func (p *pen) bounded() template.FuncMap {
	return template.FuncMap{
		stepFunc:   p.step,
		"print":    func(a ...any) (string, error) { return p.made(fmt.Sprint(a...)) },
		"println":  func(a ...any) (string, error) { return p.made(fmt.Sprintln(a...)) },
		"printf":   func(f string, a ...any) (string, error) { return p.made(fmt.Sprintf(f, a...)) },
		"html":     func(a ...any) (string, error) { return p.made(template.HTMLEscaper(a...)) },
		"js":       func(a ...any) (string, error) { return p.made(template.JSEscaper(a...)) },
		"urlquery": func(a ...any) (string, error) { return p.made(template.URLQueryEscaper(a...)) },
	}
}

// counted puts a step before all else in a list of nodes, also in an empty one: a loop over nothing turns too.
func counted(n *parse.ListNode) {
	call := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{parse.NewIdentifier(stepFunc).SetTree(nil).SetPos(n.Pos)}}
	step := &parse.ActionNode{NodeType: parse.NodeAction, Pos: n.Pos, Pipe: &parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Pos, Cmds: []*parse.CommandNode{call}}}
	n.Nodes = append([]parse.Node{step}, n.Nodes...)
}

// openFolder is a folder of letters that nothing leads out of: neither "..", nor a symbolic link that a colleague lays
// into it, which would put any file of the machine into a candidate's mail.
func openFolder(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Problem{dir, 0, "the folder of letters can't be read: " + err.Error()}
	}
	return root, nil
}

// inFolder gives the files of a folder of letters.
func inFolder(dir string, take func(fs.FS) error) error {
	root, err := openFolder(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return take(root.FS())
}

// readBounded reads a regular file of at most so many bytes. A pipe or a device would keep the daemon waiting for ever.
func readBounded(fsys fs.FS, name string, most int64) ([]byte, error) {
	st, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, leadsOut(err)
	}
	if !st.Mode().IsRegular() || st.Size() > most {
		return nil, fmt.Errorf("it is no file of at most %d kB", most>>10)
	}
	return fs.ReadFile(fsys, name)
}

// leadsOut says in words why a root gives no file, without the operating system's ones.
func leadsOut(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no such file")
	}
	var pe *fs.PathError
	if errors.As(err, &pe) && pe.Err.Error() == "path escapes from parent" {
		return errors.New("it leads out of the folder of letters: put the file itself there")
	}
	return err
}

// Attachment is a file that goes along with a letter.
type Attachment struct {
	Name string
	Data []byte
}

// attachment reads a file beside the letter.
func (t *Template) attachment(name string) (Attachment, error) {
	if t.Dir == "" {
		return Attachment{}, Problem{t.File, 0, "a built-in letter has no attachments"}
	}
	root, err := openFolder(t.Dir)
	if err != nil {
		return Attachment{}, err
	}
	defer func() { _ = root.Close() }()
	data, err := readBounded(root.FS(), filepath.ToSlash(name), maxAttachment)
	if err != nil {
		return Attachment{}, Problem{t.File, 0, fmt.Sprintf("attachment %s: %v", name, err)}
	}
	return Attachment{filepath.Base(name), data}, nil
}

// Files are the files that go along.
func (t *Template) Files() ([]Attachment, error) {
	var out []Attachment
	for _, name := range t.Attachments {
		a, err := t.attachment(name)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}
