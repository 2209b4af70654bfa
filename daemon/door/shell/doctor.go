package shell

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// Finding is one line of 'doctor'.
type Finding struct {
	OK   bool   `json:"ok"`
	What string `json:"what"`
	Say  string `json:"say"` // what was found, or what to do
}

// Doctor checks everything that a desk depends on and says, line by line, what is well and
// what to do about the rest. Nothing is sent and nothing changed.
func Doctor(ctx context.Context, cfg *config.Config) []Finding {
	var out []Finding
	add := func(ok bool, what, format string, args ...any) {
		out = append(out, Finding{ok, what, fmt.Sprintf(format, args...)})
	}
	add(true, "configuration", "%s is sound", cfg.Path)
	checkState(ctx, cfg, add)
	checkReach(cfg, add)
	for i := range cfg.Desks {
		checkDesk(ctx, &cfg.Desks[i], add)
	}
	return out
}

type finder func(ok bool, what, format string, args ...any)

func checkState(ctx context.Context, cfg *config.Config, add finder) {
	dir := cfg.Store.Dir
	if Dial(ctx, dir) != nil {
		add(true, "state", "in use by the running daemon (%s)", dir)
	} else if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		add(true, "state", "%s does not exist yet; it is made at the first start", dir)
	} else if st, err := store.Open(dir); err != nil {
		add(false, "state", "%v", err)
	} else {
		add(true, "state", "%s opens, %.1f MB", dir, float64(st.Size())/1e6)
		if err := st.Close(); err != nil {
			add(false, "state", "does not close: %v", err)
		}
	}
	where := dir
	for {
		if _, err := os.Stat(where); err == nil {
			break
		}
		where = parentDir(where)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(where, &fs); err == nil {
		free := float64(fs.Bavail) * float64(fs.Bsize) / 1e9
		add(free > 1, "disk", "%.1f GB free%s", free, map[bool]string{true: "", false: ": make room, a gigabyte at least"}[free > 1])
	}
}

func parentDir(p string) string {
	i := strings.LastIndexByte(strings.TrimRight(p, "/"), '/')
	if i <= 0 {
		return "/"
	}
	return p[:i]
}

// checkReach says whether the feed's address can be reached from outside this machine.
func checkReach(cfg *config.Config, add finder) {
	if u := cfg.HTTP.PublicURL; u != "" {
		p, err := url.Parse(u)
		switch {
		case err != nil:
			add(false, "feed", "[http] public_url %q can't be read", u)
		case config.Loopback(p.Hostname()):
			add(false, "feed", "[http] public_url %s is this machine's own address: phones and web calendars can't reach it; give the name under which others see it", u)
		case p.Scheme != "https":
			add(false, "feed", "[http] public_url %s is not https: the secret address would travel in the clear", u)
		default:
			add(true, "feed", "handed out under %s; the proxy there must lead to %s", u, cfg.HTTP.Listen)
		}
		return
	}
	host, _, _ := net.SplitHostPort(cfg.HTTP.Listen)
	if config.Loopback(host) {
		add(true, "feed", "served on %s: calendar programs on this machine can subscribe; phones and web calendars can't reach it. For them set [http] public_url (behind a proxy), or tls_cert, tls_key and listen", cfg.HTTP.Listen)
		return
	}
	if cfg.HTTP.TLSCert == "" {
		add(false, "feed", "served on %s without TLS: the secret address travels in the clear; set [http] tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy", cfg.HTTP.Listen)
		return
	}
	if _, err := tls.LoadX509KeyPair(cfg.HTTP.TLSCert, cfg.HTTP.TLSKey); err != nil {
		add(false, "feed", "the certificate can't be used: %v", err)
		return
	}
	add(true, "feed", "served on %s with TLS", cfg.HTTP.Listen)
}

func checkDesk(ctx context.Context, d *config.DeskConfig, add finder) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	what := func(s string) string { return d.Name + ": " + s }
	checkLetterFiles(d, what("letters"), add)
	if !checkDNS(ctx, d.IMAP.Host, what("imap host"), add) {
		return
	}
	acct, err := d.IMAP.Account()
	if err != nil {
		add(false, what("imap"), "%v", err)
		return
	}
	f, err := mailbox.CheckIMAP(ctx, &acct)
	if err != nil {
		add(false, what("imap"), "%v%s", err, signInHint(err))
	} else {
		add(true, what("imap"), "signed in at %s as %s (%s)", acct.Address(), acct.Username, transport(acct.Security, f.TLS))
		checkCapabilities(f, what("imap"), add)
		checkFolders(d, f.Folders, what("folders"), add)
	}
	checkSending(ctx, d, what, add)
	checkCalendars(ctx, d, what, add)
}

// checkCalendars tries the calendars that are read and written elsewhere. Nothing is written.
func checkCalendars(ctx context.Context, d *config.DeskConfig, what func(string) string, add finder) {
	hc := agenda.BusyClient(d.Calendar.Private)
	for i, address := range d.Calendar.Busy {
		c := book.BusyCalendar{}
		err := agenda.Read(ctx, &c, hc, address, time.Now(), &config.Rules{Zone: time.UTC})
		if err != nil {
			add(false, what("calendar"), "calendar %d of busy can't be read: %v", i+1, err)
			continue
		}
		add(true, what("calendar"), "calendar %d of busy is read", i+1)
	}
	r := &book.Runner{}
	list := slices.Clone(d.Calendar.BusyDAV)
	if d.Calendar.Publish != "" {
		list = append(list, d.Calendar.Publish)
	}
	for _, address := range list {
		client, err := agenda.DavClient(ctx, r, d, address)
		var n []caldav.Remote
		if err == nil {
			n, err = client.List(ctx)
		}
		if err != nil {
			add(false, what("calendar"), "%s: %v; look at its address and at [desk.calendar.login]", address, err)
			continue
		}
		add(true, what("calendar"), "%s is reached, %s", address, desk.Plural(len(n), "event"))
	}
}

// checkLetterFiles checks the desk's letters and sequences, and says how letters leave.
func checkLetterFiles(d *config.DeskConfig, what string, add finder) {
	rs := config.Rules{Cfg: *d}
	rs.ReadLetters()
	if rs.Broken != "" {
		add(false, what, "some can't be used; the others are: %s", strings.ReplaceAll(rs.Broken, "\n", "; "))
		return
	}
	how := map[string]string{"draft": "drafts that you send", "approve": "sent at your word", "auto": "sent when they are due", "off": "switched off"}[d.Letters.Mode]
	add(true, what, "%d letters and %d sequences, %s unless their own list says otherwise", len(rs.Letters.Names()), len(rs.Sequences), how)
	if d.Letters.Mode == "auto" && d.AuthservID == "" {
		add(false, what, "without authserv_id no invitation is proven genuine, so letters about interviews wait for your word: name your server as it stands in the Authentication-Results field of mails you get")
	}
}

func checkDNS(ctx context.Context, host, what string, add finder) bool {
	if net.ParseIP(host) != nil {
		return true
	}
	addrs, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		add(false, what, "%s has no address (%v): check the spelling, and that this machine is online", host, err)
		return false
	}
	add(true, what, "%s is %s", host, strings.Join(addrs[:min(2, len(addrs))], ", "))
	return true
}

func transport(s mailbox.Security, version string) string {
	if version == "" {
		return "no TLS, this machine only"
	}
	return version + " by " + string(s)
}

func signInHint(err error) string {
	if errors.Is(err, mailbox.ErrSignIn) {
		return ": check username and secret; with two-step sign-in the provider wants an app password"
	}
	return ""
}

func checkCapabilities(f *mailbox.Found, what string, add finder) {
	idle := slices.Contains(f.Capabilities, "IDLE") || slices.Contains(f.Capabilities, "IMAP4rev2")
	if idle {
		add(true, what, "watches by IDLE: new mail is seen at once")
	} else {
		add(true, what, "the server has no IDLE: new mail is seen at the next poll")
	}
}

func checkFolders(d *config.DeskConfig, f *mailbox.Folders, what string, add finder) {
	w := mailbox.Watcher{SentFolder: d.Folders.Sent, Folders: d.Folders.Read}
	sent, missing := w.SentFolderOf(f)
	if sent == "" {
		add(false, what, "no folder of sent mail was found: name it in [desk.folders] sent; there are: %s", strings.Join(f.Names[:min(20, len(f.Names))], ", "))
	} else if !slices.Contains(missing, sent) {
		add(true, what, "sent mail is in %q; %d folders in all", sent, len(f.Names))
	}
	if len(missing) > 0 {
		add(false, what, "configured but not there: %s", strings.Join(missing, ", "))
	}
}

func checkSending(ctx context.Context, d *config.DeskConfig, what func(string) string, add finder) {
	if d.SMTP.Host == "" {
		add(true, what("smtp"), "not configured: nothing can be sent")
		return
	}
	if !checkDNS(ctx, d.SMTP.Host, what("smtp host"), add) {
		return
	}
	acct, err := d.SMTP.Account()
	if err != nil {
		add(false, what("smtp"), "%v", err)
		return
	}
	f, err := mailbox.CheckSMTP(ctx, &acct)
	if err != nil {
		add(false, what("smtp"), "%v%s", err, signInHint(err))
		return
	}
	add(true, what("smtp"), "signed in at %s (%s); nothing was sent", acct.Address(), transport(acct.Security, f.TLS))
	if f.ServerTime.IsZero() {
		add(true, what("clock"), "the mail server tells no time to compare with")
		return
	}
	off := time.Since(f.ServerTime).Round(time.Second)
	if off.Abs() > 2*time.Minute {
		add(false, what("clock"), "this machine's clock and the mail server's differ by %s: set this machine's clock (NTP)", off.Abs())
		return
	}
	add(true, what("clock"), "agrees with the mail server's")
}
