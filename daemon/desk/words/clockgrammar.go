package words

import (
	"strconv"
	"strings"

	"fifthcall/daemon/desk"
)

// clock reads a time of day: "10am", "15:30", "at 4", "morning".
func (r *dateReader) clock(ts []token, i int) found {
	start, at := i, false
	if _, n := r.lx.at("at", ts, i); n > 0 {
		at = true
		i += n
	} else if _, n := r.lx.at("join", ts, i); n > 0 && i+1 < len(ts) && (r.lx.is("morning", ts, i+1) || r.lx.is("afternoon", ts, i+1)) && !ts[i].punct {
		i++
	}
	if i >= len(ts) {
		return found{}
	}
	for _, w := range []struct {
		kind string
		hour int
	}{{"morning", 9}, {"afternoon", 14}, {"noon", 12}} {
		if _, n := r.lx.at(w.kind, ts, i); n > 0 {
			return found{next: desk.Next{Clock: true, Hour: w.hour}, n: i + n - start}
		}
	}
	m := clockRE.FindStringSubmatch(ts[i].norm)
	if m == nil {
		return found{}
	}
	suffix, n := m[3], 1
	if suffix == "" && i+1 < len(ts) {
		switch s := strings.ReplaceAll(ts[i+1].norm, ".", ""); s {
		case "am", "pm", "uhr", "uur", "h":
			suffix, n = s, 2
		case "oclock":
			at, n = true, 2
		}
	}
	dotted := strings.Contains(ts[i].norm, ".")
	if suffix == "" && (m[2] == "" && !at || dotted && !at) {
		return found{} // a bare number, or a date like 9.30
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	f := found{n: i + n - start, next: desk.Next{Clock: true, Hour: hour, Minute: minute}}
	switch suffix {
	case "pm", "p":
		if hour < 12 {
			f.next.Hour += 12
		}
		if hour > 12 || hour == 0 {
			f.bad = "no such time"
		}
	case "am", "a":
		if hour == 12 {
			f.next.Hour = 0
		}
		if hour > 12 {
			f.bad = "no such time"
		}
	case "":
		if at && m[2] == "" && hour >= 1 && hour <= 6 {
			f.next.Hour += 12
		}
	}
	if f.next.Hour > 23 || minute > 59 {
		f.bad = "no such time"
	}
	return f
}
