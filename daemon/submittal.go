package daemon

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// A submittal is seen in a CV that goes to anybody at the client, or in a portal's confirmation. What it looks like is no proof: it is asked, once,
// and the answer stamps the clock and the consent.

var (
	cvFileRE  = regexp.MustCompile(`(?i)\.(?:pdf|docx?|odt|rtf|pages)$`)
	cvWordsRE = regexp.MustCompile(`(?i)\b(?:cvs?|résumés?|resumes?|lebenslauf|profile?|candidates?|kandidat(?:in|en)?|introduc(?:e|ing|tion)|put(?:ting)? forward|submi(?:t|ssion|ttal)|vorstellen|bewerbung)\b`)
	portalRE  = regexp.MustCompile(`(?i)\b(?:submission|submitted|submittal|candidate (?:has been )?(?:received|added|created)|application (?:has been )?(?:received|submitted|confirmed)|received (?:your|the) (?:candidate|application|cv)|bewerbung (?:eingegangen|erhalten)|kandidat(?:in)? (?:eingereicht|angelegt))\b`)
)

// mostText is how much of a mail's text is looked through for names, in bytes.
const mostText = 20_000

// toClient reports whether a mail goes to the client of an open order: then its text and its files' names are read.
func (r *runner) toClient(m *mailbox.Message) bool {
	hit := false
	_ = r.state.View(func(tx *store.Tx) error { // an error leaves the mail with its subject, which mostly is enough
		orders, err := tx.Orders()
		for i := range orders {
			if orders[i].Status != desk.OrderOpen || hit {
				continue
			}
			if hit, err = goesTo(tx, m, &orders[i]); err != nil {
				return err
			}
		}
		return err
	})
	return hit
}

// looksSubmitted asks whether a mail was a submittal to an open order.
func (in *intake) looksSubmitted(m *mailbox.Message) error {
	if !in.batch.Live {
		return nil
	}
	portal := !in.batch.Sent && m.Class == mailbox.ClassAutomated && portalRE.MatchString(m.Subject)
	if !in.batch.Sent && !portal {
		return nil
	}
	subject, text, file := foldWords(m.Subject), "", false
	if m.Body != nil {
		readable, _ := m.Body.Readable()
		if !portal {
			readable = mailbox.ReplyText(readable)
		}
		text = foldWords(clipBytes(readable, mostText))
		m.Body.Walk(func(p *mailbox.Part) {
			if cvFileRE.MatchString(p.Name) {
				file = true
				text += foldWords(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(p.Name))
			}
		})
	}
	orders, err := in.tx.Orders()
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
			to, err := goesTo(in.tx, m, o)
			if err != nil {
				return err
			}
			if !to {
				continue
			}
			if file || cvWordsRE.MatchString(m.Subject) {
				names += text
			}
		}
		if err := in.askSubmitted(m, o, names, portal); err != nil {
			return err
		}
	}
	return nil
}

// portalNames reports whether a portal's mail is about the order: by its number, its title, or the client's name.
func portalNames(m *mailbox.Message, o *desk.JobOrder, words string) bool {
	for _, s := range []string{o.Name(), o.Title, o.Company} {
		if s = strings.TrimSpace(foldWords(s)); s != "" && strings.Contains(words, " "+s+" ") {
			return true
		}
	}
	company := strings.ReplaceAll(strings.TrimSpace(foldWords(o.Company)), " ", "")
	_, domain, _ := strings.Cut(mailbox.Canonical(m.From.Addr), "@")
	return company != "" && strings.Contains(strings.ReplaceAll(domain, "-", ""), company)
}

// goesTo reports whether a mail goes to somebody at the order's client.
func goesTo(tx *store.Tx, m *mailbox.Message, o *desk.JobOrder) (bool, error) {
	giver, err := tx.Contact(o.Contact)
	if err != nil || giver == nil {
		return false, err
	}
	for _, p := range m.To {
		addr := mailbox.Canonical(p.Addr)
		_, domain, _ := strings.Cut(addr, "@")
		if slices.ContainsFunc(giver.Emails, func(e string) bool {
			_, d, _ := strings.Cut(e, "@")
			return e == addr || d == domain && !mailbox.FreeMail(d)
		}) {
			return true, nil
		}
	}
	return false, nil
}

func (in *intake) askSubmitted(m *mailbox.Message, o *desk.JobOrder, words string, portal bool) error {
	all, err := in.tx.Contacts()
	if err != nil {
		return err
	}
	what := "was your mail “%s” a submittal to %s?"
	if portal {
		what = "does the portal's mail “%s” confirm a submittal to %s?"
	}
	for _, c := range all {
		name := strings.TrimSpace(foldWords(c.Name))
		if !c.Has(desk.RoleCandidate) || !strings.Contains(name, " ") || !strings.Contains(words, " "+name+" ") || slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return c.Is(s.Contact) }) {
			continue
		}
		text := c.DisplayName() + ": " + fmt.Sprintf(what, shorten(desk.Tidy(m.Subject), 80), o.Describe()) + " Then reply “submitted to " + o.Name() + "”; that also says that they agreed to it, today or “consent 2 March”."
		if earlier, err := in.r.colleagueSubmitted(c, o); err != nil {
			return err
		} else if earlier != "" {
			text += " " + strings.ToUpper(earlier[:1]) + earlier[1:] + "."
		}
		in.tx.Shown()
		if err := in.tx.AddNews(desk.News{ID: "submitted-" + desk.ShortHash(o.Name(), c.ID), Time: in.env.Now, Kind: desk.NewsAsk, Contact: c.ID, Text: text}); err != nil {
			return err
		}
	}
	return nil
}

// clipBytes is the beginning of a text.
func clipBytes(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "")
	}
	return s
}

var (
	consentRE   = regexp.MustCompile(`(?i)\b(?:consent(?:ed)?|agreed|rtr|right to represent)\b(?:\s+(?:on|of|by mail|by phone))*\s*:?\s*(.*)$`)
	noConsentRE = regexp.MustCompile(`(?i)\b(?:no|without|not yet|hasn'?t)\s+(?:a |given )?(?:consent(?:ed)?|agreed|rtr)\b`)
)

// submit notes a candidate introduced for an order, and that they agreed to it: "submitted to JO7", "submitted to JO7, consent 2 March".
func (a *applier) submit(c *desk.Contact, note string) (o *desk.JobOrder, said string, err error) {
	name, rest, _ := strings.Cut(note, " ")
	if o, err = findOrder(a.tx, strings.Trim(name, ".,;:")); err != nil {
		return nil, "", err
	}
	was := *o
	was.Submittals = slices.Clone(o.Submittals)
	a.orderWas, a.order = &was, o.Number
	consent := a.when()
	if m := consentRE.FindStringSubmatch(rest); m != nil && strings.TrimSpace(m[1]) != "" {
		if day, err := a.earlierDay(strings.Trim(m[1], " .,")); err == nil {
			consent = day.At(12, 0, a.env.Zone).UTC()
		}
	}
	if noConsentRE.MatchString(rest) {
		consent, said = time.Time{}, "mind: without their consent"
	}
	if !o.Submit(c.ID, a.when()) {
		return nil, "", usage("%s was submitted to %s before", c.DisplayName(), o.Name())
	}
	for i := range o.Submittals {
		if o.Submittals[i].Contact == c.ID {
			o.Submittals[i].Consent = consent
		}
	}
	c.AddRole(desk.RoleCandidate, a.env.Now)
	if err := a.tx.PutContact(c); err != nil {
		return nil, "", err
	}
	return o, said, a.tx.PutOrder(o)
}
