package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// OutgoingView is a mail on its way out, or sent of late, as listed.
type OutgoingView struct {
	ID        string   `json:"id"`
	MessageID string   `json:"message_id"`
	Kind      string   `json:"kind"`
	Letter    string   `json:"letter"`
	Contact   string   `json:"contact"`
	To        []string `json:"to"`
	Subject   string   `json:"subject"`
	State     string   `json:"state"`
	Mode      string   `json:"mode"`
	Deliver   string   `json:"deliver"`
	Created   string   `json:"created"`
	Due       string   `json:"due"`
	Next      string   `json:"next"` // the next try, "" for none
	Sent      string   `json:"sent"`
	SentAs    string   `json:"sent_as,omitempty"` // Message-ID under which it went out, where that is another
	Tries     int      `json:"tries"`
	Why       string   `json:"why"`     // held, cancelled or dropped
	Missing   []string `json:"missing"` // facts
	Error     string   `json:"error"`
	Attempts  []string `json:"attempts,omitempty"`
	Text      string   `json:"text,omitempty"` // of 'outbox show'
	Desk      string   `json:"desk"`
}

func (r *runner) outgoingView(tx *store.Tx, o *desk.Outgoing) OutgoingView {
	zone := r.current().zone
	v := OutgoingView{
		ID: o.ID, MessageID: o.MessageID, Kind: o.Kind, Letter: o.Letter, To: append([]string{}, o.To...), Subject: o.Subject, State: string(o.State), Mode: string(o.Mode),
		Deliver: o.Deliver, Created: stamp(o.Created, zone), Due: stamp(o.Due, zone), Sent: stamp(o.SentAt, zone), SentAs: o.SentAs, Tries: o.Tries, Why: o.Why, Error: o.Error, Missing: []string{}, Desk: r.name,
	}
	for _, f := range o.Missing {
		v.Missing = append(v.Missing, string(f))
	}
	if c, err := tx.Contact(o.Contact); err == nil && c != nil {
		v.Contact = handle(c)
	}
	if o.Open() {
		v.Next = stamp(o.Next, zone)
	}
	return v
}

// outbox lists the mails that wait, and those that went out of late.
func (r *runner) outbox() ([]OutgoingView, error) {
	out := []OutgoingView{}
	err := r.state.View(func(tx *store.Tx) error {
		all, err := tx.Outgoing()
		for i := range all {
			out = append(out, r.outgoingView(tx, &all[i]))
		}
		return err
	})
	return out, err
}

// outboxShow shows one mail with its text and what was tried.
func (r *runner) outboxShow(id string) (v OutgoingView, err error) {
	err = r.state.View(func(tx *store.Tx) error {
		o, err := findOutgoing(tx, id)
		if err != nil {
			return err
		}
		v = r.outgoingView(tx, o)
		for _, a := range o.Attempts {
			v.Attempts = append(v.Attempts, stamp(a.Time, r.current().zone)+" "+a.Reply)
		}
		v.Text = string(o.Data)
		return nil
	})
	return v, err
}

func findOutgoing(tx *store.Tx, id string) (*desk.Outgoing, error) {
	o, err := tx.OutgoingByID(id)
	if err == nil && o == nil {
		err = notFound("there is no mail %q in the outbox; 'fifthcall outbox list' shows them", id)
	}
	return o, err
}

// outboxDo approves, cancels or retries a letter.
func (r *runner) outboxDo(ctx context.Context, what, id string) (OutgoingView, error) {
	err := r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		o, err := findOutgoing(tx, id)
		if err != nil {
			return err
		}
		if !o.IsLetter() {
			return usage("%s is a mail to you, no letter", id)
		}
		a := &applier{r: r, tx: tx, env: env, planner: newPlanner(tx, env), source: desk.SourceShell}
		verb := desk.VerbCancel
		switch what {
		case "retry":
			return a.retry(o)
		case "approve":
			verb = desk.VerbSend
		case "done":
			verb = desk.VerbDone
		}
		if _, err = a.sayToLetter(desk.Command{Verb: verb}, id); err != nil {
			return err
		}
		var done change
		if err := a.noteChange(&done, verb, "outbox "+what+" "+id); err != nil {
			return err
		}
		return noteReply(tx, env, desk.SourceShell, done)
	})
	if err != nil {
		return OutgoingView{}, err
	}
	return r.outboxShow(id)
}

// retry tries a letter again at once: one that was refused or failed, with the address as it is known now; or the uncertain one.
func (a *applier) retry(o *desk.Outgoing) error {
	switch o.State {
	case desk.OutQueued, desk.OutDrafting, desk.OutAccepted, desk.OutWithdraw:
		o.Next = time.Time{}
		return a.tx.PutOutgoing(o)
	case desk.OutUncertain:
		_, err := a.sayToLetter(desk.Command{Verb: desk.VerbSend}, o.ID)
		return err
	case desk.OutRejected, desk.OutHeld:
		o.Tries, o.Error, o.State = 0, "", desk.OutHeld
		if _, err := a.rewrite(o); err != nil {
			return err
		}
		return a.tx.PutOutgoing(o)
	}
	return usage("%s is %s: there is nothing to try again", sayLetter(a.tx, o), sayState(o))
}

// pauseOutbox holds all letters, or lets them go on.
func (r *runner) pauseOutbox(ctx context.Context, on bool) (Paused, error) {
	err := r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		v := ""
		if on {
			v = env.Now.UTC().Format(time.RFC3339)
		}
		return tx.SetMark(markPaused, v)
	})
	return Paused{r.name, on}, err
}

// Paused says whether a desk's letters are held.
type Paused struct {
	Desk   string `json:"desk"`
	Paused bool   `json:"paused"`
}

// LetterView is a letter that can be written, as listed.
type LetterView struct {
	Name      string   `json:"name"`
	Languages []string `json:"languages"`
	To        string   `json:"to"`
	Mode      string   `json:"mode"`
	Subject   string   `json:"subject"`
	From      string   `json:"from"` // built-in, or the file
	Desk      string   `json:"desk"`
}

// letterViews lists the letters that the desk can write.
func (r *runner) letterViews() ([]LetterView, error) {
	rs := r.current()
	out := []LetterView{}
	for _, t := range rs.letters.All() {
		if n := len(out); n > 0 && out[n-1].Name == t.Name {
			out[n-1].Languages = append(out[n-1].Languages, t.Language)
			continue
		}
		from := "built in"
		if t.Dir != "" {
			from = t.File
		}
		out = append(out, LetterView{Name: t.Name, Languages: []string{t.Language}, To: orElse(t.To, "anybody"), Mode: string(rs.mode(t)), Subject: t.Subject, From: from, Desk: r.name})
	}
	return out, nil
}

// LetterCheck is what is wrong with a desk's letters and sequences.
type LetterCheck struct {
	Desk     string   `json:"desk"`
	Letters  int      `json:"letters"`
	Problems []string `json:"problems"`
}

func (r *runner) checkLetters() ([]LetterCheck, error) {
	rs := r.current()
	rs.broken = ""
	rs.readLetters() // as the files are now
	c := LetterCheck{Desk: r.name, Letters: len(rs.letters.All()), Problems: []string{}}
	if rs.broken != "" {
		c.Problems = strings.Split(rs.broken, "\n")
	}
	return []LetterCheck{c}, nil
}

// LetterRequest asks for a letter from the shell.
type LetterRequest struct {
	Name      string `json:"name"`
	Contact   string `json:"contact"`
	Interview string `json:"interview,omitempty"` // ID; the contact's next one by default
	Mode      string `json:"mode,omitempty"`
}

// Preview is a letter as it would leave.
type Preview struct {
	Name    string   `json:"name"`
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Headers string   `json:"headers"`
	Text    string   `json:"text"`
	HTML    string   `json:"html"`
	Missing []string `json:"missing"`
	Mode    string   `json:"mode"`
	Why     string   `json:"why"` // it would be held
	Desk    string   `json:"desk"`
}

func (rq *LetterRequest) resolve(a *applier) (letterRequest, error) {
	out := letterRequest{name: rq.Name, mode: desk.Mode(rq.Mode), due: a.env.Now}
	if !slices.Contains([]desk.Mode{"", desk.ModeDraft, desk.ModeApprove, desk.ModeAuto}, out.mode) {
		return out, usage("%q is none of draft, approve, auto", rq.Mode)
	}
	var err error
	if out.contact, err = findContact(a.tx, rq.Contact); err != nil {
		return out, err
	}
	if rq.Interview != "" {
		if out.interview, err = a.tx.Interview(rq.Interview); err == nil && out.interview == nil {
			err = notFound("there is no interview %q; 'fifthcall interviews list' shows them", rq.Interview)
		}
		out.about()
		return out, err
	}
	all, err := a.tx.Interviews()
	for i := range all { // the next one, else the last one
		iv := &all[i]
		if out.contact.Is(iv.Candidate) && iv.Status != desk.InterviewCancelled && (out.interview == nil || !out.interview.End.After(a.env.Now)) {
			out.interview = iv
		}
	}
	out.about()
	return out, err
}

// about ties a letter written by hand to its interview, as the plan's own is: then it is not written twice, and goes when that does.
func (rq *letterRequest) about() {
	if rq.interview == nil {
		return
	}
	step := rq.name
	switch {
	case strings.HasPrefix(rq.name, "prep-"):
		step = desk.StepPrep
	case rq.name == "correction":
		step = fmt.Sprintf("%s-%d", desk.StepCorrection, rq.interview.Version)
	case rq.name != desk.StepConfirmation && rq.name != desk.StepGoodLuck && rq.name != desk.StepFollowUp:
		return
	}
	rq.cause = desk.CauseOf(desk.CauseInterview, rq.interview.ID, step)
	if step != desk.StepFollowUp {
		rq.notAfter = rq.interview.Start
	}
}

// preview renders a letter and stores nothing.
func (r *runner) preview(rq LetterRequest) (p Preview, err error) {
	err = r.state.View(func(tx *store.Tx) error {
		env := r.env(r.clock())
		lr, err := rq.resolve(&applier{r: r, tx: tx, env: env})
		if err != nil {
			return err
		}
		w := r.writer(tx, env)
		d, err := w.prepare(lr)
		if err != nil {
			return err
		}
		p = Preview{Name: rq.Name, To: []string{d.to}, Subject: d.rendered.Subject, Text: d.rendered.Text, HTML: d.rendered.HTML, Missing: []string{}, Mode: string(d.mode), Why: d.why, Desk: r.name}
		for _, f := range d.rendered.Missing {
			p.Missing = append(p.Missing, string(f))
		}
		if stop, err := w.mustNot(lr.contact); stop != "" || err != nil {
			p.Why = stop
			return err
		}
		o := &desk.Outgoing{ID: "preview", MessageID: "preview@fifthcall", Kind: desk.KindLetter, From: r.current().cfg.Email, To: p.To, Subject: p.Subject, Contact: lr.contact.ID, Mode: d.mode}
		if d.to == "" {
			return nil
		}
		if err := w.ready(o, d); err != nil {
			return err
		}
		head, _, _ := strings.Cut(string(o.Data), "\r\n\r\n")
		p.Headers = strings.ReplaceAll(head, "\r\n", "\n")
		return nil
	})
	return p, err
}

// replaceWaiting takes back the letter of the interview's plan that waits, where the same is written by hand; an edited draft is the recruiter's,
// and stops it.
func replaceWaiting(tx *store.Tx, lr *letterRequest) error {
	kind, id, step := desk.ReadCause(lr.cause)
	if kind != desk.CauseInterview {
		return nil
	}
	all, err := tx.LettersFor(kind, id)
	if err != nil {
		return err
	}
	gone := false
	for i := range all {
		o := &all[i]
		gone = gone || o.Gone()
		switch {
		case o.Cause != lr.cause || !o.Waits() || o.State == desk.OutWithdraw:
		case o.State == desk.OutEdited || o.State == desk.OutSending:
			return usage("%s is %s already (%s)", sayLetter(tx, o), sayState(o), o.ID)
		case o.Withdraw("written anew by hand"):
			if err := tx.PutOutgoing(o); err != nil {
				return err
			}
		}
	}
	if strings.HasPrefix(step, desk.StepCorrection) && !gone {
		return usage("nothing has gone out that could be corrected")
	}
	return nil
}

// sendFromShell writes a letter by hand, in the desk's mode or another.
func (r *runner) sendFromShell(ctx context.Context, rq LetterRequest) (v OutgoingView, err error) {
	id := ""
	err = r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		lr, err := rq.resolve(&applier{r: r, tx: tx, env: env})
		if err != nil {
			return err
		}
		w := r.writer(tx, env)
		if stop, err := w.mustNot(lr.contact); stop != "" || err != nil {
			if err == nil {
				err = usage("%s must not be written to (%s): nothing was sent", lr.contact.DisplayName(), stop)
			}
			return err
		}
		if lr.mode != "" && lr.mode != desk.ModeDraft && w.rules.cfg.SMTP.Host == "" {
			return usage("without [desk.smtp] letters are drafts only")
		}
		if err := replaceWaiting(tx, &lr); err != nil {
			return err
		}
		o, err := w.write(lr)
		if err != nil {
			return err
		}
		if o == nil {
			return usage("the letter %q is switched off", rq.Name)
		}
		id = o.ID
		return nil
	})
	if err != nil {
		return v, err
	}
	return r.outboxShow(id)
}

// InterviewView is an interview as listed.
type InterviewView struct {
	ID           string             `json:"id"`
	Candidate    string             `json:"candidate"`
	Name         string             `json:"name"`
	Client       string             `json:"client"`
	Company      string             `json:"company"`
	Kind         string             `json:"kind"`
	Start        string             `json:"start"`
	End          string             `json:"end"`
	Place        string             `json:"place"`
	Interviewers []desk.Interviewer `json:"interviewers"`
	Facts        map[string]string  `json:"facts"`
	Status       string             `json:"status"`
	Question     string             `json:"question"`
	Missing      []string           `json:"missing"`
	Trusted      bool               `json:"trusted"`
	Planned      []string           `json:"planned"`
	Desk         string             `json:"desk"`
}

// interviewViews lists the interviews by start; all includes those that are over or off.
func (r *runner) interviewViews(all bool) ([]InterviewView, error) {
	out := []InterviewView{}
	now := r.clock()
	err := r.state.View(func(tx *store.Tx) error {
		env := r.env(now)
		ivs, err := tx.Interviews()
		for i := range ivs {
			iv := &ivs[i]
			if !all && (iv.Status == desk.InterviewCancelled || iv.End.Before(now.AddDate(0, 0, -14))) {
				continue
			}
			v, err := r.interviewView(tx, env, iv)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return err
	})
	return out, err
}

func (r *runner) interviewView(tx *store.Tx, env desk.Env, iv *desk.Interview) (InterviewView, error) {
	v := InterviewView{
		ID: iv.ID, Company: iv.Company, Kind: string(iv.Kind), Start: stamp(iv.Start, env.Zone), End: stamp(iv.End, env.Zone), Place: iv.Place(), Interviewers: append([]desk.Interviewer{}, iv.Who...),
		Facts: iv.Facts, Status: string(iv.Status), Question: iv.Question, Missing: []string{}, Trusted: iv.Trusted, Planned: []string{}, Desk: r.name,
	}
	for id, to := range map[string]*string{iv.Candidate: &v.Candidate, iv.Client: &v.Client} {
		c, err := tx.Contact(id)
		if err != nil {
			return v, err
		}
		if c != nil && id != "" {
			*to = handle(c)
			if to == &v.Candidate {
				v.Name = c.DisplayName()
			}
		}
	}
	if iv.Active() || iv.Status == desk.InterviewAsked {
		for _, f := range missingFacts(iv) {
			v.Missing = append(v.Missing, string(f))
		}
	}
	lines, err := r.plannedLines(tx, env, iv)
	v.Planned = append(v.Planned, lines...)
	return v, err
}

// missingFacts are the required facts that aren't known of an interview to come.
func missingFacts(iv *desk.Interview) []desk.Fact {
	f := interviewFields(iv)
	var out []desk.Fact
	for _, x := range desk.RequiredFacts() {
		if !f.Knows(x) && !(x == desk.FactPlace && iv.Kind == desk.KindUnknown) { // who tells the place tells the kind
			out = append(out, x)
		}
	}
	return out
}

// plannedLines says what is planned for an interview, and what was done.
func (r *runner) plannedLines(tx *store.Tx, env desk.Env, iv *desk.Interview) ([]string, error) {
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	letters, err := tx.LettersFor(desk.CauseInterview, iv.ID)
	if err != nil {
		return nil, err
	}
	made := map[string]bool{}
	for i := range letters {
		o := &letters[i]
		kind, id, step := desk.ReadCause(o.Cause)
		if kind != desk.CauseInterview || id != iv.ID || o.State == desk.OutCancelled || o.State == desk.OutWithdraw {
			continue
		}
		made[step] = true
		lines = append(lines, line{o.Due, strings.ReplaceAll(step, "-", " ") + " letter " + sayState(o)})
	}
	calls, err := tx.Calls()
	if err != nil {
		return nil, err
	}
	for i := range calls {
		cb := &calls[i]
		kind, id, step := desk.ReadCause(cb.Cause)
		if kind == desk.CauseInterview && id == iv.ID && cb.Status != desk.CallbackCancelled {
			made[step] = true
			lines = append(lines, line{cb.Start, strings.ReplaceAll(step, "-", " ") + map[bool]string{true: "", false: " done"}[cb.Open()]})
		}
	}
	for _, s := range iv.Plan(env, nil, iv.Location(env.Zone), time.Time{}) {
		if s.Letter != "" && !made[s.Key] && s.Due.After(env.Now) {
			lines = append(lines, line{s.Due, strings.ReplaceAll(s.Key, "-", " ") + " letter"})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, fmt.Sprintf("%s %s", l.at.In(env.Zone).Format("Mon 2 Jan 15:04"), l.text))
	}
	return out, nil
}
