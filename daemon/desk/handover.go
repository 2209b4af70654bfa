package desk

import (
	"time"
)

// A hand-over gives a person, or a job order with its client, to a colleague's desk: she gets a mail with the thread, the history and a callback; he
// keeps his own. Two desks never share a transaction: it is written down here, taken in there under its ID, then crossed off here.

// HandOver is one on its way; one without a contact is only told.
type HandOver struct {
	ID      string    `json:"id"`
	To      string    `json:"to"` // the desk's name
	From    string    `json:"from"`
	Time    time.Time `json:"time"`
	Contact *Contact  `json:"contact"`
	Touches []Touch   `json:"touches"`
	Order   *JobOrder `json:"order,omitempty"`
	Note    string    `json:"note"`

	Submitted []string  `json:"submitted,omitempty"` // who was, in words
	Step      string    `json:"step,omitempty"`      // of a playbook, to be done by the other desk
	Due       time.Time `json:"due,omitzero"`        // by when
	Ends      string    `json:"ends,omitempty"`      // ID of one that is over: taken back, or its order has ended
}
