package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Source is what is served.
type Source interface {
	// Feed finds the feed whose secret token this is; false if none.
	Feed(token string) (Feed, bool, error)
	// Health tells how each desk is doing.
	Health() []DeskHealth
}

// Feed is a feed that can be rendered. While Version is the same, so are the bytes.
type Feed struct {
	Name    string
	Version string
	Render  func() (body []byte, modified time.Time, err error)
}

// DeskHealth is whether a desk's mailbox is being read.
type DeskHealth struct {
	Desk  string `json:"desk"`
	Ready bool   `json:"ready"`
	Why   string `json:"why"`
}

// Options are what a Server is made with.
type Options struct {
	Log *slog.Logger
}

// Server answers requests.
type Server struct {
	src   Source
	desks Desks
	opt   Options
	said  saidLately

	mu    sync.Mutex
	cache map[string]rendered // by feed name
}

// rendered is a feed as it was last sent.
type rendered struct {
	version  string
	body     []byte
	etag     string
	modified time.Time
}

// New makes a server.
func New(src Source, desks Desks, opt Options) *Server {
	return &Server{src: src, desks: desks, opt: opt, cache: map[string]rendered{}}
}

// Handler serves everything; metrics only if they have no address of their own.
func (s *Server) Handler(reg *prometheus.Registry, metrics bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /feed/{file}", s.feed)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /page/{key}", s.signIn)
	mux.HandleFunc("GET /{$}", s.page)
	mux.Handle("POST /say", http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.say)))
	if metrics {
		mux.Handle("GET /metrics", MetricsHandler(reg))
	}
	return private(mux)
}

// MetricsHandler serves the figures for Prometheus.
func MetricsHandler(reg *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}

// private keeps secret addresses out of other sites' logs, and the page out of frames.
func private(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hd := w.Header()
		hd.Set("Referrer-Policy", "no-referrer")
		hd.Set("X-Content-Type-Options", "nosniff")
		hd.Set("X-Frame-Options", "DENY")
		hd.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
		h.ServeHTTP(w, r)
	})
}

func writeText(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text))
}

// feed serves a calendar feed. It is never compressed (a large calendar service breaks on
// it) and never refuses an Accept header.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutSuffix(r.PathValue("file"), ".ics")
	if !ok {
		http.NotFound(w, r)
		return
	}
	f, ok, err := s.src.Feed(token)
	if err != nil {
		s.fail(w, "feed", err)
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	out, err := s.rendered(f)
	if err != nil {
		s.fail(w, "feed", err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="callbacks.ics"`)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", out.etag)
	if !out.modified.IsZero() {
		h.Set("Last-Modified", out.modified.UTC().Format(http.TimeFormat))
	}
	if notModified(r, out) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(out.body)
}

// notModified judges If-None-Match before If-Modified-Since (RFC 9110, 13.2.2).
func notModified(r *http.Request, out rendered) bool {
	if match := r.Header.Get("If-None-Match"); match != "" {
		for _, tag := range strings.Split(match, ",") {
			if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == out.etag || tag == "*" {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !out.modified.IsZero() && !out.modified.Truncate(time.Second).After(since)
}

func (s *Server) rendered(f Feed) (rendered, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.cache[f.Name]; ok && c.version == f.Version {
		return c, nil
	}
	body, modified, err := f.Render()
	if err != nil {
		return rendered{}, err
	}
	sum := sha256.Sum256(body)
	c := rendered{version: f.Version, body: body, etag: `"` + hex.EncodeToString(sum[:16]) + `"`, modified: modified}
	s.cache[f.Name] = c
	return c, nil
}

func (s *Server) fail(w http.ResponseWriter, what string, err error) {
	s.opt.Log.Error("could not serve", "what", what, "error", err)
	writeText(w, http.StatusInternalServerError, "Fifthcall could not make this just now; its log says why. Nothing is lost.\n")
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	code := http.StatusOK
	desks := s.src.Health()
	for _, d := range desks {
		if !d.Ready {
			code = http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(desks)
}
