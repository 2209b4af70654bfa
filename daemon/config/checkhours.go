package config

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
)

func (h *HoursConfig) week() [7][]string {
	return [7][]string{h.Sunday, h.Monday, h.Tuesday, h.Wednesday, h.Thursday, h.Friday, h.Saturday}
}

func (d *DeskConfig) checkHours(r *Reader, p string) {
	worked := false
	for day, spans := range d.Hours.week() {
		opt := p + ".hours." + strings.ToLower(time.Weekday(day).String())
		last := 0
		for _, s := range spans {
			sp, err := calendar.ParseSpan(s)
			if err != nil {
				r.fail(opt, "%v", err)
				continue
			}
			if sp.From < last {
				r.fail(opt, "spans must be in order and not overlap")
			}
			last = sp.To
			worked = worked || sp.To-sp.From >= int(time.Duration(d.Hours.Slot)/time.Minute)
		}
	}
	if !worked {
		r.fail(p+".hours", "no day has working hours as long as a slot")
	}
	if s := time.Duration(d.Hours.Slot); s < 5*time.Minute || s > 4*time.Hour {
		r.fail(p+".hours.slot", "must lie between \"5m\" and \"4h\"")
	}
	for _, f := range d.Hours.Focus {
		if _, _, err := parseFocus(f); err != nil {
			r.fail(p+".hours.focus", "%v", err)
		}
	}
	for opt, list := range map[string][]string{"holidays": d.Hours.Holidays, "worked": d.Hours.Worked} {
		for _, h := range list {
			if _, _, err := ParseHolidays(h); err != nil {
				r.fail(p+".hours."+opt, "%v", err)
			}
		}
	}
	for _, n := range d.Hours.Regions {
		if known := calendar.Regions(); !slices.Contains(known, n) {
			r.fail(p+".hours.regions", "the public holidays of %q are not known%s; list them under holidays, or take one of %s", n, DidYouMean(n, known), strings.Join(known, " "))
		}
	}
}

// parseFocus reads "09:00-10:00", for every day, or "wed 13:00-15:00".
func parseFocus(s string) (days []time.Weekday, span calendar.Span, err error) {
	day, rest, named := strings.Cut(strings.TrimSpace(strings.ToLower(s)), " ")
	if !named {
		rest = day
	}
	if span, err = calendar.ParseSpan(rest); err != nil {
		return nil, span, fmt.Errorf("%q is not a span like \"09:00-10:00\" or \"wed 13:00-15:00\"", s)
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); !named || day == name || day == name[:3] {
			days = append(days, d)
		}
	}
	if len(days) == 0 {
		return nil, span, fmt.Errorf("%q: %q is no day of the week", s, day)
	}
	return days, span, nil
}

func (d *DeskConfig) checkCalendars(r *Reader, p, base, file string) {
	for opt, list := range map[string][]string{"busy_caldav": d.Calendar.BusyDAV, "publish": {d.Calendar.Publish}} {
		for _, a := range list {
			if u, err := url.Parse(a); a != "" && (err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && d.Calendar.Private)) {
				r.fail(p+".calendar."+opt, "%q is no https address of a CalDAV calendar (its login stands in [desk.calendar.login])", a)
			}
		}
	}
	d.Calendar.Login.check(r, p+".calendar.login", base, file, d.Calendar.Login.Username != "")
	for _, a := range d.Calendar.Busy {
		u, err := url.Parse(a)
		if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && d.Calendar.Private) {
			r.fail(p+".calendar.busy", "one of the addresses is no https address") // it is a secret: not shown
		}
	}
	switch {
	case d.Calendar.Deliver == "feed":
	case d.Calendar.Deliver != desk.DeliverInvite:
		r.fail(p+".calendar.deliver", "%q is neither \"feed\" nor \"invite\"", d.Calendar.Deliver)
	case d.SMTP.Host == "":
		r.fail(p+".calendar.deliver", "\"invite\" needs [desk.smtp], to send the invitations")
	case strings.EqualFold(d.LogAddress, d.Email):
		r.fail(p+".calendar.deliver", "\"invite\" needs a log_address that isn't your own address: calendars don't answer invitations from oneself")
	}
	if d.Calendar.Times != "utc" && d.Calendar.Times != "zone" {
		r.fail(p+".calendar.times", "%q is neither \"utc\" nor \"zone\"", d.Calendar.Times)
	}
	if d.Calendar.Poll < Duration(time.Minute) {
		r.fail(p+".calendar.poll", "must be at least \"1m\"")
	}
}

// mostDaysOff bounds a span of days off: a year.
const mostDaysOff = 366

// ParseHolidays reads a day as parseHoliday does, or a span "2026-08-03..2026-08-14".
func ParseHolidays(s string) (days []desk.Date, yearly bool, err error) {
	from, to, span := strings.Cut(s, "..")
	first, yearly, err := parseHoliday(strings.TrimSpace(from))
	if err != nil || !span {
		return []desk.Date{first}, yearly, err
	}
	last, yearlyToo, err := parseHoliday(strings.TrimSpace(to))
	if err != nil || yearly != yearlyToo || last.Before(first) || last.DaysSince(first) > mostDaysOff {
		return nil, false, fmt.Errorf("%q is not a span of days like \"2026-08-03..2026-08-14\"", s)
	}
	for d := first; !d.After(last); d = d.AddDays(1) {
		days = append(days, d)
	}
	return days, yearly, nil
}

// parseHoliday reads "2026-12-25", or "12-25" for every year.
func parseHoliday(s string) (d desk.Date, yearly bool, err error) {
	if len(s) == 5 {
		if d, err = desk.ParseDate("2024-" + s); err == nil { // a leap year: 02-29 is a day
			return d, true, nil
		}
	} else if d, err = desk.ParseDate(s); err == nil {
		return d, false, nil
	}
	return d, false, fmt.Errorf("%q is not a day like \"2026-12-25\" or \"12-25\"", s)
}

func (d *DeskConfig) checkCycle(r *Reader, p string) {
	for opt, v := range map[string]Duration{"every": d.Cycle.Every, "open_order": d.Cycle.OpenOrder, "past_client": d.Cycle.PastClient, "met": d.Cycle.Met, "not_interested": d.Cycle.NotInterested} {
		if v.Days() < 1 {
			r.fail(p+".cycle."+opt, "must be at least \"1d\"")
		}
	}
	for opt, v := range map[string]int{"first_call": d.Cycle.FirstCall, "spread": d.Cycle.Spread, "left_message": d.Cycle.LeftMessage} {
		if v < 1 || v > 400 {
			r.fail(p+".cycle."+opt, "must lie between 1 and 400 working days")
		}
	}
	for opt, v := range map[string]int{"new_per_week": d.Cycle.NewPerWeek, "base": d.Cycle.Base, "many_tries": d.Cycle.ManyTries} {
		if v < 1 || v > 100_000 {
			r.fail(p+".cycle."+opt, "must lie between 1 and 100000")
		}
	}
	if len(d.Cycle.NoAnswer) == 0 {
		r.fail(p+".cycle.no_answer", "needs at least one number of working days")
	}
	for _, s := range d.Cycle.NoAnswer {
		if n, err := strconv.Atoi(s); err != nil || n < 1 || n > 400 {
			r.fail(p+".cycle.no_answer", "%q is not a number of working days", s)
		}
	}
}
