package seal

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"fifthcall/mailbox/message"
)

// OwnMessageID is the Message-ID of a mail to the recruiter: the mail's own ID and a token
// that only this daemon can make, so that an answer to it proves itself.
func OwnMessageID(key []byte, deskName, id, domain string) string {
	return message.OwnIDPrefix + id + "." + mailToken(key, deskName, id) + "@" + domain
}

// mailToken signs a mail's ID with the state's key.
func mailToken(key []byte, deskName, id string) string { return Token(key, "mail", deskName, id) }

// ReadOwnID takes such a Message-ID apart; ok is false if it isn't one, or its token is wrong.
func ReadOwnID(key []byte, deskName, messageID string) (id string, ok bool) {
	rest, isOwn := strings.CutPrefix(messageID, message.OwnIDPrefix)
	local, _, _ := strings.Cut(rest, "@")
	id, tok, _ := strings.Cut(local, ".")
	return id, isOwn && SameToken(tok, mailToken(key, deskName, id))
}

// logTokenEpoch is for how long a log token is the current one; it stays good for one more.
const logTokenEpoch = 30 * 24 * time.Hour

var logTokenRE = regexp.MustCompile(`\[fc-([A-Za-z0-9_-]{12})\]`)

// LogToken is what makes a mail to the recruiter's own address one for the log, where the server knows
// no plus-addresses: "[fc-…]" anywhere in the subject.
func LogToken(key []byte, deskName string, now time.Time) string {
	epoch := now.Unix() / int64(logTokenEpoch/time.Second)
	return Token(key, "log", deskName, strconv.FormatInt(epoch, 10))[:12]
}

// HasLogToken reports whether the subject carries a token that is still good: 30 to 60 days.
func HasLogToken(key []byte, deskName, subject string, now time.Time) bool {
	for _, m := range logTokenRE.FindAllStringSubmatch(subject, 3) {
		if SameToken(m[1], LogToken(key, deskName, now)) || SameToken(m[1], LogToken(key, deskName, now.Add(-logTokenEpoch))) {
			return true
		}
	}
	return false
}
