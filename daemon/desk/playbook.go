package desk

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Playbook is how orders of a kind are worked: its targets replace the defaults, its steps come beside them.
type Playbook struct {
	Name    string
	Client  string   // part of the company's name; "" for any
	Rank    string   // "" for any
	Words   []string // one of them is in what was told; none for any
	Targets OrderTargets
	Steps   []PlaybookStep
}

// PlaybookStep is something to be done at a time after the order landed.
type PlaybookStep struct {
	Kind  string        // call, task or mail
	Text  string        // of a mail the letter's name
	Owner string        // the desk that does it; "" for the order's own
	Hours time.Duration // working time after landing
	Days  int           // working days, by the same hour
}

// The playbooks that every agency has (DOMAIN.md, section 2): work it now, which is that of orders that no other fits; hand it over to a colleague;
// park it until a time.
const (
	DefaultPlaybook  = "work"
	HandOverPlaybook = "hand-over"
	ParkPlaybook     = "park"
)

// ShippedPlaybooks are those.
func ShippedPlaybooks() []Playbook {
	return []Playbook{
		{Name: DefaultPlaybook, Targets: DefaultTargets()},
		{Name: HandOverPlaybook, Targets: DefaultTargets(), Steps: []PlaybookStep{{Kind: "task", Text: "hand it over: reply “hand over to NAME” to the order's number", Hours: time.Hour}}},
		{Name: ParkPlaybook, Targets: DefaultTargets()},
	}
}

var stepRE = regexp.MustCompile(`(?i)^(call|task|mail)\s+(.+?)\s+in\s+(\d{1,3})\s*(h|d)(?:\s+by\s+([A-Za-z0-9_-]+))?$`)

// ParsePlaybookStep reads "call ask for the spec in 4h", "task post the advert in 1d by kim" or "mail client-check-in in 5d".
func ParsePlaybookStep(s string) (PlaybookStep, error) {
	m := stepRE.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return PlaybookStep{}, fmt.Errorf("%q is not like \"call ask for the spec in 4h\" (call, task or mail; working hours h or days d; behind it “by” and a desk's name, if another one does it)", s)
	}
	n, _ := strconv.Atoi(m[3])
	step := PlaybookStep{Kind: strings.ToLower(m[1]), Text: m[2], Days: n, Owner: m[5]}
	if strings.EqualFold(m[4], "h") {
		step.Days, step.Hours = 0, time.Duration(n)*time.Hour
	}
	return step, nil
}

// Fits reports whether the playbook is for the order, of the rank.
func (p *Playbook) Fits(o *JobOrder, rank string) bool {
	if p.Client != "" && !strings.Contains(strings.ToLower(o.Company), strings.ToLower(p.Client)) || p.Rank != "" && !strings.EqualFold(p.Rank, rank) {
		return false
	}
	if len(p.Words) == 0 {
		return true
	}
	told := strings.ToLower(strings.Join(append([]string{o.Title, o.Text}, o.Facts...), "\n"))
	for _, w := range p.Words {
		if strings.Contains(told, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

// PlaybookOf is the order's playbook on a day: that of parked ones, the one it was given by name, else the first that fits, else the default.
func PlaybookOf(o *JobOrder, rank string, all []Playbook, on Date) Playbook {
	shipped := ShippedPlaybooks()
	if on.Before(o.Parked) {
		return shipped[len(shipped)-1]
	}
	for _, p := range append(slices.Clone(all), shipped...) {
		if o.Playbook != "" && strings.EqualFold(p.Name, o.Playbook) {
			return p
		}
	}
	for i := range all {
		if o.Playbook == "" && all[i].Fits(o, rank) {
			return all[i]
		}
	}
	return shipped[0]
}

// Begins is when the order's clock begins: when it landed, or on the morning on which its parking ends.
func (o *JobOrder) Begins(env Env) time.Time {
	if o.Parked.IsZero() {
		return o.Opened
	}
	day := env.WorkdayOnOrAfter(o.Parked)
	at := day.At(9, 0, env.Zone)
	if slots := env.Hours.Slots(day.UTC()); len(slots) > 0 {
		at = slots[0]
	}
	if at.Before(o.Opened) {
		return o.Opened
	}
	return at
}

// Due is when a step is to be done.
func (s *PlaybookStep) Due(env Env, o *JobOrder) time.Time {
	if s.Hours > 0 {
		return env.AddWorkingTime(o.Begins(env), s.Hours)
	}
	return env.SameHour(o.Begins(env), s.Days)
}
