// Package caldav serves calendars that write back (RFC 4791), and writes to those of others.
//
// The server (server.go, and one file for each kind of request) is a small handler of its own over
// whoever implements Login and Calendars. It keeps what a client wrote as the client wrote it, and
// knows sync-collection (RFC 6578), ctags and conditional requests. The client (client.go) writes
// into somebody's collection and never over what a person changed there.
package caldav
