package caldav

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fifthcall/calendar"
)

// report answers calendar-query and calendar-multiget (RFC 4791, 7.8 and 7.9), sync-collection (RFC 6578) and the
// search for principals that one vendor's programs begin with.
func (q *request) report() {
	root, ok := q.body()
	if !ok {
		return
	}
	switch {
	case root == nil:
		http.Error(q.w, "REPORT needs a body.", http.StatusBadRequest)
	case root.is(nsDAV, "principal-property-search"):
		q.principals(root)
	case root.is(nsDAV, "principal-search-property-set"):
		q.xml(http.StatusOK, `<?xml version="1.0" encoding="utf-8"?>`+"\n"+`<D:principal-search-property-set xmlns:D="DAV:"/>`)
	case q.collection == "" || q.object != "" && !root.is(nsCalDAV, "calendar-multiget"):
		q.refuse(http.StatusForbidden, "D:supported-report", "")
	case root.is(nsCalDAV, "calendar-query"):
		q.query(root)
	case root.is(nsCalDAV, "calendar-multiget"):
		q.multiget(root)
	case root.is(nsDAV, "sync-collection"):
		q.sync(root)
	default:
		q.refuse(http.StatusForbidden, "D:supported-report", "")
	}
}

// principals finds the only user that whoever asks may know of.
func (q *request) principals(root *node) {
	var w writer
	w.start()
	me := resource{q: q, href: q.path(), kind: kindHome}
	me.write(&w, wantedIn(root))
	w.end()
	q.xml(http.StatusMultiStatus, w.String())
}

func (q *request) query(root *node) {
	f, err := readFilter(root.child(nsCalDAV, "filter").child(nsCalDAV, "comp-filter"))
	if err != nil || f.Name != "VCALENDAR" {
		q.refuse(http.StatusForbidden, "C:valid-filter", "")
		return
	}
	c := q.found()
	if c == nil {
		return
	}
	zone := c.Zone
	if tz := root.child(nsCalDAV, "timezone"); tz != nil {
		zone = calendar.ReadZone([]byte(tz.text), zone)
	}
	want := wantedIn(root)
	var w writer
	w.start()
	for _, o := range c.Objects {
		if o.Data != nil && (f.All() || f.Match(o.Data, zone)) {
			s := q.member(c, o)
			s.data = true
			s.write(&w, want)
		}
	}
	w.end()
	q.xml(http.StatusMultiStatus, w.String())
}

func (q *request) multiget(root *node) {
	c := q.found()
	if c == nil {
		return
	}
	want := wantedIn(root)
	var w writer
	w.start()
	for _, n := range root.parts {
		if !n.is(nsDAV, "href") {
			continue
		}
		at := strings.TrimSpace(n.text)
		o := c.object(q.objectName(at, c))
		if o == nil {
			w.status(at, "404 Not Found")
			continue
		}
		s := q.member(c, o)
		s.href, s.data = at, true
		s.write(&w, want)
	}
	w.end()
	q.xml(http.StatusMultiStatus, w.String())
}

// objectName is the name of the object of c that an address leads to, "" for none.
func (q *request) objectName(at string, c *Collection) string {
	u, err := url.Parse(at)
	if err != nil {
		return ""
	}
	base, _ := url.PathUnescape(q.path(c.Name))
	name, ok := strings.CutPrefix(u.Path, base)
	if !ok || !validName(name) {
		return ""
	}
	return name
}

func (w *writer) status(at, status string) {
	w.WriteString("<D:response>")
	w.elem("D:href", at)
	w.WriteString("<D:status>HTTP/1.1 " + status + "</D:status></D:response>")
}

const tokenPrefix = "urn:fifthcall:sync:"

// token names the state of the collection after a change; it is its ctag, too.
func (c *Collection) token(change uint64) string {
	return tokenPrefix + c.Epoch + ":" + strconv.FormatUint(change, 10)
}

var errToken = errors.New("the token is too old, or none of ours")

// since is the change that a token names.
func (c *Collection) since(token string) (uint64, error) {
	rest, ok := strings.CutPrefix(token, tokenPrefix+c.Epoch+":")
	n, err := strconv.ParseUint(rest, 10, 64)
	if !ok || err != nil || n > c.Change || n < c.Oldest {
		return 0, errToken
	}
	return n, nil
}

// sync tells what changed since a token, or all there is without one.
func (q *request) sync(root *node) {
	c := q.found()
	if c == nil {
		return
	}
	if lv := root.child(nsDAV, "sync-level"); lv != nil && strings.TrimSpace(lv.text) != "1" && strings.TrimSpace(lv.text) != "infinite" {
		http.Error(q.w, "sync-level is 1.", http.StatusBadRequest)
		return
	}
	token := ""
	if t := root.child(nsDAV, "sync-token"); t != nil {
		token = strings.TrimSpace(t.text)
	}
	since := uint64(0)
	if token != "" {
		var err error
		if since, err = c.since(token); err != nil {
			q.refuse(http.StatusForbidden, "D:valid-sync-token", "")
			return
		}
	}
	limit := 0
	if n := root.child(nsDAV, "limit").child(nsDAV, "nresults"); n != nil {
		limit, _ = strconv.Atoi(strings.TrimSpace(n.text))
	}
	q.changes(c, token != "", since, limit, wantedIn(root))
}

// changes writes what changed after since, the earliest changes first where there is a limit.
func (q *request) changes(c *Collection, deltas bool, since uint64, limit int, want wanted) {
	list, upTo := c.after(since, deltas, limit)
	var w writer
	w.start()
	for _, o := range list {
		if o.Data == nil {
			w.status(q.path(c.Name, o.Name), "404 Not Found")
			continue
		}
		s := q.member(c, o)
		s.data = true
		s.write(&w, want)
	}
	if upTo < c.Change { // RFC 6578, 3.6: the rest comes with the next request
		w.status(q.path(c.Name), "507 Insufficient Storage")
	}
	w.elem("D:sync-token", c.token(upTo))
	w.end()
	q.xml(http.StatusMultiStatus, w.String())
}

var errFilter = errors.New("the filter can't be read")

// readFilter reads a comp-filter (RFC 4791, 9.7.1).
func readFilter(n *node) (calendar.Filter, error) {
	var f calendar.Filter
	if n == nil {
		return f, errFilter
	}
	f.Name = strings.ToUpper(n.attr("name"))
	for _, c := range n.parts {
		var err error
		switch c.name {
		case cal("is-not-defined"):
			f.Absent = true
		case cal("time-range"):
			f.From, f.To, err = readRange(c)
		case cal("comp-filter"):
			var sub calendar.Filter
			sub, err = readFilter(c)
			f.Comps = append(f.Comps, sub)
		case cal("prop-filter"):
			var p calendar.PropFilter
			p, err = readPropFilter(c)
			f.Props = append(f.Props, p)
		}
		if err != nil {
			return f, err
		}
	}
	if f.Name == "" {
		return f, errFilter
	}
	return f, nil
}

func readRange(n *node) (from, to time.Time, err error) {
	for _, end := range []struct {
		name string
		t    *time.Time
	}{{"start", &from}, {"end", &to}} {
		if s := n.attr(end.name); s != "" {
			if *end.t, err = time.Parse("20060102T150405Z", s); err != nil {
				return from, to, errFilter
			}
		}
	}
	if from.IsZero() && to.IsZero() || !to.IsZero() && to.Before(from) {
		return from, to, errFilter
	}
	return from, to, nil
}

func readPropFilter(n *node) (calendar.PropFilter, error) {
	p := calendar.PropFilter{Name: strings.ToUpper(n.attr("name"))}
	for _, c := range n.parts {
		switch c.name {
		case cal("is-not-defined"):
			p.Absent = true
		case cal("text-match"):
			p.Text = readMatch(c)
		case cal("param-filter"):
			f := calendar.ParamFilter{Name: strings.ToUpper(c.attr("name")), Absent: c.child(nsCalDAV, "is-not-defined") != nil}
			if t := c.child(nsCalDAV, "text-match"); t != nil {
				f.Text = readMatch(t)
			}
			p.Params = append(p.Params, f)
		case cal("time-range"):
			return p, errFilter // no client is known to ask for it
		}
	}
	if p.Name == "" {
		return p, errFilter
	}
	return p, nil
}

func readMatch(n *node) *calendar.TextMatch {
	return &calendar.TextMatch{Text: n.text, Octet: n.attr("collation") == "i;octet", Negate: n.attr("negate-condition") == "yes"}
}
