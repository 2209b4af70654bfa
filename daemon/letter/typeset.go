package letter

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// typeset makes plain text and HTML of Markdown, with the desk's signature below.
func typeset(source string, f *Fields) (plain, page string, err error) {
	src := []byte(strings.TrimSpace(source))
	doc := goldmark.DefaultParser().Parse(text.NewReader(src))
	t := &plainWriter{src: src}
	t.blocks(doc, "")
	plain = strings.TrimSpace(t.out.String()) + "\n"
	var b bytes.Buffer
	if err := goldmark.DefaultRenderer().Render(&b, src, doc); err != nil {
		return "", "", fmt.Errorf("typeset: %w", err)
	}
	body := styles.Replace(b.String())
	if sig := strings.TrimSpace(f.Desk.Signature); sig != "" {
		plain += "\n" + sig + "\n"
		var lines []string
		for _, l := range strings.Split(sig, "\n") {
			lines = append(lines, html.EscapeString(strings.TrimRight(l, " \r")))
		}
		body += `<p style="margin:16px 0 0">` + strings.Join(lines, "<br>\n") + "</p>\n"
	}
	page = `<!DOCTYPE html>
<html lang="` + html.EscapeString(orElse(f.Language, "en")) + `"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0;padding:16px;background:#ffffff;color:#1d2b2b;font:16px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:640px;margin:0 auto;overflow-wrap:anywhere">
` + body + "</div></body></html>\n"
	return plain, page, nil
}

// styles go inline, since mail programs drop style sheets. The renderer escapes all text, so that
// these can only be its own tags.
var styles = strings.NewReplacer(
	"<p>", `<p style="margin:0 0 12px">`,
	"<ul>", `<ul style="margin:0 0 12px;padding-left:24px">`,
	"<ol>", `<ol style="margin:0 0 12px;padding-left:24px">`,
	"<li>", `<li style="margin:0 0 4px">`,
	"<h1>", `<h1 style="font-size:20px;margin:0 0 12px">`,
	"<h2>", `<h2 style="font-size:17px;margin:20px 0 8px;color:#0f766e">`,
	"<h3>", `<h3 style="font-size:16px;margin:16px 0 8px">`,
	"<blockquote>", `<blockquote style="margin:0 0 12px;padding-left:12px;border-left:3px solid #d5dddd">`,
	"<a href=", `<a style="color:#0f766e" href=`,
)

// plainWriter turns parsed Markdown into plain text as people write it in mail.
type plainWriter struct {
	src []byte
	out strings.Builder
}

func (t *plainWriter) blocks(n ast.Node, indent string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		t.block(c, indent)
	}
}

func (t *plainWriter) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.List:
		number := n.Start
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			mark := "- "
			if n.IsOrdered() {
				mark = fmt.Sprintf("%d. ", number)
				number++
			}
			sub := &plainWriter{src: t.src}
			sub.blocks(item, indent+strings.Repeat(" ", len(mark)))
			t.out.WriteString(indent + mark + strings.TrimLeft(strings.TrimRight(sub.out.String(), "\n"), " ") + "\n")
		}
		t.out.WriteString("\n")
	case *ast.Heading:
		t.out.WriteString(indent + strings.ToUpper(t.inline(n)) + "\n\n")
	case *ast.Blockquote:
		t.blocks(n, indent+"> ")
	case *ast.ThematicBreak:
		t.out.WriteString(indent + "----\n\n")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		lines := n.Lines()
		for i := range lines.Len() {
			seg := lines.At(i)
			t.out.WriteString(indent + strings.TrimRight(string(seg.Value(t.src)), "\n") + "\n")
		}
		t.out.WriteString("\n")
	case *ast.TextBlock:
		t.out.WriteString(indent + t.inline(n) + "\n")
	case *ast.HTMLBlock: // left out of the HTML, too
	default:
		if n.Type() == ast.TypeBlock && n.FirstChild() != nil && n.FirstChild().Type() == ast.TypeInline {
			t.out.WriteString(indent + strings.ReplaceAll(t.inline(n), "\n", "\n"+indent) + "\n\n")
			return
		}
		t.blocks(n, indent)
	}
}

func (t *plainWriter) inline(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(plainText(c.Segment.Value(t.src)))
			switch {
			case c.HardLineBreak():
				b.WriteString("\n")
			case c.SoftLineBreak():
				b.WriteString(" ")
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.URL(t.src))
		case *ast.Link:
			label, target := t.inline(c), string(c.Destination)
			b.WriteString(label)
			if label != target {
				b.WriteString(" (" + strings.TrimPrefix(target, "mailto:") + ")")
			}
		case *ast.RawHTML:
		default:
			b.WriteString(t.inline(c))
		}
	}
	return b.String()
}

// plainText resolves the escapes and entities that Markdown's text still holds; an escaped mark
// begins no entity.
func plainText(b []byte) []byte {
	var out, run []byte
	flush := func() {
		out = append(out, html.UnescapeString(string(run))...)
		run = run[:0]
	}
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) && isPunct(b[i+1]) {
			i++
			flush()
			out = append(out, b[i])
			continue
		}
		run = append(run, b[i])
	}
	flush()
	return out
}

func isPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')
}
