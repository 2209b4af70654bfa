package view

import (
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/orders"
)

// EvidenceView is one dated fact of an introduction.
type EvidenceView struct {
	Time      string `json:"time"`
	Candidate string `json:"candidate"`
	What      string `json:"what"`
	Subject   string `json:"subject"`
	MessageID string `json:"message_id"`
}

// Evidence lists what shows that candidates were introduced to an order's client: submittals with the mails to the client about them, and interviews.
func Evidence(r *book.Runner, name string) ([]EvidenceView, error) {
	out := []EvidenceView{}
	zone := r.Current().Zone
	err := r.State.View(func(tx *store.Tx) error {
		o, err := orders.FindOrder(tx, name)
		if err != nil {
			return err
		}
		giver, err := tx.Contact(o.Contact)
		if err != nil {
			return err
		}
		people, err := orders.ClientOf(tx, o, giver)
		if err != nil {
			return err
		}
		interviews, err := tx.Interviews()
		if err != nil {
			return err
		}
		for _, s := range o.Submittals {
			c, err := tx.Contact(s.Contact)
			if err != nil {
				return err
			}
			if c == nil {
				continue
			}
			who := desk.Handle(c)
			out = append(out, EvidenceView{Time: desk.Stamp(s.Time, zone), Candidate: who, What: "submitted to " + o.Name()})
			if !s.Consent.IsZero() {
				out = append(out, EvidenceView{Time: desk.Stamp(s.Consent, zone), Candidate: who, What: "agreed to be submitted to " + o.Name()})
			}
			var named, near []EvidenceView // mails that name the candidate; else those sent about then
			for _, p := range people {
				ts, err := tx.Touches(p)
				if err != nil {
					return err
				}
				for _, t := range ts {
					if t.Channel != desk.ChannelEmail || t.Time.Before(s.Time.Add(-48*time.Hour)) {
						continue
					}
					e := EvidenceView{desk.Stamp(t.Time, zone), who, map[desk.Direction]string{desk.In: "mail from ", desk.Out: "mail to "}[t.Direction] + desk.Handle(p), t.Subject, t.MessageID}
					switch {
					case desk.AboutCandidate(&t, c):
						named = append(named, e)
					case t.Direction == desk.Out && t.Time.Sub(s.Time).Abs() < 2*time.Hour:
						near = append(near, e)
					}
				}
			}
			if len(named) == 0 {
				named = near
			}
			out = append(out, named...)
			for i := range interviews {
				if iv := &interviews[i]; c.Is(iv.Candidate) && (iv.Order == o.Number || o.Company != "" && strings.EqualFold(iv.Company, o.Company)) {
					out = append(out, EvidenceView{desk.Stamp(iv.Start, zone), who, "interview (" + string(iv.Status) + ")", iv.Summary, iv.MessageID})
				}
			}
		}
		return nil
	})
	return out, err
}
