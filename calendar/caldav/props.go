package caldav

import (
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fifthcall/calendar"
)

// resource is what properties are asked of.
type resource struct {
	q    *request
	href string
	kind resourceKind
	c    *Collection
	o    *Object
	data bool // a report gives the object's data, too
}

type resourceKind int

const (
	kindRoot resourceKind = iota
	kindHome              // the user's principal, and the home of the calendars
	kindCollection
	kindObject
)

func dav(n string) xml.Name    { return xml.Name{Space: nsDAV, Local: n} }
func cal(n string) xml.Name    { return xml.Name{Space: nsCalDAV, Local: n} }
func server(n string) xml.Name { return xml.Name{Space: nsServer, Local: n} }
func apple(n string) xml.Name  { return xml.Name{Space: nsApple, Local: n} }

// live are the properties that a kind of resource has, in the order in which they are listed. Those of allprop stand
// before allpropEnd (RFC 4791, 5.2: CalDAV's own are given only when they are asked for).
func (k resourceKind) live() (all []xml.Name, allprop int) {
	all = []xml.Name{dav("resourcetype"), dav("displayname"), dav("current-user-principal"), dav("principal-collection-set")}
	switch k {
	case kindRoot:
		return all, len(all)
	case kindHome:
		all = append(all, dav("owner"), dav("principal-URL"), dav("supported-report-set"), dav("current-user-privilege-set"))
		return append(all, cal("calendar-home-set"), cal("calendar-user-address-set")), len(all)
	case kindCollection:
		all = append(all, dav("owner"), dav("supported-report-set"), dav("current-user-privilege-set"), dav("sync-token"), dav("getcontenttype"))
		return append(all, server("getctag"), cal("supported-calendar-component-set"), cal("supported-calendar-data"), cal("max-resource-size"),
			cal("calendar-description"), cal("calendar-timezone"), apple("calendar-color"), apple("calendar-order")), len(all)
	}
	all = []xml.Name{
		dav("resourcetype"), dav("getetag"), dav("getcontenttype"), dav("getcontentlength"), dav("getlastmodified"),
		dav("current-user-principal"), dav("owner"), dav("current-user-privilege-set"),
	}
	return all, len(all)
}

// settable are the live properties whose value a client may set, in place of ours.
var settable = []xml.Name{
	dav("displayname"), cal("calendar-description"), cal("calendar-timezone"), apple("calendar-color"), apple("calendar-order"),
}

// protected are those that a client may not set.
func protected(n xml.Name) bool {
	all, _ := kindCollection.live()
	return slices.Contains(all, n) && !slices.Contains(settable, n) || n == dav("getetag") || n == cal("calendar-home-set")
}

func deadKey(n xml.Name) string { return n.Space + " " + n.Local }

// value is a property's content as XML; false if the resource has none of the name.
func (s *resource) value(n xml.Name) (string, bool) {
	if s.kind == kindCollection {
		if d, ok := s.c.Dead[deadKey(n)]; ok {
			return d.XML, true
		}
	}
	if n == cal("calendar-data") && s.data && s.o != nil {
		return escape(string(s.o.Data)), true
	}
	live, _ := s.kind.live()
	if !slices.Contains(live, n) {
		return "", false
	}
	switch s.kind {
	case kindCollection:
		if v, ok := s.collectionValue(n); ok {
			return v, true
		}
	case kindObject:
		if v, ok := s.objectValue(n); ok {
			return v, true
		}
	}
	return s.commonValue(n)
}

func escape(s string) string {
	var w writer
	w.text(s)
	return w.String()
}

func href(p string) string { return "<D:href>" + escape(p) + "</D:href>" }

func (s *resource) commonValue(n xml.Name) (string, bool) {
	home := s.q.path()
	switch n {
	case dav("resourcetype"):
		return map[resourceKind]string{
			kindRoot: "<D:collection/>", kindHome: "<D:collection/><D:principal/>", kindCollection: "<D:collection/><C:calendar/>", kindObject: "",
		}[s.kind], true
	case dav("displayname"):
		if s.kind == kindHome {
			return escape(s.q.user), true
		}
		return "Fifthcall", true
	case dav("current-user-principal"), dav("owner"), dav("principal-URL"), cal("calendar-home-set"), cal("calendar-user-address-set"):
		return href(home), true
	case dav("principal-collection-set"):
		return href(s.q.h.Prefix), true
	case dav("supported-report-set"):
		return reportSet(s.kind), true
	case dav("current-user-privilege-set"):
		return privileges(s.kind), true
	}
	return "", false
}

func reportSet(k resourceKind) string {
	reports := []string{"<D:principal-property-search/>", "<D:principal-search-property-set/>"}
	if k == kindCollection {
		reports = []string{"<C:calendar-query/>", "<C:calendar-multiget/>", "<D:sync-collection/>"}
	}
	var b strings.Builder
	for _, r := range reports {
		b.WriteString("<D:supported-report><D:report>" + r + "</D:report></D:supported-report>")
	}
	return b.String()
}

func privileges(k resourceKind) string {
	names := []string{"read", "read-current-user-privilege-set"}
	if k != kindHome {
		names = append(names, "write", "write-content", "write-properties", "bind", "unbind")
	}
	var b strings.Builder
	for _, n := range names {
		b.WriteString("<D:privilege><D:" + n + "/></D:privilege>")
	}
	return b.String()
}

func (s *resource) collectionValue(n xml.Name) (string, bool) {
	c := s.c
	switch n {
	case dav("displayname"):
		return escape(c.DisplayName), true
	case dav("sync-token"), server("getctag"):
		return escape(c.token(c.Change)), true
	case dav("getcontenttype"):
		return "text/calendar; component=VEVENT", true
	case cal("supported-calendar-component-set"):
		return `<C:comp name="VEVENT"/>`, true
	case cal("supported-calendar-data"):
		return `<C:calendar-data content-type="text/calendar" version="2.0"/>`, true
	case cal("max-resource-size"):
		return strconv.Itoa(calendar.MaxResource), true
	case cal("calendar-description"):
		return escape(c.Description), true
	case cal("calendar-timezone"):
		return escape(string(calendar.ZoneObject(c.Zone))), true
	case apple("calendar-color"):
		return escape(c.Color), true
	case apple("calendar-order"):
		return strconv.Itoa(c.Order), true
	}
	return "", false
}

func (s *resource) objectValue(n xml.Name) (string, bool) {
	switch n {
	case dav("getetag"):
		return escape(s.o.ETag), true
	case dav("getcontenttype"):
		return "text/calendar; charset=utf-8; component=VEVENT", true
	case dav("getcontentlength"):
		return strconv.Itoa(len(s.o.Data)), true
	case dav("getlastmodified"):
		return s.o.Modified.UTC().Format(http.TimeFormat), true
	}
	return "", false
}

// wanted is which properties a request asks for.
type wanted struct {
	names     []xml.Name
	all, only bool // allprop; propname
}

func readWanted(root *node) (wanted, bool) {
	if root == nil { // RFC 4918, 9.1: an empty body is allprop
		return wanted{all: true}, true
	}
	if !root.is(nsDAV, "propfind") {
		return wanted{}, false
	}
	return wantedIn(root), true
}

// wantedIn reads the prop, allprop or propname below n.
func wantedIn(n *node) (w wanted) {
	for _, c := range n.parts {
		switch {
		case c.is(nsDAV, "allprop"):
			w.all = true
		case c.is(nsDAV, "propname"):
			w.only = true
		case c.is(nsDAV, "prop"), c.is(nsDAV, "include"):
			for _, p := range c.parts {
				w.names = append(w.names, p.name)
			}
		}
	}
	return w
}

// write writes the resource's response to what is wanted.
func (s *resource) write(out *writer, want wanted) {
	names := want.names
	live, some := s.kind.live()
	switch {
	case want.only:
		names = live
	case want.all:
		names = append(slices.Clone(live[:some]), want.names...)
	}
	out.WriteString("<D:response>")
	out.elem("D:href", s.href)
	var missing []xml.Name
	found := false
	for _, n := range names {
		v, ok := s.value(n)
		if !ok {
			missing = append(missing, n)
			continue
		}
		if !found {
			out.WriteString("<D:propstat><D:prop>")
			found = true
		}
		if want.only || v == "" {
			out.empty(n)
			continue
		}
		out.property(n, v)
	}
	if found || len(missing) == 0 {
		if !found {
			out.WriteString("<D:propstat><D:prop>")
		}
		out.WriteString("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>")
	}
	if len(missing) > 0 && !want.all {
		out.propstat(missing, "404 Not Found", "")
	}
	out.WriteString("</D:response>")
}

// property writes a property with its content.
func (w *writer) property(n xml.Name, inner string) {
	open, end := "", n.Local
	if p := prefixes[n.Space]; p != "" {
		open, end = p+":"+n.Local, p+":"+n.Local
	} else {
		open = n.Local + ` xmlns="` + escape(n.Space) + `"`
	}
	w.WriteString("<" + open + ">" + inner + "</" + end + ">")
}

// propstat writes properties that share a status.
func (w *writer) propstat(names []xml.Name, status, why string) {
	w.WriteString("<D:propstat><D:prop>")
	for _, n := range names {
		w.empty(n)
	}
	w.WriteString("</D:prop><D:status>HTTP/1.1 " + status + "</D:status>" + why + "</D:propstat>")
}

// body reads the request's XML; false if it can't be, and the answer is written.
func (q *request) body() (*node, bool) {
	root, err := readXML(q.r.Body)
	if err != nil {
		http.Error(q.w, "The request's XML can't be read.", http.StatusBadRequest)
		_, _ = io.Copy(io.Discard, io.LimitReader(q.r.Body, maxBody))
		return nil, false
	}
	return root, true
}

func (q *request) propfind() {
	root, ok := q.body()
	if !ok {
		return
	}
	want, ok := readWanted(root)
	if !ok {
		http.Error(q.w, "PROPFIND needs a propfind element.", http.StatusBadRequest)
		return
	}
	depth := q.r.Header.Get("Depth")
	if depth != "0" && depth != "1" {
		q.refuse(http.StatusForbidden, "D:propfind-finite-depth", "")
		return
	}
	list, ok := q.resources(depth == "1")
	if !ok {
		return
	}
	var w writer
	w.start()
	for i := range list {
		list[i].write(&w, want)
	}
	w.end()
	q.xml(http.StatusMultiStatus, w.String())
}

// resources are the one that the path leads to and, with members, those right below it.
func (q *request) resources(members bool) ([]resource, bool) {
	if !q.principal {
		list := []resource{{q: q, href: q.h.Prefix, kind: kindRoot}}
		if members {
			list = append(list, resource{q: q, href: q.path(), kind: kindHome})
		}
		return list, true
	}
	if q.collection == "" {
		list := []resource{{q: q, href: q.path(), kind: kindHome}}
		if !members {
			return list, true
		}
		all, err := q.cals.Collections(q.r.Context())
		if err != nil {
			q.h.fail(q.w, err)
			return nil, false
		}
		for _, c := range all {
			list = append(list, resource{q: q, href: q.path(c.Name), kind: kindCollection, c: c})
		}
		return list, true
	}
	c := q.found()
	if c == nil {
		return nil, false
	}
	if q.object != "" {
		o := c.object(q.object)
		if o == nil {
			http.NotFound(q.w, q.r)
			return nil, false
		}
		return []resource{q.member(c, o)}, true
	}
	list := []resource{{q: q, href: q.path(c.Name), kind: kindCollection, c: c}}
	if members {
		for _, o := range c.Objects {
			if o.Data != nil {
				list = append(list, q.member(c, o))
			}
		}
	}
	return list, true
}

func (q *request) member(c *Collection, o *Object) resource {
	return resource{q: q, href: q.path(c.Name, o.Name), kind: kindObject, c: c, o: o}
}

// Bounds of what clients may set on a collection.
const (
	maxDead      = 40
	maxDeadValue = 16 << 10
)

// proppatch keeps what a client sets. The answer is 207 whatever comes of it, since some clients give up
// a calendar at any other.
func (q *request) proppatch() {
	root, ok := q.body()
	if !ok {
		return
	}
	if !root.is(nsDAV, "propertyupdate") {
		http.Error(q.w, "PROPPATCH needs a propertyupdate element.", http.StatusBadRequest)
		return
	}
	change := Write{Set: map[string]DeadProperty{}}
	var done, refused []xml.Name
	for _, part := range root.parts {
		set := part.is(nsDAV, "set")
		prop := part.child(nsDAV, "prop")
		if prop == nil || !set && !part.is(nsDAV, "remove") {
			continue
		}
		for _, p := range prop.parts {
			value := p.inner()
			switch {
			case protected(p.name) || q.collection == "" || q.object != "" || len(value) > maxDeadValue:
				refused = append(refused, p.name)
				continue
			case set:
				change.Set[deadKey(p.name)] = DeadProperty{p.name.Space, p.name.Local, value}
			default:
				change.Remove = append(change.Remove, deadKey(p.name))
			}
			done = append(done, p.name)
		}
	}
	if len(done) > 0 {
		c := q.found()
		if c == nil {
			return
		}
		switch {
		case len(refused) > 0: // all or nothing (RFC 4918, 9.2)
		case len(c.Dead)+len(change.Set) > maxDead:
			refused, done = done, nil
		default:
			if _, err := q.cals.Write(q.r.Context(), c.Name, change); err != nil {
				q.refused(err)
				return
			}
		}
	}
	q.patched(done, refused)
}

func (q *request) patched(done, refused []xml.Name) {
	var w writer
	w.start()
	w.WriteString("<D:response>")
	w.elem("D:href", q.r.URL.EscapedPath())
	status := "200 OK"
	if len(refused) > 0 {
		status = "424 Failed Dependency"
		w.propstat(refused, "403 Forbidden", "<D:error><D:cannot-modify-protected-property/></D:error>")
	}
	if len(done) > 0 {
		w.propstat(done, status, "")
	}
	w.WriteString("</D:response>")
	w.end()
	q.xml(http.StatusMultiStatus, w.String())
}
