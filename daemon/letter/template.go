package letter

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/pelletier/go-toml/v2"

	"fifthcall/daemon/desk"
)

// Template is a letter's text: Markdown below a front matter in TOML, between lines of "+++".
type Template struct {
	Name     string // of its file, without language and ending
	Language string // "en", "de"
	File     string // where it was read from
	Dir      string // where its attachments lie; "" for the built-in set

	Subject     string
	To          string      // candidate or client
	When        desk.When   // zero where nothing says when it is due
	Mode        desk.Mode   // "" for the desk's
	Needs       []desk.Fact // without which it must not go out
	Marketing   bool        // nobody asked for it: more care, and a way to end it
	Attachments []string    // files beside it

	subject, body *template.Template
}

// frontMatter is what stands above a template's text.
type frontMatter struct {
	Subject     string   `toml:"subject"`
	To          string   `toml:"to"`
	When        string   `toml:"when"`
	Mode        string   `toml:"mode"`
	Language    string   `toml:"language"`
	Needs       []string `toml:"needs"`
	Marketing   bool     `toml:"marketing"`
	Attachments []string `toml:"attachments"`
}

// maxTemplate bounds a template's file.
const maxTemplate = 256 << 10

// Problem is something wrong with a template.
type Problem struct {
	File string
	Line int // 0 if no line is to blame
	Text string
}

func (p Problem) Error() string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return p.File + ": " + p.Text
}

var fileRE = regexp.MustCompile(`^([a-z0-9]+(?:-[a-z0-9]+)*)\.([a-z]{2})\.md$`)

// ParseTemplate reads a template from a file "prep-phone.en.md". The error is a Problem, with the line.
func ParseTemplate(file string, data []byte) (*Template, error) {
	fail := func(line int, format string, args ...any) (*Template, error) {
		return nil, Problem{file, line, fmt.Sprintf(format, args...)}
	}
	name := fileRE.FindStringSubmatch(filepath.Base(file))
	if name == nil {
		return fail(0, "a letter's file is named like prep-phone.en.md: small letters, the language, md")
	}
	if len(data) > maxTemplate {
		return fail(0, "over %d kB: that is no letter", maxTemplate>>10)
	}
	head, body, skipped, ok := cutFrontMatter(string(data))
	if !ok {
		return fail(1, "it has to begin with a front matter between two lines of +++")
	}
	var fm frontMatter
	dec := toml.NewDecoder(strings.NewReader(head)).DisallowUnknownFields()
	if err := dec.Decode(&fm); err != nil {
		line, text := tomlProblem(err)
		return fail(line+1, "front matter: %s", text)
	}
	t := &Template{
		Name: name[1], Language: name[2], File: file, Subject: fm.Subject, To: fm.To, Mode: desk.Mode(fm.Mode),
		Marketing: fm.Marketing, Attachments: fm.Attachments,
	}
	if fm.Language != "" && fm.Language != t.Language {
		return fail(lineOf(head, "language"), "language is %q, but the file's name says %q", fm.Language, t.Language)
	}
	if err := t.checkHead(&fm); err != nil {
		return fail(lineOf(head, err.option), "%s: %s", err.option, err.text)
	}
	var err error
	if t.subject, err = parseText("subject", fm.Subject); err != nil {
		return fail(lineOf(head, "subject"), "subject: %s", templateText(err))
	}
	// empty lines in place of the front matter, so that errors name the file's lines
	if t.body, err = parseText("body", strings.Repeat("\n", skipped)+body); err != nil {
		return fail(templateLine(err), "%s", templateText(err))
	}
	return t, nil
}

type headError struct{ option, text string }

func (t *Template) checkHead(fm *frontMatter) *headError {
	switch {
	case strings.TrimSpace(fm.Subject) == "":
		return &headError{"subject", "a letter needs one"}
	case !slices.Contains([]string{"candidate", "client", ""}, fm.To):
		return &headError{"to", fmt.Sprintf("%q is neither candidate nor client", fm.To)}
	case !slices.Contains([]desk.Mode{"", desk.ModeDraft, desk.ModeApprove, desk.ModeAuto}, t.Mode):
		return &headError{"mode", fmt.Sprintf("%q is none of draft, approve, auto", fm.Mode)}
	}
	var err error
	if t.When, err = desk.ParseWhen(fm.When); err != nil {
		return &headError{"when", err.Error()}
	}
	for _, n := range fm.Needs {
		f := desk.Fact(n)
		if !slices.Contains(desk.RequiredFacts(), f) {
			return &headError{"needs", fmt.Sprintf("%q is no fact that can be required; those are %v", n, desk.RequiredFacts())}
		}
		t.Needs = append(t.Needs, f)
	}
	for _, a := range fm.Attachments {
		if !filepath.IsLocal(a) {
			return &headError{"attachments", fmt.Sprintf("%q: name files beside the letter", a)}
		}
	}
	return nil
}

// cutFrontMatter parts the front matter from the text; skipped is the number of lines before the text.
func cutFrontMatter(s string) (head, body string, skipped int, ok bool) {
	s = strings.ReplaceAll(strings.TrimPrefix(s, "\ufeff"), "\r\n", "\n")
	rest, ok := strings.CutPrefix(s, "+++\n")
	if !ok {
		return "", "", 0, false
	}
	head, body, ok = strings.Cut(rest, "\n+++\n")
	return head, body, strings.Count(head, "\n") + 3, ok
}

func tomlProblem(err error) (line int, text string) {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		line, _ = strict.Errors[0].Position()
		return line, fmt.Sprintf("unknown option %q", strings.Join(strict.Errors[0].Key(), "."))
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		line, _ = de.Position()
	}
	return line, strings.TrimPrefix(err.Error(), "toml: ")
}

// lineOf is the file's line that sets an option of the front matter.
func lineOf(head, option string) int {
	for i, l := range strings.Split(head, "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), option) {
			return i + 2
		}
	}
	return 1
}

var templateErrRE = regexp.MustCompile(`^template: [^:]*:(\d+)(?::\d+)?: (.*)$`)

func templateLine(err error) int {
	if m := templateErrRE.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

func templateText(err error) string {
	if m := templateErrRE.FindStringSubmatch(err.Error()); m != nil {
		return m[2]
	}
	return err.Error()
}

// sayFunc is the function through which all that a template prints goes.
const sayFunc = "_say"

// parseText parses a text and sends whatever it prints through sayFunc: that escapes what comes
// from outside, and notes what would be a blank.
func parseText(name, text string) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(newPen(&Fields{}).funcs()).Parse(text)
	if err != nil {
		return nil, err
	}
	for _, sub := range t.Templates() {
		if sub.Tree != nil {
			guard(sub.Root)
		}
	}
	return t, nil
}

// guard appends sayFunc to each pipeline that prints, as html/template does with its escapers, and counts each list of nodes.
func guard(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				guard(c)
			}
			counted(n)
		}
	case *parse.ActionNode:
		if len(n.Pipe.Decl) == 0 {
			say := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{
				parse.NewIdentifier(sayFunc).SetTree(nil).SetPos(n.Pos),
				&parse.StringNode{NodeType: parse.NodeString, Pos: n.Pos, Quoted: strconv.Quote(n.Pipe.String()), Text: n.Pipe.String()},
			}}
			n.Pipe.Cmds = append(n.Pipe.Cmds, say)
		}
	case *parse.IfNode:
		guard(n.List)
		guard(n.ElseList)
	case *parse.WithNode:
		guard(n.List)
		guard(n.ElseList)
	case *parse.RangeNode:
		guard(n.List)
		guard(n.ElseList)
	}
}

// Rendered is a letter's content.
type Rendered struct {
	Subject string
	Text    string
	HTML    string
	Missing []desk.Fact // what has to be known first; the letter must not go out without
}

// Render writes the letter. What is missing is named and left out; an error is the template's mistake, with its line.
func (t *Template) Render(f *Fields) (Rendered, error) {
	p := newPen(f)
	for _, n := range t.Needs {
		if !f.Interview.Knows(n) {
			p.miss(n)
		}
	}
	subject, err := p.write(t.subject)
	if err != nil {
		return Rendered{}, Problem{t.File, 0, "subject: " + templateText(err)}
	}
	body, err := p.write(t.body)
	if err != nil {
		return Rendered{}, Problem{t.File, templateLine(err), templateText(err)}
	}
	text, html, err := typeset(body, f)
	if err != nil {
		return Rendered{}, Problem{t.File, 0, err.Error()}
	}
	return Rendered{Subject: desk.Tidy(unescape(subject)), Text: text, HTML: html, Missing: p.missing}, nil
}

// write executes a template with this pen's functions.
func (p *pen) write(t *template.Template) (string, error) {
	c, err := t.Clone()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = c.Funcs(p.funcs()).Execute(&limited{b: &b, left: maxLetter}, p.f)
	return b.String(), err
}

type limited struct {
	b    *bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errLarge
	}
	return l.b.Write(p)
}
