// Package calendar knows calendars, and no recruiting words: working hours and their slots
// (hours.go), holidays by region (holidays.go), busy times (busy.go), what is read of others'
// objects (decode.go, zone.go, invitation.go), what a client of a calendar server stores
// (resource.go) and asks for (filter.go), and the feed that calendar programs subscribe to
// (event.go, feed.go, fold.go), with the rules of a zone (vtimezone.go).
//
// The encoder is go-ical behind a rune-safe folding writer; stored stamps, not the clock, go
// into the events, so that the same events always give the same bytes. Reading is the package's
// own, lenient and bounded.
package calendar
