package intake

import (
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/agency"
	orderswork "fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// looksSubmitted asks whether a mail was a submittal to an open order.
func looksSubmitted(in *people.Intake, m *message.Message) error {
	if !in.Batch.Live {
		return nil
	}
	portal := !in.Batch.Sent && m.Class == message.ClassAutomated && words.PortalRE.MatchString(m.Subject)
	if !in.Batch.Sent && !portal {
		return nil
	}
	subject, text, file := desk.FoldWords(m.Subject), "", false
	if m.Body != nil {
		readable, _ := m.Body.Readable()
		if !portal {
			readable = prose.OwnWords(m, m.Body)
		}
		text = desk.FoldWords(desk.ClipBytes(readable, orderswork.MostText))
		m.Body.Walk(func(p *message.Part) {
			if words.CVFileRE.MatchString(p.Name) {
				file = true
				text += desk.FoldWords(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(p.Name))
			}
		})
	}
	orders, err := in.Tx.Orders()
	if err != nil {
		return err
	}
	for i := range orders {
		o := &orders[i]
		if o.Status != desk.OrderOpen || o.Contact == "" || m.Date.Before(o.Opened) {
			continue
		}
		names := subject
		switch {
		case portal:
			if !portalNames(m, o, subject+text) {
				continue
			}
			names += text
		default:
			to, err := agency.GoesTo(in.Tx, m, o)
			if err != nil {
				return err
			}
			if !to {
				continue
			}
			if file || words.CVWordsRE.MatchString(m.Subject) {
				names += text
			}
		}
		if err := askSubmitted(in, m, o, names, portal); err != nil {
			return err
		}
	}
	return nil
}

// portalNames reports whether a portal's mail is about the order: by its number, its title, or the client's name.
func portalNames(m *message.Message, o *desk.JobOrder, words string) bool {
	for _, s := range []string{o.Name(), o.Title, o.Company} {
		if s = strings.TrimSpace(desk.FoldWords(s)); s != "" && strings.Contains(words, " "+s+" ") {
			return true
		}
	}
	company := strings.ReplaceAll(strings.TrimSpace(desk.FoldWords(o.Company)), " ", "")
	_, domain, _ := strings.Cut(message.Canonical(m.From.Addr), "@")
	return company != "" && strings.Contains(strings.ReplaceAll(domain, "-", ""), company)
}

func askSubmitted(in *people.Intake, m *message.Message, o *desk.JobOrder, words string, portal bool) error {
	all, err := in.Tx.Contacts()
	if err != nil {
		return err
	}
	what := "was your mail “%s” a submittal to %s?"
	if portal {
		what = "does the portal's mail “%s” confirm a submittal to %s?"
	}
	for _, c := range all {
		name := strings.TrimSpace(desk.FoldWords(c.Name))
		if !c.Has(desk.RoleCandidate) || !strings.Contains(name, " ") || !strings.Contains(words, " "+name+" ") || slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return c.Is(s.Contact) }) {
			continue
		}
		text := c.DisplayName() + ": " + fmt.Sprintf(what, desk.Shorten(desk.Tidy(m.Subject), 80), o.Describe()) + " Then reply “submitted to " + o.Name() + "”; that also says that they agreed to it, today or “consent 2 March”."
		if earlier, err := agency.ColleagueSubmitted(in.R, c, o); err != nil {
			return err
		} else if earlier != "" {
			text += " " + strings.ToUpper(earlier[:1]) + earlier[1:] + "."
		}
		in.Tx.Shown()
		if err := in.Tx.AddNews(desk.News{ID: "submitted-" + desk.ShortHash(o.Name(), c.ID), Time: in.Env.Now, Kind: desk.NewsAsk, Contact: c.ID, Text: text}); err != nil {
			return err
		}
	}
	return nil
}
