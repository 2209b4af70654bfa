package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
)

// Candidates can be invited to their prep call: a letter with an event for their calendar. It leaves as letters do: as a draft, on a
// word, or by itself.

// The letters that carry these invitations.
const (
	letterPrepCall    = "prep-call"
	letterPrepCallOff = "prep-call-off"
)

// prepInvite is what a candidate was told of a prep call.
type prepInvite struct {
	Call     string    `json:"call"` // its UID
	Contact  string    `json:"contact"`
	Start    time.Time `json:"start"`
	Sequence int       `json:"sequence"`
	Letter   string    `json:"letter"`         // ID of the latest one
	Told     bool      `json:"told,omitempty"` // one has left
	Answer   string    `json:"answer,omitempty"`
	Off      bool      `json:"off,omitempty"` // a cancellation was written
}

const prepInvitePrefix = "prepinvite:"

// prepInvites writes, renews and takes back the invitations to prep calls.
func (rd *round) prepInvites() error {
	known := map[string]*prepInvite{}
	err := eachRecord(rd.tx, prepInvitePrefix, func(p prepInvite) { known[p.Call] = &p })
	on := rd.r.current().cfg.Letters.InvitePrep
	if err != nil || !on && len(known) == 0 {
		return err
	}
	calls, err := rd.tx.Calls()
	if err != nil {
		return err
	}
	for i := range calls {
		cb := &calls[i]
		p := known[cb.UID]
		if cb.Rule != desk.RulePrep || p == nil && (!on || !cb.Open()) {
			continue
		}
		if err := rd.prepInvite(cb, p); err != nil {
			return err
		}
	}
	return nil
}

// prepInvite brings one invitation in line with its call; p is nil while there is none.
func (rd *round) prepInvite(cb *desk.Callback, p *prepInvite) error {
	var last *desk.Outgoing
	if p != nil {
		var err error
		if last, err = rd.tx.OutgoingByID(p.Letter); err != nil {
			return err
		}
		if last != nil && last.Gone() && !p.Told {
			p.Told = true
			if err := rd.tx.PutJSON(prepInvitePrefix+cb.UID, p); err != nil {
				return err
			}
		}
	}
	future := cb.Start.After(rd.env.Now)
	switch {
	case cb.Open() && future && (p == nil || p.Off || !p.Start.Equal(cb.Start)):
		if last != nil && last.ByHand { // she cancelled it: then no more of it
			return nil
		}
		return rd.writePrepInvite(cb, p, last, "REQUEST")
	case p == nil || cb.Open() || p.Off:
		return nil
	case p.Told && p.Start.After(rd.env.Now) && (cb.Status == desk.CallbackCancelled || cb.Status == desk.CallbackDismissed):
		return rd.writePrepInvite(cb, p, last, "CANCEL")
	case p.Told: // kept: another invitation goes on counting
		return nil
	}
	return rd.tx.DropJSON(prepInvitePrefix + cb.UID)
}

func (rd *round) writePrepInvite(cb *desk.Callback, p *prepInvite, last *desk.Outgoing, method string) error {
	c, err := rd.tx.Contact(cb.Contact)
	if err != nil || c == nil {
		return err
	}
	_, ivID, _ := desk.ReadCause(cb.Cause)
	iv, err := rd.tx.Interview(ivID)
	if err != nil {
		return err
	}
	if last != nil && last.Waits() && last.Withdraw("the call has moved") {
		if err := rd.tx.PutOutgoing(last); err != nil {
			return err
		}
	}
	next := prepInvite{Call: cb.UID, Contact: c.ID, Start: cb.Start}
	if p != nil {
		next.Told, next.Sequence = p.Told, p.Sequence
		if p.Told {
			next.Sequence++
		}
	}
	at := cb.Start
	if method == "CANCEL" {
		at, next.Start, next.Off = p.Start, p.Start, true
	}
	cfg := rd.r.current().cfg
	title := "Call with " + orElse(cfg.Letters.Name, rd.r.name)
	if iv != nil && iv.Company != "" {
		title += " before your interview with " + iv.Company
	}
	data, err := calendar.Invite(prodID, method, calendar.Event{
		UID: rd.r.prepUID(cb.UID), Sequence: next.Sequence, Start: at, End: at.Add(rd.env.Slot), Created: rd.env.Now, Modified: rd.env.Now, Summary: title, Location: c.Phone,
		Organizer: calendar.Party{Email: cfg.Email, Name: cfg.Letters.Name}, Attendees: []calendar.Party{{Email: c.Email(), Name: c.DisplayName()}},
	})
	if err != nil {
		return err
	}
	rq := letterRequest{
		name: letterPrepCall, contact: c, cause: desk.CauseOf(desk.CauseCall, cb.UID, letterPrepCall), due: rd.env.Now, notAfter: at, interview: iv, calendar: data, method: method, call: at,
	}
	if method == "CANCEL" {
		rq.name = letterPrepCallOff
	}
	o, err := rd.w.write(rq)
	if err != nil {
		return err
	}
	if o != nil {
		next.Letter = o.ID
	}
	return rd.tx.PutJSON(prepInvitePrefix+cb.UID, next)
}

// prepUID is a prep call's UID in the candidate's calendar.
func (r *runner) prepUID(call string) string {
	return "prep-" + desk.ShortHash(call) + "." + token(r.key, "prep", r.name, call) + "@fifthcall"
}

// prepAnswer takes what a candidate's calendar answers. It moves nothing by itself: the recruiter is told, and asked where there is
// something to decide.
func (in *intake) prepAnswer(m *mailbox.Message, inv *calendar.Invitation) (done bool, err error) {
	if inv.Kind != calendar.KindReply && inv.Kind != calendar.KindCounter || !ownUID(inv.Event.UID) {
		return false, nil
	}
	var hit *prepInvite
	err = eachRecord(in.tx, prepInvitePrefix, func(p prepInvite) {
		if sameToken(in.r.prepUID(p.Call), inv.Event.UID) {
			hit = &p
		}
	})
	if hit == nil || err != nil {
		return false, err
	}
	author, _ := m.Author()
	c, err := in.tx.Contact(hit.Contact)
	if err != nil || c == nil || !slices.Contains(c.Emails, mailbox.Canonical(author.Addr)) {
		return c != nil, err // somebody else's word counts for nothing
	}
	status := ""
	for _, p := range inv.Event.Attendees {
		if slices.Contains(c.Emails, mailbox.Canonical(p.Email)) {
			status = p.Status
		}
	}
	when := hit.Start.In(in.env.Zone).Format("Mon 2 Jan, 15:04")
	if inv.Event.Sequence < hit.Sequence || hit.Off { // about a version that has been replaced
		return true, nil
	}
	n := desk.News{ID: "prep-answer-" + desk.ShortHash(m.Identity), Time: in.env.Now, Contact: c.ID, Call: hit.Call}
	switch {
	case inv.Kind == calendar.KindCounter:
		n.Kind, hit.Answer = desk.NewsAsk, "COUNTER"
		n.Text = fmt.Sprintf("%s proposes another time for the prep call of %s: %s. Reply with the time to move it, such as “%s”.", c.DisplayName(), when,
			sayMoment(inv.Event.Start, in.env.Zone), strings.ToLower(inv.Event.Start.In(in.env.Zone).In(in.env.Zone).Format("2 January 15:04")))
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
	if err := in.tx.PutJSON(prepInvitePrefix+hit.Call, hit); err != nil {
		return true, err
	}
	in.tx.Shown()
	return true, in.tx.AddNews(n)
}
