package desk

import (
	"strconv"
	"strings"
	"time"
)

// The steps of an interview's plan (DOMAIN.md, section 3). Letters are steps of the template's name.
const (
	StepConfirmation  = "confirmation"
	StepPrep          = "prep"
	StepPrepCall      = "prep-call"
	StepGoodLuck      = "good-luck"
	StepDebrief       = "debrief"
	StepDebriefClient = "debrief-client"
	StepFollowUp      = "follow-up"
	StepNoNews        = "no-news"
	StepCorrection    = "correction"
)

// PlanStep is a letter or call that an interview asks for.
type PlanStep struct {
	Key      string // unique within the interview
	Letter   string // the template, "" for a call
	Rule     Rule   // of a call
	Client   bool   // it is for the client, not the candidate
	Due      time.Time
	NotAfter time.Time // from then on it is of no use
}

// Whens are the times of the steps, where a template or the configuration says another one.
type Whens map[string]When

// defaultWhens are the times of DOMAIN.md.
var defaultWhens = Whens{
	StepConfirmation:  {Anchor: AnchorConfirmed},
	StepPrep:          {Anchor: AnchorBefore, N: 2, Unit: "working days"},
	StepPrepCall:      {Anchor: AnchorBefore, N: 1, Unit: "working days"},
	StepGoodLuck:      {Anchor: AnchorDay, Hour: 7, Minute: 30, EveHour: 18, Early: 10*60 + 30},
	StepDebrief:       {Anchor: AnchorAfter, N: 30, Unit: "minutes"},
	StepDebriefClient: {Anchor: AnchorAfter, N: 30, Unit: "minutes"},
	StepFollowUp:      {Anchor: AnchorAfter, N: 1, Unit: "days"},
}

func (w Whens) of(step string) When {
	if v, ok := w[step]; ok && !v.IsZero() {
		return v
	}
	return defaultWhens[step]
}

// PrepLetter is the template of the prep letter for a kind of interview.
func PrepLetter(k InterviewKind) string {
	switch k {
	case KindPhone:
		return "prep-phone"
	case KindInPerson:
		return "prep-in-person"
	}
	return "prep-video"
}

// lateFollowUp is for how long after an interview a follow-up is still worth writing.
const lateFollowUp = 7 * 24 * time.Hour

// Plan is what the interview asks for, in order of time, for a candidate in zone who was last spoken to at spoke.
func (iv *Interview) Plan(env Env, whens Whens, zone *time.Location, spoke time.Time) []PlanStep {
	if !iv.Active() || iv.Start.IsZero() {
		return nil
	}
	end := iv.End
	if end.IsZero() {
		end = iv.Start.Add(time.Hour)
	}
	at := func(step string) time.Time { return whens.of(step).At(env, iv.Confirmed, iv.Start, end, zone) }
	var out []PlanStep
	if iv.Status == InterviewStands && !iv.Floating {
		prep := PrepLetter(iv.Kind)
		prepAt := defaultOr(whens, prep, StepPrep).At(env, iv.Confirmed, iv.Start, end, zone)
		out = append(out,
			PlanStep{Key: StepConfirmation, Letter: "confirmation", Due: at(StepConfirmation), NotAfter: iv.Start},
			PlanStep{Key: StepPrep, Letter: prep, Due: prepAt, NotAfter: iv.Start},
			PlanStep{Key: StepPrepCall, Rule: RulePrep, Due: at(StepPrepCall), NotAfter: iv.Start},
			PlanStep{Key: StepGoodLuck, Letter: "good-luck", Due: at(StepGoodLuck), NotAfter: iv.Start},
			PlanStep{Key: StepDebrief, Rule: RuleDebrief, Due: at(StepDebrief)},
		)
		if iv.Client != "" {
			out = append(out, PlanStep{Key: StepDebriefClient, Rule: RuleDebriefClient, Client: true, Due: at(StepDebriefClient).Add(env.slot())})
		}
	}
	if iv.Status == InterviewAttended { // a follow-up waits for it to be known that it took place
		due := at(StepFollowUp)
		out = append(out, PlanStep{Key: StepFollowUp, Letter: "follow-up", Due: due, NotAfter: due.Add(lateFollowUp)})
		if s, ok := noNews(env, end, spoke); ok {
			out = append(out, s)
		}
	}
	return out
}

// noNewsEvery is how often somebody who waits hears that there is no news yet, for how long, and how late that still helps.
const (
	noNewsEvery = 7
	noNewsWeeks = 12
	noNewsLate  = 4 * 24 * time.Hour
)

// noNews is the next weekly word to a candidate who waits; there is none in a week when the candidate was spoken to within
// five working days.
func noNews(env Env, end, spoke time.Time) (PlanStep, bool) {
	for week := 1; week <= noNewsWeeks; week++ {
		day := env.WorkdayOnOrAfter(DateOf(end.In(env.Zone)).AddDays(noNewsEvery * week))
		due := day.At(10, 0, env.Zone)
		if !env.Now.Before(due.Add(noNewsLate)) {
			continue
		}
		lately := !spoke.IsZero() && !env.AddWorkdays(DateOf(spoke.In(env.Zone)), 5).Before(day)
		return PlanStep{Key: StepNoNews + "-" + strconv.Itoa(week), Letter: "no-news", Due: due, NotAfter: due.Add(noNewsLate)}, !lately
	}
	return PlanStep{}, false
}

func defaultOr(whens Whens, template, step string) When {
	if v, ok := whens[template]; ok && !v.IsZero() {
		return v
	}
	return whens.of(step)
}

// StepOf is the step's name without the week's number.
func StepOf(key string) string {
	if strings.HasPrefix(key, StepNoNews) {
		return StepNoNews
	}
	return key
}

// Newer reports whether an invitation's version replaces the one known (RFC 5546, 2.1.5): a higher SEQUENCE, or an
// equal one with a later DTSTAMP. The same version read again is not newer.
func (iv *Interview) Newer(sequence int, stamp time.Time) bool {
	if sequence != iv.Sequence {
		return sequence > iv.Sequence
	}
	return stamp.After(iv.Stamp)
}

// SameMeeting reports whether two versions agree in what a candidate has to know: time, place and kind.
func (iv *Interview) SameMeeting(o *Interview) bool {
	return iv.Start.Equal(o.Start) && iv.Kind == o.Kind && iv.Place() == o.Place() && iv.Zone == o.Zone && iv.Floating == o.Floating
}
