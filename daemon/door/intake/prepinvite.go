package intake

import (
	"fmt"
	"slices"
	"strings"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// prepAnswer takes what a candidate's calendar answers. It moves nothing by itself: the recruiter is told, and asked where there is
// something to decide.
func prepAnswer(in *people.Intake, m *message.Message, inv *calendar.Invitation) (done bool, err error) {
	if inv.Kind != calendar.KindReply && inv.Kind != calendar.KindCounter || !agenda.OwnUID(inv.Event.UID) {
		return false, nil
	}
	var hit *agenda.PrepInvite
	err = agenda.PrepInvites.Each(in.Tx, "", func(call string, p *agenda.PrepInvite) error {
		if seal.SameToken(agenda.PrepUID(in.R, call), inv.Event.UID) {
			hit = p
		}
		return nil
	})
	if hit == nil || err != nil {
		return false, err
	}
	author, _ := m.Author()
	c, err := in.Tx.Contact(hit.Contact)
	if err != nil || c == nil || !slices.Contains(c.Emails, message.Canonical(author.Addr)) {
		return c != nil, err // somebody else's word counts for nothing
	}
	status := ""
	for _, p := range inv.Event.Attendees {
		if slices.Contains(c.Emails, message.Canonical(p.Email)) {
			status = p.Status
		}
	}
	when := desk.SayInstant(hit.Start, in.Env.Zone)
	if inv.Event.Sequence < hit.Sequence || hit.Off { // about a version that has been replaced
		return true, nil
	}
	n := desk.News{ID: "prep-answer-" + desk.ShortHash(m.Identity), Time: in.Env.Now, Contact: c.ID, Call: hit.Call}
	switch {
	case inv.Kind == calendar.KindCounter:
		n.Kind, hit.Answer = desk.NewsAsk, "COUNTER"
		n.Text = fmt.Sprintf("%s proposes another time for the prep call of %s: %s. Reply with the time to move it, such as “%s”.", c.DisplayName(), when,
			agenda.SayMoment(inv.Event.Start, in.Env.Zone), strings.ToLower(desk.SayOrder(inv.Event.Start.In(in.Env.Zone), in.Env.Zone)))
	case status == "DECLINED":
		n.Kind, hit.Answer = desk.NewsAsk, status
		n.Text = fmt.Sprintf("%s declined the prep call of %s. Reply with another time to move it, or “cancel”.", c.DisplayName(), when)
	case status == "ACCEPTED", status == "TENTATIVE":
		n.Kind, hit.Answer = desk.NewsHint, status
		n.Text = fmt.Sprintf("%s accepted the prep call of %s.", c.DisplayName(), when)
		if status == "TENTATIVE" {
			n.Text = fmt.Sprintf("%s may take the prep call of %s, but has not accepted it.", c.DisplayName(), when)
		}
	default:
		return true, nil
	}
	if err := agenda.PrepInvites.Put(in.Tx, hit.Call, *hit); err != nil {
		return true, err
	}
	in.Tx.Shown()
	return true, in.Tx.AddNews(n)
}
