// Package intake takes in mail: commands, invitations, notices, folders as verbs; all of a message's effects in one
// transaction with the folder's cursor.
package intake
