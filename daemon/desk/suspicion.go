package desk

import (
	"time"
)

// Suspicion is a mail that claimed to command.
type Suspicion struct {
	Seen               time.Time
	From, Subject, Why string
}
