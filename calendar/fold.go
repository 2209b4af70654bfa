package calendar

import (
	"bytes"
	"unicode/utf8"
)

// foldLines breaks lines over 75 octets (RFC 5545, 3.1), never inside a character.
func foldLines(in []byte) []byte {
	out := make([]byte, 0, len(in)+len(in)/50)
	for len(in) > 0 {
		line, rest, _ := bytes.Cut(in, []byte("\r\n"))
		in = rest
		room := 75
		for len(line) > room {
			n := room
			for n > 0 && !utf8.RuneStart(line[n]) {
				n--
			}
			if n == 0 {
				n = room // not UTF-8: any place will do
			}
			out = append(out, line[:n]...)
			out = append(out, "\r\n "...)
			line = line[n:]
			room = 74 // the blank counts
		}
		out = append(out, line...)
		out = append(out, "\r\n"...)
	}
	return out
}
