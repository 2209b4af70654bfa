package message

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var dateRE = regexp.MustCompile(`(?i)(\d{1,2})[ \t-]*([a-z]{3,9})\.?[ \t-]*,?[ \t]*(\d{2,4})(?:[ \t,T]+(?:at )?(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:\.\d+)?[ \t]*([ap]m)?)?[ \t]*(?:\(?([-+]\d{2}:?\d{2}|[-+]\d{1,4}|[a-z]{1,5}))?`)

var dateUSRE = regexp.MustCompile(`(?i)([a-z]{3,9})\.?[ \t]+(\d{1,2}),?[ \t]+(?:(\d{4})[ \t,]+)?(\d{1,2}):(\d{2})(?::(\d{2}))?[ \t]*([ap]m)?[ \t]*(?:([-+]\d{4}|[a-z]{1,5})[ \t]*)?(?:[ \t,]*(\d{4}))?(?:[ \t]+([-+]\d{4}))?`)

var dateISORE = regexp.MustCompile(`(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?[ \t]*(Z|[-+]\d{2}:?\d{2})?)?`)

var monthNames = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
	"mrz": 3, "mär": 3, "mai": 5, "okt": 10, "dez": 12, "fév": 2, "avr": 4, "juin": 6, "juil": 7, "aoû": 8, "déc": 12,
}

var zoneOffsets = map[string]int{
	"UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
	"BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "MSK": 3, "JST": 9, "IST": 5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "HKT": 8, "SGT": 8,
}

// ParseDate reads a Date field leniently (RFC 5322, 3.3 and 4.3): any order that occurs, two-digit
// years, zones by name, comments, missing weekday, seconds or zone (then UTC). ok is false
// if it holds no date.
func ParseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if t, ok := parseUsualDate(s); ok {
		return t, true
	}
	if len(s) > 200 {
		s = s[:200]
	}
	if m := dateISORE.FindStringSubmatch(s); m != nil {
		mo, _ := strconv.Atoi(m[2])
		return dateParts{m[1], time.Month(mo), m[3], m[4], m[5], m[6], "", m[7]}.date()
	}
	if m := dateRE.FindStringSubmatch(s); m != nil {
		if mo, ok := monthOf(m[2]); ok {
			return dateParts{m[3], mo, m[1], m[4], m[5], m[6], m[7], m[8]}.date()
		}
	}
	if m := dateUSRE.FindStringSubmatch(s); m != nil {
		year, zone := m[3], m[8]
		if year == "" {
			year = m[9]
		}
		if m[10] != "" {
			zone = m[10]
		}
		for _, w := range strings.Fields(strings.ReplaceAll(s, ",", " ")) { // "Mon Jan 2 2006": the weekday matched as month
			if mo, ok := monthOf(w); ok {
				return dateParts{year, mo, m[2], m[4], m[5], m[6], m[7], zone}.date()
			}
		}
	}
	return time.Time{}, false
}

// parseUsualDate is the quick path for "Mon, 2 Jan 2006 15:04:05 -0700", with which nearly all mail comes.
func parseUsualDate(s string) (time.Time, bool) {
	if i := strings.IndexByte(s, '('); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	if i := strings.IndexByte(s, ','); i > 0 && i < 10 {
		s = strings.TrimSpace(s[i+1:])
	}
	for _, layout := range []string{"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04 -0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func monthOf(s string) (time.Month, bool) {
	s = strings.ToLower(s)
	for _, n := range []int{3, 4} {
		if r := []rune(s); len(r) >= n {
			if m, ok := monthNames[string(r[:n])]; ok {
				return m, true
			}
		}
	}
	return 0, false
}

// dateParts are the words of a date.
type dateParts struct {
	year                                  string
	month                                 time.Month
	day, hour, minute, second, ampm, zone string
}

func (p dateParts) date() (time.Time, bool) {
	y, _ := strconv.Atoi(p.year)
	switch {
	case y < 50:
		y += 2000
	case y < 1000:
		y += 1900
	}
	d, _ := strconv.Atoi(p.day)
	h, _ := strconv.Atoi(p.hour)
	mi, _ := strconv.Atoi(p.minute)
	sec, _ := strconv.Atoi(p.second)
	if strings.EqualFold(p.ampm, "pm") && h < 12 {
		h += 12
	}
	if p.month < 1 || p.month > 12 || d < 1 || d > 31 || h > 24 || mi > 59 || sec > 60 {
		return time.Time{}, false
	}
	return time.Date(y, p.month, d, h, mi, sec, 0, parseZone(p.zone)), true
}

func parseZone(s string) *time.Location {
	s = strings.ToUpper(strings.TrimSpace(s))
	if h, ok := zoneOffsets[s]; ok {
		return time.FixedZone(s, h*3600)
	}
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return time.UTC
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return time.UTC
	}
	secs := (n/100*60 + n%100) * 60
	if len(digits) <= 2 {
		secs = n * 3600
	}
	if secs > 18*3600 {
		return time.UTC
	}
	if s[0] == '-' {
		secs = -secs
	}
	return time.FixedZone("", secs)
}
