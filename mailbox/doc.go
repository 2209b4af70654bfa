// Package mailbox watches a mailbox and submits mail: it knows IMAP and SMTP, and no recruiting words. What messages are is package
// message's, what they say package prose's.
//
// An Account is a login (account.go, conn.go, session.go). A Watcher reads its folders, Sent first, in batches of header fields
// (sync.go, fetch.go), and then waits for what comes (watch.go). It hands batches to a Sink, which commits their effects together with the
// folder's cursor; the Watcher itself keeps nothing. Folders whose names are commands are read by verbs.go, drafts by drafts.go.
//
// What servers and libraries get wrong is handled here: a message that kills the connection is found by halving the batch and
// quarantined, a connection that breaks says nothing about a message, a silent server runs into a deadline, a changed UIDVALIDITY reads
// the folder again.
package mailbox
