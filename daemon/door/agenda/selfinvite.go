package agenda

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
)

// Invitations to oneself carry callbacks into calendars that can't write back to a collection. The calendar answers by mail.
const inviteAhead = 14 * 24 * time.Hour

// InvitesAnHour bounds the invitations to self that leave in an hour.
const InvitesAnHour = 20

// SelfInvite is what the recruiter's calendar was last told of a callback.
type SelfInvite struct {
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
	// SelfInvites are the invitations to self, by the call's UID.
	SelfInvites store.Table[SelfInvite]   = "invite:"
	invitesSent store.Single[[]time.Time] = "invites-sent" // when the latest ones were
)

// InviteUID is a callback's UID in invitations. It is signed, so that an answer which quotes it answers one of ours.
func InviteUID(r *book.Runner, call string) string {
	name := strings.TrimSuffix(call, "@fifthcall")
	if name == call { // a client's UID
		name = "client-" + desk.ShortHash(call)
	}
	return name + "." + seal.Token(r.Key, "invite", r.Name, call) + "@fifthcall"
}

// AdvanceInvites invites the recruiter to her calls, tells of changes, and cancels what is off: the next ones first, and not too many
// in an hour.
func AdvanceInvites(rd *book.Tx) error {
	known := map[string]*SelfInvite{}
	err := SelfInvites.Each(rd.Tx, "", func(call string, iv *SelfInvite) error { known[call] = iv; return nil })
	on := rd.R.Current().Cfg.Calendar.Deliver == desk.DeliverInvite
	if err != nil || !on && len(known) == 0 {
		return err
	}
	all, err := book.AllCallbacks(rd.Tx)
	if err != nil {
		return err
	}
	open := map[string]bool{}
	var todo []func() error
	var bg *desk.Background
	if on {
		if bg, err = orders.Background(rd.R, rd.Tx, rd.Env); err != nil {
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
		if !there && (!cb.Start.After(rd.Env.Now) || cb.Start.Sub(rd.Env.Now) > inviteAhead) {
			continue
		}
		event, err := event(rd.R, rd.Tx, rd.Env, bg, cb)
		if err != nil {
			return err
		}
		if there && !iv.Stale && iv.Start.Equal(event.Start) && iv.Title == event.Summary {
			continue
		}
		todo = append(todo, func() error { return invite(rd, "REQUEST", iv, cb.UID, event) })
	}
	for _, uid := range desk.SortedKeys(known) {
		iv := known[uid]
		switch {
		case open[uid]:
		case iv.Gone || !iv.Start.After(rd.Env.Now.Add(-24*time.Hour)):
			if rd.Env.Now.Sub(iv.Sent) > 2*inviteAhead && rd.Env.Now.After(iv.Start) { // over, and forgotten there, too
				if err := SelfInvites.Drop(rd.Tx, uid); err != nil {
					return err
				}
			}
		default:
			event := calendar.Event{Start: iv.Start, End: iv.Start.Add(rd.Env.Slot), Summary: iv.Title, Modified: rd.Env.Now, Created: iv.Sent}
			todo = append(todo, func() error { return invite(rd, "CANCEL", iv, uid, event) })
		}
	}
	if len(todo) == 0 {
		return nil
	}
	sent, err := invitesSent.Get(rd.Tx)
	if err != nil {
		return err
	}
	sent = slices.DeleteFunc(sent, func(t time.Time) bool { return t.After(rd.Env.Now) || rd.Env.Now.Sub(t) >= time.Hour })
	for _, do := range todo {
		if len(sent) >= InvitesAnHour {
			break
		}
		if err := do(); err != nil {
			return err
		}
		sent = append(sent, rd.Env.Now.UTC())
	}
	return invitesSent.Put(rd.Tx, sent)
}

// invite queues one message to the recruiter's calendar, in place of one that still waits.
func invite(rd *book.Tx, method string, was *SelfInvite, call string, e calendar.Event) error {
	iv := SelfInvite{Call: call, Start: e.Start, Title: e.Summary, Sequence: e.Sequence, Gone: method == "CANCEL", Sent: rd.Env.Now.UTC()}
	if was != nil {
		iv.Sequence = max(e.Sequence, was.Sequence+1)
		if o, err := rd.Tx.OutgoingByID(was.Mail); err != nil {
			return err
		} else if o != nil && o.State == desk.OutQueued && o.Tries == 0 {
			if err := rd.Tx.DropOutgoing(o.ID); err != nil {
				return err
			}
		}
	}
	n, err := rd.Tx.NextOrdinal()
	if err != nil {
		return err
	}
	cfg := rd.R.Current().Cfg
	e.UID, e.Sequence = InviteUID(rd.R, call), iv.Sequence
	e.Modified = rd.Env.Now
	e.Organizer = calendar.Party{Email: cfg.LogAddress, Name: "Fifthcall"}
	e.Attendees = []calendar.Party{{Email: cfg.Email, Name: cmp.Or(cfg.Letters.Name, rd.R.Name)}}
	data, err := calendar.Invite(desk.ProdID, method, e)
	if err != nil {
		return err
	}
	iv.Mail = fmt.Sprintf("c%d", n)
	_, domain, _ := strings.Cut(cfg.Email, "@")
	head := letter.Head{
		ID: seal.OwnMessageID(rd.R.Key, rd.R.Name, iv.Mail, domain), FromName: "Fifthcall", From: cfg.LogAddress, To: []string{cfg.Email},
		Subject: map[string]string{"REQUEST": "", "CANCEL": "Cancelled: "}[method] + e.Summary + ", " + desk.SayInstant(e.Start, rd.Env.Zone), Date: rd.Env.Now.In(rd.Env.Zone), Kind: desk.KindInvite,
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
	err = rd.Tx.PutOutgoing(&desk.Outgoing{
		ID: iv.Mail, MessageID: head.ID, Kind: desk.KindInvite, From: head.From, To: head.To, Subject: head.Subject, Data: raw,
		Deliver: desk.DeliverSMTP, State: desk.OutQueued, Created: rd.Env.Now.UTC(),
	})
	if err != nil {
		return err
	}
	return SelfInvites.Put(rd.Tx, call, iv)
}

// CalendarRobots send answers in the name of those who gave them.
var CalendarRobots = []string{"calendar-notification@google.com"}
