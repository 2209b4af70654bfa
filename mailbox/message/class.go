package message

// Class is what kind of sender, and of mail, a message is.
type Class string

// The classes.
const (
	ClassHuman      Class = "human"
	ClassList       Class = "list"
	ClassBulk       Class = "bulk"
	ClassAutomated  Class = "automated"
	ClassAutoReply  Class = "auto_reply"
	ClassBounce     Class = "bounce"
	ClassInvitation Class = "invitation"
	ClassOwn        Class = "own" // written by Fifthcall itself
)

// The mails that Fifthcall writes carry a header field, and a Message-ID that begins in a way of its own.
const (
	OwnHeader   = "X-Fifthcall"
	OwnIDPrefix = "fifthcall."
)
