package morning

import (
	"fmt"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
)

// page is the mail's content. A quiet day says so in two lines.
func (b *brief) page(env desk.Env) *letter.Page {
	p := &letter.Page{Title: "Fifthcall, " + env.Today().SayHeading()}
	day := env.Today().UTC().Format("Monday, 2 January")
	if len(b.items) == 0 && b.surplus == 0 && len(b.sales)+len(b.tally)+len(b.orders)+len(b.week)+len(b.month)+len(b.clients)+len(b.agency)+len(b.trouble)+len(b.understood)+len(b.hints) == 0 {
		p.Intro = []string{day + ": nobody is due today, and no mail waits for an answer.", "New decision makers spoken to: " + b.paceLine(env)}
		return p
	}
	p.Intro = []string{day + ". Answer with a line per item: “1 spoke, keen, call 2w”."}
	calls := letter.Section{Title: desk.TitleCalls, Items: b.callbacks}
	if b.surplus > 0 {
		calls.Lines = []string{fmt.Sprintf("+%d older: reply “spread older”", b.surplus)}
	}
	p.Sections = append([]letter.Section{calls}, b.sales...)
	p.Sections = append(p.Sections, []letter.Section{
		{Title: desk.TitleTally, Lines: b.tally},
		{Title: desk.TitleUnanswered, Items: b.unanswered},
		{Title: desk.TitleInterviews, Items: b.interviews},
		{Title: desk.TitleOrders, Lines: b.orders},
		{Title: desk.TitleWeek, Lines: b.week},
		{Title: desk.TitleMonth, Items: b.red, Lines: b.month},
		{Title: desk.TitleClients, Lines: b.clients},
		{Title: desk.TitleAgency, Lines: b.agency},
		{Title: desk.TitleLetters, Items: b.letters},
		{Title: desk.TitleAsks, Items: b.asks},
		{Title: desk.TitleUnderstood, Lines: b.understood},
		{Title: desk.TitlePace, Lines: []string{b.paceLine(env)}},
		{Title: desk.TitleHints, Lines: b.hints},
		{Title: desk.TitleTrouble, Lines: b.trouble},
	}...)
	p.Foot = []string{desk.FootLead, "spoke · vm (left a message) · na (no answer) · met · not interested · done · a date moves it (“2 thu 10am”) · undo · ? for all words"}
	if b.logHint != "" {
		p.Foot = append(p.Foot, b.logHint)
	}
	return p
}

func (b *brief) paceLine(env desk.Env) string {
	s := fmt.Sprintf("%d today, %d of %d this week, %d in the base", b.pace.Today, b.pace.Week, env.Settings.NewPerWeek, b.pace.Base)
	switch w, measured := b.pace.WeeksToGoal(env.Settings); {
	case w > 0 && measured:
		s += fmt.Sprintf("; %d at this pace in %s", env.Settings.BaseGoal, desk.Plural(w, "week"))
	case w > 0:
		s += fmt.Sprintf("; %d in %s at %d a week", env.Settings.BaseGoal, desk.Plural(w, "week"), env.Settings.NewPerWeek)
	}
	return s + "."
}
