package desk

import (
	"strings"
)

// CauseOrder is the kind of cause of calls that a late step of a job order asks for.
const CauseOrder = "order"

// Placements hold what follows from an accepted offer: the care of both sides, the guarantee, and the fee at risk.

const (
	// CausePlacement is the kind of what a placement causes.
	CausePlacement = "placement"
)

// CauseID is the ID within a cause.
func CauseID(cause string) string {
	_, id, _ := ReadCause(cause)
	return id
}

// FirstWord is a text's first word.
func FirstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// SameClient reports whether the interviews are all with one client.
func SameClient(ivs []*Interview) bool {
	for _, iv := range ivs {
		if iv.Client != ivs[0].Client || !strings.EqualFold(iv.Company, ivs[0].Company) {
			return false
		}
	}
	return true
}

// TurnCause is the cause of letters that follow a turn of events.
const TurnCause = "turn"

// TurnStep names a letter or call of a turn: it belongs to an interview, or to none that is known.
func TurnStep(iv *Interview, name string) string {
	if iv == nil {
		return "-." + name
	}
	return iv.ID + "." + name
}
