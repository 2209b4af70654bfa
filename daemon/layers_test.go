package daemon

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors are the rooms of the house from the ground up (README, “Finding your way in the code”): a package imports only what stands on an
// earlier line, or earlier on its own.
var floors = []string{
	"mailbox/message", "mailbox/prose", "mailbox", "mailbox/demoserver", "mailbox/mailtest", "calendar", "calendar/caldav", // protocols and formats
	"daemon/phone", "daemon/desk", "daemon/desk/words", "daemon/desk/figures", // the domain, pure
	"daemon/store/kv", "daemon/store/kv/memory", "daemon/store/kv/kvtest", "daemon/store/kv/badger", "daemon/store", "daemon/letter", "daemon/seal", // state, letters, tokens
	"daemon/config",
	"daemon/book", "daemon/book/booktest",
	"daemon/work/people", "daemon/work/agency", "daemon/work/letters", "daemon/work/interviews", "daemon/work/orders",
	"daemon/work/reports", "daemon/work/sales", "daemon/work/imports", // what happens on a desk
	"daemon/command",
	"daemon/door/watch", "daemon/door/outbox", "daemon/door/agenda", "daemon/door/view", "daemon/door/morning",
	"daemon/door/collection", "daemon/door/intake", "daemon/door/shell", // how the world comes in and is told
	"daemon/web", // sees the daemon through interfaces of its own
	"daemon",     // wiring, loops, clock, demo
	"cmd/fifthcall",
}

// alone are packages that import nothing of this module but what stands beside them.
var alone = map[string][]string{
	"mailbox/message": {}, "mailbox/prose": {"mailbox/message"}, "mailbox": {"mailbox/message", "mailbox/prose"}, "calendar": {}, "phone": {},
	"mailbox/demoserver": {}, "mailbox/mailtest": {"mailbox", "mailbox/demoserver", "mailbox/message", "mailbox/prose"}, "calendar/caldav": {"calendar"},
	"daemon/desk": {}, "daemon/desk/words": {"daemon/desk"}, "daemon/desk/figures": {"daemon/desk", "daemon/desk/words"},
	"daemon/store/kv": {}, "daemon/store/kv/memory": {"daemon/store/kv"}, "daemon/store/kv/badger": {"daemon/store/kv"}, "daemon/store/kv/kvtest": {"daemon/store/kv"},
	"daemon/store": {"daemon/desk", "daemon/store/kv", "daemon/store/kv/badger"}, "daemon/letter": {"daemon/desk", "daemon/phone"}, "daemon/web": {"daemon/desk", "calendar"},
}

// owners are the packages that may import a library.
var owners = map[string][]string{
	"github.com/dgraph-io/badger": {"daemon/store/kv/badger"}, "github.com/emersion/go-imap": {"mailbox", "mailbox/demoserver", "mailbox/mailtest"}, "github.com/nyaruka/phonenumbers": {"daemon/phone"}, "testing": {"daemon/store/kv/kvtest", "mailbox/mailtest", "daemon/book/booktest"},
	"github.com/wneessen/go-mail": {"mailbox", "daemon/letter"}, "github.com/emersion/go-ical": {"calendar", "calendar/caldav"},
	"github.com/pelletier/go-toml": {"daemon/config", "daemon/letter"}, "github.com/prometheus": {"daemon", "daemon/web"},
}

// forTests are packages that no product code imports.
var forTests = []string{"mailbox/mailtest", "daemon/store/kv/kvtest", "daemon/book/booktest"}

// The sizes that keep a room one that can be held in one's head.
const (
	mostInRoom  = 4000 // lines of a package, tests left out
	mostInFile  = 500
	mostInFunc  = 80
	mostMethods = 30
	mostParams  = 6
	bigRooms    = "daemon/desk" // the domain, which has parts of its own
	mostExempt  = 10
)

// exempt are files and functions that are larger, with the reason.
var exempt = map[string]string{
	"daemon/store Tx methods":             "one for each thing that can be asked of a record; parting them would only move the dots",
	"daemon/desk/words parser methods":    "one grammar: each rule is a method on the position in the line",
	"daemon/door/collection Edit methods": "one client's write, step by step",
	"mailbox/prose replyCutter methods":   "one text's lines, rule by rule",
	"mailbox/prose":                       "what mail says, in all its dialects and languages: each rule is small, and they share their words",
}

// TestFloors holds the dependency rules of the design, also where the linter doesn't run.
func TestFloors(t *testing.T) {
	eachFile(t, parser.ImportsOnly, func(file, dir string, f *ast.File, _ *gotoken.FileSet) {
		for _, imp := range f.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			checkImport(t, file, dir, name)
		}
	})
}

func checkImport(t *testing.T, file, dir, name string) {
	t.Helper()
	if to, ok := strings.CutPrefix(name, "fifthcall/"); ok {
		if slices.Contains(forTests, to) && !slices.Contains(forTests, dir) {
			t.Errorf("%s: the product carries nothing of %s, which is for tests", file, to)
		}
		here, there := slices.Index(floors, dir), slices.Index(floors, to)
		switch allowed, narrow := alone[dir]; {
		case here < 0 || there < 0:
			t.Errorf("%s imports %s: one of the two has no floor", file, to)
		case there >= here:
			t.Errorf("%s: %s imports %s, which stands above it", file, dir, to)
		case narrow && !slices.Contains(allowed, to):
			t.Errorf("%s: %s may not import %s", file, dir, to)
		}
		return
	}
	if strings.HasPrefix(dir, "daemon/desk") && strings.Contains(strings.SplitN(name, "/", 2)[0], ".") {
		t.Errorf("%s: desk imports the standard library only, not %s", file, name)
	}
	for lib, dirs := range owners {
		if strings.HasPrefix(name, lib) && !slices.Contains(dirs, dir) {
			t.Errorf("%s: %s is for %v only", file, lib, dirs)
		}
	}
}

// eachFile parses the module's files but for tests.
func eachFile(t *testing.T, mode parser.Mode, fn func(file, dir string, f *ast.File, fset *gotoken.FileSet)) {
	t.Helper()
	root := ".."
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if strings.HasPrefix(rel, "mailbox/mailtest/") && rel != "mailbox/mailtest/"+filepath.Base(rel) {
			return nil // servers for the tests, modules of their own
		}
		fset := gotoken.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, mode)
		if err != nil {
			return err
		}
		fn(rel, filepath.ToSlash(filepath.Dir(rel)), f, fset)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRooms holds sizes: of packages, files, functions, types and signatures.
func TestRooms(t *testing.T) {
	rooms := map[string]int{}
	methods := map[string]int{}
	used := map[string]bool{}
	tell := func(what string, n, most int) {
		if n <= most {
			return
		}
		if exempt[what] != "" {
			used[what] = true
			return
		}
		t.Errorf("%s: %d, at most %d", what, n, most)
	}
	eachFile(t, 0, func(file, dir string, f *ast.File, fset *gotoken.FileSet) {
		lines := func(n ast.Node) int { return fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1 }
		data, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		n := strings.Count(string(data), "\n")
		rooms[dir] += n
		tell(file, n, mostInFile)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := file + " " + fn.Name.Name
			tell(name, lines(fn), mostInFunc)
			if n := fn.Type.Params.NumFields(); n > mostParams {
				tell(name+" parameters", n, mostParams)
			}
			if fn.Recv != nil {
				methods[dir+" "+receiver(fn)]++
			}
		}
	})
	for dir, n := range rooms {
		if !slices.Contains(strings.Fields(bigRooms), dir) {
			tell(dir, n, mostInRoom)
		}
	}
	for name, n := range methods {
		tell(name+" methods", n, mostMethods)
	}
	for what := range exempt {
		if !used[what] {
			t.Errorf("%s is exempt and needn't be", what)
		}
	}
	if len(exempt) > mostExempt {
		t.Errorf("%d exceptions, at most %d", len(exempt), mostExempt)
	}
}

func receiver(fn *ast.FuncDecl) string {
	t := fn.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	if ix, ok := t.(*ast.IndexExpr); ok {
		t = ix.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
