package caldav

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// Login knows who may see which calendars.
type Login interface {
	// SignIn finds the calendars that a name and password open: ErrSignIn for none, ErrTooOften if
	// that was tried too often from there, ErrBusy if too many try at once.
	SignIn(ctx context.Context, user, password, from string) (Calendars, error)
}

// Calendars are one user's collections.
type Calendars interface {
	// Collections are all of them, in order.
	Collections(ctx context.Context) ([]*Collection, error)
	// Write stores, changes or deletes an object; or properties of a collection.
	Write(ctx context.Context, collection string, w Write) (Written, error)
}

// What SignIn and Write answer when they refuse.
var (
	ErrSignIn       = errors.New("the name or the password is wrong")
	ErrTooOften     = errors.New("too many wrong passwords")
	ErrBusy         = errors.New("too many sign-ins at once")
	ErrPrecondition = errors.New("the object is not what the request expects") // If-Match, If-None-Match
	ErrNotFound     = errors.New("no such object")
	ErrReadOnly     = errors.New("this can't be changed here")
)

// UIDConflictError is Write's answer when another object has the event's UID already.
type UIDConflictError struct{ Name string }

func (e *UIDConflictError) Error() string { return "object " + e.Name + " has this UID already" }

// InvalidError is Write's answer to an object that can't be stored; Err is one of package calendar's errors.
type InvalidError struct{ Err error }

func (e *InvalidError) Error() string { return e.Err.Error() }
func (e *InvalidError) Unwrap() error { return e.Err }

// Collection is a calendar as it was at one time.
type Collection struct {
	Name        string // in the path
	DisplayName string
	Description string
	Color       string         // #RRGGBB
	Order       int            // among the user's calendars
	Zone        *time.Location // in which floating times are meant
	Change      uint64         // of its latest change
	Oldest      uint64         // the earliest change from which deletions are still known
	Epoch       string         // sync tokens of another one mean nothing
	Objects     []*Object      // by name; deleted ones, too
	Dead        map[string]DeadProperty
}

// DeadProperty is a property of a collection that a client set.
type DeadProperty struct {
	Space, Name string
	XML         string // its content
}

// Object is one object of a collection.
type Object struct {
	Name     string // in the path
	UID      string
	Data     []byte // nil if it was deleted
	ETag     string // with its quotes
	Modified time.Time
	Change   uint64
}

// Write is what a client wants to change.
type Write struct {
	Name      string // of the object; "" for the collection itself
	Data      []byte // nil deletes
	IfMatch   []string
	IfNoMatch []string // ETags, or "*"
	Set       map[string]DeadProperty
	Remove    []string // keys of dead properties
}

// Written is what came of it.
type Written struct {
	Made bool
	ETag string // only if what is stored are the very bytes sent
}

// object is the collection's object of the name, nil if there is none.
func (c *Collection) object(name string) *Object {
	i, ok := slices.BinarySearchFunc(c.Objects, name, func(o *Object, n string) int { return cmp.Compare(o.Name, n) })
	if !ok || c.Objects[i].Data == nil {
		return nil
	}
	return c.Objects[i]
}

// after are the objects that changed after since, by change; with deltas the deleted ones, too. With a limit the earliest
// ones only, and upTo is the change up to which they go.
func (c *Collection) after(since uint64, deltas bool, limit int) (list []*Object, upTo uint64) {
	for _, o := range c.Objects {
		if o.Change > since && (o.Data != nil || deltas) {
			list = append(list, o)
		}
	}
	if limit <= 0 || len(list) <= limit {
		return list, c.Change
	}
	slices.SortFunc(list, func(a, b *Object) int { return cmp.Or(cmp.Compare(a.Change, b.Change), cmp.Compare(a.Name, b.Name)) })
	n := limit
	for n < len(list) && (list[n].Change == list[n-1].Change || list[n-1].Change < c.Oldest) { // changes are whole, and their token must be good
		n++
	}
	if n == len(list) {
		return list, c.Change
	}
	return list[:n], list[n-1].Change
}
