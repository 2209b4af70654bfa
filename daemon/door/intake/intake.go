package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// Take commits all effects of a batch of messages, and the folder's cursor: in one transaction where they fit, else in several, each
// with the cursor of its last message. A message's effects are committed together; only one to more people than fit is logged in parts,
// and counts as handled with the last of them.
func Take(ctx context.Context, r *book.Runner, b *mailbox.Batch) error {
	rs := r.Current()
	err := book.InParts(max(1, len(b.Messages)), max(1, len(b.Messages)), func(from, to int) (int, error) {
		to = min(to, len(b.Messages)) // a batch without messages is one part
		took, err := takePart(ctx, r, &rs, b, from, to)
		if errors.Is(err, store.ErrTooBig) && to-from == 1 {
			if err = takeRecipients(ctx, r, &rs, b, b.Messages[from]); err == nil {
				took, err = takePart(ctx, r, &rs, b, from, to)
			}
		}
		return max(took, 1), err
	})
	if err != nil {
		return fmt.Errorf("log %d messages of %q: %w", len(b.Messages), b.Folder, err)
	}
	return nil
}

// takePart commits the effects of a batch's messages from one to before another, or of the first of them where they are much, with the
// cursor of the last; took says of how many.
func takePart(ctx context.Context, r *book.Runner, rs *config.Rules, b *mailbox.Batch, from, to int) (took int, err error) {
	err = r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		in := newIntake(r, rs, tx, env, b)
		took = 0
		for _, m := range b.Messages[from:to] {
			if err := takeMessage(in, m); err != nil {
				return fmt.Errorf("message %d: %w", m.UID, err)
			}
			if took++; tx.Full() {
				break
			}
		}
		if from == 0 { // before any cursor has passed them
			if err := quarantine(in); err != nil {
				return err
			}
		}
		if err := in.Plan(); err != nil {
			return err
		}
		if from+took == len(b.Messages) {
			return end(in)
		}
		if b.Cursor == nil {
			return nil
		}
		return moveCursor(in, b.Messages[from+took-1].UID)
	})
	return took, err
}

// takeRecipients logs a message to very many people part by part. What was logged is found again, so that it may be interrupted.
func takeRecipients(ctx context.Context, r *book.Runner, rs *config.Rules, b *mailbox.Batch, m *message.Message) error {
	if m.Draft {
		return nil
	}
	of := func(in *people.Intake) (*desk.Mail, []desk.Mention) {
		mail := people.MailOf(m)
		return mail, mentions(in, mail)
	}
	_, all := of(&people.Intake{Circle: rs.Circle, Batch: b})
	return book.InParts(len(all), len(all), func(from, to int) (int, error) {
		return to - from, r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
			in := newIntake(r, rs, tx, env, b)
			mail, who := of(in)
			if err := letters.Log(in, mail, who[from:to]); err != nil {
				return err
			}
			return in.Plan()
		})
	})
}

func newIntake(r *book.Runner, rs *config.Rules, tx *store.Tx, env desk.Env, b *mailbox.Batch) *people.Intake {
	return &people.Intake{R: r, Rules: rs, Tx: tx, Env: env, Circle: rs.Circle, Batch: b, Dirty: map[string]bool{}}
}

// end notes that the whole batch was handled.
func end(in *people.Intake) error {
	for _, a := range in.Batch.Sought {
		if err := in.Tx.Found(a); err != nil {
			return err
		}
	}
	if in.Batch.Cursor == nil {
		return nil
	}
	return moveCursor(in, in.Batch.Cursor.Last)
}

// quarantine notes the messages that could not be read.
func quarantine(in *people.Intake) error {
	for _, q := range in.Batch.Quarantined {
		rec := store.Quarantined{Folder: in.Batch.Folder, UID: uint32(q.UID), Reason: q.Reason, Since: in.Env.Now}
		if err := in.Tx.Quarantine(rec); err != nil {
			return err
		}
		in.Tx.Count("quarantined", 1)
		in.Tx.Shown()
	}
	return nil
}

// moveCursor notes that the folder was handled up to a UID, unless another connection has read further meanwhile.
func moveCursor(in *people.Intake, last message.IMAPUID) error {
	was, err := in.Tx.Cursor(in.Batch.Folder)
	if err != nil || was.UIDValidity == in.Batch.Cursor.UIDValidity && was.Last > uint32(last) {
		return err
	}
	return in.Tx.SetCursor(in.Batch.Folder, store.Cursor{UIDValidity: in.Batch.Cursor.UIDValidity, Last: uint32(last)})
}

func takeMessage(in *people.Intake, m *message.Message) error {
	if in.Batch.Cursor != nil {
		in.Tx.Count("messages."+string(m.Class), 1)
	}
	if m.Draft {
		return nil
	}
	if done, err := calendarAnswer(in, m); done || err != nil {
		return err
	}
	if done, err := command(in, m); done || err != nil {
		return err
	}
	if done, err := unsubscribe(in, m); done || err != nil {
		return err
	}
	if done, err := sentLetter(in, m); done || err != nil {
		return err
	}
	if err := invitation(in, m); err != nil {
		return err
	}
	if done, err := notice(in, m); done || err != nil {
		return err
	}
	if err := elsewhere(in, m); err != nil {
		return err
	}
	mail := people.MailOf(m)
	if in.Batch.Live {
		if err := backDoor(in, m); err != nil {
			return err
		}
		if err := looksSubmitted(in, m); err != nil {
			return err
		}
		if err := tellsTurn(in, m); err != nil {
			return err
		}
	}
	mentions := mentions(in, mail)
	if len(mentions) == 0 {
		return nil
	}
	if in.Batch.Live || in.Env.Now.Sub(m.Date) < threadWindow {
		if err := findThread(in, mail, mentions, m.Answers()); err != nil {
			return err
		}
	}
	if err := letters.Log(in, mail, mentions); err != nil || !in.Batch.Live || in.Batch.Sent {
		return err
	}
	return rememberFolder(in, m, mentions)
}

// mentions are whom a mail is to be logged for.
func mentions(in *people.Intake, mail *desk.Mail) []desk.Mention {
	out, _ := in.Circle.Read(mail)
	if in.Batch.Folder == "INBOX" { // what lies there from "you" may be from anybody: it makes no contacts
		for i := range out {
			out[i].Creates = false
		}
	}
	return out
}

// rememberFolder notes where a contact's mail lies, so that it can go back there after it was
// moved as a command. INBOX needs no note.
func rememberFolder(in *people.Intake, m *message.Message, mentions []desk.Mention) error {
	if in.Batch.Folder == "INBOX" {
		if known, err := FoldersOf.Has(in.Tx, m.Identity); !known || err != nil {
			return err
		}
		return FoldersOf.Drop(in.Tx, m.Identity)
	}
	c, err := in.Tx.ContactByEmail(mentions[0].Person.Addr)
	if c == nil || err != nil {
		return err
	}
	return FoldersOf.Put(in.Tx, m.Identity, in.Batch.Folder)
}

// threadWindow is how far from each other a mail and an answer whose header was stripped, or rewritten by a relay, may find their thread
// by subject and people.
const threadWindow = 14 * 24 * time.Hour

// findThread gives an answer whose references lead nowhere the thread of the latest mail with the same people and subject; a mail that
// is read after such an answer to it gets the answer's.
func findThread(in *people.Intake, mail *desk.Mail, mentions []desk.Mention, answers bool) error {
	subject := message.BaseSubject(mail.Subject)
	for _, who := range mentions {
		c, err := in.Tx.ContactByEmail(who.Person.Addr)
		if err != nil {
			return err
		}
		if c == nil || subject == "" {
			continue
		}
		ts, err := in.Tx.Touches(c)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(ts, func(t desk.Touch) bool { return t.Thread == mail.Thread && t.MessageID != mail.MessageID }) {
			return nil
		}
		for i := len(ts) - 1; i >= 0; i-- {
			gap := mail.Time.Sub(ts[i].Time)
			if answers && gap < 0 || !answers && (gap > 0 || ts[i].Direction == who.Direction || !message.AnswerSubject(ts[i].Subject)) || gap.Abs() > threadWindow {
				continue
			}
			if ts[i].Thread != "" && message.BaseSubject(ts[i].Subject) == subject {
				mail.Thread = ts[i].Thread
				return nil
			}
		}
	}
	return nil
}
