package prose

// Dialects: how mail programs that came before today's, and are still in use, put above what they quote, and mark it.

import (
	"strings"
	"unicode/utf8"
)

var (
	// groupwiseRE is GroupWise's head: >>> Jane Doe <jane@acme.example> 03/02/01 04:01PM >>>
	groupwiseRE = lazy(`(?i)^>>> ?(.{2,100}\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.{0,20}>>>|on \d{1,2}[./-]\d{1,2}[./-]\d{2,4} at .{3,12}, in message)\s*$`)
	// notes8RE is the line in which Notes 8 sums up what it quotes: Jane Doe ---03/02/2012 09:31:22 PM---Hi Priya, could you
	notes8RE = lazy(`^.{2,60}? ?-{2,3} ?\d{1,2}[./-]\d{1,2}[./-]\d{2,4} \d{1,2}:\d{2}(:\d{2})?( [AaPp][Mm])? ?-{2,3}`)
	// stampLineRE is a line that tells a day and a time and little else.
	stampLineRE = lazy(`^\s*(on\s+)?\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s+\d{1,2}[:.]\d{2}(:\d{2})?(\s?[AaPp]\.?[Mm]\.?)?(\s+\(?[A-Z]{2,4}\)?)?\s*$`)
	// stampEndRE is a line that ends so.
	stampEndRE = lazy(`^\s*(from:\s*)?\S.{0,80}?(\s+on\s+|\s{2,}|>\s+|\s)\d{1,2}[./-]\d{1,2}[./-]\d{2,4},?\s+\d{1,2}[:.]\d{2}(:\d{2})?(\s?[AaPp][Mm])?\s*$`)
	// notesNameRE is a name in an organisation: Jane Doe/HOU/ACME@ACME, Jane Doe@ACME
	notesNameRE = lazy(`^\s*"?[\p{L}][\p{L}.,' -]{1,50}"?(/[\w .&-]+)*(@[\w.-]+)?\s*(<[^<>\s]*>?)?\s*$`)
	notesPathRE = lazy(`[\p{L}.]/[\p{L}\w .&-]+(/[\w .&-]+)*@[\w-]+`)
	asideHeadRE = lazy(`(?i)^\s*(sent by|please respond to|veuillez répondre à|antwort an|gesendet von|envoyé par|responder a|rispondi a)\b`)
	bareNameRE  = lazy(`(?i)^\s*"?(\p{Lu}[\p{L}.'-]*)( \p{Lu}[\p{L}.'-]*){1,3}"?(\s+<[^<>\s]+@[^<>\s]+>)?,? (` + wrote + `)\s?:\s*$`)
	// wroteOnRE is an attribution with the quote's first words on its line: Jane Doe <jane@acme.example> wrote:  Hi Tom,
	wroteOnRE = lazy(`(?i)^\s*(?:(?:on|am|le|el|il|em|op|den|dnia) [^<\n]{8,150}?<[^<>\s]+@[^<>\s]+> ?(?:` + wrote + `):\s+\S|"?\p{Lu}[\p{L}.' -]{1,50}"? <[^<>\s]+@[^<>\s]+> (` + wrote + `):\s+\S)`)
)

// columnLabel is the label of a header line that stands in a column behind other text, as Notes sets them; "" for none.
func columnLabel(l string) string {
	if kind := headerLabel(l); kind != "" {
		return kind
	}
	i := strings.LastIndex(l, "   ")
	for i > 0 {
		if kind := headerLabel(l[i:]); kind != "" {
			return kind
		}
		l = strings.TrimRight(l[:i], " ")
		i = strings.LastIndex(l, "   ")
	}
	return ""
}

// notesBlock reports whether a head as Lotus Notes writes it begins at line i: who, when, and to whom under what subject, each on a line
// or in columns, and the sender under no label.
func (r *replyCutter) notesBlock(i int) bool {
	to, subject, stamped, address := false, false, false, false
	shape := r.headShape(i)
	if shape == "" {
		return false
	}
	stamped = shape == "name"
	blanks := 0
	for j := i; j < min(i+22, len(r.lines)); j++ {
		l := r.lines[j]
		if len(l) > maxPatternLine {
			break
		}
		if strings.TrimSpace(l) == "" {
			if blanks++; blanks > 5 {
				break
			}
			continue
		}
		kind := columnLabel(l)
		to, subject = to || kind == "to", subject || kind == "subject"
		stamped = stamped || stampLineRE().MatchString(l) || stampEndRE().MatchString(l) || clockRE().MatchString(l)
		address = address || strings.Contains(l, "@") || notesPathRE().MatchString(l)
		if to && subject {
			return stamped && shape != "to" || address && shape == "to" && r.bareAbove(i)
		}
		if kind == "" && saysSentence(strings.TrimSpace(l)) || kind == "" && strings.HasSuffix(strings.TrimSpace(l), ".") && strings.Count(strings.TrimSpace(l), " ") > 2 {
			return false
		}
		if kind == "" && j > i && !stampLineRE().MatchString(l) && !notesNameRE().MatchString(l) && !asideHeadRE().MatchString(l) && !addressRE().MatchString(l) && utf8.RuneCountInString(strings.TrimSpace(l)) > 14 && j-i > 1 {
			return false
		}
	}
	return false
}

// headShape is what a line may be at the beginning of such a head, "" for nothing: "name", "stamp" (with a name before it), "to".
func (r *replyCutter) headShape(i int) string {
	l := r.lines[i]
	t := strings.TrimSpace(l)
	switch {
	case len(t) > 140 || t == "":
		return ""
	case strings.ContainsAny(t[len(t)-1:], "0123456789mM") && strings.ContainsAny(t, ":.") && stampEndRE().MatchString(t) && !stampLineRE().MatchString(t):
		return "stamp"
	case headerLabel(l) == "to":
		return "to"
	case columnLabel(l) != "" && strings.HasPrefix(l, "    "):
		return "column"
	case r.stampSoon(i) && notesNameRE().MatchString(t):
		return "name"
	}
	return ""
}

// stampSoon reports whether one of the next lines is a day and a time.
func (r *replyCutter) stampSoon(i int) bool {
	for j := i + 1; j < min(i+5, len(r.lines)); j++ {
		if t := strings.TrimSpace(r.lines[j]); t != "" && len(t) < 40 && strings.ContainsAny(t[:1], "0123456789oO") && stampLineRE().MatchString(t) {
			return true
		}
	}
	return false
}

// bareAbove reports whether two blank lines stand above line i, or a tab or a ruler sets it off: people leave one.
func (r *replyCutter) bareAbove(i int) bool {
	blank := 0
	for j := i - 1; j >= 0 && strings.TrimSpace(r.lines[j]) == ""; j-- {
		blank++
	}
	return blank >= 2 || strings.Contains(r.lines[i], ":\t") && blank >= 1
}

// markForeignMarks cuts quotes marked by another sign than ">": below an attribution, each line that begins with the sign of the line
// right below it.
func (r *replyCutter) markForeignMarks() {
	for i := 0; i+1 < len(r.lines); i++ {
		t := strings.TrimSpace(r.lines[i])
		if len(t) > 300 || !strings.HasSuffix(t, ":") && !strings.HasSuffix(t, "*") && !strings.HasSuffix(t, "：") {
			continue
		}
		j := i + 1
		for j < len(r.lines) && strings.TrimSpace(r.lines[j]) == "" {
			j++
		}
		if j >= len(r.lines) || j > i+3 {
			continue
		}
		mark := foreignMark(r.lines[j])
		if mark == "" || !attributionColon().MatchString(t) || !marksBelowRE().MatchString(t) {
			continue
		}
		r.cut[i] = true
		if i > 0 && strings.TrimSpace(r.lines[i-1]) != "" && addressRE().MatchString(r.lines[i-1]) {
			r.cut[i-1] = true
		}
		for ; j < len(r.lines); j++ {
			if l := strings.TrimLeft(r.lines[j], " \t"); strings.HasPrefix(l, mark) && (len(l) == len(mark) || l[len(mark)] == ' ' || mark[len(mark)-1] == '>') {
				r.cut[j] = true
			}
		}
		return
	}
}

// marksBelowRE is what an attribution above such marks holds.
var marksBelowRE = lazy(`(?i)(` + wrote + `|spake|says|message-id|in message|news:)|@|\d{1,2}[:.]\d{2}`)

// foreignMark is the sign at the beginning of a line that may mark a quote, "" for none.
func foreignMark(l string) string {
	t := strings.TrimLeft(l, " \t")
	for _, m := range []string{":", "|", "»", "#", "%", "&", "}", "]", "*", "+", "!"} {
		if strings.HasPrefix(t, m+" ") || t == m {
			return m
		}
	}
	if i := strings.Index(t, "> "); i > 0 && i <= 16 && !strings.ContainsAny(t[:i], " <@.,:;") {
		return t[:i+1]
	}
	return ""
}

// markNamedQuotes cuts lines that begin with somebody's name and ">", where several do: "Robin> Would you…"
func (r *replyCutter) markNamedQuotes() {
	seen := map[string][]int{}
	for i, l := range r.lines {
		if t := strings.TrimLeft(l, " \t"); !r.cut[i] && len(t) < maxPatternLine && t != "" && t[0] >= 'A' && t[0] <= 'Z' {
			if m := foreignMark(t); strings.HasSuffix(m, ">") {
				seen[m] = append(seen[m], i)
			}
		}
	}
	for _, at := range seen {
		if len(at) > 1 {
			for _, i := range at {
				r.cut[i] = true
			}
		}
	}
}
