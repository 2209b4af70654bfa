package daemon

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-webdav"
	webcaldav "github.com/emersion/go-webdav/caldav"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/mailtest"
)

const benchEvents = 5000

const (
	askETags = `<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/><D:resourcetype/></D:prop></D:propfind>`
	askSync  = `<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`
	askQuery = `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>`
)

// askCalendar asks once and tells how long the answer took; it must be about all events.
func askCalendar(b *testing.B, method, url, password, body string) time.Duration {
	b.Helper()
	began := time.Now()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.SetBasicAuth("sam", password)
	req.Header.Set("Depth", "1")
	req.Header.Set("Content-Type", "application/xml")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	out, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	took := time.Since(began)
	if n := strings.Count(string(out), ".ics<"); err != nil || n != benchEvents {
		b.Fatalf("%s %s: %s, %d events %v %.300s", method, url, res.Status, n, err, out)
	}
	return took
}

// shelves is go-webdav's server over objects in memory, the fastest that it can be.
type shelves struct {
	webcaldav.Backend
	objs []webcaldav.CalendarObject
}

func (s shelves) CurrentUserPrincipal(context.Context) (string, error) { return "/sam/", nil }
func (s shelves) CalendarHomeSetPath(context.Context) (string, error)  { return "/sam/calendars/", nil }
func (s shelves) GetCalendar(context.Context, string) (*webcaldav.Calendar, error) {
	return &webcaldav.Calendar{Path: "/sam/calendars/c/", Name: "c"}, nil
}
func (s shelves) ListCalendars(context.Context) ([]webcaldav.Calendar, error) {
	return []webcaldav.Calendar{{Path: "/sam/calendars/c/", Name: "c"}}, nil
}
func (s shelves) ListCalendarObjects(context.Context, string, *webcaldav.CalendarCompRequest) ([]webcaldav.CalendarObject, error) {
	return s.objs, nil
}
func (s shelves) QueryCalendarObjects(_ context.Context, _ string, q *webcaldav.CalendarQuery) ([]webcaldav.CalendarObject, error) {
	return webcaldav.Filter(q, s.objs)
}

// BenchmarkCalDAV asks for the ETags of 5,000 events: Fifthcall, go-webdav's server over memory, and Radicale, in turn, in one run.
func BenchmarkCalDAV(b *testing.B) {
	radicale := mailtest.StartRadicale(b)
	w := newWorld(b)
	w.restart("2026-03-02", "12:30")
	err := w.r.Update(context.Background(), func(tx *store.Tx, env desk.Env) error {
		for i := range benchEvents {
			c := &desk.Contact{ID: fmt.Sprint("c", i), Emails: []string{fmt.Sprintf("p%d@acme.example", i)}, Name: fmt.Sprint("Person ", i), Status: desk.StatusActive}
			if err := tx.PutContact(c); err != nil {
				return err
			}
			at := env.Now.Add(time.Duration(i) * 15 * time.Minute).UTC()
			if err := tx.PutCallback(&desk.Callback{UID: fmt.Sprintf("callback-%d@fifthcall", i), Contact: c.ID, Due: desk.DateOf(at), Start: at, Reason: "a call is due", Rule: desk.RuleAgreed, Status: desk.CallbackOpen, Created: env.Now, Modified: env.Now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	c := w.calendarOf()
	st, err := collection.Collection(context.Background(), w.r, desk.CollCallbacks)
	if err != nil {
		b.Fatal(err)
	}
	for _, o := range st.View.Objects {
		if err := os.WriteFile(filepath.Join(radicale.Dir, o.Name), o.Data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	cl, err := webcaldav.NewClient(webdav.HTTPClientWithBasicAuth(http.DefaultClient, "sam", c.password), c.url)
	if err != nil {
		b.Fatal(err)
	}
	objs, err := cl.QueryCalendar(context.Background(), callbacksPath, &webcaldav.CalendarQuery{
		CompRequest: webcaldav.CalendarCompRequest{Name: "VCALENDAR", AllProps: true, AllComps: true}, CompFilter: webcaldav.CompFilter{Name: "VCALENDAR", Comps: []webcaldav.CompFilter{{Name: "VEVENT"}}},
	})
	if err != nil || len(objs) != benchEvents {
		b.Fatal(len(objs), err)
	}
	for i := range objs {
		objs[i].Path = "/sam/calendars/c/" + filepath.Base(objs[i].Path)
	}
	other := httptest.NewServer(&webcaldav.Handler{Backend: shelves{objs: objs}})
	defer other.Close()
	base, lib := c.url+callbacksPath, other.URL+"/sam/calendars/c/"
	askCalendar(b, "PROPFIND", radicale.URL, "x", askETags) // it reads its files into a cache once
	askCalendar(b, "REPORT", radicale.URL, "x", askSync)
	var changed, find, sync, libFind, libQuery, radFind, radSync time.Duration
	b.ResetTimer()
	for i := range b.N {
		w.log(fmt.Sprintf("p%d@acme.example call 10 june", i))
		changed += askCalendar(b, "PROPFIND", base, c.password, askETags)
		find += askCalendar(b, "PROPFIND", base, c.password, askETags)
		sync += askCalendar(b, "REPORT", base, c.password, askSync)
		libFind += askCalendar(b, "PROPFIND", lib, "x", askETags)
		libQuery += askCalendar(b, "REPORT", lib, "x", askQuery)
		radFind += askCalendar(b, "PROPFIND", radicale.URL, "x", askETags)
		radSync += askCalendar(b, "REPORT", radicale.URL, "x", askSync)
	}
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N) }
	b.ReportMetric(ms(changed), "propfind-after-change-ms")
	b.ReportMetric(ms(find), "propfind-ms")
	b.ReportMetric(ms(sync), "sync-ms")
	b.ReportMetric(ms(find)/ms(libFind), "propfind/go-webdav")
	b.ReportMetric(ms(sync)/ms(libQuery), "sync/go-webdav-query")
	b.ReportMetric(ms(find)/ms(radFind), "propfind/radicale")
	b.ReportMetric(ms(sync)/ms(radSync), "sync/radicale")
}
