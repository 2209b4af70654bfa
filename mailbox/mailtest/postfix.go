package mailtest

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const postfixMain = `compatibility_level = 3.6
queue_directory = @DIR@/queue
data_directory = @DIR@/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.firm.example
mydestination =
alias_maps =
local_recipient_maps =
recipient_delimiter = +
virtual_mailbox_domains = firm.example
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:@LMTP@
default_transport = error:this test has no network
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
`

const postfixMaster = `127.0.0.1:@PORT@ inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`

// Postfix is a real submission server on loopback that takes mail from this machine without login and
// delivers that of firm.example to a Dovecot.
type Postfix struct {
	Port int
	dir  string
	t    testing.TB
}

// StartPostfix starts a Postfix in a temporary folder and stops it at the test's end.
func StartPostfix(t testing.TB, d *Dovecot) *Postfix {
	t.Helper()
	NeedPeer(t, "postfix")
	owner, err := user.Lookup("postfix")
	must(t, err)
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	dir, err := os.MkdirTemp("/tmp", "postfix-")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	p := &Postfix{Port: FreePort(t), dir: dir, t: t}
	for _, sub := range []string{"queue", "data", "conf"} {
		must(t, os.Mkdir(filepath.Join(dir, sub), 0o755))
	}
	must(t, os.Chown(filepath.Join(dir, "data"), uid, gid))
	fill := strings.NewReplacer("@DIR@", dir, "@PORT@", strconv.Itoa(p.Port), "@LMTP@", strconv.Itoa(d.LMTP))
	must(t, os.WriteFile(filepath.Join(dir, "conf", "main.cf"), []byte(fill.Replace(postfixMain)), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "conf", "master.cf"), []byte(fill.Replace(postfixMaster)), 0o644))
	if err := p.run("start"); err != nil {
		t.Fatalf("start postfix: %v", err)
	}
	t.Cleanup(func() { _ = p.run("stop") })
	WaitListening(t, p.Port)
	return p
}

// run gives its output to no pipe of ours: the server would keep it open.
func (p *Postfix) run(what string) error {
	return exec.Command("postfix", "-c", filepath.Join(p.dir, "conf"), what).Run()
}
