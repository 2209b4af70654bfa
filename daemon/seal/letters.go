package seal

import (
	"strings"
)

// LetterMark is the value of a letter's own header field, and the local part of its Message-ID: its ID and a token that only this daemon can make.
func LetterMark(key []byte, deskName, id string) string {
	return "letter." + id + "." + Token(key, "letter", deskName, id)
}

// ReadLetterMark is the ID of the letter with that field or Message-ID; ok is false if the token is wrong.
func ReadLetterMark(key []byte, deskName, mark string) (id string, ok bool) {
	local, _, _ := strings.Cut(mark, "@")
	rest, isLetter := strings.CutPrefix(strings.TrimSpace(local), "letter.")
	id, tok, _ := strings.Cut(rest, ".")
	return id, isLetter && SameToken(tok, Token(key, "letter", deskName, id))
}

// UnsubscribeLink is a mailto link whose subject names the contact and proves it.
func UnsubscribeLink(key []byte, deskName, contact, email string) string {
	return "mailto:" + email + "?subject=unsubscribe%20" + UnsubscribeToken(key, deskName, contact)
}

// UnsubscribeToken proves that a mail answers a letter to the contact.
func UnsubscribeToken(key []byte, deskName, contact string) string {
	return "fcu-" + contact + "-" + Token(key, "unsubscribe", deskName, contact)
}
