package book

import (
	"fifthcall/daemon/desk"
)

// tellsCalendars reports whether the recruiter's own calendar is told of what changes in hers here.
func (r *Runner) tellsCalendars() bool {
	return r.Current().Cfg.Calendar.Deliver == desk.DeliverInvite
}
