package mailtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Radicale is a calendar server of somebody else's at work on a temporary folder. Any name and password sign in.
type Radicale struct {
	URL  string // of a user's calendar "sam/calendar/"
	Dir  string // where that calendar's objects lie, one file each
	t    testing.TB
	root string
}

// StartRadicale starts a Radicale with an empty calendar of the user sam, and stops it at the test's end.
func StartRadicale(t testing.TB) *Radicale {
	t.Helper()
	program := NeedPeer(t, "radicale")
	root := t.TempDir()
	port := FreePort(t)
	r := &Radicale{URL: fmt.Sprintf("http://127.0.0.1:%d/sam/calendar/", port), Dir: filepath.Join(root, "collection-root", "sam", "calendar"), t: t, root: root}
	r.Make()
	cmd := exec.Command(program, "--hosts", "127.0.0.1:"+strconv.Itoa(port), "--auth-type", "none", "--storage-filesystem-folder", root, "--logging-level", "error")
	cmd.Env = append(os.Environ(), "HOME="+root)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	WaitListening(t, port)
	return r
}

// Make makes the calendar, also again once it was removed.
func (r *Radicale) Make() {
	r.t.Helper()
	must(r.t, os.MkdirAll(r.Dir, 0o700))
	must(r.t, os.WriteFile(filepath.Join(r.Dir, ".Radicale.props"), []byte(`{"tag": "VCALENDAR", "D:displayname": "Calendar"}`), 0o600))
}

// Wipe removes all that is in the calendar, as by another program.
func (r *Radicale) Wipe() {
	r.t.Helper()
	must(r.t, os.RemoveAll(r.Dir))
	r.Make()
}
