// Package command does what the recruiter says, whichever door it came through: each command runs behind a savepoint,
// so that what is asked back has changed nothing; what it did is noted in a journal, and undo takes it back as far as
// nothing changed since. What has left has left, and is told. Its nouns are the command, its result, the journal, the
// change. It decides nothing about calls, letters or orders: that is work's.
package command
