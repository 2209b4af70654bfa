package desk

import (
	"encoding/json"
	"time"
)

// Change is what one command did, and how it is taken back.
type Change struct {
	Line    string  `json:"line"`
	Verb    string  `json:"verb"`
	Item    int     `json:"item,omitempty"`    // number in the mail answered
	Contact string  `json:"contact,omitempty"` // whom it was about
	Who     string  `json:"who,omitempty"`     // and the name
	Fresh   bool    `json:"fresh,omitempty"`   // the contact was made for the command, before it
	Order   int     `json:"order,omitempty"`   // number of a job order opened or changed
	Images  []Image `json:"images,omitempty"`  // every record that it wrote
	Undone  bool    `json:"undone,omitempty"`
}

// Image is a record before and behind a command.
type Image struct {
	Key  string `json:"key"`            // its kind and name
	Had  bool   `json:"had,omitempty"`  // it was there before
	Has  bool   `json:"has,omitempty"`  // and is there behind
	Was  []byte `json:"was,omitempty"`  // what it held
	Left []byte `json:"left,omitempty"` // and holds
}

// Reply is what one mail did.
type Reply struct {
	Identity string    `json:"identity"`
	Time     time.Time `json:"time"`
	Lines    string    `json:"lines,omitempty"` // the commands as they were read: the same ones sent again at once are one answer
	Changes  []Change  `json:"changes"`
}

// CopyContact copies a contact deeply.
func CopyContact(c *Contact) (*Contact, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	out := new(Contact)
	return out, json.Unmarshal(b, out)
}
