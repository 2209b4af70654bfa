// Package agenda shows the desk in calendars: feeds, invitations to self, publishing elsewhere, and what other
// calendars keep busy.
package agenda
