package book

import (
	"slices"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Busy is when the recruiter is busy by her other calendars.
const Busy store.Single[BusyState] = "busy"

// BusyState is what is known of the subscribed calendars, in the order of the configuration.
type BusyState struct {
	Calendars []BusyCalendar `json:"calendars"`
}

// BusyCalendar is what is known of one. Its address is a secret and not kept.
type BusyCalendar struct {
	ID       string              `json:"id"` // hash of the address
	ETag     string              `json:"etag,omitempty"`
	Modified string              `json:"modified,omitempty"`
	Read     time.Time           `json:"read"`
	Until    time.Time           `json:"until"` // meetings are known up to then
	Busy     []calendar.Interval `json:"busy"`
}

// storedBusy is when the recruiter is busy, as was read last.
func (r *Runner) storedBusy() ([]calendar.Interval, error) {
	var st BusyState
	err := r.State.View(func(tx *store.Tx) (err error) {
		st, err = Busy.Get(tx)
		return err
	})
	return st.All(), err
}

// All is the busy time of every calendar.
func (st *BusyState) All() []calendar.Interval {
	var out []calendar.Interval
	for _, c := range st.Calendars {
		out = append(out, c.Busy...)
	}
	return calendar.Join(out)
}

// Of is what is known of the calendar at an address.
func (st *BusyState) Of(address string) BusyCalendar {
	id := desk.ShortHash(address)
	if i := slices.IndexFunc(st.Calendars, func(x BusyCalendar) bool { return x.ID == id }); i >= 0 {
		return st.Calendars[i]
	}
	return BusyCalendar{ID: id}
}
