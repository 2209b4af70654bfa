// Package collection is the calendar that writes back (CalDAV): moving, noting and closing an event are commands. App
// passwords open it.
package collection
