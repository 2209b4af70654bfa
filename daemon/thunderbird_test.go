package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-webdav"
	webcaldav "github.com/emersion/go-webdav/caldav"

	"fifthcall/daemon/desk"
	"fifthcall/mailbox/mailtest"
)

// exchange is a request that passed a witness, and its answer.
type exchange struct {
	method, path, body string
	signedIn           bool
	code               int
	answer             string
}

func (e exchange) String() string {
	return fmt.Sprintf("%s %s (signed in: %t)\n%.2000s\n-> %d %.2000s\n", e.method, e.path, e.signedIn, e.body, e.code, e.answer)
}

// witness is a proxy that writes down what passes.
type witness struct {
	url  string
	mu   sync.Mutex
	seen []exchange
}

func newWitness(t *testing.T, server string) *witness {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	w := new(witness)
	note := func(r *http.Request, code int, answer string) {
		e := r.Context().Value(w).(exchange)
		e.code, e.answer = code, answer
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen = append(w.seen, e)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(res *http.Response) error {
			b, err := io.ReadAll(res.Body)
			if err != nil {
				return err
			}
			res.Body = io.NopCloser(bytes.NewReader(b))
			note(res.Request, res.StatusCode, string(b))
			return nil
		},
		ErrorHandler: func(rw http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil { // nobody hung up
				note(r, http.StatusBadGateway, err.Error())
			}
			rw.WriteHeader(http.StatusBadGateway)
		},
	}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return // it hung up
		}
		r.Body = io.NopCloser(bytes.NewReader(b))
		_, _, ok := r.BasicAuth()
		proxy.ServeHTTP(rw, r.WithContext(context.WithValue(r.Context(), w, exchange{method: r.Method, path: r.URL.Path, body: string(b), signedIn: ok})))
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

// since are the exchanges from the nth on.
func (w *witness) since(n int) []exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen[n:])
}

// syncs are the sync-collection reports on a collection among the exchanges.
func syncs(seen []exchange, coll string) (out []exchange) {
	for _, e := range seen {
		if e.method == "REPORT" && e.path == "/caldav/sam/"+coll+"/" && strings.Contains(e.body, "sync-collection") {
			out = append(out, e)
		}
	}
	return out
}

// thunderbird is a profile of Thunderbird's, and the process while it runs.
type thunderbird struct {
	t             *testing.T
	program       string
	home, profile string
	cmd           *exec.Cmd
	out           bytes.Buffer // of the process, once it has ended
	ended         chan struct{}
}

// thunderbirdPrefs keep it from calling home: whatever is not on loopback goes to a proxy that knows nothing.
const thunderbirdPrefs = `user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", %[1]s);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", %[1]s);
user_pref("network.proxy.no_proxies_on", "127.0.0.1");
user_pref("network.dns.disablePrefetch", true);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("app.update.auto", false);
user_pref("browser.region.network.url", "");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("datareporting.policy.dataSubmissionPolicyBypassNotification", true);
user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("datareporting.usage.uploadEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("mail.inappnotifications.enabled", false);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.rights.version", 1);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mailnews.start_page.enabled", false);
`

// thunderbirdCalendar registers a collection: its name, its address.
const thunderbirdCalendar = `user_pref("calendar.registry.%[1]s.type", "caldav");
user_pref("calendar.registry.%[1]s.uri", "%[2]s");
user_pref("calendar.registry.%[1]s.name", "%[1]s");
user_pref("calendar.registry.%[1]s.username", "sam");
user_pref("calendar.registry.%[1]s.cache.enabled", true);
user_pref("calendar.registry.%[1]s.refreshInterval", "30");
user_pref("calendar.registry.%[1]s.calendar-main-in-composite", true);
`

// newThunderbird makes a profile with the collections of the server at the address.
func newThunderbird(t *testing.T, program, server, password string) *thunderbird {
	t.Helper()
	b := &thunderbird{t: t, program: program, home: t.TempDir()}
	mailtest.NeedPeer(t, "/usr/bin/python3")
	b.profile = filepath.Join(b.home, "profile")
	if err := os.Mkdir(b.profile, 0o700); err != nil {
		t.Fatal(err)
	}
	nowhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nowhere.Close)
	at, err := url.Parse(nowhere.URL)
	if err != nil {
		t.Fatal(err)
	}
	prefs := fmt.Sprintf(thunderbirdPrefs, at.Port())
	for _, coll := range desk.CollectionNames {
		prefs += fmt.Sprintf(thunderbirdCalendar, coll, server+"/caldav/sam/"+coll+"/")
	}
	writeText(t, filepath.Join(b.profile, "user.js"), "%s", prefs)
	b.python(sealLogin, b.profile, server, "Fifthcall", "sam", password)
	t.Cleanup(b.stop)
	return b
}

// sealLogin stores a password as Thunderbird does: sealed by NSS with the profile's key, which it makes.
const sealLogin = `
import base64, ctypes, json, sys
profile, origin, realm, user, password = sys.argv[1:]
class Item(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("data", ctypes.c_void_p), ("len", ctypes.c_uint)]
nss = ctypes.CDLL("libnss3.so")
nss.PK11_GetInternalKeySlot.restype = ctypes.c_void_p
assert nss.NSS_InitReadWrite(("sql:" + profile).encode()) == 0
slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
assert nss.PK11_InitPin(slot, None, b"") == 0
def seal(text):
    raw, sealed = ctypes.create_string_buffer(text.encode()), Item()
    item = Item(0, ctypes.addressof(raw), len(raw) - 1)
    assert nss.PK11SDR_Encrypt(ctypes.byref(Item()), ctypes.byref(item), ctypes.byref(sealed), None) == 0
    return base64.b64encode(ctypes.string_at(sealed.data, sealed.len)).decode()
login = dict(id=1, guid="{00000000-0000-4000-8000-000000000001}", hostname=origin, httpRealm=realm, formSubmitURL=None, usernameField="", passwordField="",
    encType=1, encryptedUsername=seal(user), encryptedPassword=seal(password), timeCreated=1, timeLastUsed=1, timePasswordChanged=1, timesUsed=1)
with open(profile + "/logins.json", "w") as f:
    json.dump(dict(nextId=2, logins=[login], version=3), f)
nss.PK11_FreeSlot(slot)
assert nss.NSS_Shutdown() == 0
`

// python runs a script that finds Thunderbird's own libraries first.
func (b *thunderbird) python(script string, args ...string) {
	b.t.Helper()
	cmd := exec.Command("/usr/bin/python3", append([]string{"-c", script}, args...)...)
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH=/usr/lib/thunderbird")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%v\n%s", err, out)
	}
}

func (b *thunderbird) start() {
	b.t.Helper()
	b.out.Reset()
	cmd := exec.Command(b.program, "--headless", "--no-remote", "--profile", b.profile)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+b.home, "XDG_RUNTIME_DIR="+b.home, "XDG_DATA_HOME="+b.home, "XDG_CONFIG_HOME="+b.home, "XDG_CACHE_HOME="+b.home,
		"DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(b.home, "none")) // so that it starts no bus
	cmd.Stdout, cmd.Stderr = &b.out, &b.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	ended := make(chan struct{})
	b.cmd, b.ended = cmd, ended
	go func() {
		_ = cmd.Wait() // until its children have ended, too: they hold its output
		close(ended)
	}()
}

// stop ends it and its children.
func (b *thunderbird) stop() {
	if b.cmd == nil {
		return
	}
	group := -b.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-b.ended:
	case <-time.After(10 * time.Second):
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-b.ended
	b.cmd = nil
}

// cached are the events in its cache: collection, UID and start of each. The cache may be in use: what is read is a copy.
func (b *thunderbird) cached() ([]string, error) {
	dir, err := os.MkdirTemp(b.home, "copy-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, suffix := range []string{"", "-wal", "-journal"} {
		data, err := os.ReadFile(b.cache() + suffix)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "cache.sqlite"+suffix), data, 0o600)
		}
		if err != nil && (suffix == "" || !os.IsNotExist(err)) {
			return nil, err
		}
	}
	out, err := exec.Command("/usr/bin/python3", "-c", `
import json, sqlite3, sys
print(json.dumps(list(sqlite3.connect(sys.argv[1]).execute("select cal_id, id, strftime('%Y-%m-%dT%H:%M:%SZ', event_start / 1000000, 'unixepoch') from cal_events"))))
`, filepath.Join(dir, "cache.sqlite")).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	var rows [][]string
	if err := json.Unmarshal(out, &rows); err != nil {
		return nil, err
	}
	var events []string
	for _, r := range rows {
		events = append(events, strings.Join(r, " "))
	}
	slices.Sort(events)
	return events, nil
}

func (b *thunderbird) cache() string {
	return filepath.Join(b.profile, "calendar-data", "cache.sqlite")
}

// served are the events of the server, as cached has them.
func (c *davClient) served() []string {
	c.w.t.Helper()
	cl, err := webcaldav.NewClient(webdav.HTTPClientWithBasicAuth(http.DefaultClient, "sam", c.password), c.url+"/caldav/")
	if err != nil {
		c.w.t.Fatal(err)
	}
	var events []string
	for _, coll := range desk.CollectionNames {
		objs, err := cl.QueryCalendar(context.Background(), "/caldav/sam/"+coll+"/", &webcaldav.CalendarQuery{
			CompRequest: webcaldav.CalendarCompRequest{Name: "VCALENDAR", AllProps: true, AllComps: true},
			CompFilter:  webcaldav.CompFilter{Name: "VCALENDAR", Comps: []webcaldav.CompFilter{{Name: "VEVENT"}}},
		})
		if err != nil {
			c.w.t.Fatal(err)
		}
		for _, o := range objs {
			e := o.Data.Events()[0]
			start, err := e.DateTimeStart(time.UTC)
			if err != nil {
				c.w.t.Fatal(err)
			}
			events = append(events, coll+" "+e.Props.Get("UID").Value+" "+start.UTC().Format(time.RFC3339))
		}
	}
	slices.Sort(events)
	return events
}

// refresh starts Thunderbird, which asks for what is new a quarter of a minute later, waits until its cache is what the
// server has and done holds, and stops it. What passed the witness meanwhile is returned.
func (b *thunderbird) refresh(c *davClient, wit *witness, done func(seen []exchange) bool) []exchange {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 3*time.Minute)
	defer cancel()
	before := len(wit.since(0))
	b.start()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	fail := ""
	for fail == "" {
		select {
		case <-ctx.Done():
			fail = "no refresh in time"
		case <-b.ended:
			fail = "it ended by itself"
		case <-tick.C:
		}
		seen := wit.since(before)
		if slices.ContainsFunc(desk.CollectionNames, func(coll string) bool { return len(syncs(seen, coll)) == 0 }) || !done(seen) {
			continue
		}
		if have, err := b.cached(); err == nil && slices.Equal(have, c.served()) {
			break
		}
	}
	b.stop()
	seen := wit.since(before)
	have, err := b.cached()
	want := c.served()
	if fail != "" || err != nil || !slices.Equal(have, want) {
		said := regexp.MustCompile(`(?m)^.*(Gtk|gtk|glib).*\n\s*`).ReplaceAllString(b.out.String(), "")
		b.t.Fatalf("Thunderbird: %s %v\nits cache has\n%s\nthe server has\n%s\n%v\n%s", fail, err, strings.Join(have, "\n"), strings.Join(want, "\n"), seen, said)
	}
	for _, e := range seen {
		if e.code >= 400 && (e.code != http.StatusUnauthorized || e.signedIn) { // it signs in when it is asked to
			b.t.Errorf("%v", e)
		}
	}
	return seen
}

const ourToken = "urn:fifthcall:sync:"

// TestThunderbird: it signs in with an app password, fetches all once and then only what changed; what was moved, made and deleted
// in it while it was offline arrives.
func TestThunderbird(t *testing.T) {
	t.Parallel()
	program := mailtest.NeedPeer(t, "thunderbird")
	w := morningDesk(t)
	for i, name := range []string{"max", "ned", "uma"} {
		w.writeTo(fmt.Sprintf("%s@mass.example", name))
		w.log(fmt.Sprintf("%s@mass.example call %d march 10am", name, 10+i))
	}
	c := w.calendarOf()
	wit := newWitness(t, c.url)
	b := newThunderbird(t, program, wit.url, c.password)
	first := b.refresh(c, wit, func([]exchange) bool { return true })
	tokens := map[string]string{}
	for _, coll := range desk.CollectionNames {
		all := syncs(first, coll)
		if strings.Contains(all[0].body, ourToken) {
			t.Errorf("a token at first: %v", all[0])
		}
		tokens[coll] = tokenRE.FindStringSubmatch(all[len(all)-1].answer)[1]
	}

	uid := map[string]string{}
	for _, who := range []string{"jane@acme.example", "tom@globex.example", "max@mass.example", "ned@mass.example", "uma@mass.example"} {
		name, _, _ := strings.Cut(who, "@")
		uid[name] = w.callback(who).EventUID
	}
	w.log("jane@acme.example call 6 march")
	w.log("tom@globex.example do not contact")
	b.python(`
import sqlite3, sys
cache, moved, deleted = sys.argv[1:]
db = sqlite3.connect(cache) # offline_journal: 1 is made, 2 changed, 4 deleted
def at(when): return "strftime('%s', '" + when + "') * 1000000"
db.execute("update cal_events set offline_journal = 2, event_start = " + at("2026-03-13 15:00") + ", event_end = " + at("2026-03-13 15:30") + " where id = ?", (moved,))
db.execute("update cal_events set offline_journal = 4 where id = ?", (deleted,))
db.execute("insert into cal_events (cal_id, id, title, flags, event_start, event_end, event_start_tz, event_end_tz, offline_journal) values ('callbacks', 'made-offline', 'Call ann@new.example', 0, " +
    at("2026-04-14 08:00") + ", " + at("2026-04-14 08:30") + ", 'Europe/London', 'Europe/London', 1)")
db.commit()
`, b.cache(), uid["max"], uid["ned"])
	second := b.refresh(c, wit, func(seen []exchange) bool {
		return slices.ContainsFunc(seen, func(e exchange) bool { return e.method == http.MethodDelete && e.code == http.StatusNoContent }) // it comes last
	})
	for _, coll := range desk.CollectionNames {
		for i, e := range syncs(second, coll) {
			if !strings.Contains(e.body, ourToken) || i == 0 && !strings.Contains(e.body, ">"+tokens[coll]+"<") {
				t.Errorf("it asks for more than what changed since %s: %v", tokens[coll], e)
			}
		}
	}
	for _, e := range second {
		if strings.Contains(e.body, "calendar-query") || strings.Contains(e.body+e.answer, strings.TrimSuffix(uid["uma"], "@fifthcall")) {
			t.Errorf("it asks for what has not changed: %v", e)
		}
	}
	want := []string{"callbacks " + uid["jane"] + " 2026-03-06T09:00:00Z", "callbacks " + uid["max"] + " 2026-03-13T15:00:00Z", "callbacks " + uid["uma"] + " 2026-03-12T10:00:00Z", "callbacks made-offline 2026-04-14T08:00:00Z"}
	slices.Sort(want)
	if got := slices.DeleteFunc(c.served(), func(s string) bool { return !strings.HasPrefix(s, desk.CollCallbacks+" ") }); !slices.Equal(got, want) {
		t.Errorf("tom is %s, ned %s; the server has\n%s\nand not\n%s", uid["tom"], uid["ned"], strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if cb := w.callback("max@mass.example"); cb.Start != "2026-03-13T15:00:00Z" {
		t.Errorf("moved in Thunderbird: %+v", cb)
	}
	if cb := w.callback("ann@new.example"); cb.Start != "2026-04-14T09:00:00+01:00" || cb.EventUID != "made-offline" {
		t.Errorf("made in Thunderbird: %+v", cb)
	}
}
