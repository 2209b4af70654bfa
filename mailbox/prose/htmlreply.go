package prose

// Replies in HTML.

import (
	"strings"

	"fifthcall/mailbox/message"
)

// HTMLReplyText is what the sender of an HTML mail wrote anew: quotes cut by the structure that mail programs give to them, then by the
// lines as in plain text.
func HTMLReplyText(src string) string { return htmlReplyText(src, nil) }

// htmlReplyText is HTMLReplyText; names are the words of the author's name, as far as known.
func htmlReplyText(src string, names []string) string {
	text := cutHTML(settleBareQuotes(message.HTMLReply(src)), names, false)
	if strings.TrimSpace(text) == "" { // nothing but quotes: then the structure misled us
		text = cutHTML(message.HTMLText(src), names, true)
	}
	if strings.TrimSpace(text) == "" { // all of it in one block
		text = cutHTML(message.HTMLWhole(src), names, true)
	}
	return text
}

// cutHTML cuts from an HTML mail's lines what its structure didn't tell. whole is a text whose quotations are unmarked.
func cutHTML(s string, names []string, whole bool) string {
	lines := strings.Split(s, "\n")
	r := &replyCutter{lines: lines, cut: make([]bool, len(lines)), names: names, noBottom: whole, mild: len(names) == 0}
	r.markHistory()
	r.markSignature()
	return r.kept()
}

// settleBareQuotes decides what the blocks are that no mark proves to be quotes: below an attribution or a mail's header they are, else
// they are the sender's own.
func settleBareQuotes(s string) string {
	if !strings.Contains(s, message.BareQuote) {
		return s
	}
	lines := strings.Split(s, "\n")
	bare := func(i int) bool { return strings.HasPrefix(lines[i], message.BareQuote) }
	for i := 0; i < len(lines); i++ {
		if !bare(i) {
			continue
		}
		end := i
		for end < len(lines) && (bare(end) || strings.TrimSpace(lines[end]) == "") {
			end++
		}
		mark := ""
		if attributedAbove(lines, i) {
			mark = "> "
		}
		for ; i < end; i++ {
			if bare(i) {
				lines[i] = mark + strings.TrimPrefix(lines[i], message.BareQuote)
			}
		}
		i--
	}
	return strings.Join(lines, "\n")
}

// attributedAbove reports whether the block that begins at line i stands right below an attribution, or the header of a mail.
func attributedAbove(lines []string, i int) bool {
	last := i - 1
	for last >= 0 && strings.TrimSpace(lines[last]) == "" {
		last--
	}
	if last < 0 {
		return false
	}
	if headerLabel(lines[last]) != "" {
		return true
	}
	r := &replyCutter{lines: lines[:i+1], cut: make([]bool, i+1), end: i + 1}
	r.cut[i] = true
	for n := 1; n <= 4 && last-n+1 >= 0; n++ {
		if r.attribution(last-n+1) == n {
			return true
		}
	}
	return false
}

// withoutHistory is s without what others wrote before, and without device lines.
func withoutHistory(s string) string {
	lines := strings.Split(s, "\n")
	r := &replyCutter{lines: lines, cut: make([]bool, len(lines))}
	r.markHistory()
	for i, l := range lines {
		switch t := strings.TrimSpace(l); {
		case i == 0 || r.cut[i] || len(l) >= maxPatternLine:
		case deviceRE().MatchLine(t):
			r.cut[i] = true
		case t == "--" && r.shortBelow(i+1, 25):
			r.cutToQuote(i)
		}
	}
	return r.kept()
}
