// Package calendar knows calendars, and no recruiting words: working hours and their slots
// (hours.go), holidays by region (holidays.go), and the feed that calendar programs
// subscribe to (event.go, feed.go, fold.go).
//
// The encoder is go-ical behind a rune-safe folding writer; stored stamps, not the clock, go
// into the events, so that the same events always give the same bytes.
package calendar
