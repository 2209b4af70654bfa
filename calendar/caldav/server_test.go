package caldav

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// shelf is a user's calendars that only the tests have.
type shelf struct{ c *Collection }

func (s shelf) SignIn(_ context.Context, user, password, _ string) (Calendars, error) {
	if user != "sam" || password != "pw" {
		return nil, ErrSignIn
	}
	return s, nil
}

func (s shelf) Collections(context.Context) ([]*Collection, error) { return []*Collection{s.c}, nil }

func (s shelf) Write(_ context.Context, _ string, w Write) (Written, error) {
	o := s.c.object(w.Name)
	etag := ""
	if o != nil {
		etag = o.ETag
	}
	if !w.Allows(etag) {
		return Written{}, ErrPrecondition
	}
	return Written{Made: o == nil}, nil
}

func newHandler() *Handler {
	event := func(uid, start string) []byte {
		return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTART:" + start + "\r\nSUMMARY:a <b> & ]]> \u0007\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
	}
	return &Handler{Prefix: "/caldav/", Log: slog.New(slog.DiscardHandler), Login: shelf{&Collection{
		Name: "callbacks", DisplayName: "Callbacks & more", Zone: time.UTC, Change: 9, Oldest: 2, Epoch: "e",
		Objects: []*Object{
			{Name: "a.ics", UID: "a", Data: event("a", "20260305T100000Z"), ETag: `"1"`, Change: 3},
			{Name: "b c@d%.ics", UID: "b", Data: event("b", "20260306T100000Z"), ETag: `"2"`, Change: 5},
			{Name: "gone.ics", Change: 7},
			{Name: "z.ics", UID: "z", Data: event("z", "20260307T100000Z"), ETag: `"3"`, Change: 9},
		},
	}}}
}

func ask(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.SetBasicAuth("sam", "pw")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// TestProperties: each property that clients ask for is there, at the resource where they ask for it.
func TestProperties(t *testing.T) {
	h := newHandler()
	for path, names := range map[string][]string{
		"/caldav/":     {"D:current-user-principal", "D:resourcetype"},
		"/caldav/sam/": {"D:current-user-principal", "C:calendar-home-set", "D:principal-URL", "D:owner", "D:displayname", "D:resourcetype", "D:supported-report-set", "D:current-user-privilege-set", "C:calendar-user-address-set"},
		"/caldav/sam/callbacks/": {
			"D:owner", "D:displayname", "D:resourcetype", "D:supported-report-set", "C:supported-calendar-component-set", "D:current-user-privilege-set",
			"CS:getctag", "D:sync-token", "A:calendar-color", "A:calendar-order", "C:calendar-timezone", "C:max-resource-size", "C:supported-calendar-data", "C:calendar-description",
		},
		"/caldav/sam/callbacks/a.ics":          {"D:getetag", "D:getcontenttype", "D:getlastmodified", "D:resourcetype", "D:getcontentlength"},
		"/caldav/sam/callbacks/b%20c@d%25.ics": {"D:getetag"},
	} {
		var b strings.Builder
		for _, n := range names {
			b.WriteString("<" + n + "/>")
		}
		w := ask(h, "PROPFIND", path, `<D:propfind xmlns:D="DAV:" xmlns:C="`+nsCalDAV+`" xmlns:CS="`+nsServer+`" xmlns:A="`+nsApple+`"><D:prop>`+b.String()+`<D:made-up/></D:prop></D:propfind>`, "Depth", "0")
		body := w.Body.String()
		found, _, _ := strings.Cut(body, "404 Not Found")
		for _, n := range names {
			if !strings.Contains(found, "<"+n+">") && !strings.Contains(found, "<"+n+"/>") {
				t.Errorf("%s has no %s: %s", path, n, body)
			}
		}
		if w.Code != 207 || strings.Count(body, "404 Not Found") != 1 || wellFormed(body) != nil {
			t.Errorf("%s: %d %v\n%s", path, w.Code, wellFormed(body), body)
		}
	}
	for depth, want := range map[string]int{"0": 207, "1": 207, "infinity": 403, "": 403} {
		if w := ask(h, "PROPFIND", "/caldav/sam/callbacks/", "", "Depth", depth); w.Code != want {
			t.Errorf("depth %q: %d", depth, w.Code)
		}
	}
	if w := ask(h, "PROPFIND", "/caldav/sam/callbacks/", "", "Depth", "1"); strings.Count(w.Body.String(), "<D:response>") != 4 || strings.Contains(w.Body.String(), "gone.ics") {
		t.Errorf("%s", w.Body)
	}
}

// TestReports: queries by time, multigets with names written in any way, and what changed since a token, in portions.
func TestReports(t *testing.T) {
	h := newHandler()
	report := func(body string) *httptest.ResponseRecorder { return ask(h, "REPORT", "/caldav/sam/callbacks/", body) }
	query := func(inner string) string {
		return `<C:calendar-query xmlns:D="DAV:" xmlns:C="` + nsCalDAV + `"><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR">` + inner + `</C:comp-filter></C:filter></C:calendar-query>`
	}
	for inner, want := range map[string]int{
		"":                              3,
		`<C:comp-filter name="VTODO"/>`: 0,
		`<C:comp-filter name="VTODO"><C:is-not-defined/></C:comp-filter>`:                                                                              3,
		`<C:comp-filter name="VEVENT"><C:time-range start="20260306T000000Z"/></C:comp-filter>`:                                                        2,
		`<C:comp-filter name="VEVENT"><C:time-range start="20260306T000000Z" end="20260307T000000Z"/></C:comp-filter>`:                                 1,
		`<C:comp-filter name="VEVENT"><C:time-range end="20260306T000000Z"/></C:comp-filter>`:                                                          1,
		`<C:comp-filter name="VEVENT"><C:prop-filter name="UID"><C:text-match collation="i;octet">b</C:text-match></C:prop-filter></C:comp-filter>`:    1,
		`<C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY"><C:text-match>A &lt;B&gt;</C:text-match></C:prop-filter></C:comp-filter>`:          3,
		`<C:comp-filter name="VEVENT"><C:prop-filter name="UID"><C:text-match negate-condition="yes">b</C:text-match></C:prop-filter></C:comp-filter>`: 2,
		`<C:comp-filter name="VEVENT"><C:prop-filter name="LOCATION"><C:is-not-defined/></C:prop-filter></C:comp-filter>`:                              3,
		`<C:comp-filter name="VEVENT"><C:comp-filter name="VALARM"><C:time-range start="20260306T000000Z"/></C:comp-filter></C:comp-filter>`:           0,
	} {
		if w := report(query(inner)); w.Code != 207 || strings.Count(w.Body.String(), "<D:response>") != want {
			t.Errorf("%s: %d, want %d\n%s", inner, w.Code, want, w.Body)
		}
	}
	if w := report(query(`<C:comp-filter name="VEVENT"><C:time-range start="nonsense"/></C:comp-filter>`)); w.Code != 403 || !strings.Contains(w.Body.String(), "valid-filter") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := report(`<C:calendar-multiget xmlns:D="DAV:" xmlns:C="` + nsCalDAV + `"><D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>/caldav/sam/callbacks/b%20c%40d%25.ics</D:href><D:href>http://example.com/caldav/sam/callbacks/a.ics</D:href><D:href>/caldav/tom/callbacks/a.ics</D:href><D:href>/caldav/sam/callbacks/gone.ics</D:href></C:calendar-multiget>`)
	if body := w.Body.String(); strings.Count(body, "<C:calendar-data>") != 2 || strings.Count(body, "404") != 2 || wellFormed(body) != nil {
		t.Errorf("%s", body)
	}
	sync := func(token, more string) *httptest.ResponseRecorder {
		return report(`<D:sync-collection xmlns:D="DAV:"><D:sync-token>` + token + `</D:sync-token><D:sync-level>1</D:sync-level>` + more + `<D:prop><D:getetag/></D:prop></D:sync-collection>`)
	}
	for token, want := range map[string][2]int{"": {3, 0}, tokenPrefix + "e:9": {0, 0}, tokenPrefix + "e:5": {2, 1}, tokenPrefix + "e:2": {4, 1}} {
		body := sync(token, "").Body.String()
		if strings.Count(body, "<D:response>") != want[0] || strings.Count(body, "404") != want[1] || !strings.Contains(body, "<D:sync-token>"+tokenPrefix+"e:9<") {
			t.Errorf("since %q: %s", token, body)
		}
	}
	for _, token := range []string{tokenPrefix + "e:1", tokenPrefix + "e:10", tokenPrefix + "f:5", "nonsense"} {
		if w := sync(token, ""); w.Code != 403 || !strings.Contains(w.Body.String(), "<D:valid-sync-token>") {
			t.Errorf("since %q: %d %s", token, w.Code, w.Body)
		}
	}
	if body := sync("", "<D:limit><D:nresults>1</D:nresults></D:limit>").Body.String(); strings.Count(body, "getetag>&#34;") != 1 || !strings.Contains(body, "507") || !strings.Contains(body, "e:3<") {
		t.Errorf("%s", body)
	}
}

// TestConditions: requests that expect something else are refused, and so are those of nobody.
func TestConditions(t *testing.T) {
	h := newHandler()
	for _, c := range []struct {
		method, path, header, value string
		want                        int
	}{
		{"PUT", "a.ics", "If-Match", `"1"`, 204}, {"PUT", "a.ics", "If-Match", `"0"`, 412}, {"PUT", "a.ics", "If-None-Match", "*", 412},
		{"PUT", "new.ics", "If-None-Match", "*", 201}, {"PUT", "new.ics", "If-Match", "*", 412}, {"DELETE", "a.ics", "If-Match", `"0"`, 412}, {"DELETE", "a.ics", "If-Match", `"0", W/"1"`, 204},
		{"GET", "a.ics", "If-None-Match", `"1"`, 304}, {"GET", "a.ics", "", "", 200}, {"GET", "gone.ics", "", "", 404}, {"HEAD", "z.ics", "", "", 200},
		{"PUT", "a.ics", "Content-Type", "application/json", 403}, {"POST", "a.ics", "", "", 403}, {"PUT", "deep/er.ics", "", "", 404}, {"PUT", "", "", "", 403},
	} {
		if w := ask(h, c.method, "/caldav/sam/callbacks/"+c.path, "x", c.header, c.value); w.Code != c.want {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
	r := httptest.NewRequest("PROPFIND", "/caldav/", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 401 || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic ") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := ask(h, "OPTIONS", "/caldav/sam/", ""); !strings.Contains(w.Header().Get("DAV"), "calendar-access") {
		t.Errorf("%v", w.Header())
	}
}

// FuzzXML: no body of a request crashes the server, and what it answers can be read.
func FuzzXML(f *testing.F) {
	f.Add("PROPFIND", `<D:propfind xmlns:D="DAV:"><D:allprop/><D:include><x xmlns="urn:y"/></D:include></D:propfind>`)
	f.Add("PROPFIND", `<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>`)
	f.Add("PROPPATCH", `<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>a<b>c</b></D:displayname></D:prop></D:set><D:remove><D:prop><x/></D:prop></D:remove></D:propertyupdate>`)
	f.Add("REPORT", `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="20260306T000000Z"/><C:prop-filter name="UID"><C:param-filter name="X"><C:text-match>a</C:text-match></C:param-filter></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`)
	f.Add("REPORT", `<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop><D:href>/caldav/sam/callbacks/a.ics</D:href></C:calendar-multiget>`)
	f.Add("REPORT", `<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:limit><D:nresults>1</D:nresults></D:limit><D:prop><D:getetag/></D:prop></D:sync-collection>`)
	h := newHandler()
	f.Fuzz(func(t *testing.T, method, body string) {
		if method != "PROPFIND" && method != "PROPPATCH" {
			method = "REPORT"
		}
		w := ask(h, method, "/caldav/sam/callbacks/", body, "Depth", "1")
		if w.Code >= 500 && w.Code != 507 {
			t.Fatalf("%d", w.Code)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/xml") {
			if err := wellFormed(w.Body.String()); err != nil {
				t.Fatalf("%v\n%s", err, w.Body)
			}
		}
	})
}
