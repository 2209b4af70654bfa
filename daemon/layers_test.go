package daemon

import (
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestLayers holds the dependency rules of the design, also where the linter doesn't run.
func TestLayers(t *testing.T) {
	only := map[string][]string{ // of this module's packages, what each folder may import
		"daemon/desk": {}, "mailbox": {}, "calendar": {}, "mailbox/mailtest": {"fifthcall/mailbox"}, "calendar/caldav": {"fifthcall/calendar"},
		"daemon/store": {"fifthcall/daemon/desk"}, "daemon/letter": {"fifthcall/daemon/desk"}, "daemon/web": {"fifthcall/daemon/desk", "fifthcall/calendar"},
	}
	owners := map[string][]string{
		"github.com/dgraph-io/badger": {"daemon/store"}, "github.com/emersion/go-imap": {"mailbox", "mailbox/mailtest"},
		"github.com/wneessen/go-mail": {"mailbox", "daemon/letter"}, "github.com/emersion/go-ical": {"calendar", "calendar/caldav"},
		"github.com/pelletier/go-toml": {"daemon", "daemon/letter"}, "github.com/prometheus": {"daemon", "daemon/web"},
	}
	root := ".."
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		dir := filepath.ToSlash(filepath.Dir(rel))
		f, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			checkImport(t, rel, dir, name, only, owners)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImport(t *testing.T, file, dir, name string, only, owners map[string][]string) {
	t.Helper()
	if strings.HasPrefix(name, "fifthcall/") {
		if allowed, ok := only[dir]; ok && !in(allowed, name) {
			t.Errorf("%s: %s may not import %s", file, dir, name)
		}
		if name == "fifthcall/daemon" && !strings.HasPrefix(dir, "cmd/") {
			t.Errorf("%s: only cmd imports daemon", file)
		}
		return
	}
	if dir == "daemon/desk" && strings.Contains(strings.SplitN(name, "/", 2)[0], ".") {
		t.Errorf("%s: desk imports the standard library only, not %s", file, name)
	}
	for lib, dirs := range owners {
		if strings.HasPrefix(name, lib) && !in(dirs, dir) {
			t.Errorf("%s: %s is for %v only", file, lib, dirs)
		}
	}
}

func in(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
