package desk

import (
	"cmp"
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

	marks []mark // of what turns a company's light, in order
}

// mark is a conversation, or something of ours that went out: small, since the lights of all months look at all of them.
type mark struct {
	at    int64 // Unix time in milliseconds
	spoke bool
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
		if spoke := t.Kind == KindConversation; spoke || t.Direction == Out && t.Outcome != OutcomeUndelivered {
			h.marks = append(h.marks, mark{t.Time.UnixMilli(), spoke})
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

// stirred are the first conversation and the latest of ours that went out, of those at from or later and not after to; zero for none.
func (h *History) stirred(from, to int64) (spoke, touched int64) {
	if n := len(h.marks); n == 0 || h.marks[n-1].at < from || h.marks[0].at > to {
		return 0, 0
	}
	i, _ := slices.BinarySearchFunc(h.marks, from, func(m mark, at int64) int { return cmp.Compare(m.at, at) })
	for ; i < len(h.marks) && h.marks[i].at <= to; i++ {
		if h.marks[i].spoke {
			return h.marks[i].at, touched
		}
		touched = h.marks[i].at
	}
	return 0, touched
}

// From are the touches at or after an instant.
func (h *History) From(at time.Time) []Touch {
	i, _ := slices.BinarySearchFunc(h.Touches, at, func(t Touch, at time.Time) int { return t.Time.Compare(at) })
	return h.Touches[i:]
}
