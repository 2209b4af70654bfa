package daemon

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/mailbox"
)

// Invitations to oneself carry callbacks into calendars that can't write back to a collection. The calendar answers by mail.
const (
	inviteAhead   = 14 * 24 * time.Hour
	invitesAnHour = 20
	deliverInvite = "invite"
)

// selfInvite is what the recruiter's calendar was last told of a callback.
type selfInvite struct {
	Call     string    `json:"call"` // the callback's UID
	Start    time.Time `json:"start"`
	Title    string    `json:"title"`
	Sequence int       `json:"sequence"`
	Gone     bool      `json:"gone,omitempty"`  // it was cancelled, or declined there
	Seen     bool      `json:"seen,omitempty"`  // it was accepted
	Stale    bool      `json:"stale,omitempty"` // her calendar waits for a time: it is told also if it is the old one
	Mail     string    `json:"mail"`            // the outgoing mail that told it
	Sent     time.Time `json:"sent"`
}

const (
	invitePrefix = "invite:"
	invitesSent  = "invites-sent" // when the latest ones were
)

// tellsCalendars reports whether the recruiter's own calendar is told of what changes in hers here.
func (r *runner) tellsCalendars() bool {
	return r.current().cfg.Calendar.Deliver == deliverInvite
}

// inviteUID is a callback's UID in invitations. It is signed, so that an answer which quotes it answers one of ours.
func (r *runner) inviteUID(call string) string {
	name := strings.TrimSuffix(call, "@fifthcall")
	if name == call { // a client's UID
		name = "client-" + desk.ShortHash(call)
	}
	return name + "." + token(r.key, "invite", r.name, call) + "@fifthcall"
}

// selfInvites invites the recruiter to her calls, tells of changes, and cancels what is off: the next ones first, and not too many
// in an hour.
func (rd *round) selfInvites() error {
	known := map[string]*selfInvite{}
	err := eachRecord(rd.tx, invitePrefix, func(iv selfInvite) { known[iv.Call] = &iv })
	on := rd.r.current().cfg.Calendar.Deliver == deliverInvite
	if err != nil || !on && len(known) == 0 {
		return err
	}
	all, err := allCallbacks(rd.tx)
	if err != nil {
		return err
	}
	open := map[string]bool{}
	var todo []func() error
	var bg *desk.Background
	if on {
		if bg, err = rd.r.background(rd.tx, rd.env); err != nil {
			return err
		}
	}
	for i := range all { // by slot
		cb := &all[i]
		if !cb.Open() || !on {
			continue
		}
		open[cb.UID] = true
		iv := known[cb.UID]
		there := iv != nil && !iv.Gone
		if !there && (!cb.Start.After(rd.env.Now) || cb.Start.Sub(rd.env.Now) > inviteAhead) {
			continue
		}
		event, err := rd.r.event(rd.tx, rd.env, bg, cb)
		if err != nil {
			return err
		}
		if there && !iv.Stale && iv.Start.Equal(event.Start) && iv.Title == event.Summary {
			continue
		}
		todo = append(todo, func() error { return rd.invite("REQUEST", iv, cb.UID, event) })
	}
	for _, uid := range sortedKeys(known) {
		iv := known[uid]
		switch {
		case open[uid]:
		case iv.Gone || !iv.Start.After(rd.env.Now.Add(-24*time.Hour)):
			if rd.env.Now.Sub(iv.Sent) > 2*inviteAhead && rd.env.Now.After(iv.Start) { // over, and forgotten there, too
				if err := rd.tx.DropJSON(invitePrefix + uid); err != nil {
					return err
				}
			}
		default:
			event := calendar.Event{Start: iv.Start, End: iv.Start.Add(rd.env.Slot), Summary: iv.Title, Modified: rd.env.Now, Created: iv.Sent}
			todo = append(todo, func() error { return rd.invite("CANCEL", iv, uid, event) })
		}
	}
	if len(todo) == 0 {
		return nil
	}
	var sent []time.Time
	if _, err := rd.tx.JSON(invitesSent, &sent); err != nil {
		return err
	}
	sent = slices.DeleteFunc(sent, func(t time.Time) bool { return t.After(rd.env.Now) || rd.env.Now.Sub(t) >= time.Hour })
	for _, do := range todo {
		if len(sent) >= invitesAnHour {
			break
		}
		if err := do(); err != nil {
			return err
		}
		sent = append(sent, rd.env.Now.UTC())
	}
	return rd.tx.PutJSON(invitesSent, sent)
}

// invite queues one message to the recruiter's calendar, in place of one that still waits.
func (rd *round) invite(method string, was *selfInvite, call string, e calendar.Event) error {
	iv := selfInvite{Call: call, Start: e.Start, Title: e.Summary, Sequence: e.Sequence, Gone: method == "CANCEL", Sent: rd.env.Now.UTC()}
	if was != nil {
		iv.Sequence = max(e.Sequence, was.Sequence+1)
		if o, err := rd.tx.OutgoingByID(was.Mail); err != nil {
			return err
		} else if o != nil && o.State == desk.OutQueued && o.Tries == 0 {
			if err := rd.tx.DropOutgoing(o.ID); err != nil {
				return err
			}
		}
	}
	n, err := rd.tx.NextOrdinal()
	if err != nil {
		return err
	}
	cfg := rd.r.current().cfg
	e.UID, e.Sequence = rd.r.inviteUID(call), iv.Sequence
	e.Modified = rd.env.Now
	e.Organizer = calendar.Party{Email: cfg.LogAddress, Name: "Fifthcall"}
	e.Attendees = []calendar.Party{{Email: cfg.Email, Name: cmp.Or(cfg.Letters.Name, rd.r.name)}}
	data, err := calendar.Invite(prodID, method, e)
	if err != nil {
		return err
	}
	iv.Mail = fmt.Sprintf("c%d", n)
	_, domain, _ := strings.Cut(cfg.Email, "@")
	head := letter.Head{
		ID: ownMessageID(rd.r.key, rd.r.name, iv.Mail, domain), FromName: "Fifthcall", From: cfg.LogAddress, To: []string{cfg.Email},
		Subject: map[string]string{"REQUEST": "", "CANCEL": "Cancelled: "}[method] + e.Summary + ", " + e.Start.In(rd.env.Zone).Format("Mon 2 Jan, 15:04"), Date: rd.env.Now.In(rd.env.Zone), Kind: kindInvite,
		Calendar: data, Method: method,
	}
	body := e.Description
	if method == "CANCEL" {
		body = "This call is off."
	}
	raw, err := letter.Compose(head, body+"\n", "")
	if err != nil {
		return err
	}
	err = rd.tx.PutOutgoing(&desk.Outgoing{
		ID: iv.Mail, MessageID: head.ID, Kind: kindInvite, From: head.From, To: head.To, Subject: head.Subject, Data: raw,
		Deliver: desk.DeliverSMTP, State: desk.OutQueued, Created: rd.env.Now.UTC(),
	})
	if err != nil {
		return err
	}
	return rd.tx.PutJSON(invitePrefix+call, iv)
}

// calendarAnswer takes what the recruiter's calendar answers to an invitation to herself: declined dismisses, a proposed time moves,
// accepted is seen. It is proven like a command (DESIGN.md, principle 7): the signed UID is its token.
func (in *intake) calendarAnswer(m *mailbox.Message) (done bool, err error) {
	if m.Body == nil || !in.batch.Live || m.Class == mailbox.ClassOwn || !in.rules.ours(mailbox.Canonical(m.From.Addr)) {
		return false, nil
	}
	parts, method := m.Body.CalendarParts()
	if len(parts) == 0 {
		return false, nil
	}
	inv, ok := calendar.ReadInvitation(parts, method, m.Subject)
	if !ok || inv.Kind != calendar.KindReply && inv.Kind != calendar.KindCounter {
		return false, nil
	}
	iv, err := in.invited(inv.Event.UID)
	if iv == nil || err != nil {
		return false, err
	}
	if seen, err := in.tx.Obeyed(m.Identity); seen || err != nil {
		return true, err
	}
	if why := in.unprovenAnswer(m); why != "" {
		return true, in.tx.PutJSON(suspectPrefix+m.Identity, suspicion{Seen: in.env.Now, From: mailbox.Canonical(m.From.Addr), Subject: desk.Tidy(m.Subject), Why: why})
	}
	if err := in.tx.SetObeyed(m.Identity, in.env.Now); err != nil {
		return true, err
	}
	return true, in.answeredInvite(&inv, iv)
}

// invited is the invitation with the UID, nil if it is none of ours.
func (in *intake) invited(uid string) (*selfInvite, error) {
	if !ownUID(uid) {
		return nil, nil
	}
	var hit *selfInvite
	err := eachRecord(in.tx, invitePrefix, func(iv selfInvite) {
		if sameToken(in.r.inviteUID(iv.Call), uid) {
			hit = &iv
		}
	})
	return hit, err
}

// calendarRobots send answers in the name of those who gave them.
var calendarRobots = []string{"calendar-notification@google.com"}

// unprovenAnswer says why a calendar's answer isn't taken, "" if it is.
func (in *intake) unprovenAnswer(m *mailbox.Message) string {
	sender := mailbox.Canonical(m.Sender.Addr)
	switch {
	case !m.OneFrom():
		return "it has more than one sender"
	case m.Sender.Addr != "" && !in.rules.ours(sender) && !slices.Contains(calendarRobots, sender):
		return "its Sender is " + sender
	case in.batch.Sent:
		return ""
	case in.rules.cfg.AuthservID == "":
		return "authserv_id is not configured, so nothing proves its sender"
	case !m.Authenticated(in.rules.cfg.AuthservID):
		return "the mail server doesn't vouch for its sender"
	}
	return ""
}

// answeredInvite applies the calendar's answer.
func (in *intake) answeredInvite(inv *calendar.Invitation, iv *selfInvite) error {
	e := &collectionEdit{r: in.r, tx: in.tx, env: in.env, coll: collCallbacks}
	cb, c, err := e.callOf(&collectionObject{Shows: iv.Call})
	if err != nil {
		return err
	}
	if cb == nil { // it is off already
		if iv.Gone && inv.Kind == calendar.KindReply && len(inv.Event.Attendees) > 0 && inv.Event.Attendees[0].Status == "DECLINED" {
			return nil
		}
		return e.news(desk.NewsHint, "", "You answered the invitation “"+iv.Title+"”, but that call is off. To have it again, say who and when.")
	}
	i := slices.IndexFunc(inv.Event.Attendees, func(p calendar.Party) bool { return in.rules.ours(mailbox.Canonical(p.Email)) })
	switch {
	case inv.Kind == calendar.KindCounter:
		if inv.Event.Sequence < iv.Sequence {
			return e.news(desk.NewsHint, c.ID, fmt.Sprintf("You proposed %s for an older version of the call with %s; it has moved since, to %s, and stands.", sayMoment(inv.Event.Start, in.env.Zone), c.DisplayName(), cb.Start.In(in.env.Zone).Format("Mon 2 Jan, 15:04")))
		}
		iv.Stale = true
		if err := in.tx.PutJSON(invitePrefix+iv.Call, iv); err != nil {
			return err
		}
		in.tx.Stir()
		if err := e.obey(desk.Command{Verb: desk.VerbSnooze, Next: nextOf(inv.Event.Start, in.env.Zone)}, cb, c); err != nil {
			return err
		}
		return e.journal()
	case i < 0 && len(inv.Event.Attendees) == 1: // the only one who was invited, under whatever address
		i = 0
	case i < 0:
		return e.news(desk.NewsHint, c.ID, fmt.Sprintf("Your calendar answered the invitation to the call with %s under an address that isn't known as yours; add it to aliases. The call stands.", c.DisplayName()))
	}
	switch inv.Event.Attendees[i].Status {
	case "DECLINED":
		if inv.Event.Sequence < iv.Sequence {
			return e.news(desk.NewsHint, c.ID, fmt.Sprintf("You declined an older version of the call with %s; it has moved since, to %s, and stands.", c.DisplayName(), cb.Start.In(in.env.Zone).Format("Mon 2 Jan, 15:04")))
		}
		iv.Gone = true
		if err := in.tx.PutJSON(invitePrefix+iv.Call, iv); err != nil {
			return err
		}
		in.tx.Stir()
		if err := e.apply("dismissed", "declined in the calendar", cb, c, false, func(a *applier) (string, error) { return a.dismiss(cb, c) }); err != nil {
			return err
		}
		return e.journal()
	case "ACCEPTED", "TENTATIVE":
		if iv.Gone || inv.Event.Sequence < iv.Sequence {
			return e.news(desk.NewsHint, c.ID, fmt.Sprintf("You accepted an older invitation to the call with %s; the call is on %s now.", c.DisplayName(), cb.Start.In(in.env.Zone).Format("Mon 2 Jan, 15:04")))
		}
		iv.Seen = true
		return in.tx.PutJSON(invitePrefix+iv.Call, iv)
	}
	return nil
}
