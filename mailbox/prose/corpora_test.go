package prose

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"fifthcall/mailbox/message"
)

// corpora is the folder of shared mail with expected results; tests skip where it is absent.
func corpora(t *testing.T, task string) string {
	t.Helper()
	dir := os.Getenv("FIFTHCALL_CORPORA")
	if dir == "" {
		dir = "../../../shared/corpora"
	}
	dir = filepath.Join(dir, task)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the corpora are not here: ", err)
	}
	return dir
}

// squeeze drops white space and invisible marks, as the corpora's scoring says.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r == 0xfeff {
			return -1
		}
		return r
	}, s)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// tally is one row of the table that the corpus tests print.
type tally struct {
	cases, right, lost, own, quote int
	wrong                          []string
}

func (c *tally) print(t *testing.T, name string, floor float64) {
	t.Helper()
	pct := 100 * float64(c.right) / float64(max(1, c.cases))
	t.Logf("%-24s %4d cases, %5.1f %% right, lost %d of %d own lines, kept %d quoted", name, c.cases, pct, c.lost, c.own, c.quote)
	if os.Getenv("FIFTHCALL_WRONG") != "" {
		t.Log(strings.Join(c.wrong, "\n"))
	}
	if pct < floor {
		t.Errorf("%s: %.1f %%, floor %.1f %%", name, pct, floor)
	}
}

func TestCorpusReply(t *testing.T) {
	dir := corpora(t, "reply")
	for _, sub := range []struct {
		dir   string
		floor float64
	}{{"", 92}, {"signature", 82}} {
		var c tally
		files, _ := filepath.Glob(filepath.Join(dir, sub.dir, "*.txt"))
		for _, f := range files {
			scoreReply(t, &c, f)
		}
		c.print(t, "reply "+sub.dir, sub.floor)
	}
}

func scoreReply(t *testing.T, c *tally, f string) {
	t.Helper()
	lab, err := os.ReadFile(strings.TrimSuffix(f, ".txt") + ".lab")
	if err != nil {
		return
	}
	text := strings.ReplaceAll(readFile(t, f), "\r\n", "\n")
	lines := strings.Split(text, "\n")
	labels := strings.TrimSpace(strings.ReplaceAll(string(lab), "\n", ""))
	got := squeeze(ReplyText(text))
	want := func(kinds string) string {
		var b strings.Builder
		for i, l := range lines {
			if i < len(labels) && strings.IndexByte(kinds, labels[i]) >= 0 {
				b.WriteString(l)
			}
		}
		return squeeze(b.String())
	}
	c.cases++
	ok := false
	for _, kinds := range []string{"b", "bg", "bo", "bgo"} {
		ok = ok || got == want(kinds)
	}
	if ok {
		c.right++
	} else {
		c.wrong = append(c.wrong, f)
	}
	for i, l := range lines {
		if i >= len(labels) || squeeze(l) == "" {
			continue
		}
		switch has := strings.Contains(got, squeeze(l)); {
		case labels[i] == 'b':
			c.own++
			if !has {
				c.lost++
				c.wrong = append(c.wrong, fmt.Sprintf("  lost %s:%d: %s", filepath.Base(f), i+1, l))
			}
		case labels[i] == 'q' && has && len(squeeze(l)) > 8, labels[i] == 's' && has && len(squeeze(l)) > 8:
			c.quote++
			if !ok {
				c.wrong = append(c.wrong, fmt.Sprintf("  kept %s:%d: %s", filepath.Base(f), i+1, l))
			}
		}
	}
}

func TestCorpusReplyHTML(t *testing.T) {
	dir := corpora(t, "reply/html")
	files, _ := filepath.Glob(filepath.Join(dir, "*.html"))
	var c tally
	for _, f := range files {
		c.cases++
		if squeeze(HTMLReplyText(readFile(t, f))) == squeeze(readFile(t, strings.TrimSuffix(f, ".html")+".expected")) {
			c.right++
		} else {
			c.wrong = append(c.wrong, f)
		}
	}
	c.print(t, "reply HTML", 87)
}

func TestCorpusMIME(t *testing.T) {
	dir := corpora(t, "mime")
	files, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
	fields := map[string]*tally{"subject": {}, "from": {}, "date": {}, "msgid": {}, "text_nows": {}}
	for _, f := range files {
		var want map[string]any
		if json.Unmarshal([]byte(readFile(t, strings.TrimSuffix(f, ".eml")+".json")), &want) != nil {
			continue
		}
		p := message.ParsePart([]byte(readFile(t, f)))
		got := map[string]any{"subject": message.DecodeWords(p.Header.Get("Subject")), "from": allFrom(p.Header), "msgid": message.FirstID(p.Header.Get("Message-ID"))}
		if d, ok := message.ParseDate(p.Header.Get("Date")); ok {
			got["date"] = float64(d.Unix())
		}
		if tp := p.PlainText(); tp != nil {
			got["text_nows"] = squeeze(tp.Text())
		}
		for name, c := range fields {
			w, ok := want[name]
			if !ok {
				continue
			}
			c.cases++
			g := got[name]
			if ws, isText := w.(string); isText {
				gs, _ := g.(string)
				w, g = squeeze(ws), squeeze(gs)
			}
			if w == g || replacedCharset(w, g) {
				c.right++
			} else {
				c.wrong = append(c.wrong, fmt.Sprintf("%s %s:\n got %.120v\nwant %.120v", filepath.Base(f), name, g, w))
			}
		}
	}
	for name, floor := range map[string]float64{"subject": 98, "from": 98, "date": 98, "msgid": 98, "text_nows": 94} {
		fields[name].print(t, "MIME "+name, floor)
	}
}

// replacedCharset reports whether want differs only by replacement characters, which the
// corpus's parsers put where 8-bit text has no charset and ours guesses one.
func replacedCharset(want, got any) bool {
	ws, ok1 := want.(string)
	gs, ok2 := got.(string)
	if !ok1 || !ok2 || !strings.ContainsRune(ws, '\uFFFD') {
		return false
	}
	w, g := []rune(ws), []rune(gs)
	if len(w) != len(g) {
		return false
	}
	for i := range w {
		if w[i] != g[i] && w[i] != '\uFFFD' {
			return false
		}
	}
	return true
}

func allFrom(h message.Header) string {
	var out []string
	for _, v := range h.All("From") {
		for _, a := range message.ParseAddresses(v) {
			out = append(out, strings.ToLower(a.Addr))
		}
	}
	return strings.Join(out, "|")
}

func TestCorpusClass(t *testing.T) {
	dir := corpora(t, "class")
	manifest := readFile(t, filepath.Join(filepath.Dir(dir), "MANIFEST.tsv"))
	rows := map[string]*tally{}
	for _, line := range strings.Split(manifest, "\n") {
		f := strings.Split(line, "\t")
		if len(f) < 3 || f[1] != "class" {
			continue
		}
		want := f[2]
		if rows[want] == nil {
			rows[want] = &tally{}
		}
		c := rows[want]
		p := message.ParsePart([]byte(readFile(t, filepath.Join(filepath.Dir(dir), f[0]))))
		m := message.ReadHeader(p.Header, time.Time{}, 0)
		got, why := Classify(m, p, func(string) bool { return false })
		c.cases++
		if string(got) == want {
			c.right++
		} else {
			c.wrong = append(c.wrong, fmt.Sprintf("%s: %s, want %s: %s; %s", filepath.Base(f[0]), got, want, m.From.Addr, strings.Join(why, ", ")))
		}
	}
	for name, floor := range map[string]float64{"human": 98, "list": 97, "bulk": 90, "automated": 82} {
		rows[name].print(t, "class "+name, floor)
	}
}

func TestCorpusBounce(t *testing.T) {
	dir := corpora(t, "bounce")
	files, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
	var addrs, hard, not tally
	for _, f := range files {
		var want struct {
			Class      string
			Recipients []struct {
				Addr string
				Hard *bool
			}
		}
		if err := json.Unmarshal([]byte(readFile(t, strings.TrimSuffix(f, ".eml")+".json")), &want); err != nil {
			t.Fatal(err)
		}
		b, ok := ReadBounce(message.ParsePart([]byte(readFile(t, f))))
		name := filepath.Base(f)
		switch want.Class {
		case "delivered", "not-bounce":
			not.cases++
			if !ok {
				not.right++
			} else {
				not.wrong = append(not.wrong, name)
			}
			continue
		case "bounce":
		default:
			continue
		}
		got, exp := map[string]string{}, map[string]bool{}
		for _, r := range b.All() {
			got[r.Recipient] = r.Kind
		}
		same := true
		for _, r := range want.Recipients {
			a := strings.ToLower(r.Addr)
			exp[a] = true
			kind, found := got[a]
			same = same && found
			if r.Hard == nil || !found {
				continue
			}
			hard.cases++
			if (kind == BounceHard) == *r.Hard {
				hard.right++
			} else {
				hard.wrong = append(hard.wrong, fmt.Sprintf("%s: %s, want hard=%v: %+v", name, kind, *r.Hard, b.Failed))
			}
		}
		addrs.cases++
		if same && len(got) == len(exp) {
			addrs.right++
		} else {
			addrs.wrong = append(addrs.wrong, fmt.Sprintf("%s: got %v want %v", name, got, exp))
		}
	}
	addrs.print(t, "bounce recipients", 94)
	hard.print(t, "bounce hard/soft", 93) // the corpus takes some unknown users and dead domains behind vague codes for soft
	not.print(t, "no bounce", 0)
}

func TestCorpusAutoReply(t *testing.T) {
	dir := corpora(t, "autoreply")
	files, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
	var kinds, dates, none tally
	for _, f := range files {
		var want struct{ Kind, Return, Sense string }
		if err := json.Unmarshal([]byte(readFile(t, strings.TrimSuffix(f, ".eml")+".json")), &want); err != nil {
			t.Fatal(err)
		}
		p := message.ParsePart([]byte(readFile(t, f)))
		m := message.ReadHeader(p.Header, time.Time{}, 0)
		class, _ := Classify(m, p, func(string) bool { return false })
		text, _ := p.Readable()
		a := AutoReply{Kind: "human"}
		if class == message.ClassAutoReply {
			a = ReadAutoReply(m, text)
		}
		name := filepath.Base(f)
		kinds.score(map[string]string{"ooo": "away"}[want.Kind] == a.Kind || want.Kind == a.Kind, "%s: %s (%s), want %s", name, a.Kind, class, want.Kind)
		got := ""
		if !a.Date.IsZero() {
			got = a.Date.Format(time.DateOnly)
		}
		if want.Return == "" {
			none.score(got == "", "%s: invented %s", name, got)
		} else {
			dates.score(got == want.Return && strings.HasPrefix(want.Sense, a.Sense), "%s: %s %s, want %s %s: %s", name, got, a.Sense, want.Return, want.Sense, text)
		}
	}
	kinds.print(t, "auto-reply kind", 97)
	dates.print(t, "auto-reply date", 92)
	none.print(t, "auto-reply without date", 100)
}

// score counts a case; what tells of it where it is wrong.
func (c *tally) score(right bool, what string, args ...any) {
	c.cases++
	if right {
		c.right++
	} else {
		c.wrong = append(c.wrong, fmt.Sprintf(what, args...))
	}
}
