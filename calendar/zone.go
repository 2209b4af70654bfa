package calendar

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	_ "time/tzdata" // machines without zone data, Windows above all
)

//go:embed winzones.txt
var winZonesText string

var winZones = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, line := range strings.Split(winZonesText, "\n") {
		if name, iana, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			m[strings.ToLower(name)] = iana
		}
	}
	return m
})

// namedZone finds the zone that a TZID names: an IANA name in any case, also behind a vendor's prefix
// ("/vendor/2011/Europe/London"), a Windows name, also with the number that Outlook puts behind one that it has twice, or an offset.
func namedZone(tzid string) *time.Location {
	name := strings.Trim(strings.TrimSpace(tzid), `"`)
	if name == "" || len(name) > 200 {
		return nil
	}
	if loc := plainZone(name); loc != nil {
		return loc
	}
	if m := countedRE.FindStringSubmatch(name); m != nil {
		return plainZone(m[1])
	}
	return offsetZone(name)
}

// countedRE is a zone's name with a number behind it.
var countedRE = regexp.MustCompile(`^(.*\pL[.)]?)\s?(?:\d{1,2}|\(\d{1,2}\)|#\d{1,2})$`)

// offsetRE is an offset from Greenwich as a zone's name.
var offsetRE = regexp.MustCompile(`(?i)^(?:utc|gmt)?\s?([+-])(\d{1,2})(?::?(\d{2}))?$`)

// offsetZone reads "UTC+01:00", "-0530" and "Z".
func offsetZone(name string) *time.Location {
	if strings.EqualFold(name, "Z") || strings.EqualFold(name, "UTC") || strings.EqualFold(name, "GMT") {
		return time.UTC
	}
	m := offsetRE.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	h, _ := strconv.Atoi(m[2])
	mi, _ := strconv.Atoi(m[3])
	if h > 14 || mi > 59 {
		return nil
	}
	offset := h*3600 + mi*60
	if m[1] == "-" {
		offset = -offset
	}
	return time.FixedZone(name, offset)
}

// plainZone finds the zone of an IANA or a Windows name.
func plainZone(name string) *time.Location {
	if iana, ok := winZones()[strings.ToLower(name)]; ok {
		name = iana
	}
	if loc := loadZone(name); loc != nil {
		return loc
	}
	parts := strings.Split(strings.TrimSuffix(name, "/"), "/")
	for n := 3; n >= 2; n-- {
		if len(parts) >= n {
			if loc := loadZone(strings.Join(parts[len(parts)-n:], "/")); loc != nil {
				return loc
			}
		}
	}
	return nil
}

func loadZone(name string) *time.Location {
	if name == "" || name == "Local" || strings.Contains(name, "..") {
		return nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil && strings.ContainsRune(name, ' ') {
		loc, err = time.LoadLocation(strings.ReplaceAll(name, " ", "_"))
	}
	if err != nil && strings.ContainsRune(name, '/') {
		loc, err = time.LoadLocation(zoneCase(name))
	}
	if err != nil {
		return nil
	}
	return loc
}

// zoneCase is an IANA name as it is spelt: each word of it begins with a capital.
func zoneCase(name string) string {
	up := true
	return strings.Map(func(c rune) rune {
		was := up
		up = c == '/' || c == '_' || c == '-' || c == ' '
		if was {
			return unicode.ToUpper(c)
		}
		return unicode.ToLower(c)
	}, name)
}

var displayRE = regexp.MustCompile(`^\((?:UTC|GMT)\s?(?:([+-])(\d{1,2}):?(\d{2})?)?\)\s*(.*)$`)

// displayZone finds the zone meant by a display name such as "(UTC+01:00) Amsterdam,
// Berlin, Rome": that of the first city known, if it stands at the offset told in winter.
// Without an offset ("Pacific Time (US & Canada)", "Amsterdam") the name has to do.
func displayZone(tzid string) *time.Location {
	if len(tzid) > 200 {
		return nil
	}
	m := displayRE.FindStringSubmatch(strings.TrimSpace(tzid))
	told := m != nil
	if !told {
		m = []string{"", "", "", "", strings.TrimSpace(tzid)}
	}
	h, _ := strconv.Atoi(m[2])
	mi, _ := strconv.Atoi(m[3])
	offset := h*3600 + mi*60
	if m[1] == "-" {
		offset = -offset
	}
	for _, place := range strings.SplitN(m[4], ",", 8) {
		place = strings.ReplaceAll(strings.TrimSpace(place), " ", "_")
		for _, region := range []string{"Europe/", "America/", "Asia/", "Australia/", "Africa/", "Pacific/", "Atlantic/"} {
			if loc := loadZone(region + place); loc != nil && place != "" {
				if _, o := time.Date(2026, 1, 10, 0, 0, 0, 0, loc).Zone(); o == offset || !told {
					return loc
				}
			}
		}
	}
	name := strings.ToLower(m[4])
	for words, iana := range map[string]string{
		"pacific time": "America/Los_Angeles", "mountain time": "America/Denver", "central time": "America/Chicago", "eastern time": "America/New_York", "atlantic time": "America/Halifax",
	} {
		if strings.HasPrefix(name, words) {
			return loadZone(iana)
		}
	}
	return nil
}

// ruleZone is a VTIMEZONE (RFC 5545, 3.6.5).
type ruleZone struct {
	name     string
	observes []observance
}

// observance is a STANDARD or DAYLIGHT block: from each onset on, an offset holds.
type observance struct {
	start      time.Time // local, kept as UTC
	from, to   int       // seconds east of UTC
	yearly     bool
	month      time.Month
	weekday    time.Weekday
	nth        int // 1 to 5, or -1 to -5; 0 where monthday counts
	monthday   int // the weekday on or after it, if byDay
	byDay      bool
	until      time.Time
	extraDates []time.Time
}

func readZone(c *component) *ruleZone {
	z := &ruleZone{name: c.prop("TZID").value}
	for _, sub := range c.parts {
		if sub.name != "STANDARD" && sub.name != "DAYLIGHT" || len(z.observes) >= 500 {
			continue
		}
		o := observance{}
		var ok1, ok2, ok3 bool
		o.from, ok1 = readOffset(sub.prop("TZOFFSETFROM").value)
		o.to, ok2 = readOffset(sub.prop("TZOFFSETTO").value)
		if !ok1 {
			o.from = o.to
		}
		o.start, ok3 = readLocal(sub.prop("DTSTART").value)
		if !ok2 || !ok3 {
			continue
		}
		o.readRule(sub.prop("RRULE").value)
		for _, p := range sub.props {
			if p.name == "RDATE" {
				for _, v := range strings.Split(p.value, ",") {
					if t, ok := readLocal(v); ok && len(o.extraDates) < 500 {
						o.extraDates = append(o.extraDates, t)
					}
				}
			}
		}
		z.observes = append(z.observes, o)
	}
	if len(z.observes) == 0 {
		return nil
	}
	return z
}

// readOffset reads "+0100" or "-053000".
func readOffset(s string) (int, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ":", "")
	if len(s) < 3 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	n, err := strconv.Atoi(s[1:])
	if err != nil || len(s) > 7 {
		return 0, false
	}
	var secs int
	switch {
	case len(s) <= 3:
		secs = n * 3600
	case len(s) <= 5:
		secs = n/100*3600 + n%100*60
	default:
		secs = n/10000*3600 + n/100%100*60 + n%100
	}
	if s[0] == '-' {
		secs = -secs
	}
	return secs, secs > -24*3600 && secs < 24*3600
}

var weekdayCodes = map[string]time.Weekday{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}

// readRule reads a yearly rule; others are taken as the first onset alone.
func (o *observance) readRule(rule string) {
	o.month, o.monthday = o.start.Month(), o.start.Day()
	for _, kv := range strings.Split(strings.ToUpper(rule), ";") {
		k, v, _ := strings.Cut(kv, "=")
		switch k {
		case "FREQ":
			o.yearly = v == "YEARLY"
		case "BYMONTH":
			if n, err := strconv.Atoi(v); err == nil && n >= 1 && n <= 12 {
				o.month = time.Month(n)
			}
		case "BYDAY":
			if len(v) >= 2 {
				wd, ok := weekdayCodes[v[len(v)-2:]]
				o.weekday, o.byDay = wd, ok
				o.nth, _ = strconv.Atoi(v[:len(v)-2])
			}
		case "BYMONTHDAY":
			first, _, _ := strings.Cut(v, ",")
			if n, err := strconv.Atoi(first); err == nil && n >= 1 && n <= 31 {
				o.monthday = n
			}
		case "UNTIL":
			o.until, _ = readLocal(v)
		}
	}
}

// onset is the local time at which the observance begins in the year.
func (o *observance) onset(year int) time.Time {
	h, m, s := o.start.Clock()
	at := func(day int) time.Time { return time.Date(year, o.month, day, h, m, s, 0, time.UTC) }
	switch {
	case !o.byDay:
		return at(o.monthday)
	case o.nth > 0:
		first := at(1)
		return first.AddDate(0, 0, (int(o.weekday)-int(first.Weekday())+7)%7+7*(o.nth-1))
	case o.nth < 0:
		last := time.Date(year, o.month+1, 0, h, m, s, 0, time.UTC)
		return last.AddDate(0, 0, -(int(last.Weekday())-int(o.weekday)+7)%7+7*(o.nth+1))
	}
	from := at(o.monthday)
	return from.AddDate(0, 0, (int(o.weekday)-int(from.Weekday())+7)%7)
}

// last is the latest onset not after the local time t, which is told in the observance's
// own old offset; ok is false if there is none.
func (o *observance) last(t time.Time) (best time.Time, ok bool) {
	try := func(c time.Time) {
		if !c.After(t) && !c.Before(o.start) && (o.until.IsZero() || !c.After(o.until.Add(24*time.Hour))) && (!ok || c.After(best)) {
			best, ok = c, true
		}
	}
	try(o.start)
	if o.yearly {
		try(o.onset(t.Year()))
		try(o.onset(t.Year() - 1))
		if !o.until.IsZero() {
			try(o.onset(o.until.Year()))
			try(o.onset(o.until.Year() - 1))
		}
	}
	for _, d := range o.extraDates {
		try(d)
	}
	return best, ok
}

// at is the instant of a local time.
func (z *ruleZone) at(local time.Time) time.Time {
	var best time.Time
	offset, found := 0, false
	for i := range z.observes {
		o := &z.observes[i]
		if t, ok := o.last(local); ok && (!found || t.After(best)) {
			best, offset, found = t, o.to, true
		}
	}
	if !found { // before all onsets
		first := z.observes[0]
		for _, o := range z.observes[1:] {
			if o.start.Before(first.start) {
				first = o
			}
		}
		offset = first.from
	}
	return local.Add(-time.Duration(offset) * time.Second).In(time.FixedZone(z.name, offset))
}
