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
//	j <name>                            a record of a table (table.go), JSON; its name begins with the table's:
//	    journal:         what answers did, by the mail that they answered
//	    placement:       placements, by ID
//	    light:           what was said of a company's light
//	    session:         sales sessions, by month and number
//	    handover:        what is on its way to another desk
//	    handed:          what came from another desk
//	    suspect:         mails that claimed to command
//	    held:            deletions in a calendar that are asked about first
//	    interview:       an interview's ID, by the one that its invitation would give it
//	    moved:           mails in a verb's folder
//	    at:              the folder that a mail lies in
//	    star:            mails with a star
//	    invite:          calls that the recruiter was invited to
//	    invites-sent     when that was
//	    prepinvite:      prep calls that a candidate was invited to
//	    published:       events that were put into another calendar
//	    dav:             what clients wrote, by collection and name
//	    dav-head:        a collection's own properties
//	    app-passwords    those of calendars that write back, hashed
//	    oauth            the mailbox's tokens, sealed
//	    busy             when the recruiter is busy by her other calendars
//	    stop-asked:      by contact, the mail in which they asked not to be written to, which was told
//	    signatures       hashes of lines that were cut as the recruiter's signature
//	    order-step:      steps of an order that another desk does
//	    import:          rows of history that are still to be taken in
//	    import-marker    how far that is
//	    imported-order:  numbers of orders that a file of history named
//	u <ID>                              how to undo a merge, JSON
//	v                                   the desk's version: raised by each change that a feed shows
//
// Keys without a desk begin with a zero byte: "\x00schema" is the schema's version,
// "\x00order\x00<number>" a job order's number that has been given.
//
// What one message causes is committed with the folder's cursor, synced to the disk, or not at all. A transaction reads what it
// writes.
package store
