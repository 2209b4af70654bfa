package prose

import (
	"os"
	"strings"
	"testing"
)

// TestReplies reads testdata/replies.txt: cases of lines that begin with what they are: b the sender's own,
// g a greeting and name (either way is right), q a quote or its attribution, s a signature's.
func TestReplies(t *testing.T) {
	data, err := os.ReadFile("testdata/replies.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range strings.Split("\n"+string(data), "\n=== ")[1:] {
		name, lines, _ := strings.Cut(c, "\n")
		t.Run(name, func(t *testing.T) {
			var mail []string
			want := map[string]byte{}
			for line := range strings.Lines(lines) {
				kind, text, _ := strings.Cut(strings.TrimRight(line, "\n"), "|")
				mail = append(mail, text)
				if text = strings.TrimSpace(text); kind != "" && text != "" {
					want[text] = kind[0]
				}
			}
			got := "\n" + ReplyText(strings.Join(mail, "\n")) + "\n"
			for text, kind := range want {
				kept := strings.Contains(got, "\n"+text+"\n") || strings.Contains(got, text)
				if kind == 'b' && !kept {
					t.Errorf("lost %q", text)
				}
				if (kind == 'q' || kind == 's') && kept {
					t.Errorf("kept %q", text)
				}
			}
		})
	}
}

// TestHTMLReplies reads testdata/replies.html.txt: a name, a mail's HTML on one line, and what its sender wrote anew.
func TestHTMLReplies(t *testing.T) {
	data, err := os.ReadFile("testdata/replies.html.txt")
	if err != nil {
		t.Fatal(err)
	}
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, c := range strings.Split("\n"+string(data), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(c, "\n")
		html, want, _ := strings.Cut(rest, "\n---\n")
		t.Run(name, func(t *testing.T) {
			if got := HTMLReplyText(html); words(got) != words(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
