package mailtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// Mox is a real mox on loopback that fails by address: recipients whose local part ends in temperror, permerror, or a code, and begins
// with rcptto or mailfrom for that command.
type Mox struct {
	IMAP, Submission int    // with STARTTLS
	CA               string // file with its certificate
	User, Password   string
}

// buildModule builds a program of a module of its own below this folder, or skips the test; with FIFTHCALL_REQUIRE_PEERS=1 it fails.
func buildModule(t testing.TB, module, pkg string) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	bin := filepath.Join(t.TempDir(), module)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "build", "-o", bin, pkg)
	build.Dir = filepath.Join(filepath.Dir(here), module)
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		if os.Getenv("FIFTHCALL_REQUIRE_PEERS") == "1" {
			t.Fatalf("build %s: %v\n%s", module, err, out)
		}
		t.Skipf("%s can't be built: %v", module, err)
	}
	return bin
}

var moxPortRE = regexp.MustCompile(`(Port: )(\d+)`)

// StartMox builds and starts a mox, and stops it at the test's end.
func StartMox(t testing.TB) *Mox {
	t.Helper()
	if !Long() && os.Getenv("FIFTHCALL_REQUIRE_PEERS") != "1" {
		t.Skip("mox takes a minute to build: FIFTHCALL_LONG=1 does it")
	}
	bin := buildModule(t, "moxserver", "github.com/mjl-/mox")
	dir := filepath.Join(t.TempDir(), "mox")
	if out, err := exec.Command(bin, "localserve", "-dir", dir, "-ip", "127.0.0.1", "-initonly").CombinedOutput(); err != nil {
		t.Fatalf("set up mox: %v\n%s", err, out)
	}
	conf := filepath.Join(dir, "mox.conf")
	text, err := os.ReadFile(conf)
	must(t, err)
	ports := map[string]int{}
	text = moxPortRE.ReplaceAllFunc(text, func(m []byte) []byte {
		old := string(moxPortRE.FindSubmatch(m)[2])
		if ports[old] == 0 {
			ports[old] = FreePort(t)
		}
		return []byte("Port: " + strconv.Itoa(ports[old]))
	})
	must(t, os.WriteFile(conf, text, 0o600))
	cmd := exec.Command(bin, "localserve", "-dir", dir)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	m := &Mox{IMAP: ports["1143"], Submission: ports["1587"], CA: filepath.Join(dir, "localhost.crt"), User: "mox@localhost", Password: "moxmoxmox"}
	WaitListening(t, m.Submission)
	WaitListening(t, m.IMAP)
	return m
}
