package desk

import (
	"slices"
	"strings"
	"time"
)

// SameName reports whether a display name, in whatever order and with whatever behind it, or else the address, is a person's.
func SameName(name, shown, addr string) bool {
	want := strings.Fields(FoldWords(name))
	for _, have := range []string{CleanName(shown), strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(strings.SplitN(addr, "@", 2)[0])} {
		words := strings.Fields(FoldWords(have))
		if len(words) >= len(want) && !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(words, w) }) {
			return true
		}
	}
	return false
}

// AboutCandidate reports whether a mail's subject names the candidate.
func AboutCandidate(t *Touch, c *Contact) bool {
	name := strings.TrimSpace(FoldWords(c.Name))
	return strings.Contains(name, " ") && strings.Contains(FoldWords(t.Subject), " "+name+" ")
}

// ClientSide reports whether a contact stands on the client's side.
func ClientSide(c *Contact) bool {
	return c.Has(RoleDecisionMaker) || c.Has(RoleClient) || c.Has(RoleHR) || c.Has(RoleAssistant)
}

// Reachable reports whether one of a client's people decides, and can be called or written to.
func Reachable(people []*Contact) bool {
	for _, c := range people {
		if c.Has(RoleDecisionMaker) && c.Callable() && (c.Phone != "" || c.Email() != "") {
			return true
		}
	}
	return false
}

// Stamp is an instant as listings write it, "" for none.
func Stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

// Handle is how a contact is named in listings: the address, or the name without one.
func Handle(c *Contact) string {
	if e := c.Email(); e != "" {
		return e
	}
	return c.DisplayName()
}

// LateCount is how many open callbacks found no room up to their due day.
func LateCount(open []*Callback) int {
	n := 0
	for _, cb := range open {
		if cb.Late {
			n++
		}
	}
	return n
}
