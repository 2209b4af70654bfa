package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// colleagueSpoke says that a colleague of another desk spoke to the person of late, "" if none did. What was said stays with the colleague.
func (r *runner) colleagueSpoke(c *desk.Contact, now time.Time) (string, error) {
	days := r.current().cfg.ColleagueDays
	said := ""
	var latest time.Time
	for _, other := range r.peers {
		err := other.state.View(func(tx *store.Tx) error {
			for _, a := range c.Emails {
				x, err := tx.ContactByEmail(a)
				if err != nil || x == nil {
					if err != nil {
						return err
					}
					continue
				}
				ts, err := tx.Touches(x)
				if err != nil {
					return err
				}
				if at := desk.LastConversation(ts); at.After(latest) && now.Sub(at) < time.Duration(days)*24*time.Hour && !at.After(now) {
					latest = at
					said = fmt.Sprintf("your colleague %s spoke to them on %s", other.name, at.In(r.current().zone).Format("Mon 2 Jan"))
				}
				return nil
			}
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return said, nil
}

// backDoor raises the alarm when somebody whom the desk submitted turns up at that client: a person of the client's domain by the candidate's
// name, or the candidate's own address in a mail of the client's that the desk did not begin.
func (in *intake) backDoor(m *mailbox.Message) error {
	people := append([]mailbox.Address{m.From}, m.To...)
	domains := map[string]bool{}
	for _, p := range people {
		if _, d, ok := strings.Cut(mailbox.Canonical(p.Addr), "@"); ok && !mailbox.FreeMail(d) {
			domains[d] = true
		}
	}
	if len(domains) == 0 {
		return nil
	}
	orders, err := in.tx.Orders()
	if err != nil {
		return err
	}
	for i := range orders {
		o := &orders[i]
		if len(o.Submittals) == 0 || o.Contact == "" {
			continue
		}
		giver, err := in.tx.Contact(o.Contact)
		if err != nil {
			return err
		}
		if giver == nil {
			continue
		}
		for _, e := range giver.Emails {
			_, d, _ := strings.Cut(e, "@")
			if !domains[d] {
				continue
			}
			if err := in.backDoorAt(m, people, d, o); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *intake) backDoorAt(m *mailbox.Message, people []mailbox.Address, domain string, o *desk.JobOrder) error {
	author, _ := m.Author()
	_, from, _ := strings.Cut(mailbox.Canonical(author.Addr), "@")
	fromClient, began := from == domain, in.batch.Sent || m.Answers()
	for _, s := range o.Submittals {
		if s.Placed || m.Date.Before(s.Time) || m.Date.Sub(s.Time) > time.Duration(in.rules.cfg.orders.Introduction) {
			continue
		}
		c, err := in.tx.Contact(s.Contact)
		if err != nil {
			return err
		}
		if c == nil || !strings.Contains(strings.TrimSpace(c.Name), " ") {
			continue
		}
		for _, p := range people {
			addr := mailbox.Canonical(p.Addr)
			_, there, _ := strings.Cut(addr, "@")
			own := slices.Contains(c.Emails, addr) && fromClient && !began
			if !own && (there != domain || !sameName(c.Name, p.Name, addr)) {
				continue
			}
			in.tx.Shown()
			err := in.tx.AddNews(desk.News{
				ID: "backdoor-" + desk.ShortHash(o.Name(), c.ID), Time: in.env.Now, Kind: desk.NewsTrouble, Contact: c.ID,
				Text: fmt.Sprintf("Back door? %s, whom you submitted to %s on %s, now writes or is written to as %s. See 'fifthcall orders evidence %s'.", c.DisplayName(), o.Describe(), s.Time.In(in.env.Zone).Format("Mon 2 Jan 2006"), addr, o.Name()),
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sameName reports whether a display name, in whatever order and with whatever behind it, or else the address, is a person's.
func sameName(name, shown, addr string) bool {
	want := strings.Fields(foldWords(name))
	for _, have := range []string{desk.CleanName(shown), strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(strings.SplitN(addr, "@", 2)[0])} {
		words := strings.Fields(foldWords(have))
		if len(words) >= len(want) && !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(words, w) }) {
			return true
		}
	}
	return false
}

// EvidenceView is one dated fact of an introduction.
type EvidenceView struct {
	Time      string `json:"time"`
	Candidate string `json:"candidate"`
	What      string `json:"what"`
	Subject   string `json:"subject"`
	MessageID string `json:"message_id"`
}

// evidence lists what shows that candidates were introduced to an order's client: submittals with the mails to the client about them, and interviews.
func (r *runner) evidence(name string) ([]EvidenceView, error) {
	out := []EvidenceView{}
	zone := r.current().zone
	err := r.state.View(func(tx *store.Tx) error {
		o, err := findOrder(tx, name)
		if err != nil {
			return err
		}
		giver, err := tx.Contact(o.Contact)
		if err != nil {
			return err
		}
		people, err := clientOf(tx, o, giver)
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
			who := handle(c)
			out = append(out, EvidenceView{Time: stamp(s.Time, zone), Candidate: who, What: "submitted to " + o.Name()})
			if !s.Consent.IsZero() {
				out = append(out, EvidenceView{Time: stamp(s.Consent, zone), Candidate: who, What: "agreed to be submitted to " + o.Name()})
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
					e := EvidenceView{stamp(t.Time, zone), who, map[desk.Direction]string{desk.In: "mail from ", desk.Out: "mail to "}[t.Direction] + handle(p), t.Subject, t.MessageID}
					switch {
					case aboutCandidate(&t, c):
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
					out = append(out, EvidenceView{stamp(iv.Start, zone), who, "interview (" + string(iv.Status) + ")", iv.Summary, iv.MessageID})
				}
			}
		}
		return nil
	})
	return out, err
}

// aboutCandidate reports whether a mail's subject names the candidate.
func aboutCandidate(t *desk.Touch, c *desk.Contact) bool {
	name := strings.TrimSpace(foldWords(c.Name))
	return strings.Contains(name, " ") && strings.Contains(foldWords(t.Subject), " "+name+" ")
}

// colleagueSubmitted says that another desk introduced the person to the same client, "" if none did: the fee may be theirs.
func (r *runner) colleagueSubmitted(c *desk.Contact, o *desk.JobOrder) (string, error) {
	said := ""
	for _, other := range r.peers {
		err := other.state.View(func(tx *store.Tx) error {
			orders, err := tx.Orders()
			if err != nil {
				return err
			}
			for i := range orders {
				theirs := &orders[i]
				if theirs.Company == "" || !strings.EqualFold(theirs.Company, o.Company) {
					continue
				}
				for _, s := range theirs.Submittals {
					x, err := tx.Contact(s.Contact)
					if err != nil {
						return err
					}
					if x != nil && slices.ContainsFunc(x.Emails, func(e string) bool { return slices.Contains(c.Emails, e) }) {
						said = fmt.Sprintf("mind: your colleague %s submitted them to %s on %s", other.name, theirs.Describe(), s.Time.In(r.current().zone).Format("Mon 2 Jan 2006"))
					}
				}
			}
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return said, nil
}
