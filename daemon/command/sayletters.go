package command

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/interviews"
	"fifthcall/daemon/work/orders"
)

// sayToInterview takes a word about an interview: a fact, another time, who the candidate is, or that it is off.
func sayToInterview(a *book.Tx, cmd words.Command, id string) (book.Result, error) {
	cur, err := a.Tx.Interview(id)
	if err != nil {
		return book.Result{}, err
	}
	if cur == nil {
		return book.Result{}, desk.NotFound("that interview is not known any more")
	}
	next := desk.CopyInterview(cur)
	said := ""
	switch cmd.Verb {
	case words.VerbFact:
		if c, err := a.Tx.Contact(next.Candidate); err != nil || c != nil && interviews.IsMailFact(cmd.Note) {
			if err == nil {
				err = orders.Fact(a, c, cmd.Note)
			}
			return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: "noted " + cmd.Note}, err
		}
		said, err = interviews.SetFact(a, next, cmd.Note)
	case words.VerbInterview, words.VerbSnooze:
		said, err = interviews.SetTime(a, next, cmd)
	case words.VerbRole:
		said, err = interviews.SetCandidate(a, next, cmd)
	case words.VerbCancel, words.VerbNotInterested:
		next.ByWord = true
		if next.Candidate == "" { // it is none
			next.Status, next.Question = desk.InterviewRegistration, ""
			said = "no interview of a candidate: nothing is planned"
			break
		}
		return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Said: desk.SayInterview(a.Env, cur) + " is off"}, interviews.CancelInterview(a.Tx, a.Env, next, "you said so")
	default:
		return book.Result{}, desk.Usage("%q can't be said of an interview", cmd.Verb)
	}
	if err != nil {
		return book.Result{}, err
	}
	return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: desk.SayInterview(a.Env, next) + ": " + said}, interviews.ChangeInterview(a.Tx, a.Env, cur, next)
}
