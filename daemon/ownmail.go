package daemon

import (
	"strings"

	"fifthcall/mailbox"
)

// ownMessageID is the Message-ID of a mail to the recruiter: the mail's own ID and a token
// that only this daemon can make, so that an answer to it proves itself.
func ownMessageID(key []byte, deskName, id, domain string) string {
	return mailbox.OwnIDPrefix + id + "." + mailToken(key, deskName, id) + "@" + domain
}

// mailToken signs a mail's ID with the state's key.
func mailToken(key []byte, deskName, id string) string { return token(key, "mail", deskName, id) }

// readOwnID takes such a Message-ID apart; ok is false if it isn't one, or its token is wrong.
func readOwnID(key []byte, deskName, messageID string) (id string, ok bool) {
	rest, isOwn := strings.CutPrefix(messageID, mailbox.OwnIDPrefix)
	local, _, _ := strings.Cut(rest, "@")
	id, tok, _ := strings.Cut(local, ".")
	return id, isOwn && sameToken(tok, mailToken(key, deskName, id))
}
