package view

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	letterswork "fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
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

func outgoingView(r *book.Runner, tx *store.Tx, o *desk.Outgoing) OutgoingView {
	zone := r.Current().Zone
	v := OutgoingView{
		ID: o.ID, MessageID: o.MessageID, Kind: o.Kind, Letter: o.Letter, To: append([]string{}, o.To...), Subject: o.Subject, State: string(o.State), Mode: string(o.Mode),
		Deliver: o.Deliver, Created: desk.Stamp(o.Created, zone), Due: desk.Stamp(o.Due, zone), Sent: desk.Stamp(o.SentAt, zone), SentAs: o.SentAs, Tries: o.Tries, Why: o.Why, Error: o.Error, Missing: []string{}, Desk: r.Name,
	}
	for _, f := range o.Missing {
		v.Missing = append(v.Missing, string(f))
	}
	if c, err := tx.Contact(o.Contact); err == nil && c != nil {
		v.Contact = desk.Handle(c)
	}
	if o.Open() {
		v.Next = desk.Stamp(o.Next, zone)
	}
	return v
}

// Outbox lists the mails that wait, and those that went out of late.
func Outbox(r *book.Runner) ([]OutgoingView, error) {
	out := []OutgoingView{}
	err := r.State.View(func(tx *store.Tx) error {
		all, err := tx.Outgoing()
		for i := range all {
			out = append(out, outgoingView(r, tx, &all[i]))
		}
		return err
	})
	return out, err
}

// OutboxShow shows one mail with its text and what was tried.
func OutboxShow(r *book.Runner, id string) (v OutgoingView, err error) {
	err = r.State.View(func(tx *store.Tx) error {
		o, err := letterswork.FindOutgoing(tx, id)
		if err != nil {
			return err
		}
		v = outgoingView(r, tx, o)
		for _, a := range o.Attempts {
			v.Attempts = append(v.Attempts, desk.Stamp(a.Time, r.Current().Zone)+" "+a.Reply)
		}
		v.Text = string(o.Data)
		return nil
	})
	return v, err
}

// OutboxDo approves, cancels or retries a letter.
func OutboxDo(ctx context.Context, r *book.Runner, what, id string) (OutgoingView, error) {
	err := r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		o, err := letterswork.FindOutgoing(tx, id)
		if err != nil {
			return err
		}
		if !o.IsLetter() {
			return desk.Usage("%s is a mail to you, no letter", id)
		}
		a := r.Open(tx, env).From(desk.SourceShell)
		verb := words.VerbCancel
		switch what {
		case "retry":
			return letterswork.Retry(a, o)
		case "approve":
			verb = words.VerbSend
		case "done":
			verb = words.VerbDone
		}
		done := desk.Change{Verb: verb, Line: "outbox " + what + " " + id}
		err = command.Do(tx, &done, func() error {
			_, err := letterswork.SayToLetter(a, words.Command{Verb: verb}, id)
			return err
		})
		if err != nil {
			return err
		}
		return command.NoteReply(tx, env, desk.SourceShell, done)
	})
	if err != nil {
		return OutgoingView{}, err
	}
	return OutboxShow(r, id)
}

// PauseOutbox holds all letters, or lets them go on.
func PauseOutbox(ctx context.Context, r *book.Runner, on bool) (Paused, error) {
	err := r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		v := ""
		if on {
			v = env.Now.UTC().Format(time.RFC3339)
		}
		return tx.SetMark(desk.MarkPaused, v)
	})
	return Paused{r.Name, on}, err
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

// LetterViews lists the letters that the desk can write.
func LetterViews(r *book.Runner) ([]LetterView, error) {
	rs := r.Current()
	out := []LetterView{}
	for _, t := range rs.Letters.All() {
		if n := len(out); n > 0 && out[n-1].Name == t.Name {
			out[n-1].Languages = append(out[n-1].Languages, t.Language)
			continue
		}
		from := "built in"
		if t.Dir != "" {
			from = t.File
		}
		out = append(out, LetterView{Name: t.Name, Languages: []string{t.Language}, To: cmp.Or(t.To, "anybody"), Mode: string(rs.Mode(t)), Subject: t.Subject, From: from, Desk: r.Name})
	}
	return out, nil
}

// LetterCheck is what is wrong with a desk's letters and sequences.
type LetterCheck struct {
	Desk     string   `json:"desk"`
	Letters  int      `json:"letters"`
	Problems []string `json:"problems"`
}

// CheckLetters looks for mistakes in the desk's letters and sequences.
func CheckLetters(r *book.Runner) ([]LetterCheck, error) {
	rs := r.Current()
	rs.Broken = ""
	rs.ReadLetters() // as the files are now
	c := LetterCheck{Desk: r.Name, Letters: len(rs.Letters.All()), Problems: []string{}}
	if rs.Broken != "" {
		c.Problems = strings.Split(rs.Broken, "\n")
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

func (rq *LetterRequest) resolve(a *book.Tx) (book.LetterRequest, error) {
	out := book.LetterRequest{Name: rq.Name, Mode: desk.Mode(rq.Mode), Due: a.Env.Now}
	if !slices.Contains([]desk.Mode{"", desk.ModeDraft, desk.ModeApprove, desk.ModeAuto}, out.Mode) {
		return out, desk.Usage("%q is none of draft, approve, auto", rq.Mode)
	}
	var err error
	if out.Contact, err = people.FindContact(a.Tx, rq.Contact); err != nil {
		return out, err
	}
	if rq.Interview != "" {
		if out.Interview, err = a.Tx.Interview(rq.Interview); err == nil && out.Interview == nil {
			err = desk.NotFound("there is no interview %q; 'fifthcall interviews list' shows them", rq.Interview)
		}
		about(&out)
		return out, err
	}
	all, err := a.Tx.Interviews()
	for i := range all { // the next one, else the last one
		iv := &all[i]
		if out.Contact.Is(iv.Candidate) && iv.Status != desk.InterviewCancelled && (out.Interview == nil || !out.Interview.End.After(a.Env.Now)) {
			out.Interview = iv
		}
	}
	about(&out)
	return out, err
}

// about ties a letter written by hand to its interview, as the plan's own is: then it is not written twice, and goes when that does.
func about(rq *book.LetterRequest) {
	if rq.Interview == nil {
		return
	}
	step := rq.Name
	switch {
	case strings.HasPrefix(rq.Name, "prep-"):
		step = desk.StepPrep
	case rq.Name == "correction":
		step = fmt.Sprintf("%s-%d", desk.StepCorrection, rq.Interview.Version)
	case rq.Name != desk.StepConfirmation && rq.Name != desk.StepGoodLuck && rq.Name != desk.StepFollowUp:
		return
	}
	rq.Cause = desk.CauseOf(desk.CauseInterview, rq.Interview.ID, step)
	if step != desk.StepFollowUp {
		rq.NotAfter = rq.Interview.Start
	}
}

// RenderPreview renders a letter and stores nothing.
func RenderPreview(r *book.Runner, rq LetterRequest) (p Preview, err error) {
	err = r.State.View(func(tx *store.Tx) error {
		env := r.Env(r.Clock())
		lr, err := rq.resolve(r.Open(tx, env))
		if err != nil {
			return err
		}
		w := r.Writer(tx, env)
		d, err := letterswork.Prepare(w, lr)
		if err != nil {
			return err
		}
		p = Preview{Name: rq.Name, To: []string{d.To}, Subject: d.Rendered.Subject, Text: d.Rendered.Text, HTML: d.Rendered.HTML, Missing: []string{}, Mode: string(d.Mode), Why: d.Why, Desk: r.Name}
		for _, f := range d.Rendered.Missing {
			p.Missing = append(p.Missing, string(f))
		}
		if stop, err := letterswork.MustNot(w, lr.Contact); stop != "" || err != nil {
			p.Why = stop
			return err
		}
		if odd := desk.OtherKind(rq.Name, lr.Interview); odd != "" {
			p.Why = strings.TrimPrefix(p.Why+"; "+odd, "; ")
		}
		o := &desk.Outgoing{ID: "preview", MessageID: "preview@fifthcall", Kind: desk.KindLetter, From: r.Current().Cfg.Email, To: p.To, Subject: p.Subject, Contact: lr.Contact.ID, Mode: d.Mode}
		if d.To == "" {
			return nil
		}
		if err := letterswork.Ready(w, o, d); err != nil {
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
func replaceWaiting(tx *store.Tx, lr *book.LetterRequest) error {
	kind, id, step := desk.ReadCause(lr.Cause)
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
		case o.Cause != lr.Cause || !o.Waits() || o.State == desk.OutWithdraw:
		case o.State == desk.OutEdited || o.State == desk.OutSending:
			return desk.Usage("%s is %s already (%s)", letterswork.SayLetter(tx, o), letterswork.SayState(o), o.ID)
		case o.Withdraw("written anew by hand"):
			if err := tx.PutOutgoing(o); err != nil {
				return err
			}
		}
	}
	if strings.HasPrefix(step, desk.StepCorrection) && !gone {
		return desk.Usage("nothing has gone out that could be corrected")
	}
	return nil
}

// SendFromShell writes a letter by hand, in the desk's mode or another.
func SendFromShell(ctx context.Context, r *book.Runner, rq LetterRequest) (v OutgoingView, err error) {
	id := ""
	err = r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		lr, err := rq.resolve(r.Open(tx, env))
		if err != nil {
			return err
		}
		w := r.Writer(tx, env)
		if stop, err := letterswork.MustNot(w, lr.Contact); stop != "" || err != nil {
			if err == nil {
				err = desk.Usage("%s must not be written to (%s): nothing was sent", lr.Contact.DisplayName(), stop)
			}
			return err
		}
		if lr.Mode != "" && lr.Mode != desk.ModeDraft && w.Rules.Cfg.SMTP.Host == "" {
			return desk.Usage("without [desk.smtp] letters are drafts only")
		}
		if err := replaceWaiting(tx, &lr); err != nil {
			return err
		}
		o, err := letterswork.Write(w, lr)
		if err != nil {
			return err
		}
		if o == nil {
			return desk.Usage("the letter %q is switched off", rq.Name)
		}
		id = o.ID
		return nil
	})
	if err != nil {
		return v, err
	}
	return OutboxShow(r, id)
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

// InterviewViews lists the interviews by start; all includes those that are over or off.
func InterviewViews(r *book.Runner, all bool) ([]InterviewView, error) {
	out := []InterviewView{}
	now := r.Clock()
	err := r.State.View(func(tx *store.Tx) error {
		env := r.Env(now)
		ivs, err := tx.Interviews()
		for i := range ivs {
			iv := &ivs[i]
			if !all && (iv.Status == desk.InterviewCancelled || iv.End.Before(now.AddDate(0, 0, -14))) {
				continue
			}
			v, err := interviewView(r, tx, env, iv)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return err
	})
	return out, err
}

func interviewView(r *book.Runner, tx *store.Tx, env desk.Env, iv *desk.Interview) (InterviewView, error) {
	v := InterviewView{
		ID: iv.ID, Company: iv.Company, Kind: string(iv.Kind), Start: desk.Stamp(iv.Start, env.Zone), End: desk.Stamp(iv.End, env.Zone), Place: iv.Place(), Interviewers: append([]desk.Interviewer{}, iv.Who...),
		Facts: iv.Facts, Status: string(iv.Status), Question: iv.Question, Missing: []string{}, Trusted: iv.Trusted, Planned: []string{}, Desk: r.Name,
	}
	for id, to := range map[string]*string{iv.Candidate: &v.Candidate, iv.Client: &v.Client} {
		c, err := tx.Contact(id)
		if err != nil {
			return v, err
		}
		if c != nil && id != "" {
			*to = desk.Handle(c)
			if to == &v.Candidate {
				v.Name = c.DisplayName()
			}
		}
	}
	if iv.Active() || iv.Status == desk.InterviewAsked {
		for _, f := range letterswork.MissingFacts(iv) {
			v.Missing = append(v.Missing, string(f))
		}
	}
	lines, err := PlannedLines(r, tx, env, iv)
	v.Planned = append(v.Planned, lines...)
	return v, err
}

// PlannedLines says what is planned for an interview, and what was done.
func PlannedLines(r *book.Runner, tx *store.Tx, env desk.Env, iv *desk.Interview) ([]string, error) {
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
		lines = append(lines, line{o.Due, strings.ReplaceAll(step, "-", " ") + " letter " + letterswork.SayState(o)})
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
		out = append(out, fmt.Sprintf("%s %s", desk.SayInstant(l.at, env.Zone), l.text))
	}
	return out, nil
}
