package intake

import (
	"fmt"
	"slices"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// calendarAnswer takes what the recruiter's calendar answers to an invitation to herself: declined dismisses, a proposed time moves,
// accepted is seen. It is proven like a command (DESIGN.md, principle 7): the signed UID is its token.
func calendarAnswer(in *people.Intake, m *message.Message) (done bool, err error) {
	if m.Body == nil || !in.Batch.Live || m.Class == message.ClassOwn || !in.Rules.Ours(message.Canonical(m.From.Addr)) {
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
	iv, err := invited(in, inv.Event.UID)
	if iv == nil || err != nil {
		return false, err
	}
	if seen, err := in.Tx.Obeyed(m.Identity); seen || err != nil {
		return true, err
	}
	if why := unprovenAnswer(in, m); why != "" {
		return true, store.Suspicions.Put(in.Tx, m.Identity, desk.Suspicion{Seen: in.Env.Now, From: message.Canonical(m.From.Addr), Subject: desk.Tidy(m.Subject), Why: why})
	}
	if err := in.Tx.SetObeyed(m.Identity, in.Env.Now); err != nil {
		return true, err
	}
	return true, answeredInvite(in, &inv, iv)
}

// invited is the invitation with the UID, nil if it is none of ours.
func invited(in *people.Intake, uid string) (*agenda.SelfInvite, error) {
	if !agenda.OwnUID(uid) {
		return nil, nil
	}
	var hit *agenda.SelfInvite
	err := agenda.SelfInvites.Each(in.Tx, "", func(call string, iv *agenda.SelfInvite) error {
		if seal.SameToken(agenda.InviteUID(in.R, call), uid) {
			hit = iv
		}
		return nil
	})
	return hit, err
}

// unprovenAnswer says why a calendar's answer isn't taken, "" if it is.
func unprovenAnswer(in *people.Intake, m *message.Message) string {
	sender := message.Canonical(m.Sender.Addr)
	switch {
	case !m.OneFrom():
		return "it has more than one sender"
	case m.Sender.Addr != "" && !in.Rules.Ours(sender) && !slices.Contains(agenda.CalendarRobots, sender):
		return "its Sender is " + sender
	case in.Batch.Sent:
		return ""
	case in.Rules.Cfg.AuthservID == "":
		return "authserv_id is not configured, so nothing proves its sender"
	case !m.Authenticated(in.Rules.Cfg.AuthservID):
		return "the mail server doesn't vouch for its sender"
	}
	return ""
}

// answeredInvite applies the calendar's answer.
func answeredInvite(in *people.Intake, inv *calendar.Invitation, iv *agenda.SelfInvite) error {
	e := &collection.Edit{R: in.R, Tx: in.Tx, Env: in.Env, Coll: desk.CollCallbacks}
	cb, c, err := e.CallOf(&book.CollectionObject{Shows: iv.Call})
	if err != nil {
		return err
	}
	if cb == nil { // it is off already
		if iv.Gone && inv.Kind == calendar.KindReply && len(inv.Event.Attendees) > 0 && inv.Event.Attendees[0].Status == "DECLINED" {
			return nil
		}
		return e.News(desk.NewsHint, "", "You answered the invitation “"+iv.Title+"”, but that call is off. To have it again, say who and when.")
	}
	i := slices.IndexFunc(inv.Event.Attendees, func(p calendar.Party) bool { return in.Rules.Ours(message.Canonical(p.Email)) })
	switch {
	case inv.Kind == calendar.KindCounter:
		if inv.Event.Sequence < iv.Sequence {
			return e.News(desk.NewsHint, c.ID, fmt.Sprintf("You proposed %s for an older version of the call with %s; it has moved since, to %s, and stands.", agenda.SayMoment(inv.Event.Start, in.Env.Zone), c.DisplayName(), desk.SayInstant(cb.Start, in.Env.Zone)))
		}
		iv.Stale = true
		if err := agenda.SelfInvites.Put(in.Tx, iv.Call, *iv); err != nil {
			return err
		}
		in.Tx.Stir()
		if err := e.Obey(words.Command{Verb: words.VerbSnooze, Next: agenda.NextOf(inv.Event.Start, in.Env.Zone)}, cb, c, false); err != nil {
			return err
		}
		return e.Journal()
	case i < 0 && len(inv.Event.Attendees) == 1: // the only one who was invited, under whatever address
		i = 0
	case i < 0:
		return e.News(desk.NewsHint, c.ID, fmt.Sprintf("Your calendar answered the invitation to the call with %s under an address that isn't known as yours; add it to aliases. The call stands.", c.DisplayName()))
	}
	switch inv.Event.Attendees[i].Status {
	case "DECLINED":
		if inv.Event.Sequence < iv.Sequence {
			return e.News(desk.NewsHint, c.ID, fmt.Sprintf("You declined an older version of the call with %s; it has moved since, to %s, and stands.", c.DisplayName(), desk.SayInstant(cb.Start, in.Env.Zone)))
		}
		iv.Gone = true
		if err := agenda.SelfInvites.Put(in.Tx, iv.Call, *iv); err != nil {
			return err
		}
		in.Tx.Stir()
		if err := e.Obey(words.Command{Verb: words.VerbDismiss, Line: "declined in the calendar"}, cb, c, false); err != nil {
			return err
		}
		return e.Journal()
	case "ACCEPTED", "TENTATIVE":
		if iv.Gone || inv.Event.Sequence < iv.Sequence {
			return e.News(desk.NewsHint, c.ID, fmt.Sprintf("You accepted an older invitation to the call with %s; the call is on %s now.", c.DisplayName(), desk.SayInstant(cb.Start, in.Env.Zone)))
		}
		iv.Seen = true
		return agenda.SelfInvites.Put(in.Tx, iv.Call, *iv)
	}
	return nil
}
