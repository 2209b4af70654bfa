// Package phone compares telephone numbers and writes them as links, however people spell them.
package phone

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// leastDigits is how many digits a number has at least that is compared with others: fewer are an extension, which many share.
const leastDigits = 7

// Same reports whether two spellings can be of one number. A country code or a trunk's zero that only one of them has doesn't part
// them, since people leave both out.
func Same(a, b string) bool {
	if len(a) > longest || len(b) > longest {
		return false
	}
	x := digits(a)
	if len(x) < leastDigits {
		return false
	}
	y := digits(b)
	if len(y) < leastDigits {
		return false
	}
	if strings.TrimLeft(x, "0") == strings.TrimLeft(y, "0") { // also where neither has a country code
		return true
	}
	switch phonenumbers.IsNumberMatch(international(a), international(b)) {
	case phonenumbers.EXACT_MATCH, phonenumbers.NSN_MATCH, phonenumbers.SHORT_NSN_MATCH:
		return true
	}
	return false
}

// digits are the digits of a text, in order.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// directRE is the German word for an extension, which the library doesn't know.
var directRE = regexp.MustCompile(`(?i)\bdurchwahl\b:?`)

// longest is how many bytes of a number are read; a longer one is none.
const longest = 80

// URI is a number as a link's address (RFC 3966). Without a country code it is what is dialled within the country; "" if nothing can
// be dialled.
func URI(number string) string {
	if len(number) > longest {
		return ""
	}
	number = directRE.ReplaceAllString(strings.TrimSpace(number), "ext. ")
	if n, err := phonenumbers.Parse(international(number), ""); err == nil {
		uri := "tel:" + phonenumbers.Format(n, phonenumbers.E164)
		if ext := n.GetExtension(); ext != "" {
			uri += ";ext=" + ext
		}
		return uri
	}
	main, ext := splitExtension(number)
	if digits(main) == "" {
		return ""
	}
	return "tel:" + digits(main) + ext
}

// extensionRE is how an extension is written.
var extensionRE = regexp.MustCompile(`(?i)\s*(?:;ext=|\bext(?:ension)?\b\.?|\bx|#)\s*:?(\d{1,6})\s*$`)

func splitExtension(number string) (main, ext string) {
	m := extensionRE.FindStringSubmatchIndex(number)
	if m == nil {
		return number, ""
	}
	return number[:m[0]], ";ext=" + number[m[2]:m[3]]
}

// international writes the prefix for calls abroad of most countries as a plus sign.
func international(number string) string {
	number = strings.TrimSpace(number)
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		return "+" + rest
	}
	return number
}
