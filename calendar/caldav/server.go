package caldav

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"fifthcall/calendar"
)

// Handler answers CalDAV requests below Prefix, and those to /.well-known/caldav (RFC 6764).
type Handler struct {
	Login  Login
	Prefix string // such as "/caldav/"
	Proxy  bool   // a proxy on this machine stands before it, and tells in X-Forwarded-For who asks
	Log    *slog.Logger
}

// WellKnown is the address at which clients look for the calendars (RFC 6764, 5).
const WellKnown = "/.well-known/caldav"

// request is one request, once its sender is known.
type request struct {
	h    *Handler
	w    http.ResponseWriter
	r    *http.Request
	user string
	cals Calendars

	collection, object string // of the path; "" where it ends before
	principal          bool   // the path leads to the user or below
}

const allowed = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, REPORT"

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == WellKnown {
		http.Redirect(w, r, h.Prefix, http.StatusTemporaryRedirect) // 307 keeps the method
		return
	}
	w.Header().Set("DAV", "1, 3, calendar-access, calendarserver-principal-property-search")
	w.Header().Set("Cache-Control", "private, no-cache")
	if r.Method == http.MethodOptions { // clients ask before they sign in
		w.Header().Set("Allow", allowed)
		w.WriteHeader(http.StatusOK)
		return
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		h.challenge(w)
		return
	}
	cals, err := h.Login.SignIn(r.Context(), user, password, h.peer(r))
	switch {
	case errors.Is(err, ErrSignIn):
		h.challenge(w)
		return
	case errors.Is(err, ErrTooOften):
		w.Header().Set("Retry-After", "600")
		http.Error(w, "Too many wrong passwords: wait ten minutes, then try again.", http.StatusTooManyRequests)
		return
	case errors.Is(err, ErrBusy):
		w.Header().Set("Retry-After", "5")
		http.Error(w, "Too many sign-ins at once: try again in a moment.", http.StatusServiceUnavailable)
		return
	case err != nil:
		h.fail(w, err)
		return
	}
	q := &request{h: h, w: w, r: r, user: user, cals: cals}
	if !q.locate() {
		http.NotFound(w, r)
		return
	}
	q.serve()
}

// peer is the address that a request came from.
func (h *Handler) peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := net.ParseIP(host)
	if all := r.Header.Values("X-Forwarded-For"); h.Proxy && ip != nil && ip.IsLoopback() && len(all) > 0 {
		list := strings.Split(all[len(all)-1], ",")
		if last := net.ParseIP(strings.TrimSpace(list[len(list)-1])); last != nil { // the one that the proxy itself saw
			return last.String()
		}
	}
	return host
}

func (h *Handler) challenge(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="Fifthcall", charset="UTF-8"`)
	http.Error(w, "Sign in with the desk's name and a password from 'fifthcall caldav password'.", http.StatusUnauthorized)
}

func (h *Handler) fail(w http.ResponseWriter, err error) {
	if errors.Is(err, context.Canceled) {
		return // nobody listens any more
	}
	h.Log.Error("a calendar request failed", "error", err)
	http.Error(w, "Fifthcall could not do this just now; its log says why. Nothing is lost: try again.", http.StatusInternalServerError)
}

// locate reads the path: the prefix, the user, a collection, an object. Nobody sees another's.
func (q *request) locate() bool {
	rest, ok := strings.CutPrefix(q.r.URL.Path, strings.TrimSuffix(q.h.Prefix, "/"))
	if !ok {
		return false
	}
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	if parts[0] == "" {
		return len(parts) == 1
	}
	if len(parts) > 3 || !strings.EqualFold(parts[0], q.user) {
		return false
	}
	q.principal = true
	if len(parts) > 1 {
		q.collection = parts[1]
	}
	if len(parts) > 2 {
		q.object = parts[2]
		return validName(q.object)
	}
	return true
}

// path is the address of the user's home, a collection in it, an object in that.
func (q *request) path(parts ...string) string {
	p := q.h.Prefix + url.PathEscape(q.user) + "/"
	for i, s := range parts {
		p += url.PathEscape(s)
		if i == 0 {
			p += "/"
		}
	}
	return p
}

func (q *request) serve() {
	switch q.r.Method {
	case "PROPFIND":
		q.propfind()
	case "PROPPATCH":
		q.proppatch()
	case "REPORT":
		q.report()
	case http.MethodGet, http.MethodHead:
		q.get()
	case http.MethodPut:
		q.put()
	case http.MethodDelete:
		q.remove()
	case "MKCALENDAR", "MKCOL", "MOVE", "COPY", "POST":
		http.Error(q.w, "Calendars are made by Fifthcall, and events are moved by changing them.", http.StatusForbidden)
	default:
		q.w.Header().Set("Allow", allowed)
		http.Error(q.w, "This is not known here.", http.StatusMethodNotAllowed)
	}
}

// found is the collection of the path, nil if there is none; the answer is written then.
func (q *request) found() *Collection {
	all, err := q.cals.Collections(q.r.Context())
	if err != nil {
		q.h.fail(q.w, err)
		return nil
	}
	for _, c := range all {
		if c.Name == q.collection {
			return c
		}
	}
	http.NotFound(q.w, q.r)
	return nil
}

func (q *request) get() {
	if q.object == "" {
		q.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(q.w, "This is a calendar for programs that know CalDAV.\n")
		return
	}
	c := q.found()
	if c == nil {
		return
	}
	o := c.object(q.object)
	if o == nil {
		http.NotFound(q.w, q.r)
		return
	}
	hd := q.w.Header()
	hd.Set("Content-Type", "text/calendar; charset=utf-8; component=VEVENT")
	hd.Set("ETag", o.ETag)
	hd.Set("Last-Modified", o.Modified.UTC().Format(http.TimeFormat))
	if etags(q.r.Header["If-None-Match"]).has(o.ETag) {
		q.w.WriteHeader(http.StatusNotModified)
		return
	}
	hd.Set("Content-Length", strconv.Itoa(len(o.Data)))
	if q.r.Method == http.MethodGet {
		_, _ = q.w.Write(o.Data)
	}
}

// etagList are the ETags of a conditional header, "*" among them.
type etagList []string

func etags(headers []string) etagList {
	var out etagList
	for _, h := range headers {
		for _, t := range strings.Split(h, ",") {
			if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

func (l etagList) has(tag string) bool {
	for _, t := range l {
		if t == "*" || t == tag {
			return true
		}
	}
	return false
}

// Allows judges If-Match and If-None-Match (RFC 9110, 13.1) against the object that is there, "" for none.
func (w *Write) Allows(etag string) bool {
	if len(w.IfMatch) > 0 && (etag == "" || !etagList(w.IfMatch).has(etag)) {
		return false
	}
	return len(w.IfNoMatch) == 0 || etag == "" || !etagList(w.IfNoMatch).has(etag)
}

func (q *request) put() {
	if q.object == "" {
		http.Error(q.w, "Only events can be put here.", http.StatusForbidden)
		return
	}
	if q.r.Header.Get("Content-Range") != "" {
		http.Error(q.w, "Events are put whole.", http.StatusBadRequest)
		return
	}
	if t := q.r.Header.Get("Content-Type"); t != "" && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(t)), "text/calendar") {
		q.refuse(http.StatusForbidden, "C:supported-calendar-data", "")
		return
	}
	data, err := io.ReadAll(io.LimitReader(q.r.Body, calendar.MaxResource+1))
	if err != nil {
		http.Error(q.w, "The event did not arrive whole.", http.StatusBadRequest)
		return
	}
	res, err := q.cals.Write(q.r.Context(), q.collection, Write{
		Name: q.object, Data: append([]byte{}, data...), IfMatch: etags(q.r.Header["If-Match"]), IfNoMatch: etags(q.r.Header["If-None-Match"]),
	})
	if err != nil {
		q.refused(err)
		return
	}
	if res.ETag != "" {
		q.w.Header().Set("ETag", res.ETag)
	}
	if res.Made {
		q.w.WriteHeader(http.StatusCreated)
		return
	}
	q.w.WriteHeader(http.StatusNoContent)
}

func (q *request) remove() {
	if q.object == "" {
		http.Error(q.w, "Calendars stay; take the subscription out of your calendar program instead.", http.StatusForbidden)
		return
	}
	_, err := q.cals.Write(q.r.Context(), q.collection, Write{Name: q.object, IfMatch: etags(q.r.Header["If-Match"]), IfNoMatch: etags(q.r.Header["If-None-Match"])})
	if err != nil {
		q.refused(err)
		return
	}
	q.w.WriteHeader(http.StatusNoContent)
}

// refused answers a write that was not done.
func (q *request) refused(err error) {
	var conflict *UIDConflictError
	var invalid *InvalidError
	switch {
	case errors.Is(err, ErrPrecondition):
		http.Error(q.w, "It was changed meanwhile: read it anew.", http.StatusPreconditionFailed)
	case errors.Is(err, ErrNotFound):
		http.NotFound(q.w, q.r)
	case errors.Is(err, ErrReadOnly):
		q.refuse(http.StatusForbidden, "D:need-privileges", "")
	case errors.As(err, &conflict):
		q.refuse(http.StatusForbidden, "C:no-uid-conflict", q.path(q.collection, conflict.Name))
	case errors.As(err, &invalid):
		q.refuse(http.StatusForbidden, precondition(invalid.Err), "")
	default:
		q.h.fail(q.w, err)
	}
}

// precondition is the element that names what is wrong with an object (RFC 4791, 5.3.2.1).
func precondition(err error) string {
	switch {
	case errors.Is(err, calendar.ErrTooLarge):
		return "C:max-resource-size"
	case errors.Is(err, calendar.ErrComponent):
		return "C:supported-calendar-component"
	case errors.Is(err, calendar.ErrRecurs):
		return "C:max-instances"
	case errors.Is(err, calendar.ErrNoCalendar):
		return "C:valid-calendar-data"
	}
	return "C:valid-calendar-object-resource"
}

// refuse answers with the precondition that failed (RFC 4918, 16).
func (q *request) refuse(code int, element, href string) {
	var w writer
	w.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<D:error xmlns:D="DAV:" xmlns:C="` + nsCalDAV + `"><` + element + ">")
	if href != "" {
		w.elem("D:href", href)
	}
	w.WriteString("</" + element + "></D:error>\n")
	q.xml(code, w.String())
}

func (q *request) xml(code int, body string) {
	q.w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	q.w.WriteHeader(code)
	_, _ = io.WriteString(q.w, body)
}
