package words

import (
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/desk"
)

// dayOfMonth reads a date by number or month: "14 March", "March 14", "14/4", "12th", "September", "next Friday".
func (r *dateReader) dayOfMonth(ts []token, i int) found {
	if i >= len(ts) {
		return found{}
	}
	if _, n := r.lx.at("next", ts, i); n > 0 {
		if wd, k := r.lx.at("weekday", ts, i+n); i+n < len(ts) && k > 0 {
			monday := r.today.AddDays(7 - int(r.today.Weekday()+6)%7)
			f := r.good(monday.AddDays((int(wd[0]-'0') + 6) % 7))
			f.n = n + k
			return f
		}
		if mo, k := r.lx.at("month", ts, i+n); i+n < len(ts) && k > 0 {
			f := r.monthAlone(mo)
			f.n = n + k
			return f
		}
		return found{}
	}
	if r.lx.is("this", ts, i) {
		if wd, k := r.lx.at("weekday", ts, i+1); i+1 < len(ts) && k > 0 {
			f := r.good(r.nextWeekday(time.Weekday(wd[0] - '0')))
			f.n = 1 + k
			return f
		}
		return found{}
	}
	w := ts[i].norm
	if m := isoRE.FindStringSubmatch(w); m != nil {
		f := r.ymd(m[1], m[2], m[3])
		f.n = 1
		if m[4] != "" {
			h, _ := strconv.Atoi(m[4])
			mi, _ := strconv.Atoi(m[5])
			f.next.Clock, f.next.Hour, f.next.Minute = true, h, mi
		}
		return f
	}
	if m := slashRE.FindStringSubmatch(w); m != nil {
		return r.slashDate(ts, i, m)
	}
	if m := dashRE.FindStringSubmatch(w); m != nil {
		if mo := r.lx.kinds["month"][m[2]]; mo != "" {
			f := r.dayMonth(m[1], mo, longYear(m[3]))
			f.n = 1
			return f
		}
	}
	if mo, n := r.lx.at("month", ts, i); n > 0 {
		return r.monthFirstDate(ts, i, mo, n)
	}
	return r.dayFirstDate(ts, i)
}

func longYear(s string) string {
	if len(s) == 2 {
		return "20" + s
	}
	return s
}

func (r *dateReader) slashDate(ts []token, i int, m []string) found {
	d, mo := m[1], m[2]
	if r.monthFirst && strings.Contains(ts[i].norm, "/") {
		d, mo = mo, d
	}
	f := r.dayMonth(d, mo, longYear(m[3]))
	f.n = 1
	if m[3] == "" && strings.Contains(ts[i].norm, ".") && i+1 < len(ts) && ts[i+1].norm == "." && i+2 < len(ts) && ts[i+1].start == ts[i].end {
		f.n = 2 // "9.3."
		if y, ok := yearAt(ts, i+2); ok {
			f = r.dayMonth(d, mo, strconv.Itoa(y))
			f.n = 3
		}
	} else if m[3] == "" && i+1 < len(ts) && ts[i+1].norm == "." && ts[i+1].start == ts[i].end {
		f.n = 2
	}
	return f
}

// monthFirstDate reads "March 14", "March 14th 2027", "March", "March 2027".
func (r *dateReader) monthFirstDate(ts []token, i int, mo string, n int) found {
	j := i + n
	if j < len(ts) {
		if day, ok := dayNumber(ts[j]); ok && !(j+1 < len(ts) && (r.lx.is("morning", ts, j+1) || r.lx.is("afternoon", ts, j+1) || ts[j+1].norm == ":")) {
			k := j + 1
			year := ""
			if k < len(ts) && ts[k].norm == "," {
				if _, ok := yearAt(ts, k+1); ok {
					k++
				}
			}
			if y, ok := yearAt(ts, k); ok {
				year, k = strconv.Itoa(y), k+1
			}
			f := r.dayMonth(day, mo, year)
			f.n = k - i
			return f
		}
	}
	if y, ok := yearAt(ts, j); ok {
		f := r.ymd(strconv.Itoa(y), mo, "1")
		f.n = n + 1
		return f
	}
	if ts[i].norm == "may" && i > 0 && !ts[i-1].punct && !r.lx.is("join", ts, i-1) && !r.lx.is("trigger", ts, i-1) {
		return found{} // the verb
	}
	f := r.monthAlone(mo)
	f.n = n
	return f
}

func (r *dateReader) monthAlone(mo string) found {
	m, _ := strconv.Atoi(mo)
	first := desk.Date{Year: r.today.Year, Month: time.Month(m), Day: 1}
	switch {
	case first.Month == r.today.Month:
		return found{bad: "that month has begun already: say a day"}
	case first.Month < r.today.Month:
		first.Year++
	}
	return r.good(first)
}

// dayNumber is a day of the month: "14", "14th".
func dayNumber(t token) (string, bool) {
	if isNumber(t.norm) && len(t.norm) <= 2 {
		return t.norm, true
	}
	if m := ordinalRE.FindStringSubmatch(t.norm); m != nil {
		return m[1], true
	}
	return "", false
}

// dayFirstDate reads "14 March", "14th of March 2027", "12th".
func (r *dateReader) dayFirstDate(ts []token, i int) found {
	day, ok := dayNumber(ts[i])
	if !ok {
		return found{}
	}
	j := i + 1
	for j < len(ts) && (ts[j].norm == "of" || ts[j].norm == "." && ts[j].start == ts[j-1].end || ts[j].norm == "de" || ts[j].norm == "van") {
		j++
	}
	if j < len(ts) {
		if mo, n := r.lx.at("month", ts, j); n > 0 {
			k, year := j+n, ""
			if y, ok := yearAt(ts, k); ok {
				year, k = strconv.Itoa(y), k+1
			} else if k+1 < len(ts) && ts[k].norm == "," {
				if y, ok := yearAt(ts, k+1); ok {
					year, k = strconv.Itoa(y), k+2
				}
			}
			f := r.dayMonth(day, mo, year)
			f.n = k - i
			return f
		}
	}
	if ordinalRE.MatchString(ts[i].norm) {
		return r.ordinal(day)
	}
	return found{}
}

// ordinal is the next such day of a month: "12th".
func (r *dateReader) ordinal(day string) found {
	d, _ := strconv.Atoi(day)
	for k := range 13 {
		first := desk.Date{Year: r.today.Year, Month: r.today.Month, Day: 1}.AddMonths(k)
		if date, ok := desk.NewDate(first.Year, first.Month, d); ok && !date.Before(r.today) {
			return r.good(date)
		}
	}
	return found{n: 1, bad: "no such day"}
}

func (r *dateReader) ymd(year, month, day string) found {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	date, ok := desk.NewDate(y, time.Month(m), d)
	if !ok || m > 12 {
		return found{n: 1, bad: "there is no such day"}
	}
	return r.notPast(date)
}

// dayMonth is the next such day, or the one in the year given.
func (r *dateReader) dayMonth(day, month, year string) found {
	if year != "" {
		return r.ymd(year, month, day)
	}
	d, _ := strconv.Atoi(day)
	m, _ := strconv.Atoi(month)
	if m < 1 || m > 12 {
		return found{n: 1, bad: "there is no such month"}
	}
	for k := range 5 { // 29 February may be years away
		date, ok := desk.NewDate(r.today.Year+k, time.Month(m), d)
		if ok && !date.Before(r.today) {
			return r.good(date)
		}
	}
	return found{n: 1, bad: "there is no such day"}
}
