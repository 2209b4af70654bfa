package intake

import (
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// sentLetter recognises a letter that the recruiter sent from her own program: by its own field or Message-ID, else by thread,
// recipient and likeness. It is told from the copy in Sent, and never sent by Fifthcall then.
// done is true where the touch has been logged already.
func sentLetter(in *people.Intake, m *message.Message) (done bool, err error) {
	if !in.Batch.Sent || !in.Batch.Live {
		return false, nil
	}
	o, err := letterOf(in, m)
	if o == nil || err != nil {
		return false, err
	}
	switch o.State {
	case desk.OutDraft, desk.OutEdited, desk.OutDrafting, desk.OutApprove, desk.OutHeld, desk.OutQueued, desk.OutWithdraw, desk.OutCancelled, desk.OutDropped:
		o.State, o.SentAt, o.Data = desk.OutSent, m.Date.UTC(), nil
	case desk.OutUncertain, desk.OutData:
		o.State, o.Next = desk.OutAccepted, time.Time{}
	case desk.OutAccepted, desk.OutFiled: // the copy of one that Fifthcall sent, perhaps under another Message-ID
		done = true
	default:
		return false, nil
	}
	if m.MessageID != o.MessageID {
		o.SentAs = m.MessageID
	}
	return done, in.Tx.PutOutgoing(o)
}

// letterOf is the letter that a message in Sent is, nil if it is none.
func letterOf(in *people.Intake, m *message.Message) (*desk.Outgoing, error) {
	for _, mark := range []string{m.Header.Get(mailbox.LetterHeader), m.MessageID} {
		if id, ok := seal.ReadLetterMark(in.R.Key, in.R.Name, mark); ok {
			return in.Tx.OutgoingByID(id)
		}
	}
	for _, a := range m.To {
		c, err := in.Tx.ContactByEmail(message.Canonical(a.Addr))
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		all, err := in.Tx.Letters(c.ID)
		if err != nil {
			return nil, err
		}
		for i := len(all) - 1; i >= 0; i-- {
			o := &all[i]
			if (o.State == desk.OutDraft || o.State == desk.OutEdited) && !m.Date.Before(o.Created.Add(-time.Minute)) && isLetter(in, m, o) {
				return o, nil
			}
		}
	}
	return nil, nil
}

// isLetter reports whether a message to the letter's recipient is it: under its subject with some of its words, or with most of
// its words under another. Without its text the subject has to do.
func isLetter(in *people.Intake, m *message.Message, o *desk.Outgoing) bool {
	subject := letters.LikeLetter(m, o)
	if m.Body == nil || len(o.Data) == 0 {
		return subject
	}
	was, _ := message.ParsePart(o.Data).Readable()
	now, _ := m.Body.Readable()
	share := desk.Likeness(was, now)
	return subject && share >= 0.3 || share >= 0.7
}
