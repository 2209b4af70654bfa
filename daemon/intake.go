package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// Take commits all effects of a batch of messages, and the folder's cursor: in one transaction where they fit, else in several, each
// with the cursor of its last message. A message's effects are committed together; only one to more people than fit is logged in parts,
// and counts as handled with the last of them.
func (r *runner) Take(ctx context.Context, b *mailbox.Batch) error {
	rs := r.current()
	err := inParts(max(1, len(b.Messages)), max(1, len(b.Messages)), func(from, to int) (int, error) {
		to = min(to, len(b.Messages)) // a batch without messages is one part
		took, err := r.takePart(ctx, &rs, b, from, to)
		if errors.Is(err, store.ErrTooBig) && to-from == 1 {
			if err = r.takeRecipients(ctx, &rs, b, b.Messages[from]); err == nil {
				took, err = r.takePart(ctx, &rs, b, from, to)
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
func (r *runner) takePart(ctx context.Context, rs *rules, b *mailbox.Batch, from, to int) (took int, err error) {
	err = r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		in := newIntake(r, rs, tx, env, b)
		took = 0
		for _, m := range b.Messages[from:to] {
			if err := in.message(m); err != nil {
				return fmt.Errorf("message %d: %w", m.UID, err)
			}
			if took++; tx.Full() {
				break
			}
		}
		if from == 0 { // before any cursor has passed them
			if err := in.quarantine(); err != nil {
				return err
			}
		}
		if err := in.plan(); err != nil {
			return err
		}
		if from+took == len(b.Messages) {
			return in.end()
		}
		if b.Cursor == nil {
			return nil
		}
		return in.moveCursor(b.Messages[from+took-1].UID)
	})
	return took, err
}

// takeRecipients logs a message to very many people part by part. What was logged is found again, so that it may be interrupted.
func (r *runner) takeRecipients(ctx context.Context, rs *rules, b *mailbox.Batch, m *mailbox.Message) error {
	if m.Draft {
		return nil
	}
	of := func(in *intake) (*desk.Mail, []desk.Mention) {
		mail := mailOf(m)
		return mail, in.mentions(mail)
	}
	_, all := of(&intake{circle: rs.circle, batch: b})
	return inParts(len(all), len(all), func(from, to int) (int, error) {
		return to - from, r.update(ctx, func(tx *store.Tx, env desk.Env) error {
			in := newIntake(r, rs, tx, env, b)
			mail, who := of(in)
			if err := in.log(mail, who[from:to]); err != nil {
				return err
			}
			return in.plan()
		})
	})
}

// intake is the decision on one batch.
type intake struct {
	r      *runner
	rules  *rules
	tx     *store.Tx
	env    desk.Env
	circle *desk.Circle
	batch  *mailbox.Batch
	dirty  map[string]bool // contacts whose log grew
}

func newIntake(r *runner, rs *rules, tx *store.Tx, env desk.Env, b *mailbox.Batch) *intake {
	return &intake{r: r, rules: rs, tx: tx, env: env, circle: rs.circle, batch: b, dirty: map[string]bool{}}
}

// end notes that the whole batch was handled.
func (in *intake) end() error {
	for _, a := range in.batch.Sought {
		if err := in.tx.Found(a); err != nil {
			return err
		}
	}
	if in.batch.Cursor == nil {
		return nil
	}
	return in.moveCursor(in.batch.Cursor.Last)
}

// quarantine notes the messages that could not be read.
func (in *intake) quarantine() error {
	for _, q := range in.batch.Quarantined {
		rec := store.Quarantined{Folder: in.batch.Folder, UID: uint32(q.UID), Reason: q.Reason, Since: in.env.Now}
		if err := in.tx.Quarantine(rec); err != nil {
			return err
		}
		in.tx.Count("quarantined", 1)
		in.tx.Shown()
	}
	return nil
}

// moveCursor notes that the folder was handled up to a UID, unless another connection has read further meanwhile.
func (in *intake) moveCursor(last mailbox.IMAPUID) error {
	was, err := in.tx.Cursor(in.batch.Folder)
	if err != nil || was.UIDValidity == in.batch.Cursor.UIDValidity && was.Last > uint32(last) {
		return err
	}
	return in.tx.SetCursor(in.batch.Folder, store.Cursor{UIDValidity: in.batch.Cursor.UIDValidity, Last: uint32(last)})
}

// mailOf is what the desk is told of a message.
func mailOf(m *mailbox.Message) *desk.Mail {
	author, _ := m.Author()
	dm := &desk.Mail{
		Identity: m.Identity, MessageID: m.MessageID, Thread: m.Thread, Time: m.Date, Subject: m.Subject,
		From: personOf(author), Human: m.Class == mailbox.ClassHuman || m.Class == mailbox.ClassInvitation,
		Invitation: m.Class == mailbox.ClassInvitation, Class: string(m.Class), Own: m.Class == mailbox.ClassOwn,
		To: make([]desk.Person, 0, len(m.To)),
	}
	for _, a := range m.To {
		dm.To = append(dm.To, personOf(a))
	}
	return dm
}

func personOf(a mailbox.Address) desk.Person {
	addr := mailbox.Canonical(a.Addr)
	return desk.Person{Addr: addr, Name: a.Name, Robot: mailbox.IsRobot(addr) && !mailbox.RelayAddress(addr)}
}

func (in *intake) message(m *mailbox.Message) error {
	if in.batch.Cursor != nil {
		in.tx.Count("messages."+string(m.Class), 1)
	}
	if m.Draft {
		return nil
	}
	if done, err := in.calendarAnswer(m); done || err != nil {
		return err
	}
	if done, err := in.command(m); done || err != nil {
		return err
	}
	if done, err := in.unsubscribe(m); done || err != nil {
		return err
	}
	if done, err := in.sentLetter(m); done || err != nil {
		return err
	}
	if err := in.invitation(m); err != nil {
		return err
	}
	if done, err := in.notice(m); done || err != nil {
		return err
	}
	mail := mailOf(m)
	if in.batch.Live {
		if err := in.backDoor(m); err != nil {
			return err
		}
		if err := in.looksSubmitted(m); err != nil {
			return err
		}
		if err := in.tellsTurn(m); err != nil {
			return err
		}
	}
	mentions := in.mentions(mail)
	if len(mentions) == 0 {
		return nil
	}
	if m.Answers() && len(m.Refs) == 0 && len(m.InReplyTo) == 0 && in.batch.Live {
		if err := in.findThread(mail, mentions); err != nil {
			return err
		}
	}
	if err := in.log(mail, mentions); err != nil || !in.batch.Live || in.batch.Sent {
		return err
	}
	return in.rememberFolder(m, mentions)
}

// mentions are whom a mail is to be logged for.
func (in *intake) mentions(mail *desk.Mail) []desk.Mention {
	out, _ := in.circle.Read(mail)
	if in.batch.Folder == "INBOX" { // what lies there from "you" may be from anybody: it makes no contacts
		for i := range out {
			out[i].Creates = false
		}
	}
	return out
}

// rememberFolder notes where a contact's mail lies, so that it can go back there after it was
// moved as a command. INBOX needs no note.
func (in *intake) rememberFolder(m *mailbox.Message, mentions []desk.Mention) error {
	name := "at:" + m.Identity
	if in.batch.Folder == "INBOX" {
		var was string
		if known, err := in.tx.JSON(name, &was); !known || err != nil {
			return err
		}
		return in.tx.DropJSON(name)
	}
	c, err := in.tx.ContactByEmail(mentions[0].Person.Addr)
	if c == nil || err != nil {
		return err
	}
	return in.tx.PutJSON(name, in.batch.Folder)
}

// threadWindow is how far back an answer whose header was stripped may find its thread by
// subject and people.
const threadWindow = 14 * 24 * time.Hour

// findThread gives an answer without references the thread of the latest mail with the same
// people and subject.
func (in *intake) findThread(mail *desk.Mail, mentions []desk.Mention) error {
	subject := mailbox.BaseSubject(mail.Subject)
	for _, who := range mentions {
		c, err := in.tx.ContactByEmail(who.Person.Addr)
		if err != nil {
			return err
		}
		if c == nil || subject == "" {
			continue
		}
		ts, err := in.tx.Touches(c)
		if err != nil {
			return err
		}
		for i := len(ts) - 1; i >= 0; i-- {
			if gap := mail.Time.Sub(ts[i].Time); gap < 0 || gap > threadWindow {
				continue
			}
			if ts[i].Thread != "" && mailbox.BaseSubject(ts[i].Subject) == subject {
				mail.Thread = ts[i].Thread
				return nil
			}
		}
	}
	return nil
}

// log records a touch for each contact on the message that hasn't one for it yet.
func (in *intake) log(mail *desk.Mail, mentions []desk.Mention) error {
	for _, who := range mentions {
		c, err := in.contact(who)
		if err != nil {
			return err
		}
		if c == nil || c.Has(desk.RoleNone) {
			continue
		}
		seen, err := in.tx.TouchedBy(c, mail.Identity)
		if err != nil {
			return err
		}
		if seen {
			continue
		}
		t := desk.TouchOf(mail, who, c)
		if err := in.delivered(c, &t); err != nil {
			return err
		}
		if err := in.tx.AddTouch(&t); err != nil {
			return err
		}
		in.dirty[c.ID] = true
		if in.batch.Live { // it may end a sequence, or say that an interview took place
			in.tx.Stir()
			if err := in.answered(c, &t); err != nil {
				return err
			}
		}
	}
	return nil
}

// slowClock is how far a sender's clock may be behind: an answer that has just come may say that it was written before the sequence
// began, and ends it all the same.
const slowClock = 48 * time.Hour

// answered ends the contact's sequences on a reply.
func (in *intake) answered(c *desk.Contact, t *desk.Touch) error {
	if t.Direction != desk.In || t.Kind != desk.KindReply || in.env.Now.Sub(t.Time) > slowClock {
		return nil
	}
	all, err := in.tx.Enrolments(c.ID)
	if err != nil {
		return err
	}
	for i := range all {
		if e := &all[i]; e.Live() && !in.r.persistent(e.Sequence) {
			why := "answered on " + in.env.Now.In(in.env.Zone).Format("Mon 2 Jan 2006")
			if err := stopEnrolment(in.tx, in.env, newPlanner(in.tx, in.env), e, why); err != nil {
				return err
			}
		}
	}
	return nil
}

// contact finds the person's contact, or makes it if the mail is one that makes contacts.
// An address that is new while folders have been read already has its older mail searched for.
func (in *intake) contact(who desk.Mention) (*desk.Contact, error) {
	addr := who.Person.Addr
	c, err := in.tx.ContactByEmail(addr)
	if c == nil && err == nil && in.batch.Live && mailbox.RelayAddress(addr) {
		c, err = in.byName(who.Person.Name)
	}
	if err != nil || c == nil && !who.Creates {
		return nil, err
	}
	if c == nil {
		c = &desk.Contact{ID: desk.ContactID(addr), Emails: []string{addr}, Status: desk.StatusActive, Source: desk.SourceMail}
		c.OfferName(who.Person.Name, false)
		if err := in.tx.PutContact(c); err != nil {
			return nil, err
		}
		in.tx.Count("contacts", 1)
		late, err := in.foldersReadBefore()
		if err != nil || !late {
			return c, err
		}
		return c, in.tx.Want(addr)
	}
	if c.OfferName(who.Person.Name, who.Direction == desk.In) {
		in.tx.Shown()
		return c, in.tx.PutContact(c)
	}
	return c, nil
}

// foldersReadBefore reports whether mail of a new contact may have been passed over: not
// while the folder of sent mail is the first to be read.
func (in *intake) foldersReadBefore() (bool, error) {
	if !in.batch.Sent {
		return true, nil
	}
	return in.tx.OtherCursors(in.batch.Folder)
}

// plan brings the callbacks of those touched in line with their log.
func (in *intake) plan() error {
	p := newPlanner(in.tx, in.env)
	for _, id := range sortedKeys(in.dirty) {
		c, err := in.tx.Contact(id)
		if err != nil {
			return err
		}
		cur, err := in.tx.Callback(id)
		if err != nil {
			return err
		}
		if c.OwesCycle() || cur.Open() { // a candidate's mail may close it
			if err := p.plan(c); err != nil {
				return err
			}
		}
	}
	return nil
}
