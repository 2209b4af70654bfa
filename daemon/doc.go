// Package daemon puts the parts together: it reads the configuration (config.go,
// configfile.go, configcheck.go), opens the state, and runs a desk for each recruiter.
//
// A runner (runner.go) is one desk at work: its goroutine applies every decision, one
// transaction each. Its mailbox watcher delivers batches of messages to intake.go, which
// asks package desk what they mean and has package store commit it together with the
// folder's cursor. planner.go keeps callbacks in line with the log, feed.go renders them,
// trouble.go knows when the mailbox can't be read and tells.
//
// Every subcommand is an operation of the Daemon (control.go), run in this process or,
// through the Unix socket in the state folder, in the daemon that holds the store.
package daemon
