package desk

import (
	"strings"
)

// Likeness is the share of the letter's words that are in the other text.
func Likeness(letter, text string) float64 {
	have := map[string]bool{}
	for _, w := range strings.Fields(strings.ToLower(text)) {
		have[w] = true
	}
	words := strings.Fields(strings.ToLower(letter))
	n := 0
	for _, w := range words {
		if have[w] {
			n++
		}
	}
	return float64(n) / float64(max(1, len(words)))
}
