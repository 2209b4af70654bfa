package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"fifthcall/mailbox"
)

// progress shows how a first run goes: one line that is rewritten in a terminal, a plain
// line now and then elsewhere. Short readings show nothing.
type progress struct {
	out      *os.File
	terminal bool

	mu    sync.Mutex
	began map[string]time.Time
	first map[string]int
	last  time.Time
}

func newProgress(out *os.File) *progress {
	return &progress{out: out, terminal: term.IsTerminal(int(out.Fd())), began: map[string]time.Time{}, first: map[string]int{}}
}

func (p *progress) show(desk string, m mailbox.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := desk + "\x00" + m.Folder
	now := time.Now()
	if _, ok := p.began[key]; !ok {
		p.began[key], p.first[key] = now, m.Done
	}
	end := m.Done >= m.Total
	every := 10 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if m.Total < 500 || !end && now.Sub(p.last) < every {
		return
	}
	p.last = now
	line := fmt.Sprintf("%s: %s: %d of %d messages", desk, m.Folder, m.Done, m.Total)
	if spent := now.Sub(p.began[key]).Seconds(); spent > 0.5 {
		rate := float64(m.Done-p.first[key]) / spent
		line += fmt.Sprintf(", %.0f a second", rate)
		if rate > 0 && !end {
			line += ", " + (time.Duration(float64(m.Total-m.Done)/rate) * time.Second).String() + " left"
		}
	}
	switch {
	case !p.terminal:
		fmt.Fprintln(p.out, line)
	case end:
		fmt.Fprintf(p.out, "\r\x1b[K%s\n", line)
	default:
		fmt.Fprintf(p.out, "\r\x1b[K%s", line)
	}
}
