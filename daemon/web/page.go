package web

import (
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Desks are what the page is about.
type Desks interface {
	// Opens reports whether the key is that of a page. It costs a comparison, however much the page holds.
	Opens(key string) bool
	// Page is the page for whoever has its key; false for others.
	Page(key string) (Page, bool, error)
	// Say takes words as the recruiter writes them, and tells what came of them, or what was wrong with them; false for others.
	// once names the form: what is sent again under the same name is not taken again.
	Say(key, once, text string) (said []string, ok bool, err error)
}

// Page is what a desk's page shows.
type Page struct {
	Name, Date, LastRead string
	Trouble              []string
	Today, Next          []Row
	Surplus, Open        int
	Orders               []Order
	Leads                []Row
	Months               []string // of the board, the latest last
	Board                []Company
	Counts               []Count  // of the month's lights
	Agency               []Figure // of a lead's page: each desk, a figure a column
	AgencyHead           []string

	Said []string // what came of what was said last
	Once string   // names the form, so that what is sent twice is taken once
}

// Row is one callback, or a lead.
type Row struct{ Time, Day, Name, Company, Phone, Reason string }

// Order is one open job order.
type Order struct {
	Name, Rank, Why, Late string
}

// Company is one line of the board of lights: one light for each month.
type Company struct {
	Name, Why string
	Lights    []string
}

// Count is how many companies stand at a light.
type Count struct {
	Light string
	N     int
}

// Figure is a desk's line of figures.
type Figure struct {
	Desk   string
	Values []string
}

//go:embed page.html
var files embed.FS

var pageTemplate = template.Must(template.ParseFS(files, "page.html"))

const sessionCookie = "fifthcall"

// signIn turns the page's secret address into a session, so that the secret leaves the address bar.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	if !s.desks.Opens(key) {
		http.NotFound(w, r)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil, MaxAge: 90 * 24 * 3600})
	// Strict cookies aren't sent on a redirect that another site began: load the page anew from our own
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(`<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">Continue</a>`))
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		writeText(w, http.StatusUnauthorized, "This is Fifthcall. To see your day, open the address that 'fifthcall page' prints.\n")
		return
	}
	p, ok, err := s.desks.Page(c.Value)
	if err != nil {
		s.fail(w, "page", err)
		return
	}
	if !ok {
		writeText(w, http.StatusUnauthorized, "This sign-in is no longer valid. Open the address that 'fifthcall page' prints.\n")
		return
	}
	p.Once = rand.Text()
	p.Said = s.said.of(c.Value, r.URL.Query().Get("said"))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "same-origin") // the form's origin has to be told; this address is no secret
	if err := pageTemplate.Execute(w, p); err != nil {
		s.opt.Log.Error("could not write the page", "error", err)
	}
}

// mostSaid bounds what one form holds, in bytes.
const mostSaid = 10_000

// say takes what was written into the page's form, once, and shows the page with what came of it. The session's cookie is Strict, and requests
// that other sites begin are refused before.
func (s *Server) say(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		writeText(w, http.StatusUnauthorized, "To say something here, open the address that 'fifthcall page' prints first. Nothing was changed.\n")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 2*mostSaid)
	if err := r.ParseForm(); err != nil || len(r.PostForm.Get("text")) > mostSaid {
		writeText(w, http.StatusRequestEntityTooLarge, "That is too long for one form. Nothing was changed.\n")
		return
	}
	once, text := r.PostForm.Get("once"), strings.TrimSpace(r.PostForm.Get("text"))
	if len(once) == 0 || len(once) > 64 {
		writeText(w, http.StatusBadRequest, "Load the page anew and say it again. Nothing was changed.\n")
		return
	}
	if text != "" {
		ok, err := s.said.first(c.Value, once, func() ([]string, bool, error) { return s.desks.Say(c.Value, once, text) })
		if err != nil {
			s.fail(w, "what was said", err)
			return
		}
		if !ok {
			writeText(w, http.StatusUnauthorized, "This sign-in is no longer valid: nothing was changed. Open the address that 'fifthcall page' prints.\n")
			return
		}
	}
	http.Redirect(w, r, "/?said="+once, http.StatusSeeOther)
}

// saidLately remembers what came of the latest forms, to be shown.
type saidLately struct {
	mu   sync.Mutex
	list []saidForm // the latest last
}

type saidForm struct {
	key, once string
	lines     []string
}

const mostForms = 200

// first runs fn if the form is new. Of two that are sent at once fn has to find the second out.
func (l *saidLately) first(key, once string, fn func() ([]string, bool, error)) (ok bool, err error) {
	if l.of(key, once) != nil {
		return true, nil
	}
	lines, ok, err := fn()
	l.mu.Lock()
	defer l.mu.Unlock()
	if ok && err == nil && !slices.ContainsFunc(l.list, func(f saidForm) bool { return f.key == key && f.once == once }) {
		l.list = append(l.list, saidForm{key, once, lines})
		l.list = l.list[max(0, len(l.list)-mostForms):]
	}
	return ok, err
}

func (l *saidLately) of(key, once string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.list, func(f saidForm) bool { return f.key == key && f.once == once })
	if i < 0 {
		return nil
	}
	return l.list[i].lines
}
