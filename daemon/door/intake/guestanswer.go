package intake

// Answers to invitations that the recruiter sent herself.

import (
	"fmt"
	"slices"
	"strings"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// guestAnswer tells what somebody answered to an invitation of the recruiter's: declined, or another time proposed, it asks. It changes
// nothing by itself.
func guestAnswer(in *people.Intake, m *message.Message, inv *calendar.Invitation) error {
	ev := &inv.Event
	if agenda.OwnUID(ev.UID) || in.Batch.Sent || !in.Rules.Ours(message.Canonical(ev.Organizer.Email)) && ev.Organizer.Email != "" {
		return nil
	}
	author, _ := m.Author()
	c, err := in.Tx.ContactByEmail(message.Canonical(author.Addr))
	if c == nil || err != nil {
		return err
	}
	status := ""
	for _, p := range ev.Attendees {
		if len(ev.Attendees) == 1 || slices.Contains(c.Emails, message.Canonical(p.Email)) {
			status = p.Status
		}
	}
	iv, err := invitedBy(in, ev)
	if err != nil || iv != nil && (ev.Sequence < iv.Sequence || iv.Status == desk.InterviewCancelled || !in.Env.Now.Before(iv.Start)) {
		return err
	}
	what, when := "“"+desk.Shorten(desk.Tidy(ev.Summary), 80)+"”", ""
	if iv != nil {
		what = desk.SayInterview(in.Env, iv)
	} else if inv.Kind == calendar.KindReply && ev.Start.Kind != calendar.None {
		when = " on " + agenda.SayMoment(ev.Start, in.Env.Zone)
	}
	n := desk.News{ID: "guest-" + desk.ShortHash(m.Identity), Time: m.Date, Kind: desk.NewsAsk, Contact: c.ID}
	switch {
	case inv.Kind == calendar.KindCounter:
		n.Text = fmt.Sprintf("%s proposes another time for %s: %s.", c.DisplayName(), what, agenda.SayMoment(ev.Start, in.Env.Zone))
		if iv != nil {
			n.Text += fmt.Sprintf(" It stands until you move it in your calendar, or say “%s interview %s”.", desk.Handle(c), strings.ToLower(desk.SayOrder(ev.Start.In(in.Env.Zone), in.Env.Zone)))
		}
	case status == "DECLINED":
		n.Text = fmt.Sprintf("%s declined %s%s.", c.DisplayName(), what, when)
		if iv != nil {
			n.Text += fmt.Sprintf(" It stands until you say “%s interview off”, or move it in your calendar.", desk.Handle(c))
		}
	default:
		return nil
	}
	if comment := desk.Shorten(desk.Tidy(ev.Comment), 200); comment != "" {
		n.Text += " They write: “" + comment + "”"
	}
	in.Tx.Shown()
	return in.Tx.AddNews(n)
}

// invitedBy is the interview that an answer is about, nil if it is none.
func invitedBy(in *people.Intake, ev *calendar.Entry) (*desk.Interview, error) {
	if iv, err := in.Tx.Interview(desk.InterviewID(in.R.Name, ev.UID, ev.RecurrenceID)); iv != nil || err != nil {
		return iv, err
	}
	all, err := in.Tx.Interviews()
	for i := range all {
		if all[i].UID == ev.UID && ev.UID != "" {
			return &all[i], err
		}
	}
	return nil, err
}
