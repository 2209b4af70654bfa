package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"fifthcall/daemon/desk"
)

// A touch is a version byte, then its fields in order: strings with a length in front,
// numbers as varints. There are a hundred thousand of them on a busy desk; JSON would take
// three times the room and time.
const touchVersion = 1

func encodeTouch(t *desk.Touch) []byte {
	b := make([]byte, 0, 256)
	b = append(b, touchVersion)
	for _, s := range touchStrings(t) {
		b = binary.AppendUvarint(b, uint64(len(*s)))
		b = append(b, *s...)
	}
	b = binary.AppendVarint(b, t.Time.UnixNano())
	b = binary.AppendUvarint(b, t.Ordinal)
	next := t.Next.String()
	b = binary.AppendUvarint(b, uint64(len(next)))
	return append(b, next...)
}

func touchStrings(t *desk.Touch) []*string {
	return []*string{
		&t.ID, &t.Contact, &t.Email, (*string)(&t.Direction), (*string)(&t.Channel), (*string)(&t.Kind), (*string)(&t.Outcome),
		&t.Subject, &t.MessageID, &t.Thread, &t.Source, &t.Note,
	}
}

var errTouch = errors.New("a stored touch is damaged")

func decodeTouch(b []byte) (desk.Touch, error) {
	var t desk.Touch
	if len(b) == 0 || b[0] != touchVersion {
		return t, fmt.Errorf("%w: unknown version", errTouch)
	}
	b = b[1:]
	str := func() (string, bool) {
		n, k := binary.Uvarint(b)
		if k <= 0 || uint64(len(b)-k) < n {
			return "", false
		}
		s := string(b[k : k+int(n)])
		b = b[k+int(n):]
		return s, true
	}
	for _, p := range touchStrings(&t) {
		s, ok := str()
		if !ok {
			return t, errTouch
		}
		*p = s
	}
	at, k := binary.Varint(b)
	if k <= 0 {
		return t, errTouch
	}
	b = b[k:]
	t.Time = time.Unix(0, at).UTC()
	if t.Ordinal, k = binary.Uvarint(b); k <= 0 {
		return t, errTouch
	}
	b = b[k:]
	next, ok := str()
	if !ok {
		return t, errTouch
	}
	var err error
	t.Next, err = desk.ParseNext(next)
	return t, err
}
