package figures

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
)

// Ledger is what reports are made from: the log, and nothing that is derived from it.
type Ledger struct {
	Contacts   []*desk.Contact
	Histories  map[string]*desk.History // by contact ID, without what came with a hand-over
	Interviews []desk.Interview
	Letters    []desk.Outgoing
	Orders     []desk.JobOrder
	Placements []desk.Placement
	Ranks      map[int]string             // of orders, by number
	Steps      map[int][]desk.OrderStep   // their clocks
	Playbooks  map[int]string             // and playbooks
	Waved      func(desk.Touch) bool      // the mail needs no answer, the recruiter said
	Lights     func(at time.Time) []Board // the board as it stood then
}

// noHistory is that of whom nothing is known.
var noHistory = &desk.History{}

// Of is a contact's history.
func (l *Ledger) Of(c *desk.Contact) *desk.History {
	if h := l.Histories[c.ID]; h != nil {
		return h
	}
	return noHistory
}

// Board is one company on the board of lights.
type Board struct {
	Key     string // see CompanyKey
	Company string
	Light   desk.Light
	Why     string
}

// Period is a stretch of time, its end not included.
type Period struct{ From, To time.Time }

// Has reports whether t lies in the period.
func (p Period) Has(t time.Time) bool { return !t.Before(p.From) && t.Before(p.To) }

// Figure is one number of a report, with what it stands on.
type Figure struct {
	Name     string   // stable, such as "answered_in_time"
	Label    string   // for people
	Value    float64  //
	Of       float64  // of how many; 0 where that says nothing
	Unit     string   // "", "%", "days"
	Note     string   // a word on one item, such as a light's reason
	Evidence []string // IDs of touches, interviews, letters or orders

	sum, n float64 // of an average or a ratio: Value is sum ÷ n
}

// average is the figure as an average of n.
func (f Figure) average(sum, n float64) Figure {
	f.sum, f.n, f.Value = sum, n, share(sum, n)
	return f
}

// Together adds up the figures of several desks: averages and ratios over all that they stand on.
func Together(all ...[]Figure) []Figure {
	var out []Figure
	at := map[string]int{}
	for _, figures := range all {
		for _, f := range figures {
			i, known := at[f.Name]
			if !known {
				at[f.Name] = len(out)
				f.Evidence = slices.Clone(f.Evidence)
				out = append(out, f)
				continue
			}
			t := &out[i]
			t.Evidence = append(t.Evidence, f.Evidence...)
			if t.n+f.n > 0 {
				*t = t.average(t.sum+f.sum, t.n+f.n)
				continue
			}
			t.Value, t.Of = t.Value+f.Value, t.Of+f.Of
		}
	}
	return out
}

func (f *Figure) add(id string) {
	f.Value++
	f.Evidence = append(f.Evidence, id)
}

// Kept, late, missed or still open.
const (
	promiseKept   = "kept"
	promiseLate   = "late"
	promiseMissed = "missed"
	promiseOpen   = "open"
)

// State is what became of the promise.
func State(p *desk.Promise, env desk.Env) string {
	switch {
	case p.Done != nil && !desk.DateOf(p.Done.Time.In(env.Zone)).After(p.Due):
		return promiseKept
	case p.Done != nil:
		return promiseLate
	case p.Due.Before(env.Today()):
		return promiseMissed
	}
	return promiseOpen
}

// Answer is a mail of somebody's and what answered it.
type Answer struct {
	Mail desk.Touch
	Due  time.Time   // a working day later at the same hour; on a free day the clock starts with the next working day
	By   *desk.Touch // nil for none yet
}

// Answers are the answer clocks of a contact's mails: each stops with the next mail of ours in its thread, or a conversation.
func Answers(env desk.Env, ts []desk.Touch) []Answer {
	var out []Answer
	for i, t := range ts {
		if t.Kind != desk.KindReply || t.Direction != desk.In || t.Channel != desk.ChannelEmail {
			continue
		}
		local := t.Time.In(env.Zone)
		begun := env.WorkdayOnOrAfter(desk.DateOf(local)).At(local.Hour(), local.Minute(), env.Zone)
		a := Answer{Mail: t, Due: env.SameHour(begun, 1)}
		for j := i + 1; j < len(ts); j++ {
			if x := &ts[j]; x.Kind == desk.KindConversation || x.Direction == desk.Out && x.Channel == desk.ChannelEmail && x.Thread == t.Thread {
				a.By = x
				break
			}
		}
		out = append(out, a)
	}
	return out
}

// Litmus answers the four questions about candidates (DOMAIN.md, section 3).
func Litmus(env desk.Env, l *Ledger, p Period) []Figure {
	promises := map[string]*Figure{}
	answers := map[string]*Figure{}
	for _, s := range []string{promiseKept, promiseLate, promiseMissed, promiseOpen} {
		promises[s] = &Figure{Name: "calls_" + s, Label: "1 Do I always call candidates back? " + s}
	}
	for _, s := range []string{"in_time", "late", "unanswered", "waiting"} {
		answers[s] = &Figure{Name: "answers_" + s, Label: "2 Do I always answer their mail? " + strings.ReplaceAll(s, "_", " ")}
	}
	promised, mails := 0.0, 0.0
	for _, c := range l.Contacts {
		if !c.Has(desk.RoleCandidate) {
			continue
		}
		for _, x := range desk.Promises(env, c, l.Of(c).Touches) {
			if p.Has(x.Due.At(12, 0, env.Zone)) {
				promised++
				promises[State(&x, env)].add(x.Touch.ID)
			}
		}
		for _, a := range Answers(env, l.Of(c).Touches) {
			if !p.Has(a.Mail.Time) || l.Waved(a.Mail) {
				continue
			}
			mails++
			answers[a.state(env)].add(a.Mail.ID)
		}
	}
	var out []Figure
	for _, s := range []string{promiseKept, promiseLate, promiseMissed, promiseOpen} {
		promises[s].Of = promised
		out = append(out, *promises[s])
	}
	for _, s := range []string{"in_time", "late", "unanswered", "waiting"} {
		answers[s].Of = mails
		out = append(out, *answers[s])
	}
	return append(out, prepFigures(env, l, p)...)
}

func (a *Answer) state(env desk.Env) string {
	switch {
	case a.By != nil && !a.By.Time.After(a.Due):
		return "in_time"
	case a.By != nil:
		return "late"
	case env.Now.After(a.Due):
		return "unanswered"
	}
	return "waiting"
}

// prepFigures tell of how many interviews had their letter and their call in time, by phone and otherwise.
func prepFigures(env desk.Env, l *Ledger, p Period) []Figure {
	phone := Figure{Name: "prep_phone", Label: "3 Do I prep every candidate for phone interviews? letter and call in time"}
	other := Figure{Name: "prep_in_person", Label: "4 And for those in person, or by video? letter and call in time"}
	lacks := Figure{Name: "prep_missing", Label: "interviews without a prep letter or call in time"}
	for i := range l.Interviews {
		iv := &l.Interviews[i]
		if iv.Candidate == "" || iv.Status == desk.InterviewCancelled || iv.Status == desk.InterviewAsked || iv.Status == desk.InterviewRegistration || !p.Has(iv.Start) || iv.Start.After(env.Now) {
			continue
		}
		f := &other
		if iv.Kind == desk.KindPhone {
			f = &phone
		}
		f.Of++
		if letter, call := l.prepped(iv); letter && call {
			f.add(iv.ID)
		} else {
			lacks.add(iv.ID)
		}
	}
	lacks.Of = phone.Of + other.Of
	return []Figure{phone, other, lacks}
}

// prepWindow is how long before an interview a conversation counts as its prep call.
const prepWindow = 7 * 24 * time.Hour

// prepped reports whether the candidate had the prep letter, and was spoken to, before the interview.
func (l *Ledger) prepped(iv *desk.Interview) (letter, call bool) {
	for i := range l.Letters {
		o := &l.Letters[i]
		kind, id, step := desk.ReadCause(o.Cause)
		if kind == desk.CauseInterview && id == iv.ID && step == desk.StepPrep && o.Gone() && o.SentAt.Before(iv.Start) {
			letter = true
		}
	}
	for _, c := range l.Contacts {
		if !c.Is(iv.Candidate) {
			continue
		}
		for _, t := range l.Of(c).From(iv.Start.Add(-prepWindow)) {
			if t.Kind == desk.KindConversation && t.Time.Before(iv.Start) && iv.Start.Sub(t.Time) < prepWindow && !t.Time.Before(iv.Confirmed.Add(-time.Minute)) {
				call = true
			}
		}
	}
	return letter, call
}

// Activity counts what was done in a period.
func Activity(l *Ledger, p Period) []Figure {
	names := []struct {
		name, label string
		fits        func(t *desk.Touch) bool
	}{
		{"touches", "touches", func(*desk.Touch) bool { return true }},
		{"mails_out", "mails sent", func(t *desk.Touch) bool {
			return t.Direction == desk.Out && t.Channel == desk.ChannelEmail && t.Outcome != desk.OutcomeUndelivered
		}},
		{"replies", "replies received", func(t *desk.Touch) bool { return t.Kind == desk.KindReply }},
		{"tries", "calls without an answer, and messages left", func(t *desk.Touch) bool {
			return t.Outcome == desk.OutcomeNoAnswer || t.Outcome == desk.OutcomeLeftMessage
		}},
		{"conversations", "conversations", func(t *desk.Touch) bool { return t.Kind == desk.KindConversation }},
		{"meetings", "meetings", func(t *desk.Touch) bool { return t.Outcome == desk.OutcomeMet }},
	}
	out := make([]Figure, len(names))
	for i, n := range names {
		out[i] = Figure{Name: n.name, Label: n.label}
	}
	named, spoken := Figure{Name: "leads_named", Label: "leads named"}, Figure{Name: "leads_spoken", Label: "leads named that were spoken to since"}
	fresh := Figure{Name: "new_decision_makers", Label: "decision makers spoken to for the first time"}
	for _, c := range l.Contacts {
		h := l.Of(c)
		if c.Referral != nil && p.Has(c.Referral.Time) {
			named.add(c.ID)
			if h.LastSpoke.After(c.Referral.Time) {
				spoken.add(c.ID)
			}
		}
		ts := h.From(p.From)
		for i := range ts {
			if !ts[i].Time.Before(p.To) {
				break
			}
			for j := range names {
				if names[j].fits(&ts[i]) {
					out[j].add(ts[i].ID)
				}
			}
		}
		if c.Has(desk.RoleDecisionMaker) && p.Has(h.FirstSpoke) && !c.Known(h.Touches) {
			i := slices.IndexFunc(ts, func(t desk.Touch) bool { return t.Kind == desk.KindConversation })
			fresh.add(ts[i].ID)
		}
	}
	opened := Figure{Name: "orders_opened", Label: "job orders opened"}
	submitted := Figure{Name: "submittals", Label: "submittals"}
	for i := range l.Orders {
		o := &l.Orders[i]
		if p.Has(o.Opened) {
			opened.add(o.Name())
		}
		for _, s := range o.Submittals {
			if p.Has(s.Time) {
				submitted.add(o.Name() + "/" + s.Contact)
			}
		}
	}
	sendOuts := Figure{Name: "send_outs", Label: "send-outs (first interviews)"}
	for _, iv := range l.firstInterviews() {
		if p.Has(iv.Start) {
			sendOuts.add(iv.ID)
		}
	}
	spoken.Of = named.Value
	return append(out, fresh, named, spoken, opened, submitted, sendOuts)
}

// firstInterviews are the first ones of each candidate with each client, those that are off left out.
func (l *Ledger) firstInterviews() []*desk.Interview {
	first := map[string]*desk.Interview{}
	var order []string
	for i := range l.Interviews {
		iv := &l.Interviews[i]
		if iv.Candidate == "" || iv.Status == desk.InterviewCancelled || iv.Status == desk.InterviewAsked || iv.Status == desk.InterviewMissed || iv.Status == desk.InterviewRegistration {
			continue
		}
		key := iv.Candidate + "\x00" + desk.OrWord(strings.ToLower(iv.Company), iv.Client)
		if cur := first[key]; cur == nil {
			order = append(order, key)
			first[key] = iv
		} else if iv.Start.Before(cur.Start) {
			first[key] = iv
		}
	}
	var out []*desk.Interview
	for _, k := range order {
		out = append(out, first[k])
	}
	return out
}

// persistenceBuckets are the numbers of contacts that persistence is told by, with the folklore's share of business.
var persistenceBuckets = []struct {
	name     string
	from, to int
	folklore string
}{{"1", 1, 1, "2 %"}, {"2", 2, 2, "3 %"}, {"3", 3, 3, "5 %"}, {"4", 4, 4, "10 %"}, {"5-12", 5, 12, "80 %"}, {"13+", 13, 1 << 30, ""}}

// Persistence counts after how many touches of ours people were first spoken to, and after how many their first order came; beside it how
// often the desk stopped at so many without ever having spoken.
func Persistence(l *Ledger, p Period) []Figure {
	var out []Figure
	kinds := []string{"conversation", "order", "stopped"}
	labels := map[string]string{"conversation": "touches before the first conversation", "order": "touches before the first order", "stopped": "touches so far, never spoken"}
	for _, kind := range kinds {
		for _, b := range persistenceBuckets {
			f := Figure{Name: kind + "_after_" + b.name, Label: labels[kind] + ": " + b.name}
			if b.folklore != "" && kind == "order" {
				f.Note = "the folklore: " + b.folklore
			}
			out = append(out, f)
		}
	}
	put := func(kind, n int, id string) {
		for i, b := range persistenceBuckets {
			if n >= b.from && n <= b.to {
				out[kind*len(persistenceBuckets)+i].add(id)
			}
		}
	}
	total := [3]float64{}
	for _, c := range l.Contacts {
		ts := l.Of(c).Touches
		upTo := func(at time.Time) (n int) {
			for i := range ts {
				if ts[i].Direction == desk.Out && ts[i].Outcome != desk.OutcomeUndelivered && !ts[i].Time.After(at) {
					n++
				}
			}
			return n
		}
		order := time.Time{}
		for i := range l.Orders {
			if o := &l.Orders[i]; c.Is(o.Contact) && (order.IsZero() || o.Opened.Before(order)) {
				order = o.Opened
			}
		}
		spoke := l.Of(c).FirstSpoke
		switch {
		case !spoke.IsZero():
			if p.Has(spoke) {
				total[0]++
				put(0, upTo(spoke), c.ID)
			}
		case len(ts) > 0 && p.Has(ts[len(ts)-1].Time):
			total[2]++
			put(2, upTo(p.To), c.ID)
		}
		if !order.IsZero() && p.Has(order) {
			total[1]++
			put(1, upTo(order), c.ID)
		}
	}
	for i := range out {
		out[i].Of = total[i/len(persistenceBuckets)]
	}
	return out
}

// LightFigures are the board of each month in the period, the latest last: how many companies stood at each light, and those that are red by name.
func LightFigures(env desk.Env, l *Ledger, p Period) []Figure {
	var out []Figure
	for month := desk.MonthStart(desk.DateOf(p.From.In(env.Zone))); month.At(0, 0, env.Zone).Before(p.To); month = desk.NextMonth(month) {
		at := desk.NextMonth(month).At(0, 0, env.Zone).Add(-time.Second)
		if at.After(env.Now) {
			at = env.Now
		}
		board := l.Lights(at)
		for _, light := range []desk.Light{desk.Green, desk.Amber, desk.Red, desk.Grey} {
			f := Figure{Name: fmt.Sprintf("%s_%s", month.String()[:7], light), Label: month.UTC().Format("January 2006") + ", " + string(light), Of: float64(len(board))}
			for _, b := range board {
				if b.Light == light {
					f.Value++
					f.Evidence = append(f.Evidence, b.Company+": "+b.Why)
				}
			}
			out = append(out, f)
		}
	}
	return out
}

// Formulas say how each report's numbers are counted.
func Formulas() map[string][]string {
	return map[string][]string{
		"litmus": {
			"calls: each agreed date with a candidate, and each call or message of theirs that reached nobody (owed by the end of the next working day), by the day it was due.",
			"kept: a call of ours by then, whether it reached them or not; late: afterwards; missed: none, and the day is over; open: not yet due.",
			"answers: each mail a candidate wrote. In time: a mail of ours in its thread, or a conversation, within one working day by the same hour. Mails waved off (“no answer needed”) don't count.",
			"prep: interviews that began in the period. In time: the prep letter left before the start, and there was a conversation with the candidate between the confirmation and the start, within seven days before it.",
		},
		"persistence": {"Touches of ours (mail, calls, messages; what came back doesn't count) up to the first conversation, up to the first order, and so far with people never spoken to, by people."},
		"activity":    {"Touches by their time. Conversations are calls that reached the person, and meetings. Send-outs are first interviews of a candidate with a client; registration calls are none.", "New decision makers: a first conversation; not with those of whom there was mail both ways before they became decision makers.", "Leads: people whom others named, by when that was logged."},
		"orders": {
			"Time to submit: first submittal − landed, of orders first submitted to in the period; time to fill: placed − landed, of those filled in it; in days, on average.",
			"Coverage: open orders with a submittal ÷ open orders, now. Submittals for each send-out, send-outs for each placement: those of the period, each by its own day.",
			"Filled, by rank and by playbook: of the orders that landed in the period.",
			"Fees count at the first day. At risk: fee × rebate due if they left today, by the guarantee's days; none once an overdue invoice has voided it.",
			"Rank: A with signed terms, standard fee, interview dates, pay and spec, a hiring manager who can be reached; B with one missing; C with more, or without fee or hiring manager.",
		},
		"clients": {
			"Orders of each client that landed in the period; days on average, over those in which it happened: landing to first submittal, that to the client's word on it, landing to an accepted offer.",
			"Repeat: fees of those who began, from clients with a placement before. Placed once and silent: one placement half a year ago or more, and no order or conversation within the last half year.",
		},
		"lights": {"Each company with somebody on the client's side: red without a touch since the month's start, amber once one went out, green after a conversation, a meeting or a submittal, grey while parked. As each month ended, or now."},
	}
}
