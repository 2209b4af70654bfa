package book

// Result says what came of one command.
type Result struct {
	Ref     string `json:"ref"`
	Verb    string `json:"verb"`
	Contact string `json:"contact"` // address or name
	Next    string `json:"next"`    // the callback's slot, RFC 3339, "" for none
	Note    string `json:"note"`
	Said    string `json:"said"` // in a sentence
}
