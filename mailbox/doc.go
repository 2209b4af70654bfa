// Package mailbox watches a mailbox and understands mail: it knows IMAP, SMTP, MIME and
// what messages are, and no recruiting words.
//
//   - Reading mail: a lenient header and address reader (header.go, words.go, address.go,
//     date.go, charset.go), a message's identity and thread (message.go) and its class with
//     the evidence (class.go).
//   - Watching: an Account is a login (account.go, conn.go, session.go). A Watcher reads its
//     folders, Sent first, in batches of header fields (sync.go, fetch.go), and then waits
//     for what comes (watch.go). It hands batches to a Sink, which commits their effects
//     together with the folder's cursor; the Watcher itself keeps nothing.
//
// What servers and libraries get wrong is handled here: a message that kills the
// connection is found by halving the batch and quarantined, a silent server runs into a
// deadline, a changed UIDVALIDITY reads the folder again.
package mailbox
