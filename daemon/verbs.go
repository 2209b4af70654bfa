package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
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

var verbFolders = []mailbox.VerbFolder{
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

func movedName(verb string, validity uint32, uid mailbox.IMAPUID) string {
	return fmt.Sprintf("moved:%s:%d:%d", verb, validity, uid)
}

// Moved acts on the threads in a verb's folder that are complete, each in one transaction with
// the note that it has been acted on; it answers which mails go back.
func (r *runner) Moved(ctx context.Context, verb string, validity uint32, ms []*mailbox.Message) (back []mailbox.GoBack, err error) {
	err = r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		rs := r.current()
		in := &intake{r: r, rules: &rs, tx: tx, env: env, circle: rs.circle, batch: &mailbox.Batch{Live: true}, dirty: map[string]bool{}}
		back = nil
		for _, thread := range byThread(ms) {
			steps, ready, err := in.remember(verb, validity, thread)
			if err != nil || !ready {
				if err != nil {
					return err
				}
				continue
			}
			if fresh := slices.DeleteFunc(slices.Clone(thread), func(m *mailbox.Message) bool { return steps[m.UID] != "" }); len(fresh) > 0 {
				if err := in.actOn(verb, fresh); err != nil {
					return err
				}
			}
			for _, m := range thread {
				step := steps[m.UID]
				if step == "" {
					step = mailbox.StepActed
					if err := tx.PutJSON(movedName(verb, validity, m.UID), movedMail{Seen: env.Now, Step: step}); err != nil {
						return err
					}
				}
				to, err := in.cameFrom(m)
				if err != nil {
					return err
				}
				back = append(back, mailbox.GoBack{UID: m.UID, To: to, Step: step})
			}
		}
		return in.plan()
	})
	return back, err
}

// byThread groups messages by thread, in the order in which they stand.
func byThread(ms []*mailbox.Message) [][]*mailbox.Message {
	var out [][]*mailbox.Message
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
func (in *intake) remember(verb string, validity uint32, thread []*mailbox.Message) (steps map[mailbox.IMAPUID]string, ready bool, err error) {
	steps, ready = map[mailbox.IMAPUID]string{}, true
	for _, m := range thread {
		name := movedName(verb, validity, m.UID)
		var rec movedMail
		known, err := in.tx.JSON(name, &rec)
		if err != nil {
			return nil, false, err
		}
		if !known {
			rec.Seen = in.env.Now
			if err := in.tx.PutJSON(name, rec); err != nil {
				return nil, false, err
			}
		}
		steps[m.UID] = rec.Step
		if rec.Step == "" && in.env.Now.Sub(rec.Seen) < quietFor {
			ready = false
		}
	}
	return steps, ready, nil
}

// Stepped notes how far a mail is on its way back.
func (r *runner) Stepped(ctx context.Context, verb string, validity uint32, uid mailbox.IMAPUID, step string) error {
	return r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		name := movedName(verb, validity, uid)
		if step == mailbox.StepGone {
			return tx.DropJSON(name)
		}
		return tx.PutJSON(name, movedMail{Seen: env.Now, Step: step})
	})
}

// cameFrom is the folder that a mail goes back to: Sent ("") for the recruiter's own.
func (in *intake) cameFrom(m *mailbox.Message) (string, error) {
	if in.circle.Own(mailbox.Canonical(m.From.Addr)) {
		return "", nil
	}
	folder := "INBOX"
	_, err := in.tx.JSON("at:"+m.Identity, &folder)
	return folder, err
}

// actOn takes the mails of one thread as one command, about the newest outside sender.
func (in *intake) actOn(verb string, thread []*mailbox.Message) error {
	m, who := in.outsider(thread)
	if m == nil {
		return in.understood(thread[0], "“"+shorten(desk.Tidy(thread[0].Subject), 80)+"”: nobody from outside is on it; nothing was done")
	}
	c, err := in.tx.ContactByEmail(who.Addr)
	if err != nil {
		return err
	}
	fresh := c == nil
	if fresh {
		if c, err = newContact(in.tx, who.Addr, desk.SourceMail); err != nil {
			return err
		}
		c.OfferName(who.Name, true)
	}
	ch, err := snapshot(in.tx, c, fresh)
	if err != nil {
		return err
	}
	if verb != folderNotAContact {
		for _, x := range thread { // a stranger's mail is logged now that he is a contact
			mail := mailOf(x)
			mentions, _ := in.circle.Read(mail)
			if err := in.log(mail, mentions); err != nil {
				return err
			}
		}
	}
	said := ""
	if verb == folderJobOrder {
		said, ch.Order, err = in.openOrder(m, c)
	} else {
		said, err = in.doVerb(verb, m, c)
	}
	if err != nil {
		return err
	}
	ch.Verb, ch.Line = "moved", said
	if verb == folderNoAnswer {
		ch.Marks = []string{wavedMark(m.Thread)}
	}
	if err := ch.after(in.tx); err != nil {
		return err
	}
	if err := appendReply(in.tx, journalName(""), reply{Identity: m.Identity, Time: in.env.Now, Changes: []change{ch}}); err != nil {
		return err
	}
	return in.understood(m, c.DisplayName()+": "+said)
}

// understood tells of a moved mail in the next morning mail.
func (in *intake) understood(m *mailbox.Message, text string) error {
	in.tx.Shown()
	return in.tx.AddNews(desk.News{
		ID: "moved-" + desk.ShortHash(m.Identity, strconv.FormatInt(in.env.Now.UnixNano(), 36)), Time: in.env.Now, Kind: desk.NewsUnderstood, Text: text,
	})
}

// outsider is the newest mail with an outside sender, and the sender; with none, the newest
// mail of the recruiter's and its first outside recipient.
func (in *intake) outsider(thread []*mailbox.Message) (*mailbox.Message, desk.Person) {
	sorted := slices.Clone(thread)
	slices.SortStableFunc(sorted, func(a, b *mailbox.Message) int { return b.Date.Compare(a.Date) })
	for _, m := range sorted {
		author, _ := m.Author()
		p := personOf(author)
		p.Robot = false // the recruiter says that it is somebody
		if ok, _ := in.circle.Outsider(p); ok {
			return m, p
		}
	}
	for _, m := range sorted {
		for _, a := range m.To {
			if p := personOf(a); !p.Robot {
				if ok, _ := in.circle.Outsider(p); ok {
					return m, p
				}
			}
		}
	}
	return nil, desk.Person{}
}

// openOrder opens a job order from a mail: its subject is the title.
func (in *intake) openOrder(m *mailbox.Message, c *desk.Contact) (said string, number int, err error) {
	a := &applier{r: in.r, tx: in.tx, env: in.env, planner: newPlanner(in.tx, in.env), source: desk.SourceMail}
	if !c.Has(desk.RoleDecisionMaker) && !c.Has(desk.RoleHR) {
		c.AddRole(desk.RoleClient, in.env.Now)
		if err := in.tx.PutContact(c); err != nil {
			return "", 0, err
		}
	}
	o := desk.NewJobOrder(nameOr(mailbox.TrimSubject(m.Subject), "job order"), m.Date)
	o.MessageID = m.MessageID
	l, err := a.putOrder(desk.Command{Verb: desk.VerbJobOrder}, c, o)
	return strings.TrimPrefix(l.Said, c.DisplayName()+": "), a.order, err
}

func (in *intake) doVerb(verb string, m *mailbox.Message, c *desk.Contact) (said string, err error) {
	p := newPlanner(in.tx, in.env)
	switch verb {
	case folderCallBack:
		return in.callBackOn(p, c, in.env.WorkdayOnOrAfter(in.env.Today()), "moved to Call back on ")
	case folderDecisionMaker:
		c.AddRole(desk.RoleDecisionMaker, in.env.Now)
		said = "a decision maker"
	case folderCandidate:
		c.AddRole(desk.RoleCandidate, in.env.Now)
		said = "a candidate"
	case folderNotAContact:
		c.AddRole(desk.RoleNone, in.env.Now)
		said = "not a contact any more"
	case folderNoAnswer:
		return "“" + shorten(desk.Tidy(m.Subject), 80) + "” needs no answer", in.tx.SetMark(wavedMark(m.Thread), in.env.Now.UTC().Format(time.RFC3339))
	}
	if err := in.tx.PutContact(c); err != nil {
		return "", err
	}
	if err := p.plan(c); err != nil {
		return "", err
	}
	cb, err := in.tx.Callback(c.ID)
	if cb.Open() && err == nil {
		said += ", next call " + cb.Start.In(in.env.Zone).Format("Mon 2 Jan 2006, 15:04")
	}
	return said, err
}

// callBackOn puts a call to the contact on a day, unless one is due by then.
func (in *intake) callBackOn(p *planner, c *desk.Contact, day desk.Date, reason string) (said string, err error) {
	if !c.Callable() {
		return "is not to be called (" + string(c.Status) + "): nothing was done", nil
	}
	ordinal, err := in.tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	err = p.change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		if cur.Open() && !desk.DateOf(cur.Start.In(in.env.Zone)).After(day) {
			return cur
		}
		return desk.Move(in.env, c, desk.Want{
			Due: day, Rule: desk.RuleAgreed, Reason: reason + in.env.Today().UTC().Format("Mon 2 Jan 2006"),
			Basis: fmt.Sprintf("cmd:%d", ordinal), BasisTime: in.env.Now.UTC(), Ordinal: ordinal,
		}, cur, d)
	})
	if err != nil {
		return "", err
	}
	cb, err := in.tx.Callback(c.ID)
	if err != nil || !cb.Open() {
		return "", err
	}
	return "call on " + cb.Start.In(in.env.Zone).Format("Mon 2 Jan 2006, 15:04"), nil
}

// Starred takes a star on a contact's mail as "call back tomorrow". Stars from before the
// option was set are old ones.
func (r *runner) Starred(ctx context.Context, ms []*mailbox.Message) error {
	return r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		rs := r.current()
		in := &intake{r: r, rules: &rs, tx: tx, env: env, circle: rs.circle, batch: &mailbox.Batch{Live: true}, dirty: map[string]bool{}}
		known := map[string]bool{}
		if err := tx.EachJSON("star:", func(name string, _ []byte) error { known[strings.TrimPrefix(name, "star:")] = true; return nil }); err != nil {
			return err
		}
		first := len(known) == 0
		now := map[string]bool{"begun": true}
		for _, m := range ms {
			now[m.Identity] = true
			if known[m.Identity] || first {
				continue
			}
			if err := in.star(m); err != nil {
				return err
			}
		}
		for id := range known { // the star was taken off: the next one counts again
			if !now[id] {
				if err := tx.DropJSON("star:" + id); err != nil {
					return err
				}
			}
		}
		for id := range now {
			if !known[id] {
				if err := tx.PutJSON("star:"+id, json.RawMessage("1")); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (in *intake) star(m *mailbox.Message) error {
	author, _ := m.Author()
	c, err := in.tx.ContactByEmail(mailbox.Canonical(author.Addr))
	if c == nil || err != nil {
		return err
	}
	said, err := in.callBackOn(newPlanner(in.tx, in.env), c, in.env.AddWorkdays(in.env.Today(), 1), "starred on ")
	if err != nil {
		return err
	}
	return in.understood(m, c.DisplayName()+": "+said)
}
