package letters

// What must not leave in a letter to a candidate: what the client pays, what the desk thinks of the order, who else is in the running.

import (
	"regexp"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// privateCaution holds a letter that would tell something of that.
const privateCaution = "private"

var (
	// termsRE is what only client and agency speak of.
	termsRE = regexp.MustCompile(`(?i)\b(?:(?:our|the|agency|placement|recruitment|a|of)\s+fees?\b|fees?\s*(?:of|is|are|:)?\s*\d|\d{1,2}(?:[.,]\d+)?\s?%\s*(?:fee|of)|terms\s+(?:of\s+business\s+)?(?:signed|agreed|sent|are)|signed\s+terms|rank\s+[abc]\b|(?:honorar|vermittlungsprovision|provision)\b|konditionen\s+(?:unterschrieben|vereinbart)|honoraires|honorarios)`)
	// privateFactRE is a fact of an order that is the client's.
	privateFactRE = regexp.MustCompile(`(?i)\bfees?\b|\bterms\b|\brank\b|%|exclusiv|retain|rebate|guarantee|margin|invoice|honorar|provision|konditionen|budget|\bbackfill|confidential|replac(?:e|ing)`)
)

// leastPrivate is how long a note or fact must be to be looked for as it stands: shorter ones occur by chance.
const leastPrivate = 12

// privateIn is what of the client's, or of others', a text to a candidate would tell, "" for nothing.
func privateIn(w *book.Writer, rq *book.LetterRequest, text string) (string, error) {
	if hit := termsRE.FindString(text); hit != "" {
		return "“" + strings.TrimSpace(hit) + "”", nil
	}
	facts, err := privateFacts(w, rq)
	if err != nil {
		return "", err
	}
	folded := " " + foldText(text) + " "
	for _, f := range facts {
		if s := foldText(f); s != "" && strings.Contains(folded, s) {
			return "“" + desk.Shorten(f, 80) + "”", nil
		}
	}
	return "", nil
}

func foldText(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// privateFacts are the client's facts and notes, and the names of the others in the running, for the orders that the letter may be about.
func privateFacts(w *book.Writer, rq *book.LetterRequest) (out []string, err error) {
	all, err := w.Tx.Orders()
	if err != nil {
		return nil, err
	}
	clients := map[string]bool{}
	if rq.Interview != nil && rq.Interview.Client != "" {
		clients[rq.Interview.Client] = true
	}
	for i := range all {
		o := &all[i]
		about := rq.Interview != nil && (rq.Interview.Order == o.Number || rq.Interview.Order == 0 && o.Contact != "" && o.Contact == rq.Interview.Client)
		others, err := othersIn(w, o, rq.Contact, &about)
		if err != nil {
			return nil, err
		}
		if !about {
			continue
		}
		clients[o.Contact] = true
		out = append(out, others...)
		for _, f := range o.Facts {
			if len(f) >= leastPrivate && privateFactRE.MatchString(f) {
				out = append(out, f)
			}
		}
	}
	for id := range clients {
		c, err := w.Tx.Contact(id)
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		for _, n := range c.Notes {
			if len(n) >= leastPrivate {
				out = append(out, n)
			}
		}
	}
	return out, nil
}

// othersIn are the full names of the others submitted for an order; about becomes true if the reader is one of those submitted.
func othersIn(w *book.Writer, o *desk.JobOrder, reader *desk.Contact, about *bool) (out []string, err error) {
	for i := range o.Submittals {
		if reader.Is(o.Submittals[i].Contact) {
			*about = true
			continue
		}
		c, err := w.Tx.Contact(o.Submittals[i].Contact)
		if err != nil {
			return nil, err
		}
		if c != nil && strings.Contains(c.Name, " ") && !strings.EqualFold(c.Name, reader.Name) {
			out = append(out, c.Name)
		}
	}
	return out, nil
}
