package book

import (
	"fmt"
	"sync"
	"time"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/store"
)

// CollectionObject is an object of a collection: the bytes in which a client wrote it, or in which it was first shown.
type CollectionObject struct {
	Name     string    `json:"name"`
	UID      string    `json:"uid"`
	Shows    string    `json:"shows,omitempty"` // key of what it shows; "" for an event that belongs to nobody yet
	Data     []byte    `json:"data,omitempty"`  // nil once it is gone
	Print    string    `json:"print,omitempty"` // of the event that Data was last held against
	Change   uint64    `json:"change"`
	Modified time.Time `json:"modified"`
	Deleted  *Deletion `json:"deleted,omitempty"` // by a client, and not applied yet

	Shown  []string  `json:"shown,omitempty"` // the last texts that were shown before the one in Data: a client may put them back
	Heard  []string  `json:"heard,omitempty"` // lines of a client's that were understood, by day
	Sent   string    `json:"sent,omitempty"`  // hash of what a client put last
	SentAt time.Time `json:"sent_at,omitzero"`
}

// KeptTexts is how many texts shown before are remembered.
const KeptTexts = 3

// Deletion is what a client deleted, until it is known that it was meant.
type Deletion struct {
	Time  time.Time `json:"time"`
	Data  []byte    `json:"data"`
	Basis string    `json:"basis"` // of what it showed: if that changes, the deletion is overtaken
}

// CollectionHead is what is kept of a collection beside its objects.
type CollectionHead struct {
	Change uint64                         `json:"change"`
	Oldest uint64                         `json:"oldest"`
	Epoch  string                         `json:"epoch"`
	Dead   map[string]caldav.DeadProperty `json:"dead,omitempty"`
}

// Shown is an event that a collection shows.
type Shown struct {
	Key   string // what it is, such as a callback's UID
	Basis string // what it stands on: it changes when somebody says something of it, not when it only gives way or rolls on
	Event calendar.Event
}

// CollectionState is a collection at one version of the desk's state. It isn't changed once it is made.
type CollectionState struct {
	Version string
	Head    CollectionHead
	Objects map[string]*CollectionObject // by name; neither they are changed
	View    *caldav.Collection
}

// collectionCache holds the latest state of each collection.
type collectionCache struct {
	mu   sync.Mutex
	last map[string]*CollectionState
}

// Get is the remembered state of a calendar, nil if it isn't known.
func (c *collectionCache) Get(coll string) *CollectionState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[coll]
}

// Put remembers the state of a calendar; nil forgets it.
func (c *collectionCache) Put(coll string, st *CollectionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.last = map[string]*CollectionState{}
	}
	c.last[coll] = st
}

// CollectionVersion names what a collection shows; texts tell of days, so a new day is a new version.
func (r *Runner) CollectionVersion(now time.Time) (string, error) {
	v := uint64(0)
	err := r.State.View(func(tx *store.Tx) (err error) {
		v, err = tx.Version()
		return err
	})
	return r.VersionName(v, now), err
}

// VersionName names a version of a calendar on a day.
func (r *Runner) VersionName(v uint64, now time.Time) string {
	zone := r.Current().Zone
	return fmt.Sprintf("%d/%s/%s", v, now.In(zone).Format(time.DateOnly), zone)
}
