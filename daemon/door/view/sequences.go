package view

import (
	"context"
	"fmt"
	"slices"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
)

// EnrolmentView is somebody in a sequence, as listed.
type EnrolmentView struct {
	ID       string   `json:"id"`
	Sequence string   `json:"sequence"`
	Contact  string   `json:"contact"`
	State    string   `json:"state"`
	Step     int      `json:"step"` // done so far
	Steps    int      `json:"steps"`
	Next     string   `json:"next"`
	Begun    string   `json:"begun"`
	Why      string   `json:"why"`
	Letters  []string `json:"letters"`
	Desk     string   `json:"desk"`
}

// EnrolmentViews lists who is, or was, in which sequence.
func EnrolmentViews(r *book.Runner, all bool) ([]EnrolmentView, error) {
	out := []EnrolmentView{}
	rs := r.Current()
	err := r.State.View(func(tx *store.Tx) error {
		es, err := tx.Enrolments("")
		for _, e := range es {
			if !all && !e.Live() {
				continue
			}
			c, err := tx.Contact(e.Contact)
			if err != nil {
				return err
			}
			v := EnrolmentView{ID: e.ID, Sequence: e.Sequence, State: string(e.State), Step: e.Step, Begun: desk.Stamp(e.Begun, rs.Zone), Why: e.Why, Letters: append([]string{}, e.Letters...), Desk: r.Name}
			if c != nil {
				v.Contact = desk.Handle(c)
			}
			if s := rs.Sequences[e.Sequence]; s != nil {
				v.Steps = len(s.Steps)
			}
			if e.Live() && e.Under == "" {
				v.Next = desk.Stamp(e.Next, rs.Zone)
			}
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// EnrolFromShell puts somebody into a sequence.
func EnrolFromShell(ctx context.Context, r *book.Runner, name, who, from string) ([]book.Result, error) {
	text := who + " sequence " + name
	if from != "" {
		text += " " + from
	}
	return command.LogText(ctx, r, text, r.Clock())
}

// StopFromShell ends somebody's sequences, and lists those that it ended.
func StopFromShell(ctx context.Context, r *book.Runner, who string) ([]EnrolmentView, error) {
	ended := map[string]bool{}
	err := r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
		c, err := people.FindContact(tx, who)
		if err != nil {
			return err
		}
		all, err := tx.Enrolments(c.ID)
		for _, e := range all {
			ended[e.ID] = e.Live()
		}
		if err != nil {
			return err
		}
		return letters.StopSequences(tx, env, book.NewPlanner(tx, env), c.ID, "stopped by you")
	})
	if err != nil {
		return nil, err
	}
	all, err := EnrolmentViews(r, true)
	return slices.DeleteFunc(all, func(v EnrolmentView) bool { return !ended[v.ID] }), err
}

// SequenceView is a sequence that somebody can be put into, as listed.
type SequenceView struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	To    string   `json:"to"`
	Steps []string `json:"steps"`
	Days  int      `json:"days"`
	Desk  string   `json:"desk"`
}

// SequenceViews lists the desk's sequences.
func SequenceViews(r *book.Runner) ([]SequenceView, error) {
	rs := r.Current()
	out := []SequenceView{}
	for _, n := range rs.Sequences.Names() {
		s := rs.Sequences[n]
		v := SequenceView{Name: n, Title: s.Title, To: s.To, Days: s.Days(), Desk: r.Name}
		for _, st := range s.Steps {
			what := "letter " + st.Letter
			if st.Call != "" {
				what = "call: " + st.Call
			}
			when := fmt.Sprintf("+%dwd", st.Wait)
			if st.Day != nil {
				when = fmt.Sprintf("day %d", *st.Day)
			}
			v.Steps = append(v.Steps, when+" "+what)
		}
		out = append(out, v)
	}
	return out, nil
}
