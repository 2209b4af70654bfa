package book

import (
	"sync"
	"time"
)

// publisher keeps the pace of publishing; only its loop touches it, under mu.
type publisher struct {
	Mu     sync.Mutex
	Next   time.Time // no sooner than then
	Failed int       // tries in turn
	Looked time.Time // when the other calendar was looked at last
}
