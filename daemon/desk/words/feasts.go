package words

// Feasts: days that are named by what the year brings. A call then is one on the first day on which offices are open again.

import (
	"time"

	"fifthcall/daemon/desk"
)

// feast reads "easter", "after easter", "after the holidays" at token i. What is said of a feast is said of the day after it.
func (r *dateReader) feast(ts []token, i int) (found, int) {
	j := i
	if _, n := r.lx.at("after", ts, j); n > 0 {
		j += n
	}
	if j > i && r.lx.is("each", ts, j) || j < len(ts) && ts[j].norm == "the" {
		j++
	}
	what, n := r.lx.at("feast", ts, j)
	if n == 0 {
		return found{}, 0
	}
	d, ok := r.feastDay(what)
	if !ok {
		return found{bad: "which holidays? Say a date"}, j + n - i
	}
	return r.good(d), j + n - i
}

// feastDay is the day after the next such feast; false where it isn't clear which one is meant.
func (r *dateReader) feastDay(what string) (desk.Date, bool) {
	next := func(day func(year int) desk.Date) desk.Date {
		d := day(r.today.Year)
		if !d.After(r.today) {
			d = day(r.today.Year + 1)
		}
		return d
	}
	easter := func(days int) desk.Date { return next(func(y int) desk.Date { return easterSunday(y).AddDays(days) }) }
	newYear := next(func(y int) desk.Date { return desk.Date{Year: y, Month: time.January, Day: 2} })
	switch what {
	case "easter":
		return easter(2), true
	case "whitsun":
		return easter(51), true
	case "christmas":
		return next(func(y int) desk.Date { return desk.Date{Year: y, Month: time.December, Day: 27} }), true
	case "newyear":
		return newYear, true
	case "summer":
		return next(func(y int) desk.Date { return desk.Date{Year: y, Month: time.September, Day: 1} }), true
	}
	switch m, e := r.today.Month, easter(2); { // the holidays: those that are next
	case m >= time.November || m == time.January && r.today.Day < 2:
		return newYear, true
	case e.DaysSince(r.today) <= 30:
		return e, true
	case m >= time.June && m <= time.August:
		return desk.Date{Year: r.today.Year, Month: time.September, Day: 1}, true
	}
	return desk.Date{}, false
}

// easterSunday is the Sunday of Easter of the western churches (the anonymous Gregorian algorithm).
func easterSunday(year int) desk.Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	month := (h + l - 7*m + 114) / 31
	return desk.Date{Year: year, Month: time.Month(month), Day: (h+l-7*m+114)%31 + 1}
}
