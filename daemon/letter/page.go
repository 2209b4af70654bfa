package letter

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"fifthcall/daemon/phone"
)

// Page is a mail to the recruiter as a list of sections: plain text that reads well on a
// phone, and simple HTML of the same content.
type Page struct {
	Title    string
	Intro    []string
	Sections []Section
	Foot     []string
}

// Section is a part of a page.
type Section struct {
	Title string
	Items []Item
	Lines []string // without numbers
}

// Item is something that can be answered by its number.
type Item struct {
	N     int // 0 for none
	Head  string
	Phone string   // shown as a tel: link in HTML
	Lines []string // below it
}

// Text renders the page as plain text of lines up to about 72 characters.
func (p *Page) Text() string {
	var b strings.Builder
	for _, l := range p.Intro {
		b.WriteString(wrap(l, "") + "\n")
	}
	for _, s := range p.Sections {
		if len(s.Items) == 0 && len(s.Lines) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n\n", strings.ToUpper(s.Title))
		for _, it := range s.Items {
			b.WriteString(it.text())
		}
		for _, l := range s.Lines {
			b.WriteString(wrap("- "+l, "  ") + "\n")
		}
	}
	if len(p.Foot) > 0 {
		b.WriteString("\n")
	}
	for _, l := range p.Foot {
		b.WriteString(wrap(l, "") + "\n")
	}
	return b.String()
}

func (it *Item) text() string {
	head := it.Head
	if it.N > 0 {
		head = fmt.Sprintf("%d. %s", it.N, it.Head)
	}
	var b strings.Builder
	b.WriteString(wrap(head, "   ") + "\n")
	if it.Phone != "" {
		b.WriteString("   " + it.Phone + "\n")
	}
	for _, l := range it.Lines {
		b.WriteString(wrap("   "+l, "   ") + "\n")
	}
	return b.String()
}

// wrap breaks a line at blanks; further lines begin with indent.
func wrap(s, indent string) string {
	const width = 72
	var out []string
	line := ""
	lead := s[:len(s)-len(strings.TrimLeft(s, " "))]
	for i, w := range strings.Fields(s) {
		switch {
		case i == 0:
			line = lead + w
		case len([]rune(line))+1+len([]rune(w)) > width:
			out = append(out, line)
			line = indent + w
		default:
			line += " " + w
		}
	}
	return strings.Join(append(out, line), "\n")
}

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"tel": tel}).Parse(`<!DOCTYPE html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title></head>
<body style="margin:0;padding:16px;background:#ffffff;color:#1d2b2b;font:16px/1.45 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:640px;margin:0 auto">
{{range .Intro}}<p style="margin:0 0 8px">{{.}}</p>
{{end}}{{range .Sections}}{{if or .Items .Lines}}<h2 style="font-size:15px;margin:24px 0 8px;padding:0 0 4px;border-bottom:2px solid #0f766e;color:#0f766e">{{.Title}}</h2>
{{range .Items}}<div style="margin:0 0 12px">
<div><strong>{{if .N}}{{.N}}. {{end}}{{.Head}}</strong></div>
{{if .Phone}}<div style="margin-left:20px"><a href="{{tel .Phone}}" style="color:#0f766e">{{.Phone}}</a></div>
{{end}}{{range .Lines}}<div style="margin-left:20px;color:#47585a">{{.}}</div>
{{end}}</div>
{{end}}{{if .Lines}}<ul style="margin:0;padding-left:20px">
{{range .Lines}}<li>{{.}}</li>
{{end}}</ul>
{{end}}{{end}}{{end}}{{if .Foot}}<div style="margin-top:24px;padding-top:8px;border-top:1px solid #d5dddd;color:#47585a;font-size:14px">
{{range .Foot}}<p style="margin:0 0 6px">{{.}}</p>
{{end}}</div>{{end}}
</div></body></html>
`))

// tel is a phone number as a link's address.
func tel(number string) template.URL {
	return template.URL(phone.URI(number)) //nolint:gosec // nothing but digits, a plus sign and an extension
}

// HTML renders the page as HTML.
func (p *Page) HTML() (string, error) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return "", fmt.Errorf("render %q: %w", p.Title, err)
	}
	return strings.ReplaceAll(b.String(), "&#43;", "+"), nil // some mail programs don't decode it in a tel: link; in UTF-8 a plus is harmless
}
