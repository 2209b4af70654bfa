package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// Text turns bytes in the named charset ("" to guess) into UTF-8.
func Text(charset string, b []byte) string { return decodeText(charset, b) }

// decodeText turns bytes in the named charset into UTF-8. An unknown or missing name, or
// one that the bytes contradict, is guessed. It never fails.
func decodeText(label string, b []byte) string {
	label = strings.Trim(strings.ToLower(strings.TrimSpace(label)), `"'`)
	label, _, _ = strings.Cut(label, "*") // RFC 2231, 5: a language may follow
	if ascii(b) && !bytes.ContainsAny(b, "\x1b~+") && !strings.HasPrefix(label, "utf-16") && !strings.HasPrefix(label, "utf-32") {
		return string(b)
	}
	switch label {
	case "", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "default", "8bit", "ansi_x3.4-1968", "binary":
		return guessText(b)
	case "utf-8", "utf8", "unicode-1-1-utf-8", "x-utf-8":
		if utf8.Valid(b) {
			return string(b)
		}
		if mostlyUTF8(b) {
			return strings.ToValidUTF8(string(b), "\uFFFD")
		}
		return guessText(b)
	case "utf-7", "unicode-1-1-utf-7":
		return decodeUTF7(b)
	}
	enc := encodingOf(label)
	if enc == nil {
		return guessText(b)
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return guessText(b)
	}
	return string(out)
}

// encodingOf finds a charset by any of its names; Latin-1 is read as windows-1252, which is
// what senders mean by it.
func encodingOf(label string) encoding.Encoding {
	switch label {
	case "gb2312", "gbk", "gb18030", "x-gbk", "cp936", "gb_2312-80", "hz-gb-2312":
		if label == "hz-gb-2312" {
			return simplifiedchinese.HZGB2312
		}
		return simplifiedchinese.GB18030
	case "ks_c_5601-1987", "ksc5601", "cp949", "uhc", "ks_c_5601", "x-windows-949":
		return korean.EUCKR
	case "shift_jis", "x-sjis", "cp932", "windows-31j", "shift-jis", "sjis":
		return japanese.ShiftJIS
	case "iso-2022-jp-2", "iso-2022-jp-ms", "iso-2022-jp-1", "iso-2022-jp-3":
		return japanese.ISO2022JP
	case "cp1252", "latin1", "latin-1", "iso8859-1", "iso-8859-1", "iso_8859-1", "8859-1", "ansi", "windows-1252":
		return charmap.Windows1252
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "macintosh", "mac", "x-mac-roman":
		return charmap.Macintosh
	}
	if strings.HasPrefix(label, "cp") && len(label) == 6 {
		label = "windows-" + label[2:]
	}
	if e, err := htmlindex.Get(label); err == nil && e != nil && e != encoding.Replacement {
		return e
	}
	if e, err := ianaindex.MIME.Encoding(label); err == nil && e != nil {
		return e
	}
	if e, err := ianaindex.IANA.Encoding(label); err == nil && e != nil {
		return e
	}
	if strings.HasPrefix(label, "iso") && !strings.HasPrefix(label, "iso-") {
		return encodingOf("iso-" + strings.TrimLeft(label[3:], "_"))
	}
	return nil
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// mostlyUTF8 reports whether b is UTF-8 but for a few broken bytes, such as a cut at the end.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	return good > 4*bad
}

// guessText decodes bytes whose charset nobody named: by their shape, then by how much the
// result looks like the language that the charset is used for.
func guessText(b []byte) string {
	switch {
	case bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(")):
		if out, err := japanese.ISO2022JP.NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	case utf8.Valid(b):
		return string(b)
	case bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")):
		if out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	case mostlyUTF8(b):
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	sample := b[:min(len(b), 8<<10)]
	best, score := encoding.Encoding(charmap.Windows1252), westernScore(sample)
	for _, cand := range []struct {
		enc   encoding.Encoding
		score func([]byte) int
	}{
		{simplifiedchinese.GB18030, func(b []byte) int { return doubleByteScore(b, 0xb0, 0xf7, 0xa1) }},
		{traditionalchinese.Big5, big5Score},
		{japanese.ShiftJIS, shiftJISScore},
		{japanese.EUCJP, eucJPScore},
		{charmap.KOI8R, func(b []byte) int { return cyrillicScore(charmap.KOI8R, b) }},
		{charmap.Windows1251, func(b []byte) int { return cyrillicScore(charmap.Windows1251, b) }},
	} {
		if s := cand.score(sample); s > score {
			best, score = cand.enc, s
		}
	}
	out, err := best.NewDecoder().Bytes(b)
	if err != nil {
		out, _ = charmap.Windows1252.NewDecoder().Bytes(b)
	}
	return string(out)
}

// westernLetters are those that languages in windows-1252 use most.
const westernLetters = "äöüßÄÖÜéèêëàâçîïôûùñóíáúãõåøæœÅØÆÉ¿¡’“”–…€ìòÀÈ"

// westernScore is high where accented letters stand alone, or two by two, among plain ones.
func westernScore(b []byte) int {
	score, run := 10, 0
	for i, c := range b {
		if c < 0x80 {
			run = 0
			continue
		}
		run++
		next := byte(' ')
		if i+1 < len(b) {
			next = b[i+1]
		}
		switch {
		case !strings.ContainsRune(westernLetters, charmap.Windows1252.DecodeByte(c)):
			score -= 15
		case run == 1 && next < 0x80:
			score += 30
		case run <= 2:
			score += 20
		default:
			score -= 10
		}
	}
	return score
}

// doubleByteScore counts pairs in the commonest rows of a two-byte set.
func doubleByteScore(b []byte, lo, hi, trail byte) int {
	score := 0
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		if i+1 >= len(b) {
			break
		}
		if b[i+1] < 0x40 {
			return -1
		}
		switch {
		case b[i] >= lo && b[i] <= hi && b[i+1] >= trail:
			score += 24
			if b[i] <= 0xd7 {
				score += 10
			}
		case b[i] >= 0xa1 && b[i] <= 0xa9 && b[i+1] >= 0xa1:
			score += 15
		default:
			score -= 30
		}
		i++
	}
	return score
}

func big5Score(b []byte) int {
	score := 0
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		if i+1 >= len(b) {
			break
		}
		low := b[i+1]
		switch {
		case b[i] < 0xa1 || b[i] > 0xf9 || low < 0x40 || low > 0x7e && low < 0xa1:
			return -1
		case b[i] >= 0xa4 && b[i] <= 0xc6:
			score += 22
			if low <= 0x7e {
				score += 14
			}
		default:
			score += 5
		}
		i++
	}
	return score
}

func shiftJISScore(b []byte) int {
	score := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80:
		case c >= 0xa1 && c <= 0xdf:
			score += 2
		case i+1 >= len(b):
		case (c >= 0x81 && c <= 0x9f || c >= 0xe0 && c <= 0xfc) && b[i+1] >= 0x40 && b[i+1] != 0x7f:
			score += 12
			if c == 0x82 || c == 0x83 {
				score += 25
			}
			i++
		default:
			return -1
		}
	}
	return score
}

func eucJPScore(b []byte) int {
	score := 0
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		if i+1 >= len(b) {
			break
		}
		if b[i] < 0xa1 || b[i+1] < 0xa1 {
			return -1
		}
		score += 12
		if b[i] == 0xa4 || b[i] == 0xa5 { // kana
			score += 28
		}
		i++
	}
	return score
}

// cyrillicScore is high where the decoded text is words of small Russian letters.
func cyrillicScore(cm *charmap.Charmap, b []byte) int {
	score, run := 0, 0
	for _, c := range b {
		if c < 0x80 {
			run = 0
			continue
		}
		r := cm.DecodeByte(c)
		switch {
		case r >= 'а' && r <= 'я':
			run++
			score += 12
			if run > 2 {
				score += 12
			}
			if strings.ContainsRune("оеаинт", r) {
				score += 6
			}
		case r >= 'А' && r <= 'Я':
			if run > 0 {
				score -= 25 // a capital inside a word
			}
			run++
			score += 8
		default:
			score -= 20
		}
	}
	return score
}

// decodeUTF7 reads RFC 2152.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); {
		if b[i] != '+' {
			out.WriteByte(b[i])
			i++
			continue
		}
		j := i + 1
		for j < len(b) && (b[j] >= 'A' && b[j] <= 'Z' || b[j] >= 'a' && b[j] <= 'z' || b[j] >= '0' && b[j] <= '9' || b[j] == '+' || b[j] == '/') {
			j++
		}
		if j == i+1 {
			out.WriteByte('+')
		} else if raw := decodeBase64(b[i+1 : j]); len(raw) >= 2 {
			text, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Bytes(raw[:len(raw)&^1])
			out.Write(text)
		}
		if j < len(b) && b[j] == '-' {
			j++
		}
		i = j
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD")
}
