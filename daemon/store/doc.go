// Package store keeps the state of desks: keys, codecs, migrations, transactions. The engine below is kv's, Badger for a desk on its own.
//
// Every key begins with the desk's name and a zero byte, so that a desk can be exported or
// erased as a unit; then one letter says what it is:
//
//	c <contact ID>                      a contact, JSON
//	a <address>                         the contact ID that the address belongs to
//	t <contact ID> 0 <touch ID>         a touch, see codec.go; a message's is derived from its
//	                                    identity, so that it is found when the message is read again
//	k <contact ID> 0 <event UID>        a callback, JSON
//	f <folder>                          a folder's cursor
//	w <address>                         an address whose older messages are to be searched
//	q <folder> 0 <UID>                  a message in quarantine
//	n <name>                            a counter
//	s <name>                            a setting or mark, such as the day last rolled
//	m <ID>                              news for the next morning mail, JSON
//	b <address> 0 <Message-ID>          a mail that came back, JSON
//	e <ID>                              an interview, JSON
//	p <event UID>                       a further call, beside a contact's callback, JSON
//	l <contact ID> 0 <ID>               a contact's place in a sequence of letters, JSON
//	y <hash of an address>              why an address is never written to again; outlives its contact
//	r <number>                          a job order, JSON
//	o <ID>                              a mail on its way out, JSON
//	i <ID>                              what the numbers of a mail to the recruiter mean, JSON
//	x <identity>                        a message whose commands were applied
//	j <name>                            a record of the daemon's own, JSON; names of several begin with what they are:
//	                                    journal: what a mail's commands did, placement:, light:, session: a sales session,
//	                                    handover: and handed: what two desks tell each other, suspect: mail held for doubt,
//	                                    moved: mail that a folder's verb took, interview: an invitation's other ID, order-step:,
//	                                    star: mail with a star, at: the folder that a mail lies in, invite:, prepinvite:, published: and
//	                                    invites-sent: events that were sent, dav: and dav-head: what clients wrote, import: and
//	                                    import-marker: history that is still to be taken in, app-passwords, oauth, busy, signatures
//	u <ID>                              how to undo a merge, JSON
//	v                                   the desk's version: raised by each change that a feed shows
//
// Keys without a desk begin with a zero byte: "\x00schema" is the schema's version,
// "\x00order\x00<number>" a job order's number that has been given.
//
// What one message causes is committed with the folder's cursor, synced to the disk, or not at all. A transaction reads what it
// writes.
package store
