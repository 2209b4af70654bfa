package calendar

import "time"

// Event is one VEVENT of a feed. All times are instants; text fields may hold anything.
type Event struct {
	UID         string
	Sequence    int
	Start, End  time.Time
	Created     time.Time
	Modified    time.Time // DTSTAMP and LAST-MODIFIED: stored, never the time of rendering
	Summary     string
	Description string
	Location    string
	URL         string
	Categories  []string
	Cancelled   bool
	Alarm       time.Duration // before the start; 0 for none

	Organizer Party   // of an invitation
	Attendees []Party // with their Status, "" for not answered yet
}

// FeedInfo names a feed.
type FeedInfo struct {
	ProdID      string
	Name        string
	Description string
	Zone        string         // IANA name, shown by programs
	Local       *time.Location // times are written in this zone, with its VTIMEZONE; nil for UTC
	Color       string         // CSS name (RFC 7986, 5.9)
}

// Limits of a feed: Google refuses more than 1 MB.
const (
	FeedEvents = 1000
	FeedBytes  = 1 << 20
	FeedPast   = 30 * 24 * time.Hour
	FeedAhead  = 180 * 24 * time.Hour
)
