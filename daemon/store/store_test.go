package store_test

import (
	"os"
	"path/filepath"
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
