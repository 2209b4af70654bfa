package desk

// MassFew is from how many deletions on it is a burst if they are a large part.
const MassFew = 5 // from so many on it is much if it is

// MassPart is how large a part of all that is, in percent.
const MassPart = 30 // percent of all,

// MassMany is from how many deletions on it is a burst in any case.
const MassMany = 20 // and from so many on in any case

// HeldDeletions are deletions that were not applied: keys of what was shown.
type HeldDeletions struct {
	Coll string   `json:"coll"`
	Keys []string `json:"keys"`
}
