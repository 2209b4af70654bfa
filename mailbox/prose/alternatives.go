package prose

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// patterns is a list of patterns of which one has to match. Each is tried only if the text holds the letters that it can't
// match without: finding those is a hundred times faster than running the pattern, and most texts hold none.
type patterns []alternative

type alternative struct {
	must  string // "" if nothing is sure
	whole bool   // must is all there is to match
	re    *regexp.Regexp
}

// oneOf takes the alternatives of a pattern apart. The pattern is held against lower-case texts.
func oneOf(pattern string) patterns {
	var out patterns
	for _, p := range splitBars(pattern) {
		tree, err := syntax.Parse(p, syntax.Perl)
		if err != nil {
			panic(err) // as regexp.MustCompile
		}
		tree = tree.Simplify()
		out = append(out, alternative{must: mandatory(tree), whole: tree.Op == syntax.OpLiteral, re: regexp.MustCompile(p)})
	}
	return out
}

// splitBars cuts a pattern at the bars that stand in no parentheses and no class.
func splitBars(p string) []string {
	var out []string
	depth, class, from := 0, false, 0
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			out, from = append(out, p[from:i]), i+1
		}
	}
	return append(out, p[from:])
}

// mandatory is the longest run of letters that every match holds.
func mandatory(r *syntax.Regexp) string {
	switch r.Op {
	case syntax.OpLiteral:
		if r.Flags&syntax.FoldCase == 0 {
			return string(r.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return mandatory(r.Sub[0])
	case syntax.OpConcat:
		best := ""
		for _, sub := range r.Sub {
			if m := mandatory(sub); len(m) > len(best) {
				best = m
			}
		}
		return best
	}
	return ""
}

// MatchString reports whether the lower-case text holds one of the alternatives.
func (a patterns) MatchString(s string) bool {
	for _, p := range a {
		if p.must != "" && !strings.Contains(s, p.must) {
			continue
		}
		if p.whole || p.re.MatchString(s) {
			return true
		}
	}
	return false
}

// index is where the first match in the lower-case text begins, -1 for none.
func (a patterns) index(s string) int {
	first := -1
	for _, p := range a {
		i := -1
		switch {
		case p.must != "" && !strings.Contains(s, p.must):
		case p.whole:
			i = strings.Index(s, p.must)
		default:
			if loc := p.re.FindStringIndex(s); loc != nil {
				i = loc[0]
			}
		}
		if i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}
