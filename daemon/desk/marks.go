package desk

// Marks of what has been done.
const (
	MarkStarted = "started" // the mailbox has been read to its end once
	MarkRolled  = "rolled"  // the day for which callbacks were rolled
)

// MarkShown is when something that a feed shows changed last.
const MarkShown = "feed.changed" // when something that a feed shows changed last

// Shorten keeps one long text from crowding the others out of a feed.
func Shorten(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes]) + " …"
	}
	return s
}

// DeliverInvite is the way of delivering callbacks as invitations to self.
const DeliverInvite = "invite"

// MarkPaused is when the recruiter paused the outbox, "" while it isn't.
const MarkPaused = "outbox.paused"

// Released is the name, among a letter's cautions, of the recruiter's own word that it shall leave.
const Released = "released"
