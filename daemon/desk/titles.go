package desk

import (
	"strconv"
	"strings"
)

// Kinds of mails to the recruiter.
const (
	KindMorning = "morning"
	KindEcho    = "echo"
	KindInvite  = "invitation" // to oneself, of a callback
)

// Plural is a number of things in words.
func Plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// The titles of the sections, and the line above the words that can be said.
const (
	TitleCalls      = "Calls today"
	TitleTally      = "The sales day"
	TitleUnanswered = "Mail without an answer"
	TitleInterviews = "Interviews"
	TitleOrders     = "Job orders"
	TitleWeek       = "The week"
	TitleMonth      = "The month"
	TitleClients    = "Clients, last quarter"
	TitleAgency     = "The agency this month"
	TitleLetters    = "Letters"
	TitleAsks       = "To be settled"
	TitleUnderstood = "Understood since the last mail"
	TitlePace       = "New decision makers spoken to"
	TitleHints      = "Good to know"
	TitleTrouble    = "Trouble"
	FootLead        = "What you can say:"
)

// PageLandmarks are the lines between items: what stands quoted right above an answer below
// them is no item.
var PageLandmarks = []string{
	strings.ToLower(TitleCalls), strings.ToLower(TitleTally), strings.ToLower(TitleOrders), strings.ToLower(TitleWeek), strings.ToLower(TitleMonth), strings.ToLower(TitleClients), strings.ToLower(TitleAgency), strings.ToLower(TitleUnanswered), strings.ToLower(TitleInterviews), strings.ToLower(TitleLetters), strings.ToLower(TitleAsks), strings.ToLower(TitleUnderstood),
	strings.ToLower(TitlePace), strings.ToLower(TitleHints), strings.ToLower(TitleTrouble), strings.ToLower(FootLead),
}
