package mailtest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Long reports whether the long form of a test is asked for, by FIFTHCALL_LONG=1: CI asks, the README's command doesn't.
func Long() bool { return os.Getenv("FIFTHCALL_LONG") == "1" }

// NeedPeer skips the test when a program it needs is not installed; with
// FIFTHCALL_REQUIRE_PEERS=1 it fails instead.
func NeedPeer(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if os.Getenv("FIFTHCALL_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is not installed, and FIFTHCALL_REQUIRE_PEERS=1", program)
	}
	t.Skipf("%s is not installed", program)
	return ""
}

const dovecotConf = `base_dir = @DIR@/run
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = @DIR@/dovecot.log
mail_location = maildir:@DIR@/mail/%n/Maildir
first_valid_uid = 100
mail_max_userip_connections = 2000
passdb {
  driver = static
  args = password=pw
}
userdb {
  driver = static
  args = uid=@USER@ gid=@USER@ home=@DIR@/mail/%n
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = @LMTP@
  }
}
service imap-login {
  inet_listener imap {
    port = @PORT@
  }
  inet_listener imaps {
    port = 0
  }
}
namespace inbox {
  inbox = yes
  mailbox Sent {
    special_use = \Sent
    auto = subscribe
  }
  mailbox Drafts {
    special_use = \Drafts
    auto = subscribe
  }
}
`

// Dovecot is a real Dovecot on loopback: any user name, password "pw".
type Dovecot struct {
	Dir  string
	Port int // IMAP
	LMTP int
	uid  int
	gid  int
	conf string
	t    testing.TB
}

// StartDovecot starts a Dovecot in a temporary folder and stops it at the test's end. change
// are pairs of what to replace in its configuration, old and new.
func StartDovecot(t testing.TB, change ...string) *Dovecot {
	t.Helper()
	NeedPeer(t, "dovecot")
	if os.Getuid() != 0 {
		if os.Getenv("FIFTHCALL_REQUIRE_PEERS") == "1" {
			t.Fatal("Dovecot can be started by root only, and FIFTHCALL_REQUIRE_PEERS=1")
		}
		t.Skip("Dovecot can be started by root only")
	}
	dir, err := os.MkdirTemp("/tmp", "dovecot-") // short, for its sockets, and open to its users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d := &Dovecot{Dir: dir, Port: FreePort(t), LMTP: FreePort(t), conf: filepath.Join(dir, "dovecot.conf"), t: t}
	u, err := mailUser()
	if err != nil {
		t.Fatal(err)
	}
	d.uid, _ = strconv.Atoi(u.Uid)
	d.gid, _ = strconv.Atoi(u.Gid)
	must(t, os.Chmod(dir, 0o755))
	must(t, os.MkdirAll(filepath.Join(dir, "mail"), 0o755))
	must(t, os.Chown(filepath.Join(dir, "mail"), d.uid, d.gid))
	conf := strings.NewReplacer("@DIR@", dir, "@PORT@", strconv.Itoa(d.Port), "@LMTP@", strconv.Itoa(d.LMTP), "@USER@", u.Username).Replace(strings.NewReplacer(change...).Replace(dovecotConf))
	must(t, os.WriteFile(d.conf, []byte(conf), 0o644))
	d.Start()
	t.Cleanup(d.Stop)
	return d
}

// mailUser is an unprivileged user with a group of the same name.
func mailUser() (*user.User, error) {
	for _, name := range []string{"dovecot", "dovenull", "messagebus", "sshd", "postfix"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		if g, err := user.LookupGroup(name); err == nil && g.Gid == u.Gid {
			if id, _ := strconv.Atoi(u.Uid); id >= 100 {
				return u, nil
			}
		}
	}
	return nil, fmt.Errorf("no unprivileged user with a group of the same name")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// FreePort is a port that nothing listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// Start starts it, also again after Stop, and returns when it answers.
func (d *Dovecot) Start() {
	d.t.Helper()
	cmd := exec.Command("dovecot", "-c", d.conf) // its output goes to no pipe of ours: the server would keep it open
	if err := cmd.Run(); err != nil {
		log, _ := os.ReadFile(filepath.Join(d.Dir, "dovecot.log"))
		d.t.Fatalf("start dovecot: %v\n%s", err, log)
	}
	WaitListening(d.t, d.Port)
}

// Stop stops it, and returns when its process has ended: until then the ports are taken.
func (d *Dovecot) Stop() {
	pid, _ := os.ReadFile(filepath.Join(d.Dir, "run", "master.pid"))
	_ = exec.Command("doveadm", "-c", d.conf, "stop").Run()
	n, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err != nil {
		return
	}
	Eventually(d.t, "dovecot to end", func() bool { return syscall.Kill(n, 0) != nil })
}

// WaitListening returns once something accepts connections on the loopback port.
func WaitListening(t testing.TB, port int) {
	t.Helper()
	Eventually(t, "port "+strconv.Itoa(port)+" to answer", func() bool {
		c, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
		if err != nil {
			return false
		}
		_ = c.Close()
		return true
	})
}

// Eventually polls until ok; the bound is generous, so that only a hang fails, never a slow machine.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	giveUp := time.NewTimer(2 * time.Minute)
	defer giveUp.Stop()
	for !ok() {
		select {
		case <-giveUp.C:
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

// Fill writes messages into a user's folder before the first login.
func (d *Dovecot) Fill(usr string, g Generated, n int) error {
	box := filepath.Join(d.Dir, "mail", usr, "Maildir")
	if g.Folder != "INBOX" {
		box = filepath.Join(box, "."+g.Folder)
	}
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(box, sub), 0o755); err != nil {
			return err
		}
	}
	p := filepath.Join(box, "cur", fmt.Sprintf("%d.M%06dP1.test:2,S", g.Time.Unix(), n))
	if err := os.WriteFile(p, g.Raw, 0o644); err != nil {
		return err
	}
	return os.Chtimes(p, g.Time, g.Time) // Maildir's INTERNALDATE
}

// Own gives what Fill wrote to the mail user.
func (d *Dovecot) Own(usr string) {
	d.t.Helper()
	err := filepath.Walk(filepath.Join(d.Dir, "mail", usr), func(p string, _ os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(p, d.uid, d.gid)
	})
	must(d.t, err)
}

// Doveadm runs an administration command, with mail on standard input if there is some.
func (d *Dovecot) Doveadm(stdin []byte, args ...string) string {
	d.t.Helper()
	cmd := exec.Command("doveadm", append([]string{"-c", d.conf}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("doveadm %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// Deliver delivers mail into the user's INBOX by LMTP.
func (d *Dovecot) Deliver(usr string, raw []byte) {
	d.t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(d.LMTP)))
	must(d.t, err)
	defer func() { _ = c.Close() }()
	buf := make([]byte, 4096)
	talk := func(s string) {
		if s != "" {
			_, err := c.Write([]byte(s))
			must(d.t, err)
		}
		n, err := c.Read(buf)
		must(d.t, err)
		if buf[0] > '3' {
			d.t.Fatalf("LMTP: %s", buf[:n])
		}
	}
	talk("")
	talk("LHLO test\r\n")
	talk("MAIL FROM:<>\r\n")
	talk("RCPT TO:<" + usr + ">\r\n")
	talk("DATA\r\n")
	talk(string(bytes.ReplaceAll(raw, []byte("\r\n."), []byte("\r\n.."))) + "\r\n.\r\n")
	talk("QUIT\r\n")
}

// Append stores mail in a folder as a mail program does.
func (d *Dovecot) Append(usr, folder string, raw []byte) {
	d.t.Helper()
	d.Doveadm(raw, "save", "-u", usr, "-m", folder)
}
