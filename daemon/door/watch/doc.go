// Package watch keeps an eye on the mailbox: logins and tokens, what is read and when, trouble and who is told of it.
package watch
