package daemon

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/door/shell"
)

// corpora is the folder of shared mail with expected results; tests skip where it is absent.
func corpora(t testing.TB, task string) []string {
	t.Helper()
	dir := os.Getenv("FIFTHCALL_CORPORA")
	if dir == "" {
		dir = "../../shared/corpora"
	}
	files, _ := filepath.Glob(filepath.Join(dir, task))
	if len(files) == 0 {
		t.Skip("the corpora are not here")
	}
	return files
}

func TestCorpusInvitations(t *testing.T) {
	kinds, starts, cases, timed := 0, 0, 0, 0
	for _, f := range corpora(t, "invite/*.eml") {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			Kind  string
			Event struct{ UID, Start string }
		}
		j, _ := os.ReadFile(strings.TrimSuffix(f, ".eml") + ".json")
		if err := json.Unmarshal(j, &want); err != nil {
			t.Fatal(err)
		}
		e := shell.Explain(nil, "", f, data)
		cases++
		got := ""
		if e.Invitation != nil {
			got = e.Invitation.Kind
		}
		if got == want.Kind {
			kinds++
		} else {
			t.Logf("%s: %s (%s), want %s", filepath.Base(f), got, e.Class, want.Kind)
		}
		if want.Event.Start == "" || e.Invitation == nil {
			continue
		}
		timed++
		if sameStart(e.Invitation.Start, want.Event.Start) {
			starts++
		} else {
			t.Logf("%s: start %s, want %s", filepath.Base(f), e.Invitation.Start, want.Event.Start)
		}
	}
	t.Logf("invitation kind %d of %d, start %d of %d", kinds, cases, starts, timed)
	if 100*kinds < 97*cases || 100*starts < 97*timed {
		t.Error("below 97 %")
	}
}

// sameStart compares a start as explain gives it with the corpora's "Z"+seconds, "L"+local, "D"+date or RFC 3339.
func sameStart(got, want string) bool {
	switch want[0] {
	case 'Z':
		sec, _ := strconv.ParseInt(want[1:], 10, 64)
		t, err := time.Parse(time.RFC3339, got)
		return err == nil && t.Unix() == sec
	case 'L', 'D':
		return strings.NewReplacer("-", "", ":", "").Replace(got) == want[1:]
	}
	g, err1 := time.Parse(time.RFC3339, got)
	w, err2 := time.Parse(time.RFC3339, want)
	return err1 == nil && err2 == nil && g.Equal(w)
}
