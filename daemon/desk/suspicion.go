package desk

import (
	"time"
)

// SuspectPrefix begins the records of mails that claimed to command; their identity follows.
const SuspectPrefix = "suspect:"

// Suspicion is a mail that claimed to command.
type Suspicion struct {
	Seen               time.Time
	From, Subject, Why string
}
