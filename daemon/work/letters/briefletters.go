package letters

import (
	"strings"

	"fifthcall/daemon/desk"
)

// LetterLine says what a letter waits for, and what can be replied; "" if it waits for nothing of the recruiter's.
func LetterLine(env desk.Env, o *desk.Outgoing, how desk.InterviewKind) (line, reply string) {
	due := "due " + desk.SayInstant(o.Due, env.Zone)
	switch o.State {
	case desk.OutApprove:
		if o.Why != "" {
			due += "; " + o.Why
		}
		return "To approve, " + due, "Reply “#N send” or “#N cancel”."
	case desk.OutHeld:
		if len(o.Missing) > 0 {
			var facts []string
			for _, f := range o.Missing {
				_, reply := f.Ask(how)
				if kind, _, _ := desk.ReadCause(o.Cause); kind == desk.CauseInterview {
					facts = append(facts, "#N "+reply)
				}
			}
			if len(facts) == 0 {
				return "Held, " + missingText(o, desk.KindUnknown), "Reply “#N cancel” to drop it."
			}
			return "Held, " + missingText(o, how) + ", " + due, "Reply “" + strings.Join(facts, "”, “") + "”."
		}
		return "Held: " + o.Why, "Reply “#N send” if it is right, or “#N cancel”."
	case desk.OutUncertain:
		if o.Why == "" {
			return "", ""
		}
		return "Sent or not: " + o.Why, "Reply “#N done” if it went out, “#N send” to send it (again)."
	case desk.OutDraft, desk.OutEdited:
		if env.Now.Before(o.Due) {
			return "", ""
		}
		return "Lies in Drafts since " + desk.DateOf(o.Created.In(env.Zone)).Near() + " and was to leave on " + desk.SayInstant(o.Due, env.Zone), "Send it from there, or reply “#N cancel”."
	}
	return "", ""
}
