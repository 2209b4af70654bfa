package orders

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/letters"
)

// MostText is how much of a mail's text is looked through for names, in bytes.
const MostText = 20_000

var (
	consentRE   = regexp.MustCompile(`(?i)\b(?:consent(?:ed)?|agreed|rtr|right to represent)\b(?:\s+(?:on|of|by mail|by phone))*\s*:?\s*(.*)$`)
	noConsentRE = regexp.MustCompile(`(?i)\b(?:no|without|not yet|hasn'?t)\s+(?:a |given )?(?:consent(?:ed)?|agreed|rtr)\b`)
)

// Submit notes a candidate introduced for an order, and that they agreed to it: "submitted to JO7", "submitted to JO7, consent 2 March".
func Submit(a *book.Tx, c *desk.Contact, note string) (o *desk.JobOrder, said string, err error) {
	name, rest, _ := strings.Cut(note, " ")
	if o, err = FindOrder(a.Tx, strings.Trim(name, ".,;:")); err != nil {
		return nil, "", err
	}
	was := *o
	was.Submittals = slices.Clone(o.Submittals)
	consent := a.When()
	if m := consentRE.FindStringSubmatch(rest); m != nil && strings.TrimSpace(m[1]) != "" {
		if day, err := letters.EarlierDay(a, strings.Trim(m[1], " .,")); err == nil {
			consent = day.At(12, 0, a.Env.Zone).UTC()
		}
	}
	if noConsentRE.MatchString(rest) {
		consent, said = time.Time{}, "mind: without their consent"
	}
	if !o.Submit(c.ID, a.When()) {
		return nil, "", desk.Usage("%s was submitted to %s before", c.DisplayName(), o.Name())
	}
	for i := range o.Submittals {
		if o.Submittals[i].Contact == c.ID {
			o.Submittals[i].Consent = consent
		}
	}
	c.AddRole(desk.RoleCandidate, a.Env.Now)
	if err := a.Tx.PutContact(c); err != nil {
		return nil, "", err
	}
	return o, said, a.Tx.PutOrder(o)
}
