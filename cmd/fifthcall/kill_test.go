package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon"
	configpkg "fifthcall/daemon/config"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/mailtest"
)

// build makes the program once for the tests of this package.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "fifthcall")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// deskConfig writes a configuration for the mail server; folders is appended.
func deskConfig(t *testing.T, ms *mailtest.Server, extra string) string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "pw"), "pw\n", 0o600)
	host, port, _ := strings.Cut(ms.IMAPAddr, ":")
	n, _ := strconv.Atoi(port)
	text := configpkg.Answers{
		Name: "sam", Email: "sam@firm.example", Timezone: "Europe/London", StateDir: "state", IMAPHost: host, IMAPPort: n, IMAPSecurity: "none",
		Username: "sam", PasswordFile: "pw",
	}.File() + extra
	path := filepath.Join(dir, "config.toml")
	writeFile(t, path, strings.Replace(text, "127.0.0.1:8025", "127.0.0.1:0", 1), 0o600)
	return path
}

// touchKeys are the touches of a state folder, each as one line, in order.
func touchKeys(t *testing.T, config string) []string {
	t.Helper()
	cfg, err := configpkg.LoadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	d, err := daemon.Open(cfg, daemon.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	raw, err := d.Do(context.Background(), shell.Request{Op: "touches.list"})
	if err != nil {
		t.Fatal(err)
	}
	var ts []view.TouchView
	if err := json.Unmarshal(raw, &ts); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range ts {
		out = append(out, fmt.Sprint(x.ID, x.Time, x.Direction, x.Kind, x.Contact, x.MessageID, x.Thread))
	}
	slices.Sort(out)
	return out
}

const killMessages = 5000

// kills is how often a first run is killed, in either order of folders.
func kills() int {
	if mailtest.Long() {
		return 13
	}
	return 4
}

func killServer(t *testing.T) *mailtest.Server {
	t.Helper()
	ms, err := mailtest.Start("firm.example", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ms.Close() })
	if err := ms.AddUser("sam", "pw"); err != nil {
		t.Fatal(err)
	}
	err = mailtest.Generate(mailtest.GenerateOptions{Owner: "sam@firm.example", Messages: killMessages, People: 300, End: time.Now().UTC().Truncate(time.Second), Days: 200, Seed: 3}, func(g mailtest.Generated) error {
		return ms.Append("sam", g.Folder, g.Raw, g.Time)
	})
	if err != nil {
		t.Fatal(err)
	}
	return ms
}

// TestKill9 kills the daemon at random instants of a first run and lets it go on. However
// often that happens, and in whatever order folders are read, the touches are those of an
// undisturbed run, none twice.
func TestKill9(t *testing.T) {
	bin, ms := build(t), killServer(t)
	calm := deskConfig(t, ms, "")
	began := time.Now()
	if out, err := exec.Command(bin, "--config", calm, "sync").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(began) // only scales the random instants
	want := touchKeys(t, calm)
	if len(want) < killMessages/2 || len(slices.Compact(slices.Clone(want))) != len(want) {
		t.Fatalf("an undisturbed run logs %d touches", len(want))
	}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for _, order := range []struct{ name, extra string }{
		{"Sent first", ""},
		{"INBOX first", "\n[desk.folders]\nsent = \"INBOX\"\nread = [\"Sent\"]\n"},
	} {
		t.Run(order.name, func(t *testing.T) {
			config := deskConfig(t, ms, order.extra)
			for range kills() {
				cmd := exec.Command(bin, "--config", config, "run")
				var log bytes.Buffer
				cmd.Stderr = &log
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				timer := time.NewTimer(time.Duration(rng.Int64N(int64(whole))))
				<-timer.C
				if err := cmd.Process.Kill(); err != nil {
					t.Fatalf("the daemon ended by itself: %v\n%s", err, log.String())
				}
				_ = cmd.Wait()
			}
			if out, err := exec.Command(bin, "--config", config, "sync").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := touchKeys(t, config)
			if !slices.Equal(got, want) {
				t.Fatalf("%d touches after %d kills, %d in an undisturbed run", len(got), kills(), len(want))
			}
		})
	}
}
