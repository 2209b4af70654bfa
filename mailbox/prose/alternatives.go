package prose

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// patterns is a list of patterns of which one has to match. Each is tried only if the text holds letters that it can't match without:
// finding those is a hundred times faster than running the pattern, and most texts hold none.
type patterns []alternative

type alternative struct {
	must  []string // every match holds one of them; nil if nothing is sure
	whole bool     // must is all there is to match
	re    *regexp.Regexp
}

// oneOf takes the alternatives of a pattern apart. The pattern is held against lower-case texts.
func oneOf(pattern string) patterns { return lineOf("", pattern, "") }

// lineOf takes the alternatives of a pattern apart that stand between a prefix and a suffix.
func lineOf(prefix, pattern, suffix string) patterns {
	var out patterns
	for _, p := range splitBars(pattern) {
		if prefix+suffix != "" {
			p = prefix + "(?:" + p + ")" + suffix
		}
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

// mostMust bounds how many strings are looked for before a pattern is run.
const mostMust = 24

// mandatory are strings of which every match holds one: of those that there are the ones that are longest at their shortest. nil if
// nothing is sure.
func mandatory(r *syntax.Regexp) []string {
	switch r.Op {
	case syntax.OpLiteral:
		if r.Flags&syntax.FoldCase == 0 {
			return []string{string(r.Rune)}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return mandatory(r.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, sub := range r.Sub {
			if m := mandatory(sub); m != nil && (best == nil || shortest(m) > shortest(best)) {
				best = m
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range r.Sub {
			m := mandatory(sub)
			if m == nil || len(all)+len(m) > mostMust {
				return nil
			}
			all = append(all, m...)
		}
		return all
	}
	return nil
}

func shortest(all []string) int {
	n := len(all[0])
	for _, s := range all[1:] {
		n = min(n, len(s))
	}
	return n
}

// may reports whether the text holds what a match needs.
func (p *alternative) may(s string) bool {
	return p.must == nil || slices.ContainsFunc(p.must, func(m string) bool { return strings.Contains(s, m) })
}

// MatchString reports whether the lower-case text holds one of the alternatives.
func (a patterns) MatchString(s string) bool {
	for i := range a {
		if p := &a[i]; p.may(s) && (p.whole || p.re.MatchString(s)) {
			return true
		}
	}
	return false
}

// MatchLine is MatchString of a line in any case.
func (a patterns) MatchLine(s string) bool { return a.MatchString(strings.ToLower(s)) }

// index is where the first match in the lower-case text begins, -1 for none.
func (a patterns) index(s string) int {
	first := -1
	for i := range a {
		p := &a[i]
		if !p.may(s) {
			continue
		}
		if loc := p.re.FindStringIndex(s); loc != nil && (first < 0 || loc[0] < first) {
			first = loc[0]
		}
	}
	return first
}
