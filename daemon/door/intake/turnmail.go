package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	orderswork "fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
	"fifthcall/mailbox/prose"
)

// Offers, refusals, withdrawals and acceptances are often first told by mail. What words look like is no proof: each is asked about, once.

// turnTold is a turn of events as mails tell it.
type turnTold struct {
	verb   string
	client bool // told by the client, else by the candidate
	re     *regexp.Regexp
	asks   string // of whom, by whose mail, for what
}

var turnsTold = []turnTold{
	{words.VerbOffer, true, regexp.MustCompile(`(?i)\b(?:like|want|love|pleased|happy|delighted|decided|going|prepared|able) to (?:make|extend|offer)\b[^.?!]{0,60}|\boffer letter\b|\bmak(?:e|ing) (?:him|her|them|an) (?:an )?offer\b|\bein angebot machen\b|\bvertragsangebot\b`), "make an offer? Then reply “offer”, the terms and “start …”"},
	{words.VerbNotTaken, true, regexp.MustCompile(`(?i)\bnot (?:be )?(?:moving|proceeding|going|progressing|taking)\b[^.?!]{0,30}(?:forward|ahead|further|on)?|\bdecided (?:not to|against)\b|\b(?:gone|going|proceed(?:ing)?|went) with (?:another|someone else|a different)\b|\banother candidate\b|\bunsuccessful\b|\bnot (?:quite )?(?:the right|a) (?:fit|match)\b|\babsagen?\b|\babsage\b|\banderen? (?:kandidat|bewerber)`), "say no? Then reply “not taken”"},
	{words.VerbWithdrew, false, regexp.MustCompile(`(?i)\bwithdraw(?:ing|n)?\b|\bpull(?:ing)? out\b|\bno longer (?:interested|available|looking)\b|\b(?:taken|took|accepted|accepting) another (?:job|offer|role|position)\b|\bziehe\b[^.?!]{0,40}\bzurück\b|\bnicht mehr interessiert\b`), "withdraw? Then reply “withdrew”"},
	{words.VerbPlaced, false, regexp.MustCompile(`(?i)\baccept(?:ed|ing)?\b[^.?!]{0,25}\b(?:offer|position|role|job|contract)\b|\bsigned\b[^.?!]{0,25}\b(?:contract|offer|agreement)\b|\b(?:vertrag|angebot)\b[^.?!]{0,25}\b(?:unterschrieben|angenommen)\b|\bnehme\b[^.?!]{0,30}\bangebot\b[^.?!]{0,10}\ban\b`), "accept? Then reply “placed, start 1 May”"},
}

// tellsTurn asks whether a mail of somebody in process, or of the client, tells a turn of events.
func tellsTurn(in *people.Intake, m *message.Message) error {
	if in.Batch.Sent || m.Body == nil || m.Class != message.ClassHuman {
		return nil
	}
	author, _ := m.Author()
	from, err := in.Tx.ContactByEmail(message.Canonical(author.Addr))
	if from == nil || err != nil {
		return err
	}
	text := m.Subject + "\n" + desk.ClipBytes(prose.OwnWords(m, m.Body), orderswork.MostText)
	for i := range turnsTold {
		t := &turnsTold[i]
		if !t.re.MatchString(text) || t.client && !from.IsTarget() {
			continue
		}
		if err := askTurn(in, m, t, from, desk.FoldWords(text)); err != nil {
			return err
		}
	}
	return nil
}

// askTurn asks about the one candidate in process whom the mail can mean: its writer; of a client's, who is named, or the only one.
func askTurn(in *people.Intake, m *message.Message, t *turnTold, from *desk.Contact, words string) error {
	orders, err := in.Tx.Orders()
	if err != nil {
		return err
	}
	type process struct {
		who   *desk.Contact
		order *desk.JobOrder
	}
	var all, named []process
	for i := range orders {
		o := &orders[i]
		if o.Status != desk.OrderOpen {
			continue
		}
		giver, err := in.Tx.Contact(o.Contact)
		if err != nil {
			return err
		}
		people, err := orderswork.ClientOf(in.Tx, o, giver)
		if err != nil {
			return err
		}
		theirs := slices.ContainsFunc(people, func(c *desk.Contact) bool { return c.ID == from.ID })
		for _, s := range o.Submittals {
			c, err := in.Tx.Contact(s.Contact)
			if err != nil {
				return err
			}
			if c == nil || !s.InProcess() || t.client != theirs || !t.client && c.ID != from.ID {
				continue
			}
			all = append(all, process{c, o})
			if name := strings.TrimSpace(desk.FoldWords(c.Name)); name != "" && (strings.Contains(words, " "+name+" ") || strings.Contains(words, " "+desk.FirstWord(name)+" ")) {
				named = append(named, process{c, o})
			}
		}
	}
	if t.client && len(named) > 0 {
		all = named
	}
	if len(all) != 1 {
		return nil
	}
	p := all[0]
	in.Tx.Shown()
	return in.Tx.AddNews(desk.News{
		ID: "turn-" + desk.ShortHash(t.verb, p.order.Name(), p.who.ID), Time: in.Env.Now, Kind: desk.NewsAsk, Contact: p.who.ID,
		Text: fmt.Sprintf("%s: does %s's mail “%s” (%s) %s. If it doesn't, do nothing.", p.who.DisplayName(), from.DisplayName(), desk.Shorten(desk.Tidy(m.Subject), 80), p.order.Describe(), t.asks),
	})
}
