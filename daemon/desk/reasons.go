package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Background is what goes on at the desk that a call can be about. It is gathered once for many calls.
type Background struct {
	Orders     []JobOrder     // all of them
	Ranks      map[int]string // of the open ones
	Interviews []Interview
	Candidates func() []Marketed
	Name       func(contactID string) string
	SameFirm   func(o *JobOrder, c *Contact) bool // the order is of the contact's company
}

// Marketed is a candidate whom clients can be told of.
type Marketed struct {
	Contact *Contact
	Words   []string // of the title, folded
}

// marketedFor is for how long after a conversation a candidate is marketed.
const marketedFor = 90 * 24 * time.Hour

// Market tells whether a candidate can be marketed, and by what words: one who can be called and was spoken to of late, of a known title.
func Market(env Env, c *Contact, spoke time.Time) (Marketed, bool) {
	if !c.Has(RoleCandidate) || !c.Callable() || c.Title == "" || spoke.IsZero() || env.Now.Sub(spoke) > marketedFor {
		return Marketed{}, false
	}
	return Marketed{c, jobWords(c.Title)}, true
}

// plainWords say nothing about what somebody does.
var plainWords = []string{"senior", "junior", "lead", "head", "chief", "manager", "director", "officer", "assistant", "trainee", "graduate", "temporary", "permanent", "contract", "part", "time", "full", "north", "south", "and", "for", "the"}

// jobWords are the words of a title by which it is compared with others.
func jobWords(title string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '+' && r != '#' }) {
		if (len(w) > 1) && !slices.Contains(plainWords, w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// fits reports whether two jobs share a word that says what is done.
func fits(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

// Most of each kind that a call's text names.
const (
	mostOfAKind = 3
	mostAsked   = 4
	longReason  = 160 // runes
)

// About says what a call to somebody can be about, the nearest first: orders, interviews, candidates who fit, promises, what came since the
// last conversation; and what to ask (DOMAIN.md, section 1).
func (b *Background) About(env Env, c *Contact, ts []Touch) (reasons, asks []string) {
	if c.IsTarget() {
		reasons, asks = b.client(env, c)
	}
	if c.Has(RoleCandidate) {
		more, ask := b.candidate(env, c)
		reasons, asks = append(reasons, more...), append(asks, ask...)
	}
	reasons = append(reasons, b.promises(env, c, ts)...)
	reasons = append(reasons, b.since(env, ts)...)
	if n := TriesWithoutConversation(ts); n >= max(env.Settings.ManyTries, 1) {
		reasons = append(reasons, fmt.Sprintf("%d tries without a conversation: try another channel", n))
	}
	for i, s := range reasons {
		if r := []rune(s); len(r) > longReason {
			reasons[i] = string(r[:longReason]) + " …"
		}
	}
	return reasons, asks[:min(len(asks), mostAsked)]
}

func (b *Background) client(env Env, c *Contact) (reasons, asks []string) {
	var wanted []string // words of all that they ever looked for
	open := 0
	for i := range b.Orders {
		o := &b.Orders[i]
		if !c.Is(o.Contact) && !b.SameFirm(o, c) {
			continue
		}
		wanted = append(wanted, jobWords(o.Title)...)
		if o.Status != OrderOpen {
			continue
		}
		if open++; open <= mostOfAKind {
			reasons = append(reasons, fmt.Sprintf("Open: %s, %s, %d submitted", o.Describe(), OrWord(b.Ranks[o.Number], "C"), len(o.Submittals)))
			asks = append(asks, "Whom do they see for "+o.Name()+", and what do they hear?")
		}
	}
	for i := range b.Interviews {
		iv := &b.Interviews[i]
		if iv.Status == InterviewStands && iv.Start.After(env.Now) && iv.Client != "" && c.Is(iv.Client) && len(reasons) < 2*mostOfAKind {
			reasons = append(reasons, "Interview: "+b.Name(iv.Candidate)+" on "+SayInstant(iv.Start, env.Zone))
		}
	}
	n := 0
	for _, m := range b.Candidates() {
		if n < mostOfAKind && !c.Is(m.Contact.ID) && !strings.EqualFold(OrWord(m.Contact.Company, "-"), c.Company) && fits(m.Words, wanted) {
			reasons = append(reasons, "To offer: "+m.Contact.DisplayName()+", "+m.Contact.Title)
			n++
		}
	}
	return reasons, append(asks, "Who else there is hiring?", "What will you be hiring next?", "A reference on somebody who worked for you?")
}

func (b *Background) candidate(env Env, c *Contact) (reasons, asks []string) {
	for i := range b.Interviews {
		iv := &b.Interviews[i]
		if iv.Status == InterviewStands && iv.Start.After(env.Now) && c.Is(iv.Candidate) {
			reasons = append(reasons, "Interview: "+OrWord(iv.Company, b.Name(iv.Client))+" on "+SayInstant(iv.Start, env.Zone))
		}
	}
	words := jobWords(c.Title)
	suggested := 0
	for i := range b.Orders {
		o := &b.Orders[i]
		if o.Status != OrderOpen {
			continue
		}
		switch j := slices.IndexFunc(o.Submittals, func(s Submittal) bool { return c.Is(s.Contact) }); {
		case j >= 0 && !o.Submittals[j].InProcess():
		case j >= 0:
			reasons = append(reasons, "In process: "+o.Describe()+", submitted on "+DateOf(o.Submittals[j].Time.In(env.Zone)).Say())
		case fits(words, jobWords(o.Title)) && suggested < mostOfAKind && !strings.EqualFold(OrWord(o.Company, "-"), c.Company):
			reasons = append(reasons, "May fit: "+o.Describe())
			suggested++
			asks = append(asks, "Whom do you know for a "+o.Title+" ("+o.Name()+")?")
		}
	}
	return reasons, append(asks, "Whom do you know who should hear from us?")
}

// promises are the calls that are owed and not made.
func (b *Background) promises(env Env, c *Contact, ts []Touch) (out []string) {
	for _, p := range Promises(env, c, ts) {
		if p.Done == nil && len(out) < mostOfAKind {
			what := "you agreed to call"
			if p.Touch.Next.IsZero() {
				what = "they tried to reach you on " + DateOf(p.Touch.Time.In(env.Zone)).Say() + ": call back"
			}
			out = append(out, "Promised: "+what+" by "+p.Due.Say())
		}
	}
	return out
}

// since is the latest that came from somebody since the last conversation.
func (b *Background) since(env Env, ts []Touch) []string {
	spoke := LastConversation(ts)
	for i := len(ts) - 1; i >= 0 && ts[i].Time.After(spoke); i-- {
		if t := &ts[i]; t.Direction == In && t.Kind != KindConversation {
			s := "Since then: their " + map[Channel]string{ChannelEmail: "mail", ChannelCall: "call", ChannelVoicemail: "voicemail"}[t.Channel] + " of " + DateOf(t.Time.In(env.Zone)).Say()
			if t.Subject != "" {
				s += ", “" + Tidy(t.Subject) + "”"
			}
			return []string{s}
		}
	}
	return nil
}
