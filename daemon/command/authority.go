package command

import (
	"fifthcall/mailbox/message"
)

// Mail is a mail that may hold commands.
type Mail struct {
	M       *message.Message
	Issued  string // ID of the mail to the recruiter that it answers, "" for a note to self
	ToLog   bool   // addressed to the log address
	Token   bool   // its subject carries a log token
	Proven  bool
	Unready string // why it isn't proven

	Signature []string // lines of it that were cut without being a quote
}
