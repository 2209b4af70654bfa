package words

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed *.txt
var wordFiles embed.FS

// lexicon is how people write commands and dates in one or more languages: by kind, phrases
// in normal form and what they stand for.
type lexicon struct {
	kinds map[string]map[string]string
	most  map[string]int // words in a kind's longest phrase
}

var loadWords = sync.OnceValue(func() map[string]*lexicon {
	out := map[string]*lexicon{}
	files, _ := wordFiles.ReadDir(".")
	for _, f := range files {
		data, err := wordFiles.ReadFile(f.Name())
		if err == nil {
			var lx *lexicon
			if lx, err = parseWords(string(data)); err == nil {
				out[strings.TrimSuffix(f.Name(), ".txt")] = lx
				continue
			}
		}
		panic("words/" + f.Name() + ": " + err.Error()) // built in: a test reads it
	}
	return out
})

// Languages are those whose words are known.
func Languages() []string {
	var out []string
	for l := range loadWords() {
		if l != "en" { // always
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return out
}

func parseWords(data string) (*lexicon, error) {
	lx := &lexicon{kinds: map[string]map[string]string{}, most: map[string]int{}}
	for n, line := range strings.Split(data, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head, phrases, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("line %d: no colon", n+1)
		}
		kind, value, _ := strings.Cut(strings.TrimSpace(head), " ")
		for _, p := range strings.Split(phrases, "|") {
			if p = normPhrase(p); p != "" {
				lx.add(kind, p, value)
			}
		}
	}
	return lx, nil
}

func (lx *lexicon) add(kind, phrase, value string) {
	if lx.kinds[kind] == nil {
		lx.kinds[kind] = map[string]string{}
	}
	if _, ok := lx.kinds[kind][phrase]; !ok {
		lx.kinds[kind][phrase] = value
	}
	lx.most[kind] = max(lx.most[kind], strings.Count(phrase, " ")+1)
}

// wordsOf is English with the languages asked for behind it: where two disagree, the
// earlier one wins.
func wordsOf(languages []string) *lexicon {
	all := loadWords()
	if len(languages) == 0 || len(languages) == 1 && languages[0] == "en" {
		return all["en"]
	}
	lx := &lexicon{kinds: map[string]map[string]string{}, most: map[string]int{}}
	for _, l := range append([]string{"en"}, languages...) {
		if src := all[l]; src != nil {
			for kind, m := range src.kinds {
				for p, v := range m {
					lx.add(kind, p, v)
				}
			}
		}
	}
	return lx
}

// normPhrase folds a phrase to the form in which tokens are compared.
func normPhrase(s string) string {
	var words []string
	for _, t := range tokenize(s) {
		words = append(words, t.norm)
	}
	return strings.Join(words, " ")
}

// at finds the longest phrase of the kind at token i, and how many tokens it has.
func (lx *lexicon) at(kind string, ts []token, i int) (value string, n int) {
	phrases := lx.kinds[kind]
	for n = min(lx.most[kind], len(ts)-i); n > 0; n-- {
		key := ts[i].norm
		for _, t := range ts[i+1 : i+n] {
			key += " " + t.norm
		}
		if v, ok := phrases[key]; ok {
			return v, n
		}
	}
	return "", 0
}

func (lx *lexicon) is(kind string, ts []token, i int) bool {
	if i < 0 || i >= len(ts) {
		return false
	}
	_, n := lx.at(kind, ts, i)
	return n > 0
}
