package desk

import (
	"testing"
	"time"
)

func TestOwnerOf(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	for want, claims := range map[string][]Claim{
		"":      {{Desk: "sam"}, {Desk: "kim", Spoke: ago(181)}},
		"sam":   {{Desk: "sam", Spoke: ago(2)}, {Desk: "kim", Spoke: ago(3)}},
		"kim":   {{Desk: "sam", Spoke: ago(2)}, {Desk: "kim", Order: true}},
		"lee":   {{Desk: "sam", Order: true, Spoke: ago(200)}, {Desk: "lee", Order: true, Spoke: ago(4)}, {Desk: "kim", Spoke: ago(1)}},
		"early": {{Desk: "later", Spoke: ago(5)}, {Desk: "early", Spoke: ago(5)}},
	} {
		if got := OwnerOf(now, 180, claims); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestPrivate(t *testing.T) {
	for note, want := range map[string]bool{"private: going through a divorce": true, "(Private) x": true, "[private] y": true, "prefers private calls": false, "": false} {
		if Private(note) != want {
			t.Errorf("%q: %v", note, !want)
		}
	}
}
