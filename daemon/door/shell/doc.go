// Package shell is what the command line needs of a running daemon, or of none: the socket's client, doctor, explain,
// parse.
package shell
