package daemon

import (
	"fmt"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
)

// The titles of the sections, and the line above the words that can be said.
const (
	titleCalls      = "Calls today"
	titleTally      = "The sales day"
	titleUnanswered = "Mail without an answer"
	titleInterviews = "Interviews"
	titleOrders     = "Job orders"
	titleWeek       = "The week"
	titleMonth      = "The month"
	titleClients    = "Clients, last quarter"
	titleAgency     = "The agency this month"
	titleLetters    = "Letters"
	titleAsks       = "To be settled"
	titleUnderstood = "Understood since the last mail"
	titlePace       = "New decision makers spoken to"
	titleHints      = "Good to know"
	titleTrouble    = "Trouble"
	footLead        = "What you can say:"
)

// pageLandmarks are the lines between items: what stands quoted right above an answer below
// them is no item.
var pageLandmarks = []string{
	strings.ToLower(titleCalls), strings.ToLower(titleTally), strings.ToLower(titleOrders), strings.ToLower(titleWeek), strings.ToLower(titleMonth), strings.ToLower(titleClients), strings.ToLower(titleAgency), strings.ToLower(titleUnanswered), strings.ToLower(titleInterviews), strings.ToLower(titleLetters), strings.ToLower(titleAsks), strings.ToLower(titleUnderstood),
	strings.ToLower(titlePace), strings.ToLower(titleHints), strings.ToLower(titleTrouble), strings.ToLower(footLead),
}

// page is the mail's content. A quiet day says so in two lines.
func (b *brief) page(env desk.Env) *letter.Page {
	p := &letter.Page{Title: "Fifthcall, " + env.Today().UTC().Format("Monday 2 January 2006")}
	day := env.Today().UTC().Format("Monday, 2 January")
	if len(b.items) == 0 && b.surplus == 0 && len(b.sales)+len(b.tally)+len(b.orders)+len(b.week)+len(b.month)+len(b.clients)+len(b.agency)+len(b.trouble)+len(b.understood)+len(b.hints) == 0 {
		p.Intro = []string{day + ": nobody is due today, and no mail waits for an answer.", "New decision makers spoken to: " + b.paceLine(env)}
		return p
	}
	p.Intro = []string{day + ". Answer with a line per item: “1 spoke, keen, call 2w”."}
	calls := letter.Section{Title: titleCalls, Items: b.callbacks}
	if b.surplus > 0 {
		calls.Lines = []string{fmt.Sprintf("+%d older: reply “spread older”", b.surplus)}
	}
	p.Sections = append([]letter.Section{calls}, b.sales...)
	p.Sections = append(p.Sections, []letter.Section{
		{Title: titleTally, Lines: b.tally},
		{Title: titleUnanswered, Items: b.unanswered},
		{Title: titleInterviews, Items: b.interviews},
		{Title: titleOrders, Lines: b.orders},
		{Title: titleWeek, Lines: b.week},
		{Title: titleMonth, Items: b.red, Lines: b.month},
		{Title: titleClients, Lines: b.clients},
		{Title: titleAgency, Lines: b.agency},
		{Title: titleLetters, Items: b.letters},
		{Title: titleAsks, Items: b.asks},
		{Title: titleUnderstood, Lines: b.understood},
		{Title: titlePace, Lines: []string{b.paceLine(env)}},
		{Title: titleHints, Lines: b.hints},
		{Title: titleTrouble, Lines: b.trouble},
	}...)
	p.Foot = []string{footLead, "spoke · vm (left a message) · na (no answer) · met · not interested · done · a date moves it (“2 thu 10am”) · undo · ? for all words"}
	if b.logHint != "" {
		p.Foot = append(p.Foot, b.logHint)
	}
	return p
}

func (b *brief) paceLine(env desk.Env) string {
	s := fmt.Sprintf("%d today, %d of %d this week, %d in the base", b.pace.Today, b.pace.Week, env.Settings.NewPerWeek, b.pace.Base)
	switch w, measured := b.pace.WeeksToGoal(env.Settings); {
	case w > 0 && measured:
		s += fmt.Sprintf("; %d at this pace in %s", env.Settings.BaseGoal, plural(w, "week"))
	case w > 0:
		s += fmt.Sprintf("; %d in %s at %d a week", env.Settings.BaseGoal, plural(w, "week"), env.Settings.NewPerWeek)
	}
	return s + "."
}
