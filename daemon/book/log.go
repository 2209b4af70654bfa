package book

import (
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Applier applies commands in a transaction.
type Applier struct {
	Tx      *store.Tx
	Env     desk.Env
	Planner *Planner
	Source  string
	Naming  bool      // an unknown address is meant as it is, and makes a contact
	At      time.Time // when it happened; zero for now
	Touched []string  // IDs of the touches added by the last command

	Marks    []string       // set by the last command
	Merged   string         // ID of the contact that it merged in
	Order    int            // number of the job order that the last command opened or changed
	OrderWas *desk.JobOrder // as it was before, nil for a new one

	OrdersWas []desk.JobOrder // further ones that it changed, as they were

	R            *Runner // whose letters and sequences count
	Call         string  // UID of the further call that was spoken of
	Letter       string  // ID of the letter that the last command was about
	LetterWas    *desk.Outgoing
	Interview    string // ID of the interview that it made or changed
	InterviewWas *desk.Interview
	Enrolled     string              // ID of the enrolment that it made
	Ended        []*desk.Interview   // interviews that it ended, as they were
	Written      []string            // IDs of the letters that it wrote
	Leads        []string            // IDs of the contacts that it made of leads
	LeadsWas     []desk.MovedContact // contacts known before that became leads
	Handed       *desk.HandOver      // what it handed over
	Withdrawn    []*desk.Outgoing    // letters that it took back, as they were
	Stopped      []*desk.Enrolment   // sequences that it ended, as they were
	Light        string              // key of the company whose light it spoke of
	LightWas     *desk.LightWord     // what was said of it before
	Placement    string              // ID of the placement that it made or changed
	PlacementWas *desk.Placement
}

// When is when what is told was written.
func (a *Applier) When() time.Time {
	if a.At.IsZero() || a.At.After(a.Env.Now) {
		return a.Env.Now.UTC()
	}
	return a.At.UTC()
}
