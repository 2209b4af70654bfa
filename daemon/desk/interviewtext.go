package desk

import (
	"slices"
	"strings"
)

// AskInterview says how the question that an interview leaves open is answered.
func AskInterview(iv *Interview) string {
	switch n := len(iv.Choices); {
	case iv.Candidate != "":
		return "Reply “#N interview TUE 3PM”, by your clock."
	case n == 1:
		return "Is " + iv.Choices[0] + " the candidate? Reply “#N candidate”; “#N cancel” if it is no candidate's interview."
	case n > 1:
		return "Reply “" + strings.Join(iv.Choices, " candidate” or “") + " candidate”; “#N cancel” if it is no candidate's interview."
	}
	return "Reply “ADDRESS interview " + SayOrder(iv.Start, iv.Start.Location()) + "” with the candidate's address; “#N cancel” if it is no candidate's interview."
}

// SayInterview names an interview in a sentence.
func SayInterview(env Env, iv *Interview) string {
	s := "the interview"
	if iv.Kind != KindUnknown {
		s = "the " + string(iv.Kind) + " interview"
	}
	if iv.Company != "" {
		s += " with " + iv.Company
	}
	return s + " on " + SayInstant(iv.Start, env.Zone)
}

// InterviewFacts are the words with which a fact line about an interview begins.
var InterviewFacts = []string{"room", "address", "link", "number", "interviewer", "interviewers", "title", "dress", "tests", "test", "bring", "parking", "entry", "salary", "kind", "format"}

// CopyInterview copies an interview deeply.
func CopyInterview(iv *Interview) *Interview {
	c := *iv
	c.Who, c.Choices, c.People = slices.Clone(iv.Who), slices.Clone(iv.Choices), slices.Clone(iv.People)
	c.Facts = map[string]string{}
	for k, v := range iv.Facts {
		c.Facts[k] = v
	}
	return &c
}
