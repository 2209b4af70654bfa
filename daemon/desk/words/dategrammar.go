package words

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/desk"
)

// Grammar is what the reading of commands depends on.
type Grammar struct {
	Now        time.Time
	Zone       *time.Location
	MonthFirst bool
	Languages  []string // beside English
}

// dateReader reads dates from tokens. It refuses what it doesn't wholly understand: a wrong
// day in the calendar is worse than a question.
type dateReader struct {
	lx         *lexicon
	today      desk.Date
	now        time.Time
	zone       *time.Location
	monthFirst bool
}

// found is a date at a place in the tokens.
type found struct {
	next     desk.Next
	n        int    // tokens taken; 0 for no date
	duration bool   // "2w", "3 days"
	minutes  bool   // a duration in m of 12 or more: months or minutes?
	bad      string // why it can't be true
}

func newDateReader(g Grammar, lx *lexicon) *dateReader {
	now := g.Now.In(g.Zone)
	return &dateReader{lx: lx, today: desk.DateOf(now), now: now, zone: g.Zone, monthFirst: g.MonthFirst}
}

// read reads the date and time at token i, the words that lead to it ("on", "in", "the") included.
func (r *dateReader) read(ts []token, i int) found {
	start := i
	for i < len(ts) && i-start < 4 && r.lx.is("join", ts, i) && !r.clockAhead(ts, i) {
		if _, n := r.dayPhrase(ts, i); n > 0 {
			break
		}
		i++
	}
	f := r.readHere(ts, i)
	if f.n > 0 {
		f.n += i - start
	}
	return f
}

// clockAhead reports whether "at" here leads to a time.
func (r *dateReader) clockAhead(ts []token, i int) bool {
	return r.lx.is("at", ts, i) && r.clock(ts, i).n > 0
}

func (r *dateReader) readHere(ts []token, i int) found {
	if i >= len(ts) {
		return found{}
	}
	if c := r.clock(ts, i); c.n > 0 {
		if j := r.skipJoin(ts, i+c.n); j < len(ts) {
			if d := r.day(ts, j); d.n > 0 && !d.duration {
				d.n += j - i
				return r.withClock(d, c)
			}
		}
		if c.bad != "" {
			return c
		}
		at := r.today.At(c.next.Hour, c.next.Minute, r.zone)
		c.next.Date = r.today
		if !at.After(r.now) {
			c.bad = "that time is over for today"
		}
		return c
	}
	d := r.day(ts, i)
	if d.n == 0 || d.duration {
		return d
	}
	j := i + d.n
	if j < len(ts) && ts[j].norm == "," {
		j++
	}
	if c := r.clock(ts, j); c.n > 0 {
		d.n = j - i + c.n
		return r.withClock(d, c)
	}
	return d
}

func (r *dateReader) skipJoin(ts []token, i int) int {
	for i < len(ts) && r.lx.is("join", ts, i) {
		i++
	}
	return i
}

func (r *dateReader) withClock(d, c found) found {
	if c.bad != "" {
		d.bad = c.bad
	}
	d.next.Clock, d.next.Hour, d.next.Minute = true, c.next.Hour, c.next.Minute
	if d.bad == "" && !d.next.Date.At(c.next.Hour, c.next.Minute, r.zone).After(r.now) {
		d.bad = "that time is over"
	}
	return d
}

var (
	clockRE   = regexp.MustCompile(`^(\d{1,2})(?:[:.h](\d{2}))?(am|pm|a|p|h|uhr)?$`)
	compactRE = regexp.MustCompile(`^(\d{1,3})([\p{L}]+)$`)
	ordinalRE = regexp.MustCompile(`^(\d{1,2})(st|nd|rd|th|er|e|ste|de|º|ª|\.)$`)
	isoRE     = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})(?:t(\d{2}):(\d{2}))?$`)
	slashRE   = regexp.MustCompile(`^(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?$`)
	dashRE    = regexp.MustCompile(`^(\d{1,2})-(\p{L}{3,9})(?:-(\d{4}|\d{2}))?$`)
)

// day reads a day at token i.
func (r *dateReader) day(ts []token, i int) found {
	if i >= len(ts) {
		return found{}
	}
	if f, n := r.dayPhrase(ts, i); n > 0 {
		f.n = n
		return f
	}
	if f := r.duration(ts, i); f.n > 0 {
		return f
	}
	if wd, n := r.lx.at("weekday", ts, i); n > 0 {
		return r.weekday(ts, i, time.Weekday(wd[0]-'0'), n)
	}
	return r.dayOfMonth(ts, i)
}

// dayPhrase reads fixed phrases: today, end of month, next week, Q2.
func (r *dateReader) dayPhrase(ts []token, i int) (found, int) {
	at := func(kind string) int { _, n := r.lx.at(kind, ts, i); return n }
	monday := r.today.AddDays(-(int(r.today.Weekday()+6) % 7))
	firstOfMonth := desk.Date{Year: r.today.Year, Month: r.today.Month, Day: 1}
	switch {
	case at("overmorrow") > 0:
		return r.good(r.today.AddDays(2)), at("overmorrow")
	case at("tomorrow") > 0:
		return r.good(r.today.AddDays(1)), at("tomorrow")
	case at("today") > 0:
		return r.good(r.today), at("today")
	case at("endofmonth") > 0:
		return r.good(r.today.LastOfMonth()), at("endofmonth")
	case at("endofweek") > 0:
		return r.good(monday.AddDays(4)), at("endofweek")
	case at("endofyear") > 0:
		return r.good(desk.Date{Year: r.today.Year, Month: 12, Day: 31}), at("endofyear")
	case at("nextweek") > 0:
		return r.good(monday.AddDays(7)), at("nextweek")
	case at("nextmonth") > 0:
		return r.good(firstOfMonth.AddMonths(1)), at("nextmonth")
	case at("nextyear") > 0:
		return r.good(desk.Date{Year: r.today.Year + 1, Month: 1, Day: 1}), at("nextyear")
	case at("nextquarter") > 0:
		return r.good(desk.Date{Year: r.today.Year, Month: (r.today.Month-1)/3*3 + 1, Day: 1}.AddMonths(3)), at("nextquarter")
	}
	if f, n := r.feast(ts, i); n > 0 {
		return f, n
	}
	for _, part := range []string{"endof", "mid", "startof"} {
		kind := strings.TrimSuffix(part, "of")
		n := at(kind)
		if n == 0 {
			continue
		}
		j := i + n
		if j < len(ts) && ts[j].norm == "of" {
			j++
		}
		if f, k := r.partOf(kind, ts, j); k > 0 {
			return f, j + k - i
		}
	}
	if q, n := quarterAt(ts[i]); n > 0 {
		first := desk.Date{Year: r.today.Year, Month: time.Month((q-1)*3 + 1), Day: 1}
		k := 1
		if y, ok := yearAt(ts, i+1); ok {
			first.Year, k = y, 2
			return r.good(first), k
		}
		switch running := int(r.today.Month-1)/3 + 1; {
		case q == running:
			return found{bad: "that quarter has begun already"}, k
		case q < running:
			first.Year++
		}
		return r.good(first), k
	}
	return found{}, 0
}

// partOf reads what "end of", "mid" or "start of" belong to: a month, next month, a week.
func (r *dateReader) partOf(kind string, ts []token, j int) (found, int) {
	pick := func(first desk.Date) desk.Date {
		switch kind {
		case "end":
			return first.LastOfMonth()
		case "mid":
			return first.AddDays(14)
		}
		return first
	}
	if j >= len(ts) {
		return found{}, 0
	}
	if _, n := r.lx.at("nextmonth", ts, j); n > 0 {
		return r.good(pick(desk.Date{Year: r.today.Year, Month: r.today.Month, Day: 1}.AddMonths(1))), n
	}
	if _, n := r.lx.at("nextweek", ts, j); n > 0 {
		monday := r.today.AddDays(7 - int(r.today.Weekday()+6)%7)
		return r.good(map[string]desk.Date{"end": monday.AddDays(4), "mid": monday.AddDays(2), "start": monday}[kind]), n
	}
	if _, n := r.lx.at("nextyear", ts, j); n > 0 && kind == "start" {
		return r.good(desk.Date{Year: r.today.Year + 1, Month: 1, Day: 1}), n
	}
	if q, n := quarterAt(ts[j]); n > 0 && kind != "mid" {
		first := desk.Date{Year: r.today.Year, Month: time.Month((q-1)*3 + 1), Day: 1}
		d := first
		if kind == "end" {
			d = first.AddMonths(2).LastOfMonth()
		}
		if d.Before(r.today) {
			d.Year++
		}
		return r.good(d), 1
	}
	mo, n := r.lx.at("month", ts, j)
	if n == 0 {
		return found{}, 0
	}
	m, _ := strconv.Atoi(mo)
	first := desk.Date{Year: r.today.Year, Month: time.Month(m), Day: 1}
	if y, ok := yearAt(ts, j+n); ok {
		first.Year = y
		return r.notPast(pick(first)), n + 1
	}
	if pick(first).Before(r.today) {
		first.Year++
	}
	return r.good(pick(first)), n
}

func quarterAt(t token) (q, n int) {
	if len(t.norm) == 2 && t.norm[0] == 'q' && t.norm[1] >= '1' && t.norm[1] <= '4' {
		return int(t.norm[1] - '0'), 1
	}
	return 0, 0
}

func yearAt(ts []token, i int) (int, bool) {
	if i < len(ts) && len(ts[i].norm) == 4 && isNumber(ts[i].norm) && strings.HasPrefix(ts[i].norm, "20") {
		y, err := strconv.Atoi(ts[i].norm)
		return y, err == nil
	}
	return 0, false
}

func (r *dateReader) good(d desk.Date) found { return found{next: desk.Next{Date: d}, n: 1} }

func (r *dateReader) notPast(d desk.Date) found {
	f := r.good(d)
	if d.Before(r.today) {
		f.bad = "that day is past"
	}
	return f
}

// duration reads "2w", "10 days", "a month", "half a year", "a fortnight".
func (r *dateReader) duration(ts []token, i int) found {
	if _, n := r.lx.at("fortnight", ts, i); n > 0 {
		return found{next: desk.Next{Date: r.today.AddDays(14)}, n: n, duration: true}
	}
	if _, n := r.lx.at("half", ts, i); n > 0 && i+n < len(ts) {
		k := n
		if r.lx.is("each", ts, i+k) {
			k++
		}
		if u, un := r.lx.at("unit", ts, i+k); un > 0 && u == "y" {
			return found{next: desk.Next{Date: r.today.AddMonths(6)}, n: k + un, duration: true}
		}
	}
	if m := compactRE.FindStringSubmatch(ts[i].norm); m != nil {
		if u := r.lx.kinds["unit"][m[2]]; u != "" {
			k, _ := strconv.Atoi(m[1])
			return r.after(k, u, m[2], 1)
		}
	}
	count, n := 0, 0
	if isNumber(ts[i].norm) && len(ts[i].norm) <= 3 {
		count, _ = strconv.Atoi(ts[i].norm)
		n = 1
	} else if v, k := r.lx.at("number", ts, i); k > 0 {
		count, _ = strconv.Atoi(v)
		n = k
	} else if r.lx.is("each", ts, i) {
		count, n = 1, 1
	}
	if n == 0 || i+n >= len(ts) {
		return found{}
	}
	if _, k := r.lx.at("fortnight", ts, i+n); k > 0 {
		return found{next: desk.Next{Date: r.today.AddDays(14 * count)}, n: n + k, duration: true}
	}
	u, k := r.lx.at("unit", ts, i+n)
	if k == 0 || len(ts[i+n].norm) == 1 && !isNumber(ts[i].norm) {
		return found{}
	}
	// "a week on Tuesday" is Tuesday's week
	if u == "w" && count == 1 && i+n+k+1 < len(ts) && r.lx.is("join", ts, i+n+k) {
		if wd, wn := r.lx.at("weekday", ts, i+n+k+1); wn > 0 {
			d := r.nextWeekday(time.Weekday(wd[0] - '0')).AddDays(7)
			f := r.good(d)
			f.n = n + k + 1 + wn
			return f
		}
	}
	return r.after(count, u, ts[i+n].norm, n+k)
}

func (r *dateReader) after(count int, unit, as string, n int) found {
	f := found{n: n, duration: true}
	switch unit {
	case "d":
		f.next.Date = r.today.AddDays(count)
	case "w":
		f.next.Date = r.today.AddDays(7 * count)
	case "m":
		f.next.Date = r.today.AddMonths(count)
		f.minutes = as == "m" && count >= 12
	case "y":
		f.next.Date = r.today.AddMonths(12 * count)
	case "b":
		d := r.today
		for left := count; left > 0 && count <= 400; {
			d = d.AddDays(1)
			if wd := d.Weekday(); wd != time.Saturday && wd != time.Sunday {
				left--
			}
		}
		f.next.Date = d
	}
	if f.next.Date.DaysSince(r.today) > 10*366 {
		f.bad = "that is more than ten years away"
	}
	return f
}

// nextWeekday is the next such day after today.
func (r *dateReader) nextWeekday(wd time.Weekday) desk.Date {
	n := (int(wd) - int(r.today.Weekday()) + 7) % 7
	if n == 0 {
		n = 7
	}
	return r.today.AddDays(n)
}

// weekday reads what follows a weekday's name: "week", or a date that must agree with it.
func (r *dateReader) weekday(ts []token, i int, wd time.Weekday, n int) found {
	j := i + n
	if r.lx.is("week", ts, j) {
		f := r.good(r.nextWeekday(wd).AddDays(7))
		f.n = n + 1
		return f
	}
	k := j
	for k < len(ts) && (ts[k].norm == "," || ts[k].norm == "the" || ts[k].norm == ".") {
		k++
	}
	if d := r.dayOfMonth(ts, k); d.n > 0 {
		d.n += k - i
		if d.bad == "" && d.next.Date.Weekday() != wd {
			d.bad = d.next.Date.String() + " is a " + d.next.Date.Weekday().String()
		}
		return d
	}
	f := r.good(r.nextWeekday(wd))
	f.n = n
	return f
}
