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
	if f := r.spokenClock(ts, i); f.n > 0 {
		f.n += i - start
		return f
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

// spokenClock reads times as they are spoken: "half past three", "half 3", "quarter to four", "halb vier". An hour from one to six is in the
// afternoon, as nobody is called at night.
func (r *dateReader) spokenClock(ts []token, i int) found {
	how, n := r.lx.at("clock", ts, i)
	if n == 0 || i+n >= len(ts) {
		return found{}
	}
	hour, k := 0, 1
	if isNumber(ts[i+n].norm) && len(ts[i+n].norm) <= 2 {
		hour, _ = strconv.Atoi(ts[i+n].norm)
	} else if v, w := r.lx.at("number", ts, i+n); w > 0 {
		hour, _ = strconv.Atoi(v)
		k = w
	}
	if hour < 1 || hour > 12 && hour > 23 {
		return found{}
	}
	if i+n+k < len(ts) {
		if _, unit := r.lx.at("unit", ts, i+n+k); unit > 0 {
			return found{} // "half 3 weeks" is no time
		}
	}
	minutes := map[string]int{"+30": 30, "-30": -30, "+15": 15, "-15": -15}[how]
	if hour <= 6 {
		hour += 12
	}
	at := hour*60 + minutes
	return found{n: n + k, next: desk.Next{Clock: true, Hour: at / 60 % 24, Minute: at % 60}}
}
