package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a number or one punctuation mark of a line.
type token struct {
	norm       string // lower case, without apostrophes
	start, end int    // where it stands in the line
	punct      bool
}

const (
	openers = "([{\"'„“‘«*•>#=-–—"
	closers = ".,;:!?)]}\"'”’»…*=-–—"
)

// tokenize cuts a line into tokens. Words joined by a hyphen are two; times, dates, ranges
// and addresses stay whole.
func tokenize(line string) []token {
	var out []token
	i := 0
	for i < len(line) {
		r, n := utf8.DecodeRuneInString(line[i:])
		if unicode.IsSpace(r) {
			i += n
			continue
		}
		j := i
		for j < len(line) {
			r, n := utf8.DecodeRuneInString(line[j:])
			if unicode.IsSpace(r) {
				break
			}
			j += n
		}
		out = append(out, chunkTokens(line, i, j)...)
		i = j
	}
	return out
}

// chunkTokens cuts line[i:j], which holds no blanks.
func chunkTokens(line string, i, j int) []token {
	var head, tail []token
	for i < j {
		r, n := utf8.DecodeRuneInString(line[i:j])
		if !strings.ContainsRune(openers, r) && !strings.ContainsRune(".,;:!?)", r) {
			break
		}
		head = append(head, token{norm: plainMark(r), start: i, end: i + n, punct: true})
		i += n
	}
	for i < j {
		r, n := utf8.DecodeLastRuneInString(line[i:j])
		if !strings.ContainsRune(closers, r) {
			break
		}
		tail = append(tail, token{norm: plainMark(r), start: j - n, end: j, punct: true})
		j -= n
	}
	out := append(head, wordTokens(line, i, j)...)
	for k := len(tail) - 1; k >= 0; k-- {
		out = append(out, tail[k])
	}
	return out
}

// plainMark is a punctuation mark in its plain form.
func plainMark(r rune) string {
	switch r {
	case '–', '—':
		return "-"
	case '…':
		return "."
	}
	return string(r)
}

func wordTokens(line string, i, j int) []token {
	if i >= j {
		return nil
	}
	s := line[i:j]
	if strings.Contains(s, "://") || strings.Contains(s, "@") && strings.Contains(s, ".") {
		return []token{{norm: strings.ToLower(strings.Trim(s, "<>")), start: i, end: j}}
	}
	for k, r := range s {
		if k == 0 || k == len(s)-1 {
			continue
		}
		prev, next := s[k-1], s[min(k+utf8.RuneLen(r), len(s)-1)]
		digits := isDigit(prev) && isDigit(next)
		switch r {
		case ',', '=', '&', ';', '(', ')', '?', '!', '"':
			if r == ',' && digits && thousands(s[k+1:]) {
				continue
			}
		case ':':
			if digits {
				continue
			}
		case '-', '–', '—':
			if digits || isDigit(prev) {
				continue
			}
			if r == '-' { // two words, no mark between them
				return append(wordTokens(line, i, i+k), wordTokens(line, i+k+1, j)...)
			}
		case '.':
			if isDigit(prev) || isDigit(next) || strings.Count(s, ".") > 1 {
				continue
			}
			if !isLetterByte(prev) || !isLetterByte(next) {
				continue
			}
		default:
			continue
		}
		n := utf8.RuneLen(r)
		mark := token{norm: plainMark(r), start: i + k, end: i + k + n, punct: true}
		return append(append(wordTokens(line, i, i+k), mark), wordTokens(line, i+k+n, j)...)
	}
	norm := strings.ToLower(s)
	norm = strings.NewReplacer("'", "", "’", "", "‘", "", "–", "-", "—", "-").Replace(norm)
	if norm == "" {
		return nil
	}
	return []token{{norm: norm, start: i, end: j}}
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isLetterByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80 }

func thousands(s string) bool {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n == 3
}

func isNumber(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}
