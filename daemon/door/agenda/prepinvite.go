package agenda

import (
	"cmp"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
)

// Candidates can be invited to their prep call: a letter with an event for their calendar. It leaves as letters do: as a draft, on a
// word, or by itself.

// The letters that carry these invitations.
const (
	LetterPrepCall    = "prep-call"
	LetterPrepCallOff = "prep-call-off"
)

// PrepInvite is what a candidate was told of a prep call.
type PrepInvite struct {
	Call     string    `json:"call"` // its UID
	Contact  string    `json:"contact"`
	Start    time.Time `json:"start"`
	Sequence int       `json:"sequence"`
	Letter   string    `json:"letter"`         // ID of the latest one
	Told     bool      `json:"told,omitempty"` // one has left
	Answer   string    `json:"answer,omitempty"`
	Off      bool      `json:"off,omitempty"` // a cancellation was written
}

// PrepInvites are the invitations to prep calls, by the call's UID.
const PrepInvites store.Table[PrepInvite] = "prepinvite:"

// AdvancePrepInvites writes, renews and takes back the invitations to prep calls.
func AdvancePrepInvites(rd *book.Tx) error {
	known := map[string]*PrepInvite{}
	err := PrepInvites.Each(rd.Tx, "", func(call string, p *PrepInvite) error { known[call] = p; return nil })
	on := rd.R.Current().Cfg.Letters.InvitePrep
	if err != nil || !on && len(known) == 0 {
		return err
	}
	calls, err := rd.Tx.Calls()
	if err != nil {
		return err
	}
	for i := range calls {
		cb := &calls[i]
		p := known[cb.UID]
		if cb.Rule != desk.RulePrep || p == nil && (!on || !cb.Open()) {
			continue
		}
		if err := prepInvite(rd, cb, p); err != nil {
			return err
		}
	}
	return nil
}

// prepInvite brings one invitation in line with its call; p is nil while there is none.
func prepInvite(rd *book.Tx, cb *desk.Callback, p *PrepInvite) error {
	var last *desk.Outgoing
	if p != nil {
		var err error
		if last, err = rd.Tx.OutgoingByID(p.Letter); err != nil {
			return err
		}
		if last != nil && last.Gone() && !p.Told {
			p.Told = true
			if err := PrepInvites.Put(rd.Tx, cb.UID, *p); err != nil {
				return err
			}
		}
	}
	future := cb.Start.After(rd.Env.Now)
	switch {
	case cb.Open() && future && (p == nil || p.Off || !p.Start.Equal(cb.Start)):
		if last != nil && last.ByHand { // she cancelled it: then no more of it
			return nil
		}
		return writePrepInvite(rd, cb, p, last, "REQUEST")
	case p == nil || cb.Open() || p.Off:
		return nil
	case p.Told && p.Start.After(rd.Env.Now) && (cb.Status == desk.CallbackCancelled || cb.Status == desk.CallbackDismissed):
		return writePrepInvite(rd, cb, p, last, "CANCEL")
	case p.Told: // kept: another invitation goes on counting
		return nil
	}
	return PrepInvites.Drop(rd.Tx, cb.UID)
}

func writePrepInvite(rd *book.Tx, cb *desk.Callback, p *PrepInvite, last *desk.Outgoing, method string) error {
	c, err := rd.Tx.Contact(cb.Contact)
	if err != nil || c == nil {
		return err
	}
	_, ivID, _ := desk.ReadCause(cb.Cause)
	iv, err := rd.Tx.Interview(ivID)
	if err != nil {
		return err
	}
	if last != nil && last.Waits() && last.Withdraw("the call has moved") {
		if err := rd.Tx.PutOutgoing(last); err != nil {
			return err
		}
	}
	next := PrepInvite{Call: cb.UID, Contact: c.ID, Start: cb.Start}
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
	cfg := rd.R.Current().Cfg
	title := "Call with " + cmp.Or(cfg.Letters.Name, rd.R.Name)
	if iv != nil && iv.Company != "" {
		title += " before your interview with " + iv.Company
	}
	data, err := calendar.Invite(desk.ProdID, method, calendar.Event{
		UID: PrepUID(rd.R, cb.UID), Sequence: next.Sequence, Start: at, End: at.Add(rd.Env.Slot), Created: rd.Env.Now, Modified: rd.Env.Now, Summary: title, Location: c.Phone,
		Organizer: calendar.Party{Email: cfg.Email, Name: cfg.Letters.Name}, Attendees: []calendar.Party{{Email: c.Email(), Name: c.DisplayName()}},
	})
	if err != nil {
		return err
	}
	rq := book.LetterRequest{
		Name: LetterPrepCall, Contact: c, Cause: desk.CauseOf(desk.CauseCall, cb.UID, LetterPrepCall), Due: rd.Env.Now, NotAfter: at, Interview: iv, Calendar: data, Method: method, Call: at,
	}
	if method == "CANCEL" {
		rq.Name = LetterPrepCallOff
	}
	o, err := letters.Write(rd.Writer(), rq)
	if err != nil {
		return err
	}
	if o != nil {
		next.Letter = o.ID
	}
	return PrepInvites.Put(rd.Tx, cb.UID, next)
}

// PrepUID is a prep call's UID in the candidate's calendar.
func PrepUID(r *book.Runner, call string) string {
	return "prep-" + desk.ShortHash(call) + "." + seal.Token(r.Key, "prep", r.Name, call) + "@fifthcall"
}
