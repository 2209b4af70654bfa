package desk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Qualification is what is known of a job order, as data read from what was told of it (DOMAIN.md, section 2).
type Qualification struct {
	Fee        float64 `json:"fee"`       // percent of the first year's pay; 0 if not told
	FeeMoney   float64 `json:"fee_money"` // where it was told as a sum
	Signed     bool    `json:"signed"`
	Interviews string  `json:"interviews"` // the dates given, in words; "" for none
	FillBy     string  `json:"fill_by"`
	Pay        string  `json:"pay"`
	Spec       bool    `json:"spec"` // must-haves, or why it is open
	Exclusive  bool    `json:"exclusive"`
	Agencies   int     `json:"agencies"` // on it, ours included; 0 if not told
	Manager    bool    `json:"manager"`  // the hiring manager can be reached
}

var (
	feeRE        = regexp.MustCompile(`(?i)\bfees?\b[^0-9%]{0,20}(\d{1,2}(?:[.,]\d+)?)\s*(?:%|percent|prozent)|(\d{1,2}(?:[.,]\d+)?)\s*(?:%|percent|prozent)\s+fee`)
	signedRE     = regexp.MustCompile(`(?i)\b(?:terms|contract|agreement|tob)\b[^.;]{0,30}\b(?:signed|agreed|accepted)\b|\bsigned\s+(?:terms|contract|agreement)\b`)
	unsignedRE   = regexp.MustCompile(`(?i)\b(?:not|un|no|to be|will be|being)\s*-?\s*(?:yet\s+)?signed\b|\bno\s+(?:terms|contract|agreement)\b`)
	interviewsRE = regexp.MustCompile(`(?i)\binterview(?:s|ing)?\b(?:\s+dates?)?\s*(?:on|:|are|from)?\s*((?:\d|mon|tue|wed|thu|fri|next|this|w/c|tomorrow)[^,;.]*)`)
	fillByRE     = regexp.MustCompile(`(?i)\b(?:fill(?:ed)?|start(?:s|ing)?|needed|hire)\s+(?:by|on|from)?\s*:?\s*((?:\d|mon|tue|wed|thu|fri|next|end of|mid|january|february|march|april|may|june|july|august|september|october|november|december)[^,;.]*)`)
	payRE        = regexp.MustCompile(`(?i)\b(?:salary|pay|package|rate|comp(?:ensation)?|gehalt)\b\s*:?\s*((?:up to\s+)?[£$€]?\s?\d[^,;]*)|[£$€]\s?\d[\d.,]*\s?k?|\b\d{2,3}k\b`)
	feeClauseRE  = regexp.MustCompile(`(?i)\bfees?\b\s*(?:of|:|is)?\s*[£$€]?\s?\d[\d.,]*\s?(?:k\b|%|percent)?`)
	specRE       = regexp.MustCompile(`(?i)\b(?:must[- ]haves?|must have|needs?|requires?|spec|why open|open because|replac(?:es|ement|ing)|new role|growth|years? of|experience)\b`)
	exclusiveRE  = regexp.MustCompile(`(?i)\b(?:exclusive|exklusiv|retained|sole agency)\b`)
	agenciesRE   = regexp.MustCompile(`(?i)\b(\d{1,2})\s+(?:other\s+)?agenc(?:y|ies)\b`)
	managerRE    = regexp.MustCompile(`(?i)\b(?:hiring manager|line manager)\b`)
	noManagerRE  = regexp.MustCompile(`(?i)\b(?:no|not|without|can't reach|only hr)\b[^,;.]{0,25}\b(?:hiring manager|line manager|manager)\b|\bvia hr only\b|\bhr only\b`)
)

// Qualify reads what was told of an order. manager is whether who gave it decides, and can be called or written to.
func (o *JobOrder) Qualify(manager bool) Qualification {
	q := Qualification{Manager: manager}
	for _, s := range append([]string{o.Text}, o.Facts...) {
		if m := feeRE.FindStringSubmatch(s); m != nil {
			q.Fee, _ = strconv.ParseFloat(strings.Replace(m[1]+m[2], ",", ".", 1), 64)
		}
		if m := feeClauseRE.FindString(s); m != "" && !feeRE.MatchString(s) {
			if v, ok := ParseMoney(m); ok && v >= 1000 {
				q.FeeMoney = v
			}
		}
		if signedRE.MatchString(s) {
			q.Signed = true
		}
		if unsignedRE.MatchString(s) {
			q.Signed = false
		}
		if m := interviewsRE.FindStringSubmatch(s); m != nil {
			q.Interviews = strings.TrimSpace(m[1])
		}
		if m := fillByRE.FindStringSubmatch(s); m != nil {
			q.FillBy = strings.TrimSpace(m[1])
		}
		if m := payRE.FindString(feeClauseRE.ReplaceAllString(s, "")); m != "" {
			q.Pay = strings.TrimSpace(m)
		}
		q.Spec = q.Spec || specRE.MatchString(s)
		q.Exclusive = q.Exclusive || exclusiveRE.MatchString(s)
		if m := agenciesRE.FindStringSubmatch(s); m != nil {
			q.Agencies, _ = strconv.Atoi(m[1])
		}
		switch {
		case noManagerRE.MatchString(s):
			q.Manager = false
		case managerRE.MatchString(s):
			q.Manager = true
		}
	}
	if pay, ok := ParseMoney(q.Pay); ok && q.Fee == 0 && pay >= 1000 {
		q.Fee = q.FeeMoney / pay * 100
	}
	return q
}

// Rank is A with signed terms at the standard fee, interview dates, pay and spec, and a hiring manager who can be reached; B with one of
// these missing; C with more, or without a fee or a hiring manager. why names what is missing.
func (q *Qualification) Rank(standardFee float64) (rank, why string) {
	var missing []string
	note := func(ok bool, what string) {
		if !ok {
			missing = append(missing, what)
		}
	}
	switch {
	case q.Fee == 0 && q.FeeMoney == 0:
		missing = append(missing, "no fee")
	case q.Fee == 0:
		missing = append(missing, "fee not in percent, and no pay to count it by")
	case q.Fee < standardFee:
		missing = append(missing, "fee below "+strconv.FormatFloat(standardFee, 'f', -1, 64)+" %")
	}
	note(q.Signed, "terms not signed")
	note(q.Interviews != "", "no interview dates")
	note(q.Pay != "" && q.Spec || q.Pay != "" && q.FillBy != "", "pay or spec not told")
	note(q.Manager, "no hiring manager")
	switch {
	case len(missing) == 0:
		return "A", "all there"
	case q.Fee == 0 && q.FeeMoney == 0, !q.Manager, len(missing) > 1:
		rank = "C"
	default:
		rank = "B"
	}
	return rank, strings.Join(missing, ", ")
}

// The steps of an order's clock, in order.
const (
	StepLanded     = "landed"
	StepCalledBack = "called back"
	StepQualified  = "qualified"
	StepSubmitted  = "first submittal"
	StepFeedback   = "feedback"
	StepInterview  = "first interview"
	StepOffer      = "offer"
	StepEnded      = "ended"
)

// OrderStep is one step: when it was done, and by when it was due. Either may be zero.
type OrderStep struct {
	Name string
	Done time.Time
	Due  time.Time
	By   string // what shows it: a touch's ID, or a word
}

// Late reports whether the step was done late, or is.
func (s *OrderStep) Late(now time.Time) bool {
	if s.Due.IsZero() {
		return false
	}
	if s.Done.IsZero() {
		return now.After(s.Due)
	}
	return s.Done.After(s.Due)
}

// OrderTargets are the times in which the first steps should be done.
type OrderTargets struct {
	CallBack time.Duration // working time
	Qualify  int           // working days, by the end of the day
	Submit   int           // working days, by the same hour
	Feedback int           // working days after the first submittal
}

// DefaultTargets are those of DOMAIN.md.
func DefaultTargets() OrderTargets {
	return OrderTargets{CallBack: time.Hour, Qualify: 0, Submit: 1, Feedback: 2}
}

// AddWorkingTime is the instant by which so much working time has passed since t, in whole slots.
func (e Env) AddWorkingTime(t time.Time, d time.Duration) time.Time {
	left := d
	day := DateOf(t.In(e.Zone))
	for range maxFreeDays {
		for _, s := range e.Hours.Slots(day.UTC()) {
			end := s.Add(e.slot())
			if !end.After(t) {
				continue
			}
			from := s
			if from.Before(t) {
				from = t
			}
			if part := end.Sub(from); part < left {
				left -= part
				continue
			}
			return from.Add(left)
		}
		day = day.AddDays(1)
	}
	return t.Add(d)
}

// EndOfDay is the end of a working day's last slot.
func (e Env) EndOfDay(d Date) time.Time {
	slots := e.Hours.Slots(d.UTC())
	if len(slots) == 0 {
		return d.At(18, 0, e.Zone)
	}
	return slots[len(slots)-1].Add(e.slot())
}

// SameHour is the instant n working days later at the same time of day.
func (e Env) SameHour(t time.Time, n int) time.Time {
	local := t.In(e.Zone)
	return e.AddWorkdays(DateOf(local), n).At(local.Hour(), local.Minute(), e.Zone)
}

// DenialRE is a line that takes back what the clock was stamped with: "no feedback yet", "not called back".
var DenialRE = regexp.MustCompile(`(?i)^(?:no|not)(?:\s+yet)?\s+(feedback|called\s+back|interview(?:s|ed)?)(?:\s+(?:yet|so\s+far))?\s*[.!]?$`)

// denied is when it was last said that a step was not done, whatever it looked like; zero for never.
func (o *JobOrder) denied(step string) time.Time {
	var at time.Time
	for i, f := range o.Facts {
		m := DenialRE.FindStringSubmatch(f)
		if m == nil || i >= len(o.Told) {
			continue
		}
		said := map[string]string{"feedback": StepFeedback, "called back": StepCalledBack}[strings.Join(strings.Fields(strings.ToLower(m[1])), " ")]
		if OrWord(said, StepInterview) == step {
			at = o.Told[i]
		}
	}
	return at
}

// Clock derives the order's steps from the log: touches with the people of the client, in order, the first interview for it and the first
// offer, zero where there is none.
func (o *JobOrder) Clock(env Env, targets OrderTargets, client []Touch, interview, offer time.Time) []OrderStep {
	landed := OrderStep{Name: StepLanded, Done: o.Opened, By: OrWord(o.MessageID, "told")}
	begins := o.Begins(env)
	called := OrderStep{Name: StepCalledBack, Due: env.AddWorkingTime(begins, targets.CallBack)}
	for i := range client {
		t := &client[i]
		if !t.Time.Before(o.Opened) && t.Direction == Out && t.Channel != ChannelEmail && t.Time.After(o.denied(StepCalledBack)) {
			called.Done, called.By = t.Time, t.ID
			break
		}
	}
	qualifyDay := env.AddWorkdays(env.WorkdayOnOrAfter(DateOf(begins.In(env.Zone))), targets.Qualify)
	qualified := OrderStep{Name: StepQualified, Due: env.EndOfDay(qualifyDay), Done: o.QualifiedAt(), By: "told"}
	submitted := OrderStep{Name: StepSubmitted, Due: env.SameHour(begins, targets.Submit)}
	for _, s := range o.Submittals {
		if submitted.Done.IsZero() || s.Time.Before(submitted.Done) {
			submitted.Done, submitted.By = s.Time, s.Contact
		}
	}
	feedback := OrderStep{Name: StepFeedback}
	if !submitted.Done.IsZero() {
		feedback.Due = env.SameHour(submitted.Done, targets.Feedback)
		for i := range client {
			if t := &client[i]; t.Time.After(submitted.Done) && t.Time.After(o.denied(StepFeedback)) && (t.Direction == In && t.Kind == KindReply || t.Kind == KindConversation) {
				feedback.Done, feedback.By = t.Time, t.ID
				break
			}
		}
	}
	if !interview.After(o.denied(StepInterview)) {
		interview = time.Time{}
	}
	ended := OrderStep{Name: StepEnded, Done: o.Closed}
	if !o.Closed.IsZero() {
		ended.By = strings.TrimSpace(string(o.Status) + " " + o.Reason)
	}
	return []OrderStep{landed, called, qualified, submitted, feedback, {Name: StepInterview, Done: interview}, {Name: StepOffer, Done: offer}, ended}
}

// OrWord is s, or def where that is empty.
func OrWord(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// QualifiedAt is when so much had been told that the order could be worked on: its fee, its pay or spec, and a date. Zero while that isn't so.
func (o *JobOrder) QualifiedAt() time.Time {
	x := *o
	x.Facts = nil
	enough := func() bool {
		q := x.Qualify(false)
		return q.Fee+q.FeeMoney > 0 && (q.Pay != "" || q.Spec) && (q.Interviews != "" || q.FillBy != "")
	}
	if enough() {
		return o.Opened
	}
	for i, f := range o.Facts {
		x.Facts = append(x.Facts, f)
		if i < len(o.Told) && enough() {
			return o.Told[i]
		}
	}
	return time.Time{}
}

// LateStep is the earliest step of an open order that is late and not done.
func LateStep(steps []OrderStep, now time.Time) (OrderStep, bool) {
	i := slices.IndexFunc(steps, func(s OrderStep) bool { return s.Done.IsZero() && s.Late(now) })
	if i < 0 {
		return OrderStep{}, false
	}
	return steps[i], true
}
