package daemon

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// sayToLetter takes a word about a letter: send, cancel, or that it has gone out already.
func (a *applier) sayToLetter(cmd desk.Command, id string) (Logged, error) {
	o, err := a.tx.OutgoingByID(id)
	if err != nil {
		return Logged{}, err
	}
	if o == nil {
		return Logged{}, notFound("that letter is not known any more")
	}
	if o, err = successor(a.tx, o); err != nil {
		return Logged{}, err
	}
	was := *o
	a.letter, a.letterWas = o.ID, &was
	said := ""
	switch cmd.Verb {
	case desk.VerbSend:
		said, err = a.release(o)
	case desk.VerbCancel, desk.VerbNotInterested, desk.VerbWaved:
		if said = "not sent"; !o.Withdraw("you cancelled it") {
			err = usage("%s can't be taken back: it is %s", sayLetter(a.tx, o), sayState(o))
		}
		o.ByHand = true
	case desk.VerbDone:
		if o.Gone() && o.Open() {
			err = a.r.logLetter(a.tx, a.env, o)
			o.State, o.Why, o.Data, said = desk.OutFiled, "you said that it went out", nil, "taken as sent"
		} else if o.Waits() {
			o.Withdraw("you said that it is done")
			o.ByHand = true
			said = "not sent by Fifthcall"
		}
	default:
		return Logged{}, usage("%q can't be said of a letter: say send or cancel", cmd.Verb)
	}
	if err != nil {
		return Logged{}, err
	}
	return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: sayLetter(a.tx, o) + " " + said}, a.tx.PutOutgoing(o)
}

// successor is the letter itself, or the one that was written in its place since.
func successor(tx *store.Tx, o *desk.Outgoing) (*desk.Outgoing, error) {
	if o.State != desk.OutCancelled && o.State != desk.OutWithdraw || o.Cause == "" {
		return o, nil
	}
	kind, id, _ := desk.ReadCause(o.Cause)
	all, err := tx.LettersFor(kind, id)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Cause == o.Cause && all[i].Waits() && all[i].State != desk.OutWithdraw && all[i].ID != o.ID {
			return &all[i], err
		}
	}
	return o, err
}

// release lets a letter leave that waited for the recruiter's word.
func (a *applier) release(o *desk.Outgoing) (said string, err error) {
	switch o.State {
	case desk.OutApprove:
		o.State, o.Next = desk.OutQueued, o.Due
		o.Cautions = append(o.Cautions, released)
		if o.Due.After(a.env.Now) {
			return "is sent on " + o.Due.In(a.env.Zone).Format("Mon 2 Jan, 15:04"), nil
		}
		return "is sent now", nil
	case desk.OutUncertain:
		o.State, o.Next, o.Looks, o.Why = desk.OutQueued, time.Time{}, 0, ""
		o.Cautions = append(o.Cautions, released)
		return "is sent again", nil
	case desk.OutHeld:
		return a.rewrite(o)
	case desk.OutDraft, desk.OutEdited, desk.OutDrafting:
		return "", usage("%s lies in Drafts: send it from there, so that you see what leaves", sayLetter(a.tx, o))
	}
	return "", usage("%s is %s", sayLetter(a.tx, o), sayState(o))
}

// rewrite writes a held letter, with the recruiter's word that what it was held for is right.
func (a *applier) rewrite(o *desk.Outgoing) (string, error) {
	c, err := a.tx.Contact(o.Contact)
	if err != nil || c == nil {
		return "", err
	}
	rq := letterRequest{name: o.Letter, contact: c, cause: o.Cause, due: o.Due, notAfter: o.NotAfter, window: o.Window, mode: o.Mode, released: append(slices.Clone(o.Cautions), released), calendar: o.Calendar, method: o.Method, call: o.Call}
	if kind, id, _ := desk.ReadCause(o.Cause); kind == desk.CauseInterview {
		if rq.interview, err = a.tx.Interview(id); err != nil {
			return "", err
		}
	}
	w := a.r.writer(a.tx, a.env)
	d, err := w.prepare(rq)
	if err != nil {
		return "", usage("%s can't be written: %v", sayLetter(a.tx, o), err)
	}
	if len(d.rendered.Missing) > 0 || d.caution != "" {
		o.Missing = d.rendered.Missing
		return "", usage("%s can't be sent yet: %s", sayLetter(a.tx, o), orElse(d.why, missingText(o, kindOf(rq.interview))))
	}
	next := *o
	next.Missing, next.Why, next.To, next.Subject, next.Cautions, next.Content, next.Mode = nil, "", []string{d.to}, d.rendered.Subject, rq.released, d.content(), d.mode
	if err := w.ready(&next, d); err != nil {
		return "", usage("%s can't be put together: %v", sayLetter(a.tx, o), err)
	}
	*o = next
	if o.State == desk.OutApprove { // that word was given
		o.State = desk.OutQueued
	}
	if o.State == desk.OutDrafting {
		return "is laid into Drafts", nil
	}
	return "is sent", nil
}

func kindOf(iv *desk.Interview) desk.InterviewKind {
	if iv == nil {
		return desk.KindUnknown
	}
	return iv.Kind
}

// sayState says where a letter is, for people.
func sayState(o *desk.Outgoing) string {
	switch o.State {
	case desk.OutQueued:
		return "waiting for its time"
	case desk.OutSending, desk.OutData:
		return "being sent"
	case desk.OutAccepted, desk.OutFiled:
		return "sent"
	case desk.OutSent:
		return "sent by you"
	case desk.OutUncertain:
		return "sent or not: nobody knows"
	case desk.OutRejected:
		return "refused"
	case desk.OutHeld:
		return "held"
	case desk.OutApprove:
		return "waiting for your word"
	case desk.OutDrafting, desk.OutDraft:
		return "a draft"
	case desk.OutEdited:
		return "a draft that you have edited"
	case desk.OutWithdraw:
		return "being taken out of Drafts"
	}
	return string(o.State)
}

// missingText says what a held letter lacks.
func missingText(o *desk.Outgoing, kind desk.InterviewKind) string {
	var out []string
	for _, f := range o.Missing {
		what, _ := f.Ask(kind)
		out = append(out, what)
	}
	return "missing: " + strings.Join(out, ", ")
}

// interviewFacts are the words with which a fact line about an interview begins.
var interviewFacts = []string{"room", "address", "link", "number", "interviewer", "interviewers", "title", "dress", "tests", "test", "bring", "parking", "entry", "salary", "kind", "format"}

// sayToInterview takes a word about an interview: a fact, another time, who the candidate is, or that it is off.
func (a *applier) sayToInterview(cmd desk.Command, id string) (Logged, error) {
	cur, err := a.tx.Interview(id)
	if err != nil {
		return Logged{}, err
	}
	if cur == nil {
		return Logged{}, notFound("that interview is not known any more")
	}
	a.noteInterview(cur)
	next := copyInterview(cur)
	said := ""
	switch cmd.Verb {
	case desk.VerbFact:
		if c, err := a.tx.Contact(next.Candidate); err != nil || c != nil && isMailFact(cmd.Note) {
			if err == nil {
				a.interview, a.interviewWas = "", nil
				err = a.fact(c, cmd.Note)
			}
			return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: "noted " + cmd.Note}, err
		}
		said, err = a.setFact(next, cmd.Note)
	case desk.VerbInterview, desk.VerbSnooze:
		said, err = a.setTime(next, cmd)
	case desk.VerbRole:
		said, err = a.setCandidate(next, cmd)
	case desk.VerbCancel, desk.VerbNotInterested:
		next.ByWord = true
		if next.Candidate == "" { // it is none
			next.Status, next.Question = desk.InterviewRegistration, ""
			said = "no interview of a candidate: nothing is planned"
			break
		}
		return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Said: sayInterview(a.env, cur) + " is off"}, cancelInterview(a.tx, a.env, next, "you said so")
	default:
		return Logged{}, usage("%q can't be said of an interview", cmd.Verb)
	}
	if err != nil {
		return Logged{}, err
	}
	return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: sayInterview(a.env, next) + ": " + said}, changeInterview(a.tx, a.env, cur, next)
}

func (a *applier) noteInterview(iv *desk.Interview) {
	a.interview, a.interviewWas = iv.ID, copyInterview(iv)
}

func copyInterview(iv *desk.Interview) *desk.Interview {
	c := *iv
	c.Who, c.Choices, c.People = slices.Clone(iv.Who), slices.Clone(iv.Choices), slices.Clone(iv.People)
	c.Facts = map[string]string{}
	for k, v := range iv.Facts {
		c.Facts[k] = v
	}
	return &c
}

// isMailFact reports whether a fact is a person's mail address, and no place.
func isMailFact(note string) bool {
	word, rest, _ := strings.Cut(note, " ")
	return strings.EqualFold(strings.Trim(word, ":="), "address") && canonical(strings.TrimLeft(rest, ":= ")) != ""
}

// setFact takes "interviewer Dana Reed, CTO".
func (a *applier) setFact(iv *desk.Interview, note string) (string, error) {
	word, rest, _ := strings.Cut(note, " ")
	word = strings.ToLower(strings.Trim(word, ":="))
	if word == "test" {
		word = "tests"
	}
	if !iv.SetFact(word, strings.TrimLeft(rest, ":= ")) {
		return "", usage("%q tells nothing of an interview: begin with one of %s", note, strings.Join(interviewFacts, ", "))
	}
	return "noted " + note, nil
}

// setTime moves an interview, or gives it the time that the invitation lacked.
func (a *applier) setTime(iv *desk.Interview, cmd desk.Command) (string, error) {
	if cmd.Next.IsZero() || !cmd.Next.Clock {
		return "", usage("at what day and time? Say for example “interview tue 3pm”")
	}
	length := iv.End.Sub(iv.Start)
	iv.Start = cmd.Next.Date.At(cmd.Next.Hour, cmd.Next.Minute, a.env.Zone).UTC()
	iv.End = iv.Start.Add(length)
	iv.Floating = false
	if err := timeInNote(cmd.Note); err != nil {
		return "", err
	}
	if iv.Candidate != "" && (iv.Status == desk.InterviewAsked || iv.Status == desk.InterviewCancelled) {
		iv.Status, iv.Question, iv.ByWord = desk.InterviewStands, "", false
	}
	told(iv, cmd.Note)
	return "it is on " + iv.Start.In(a.env.Zone).Format("Mon 2 Jan 2006, 15:04"), nil
}

// told takes what was said of an interview beside its time.
func told(iv *desk.Interview, note string) {
	kind, facts, who, _ := desk.ReadTold(note)
	if kind != desk.KindUnknown {
		iv.Kind = kind
	}
	if iv.Facts == nil {
		iv.Facts = map[string]string{}
	}
	for k, v := range facts {
		iv.Facts[k] = v
	}
	for _, w := range who {
		if !slices.ContainsFunc(iv.Who, func(x desk.Interviewer) bool { return strings.EqualFold(x.Name, w.Name) }) {
			iv.Who = append(iv.Who, w)
		}
	}
}

// setCandidate takes "4 candidate", of an interview that leaves open who it is.
func (a *applier) setCandidate(iv *desk.Interview, cmd desk.Command) (string, error) {
	if cmd.Note != string(desk.RoleCandidate) {
		return "", usage("say “candidate”, or “cancel” if it is no candidate's interview")
	}
	if len(iv.Choices) != 1 {
		return "", usage("which of them? Say the address: “%s candidate”", orElse(strings.Join(iv.Choices, " candidate” or “"), "li@post.example"))
	}
	c, _, err := a.find(iv.Choices[0])
	if err != nil {
		return "", err
	}
	c.AddRole(desk.RoleCandidate, a.env.Now)
	if err := a.tx.PutContact(c); err != nil {
		return "", err
	}
	iv.Settle(c)
	return "the candidate is " + c.DisplayName(), nil
}

// sayToCall takes a word about a further call: another time, or that it is done with.
func (a *applier) sayToCall(cmd desk.Command, uid string) (Logged, error) {
	cb, err := a.tx.Call(uid)
	if err != nil {
		return Logged{}, err
	}
	if !cb.Open() {
		return Logged{}, usage("that call is closed already")
	}
	c, err := a.tx.Contact(cb.Contact)
	if err != nil || c == nil {
		return Logged{}, err
	}
	said := callTitle(cb, c)
	switch cmd.Verb {
	case desk.VerbDone:
		err = a.planner.endCall(uid, desk.CallbackDone)
		said += ": done"
	case desk.VerbCancel:
		err = a.planner.endCall(uid, desk.CallbackCancelled)
		said += ": cancelled"
	default:
		at := cmd.Next.Date.At(9, 0, a.env.Zone)
		if cmd.Next.Clock {
			at = cmd.Next.Date.At(cmd.Next.Hour, cmd.Next.Minute, a.env.Zone)
			a.planner.rememberCall(cb)
			err = a.planner.fixCall(cb, c, cb.Rule, cb.Cause, cb.Reason, at, cb.Version)
		} else {
			err = a.planner.moveCall(cb, at)
		}
		if err == nil {
			cb, err = a.tx.Call(uid)
		}
		if err == nil {
			said += ", moved to " + cb.Start.In(a.env.Zone).Format("Mon 2 Jan 2006, 15:04")
		}
	}
	return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Contact: handle(c), Note: cmd.Note, Said: said}, err
}

// tellInterview makes an interview of what the recruiter says: "3 interview tue 3pm phone with Dana Reed".
func (a *applier) tellInterview(c *desk.Contact, cmd desk.Command) (string, error) {
	if cmd.Next.IsZero() || !cmd.Next.Clock {
		return "", usage("at what day and time is the interview of %s? Say for example “interview tue 3pm phone with NAME”", c.DisplayName())
	}
	start := cmd.Next.Date.At(cmd.Next.Hour, cmd.Next.Minute, a.env.Zone).UTC()
	if err := timeInNote(cmd.Note); err != nil {
		return "", err
	}
	if !start.After(a.env.Now) {
		return "", usage("%s is past: when is the interview?", start.In(a.env.Zone).Format("Mon 2 Jan, 15:04"))
	}
	all, err := a.tx.Interviews()
	if err != nil {
		return "", err
	}
	for i := range all {
		if iv := &all[i]; c.Is(iv.Candidate) && iv.Start.Equal(start) && iv.Active() {
			a.noteInterview(iv)
			next := copyInterview(iv)
			told(next, cmd.Note)
			return sayInterview(a.env, next), changeInterview(a.tx, a.env, iv, next)
		}
	}
	iv := &desk.Interview{
		Candidate: c.ID, Start: start, End: start.Add(time.Hour), Status: desk.InterviewStands, Trusted: true, Version: 1, Edition: 1,
		Confirmed: a.env.Now.UTC(), Modified: a.env.Now.UTC(),
	}
	n, err := a.tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	iv.ID = desk.InterviewID(a.env.Desk, "told", fmt.Sprint(n))
	told(iv, cmd.Note)
	if err := a.interviewClient(iv, c, cmd.Note); err != nil {
		return "", err
	}
	c.AddRole(desk.RoleCandidate, a.env.Now)
	if err := a.tx.PutContact(c); err != nil {
		return "", err
	}
	a.interview = iv.ID
	if err := stopSequences(a.tx, a.env, a.planner, c.ID, "an interview was arranged"); err != nil {
		return "", err
	}
	return sayInterview(a.env, iv), a.tx.PutInterview(iv)
}

var (
	noteClockRE = regexp.MustCompile(`(?i)\b\d{1,2}(?:[:.]\d\d)?\s?(?:am|pm|uhr|h)\b|\b\d{1,2}:\d\d\b`)
	noteZoneRE  = regexp.MustCompile(`\b(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|EES?T|IST|JST|AES?T|SGT|HKT)\b|(?i:\b(?:their|her|his|local|candidate'?s|client'?s) time\b)`)
)

// timeInNote asks back where a second time, or a zone, is left in what was said of an interview: a wrong time would go out in letters.
func timeInNote(note string) error {
	if m := noteZoneRE.FindString(note); m != "" {
		return usage("“%s” is not read: give the time by your own clock", m)
	}
	plain := webAddressRE.ReplaceAllString(note, "")
	if m := noteClockRE.FindString(plain); m != "" {
		return usage("which time is meant? “%s” is left over: begin with the date and time, “interview tue 3pm …”", m)
	}
	return nil
}

var webAddressRE = regexp.MustCompile(`https?://\S+`)

// candidateNamed is the one known candidate whom a line about a client names: "1 interview thu 3pm with Li Sato".
func (a *applier) candidateNamed(note string) (*desk.Contact, error) {
	_, _, who, _ := desk.ReadTold(note)
	all, err := a.tx.Contacts()
	var hit *desk.Contact
	for _, w := range who {
		for _, x := range all {
			if strings.EqualFold(x.Name, w.Name) && x.Has(desk.RoleCandidate) {
				if hit != nil {
					return nil, err
				}
				hit = x
			}
		}
	}
	return hit, err
}

// interviewClient finds the client of an interview that was told: by its order, by who asks, or by the candidate's only open submittal.
func (a *applier) interviewClient(iv *desk.Interview, c *desk.Contact, note string) error {
	_, _, _, number := desk.ReadTold(note)
	orders, err := a.tx.Orders()
	if err != nil {
		return err
	}
	var open []desk.JobOrder
	for _, o := range orders {
		if o.Number == number || number == 0 && o.Status == desk.OrderOpen && slices.ContainsFunc(o.Submittals, func(s desk.Submittal) bool { return s.Contact == c.ID }) {
			open = append(open, o)
		}
	}
	if len(open) == 1 {
		iv.Order, iv.Company, iv.Client = open[0].Number, open[0].Company, open[0].Contact
		if open[0].Title != "" {
			iv.Facts["title"] = open[0].Title
		}
	}
	all, err := a.tx.Contacts()
	if err != nil {
		return err
	}
	for i := range iv.Who {
		for _, x := range all {
			if strings.EqualFold(x.Name, iv.Who[i].Name) && clientSide(x) {
				iv.Client, iv.Company = x.ID, orElse(iv.Company, x.Company)
				iv.Who[i].Title, iv.Who[i].Email = orElse(iv.Who[i].Title, x.Title), x.Email()
			}
		}
	}
	return nil
}

// upcoming is the contact's only interview that is still to come, nil if there is none or several are.
func (a *applier) upcoming(c *desk.Contact) (*desk.Interview, error) {
	all, err := a.tx.Interviews()
	var hit *desk.Interview
	for i := range all {
		iv := &all[i]
		if !c.Is(iv.Candidate) || !iv.Active() && iv.Status != desk.InterviewAsked || iv.End.Before(a.env.Now) {
			continue
		}
		if hit != nil {
			return nil, err
		}
		hit = iv
	}
	return hit, err
}
