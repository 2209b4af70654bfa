package intake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/phone"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// wantsBody decides which new mails are read beyond their header (DESIGN.md, principle 4):
// those of known contacts, bounces, invitations, notices of phone systems.
func wantsBody(r *book.Runner, m *message.Message) bool {
	rs := r.Current()
	switch m.Class {
	case message.ClassBounce:
		return true
	case message.ClassOwn:
		return false
	case message.ClassInvitation:
		return true
	case message.ClassList, message.ClassBulk:
		return false
	}
	if prose.CallNoticeSubject(m.Subject) || words.InvitationSubjectRE.MatchString(m.Subject) {
		return true
	}
	author, _ := m.Author()
	addr := message.Canonical(author.Addr)
	if rs.Ours(addr) {
		return mayCommand(r, &rs, m) || draftWaits(r, m) || agency.ToClient(r, m)
	}
	if m.Class == message.ClassAutomated && words.PortalRE.MatchString(m.Subject) {
		return true
	}
	if letterAnswered(r, m) != "" || mayHoldCalendar(r, m) {
		return true
	}
	known := false
	_ = r.State.View(func(tx *store.Tx) error { // an error leaves the mail with its header, which is enough to log it
		c, err := tx.ContactByEmail(addr)
		known = c != nil
		return err
	})
	return known
}

// mayHoldCalendar reports whether a mail may be an invitation that concerns somebody who is known, in whatever language it is written: its
// structure can hold a calendar, and one of its people is a contact.
func mayHoldCalendar(r *book.Runner, m *message.Message) bool {
	ct := strings.ToLower(m.Header.Get("Content-Type"))
	if !strings.HasPrefix(ct, "multipart/") && !strings.Contains(ct, "text/calendar") && !strings.Contains(strings.ToLower(m.Header.Get("Content-Class")), "calendar") {
		return false
	}
	known := false
	_ = r.State.View(func(tx *store.Tx) error { // an error leaves the mail with its header
		for _, a := range m.To[:min(len(m.To), mostPeople)] {
			c, err := tx.ContactByEmail(message.Canonical(a.Addr))
			if c != nil || err != nil {
				known = err == nil
				return err
			}
		}
		return nil
	})
	return known
}

// draftWaits reports whether a draft to somebody on the mail waits to be sent: then it may be that.
func draftWaits(r *book.Runner, m *message.Message) bool {
	waits := false
	_ = r.State.View(func(tx *store.Tx) error { // an error leaves the mail with its header, by which most letters are known again
		for _, a := range m.To {
			c, err := tx.ContactByEmail(message.Canonical(a.Addr))
			if c == nil || err != nil {
				continue
			}
			all, err := tx.Letters(c.ID)
			waits = waits || err == nil && slices.ContainsFunc(all, func(o desk.Outgoing) bool {
				return o.State == desk.OutDraft || o.State == desk.OutEdited || o.Gone() && m.Date.Sub(o.SentAt).Abs() < 24*time.Hour // the server may have given it another ID
			})
		}
		return nil
	})
	return waits
}

// unsubscribe takes a mail that a letter's List-Unsubscribe link made: do not contact, at once. Only the token that went to the
// person proves it; from the recruiter herself it is nothing.
func unsubscribe(in *people.Intake, m *message.Message) (done bool, err error) {
	hit := seal.UnsubscribeRE.FindStringSubmatch(m.Subject)
	if hit == nil || !in.Batch.Live || in.Batch.Sent || in.Rules.Ours(message.Canonical(m.From.Addr)) || !seal.SameToken(seal.UnsubscribeToken(in.R.Key, in.R.Name, hit[1]), hit[0]) {
		return false, nil
	}
	c, err := in.Tx.Contact(hit[1])
	if c == nil || err != nil {
		return true, err
	}
	a := in.R.Open(in.Tx, in.Env).From(desk.SourceMail)
	if err := people.SetStatus(a, c, desk.StatusDoNotContact); err != nil {
		return true, err
	}
	c.AddNote("asked by mail on " + desk.DateOf(m.Date.In(in.Env.Zone)).Short() + " not to be written to")
	in.Tx.Shown()
	if err := in.Tx.PutContact(c); err != nil {
		return true, err
	}
	return true, in.Tx.AddNews(desk.News{ID: "unsubscribed-" + c.ID, Time: m.Date, Kind: desk.NewsUnderstood, Contact: c.ID, Text: c.DisplayName() + " asked not to be written to: do not contact"})
}

// notice takes what isn't written by a person but tells something: bounces, auto-replies,
// calls. done is false if the message is to be logged like any other.
func notice(in *people.Intake, m *message.Message) (done bool, err error) {
	if m.Body == nil {
		return false, nil
	}
	if forged, err := refuted(in, m); forged || err != nil {
		return true, err
	}
	switch m.Class {
	case message.ClassBounce:
		return true, bounce(in, m)
	case message.ClassAutoReply:
		return true, autoReply(in, m)
	case message.ClassAutomated, message.ClassHuman:
		if prose.CallNoticeSubject(m.Subject) {
			return call(in, m)
		}
	}
	return false, nil
}

// refuted reports whether the recruiter's own server says that a notice isn't from whom it claims: then it changes nothing, and is told
// where it is about somebody who is known.
func refuted(in *people.Intake, m *message.Message) (bool, error) {
	auto := m.Class == message.ClassBounce || m.Class == message.ClassAutoReply || prose.CallNoticeSubject(m.Subject)
	if !auto || m.Verdict(in.Rules.Cfg.AuthservID) != message.Refuted {
		return false, nil
	}
	about, what := []string{message.Canonical(m.From.Addr)}, "an automatic reply"
	switch m.Class {
	case message.ClassBounce:
		about, what = nil, "a report that mail could not be delivered"
		if b, ok := prose.ReadBounce(m.Body); ok {
			for _, f := range b.Failed {
				for _, a := range b.Written(f) {
					about = append(about, message.Canonical(a))
				}
			}
		}
	case message.ClassAutoReply:
	default:
		what = "a notice of a call"
		text, _ := m.Body.Readable()
		if n, ok := prose.ReadCallNotice(m, text); ok {
			c, err := caller(in, n)
			if err != nil {
				return true, err
			}
			if c != nil {
				about = append(about, c.Email())
			}
		}
	}
	for _, addr := range about {
		c, err := in.Tx.ContactByEmail(addr)
		if err != nil {
			return true, err
		}
		if c == nil {
			continue
		}
		return true, in.Tx.AddNews(desk.News{
			ID: "refuted-" + desk.ShortHash(c.ID, what, m.Date.UTC().Format(time.DateOnly)), Time: m.Date, Kind: desk.NewsTrouble, Contact: c.ID,
			Text: fmt.Sprintf("%s: %s came that your mail server says is not genuine. Nothing was changed for it.", c.DisplayName(), what),
		})
	}
	return true, nil
}

// bounce marks the outgoing touches that a bounce is about as undelivered, and the address
// as dead where it is; then another one is asked for.
func bounce(in *people.Intake, m *message.Message) error {
	b, ok := prose.ReadBounce(m.Body)
	if !ok {
		return nil
	}
	for _, f := range b.Failed {
		addr, err := bounced(in, &b, f)
		if err != nil {
			return err
		}
		rec := desk.Bounce{MessageID: b.OriginalID, Identity: m.Identity, Time: m.Date, Hard: f.Kind == prose.BounceHard, Reason: desk.Tidy(f.Reason)}
		if err := in.Tx.PutBounce(addr, rec); err != nil { // the mail that it is about may be read later
			return err
		}
		c, err := in.Tx.ContactByEmail(addr)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		if err := undelivered(in, c, addr, rec); err != nil {
			return err
		}
	}
	return nil
}

// bounced is the address that a failed one stands for: the first of those that it may be which is somebody's, else the failed one itself.
func bounced(in *people.Intake, b *prose.Bounce, f prose.Failed) (string, error) {
	for _, a := range b.Written(f) {
		addr := message.Canonical(a)
		if c, err := in.Tx.ContactByEmail(addr); c != nil || err != nil {
			return addr, err
		}
	}
	return message.Canonical(f.Recipient), nil
}

// undelivered marks the mail that a report is about. Anybody can write a report: one that names no mail to this address changes nothing,
// and is told.
func undelivered(in *people.Intake, c *desk.Contact, addr string, b desk.Bounce) error {
	ts, err := in.Tx.Touches(c)
	if err != nil {
		return err
	}
	known := false
	for i := len(ts) - 1; i >= 0 && !known; i-- {
		t := ts[i]
		if b.MessageID == "" || t.Direction != desk.Out || t.Channel != desk.ChannelEmail || t.MessageID != b.MessageID {
			continue
		}
		known = true
		if t.Outcome == "" {
			t.Outcome, t.Note = desk.OutcomeUndelivered, desk.ClipText(b.Reason, 300)
			if err := in.Tx.ChangeTouch(&t); err != nil {
				return err
			}
		}
	}
	if known {
		return in.CountBounce(c, addr, b)
	}
	return in.Tx.AddNews(desk.News{
		ID: people.UnknownReport(addr, b.MessageID), Time: b.Time, Kind: desk.NewsAsk, Contact: c.ID,
		Text: fmt.Sprintf("A report says that mail to %s <%s> was not delivered, but it names no mail of yours, so nothing was changed. If the address is dead, reply “%s address NEW@ADDRESS”.", c.DisplayName(), addr, addr),
	})
}

// autoReply takes an auto-reply of a contact: an absence moves the callback past it; who has
// left is marked, and the successor suggested.
func autoReply(in *people.Intake, m *message.Message) error {
	c, err := in.Tx.ContactByEmail(message.Canonical(m.From.Addr))
	if c == nil || err != nil {
		return err
	}
	text, _ := m.Body.Readable()
	a := prose.ReadAutoReply(m, text)
	switch a.Kind {
	case prose.ReplyAway:
		return away(in, c, m, a)
	case prose.ReplyGone:
		return left(in, c, m, a)
	}
	return nil
}

func away(in *people.Intake, c *desk.Contact, m *message.Message, a prose.AutoReply) error {
	if a.Date.IsZero() {
		return letters.PauseSequences(in.Tx, in.Env, c.ID, desk.Date{})
	}
	back := desk.DateOf(a.Back(in.Env.Hours.Workday))
	if !back.After(in.Env.Today()) {
		return nil
	}
	ts, err := in.Tx.Touches(c)
	if err != nil {
		return err
	}
	cur, err := in.Tx.Callback(c.ID)
	if err != nil {
		return err
	}
	basis := "away-" + desk.ShortHash(m.Identity)
	_, moves := desk.AfterAbsence(in.Env, cur, back, m.Date, basis)
	if desk.DoubtfulAbsence(in.Env, c, ts, back) {
		if err := letters.PauseSequences(in.Tx, in.Env, c.ID, desk.Date{}); err != nil || !moves {
			return err
		}
		return in.Tx.AddNews(desk.News{
			ID: basis, Time: m.Date, Kind: desk.NewsAsk, Contact: c.ID,
			Text: fmt.Sprintf("%s is away until %s, says an automatic reply. That is long, so the call stays on %s. To move it reply “%s call %s”.",
				c.DisplayName(), desk.SayDate(in.Env, back), desk.SayDate(in.Env, desk.DateOf(cur.Start.In(in.Env.Zone))), desk.Handle(c), back),
		})
	}
	if err := letters.PauseSequences(in.Tx, in.Env, c.ID, back); err != nil {
		return err
	}
	c.Away = back
	if err := in.Tx.PutContact(c); err != nil || !moves {
		return err
	}
	err = book.NewPlanner(in.Tx, in.Env).Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		w, ok := desk.AfterAbsence(in.Env, cur, back, m.Date, basis)
		if !ok {
			return cur
		}
		return desk.Move(in.Env, c, w, cur, d)
	})
	if err != nil {
		return err
	}
	next, err := in.Tx.Callback(c.ID)
	if err != nil {
		return err
	}
	agreed := ""
	if cur.Rule == desk.RuleAgreed {
		agreed = " you agreed"
	}
	return in.Tx.AddNews(desk.News{
		ID: basis, Time: m.Date, Kind: desk.NewsUnderstood, Contact: c.ID,
		Text: fmt.Sprintf("%s is away until %s, says an automatic reply: the call%s for %s moves to %s.", c.DisplayName(), desk.SayDate(in.Env, back), agreed,
			desk.SayDate(in.Env, desk.DateOf(cur.Start.In(in.Env.Zone))), desk.SayInstant(next.Start, in.Env.Zone)),
	})
}

func left(in *people.Intake, c *desk.Contact, m *message.Message, a prose.AutoReply) error {
	if c.Status == desk.StatusDoNotContact {
		return nil
	}
	who := strings.TrimSpace(a.Successor.Name + " <" + a.Successor.Addr + ">")
	said := "has left, says the auto-reply of " + desk.DateOf(m.Date.In(in.Env.Zone)).Short()
	if a.Successor.Addr != "" {
		said += "; write to " + who
	}
	c.Status = desk.StatusLeft
	c.AddNote(said)
	if err := in.Tx.PutContact(c); err != nil {
		return err
	}
	in.Tx.Shown()
	text := c.DisplayName() + " " + said + "."
	if a.Successor.Addr != "" {
		text += " To take the successor on as a lead reply: lead: " + who + "."
	} else {
		text += " Who comes after them? Reply “lead: NAME <address>”."
	}
	text += " Where are they now? Reply “now at COMPANY, address”."
	if err := in.Tx.AddNews(desk.News{ID: "left-" + desk.ShortHash(c.ID, m.Identity), Time: m.Date, Kind: desk.NewsAsk, Contact: c.ID, Text: desk.Tidy(text)}); err != nil {
		return err
	}
	return book.NewPlanner(in.Tx, in.Env).Plan(c)
}

// oneCall is within what time notices of calls from the same number are of one call.
const oneCall = 10 * time.Minute

// sameCall reports whether a notice is of a call that is logged already, by another notice: that it was missed, and that a message was
// left. The touch tells of the message then.
func sameCall(in *people.Intake, c *desk.Contact, t *desk.Touch) (bool, error) {
	ts, err := in.Tx.Touches(c)
	if err != nil {
		return false, err
	}
	for i := len(ts) - 1; i >= 0; i-- {
		was := ts[i]
		if was.Direction != desk.In || was.Source != desk.SourceMail || was.Channel != desk.ChannelCall && was.Channel != desk.ChannelVoicemail || t.Time.Sub(was.Time).Abs() > oneCall {
			continue
		}
		if t.Channel == desk.ChannelVoicemail && was.Channel == desk.ChannelCall {
			was.Channel, was.Subject = t.Channel, t.Subject
			return true, in.Tx.ChangeTouch(&was)
		}
		return true, nil
	}
	return false, nil
}

// call takes a phone system's notice of a call from a known number: an inbound touch, and a call back.
func call(in *people.Intake, m *message.Message) (done bool, err error) {
	text, _ := m.Body.Readable()
	n, ok := prose.ReadCallNotice(m, text)
	if !ok {
		return false, nil
	}
	c, err := caller(in, n)
	if c == nil || err != nil {
		return false, err
	}
	if seen, err := in.Tx.TouchedBy(c, m.Identity); seen || err != nil {
		return true, err
	}
	t := desk.Touch{
		ID: desk.MailTouchID(m.Identity, c.ID), Contact: c.ID, Email: c.Email(), Time: m.Date, Direction: desk.In, Channel: desk.ChannelCall,
		Kind: desk.KindTouch, Subject: m.Subject, MessageID: m.MessageID, Thread: m.Thread, Source: desk.SourceMail,
	}
	if n.Voicemail {
		t.Channel = desk.ChannelVoicemail
	}
	if same, err := sameCall(in, c, &t); same || err != nil {
		return true, err
	}
	if err := in.Tx.AddTouch(&t); err != nil {
		return true, err
	}
	if !c.Callable() {
		return true, nil
	}
	return true, book.NewPlanner(in.Tx, in.Env).Change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		w, ok := desk.CallBack(in.Env, cur, t)
		if !ok {
			return cur
		}
		return desk.Move(in.Env, c, w, cur, d)
	})
}

// caller is the one contact whom number or name fit.
func caller(in *people.Intake, n prose.CallNotice) (*desk.Contact, error) {
	all, err := in.Tx.Contacts()
	if err != nil {
		return nil, err
	}
	var hits []*desk.Contact
	for _, c := range all {
		if phone.Same(c.Phone, n.Number) {
			hits = append(hits, c)
		}
	}
	if len(hits) == 0 && n.Name != "" {
		return in.ByName(n.Name)
	}
	if len(hits) != 1 {
		return nil, nil
	}
	return hits[0], nil
}
