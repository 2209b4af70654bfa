package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// letterRequest asks for a letter to somebody.
type letterRequest struct {
	name      string // of the template
	contact   *desk.Contact
	cause     string
	due       time.Time // when it is to leave; zero for at once
	notAfter  time.Time
	interview *desk.Interview
	offer     letter.Offer
	window    [2]int    // minutes of the day in which it may leave; zero for the desk's
	mode      desk.Mode // "" for the desk's
	released  []string  // cautions that the recruiter has released
	calendar  []byte    // an event that goes along
	method    string    // and its METHOD
	call      time.Time // start of the call that the letter is about
	quarter   letter.Quarter
	ask       string // why the recruiter is asked first; "" for nothing
}

// askedFirst is the caution of a letter that its request wants to be asked about.
const askedFirst = "asked first"

// writer writes a desk's letters in one transaction.
type writer struct {
	r     *runner
	tx    *store.Tx
	env   desk.Env
	rules rules

	careful *desk.Cautious // once asked for
}

func (r *runner) writer(tx *store.Tx, env desk.Env) *writer {
	return &writer{r: r, tx: tx, env: env, rules: r.current()}
}

// mode is how a letter leaves: as the desk's lists say, else as its own file says, else as all do.
func (rs *rules) mode(t *letter.Template) desk.Mode {
	l := &rs.cfg.Letters
	for _, list := range []struct {
		names []string
		mode  desk.Mode
	}{{l.Off, desk.ModeOff}, {l.Draft, desk.ModeDraft}, {l.Approve, desk.ModeApprove}, {l.Auto, desk.ModeAuto}} {
		if slices.Contains(list.names, t.Name) {
			return list.mode
		}
	}
	if t.Mode != "" && rs.cfg.SMTP.Host != "" {
		return t.Mode
	}
	return desk.Mode(l.Mode)
}

// draftLetter is a letter on its way to being written.
type draftLetter struct {
	rq       letterRequest
	tpl      *letter.Template
	fields   *letter.Fields
	rendered letter.Rendered
	to       string
	mode     desk.Mode
	caution  string // name of what has to be asked about first
	why      string
}

// prepare finds the letter's template, fields and address, and renders it; nothing is stored.
func (w *writer) prepare(rq letterRequest) (*draftLetter, error) {
	d := &draftLetter{rq: rq}
	lang := language(rq.contact, &w.rules)
	if d.tpl = w.rules.letters.Get(rq.name, lang); d.tpl == nil {
		return nil, notFound("there is no letter %q%s; 'fifthcall letters list' shows them", rq.name, didYouMean(rq.name, w.rules.letters.Names()))
	}
	if d.mode = rq.mode; d.mode == "" {
		d.mode = w.rules.mode(d.tpl)
	}
	careful, err := w.care()
	if err != nil {
		return nil, err
	}
	toCandidate := d.tpl.To != "client"
	if d.to = careful.MailAddress(rq.contact, toCandidate); d.to == "" {
		d.caution, d.why = "address", "no mail address of "+rq.contact.DisplayName()+" works: give one by reply, “address …@…”"
	} else if d.caution, d.why, err = w.caution(careful, rq.contact, d.to, toCandidate, d.tpl.Marketing); err != nil {
		return nil, err
	}
	if d.caution == "" && rq.ask != "" {
		d.caution, d.why = askedFirst, rq.ask
	}
	if slices.Contains(rq.released, d.caution) && d.to != "" {
		d.caution, d.why = "", ""
	}
	if d.fields, err = w.fields(rq, d.tpl); err != nil {
		return nil, err
	}
	d.rendered, err = d.tpl.Render(d.fields)
	return d, err
}

func (w *writer) caution(careful *desk.Cautious, c *desk.Contact, to string, toCandidate, marketing bool) (name, why string, err error) {
	k := *careful
	if marketing {
		if k.Colleague, err = w.r.colleagueTouch(c, w.env.Now); err != nil {
			return "", "", err
		}
	}
	name, why = k.Caution(c, to, toCandidate, marketing)
	return name, why, nil
}

// language is the contact's, else the desk's.
func language(c *desk.Contact, rs *rules) string {
	if l := strings.ToLower(field(c, "language")); len(l) >= 2 {
		return map[string]string{"german": "de", "deutsch": "de", "english": "en", "englisch": "en"}[l] + twoLetters(l)
	}
	return rs.cfg.Letters.Language
}

func twoLetters(l string) string {
	if len(l) == 2 || l[2] == '-' || l[2] == '_' {
		return l[:2]
	}
	return ""
}

// contactZone is where the contact is, as far as it is known; else def.
func contactZone(c *desk.Contact, def *time.Location) *time.Location {
	if name := field(c, "timezone", "time zone", "zone"); name != "" {
		if z, err := time.LoadLocation(name); err == nil {
			return z
		}
	}
	return def
}

func personFields(c *desk.Contact) letter.Person {
	if c == nil {
		return letter.Person{}
	}
	return letter.Person{Name: c.Name, First: letter.FirstName(c.Name), Company: c.Company, Title: c.Title, Email: c.Email(), Phone: c.Phone}
}

// fields gathers what a template can speak of.
func (w *writer) fields(rq letterRequest, t *letter.Template) (*letter.Fields, error) {
	cfg := &w.rules.cfg
	f := &letter.Fields{
		Language: t.Language, Zone: contactZone(rq.contact, w.rules.zone), Now: w.env.Now, Contact: personFields(rq.contact), Offer: rq.offer, Call: letter.Call{Start: rq.call}, Quarter: rq.quarter,
		Desk: letter.Desk{Name: cfg.Letters.Name, First: letter.FirstName(cfg.Letters.Name), Email: cfg.Email, Phone: cfg.Letters.Phone, Signature: cfg.Letters.Signature},
	}
	if t.To == "candidate" {
		f.Candidate = f.Contact
	} else {
		f.Client = f.Contact
	}
	iv := rq.interview
	if iv == nil {
		return f, nil
	}
	f.Zone = contactZone(rq.contact, iv.Location(w.rules.zone))
	client, err := w.tx.Contact(iv.Client)
	if err != nil {
		return nil, err
	}
	candidate, err := w.tx.Contact(iv.Candidate)
	if err != nil {
		return nil, err
	}
	f.Client, f.Candidate = personFields(client), personFields(candidate)
	f.Interview = interviewFields(iv)
	if client != nil {
		f.Interview.About, f.Interview.Past = field(client, "about"), field(client, "past questions", "questions")
	}
	if iv.Order > 0 {
		o, err := w.tx.Order(iv.Order)
		if err != nil {
			return nil, err
		}
		if o != nil {
			f.Order = letter.Order{Number: o.Name(), Title: o.Title, Company: o.Company}
		}
	}
	if f.Interview.Company == "" {
		f.Interview.Company = orElse(f.Order.Company, f.Client.Company)
	}
	f.Interview.Title = orElse(f.Interview.Title, f.Order.Title)
	return f, nil
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func interviewFields(iv *desk.Interview) letter.Interview {
	return letter.Interview{
		Kind: iv.Kind, Start: iv.Start, End: iv.End, Floating: iv.Floating, Company: iv.Company, Title: iv.Fact("title"), Interviewers: iv.Who,
		Address: iv.Fact("address"), Link: iv.Fact("link"), Number: iv.Fact("number"), Room: iv.Fact("room"), Parking: iv.Fact("parking"), Entry: iv.Fact("entry"),
		Dress: iv.Fact("dress"), Tests: iv.Fact("tests"), Bring: iv.Fact("bring"), Salary: iv.Fact("salary"), Format: iv.Fact("format"),
	}
}

// write stores a letter: ready to leave in its mode, or held with what it lacks. Nil without error means that it is
// not to be written: switched off, or the person mustn't be written to.
func (w *writer) write(rq letterRequest) (*desk.Outgoing, error) {
	if stop, err := w.mustNot(rq.contact); stop != "" || err != nil {
		return nil, err
	}
	d, err := w.prepare(rq)
	if err != nil {
		return w.broken(rq, err)
	}
	if d.mode == desk.ModeOff {
		return nil, nil
	}
	o, err := w.blank(rq)
	if err != nil {
		return nil, err
	}
	o.Mode, o.To, o.Subject, o.Content = d.mode, []string{d.to}, d.rendered.Subject, d.content()
	switch {
	case len(d.rendered.Missing) > 0:
		o.State, o.Missing = desk.OutHeld, d.rendered.Missing
	case d.caution != "":
		o.State, o.Why, o.Cautions = desk.OutHeld, d.why, append(rq.released, d.caution)
	default:
		if err := w.ready(o, d); err != nil {
			o.State, o.Why = desk.OutHeld, "it can't be put together: "+desk.Tidy(err.Error())
		}
	}
	return o, w.tx.PutOutgoing(o)
}

// blank is an outgoing letter with its ID and nothing in it.
func (w *writer) blank(rq letterRequest) (*desk.Outgoing, error) {
	n, err := w.tx.NextOrdinal()
	if err != nil {
		return nil, err
	}
	id := desk.LetterID(n)
	_, domain, _ := strings.Cut(w.rules.cfg.Email, "@")
	o := &desk.Outgoing{
		ID: id, MessageID: letterMark(w.r.key, w.r.name, id) + "@" + domain, Kind: desk.KindLetter, From: w.rules.cfg.Email, Deliver: desk.DeliverSMTP,
		Letter: rq.name, Contact: rq.contact.ID, Cause: rq.cause, Due: rq.due.UTC(), NotAfter: rq.notAfter, Created: w.env.Now.UTC(), Cautions: rq.released, Window: rq.window,
		Calendar: rq.calendar, Method: rq.method, Call: rq.call,
	}
	if rq.interview != nil {
		o.Version, o.Edition, o.Tells = rq.interview.Version, rq.interview.Edition, rq.interview.Tells()
	}
	return o, nil
}

// content identifies what a letter says, and to which address.
func (d *draftLetter) content() string {
	var missing []string
	for _, m := range d.rendered.Missing {
		missing = append(missing, string(m))
	}
	return desk.ShortHash(d.to, d.rendered.Subject, d.rendered.Text, d.caution, strings.Join(missing, ","))
}

// ready composes the letter's bytes, once, and sets it on its way.
func (w *writer) ready(o *desk.Outgoing, d *draftLetter) error {
	files, err := d.tpl.Files()
	if err != nil {
		return err
	}
	head := letter.Head{
		ID: o.MessageID, FromName: w.rules.cfg.Letters.Name, From: o.From, To: o.To, ToName: d.rq.contact.Name, Subject: o.Subject, Date: laterOf(w.env.Now, o.Due).In(w.env.Zone),
		Letter: letterMark(w.r.key, w.r.name, o.ID), Files: files, Calendar: o.Calendar, Method: o.Method,
	}
	if d.tpl.Marketing || strings.HasPrefix(o.Cause, desk.CauseSequence) {
		head.Unsubscribe = unsubscribeLink(w.r.key, w.r.name, o.Contact, w.rules.cfg.Email)
	}
	if head.InReplyTo, err = w.threadOf(o); err != nil {
		return err
	}
	if head.InReplyTo != "" {
		head.Refs = []string{head.InReplyTo}
	}
	if o.Data, err = letter.Compose(head, d.rendered.Text, d.rendered.HTML); err != nil {
		return err
	}
	o.Next = o.Due
	switch {
	case o.Mode == desk.ModeDraft, w.rules.cfg.SMTP.Host == "":
		o.Mode, o.State, o.Next = desk.ModeDraft, desk.OutDrafting, time.Time{}
	case o.Mode == desk.ModeApprove:
		o.State = desk.OutApprove
	case d.rq.interview != nil && !d.rq.interview.Trusted:
		o.Mode, o.State = desk.ModeApprove, desk.OutApprove
		o.Why = "nothing proves that the invitation is genuine, so it isn't sent by itself"
	default:
		o.State = desk.OutQueued
	}
	return nil
}

func laterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// threadOf is the Message-ID of the first letter of the same interview or sequence that went out, so that they stay together.
func (w *writer) threadOf(o *desk.Outgoing) (string, error) {
	kind, id, _ := desk.ReadCause(o.Cause)
	if id == "" {
		return "", nil
	}
	all, err := w.tx.Letters(o.Contact)
	for _, x := range all {
		if k, i, _ := desk.ReadCause(x.Cause); k == kind && i == id && x.ID != o.ID && x.Gone() {
			return orElse(x.SentAs, x.MessageID), err
		}
	}
	return "", err
}

// broken notes a letter that can't be written: it is held, and told, and nothing else waits for it.
func (w *writer) broken(rq letterRequest, bad error) (*desk.Outgoing, error) {
	o, err := w.blank(rq)
	if err != nil {
		return nil, err
	}
	o.State, o.Why = desk.OutHeld, "it can't be written: "+desk.Tidy(bad.Error())
	return o, w.tx.PutOutgoing(o)
}

// mustNot says why nobody may write to the contact, "" if one may.
func (w *writer) mustNot(c *desk.Contact) (string, error) {
	switch {
	case c.Status == desk.StatusDoNotContact:
		return "do not contact", nil
	case c.Has(desk.RoleNone):
		return "not a contact", nil
	}
	for _, a := range c.Emails {
		why, err := w.tx.Suppressed(a)
		if why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

// care gathers what letters have to be weighed against.
func (w *writer) care() (*desk.Cautious, error) {
	if w.careful != nil {
		return w.careful, nil
	}
	k := &desk.Cautious{ClientDomains: map[string]string{}, Busy: map[string]string{}, Placed: map[string]bool{}}
	all, err := w.tx.Contacts()
	if err != nil {
		return nil, err
	}
	byID := map[string]*desk.Contact{}
	for _, c := range all {
		byID[c.ID] = c
		for _, a := range c.Emails {
			_, dom, _ := strings.Cut(a, "@")
			if dom == "" || mailbox.FreeMail(dom) {
				continue
			}
			if c.Has(desk.RoleDecisionMaker) || c.Has(desk.RoleClient) || c.Has(desk.RoleHR) || c.Has(desk.RoleAssistant) || desk.SameCompany(c.Company, dom) {
				k.ClientDomains[dom] = orElse(c.Company, dom)
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
			if _, dom, _ := strings.Cut(a, "@"); !mailbox.FreeMail(dom) {
				k.Busy["@"+dom] = what
			}
		}
	}
	orders, err := w.tx.Orders()
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
	placed, err := placements(w.tx)
	if err != nil {
		return nil, err
	}
	for i := range placed {
		p := &placed[i]
		if p.Left.IsZero() {
			k.Placed[p.Candidate] = true
		}
		if p.Guarded(w.env.Today()) {
			busy(byID[p.Client], p.Company, "a placement in its guarantee, until "+p.GuaranteeEnd().UTC().Format("2 Jan 2006"))
		}
	}
	interviews, err := w.tx.Interviews()
	if err != nil {
		return nil, err
	}
	for _, iv := range interviews {
		if iv.Active() && w.env.Now.Sub(iv.Start) < 30*24*time.Hour {
			busy(byID[iv.Client], iv.Company, "an interview")
		}
	}
	w.careful = k
	return k, nil
}

// colleagueWindow is for how long a colleague's touch keeps marketing letters away.
const colleagueWindow = 14 * 24 * time.Hour

// colleagueTouch says that a colleague of another desk was in touch with the person or company of late, "" if none was.
func (r *runner) colleagueTouch(c *desk.Contact, now time.Time) (string, error) {
	domains := map[string]bool{}
	for _, a := range c.Emails {
		if _, d, _ := strings.Cut(a, "@"); d != "" && !mailbox.FreeMail(d) {
			domains[d] = true
		}
	}
	for _, other := range r.peers {
		said := ""
		err := other.state.View(func(tx *store.Tx) error {
			all, err := tx.Contacts()
			for _, x := range all {
				if !slices.ContainsFunc(x.Emails, func(a string) bool {
					_, d, _ := strings.Cut(a, "@")
					return slices.Contains(c.Emails, a) || domains[d]
				}) {
					continue
				}
				ts, err := tx.Touches(x)
				if err != nil {
					return err
				}
				if n := len(ts); n > 0 && now.Sub(ts[n-1].Time) < colleagueWindow {
					said = fmt.Sprintf("your colleague %s was in touch with %s on %s", other.name, x.DisplayName(), ts[n-1].Time.In(r.current().zone).Format("Mon 2 Jan"))
					return nil
				}
			}
			return err
		})
		if said != "" || err != nil {
			return said, err
		}
	}
	return "", nil
}

// letterMark is the value of a letter's own header field, and the local part of its Message-ID: its ID and a token that only this daemon can make.
func letterMark(key []byte, deskName, id string) string {
	return "letter." + id + "." + token(key, "letter", deskName, id)
}

// readLetterMark is the ID of the letter with that field or Message-ID; ok is false if the token is wrong.
func readLetterMark(key []byte, deskName, mark string) (id string, ok bool) {
	local, _, _ := strings.Cut(mark, "@")
	rest, isLetter := strings.CutPrefix(strings.TrimSpace(local), "letter.")
	id, tok, _ := strings.Cut(rest, ".")
	return id, isLetter && sameToken(tok, token(key, "letter", deskName, id))
}

// unsubscribeLink is a mailto link whose subject names the contact and proves it.
func unsubscribeLink(key []byte, deskName, contact, email string) string {
	return "mailto:" + email + "?subject=unsubscribe%20" + unsubscribeToken(key, deskName, contact)
}

func unsubscribeToken(key []byte, deskName, contact string) string {
	return "fcu-" + contact + "-" + token(key, "unsubscribe", deskName, contact)
}

// letterWindow are the minutes of the day in which letters leave; zero where the configuration gives none.
func (rs *rules) letterWindow() [2]int {
	w, err := letter.ParseWindow(rs.cfg.Letters.Window)
	if err != nil {
		return [2]int{}
	}
	return w
}
