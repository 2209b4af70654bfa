package book

import (
	"sync"

	"fifthcall/daemon/desk"
)

// What desks know of each other: whose a client is, and for a lead the figures of all. Never what was said, or mails' subjects.

// Shared is what other desks may know of this one, at one version of its state.
type Shared struct {
	Mu      sync.Mutex
	Claimed string                // the version of claims
	Claims  map[string]desk.Claim // by company key: by name, and by each domain
	Version string                // of all below
	Figures map[string]float64    // of this month
	Red     []string              // companies
	Late    int                   // orders
}
