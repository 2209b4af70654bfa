package caldav

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// XML namespaces.
const (
	nsDAV    = "DAV:"
	nsCalDAV = "urn:ietf:params:xml:ns:caldav"
	nsServer = "http://calendarserver.org/ns/"
	nsApple  = "http://apple.com/ns/ical/"
)

// Bounds of a request's XML.
const (
	maxBody  = 4 << 20 // a multiget of some ten thousand names
	maxDepth = 24
	maxNodes = 100_000
)

// node is an element of a request.
type node struct {
	name  xml.Name
	attrs []xml.Attr
	parts []*node
	text  string
}

var errXML = errors.New("the request's XML can't be read")

// readXML reads a request's body; nil for an empty one. Documents with a DTD are refused, since only
// attacks have one.
func readXML(in io.Reader) (*node, error) { return readXMLUpTo(in, maxBody) }

func readXMLUpTo(in io.Reader, limit int64) (*node, error) {
	dec := xml.NewDecoder(io.LimitReader(in, limit))
	var stack []*node
	var root *node
	for nodes := 0; ; {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %v", errXML, err) //nolint:errorlint // what a parser says is text only
		}
		switch t := tok.(type) {
		case xml.Directive:
			return nil, errXML
		case xml.StartElement:
			n := &node{name: t.Name, attrs: t.Copy().Attr}
			nodes++
			if len(stack) >= maxDepth || nodes > maxNodes || len(stack) == 0 && root != nil {
				return nil, errXML
			}
			if len(stack) == 0 {
				root = n
			} else {
				up := stack[len(stack)-1]
				up.parts = append(up.parts, n)
			}
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(t)
			}
		}
	}
	if len(stack) > 0 {
		return nil, errXML
	}
	return root, nil
}

func (n *node) is(space, local string) bool {
	return n != nil && n.name.Space == space && n.name.Local == local
}

// child is the first element of the name below n, nil if there is none.
func (n *node) child(space, local string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.parts {
		if c.is(space, local) {
			return c
		}
	}
	return nil
}

func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// writer builds a response. Its namespaces have fixed prefixes.
type writer struct{ strings.Builder }

func (w *writer) start() {
	w.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<D:multistatus xmlns:D="DAV:" xmlns:C="` + nsCalDAV + `" xmlns:CS="` + nsServer + `" xmlns:A="` + nsApple + `">`)
}

func (w *writer) end() { w.WriteString("</D:multistatus>\n") }

// text writes character data; what XML can't hold becomes a replacement character.
func (w *writer) text(s string) {
	_ = xml.EscapeText(&w.Builder, []byte(s)) // a Builder never fails
}

func (w *writer) elem(name, text string) {
	w.WriteString("<" + name + ">")
	w.text(text)
	w.WriteString("</" + name + ">")
}

// empty writes an element by its full name, without content.
func (w *writer) empty(n xml.Name) {
	if p := prefixes[n.Space]; p != "" {
		w.WriteString("<" + p + ":" + n.Local + "/>")
		return
	}
	w.WriteString("<" + n.Local + " xmlns=\"")
	w.text(n.Space)
	w.WriteString("\"/>")
}

var prefixes = map[string]string{nsDAV: "D", nsCalDAV: "C", nsServer: "CS", nsApple: "A"}

// inner writes a node's content again, as the value of a property that is only kept.
func (n *node) inner() string {
	var w writer
	n.writeInner(&w)
	return w.String()
}

func (n *node) writeInner(w *writer) {
	if len(n.parts) == 0 {
		w.text(n.text)
		return
	}
	for _, c := range n.parts {
		w.WriteString("<" + c.name.Local)
		if c.name.Space != "" {
			w.WriteString(` xmlns="`)
			w.text(c.name.Space)
			w.WriteString(`"`)
		}
		w.WriteString(">")
		c.writeInner(w)
		w.WriteString("</" + c.name.Local + ">")
	}
}

// validName reports whether a client's name may stand in a path.
func validName(s string) bool {
	return s != "" && len(s) <= 255 && utf8.ValidString(s) && s != "." && s != ".." && !strings.ContainsAny(s, "/\x00\r\n")
}
