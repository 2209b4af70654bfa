package phone

import (
	"testing"
)

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"+44 20 7946 0100", "020 7946 0100", true},
		{"+44 (0)20 7946 0100", "0044 20 7946 0100", true},
		{"020 7946 0100", "(020) 79460100", true},
		{"7946 0100", "+44 20 7946 0100", true},
		{"+49 30 901820", "030 901820", true},
		{"+49 30 901820", "+43 30 901820", false},
		{"+44 20 7946 0100", "+44 20 7946 0101", false},
		{"0100", "+44 20 7946 0100", false}, // an extension
		{"", "", false},
		{"call me", "+44 20 7946 0100", false},
		{"1-202-555-0142", "+1 (202) 555-0142", true},
		{"06 12 34 56 78", "+33 6 12 34 56 78", true},
	} {
		if got := Same(c.a, c.b); got != c.same {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
		if got := Same(c.b, c.a); got != c.same {
			t.Errorf("%q and %q: %t", c.b, c.a, got)
		}
	}
}

func TestURI(t *testing.T) {
	for number, want := range map[string]string{
		"+44 20 7946 0100":           "tel:+442079460100",
		"+44 (0)20 7946 0100":        "tel:+442079460100",
		"0044 20 7946 0100":          "tel:+442079460100",
		"+44 20 7946 0100 ext. 12":   "tel:+442079460100;ext=12",
		"+49 30 901820 Durchwahl 15": "tel:+4930901820;ext=15",
		"020 7946 0100":              "tel:02079460100",
		"(202) 555-0142 x7":          "tel:2025550142;ext=7",
		"javascript:alert(1)":        "tel:1",
		"":                           "",
		"<b>":                        "",
	} {
		if got := URI(number); got != want {
			t.Errorf("%q: %q, not %q", number, got, want)
		}
	}
}

func FuzzURI(f *testing.F) {
	f.Add("+44 20 7946 0100 ext. 12")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range URI(s) {
			if !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || r == ':' || r == '+' || r == '-' || r == ';' || r == '=') {
				t.Fatalf("%q holds %q", URI(s), r)
			}
		}
	})
}
