package intake

// Answers to letters that went to somebody, from another address than theirs; and wishes not to be written to, from whatever address.

import (
	"fmt"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// letterAnswered is the ID of the letter of ours that a mail answers, "" for none. Its Message-ID proves it, whoever writes.
func letterAnswered(r *book.Runner, m *message.Message) string {
	for _, ids := range [][]string{m.InReplyTo, m.Refs} {
		for i := len(ids) - 1; i >= 0; i-- {
			if id, ok := seal.ReadLetterMark(r.Key, r.Name, ids[i]); ok {
				return id
			}
		}
	}
	return ""
}

// writtenTo is the contact whom the letter that a mail answers went to, nil for none.
func writtenTo(in *people.Intake, m *message.Message) (*desk.Contact, *desk.Outgoing, error) {
	id := letterAnswered(in.R, m)
	if id == "" {
		return nil, nil, nil
	}
	o, err := in.Tx.OutgoingByID(id)
	if o == nil || err != nil || o.Contact == "" {
		return nil, nil, err
	}
	c, err := in.Tx.Contact(o.Contact)
	return c, o, err
}

// stopsFor are the people of a mail whose wish not to be written to was heard.
const stopsFor store.Table[string] = "stop-asked:" // by contact: the mail's identity

// elsewhere takes an answer to a letter that comes from another address than it went to: the sequences of whom it went to end, and whose
// it is is asked.
func elsewhere(in *people.Intake, m *message.Message) error {
	if !in.Batch.Live || in.Batch.Sent || m.Class != message.ClassHuman {
		return nil
	}
	author, _ := m.Author()
	from := message.Canonical(author.Addr)
	if from == "" || in.Rules.Ours(from) || message.IsRobot(from) {
		return nil
	}
	writer, err := in.Tx.ContactByEmail(from)
	if err != nil {
		return err
	}
	c, o, err := writtenTo(in, m)
	if err != nil {
		return err
	}
	about := writer
	if c != nil && (writer == nil || writer.ID != c.ID) {
		about = c
		if err := askWhose(in, m, c, o, desk.Person{Addr: from, Name: author.Name}, writer); err != nil {
			return err
		}
	}
	return stopWish(in, m, about, from)
}

// askWhose asks whose the address is from which a letter was answered.
func askWhose(in *people.Intake, m *message.Message, c *desk.Contact, o *desk.Outgoing, from desk.Person, writer *desk.Contact) error {
	p := book.NewPlanner(in.Tx, in.Env)
	if err := letters.StopSequences(in.Tx, in.Env, p, c.ID, "answered from "+from.Addr+" on "+desk.DateOf(in.Env.Now.In(in.Env.Zone)).Say()); err != nil {
		return err
	}
	text := fmt.Sprintf("%s answered your letter “%s” to %s: the same person? If so, reply “%s address %s”.", desk.NameOr(from.Name, from.Addr)+bracketed(from), desk.Shorten(desk.Tidy(o.Subject), 80), c.DisplayName(), desk.Handle(c), from.Addr)
	if writer != nil {
		text = fmt.Sprintf("%s answered your letter “%s” to %s: the same person? If so, reply “%s merge %s”.", writer.DisplayName(), desk.Shorten(desk.Tidy(o.Subject), 80), c.DisplayName(), desk.Handle(c), desk.Handle(writer))
	}
	in.Tx.Shown()
	return in.Tx.AddNews(desk.News{ID: "whose-" + desk.ShortHash(c.ID, from.Addr), Time: m.Date, Kind: desk.NewsAsk, Contact: c.ID, Text: text + " Whatever ran by itself for them has ended."})
}

// bracketed is an address behind a name, "" where the address stands for it.
func bracketed(p desk.Person) string {
	if p.Name == "" {
		return ""
	}
	return " <" + p.Addr + ">"
}

// stopWish asks about a wish not to be written to any more, once for each person: nothing leaves by itself meanwhile.
func stopWish(in *people.Intake, m *message.Message, c *desk.Contact, from string) error {
	if c == nil || m.Body == nil || c.Status == desk.StatusDoNotContact {
		return nil
	}
	said := prose.WantsStop(prose.OwnWords(m, m.Body))
	if said == "" {
		return nil
	}
	if asked, err := stopsFor.Has(in.Tx, c.ID); asked || err != nil {
		return err
	}
	if err := stopsFor.Put(in.Tx, c.ID, m.Identity); err != nil {
		return err
	}
	if err := letters.StopSequences(in.Tx, in.Env, book.NewPlanner(in.Tx, in.Env), c.ID, "asked not to be written to on "+desk.DateOf(in.Env.Now.In(in.Env.Zone)).Say()); err != nil {
		return err
	}
	by := c.DisplayName()
	if known, err := in.Tx.ContactByEmail(from); err != nil || known == nil || known.ID != c.ID {
		by = from + ", who answered for " + c.DisplayName() + ","
	}
	in.Tx.Shown()
	return in.Tx.AddNews(desk.News{
		ID: "stop-" + desk.ShortHash(c.ID, m.Identity), Time: m.Date, Kind: desk.NewsAsk, Contact: c.ID,
		Text: fmt.Sprintf("%s asks not to be contacted: “%s” Whatever ran by itself for them has ended. To keep to it reply “%s do not contact”.", by, desk.Shorten(desk.Tidy(said), 160), desk.Handle(c)),
	})
}
