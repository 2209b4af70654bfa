package desk

import (
	"slices"
	"time"
)

// History is a contact's touches in order, with what is asked of them over and over. It may be shared: it is not to be changed.
type History struct {
	Touches    []Touch
	FirstSpoke time.Time // the first conversation on this desk, zero for none
	LastSpoke  time.Time // the latest conversation, another desk's included
	LastReply  time.Time // the latest mail of theirs
	Elsewhere  bool      // some of it came with a hand-over
}

// NewHistory is one of touches in order, which it keeps.
func NewHistory(ts []Touch) *History {
	h := &History{Touches: ts}
	for i := range ts {
		t := &ts[i]
		if t.Elsewhere() {
			h.Elsewhere = true
		}
		if t.Kind == KindConversation {
			h.LastSpoke = t.Time
			if h.FirstSpoke.IsZero() && !t.Elsewhere() {
				h.FirstSpoke = t.Time
			}
		}
		if t.Kind == KindReply {
			h.LastReply = t.Time
		}
	}
	return h
}

// Here are the touches of this desk, without those that came with a hand-over.
func (h *History) Here() []Touch {
	if !h.Elsewhere {
		return h.Touches
	}
	return slices.DeleteFunc(slices.Clone(h.Touches), func(t Touch) bool { return t.Elsewhere() })
}

// From are the touches at or after an instant.
func (h *History) From(at time.Time) []Touch {
	i, _ := slices.BinarySearchFunc(h.Touches, at, func(t Touch, at time.Time) int { return t.Time.Compare(at) })
	return h.Touches[i:]
}
