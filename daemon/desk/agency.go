package desk

import (
	"strings"
	"time"
)

// Claim is what makes a client a desk's.
type Claim struct {
	Desk  string
	Spoke time.Time // the last conversation with anybody there
	Order bool      // an order of theirs is open
}

// OwnerOf is the desk to which a client belongs: one that has an order of theirs open, else the one that spoke to its people last, within so many
// days. "" for nobody's. Of several with an order it is the one that spoke last.
func OwnerOf(now time.Time, days int, claims []Claim) string {
	var best Claim
	for _, c := range claims {
		if !c.Order && (c.Spoke.IsZero() || now.Sub(c.Spoke) > time.Duration(days)*24*time.Hour) {
			continue
		}
		switch {
		case best.Desk == "", c.Order && !best.Order:
			best = c
		case c.Order == best.Order && (c.Spoke.After(best.Spoke) || c.Spoke.Equal(best.Spoke) && c.Desk < best.Desk):
			best = c
		}
	}
	return best.Desk
}

// privateMark begins a note that stays on its desk.
const privateMark = "private"

// Private reports whether a note was marked as the desk's own.
func Private(note string) bool {
	return strings.HasPrefix(strings.TrimLeft(lower(note), "([ "), privateMark)
}
