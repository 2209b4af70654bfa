package prose

// Unwrapping: a plain part that its program broke into lines, beside an HTML part that has them whole.

import "strings"

// mostWrapped is into how many lines one may have been broken.
const mostWrapped = 8

// Unwrap is plain with the lines joined again that are one line of whole, the same text's rendering from HTML.
func Unwrap(plain, whole string) string {
	lines := map[string]bool{}
	for _, l := range strings.Split(whole, "\n") {
		if l = oneSpace(l); l != "" {
			lines[l] = true
		}
	}
	parts := strings.Split(strings.ReplaceAll(plain, "\r\n", "\n"), "\n")
	var out []string
	for i := 0; i < len(parts); i++ {
		joined := oneSpace(parts[i])
		last := i
		if !lines[joined] && joined != "" {
			for j := i + 1; j < min(i+mostWrapped, len(parts)) && strings.TrimSpace(parts[j]) != ""; j++ {
				if joined += " " + oneSpace(parts[j]); lines[joined] {
					last = j
					break
				}
			}
		}
		if last > i {
			out = append(out, joined)
			i = last
			continue
		}
		out = append(out, parts[i])
	}
	return strings.Join(out, "\n")
}
