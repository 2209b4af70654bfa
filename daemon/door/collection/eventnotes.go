package collection

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"fifthcall/daemon/desk"
)

// What a client's text adds to what it was shown. Programs wrap lines, decode links, strip or add HTML and put older versions back: none of that
// is a word of the recruiter's, least of all a command.

// ownLabels are the words with which lines of Fifthcall's own texts begin.
var ownLabels = []string{"Phone", "Why", "Due", "Note", "Ask", "Title", "Mail", "Last note", "Last touch", "Notes", "Spoke", "Left a message", "No answer"}

var tagRE = regexp.MustCompile(`<[^<>]{0,500}>`)

// squash is a text without what programs change in it: blanks, brackets, tags, escapes.
func squash(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		s = u
	}
	s = html.UnescapeString(tagRE.ReplaceAllStringFunc(s, func(t string) string {
		if strings.Contains(t, ":") || strings.Contains(t, "@") { // <mailto:…> is no tag
			return t
		}
		return ""
	}))
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '<' || r == '>' || r == '\u00a0' || r == '\u200b' || r == '+' {
			return -1
		}
		return r
	}, s)
}

// ownText is what Fifthcall showed, the latest last.
type ownText []string

// surelyOurs is from how many characters on a line that stands in our text is taken for ours wherever it is.
const surelyOurs = 12

// added are the lines that somebody wrote into a text that was shown. Where a line goes on with words of theirs, only those count.
func (own ownText) added(now string) []string {
	var streams []string
	var lines []string
	for _, o := range own {
		streams = append(streams, squash(o))
		lines = append(lines, splitLines(o)...)
	}
	slices.SortFunc(lines, func(a, b string) int { return len(b) - len(a) })
	text := splitLines(strings.NewReplacer("<br>", "\n", "<br/>", "\n", "<br />", "\n", "</p>", "\n", "</div>", "\n").Replace(now))
	at := -1 // where the last line of ours ended in the latest text shown
	latest := ""
	if len(streams) > 0 {
		latest = streams[len(streams)-1]
	}
	var out []string
	for i, l := range text {
		s := squash(l)
		if s == "" {
			continue
		}
		if pos := strings.Index(latest, s); len(s) >= surelyOurs && pos >= 0 {
			at = pos + len(s)
			continue
		}
		if ours(s, streams) || at >= 0 && wraps(latest[at:], s, text[i+1:]) {
			if at >= 0 && strings.HasPrefix(latest[at:], s) {
				at += len(s)
			}
			continue
		}
		if rest := behind(l, lines); rest != "" {
			out = append(out, rest)
		}
	}
	return out
}

func splitLines(s string) []string {
	var out []string
	for _, l := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if l = desk.TidyLine(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// ours reports whether a squashed line is Fifthcall's by itself: a link of the quick log, a bare label, or a longer piece of what was shown.
func ours(s string, streams []string) bool {
	low := strings.ToLower(s)
	if strings.Contains(low, "mailto:") || strings.Contains(low, "body=") && strings.Contains(low, "subject=") {
		return true
	}
	for _, label := range ownLabels {
		if s == squash(label)+":" {
			return true
		}
	}
	return len(s) >= surelyOurs && slices.ContainsFunc(streams, func(t string) bool { return strings.Contains(t, s) })
}

// wraps reports whether a short line is the rest of a line of ours that was wrapped: what comes behind it goes on where our text does.
func wraps(rest, s string, following []string) bool {
	if !strings.HasPrefix(rest, s) {
		return false
	}
	rest = rest[len(s):]
	for _, f := range following {
		if n := squash(f); n != "" {
			return strings.HasPrefix(rest, n)
		}
	}
	return rest == ""
}

// behind is a line without the line of ours that it begins with.
func behind(l string, lines []string) string {
	for _, k := range lines {
		if len(k) > 8 && strings.HasPrefix(l, k) {
			return strings.TrimSpace(strings.TrimPrefix(l, k))
		}
	}
	return l
}
