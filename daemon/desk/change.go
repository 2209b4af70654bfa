package desk

import (
	"encoding/json"
	"time"
)

// Change is what one command did, and how it is taken back.
type Change struct {
	Line     string    `json:"line"`
	Verb     string    `json:"verb"`
	Item     int       `json:"item,omitempty"` // number in the mail answered
	Contact  string    `json:"contact,omitempty"`
	Fresh    bool      `json:"fresh,omitempty"`    // the command made the contact
	Before   *Contact  `json:"before,omitempty"`   // the contact as it was
	After    *Contact  `json:"after,omitempty"`    // and as the command left it
	Callback *Callback `json:"callback,omitempty"` // as it was, nil if there was none
	Left     *Callback `json:"left,omitempty"`     // as the command left it
	Others   []Moved   `json:"others,omitempty"`   // callbacks of others that had to give way
	Touches  []string  `json:"touches,omitempty"`
	Marks    []string  `json:"marks,omitempty"`
	Merged   string    `json:"merged,omitempty"` // ID of the contact merged in
	Order    int       `json:"order,omitempty"`  // number of a job order opened or changed
	OrderWas *JobOrder `json:"order_was,omitempty"`
	Undone   bool      `json:"undone,omitempty"`

	OrderLeft  *JobOrder  `json:"order_left,omitempty"`  // as the command left it
	OrdersWas  []JobOrder `json:"orders_was,omitempty"`  // further orders changed, as they were
	OrdersLeft []JobOrder `json:"orders_left,omitempty"` // and as it left them

	Letter       string     `json:"letter,omitempty"` // ID of a letter released or cancelled
	LetterWas    *Outgoing  `json:"letter_was,omitempty"`
	Interview    string     `json:"interview,omitempty"` // ID of an interview made or changed
	InterviewWas *Interview `json:"interview_was,omitempty"`
	Enrolled     string     `json:"enrolled,omitempty"` // ID of an enrolment made

	InterviewLeft *Interview       `json:"interview_left,omitempty"` // as the command left it
	Ended         []MovedInterview `json:"ended,omitempty"`          // interviews that it settled
	Written       []string         `json:"written,omitempty"`        // IDs of letters that it wrote
	Handed        *HandOver        `json:"handed,omitempty"`         // what it handed over
	Leads         []string         `json:"leads,omitempty"`          // IDs of contacts that it made of leads
	Withdrawn     []*Outgoing      `json:"withdrawn,omitempty"`      // letters that it took back, as they were
	Stopped       []*Enrolment     `json:"stopped,omitempty"`        // sequences that it ended, as they were
	Light         string           `json:"light,omitempty"`          // key of a company whose light was spoken of
	LightWas      *LightWord       `json:"light_was,omitempty"`      // what was said of it before
	Placement     string           `json:"placement,omitempty"`      // ID of a placement made or changed
	PlacementWas  *Placement       `json:"placement_was,omitempty"`
	PlacementLeft *Placement       `json:"placement_left,omitempty"` // as the command left it
	LeadsWas      []MovedContact   `json:"leads_was,omitempty"`      // contacts known before that became leads
	Session       *Session         `json:"session,omitempty"`        // of a sales day, as it was
	Calls         []MovedCall      `json:"calls,omitempty"`          // further calls ended, moved or set
}

// MovedInterview is an interview before and behind a command.
type MovedInterview struct {
	Was, Left *Interview
}

// MovedCall is a further call before and behind a command; Was is nil for a new one.
type MovedCall struct {
	Was  *Callback
	Left Callback
}

// Moved is a callback before and behind a command.
type Moved struct {
	Was, Left Callback
}

// Reply is what one mail did.
type Reply struct {
	Identity string    `json:"identity"`
	Time     time.Time `json:"time"`
	Lines    string    `json:"lines,omitempty"` // the commands as they were read: the same ones sent again at once are one answer
	Changes  []Change  `json:"changes"`
}

// MovedContact is a contact before and behind a command.
type MovedContact struct{ Was, Left *Contact }

// CopyContact copies a contact deeply.
func CopyContact(c *Contact) (*Contact, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	out := new(Contact)
	return out, json.Unmarshal(b, out)
}
