package daemon

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/mailtest"
)

// shelf is what lies in the Radicale calendar, by title; each with the file that holds it.
func shelf(t *testing.T, rad *mailtest.Radicale) (titles map[string]*calendar.Resource, files map[string]string) {
	t.Helper()
	titles, files = map[string]*calendar.Resource{}, map[string]string{}
	all, err := filepath.Glob(filepath.Join(rad.Dir, "*.ics"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		res, err := calendar.ReadResource(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if !strings.HasPrefix(res.Entry.Summary, "Call ") { // a sales day
			continue
		}
		if titles[res.Entry.Summary] != nil {
			t.Errorf("%s is there twice", res.Entry.Summary)
		}
		titles[res.Entry.Summary], files[res.Entry.Summary] = res, f
	}
	return titles, files
}

// byHand changes an event in Radicale as somebody else's program does.
func byHand(t *testing.T, rad *mailtest.Radicale, file string, change func(string) string) {
	t.Helper()
	at := rad.URL + filepath.Base(file)
	method, body := http.MethodDelete, ""
	if change != nil {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		method, body = http.MethodPut, change(string(data))
	}
	req, err := http.NewRequest(method, at, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/calendar")
	req.SetBasicAuth("sam", "x")
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode/100 != 2 {
		t.Fatalf("%v %v", res, err)
	}
	_ = res.Body.Close()
}

// TestPublishIntoRadicale: callbacks are written into another server's calendar, with what others add left in; what a person changed or
// deleted there is hers and told; an emptied calendar is filled again; a server that is away is asked again later.
func TestPublishIntoRadicale(t *testing.T) {
	t.Parallel()
	rad := mailtest.StartRadicale(t)
	down := atomic.Bool{}
	target, err := url.Parse(rad.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
	requests := atomic.Int64{}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if down.Load() {
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	w := newWorld(t)
	w.restart("2026-03-02", "12:30", func(c *config.Config) {
		d := &c.Desks[0].Calendar
		d.Publish, d.Private, d.Login = front.URL+target.Path, true, config.CalendarLogin{Username: "sam", SecretConfig: config.SecretConfig{Password: "x", Auth: "password"}}
	})
	for i, who := range []string{jane, "Tom Reed <tom@globex.example>", "Uma Fox <uma@x.example>", "Vic Moon <vic@x.example>", "Wil Star <wil@x.example>"} {
		w.writeTo(who)
		_, addr, _ := strings.Cut(strings.TrimSuffix(who, ">"), "<")
		w.log(fmt.Sprintf("%s call 1%d march 10am", addr, i))
	}
	w.pass()
	titles, files := shelf(t, rad)
	if len(titles) != 5 || !titles["Call Jane Miller"].Entry.Start.Time.Equal(time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)) {
		t.Fatalf("%v", titles)
	}
	before := requests.Load()
	w.pass()
	if n := requests.Load() - before; n != 0 {
		t.Errorf("%d requests while nothing changes", n)
	}

	byHand(t, rad, files["Call Jane Miller"], func(s string) string {
		return strings.Replace(s, "END:VEVENT", "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:mine\r\nTRIGGER:-PT42M\r\nEND:VALARM\r\nEND:VEVENT", 1)
	})
	w.log("jane@acme.example call 17 march 2pm")
	w.pass()
	titles, files = shelf(t, rad)
	if e := titles["Call Jane Miller"]; !e.Entry.Start.Time.Equal(time.Date(2026, 3, 17, 14, 0, 0, 0, time.UTC)) || !strings.Contains(string(e.Bytes()), "TRIGGER:-PT42M") {
		t.Errorf("moved, with her own alarm:\n%s", e.Bytes())
	}

	byHand(t, rad, files["Call Tom Reed"], moveTo("20260320T080000Z"))
	byHand(t, rad, files["Call Uma Fox"], nil)
	w.log("tom@globex.example call 19 march")
	w.log("vic@x.example cancel")
	w.pass()
	titles, _ = shelf(t, rad)
	if e := titles["Call Tom Reed"]; e == nil || !e.Entry.Start.Time.Equal(time.Date(2026, 3, 20, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("what she moved there is hers: %+v", e)
	}
	if titles["Call Uma Fox"] != nil || titles["Call Vic Moon"] != nil || len(titles) != 3 {
		t.Errorf("what she deleted stays so, what is off goes: %v", titles)
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	body := strings.Join(strings.Fields(text(w.morningMail())), " ")
	for _, want := range []string{"Call Tom Reed: you changed that in the calendar", "Call Uma Fox: you deleted that in the calendar"} {
		if strings.Count(body, want) != 1 {
			t.Errorf("%q is not in\n%s", want, body)
		}
	}
	w.log("uma@x.example call 23 march 9am") // another appointment than the one that she deleted
	w.pass()
	if titles, _ = shelf(t, rad); titles["Call Uma Fox"] == nil || len(titles) != 4 {
		t.Errorf("%v", titles)
	}

	rad.Wipe()
	w.now = w.now.Add(16 * time.Minute)
	w.pass()
	if titles, _ = shelf(t, rad); len(titles) != 4 {
		t.Errorf("an emptied calendar is filled again: %v", titles)
	}
	if n := len(w.callbackViews()); n != 4 {
		t.Errorf("%d calls are owed: nothing was dismissed", n)
	}

	down.Store(true)
	w.log("wil@x.example call 24 march 9am")
	before = requests.Load()
	for range 120 {
		w.now = w.now.Add(30 * time.Second)
		_ = agenda.Publish(context.Background(), w.r)
	}
	if n := requests.Load() - before; n < 4 || n > 8 {
		t.Errorf("%d tries in an hour", n)
	}
	down.Store(false)
	w.now = w.now.Add(time.Hour)
	w.pass()
	if titles, _ = shelf(t, rad); titles["Call Wil Star"] == nil || !titles["Call Wil Star"].Entry.Start.Time.Equal(time.Date(2026, 3, 24, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("%v", titles)
	}
	if news := strings.Join(w.news(), "\n"); !strings.Contains(news, "could not be written into the calendar") {
		t.Errorf("she is told: %s", news)
	}
	w.restart("2026-03-03", "15:00") // the records outlast it
	w.pass()
	if titles, _ = shelf(t, rad); len(titles) != 4 {
		t.Errorf("%v", titles)
	}
}

func (w *world) callbackViews() []view.CallbackView {
	w.t.Helper()
	cbs, err := view.Callbacks(w.r, false, view.Part{})
	if err != nil {
		w.t.Fatal(err)
	}
	return cbs
}

// TestBusyByCalDAV: meetings of a CalDAV calendar, recurring ones with them, keep callbacks away; callbacks published into it do not.
func TestBusyByCalDAV(t *testing.T) {
	rad := mailtest.StartRadicale(t)
	meeting := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:m\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T160000Z\r\nRRULE:FREQ=DAILY;COUNT=10\r\nSUMMARY:Workshop\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	if err := os.WriteFile(filepath.Join(rad.Dir, "m.ics"), []byte(meeting), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.restart("2026-03-02", "12:30", func(c *config.Config) {
		d := &c.Desks[0].Calendar
		d.Publish, d.BusyDAV, d.Private, d.Login = rad.URL, []string{rad.URL}, true, config.CalendarLogin{Username: "sam", SecretConfig: config.SecretConfig{Password: "x", Auth: "password"}}
	})
	w.writeTo(jane)
	w.log("jane@acme.example dm")
	w.pass()
	w.log("jane@acme.example vm")
	cb := w.callback("jane@acme.example")
	if !strings.HasPrefix(cb.Start, "2026-03-04T16:") && !strings.HasPrefix(cb.Start, "2026-03-04T17:") {
		t.Errorf("in a meeting: %+v", cb)
	}
	w.pass()
	w.now = w.now.Add(16 * time.Minute)
	w.pass()
	if again := w.callback("jane@acme.example"); again.Start != cb.Start {
		t.Errorf("it fled from itself: %+v", again)
	}
	if titles, _ := shelfWithout(t, rad, "m.ics"); len(titles) != 1 {
		t.Errorf("%v", titles)
	}
}

func shelfWithout(t *testing.T, rad *mailtest.Radicale, name string) (map[string]*calendar.Resource, map[string]string) {
	t.Helper()
	if err := os.Remove(filepath.Join(rad.Dir, name)); err != nil {
		t.Fatal(err)
	}
	return shelf(t, rad)
}
