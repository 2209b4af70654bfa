package letters

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
)

// SayToLetter takes a word about a letter: send, cancel, or that it has gone out already.
func SayToLetter(a *book.Tx, cmd words.Command, id string) (book.Result, error) {
	o, err := a.Tx.OutgoingByID(id)
	if err != nil {
		return book.Result{}, err
	}
	if o == nil {
		return book.Result{}, desk.NotFound("that letter is not known any more")
	}
	if o, err = successor(a.Tx, o); err != nil {
		return book.Result{}, err
	}
	said := ""
	switch cmd.Verb {
	case words.VerbSend:
		said, err = release(a, o)
	case words.VerbCancel, words.VerbNotInterested, words.VerbWaved:
		if said = "not sent"; !o.Withdraw("you cancelled it") {
			err = desk.Usage("%s can't be taken back: it is %s", SayLetter(a.Tx, o), SayState(o))
		}
		o.ByHand = true
	case words.VerbDone:
		if o.Gone() && o.Open() {
			err = LogLetter(a.R, a.Tx, a.Env, o)
			o.State, o.Why, o.Data, said = desk.OutFiled, "you said that it went out", nil, "taken as sent"
		} else if o.Waits() {
			o.Withdraw("you said that it is done")
			o.ByHand = true
			said = "not sent by Fifthcall"
		}
	default:
		return book.Result{}, desk.Usage("%q can't be said of a letter: say send or cancel", cmd.Verb)
	}
	if err != nil {
		return book.Result{}, err
	}
	return book.Result{Ref: cmd.Ref, Verb: cmd.Verb, Note: cmd.Note, Said: SayLetter(a.Tx, o) + " " + said}, a.Tx.PutOutgoing(o)
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
func release(a *book.Tx, o *desk.Outgoing) (said string, err error) {
	switch o.State {
	case desk.OutApprove:
		o.State, o.Next = desk.OutQueued, o.Due
		o.Cautions = append(o.Cautions, desk.Released)
		if o.Due.After(a.Env.Now) {
			return "is sent on " + desk.SayInstant(o.Due, a.Env.Zone), nil
		}
		return "is sent now", nil
	case desk.OutUncertain:
		o.State, o.Next, o.Looks, o.Why = desk.OutQueued, time.Time{}, 0, ""
		o.Cautions = append(o.Cautions, desk.Released)
		return "is sent again", nil
	case desk.OutHeld:
		return rewrite(a, o)
	case desk.OutDraft, desk.OutEdited, desk.OutDrafting:
		return "", desk.Usage("%s lies in Drafts: send it from there, so that you see what leaves", SayLetter(a.Tx, o))
	}
	return "", desk.Usage("%s is %s", SayLetter(a.Tx, o), SayState(o))
}

// rewrite writes a held letter, with the recruiter's word that what it was held for is right.
func rewrite(a *book.Tx, o *desk.Outgoing) (string, error) {
	c, err := a.Tx.Contact(o.Contact)
	if err != nil || c == nil {
		return "", err
	}
	rq := book.LetterRequest{Name: o.Letter, Contact: c, Cause: o.Cause, Due: o.Due, NotAfter: o.NotAfter, Window: o.Window, Mode: o.Mode, Released: append(slices.Clone(o.Cautions), desk.Released), Calendar: o.Calendar, Method: o.Method, Call: o.Call}
	if kind, id, _ := desk.ReadCause(o.Cause); kind == desk.CauseInterview {
		if rq.Interview, err = a.Tx.Interview(id); err != nil {
			return "", err
		}
	}
	w := a.Writer()
	d, err := Prepare(w, rq)
	if err != nil {
		return "", desk.Usage("%s can't be written: %v", SayLetter(a.Tx, o), err)
	}
	if len(d.Rendered.Missing) > 0 || d.caution != "" {
		o.Missing = d.Rendered.Missing
		return "", desk.Usage("%s can't be sent yet: %s", SayLetter(a.Tx, o), cmp.Or(d.Why, missingText(o, KindOf(rq.Interview))))
	}
	next := *o
	next.Missing, next.Why, next.To, next.Subject, next.Cautions, next.Content, next.Mode = nil, "", []string{d.To}, d.Rendered.Subject, rq.Released, d.Content(), d.Mode
	if err := Ready(w, &next, d); err != nil {
		return "", desk.Usage("%s can't be put together: %v", SayLetter(a.Tx, o), err)
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

// KindOf is the kind of interview as far as it is known.
func KindOf(iv *desk.Interview) desk.InterviewKind {
	if iv == nil {
		return desk.KindUnknown
	}
	return iv.Kind
}

// SayState says where a letter is, for people.
func SayState(o *desk.Outgoing) string {
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
