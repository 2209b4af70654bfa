package letters

import (
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// GoneLetters are the letters of an interview that have left.
func GoneLetters(tx *store.Tx, iv *desk.Interview) ([]desk.Outgoing, error) {
	all, err := tx.LettersFor(desk.CauseInterview, iv.ID)
	return slices.DeleteFunc(all, func(o desk.Outgoing) bool { return !o.Gone() }), err
}

// SayGone says what a candidate has had already.
func SayGone(tx *store.Tx, env desk.Env, gone []desk.Outgoing) string {
	what := map[string][]string{}
	for _, o := range gone {
		who := "The candidate"
		if c, err := tx.Contact(o.Contact); err == nil && c != nil {
			who = c.DisplayName()
		}
		what[who] = append(what[who], "“"+desk.Shorten(o.Subject, 60)+"” ("+desk.DateOf(o.SentAt.In(env.Zone)).Bare()+")")
	}
	var said []string
	for _, who := range desk.SortedKeys(what) {
		said = append(said, who+" has had "+strings.Join(what[who], ", ")+" already: please tell them")
	}
	return strings.Join(said, "; ")
}
