package words

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fifthcall/daemon/desk"
)

var rangeRE = regexp.MustCompile(`^(\d{1,3})-(\d{1,3})$`)

// ref reads the reference at token i: who or what the item is about. k is where the rest begins.
func (p *parser) ref(ts []token, i int) (refs []string, k int, ok bool) {
	k = i
	if i == 0 && len(ts) > 1 && ts[0].norm == "no" { // "no. 4 vm"
		d := 1
		if ts[1].norm == "." {
			d = 2
		}
		if d+1 < len(ts) && isNumber(ts[d].norm) && p.lx.is("verb", ts, d+1) {
			k = d
		}
	}
	for k < len(ts) && (ts[k].norm == "#" || slices.Contains([]string{"number", "no.", "nr", "item", "nummer", "numero"}, ts[k].norm) && k+1 < len(ts) && p.refNumber(ts[k+1]) != "") {
		k++
	}
	if k >= len(ts) {
		return nil, i, false
	}
	if k == i {
		if refs, n := p.refWord(ts, k); n > 0 {
			return refs, p.skipMarks(ts, k+n), true
		}
	}
	for k < len(ts) {
		more, n := p.refNumbers(ts, k)
		if n == 0 || len(refs) > 100 {
			break
		}
		refs = append(refs, more...)
		k += n
		j := k
		if j < len(ts) && (ts[j].norm == "," || p.isAnd(ts[j])) {
			j++
			if j < len(ts) && ts[j].norm == "and" {
				j++
			}
			if j < len(ts) && ts[j].norm == "#" {
				j++
			}
			if _, n := p.refNumbers(ts, j); n > 0 && !p.dateAt(ts, j) {
				k = j
				continue
			}
		}
		break
	}
	if len(refs) == 0 || len(refs) > 100 {
		return nil, i, false
	}
	return refs, p.skipMarks(ts, k), true
}

func (p *parser) skipMarks(ts []token, k int) int {
	for k < len(ts) && ts[k].punct && strings.Contains("=:.)#-,", ts[k].norm) {
		k++
	}
	return k
}

// refWord reads the references that aren't numbers: all, rest, JO7, an address.
func (p *parser) refWord(ts []token, k int) ([]string, int) {
	w := ts[k].norm
	switch {
	case w == "all" && !(k+1 < len(ts) && ts[k+1].norm == "the"), w == "everyone", w == "everything", w == "alle", w == "tous", w == "todos":
		return []string{"all"}, 1
	case w == "rest", w == "others", w == "remaining":
		return []string{"rest"}, 1
	case (w == "the" || w == "all") && k+1 < len(ts) && (ts[k+1].norm == "rest" || ts[k+1].norm == "others" || ts[k+1].norm == "remaining"):
		return []string{"rest"}, 2
	case strings.Contains(w, "@") && strings.Contains(w, "."):
		return []string{strings.Trim(w, "<>")}, 1
	}
	if m := desk.OrderRE.FindStringSubmatch(w); m != nil {
		return []string{"JO" + m[1]}, 1
	}
	if w == "jo" && k+1 < len(ts) && isNumber(ts[k+1].norm) {
		return []string{"JO" + ts[k+1].norm}, 2
	}
	return nil, 0
}

func (p *parser) refNumber(t token) string {
	if isNumber(t.norm) && len(t.norm) <= 3 && t.norm != "0" {
		return strconv.Itoa(atoi(t.norm))
	}
	return p.lx.kinds["number"][t.norm]
}

func (p *parser) refNumbers(ts []token, k int) ([]string, int) {
	if k >= len(ts) {
		return nil, 0
	}
	if m := rangeRE.FindStringSubmatch(ts[k].norm); m != nil {
		return span(atoi(m[1]), atoi(m[2])), 1
	}
	n := p.refNumber(ts[k])
	if n == "" {
		return nil, 0
	}
	if k+2 < len(ts) && (ts[k+1].norm == "-" || ts[k+1].norm == "to") && isNumber(ts[k+2].norm) && len(ts[k+2].norm) <= 3 {
		if s := span(atoi(n), atoi(ts[k+2].norm)); s != nil {
			return s, 3
		}
	}
	return []string{n}, 1
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

func span(from, to int) []string {
	if from < 1 || to <= from || to-from > 100 {
		return nil
	}
	var out []string
	for n := from; n <= to; n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out
}
