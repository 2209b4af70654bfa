package prose

// What somebody wrote stays, whatever it looks like: the corpora with lines put in between their own.

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ownLooks are things that people write which look like something else.
var ownLooks = []struct{ name, text string }{
	{"ruler", "----------------------------------------\nExperience\n2019-2026 Quill Ltd, staff engineer\nI led a team of six.\n----------------------------------------"},
	{"short ruler", "---\nOne more thing: the notice period is a month.\n---"},
	{"stars", "**********\nMy questions are these.\n**********"},
	{"dates", "Slots for Amara\n12/03/26 10:00-11:00\n13/03/26 14:00\nThose two suit her best."},
	{"link", "See my CV\nhttps://cv.example/amara\nIt is up to date."},
	{"amounts", "Salary expectation\n80 000 - 90 000\nThat is negotiable."},
	{"number", "Call me there\n+44 20 7946 0012\nI pick up until six."},
	{"two words", "Sounds good\nCount me in for that one."},
	{"saying", "As my old boss wrote:\nthat is how it went with them."},
	{"from to", "From Leeds to York it takes me 40 minutes.\nTo be honest I would rather not."},
	{"list", "- first I would meet the team\n- then I would talk money\n1. Tuesday at 10\n2. Friday at 3"},
	{"confidential", "This is confidential, so I would ask you not to pass it on to my boss."},
	{"unsubscribe", "I did not mean to unsubscribe from your letters, I enjoy them."},
	{"thanks", "Thanks\nI will look at it tonight and tell you."},
	{"table", "| Name | Years |\n| Java | 6 |\nThat is the short version."},
	{"german", "Mit dem Umzug ist es so:\nich kann erst ab dem 1. Juni anfangen."},
	{"sent from", "I sent from my side what was asked for, so it is their turn now."},
	{"question", "Date: 4 May or 11 May?\nTo me both are fine."},
	{"arrow", "Leeds -> York -> Hull is my way to work, it takes me an hour."},
	{"name", "Jane Miller\nis the person you should talk to about that, I think."},
}

// TestOwnLinesStay puts each of them behind the greeting and behind every other own line of the corpus, and sees that all of it stays.
func TestOwnLinesStay(t *testing.T) {
	dir := corpora(t, "reply")
	files, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
	lost, put := map[string]int{}, 0
	for n, f := range files {
		lab, err := os.ReadFile(strings.TrimSuffix(f, ".txt") + ".lab")
		if err != nil {
			continue
		}
		text, labels := readFile(t, f), strings.TrimSpace(strings.ReplaceAll(string(lab), "\n", ""))
		lines := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
		own := ownBetween(lines, labels)
		for k, look := range ownLooks {
			if len(own) < 2 || false {
				continue
			}
			at := own[(n+k)%(len(own)-1)] + 1
			mutated := strings.Join(lines[:at], "\n") + "\n\n" + look.text + "\n\n" + strings.Join(lines[at:], "\n")
			kept := squeeze(ReplyText(mutated))
			for _, l := range strings.Split(look.text, "\n") {
				if s := squeeze(l); strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz0123456789") {
					if put++; !strings.Contains(kept, s) {
						lost[look.name]++
						t.Logf("%s: %s: lost %q", filepath.Base(f), look.name, l)
					}
				}
			}
		}
	}
	all := 0
	for _, n := range lost {
		all += n
	}
	t.Logf("%d of %d lines lost: %v", all, put, lost)
	if 1000*all > 5*put {
		t.Error("more than 0.5 %")
	}
}

// ownBetween are the own lines above the first quote that own lines stand below of.
func ownBetween(lines []string, labels string) (out []int) {
	for i := range lines {
		if i >= len(labels) || labels[i] == 'q' {
			break
		}
		if labels[i] == 'b' && strings.TrimSpace(lines[i]) != "" {
			out = append(out, i)
		}
	}
	return out
}
