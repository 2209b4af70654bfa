package interviews

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
)

// IsMailFact reports whether a fact is a person's mail address, and no place.
func IsMailFact(note string) bool {
	word, rest, _ := strings.Cut(note, " ")
	return strings.EqualFold(strings.Trim(word, ":="), "address") && config.Canonical(strings.TrimLeft(rest, ":= ")) != ""
}

// SetFact takes "interviewer Dana Reed, CTO".
func SetFact(a *book.Tx, iv *desk.Interview, note string) (string, error) {
	word, rest, _ := strings.Cut(note, " ")
	word = strings.ToLower(strings.Trim(word, ":="))
	if word == "test" {
		word = "tests"
	}
	if !iv.SetFact(word, strings.TrimLeft(rest, ":= ")) {
		return "", desk.Usage("%q tells nothing of an interview: begin with one of %s", note, strings.Join(desk.InterviewFacts, ", "))
	}
	return "noted " + note, nil
}

// SetTime moves an interview, or gives it the time that the invitation lacked.
func SetTime(a *book.Tx, iv *desk.Interview, cmd words.Command) (string, error) {
	if cmd.Next.IsZero() || !cmd.Next.Clock {
		return "", desk.Usage("at what day and time? Say for example “interview tue 3pm”")
	}
	length := iv.End.Sub(iv.Start)
	iv.Start = cmd.Next.Date.At(cmd.Next.Hour, cmd.Next.Minute, a.Env.Zone).UTC()
	iv.End = iv.Start.Add(length)
	iv.Floating = false
	if err := words.TimeInNote(cmd.Note); err != nil {
		return "", err
	}
	if iv.Candidate != "" && (iv.Status == desk.InterviewAsked || iv.Status == desk.InterviewCancelled) {
		iv.Status, iv.Question, iv.ByWord = desk.InterviewStands, "", false
	}
	told(iv, cmd.Note)
	return "it is on " + desk.SayInstantYear(iv.Start, a.Env.Zone), nil
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

// SetCandidate takes "4 candidate", of an interview that leaves open who it is.
func SetCandidate(a *book.Tx, iv *desk.Interview, cmd words.Command) (string, error) {
	if cmd.Note != string(desk.RoleCandidate) {
		return "", desk.Usage("say “candidate”, or “cancel” if it is no candidate's interview")
	}
	if len(iv.Choices) != 1 {
		return "", desk.Usage("which of them? Say the address: “%s candidate”", cmp.Or(strings.Join(iv.Choices, " candidate” or “"), "li@post.example"))
	}
	c, _, err := people.Find(a, iv.Choices[0])
	if err != nil {
		return "", err
	}
	c.AddRole(desk.RoleCandidate, a.Env.Now)
	if err := a.Tx.PutContact(c); err != nil {
		return "", err
	}
	iv.Settle(c)
	return "the candidate is " + c.DisplayName(), nil
}

// SayToCall takes a word about a further call: another time, or that it is done with.
func SayToCall(a *book.Tx, cmd words.Command, uid string) (book.Result, error) {
	cb, err := a.Tx.Call(uid)
	if err != nil {
		return book.Result{}, err
	}
	if !cb.Open() {
		return book.Result{}, desk.Usage("that call is closed already")
	}
	c, err := a.Tx.Contact(cb.Contact)
	if err != nil || c == nil {
		return book.Result{}, err
	}
	said := desk.CallTitle(cb, c)
	switch cmd.Verb {
	case words.VerbDone:
		err = a.Planner.EndCall(uid, desk.CallbackDone)
		said += ": done"
	case words.VerbCancel:
		err = a.Planner.EndCall(uid, desk.CallbackCancelled)
		said += ": cancelled"
	case words.VerbDismiss:
		err = a.Planner.EndCall(uid, desk.CallbackDismissed)
		said += ": dismissed"
	default:
		at := cmd.Next.Date.At(9, 0, a.Env.Zone)
		if cmd.Next.Clock {
			at = cmd.Next.Date.At(cmd.Next.Hour, cmd.Next.Minute, a.Env.Zone)
			err = a.Planner.FixCall(cb, c, book.Fixed{Rule: cb.Rule, Cause: cb.Cause, Reason: cb.Reason, At: at, Version: cb.Version})
		} else {
			err = a.Planner.MoveCall(cb, at)
		}
		if err == nil {
			cb, err = a.Tx.Call(uid)
		}
		if err == nil {
			said += ", moved to " + desk.SayInstantYear(cb.Start, a.Env.Zone)
		}
	}
	return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Contact: desk.Handle(c), Note: cmd.Note, Said: said}, err
}

// TellInterview makes an interview of what the recruiter says: "3 interview tue 3pm phone with Dana Reed".
func TellInterview(a *book.Tx, c *desk.Contact, cmd words.Command) (string, error) {
	if cmd.Next.IsZero() || !cmd.Next.Clock {
		return "", desk.Usage("at what day and time is the interview of %s? Say for example “interview tue 3pm phone with NAME”", c.DisplayName())
	}
	start := cmd.Next.Date.At(cmd.Next.Hour, cmd.Next.Minute, a.Env.Zone).UTC()
	if err := words.TimeInNote(cmd.Note); err != nil {
		return "", err
	}
	if !start.After(a.Env.Now) {
		return "", desk.Usage("%s is past: when is the interview?", desk.SayInstant(start, a.Env.Zone))
	}
	all, err := a.Tx.Interviews()
	if err != nil {
		return "", err
	}
	for i := range all {
		if iv := &all[i]; c.Is(iv.Candidate) && iv.Start.Equal(start) && iv.Active() {
			next := desk.CopyInterview(iv)
			told(next, cmd.Note)
			return desk.SayInterview(a.Env, next), ChangeInterview(a.Tx, a.Env, iv, next)
		}
	}
	iv := &desk.Interview{
		Candidate: c.ID, Start: start, End: start.Add(time.Hour), Status: desk.InterviewStands, Trusted: true, Version: 1, Edition: 1,
		Confirmed: a.Env.Now.UTC(), Modified: a.Env.Now.UTC(),
	}
	n, err := a.Tx.NextOrdinal()
	if err != nil {
		return "", err
	}
	iv.ID = desk.InterviewID(a.Env.Desk, "told", fmt.Sprint(n))
	told(iv, cmd.Note)
	if err := interviewClient(a, iv, c, cmd.Note); err != nil {
		return "", err
	}
	c.AddRole(desk.RoleCandidate, a.Env.Now)
	if err := a.Tx.PutContact(c); err != nil {
		return "", err
	}
	if err := letters.StopSequences(a.Tx, a.Env, a.Planner, c.ID, "an interview was arranged"); err != nil {
		return "", err
	}
	return desk.SayInterview(a.Env, iv), a.Tx.PutInterview(iv)
}

// CandidateNamed is the one known candidate whom a line about a client names: "1 interview thu 3pm with Li Sato".
func CandidateNamed(a *book.Tx, note string) (*desk.Contact, error) {
	_, _, who, _ := desk.ReadTold(note)
	all, err := a.Tx.Contacts()
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
func interviewClient(a *book.Tx, iv *desk.Interview, c *desk.Contact, note string) error {
	_, _, _, number := desk.ReadTold(note)
	orders, err := a.Tx.Orders()
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
	all, err := a.Tx.Contacts()
	if err != nil {
		return err
	}
	for i := range iv.Who {
		for _, x := range all {
			if strings.EqualFold(x.Name, iv.Who[i].Name) && desk.ClientSide(x) {
				iv.Client, iv.Company = x.ID, cmp.Or(iv.Company, x.Company)
				iv.Who[i].Title, iv.Who[i].Email = cmp.Or(iv.Who[i].Title, x.Title), x.Email()
			}
		}
	}
	return nil
}

// Upcoming is the contact's only interview that is still to come, nil if there is none or several are.
func Upcoming(a *book.Tx, c *desk.Contact) (*desk.Interview, error) {
	all, err := a.Tx.Interviews()
	var hit *desk.Interview
	for i := range all {
		iv := &all[i]
		if !c.Is(iv.Candidate) || !iv.Active() && iv.Status != desk.InterviewAsked || iv.End.Before(a.Env.Now) {
			continue
		}
		if hit != nil {
			return nil, err
		}
		hit = iv
	}
	return hit, err
}
