package people

import (
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// WrittenAt is when the recruiter wrote, by her clock, unless that can't be.
func (in *Intake) WrittenAt(m *message.Message) time.Time {
	if m.Date.After(in.Env.Now) || in.Env.Now.Sub(m.Date) > 7*24*time.Hour {
		return in.Env.Now
	}
	return m.Date
}

// Intake is the decision on one batch.
type Intake struct {
	R      *book.Runner
	Rules  *config.Rules
	Tx     *store.Tx
	Env    desk.Env
	Circle *desk.Circle
	Batch  *mailbox.Batch
	Dirty  map[string]bool // contacts whose log grew
}

// MailOf is what the desk is told of a message.
func MailOf(m *message.Message) *desk.Mail {
	author, _ := m.Author()
	dm := &desk.Mail{
		Identity: m.Identity, MessageID: m.MessageID, Thread: m.Thread, Time: m.Date, Subject: m.Subject,
		From: PersonOf(author), Human: m.Class == message.ClassHuman || m.Class == message.ClassInvitation,
		Invitation: m.Class == message.ClassInvitation, Class: string(m.Class), Own: m.Class == message.ClassOwn,
		To: make([]desk.Person, 0, len(m.To)),
	}
	for _, a := range m.To {
		dm.To = append(dm.To, PersonOf(a))
	}
	return dm
}

// PersonOf is who an address of a mail means.
func PersonOf(a message.Address) desk.Person {
	addr := message.Canonical(a.Addr)
	return desk.Person{Addr: addr, Name: a.Name, Robot: message.IsRobot(addr) && !message.RelayAddress(addr)}
}

// SlowClock is how far a sender's clock may be behind: an answer that has just come may say that it was written before the sequence
// began, and ends it all the same.
const SlowClock = 48 * time.Hour

// Contact finds the person's contact, or makes it if the mail is one that makes contacts.
// An address that is new while folders have been read already has its older mail searched for.
func (in *Intake) Contact(who desk.Mention) (*desk.Contact, error) {
	addr := who.Person.Addr
	c, err := in.Tx.ContactByEmail(addr)
	if c == nil && err == nil && in.Batch.Live && message.RelayAddress(addr) {
		c, err = in.ByName(who.Person.Name)
	}
	if err != nil || c == nil && !who.Creates {
		return nil, err
	}
	if c == nil {
		c = &desk.Contact{ID: desk.ContactID(addr), Emails: []string{addr}, Status: desk.StatusActive, Source: desk.SourceMail}
		c.OfferName(who.Person.Name, false)
		if err := in.Tx.PutContact(c); err != nil {
			return nil, err
		}
		in.Tx.Count("contacts", 1)
		late, err := in.foldersReadBefore()
		if err != nil || !late {
			return c, err
		}
		return c, in.Tx.Want(addr)
	}
	if c.OfferName(who.Person.Name, who.Direction == desk.In) {
		in.Tx.Shown()
		return c, in.Tx.PutContact(c)
	}
	return c, nil
}

// foldersReadBefore reports whether mail of a new contact may have been passed over: not
// while the folder of sent mail is the first to be read.
func (in *Intake) foldersReadBefore() (bool, error) {
	if !in.Batch.Sent {
		return true, nil
	}
	return in.Tx.OtherCursors(in.Batch.Folder)
}

// Plan brings the callbacks of those touched in line with their log.
func (in *Intake) Plan() error {
	p := book.NewPlanner(in.Tx, in.Env)
	for _, id := range desk.SortedKeys(in.Dirty) {
		c, err := in.Tx.Contact(id)
		if err != nil {
			return err
		}
		cur, err := in.Tx.Callback(id)
		if err != nil {
			return err
		}
		if c.OwesCycle() || cur.Open() { // a candidate's mail may close it
			if err := p.Plan(c); err != nil {
				return err
			}
		}
	}
	return nil
}
