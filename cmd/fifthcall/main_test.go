package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/mailbox/mailtest"
)

// TestInit answers the questions and loads what came of it.
func TestInit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.toml")
	var out bytes.Buffer
	q := &questions{in: bufio.NewReader(strings.NewReader("not an address\nsam.ruiter@gmail.com\n\nMars/Olympus\nEurope/Berlin\n\n\n\n\n\n")), out: &out, secret: func() (string, error) { return "s3cret", nil }}
	if err := writeConfig(q, path); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	cfg, err := config.LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	d := cfg.Desks[0]
	if d.Name != "sam-ruiter" || d.Timezone != "Europe/Berlin" || d.IMAP.Host != "imap.gmail.com" || d.IMAP.Port != 993 || d.SMTP.Port != 465 || d.IMAP.Username != "sam.ruiter@gmail.com" {
		t.Errorf("%+v", d)
	}
	if strings.Contains(out.String(), "s3cret") {
		t.Error("the password was shown")
	}
	if fi, err := os.Stat(filepath.Join(dir, "sam-ruiter.password")); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v %v", fi, err)
	}
}

// TestProgram runs the daemon as a user does: commands through its socket, SIGHUP with a
// good and a bad file, a second daemon, SIGTERM, exit codes.
func TestProgram(t *testing.T) {
	bin := build(t)
	ms, err := mailtest.Start("firm.example", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer ms.Close()
	if err := ms.AddUser("sam", "pw"); err != nil {
		t.Fatal(err)
	}
	config := deskConfig(t, ms, "")
	cmd := exec.Command(bin, "--config", config, "run")
	var log safeBuffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, int) {
		out, err := exec.Command(bin, append([]string{"--config", config}, args...)...).CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return string(out), exit.ExitCode()
		}
		return string(out), 0
	}
	mailtest.Eventually(t, "the daemon", func() bool { return strings.Contains(log.String(), "msg=running") })
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"contacts", "set", "jane@acme.example", "--role", "dm", "--name", "Jane Doe"}, "Jane Doe", 0},
		{[]string{"log", "jane@acme.example spoke, call 2w"}, "next call", 0},
		{[]string{"contacts", "show", "jnae@acme.example"}, "did you mean jane@acme.example?", 1},
		{[]string{"contacts", "set", "jane@acme.example", "--role", "boss"}, "is not a role", 2},
		{[]string{"touches", "lst"}, "", 2},
		{[]string{"callbacks", "list", "--json"}, `"event_uid": "callback-`, 0},
		{[]string{"feed", "url"}, "http://127.0.0.1:", 0},
		{[]string{"feed", "url", "--desk", "sma"}, `did you mean "sam"?`, 2},
		{[]string{"sync", "--now", "2026-03-02T09:00:00Z"}, "clock of its own", 2},
		{[]string{"sync"}, "", 0},
		{[]string{"today"}, "in the", 0},
		{[]string{"run"}, "in use by another process", 1},
		{[]string{"doctor"}, "in use by the running daemon", 0},
		{[]string{"completion", "bash"}, "bash completion", 0},
	} {
		out, code := run(c.args...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d, want %d\n%s", c.args, code, c.code, out)
		}
	}
	good, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, config, string(good)+"\nnonsense = 1\n", 0o600)
	hup(t, cmd)
	mailtest.Eventually(t, "the bad file to be refused", func() bool { return strings.Contains(log.String(), "the old one stays in force") })
	writeFile(t, config, strings.Replace(string(good), "Europe/London", "Europe/Berlin", 1), 0o600)
	hup(t, cmd)
	mailtest.Eventually(t, "the good file to be taken", func() bool { return strings.Contains(log.String(), "configuration reread") })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, log.String())
	}
	if out, code := run("contacts", "list"); code != 0 || !strings.Contains(out, "Jane Doe") {
		t.Errorf("without a daemon: %d\n%s", code, out)
	}
	if strings.Contains(log.String(), "/feed/") {
		t.Error("the feed's address is in the log")
	}
}

func hup(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}
