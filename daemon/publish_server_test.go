package daemon

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
)

// oddServer is a calendar server in memory with the habits of common ones and of those before them.
type oddServer struct {
	mu      sync.Mutex
	objects map[string]string
	prefix  string                        // as it writes its own path; "" as it was asked
	tag     func(tag string) string       // of what GET answers
	refuse  func(method, name string) int // a status, 0 for none
	lose    bool                          // the answer to a PUT is lost
	rewrite func(data string) string      // what it makes of an object
}

// set changes its habits while it serves.
func (s *oddServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *oddServer) etag(name string) string { return `"` + desk.ShortHash(s.objects[name]) + `"` }

func (s *oddServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	name := path.Base(r.URL.Path)
	if s.refuse != nil {
		if code := s.refuse(r.Method, name); code != 0 {
			w.WriteHeader(code)
			return
		}
	}
	data, here := s.objects[name]
	switch r.Method {
	case "PROPFIND":
		s.list(w, r)
	case http.MethodGet:
		if !here {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		tag := s.etag(name)
		if s.tag != nil {
			tag = s.tag(tag)
		}
		w.Header().Set("ETag", tag)
		_, _ = io.WriteString(w, data)
	case http.MethodPut, http.MethodDelete:
		if m := r.Header.Get("If-Match"); m != "" && (!here || m != s.etag(name)) || r.Header.Get("If-None-Match") == "*" && here {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		if r.Method == http.MethodDelete {
			delete(s.objects, name)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		s.objects[name] = string(body)
		if s.rewrite != nil {
			s.objects[name] = s.rewrite(string(body))
		}
		if s.lose {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusCreated) // without an ETag, as the RFC allows
	}
}

func (s *oddServer) list(w http.ResponseWriter, r *http.Request) {
	prefix := s.prefix
	if prefix == "" {
		prefix = r.URL.Path
	}
	w.WriteHeader(http.StatusMultiStatus)
	_, _ = fmt.Fprintf(w, `<multistatus xmlns="DAV:"><response><href>%s</href><propstat><prop><resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response>`, prefix)
	for n := range s.objects {
		_, _ = fmt.Fprintf(w, `<response><href>%s%s</href><propstat><prop><getetag>%s</getetag><resourcetype/></prop><status>HTTP/1.1 200 OK</status></propstat></response>`, prefix, n, s.etag(n))
	}
	_, _ = io.WriteString(w, `</multistatus>`)
}

// calls are the callbacks in it, with their starts.
func (s *oddServer) calls() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]string{}
	for _, o := range s.objects {
		if _, title, ok := strings.Cut(o, "SUMMARY:Call "); ok {
			title, _, _ = strings.Cut(title, "\r\n")
			out[title] = strings.TrimPrefix(startRowRE.FindString(o), "DTSTART:")
		}
	}
	return out
}

// publishingTo is a desk with three calls that publishes into the server.
func publishingTo(t *testing.T, s *oddServer) *world {
	s.objects = map[string]string{}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	w := newWorld(t)
	w.restart("2026-03-02", "12:30", func(c *config.Config) {
		d := &c.Desks[0].Calendar
		d.Publish, d.Private, d.Login = srv.URL+"/dav/sam/cal/", true, config.CalendarLogin{Username: "sam", SecretConfig: config.SecretConfig{Password: "x", Auth: "password"}}
	})
	for i := range 3 {
		w.log(fmt.Sprintf("max%d@mass.example call 1%d march 10am", i, i))
	}
	w.pass()
	return w
}

// later lets some rounds of publishing go by.
func (w *world) later(n int) {
	for range n {
		w.now = w.now.Add(20 * time.Minute)
		w.pass()
	}
}

// TestOddServers: what goes wrong on the way is no person's change: a lost answer, weak and compressed ETags, another way to write the path, a
// METHOD put in, times put into a zone.
func TestOddServers(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*oddServer{
		"plain":      {},
		"weak":       {tag: func(s string) string { return "W/" + s }},
		"compressed": {tag: func(s string) string { return strings.TrimSuffix(s, `"`) + `-gzip"` }},
		"canonical":  {prefix: "/dav/Sam/cal/"},
		"method":     {rewrite: func(s string) string { return strings.Replace(s, "VERSION:2.0", "VERSION:2.0\r\nMETHOD:PUBLISH", 1) }},
	} {
		w := publishingTo(t, s)
		s.set(func() { s.lose = true })
		w.log("max0@mass.example call 17 march 2pm")
		w.later(1)
		s.set(func() { s.lose = false })
		w.log("max0@mass.example call 18 march 3pm")
		w.later(4)
		if got := s.calls(); len(got) != 3 || got["max0@mass.example"] != "20260318T150000Z" {
			t.Errorf("%s: %v\n%v", name, got, w.news())
		}
		for _, n := range w.news() {
			if strings.Contains(n, "you changed") || strings.Contains(n, "you deleted") {
				t.Errorf("%s: %s", name, n)
			}
		}
	}
}

// TestRefusedEvents: an event that the server won't have keeps no other out, and is told; another address is another calendar; a refused sign-in
// is told, and tried seldom.
func TestRefusedEvents(t *testing.T) {
	t.Parallel()
	s := &oddServer{}
	w := publishingTo(t, s)
	first := ""
	s.set(func() {
		s.refuse = func(method, name string) int {
			if method == http.MethodPut && (first == "" || first == name) {
				first = name
				return http.StatusRequestEntityTooLarge
			}
			return 0
		}
	})
	for i := range 3 {
		w.log(fmt.Sprintf("new%d@mass.example call 2%d march 10am", i, i))
	}
	w.later(4)
	if got := s.calls(); len(got) != 5 || !strings.Contains(strings.Join(w.news(), "\n"), "could not be written into the calendar of [desk.calendar] publish: the server answers 413") {
		t.Errorf("%v %v", got, w.news())
	}
	s.set(func() { s.refuse = nil })
	w.later(2)
	if got := s.calls(); len(got) != 6 {
		t.Errorf("%v", got)
	}
	other := &oddServer{objects: map[string]string{"own.ics": newEvent("own", ":20260310T110000Z", "Dentist", "")}}
	srv := httptest.NewServer(other)
	defer srv.Close()
	w.restart("2026-03-02", "18:30", func(c *config.Config) { c.Desks[0].Calendar.Publish = srv.URL + "/dav/sam/other/" })
	w.pass()
	if got := other.calls(); len(got) != 6 {
		t.Errorf("%v %v", got, w.news())
	}
	other.set(func() { other.refuse = func(string, string) int { return http.StatusUnauthorized } })
	w.log("max0@mass.example call 19 march 3pm")
	w.later(3)
	if news := strings.Join(w.news(), "\n"); !strings.Contains(news, "look at the name and password") || strings.Contains(news, "you deleted") {
		t.Errorf("%s", news)
	}
}
