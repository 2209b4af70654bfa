package caldav

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Client writes into one collection of somebody's server, and reads it. It reads what the server holds as bytes, since those may be
// a stranger's.
type Client struct {
	http     *http.Client
	base     *url.URL
	user     string
	password string
	bearer   bool
}

// Remote is one object of the collection.
type Remote struct {
	Name string
	ETag string // with its quotes, "" if the server gives none
	Data []byte // only where it was asked for
}

// StatusError is a server's refusal.
type StatusError struct {
	Code       int
	RetryAfter time.Duration // 0 if the server names none
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the server answers %d %s", e.Code, http.StatusText(e.Code))
}

// Bounds of a server's answer.
const maxAnswer = 16 << 20

// NewClient makes a client for the collection at the address. With bearer set the password is an access token.
func NewClient(hc *http.Client, address, user, password string, bearer bool) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("the calendar's address can't be used")
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return &Client{hc, u, user, password, bearer}, nil
}

// do sends a request; the answer is read whole. Errors never hold the address.
func (c *Client) do(ctx context.Context, method, name, body string, header ...string) (*http.Response, []byte, error) {
	u := *c.base
	if name != "" {
		u = *c.base.JoinPath(url.PathEscape(name))
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(body))
	if err != nil {
		return nil, nil, errors.New("the calendar's address can't be used")
	}
	req.Header.Set("Accept-Encoding", "identity") // compressed answers have other ETags
	switch {
	case c.bearer:
		req.Header.Set("Authorization", "Bearer "+c.password)
	case c.user != "":
		req.SetBasicAuth(c.user, c.password)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, nil, fmt.Errorf("the calendar's server can't be reached: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, nil, errors.New("the server's answer broke off")
	case len(data) > maxAnswer:
		return nil, nil, errors.New("the server's answer is too large")
	}
	switch res.StatusCode {
	case http.StatusPreconditionFailed:
		return res, data, ErrPrecondition
	case http.StatusNotFound, http.StatusGone:
		return res, data, ErrNotFound
	}
	if res.StatusCode/100 != 2 {
		wait, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return res, data, &StatusError{res.StatusCode, time.Duration(min(max(wait, 0), 86400)) * time.Second}
	}
	return res, data, nil
}

// List names the collection's objects, with their ETags. ErrNotFound: there is no such collection.
func (c *Client) List(ctx context.Context) ([]Remote, error) {
	_, data, err := c.do(ctx, "PROPFIND", "", `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>`, "Depth", "1", "Content-Type", "application/xml; charset=utf-8")
	if err != nil {
		return nil, err
	}
	return c.objects(data)
}

// Query are the objects with an event between two instants, with their data.
func (c *Client) Query(ctx context.Context, from, to time.Time) ([]Remote, error) {
	const form = "20060102T150405Z"
	body := `<?xml version="1.0" encoding="utf-8"?><C:calendar-query xmlns="DAV:" xmlns:C="` + nsCalDAV + `"><prop><getetag/><C:calendar-data/></prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="` +
		from.UTC().Format(form) + `" end="` + to.UTC().Format(form) + `"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`
	_, data, err := c.do(ctx, "REPORT", "", body, "Depth", "1", "Content-Type", "application/xml; charset=utf-8")
	if err != nil {
		return nil, err
	}
	return c.objects(data)
}

// objects reads a multistatus; collections in it are left out.
func (c *Client) objects(data []byte) ([]Remote, error) {
	root, err := readXMLUpTo(bytes.NewReader(data), maxAnswer)
	if err != nil || !root.is(nsDAV, "multistatus") {
		return nil, errors.New("the server's answer can't be read: is the address that of a CalDAV calendar?")
	}
	var out []Remote
	bases := []string{c.base.Path}
	for _, r := range root.parts { // a server may write its own path otherwise than it was asked
		at := r.child(nsDAV, "href")
		if at == nil || r.child(nsDAV, "propstat").child(nsDAV, "prop").child(nsDAV, "resourcetype").child(nsDAV, "collection") == nil {
			continue
		}
		if u, err := url.Parse(strings.TrimSpace(at.text)); err == nil && strings.EqualFold(strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(c.base.Path, "/")) {
			bases = append(bases, strings.TrimSuffix(u.Path, "/")+"/")
		}
	}
	for _, r := range root.parts {
		at := r.child(nsDAV, "href")
		if !r.is(nsDAV, "response") || at == nil {
			continue
		}
		u, err := url.Parse(strings.TrimSpace(at.text))
		if err != nil || strings.HasSuffix(u.Path, "/") || !slices.Contains(bases, path.Dir(u.Path)+"/") {
			continue
		}
		o := Remote{Name: path.Base(u.Path)}
		collection := false
		for _, ps := range r.parts {
			if !ps.is(nsDAV, "propstat") || !strings.Contains(ps.child(nsDAV, "status").content(), " 200") {
				continue
			}
			prop := ps.child(nsDAV, "prop")
			if prop == nil {
				continue
			}
			o.ETag += strings.TrimSpace(prop.child(nsDAV, "getetag").content())
			o.Data = append(o.Data, prop.child(nsCalDAV, "calendar-data").content()...)
			collection = collection || prop.child(nsDAV, "resourcetype").child(nsDAV, "collection") != nil
		}
		o.ETag = strongTag(o.ETag)
		if !collection {
			out = append(out, o)
		}
	}
	return out, nil
}

// strongTag is an ETag as a condition can use it: without the marks of weakness and of compression that servers in between put on it.
func strongTag(tag string) string {
	tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
	for _, coding := range []string{"-gzip", ";gzip", "--gzip"} {
		tag = strings.Replace(tag, coding+`"`, `"`, 1)
	}
	return tag
}

// content is an element's text, "" for none.
func (n *node) content() string {
	if n == nil {
		return ""
	}
	return n.text
}

// Get reads one object.
func (c *Client) Get(ctx context.Context, name string) (Remote, error) {
	res, data, err := c.do(ctx, http.MethodGet, name, "", "Accept", "text/calendar")
	if err != nil {
		return Remote{}, err
	}
	return Remote{Name: name, ETag: strongTag(res.Header.Get("ETag")), Data: data}, nil
}

// Put stores an object in place of the one with the ETag, or where none is with "". ErrPrecondition: it is another one meanwhile. The ETag
// that comes back is "" if the server changed what it was given.
func (c *Client) Put(ctx context.Context, name string, data []byte, etag string) (string, error) {
	condition := []string{"Content-Type", "text/calendar; charset=utf-8", "If-None-Match", "*"}
	if etag != "" {
		condition[2], condition[3] = "If-Match", etag
	}
	res, _, err := c.do(ctx, http.MethodPut, name, string(data), condition...)
	if err != nil {
		return "", err
	}
	return strongTag(res.Header.Get("ETag")), nil
}

// Delete removes the object with the ETag.
func (c *Client) Delete(ctx context.Context, name, etag string) error {
	_, _, err := c.do(ctx, http.MethodDelete, name, "", "If-Match", etag)
	return err
}
