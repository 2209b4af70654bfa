package desk

// CallQuestions is what to ask in a further call (DOMAIN.md, section 3).
func CallQuestions(r Rule) []string {
	switch r {
	case RulePrep:
		return []string{"Before the interview: do they have the letter? Go through who, where, what; two-minute summary; questions to ask.", "Pre-close: if they offered, would you take it? What would stop you? Any other processes?"}
	case RuleDebrief:
		return []string{"What happened, and what were you asked?", "Do you want it? On what terms, and from when?", "Doubts? Other processes? What if your employer makes a counter-offer?", "How was it left?"}
	case RuleDebriefClient:
		return []string{"Strengths, doubts?", "Was pay discussed? Who else is in the running?", "Next step, decision date, start date?", "Other openings?"}
	}
	return nil
}

// CallTitle is how a call is named in calendars and lists.
func CallTitle(cb *Callback, c *Contact) string { return CallKind(cb) + c.DisplayName() }

// CallKind is what stands before the name.
func CallKind(cb *Callback) string {
	what := "Call "
	switch cb.Rule {
	case RulePrep:
		what = "Prep call: "
	case RuleDebrief:
		what = "Debrief: "
	case RuleDebriefClient:
		what = "Debrief with client: "
	case RuleLead:
		what = "Call lead "
	}
	return what
}
