package daemon

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-webdav"
	webcaldav "github.com/emersion/go-webdav/caldav"

	"fifthcall/mailbox/mailtest"
)

// TestGoWebDAV: another library's client discovers, lists, queries, changes and deletes.
func TestGoWebDAV(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	c := w.calendarOf()
	ctx := context.Background()
	cl, err := webcaldav.NewClient(webdav.HTTPClientWithBasicAuth(http.DefaultClient, "sam", c.password), c.url+"/caldav/")
	if err != nil {
		t.Fatal(err)
	}
	principal, err := cl.FindCurrentUserPrincipal(ctx)
	if err != nil {
		t.Fatal(err)
	}
	home, err := cl.FindCalendarHomeSet(ctx, principal)
	if err != nil {
		t.Fatal(err)
	}
	cals, err := cl.FindCalendars(ctx, home)
	if err != nil || len(cals) != 2 || cals[0].Path != callbacksPath || cals[0].Name != "Callbacks sam" || cals[0].SupportedComponentSet[0] != "VEVENT" {
		t.Fatalf("%+v %v", cals, err)
	}
	event := webcaldav.CalendarCompRequest{Name: "VCALENDAR", AllProps: true, AllComps: true}
	query := func(from, to time.Time) []webcaldav.CalendarObject {
		t.Helper()
		objs, err := cl.QueryCalendar(ctx, callbacksPath, &webcaldav.CalendarQuery{CompRequest: event, CompFilter: webcaldav.CompFilter{
			Name: "VCALENDAR", Comps: []webcaldav.CompFilter{{Name: "VEVENT", Start: from, End: to}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return objs
	}
	day := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	if n := len(query(day, day.AddDate(0, 0, 1))); n != 2 {
		t.Errorf("%d events on the day", n)
	}
	if n := len(query(day.Add(10*time.Hour+15*time.Minute), day.AddDate(0, 0, 1))); n != 1 {
		t.Errorf("%d events from 10:15 on: one has ended by then", n)
	}
	if n := len(query(day.AddDate(0, 0, 1), time.Time{})); n != 0 {
		t.Errorf("%d events after the day", n)
	}
	objs := query(day, time.Time{})
	obj := objs[0]
	obj.Data.Events()[0].Props.SetDateTime("DTSTART", time.Date(2026, 3, 5, 15, 0, 0, 0, time.UTC))
	obj.Data.Events()[0].Props.Del("DTEND")
	if _, err := cl.PutCalendarObject(ctx, obj.Path, obj.Data); err != nil {
		t.Fatal(err)
	}
	if got := w.callback("jane@acme.example").Start; got != "2026-03-05T15:00:00Z" {
		t.Errorf("moved to %s", got)
	}
	got, err := cl.MultiGetCalendar(ctx, callbacksPath, &webcaldav.CalendarMultiGet{Paths: []string{objs[0].Path, objs[1].Path}, CompRequest: event})
	if err != nil || len(got) != 2 || got[0].ETag == objs[0].ETag || got[1].ETag != objs[1].ETag {
		t.Errorf("%d %v", len(got), err)
	}
	if err := cl.RemoveAll(ctx, objs[1].Path); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	if got := w.callback("tom@globex.example").Start; got == "2026-03-03T11:00:00Z" {
		t.Errorf("deleted, and still at %s", got)
	}
}

// commandIn runs a program of somebody else's in a folder that is its home.
func commandIn(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=Europe/London", "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir, "VDIRSYNCER_CONFIG="+filepath.Join(dir, "vdirsyncer.conf"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func writeText(t *testing.T, path, format string, args ...any) {
	t.Helper()
	if err := os.WriteFile(path, fmt.Appendf(nil, format, args...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVdirsyncerAndKhal: two common programs sync both ways; what khal makes, moves and deletes is understood, and a conflict loses nothing.
func TestVdirsyncerAndKhal(t *testing.T) {
	t.Parallel()
	vd, khal := mailtest.NeedPeer(t, "vdirsyncer"), mailtest.NeedPeer(t, "khal")
	w := morningDesk(t)
	c := w.calendarOf()
	dir := t.TempDir()
	writeText(t, filepath.Join(dir, "vdirsyncer.conf"), "[general]\nstatus_path = %q\n[pair both]\na = \"disk\"\nb = \"desk\"\ncollections = [\"from b\"]\nconflict_resolution = \"b wins\"\n[storage disk]\ntype = \"filesystem\"\npath = %q\nfileext = \".ics\"\n[storage desk]\ntype = \"caldav\"\nurl = %q\nusername = \"sam\"\npassword = %q\n",
		filepath.Join(dir, "status"), filepath.Join(dir, "cal"), c.url+"/caldav/", c.password)
	kc := filepath.Join(dir, "khal.conf")
	writeText(t, kc, "[calendars]\n[[callbacks]]\npath = %s\n[locale]\nlocal_timezone = Europe/London\ndefault_timezone = Europe/London\ntimeformat = %%H:%%M\ndateformat = %%Y-%%m-%%d\nlongdateformat = %%Y-%%m-%%d\ndatetimeformat = %%Y-%%m-%%d %%H:%%M\nlongdatetimeformat = %%Y-%%m-%%d %%H:%%M\n[sqlite]\npath = %s\n", filepath.Join(dir, "cal", "callbacks"), filepath.Join(dir, "khal.db"))
	sync := func() { commandIn(t, dir, vd, "sync") }
	list := func() string { return commandIn(t, dir, khal, "-c", kc, "list", "2026-03-02", "30d") }
	commandIn(t, dir, "sh", "-c", "yes | "+vd+" discover")
	sync()
	if out := list(); !strings.Contains(out, "10:00-10:15 Call Jane Miller") || !strings.Contains(out, "11:00-11:15 Call Tom Reed") {
		t.Fatalf("khal lists\n%s", out)
	}
	commandIn(t, dir, khal, "-c", kc, "new", "-a", "callbacks", "2026-03-06", "14:00", "2026-03-06", "14:30", "Call ann@new.example", "::", "about Leeds")
	sync()
	if got := w.callback("ann@new.example").Start; got != "2026-03-06T14:00:00Z" {
		t.Errorf("khal's event is a callback at %s", got)
	}
	sync()
	if out := list(); !strings.Contains(out, "14:00-14:30 Call ann@new.example") {
		t.Errorf("khal lists\n%s", out)
	}
	file := func(name string) string {
		files, _ := filepath.Glob(filepath.Join(dir, "cal", "callbacks", "*.ics"))
		for _, f := range files {
			if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), name) {
				return f
			}
		}
		t.Fatalf("no file with %s", name)
		return ""
	}
	edit := func(f string, change func(string) string) {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, []byte(change(string(b))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit(file("Jane"), moveTo("20260309T113000Z"))
	sync()
	if got := w.callback("jane@acme.example").Start; got != "2026-03-09T11:30:00Z" {
		t.Errorf("moved to %s", got)
	}
	sync()
	edit(file("Jane"), moveTo("20260310T113000Z")) // and at the same time the recruiter says otherwise
	w.log("jane@acme.example call 12 march 9am")
	sync()
	sync()
	if got := w.callback("jane@acme.example").Start; got != "2026-03-12T09:00:00Z" || !strings.Contains(list(), "09:00-09:30 Call Jane Miller") {
		t.Errorf("conflict: at %s, khal lists\n%s", got, list())
	}
	if err := os.Remove(file("Tom")); err != nil {
		t.Fatal(err)
	}
	sync()
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	tom := w.callback("tom@globex.example").Start
	if tom == "2026-03-03T11:00:00Z" {
		t.Errorf("deleted, and still at %s", tom)
	}
	sync()
	if file("Tom") == "" || strings.Contains(list(), "11:00-11:15 Call Tom Reed") && strings.HasPrefix(tom, "2026-03-03") {
		t.Errorf("it is back where the rules put it")
	}
	before, _ := filepath.Glob(filepath.Join(dir, "cal", "callbacks", "*.ics"))
	sync()
	after, _ := filepath.Glob(filepath.Join(dir, "cal", "callbacks", "*.ics"))
	if len(before) != 3 || len(after) != 3 {
		t.Errorf("%d and %d events", len(before), len(after))
	}
}

// TestPythonCalDAV: discovery, search, change, note, delete and new events by Python's library.
func TestPythonCalDAV(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	c := w.calendarOf()
	python(t, "caldav", `
import sys, re, caldav, datetime as dt
url, password = sys.argv[1:]
client = caldav.DAVClient(url=url, username="sam", password=password)
principal = client.principal()
cals = {c.name: c for c in principal.calendars()}
assert set(cals) == {"Callbacks sam", "Sales days sam"}, cals
cal = cals["Callbacks sam"]
assert len(cal.events()) == 2
day = dt.datetime(2026, 3, 3, tzinfo=dt.timezone.utc)
found = cal.date_search(start=day, end=day + dt.timedelta(days=1))
assert len(found) == 2, found
jane = [e for e in found if "Jane" in e.data][0]
text = jane.data.replace("\r\n ", "").replace("\n ", "")
text = text.replace("DTSTART:20260303T100000Z", "DTSTART:20260305T160000Z").replace("DTEND:20260303T101500Z", "DTEND:20260305T162000Z")
text = re.sub(r"(DESCRIPTION:[^\r\n]*)", r"\1" + r"\\nprefers mornings", text)
jane.data = text
jane.save()
jane.load()
assert "prefers mornings" in jane.vobject_instance.vevent.description.value
assert jane.vobject_instance.vevent.dtend.value == dt.datetime(2026, 3, 5, 16, 20, tzinfo=dt.timezone.utc)
token = cal.objects_by_sync_token()
tom = [e for e in cal.events() if "Tom" in e.data][0]
tom.delete()
new = cal.save_event("""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:py-1
DTSTAMP:20260302T120000Z
DTSTART:20260311T090000Z
DTEND:20260311T093000Z
SUMMARY:Call bea@new.example
END:VEVENT
END:VCALENDAR
""")
assert cal.event_by_uid("py-1")
changed = cal.objects_by_sync_token(token.sync_token)
assert len(list(changed)) == 2, list(changed)
try:
    cal.delete()
except Exception as e:
    pass
else:
    raise AssertionError("the calendar can't be deleted")
`, c.url+"/caldav/", c.password)
	if got := w.callback("jane@acme.example").Start; got != "2026-03-05T16:00:00Z" {
		t.Errorf("moved to %s", got)
	}
	if got := w.callback("bea@new.example").Start; got != "2026-03-11T09:00:00Z" {
		t.Errorf("new at %s", got)
	}
	if notes := w.contact("jane@acme.example"); notes.Name == "" {
		t.Error("no contact")
	}
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	if got := w.callback("tom@globex.example").Start; got == "2026-03-03T11:00:00Z" {
		t.Errorf("deleted, and still at %s", got)
	}
}

// nodeModules is where .ci/run installs what Node programs of the tests need.
func nodeModules(t *testing.T) string {
	t.Helper()
	mailtest.NeedPeer(t, "node")
	dir := os.Getenv("FIFTHCALL_NODE_MODULES")
	if _, err := os.Stat(filepath.Join(dir, "tsdav")); dir == "" || err != nil {
		if os.Getenv("FIFTHCALL_REQUIRE_PEERS") == "1" {
			t.Fatal("tsdav is not installed (FIFTHCALL_NODE_MODULES)")
		}
		t.Skip("tsdav is not installed (FIFTHCALL_NODE_MODULES)")
	}
	return dir
}

// TestTsdav: the library of many web programs signs in, syncs by token, changes with and against an ETag, and makes and deletes events.
func TestTsdav(t *testing.T) {
	t.Parallel()
	modules := nodeModules(t)
	w := morningDesk(t)
	c := w.calendarOf()
	dir := t.TempDir()
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(dir, "test.mjs"), "%s", `
import { createDAVClient } from 'tsdav';
import assert from 'node:assert';
const [url, password] = process.argv.slice(2);
const client = await createDAVClient({ serverUrl: url, credentials: { username: 'sam', password }, authMethod: 'Basic', defaultAccountType: 'caldav' });
const calendars = await client.fetchCalendars();
assert.deepEqual(calendars.map(c => c.displayName).sort(), ['Callbacks sam', 'Sales days sam']);
const cal = calendars.find(c => c.url.endsWith('/callbacks/'));
assert(cal.ctag && cal.syncToken, 'ctag and sync token');
assert(cal.reports.includes('syncCollection'), cal.reports);
const objects = await client.fetchCalendarObjects({ calendar: cal });
assert.equal(objects.length, 2);
const jane = objects.find(o => o.data.includes('Jane'));
const moved = jane.data.replace(/DTSTART[^\r\n]*/, 'DTSTART:20260305T120000Z').replace(/DTEND[^\r\n]*/, 'DTEND:20260305T123000Z');
let res = await client.updateCalendarObject({ calendarObject: { url: jane.url, data: moved, etag: jane.etag } });
assert.equal(res.status, 204);
res = await client.updateCalendarObject({ calendarObject: { url: jane.url, data: jane.data, etag: jane.etag } });
assert.equal(res.status, 412, 'an old ETag');
res = await client.createCalendarObject({ calendar: cal, filename: 'ts.ics', iCalString: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//ts//EN\r\nBEGIN:VEVENT\r\nUID:ts-1\r\nDTSTAMP:20260302T120000Z\r\nDTSTART:20260312T100000Z\r\nSUMMARY:Call cleo@new.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n' });
assert.equal(res.status, 201);
const tom = objects.find(o => o.data.includes('Tom'));
res = await client.deleteCalendarObject({ calendarObject: tom });
assert.equal(res.status, 204);
const synced = await client.smartCollectionSync({ collection: { ...cal, objects, objectMultiGet: client.calendarMultiGet }, method: 'webdav', detailedResult: true });
assert.equal(synced.objects.created.length, 1);
assert.equal(synced.objects.updated.length, 1);
assert.equal(synced.objects.deleted.length, 1);
`)
	commandIn(t, dir, "node", "test.mjs", c.url+"/caldav/", c.password)
	if got := w.callback("jane@acme.example").Start; got != "2026-03-05T12:00:00Z" {
		t.Errorf("moved to %s", got)
	}
	if got := w.callback("cleo@new.example").Start; got != "2026-03-12T10:00:00Z" {
		t.Errorf("new at %s", got)
	}
}
