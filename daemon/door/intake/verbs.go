package intake

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"fifthcall/daemon/book"
	commandpkg "fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// The verbs that folders stand for.
const (
	folderCallBack      = "call-back"
	folderDecisionMaker = "decision-maker"
	folderCandidate     = "candidate"
	folderNotAContact   = "not-a-contact"
	folderNoAnswer      = "no-answer-needed"
	folderJobOrder      = "job-order"
)

// VerbFolders are the folders whose names are commands.
var VerbFolders = []mailbox.VerbFolder{
	{Verb: folderCallBack, Name: "Fifthcall/Call back"}, {Verb: folderJobOrder, Name: "Fifthcall/Job order"}, {Verb: folderDecisionMaker, Name: "Fifthcall/Decision maker"},
	{Verb: folderCandidate, Name: "Fifthcall/Candidate"}, {Verb: folderNotAContact, Name: "Fifthcall/Not a contact"},
	{Verb: folderNoAnswer, Name: "Fifthcall/No answer needed"},
}

// quietFor is how long nothing more of a thread may arrive in a verb's folder before it acts:
// Outlook moves conversations mail by mail.
const quietFor = 60 * time.Second

// movedMail is what is remembered of a mail in a verb's folder.
type movedMail struct {
	Seen time.Time `json:"seen"`
	Step string    `json:"step,omitempty"` // "" before it acted; then as mailbox.Step…
}

// Records of mails, by identity but for those that were moved (movedName).
const (
	movedMails store.Table[movedMail] = "moved:"
	// FoldersOf is where mails lie that came into another folder than INBOX.
	FoldersOf store.Table[string] = "at:"
	stars     store.Table[int]    = "star:" // 1
)

func movedName(verb string, validity uint32, uid message.IMAPUID) string {
	return fmt.Sprintf("%s:%d:%d", verb, validity, uid)
}

// Moved acts on the threads in a verb's folder that are complete, each in one transaction with
// the note that it has been acted on; it answers which mails go back.
func Moved(ctx context.Context, r *book.Runner, verb string, validity uint32, ms []*message.Message) (back []mailbox.GoBack, err error) {
	err = r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		rs := r.Current()
		in := &people.Intake{R: r, Rules: &rs, Tx: tx, Env: env, Circle: rs.Circle, Batch: &mailbox.Batch{Live: true}, Dirty: map[string]bool{}}
		back = nil
		for _, thread := range byThread(ms) {
			steps, ready, err := remember(in, verb, validity, thread)
			if err != nil || !ready {
				if err != nil {
					return err
				}
				continue
			}
			if fresh := slices.DeleteFunc(slices.Clone(thread), func(m *message.Message) bool { return steps[m.UID] != "" }); len(fresh) > 0 {
				if err := actOn(in, verb, fresh); err != nil {
					return err
				}
			}
			for _, m := range thread {
				step := steps[m.UID]
				if step == "" {
					step = mailbox.StepActed
					if err := movedMails.Put(tx, movedName(verb, validity, m.UID), movedMail{Seen: env.Now, Step: step}); err != nil {
						return err
					}
				}
				to, err := cameFrom(in, m)
				if err != nil {
					return err
				}
				back = append(back, mailbox.GoBack{UID: m.UID, To: to, Step: step})
			}
		}
		return in.Plan()
	})
	return back, err
}

// byThread groups messages by thread, in the order in which they stand.
func byThread(ms []*message.Message) [][]*message.Message {
	var out [][]*message.Message
	at := map[string]int{}
	for _, m := range ms {
		i, ok := at[m.Thread]
		if !ok {
			i = len(out)
			at[m.Thread] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], m)
	}
	return out
}

// remember notes since when the mails of a thread lie there; ready is whether it is complete.
func remember(in *people.Intake, verb string, validity uint32, thread []*message.Message) (steps map[message.IMAPUID]string, ready bool, err error) {
	steps, ready = map[message.IMAPUID]string{}, true
	for _, m := range thread {
		name := movedName(verb, validity, m.UID)
		rec, err := movedMails.Get(in.Tx, name)
		if err != nil {
			return nil, false, err
		}
		if rec == nil {
			rec = &movedMail{Seen: in.Env.Now}
			if err := movedMails.Put(in.Tx, name, *rec); err != nil {
				return nil, false, err
			}
		}
		steps[m.UID] = rec.Step
		if rec.Step == "" && in.Env.Now.Sub(rec.Seen) < quietFor {
			ready = false
		}
	}
	return steps, ready, nil
}

// Stepped notes how far a mail is on its way back.
func Stepped(ctx context.Context, r *book.Runner, verb string, validity uint32, uid message.IMAPUID, step string) error {
	return r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		name := movedName(verb, validity, uid)
		if step == mailbox.StepGone {
			return movedMails.Drop(tx, name)
		}
		return movedMails.Put(tx, name, movedMail{Seen: env.Now, Step: step})
	})
}

// cameFrom is the folder that a mail goes back to: Sent ("") for the recruiter's own.
func cameFrom(in *people.Intake, m *message.Message) (string, error) {
	if in.Circle.Own(message.Canonical(m.From.Addr)) {
		return "", nil
	}
	folder, err := FoldersOf.Get(in.Tx, m.Identity)
	if folder == nil || err != nil {
		return "INBOX", err
	}
	return *folder, nil
}

// actOn takes the mails of one thread as one command, about the newest outside sender.
func actOn(in *people.Intake, verb string, thread []*message.Message) error {
	m, who := outsider(in, thread)
	if m == nil {
		return understood(in, thread[0], "“"+desk.Shorten(desk.Tidy(thread[0].Subject), 80)+"”: nobody from outside is on it; nothing was done")
	}
	c, err := in.Tx.ContactByEmail(who.Addr)
	if err != nil {
		return err
	}
	fresh := c == nil
	if fresh {
		if c, err = people.NewContact(in.Tx, who.Addr, desk.SourceMail); err != nil {
			return err
		}
		c.OfferName(who.Name, true)
	}
	if verb != folderNotAContact {
		for _, x := range thread { // a stranger's mail is logged now that he is a contact
			mail := people.MailOf(x)
			mentions, _ := in.Circle.Read(mail)
			if err := letters.Log(in, mail, mentions); err != nil {
				return err
			}
		}
	}
	cmd, to := folderCommand(in, verb, m, c)
	to.Fresh = fresh
	return obey(in, m, cmd, to)
}

// folderCommand is what moving a mail into a verb's folder says.
func folderCommand(in *people.Intake, verb string, m *message.Message, c *desk.Contact) (cmd words.Command, to desk.Target) {
	subject := desk.Shorten(desk.Tidy(m.Subject), 80)
	cmd, to = words.Command{Line: "“" + subject + "” moved"}, desk.Target{Contact: c.ID}
	switch verb {
	case folderCallBack:
		cmd.Verb, cmd.Note = words.VerbCallBack, "moved to Call back"
	case folderDecisionMaker:
		cmd.Verb, cmd.Note = words.VerbRole, string(desk.RoleDecisionMaker)
	case folderCandidate:
		cmd.Verb, cmd.Note = words.VerbRole, string(desk.RoleCandidate)
	case folderNotAContact:
		cmd.Verb, cmd.Note = words.VerbRole, string(desk.RoleNone)
	case folderNoAnswer:
		cmd.Verb, cmd.Note, to.Item = words.VerbWaved, subject, &desk.IssuedItem{Contact: c.ID, Thread: m.Thread}
	case folderJobOrder:
		cmd.Verb, cmd.Note = words.VerbJobOrder, desk.NameOr(message.TrimSubject(m.Subject), "job order")
	}
	return cmd, to
}

// obey does what a mail that was moved or starred says, journals it, and tells of it in the next morning mail.
func obey(in *people.Intake, m *message.Message, cmd words.Command, to desk.Target) error {
	a := in.R.Open(in.Tx, in.Env).From(desk.SourceMail)
	if cmd.Verb == words.VerbJobOrder { // it came with the mail, not when that was moved
		a.Mail, a.At = m.MessageID, m.Date
	}
	l, ch, err := commandpkg.Apply(a, cmd, to)
	if desk.IsUserError(err) {
		return understood(in, m, err.Error())
	}
	if err != nil {
		return err
	}
	ch.Line = l.Said
	if err := commandpkg.AppendReply(in.Tx, desk.JournalName(""), desk.Reply{Identity: m.Identity, Time: in.Env.Now, Changes: []desk.Change{ch}}); err != nil {
		return err
	}
	return understood(in, m, l.Said)
}

// understood tells of a moved mail in the next morning mail.
func understood(in *people.Intake, m *message.Message, text string) error {
	in.Tx.Shown()
	return in.Tx.AddNews(desk.News{
		ID: "moved-" + desk.ShortHash(m.Identity, strconv.FormatInt(in.Env.Now.UnixNano(), 36)), Time: in.Env.Now, Kind: desk.NewsUnderstood, Text: text,
	})
}

// outsider is the newest mail with an outside sender, and the sender; with none, the newest
// mail of the recruiter's and its first outside recipient.
func outsider(in *people.Intake, thread []*message.Message) (*message.Message, desk.Person) {
	sorted := slices.Clone(thread)
	slices.SortStableFunc(sorted, func(a, b *message.Message) int { return b.Date.Compare(a.Date) })
	for _, m := range sorted {
		author, _ := m.Author()
		p := people.PersonOf(author)
		p.Robot = false // the recruiter says that it is somebody
		if ok, _ := in.Circle.Outsider(p); ok {
			return m, p
		}
	}
	for _, m := range sorted {
		for _, a := range m.To {
			if p := people.PersonOf(a); !p.Robot {
				if ok, _ := in.Circle.Outsider(p); ok {
					return m, p
				}
			}
		}
	}
	return nil, desk.Person{}
}

// Starred takes a star on a contact's mail as "call back tomorrow". Stars from before the
// option was set are old ones.
func Starred(ctx context.Context, r *book.Runner, ms []*message.Message) error {
	return r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		rs := r.Current()
		in := &people.Intake{R: r, Rules: &rs, Tx: tx, Env: env, Circle: rs.Circle, Batch: &mailbox.Batch{Live: true}, Dirty: map[string]bool{}}
		known := map[string]bool{}
		if err := stars.Each(tx, "", func(identity string, _ *int) error { known[identity] = true; return nil }); err != nil {
			return err
		}
		first := len(known) == 0
		now := map[string]bool{"begun": true}
		for _, m := range ms {
			now[m.Identity] = true
			if known[m.Identity] || first {
				continue
			}
			if err := star(in, m); err != nil {
				return err
			}
		}
		for id := range known { // the star was taken off: the next one counts again
			if !now[id] {
				if err := stars.Drop(tx, id); err != nil {
					return err
				}
			}
		}
		for id := range now {
			if !known[id] {
				if err := stars.Put(tx, id, 1); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func star(in *people.Intake, m *message.Message) error {
	author, _ := m.Author()
	c, err := in.Tx.ContactByEmail(message.Canonical(author.Addr))
	if c == nil || err != nil {
		return err
	}
	cmd := words.Command{Verb: words.VerbCallBack, Next: desk.Next{Date: in.Env.AddWorkdays(in.Env.Today(), 1)}, Note: "starred"}
	return obey(in, m, cmd, desk.Target{Contact: c.ID})
}
