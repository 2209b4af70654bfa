// Package daemon puts the parts together: it opens the state, runs a desk for each recruiter (book.Runner), and wires mailboxes, calendars
// and the page to the doors that serve them (wiring.go, daemon.go). What the clock asks for is a list (round.go, daily.go).
//
// Every subcommand is an operation of the Daemon (control.go), run in this process or, through the Unix socket in the state folder, in the
// daemon that holds the store. The demonstration is here, too (demo.go).
package daemon
