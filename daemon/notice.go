package daemon

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// invitationSubjectRE finds the subjects under which calendars write to people who are no contacts yet.
var invitationSubjectRE = regexp.MustCompile(`(?i)^\s*(updated |cancell?ed )?(invitation|invite|einladung|invito|invitación|convite|uitnodiging|inbjudan|zaproszenie|pozvánka|приглашение|招待|邀请)\b|interview`)

// wantsBody decides which new mails are read beyond their header (DESIGN.md, principle 4):
// those of known contacts, bounces, invitations, notices of phone systems.
func (r *runner) wantsBody(m *mailbox.Message) bool {
	rs := r.current()
	switch m.Class {
	case mailbox.ClassBounce:
		return true
	case mailbox.ClassOwn:
		return false
	case mailbox.ClassInvitation:
		return true
	case mailbox.ClassList, mailbox.ClassBulk:
		return false
	}
	if mailbox.CallNoticeSubject(m.Subject) || invitationSubjectRE.MatchString(m.Subject) {
		return true
	}
	author, _ := m.Author()
	addr := mailbox.Canonical(author.Addr)
	if rs.ours(addr) {
		return r.mayCommand(&rs, m) || r.draftWaits(m) || r.toClient(m)
	}
	if m.Class == mailbox.ClassAutomated && portalRE.MatchString(m.Subject) {
		return true
	}
	known := false
	_ = r.state.View(func(tx *store.Tx) error { // an error leaves the mail with its header, which is enough to log it
		c, err := tx.ContactByEmail(addr)
		known = c != nil
		return err
	})
	return known
}

// draftWaits reports whether a draft to somebody on the mail waits to be sent: then it may be that.
func (r *runner) draftWaits(m *mailbox.Message) bool {
	waits := false
	_ = r.state.View(func(tx *store.Tx) error { // an error leaves the mail with its header, by which most letters are known again
		for _, a := range m.To {
			c, err := tx.ContactByEmail(mailbox.Canonical(a.Addr))
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

var unsubscribeRE = regexp.MustCompile(`\bfcu-(c-[0-9a-f]{24})-([A-Za-z0-9_-]{22})`)

// unsubscribe takes a mail that a letter's List-Unsubscribe link made: do not contact, at once. Only the token that went to the
// person proves it; from the recruiter herself it is nothing.
func (in *intake) unsubscribe(m *mailbox.Message) (done bool, err error) {
	hit := unsubscribeRE.FindStringSubmatch(m.Subject)
	if hit == nil || !in.batch.Live || in.batch.Sent || in.rules.ours(mailbox.Canonical(m.From.Addr)) || !sameToken(unsubscribeToken(in.r.key, in.r.name, hit[1]), hit[0]) {
		return false, nil
	}
	c, err := in.tx.Contact(hit[1])
	if c == nil || err != nil {
		return true, err
	}
	a := &applier{r: in.r, tx: in.tx, env: in.env, planner: newPlanner(in.tx, in.env), source: desk.SourceMail}
	if err := a.setStatus(c, desk.StatusDoNotContact); err != nil {
		return true, err
	}
	c.AddNote("asked by mail on " + m.Date.In(in.env.Zone).Format("2 Jan 2006") + " not to be written to")
	in.tx.Shown()
	if err := in.tx.PutContact(c); err != nil {
		return true, err
	}
	return true, in.tx.AddNews(desk.News{ID: "unsubscribed-" + c.ID, Time: m.Date, Kind: desk.NewsUnderstood, Contact: c.ID, Text: c.DisplayName() + " asked not to be written to: do not contact"})
}

// notice takes what isn't written by a person but tells something: bounces, auto-replies,
// calls. done is false if the message is to be logged like any other.
func (in *intake) notice(m *mailbox.Message) (done bool, err error) {
	if m.Body == nil {
		return false, nil
	}
	if forged, err := in.refuted(m); forged || err != nil {
		return true, err
	}
	switch m.Class {
	case mailbox.ClassBounce:
		return true, in.bounce(m)
	case mailbox.ClassAutoReply:
		return true, in.autoReply(m)
	case mailbox.ClassAutomated, mailbox.ClassHuman:
		if mailbox.CallNoticeSubject(m.Subject) {
			return in.call(m)
		}
	}
	return false, nil
}

// refuted reports whether the recruiter's own server says that a notice isn't from whom it claims: then it changes nothing, and is told
// where it is about somebody who is known.
func (in *intake) refuted(m *mailbox.Message) (bool, error) {
	auto := m.Class == mailbox.ClassBounce || m.Class == mailbox.ClassAutoReply || mailbox.CallNoticeSubject(m.Subject)
	if !auto || m.Verdict(in.rules.cfg.AuthservID) != mailbox.Refuted {
		return false, nil
	}
	about, what := []string{mailbox.Canonical(m.From.Addr)}, "an automatic reply"
	switch m.Class {
	case mailbox.ClassBounce:
		about, what = nil, "a report that mail could not be delivered"
		if b, ok := mailbox.ReadBounce(m.Body); ok {
			for _, f := range b.Failed {
				about = append(about, mailbox.Canonical(f.Recipient))
			}
		}
	case mailbox.ClassAutoReply:
	default:
		what = "a notice of a call"
		text, _ := m.Body.Readable()
		if n, ok := mailbox.ReadCallNotice(m, text); ok {
			c, err := in.caller(n)
			if err != nil {
				return true, err
			}
			if c != nil {
				about = append(about, c.Email())
			}
		}
	}
	for _, addr := range about {
		c, err := in.tx.ContactByEmail(addr)
		if err != nil {
			return true, err
		}
		if c == nil {
			continue
		}
		return true, in.tx.AddNews(desk.News{
			ID: "refuted-" + desk.ShortHash(c.ID, what, m.Date.UTC().Format(time.DateOnly)), Time: m.Date, Kind: desk.NewsTrouble, Contact: c.ID,
			Text: fmt.Sprintf("%s: %s came that your mail server says is not genuine. Nothing was changed for it.", c.DisplayName(), what),
		})
	}
	return true, nil
}

// bounce marks the outgoing touches that a bounce is about as undelivered, and the address
// as dead where it is; then another one is asked for.
func (in *intake) bounce(m *mailbox.Message) error {
	b, ok := mailbox.ReadBounce(m.Body)
	if !ok {
		return nil
	}
	for _, f := range b.Failed {
		addr := mailbox.Canonical(f.Recipient)
		rec := desk.Bounce{MessageID: b.OriginalID, Identity: m.Identity, Time: m.Date, Hard: f.Kind == mailbox.BounceHard, Reason: desk.Tidy(f.Reason)}
		if err := in.tx.PutBounce(addr, rec); err != nil { // the mail that it is about may be read later
			return err
		}
		c, err := in.tx.ContactByEmail(addr)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		if err := in.undelivered(c, addr, rec); err != nil {
			return err
		}
	}
	return nil
}

// undelivered marks the mail that a report is about. Anybody can write a report: one that names no mail to this address changes nothing,
// and is told.
func (in *intake) undelivered(c *desk.Contact, addr string, b desk.Bounce) error {
	ts, err := in.tx.Touches(c)
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
			t.Outcome, t.Note = desk.OutcomeUndelivered, clipText(b.Reason, 300)
			if err := in.tx.ChangeTouch(&t); err != nil {
				return err
			}
		}
	}
	if known {
		return in.countBounce(c, addr, b)
	}
	return in.tx.AddNews(desk.News{
		ID: unknownReport(addr, b.MessageID), Time: b.Time, Kind: desk.NewsAsk, Contact: c.ID,
		Text: fmt.Sprintf("A report says that mail to %s <%s> was not delivered, but it names no mail of yours, so nothing was changed. If the address is dead, reply “%s address NEW@ADDRESS”.", c.DisplayName(), addr, addr),
	})
}

func unknownReport(addr, messageID string) string { return "report-" + desk.ShortHash(addr, messageID) }

func (in *intake) countBounce(c *desk.Contact, addr string, b desk.Bounce) error {
	dead := c.MailBounced(addr, b)
	if err := in.tx.PutContact(c); err != nil || !dead {
		return err
	}
	in.tx.Shown()
	return in.tx.AddNews(desk.News{
		ID: "bounce-" + desk.ShortHash(c.ID, addr), Time: b.Time, Kind: desk.NewsAsk, Contact: c.ID,
		Text: fmt.Sprintf("mail to %s <%s> comes back (%s): what is the new address?", c.DisplayName(), addr, clipText(b.Reason, 120)),
	})
}

// delivered looks whether a mail that is logged only now has come back already.
func (in *intake) delivered(c *desk.Contact, t *desk.Touch) error {
	if !in.batch.Live {
		return nil
	}
	if t.Direction == desk.In {
		if c.MailArrived(t.Email) {
			return in.tx.PutContact(c)
		}
		return nil
	}
	b, ok, err := in.tx.BounceOf(t.Email, t.MessageID)
	if !ok || err != nil {
		return err
	}
	t.Outcome, t.Note = desk.OutcomeUndelivered, clipText(b.Reason, 300)
	return errors.Join(in.tx.DropNews(unknownReport(t.Email, t.MessageID)), in.countBounce(c, t.Email, b))
}

func clipText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// autoReply takes an auto-reply of a contact: an absence moves the callback past it; who has
// left is marked, and the successor suggested.
func (in *intake) autoReply(m *mailbox.Message) error {
	c, err := in.tx.ContactByEmail(mailbox.Canonical(m.From.Addr))
	if c == nil || err != nil {
		return err
	}
	text, _ := m.Body.Readable()
	a := mailbox.ReadAutoReply(m, text)
	switch a.Kind {
	case mailbox.ReplyAway:
		return in.away(c, m, a)
	case mailbox.ReplyGone:
		return in.left(c, m, a)
	}
	return nil
}

func (in *intake) away(c *desk.Contact, m *mailbox.Message, a mailbox.AutoReply) error {
	if a.Date.IsZero() {
		return pauseSequences(in.tx, in.env, c.ID, desk.Date{})
	}
	back := desk.DateOf(a.Back(in.env.Hours.Workday))
	if !back.After(in.env.Today()) {
		return nil
	}
	ts, err := in.tx.Touches(c)
	if err != nil {
		return err
	}
	cur, err := in.tx.Callback(c.ID)
	if err != nil {
		return err
	}
	basis := "away-" + desk.ShortHash(m.Identity)
	_, moves := desk.AfterAbsence(in.env, cur, back, m.Date, basis)
	if desk.DoubtfulAbsence(in.env, c, ts, back) {
		if err := pauseSequences(in.tx, in.env, c.ID, desk.Date{}); err != nil || !moves {
			return err
		}
		return in.tx.AddNews(desk.News{
			ID: basis, Time: m.Date, Kind: desk.NewsAsk, Contact: c.ID,
			Text: fmt.Sprintf("%s is away until %s, says an automatic reply. That is long, so the call stays on %s. To move it reply “%s call %s”.",
				c.DisplayName(), sayDate(in.env, back), sayDate(in.env, desk.DateOf(cur.Start.In(in.env.Zone))), handle(c), back),
		})
	}
	if err := pauseSequences(in.tx, in.env, c.ID, back); err != nil {
		return err
	}
	c.Away = back
	if err := in.tx.PutContact(c); err != nil || !moves {
		return err
	}
	err = newPlanner(in.tx, in.env).change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		w, ok := desk.AfterAbsence(in.env, cur, back, m.Date, basis)
		if !ok {
			return cur
		}
		return desk.Move(in.env, c, w, cur, d)
	})
	if err != nil {
		return err
	}
	next, err := in.tx.Callback(c.ID)
	if err != nil {
		return err
	}
	agreed := ""
	if cur.Rule == desk.RuleAgreed {
		agreed = " you agreed"
	}
	return in.tx.AddNews(desk.News{
		ID: basis, Time: m.Date, Kind: desk.NewsUnderstood, Contact: c.ID,
		Text: fmt.Sprintf("%s is away until %s, says an automatic reply: the call%s for %s moves to %s.", c.DisplayName(), sayDate(in.env, back), agreed,
			sayDate(in.env, desk.DateOf(cur.Start.In(in.env.Zone))), next.Start.In(in.env.Zone).Format("Mon 2 Jan, 15:04")),
	})
}

// sayDate is a day in a sentence; the year only where it isn't this one.
func sayDate(env desk.Env, d desk.Date) string {
	if d.Year == env.Today().Year {
		return d.UTC().Format("Mon 2 Jan")
	}
	return d.UTC().Format("Mon 2 Jan 2006")
}

func (in *intake) left(c *desk.Contact, m *mailbox.Message, a mailbox.AutoReply) error {
	if c.Status == desk.StatusDoNotContact {
		return nil
	}
	who := strings.TrimSpace(a.Successor.Name + " <" + a.Successor.Addr + ">")
	said := "has left, says the auto-reply of " + m.Date.In(in.env.Zone).Format("2 Jan 2006")
	if a.Successor.Addr != "" {
		said += "; write to " + who
	}
	c.Status = desk.StatusLeft
	c.AddNote(said)
	if err := in.tx.PutContact(c); err != nil {
		return err
	}
	in.tx.Shown()
	text := c.DisplayName() + " " + said + "."
	if a.Successor.Addr != "" {
		text += " To take the successor on as a lead reply: lead: " + who + "."
	} else {
		text += " Who comes after them? Reply “lead: NAME <address>”."
	}
	text += " Where are they now? Reply “now at COMPANY, address”."
	if err := in.tx.AddNews(desk.News{ID: "left-" + desk.ShortHash(c.ID, m.Identity), Time: m.Date, Kind: desk.NewsAsk, Contact: c.ID, Text: desk.Tidy(text)}); err != nil {
		return err
	}
	return newPlanner(in.tx, in.env).plan(c)
}

// call takes a phone system's notice of a call from a known number: an inbound touch, and a call back.
func (in *intake) call(m *mailbox.Message) (done bool, err error) {
	text, _ := m.Body.Readable()
	n, ok := mailbox.ReadCallNotice(m, text)
	if !ok {
		return false, nil
	}
	c, err := in.caller(n)
	if c == nil || err != nil {
		return false, err
	}
	if seen, err := in.tx.TouchedBy(c, m.Identity); seen || err != nil {
		return true, err
	}
	t := desk.Touch{
		ID: desk.MailTouchID(m.Identity, c.ID), Contact: c.ID, Email: c.Email(), Time: m.Date, Direction: desk.In, Channel: desk.ChannelCall,
		Kind: desk.KindTouch, Subject: m.Subject, MessageID: m.MessageID, Thread: m.Thread, Source: desk.SourceMail,
	}
	if n.Voicemail {
		t.Channel = desk.ChannelVoicemail
	}
	if err := in.tx.AddTouch(&t); err != nil {
		return true, err
	}
	if !c.Callable() {
		return true, nil
	}
	return true, newPlanner(in.tx, in.env).change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		w, ok := desk.CallBack(in.env, cur, t)
		if !ok {
			return cur
		}
		return desk.Move(in.env, c, w, cur, d)
	})
}

// caller is the one contact whom number or name fit.
func (in *intake) caller(n mailbox.CallNotice) (*desk.Contact, error) {
	all, err := in.tx.Contacts()
	if err != nil {
		return nil, err
	}
	var hits []*desk.Contact
	for _, c := range all {
		if samePhone(c.Phone, n.Number) {
			hits = append(hits, c)
		}
	}
	if len(hits) == 0 && n.Name != "" {
		return in.byName(n.Name)
	}
	if len(hits) != 1 {
		return nil, nil
	}
	return hits[0], nil
}

// byName is the one contact of exactly this name, nil if there is none or several.
func (in *intake) byName(name string) (*desk.Contact, error) {
	all, err := in.tx.Contacts()
	if err != nil || strings.TrimSpace(name) == "" {
		return nil, err
	}
	hits := slices.DeleteFunc(all, func(c *desk.Contact) bool { return !strings.EqualFold(c.Name, desk.CleanName(name)) })
	if len(hits) != 1 {
		return nil, nil
	}
	return hits[0], nil
}

// samePhone compares numbers by their last nine digits, so that a country code or a leading zero doesn't part them.
func samePhone(a, b string) bool {
	x, y := strings.TrimLeft(digits(a), "0"), strings.TrimLeft(digits(b), "0")
	n := min(len(x), len(y), 9)
	return n >= 7 && x[len(x)-n:] == y[len(y)-n:]
}
