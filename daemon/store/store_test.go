package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fifthcall/daemon/store"
)

// TestOpenAfterKill opens a state in which a kill -9 left logs of no bytes, as it does between
// Badger's making (or emptying) and filling (or deleting) one.
func TestOpenAfterKill(t *testing.T) {
	dir := t.TempDir()
	open := func() *store.Store {
		t.Helper()
		s, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	err := s.Desk("sam").Update(func(tx *store.Tx) error { return tx.SetMark("here", "yes") })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"00077.mem", "00078.mem", "000077.vlog", "000078.vlog"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second finds what the first made of them
		s := open()
		mark := ""
		err := s.Desk("sam").View(func(tx *store.Tx) (err error) { mark, err = tx.Mark("here"); return err })
		if err != nil || mark != "yes" {
			t.Fatalf("mark %q, %v", mark, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKindsAreTold holds the list of key kinds in doc.go against the code, both ways.
func TestKindsAreTold(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used, told := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		find, into := `\bkey\('(.)'`, used
		if name == "doc.go" {
			find, into = `(?m)^//\t([a-z])(?: |$)`, told
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(find).FindAllSubmatch(src, -1) {
			into[string(m[1])] = true
		}
	}
	for kind := range used {
		if !told[kind] {
			t.Errorf("doc.go doesn't tell of %s", kind)
		}
	}
	for kind := range told {
		if !used[kind] {
			t.Errorf("doc.go tells of %s, which no key is", kind)
		}
	}
}

// TestTablesAreTold holds the list of the records' names in doc.go against the tables that the rooms declare, both ways.
func TestTablesAreTold(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^//\t {4}([a-z-]+:?) {2,}\S`).FindAllSubmatch(doc, -1) {
		told[string(m[1])] = true
	}
	used := map[string]bool{}
	declared := regexp.MustCompile(`(?:Table|Single)\[.+\]\s*= "([a-z-]+:?)"`)
	err = filepath.WalkDir("..", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(src, -1) {
			name := string(m[1])
			if used[name] {
				t.Errorf("two tables are named %s", name)
			}
			used[name] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range used {
		if !told[name] {
			t.Errorf("doc.go doesn't tell of %s", name)
		}
	}
	for name := range told {
		if !used[name] {
			t.Errorf("doc.go tells of %s, which no table is", name)
		}
	}
}
