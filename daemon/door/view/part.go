package view

import (
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// Part is the part of a listing that is asked for; its zero value is all of it.
type Part struct {
	Limit int    `json:"limit"` // entries at most, 0 for all
	Since string `json:"since"` // the first day, in the desk's zone, "" for the first there is
}

// from is the instant from which entries are listed, zero for all; a date that is none is the recruiter's mistake.
func (p Part) from(r *book.Runner) (time.Time, error) {
	if p.Limit < 0 {
		return time.Time{}, desk.Usage("--limit %d: say how many, such as 50", p.Limit)
	}
	if p.Since == "" {
		return time.Time{}, nil
	}
	day, err := desk.ParseDate(p.Since)
	if err != nil {
		return time.Time{}, desk.Usage("--since %s: %q is no date like 2026-03-02", p.Since, p.Since)
	}
	return day.At(0, 0, r.Current().Zone), nil
}

// full reports whether so many entries are enough.
func (p Part) full(n int) bool { return p.Limit > 0 && n >= p.Limit }
