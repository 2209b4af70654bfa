package daemon

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// davClient is a calendar program, as plain as can be.
type davClient struct {
	w        *world
	url      string
	password string
}

// calendarOf serves the world's calendars and gives a client that is signed in.
func (w *world) calendarOf() *davClient {
	w.t.Helper()
	srv := httptest.NewServer(w.handler(http.NotFoundHandler()))
	w.t.Cleanup(srv.Close)
	return &davClient{w, srv.URL, w.cheapPassword()}
}

// cheapPassword is an app password whose hash takes no time: what a real one costs is shown by TestAppPasswords.
func (w *world) cheapPassword() string {
	w.t.Helper()
	w.n++
	secret := fmt.Sprintf("%06d-password", w.n)
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.r.Update(context.Background(), func(tx *store.Tx, env desk.Env) error {
		all, err := collection.AppPasswords.Get(tx)
		if err != nil {
			return err
		}
		return collection.AppPasswords.Put(tx, append(all, collection.AppPassword{Name: fmt.Sprint("phone", w.n), Made: env.Now, Sel: secret[:collection.Selector], Hash: hash}))
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

func (c *davClient) do(method, path, body string, header ...string) (*http.Response, string) {
	c.w.t.Helper()
	req, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.w.t.Fatal(err)
	}
	req.SetBasicAuth("sam", c.password)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		c.w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.w.t.Fatal(err)
	}
	return res, string(b)
}

const callbacksPath = "/caldav/sam/callbacks/"

var responseRE = regexp.MustCompile(`(?s)<D:response><D:href>([^<]*)</D:href>(.*?)</D:response>`)

// names are the objects of the callbacks, by title.
func (c *davClient) names() map[string]string {
	c.w.t.Helper()
	_, body := c.do("REPORT", callbacksPath, `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>`, "Depth", "1")
	out := map[string]string{}
	for _, m := range responseRE.FindAllStringSubmatch(body, -1) {
		title := regexp.MustCompile(`SUMMARY:([^\r\n&]*)`).FindStringSubmatch(m[2])
		if title == nil {
			c.w.t.Fatalf("no title in %s", m[2])
		}
		out[title[1]] = m[1]
	}
	return out
}

// find is the address of the event whose title contains the words.
func (c *davClient) find(words string) string {
	c.w.t.Helper()
	for title, at := range c.names() {
		if strings.Contains(title, words) {
			return at
		}
	}
	c.w.t.Fatalf("no event %q among %v", words, c.names())
	return ""
}

// change reads an event, changes it as a client does, and puts it back.
func (c *davClient) change(at string, change func(string) string) *http.Response {
	c.w.t.Helper()
	res, body := c.do("GET", at, "")
	if res.StatusCode != http.StatusOK {
		c.w.t.Fatalf("GET %s: %s", at, res.Status)
	}
	put, text := c.do("PUT", at, change(body), "If-Match", res.Header.Get("ETag"), "Content-Type", "text/calendar; charset=utf-8")
	if put.StatusCode/100 != 2 {
		c.w.t.Fatalf("PUT %s: %s %s", at, put.Status, text)
	}
	return put
}

var (
	startRowRE = regexp.MustCompile(`DTSTART[^\r\n]*`)
	endRowRE   = regexp.MustCompile(`DTEND[^\r\n]*`)
)

// moveTo gives an event another start, half an hour long.
func moveTo(start string) func(string) string {
	return func(s string) string {
		at, err := time.Parse("20060102T150405Z", start)
		if err != nil {
			panic(err)
		}
		s = startRowRE.ReplaceAllString(s, "DTSTART:"+start)
		return endRowRE.ReplaceAllString(s, "DTEND:"+at.Add(30*time.Minute).Format("20060102T150405Z"))
	}
}

// noted adds lines to an event's notes.
func noted(lines string) func(string) string {
	return func(s string) string {
		s = strings.ReplaceAll(s, "\r\n ", "")
		return regexp.MustCompile(`(?m)^(DESCRIPTION:[^\r\n]*)`).ReplaceAllString(s, "${1}\\n"+strings.ReplaceAll(lines, "\n", `\n`))
	}
}

func newEvent(uid, start, title, notes string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nBEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20260302T120000Z\r\nDTSTART" + start + "\r\nSUMMARY:" + title + "\r\nDESCRIPTION:" + notes + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

// TestDragged: what is done to an event in a calendar is understood, told in the next morning mail, and can be taken back.
func TestDragged(t *testing.T) {
	w := morningDesk(t)
	c := w.calendarOf()
	at := c.find("Jane")
	before := w.callback("jane@acme.example")
	w.at("2026-03-02", "13:00")
	res := c.change(at, moveTo("20260305T143000Z"))
	cb := w.callback("jane@acme.example")
	if cb.Start != "2026-03-05T14:30:00Z" || cb.EventUID != before.EventUID || cb.Sequence <= before.Sequence || res.Header.Get("ETag") != "" {
		t.Errorf("dragged: %+v, ETag %q", cb, res.Header.Get("ETag"))
	}
	_, now := c.do("GET", at, "")
	if !strings.Contains(now, "DTSTART:20260305T143000Z") || !strings.Contains(now, "DTEND:20260305T150000Z") {
		t.Errorf("the length is the client's:\n%s", now)
	}
	c.change(at, moveTo("20260307T100000Z")) // a Saturday
	if cb := w.callback("jane@acme.example"); cb.Start != "2026-03-07T10:00:00Z" {
		t.Errorf("a weekend is accepted: %+v", cb)
	}
	if _, now = c.do("GET", at, ""); !strings.Contains(strings.ReplaceAll(now, "\r\n ", ""), "agreed for a free day") {
		t.Errorf("and flagged:\n%s", now)
	}
	c.change(at, func(s string) string {
		return endRowRE.ReplaceAllString(startRowRE.ReplaceAllString(s, "DTSTART;VALUE=DATE:20260309"), "DTEND;VALUE=DATE:20260310")
	})
	if cb := w.callback("jane@acme.example"); cb.Start != "2026-03-09T09:00:00Z" {
		t.Errorf("all-day is that day's first slot: %+v", cb)
	}
	c.change(at, noted("spoke, keen on the role, call 2w"))
	if n := w.outcomes("jane@acme.example", "spoke"); n != 1 {
		t.Errorf("%d conversations", n)
	}
	if cb := w.callback("jane@acme.example"); !strings.HasPrefix(cb.Start, "2026-03-16") {
		t.Errorf("a command in the notes: %+v", cb)
	}
	c.change(at, noted("likes long walks"))
	if _, now = c.do("GET", at, ""); !strings.Contains(strings.ReplaceAll(now, "\r\n ", ""), "likes long walks") || w.outcomes("jane@acme.example", "spoke") != 1 {
		t.Errorf("a note is kept, and what stood there says nothing anew:\n%s", now)
	}
	c.change(c.find("Tom"), func(s string) string { return strings.Replace(s, "SUMMARY:", "SUMMARY:✓ ", 1) })
	if tom := w.callback("tom@globex.example"); tom.Start == "2026-03-03T11:00:00Z" || strings.Contains(fmt.Sprint(c.names()), "✓") {
		t.Errorf("ticked off, a decision maker moves on: %+v", tom)
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	mail := w.morningMail()
	for _, want := range []string{"Jane Miller: call moved, next call Thu 5 Mar 2026, 14:30", "agreed for a free day", "Jane Miller: spoke", "Tom Reed: call done", "in your calendar"} {
		if !strings.Contains(strings.Join(strings.Fields(text(mail)), " "), want) {
			t.Errorf("%q is not in\n%s", want, text(mail))
		}
	}
	w.answer(mail, "Sent", "undo tom@globex.example")
	w.pass()
	if tom := w.callback("tom@globex.example"); tom.Start != "2026-03-03T11:00:00Z" {
		t.Errorf("taken back: %+v", tom)
	}
}

// TestSaidByEvent: what closes an event in one of several programs' ways; an alarm that was seen, and properties that nobody knows, change
// nothing and stay.
func TestSaidByEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "12:30")
	for _, who := range []string{"ann", "bea", "cleo", "dora", "eve"} {
		w.writeTo(who + "@x.example")
		w.log(who + "@x.example call 10 march 10am")
		w.now = w.now.Add(time.Second)
	}
	c := w.calendarOf()
	in := func(row string) func(string) string {
		return func(s string) string { return strings.Replace(s, "DTSTAMP:", row+"\r\nDTSTAMP:", 1) }
	}
	at := c.find("eve@")
	seen := c.change(at, func(s string) string {
		return strings.Replace(in("X-MOZ-LASTACK:20260302T123000Z\r\nX-UNKNOWN;A=\"b:c\":d")(s), "BEGIN:VALARM", "BEGIN:VALARM\r\nACKNOWLEDGED:20260302T123000Z", 1)
	})
	if seen.Header.Get("ETag") == "" {
		t.Error("what is stored are the very bytes, and no ETag says so")
	}
	w.log("eve@x.example call 11 march 2pm")
	if _, body := c.do("GET", at, ""); !strings.Contains(body, "X-UNKNOWN;A=\"b:c\":d") || !strings.Contains(body, "ACKNOWLEDGED:20260302T123000Z") || !strings.Contains(body, "DTSTART:20260311T140000Z") {
		t.Errorf("%s", body)
	}
	c.change(c.find("ann@"), func(s string) string { return strings.Replace(s, "SUMMARY:Call ann", "SUMMARY:[x] Call ann", 1) })
	c.change(c.find("bea@"), func(s string) string { return strings.Replace(s, "CATEGORIES:Callback", "CATEGORIES:Callback,Done", 1) })
	c.change(c.find("cleo@"), func(s string) string { return strings.Replace(s, "STATUS:CONFIRMED", "STATUS:CANCELLED", 1) })
	c.change(c.find("dora@"), func(s string) string {
		return strings.Replace(s, "SUMMARY:Call dora", "SUMMARY:Call about Leeds dora", 1)
	})
	all, err := view.Callbacks(w.r, true, view.Part{})
	if err != nil {
		t.Fatal(err)
	}
	for _, cb := range all {
		want := map[string]string{"ann@x.example": "done", "bea@x.example": "done", "cleo@x.example": "cancelled"}[cb.Contact]
		if want == "" {
			want = "open"
		}
		if cb.Status != want {
			t.Errorf("%s: %s, want %s", cb.Contact, cb.Status, want)
		}
	}
	if n := len(c.names()); n != 2 {
		t.Errorf("%v", c.names())
	}
	if notes := w.contact("dora@x.example").Notes; len(notes) != 1 || !strings.Contains(notes[0], "about Leeds") {
		t.Errorf("words in the title are a note: %q", notes)
	}
}

// TestDeletedInCalendar: a deletion dismisses after a minute; many at once are held and given back.
func TestDeletedInCalendar(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	for i := range 8 {
		w.writeTo(fmt.Sprintf("Max Number%c <max%d@mass.example>", 'A'+i, i))
		w.log(fmt.Sprintf("max%d@mass.example call 12 march", i))
	}
	c := w.calendarOf()
	at := c.find("Jane")
	w.at("2026-03-02", "13:00")
	if res, _ := c.do("DELETE", at, "", "If-Match", `"old"`); res.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("a stale DELETE: %s", res.Status)
	}
	if res, _ := c.do("DELETE", at, ""); res.StatusCode != http.StatusNoContent {
		t.Fatal(res.Status)
	}
	if res, _ := c.do("GET", at, ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("deleted, and still there: %s", res.Status)
	}
	w.pass()
	if cb := w.callback("jane@acme.example"); cb.Start != "2026-03-03T10:00:00Z" {
		t.Errorf("dismissed at once: %+v", cb)
	}
	w.now = w.now.Add(61 * time.Second)
	w.pass()
	moved := w.callback("jane@acme.example")
	if moved.Start == "2026-03-03T10:00:00Z" {
		t.Errorf("not dismissed: %+v", moved)
	}
	if res, _ := c.do("GET", c.find("Jane"), ""); res.StatusCode != http.StatusOK {
		t.Errorf("a decision maker's call moves on, and is there: %s", res.Status)
	}

	w.at("2026-03-02", "14:00")
	for title, at := range c.names() {
		if strings.Contains(title, "Max") {
			c.do("DELETE", at, "")
			w.now = w.now.Add(2 * time.Second)
		}
	}
	if n := len(c.names()); n != 2 {
		t.Errorf("%d events after deletion", n)
	}
	w.restart("2026-03-02", "14:02") // the wait outlasts a restart
	c = w.calendarOf()
	w.pass()
	if n := len(c.names()); n != 10 {
		t.Errorf("%d events: held ones are back", n)
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	mail := w.morningMail()
	n := w.number(mail, "8 events were deleted")
	w.answer(mail, "Sent", n+" cancel")
	w.pass()
	if left := len(c.names()); left != 2 {
		t.Errorf("%d events are left:\n%s", left, w.lastText())
	}
	w.answer(mail, "Sent", "undo")
	w.pass()
	if left := len(c.names()); left != 10 {
		t.Errorf("%d events after undo:\n%s", left, w.lastText())
	}
}

// TestNewInCalendar: a new event is a callback of whom its text names.
func TestNewInCalendar(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	w.writeTo("Li Sato <li@post.example>")
	phone := "+44 20 7946 0018"
	if _, err := view.SetContact(context.Background(), w.r, people.ContactChange{Who: "li@post.example", Phone: &phone}); err != nil {
		t.Fatal(err)
	}
	c := w.calendarOf()
	put := func(name, body string, want int) {
		t.Helper()
		if res, text := c.do("PUT", callbacksPath+name, body, "If-None-Match", "*", "Content-Type", "text/calendar"); res.StatusCode != want {
			t.Fatalf("PUT %s: %s %s", name, res.Status, text)
		}
	}
	put("li.ics", newEvent("li-1", ":20260306T110000Z", "ring 020 7946 0018", "about Leeds"), 201)
	li := w.callback("li@post.example")
	if li.Start != "2026-03-06T11:00:00Z" || li.EventUID != "li-1" {
		t.Errorf("by number: %+v", li)
	}
	if res, body := c.do("GET", callbacksPath+"li.ics", ""); res.StatusCode != 200 || !strings.Contains(strings.ReplaceAll(body, "\r\n ", ""), "about Leeds") || !strings.Contains(body, "SUMMARY:Call Li Sato") {
		t.Errorf("%s\n%s", res.Status, body)
	}
	if res, body := c.do("PUT", callbacksPath+"other.ics", newEvent("li-1", ":20260306T110000Z", "x", "")); res.StatusCode != 403 || !strings.Contains(body, "no-uid-conflict") {
		t.Errorf("the same UID twice: %s %s", res.Status, body)
	}
	uid := w.callback("jane@acme.example").EventUID
	put("jane.ics", newEvent("jane-1", ":20260306T120000Z", "Jane Miller about the budget", ""), 201)
	if cb := w.callback("jane@acme.example"); cb.Start != "2026-03-06T12:00:00Z" || cb.EventUID != uid {
		t.Errorf("by name, the call that was owed anyway moves: %+v", cb)
	}
	if n := len(c.names()); n != 3 {
		t.Errorf("nobody has two: %v", c.names())
	}
	put("new.ics", newEvent("new-1", ";VALUE=DATE:20260309", "Call ann@new.example", ""), 201)
	if cb := w.callback("ann@new.example"); !strings.HasPrefix(cb.Start, "2026-03-09T09:00") {
		t.Errorf("an address makes a contact: %+v", cb)
	}
	put("who.ics", newEvent("who-1", ":20260310T100000Z", "Coffee", ""), 201)
	w.at("2026-03-03", "07:30")
	w.pass()
	if body := strings.Join(strings.Fields(text(w.morningMail())), " "); !strings.Contains(body, "“Coffee”, which you put into the calendar for Tue 10 Mar, 10:00, is nobody's call yet") {
		t.Errorf("%s", body)
	}
	c.change(callbacksPath+"who.ics", func(s string) string { return strings.Replace(s, "Coffee", "Coffee with Tom Reed", 1) })
	if cb := w.callback("tom@globex.example"); cb.Start != "2026-03-10T10:00:00Z" {
		t.Errorf("once it is told whose: %+v", cb)
	}
}

// TestRefusedObjects: what can't be kept is refused with the element that says why (RFC 4791, 5.3.2.1).
func TestRefusedObjects(t *testing.T) {
	w := morningDesk(t)
	c := w.calendarOf()
	good := newEvent("x-1", ":20260306T110000Z", "Jane Miller", "")
	for want, body := range map[string]string{
		"valid-calendar-object-resource": strings.Replace(good, "PRODID", "METHOD:REQUEST\r\nPRODID", 1),
		"max-instances":                  strings.Replace(good, "SUMMARY", "RRULE:FREQ=DAILY\r\nSUMMARY", 1),
		"supported-calendar-component":   strings.ReplaceAll(good, "VEVENT", "VTODO"),
		"max-resource-size":              strings.Replace(good, "SUMMARY", "X-FILL:"+strings.Repeat("x", calendar.MaxResource)+"\r\nSUMMARY", 1),
		"valid-calendar-data":            "hello",
	} {
		res, text := c.do("PUT", callbacksPath+"x.ics", body)
		if res.StatusCode != http.StatusForbidden || !strings.Contains(text, "<C:"+want+">") {
			t.Errorf("%s: %s %s", want, res.Status, text)
		}
	}
	for method, want := range map[string]int{"DELETE": 403, "MKCALENDAR": 403, "LOCK": 405} {
		if res, _ := c.do(method, callbacksPath, ""); res.StatusCode != want {
			t.Errorf("%s: %s", method, res.Status)
		}
	}
	if res, text := c.do("PROPPATCH", callbacksPath, `<D:propertyupdate xmlns:D="DAV:" xmlns:A="http://apple.com/ns/ical/"><D:set><D:prop><A:calendar-color>#FF0000FF</A:calendar-color></D:prop></D:set></D:propertyupdate>`); res.StatusCode != 207 || !strings.Contains(text, "200 OK") {
		t.Errorf("PROPPATCH: %s %s", res.Status, text)
	}
	if _, text := c.do("PROPFIND", callbacksPath, `<D:propfind xmlns:D="DAV:" xmlns:A="http://apple.com/ns/ical/"><D:prop><A:calendar-color/><D:nonsense/></D:prop></D:propfind>`, "Depth", "0"); !strings.Contains(text, "#FF0000FF") || !strings.Contains(text, "404 Not Found") {
		t.Errorf("it is kept: %s", text)
	}
	if res, text := c.do("REPORT", callbacksPath, `<D:sync-collection xmlns:D="DAV:"><D:sync-token>urn:fifthcall:sync:other:1</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`); res.StatusCode != 403 || !strings.Contains(text, "valid-sync-token") {
		t.Errorf("a token from elsewhere: %s %s", res.Status, text)
	}
}

var tokenRE = regexp.MustCompile(`<D:sync-token>([^<]*)</D:sync-token>`)

// sync asks what changed since a token.
func (c *davClient) sync(token string) (next string, changed, gone []string) {
	c.w.t.Helper()
	res, body := c.do("REPORT", callbacksPath, `<D:sync-collection xmlns:D="DAV:"><D:sync-token>`+token+`</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`)
	if res.StatusCode != 207 {
		c.w.t.Fatalf("sync: %s %s", res.Status, body)
	}
	for _, m := range responseRE.FindAllStringSubmatch(body, -1) {
		if strings.Contains(m[2], "404 Not Found") {
			gone = append(gone, m[1])
		} else {
			changed = append(changed, m[1])
		}
	}
	return tokenRE.FindStringSubmatch(body)[1], changed, gone
}

// TestSyncTokens: a token gives the changes since, whoever made them, across restarts, and until tombstones are forgotten.
func TestSyncTokens(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	c := w.calendarOf()
	token, all, gone := c.sync("")
	if len(all) != 2 || len(gone) != 0 {
		t.Fatal(all, gone)
	}
	if next, changed, gone := c.sync(token); next != token || len(changed)+len(gone) != 0 {
		t.Errorf("nothing has changed: %v %v", changed, gone)
	}
	w.log("jane@acme.example call 6 march")
	at := c.find("Jane")
	token2, changed, _ := c.sync(token)
	if token2 == token || len(changed) != 1 || changed[0] != at {
		t.Errorf("changed %v, token %s", changed, token2)
	}
	w.log("jane@acme.example do not contact")
	w.restart("2026-03-02", "15:00")
	c = w.calendarOf()
	token3, changed, gone := c.sync(token2)
	if len(changed) != 0 || len(gone) != 1 || gone[0] != at {
		t.Errorf("gone %v, changed %v", gone, changed)
	}
	if _, _, gone := c.sync(token); len(gone) != 1 {
		t.Errorf("also from further back: %v", gone)
	}
	w.at("2026-07-01", "09:00")
	w.log("tom@globex.example call 6 july")
	if res, body := c.do("REPORT", callbacksPath, `<D:sync-collection xmlns:D="DAV:"><D:sync-token>`+token2+`</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`); res.StatusCode != 403 || !strings.Contains(body, "valid-sync-token") {
		t.Errorf("a token from before the tombstones: %s", res.Status)
	}
	if _, changed, _ := c.sync(token3); len(changed) != 1 {
		t.Errorf("%v", changed)
	}
}

// TestAppPasswords: wrong ones are limited by place, revoked ones end at once, and no other desk's calendar is seen.
func TestAppPasswords(t *testing.T) {
	t.Parallel()
	w := morningDesk(t)
	c := w.calendarOf()
	real, err := collection.MakePassword(context.Background(), w.r, "tablet")
	if err != nil {
		t.Fatal(err)
	}
	if res, _ := (&davClient{w, c.url, real}).do("PROPFIND", callbacksPath, "", "Depth", "0"); res.StatusCode != 207 {
		t.Fatal(res.Status)
	}
	if err := collection.RevokePassword(context.Background(), w.r, "tablet"); err != nil {
		t.Fatal(err)
	}
	good := c.password
	status := func() int {
		res, _ := c.do("PROPFIND", callbacksPath, "", "Depth", "0")
		return res.StatusCode
	}
	if got := status(); got != 207 {
		t.Fatal(got)
	}
	if res, _ := c.do("PROPFIND", "/caldav/tom/callbacks/", "", "Depth", "0"); res.StatusCode != 404 {
		t.Errorf("another's: %s", res.Status)
	}
	if res, _ := c.do("PROPFIND", "/.well-known/caldav", "", "Depth", "0"); res.StatusCode != 307 || res.Header.Get("Location") != "/caldav/" {
		t.Errorf("well-known: %s %s", res.Status, res.Header.Get("Location"))
	}
	for i := range collection.MostWrong {
		c.password = fmt.Sprint(good[:collection.Selector], "wrong", i)
		if got := status(); got != 401 {
			t.Fatal(got)
		}
	}
	c.password = good[:collection.Selector] + "another"
	if got := status(); got != 429 {
		t.Errorf("guessing goes on: %d", got)
	}
	c.password = good
	if got := status(); got != 207 {
		t.Errorf("who was let in a moment ago still is: %d", got)
	}
	w.now = w.now.Add(collection.WrongWindow + time.Second)
	if got := status(); got != 207 {
		t.Errorf("after the wait: %d", got)
	}
	all, err := collection.Passwords(w.r)
	if err != nil || len(all) != 1 || bytes.Contains(all[0].Hash, []byte(good)) {
		t.Fatal(all, err)
	}
	if err := collection.RevokePassword(context.Background(), w.r, all[0].Name); err != nil {
		t.Fatal(err)
	}
	if got := status(); got != 401 {
		t.Errorf("revoked: %d", got)
	}
}
