package prose

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fifthcall/mailbox/message"
)

// benchMail is the mail that the benchmarks understand: the corpora's, or else the project's own cases.
func benchMail(b *testing.B) (names []string, raws [][]byte) {
	b.Helper()
	dir := os.Getenv("FIFTHCALL_CORPORA")
	if dir == "" {
		dir = "../../../shared/corpora"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.eml"))
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		names, raws = append(names, filepath.Base(f)), append(raws, raw)
	}
	if len(raws) == 0 {
		for _, c := range ownCases {
			names, raws = append(names, c.name), append(raws, []byte(c.raw))
		}
	}
	return names, raws
}

func nobody(string) bool { return false }

// BenchmarkHeaderOnly is what a first sync does to each message.
func BenchmarkHeaderOnly(b *testing.B) {
	_, raws := benchMail(b)
	n := 0
	for b.Loop() {
		for _, raw := range raws {
			h, _ := message.ParseHeader(raw)
			ClassifyHeader(message.ReadHeader(h, time.Time{}, 0), nobody)
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkFull is what explain and the intake of live mail do; it logs the slowest five.
func BenchmarkFull(b *testing.B) {
	names, raws := benchMail(b)
	took := make([]time.Duration, len(raws))
	n := 0
	for b.Loop() {
		for i, raw := range raws {
			began := time.Now()
			understand(raw)
			took[i] = time.Since(began)
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
	order := make([]int, len(raws))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return int(took[y] - took[x]) })
	for _, i := range order[:min(5, len(order))] {
		b.Logf("%8.2f ms %8d bytes %s", float64(took[i].Microseconds())/1000, len(raws[i]), names[i])
	}
}

func understand(raw []byte) {
	p := message.ParsePart(raw)
	m := message.ReadHeader(p.Header, time.Time{}, int64(len(raw)))
	m.Class, m.Why = Classify(m, p, nobody)
	text, kind := p.Readable()
	if kind == "html" {
		HTMLReplyText(p.HTML().Text())
	} else {
		ReplyText(text)
	}
	switch m.Class {
	case message.ClassBounce:
		ReadBounce(p)
	case message.ClassAutoReply:
		ReadAutoReply(m, text)
	}
}

// BenchmarkReplyTextOfMarks is the worst that quotes can be: 750 kB of quote marks.
func BenchmarkReplyTextOfMarks(b *testing.B) {
	s := make([]byte, 750_000)
	for i := range s {
		s[i] = '>'
	}
	for b.Loop() {
		ReplyText(string(s))
	}
}
