package message

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxHTMLDepth bounds how deep elements may nest; beyond it, structure is ignored.
const maxHTMLDepth = 200

// HTMLText renders HTML as the text that a reader sees: paragraphs and rows on lines of
// their own, scripts, styles and hidden elements left out, quotations marked by "> ".
func HTMLText(src string) string { return renderHTML(src, quotesMarked) }

// HTMLReply renders what the sender of an HTML mail wrote anew, by the structure that mail
// programs give to quotes.
//
// Lines of an indented block that no mark proves to be a quote begin with BareQuote.
func HTMLReply(src string) string { return renderHTML(src, quotesCut) }

// HTMLWhole renders HTML with its quotations as if they were text.
func HTMLWhole(src string) string { return renderHTML(src, quotesPlain) }

// BareQuote begins the lines of a block that may be a quote or the sender's own.
const BareQuote = "\ue000"

// What becomes of quotations.
const (
	quotesMarked = iota // "> " before each line
	quotesCut
	quotesPlain
)

type htmlRenderer struct {
	out    strings.Builder
	quotes int // quotesMarked and its kin
	skip   string
	depth  int // open elements of the kind skip
	quote  int
	line   bool // at the start of a line
	blank  int  // line ends written in a row
	space  bool // a blank is owed
	pre    int
	lists  []int // that are open: the number of the next entry, 0 in one without numbers
	done   bool
}

func renderHTML(src string, quotes int) string {
	r := &htmlRenderer{quotes: quotes, line: true, blank: 2}
	z := html.NewTokenizer(strings.NewReader(src))
	z.SetMaxBuf(1 << 20)
	for !r.done {
		tt := z.Next()
		if tt == html.ErrorToken {
			break
		}
		tok := z.Token()
		switch tt {
		case html.TextToken:
			r.text(tok.Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			if strings.Contains(tok.Data, "@") { // an address whose brackets were not escaped
				r.text("<" + tok.Data + ">")
				continue
			}
			r.start(tok, tt == html.SelfClosingTagToken)
		case html.EndTagToken:
			r.end(tok)
		}
	}
	return strings.TrimSpace(r.out.String()) + "\n"
}

func (r *htmlRenderer) text(s string) {
	if r.skip != "" {
		return
	}
	if r.pre > 0 {
		for i, l := range strings.Split(s, "\n") {
			if i > 0 {
				r.newline(1)
			}
			r.write(l)
		}
		return
	}
	for i, w := range strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }) {
		if i > 0 || s != "" && strings.ContainsRune(" \t\n\r\f", rune(s[0])) {
			r.space = true
		}
		r.write(w)
	}
	if s != "" && strings.ContainsRune(" \t\n\r\f", rune(s[len(s)-1])) {
		r.space = true
	}
}

func (r *htmlRenderer) write(s string) {
	if s == "" {
		return
	}
	if r.line {
		switch {
		case r.quotes == quotesMarked:
			r.out.WriteString(strings.Repeat("> ", min(r.quote, 10)))
		case r.quotes == quotesCut && r.quote > 0:
			r.out.WriteString(BareQuote)
		}
	} else if r.space {
		r.out.WriteByte(' ')
	}
	r.out.WriteString(strings.ReplaceAll(s, "\u00a0", " "))
	r.line, r.space, r.blank = false, false, 0
}

// newline ends the line; with n 2 a blank line follows.
func (r *htmlRenderer) newline(n int) {
	r.space = false
	for r.blank < n {
		r.out.WriteByte('\n')
		r.blank++
	}
	r.line = true
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// void elements have no end.
var voidElements = map[atom.Atom]bool{atom.Br: true, atom.Hr: true, atom.Img: true, atom.Input: true, atom.Meta: true, atom.Link: true, atom.Area: true, atom.Base: true, atom.Col: true, atom.Wbr: true, atom.Source: true, atom.Embed: true, atom.Param: true, atom.Track: true}

func (r *htmlRenderer) start(t html.Token, closed bool) {
	if r.skip != "" {
		if t.Data == r.skip && !closed && !voidElements[t.DataAtom] && r.depth < maxHTMLDepth*50 {
			r.depth++
		}
		return
	}
	if hidden(t) && !closed && !voidElements[t.DataAtom] {
		r.skip, r.depth = t.Data, 1
		return
	}
	if r.quotes == quotesCut {
		kind := quoteKind(t)
		if t.DataAtom == atom.Blockquote && attr(t, "style") == "" && r.quote > 0 && r.line { // one right in another: programs nest so, people don't
			kind = quoteElement
		}
		switch kind {
		case quoteElement:
			if !closed && !voidElements[t.DataAtom] {
				r.newline(1)
				r.skip, r.depth = t.Data, 1
				return
			}
		case quoteRest:
			r.done = true
			return
		}
	}
	switch t.DataAtom {
	case atom.Br:
		r.newlineHard()
	case atom.Ul, atom.Ol:
		r.newline(2)
		r.openList(t)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl, atom.Table, atom.Hr:
		r.newline(2)
	case atom.Div, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dt, atom.Dd, atom.Center, atom.Form, atom.Address, atom.Title:
		r.newline(1)
	case atom.Li:
		r.newline(1)
		r.write(r.listMark(t))
		r.space = true
	case atom.Td, atom.Th:
		r.space = true
	case atom.Pre:
		r.newline(1)
		r.pre++
	case atom.Blockquote:
		r.newline(1)
		r.quote++
	}
}

// openList begins a list. The numbers of an ordered one are what its reader sees, and answers by (HTML, 4.4.5).
func (r *htmlRenderer) openList(t html.Token) {
	if len(r.lists) >= maxHTMLDepth {
		return
	}
	next := 0
	if t.DataAtom == atom.Ol {
		next = 1
		if n, err := strconv.Atoi(strings.TrimSpace(attr(t, "start"))); err == nil && n > 0 && n < 10000 {
			next = n
		}
	}
	r.lists = append(r.lists, next)
}

// listMark is what stands before an entry of a list.
func (r *htmlRenderer) listMark(t html.Token) string {
	if len(r.lists) == 0 || r.lists[len(r.lists)-1] == 0 {
		return "-"
	}
	n := &r.lists[len(r.lists)-1]
	if v, err := strconv.Atoi(strings.TrimSpace(attr(t, "value"))); err == nil && v > 0 && v < 10000 {
		*n = v
	}
	mark := strconv.Itoa(*n) + "."
	*n++
	return mark
}

// newlineHard is a line break that the writer made: two of them leave a blank line.
func (r *htmlRenderer) newlineHard() {
	r.space = false
	if r.blank < 2 {
		r.out.WriteByte('\n')
		r.blank++
	}
	r.line = true
}

func (r *htmlRenderer) end(t html.Token) {
	if r.skip != "" {
		if t.Data == r.skip {
			if r.depth--; r.depth == 0 {
				r.skip = ""
			}
		}
		return
	}
	switch t.DataAtom {
	case atom.Ul, atom.Ol:
		r.newline(2)
		r.lists = r.lists[:max(0, len(r.lists)-1)]
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl, atom.Table:
		r.newline(2)
	case atom.Div, atom.Tr, atom.Li, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dt, atom.Dd, atom.Title:
		r.newline(1)
	case atom.Pre:
		r.newline(1)
		r.pre = max(0, r.pre-1)
	case atom.Blockquote:
		r.newline(1)
		r.quote = max(0, r.quote-1)
	}
}

// hidden reports whether the element's content isn't seen.
func hidden(t html.Token) bool {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Noscript, atom.Template, atom.Svg:
		return true
	}
	style := strings.ReplaceAll(strings.ToLower(attr(t, "style")), " ", "")
	return strings.Contains(style, "display:none") || strings.Contains(style, "mso-hide:all")
}

// provenQuote reports whether a block carries a mark by which programs tell what they quote. Without one it may be the sender's own, who
// indented something.
func provenQuote(t html.Token) bool {
	if attr(t, "type") != "" || attr(t, "cite") != "" {
		return true
	}
	for _, name := range []string{"class", "id"} {
		v := strings.ToLower(attr(t, name))
		if strings.Contains(v, "quote") || strings.Contains(v, "cite") || strings.Contains(v, "reply") || strings.Contains(v, "replied") || strings.Contains(v, "original") {
			return true
		}
	}
	style := strings.ReplaceAll(strings.ToLower(attr(t, "style")), " ", "")
	return strings.Contains(style, "border-left:") && !strings.Contains(style, "border-left:none") && !strings.Contains(style, "border-left:0") || strings.Contains(style, "border-left-style") || strings.Contains(style, "border-inline-start")
}

const (
	quoteNone    = iota
	quoteElement // this element is a quotation
	quoteRest    // everything from here on is
)

// quoteKind recognises quotations by what mail programs put round them: Gmail, Outlook,
// Thunderbird, Apple Mail, Yahoo, Proton, Zoho, Zimbra, Exchange on the web; and signatures.
func quoteKind(t html.Token) int {
	class, id := strings.ToLower(attr(t, "class")), strings.ToLower(attr(t, "id"))
	for _, c := range strings.Fields(class) {
		switch c {
		case "gmail_quote", "gmail_quote_container", "gmail_extra", "moz-cite-prefix", "moz-email-headers-table", "moz-forward-container", "yahoo_quoted", "protonmail_quote", "zmail_extra", "tutanota_quote", "front-blockquote", "gmail_attr", "ydp_quoted", "quotewrapper", "hs_reply", "freshdesk_quote", "zendesk_quote", "mailbird_quote", "wordsection1-quote", "outlookmessageheader", "ms-outlook-mobile-reference-message", "mail-quote-collapse", "bloop_original_html", "airmail_original", "spark_quote":
			return quoteElement
		case "gmail_signature", "gmail_signature_prefix", "moz-signature", "protonmail_signature_block", "zmail_signature", "ms-outlook-mobile-signature":
			return quoteElement // nor did the sender write his signature anew
		}
	}
	switch {
	case id == "signature", id == "ms-outlook-mobile-signature", strings.HasPrefix(id, "ymail_") && strings.HasSuffix(id, "_signature"):
		return quoteElement
	case strings.HasPrefix(id, "divrplyfwdmsg") || strings.HasSuffix(id, "_divrplyfwdmsg") || strings.HasSuffix(id, "appendonsend") && id != "appendonsend" && id != "x_appendonsend":
		return quoteRest
	case id == "appendonsend", id == "x_appendonsend", strings.HasPrefix(id, "mail-editor-reference-message-container"), id == "isforwardcontent", id == "replysplit", id == "isreplycontent", id == "aqm-original", id == "zwchr", id == "reply-intro", id == "olk_src_body_section", id == "yahoo_quoted", strings.HasPrefix(id, "yahoo_quoted"):
		return quoteRest
	}
	if t.DataAtom == atom.Blockquote && provenQuote(t) {
		return quoteElement
	}
	if t.DataAtom == atom.Hr && (id == "stopspelling" || attr(t, "tabindex") == "-1") {
		return quoteRest
	}
	style := strings.ReplaceAll(strings.ToLower(attr(t, "style")), " ", "")
	if t.DataAtom == atom.Div && strings.Contains(style, "border:none") && (strings.Contains(style, "border-top:solid#b5c4df1.0pt") || strings.Contains(style, "border-top:solid#e1e1e11.0pt")) {
		return quoteRest // Outlook's line above the header of what it quotes
	}
	return quoteNone
}
