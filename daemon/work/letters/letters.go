package letters

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/work/agency"
	"fifthcall/mailbox/message"
)

// draftLetter is a letter on its way to being written.
type draftLetter struct {
	rq       book.LetterRequest
	tpl      *letter.Template
	fields   *letter.Fields
	Rendered letter.Rendered
	To       string
	Mode     desk.Mode
	caution  string // name of what has to be asked about first
	Why      string
}

// Prepare finds the letter's template, fields and address, and renders it; nothing is stored.
func Prepare(w *book.Writer, rq book.LetterRequest) (*draftLetter, error) {
	d := &draftLetter{rq: rq}
	lang := config.Language(rq.Contact, &w.Rules)
	if d.tpl = w.Rules.Letters.Get(rq.Name, lang); d.tpl == nil {
		return nil, desk.NotFound("there is no letter %q%s; 'fifthcall letters list' shows them", rq.Name, config.DidYouMean(rq.Name, w.Rules.Letters.Names()))
	}
	if d.Mode = rq.Mode; d.Mode == "" {
		d.Mode = w.Rules.Mode(d.tpl)
	}
	careful, err := Care(w)
	if err != nil {
		return nil, err
	}
	toCandidate := d.tpl.To != "client"
	if d.To = careful.MailAddress(rq.Contact, toCandidate); d.To == "" {
		d.caution, d.Why = "address", "no mail address of "+rq.Contact.DisplayName()+" works: give one by reply, “address …@…”"
	} else if d.caution, d.Why, err = Caution(w, careful, rq.Contact, d.To, toCandidate, d.tpl.Marketing); err != nil {
		return nil, err
	}
	if d.caution == "" && rq.Ask != "" {
		d.caution, d.Why = book.AskedFirst, rq.Ask
	}
	if slices.Contains(rq.Released, d.caution) && d.To != "" {
		d.caution, d.Why = "", ""
	}
	if d.fields, err = fields(w, rq, d.tpl); err != nil {
		return nil, err
	}
	if d.Rendered, err = d.tpl.Render(d.fields); err != nil || !toCandidate || d.caution != "" || slices.Contains(rq.Released, privateCaution) {
		return d, err
	}
	told, err := privateIn(w, &rq, d.Rendered.Subject+"\n"+d.Rendered.Text)
	if told != "" {
		d.caution, d.Why = privateCaution, "it would tell the candidate "+told+": change the job's title, or what was noted, or send it as it is if that is meant"
	}
	return d, err
}

// Caution says what has to be asked before a letter leaves, "" for nothing.
func Caution(w *book.Writer, careful *desk.Cautious, c *desk.Contact, to string, toCandidate, marketing bool) (name, why string, err error) {
	k := *careful
	if marketing {
		if k.Colleague, err = agency.ColleagueTouch(w.R, c, w.Env.Now); err != nil {
			return "", "", err
		}
	}
	name, why = k.Caution(c, to, toCandidate, marketing)
	return name, why, nil
}

func personFields(c *desk.Contact) letter.Person {
	if c == nil {
		return letter.Person{}
	}
	return letter.Person{Name: c.Name, First: letter.FirstName(c.Name), Company: c.Company, Title: c.Title, Email: c.Email(), Phone: c.Phone}
}

// spokenLately is for how long a letter may speak of "our call".
const spokenLately = 4 * 24 * time.Hour

// fields gathers what a template can speak of.
func fields(w *book.Writer, rq book.LetterRequest, t *letter.Template) (*letter.Fields, error) {
	cfg := &w.Rules.Cfg
	f := &letter.Fields{
		Language: t.Language, Zone: desk.ContactZone(rq.Contact, w.Rules.Zone), Now: w.Env.Now, Contact: personFields(rq.Contact), Offer: rq.Offer, Call: letter.Call{Start: rq.Call}, Quarter: rq.Quarter,
		Desk: letter.Desk{Name: cfg.Letters.Name, First: letter.FirstName(cfg.Letters.Name), Email: cfg.Email, Phone: cfg.Letters.Phone, Signature: cfg.Letters.Signature},
	}
	h, err := w.Tx.History(rq.Contact)
	if err != nil {
		return nil, err
	}
	f.Spoke, f.Spoken = !h.LastSpoke.IsZero(), !h.LastSpoke.IsZero() && w.Env.Now.Sub(h.LastSpoke) < spokenLately
	if t.To == "candidate" {
		f.Candidate = f.Contact
	} else {
		f.Client = f.Contact
	}
	iv := rq.Interview
	if iv == nil {
		return f, nil
	}
	f.Zone = desk.ContactZone(rq.Contact, iv.Location(w.Rules.Zone))
	if iv.Kind == desk.KindInPerson && iv.Zone != "" { // whoever goes there goes by the clocks there
		f.Zone = iv.Location(w.Rules.Zone)
	}
	client, err := w.Tx.Contact(iv.Client)
	if err != nil {
		return nil, err
	}
	candidate, err := w.Tx.Contact(iv.Candidate)
	if err != nil {
		return nil, err
	}
	f.Client, f.Candidate = personFields(client), personFields(candidate)
	f.Interview = interviewFields(iv)
	if client != nil {
		f.Interview.About, f.Interview.Past = desk.Field(client, "about"), desk.Field(client, "past questions", "questions")
	}
	if iv.Order > 0 {
		o, err := w.Tx.Order(iv.Order)
		if err != nil {
			return nil, err
		}
		if o != nil {
			f.Order = letter.Order{Number: o.Name(), Title: o.Title, Company: o.Company}
		}
	}
	if f.Interview.Company == "" {
		f.Interview.Company = cmp.Or(f.Order.Company, f.Client.Company)
	}
	f.Interview.Title = cmp.Or(f.Interview.Title, f.Order.Title)
	return f, nil
}

func interviewFields(iv *desk.Interview) letter.Interview {
	return letter.Interview{
		Kind: iv.Kind, Start: iv.Start, End: iv.End, Floating: iv.Floating, Company: iv.Company, Title: iv.Fact("title"), Interviewers: iv.Who,
		Address: iv.Fact("address"), Link: iv.Fact("link"), Number: iv.Fact("number"), Room: iv.Fact("room"), Parking: iv.Fact("parking"), Entry: iv.Fact("entry"),
		Dress: iv.Fact("dress"), Tests: iv.Fact("tests"), Bring: iv.Fact("bring"), Salary: iv.Fact("salary"), Format: iv.Fact("format"),
	}
}

// Write stores a letter: ready to leave in its mode, or held with what it lacks. Nil without error means that it is
// not to be written: switched off, or the person mustn't be written to.
func Write(w *book.Writer, rq book.LetterRequest) (*desk.Outgoing, error) {
	if stop, err := MustNot(w, rq.Contact); stop != "" || err != nil {
		return nil, err
	}
	d, err := Prepare(w, rq)
	if err != nil {
		return broken(w, rq, err)
	}
	if d.Mode == desk.ModeOff {
		return nil, nil
	}
	o, err := blank(w, rq)
	if err != nil {
		return nil, err
	}
	o.Mode, o.To, o.Subject, o.Content = d.Mode, []string{d.To}, d.Rendered.Subject, d.Content()
	switch {
	case len(d.Rendered.Missing) > 0:
		o.State, o.Missing = desk.OutHeld, d.Rendered.Missing
	case d.caution != "":
		o.State, o.Why, o.Cautions = desk.OutHeld, d.Why, append(rq.Released, d.caution)
	default:
		if err := Ready(w, o, d); err != nil {
			o.State, o.Why = desk.OutHeld, "it can't be put together: "+desk.Tidy(err.Error())
		}
	}
	return o, w.Tx.PutOutgoing(o)
}

// blank is an outgoing letter with its ID and nothing in it.
func blank(w *book.Writer, rq book.LetterRequest) (*desk.Outgoing, error) {
	n, err := w.Tx.NextOrdinal()
	if err != nil {
		return nil, err
	}
	id := desk.LetterID(n)
	_, domain, _ := strings.Cut(w.Rules.Cfg.Email, "@")
	o := &desk.Outgoing{
		ID: id, MessageID: seal.LetterMark(w.R.Key, w.R.Name, id) + "@" + domain, Kind: desk.KindLetter, From: w.Rules.Cfg.Email, Deliver: desk.DeliverSMTP,
		Letter: rq.Name, Contact: rq.Contact.ID, Cause: rq.Cause, Due: rq.Due.UTC(), NotAfter: rq.NotAfter, Created: w.Env.Now.UTC(), Cautions: rq.Released, Window: rq.Window,
		Calendar: rq.Calendar, Method: rq.Method, Call: rq.Call,
	}
	if rq.Interview != nil {
		o.Version, o.Edition, o.Tells = rq.Interview.Version, rq.Interview.Edition, rq.Interview.Tells()
	}
	return o, nil
}

// Content identifies what a letter says, and to which address.
func (d *draftLetter) Content() string {
	var missing []string
	for _, m := range d.Rendered.Missing {
		missing = append(missing, string(m))
	}
	return desk.ShortHash(d.To, d.Rendered.Subject, d.Rendered.Text, d.caution, strings.Join(missing, ","))
}

// Ready composes the letter's bytes, once, and sets it on its way.
func Ready(w *book.Writer, o *desk.Outgoing, d *draftLetter) error {
	files, err := d.tpl.Files()
	if err != nil {
		return err
	}
	head := letter.Head{
		ID: o.MessageID, FromName: w.Rules.Cfg.Letters.Name, From: o.From, To: o.To, ToName: d.rq.Contact.Name, Subject: o.Subject, Date: dateOf(w, o).In(w.Env.Zone),
		Letter: seal.LetterMark(w.R.Key, w.R.Name, o.ID), Files: files, Calendar: o.Calendar, Method: o.Method,
	}
	if d.tpl.Marketing || strings.HasPrefix(o.Cause, desk.CauseSequence) {
		head.Unsubscribe = seal.UnsubscribeLink(w.R.Key, w.R.Name, o.Contact, w.Rules.Cfg.Email)
	}
	if head.InReplyTo, err = threadOf(w, o); err != nil {
		return err
	}
	if head.InReplyTo != "" {
		head.Refs = []string{head.InReplyTo}
	}
	if o.Data, err = letter.Compose(head, d.Rendered.Text, d.Rendered.HTML); err != nil {
		return err
	}
	o.Next = o.Due
	switch {
	case o.Mode == desk.ModeDraft, w.Rules.Cfg.SMTP.Host == "":
		o.Mode, o.State, o.Next = desk.ModeDraft, desk.OutDrafting, time.Time{}
	case o.Mode == desk.ModeApprove:
		o.State = desk.OutApprove
	case d.rq.Interview != nil && !d.rq.Interview.Trusted:
		o.Mode, o.State = desk.ModeApprove, desk.OutApprove
		o.Why = "nothing proves that the invitation is genuine, so it isn't sent by itself"
	default:
		o.State = desk.OutQueued
	}
	return nil
}

// dateOf is the Date of a letter: when it is to leave, or for a draft, which waits for the recruiter, when it was written.
func dateOf(w *book.Writer, o *desk.Outgoing) time.Time {
	if o.Mode == desk.ModeDraft || w.Rules.Cfg.SMTP.Host == "" {
		return w.Env.Now
	}
	return desk.LaterOf(w.Env.Now, o.Due)
}

// threadOf is the Message-ID of the first letter of the same interview or sequence that went out, so that they stay together.
func threadOf(w *book.Writer, o *desk.Outgoing) (string, error) {
	kind, id, _ := desk.ReadCause(o.Cause)
	if id == "" {
		return "", nil
	}
	all, err := w.Tx.Letters(o.Contact)
	for _, x := range all {
		if k, i, _ := desk.ReadCause(x.Cause); k == kind && i == id && x.ID != o.ID && x.Gone() {
			return cmp.Or(x.SentAs, x.MessageID), err
		}
	}
	return "", err
}

// broken notes a letter that can't be written: it is held, and told, and nothing else waits for it.
func broken(w *book.Writer, rq book.LetterRequest, bad error) (*desk.Outgoing, error) {
	o, err := blank(w, rq)
	if err != nil {
		return nil, err
	}
	o.State, o.Why = desk.OutHeld, "it can't be written: "+desk.Tidy(bad.Error())
	return o, w.Tx.PutOutgoing(o)
}

// MustNot says why nobody may write to the contact, "" if one may.
func MustNot(w *book.Writer, c *desk.Contact) (string, error) {
	switch {
	case c.Status == desk.StatusDoNotContact:
		return "do not contact", nil
	case c.Has(desk.RoleNone):
		return "not a contact", nil
	}
	for _, a := range c.Emails {
		why, err := w.Tx.Suppressed(a)
		if why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

// Care gathers what letters have to be weighed against.
func Care(w *book.Writer) (*desk.Cautious, error) {
	if w.Careful != nil {
		return w.Careful, nil
	}
	k := &desk.Cautious{ClientDomains: map[string]string{}, Busy: map[string]string{}, Placed: map[string]bool{}}
	all, err := w.Tx.Contacts()
	if err != nil {
		return nil, err
	}
	byID := map[string]*desk.Contact{}
	for _, c := range all {
		byID[c.ID] = c
		for _, a := range c.Emails {
			_, dom, _ := strings.Cut(a, "@")
			if dom == "" || message.FreeMail(dom) {
				continue
			}
			if c.Has(desk.RoleDecisionMaker) || c.Has(desk.RoleClient) || c.Has(desk.RoleHR) || c.Has(desk.RoleAssistant) || desk.SameCompany(c.Company, dom) {
				k.ClientDomains[dom] = cmp.Or(c.Company, dom)
			}
		}
	}
	busy := func(c *desk.Contact, company, what string) {
		if company != "" {
			k.Busy[strings.ToLower(company)] = what
		}
		if c == nil {
			return
		}
		for _, a := range c.Emails {
			if _, dom, _ := strings.Cut(a, "@"); !message.FreeMail(dom) {
				k.Busy["@"+dom] = what
			}
		}
	}
	orders, err := w.Tx.Orders()
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		switch o.Status {
		case desk.OrderOpen:
			busy(byID[o.Contact], o.Company, "an open order ("+o.Name()+")")
		case desk.OrderFilled:
			for _, s := range o.Submittals {
				if s.Placed {
					k.Placed[s.Contact] = true
				}
			}
		}
	}
	placed, err := book.Placements(w.Tx)
	if err != nil {
		return nil, err
	}
	for i := range placed {
		p := &placed[i]
		if p.Left.IsZero() {
			k.Placed[p.Candidate] = true
		}
		if p.Guarded(w.Env.Today()) {
			busy(byID[p.Client], p.Company, "a placement in its guarantee, until "+p.GuaranteeEnd().Short())
		}
	}
	interviews, err := w.Tx.Interviews()
	if err != nil {
		return nil, err
	}
	for _, iv := range interviews {
		if iv.Active() && w.Env.Now.Sub(iv.Start) < 30*24*time.Hour {
			busy(byID[iv.Client], iv.Company, "an interview")
		}
	}
	w.Careful = k
	return k, nil
}
