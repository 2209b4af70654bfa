package morning

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
)

// Of how many days ahead the morning mail tells interviews that need nothing, and the most letters in it.
const (
	interviewsAhead = 7
	mostLetters     = 25
)

// briefInterviews lists the interviews of the next days and those that lack something, with what is planned for each.
func briefInterviews(r *book.Runner, tx *store.Tx, env desk.Env, b *brief) error {
	all, err := tx.Interviews()
	if err != nil {
		return err
	}
	for i := range all {
		iv := &all[i]
		it, show, err := interviewItem(r, tx, env, iv)
		if err != nil {
			return err
		}
		if !show {
			continue
		}
		it.N = b.number(desk.ItemInterview, iv.Candidate, "", it.Head)
		b.items[len(b.items)-1].Interview = iv.ID
		for j := range it.Lines {
			it.Lines[j] = strings.ReplaceAll(it.Lines[j], "#N", strconv.Itoa(it.N))
		}
		b.interviews = append(b.interviews, it)
	}
	return nil
}

// interviewItem is an interview in the morning mail; "#N" in its lines is its number.
func interviewItem(r *book.Runner, tx *store.Tx, env desk.Env, iv *desk.Interview) (it letter.Item, show bool, err error) {
	over := !iv.End.After(env.Now)
	it.Head = iv.Summary
	if c, err := tx.Contact(iv.Candidate); err != nil {
		return it, false, err
	} else if c != nil {
		it.Head, it.Phone = c.DisplayName()+": "+strings.TrimPrefix(desk.SayInterview(env, iv), "the "), c.Phone
	} else {
		it.Head = cmp.Or(it.Head, "An interview") + ", " + desk.SayInstant(iv.Start, env.Zone)
	}
	switch {
	case iv.Status == desk.InterviewAsked && !over:
		it.Lines = append(it.Lines, "Nothing is planned yet: "+iv.Question, desk.AskInterview(iv))
		return it, true, nil
	case iv.Status == desk.InterviewStands && over && env.Now.Sub(iv.End) < 14*24*time.Hour:
		it.Lines = append(it.Lines, "Did it take place? Reply “#N debriefed …”, or “#N no show”.")
		return it, true, nil
	case iv.Status != desk.InterviewStands || over:
		return it, false, nil
	}
	missing := letters.MissingFacts(iv)
	if len(missing) == 0 && env.Today().AddDays(interviewsAhead).Before(desk.DateOf(iv.Start.In(env.Zone))) {
		return it, false, nil
	}
	for _, f := range missing {
		what, reply := f.Ask(iv.Kind)
		if f == desk.FactKind {
			reply = "link https://…”, “#N number +44 …” or “#N address …"
		}
		it.Lines = append(it.Lines, "Missing for the prep letter: "+what+". Reply “#N "+reply+"”.")
	}
	if len(iv.Who) > 0 {
		var names []string
		for _, w := range iv.Who {
			names = append(names, w.Name)
		}
		it.Lines = append(it.Lines, "with "+strings.Join(names, ", "))
	}
	if !iv.Trusted {
		it.Lines = append(it.Lines, "Nothing proves that the invitation is genuine, so none of its letters is sent by itself.")
	}
	planned, err := view.PlannedLines(r, tx, env, iv)
	if len(planned) > 0 {
		it.Lines = append(it.Lines, "Planned: "+strings.Join(planned, " · "))
	}
	return it, true, err
}

// briefLetters lists the letters that wait for something of the recruiter's.
func briefLetters(r *book.Runner, tx *store.Tx, env desk.Env, b *brief) error {
	all, err := tx.Letters("")
	if err != nil {
		return err
	}
	more := 0
	for i := range all {
		o := &all[i]
		var iv *desk.Interview
		if kind, id, _ := desk.ReadCause(o.Cause); kind == desk.CauseInterview && o.State == desk.OutHeld {
			if iv, err = tx.Interview(id); err != nil {
				return err
			}
		}
		line, reply := letters.LetterLine(env, o, letters.KindOf(iv))
		if line == "" {
			continue
		}
		if len(b.letters) >= mostLetters {
			more++
			continue
		}
		c, err := tx.Contact(o.Contact)
		if err != nil {
			return err
		}
		head := "“" + desk.Shorten(cmp.Or(o.Subject, o.Letter), 100) + "”"
		if c != nil {
			head = c.DisplayName() + ": " + head
		}
		it := letter.Item{Head: head, Lines: []string{line}}
		it.N = b.number(desk.ItemLetter, o.Contact, "", it.Head)
		b.items[len(b.items)-1].Letter = o.ID
		if kind, id, _ := desk.ReadCause(o.Cause); kind == desk.CauseInterview {
			b.items[len(b.items)-1].Interview = id
		}
		if reply != "" {
			it.Lines = append(it.Lines, strings.ReplaceAll(reply, "#N", strconv.Itoa(it.N)))
		}
		b.letters = append(b.letters, it)
	}
	if more > 0 {
		b.letters = append(b.letters, letter.Item{Head: fmt.Sprintf("and %d more: 'fifthcall outbox list'", more)})
	}
	return nil
}
